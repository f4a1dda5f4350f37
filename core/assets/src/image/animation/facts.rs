//! Facts about an animation before it is resized, and the formats that movement is written in.

use super::webp_file::WebPFrame;
use crate::{Format, Transform};
use image::ImageFormat;
use std::num::NonZeroU32;

/// Most frames of an animation that is resized: more than half a minute at 30 a second.
pub(super) const MAX_FRAMES: u32 = 1_000;

/// Most pixels of one frame, and of the whole picture, of an animation that is resized.
pub(super) const MAX_FRAME_PIXELS: u64 = 16_000_000;

/// Most pixels of all frames together, as decoded: a few seconds of one core.
pub(super) const MAX_SOURCE_PIXELS: u64 = 200_000_000;

/// Most pixels of all frames together, in another size: some seconds of one core.
const MAX_RESULT_PIXELS: u64 = 40_000_000;

/// Facts about an animation that may be resized.
#[derive(Debug, Clone)]
pub(in crate::image) struct Animation {
    /// Number of frames.
    pub(super) frames: u32,
    /// How often it plays; `None`: for ever.
    pub(super) plays: Option<NonZeroU32>,
    /// Pixels of the largest frame, or of the picture if that is larger.
    pub(super) largest_frame: u64,
    /// The frames of a WebP by their positions in the file; empty for other formats.
    pub(super) webp_frames: Vec<WebPFrame>,
}

impl Animation {
    /// True if it is resized to this size.
    pub(in crate::image) fn fits(&self, (across, down): (u32, u32)) -> bool {
        u64::from(self.frames) * u64::from(across) * u64::from(down) <= MAX_RESULT_PIXELS
    }

    /// How much memory resizing to these sizes takes at its worst.
    pub(in crate::image) fn working_bytes(&self, sizes: &[(u32, u32)], format: MovingFormat) -> u64 {
        // The picture, the frame, what the frame covers, and the frame as its decoder has it.
        let decoding = self.largest_frame * 16;
        let result = |&(across, down): &(u32, u32)| {
            let pixels = u64::from(across) * u64::from(down);
            // A frame in two forms, the one before it and its encoder's; and what has been encoded.
            pixels * 40 + pixels * u64::from(self.frames) * format.bytes_per_pixel()
        };
        decoding + sizes.iter().map(result).sum::<u64>()
    }
}

/// A format that movement is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::image) enum MovingFormat {
    Gif,
    Png,
    WebP { quality: u8 },
}

impl MovingFormat {
    /// The format of a transform; `None` for one that has no movement.
    pub(in crate::image) fn from_transform(transform: &Transform) -> Option<MovingFormat> {
        match transform.format {
            Format::Gif => Some(MovingFormat::Gif),
            Format::WebP => Some(MovingFormat::WebP { quality: transform.quality.clamp(1, 100) }),
            Format::Jpeg | Format::Png | Format::Avif => None,
        }
    }

    /// The format of the variants of a picture: its own.
    pub(in crate::image) fn from_source(format: ImageFormat) -> Option<MovingFormat> {
        match format {
            ImageFormat::Gif => Some(MovingFormat::Gif),
            ImageFormat::Png => Some(MovingFormat::Png),
            ImageFormat::WebP => Some(MovingFormat::WebP { quality: Format::WebP.usual_quality() }),
            _ => None,
        }
    }

    /// Most bytes that an encoded pixel takes.
    fn bytes_per_pixel(self) -> u64 {
        match self {
            MovingFormat::Gif | MovingFormat::WebP { .. } => 1,
            MovingFormat::Png => 4,
        }
    }
}
