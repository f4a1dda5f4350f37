//! Pictures made to hurt: each has an answer, in little time and memory.
//!
//! A program of its own, whose tests take turns, because memory is counted for all of it.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod bombs;
mod documents;

use cairn_assets::{
    AssetError, EncodedPicture, FolderStore, IncomingFile, MediaTools, MetadataPolicy, StoredFile, Transform,
    UploadLimits, prepare_file, render_picture,
};
use flate2::Crc;
use flate2::write::ZlibEncoder;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use nix::time::{ClockId, clock_gettime};
use std::fs;
use std::io::{Cursor, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

static TURN: Mutex<()> = Mutex::new(());

/// A turn, and what may be spent in it.
struct ResourceUsage {
    before: u64,
    /// Processor time that all threads had used by then, whatever else the machine had to do.
    start: Duration,
    _turn: MutexGuard<'static, ()>,
}

/// A figure of this process in kB.
fn process_memory_kb(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().unwrap()
}

/// How long all threads of this process have run.
fn process_cpu_time() -> Duration {
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).unwrap().into()
}

impl ResourceUsage {
    fn measure() -> ResourceUsage {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        // Resets the peak.
        fs::write("/proc/self/clear_refs", "5").unwrap();
        ResourceUsage { before: process_memory_kb("VmRSS"), start: process_cpu_time(), _turn: turn }
    }

    /// Fails when it took more than some seconds of processors, or at any time more than this many MB.
    fn assert_at_most(self, megabytes: u64) {
        self.assert_at_most_within(megabytes, 10);
    }

    /// As [`ResourceUsage::assert_at_most`], with so many seconds.
    fn assert_at_most_within(self, megabytes: u64, seconds: u64) {
        let grown = process_memory_kb("VmHWM").saturating_sub(self.before) / 1000;
        assert!(grown <= megabytes, "{grown} MB");
        let took = process_cpu_time() - self.start;
        assert!(took < Duration::from_secs(seconds), "{took:?}");
    }
}

fn upload(bytes: &[u8]) -> Result<StoredFile, AssetError> {
    let folder = tempfile::tempdir().unwrap();
    let mut temp = tempfile::NamedTempFile::new().unwrap();
    temp.write_all(bytes).unwrap();
    let incoming = IncomingFile {
        file_name: "a".into(),
        given_name: None,
        declared_mime: None,
        temp: temp.into_temp_path(),
        sha256: None,
        replaces: None,
    };
    let store = FolderStore::open(folder.path()).unwrap();
    let prepared =
        prepare_file(incoming, &UploadLimits { max_bytes: 1 << 30 }, &MediaTools::default(), MetadataPolicy::Strip)?;
    for object in prepared.objects {
        object.store_in(&store)?;
    }
    Ok(prepared.file)
}

fn render(bytes: &[u8], format: ImageFormat, query: &str) -> Result<Option<EncodedPicture>, AssetError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    render_picture(file.path(), format.to_mime_type(), &Transform::parse(query).unwrap())
}

/// Noise that no format makes small.
fn noise(width: u32, height: u32) -> DynamicImage {
    let mut state = 1_u32;
    RgbImage::from_fn(width, height, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Rgb([(state >> 24) as u8, (state >> 16) as u8, (state >> 8) as u8])
    })
    .into()
}

fn encode_picture(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

const FORMATS: [ImageFormat; 6] =
    [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP, ImageFormat::Tiff, ImageFormat::Bmp];

/// A chunk of a PNG with its checksum.
fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(name);
    crc.update(data);
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [length.as_slice(), name, data, &crc.sum().to_be_bytes()].concat()
}

/// So many megabytes of zeros, packed to a thousandth of that.
fn packed_zeros(megabytes: usize) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..megabytes {
        packer.write_all(&[0; 1 << 20]).unwrap();
    }
    packer.finish().unwrap()
}

/// A grey PNG with these chunks between its header and its end.
fn png(width: u32, height: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let start = [b"\x89PNG\r\n\x1a\n".as_slice(), &chunk(b"IHDR", &header)].concat();
    [start, chunks.concat(), chunk(b"IEND", &[])].concat()
}

