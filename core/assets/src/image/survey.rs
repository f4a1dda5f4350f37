//! Looks through files whose decoders take no limits, before these do: keeps nothing, and reads no more than the places of what stands
//! in them. What cannot be understood here is left to the decoder, which says what is wrong; what is refused is kept as a plain file.

use super::limits::MAX_PIXELS;
use super::open::{excessive_memory_error, gif_options};
use image::{ImageError, ImageFormat};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// Most bytes of a JPEG beside what its size explains: profiles have up to 16 MiB, depths and previews of phones some.
const MAX_EXTRA_BYTES: u64 = 16 << 20;

/// Most segments of a JPEG. A profile has up to 255.
const MAX_SEGMENTS: u32 = 65_536;

/// Most values of a tag that a TIFF's decoder reads: a place for each of a million tiles.
const MAX_TIFF_VALUES: u64 = 1 << 20;

/// Most chunks of a WebP that are looked at for the first frame.
const MAX_CHUNKS: u32 = 65_536;

/// Refuses a file whose decoder would take far more memory than its picture.
///
/// # Errors
/// It would, or cannot be read.
pub(super) fn check_memory(path: &Path, format: ImageFormat) -> Result<(), ImageError> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut file = BufReader::new(file);
    let modest = match format {
        ImageFormat::Jpeg => check_jpeg(&mut file, length),
        ImageFormat::Gif => Ok(check_gif(&mut file)),
        ImageFormat::Tiff => check_tiff(&mut file),
        ImageFormat::WebP => check_webp(&mut file),
        _ => Ok(true),
    };
    match modest {
        Ok(false) => Err(excessive_memory_error(format.extensions_str().first().unwrap_or(&""))),
        // A file that breaks off is for the decoder to judge.
        Ok(true) | Err(_) => Ok(()),
    }
}

fn read_number<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Segments up to the pixels, whose decoder keeps all of them, after the file as a whole.
fn check_jpeg(file: &mut BufReader<File>, length: u64) -> io::Result<bool> {
    let mut pixels = None::<u64>;
    let mut segments = 0;
    // Three times what is decoded is more than any encoder writes. What is too large to be decoded explains nothing.
    let explained = |pixels: Option<u64>| {
        let pixels = pixels.filter(|pixels| *pixels <= 4 * MAX_PIXELS).unwrap_or_default();
        pixels.saturating_mul(3).saturating_add(MAX_EXTRA_BYTES)
    };
    loop {
        // Between segments anything may stand; the decoder skips it.
        let skipped = file.skip_until(0xff)?;
        if skipped == 0 {
            return Ok(length <= explained(pixels));
        }
        let mut marker = 0xff;
        while marker == 0xff {
            [marker] = read_number(file)?;
        }
        if matches!(marker, 0 | 1 | 0xd0..=0xd8) {
            continue;
        }
        segments += 1;
        if segments > MAX_SEGMENTS || file.stream_position()? > MAX_EXTRA_BYTES.saturating_mul(2) {
            return Ok(false);
        }
        if matches!(marker, 0xd9 | 0xda) {
            return Ok(length <= explained(pixels));
        }
        let segment = u64::from(u16::from_be_bytes(read_number(file)?));
        let mut remaining = segment.saturating_sub(2);
        if matches!(marker, 0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc)) && remaining >= 6 {
            let [_, a, b, c, d, components] = read_number(file)?;
            remaining -= 6;
            let sides = u64::from(u16::from_be_bytes([a, b])) * u64::from(u16::from_be_bytes([c, d]));
            let these = sides * u64::from(components.min(4));
            pixels = Some(pixels.map_or(these, |others| others.min(these)));
        }
        file.seek_relative(remaining.try_into().map_err(io::Error::other)?)?;
    }
}

/// Checks that everything up to the first frame fits into the decoder's memory limit.
fn check_gif(file: &mut BufReader<File>) -> bool {
    let mut options = gif_options();
    options.skip_frame_decoding(true);
    let first = options.read_info(file).and_then(|mut frames| frames.next_frame_info().map(drop));
    !matches!(first, Err(gif::DecodingError::MemoryLimit))
}

