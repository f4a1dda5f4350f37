//! The first gate: the header of a picture, which tells what the others need to know.

use super::animation::{Animation, survey_animation};
use super::errors::catch_decoder_panics;
use super::facts;
use super::limits::{DECODING_BUDGET, MAX_ENCODED_BYTES, MAX_PROFILE_BYTES, check_pixels};
use super::open::{self, DecoderPurpose, open_decoder};
use super::scaled::{self, DecodedPicture};
use crate::AssetError;
use image::metadata::Orientation;
use image::{ImageDecoder, ImageError, ImageFormat};
use std::path::Path;

/// Header of a picture, as far as it is used.
pub(super) struct PictureHeader {
    /// As stored; see [`PictureHeader::seen_size`].
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) orientation: Orientation,
    /// The decoded size in bytes.
    pub(super) decoded_bytes: u64,
    /// A colour profile that is worth keeping.
    pub(super) profile: Option<Vec<u8>>,
    /// True if there are frames behind the first.
    pub(super) animated: bool,
    /// Facts about the frames; `None` if there is one, or they are not resized.
    pub(super) animation: Option<Animation>,
}

impl PictureHeader {
    /// Width and height in the other direction of turning: from stored to seen and back.
    pub(super) fn swap_sides(&self, (width, height): (u32, u32)) -> (u32, u32) {
        match self.orientation {
            Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH => (height, width),
            Orientation::NoTransforms
            | Orientation::Rotate180
            | Orientation::FlipHorizontal
            | Orientation::FlipVertical => (width, height),
        }
    }

    /// Width and height as seen.
    pub(super) fn seen_size(&self) -> (u32, u32) {
        self.swap_sides((self.width, self.height))
    }
}

/// A picture whose header is in order.
pub(super) struct InspectedPicture {
    pub(super) format: ImageFormat,
    /// Size of the file in bytes.
    length: u64,
    pub(super) header: PictureHeader,
}

impl InspectedPicture {
    /// How much memory decoding takes at its worst, the file and the decoded picture included.
    pub(super) fn working_bytes(&self) -> u64 {
        let decoded = self.header.decoded_bytes;
        let working = match self.format {
            // A progressive JPEG keeps two bytes for each coefficient until the last scan.
            ImageFormat::Jpeg => decoded.saturating_mul(3),
            _ => decoded.saturating_mul(2),
        };
        self.length.saturating_add(working)
    }

    /// The picture as stored, or a smaller form of it that has at least this size where that takes less time. To be
    /// called with [`InspectedPicture::working_bytes`] reserved.
    pub(super) fn decode_at_least(&self, path: &Path, at_least: (u32, u32)) -> Result<DecodedPicture, ImageError> {
        if self.format == ImageFormat::Jpeg
            && let Some(decoded) = scaled::decode_scaled(path, (self.header.width, self.header.height), at_least)
        {
            return Ok(decoded);
        }
        open::decode_pixels(open_decoder(path, self.format, DecoderPurpose::Pixels)?)
            .map(DecodedPicture::unscaled_picture)
    }
}

/// The first gate: reads the header of a picture, which tells what the others need to know.
pub(super) fn inspect_picture(path: &Path, content_type: &str) -> Result<Option<InspectedPicture>, AssetError> {
    let Some(format) = decodable_format(content_type) else { return Ok(None) };
    let length = path.metadata().map_err(AssetError::io("open an uploaded file"))?.len();
    if length > MAX_ENCODED_BYTES {
        tracing::warn!(length, "an image file is too long to decode; storing it without dimensions and renditions");
        return Ok(None);
    }
    let header = {
        let _reserved = DECODING_BUDGET.reserve(length);
        catch_decoder_panics(|| read_header(path, format))?
    };
    let Some(header) = header else { return Ok(None) };
    let pixels = u64::from(header.width) * u64::from(header.height);
    check_pixels(header.width, header.height, header.decoded_bytes.div_ceil(pixels.max(1)))?;
    Ok(Some(InspectedPicture { format, length, header }))
}

/// The format behind a content type, if it is one that can be decoded.
fn decodable_format(content_type: &str) -> Option<ImageFormat> {
    match content_type {
        "image/png" => Some(ImageFormat::Png),
        "image/jpeg" => Some(ImageFormat::Jpeg),
        "image/gif" => Some(ImageFormat::Gif),
        "image/webp" => Some(ImageFormat::WebP),
        "image/tiff" => Some(ImageFormat::Tiff),
        "image/bmp" => Some(ImageFormat::Bmp),
        _ => None,
    }
}

/// True if a file of this type may be a picture that can be decoded.
pub(crate) fn can_decode(content_type: &str) -> bool {
    decodable_format(content_type).is_some()
}

fn read_header(path: &Path, format: ImageFormat) -> Result<PictureHeader, ImageError> {
    let mut decoder = open_decoder(path, format, DecoderPurpose::Header)?;
    let (width, height) = decoder.dimensions();
    let grey = !decoder.color_type().has_color();
    // Of a file that breaks off behind its first frame, that frame is what there is.
    let animated = facts::is_animated(path, format).unwrap_or(false);
    Ok(PictureHeader {
        width,
        height,
        decoded_bytes: decoder.total_bytes(),
        // Broken metadata are no reason to refuse the picture.
        orientation: decoder.orientation().unwrap_or(Orientation::NoTransforms),
        profile: decoder.icc_profile().unwrap_or_default().filter(|profile| fits_pixels(profile, grey)),
        animated,
        animation: animated.then(|| survey_animation(path, format)).flatten(),
    })
}

/// True if a colour profile is for the pixels as decoded: a CMYK picture is RGB by then.
fn fits_pixels(profile: &[u8], grey: bool) -> bool {
    let colours: &[u8] = if grey { b"GRAY" } else { b"RGB " };
    profile.len() <= MAX_PROFILE_BYTES && profile.get(16..20) == Some(colours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_profiles_must_match_the_pixel_kind() {
        let mut profile = vec![0; 128];
        profile[16..20].copy_from_slice(b"RGB ");
        assert!(fits_pixels(&profile, false) && !fits_pixels(&profile, true));
        profile[16..20].copy_from_slice(b"CMYK");
        assert!(!fits_pixels(&profile, false));
        profile[16..20].copy_from_slice(b"GRAY");
        assert!(fits_pixels(&profile, true));
        assert!(!fits_pixels(b"", true));
    }
}
