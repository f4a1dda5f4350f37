//! Pictures: their size as seen, and the smaller ones made of them.
//!
//! A picture goes through three gates before its pixels are touched: its header must be readable and promise no more
//! than [`MAX_PIXELS`], the memory it needs is reserved from what all decoding together may use, and the decoder is
//! told its limit. What cannot be read is not an error: it is a file without a size. The decoders are all safe Rust.

mod animation;
mod budget;
mod encode;
mod facts;
mod fit;
mod open;
mod preview;
mod render;
mod scaled;
mod survey;

pub(crate) use budget::SharedBudget;
pub(crate) use preview::{encode_png, jpeg_preview};
pub use render::{EncodedPicture, render_picture};

use crate::transform::MAX_SIDE;
use crate::{AssetError, srcset_widths};
use animation::{Animation, MovingFormat, MovingSize, render_animation, survey_animation};
use facts::PicturePlaceholder;
use fast_image_resize::Resizer;
use fit::PicturePart;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat};
use open::{DecoderPurpose, open_decoder};
use scaled::DecodedPicture;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;

/// Most pixels of a picture that is decoded; one with more is refused.
pub const MAX_PIXELS: u64 = 100_000_000;

/// Most bytes of one decoded picture: [`MAX_PIXELS`] at four bytes each fit, at eight no longer.
const MAX_DECODED_BYTES: u64 = 512 << 20;

/// Most bytes of an encoded picture. A larger file is kept as it is: some decoders read all of it into memory first.
const MAX_ENCODED_BYTES: u64 = 512 << 20;

/// Longest colour profile that is carried over into each variant, in bytes. Those for screens have some hundreds to
/// thousands; long ones belong to printing.
const MAX_PROFILE_BYTES: usize = 64 << 10;

/// Memory that all pictures being decoded share: 1 GiB.
static DECODING_BUDGET: SharedBudget = SharedBudget::new(1 << 30);

/// A picture that could be decoded.
#[derive(Debug)]
pub(crate) struct Picture {
    /// Width as seen: turned as its orientation says.
    pub(crate) width: u32,
    /// Height as seen.
    pub(crate) height: u32,
    /// The smaller pictures made of it, from the smallest to the largest. Those of an animation move, but for the thumbnail.
    pub(crate) variants: Vec<Variant>,
    /// The widths below its own that are offered; of an animation those in which it moves.
    pub(crate) widths: Vec<u32>,
    /// Placeholder and colour.
    pub(crate) look: PicturePlaceholder,
    /// True if it has more than one frame.
    pub(crate) animated: bool,
    /// True if any pixel is less than opaque, in the first frame.
    pub(crate) alpha: bool,
}

/// A smaller picture, encoded like the original.
#[derive(Debug)]
pub(crate) struct Variant {
    /// `thumbnail`, `small`, `medium` or `large`.
    pub(crate) name: &'static str,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) bytes: Vec<u8>,
}

/// Header of a picture, as far as it is used.
struct PictureHeader {
    /// As stored; see [`PictureHeader::seen_size`].
    width: u32,
    height: u32,
    orientation: Orientation,
    /// The decoded size in bytes.
    decoded_bytes: u64,
    /// A colour profile that is worth keeping.
    profile: Option<Vec<u8>>,
    /// True if there are frames behind the first.
    animated: bool,
    /// Facts about the frames; `None` if there is one, or they are not resized.
    animation: Option<Animation>,
}

