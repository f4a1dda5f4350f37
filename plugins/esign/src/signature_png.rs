//! The drawing of a signature as a browser sends it: a PNG as a data URL. It is read to the last pixel, so that what is stored can be placed
//! later, and written anew, so that nothing but the drawing is stored. It knows no host.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

/// Largest drawing that is taken, in bytes.
pub(crate) const MAX_BYTES: usize = 200 << 10;
/// Largest drawing, in pixels.
const MAX_WIDTH: u32 = 2_000;
const MAX_HEIGHT: u32 = 1_000;
/// Pixels that can be told from the ground: a dot is no signature.
const FEWEST_PIXELS: usize = 30;
/// Difference of two tones, of 255, that people can see on paper.
const VISIBLE_DIFFERENCE: u8 = 32;
const MAGIC: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];
const PREFIX: &str = "data:image/png;base64,";

/// Why something is not taken as a drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DrawingProblem {
    /// It is no PNG, or a damaged one.
    NotPng,
    /// It has too many bytes or pixels.
    TooLarge,
    /// Nothing was drawn.
    Blank,
}

/// The drawing of a data URL.
///
/// # Errors
/// [`DrawingProblem`] where it is none.
pub(crate) fn read_drawing(url: &str) -> Result<Vec<u8>, DrawingProblem> {
    let encoded = url.strip_prefix(PREFIX).ok_or(DrawingProblem::NotPng)?;
    if encoded.len() > MAX_BYTES.div_ceil(3) * 4 {
        return Err(DrawingProblem::TooLarge);
    }
    check_png(&STANDARD.decode(encoded).map_err(|_| DrawingProblem::NotPng)?)
}

/// How the pixels of a PNG are stored.
#[derive(Debug, Clone, Copy)]
struct Header {
    width: usize,
    height: usize,
    /// Bytes of a pixel.
    pixel: usize,
}

fn check_png(bytes: &[u8]) -> Result<Vec<u8>, DrawingProblem> {
    let mut rest = bytes.strip_prefix(&MAGIC).ok_or(DrawingProblem::NotPng)?;
    let mut header: Option<Chunk<'_>> = None;
    let mut packed = Vec::new();
    loop {
        let (chunk, after) = split_chunk(rest).ok_or(DrawingProblem::NotPng)?;
        rest = after;
        match (&chunk.kind, &header) {
            (b"IHDR", None) => header = Some(chunk),
            (b"IDAT", Some(_)) => packed.extend_from_slice(chunk.data),
            (b"IEND", Some(_)) if rest.is_empty() && chunk.data.is_empty() => break,
            // Colour spaces, resolution, texts: nothing that a drawing needs.
            (kind, Some(_)) if kind[0].is_ascii_lowercase() => {}
            _ => return Err(DrawingProblem::NotPng),
        }
    }
    let header_chunk = header.ok_or(DrawingProblem::NotPng)?;
    let header = read_header(header_chunk.data)?;
    let line = header.width * header.pixel + 1;
    let (pixels, length) = unpack(&packed, line * header.height).ok_or(DrawingProblem::NotPng)?;
    let drawn = count_drawn_pixels(pixels, line, header.pixel).ok_or(DrawingProblem::NotPng)?;
    if drawn < FEWEST_PIXELS {
        return Err(DrawingProblem::Blank);
    }
    let mut clean = MAGIC.to_vec();
    clean.extend_from_slice(header_chunk.bytes);
    clean.extend(write_chunk(*b"IDAT", &packed[..length]));
    clean.extend(write_chunk(*b"IEND", &[]));
    Ok(clean)
}

/// The pixels of a packed picture, exactly so many bytes, and the packed bytes that make them: what follows is no part of it.
fn unpack(packed: &[u8], size: usize) -> Option<(Vec<u8>, usize)> {
    let mut pixels = vec![0; size];
    let flags = TINFL_FLAG_PARSE_ZLIB_HEADER | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let (status, length, written) = decompress(&mut DecompressorOxide::new(), packed, &mut pixels, 0, flags);
    (status == TINFLStatus::Done && written == size).then_some((pixels, length))
}

