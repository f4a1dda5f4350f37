//! Large JPEGs in half or a quarter of their size: a block of pixels is made of fewer of its frequencies, which
//! takes less time and a fraction of the memory. That is how a photograph becomes a thumbnail nearly always.
//!
//! `jpeg-decoder` can do that; everything else is decoded by the faster `zune-jpeg` (of `image`), also what this decoder
//! refuses.

use super::limits::MAX_DECODED_BYTES;
use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::{CodingProcess, Decoder, PixelFormat};
use std::fs;
use std::path::Path;

/// Fewest pixels of a picture for which it is worth it.
const MIN_SCALED_PIXELS: u64 = 1_000_000;

/// How many times as large as what is made of it the decoded picture has to be on either side. With 2 nobody sees a
/// difference (45 dB and more); with 1 it would take a fifth less time again, and edges would show it (35 dB).
const SIZE_MARGIN: u32 = 2;

/// A picture as it was decoded.
pub(super) struct DecodedPicture {
    pub(super) image: DynamicImage,
    /// Its sides by those of the picture as stored. `image` may be up to a pixel wider and higher than they say, because
    /// whole blocks became whole pixels.
    pub(super) scale: f64,
}

impl DecodedPicture {
    /// All of a picture in its own size.
    pub(super) fn unscaled_picture(image: DynamicImage) -> DecodedPicture {
        DecodedPicture { image, scale: 1.0 }
    }
}

/// The picture in the smallest of the sizes that is well above this, of a JPEG whose header tells `size`. `None` where it
/// has to be decoded whole.
pub(super) fn decode_scaled(path: &Path, size: (u32, u32), at_least: (u32, u32)) -> Option<DecodedPicture> {
    let (width, height) = size;
    // An eighth is ruled out: it saves little more, and would misplace colours stored at half the size.
    let margin = |side: u32, full_side: u32| side.saturating_mul(SIZE_MARGIN).max(full_side / 8 + 2);
    let at_least = (margin(at_least.0, width), margin(at_least.1, height));
    let halves = at_least.0 <= width.div_ceil(2) && at_least.1 <= height.div_ceil(2);
    if !halves || u64::from(width) * u64::from(height) < MIN_SCALED_PIXELS {
        return None;
    }
    match try_decode_scaled(path, size, at_least) {
        Ok(image) => image,
        Err(error) => {
            tracing::debug!(%error, "a JPEG cannot be decoded at a smaller size; decoding it at full size");
            None
        }
    }
}

fn try_decode_scaled(
    path: &Path,
    (width, height): (u32, u32),
    at_least: (u32, u32),
) -> Result<Option<DecodedPicture>, jpeg_decoder::Error> {
    // The decoder reads byte by byte, which takes time even of a buffered file. Its length was checked, and reserved.
    let bytes = fs::read(path)?;
    let mut decoder = Decoder::new(bytes.as_slice());
    decoder.set_max_decoding_buffer_size(usize::try_from(MAX_DECODED_BYTES).unwrap_or(usize::MAX));
    decoder.read_info()?;
    let Some(info) = decoder.info() else { return Ok(None) };
    let same = (u32::from(info.width), u32::from(info.height)) == (width, height);
    if !same || info.coding_process == CodingProcess::Lossless {
        return Ok(None);
    }
    let (Ok(across), Ok(down)) = (u16::try_from(at_least.0), u16::try_from(at_least.1)) else { return Ok(None) };
    let (across, down) = decoder.scale(across, down)?;
    let pixels = decoder.decode()?;
    let (across, down) = (u32::from(across), u32::from(down));
    let fits = |eighths: &&u32| (width * **eighths).div_ceil(8) == across && (height * **eighths).div_ceil(8) == down;
    let Some(eighths) = [2, 4, 8].iter().find(fits) else { return Ok(None) };
    let image = match info.pixel_format {
        PixelFormat::RGB24 => RgbImage::from_raw(across, down, pixels).map(DynamicImage::from),
        PixelFormat::L8 => GrayImage::from_raw(across, down, pixels).map(DynamicImage::from),
        // Of four inks, or of more than eight bits.
        PixelFormat::CMYK32 | PixelFormat::L16 => None,
    };
    Ok(image.map(|image| DecodedPicture { image, scale: f64::from(*eighths) / 8.0 }))
}