#[test]
fn compressed_pixels_beyond_the_header_use_bounded_memory() {
    let bytes = png(300, 300, &[chunk(b"IDAT", &packed_zeros(512))]);
    let spent = ResourceUsage::measure();
    let file = upload(&bytes).unwrap();
    assert!(matches!(file.width, Some(300) | None));
    render(&bytes, ImageFormat::Png, "w=10&format=jpeg").unwrap();
    spent.assert_at_most(32);
}

#[test]
fn compressed_profiles_and_texts_use_bounded_memory() {
    let zeros = packed_zeros(512);
    let pixels = {
        let mut packer = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(&vec![0; 301 * 300]).unwrap();
        chunk(b"IDAT", &packer.finish().unwrap())
    };
    for name in [b"iCCP", b"zTXt"] {
        let bytes = png(300, 300, &[chunk(name, &[b"a\0\0", zeros.as_slice()].concat()), pixels.clone()]);
        let spent = ResourceUsage::measure();
        upload(&bytes).unwrap();
        render(&bytes, ImageFormat::Png, "w=10&format=jpeg").unwrap();
        // The decoder may give a text or profile the whole of what a picture may take.
        spent.assert_at_most(640);
    }
}

#[test]
fn gif_of_100_000_frames_uses_bounded_memory() {
    // A screen of 1000 by 1000, two colours, and frames of one pixel.
    let mut bytes = b"GIF89a\xe8\x03\xe8\x03\x80\0\0\0\0\0\xff\xff\xff".to_vec();
    let frame = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0";
    bytes.extend_from_slice(&frame.repeat(100_000));
    bytes.push(b';');
    let spent = ResourceUsage::measure();
    let file = upload(&bytes).unwrap();
    assert_eq!((file.width, file.animated), (Some(1000), Some(true)));
    assert!(render(&bytes, ImageFormat::Gif, "w=100&format=png").unwrap().is_some());
    for query in ["w=100", "w=1", "w=100&format=gif"] {
        assert!(matches!(render(&bytes, ImageFormat::Gif, query), Err(AssetError::UnresizableAnimation)), "{query}");
    }
    spent.assert_at_most(64);
}

#[test]
fn webp_and_tiff_with_claimed_sizes_are_not_decoded() {
    let webp = {
        // An extended header: flags, reserved, and sides less one in three bytes each.
        let header = [b"VP8X\x0a\0\0\0".as_slice(), &[2, 0, 0, 0], &[0xff; 6]].concat();
        let picture = encode_picture(&noise(4, 4), ImageFormat::WebP);
        let body = [b"WEBP".as_slice(), &header, &picture[12..]].concat();
        [b"RIFF".as_slice(), &(body.len() as u32).to_le_bytes(), &body].concat()
    };
    let tiff = {
        let mut bytes = encode_picture(&noise(4, 4), ImageFormat::Tiff);
        // The entries of width and height: tag, type (four bytes), number, value.
        for tag in [256_u16, 257] {
            let entry = [&tag.to_le_bytes()[..], &[4, 0, 1, 0, 0, 0]].concat();
            let at = bytes.windows(8).position(|found| found == entry).unwrap() + 8;
            bytes[at..at + 4].copy_from_slice(&65_535_u32.to_le_bytes());
        }
        bytes
    };
    for (name, bytes) in [("webp", webp), ("tiff", tiff)] {
        let spent = ResourceUsage::measure();
        match upload(&bytes) {
            Err(AssetError::TooManyPixels { .. }) => {}
            Ok(file) => assert_eq!((file.width, file.formats), (None, None), "{name}"),
            Err(error) => panic!("{name}: {error}"),
        }
        spent.assert_at_most(32);
    }
}

