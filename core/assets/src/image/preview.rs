//! Pictures that a program of ours made of a film or a document, on their way to being shown.

use super::open::{Png, decode};
use super::{MEMORY, encode, failed, fit, guarded};
use crate::{AssetError, Format, Transformed};
use fast_image_resize::Resizer;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ImageDecoder, ImageEncoder, RgbImage};
use std::io::Cursor;

/// Most pixels that are decoded of such a picture; it was asked to be far smaller.
const MAX_PIXELS: u64 = 4_000_000;

/// A PNG as a JPEG of at most so many pixels on either side. `None` for what is no picture.
///
/// # Errors
/// None; as [`super::transform`].
pub(crate) fn preview(png: &[u8], side: u32) -> Result<Option<Transformed>, AssetError> {
    let _reserved = MEMORY.reserve(MAX_PIXELS * 16);
    guarded(|| {
        let decoder = Png::new(Cursor::new(png))?;
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > MAX_PIXELS {
            return Err(failed("the picture is larger than expected"));
        }
        let image = DynamicImage::from(decode(decoder)?.into_rgb8());
        let (width, height) = fit::within(width, height, side, side);
        let image = if (width, height) == (image.width(), image.height()) {
            image
        } else {
            let mut smaller = DynamicImage::new_rgb8(width, height);
            Resizer::new().resize(&image, &mut smaller, None).map_err(failed)?;
            smaller
        };
        let bytes = encode::encode_as(&image, Format::Jpeg, Format::Jpeg.usual_quality())?;
        Ok(Transformed { bytes, content_type: Format::Jpeg.content_type(), width, height })
    })
}

/// Pixels as a PNG, written fast; `None` where their number does not fit the size.
pub(crate) fn png_of(width: u32, height: u32, rgb: Vec<u8>) -> Option<Vec<u8>> {
    let image = RgbImage::from_raw(width, height, rgb)?;
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Up);
    encoder.write_image(&image, width, height, image::ExtendedColorType::Rgb8).ok()?;
    Some(bytes)
}
