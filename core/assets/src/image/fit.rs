//! Which smaller pictures are made of one, and how large they are.

/// The variants from the smallest to the largest: name, and the box in pixels that each fits in.
const BOXES: [(&str, u32, u32); 4] =
    [("thumbnail", 245, 156), ("small", 500, 500), ("medium", 750, 750), ("large", 1000, 1000)];

/// The variants of a picture of this size: each whose box the picture exceeds in either direction.
pub(super) fn variants(width: u32, height: u32) -> Vec<(&'static str, (u32, u32))> {
    BOXES
        .iter()
        .filter(|(_, across, down)| width > *across || height > *down)
        .map(|(name, across, down)| (*name, fit(width, height, *across, *down)))
        .collect()
}

/// The largest size with the picture's proportions that fits in a box; whole pixels, half a pixel rounds up, at least
/// one.
fn fit(width: u32, height: u32, across: u32, down: u32) -> (u32, u32) {
    // In whole numbers, because the products of two sides are exact there.
    if u64::from(width) * u64::from(down) > u64::from(across) * u64::from(height) {
        (across, scaled(height, across, width))
    } else {
        (scaled(width, down, height), down)
    }
}

/// `side * to / from`, rounded.
fn scaled(side: u32, to: u32, from: u32) -> u32 {
    let from = u64::from(from.max(1));
    let rounded = (2 * u64::from(side) * u64::from(to) + from) / (2 * from);
    u32::try_from(rounded).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes() {
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
            assert_eq!(variants(width, height), expected, "{width}×{height}");
        }
    }

    proptest! {
        #[test]
        fn variants_fit_their_boxes(width in 1u32.., height in 1u32..) {
            for (name, (w, h)) in variants(width, height) {
                let (_, across, down) = BOXES.iter().find(|b| b.0 == name).unwrap();
                prop_assert!((1..=*across).contains(&w) && (1..=*down).contains(&h));
                prop_assert!(w <= width && h <= height);
                prop_assert!(w == *across || h == *down);
            }
        }
    }
}
