//! Renditions that are made of a picture, their sizes, and the part of the picture that each shows.

use super::scaled::DecodedPicture;
use crate::transform::MAX_SIDE;
use crate::{Crop, Fit, Format, Transform};
use fast_image_resize::ResizeOptions;
use image::metadata::Orientation;

/// Largest AVIF that is made, in pixels: it takes three seconds.
const MAX_AVIF_PIXELS: u32 = 4_000_000;

/// The variants from the smallest to the largest: name, and the box in pixels that each fits in.
const VARIANT_BOXES: [(&str, u32, u32); 4] =
    [("thumbnail", 245, 156), ("small", 500, 500), ("medium", 750, 750), ("large", 1000, 1000)];

/// The variants of a picture of this size: each whose box the picture exceeds in either direction.
pub(super) fn variant_sizes(width: u32, height: u32) -> Vec<(&'static str, (u32, u32))> {
    VARIANT_BOXES
        .iter()
        .filter(|(_, across, down)| width > *across || height > *down)
        .map(|(name, across, down)| (*name, fit_size(width, height, *across, *down)))
        .collect()
}

/// The size of a picture that must fit into a box; unchanged where it does.
pub(super) fn size_within(width: u32, height: u32, across: u32, down: u32) -> (u32, u32) {
    if width <= across && height <= down { (width, height) } else { fit_size(width, height, across, down) }
}

/// A part of a picture, in pixels and fractions of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PicturePart {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl PicturePart {
    /// The whole picture of this size.
    pub(super) fn whole_picture((width, height): (u32, u32)) -> PicturePart {
        PicturePart { left: 0.0, top: 0.0, width: f64::from(width), height: f64::from(height) }
    }

    /// The part in a smaller decoded form of the picture; rounding never leads out of it.
    pub(super) fn scale_to(self, decoded: &DecodedPicture) -> PicturePart {
        if decoded.scale == 1.0 {
            return self;
        }
        let (across, down) = (f64::from(decoded.image.width()), f64::from(decoded.image.height()));
        let (left, width) = clamp_span(0.0, across, self.left * decoded.scale, self.width * decoded.scale);
        let (top, height) = clamp_span(0.0, down, self.top * decoded.scale, self.height * decoded.scale);
        PicturePart { left, top, width, height }
    }

    /// Converts the part for the resizer.
    pub(super) fn cut_out(self) -> ResizeOptions {
        ResizeOptions::new().crop(self.left, self.top, self.width, self.height)
    }
}

/// Plan of a rendition: a part of the picture, as seen, in another size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TransformPlan {
    part: PicturePart,
    /// Width of the result in pixels, at most [`MAX_SIDE`].
    pub(super) across: u32,
    /// Height of the result in pixels.
    pub(super) down: u32,
}

/// Plans a transform of a picture that is seen in this size.
pub(super) fn plan_transform(width: u32, height: u32, transform: &Transform) -> TransformPlan {
    let (full_width, full_height) = (f64::from(width), f64::from(height));
    let [x, y, w, h] = transform.crop.map_or([0.0, 0.0, 1.0, 1.0], Crop::to_fractions);
    let (left, region_width) = clamp_span(0.0, full_width, x * full_width, w * full_width);
    let (top, region_height) = clamp_span(0.0, full_height, y * full_height, h * full_height);
    let region = PicturePart { left, top, width: region_width, height: region_height };

    let side = |side: Option<u32>| side.map(|side| side.clamp(1, MAX_SIDE));
    let (part, (across, down)) = match (transform.fit, side(transform.width), side(transform.height)) {
        (Fit::Cover, Some(across), Some(down)) => {
            let scale = (f64::from(across) / region.width).max(f64::from(down) / region.height);
            let (visible_width, visible_height) = (f64::from(across) / scale, f64::from(down) / scale);
            let middle_x = transform.focal.x.get() * full_width;
            let middle_y = transform.focal.y.get() * full_height;
            let (left, width) = clamp_span(region.left, region.width, middle_x - visible_width / 2.0, visible_width);
            let (top, height) = clamp_span(region.top, region.height, middle_y - visible_height / 2.0, visible_height);
            (PicturePart { left, top, width, height }, (across, down))
        }
        (_, across, down) => {
            let to_pixels = |side: f64| (side.round() as u32).max(1);
            let (across, down) = (across.unwrap_or(MAX_SIDE), down.unwrap_or(MAX_SIDE));
            (region, size_within(to_pixels(region.width), to_pixels(region.height), across, down))
        }
    };
    let (across, down) = limit_pixels(across, down, transform.format);
    TransformPlan { part, across, down }
}

/// Moves and shortens an interval so that it has at least one pixel and lies within another.
fn clamp_span(from: f64, length: f64, start: f64, size: f64) -> (f64, f64) {
    let size = size.max(1.0).min(length);
    (start.min(from + length - size).max(from), size)
}

/// The same proportions with no more pixels than can be encoded in reasonable time.
fn limit_pixels(across: u32, down: u32, format: Format) -> (u32, u32) {
    let pixels = f64::from(across) * f64::from(down);
    if format != Format::Avif || pixels <= f64::from(MAX_AVIF_PIXELS) {
        return (across, down);
    }
    let scale = (f64::from(MAX_AVIF_PIXELS) / pixels).sqrt();
    let shorter = |side: u32| ((f64::from(side) * scale) as u32).max(1);
    (shorter(across), shorter(down))
}

