//! Limits of what is decoded.

use super::budget::SharedBudget;
use crate::AssetError;

/// Most pixels of a picture that is decoded; one with more is refused.
pub const MAX_PIXELS: u64 = 100_000_000;

/// Most bytes of one decoded picture: [`MAX_PIXELS`] at four bytes each fit, at eight no longer.
pub(super) const MAX_DECODED_BYTES: u64 = 512 << 20;

/// Most bytes of an encoded picture. A larger file is kept as it is: some decoders read all of it into memory first.
pub(super) const MAX_ENCODED_BYTES: u64 = 512 << 20;

/// Longest colour profile that is carried over into each variant, in bytes. Those for screens have some hundreds to
/// thousands; long ones belong to printing.
pub(super) const MAX_PROFILE_BYTES: usize = 64 << 10;

/// Memory that all pictures being decoded share: 1 GiB.
pub(super) static DECODING_BUDGET: SharedBudget = SharedBudget::new(1 << 30);

pub(super) fn check_pixels(width: u32, height: u32, bytes_per_pixel: u64) -> Result<(), AssetError> {
    let pixels = u64::from(width) * u64::from(height);
    let limit = MAX_PIXELS.min(MAX_DECODED_BYTES / bytes_per_pixel.max(1));
    if pixels > limit { Err(AssetError::TooManyPixels { pixels, limit }) } else { Ok(()) }
}

pub(super) fn decoder_limits() -> image::Limits {
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    limits
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
}
