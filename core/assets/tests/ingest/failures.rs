//! Refused uploads, and the absence of anything left after a failure.

use crate::fixture::{UploadFixture, encode_picture, png, quartered};
use cairn_assets::{AssetError, IncomingFile, MAX_PIXELS, ReplacedFile};
use image::ImageFormat;

/// The signature and header of a PNG, and nothing after them.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend_from_slice(&width.to_be_bytes());
    bytes.extend_from_slice(&height.to_be_bytes());
    bytes.extend_from_slice(&[8, 6, 0, 0, 0]);
    bytes
}

/// A picture with another size written into its header.
fn with_claimed_size(mut bytes: Vec<u8>, at: usize, size: &[u8]) -> Vec<u8> {
    bytes[at..at + size.len()].copy_from_slice(size);
    bytes
}

#[test]
fn oversized_pictures_are_rejected_by_their_header() {
    let uploads = UploadFixture::new();
    let gif = with_claimed_size(encode_picture(&quartered(4, 4), ImageFormat::Gif), 6, &[0xff; 4]);
    let jpeg = encode_picture(&quartered(16, 16), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    let jpeg = with_claimed_size(jpeg, frame + 5, &[0xff; 4]);
    let bmp =
        with_claimed_size(encode_picture(&quartered(4, 4), ImageFormat::Bmp), 18, &60_000u32.to_le_bytes().repeat(2));
    for (name, bytes, pixels) in [
        ("a.png", png_header(60_000, 60_000), 3_600_000_000),
        ("b.png", png_header(u32::MAX, u32::MAX), u64::from(u32::MAX) * u64::from(u32::MAX)),
        ("a.gif", gif, 65_535 * 65_535),
        ("a.jpg", jpeg, 65_535 * 65_535),
        ("a.bmp", bmp, 3_600_000_000),
    ] {
        match uploads.ingest(name, None, &bytes) {
            Err(AssetError::TooManyPixels { pixels: found, limit: MAX_PIXELS }) => assert_eq!(found, pixels, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    assert!(uploads.stored_names().is_empty());
    assert!(uploads.files_outside().is_empty());
}

#[test]
fn files_over_the_size_limit_are_rejected() {
    let uploads = UploadFixture::new();
    let ingest = |bytes: &[u8]| uploads.store(uploads.incoming("a", None, bytes), 4);
    assert!(ingest(b"1234").is_ok());
    assert!(matches!(ingest(b"12345"), Err(AssetError::TooLarge { bytes: 5, limit: 4 })));
    assert_eq!(uploads.stored_names().len(), 1);
    assert!(uploads.files_outside().is_empty());
}

#[test]
fn replacement_files_must_have_the_same_type() {
    let uploads = UploadFixture::new();
    let old = ReplacedFile { hash: "old_0123456789".into(), ext: ".jpg".into() };
    let replace = |name: &str, bytes: &[u8]| {
        let incoming = uploads.incoming(name, None, bytes);
        uploads.store(IncomingFile { replaces: Some(old.clone()), ..incoming }, 1 << 20)
    };
    let jpeg = encode_picture(&quartered(300, 200), ImageFormat::Jpeg);
    for name in ["a.png", "a.html", "a.jpg.exe"] {
        let refused = replace(name, &jpeg);
        assert!(matches!(refused, Err(AssetError::OtherType { .. })), "{name}: {refused:?}");
    }
    let new = replace("Other.JPEG", &jpeg).unwrap();
    assert_eq!((new.url.as_str(), new.name.as_str()), ("/uploads/old_0123456789.jpg", "Other.JPEG"));
    assert_eq!(uploads.stored_names(), ["old_0123456789.jpg", "thumbnail_old_0123456789.jpg"]);
}

#[test]
fn concurrent_uploads_are_all_stored() {
    let uploads = UploadFixture::new();
    let picture = png(600, 400);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| uploads.ingest("same.png", None, &picture).unwrap());
        }
    });
    assert_eq!(uploads.stored_names().len(), 8 * 3);
    assert!(uploads.files_outside().is_empty());
}
