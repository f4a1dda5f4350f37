//! Pictures: their size as seen, and the smaller ones made of them.
//!
//! A picture goes through three gates before its pixels are touched: its header must be readable and promise no more
//! than [`MAX_PIXELS`], the memory it needs is reserved from what all decoding together may use, and the decoder is
//! told its limit. What cannot be read is not an error: it is a file without a size. The decoders are all safe Rust.

mod animation;
mod budget;
mod encode;
mod errors;
mod facts;
mod fit;
mod inspect;
mod limits;
mod open;
mod preview;
mod render;
mod scaled;
mod survey;

pub(crate) use budget::SharedBudget;
pub(crate) use inspect::can_decode;
pub use limits::MAX_PIXELS;
pub(crate) use preview::{encode_png, jpeg_preview};
pub use render::{EncodedPicture, render_picture};

use crate::transform::MAX_SIDE;
use crate::{AssetError, srcset_widths};
use animation::{Animation, MovingFormat, MovingSize, render_animation};
use errors::{catch_decoder_panics, library_error};
use facts::PicturePlaceholder;
use fast_image_resize::Resizer;
use fit::PicturePart;
use image::{DynamicImage, ImageError};
use inspect::{InspectedPicture, PictureHeader, inspect_picture};
use limits::{DECODING_BUDGET, check_pixels};
use scaled::DecodedPicture;
use std::panic::resume_unwind;
use std::path::Path;

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

/// The size in a PNG's first chunk, which is at a fixed place.
fn png_size(head: &[u8]) -> Option<(u32, u32)> {
    if head.get(12..16) != Some(b"IHDR") {
        return None;
    }
    let side = |at: usize| Some(u32::from_be_bytes(*head.get(at..)?.first_chunk()?));
    Some((side(16)?, side(20)?))
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
