//! Pictures that promise more than they hold, or lead the decoder in circles.

use crate::{FORMATS, ResourceUsage, chunk, encode_picture, noise, render, upload};
use cairn_assets::{AssetError, Transform, render_picture};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use image::ImageFormat;
use std::io::Write;

/// Writes a size into the header of a small picture.
fn with_claimed_size(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
    let mut bytes = encode_picture(&noise(16, 16), format);
    let mut write_at = |at: usize, data: &[u8]| bytes[at..at + data.len()].copy_from_slice(data);
    let (wide, high) = (width as u16, height as u16);
    match format {
        ImageFormat::Png => {
            let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
            write_at(8, &chunk(b"IHDR", &header));
        }
        ImageFormat::Gif => write_at(6, &[wide.to_le_bytes(), high.to_le_bytes()].concat()),
        ImageFormat::Bmp => write_at(18, &[width.to_le_bytes(), height.to_le_bytes()].concat()),
        ImageFormat::Jpeg => {
            let at = bytes.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
            bytes[at + 5..at + 9].copy_from_slice(&[high.to_be_bytes(), wide.to_be_bytes()].concat());
        }
        ImageFormat::Tiff => {
            for (tag, side) in [(256_u16, width), (257, height)] {
                let entry = [&tag.to_le_bytes()[..], &[4, 0, 1, 0, 0, 0]].concat();
                let at = bytes.windows(8).position(|found| found == entry).unwrap() + 8;
                bytes[at..at + 4].copy_from_slice(&side.to_le_bytes());
            }
        }
        // Lossless: a byte, then fourteen bits less one for each side.
        _ => {
            let at = bytes.windows(4).position(|found| found == b"VP8L").unwrap() + 9;
            let sides = (width - 1) & 0x3fff | ((height - 1) & 0x3fff) << 14;
            bytes[at..at + 4].copy_from_slice(&sides.to_le_bytes());
        }
    }
    bytes
}

#[test]
fn claimed_sizes_over_the_limit_are_never_decoded() {
    for format in FORMATS {
        // WebP cannot say so in its usual header; `main.rs` has one in the other.
        let side = if format == ImageFormat::WebP { 16_384 } else { 60_000 };
        let bytes = with_claimed_size(format, side, side);
        let spent = ResourceUsage::measure();
        for result in [upload(&bytes).map(drop), render(&bytes, format, "w=10").map(drop)] {
            match result {
                Err(AssetError::TooManyPixels { pixels, .. }) => {
                    assert_eq!(pixels, u64::from(side) * u64::from(side), "{format:?}");
                }
                // The decoders of these formats refuse such a header: the upload is a file, and no picture.
                Ok(()) if matches!(format, ImageFormat::Tiff | ImageFormat::WebP) => {}
                other => panic!("{format:?}: {other:?}"),
            }
        }
        spent.assert_at_most(16);
    }
}

/// Ten at once: each within its limit, and all together within what is shared.
#[test]
fn concurrent_large_pictures_share_a_memory_budget() {
    let bytes = with_claimed_size(ImageFormat::Bmp, 5000, 5000);
    let jpeg = with_claimed_size(ImageFormat::Jpeg, 5000, 5000);
    let spent = ResourceUsage::measure();
    std::thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| upload(&bytes).unwrap());
            scope.spawn(|| render(&jpeg, ImageFormat::Jpeg, "w=100").unwrap());
        }
    });
    // Two gigabytes, if they did not wait for each other.
    spent.assert_at_most_within(1100, 120);
}

