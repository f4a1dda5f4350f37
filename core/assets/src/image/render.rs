//! Rendering of the picture that a [`Transform`] asks for.

use super::animation::{MovingFormat, MovingSize, render_animation};
use super::errors::{catch_decoder_panics, library_error};
use super::fit::{self, TransformPlan};
use super::inspect::{InspectedPicture, inspect_picture};
use super::limits::DECODING_BUDGET;
use super::{encode, facts};
use crate::{AssetError, Format, Transform};
use fast_image_resize::Resizer;
use image::{DynamicImage, ImageError, Rgb, RgbImage};
use moxcms::{ColorProfile, Layout, TransformOptions};
use std::path::Path;

/// A picture that was made of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedPicture {
    /// The encoded picture: pixels in sRGB, and nothing that was written beside the pixels of the source.
    pub bytes: Vec<u8>,
    /// The type of `bytes`.
    pub content_type: &'static str,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Makes of a picture what is wanted, turned as its orientation says. An animation moves in the formats that have movement
/// ([`Format::moves`]); of another it is the first frame. `content_type` is what the source is known to be. `None` when that is
/// no picture that can be decoded, or the file is broken.
///
/// Blocks, takes a tenth of a second of one core (AVIF: up to three seconds; animations: up to some seconds), and waits until the memory it
/// needs is there: to be run on a blocking pool. Fails with [`AssetError::TooManyPixels`] for the source,
/// [`AssetError::UnresizableAnimation`] for one that is to move and is beyond the limits or damaged, and [`AssetError::Io`] if it cannot
/// be opened.
pub fn render_picture(
    source: &Path,
    content_type: &str,
    transform: &Transform,
) -> Result<Option<EncodedPicture>, AssetError> {
    let Some(inspected) = inspect_picture(source, content_type)? else { return Ok(None) };
    let (width, height) = inspected.header.seen_size();
    let plan = fit::plan_transform(width, height, transform);
    if inspected.header.animated
        && let Some(format) = MovingFormat::from_transform(transform)
    {
        return render_moving(&inspected, &plan, format, source, transform.format).map(Some);
    }
    let working = inspected.working_bytes().saturating_add(encoding_bytes(&plan, transform.format));
    let _reserved = DECODING_BUDGET.reserve(working);
    catch_decoder_panics(|| {
        let image = normalize_pixels(
            apply_plan(&inspected, &plan, source)?,
            inspected.header.profile.as_deref(),
            transform.format,
        );
        let bytes = encode::encode_as(&image, transform.format, transform.quality.clamp(1, 100))?;
        Ok(EncodedPicture {
            bytes,
            content_type: transform.format.content_type(),
            width: image.width(),
            height: image.height(),
        })
    })
}

/// The animation as the plan says.
fn render_moving(
    inspected: &InspectedPicture,
    plan: &TransformPlan,
    target: MovingFormat,
    source: &Path,
    format: Format,
) -> Result<EncodedPicture, AssetError> {
    let header = &inspected.header;
    let size = (plan.across, plan.down);
    let animation = header.animation.as_ref().filter(|animation| animation.fits(size));
    let animation = animation.ok_or(AssetError::UnresizableAnimation)?;
    let _reserved = DECODING_BUDGET.reserve(animation.working_bytes(&[size], target));
    let (across, down) = header.swap_sides(size);
    let part = plan.stored_part(header.orientation, header.seen_size());
    let sizes = [MovingSize { part, across, down }];
    let encoded = catch_decoder_panics(|| {
        render_animation(source, inspected.format, header, animation, &sizes, target)
            .map(|encoded| encoded.into_iter().next())
    })?;
    let bytes = encoded.flatten().ok_or(AssetError::UnresizableAnimation)?;
    Ok(EncodedPicture { bytes, content_type: format.content_type(), width: plan.across, height: plan.down })
}