/// The tags that the decoder reads by itself: size, samples, places and lengths of strips and tiles, colours.
const TIFF_TAGS: [u16; 16] = [256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 320, 322, 323, 324, 325, 347];

/// How many values the tags of the first directory have.
fn check_tiff(file: &mut BufReader<File>) -> io::Result<bool> {
    let order: [u8; 2] = read_number(file)?;
    let little = &order == b"II";
    let short = |file: &mut BufReader<File>| {
        read_number(file).map(|bytes| if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let word = |file: &mut BufReader<File>| {
        read_number(file).map(|bytes| if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    let long = |file: &mut BufReader<File>| {
        read_number(file).map(|bytes| if little { u64::from_le_bytes(bytes) } else { u64::from_be_bytes(bytes) })
    };
    let big = short(file)? == 43;
    let directory = if big {
        word(file)?;
        long(file)?
    } else {
        u64::from(word(file)?)
    };
    file.seek(SeekFrom::Start(directory))?;
    let entries = if big { long(file)? } else { u64::from(short(file)?) };
    for _ in 0..entries.min(u64::from(u16::MAX)) {
        let tag = short(file)?;
        short(file)?;
        let count = if big { long(file)? } else { u64::from(word(file)?) };
        file.seek_relative(if big { 8 } else { 4 })?;
        if count > MAX_TIFF_VALUES && TIFF_TAGS.contains(&tag) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The first picture in it: no larger than the canvas, and no longer than that explains.
fn check_webp(file: &mut BufReader<File>) -> io::Result<bool> {
    file.seek(SeekFrom::Start(12))?;
    let mut canvas = None::<(u64, u64)>;
    for _ in 0..MAX_CHUNKS {
        let name: [u8; 4] = read_number(file)?;
        let size = u64::from(u32::from_le_bytes(read_number(file)?));
        let mut remaining = i64::try_from(size + (size & 1)).unwrap_or(i64::MAX);
        match &name {
            b"VP8X" => {
                let [_, _, _, _, a, b, c, d, e, f] = read_number(file)?;
                remaining -= 10;
                canvas = Some((
                    u64::from(u32::from_le_bytes([a, b, c, 0])) + 1,
                    u64::from(u32::from_le_bytes([d, e, f, 0])) + 1,
                ));
            }
            // A frame contains its picture as further chunks, after 16 bytes with position and duration.
            b"ANMF" => {
                file.seek_relative(16)?;
                continue;
            }
            b"VP8 " | b"VP8L" | b"ALPH" => {
                let pixels = match &name {
                    b"VP8 " => {
                        let [_, _, _, _, _, _, a, b, c, d] = read_number(file)?;
                        remaining -= 10;
                        let side = |bytes| u64::from(u16::from_le_bytes(bytes) & 0x3fff);
                        let (width, height) = (side([a, b]), side([c, d]));
                        if canvas.is_some_and(|canvas| width > canvas.0 || height > canvas.1) {
                            return Ok(false);
                        }
                        width * height
                    }
                    b"VP8L" => {
                        let [_, a, b, c, d] = read_number(file)?;
                        remaining -= 5;
                        let header = u64::from(u32::from_le_bytes([a, b, c, d]));
                        let (width, height) = ((header & 0x3fff) + 1, (header >> 14 & 0x3fff) + 1);
                        if canvas.is_some_and(|canvas| width > canvas.0 || height > canvas.1) {
                            return Ok(false);
                        }
                        width * height
                    }
                    _ => canvas.map_or(0, |canvas| canvas.0 * canvas.1),
                };
                if size > pixels.saturating_mul(8).saturating_add(1 << 20) {
                    return Ok(false);
                }
                // Behind the pixels stands only what is not read before.
                if &name != b"ALPH" {
                    return Ok(true);
                }
            }
            _ => {}
        }
        file.seek_relative(remaining)?;
    }
    Ok(false)
}
