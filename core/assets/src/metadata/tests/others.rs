//! PNG, WebP and GIF.

use super::*;
use flate2::Crc;

pub(super) fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(name);
    crc.update(content);
    [&(content.len() as u32).to_be_bytes()[..], name, content, &crc.sum().to_be_bytes()].concat()
}

/// A PNG with colours, brightness and movement, and all that may say something of people.
pub(super) fn png(orientation: u16) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 10, 10);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_animated(2, 0).unwrap();
    encoder.set_source_gamma(png::ScaledFloat::new(0.5));
    let mut writer = encoder.write_header().unwrap();
    for _ in 0..2 {
        writer.write_image_data(&[0, 90, 255].repeat(100)).unwrap();
    }
    writer.finish().unwrap();
    let with_secret = |name: &[u8]| [name, SECRET].concat();
    let beside = [
        chunk(b"tEXt", &with_secret(b"Author\0")),
        chunk(b"zTXt", &with_secret(b"Raw profile type exif\0\0")),
        chunk(b"iTXt", &with_secret(b"XML:com.adobe.xmp\0\0\0\0\0")),
        chunk(b"eXIf", &camera_exif(false, orientation)),
        chunk(b"tIME", b"\x07\xea\x01\x01\0\0\0"),
        chunk(b"caBX", SECRET),
        chunk(b"prVt", SECRET),
    ]
    .concat();
    let end = bytes.len() - 12;
    // Metadata before the pixels, behind them, and behind the end.
    [&bytes[..33], &beside, &bytes[33..end], &chunk(b"tEXt", &with_secret(b"a\0")), &bytes[end..], SECRET].concat()
}

#[test]
fn personal_metadata_is_removed_from_pngs() {
    let original = png(6);
    let new = strip_secrets(&original);
    assert_eq!(decode(&new, ImageFormat::Png), decode(&original, ImageFormat::Png));
    assert_eq!(decode(&new, ImageFormat::Png).unwrap().1, Orientation::Rotate90);
    for name in [b"acTL", b"fcTL", b"gAMA"] {
        assert!(contains_bytes(&new, name));
    }
    let plain = strip_secrets(&png(1));
    assert!(!contains_bytes(&plain, b"eXIf"));
    assert_eq!(strip(&encode_picture(ImageFormat::Png)).unwrap(), None);
}

#[test]
fn png_chunks_with_false_lengths_cannot_hide_metadata() {
    let plain = encode_picture(ImageFormat::Png);
    let lying = |length: u32, name: &[u8; 4]| [&length.to_be_bytes()[..], name, SECRET].concat();
    for length in [u32::MAX, 1 << 31, 100_000] {
        // Behind the pixels: whoever reads on reads to the end.
        let end = plain.len() - 12;
        let original = [&plain[..end], &lying(length, b"tEXt"), &plain[end..]].concat();
        assert!(!contains_bytes(&strip(&original).unwrap().unwrap(), SECRET));
        // A false length before the pixels leaves no picture; a chunk that is not known to be personal is then kept.
        let original = [&plain[..33], &lying(length, b"eXIf"), &plain[33..]].concat();
        assert!(matches!(strip(&original), Err(AssetError::InseparableMetadata)));
        let original = [&plain[..33], &lying(length, b"prVt"), &plain[33..]].concat();
        assert_eq!(strip(&original).unwrap(), None);
    }
}

pub(super) fn webp_chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut piece = [name.as_slice(), &(content.len() as u32).to_le_bytes(), content].concat();
    piece.resize(piece.len().next_multiple_of(2), 0);
    piece
}

pub(super) fn webp(flags: u8, pieces: &[Vec<u8>]) -> Vec<u8> {
    let canvas = webp_chunk(b"VP8X", &[flags, 0, 0, 0, 39, 0, 0, 23, 0, 0]);
    let body = [b"WEBP".as_slice(), &canvas, &pieces.concat()].concat();
    [b"RIFF".as_slice(), &(body.len() as u32).to_le_bytes(), &body].concat()
}