fn write_chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes().to_vec();
    bytes.extend_from_slice(&kind);
    bytes.extend_from_slice(data);
    let sum = checksum(&bytes[4..]);
    bytes.extend_from_slice(&sum.to_be_bytes());
    bytes
}

struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
    /// All of it, with length and checksum.
    bytes: &'a [u8],
}

fn split_chunk(bytes: &[u8]) -> Option<(Chunk<'_>, &[u8])> {
    let length = usize::try_from(u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?)).ok()?;
    let end = length.checked_add(12)?;
    let (chunk, rest) = bytes.split_at_checked(end)?;
    let (typed, sum) = chunk.get(4..)?.split_at_checked(length + 4)?;
    if checksum(typed) != u32::from_be_bytes(sum.try_into().ok()?) {
        return None;
    }
    let (kind, data) = typed.split_at_checked(4)?;
    Some((Chunk { kind: kind.try_into().ok()?, data, bytes: chunk }, rest))
}

fn read_header(data: &[u8]) -> Result<Header, DrawingProblem> {
    let data: [u8; 13] = data.try_into().map_err(|_| DrawingProblem::NotPng)?;
    let number = |at: usize| u32::from_be_bytes([data[at], data[at + 1], data[at + 2], data[at + 3]]);
    let (width, height) = (number(0), number(4));
    if width == 0 || height == 0 {
        return Err(DrawingProblem::NotPng);
    }
    if width > MAX_WIDTH || height > MAX_HEIGHT {
        return Err(DrawingProblem::TooLarge);
    }
    // Grey, colour, grey or colour with transparency, each of 8 bits and not interlaced: what canvases write.
    let pixel = match data[8..] {
        [8, 0, 0, 0, 0] => 1,
        [8, 2, 0, 0, 0] => 3,
        [8, 4, 0, 0, 0] => 2,
        [8, 6, 0, 0, 0] => 4,
        _ => return Err(DrawingProblem::NotPng),
    };
    Ok(Header { width: width as usize, height: height as usize, pixel })
}

/// Pixels that people can tell from the first one on white paper; none where a line is filtered in no way that there is.
fn count_drawn_pixels(mut pixels: Vec<u8>, line: usize, pixel: usize) -> Option<usize> {
    let mut before = vec![0; line - 1];
    let mut ground = None;
    let mut drawn = 0;
    for scanline in pixels.chunks_exact_mut(line) {
        let (filter, bytes) = scanline.split_first_mut()?;
        unfilter(*filter, bytes, &before, pixel)?;
        for value in bytes.chunks_exact(pixel) {
            let tones = find_tones_on_white(value);
            let ground = ground.get_or_insert(tones);
            let is_visible =
                tones.iter().zip(&*ground).any(|(tone, other)| tone.abs_diff(*other) >= VISIBLE_DIFFERENCE);
            drawn += usize::from(is_visible);
        }
        before.copy_from_slice(bytes);
    }
    Some(drawn)
}

/// Red, green and blue of a pixel as it looks on white paper.
fn find_tones_on_white(value: &[u8]) -> [u8; 3] {
    let on_white = |tone: u8, alpha: u8| {
        let (tone, alpha) = (u16::from(tone), u16::from(alpha));
        ((tone * alpha + 255 * (255 - alpha)) / 255) as u8
    };
    match *value {
        [grey] => [grey; 3],
        [grey, alpha] => [on_white(grey, alpha); 3],
        [red, green, blue] => [red, green, blue],
        [red, green, blue, alpha] => [red, green, blue].map(|tone| on_white(tone, alpha)),
        _ => [255; 3],
    }
}

