//! Moving pictures in other sizes: GIFs, WebPs and PNGs of several frames, with the same movement.
//!
//! A file is looked through before any frame is decoded ([`survey`]): how many frames it has, and how many pixels they take. One
//! that is beyond the limits, or is damaged, has no other sizes; its own is what everybody gets.

mod canvas;
mod frames;
mod output;
mod survey;
mod webp_file;

use super::fit::PicturePart;
use super::render::in_srgb;
use super::{PictureHeader, library_error};
use crate::{Format, Transform};
use fast_image_resize::Resizer;
use frames::FrameReader;
use image::{DynamicImage, ImageFormat, ImageResult, RgbaImage};
use output::MovingPicture;
use std::num::NonZeroU32;
use std::path::Path;
pub(super) use survey::survey_animation;
use webp_file::WebPFrame;

/// Most frames of an animation that is resized: more than half a minute at 30 a second.
const MAX_FRAMES: u32 = 1_000;

/// Most pixels of one frame, and of the whole picture, of an animation that is resized.
const MAX_FRAME_PIXELS: u64 = 16_000_000;

/// Most pixels of all frames together, as decoded: a few seconds of one core.
const MAX_SOURCE_PIXELS: u64 = 200_000_000;

/// Most pixels of all frames together, in another size: some seconds of one core.
const MAX_RESULT_PIXELS: u64 = 40_000_000;

/// Facts about an animation that may be resized.
#[derive(Debug, Clone)]
pub(super) struct Animation {
    /// Number of frames.
    frames: u32,
    /// How often it plays; `None`: for ever.
    plays: Option<NonZeroU32>,
    /// Pixels of the largest frame, or of the picture if that is larger.
    largest_frame: u64,
    /// The frames of a WebP by their positions in the file; empty for other formats.
    webp_frames: Vec<WebPFrame>,
}

impl Animation {
    /// True if it is resized to this size.
    pub(super) fn fits(&self, (across, down): (u32, u32)) -> bool {
        u64::from(self.frames) * u64::from(across) * u64::from(down) <= MAX_RESULT_PIXELS
    }

    /// How much memory resizing to these sizes takes at its worst.
    pub(super) fn working_bytes(&self, sizes: &[(u32, u32)], format: MovingFormat) -> u64 {
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
pub(super) enum MovingFormat {
    Gif,
    Png,
    WebP { quality: u8 },
}

impl MovingFormat {
    /// The format of a transform; `None` for one that has no movement.
    pub(super) fn from_transform(transform: &Transform) -> Option<MovingFormat> {
        match transform.format {
            Format::Gif => Some(MovingFormat::Gif),
            Format::WebP => Some(MovingFormat::WebP { quality: transform.quality.clamp(1, 100) }),
            Format::Jpeg | Format::Png | Format::Avif => None,
        }
    }

    /// The format of the variants of a picture: its own.
    pub(super) fn from_source(format: ImageFormat) -> Option<MovingFormat> {
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

/// A part of an animation in another size, both as stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct MovingSize {
    pub(super) part: PicturePart,
    pub(super) across: u32,
    pub(super) down: u32,
}

/// Makes animations of another; each frame is decoded once. In sRGB, upright, and with nothing that is not needed to show them.
///
/// # Errors
/// The file cannot be read to its end.
pub(super) fn render_animation(
    path: &Path,
    format: ImageFormat,
    header: &PictureHeader,
    animation: &Animation,
    sizes: &[MovingSize],
    target: MovingFormat,
) -> ImageResult<Vec<Vec<u8>>> {
    let mut reader = FrameReader::open(path, format, header, animation)?;
    let mut encoded = vec![Vec::new(); sizes.len()];
    let mut pictures = Vec::with_capacity(sizes.len());
    for (bytes, size) in encoded.iter_mut().zip(sizes) {
        let seen_size = header.swap_sides((size.across, size.down));
        pictures.push(MovingPicture::new(bytes, seen_size, animation, target)?);
    }
    let mut resizer = Resizer::new();
    let mut count = 0;
    while let Some(delay) = reader.read_frame()? {
        count += 1;
        for (picture, size) in pictures.iter_mut().zip(sizes) {
            let mut frame = RgbaImage::new(size.across, size.down);
            resizer.resize(reader.canvas(), &mut frame, &size.part.cut_out()).map_err(library_error)?;
            let mut frame = DynamicImage::from(frame);
            if let Some(profile) = header.profile.as_deref() {
                frame = in_srgb(&frame, profile).unwrap_or(frame);
            }
            frame.apply_orientation(header.orientation);
            picture.push_frame(frame.into_rgba8(), delay)?;
        }
    }
    if count != animation.frames {
        return Err(library_error("the animation has other frames than it announces"));
    }
    pictures.into_iter().try_for_each(MovingPicture::finish)?;
    Ok(encoded)
}
