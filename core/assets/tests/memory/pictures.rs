//! Pictures.

use crate::upload_within_memory;
use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use image::{DynamicImage, ImageFormat, RgbImage};
use std::io::{Cursor, Write};

/// Size in bytes of what a few compressed kilobytes expand to.
const BOMB: usize = 200 << 20;

/// Length of parts that are as long as they look, in bytes.
const LONG: usize = 100 << 20;

fn encode_picture(format: ImageFormat) -> Vec<u8> {
    let image = DynamicImage::from(RgbImage::from_fn(16, 16, |x, y| image::Rgb([x as u8 * 9, y as u8 * 9, 7])));
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(name);
    crc.update(data);
    [&(data.len() as u32).to_be_bytes()[..], name, data, &crc.sum().to_be_bytes()].concat()
}

pub(crate) fn deflated(length: usize) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
    let zeros = vec![0; 1 << 20];
    for _ in 0..length >> 20 {
        packer.write_all(&zeros).unwrap();
    }
    packer.finish().unwrap()
}

#[test]
fn compressed_png_texts_and_profiles_use_bounded_memory() {
    let picture = encode_picture(ImageFormat::Png);
    let bomb = deflated(BOMB);
    let with_prefix = |before: &[u8], data: &[u8]| [before, data].concat();
    let compressed = with_prefix(b"a\0\0", &bomb);
    for (why, chunks) in [
        ("zTXt", chunk(b"zTXt", &compressed)),
        ("iTXt", chunk(b"iTXt", &with_prefix(b"XML:com.adobe.xmp\0\x01\0\0\0", &bomb))),
        ("iCCP", chunk(b"iCCP", &compressed)),
        ("zTXt a hundred times", chunk(b"zTXt", &compressed).repeat(100)),
        ("long tEXt", chunk(b"tEXt", &with_prefix(b"a\0", &vec![b'a'; LONG]))),
        ("many tEXt", chunk(b"tEXt", b"a\0b").repeat(1_000_000)),
        ("long chunk of nobody", chunk(b"prVt", &vec![0; LONG])),
    ] {
        let bytes = [&picture[..33], &chunks, &picture[33..]].concat();
        let file = upload_within_memory(why, &bytes, 0).unwrap();
        // Large chunks beside the picture do not keep it from being decoded.
        assert_eq!((file.width, file.height), (Some(16), Some(16)), "{why}");
    }
    for (why, chunks) in [
        ("long eXIf", chunk(b"eXIf", &vec![0; LONG])),
        ("long iCCP", chunk(b"iCCP", &with_prefix(b"a\0\0", &vec![0; LONG]))),
    ] {
        upload_within_memory(why, &[&picture[..33], &chunks, &picture[33..]].concat(), 0).unwrap();
    }
}

/// Blocks of an application in a GIF, each of up to 255 bytes.
fn application(name: &[u8; 11], length: usize) -> Vec<u8> {
    let block = [&[255][..], &[b'x'; 255]].concat();
    [b"\x21\xff\x0b".as_slice(), name, &block.repeat(length / 255), &[0]].concat()
}

#[test]
fn gif_frames_and_blocks_use_bounded_memory() {
    let picture = encode_picture(ImageFormat::Gif);
    // Signature, screen, and a table of colours where there is one.
    let colours = if picture[10] & 0x80 != 0 { 3 << ((picture[10] & 7) + 1) } else { 0 };
    let (head, frame) = (&picture[..13 + colours], &picture[13 + colours..picture.len() - 1]);
    let with = |before: &[u8]| [head, before, frame, &[0x3b]].concat();
    let frames = [head, &frame.repeat(100_000), &[0x3b]].concat();
    assert_eq!(upload_within_memory("a hundred thousand frames", &frames, 0).unwrap().animated, Some(true));
    upload_within_memory("long XMP", &with(&application(b"XMP DataXMP", LONG)), 0).unwrap();
    upload_within_memory("long profile", &with(&application(b"ICCRGBG1012", LONG)), 0).unwrap();
    let comment = [&[255][..], &[b'x'; 255]].concat().repeat(LONG / 256);
    upload_within_memory("long comment", &with(&[b"\x21\xfe".as_slice(), &comment, &[0]].concat()), 0).unwrap();
}

