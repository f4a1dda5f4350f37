//! The drawing of a signature as a browser sends it: a PNG as a data URL. It is read to the last pixel, so that what is stored can be placed
//! later, and written anew, so that nothing but the drawing is stored. It knows no host.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

/// Largest drawing that is taken, in bytes.
pub(crate) const MAX_BYTES: usize = 200 << 10;
/// Largest drawing, in pixels.
const MAX_WIDTH: u32 = 2_000;
const MAX_HEIGHT: u32 = 1_000;
/// Pixels that differ from the ground: a dot is no signature.
const FEWEST_PIXELS: usize = 30;
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
    let mut header = None;
    let mut packed = Vec::new();
    let mut clean = MAGIC.to_vec();
    loop {
        let (chunk, after) = split_chunk(rest).ok_or(DrawingProblem::NotPng)?;
        rest = after;
        match (&chunk.kind, header) {
            (b"IHDR", None) => header = Some(read_header(chunk.data)?),
            (b"IDAT", Some(_)) => packed.extend_from_slice(chunk.data),
            (b"IEND", Some(_)) if rest.is_empty() => {
                clean.extend_from_slice(chunk.bytes);
                break;
            }
            // Colour spaces, resolution, texts: nothing that a drawing needs.
            (kind, Some(_)) if kind[0].is_ascii_lowercase() => continue,
            _ => return Err(DrawingProblem::NotPng),
        }
        clean.extend_from_slice(chunk.bytes);
    }
    let header = header.ok_or(DrawingProblem::NotPng)?;
    let line = header.width * header.pixel + 1;
    let size = line * header.height;
    let pixels = decompress_to_vec_zlib_with_limit(&packed, size).map_err(|_| DrawingProblem::NotPng)?;
    if pixels.len() != size {
        return Err(DrawingProblem::NotPng);
    }
    let drawn = count_drawn_pixels(pixels, line, header.pixel).ok_or(DrawingProblem::NotPng)?;
    if drawn < FEWEST_PIXELS { Err(DrawingProblem::Blank) } else { Ok(clean) }
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

/// Pixels that differ from the first one; none where a line is filtered in no way that there is.
fn count_drawn_pixels(mut pixels: Vec<u8>, line: usize, pixel: usize) -> Option<usize> {
    let mut before = vec![0; line - 1];
    let mut ground: Option<Vec<u8>> = None;
    let mut drawn = 0;
    for scanline in pixels.chunks_exact_mut(line) {
        let (filter, bytes) = scanline.split_first_mut()?;
        unfilter(*filter, bytes, &before, pixel)?;
        for value in bytes.chunks_exact(pixel) {
            let ground = ground.get_or_insert_with(|| value.to_vec());
            drawn += usize::from(value != ground.as_slice());
        }
        before.copy_from_slice(bytes);
    }
    Some(drawn)
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
        let mut typed = kind.to_vec();
        typed.extend_from_slice(data);
        let mut bytes = (data.len() as u32).to_be_bytes().to_vec();
        bytes.extend_from_slice(&typed);
        bytes.extend_from_slice(&checksum(&typed).to_be_bytes());
        bytes
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