/// Undoes the filter of a line (PNG specification, section 9).
fn unfilter(filter: u8, line: &mut [u8], above: &[u8], pixel: usize) -> Option<()> {
    for at in 0..line.len() {
        let left = at.checked_sub(pixel).map_or(0, |at| line[at]);
        let (up, corner) = (above[at], at.checked_sub(pixel).map_or(0, |at| above[at]));
        let guess = match filter {
            0 => 0,
            1 => left,
            2 => up,
            3 => u16::midpoint(left.into(), up.into()) as u8,
            4 => find_nearest(left, up, corner),
            _ => return None,
        };
        line[at] = line[at].wrapping_add(guess);
    }
    Some(())
}

/// The predictor of Paeth.
fn find_nearest(left: u8, up: u8, corner: u8) -> u8 {
    let estimate = i16::from(left) + i16::from(up) - i16::from(corner);
    let distance = |value: u8| (estimate - i16::from(value)).abs();
    if distance(left) <= distance(up) && distance(left) <= distance(corner) {
        left
    } else if distance(up) <= distance(corner) {
        up
    } else {
        corner
    }
}

/// CRC-32 as PNG has it.
fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniz_oxide::deflate::compress_to_vec_zlib;

    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        write_chunk(*kind, data)
    }

    fn header(width: u32, height: u32, rest: [u8; 5]) -> Vec<u8> {
        [width.to_be_bytes().as_slice(), &height.to_be_bytes(), &rest].concat()
    }

    /// A drawing of 40 × 10 pixels with transparency and a line through it; the lines of it are filtered by each filter in turn.
    fn png(extra: &[Vec<u8>]) -> Vec<u8> {
        let mut raw = Vec::new();
        for y in 0..10 {
            raw.push(if y == 0 { 0 } else { 2 });
            // Filtered by the line above: only what differs from it.
            raw.extend((0..40).flat_map(|_| {
                if y == 5 {
                    [1, 2, 3, 255]
                } else if y == 6 {
                    [255, 254, 253, 1]
                } else {
                    [0; 4]
                }
            }));
        }
        let mut bytes = MAGIC.to_vec();
        bytes.extend(chunk(b"IHDR", &header(40, 10, [8, 6, 0, 0, 0])));
        bytes.extend(extra.concat());
        bytes.extend(chunk(b"IDAT", &compress_to_vec_zlib(&raw, 6)));
        bytes.extend(chunk(b"IEND", &[]));
        bytes
    }

    fn url(bytes: &[u8]) -> String {
        format!("{PREFIX}{}", STANDARD.encode(bytes))
    }

    #[test]
    fn drawings_are_taken_and_stripped() {
        let plain = png(&[]);
        assert_eq!(read_drawing(&url(&plain)).unwrap(), plain);
        let script = chunk(b"tEXt", b"Comment\0<script>alert(1)</script>");
        assert_eq!(read_drawing(&url(&png(&[chunk(b"sRGB", &[0]), script]))).unwrap(), plain);
    }

    #[test]
    fn nothing_hides_behind_the_pixels() {
        let plain = png(&[]);
        let end = plain.len() - 12;
        let start = plain.windows(4).position(|kind| kind == b"IDAT").unwrap() - 4;
        let packed = &plain[start + 8..end - 4];
        let with_tail = [packed, b"<script>alert(1)</script>"].concat();
        let split = [chunk(b"IDAT", &with_tail[..7]), chunk(b"IDAT", &with_tail[7..])].concat();
        for data in [chunk(b"IDAT", &with_tail), split] {
            let bytes = [&plain[..start], &data, &plain[end..]].concat();
            assert_eq!(read_drawing(&url(&bytes)).unwrap(), plain);
        }
        let bytes = [&plain[..end], &chunk(b"IEND", b"<script>")].concat();
        assert_eq!(read_drawing(&url(&bytes)), Err(DrawingProblem::NotPng));
    }

    #[test]
    fn what_nobody_can_see_is_no_signature() {
        // White, and black that lets everything through: both differ from the ground, byte by byte.
        for invisible in [[255, 255, 255, 255], [0, 0, 0, 10], [240, 240, 240, 255], [9, 9, 9, 0]] {
            let raw: Vec<u8> = (0..10)
                .flat_map(|y| {
                    [vec![0], (0..40).flat_map(|_| if y > 4 { invisible } else { [0; 4] }).collect()].concat()
                })
                .collect();
            let head = header(40, 10, [8, 6, 0, 0, 0]);
            let data = compress_to_vec_zlib(&raw, 6);
            let bytes = [MAGIC.to_vec(), chunk(b"IHDR", &head), chunk(b"IDAT", &data), chunk(b"IEND", &[])].concat();
            assert_eq!(read_drawing(&url(&bytes)), Err(DrawingProblem::Blank), "{invisible:?}");
        }
    }

    #[test]
    fn what_is_no_drawing_is_refused() {
        let png = png(&[]);
        let svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
        for text in [
            String::new(),
            "data:image/png;base64,".into(),
            "javascript:alert(1)".into(),
            format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg)),
            url(svg.as_bytes()),
            url(b"\xff\xd8\xff\xe0JFIF"),
            format!("data:text/html;base64,{}", STANDARD.encode("<script>")),
            format!("{PREFIX}%%%"),
            url(&png[..png.len() - 1]),
            url(&[png.clone(), b"<script>".to_vec()].concat()),
        ] {
            assert_eq!(read_drawing(&text), Err(DrawingProblem::NotPng), "{text:.60}");
        }
        for at in 0..png.len() {
            let mut broken = png.clone();
            broken[at] ^= 0x41;
            assert!(read_drawing(&url(&broken)).is_err(), "byte {at}");
        }
    }

    #[test]
    fn large_and_odd_pictures_are_refused() {
        let with = |head: Vec<u8>, data: &[u8]| {
            let bytes = [MAGIC.to_vec(), chunk(b"IHDR", &head), chunk(b"IDAT", data), chunk(b"IEND", &[])].concat();
            read_drawing(&url(&bytes))
        };
        let zeros = compress_to_vec_zlib(&vec![0; 10 << 20], 9);
        assert_eq!(with(header(5_000, 10, [8, 6, 0, 0, 0]), &zeros), Err(DrawingProblem::TooLarge));
        assert_eq!(with(header(u32::MAX, u32::MAX, [8, 6, 0, 0, 0]), &zeros), Err(DrawingProblem::TooLarge));
        // More or fewer bytes than the header says.
        assert_eq!(with(header(10, 10, [8, 6, 0, 0, 0]), &zeros), Err(DrawingProblem::NotPng));
        assert_eq!(
            with(header(2_000, 1_000, [8, 6, 0, 0, 0]), &compress_to_vec_zlib(&[0], 1)),
            Err(DrawingProblem::NotPng)
        );
        for odd in [[16, 6, 0, 0, 0], [8, 3, 0, 0, 0], [8, 6, 0, 0, 1], [8, 6, 1, 0, 0]] {
            assert_eq!(with(header(10, 10, odd), &zeros), Err(DrawingProblem::NotPng), "{odd:?}");
        }
        assert_eq!(with(header(0, 10, [8, 6, 0, 0, 0]), &zeros), Err(DrawingProblem::NotPng));
        assert_eq!(read_drawing(&format!("{PREFIX}{}", "A".repeat(400 << 10))), Err(DrawingProblem::TooLarge));
    }

    #[test]
    fn an_empty_canvas_is_no_signature() {
        let blank = |filter: u8| {
            let raw: Vec<u8> = (0..10).flat_map(|_| [vec![filter], vec![0; 160]].concat()).collect();
            let data = compress_to_vec_zlib(&raw, 6);
            let head = header(40, 10, [8, 6, 0, 0, 0]);
            read_drawing(&url(
                &[MAGIC.to_vec(), chunk(b"IHDR", &head), chunk(b"IDAT", &data), chunk(b"IEND", &[])].concat()
            ))
        };
        for filter in 0..=4 {
            assert_eq!(blank(filter), Err(DrawingProblem::Blank), "{filter}");
        }
        assert_eq!(blank(5), Err(DrawingProblem::NotPng));
    }
}
