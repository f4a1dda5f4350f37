//! Moving pictures in other sizes: GIFs, WebPs and PNGs of several frames, with the same movement.
//!
//! A file is looked through before any frame is decoded ([`survey`]): how many frames it has, and how many pixels they take. One
//! that is beyond the limits, or is damaged, has no other sizes; its own is what everybody gets.

mod canvas;
mod facts;
mod frames;
mod output;
mod survey;
mod webp_file;

use super::errors::library_error;
use super::fit::PicturePart;
use super::inspect::PictureHeader;
use super::render::in_srgb;
pub(super) use facts::{Animation, MovingFormat};
use fast_image_resize::Resizer;
use frames::FrameReader;
use image::{DynamicImage, ImageFormat, ImageResult, RgbaImage};
use output::MovingPicture;
use std::path::Path;
pub(super) use survey::survey_animation;

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