#[test]
fn jpeg_segments_use_bounded_memory() {
    let picture = encode_picture(ImageFormat::Jpeg);
    let segment =
        |marker: u8, data: &[u8]| [&[0xff, marker][..], &(data.len() as u16 + 2).to_be_bytes(), data].concat();
    let long = |start: &[u8]| [start, &vec![1; 65_000 - start.len()]].concat();
    let pieces = LONG / 65_000;
    for (why, segments) in [
        ("65,500 segments", segment(0xe5, b"x").repeat(65_500)),
        ("65,500 pieces of a profile", segment(0xe2, b"ICC_PROFILE\0\x01\x02").repeat(65_500)),
        ("a million pieces of a profile", segment(0xe2, b"ICC_PROFILE\0\x01\x02").repeat(1_000_000)),
        ("long profile", segment(0xe2, &long(b"ICC_PROFILE\0\x01\x02")).repeat(pieces)),
        ("long EXIF", segment(0xe1, &long(b"Exif\0\0")).repeat(pieces)),
        ("long XMP", segment(0xe1, &long(b"http://ns.adobe.com/xmp/extension/\0")).repeat(pieces)),
        ("long comments", segment(0xfe, &long(b"")).repeat(pieces)),
        ("filling", vec![0xff; LONG]),
        ("nothing", vec![0; LONG]),
    ] {
        upload_within_memory(why, &[&picture[..2], &segments, &picture[2..]].concat(), 0).unwrap();
    }
    upload_within_memory("more behind the end", &[picture.as_slice(), &vec![7; LONG]].concat(), 0).unwrap();
    // Films that phones append to a picture do not keep it from being decoded.
    let film = [picture.as_slice(), &vec![7; 10 << 20]].concat();
    assert_eq!(upload_within_memory("a film behind the end", &film, 0).unwrap().width, Some(16));
    let profile = segment(0xe2, &long(b"ICC_PROFILE\0\x01\x02")).repeat(100);
    let printed = [&picture[..2], &profile, &picture[2..]].concat();
    assert_eq!(upload_within_memory("a profile for printing", &printed, 0).unwrap().width, Some(16));
}

fn webp_file(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = [b"WEBP".as_slice(), &chunks.concat()].concat();
    [b"RIFF".as_slice(), &(body.len() as u32).to_le_bytes(), &body].concat()
}

fn webp_chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut piece = [name.as_slice(), &(data.len() as u32).to_le_bytes(), data].concat();
    piece.resize(piece.len().next_multiple_of(2), 0);
    piece
}

#[test]
fn webp_chunks_use_bounded_memory() {
    let picture = encode_picture(ImageFormat::WebP);
    let pixels = picture[12..].to_vec();
    let canvas = |flags: u8| webp_chunk(b"VP8X", &[flags, 0, 0, 0, 15, 0, 0, 15, 0, 0]);
    for (why, chunks) in [
        ("long profile", vec![canvas(0x20), webp_chunk(b"ICCP", &vec![0; LONG]), pixels.clone()]),
        ("long EXIF", vec![canvas(8), pixels.clone(), webp_chunk(b"EXIF", &vec![0; LONG])]),
        ("long XMP", vec![canvas(4), pixels.clone(), webp_chunk(b"XMP ", &vec![0; LONG])]),
        ("long pieces of nobody", vec![canvas(0), webp_chunk(b"abcd", &vec![0; LONG]), pixels.clone()]),
    ] {
        assert_eq!(upload_within_memory(why, &webp_file(&chunks), 0).unwrap().width, Some(16), "{why}");
    }
    let mut unknown = vec![canvas(0)];
    unknown.extend((0..1_000_000_u32).map(|n| webp_chunk(&n.to_le_bytes(), b"")));
    unknown.push(pixels.clone());
    upload_within_memory("a million pieces of nobody", &webp_file(&unknown), 0).unwrap();
    // A lossy frame that says it is 16,383 by 16,383.
    let frame = [b"\x10\0\0\x9d\x01\x2a".as_slice(), &[0xff, 0x3f, 0xff, 0x3f], &[0; 64]].concat();
    upload_within_memory("a frame larger than the canvas", &webp_file(&[canvas(0), webp_chunk(b"VP8 ", &frame)]), 0)
        .unwrap();
    let long = [b"\x10\0\0\x9d\x01\x2a\x10\0\x10\0".as_slice(), &vec![0; LONG]].concat();
    upload_within_memory("a small frame of a hundred megabytes", &webp_file(&[webp_chunk(b"VP8 ", &long)]), 0).unwrap();
}

/// A TIFF of eight by eight grey pixels with these entries (tag, type, number, value) as well, and so many bytes behind it.
fn tiff(extra_entries: &[(u16, u16, u32, u32)], behind: usize) -> Vec<u8> {
    let mut entries =
        vec![(256, 4, 1, 8), (257, 4, 1, 8), (258, 3, 1, 8), (262, 3, 1, 1), (277, 3, 1, 1), (278, 4, 1, 8)];
    for one in [(273, 4, 1, 200), (279, 4, 1, 64)] {
        if extra_entries.iter().all(|other| other.0 != one.0) {
            entries.push(one);
        }
    }
    entries.extend_from_slice(extra_entries);
    entries.sort_unstable();
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend_from_slice(&(entries.len() as u16).to_le_bytes());
    for (tag, kind, number, value) in entries {
        bytes.extend_from_slice(&[tag.to_le_bytes(), kind.to_le_bytes()].concat());
        bytes.extend_from_slice(&[number.to_le_bytes(), value.to_le_bytes()].concat());
    }
    bytes.extend_from_slice(&[0; 4]);
    bytes.resize(300 + behind, 0);
    bytes
}

