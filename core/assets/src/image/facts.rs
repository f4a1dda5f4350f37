//! Facts about a picture besides its size: its placeholder, its colour, whether it is animated and whether it is transparent.

use super::errors::library_error;
use super::open::{Png, WebP};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fast_image_resize::Resizer;
use image::metadata::Orientation;
use image::{DynamicImage, ImageError, ImageFormat, RgbaImage};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Longest side of the picture that placeholder and colour are computed from, in pixels: the most a ThumbHash takes.
const MAX_PLACEHOLDER_SIDE: u32 = 100;

/// The placeholder and the colour of a picture.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PicturePlaceholder {
    /// ThumbHash in base64: some 25 bytes that decode to a blurred picture with the true proportions.
    pub(crate) placeholder: String,
    /// Dominant colour as `#rrggbb`.
    pub(crate) colour: String,
}

/// The look of a picture, computed from it or from any smaller form of it.
pub(super) fn compute_placeholder(
    picture: &DynamicImage,
    orientation: Orientation,
) -> Result<PicturePlaceholder, ImageError> {
    let (width, height) =
        super::fit::size_within(picture.width(), picture.height(), MAX_PLACEHOLDER_SIDE, MAX_PLACEHOLDER_SIDE);
    let mut small = DynamicImage::new(width, height, picture.color());
    Resizer::new().resize(picture, &mut small, None).map_err(library_error)?;
    small.apply_orientation(orientation);
    let small = small.into_rgba8();
    let hash = thumbhash::rgba_to_thumb_hash(small.width() as usize, small.height() as usize, &small);
    Ok(PicturePlaceholder { placeholder: STANDARD.encode(hash), colour: dominant_colour(&small) })
}

/// The dominant colour: the mean of the fullest of 4096 cubes of colours, each pixel counting as much as it is opaque. White where
/// the picture is fully transparent.
fn dominant_colour(picture: &RgbaImage) -> String {
    let mut cubes = vec![[0_u64; 4]; 4096];
    for [red, green, blue, alpha] in picture.pixels().map(|pixel| pixel.0.map(u64::from)) {
        let cube = &mut cubes[(red >> 4 << 8 | green >> 4 << 4 | blue >> 4) as usize];
        for (sum, part) in cube.iter_mut().zip([red, green, blue, 1]) {
            *sum += part * alpha;
        }
    }
    let [red, green, blue, weight] = cubes.into_iter().max_by_key(|cube| cube[3]).unwrap_or_default();
    let mean = |sum: u64| (sum + weight / 2).checked_div(weight).unwrap_or(255);
    format!("#{:02x}{:02x}{:02x}", mean(red), mean(green), mean(blue))
}

/// True if any pixel is not opaque. An alpha channel alone says little: GIFs are always decoded with one.
pub(super) fn shows_through(picture: &DynamicImage) -> bool {
    match picture {
        DynamicImage::ImageLumaA8(image) => image.pixels().any(|pixel| pixel.0[1] < u8::MAX),
        DynamicImage::ImageRgba8(image) => image.pixels().any(|pixel| pixel.0[3] < u8::MAX),
        DynamicImage::ImageLumaA16(image) => image.pixels().any(|pixel| pixel.0[1] < u16::MAX),
        DynamicImage::ImageRgba16(image) => image.pixels().any(|pixel| pixel.0[3] < u16::MAX),
        DynamicImage::ImageRgba32F(image) => image.pixels().any(|pixel| pixel.0[3] < 1.0),
        _ => false,
    }
}

/// True if a file holds more than one frame. No frame is decoded for it.
pub(super) fn is_animated(path: &Path, format: ImageFormat) -> Result<bool, ImageError> {
    let file = BufReader::new(File::open(path)?);
    match format {
        ImageFormat::Gif => {
            let mut options = gif::DecodeOptions::new();
            options.skip_frame_decoding(true);
            let mut frames = options.read_info(file).map_err(library_error)?;
            let first = frames.next_frame_info().map_err(library_error)?.is_some();
            Ok(first && frames.next_frame_info().map_err(library_error)?.is_some())
        }
        ImageFormat::WebP => Ok(WebP::new(file)?.is_animated()),
        ImageFormat::Png => Ok(Png::new(file)?.is_animated()),
        _ => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgba;

    #[test]
    fn dominant_colour_is_the_most_frequent_visible_one() {
        let flag = RgbaImage::from_fn(9, 1, |x, _| match x {
            0..3 => Rgba([200, 10, 20, 255]),
            3..5 => Rgba([202, 10, 21, 255]),
            _ => Rgba([0, 0, 250, if x < 8 { 255 } else { 0 }]),
        });
        assert_eq!(dominant_colour(&flag), "#c90a14");
        assert_eq!(dominant_colour(&RgbaImage::from_pixel(3, 3, Rgba([1, 2, 3, 0]))), "#ffffff");
    }

    #[test]
    fn placeholder_has_the_oriented_proportions() {
        let image = DynamicImage::new_rgb8(400, 100);
        let ratio = |orientation| {
            let hash = STANDARD.decode(compute_placeholder(&image, orientation).unwrap().placeholder).unwrap();
            thumbhash::thumb_hash_to_approximate_aspect_ratio(&hash).unwrap()
        };
        assert!(ratio(Orientation::NoTransforms) > 3.0);
        assert!(ratio(Orientation::Rotate90) < 0.34);
    }
}
