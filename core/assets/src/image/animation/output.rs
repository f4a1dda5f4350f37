//! An animation while it is written: of each frame only the rectangle that changes.

use super::canvas::FramePlace;
use super::facts::{Animation, MovingFormat};
use super::webp_file::WebPWriter;
use crate::image::errors::library_error;
use image::{GenericImageView, ImageResult, Rgba, RgbaImage};
use std::num::NonZeroU32;

/// 1 to 30, 30 being the fastest: which part of the pixels the colours of a GIF's frame are found from.
const PALETTE_SPEED: i32 = 10;

/// Least opacity of a pixel that is opaque in a GIF, which knows nothing in between.
const MIN_OPAQUE: u8 = 128;

/// Shortest delay in a GIF that browsers take at its word, in hundredths of a second.
const MIN_GIF_DELAY: u64 = 2;

/// An animation that is being encoded.
pub(super) struct MovingPicture<'b> {
    writer: FrameWriter<'b>,
    /// The picture as it is before the frame that waits; `None` before the first one.
    shown: Option<RgbaImage>,
    /// The frame that waits for the next, and how long it is seen in milliseconds. How it goes depends on what comes.
    waiting: Option<(RgbaImage, u32)>,
}

enum FrameWriter<'b> {
    Gif { encoder: gif::Encoder<&'b mut Vec<u8>>, elapsed: u64, written: u64 },
    Png(png::Writer<&'b mut Vec<u8>>),
    WebP(WebPWriter<'b>),
}

impl<'b> MovingPicture<'b> {
    /// Starts one of that size.
    pub(super) fn new(
        bytes: &'b mut Vec<u8>,
        (width, height): (u32, u32),
        animation: &Animation,
        format: MovingFormat,
    ) -> ImageResult<MovingPicture<'b>> {
        let plays = animation.plays.map_or(0, NonZeroU32::get);
        let writer = match format {
            MovingFormat::Gif => {
                let side = |side: u32| u16::try_from(side).map_err(library_error);
                let mut encoder = gif::Encoder::new(bytes, side(width)?, side(height)?, &[]).map_err(library_error)?;
                let repeat = match animation.plays {
                    None => gif::Repeat::Infinite,
                    Some(plays) => gif::Repeat::Finite(u16::try_from(plays.get() - 1).unwrap_or(u16::MAX)),
                };
                encoder.set_repeat(repeat).map_err(library_error)?;
                FrameWriter::Gif { encoder, elapsed: 0, written: 0 }
            }
            MovingFormat::Png => {
                let mut encoder = png::Encoder::new(bytes, width, height);
                encoder.set_color(png::ColorType::Rgba);
                encoder.set_depth(png::BitDepth::Eight);
                encoder.set_compression(png::Compression::Fast);
                encoder.set_animated(animation.frames, plays).map_err(library_error)?;
                FrameWriter::Png(encoder.write_header().map_err(library_error)?)
            }
            MovingFormat::WebP { quality } => {
                FrameWriter::WebP(WebPWriter::new(bytes, (width, height), plays, quality))
            }
        };
        Ok(MovingPicture { writer, shown: None, waiting: None })
    }

    /// Takes the next frame, which is seen for so many milliseconds.
    pub(super) fn push_frame(&mut self, mut frame: RgbaImage, delay: u32) -> ImageResult<()> {
        if matches!(self.writer, FrameWriter::Gif { .. }) {
            make_opaque_or_clear(&mut frame);
        }
        self.write_waiting(Some(&frame))?;
        self.waiting = Some((frame, delay));
        Ok(())
    }

    /// Writes the last frame, and the end.
    pub(super) fn finish(mut self) -> ImageResult<()> {
        self.write_waiting(None)?;
        match self.writer {
            // The GIF encoder writes the end of the file when it is dropped.
            FrameWriter::Gif { encoder, .. } => drop(encoder),
            FrameWriter::Png(writer) => writer.finish().map_err(library_error)?,
            FrameWriter::WebP(writer) => writer.finish()?,
        }
        Ok(())
    }

    fn write_waiting(&mut self, next: Option<&RgbaImage>) -> ImageResult<()> {
        let Some((frame, delay)) = self.waiting.take() else { return Ok(()) };
        match &mut self.writer {
            FrameWriter::Gif { encoder, elapsed, written } => {
                // A frame of a GIF cannot make transparent what is below it: the one before has to go first.
                let goes = next.is_some_and(|next| makes_transparent(&frame, next));
                let place = if goes { whole_place(&frame) } else { changed_place(self.shown.as_ref(), &frame, 1) };
                let mut pixels = cut_out(&frame, place);
                if let Some(shown) = &self.shown {
                    leave_out_unchanged(&mut pixels, &cut_out(shown, place));
                }
                *elapsed += u64::from(delay);
                let hundredths = ((*elapsed + 5) / 10).saturating_sub(*written).clamp(MIN_GIF_DELAY, u16::MAX.into());
                *written += hundredths;
                let short = |number: u32| u16::try_from(number).map_err(library_error);
                let (width, height) = (short(place.width)?, short(place.height)?);
                let mut encoded = gif::Frame::from_rgba_speed(width, height, &mut pixels, PALETTE_SPEED);
                (encoded.left, encoded.top) = (short(place.left)?, short(place.top)?);
                encoded.delay = u16::try_from(hundredths).unwrap_or(u16::MAX);
                encoded.dispose = if goes { gif::DisposalMethod::Background } else { gif::DisposalMethod::Keep };
                encoder.write_frame(&encoded).map_err(library_error)?;
                self.shown = Some(if goes { RgbaImage::new(frame.width(), frame.height()) } else { frame });
            }
            FrameWriter::Png(writer) => {
                let place = changed_place(self.shown.as_ref(), &frame, 1);
                write_png_frame(writer, place, &cut_out(&frame, place), delay).map_err(library_error)?;
                self.shown = Some(frame);
            }
            FrameWriter::WebP(writer) => {
                let place = changed_place(self.shown.as_ref(), &frame, 2);
                writer.write_frame(place, &cut_out(&frame, place), delay)?;
                self.shown = Some(frame);
            }
        }
        Ok(())
    }
}

fn write_png_frame(
    writer: &mut png::Writer<&mut Vec<u8>>,
    place: FramePlace,
    pixels: &RgbaImage,
    delay: u32,
) -> Result<(), png::EncodingError> {
    // From the corner: the sides are checked against the position, and it against them.
    writer.set_frame_position(0, 0)?;
    writer.set_frame_dimension(place.width, place.height)?;
    writer.set_frame_position(place.left, place.top)?;
    let (amount, unit) = match u16::try_from(delay) {
        Ok(milliseconds) => (milliseconds, 1000),
        Err(_) => (u16::try_from(delay / 1000).unwrap_or(u16::MAX), 1),
    };
    writer.set_frame_delay(amount, unit)?;
    writer.set_blend_op(png::BlendOp::Source)?;
    writer.set_dispose_op(png::DisposeOp::None)?;
    writer.write_image_data(pixels)
}

fn whole_place(frame: &RgbaImage) -> FramePlace {
    FramePlace { left: 0, top: 0, width: frame.width(), height: frame.height() }
}

/// The rectangle in which two pictures of one size differ, with its left and upper edge at a multiple of `step`; one pixel where they
/// do not, so that no frame is lost, and all of the first.
fn changed_place(shown: Option<&RgbaImage>, frame: &RgbaImage, step: u32) -> FramePlace {
    let Some(shown) = shown else { return whole_place(frame) };
    let (mut left, mut top, mut right, mut bottom) = (u32::MAX, u32::MAX, 0, 0);
    for (y, (before, after)) in (0_u32..).zip(shown.rows().zip(frame.rows())) {
        for (x, (before, after)) in (0_u32..).zip(before.zip(after)) {
            if before != after {
                (left, right) = (left.min(x), right.max(x + 1));
                (top, bottom) = (top.min(y), bottom.max(y + 1));
            }
        }
    }
    if left >= right {
        return FramePlace { left: 0, top: 0, width: 1, height: 1 };
    }
    (left, top) = (left - left % step, top - top % step);
    FramePlace { left, top, width: right - left, height: bottom - top }
}

fn cut_out(frame: &RgbaImage, place: FramePlace) -> RgbaImage {
    frame.view(place.left, place.top, place.width, place.height).to_image()
}

fn make_opaque_or_clear(frame: &mut RgbaImage) {
    for pixel in frame.pixels_mut() {
        if pixel.0[3] < MIN_OPAQUE { *pixel = Rgba([0; 4]) } else { pixel.0[3] = u8::MAX }
    }
}

fn makes_transparent(frame: &RgbaImage, next: &RgbaImage) -> bool {
    frame.pixels().zip(next.pixels()).any(|(before, after)| before.0[3] > after.0[3])
}

/// Makes the pixels transparent that are as they were: what is below is seen, and they take no bytes.
fn leave_out_unchanged(pixels: &mut RgbaImage, shown: &RgbaImage) {
    for (pixel, before) in pixels.pixels_mut().zip(shown.pixels()) {
        if pixel == before {
            *pixel = Rgba([0; 4]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_rectangle_is_the_smallest_that_holds_all_differences() {
        let before = RgbaImage::new(10, 8);
        let mut after = before.clone();
        let place = |left, top, width, height| FramePlace { left, top, width, height };
        assert_eq!(changed_place(None, &after, 2), place(0, 0, 10, 8));
        assert_eq!(changed_place(Some(&before), &after, 2), place(0, 0, 1, 1));
        after.put_pixel(3, 5, Rgba([1; 4]));
        assert_eq!(changed_place(Some(&before), &after, 1), place(3, 5, 1, 1));
        assert_eq!(changed_place(Some(&before), &after, 2), place(2, 4, 2, 2));
        after.put_pixel(9, 0, Rgba([1; 4]));
        assert_eq!(changed_place(Some(&before), &after, 2), place(2, 0, 8, 6));
    }

    #[test]
    fn pixels_of_a_gif_are_opaque_or_clear() {
        let mut frame = RgbaImage::from_raw(2, 1, vec![9, 9, 9, 127, 9, 9, 9, 128]).unwrap();
        make_opaque_or_clear(&mut frame);
        assert_eq!(frame.into_raw(), [0, 0, 0, 0, 9, 9, 9, 255]);
    }
}
