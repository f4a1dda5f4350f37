//! Pictures that a program of ours made of a film or a document, on their way to being shown.

use super::errors::{catch_decoder_panics, library_error};
use super::limits::DECODING_BUDGET;
use super::open::{Png, decode_pixels};
use super::{encode, fit};
use crate::{AssetError, EncodedPicture, Format};
use fast_image_resize::Resizer;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ImageDecoder, ImageEncoder, RgbImage};
use std::io::Cursor;

/// Most pixels that are decoded of such a picture; it was asked to be far smaller.
const MAX_PREVIEW_PIXELS: u64 = 4_000_000;

/// A PNG as a JPEG of at most so many pixels on either side. `None` for what is no picture.
///
/// # Errors
/// None; as [`super::render_picture`].
pub(crate) fn jpeg_preview(png: &[u8], side: u32) -> Result<Option<EncodedPicture>, AssetError> {
    let _reserved = DECODING_BUDGET.reserve(MAX_PREVIEW_PIXELS * 16);
    catch_decoder_panics(|| {
        let decoder = Png::new(Cursor::new(png))?;
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > MAX_PREVIEW_PIXELS {
            return Err(library_error("the picture is larger than expected"));
        }
        let image = DynamicImage::from(decode_pixels(decoder)?.into_rgb8());
        let (width, height) = fit::size_within(width, height, side, side);
        let image = if (width, height) == (image.width(), image.height()) {
            image
        } else {
            let mut smaller = DynamicImage::new_rgb8(width, height);
            Resizer::new().resize(&image, &mut smaller, None).map_err(library_error)?;
            smaller
        };
        let bytes = encode::encode_as(&image, Format::Jpeg, Format::Jpeg.usual_quality())?;
        Ok(EncodedPicture { bytes, content_type: Format::Jpeg.content_type(), width, height })
    })
}

/// Pixels as a PNG, written fast; `None` where their number does not fit the size.
pub(crate) fn encode_png(width: u32, height: u32, rgb: Vec<u8>) -> Option<Vec<u8>> {
    let image = RgbImage::from_raw(width, height, rgb)?;
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Up);
    encoder.write_image(&image, width, height, image::ExtendedColorType::Rgb8).ok()?;
    Some(bytes)
}
