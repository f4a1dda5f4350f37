//! Files that are no pictures, claim to be some, or are broken: kept as they are, called what they are.

use crate::fixture::{UploadFixture, encode_picture, png, quartered};
use cairn_assets::{AssetError, MediaTools, MetadataPolicy, UploadLimits, prepare_file, serve_headers};
use image::ImageFormat;

#[test]
fn plain_files_have_no_size_and_no_formats() {
    let uploads = UploadFixture::new();
    for (name, declared, bytes, mime, ext) in [
        ("a.txt", Some("text/plain"), b"hello".as_slice(), "text/plain", ".txt"),
        ("a.pdf", Some("application/pdf"), b"%PDF-1.7 ...", "application/pdf", ".pdf"),
        ("a.svg", Some("image/svg+xml"), b"<svg onload='alert(1)'/>", "image/svg+xml", ".svg"),
        ("a.avif", Some("image/avif"), b"\0\0\0\x1cftypavif\0\0\0\0", "image/avif", ".avif"),
        ("a.bin", None, b"\x01\x02", "application/octet-stream", ".bin"),
        ("README", Some("text/plain"), b"hello", "text/plain", ".txt"),
        ("empty.txt", Some("text/plain"), b"", "text/plain", ".txt"),
        ("empty", None, b"", "application/octet-stream", ""),
    ] {
        let file = uploads.ingest(name, declared, bytes).unwrap();
        assert_eq!((file.width, file.height, &file.formats), (None, None, &None), "{name}");
        assert_eq!((file.mime.as_str(), file.ext.as_str()), (mime, ext), "{name}");
        assert_eq!(uploads.read(&file.keys[0]), bytes);
    }
    assert!(uploads.files_outside().is_empty());
}

#[test]
fn fake_pictures_get_their_real_type_and_are_downloads() {
    let uploads = UploadFixture::new();
    for (name, bytes, mime) in [
        ("a.png", b"<html><script>alert(1)</script>".as_slice(), "text/html"),
        ("a.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/svg+xml"),
        ("a.gif", b"<?xml version='1.0'?><x:script xmlns:x='http://www.w3.org/1999/xhtml'/>", "application/xml"),
        ("a.webp", b"alert(1)", "application/octet-stream"),
        ("empty.png", b"", "application/octet-stream"),
    ] {
        let file = uploads.ingest(name, Some("image/png"), bytes).unwrap();
        assert_eq!((file.mime.as_str(), file.width), (mime, None), "{name}");
        let headers = serve_headers(&file.mime, &file.ext, &file.name);
        assert!(headers.content_disposition.is_some_and(|d| d.starts_with("attachment")), "{name}");
    }
}

#[test]
fn pictures_named_html_are_served_as_downloads() {
    let uploads = UploadFixture::new();
    let file = uploads.ingest("a.html", Some("text/html"), &png(40, 30)).unwrap();
    assert_eq!((file.mime.as_str(), file.width), ("image/png", Some(40)));
    assert!(serve_headers(&file.mime, &file.ext, &file.name).content_disposition.is_some());
}

#[test]
fn pictures_that_are_scripts_are_served_as_pictures() {
    let uploads = UploadFixture::new();
    let file = uploads.ingest("a.js", Some("text/javascript"), b"GIF89a \0 \0=1;alert(1)//").unwrap();
    assert_eq!((file.mime.as_str(), file.width), ("image/gif", None));
    assert_eq!(serve_headers(&file.mime, &file.ext, &file.name).content_type, "image/gif");
}

#[test]
fn broken_pictures_are_stored_as_plain_files() {
    let uploads = UploadFixture::new();
    for kind in [ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP, ImageFormat::Tiff, ImageFormat::Bmp] {
        let complete = encode_picture(&quartered(300, 300), kind);
        let file = uploads.ingest("a", None, &complete[..complete.len() / 2]).unwrap();
        assert_eq!((file.width, file.height, &file.formats), (None, None, &None), "{kind:?}");
        assert_eq!(file.mime, kind.to_mime_type());
        assert_eq!(file.keys.len(), 1);
    }
}

/// Every byte of the header turned, and the file cut at every place: an answer, never a panic.
#[test]
fn damaged_pictures_are_accepted_or_rejected_as_too_large() {
    let uploads = UploadFixture::new();
    for kind in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP, ImageFormat::Bmp] {
        let complete = encode_picture(&quartered(20, 12), kind);
        for at in 0..complete.len().min(160) {
            let mut damaged = complete.clone();
            damaged[at] ^= 0xff;
            for bytes in [&damaged[..], &complete[..at]] {
                match prepare_file(
                    uploads.incoming("a", None, bytes),
                    &UploadLimits { max_bytes: 1 << 20 },
                    &MediaTools::default(),
                    MetadataPolicy::Strip,
                ) {
                    Ok(_) | Err(AssetError::TooManyPixels { .. }) => {}
                    Err(error) => panic!("{kind:?} {at}: {error}"),
                }
            }
        }
    }
    assert!(uploads.files_outside().is_empty());
}
