//! Pictures of every format with all that may stand beside their pixels, whole and damaged.

mod damaged;
mod films;
mod jpegs;
mod others;
mod tiffs;

use super::strip_metadata;
use crate::AssetError;
use crate::arrival::hex_string;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Rgb, RgbImage};
use sha2::{Digest, Sha256};
use std::io::{Cursor, Write};

/// Secret metadata that must not stay anywhere in a file.
const SECRET: &[u8] = b"52.3702 N 4.8952 E by Anna, body 0815";

/// A colour profile that is none, but for what is looked at.
fn profile() -> Vec<u8> {
    let mut profile = vec![7; 200];
    profile[16..20].copy_from_slice(b"RGB ");
    profile
}

/// A file without its metadata; `None` where nothing goes.
fn strip(bytes: &[u8]) -> Result<Option<Vec<u8>>, AssetError> {
    let folder = tempfile::tempdir().unwrap();
    let mut temp = tempfile::NamedTempFile::new_in(folder.path()).unwrap();
    temp.write_all(bytes).unwrap();
    let removed = strip_metadata(temp.path(), "", &bytes[..bytes.len().min(4096)])?;
    assert_eq!(std::fs::read(temp.path()).unwrap(), bytes, "what came is left alone");
    Ok(removed.map(|removed| {
        let new = std::fs::read(&removed.temp).unwrap();
        assert_eq!(removed.bytes, new.len() as u64);
        assert_eq!(removed.sha256, hex_string(&Sha256::digest(&new)));
        new
    }))
}

/// As [`strip`] of a file that has metadata, of which nothing may be left; and what is left has none to take out.
#[track_caller]
fn strip_secrets(bytes: &[u8]) -> Vec<u8> {
    assert!(contains_bytes(bytes, SECRET));
    let new = strip(bytes).unwrap().expect("there was something to take out");
    assert!(!contains_bytes(&new, SECRET), "{}", String::from_utf8_lossy(&new));
    assert_eq!(strip(&new).unwrap(), None, "it was not all taken out at once");
    new
}

fn contains_bytes(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

/// The pixels of a picture as stored, its orientation and its colour profile.
type DecodedPicture = (DynamicImage, Orientation, Option<Vec<u8>>);

fn decode(bytes: &[u8], format: ImageFormat) -> Option<DecodedPicture> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(32 << 20);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    if decoder.total_bytes() > 32 << 20 {
        return None;
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().unwrap_or_default();
    Some((DynamicImage::from_decoder(decoder).ok()?, orientation, profile))
}

fn picture() -> DynamicImage {
    RgbImage::from_fn(40, 24, |x, y| Rgb([(x * 6) as u8, (y * 10) as u8, (x * y % 251) as u8])).into()
}

fn encode_picture(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// EXIF as cameras write it: orientation, a text, a directory with more, the place, and a preview. `II` or `MM`.
fn camera_exif(little: bool, orientation: u16) -> Vec<u8> {
    let mut file = tiffs::TiffBuilder::new(little);
    let text = file.append(SECRET);
    let preview = file.append(&[b"\xff\xd8\xff\xe1\0\x30Exif\0\0".as_slice(), SECRET, b"\xff\xd9"].concat());
    let gps = file.directory(&[(1, 2, 2, u32::from(b'N'))], 0);
    let length = SECRET.len() as u32;
    let inside = file.directory(&[(42_033, 2, length, text)], 0);
    let second = file.directory(&[(513, 4, 1, preview), (514, 4, 1, 60)], 0);
    let first =
        [(271, 2, length, text), (274, 3, 1, file.short(orientation)), (34_665, 4, 1, inside), (34_853, 4, 1, gps)];
    file.finish(&first, second)
}
