//! Pictures back into bytes, in the format they came in.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageEncoder, ImageFormat, ImageResult};
use std::io::Cursor;

/// 1 to 100; about what the eye does not notice on a picture that was made smaller.
const JPEG_QUALITY: u8 = 80;

/// Encodes a picture together with its colour profile. Pixels are converted to what the format can hold.
pub(super) fn encode(image: &DynamicImage, format: ImageFormat, profile: Option<&[u8]>) -> ImageResult<Vec<u8>> {
    let mut bytes = Vec::new();
    match format {
        ImageFormat::Jpeg => write(image, JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY), profile)?,
        ImageFormat::Png => write(image, PngEncoder::new(&mut bytes), profile)?,
        ImageFormat::WebP => write(image, WebPEncoder::new_lossless(&mut bytes), profile)?,
        other => image.write_to(&mut Cursor::new(&mut bytes), other)?,
    }
    Ok(bytes)
}

fn write(image: &DynamicImage, mut encoder: impl ImageEncoder, profile: Option<&[u8]>) -> ImageResult<()> {
    if let Some(profile) = profile
        && encoder.set_icc_profile(profile.to_vec()).is_err()
    {
        tracing::debug!("the image format holds no colour profile");
    }
    image.write_with_encoder(encoder)
}
