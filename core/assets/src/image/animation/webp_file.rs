//! The container of animated WebPs: where its frames are, each of them as a still picture for the decoder, and how it is written.
//!
//! The decoder sees no byte that was not looked at here, so that a frame cannot claim to be larger than the picture.

use super::canvas::FramePlace;
use super::facts::Animation;
use super::survey::{FrameTotals, read_bytes};
use crate::image::errors::library_error;
use image::ImageResult;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

/// Most chunks that are looked at.
const MAX_CHUNKS: u32 = 65_536;

/// Most bytes of a frame beside what its pixels explain.
const MAX_EXTRA_BYTES: u64 = 1 << 20;

/// Flags of the extended header.
const HAS_ALPHA: u8 = 0x10;
const HAS_ANIMATION: u8 = 0x02;

/// Flags of a frame.
const DOES_NOT_BLEND: u8 = 0x02;
const CLEARS: u8 = 0x01;

/// Bytes of a frame's chunk before its picture.
const FRAME_HEADER_BYTES: u64 = 16;

/// Where the flags of the extended header are in a file.
const FLAGS_POSITION: usize = 20;

/// A frame, and where its picture is in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct WebPFrame {
    pub(super) place: FramePlace,
    /// In milliseconds.
    pub(super) delay: u32,
    pub(super) blends: bool,
    pub(super) clears: bool,
    start: u64,
    length: u64,
    has_alpha_chunk: bool,
}

/// The frames of a file; `None` for one that is too large or not in order.
pub(super) fn survey_webp(mut file: BufReader<File>) -> ImageResult<Option<Animation>> {
    let total = file.get_ref().metadata()?.len();
    file.seek(SeekFrom::Start(12))?;
    let mut totals = None;
    let mut plays = 1;
    let mut frames = Vec::new();
    for _ in 0..MAX_CHUNKS {
        let position = file.stream_position()?;
        if position + 8 > total {
            break;
        }
        let (name, size) = read_chunk_header(&mut file)?;
        match &name {
            b"VP8X" => {
                let _flags: [u8; 4] = read_bytes(&mut file)?;
                totals = FrameTotals::new(read_u24(&mut file)? + 1, read_u24(&mut file)? + 1);
                if totals.is_none() {
                    return Ok(None);
                }
            }
            b"ANIM" => {
                let _background: [u8; 4] = read_bytes(&mut file)?;
                plays = u32::from(u16::from_le_bytes(read_bytes(&mut file)?));
            }
            b"ANMF" => {
                let Some(frame) = read_frame_header(&mut file, position + 8, size)? else { return Ok(None) };
                let FramePlace { width, height, .. } = frame.place;
                if totals.as_mut().and_then(|totals: &mut FrameTotals| totals.add_frame(width, height)).is_none() {
                    return Ok(None);
                }
                frames.push(frame);
            }
            _ => {}
        }
        file.seek(SeekFrom::Start(position + 8 + size + (size & 1)))?;
    }
    let animation = totals.and_then(|totals| totals.into_animation(plays));
    Ok(animation.map(|animation| Animation { webp_frames: frames, ..animation }))
}

/// Reads what a frame says of itself; `None` where its picture says otherwise.
fn read_frame_header(file: &mut BufReader<File>, start: u64, size: u64) -> io::Result<Option<WebPFrame>> {
    let (left, top) = (read_u24(file)? * 2, read_u24(file)? * 2);
    let (width, height) = (read_u24(file)? + 1, read_u24(file)? + 1);
    let delay = read_u24(file)?;
    let [flags] = read_bytes(file)?;
    let Some(length) = size.checked_sub(FRAME_HEADER_BYTES) else { return Ok(None) };
    if length > u64::from(width) * u64::from(height) * 8 + MAX_EXTRA_BYTES {
        return Ok(None);
    }
    let (mut name, mut chunk_size) = read_chunk_header(file)?;
    let has_alpha_chunk = &name == b"ALPH";
    if has_alpha_chunk {
        file.seek_relative(i64::try_from(chunk_size + (chunk_size & 1)).unwrap_or(i64::MAX))?;
        (name, chunk_size) = read_chunk_header(file)?;
    }
    let sides = match &name {
        b"VP8 " if chunk_size >= 10 => {
            let [_, _, _, _, _, _, a, b, c, d] = read_bytes(file)?;
            let side = |bytes| u32::from(u16::from_le_bytes(bytes) & 0x3fff);
            (side([a, b]), side([c, d]))
        }
        b"VP8L" if chunk_size >= 5 && !has_alpha_chunk => {
            let [_, a, b, c, d] = read_bytes(file)?;
            let header = u32::from_le_bytes([a, b, c, d]);
            ((header & 0x3fff) + 1, (header >> 14 & 0x3fff) + 1)
        }
        _ => return Ok(None),
    };
    Ok((sides == (width, height)).then_some(WebPFrame {
        place: FramePlace { left, top, width, height },
        delay,
        blends: flags & DOES_NOT_BLEND == 0,
        clears: flags & CLEARS != 0,
        start: start + FRAME_HEADER_BYTES,
        length,
        has_alpha_chunk,
    }))
}

