//! Pictures back into bytes: the variants in the format they came in, everything else as a [`Transform`] asks.
//!
//! Whatever is written here holds pixels and at most a colour profile: no encoder is given EXIF, XMP or a position.
//!
//! [`Transform`]: crate::Transform

use super::errors::library_error;
use crate::Format;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageEncoder, ImageFormat, ImageResult};
use jpeg_encoder::{ColorType, Encoder as JpegEncoder};
use ravif::{Encoder as AvifEncoder, Img, RGB8, RGBA8};
use std::io::Cursor;

/// 1 to 100; about what the eye does not notice on a picture that was made smaller.
const JPEG_QUALITY: u8 = 80;

/// 1 to 10, 10 being the fastest: a picture 1000 pixels wide takes 0.6 s of one core.
const AVIF_SPEED: u8 = 10;

/// Encodes a picture together with its colour profile. Pixels are converted to what the format can hold.
pub(super) fn encode_picture(
    image: &DynamicImage,
    format: ImageFormat,
    profile: Option<&[u8]>,
) -> ImageResult<Vec<u8>> {
    let mut bytes = Vec::new();
    match format {
        ImageFormat::Jpeg => return encode_jpeg(image, JPEG_QUALITY, profile),
        ImageFormat::Png => write_encoded(image, PngEncoder::new(&mut bytes), profile)?,
        ImageFormat::WebP => write_encoded(image, WebPEncoder::new_lossless(&mut bytes), profile)?,
        other => image.write_to(&mut Cursor::new(&mut bytes), other)?,
    }
    Ok(bytes)
}

/// Encodes an sRGB picture of eight bits a channel: grey, RGB or RGBA.
pub(super) fn encode_as(image: &DynamicImage, format: Format, quality: u8) -> ImageResult<Vec<u8>> {
    match format {
        Format::Jpeg => encode_jpeg(image, quality, None),
        Format::Png => encode_picture(image, ImageFormat::Png, None),
        Format::Gif => encode_picture(image, ImageFormat::Gif, None),
        Format::WebP => encode_webp(image, quality),
        Format::Avif => encode_avif(image, quality),
    }
}

/// `jpeg-encoder` takes a third of the time of the encoder of `image`.
fn encode_jpeg(image: &DynamicImage, quality: u8, profile: Option<&[u8]>) -> ImageResult<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new(&mut bytes, quality);
    if let Some(profile) = profile {
        encoder.add_icc_profile(profile).map_err(library_error)?;
    }
    let side = |side: u32| u16::try_from(side).map_err(library_error);
    let (width, height) = (side(image.width())?, side(image.height())?);
    match image {
        DynamicImage::ImageLuma8(grey) => encoder.encode(grey, width, height, ColorType::Luma),
        DynamicImage::ImageRgb8(rgb) => encoder.encode(rgb, width, height, ColorType::Rgb),
        other => encoder.encode(&other.to_rgb8(), width, height, ColorType::Rgb),
    }
    .map_err(library_error)?;
    Ok(bytes)
}

/// Lossy WebP comes from libwebp, which is C: there is no encoder in Rust. It gets nothing that anybody sent, only pixels
/// that were decoded by safe Rust and sizes that were checked; its decoder is never called.
fn encode_webp(image: &DynamicImage, quality: u8) -> ImageResult<Vec<u8>> {
    let (width, height) = (image.width(), image.height());
    let quality = f32::from(quality);
    let encode = |encoder: webp::Encoder<'_>| encoder.encode_simple(false, quality);
    let encoded = match image {
        DynamicImage::ImageRgba8(rgba) => encode(webp::Encoder::from_rgba(rgba, width, height)),
        DynamicImage::ImageRgb8(rgb) => encode(webp::Encoder::from_rgb(rgb, width, height)),
        other => encode(webp::Encoder::from_rgb(&other.to_rgb8(), width, height)),
    };
    encoded.map(|memory| memory.to_vec()).map_err(|error| library_error(format!("libwebp: {error:?}")))
}

/// One thread: a server has other pictures, and other requests, to do meanwhile.
fn encode_avif(image: &DynamicImage, quality: u8) -> ImageResult<Vec<u8>> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let quality = f32::from(quality);
    let encoder = AvifEncoder::new()
        .with_quality(quality)
        .with_alpha_quality(quality)
        .with_speed(AVIF_SPEED)
        .with_num_threads(Some(1));
    let encoded = match image {
        DynamicImage::ImageRgba8(rgba) => {
            let pixels: Vec<_> = rgba.pixels().map(|pixel| RGBA8::from(pixel.0)).collect();
            encoder.encode_rgba(Img::new(&pixels, width, height))
        }
        other => {
            let pixels: Vec<_> = other.to_rgb8().pixels().map(|pixel| RGB8::from(pixel.0)).collect();
            encoder.encode_rgb(Img::new(&pixels, width, height))
        }
    };
    encoded.map(|encoded| encoded.avif_file).map_err(library_error)
}

fn write_encoded(image: &DynamicImage, mut encoder: impl ImageEncoder, profile: Option<&[u8]>) -> ImageResult<()> {
    if let Some(profile) = profile
        && encoder.set_icc_profile(profile.to_vec()).is_err()
    {
        tracing::debug!("the image format cannot contain a colour profile");
    }
    image.write_with_encoder(encoder)
}