#[test]
fn animations_of_100_000_frames_use_bounded_memory() {
    let webp = {
        let header = [b"VP8X\x0a\0\0\0".as_slice(), &[2, 0, 0, 0], &[99, 0, 0, 99, 0, 0]].concat();
        let animation = [b"ANIM\x06\0\0\0".as_slice(), &[0; 6]].concat();
        let picture = encode_picture(&noise(100, 100).crop_imm(0, 0, 2, 2), ImageFormat::WebP);
        let frame_data = &picture[12..];
        let place = [&[0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0][..], &[10, 0, 0, 0]].concat();
        let length = (place.len() + frame_data.len()) as u32;
        let frame = [b"ANMF".as_slice(), &length.to_le_bytes(), &place, frame_data].concat();
        let body = [b"WEBP".as_slice(), &header, &animation, &frame.repeat(100_000)].concat();
        [b"RIFF".as_slice(), &(body.len() as u32).to_le_bytes(), &body].concat()
    };
    let apng = {
        let picture = encode_picture(&noise(30, 30), ImageFormat::Png);
        let control = chunk(b"acTL", &[100_000_u32.to_be_bytes(), [0; 4]].concat());
        let frame = |number: u32| {
            let sides = [number.to_be_bytes(), 30_u32.to_be_bytes(), 30_u32.to_be_bytes(), [0; 4], [0; 4]].concat();
            chunk(b"fcTL", &[sides.as_slice(), &[0, 1, 0, 10, 0, 0]].concat())
        };
        let mut bytes = [&picture[..33], &control, &frame(0), &picture[33..picture.len() - 12]].concat();
        for number in 0..100_000_u32 {
            bytes.extend_from_slice(&frame(2 * number + 1));
            bytes.extend_from_slice(&chunk(b"fdAT", &(2 * number + 2).to_be_bytes()));
        }
        [bytes.as_slice(), &picture[picture.len() - 12..]].concat()
    };
    for (format, bytes) in [(ImageFormat::WebP, webp), (ImageFormat::Png, apng)] {
        let spent = ResourceUsage::measure();
        let file = upload(&bytes).unwrap();
        assert!(file.animated.is_none_or(|animated| animated), "{format:?}");
        assert!(!matches!(render(&bytes, format, "w=10"), Ok(Some(_))), "{format:?}");
        render(&bytes, format, "w=10&format=jpeg").unwrap();
        spent.assert_at_most(64);
    }
}

/// A TIFF of these entries (tag, type, number, value) in one directory, which the next one follows.
fn tiff(entries: &[(u16, u16, u32, u32)], next: u32) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend_from_slice(&(entries.len() as u16).to_le_bytes());
    for (tag, kind, number, value) in entries {
        bytes.extend_from_slice(&[tag.to_le_bytes(), kind.to_le_bytes()].concat());
        bytes.extend_from_slice(&[number.to_le_bytes(), value.to_le_bytes()].concat());
    }
    bytes.extend_from_slice(&next.to_le_bytes());
    bytes.extend_from_slice(&[0; 64]);
    bytes
}

#[test]
fn cyclic_or_invalid_tiff_directories_use_bounded_memory() {
    let grey = [(256, 4, 1, 8), (257, 4, 1, 8), (258, 3, 1, 8), (262, 3, 1, 1), (277, 3, 1, 1), (278, 4, 1, 8)];
    let with = |extra_entries: &[(u16, u16, u32, u32)], next: u32| {
        let mut entries = [grey.as_slice(), extra_entries].concat();
        entries.sort_unstable();
        tiff(&entries, next)
    };
    let strip = (273, 4, 1, 150);
    for (why, bytes) in [
        ("a directory that follows itself", with(&[strip, (279, 4, 1, 64)], 8)),
        ("a directory far away", with(&[strip, (279, 4, 1, 64)], u32::MAX - 8)),
        ("a billion strips", with(&[(273, 4, 1 << 30, 8), (279, 4, 1 << 30, 8)], 0)),
        ("a strip of four gigabytes", with(&[strip, (279, 4, 1, u32::MAX)], 0)),
        ("directories in directories", with(&[strip, (279, 4, 1, 64), (330, 4, 1, 8), (34_665, 4, 1, 8)], 0)),
        ("a profile of four gigabytes", with(&[strip, (279, 4, 1, 64), (34_675, 7, u32::MAX, 8)], 0)),
        ("no bits in a sample", tiff(&[(256, 4, 1, 8), (257, 4, 1, 8), (258, 3, 1, 0), strip, (279, 4, 1, 64)], 0)),
        ("a sample for each of many", with(&[strip, (279, 4, 1, 64), (277, 3, 1, 65_535)], 0)),
    ] {
        let spent = ResourceUsage::measure();
        match upload(&bytes) {
            Ok(file) => assert_eq!(file.mime, "image/tiff", "{why}"),
            Err(AssetError::TooManyPixels { .. }) => {}
            Err(error) => panic!("{why}: {error}"),
        }
        let _ = render(&bytes, ImageFormat::Tiff, "w=4&format=png");
        spent.assert_at_most(64);
    }
}