pub(super) fn still_webp(exif: &[u8]) -> Vec<u8> {
    let pixels = encode_picture(ImageFormat::WebP)[12..].to_vec();
    let pieces = [
        webp_chunk(b"ICCP", &profile()),
        webp_chunk(b"prVt", SECRET),
        pixels,
        webp_chunk(b"EXIF", exif),
        webp_chunk(b"XMP ", &[b"<x:xmpmeta>".as_slice(), SECRET].concat()),
    ];
    webp(0x20 | 8 | 4, &pieces)
}

fn moving_webp() -> Vec<u8> {
    let pixels = encode_picture(ImageFormat::WebP)[12..].to_vec();
    let frame = [0, 0, 0, 0, 0, 0, 39, 0, 0, 23, 0, 0, 100, 0, 0, 2];
    let frame = |beside: &[u8]| webp_chunk(b"ANMF", &[&frame[..], &pixels, beside].concat());
    let exif = webp_chunk(b"EXIF", &camera_exif(true, 2));
    let pieces = [webp_chunk(b"ANIM", &[0; 6]), frame(&webp_chunk(b"prVt", SECRET)), frame(&[]), frame(&exif), exif];
    [webp(2 | 8, &pieces).as_slice(), SECRET].concat()
}

#[test]
fn personal_metadata_is_removed_from_webps() {
    for exif in [camera_exif(true, 5), [b"Exif\0\0".as_slice(), &camera_exif(false, 5)].concat()] {
        let original = still_webp(&exif);
        let new = strip_secrets(&original);
        assert_eq!(decode(&new, ImageFormat::WebP).unwrap(), decode(&original, ImageFormat::WebP).unwrap());
        assert_eq!(new[20], 0x20 | 8, "the flags are those of what is there");
        assert_eq!(u32::from_le_bytes(new[4..8].try_into().unwrap()) as usize, new.len() - 8);
    }
    let new = strip_secrets(&still_webp(&camera_exif(true, 1)));
    assert_eq!((new[20], contains_bytes(&new, b"EXIF")), (0x20, false));
    assert_eq!(strip(&encode_picture(ImageFormat::WebP)).unwrap(), None);

    let original = moving_webp();
    let new = strip_secrets(&original);
    assert_eq!(decode(&new, ImageFormat::WebP).unwrap(), decode(&original, ImageFormat::WebP).unwrap());
    let frames = |bytes: &[u8]| image_webp::WebPDecoder::new(Cursor::new(bytes.to_vec())).unwrap().num_frames();
    assert_eq!((frames(&original), frames(&new)), (3, 3));
}

pub(super) fn gif() -> Vec<u8> {
    let picture = encode_picture(ImageFormat::Gif);
    let blocks = |text: &[u8]| [&[text.len() as u8][..], text, &[0]].concat();
    // The bytes of XMP are no blocks: what stands behind them leads to the end from wherever a reader is.
    let trailer: Vec<u8> = [1].into_iter().chain((0..=255).rev()).chain([0]).collect();
    let colours = if picture[10] & 0x80 != 0 { 3 << ((picture[10] & 7) + 1) } else { 0 };
    let beside = [
        b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0".as_slice(),
        b"!\xff\x0bXMP DataXMP",
        SECRET,
        &trailer,
        b"!\xfe",
        &blocks(SECRET),
        b"!\xff\x0bSOMEBODY1.0",
        &blocks(SECRET),
    ];
    [&picture[..13 + colours], &beside.concat(), &picture[13 + colours..], SECRET].concat()
}

#[test]
fn personal_metadata_is_removed_from_gifs() {
    let original = gif();
    let new = strip_secrets(&original);
    assert_eq!(decode(&new, ImageFormat::Gif).unwrap(), decode(&original, ImageFormat::Gif).unwrap());
    assert!(contains_bytes(&new, b"NETSCAPE2.0") && !contains_bytes(&new, b"XMP"));
    assert_eq!(strip(&encode_picture(ImageFormat::Gif)).unwrap(), None);
}