#[test]
fn tiff_tables_use_bounded_memory() {
    assert_eq!(upload_within_memory("a plain one", &tiff(&[], 0), 0).unwrap().width, Some(8));
    let many = 8_000_000_u32;
    let strips = tiff(&[(273, 4, many, 300), (279, 4, many, 300)], 4 * many as usize);
    upload_within_memory("eight million strips that are there", &strips, 0).unwrap();
    upload_within_memory("a billion strips", &tiff(&[(273, 4, 1 << 30, 8), (279, 4, 1 << 30, 8)], 0), 0).unwrap();
    let profile = 64 << 20;
    upload_within_memory("a long profile", &tiff(&[(34_675, 7, profile, 300)], profile as usize), 0).unwrap();
    upload_within_memory("a long table of colours", &tiff(&[(320, 3, 30 << 20, 300)], 60 << 20), 0).unwrap();
    upload_within_memory("a strip of four gigabytes", &tiff(&[(279, 4, 1, u32::MAX)], 0), 0).unwrap();
    let jpeg = tiff(&[(259, 3, 1, 7), (279, 4, 1, LONG as u32), (347, 7, LONG as u32, 300)], LONG);
    upload_within_memory("a strip that is a long JPEG", &jpeg, 0).unwrap();
}

#[test]
fn bmps_with_false_headers_use_bounded_memory() {
    let picture = encode_picture(ImageFormat::Bmp);
    let with = |at: usize, word: u32| {
        let mut bytes = picture.clone();
        bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
        bytes
    };
    for (why, at) in [
        ("pixels far away", 10),
        ("a header of four gigabytes", 14),
        ("a picture of four gigabytes", 34),
        ("four billion colours", 46),
    ] {
        for word in [u32::MAX, i32::MAX as u32, 1 << 30] {
            let _ = upload_within_memory(why, &with(at, word), 0);
        }
    }
    for (why, at) in [("very wide", 18), ("very high", 22)] {
        let _ = upload_within_memory(why, &with(at, 100_000_000), 0);
    }
}

/// Pictures that are refused for their size are refused before they are read.
#[test]
fn oversized_pictures_are_rejected_in_bounded_memory() {
    let mut png = encode_picture(ImageFormat::Png);
    let header = [&60_000_u32.to_be_bytes()[..], &60_000_u32.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    png[8..33].copy_from_slice(&chunk(b"IHDR", &header));
    assert!(upload_within_memory("PNG", &png, 0).is_err());
    let mut jpeg = encode_picture(ImageFormat::Jpeg);
    let at = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    jpeg[at + 5..at + 9].copy_from_slice(&[60_000_u16.to_be_bytes(), 60_000_u16.to_be_bytes()].concat());
    assert!(upload_within_memory("JPEG", &jpeg, 0).is_err());
    jpeg.resize(LONG, 7);
    assert!(upload_within_memory("long JPEG", &jpeg, 0).is_err());
}

/// Files of which it has to be remembered what stays where, as far as that is done.
#[test]
fn metadata_in_many_locations_uses_bounded_memory() {
    let number = 250_000_u32;
    let table = 300_u32;
    let strips: Vec<u8> = (0..number).flat_map(|n| (table + 8 * number + 2 * n).to_le_bytes()).collect();
    let places = [(273, 4, number, table), (279, 4, number, table + 4 * number)];
    let with = |extra_entries: &[(u16, u16, u32, u32)]| {
        let mut bytes = tiff(&[&places, extra_entries].concat(), 10 * number as usize);
        bytes[300..300 + strips.len()].copy_from_slice(&strips);
        let lengths = 300 + strips.len()..300 + 2 * strips.len();
        bytes[lengths].copy_from_slice(&1_u32.to_le_bytes().repeat(number as usize));
        bytes
    };
    let author = (315, 2, 40, 200);
    upload_within_memory("strips apart from each other", &with(&[author]), 0).unwrap();
    let other = (0..60_000).map(|n| (60_000 - n as u16, 2, 40, 300 + 41 * n)).collect::<Vec<_>>();
    let _ = upload_within_memory("tags of nobody", &with(&other), 0);

    let part =
        |name: &[u8; 4], content: &[u8]| [&(content.len() as u32 + 8).to_be_bytes(), name.as_slice(), content].concat();
    let film = |number: usize| {
        let user = part(b"\xa9xyz", b"+52.37+004.89/").repeat(number);
        [part(b"ftyp", b"isom\0\0\0\0"), part(b"moov", &part(b"udta", &user))].concat()
    };
    upload_within_memory("a film with many places", &film(80_000), 0).unwrap();
    assert!(upload_within_memory("a film with too many places", &film(200_000), 0).is_err());
}