impl PictureHeader {
    /// Width and height in the other direction of turning: from stored to seen and back.
    fn swap_sides(&self, (width, height): (u32, u32)) -> (u32, u32) {
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
    fn seen_size(&self) -> (u32, u32) {
        self.swap_sides((self.width, self.height))
    }
}

/// A picture whose header is in order.
struct InspectedPicture {
    format: ImageFormat,
    /// Size of the file in bytes.
    length: u64,
    header: PictureHeader,
}

impl InspectedPicture {
    /// How much memory decoding takes at its worst, the file and the decoded picture included.
    fn working_bytes(&self) -> u64 {
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
    fn decode_at_least(&self, path: &Path, at_least: (u32, u32)) -> Result<DecodedPicture, ImageError> {
        if self.format == ImageFormat::Jpeg
            && let Some(decoded) = scaled::decode_scaled(path, (self.header.width, self.header.height), at_least)
        {
            return Ok(decoded);
        }
        open::decode_pixels(open_decoder(path, self.format, DecoderPurpose::Pixels)?)
            .map(DecodedPicture::unscaled_picture)
    }
}

/// Reads a picture and makes its variants; `head` are the first bytes of the file, `content_type` what they show.
/// `None` when this is no picture, is one that cannot be decoded, or is broken.
///
/// # Errors
/// [`AssetError::TooManyPixels`], and [`AssetError::Io`] when the file cannot be opened.
pub(crate) fn read_picture(path: &Path, content_type: &str, head: &[u8]) -> Result<Option<Picture>, AssetError> {
    // A bomb is refused for what it claims, also when it is cut short.
    if content_type == "image/png"
        && let Some((width, height)) = png_size(head)
    {
        check_pixels(width, height, 1)?;
    }
    let Some(inspected) = inspect_picture(path, content_type)? else { return Ok(None) };
    let (width, height) = inspected.header.seen_size();
    let mut still_sizes = fit::variant_sizes(width, height);
    let moving_sizes =
        if inspected.header.animated { still_sizes.split_off(1.min(still_sizes.len())) } else { Vec::new() };
    let picture = {
        let _reserved = DECODING_BUDGET.reserve(inspected.working_bytes());
        catch_decoder_panics(|| {
            // The largest variant, or the picture if it has none, is the source of all others.
            let largest = still_sizes.last().map_or((width, height), |(_, size)| *size);
            build_picture(
                inspected.decode_at_least(path, inspected.header.swap_sides(largest))?,
                &inspected,
                still_sizes,
            )
        })?
    };
    let Some(mut picture) = picture else { return Ok(None) };
    if !moving_sizes.is_empty() {
        match make_moving_variants(path, &inspected, moving_sizes)? {
            Some(variants) => picture.variants.extend(variants),
            // An animation that cannot be read to its end moves in no size.
            None => picture.widths.clear(),
        }
    }
    Ok(Some(picture))
}

/// The variants of an animation in which it moves; `None` where it is beyond the limits or damaged.
fn make_moving_variants(
    path: &Path,
    inspected: &InspectedPicture,
    sizes: Vec<(&'static str, (u32, u32))>,
) -> Result<Option<Vec<Variant>>, AssetError> {
    let InspectedPicture { format, ref header, .. } = *inspected;
    let (Some(animation), Some(target)) = (&header.animation, MovingFormat::from_source(format)) else {
        return Ok(None);
    };
    let sizes: Vec<_> = sizes.into_iter().filter(|(_, size)| animation.fits(*size)).collect();
    let seen_sizes: Vec<_> = sizes.iter().map(|(_, size)| *size).collect();
    let _reserved = DECODING_BUDGET.reserve(animation.working_bytes(&seen_sizes, target));
    let part = PicturePart::whole_picture((header.width, header.height));
    let to_stored = |size: &(u32, u32)| {
        let (across, down) = header.swap_sides(*size);
        MovingSize { part, across, down }
    };
    let stored_sizes: Vec<_> = seen_sizes.iter().map(to_stored).collect();
    let encoded = catch_decoder_panics(|| render_animation(path, format, header, animation, &stored_sizes, target))?;
    let to_variant = |((name, (width, height)), bytes)| Variant { name, width, height, bytes };
    Ok(encoded.map(|encoded| sizes.into_iter().zip(encoded).map(to_variant).collect()))
}

/// The first gate: reads the header of a picture, which tells what the others need to know.
fn inspect_picture(path: &Path, content_type: &str) -> Result<Option<InspectedPicture>, AssetError> {
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

fn check_pixels(width: u32, height: u32, bytes_per_pixel: u64) -> Result<(), AssetError> {
    let pixels = u64::from(width) * u64::from(height);
    let limit = MAX_PIXELS.min(MAX_DECODED_BYTES / bytes_per_pixel.max(1));
    if pixels > limit { Err(AssetError::TooManyPixels { pixels, limit }) } else { Ok(()) }
}

/// The size in a PNG's first chunk, which is at a fixed place.
fn png_size(head: &[u8]) -> Option<(u32, u32)> {
    if head.get(12..16) != Some(b"IHDR") {
        return None;
    }
    let side = |at: usize| Some(u32::from_be_bytes(*head.get(at..)?.first_chunk()?));
    Some((side(16)?, side(20)?))
}

fn decoder_limits() -> image::Limits {
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    limits
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

fn build_picture(
    decoded: DecodedPicture,
    inspected: &InspectedPicture,
    sizes: Vec<(&'static str, (u32, u32))>,
) -> Result<Picture, ImageError> {
    let InspectedPicture { format, ref header, .. } = *inspected;
    let (width, height) = header.seen_size();
    let covered = PicturePart::whole_picture((header.width, header.height)).scale_to(&decoded);
    let image = decoded.image;
    let alpha = facts::shows_through(&image);

    let mut resizer = Resizer::new();
    let mut images: Vec<DynamicImage> = Vec::new();
    // From the largest down, each made from the one before: the original is read once.
    for (_, size) in sizes.iter().rev() {
        let (source, part) = match images.last() {
            Some(larger) => (larger, PicturePart::whole_picture((larger.width(), larger.height()))),
            None => (&image, covered),
        };
        let (across, down) = header.swap_sides(*size);
        let mut smaller = DynamicImage::new(across, down, source.color());
        resizer.resize(source, &mut smaller, &part.cut_out()).map_err(library_error)?;
        images.push(smaller);
    }
    let look = facts::compute_placeholder(images.last().unwrap_or(&image), header.orientation)?;
    drop(image);

    let encode = |mut image: DynamicImage| {
        image.apply_orientation(header.orientation);
        encode::encode_picture(&image, format, header.profile.as_deref())
    };
    let mut iter = images.into_iter();
    let largest = iter.next();
    let encoded: Vec<_> = std::thread::scope(|scope| {
        // The largest variant is as much work as all others together: it gets a thread of its own.
        let largest = largest.map(|image| scope.spawn(|| encode(image)));
        let others: Vec<_> = iter.map(encode).collect();
        let largest = largest.map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        largest.into_iter().chain(others).collect::<Result<_, _>>()
    })?;

    let variants = sizes.into_iter().zip(encoded.into_iter().rev());
    let variants = variants.map(|((name, (width, height)), bytes)| Variant { name, width, height, bytes }).collect();
    let widths = offered_widths(header);
    Ok(Picture { width, height, variants, widths, look, animated: header.animated, alpha })
}

/// The widths below its own that a picture is offered in.
fn offered_widths(header: &PictureHeader) -> Vec<u32> {
    let (width, height) = header.seen_size();
    let moves_in = |animation: &Animation, across| animation.fits(fit::size_within(width, height, across, MAX_SIDE));
    let mut widths = srcset_widths(width);
    widths.retain(|across| {
        let offered = !header.animated || header.animation.as_ref().is_some_and(|found| moves_in(found, *across));
        *across < width && offered
    });
    widths
}

/// An error of a library that is none of `image`'s own.
fn library_error(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ImageError {
    ImageError::IoError(std::io::Error::other(error))
}

/// Runs a decoder over bytes that anybody may have sent; `None` when they are not a whole picture.
///
/// The decoders return errors for all bad input that is known. Should one panic all the same, that is a fault of the
/// decoder and not of the server: the upload is kept as a plain file. Nothing outlives the closure half-changed, which
/// is what makes asserting unwind safety sound here.
fn catch_decoder_panics<T>(decode: impl FnOnce() -> Result<T, ImageError>) -> Result<Option<T>, AssetError> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(Ok(decoded)) => Ok(Some(decoded)),
        Ok(Err(error)) => {
            tracing::info!(%error, "an image cannot be decoded; storing it without dimensions and renditions");
            Ok(None)
        }
        Err(_) => {
            tracing::error!("an image decoder panicked; storing the file without dimensions and renditions");
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixel_count_and_decoded_size_are_limited() {
        assert!(check_pixels(10_000, 10_000, 4).is_ok());
        assert!(matches!(
            check_pixels(10_000, 10_001, 1),
            Err(AssetError::TooManyPixels { pixels: 100_010_000, limit: MAX_PIXELS })
        ));
        assert!(matches!(check_pixels(10_000, 10_000, 8), Err(AssetError::TooManyPixels { limit: 67_108_864, .. })));
        assert!(check_pixels(u32::MAX, u32::MAX, 16).is_err());
        assert!(check_pixels(0, 0, 0).is_ok());
    }

    #[test]
    fn decoder_panics_yield_no_picture() {
        assert!(catch_decoder_panics::<()>(|| panic!("decoder")).unwrap().is_none());
    }

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
