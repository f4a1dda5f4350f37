//! The frames of an animation, one after the other, each as the whole picture is seen then.

use super::canvas::{Canvas, FrameBlending, FrameDisposal, FramePlace};
use super::facts::Animation;
use super::webp_file::WebPFrame;
use crate::image::errors::library_error;
use crate::image::inspect::PictureHeader;
use crate::image::open::{WebP, decode_pixels, gif_options, open_png};
use image::{ImageFormat, ImageResult, RgbaImage};
use std::fs::File;
use std::io::{BufReader, Cursor};
use std::path::Path;

/// Longest delay in milliseconds that browsers do not take at its word: they show such a frame for [`PLAYED_DELAY`].
const IGNORED_DELAY: u32 = 10;
const PLAYED_DELAY: u32 = 100;

/// Reads frames, and draws them.
pub(super) struct FrameReader {
    canvas: Canvas,
    source: FrameSource,
}

enum FrameSource {
    Gif { decoder: Box<gif::Decoder<BufReader<File>>>, pixels: Vec<u8> },
    Png { reader: Box<png::Reader<BufReader<File>>>, pixels: Vec<u8>, remaining: u32 },
    WebP { file: BufReader<File>, frames: std::vec::IntoIter<WebPFrame> },
}

/// A decoded frame.
struct DecodedFrame<'p> {
    place: FramePlace,
    /// Pixels as RGBA, row by row.
    pixels: &'p [u8],
    blending: FrameBlending,
    disposal: FrameDisposal,
    /// In milliseconds.
    delay: u32,
}

impl FrameReader {
    pub(super) fn open(
        path: &Path,
        format: ImageFormat,
        header: &PictureHeader,
        animation: &Animation,
    ) -> ImageResult<FrameReader> {
        let file = BufReader::new(File::open(path)?);
        let source = match format {
            ImageFormat::Gif => {
                let mut options = gif_options();
                options.set_color_output(gif::ColorOutput::RGBA);
                let decoder = Box::new(options.read_info(file).map_err(library_error)?);
                FrameSource::Gif { decoder, pixels: Vec::new() }
            }
            ImageFormat::Png => {
                let everything_in_bytes = png::Transformations::STRIP_16 | png::Transformations::ALPHA;
                let mut reader = open_png(file, png::Transformations::EXPAND | everything_in_bytes)?;
                let length = reader.output_buffer_size().ok_or_else(|| library_error("the picture is too large"))?;
                let mut pixels = vec![0; length];
                if reader.info().frame_control().is_none() {
                    // A picture for programs that know no animations, and none of its frames.
                    reader.next_frame(&mut pixels).map_err(library_error)?;
                }
                FrameSource::Png { reader: Box::new(reader), pixels, remaining: animation.frames }
            }
            ImageFormat::WebP => FrameSource::WebP { file, frames: animation.webp_frames.clone().into_iter() },
            other => return Err(library_error(format!("{other:?} has no frames"))),
        };
        Ok(FrameReader { canvas: Canvas::new(header.width, header.height), source })
    }

    /// Draws the next frame; the milliseconds that it is seen for, or `None` behind the last.
    pub(super) fn read_frame(&mut self) -> ImageResult<Option<u32>> {
        let decoded;
        let frame = match &mut self.source {
            FrameSource::Gif { decoder, pixels } => read_gif_frame(decoder, pixels)?,
            FrameSource::Png { remaining: 0, .. } => None,
            FrameSource::Png { reader, pixels, remaining } => {
                *remaining -= 1;
                decoded = read_png_frame(reader, pixels)?;
                Some(DecodedFrame { pixels: &decoded.1, ..decoded.0 })
            }
            FrameSource::WebP { file, frames } => match frames.next() {
                None => None,
                Some(frame) => {
                    let picture = decode_pixels(WebP::new(Cursor::new(frame.read_still(file)?))?)?.into_rgba8();
                    let WebPFrame { place, delay, .. } = frame;
                    if picture.dimensions() != (place.width, place.height) {
                        return Err(library_error("a frame has another size than it says"));
                    }
                    let blending = if frame.blends { FrameBlending::Over } else { FrameBlending::Replace };
                    let disposal = if frame.clears { FrameDisposal::Clear } else { FrameDisposal::Keep };
                    decoded = (DecodedFrame { place, pixels: &[], blending, disposal, delay }, picture.into_raw());
                    Some(DecodedFrame { pixels: &decoded.1, ..decoded.0 })
                }
            },
        };
        let Some(DecodedFrame { place, pixels, blending, disposal, delay }) = frame else { return Ok(None) };
        self.canvas.draw_frame(place, pixels, blending, disposal);
        Ok(Some(if delay <= IGNORED_DELAY { PLAYED_DELAY } else { delay }))
    }

