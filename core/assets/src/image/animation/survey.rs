//! Looks through an animation before any frame of it is decoded: no pixel is read, and nothing is kept but where the frames are.

use super::facts::{Animation, MAX_FRAME_PIXELS, MAX_FRAMES, MAX_SOURCE_PIXELS};
use super::webp_file;
use crate::image::errors::library_error;
use crate::image::open::gif_options;
use gif::DecodingError;
use image::{ImageFormat, ImageResult};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::num::NonZeroU32;
use std::path::Path;

/// Most chunks of a PNG that are looked at: an encoder writes one for each eight kilobytes or more.
const MAX_CHUNKS: u32 = 262_144;

/// Surveys an animation; `None` for one that is not resized, because it is too large or cannot be understood.
pub(in crate::image) fn survey_animation(path: &Path, format: ImageFormat) -> Option<Animation> {
    let file = File::open(path).map(BufReader::new).ok()?;
    let found = match format {
        ImageFormat::Gif => survey_gif(file),
        ImageFormat::Png => survey_png(file),
        ImageFormat::WebP => webp_file::survey_webp(file),
        _ => return None,
    };
    found.unwrap_or_else(|error| {
        tracing::info!(%error, "an animation cannot be read to its end; it is not resized");
        None
    })
}

/// The sizes of frames, added up as they are found.
#[derive(Default)]
pub(super) struct FrameTotals {
    frames: u32,
    picture: u64,
    largest: u64,
    pixels: u64,
}

impl FrameTotals {
    /// Of a picture of that size; `None` if it is too large.
    pub(super) fn new(width: u32, height: u32) -> Option<FrameTotals> {
        let picture = u64::from(width) * u64::from(height);
        let allowed = (1..=MAX_FRAME_PIXELS).contains(&picture);
        allowed.then_some(FrameTotals { picture, largest: picture, ..FrameTotals::default() })
    }

    /// Adds a frame of that size; `None` if that is too much. Whatever a frame covers, the whole picture is resized.
    pub(super) fn add_frame(&mut self, width: u32, height: u32) -> Option<()> {
        let pixels = u64::from(width) * u64::from(height);
        self.frames += 1;
        self.pixels += pixels.max(self.picture);
        self.largest = self.largest.max(pixels);
        let allowed = self.frames <= MAX_FRAMES && self.largest <= MAX_FRAME_PIXELS && self.pixels <= MAX_SOURCE_PIXELS;
        (allowed && pixels > 0).then_some(())
    }

    /// All frames were found.
    pub(super) fn into_animation(self, plays: u32) -> Option<Animation> {
        let plays = NonZeroU32::new(plays);
        let FrameTotals { frames, largest, .. } = self;
        (frames > 0).then_some(Animation { frames, plays, largest_frame: largest, webp_frames: Vec::new() })
    }
}

fn survey_gif(file: BufReader<File>) -> ImageResult<Option<Animation>> {
    let mut options = gif_options();
    options.skip_frame_decoding(true);
    let mut decoder = options.read_info(file).map_err(library_error)?;
    let Some(mut totals) = FrameTotals::new(decoder.width().into(), decoder.height().into()) else { return Ok(None) };
    loop {
        match decoder.next_frame_info() {
            Ok(Some(frame)) => {
                if totals.add_frame(frame.width.into(), frame.height.into()).is_none() {
                    return Ok(None);
                }
            }
            // Many files lack the byte that ends them.
            Ok(None) | Err(DecodingError::UnexpectedEof) => break,
            Err(error) => return Err(library_error(error)),
        }
    }
    Ok(totals.into_animation(match decoder.repeat() {
        gif::Repeat::Infinite => 0,
        gif::Repeat::Finite(repeats) => u32::from(repeats) + 1,
    }))
}

fn survey_png(mut file: BufReader<File>) -> ImageResult<Option<Animation>> {
    let mut totals = None;
    let (mut announced, mut plays) = (0, 0);
    file.seek(SeekFrom::Start(8))?;
    for _ in 0..MAX_CHUNKS {
        let length = u32::from_be_bytes(read_bytes(&mut file)?);
        let name: [u8; 4] = read_bytes(&mut file)?;
        let mut read = 0;
        let mut number = |file: &mut BufReader<File>| -> io::Result<u32> {
            read += 4;
            read_bytes(file).map(u32::from_be_bytes)
        };
        match &name {
            b"IHDR" => {
                let (width, height) = (number(&mut file)?, number(&mut file)?);
                totals = FrameTotals::new(width, height);
                if totals.is_none() {
                    return Ok(None);
                }
            }
            b"acTL" => (announced, plays) = (number(&mut file)?, number(&mut file)?),
            b"fcTL" => {
                let (_, width, height) = (number(&mut file)?, number(&mut file)?, number(&mut file)?);
                if totals.as_mut().and_then(|totals| totals.add_frame(width, height)).is_none() {
                    return Ok(None);
                }
            }
            b"IEND" => {
                return Ok(totals.filter(|totals| totals.frames == announced).and_then(|t| t.into_animation(plays)));
            }
            _ => {}
        }
        // The checksum stands behind the content.
        file.seek_relative(i64::from(length) - read + 4)?;
    }
    Ok(None)
}

pub(super) fn read_bytes<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