impl TransformPlan {
    /// The part in a picture that is stored with this orientation and is seen in this size.
    pub(super) fn stored_part(&self, orientation: Orientation, seen_size: (u32, u32)) -> PicturePart {
        let PicturePart { left, top, width, height } = self.part;
        // The distances from the other edges; rounding must not lead outside.
        let right = (f64::from(seen_size.0) - left - width).max(0.0);
        let bottom = (f64::from(seen_size.1) - top - height).max(0.0);
        let upright = |left, top| PicturePart { left, top, width, height };
        let turned = |left, top| PicturePart { left, top, width: height, height: width };
        match orientation {
            Orientation::NoTransforms => upright(left, top),
            Orientation::FlipHorizontal => upright(right, top),
            Orientation::Rotate180 => upright(right, bottom),
            Orientation::FlipVertical => upright(left, bottom),
            Orientation::Rotate90FlipH => turned(top, left),
            Orientation::Rotate90 => turned(top, right),
            Orientation::Rotate270FlipH => turned(bottom, right),
            Orientation::Rotate270 => turned(bottom, left),
        }
    }
}

/// The largest size with the picture's proportions that fits into a box; in whole pixels, half a pixel rounds up, at least one.
fn fit_size(width: u32, height: u32, across: u32, down: u32) -> (u32, u32) {
    // In whole numbers, because the products of two sides are exact there.
    if u64::from(width) * u64::from(down) > u64::from(across) * u64::from(height) {
        (across, scale_side(height, across, width))
    } else {
        (scale_side(width, down, height), down)
    }
}

/// Computes `side * to / from`, rounded.
fn scale_side(side: u32, to: u32, from: u32) -> u32 {
    let from = u64::from(from.max(1));
    let rounded = (2 * u64::from(side) * u64::from(to) + from) / (2 * from);
    u32::try_from(rounded).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn variants_are_proportional_and_smaller_than_the_original() {
        type Sizes = [(&'static str, (u32, u32))];
        let cases: [(u32, u32, &Sizes); 7] = [
            (40, 30, &[]),
            (245, 156, &[]),
            (245, 157, &[("thumbnail", (243, 156))]),
            (246, 156, &[("thumbnail", (245, 155))]),
            (800, 600, &[("thumbnail", (208, 156)), ("small", (500, 375)), ("medium", (750, 563))]),
            (
                600,
                1200,
                &[("thumbnail", (78, 156)), ("small", (250, 500)), ("medium", (375, 750)), ("large", (500, 1000))],
            ),
            (65_000, 1, &[("thumbnail", (245, 1)), ("small", (500, 1)), ("medium", (750, 1)), ("large", (1000, 1))]),
        ];
        for (width, height, expected) in cases {
            assert_eq!(variant_sizes(width, height), expected, "{width}×{height}");
        }
    }

    #[test]
    fn large_avif_output_is_scaled_down_in_proportion() {
        let planned = |query: &str| {
            let plan = plan_transform(8000, 4000, &Transform::parse(query).unwrap());
            (plan.across, plan.down)
        };
        assert_eq!(planned("format=avif&w=2000"), (2000, 1000));
        assert_eq!(planned("format=avif"), (2828, 1414));
        assert_eq!(planned("format=avif&w=4000&h=2000&fit=cover"), (2828, 1414));
        assert_eq!(planned("format=webp"), (4096, 2048));
    }

    fn any_part() -> impl Strategy<Value = (u16, u16)> {
        (0..10_000u16).prop_flat_map(|from| (Just(from), 1..=10_000 - from))
    }

    proptest! {
        /// The part lies within the stored picture for every orientation, which is what the resizer insists on.
        #[test]
        fn planned_parts_lie_within_the_picture(
            (width, height) in (1u32..100_000, 1u32..100_000),
            (w, h) in (proptest::option::of(1u32..5000), proptest::option::of(1u32..5000)),
            cover in any::<bool>(),
            (fx, fy) in (0.0..=1.0f64, 0.0..=1.0f64),
            (x, y) in (any_part(), any_part()),
            orientation in (1u8..=8).prop_map(|exif| Orientation::from_exif(exif).unwrap()),
        ) {
            let fraction = |part: u16| crate::Fraction::new(f64::from(part) / 10_000.0).unwrap();
            let transform = Transform {
                width: w,
                height: h,
                fit: if cover { Fit::Cover } else { Fit::Contain },
                focal: crate::FocusPoint { x: crate::Fraction::new(fx).unwrap(), y: crate::Fraction::new(fy).unwrap() },
                crop: Crop::new(fraction(x.0), fraction(y.0), fraction(x.1), fraction(y.1)),
                format: Format::Png,
                quality: 100,
            };
            let plan = plan_transform(width, height, &transform);
            prop_assert!((1..=MAX_SIDE).contains(&plan.across) && (1..=MAX_SIDE).contains(&plan.down));
            if !(cover && w.is_some() && h.is_some()) {
                prop_assert!(plan.across <= width && plan.down <= height);
            }
            let mut stored = image::DynamicImage::new_luma8(2, 1);
            stored.apply_orientation(orientation);
            let (across, down) = if stored.width() == 2 { (width, height) } else { (height, width) };
            let part = plan.stored_part(orientation, (width, height));
            prop_assert!(part.left >= 0.0 && part.top >= 0.0 && part.width >= 1.0 && part.height >= 1.0);
            prop_assert!(part.left + part.width <= f64::from(across), "{part:?}");
            prop_assert!(part.top + part.height <= f64::from(down), "{part:?}");
        }

        #[test]
        fn variants_fit_their_boxes(width in 1u32.., height in 1u32..) {
            for (name, (w, h)) in variant_sizes(width, height) {
                let (_, across, down) = VARIANT_BOXES.iter().find(|b| b.0 == name).unwrap();
                prop_assert!((1..=*across).contains(&w) && (1..=*down).contains(&h));
                prop_assert!(w <= width && h <= height);
                prop_assert!(w == *across || h == *down);
            }
        }
    }
}