#[test]
fn oversized_colour_profiles_use_bounded_memory() {
    let jpeg = encode_picture(&noise(60, 30), ImageFormat::Jpeg);
    let piece = |number: u8, total: u8, data: &[u8]| {
        let segment = [b"ICC_PROFILE\0".as_slice(), &[number, total], data].concat();
        [b"\xff\xe2".as_slice(), &(segment.len() as u16 + 2).to_be_bytes(), &segment].concat()
    };
    let long = [0; 65_000];
    let table = {
        let mut profile = vec![0; 132 + 12 * 4000];
        profile[..4].copy_from_slice(&(132_u32 + 48_000).to_be_bytes());
        profile[12..20].copy_from_slice(b"mntrRGB ");
        profile[20..24].copy_from_slice(b"XYZ ");
        profile[36..40].copy_from_slice(b"acsp");
        profile[128..132].copy_from_slice(&u32::MAX.to_be_bytes());
        for entry in profile[132..].chunks_exact_mut(12) {
            entry.copy_from_slice(b"rTRC\0\0\0\x80\xff\xff\xff\xff");
        }
        profile
    };
    for (why, pieces) in [
        ("all of the most pieces there can be", (1..=255).flat_map(|n| piece(n, 255, &long)).collect::<Vec<_>>()),
        ("the same piece over and over", piece(1, 2, &long).repeat(200)),
        ("pieces of none", piece(0, 0, b"x").repeat(1000)),
        ("more tables than there are bytes", piece(1, 1, &table)),
    ] {
        let bytes = [&jpeg[..2], &pieces, &jpeg[2..]].concat();
        let spent = ResourceUsage::measure();
        let file = upload(&bytes).unwrap();
        assert!(matches!(file.width, Some(60) | None), "{why}");
        render(&bytes, ImageFormat::Jpeg, "w=10").unwrap();
        spent.assert_at_most(128);
    }
}

#[test]
fn cyclic_exif_is_ignored() {
    let loops = b"MM\0*\0\0\0\x08\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x08\0\0\0\x08";
    let png = {
        let picture = encode_picture(&noise(60, 30), ImageFormat::Png);
        [&picture[..33], &chunk(b"eXIf", loops), &picture[33..]].concat()
    };
    let webp = {
        let header = [b"VP8X\x0a\0\0\0".as_slice(), &[8, 0, 0, 0], &[59, 0, 0, 29, 0, 0]].concat();
        let picture = encode_picture(&noise(60, 30), ImageFormat::WebP);
        let mut exif = [b"EXIF".as_slice(), &(loops.len() as u32).to_le_bytes(), loops].concat();
        exif.resize(exif.len().next_multiple_of(2), 0);
        let body = [b"WEBP".as_slice(), &header, &picture[12..], &exif].concat();
        [b"RIFF".as_slice(), &(body.len() as u32).to_le_bytes(), &body].concat()
    };
    for (format, bytes) in [(ImageFormat::Png, png), (ImageFormat::WebP, webp)] {
        let spent = ResourceUsage::measure();
        let file = upload(&bytes).unwrap();
        assert_eq!((file.width, file.height), (Some(60), Some(30)), "{format:?}");
        render(&bytes, format, "w=10").unwrap();
        spent.assert_at_most(16);
    }
}

/// Formats that are not decoded cannot hurt: AVIF and HEIC are kept as they are, whatever they promise.
#[test]
fn avif_and_heic_are_stored_without_decoding() {
    for brand in ["avif", "heic", "heix", "avis"] {
        let size = b"\0\0\0\x14ispe\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff";
        let bytes = [b"\0\0\0\x10ftyp", brand.as_bytes(), &[0; 4], size].concat();
        let spent = ResourceUsage::measure();
        let file = upload(&bytes).unwrap();
        assert_eq!((file.width, file.formats), (None, None), "{brand}");
        let mut temp = tempfile::NamedTempFile::new().unwrap();
        temp.write_all(&bytes).unwrap();
        assert_eq!(render_picture(temp.path(), &file.mime, &Transform::parse("w=10").unwrap()).unwrap(), None);
        spent.assert_at_most(16);
    }
}

/// One row that says it is all, and rows that say they are more.
#[test]
fn wrong_row_counts_use_bounded_memory() {
    for rows in [0, 1, 299, 301, 3000] {
        let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(&vec![0; 301 * rows]).unwrap();
        let bytes = crate::png(300, 300, &[chunk(b"IDAT", &packer.finish().unwrap())]);
        let spent = ResourceUsage::measure();
        let file = upload(&bytes).unwrap();
        assert!(matches!(file.width, Some(300) | None), "{rows}");
        spent.assert_at_most(64);
    }
}

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use super::*;

    /// Nothing is refused below the limit, and what is not there takes no more memory than if it were.
    #[test]
    fn claimed_sizes_within_the_limit_use_bounded_memory() {
        for format in FORMATS {
            let bytes = with_claimed_size(format, 4000, 4000);
            let spent = ResourceUsage::measure();
            let file = upload(&bytes).unwrap();
            assert_eq!(file.mime, format.to_mime_type());
            render(&bytes, format, "w=10").unwrap();
            // Four bytes a pixel, three times over: what is reserved for a picture of this size.
            spent.assert_at_most_within(200, 60);
        }
    }
}