/// How much memory making and encoding the result takes at its worst.
fn encoding_bytes(plan: &TransformPlan, format: Format) -> u64 {
    let pixels = u64::from(plan.across) * u64::from(plan.down);
    // The result in up to sixteen bytes a pixel, its conversion to eight bits, and what the encoder takes (measured).
    pixels.saturating_mul(if format == Format::Avif { 100 } else { 40 })
}

/// The part of the picture that is wanted, in the size that is wanted, upright.
fn apply_plan(inspected: &InspectedPicture, plan: &TransformPlan, source: &Path) -> Result<DynamicImage, ImageError> {
    let header = &inspected.header;
    let orientation = header.orientation;
    let (across, down) = header.swap_sides((plan.across, plan.down));
    let part = plan.stored_part(orientation, header.seen_size());
    let scale_side = |side: u32, result: u32, part: f64| (f64::from(side) * f64::from(result) / part).ceil() as u32;
    let at_least = (scale_side(header.width, across, part.width), scale_side(header.height, down, part.height));
    let decoded = inspected.decode_at_least(source, at_least)?;
    let part = part.scale_to(&decoded);
    let image = decoded.image;
    let mut result = DynamicImage::new(across, down, image.color());
    Resizer::new().resize(&image, &mut result, &part.cut_out()).map_err(library_error)?;
    result.apply_orientation(orientation);
    Ok(result)
}

/// Eight bits a channel, in sRGB, without an alpha channel where nothing shows through or the format has none.
fn normalize_pixels(image: DynamicImage, profile: Option<&[u8]>, format: Format) -> DynamicImage {
    let mut image = match (image.color().has_color(), image.color().has_alpha()) {
        (false, false) => image.into_luma8().into(),
        (false, true) => image.into_luma_alpha8().into(),
        (true, false) => image.into_rgb8().into(),
        (true, true) => image.into_rgba8().into(),
    };
    if let Some(profile) = profile {
        // A profile that makes no sense is as good as none.
        image = in_srgb(&image, profile).unwrap_or(image);
    }
    match image {
        image if !image.color().has_alpha() => image,
        image if !facts::shows_through(&image) => image.into_rgb8().into(),
        image if format == Format::Jpeg => on_white(&image).into(),
        image => image.into_rgba8().into(),
    }
}

/// The picture in the colours of the web; `None` where its profile cannot be used.
pub(super) fn in_srgb(image: &DynamicImage, profile: &[u8]) -> Option<DynamicImage> {
    let (from, to) = match image {
        DynamicImage::ImageLuma8(_) => (Layout::Gray, Layout::Rgb),
        DynamicImage::ImageLumaA8(_) => (Layout::GrayAlpha, Layout::Rgba),
        DynamicImage::ImageRgb8(_) => (Layout::Rgb, Layout::Rgb),
        DynamicImage::ImageRgba8(_) => (Layout::Rgba, Layout::Rgba),
        _ => return None,
    };
    let profile = ColorProfile::new_from_slice(profile).ok()?;
    let options = TransformOptions::default();
    let colours = profile.create_transform_8bit(from, &ColorProfile::new_srgb(), to, options).ok()?;
    let mut result = match to {
        Layout::Rgb => DynamicImage::new_rgb8(image.width(), image.height()),
        _ => DynamicImage::new_rgba8(image.width(), image.height()),
    };
    let pixels: &mut [u8] = match &mut result {
        DynamicImage::ImageRgb8(rgb) => rgb,
        DynamicImage::ImageRgba8(rgba) => rgba,
        _ => return None,
    };
    colours.transform(image.as_bytes(), pixels).ok()?;
    Some(result)
}

fn on_white(image: &DynamicImage) -> RgbImage {
    let rgba = image.to_rgba8();
    let mut pixels = rgba.pixels();
    RgbImage::from_fn(rgba.width(), rgba.height(), |_, _| {
        let [red, green, blue, alpha] = pixels.next().map_or([255; 4], |pixel| pixel.0).map(u32::from);
        Rgb([red, green, blue].map(|part| ((part * alpha + 255 * (255 - alpha) + 127) / 255) as u8))
    })
}