#[test]
fn truncated_pictures_are_stored_without_errors() {
    for format in FORMATS {
        let complete = encode_picture(&noise(260, 170), format);
        let spent = ResourceUsage::measure();
        for part in 0..24 {
            let cut = &complete[..complete.len() * part / 24];
            let file = upload(cut).unwrap();
            assert_eq!(file.width.is_some(), file.formats.is_some(), "{format:?} {part}");
            for query in ["w=20&format=webp", "crop=0.5,0.5,0.5,0.5&w=10&h=10&fit=cover&format=jpeg"] {
                assert_eq!(render(cut, format, query).unwrap().is_some(), file.width.is_some(), "{format:?} {part}");
            }
        }
        spent.assert_at_most(64);
    }
}

#[test]
fn renditions_contain_no_hidden_payload() {
    let payload = b"<script>alert(1)</script>PK\x03\x04";
    for format in FORMATS {
        let mut bytes = encode_picture(&noise(300, 200), format);
        bytes.extend_from_slice(payload);
        if format == ImageFormat::Jpeg {
            let comment = [b"\xff\xfe\0\x1f".as_slice(), payload].concat();
            bytes.splice(2..2, comment);
        }
        let spent = ResourceUsage::measure();
        let file = upload(&bytes).unwrap();
        assert_eq!((file.mime.as_str(), file.width), (format.to_mime_type(), Some(300)));
        for query in ["format=png", "format=jpeg", "format=webp"] {
            let picture = render(&bytes, format, query).unwrap().unwrap();
            assert!(!picture.bytes.windows(8).any(|part| payload.starts_with(part)), "{format:?} {query}");
        }
        spent.assert_at_most(64);
    }
}

#[test]
fn pictures_with_another_declared_type_are_not_rendered() {
    for format in FORMATS {
        let bytes = encode_picture(&noise(20, 20), format);
        for other in FORMATS.into_iter().filter(|other| *other != format) {
            assert_eq!(render(&bytes, other, "w=5").unwrap(), None, "{format:?} as {other:?}");
        }
    }
}

#[test]
fn malformed_exif_orientation_is_ignored() {
    let jpeg = encode_picture(&noise(60, 30), ImageFormat::Jpeg);
    let orientation = |kind: u8, count: u8, value: u8| {
        [b"\0\x01\x01\x12\0".as_slice(), &[kind, 0, 0, 0, count, 0, value, 0, 0], &[0; 4]].concat()
    };
    for directory in [
        b"".to_vec(),
        b"\0".to_vec(),
        // The largest number of entries, with none of them in the file.
        b"\xff\xff".to_vec(),
        // A text of four gigabytes, far away.
        b"\0\x01\x01\x0e\0\x02\xff\xff\xff\xff\xff\xff\xff\xf0\0\0\0\0".to_vec(),
        // A directory that goes on with itself.
        b"\0\0\0\0\0\x08".to_vec(),
        orientation(3, 0, 0),
        orientation(2, 1, 0),
        orientation(3, 255, 0),
    ] {
        let exif = [b"Exif\0\0MM\0\x2a\0\0\0\x08".as_slice(), &directory].concat();
        let length = (exif.len() as u16 + 2).to_be_bytes();
        let bytes = [&jpeg[..2], b"\xff\xe1", length.as_slice(), &exif, &jpeg[2..]].concat();
        let spent = ResourceUsage::measure();
        let file = upload(&bytes).unwrap();
        assert_eq!((file.width, file.height), (Some(60), Some(30)), "{directory:?}");
        spent.assert_at_most(16);
    }
}

#[test]
fn smallest_and_thinnest_pictures_are_processed() {
    for format in FORMATS {
        for (width, height) in [(1, 1), (1, 16_000), (16_000, 1)] {
            let spent = ResourceUsage::measure();
            let file = upload(&encode_picture(&noise(width, height), format)).unwrap();
            assert_eq!((file.width, file.height), (Some(width), Some(height)), "{format:?}");
            assert_eq!(file.formats.is_some(), width * height > 1, "{format:?}");
            assert!(file.placeholder.is_some() && file.colour.is_some(), "{format:?}");
            spent.assert_at_most(32);
        }
    }
}