impl WebPFrame {
    /// The frame as a file of its own.
    pub(super) fn read_still(&self, file: &mut (impl Read + Seek)) -> ImageResult<Vec<u8>> {
        let mut still = start_file();
        if self.has_alpha_chunk {
            write_extended_header(&mut still, HAS_ALPHA, self.place.width, self.place.height);
        }
        file.seek(SeekFrom::Start(self.start))?;
        file.take(self.length).read_to_end(&mut still)?;
        end_file(&mut still)?;
        Ok(still)
    }
}

/// An animated file while it is written.
pub(super) struct WebPWriter<'b> {
    bytes: &'b mut Vec<u8>,
    quality: u8,
}

impl<'b> WebPWriter<'b> {
    /// Starts a file of that size.
    pub(super) fn new(bytes: &'b mut Vec<u8>, (width, height): (u32, u32), plays: u32, quality: u8) -> WebPWriter<'b> {
        *bytes = start_file();
        write_extended_header(bytes, HAS_ANIMATION, width, height);
        // The background is transparent; nothing of it is seen.
        write_chunk(bytes, b"ANIM", &[&[0; 4][..], &u16::try_from(plays).unwrap_or(u16::MAX).to_le_bytes()].concat());
        WebPWriter { bytes, quality }
    }

    /// Writes a frame that replaces what is below it. Its left and upper edge have even numbers.
    pub(super) fn write_frame(&mut self, place: FramePlace, pixels: &image::RgbaImage, delay: u32) -> ImageResult<()> {
        let FramePlace { left, top, width, height } = place;
        let opaque = pixels.pixels().all(|pixel| pixel.0[3] == u8::MAX);
        let still = encode_still(pixels, opaque, self.quality)?;
        let mut frame = Vec::with_capacity(still.len() + FRAME_HEADER_BYTES as usize);
        for number in [left / 2, top / 2, width - 1, height - 1, delay.min(0xff_ffff)] {
            frame.extend_from_slice(&number.to_le_bytes()[..3]);
        }
        frame.push(DOES_NOT_BLEND);
        let mut rest = still.get(12..).unwrap_or_default();
        while let Some((header, behind)) = rest.split_at_checked(8) {
            let size = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
            let content = behind.get(..size).ok_or_else(|| library_error("libwebp: a chunk is cut off"))?;
            let name = [header[0], header[1], header[2], header[3]];
            if matches!(&name, b"ALPH" | b"VP8 " | b"VP8L") {
                write_chunk(&mut frame, &name, content);
            }
            rest = behind.get(size + (size & 1)..).unwrap_or_default();
        }
        if !opaque && let Some(flags) = self.bytes.get_mut(FLAGS_POSITION) {
            *flags |= HAS_ALPHA;
        }
        write_chunk(self.bytes, b"ANMF", &frame);
        Ok(())
    }

    pub(super) fn finish(self) -> ImageResult<()> {
        end_file(self.bytes)
    }
}

/// A still picture by libwebp, whose decoder is never called; faster, and a little larger, than one that stands alone.
fn encode_still(pixels: &image::RgbaImage, opaque: bool, quality: u8) -> ImageResult<webp::WebPMemory> {
    let mut config = webp::WebPConfig::new().map_err(|()| library_error("libwebp: no configuration"))?;
    config.quality = f32::from(quality);
    config.alpha_compression = 1;
    config.method = 2;
    let (width, height) = pixels.dimensions();
    let encoded = if opaque {
        let rgb: Vec<u8> = pixels.pixels().flat_map(|pixel| [pixel.0[0], pixel.0[1], pixel.0[2]]).collect();
        webp::Encoder::from_rgb(&rgb, width, height).encode_advanced(&config)
    } else {
        webp::Encoder::from_rgba(pixels, width, height).encode_advanced(&config)
    };
    encoded.map_err(|error| library_error(format!("libwebp: {error:?}")))
}

fn start_file() -> Vec<u8> {
    b"RIFF\0\0\0\0WEBP".to_vec()
}

/// Writes how long the file has become.
fn end_file(bytes: &mut [u8]) -> ImageResult<()> {
    let length = u32::try_from(bytes.len().saturating_sub(8)).map_err(library_error)?;
    if let Some(place) = bytes.get_mut(4..8) {
        place.copy_from_slice(&length.to_le_bytes());
    }
    Ok(())
}

fn write_extended_header(bytes: &mut Vec<u8>, flags: u8, width: u32, height: u32) {
    let [w0, w1, w2, _] = (width - 1).to_le_bytes();
    let [h0, h1, h2, _] = (height - 1).to_le_bytes();
    write_chunk(bytes, b"VP8X", &[flags, 0, 0, 0, w0, w1, w2, h0, h1, h2]);
}

fn write_chunk(bytes: &mut Vec<u8>, name: &[u8; 4], content: &[u8]) {
    bytes.extend_from_slice(name);
    // The length always fits: the pixels of a picture make no longer chunk.
    bytes.extend_from_slice(&u32::try_from(content.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend_from_slice(content);
    bytes.extend_from_slice(&[0][..content.len() % 2]);
}

fn read_chunk_header(file: &mut impl Read) -> io::Result<([u8; 4], u64)> {
    let name = read_bytes(file)?;
    Ok((name, u64::from(u32::from_le_bytes(read_bytes(file)?))))
}

fn read_u24(file: &mut impl Read) -> io::Result<u32> {
    let [a, b, c] = read_bytes(file)?;
    Ok(u32::from_le_bytes([a, b, c, 0]))
}