    /// The picture as it is seen with the frame that was read last.
    pub(super) fn canvas(&self) -> &RgbaImage {
        self.canvas.image()
    }
}

fn read_gif_frame<'p>(
    decoder: &mut gif::Decoder<BufReader<File>>,
    pixels: &'p mut Vec<u8>,
) -> ImageResult<Option<DecodedFrame<'p>>> {
    let frame = match decoder.next_frame_info() {
        Ok(Some(frame)) => frame,
        Ok(None) | Err(gif::DecodingError::UnexpectedEof) => return Ok(None),
        Err(error) => return Err(library_error(error)),
    };
    let place = FramePlace {
        left: frame.left.into(),
        top: frame.top.into(),
        width: frame.width.into(),
        height: frame.height.into(),
    };
    let (delay, disposal) = (u32::from(frame.delay) * 10, frame.dispose);
    pixels.resize(decoder.buffer_size(), 0);
    decoder.read_into_buffer(pixels).map_err(library_error)?;
    let disposal = match disposal {
        gif::DisposalMethod::Any | gif::DisposalMethod::Keep => FrameDisposal::Keep,
        // Browsers clear to transparency, whatever the background is said to be.
        gif::DisposalMethod::Background => FrameDisposal::Clear,
        gif::DisposalMethod::Previous => FrameDisposal::Restore,
    };
    Ok(Some(DecodedFrame { place, pixels, blending: FrameBlending::Over, disposal, delay }))
}

/// A frame without its pixels, and these.
fn read_png_frame(
    reader: &mut png::Reader<BufReader<File>>,
    buffer: &mut [u8],
) -> ImageResult<(DecodedFrame<'static>, Vec<u8>)> {
    let output = reader.next_frame(buffer).map_err(library_error)?;
    let control = reader.info().frame_control().ok_or_else(|| library_error("a frame says nothing of itself"))?;
    let read = buffer.get(..output.buffer_size()).unwrap_or_default();
    let pixels = match output.color_type {
        png::ColorType::Rgba => read.to_vec(),
        png::ColorType::GrayscaleAlpha => {
            let (pairs, _) = read.as_chunks::<2>();
            pairs.iter().flat_map(|[grey, alpha]| [*grey, *grey, *grey, *alpha]).collect()
        }
        other => return Err(library_error(format!("a frame of {other:?}"))),
    };
    let unit = u32::from(if control.delay_den == 0 { 100 } else { control.delay_den });
    let frame = DecodedFrame {
        place: FramePlace {
            left: control.x_offset,
            top: control.y_offset,
            width: control.width,
            height: control.height,
        },
        pixels: &[],
        blending: match control.blend_op {
            png::BlendOp::Source => FrameBlending::Replace,
            png::BlendOp::Over => FrameBlending::Over,
        },
        disposal: match control.dispose_op {
            png::DisposeOp::None => FrameDisposal::Keep,
            png::DisposeOp::Background => FrameDisposal::Clear,
            png::DisposeOp::Previous => FrameDisposal::Restore,
        },
        delay: (u32::from(control.delay_num) * 1000 + unit / 2) / unit,
    };
    Ok((frame, pixels))
}
