//! What is refused, and what is left after a failure: nothing.

use crate::uploads::{Uploads, encoded, png, quartered};
use cairn_assets::{
    AssetError, Blob, BlobStore, Folder, Key, Limits, Listed, MAX_PIXELS, Range, Source, ingest, remove,
};
use image::ImageFormat;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The signature and header of a PNG, and nothing after them.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend_from_slice(&width.to_be_bytes());
    bytes.extend_from_slice(&height.to_be_bytes());
    bytes.extend_from_slice(&[8, 6, 0, 0, 0]);
    bytes
}

/// A picture with another size written into its header.
fn resized(mut bytes: Vec<u8>, at: usize, size: &[u8]) -> Vec<u8> {
    bytes[at..at + size.len()].copy_from_slice(size);
    bytes
}

#[test]
fn pictures_that_unpack_to_too_much_are_refused_by_their_header() {
    let uploads = Uploads::new();
    let gif = resized(encoded(&quartered(4, 4), ImageFormat::Gif), 6, &[0xff; 4]);
    let jpeg = encoded(&quartered(16, 16), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    let jpeg = resized(jpeg, frame + 5, &[0xff; 4]);
    let bmp = resized(encoded(&quartered(4, 4), ImageFormat::Bmp), 18, &60_000u32.to_le_bytes().repeat(2));
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
    assert!(uploads.stored().is_empty());
    assert!(uploads.outside().is_empty());
}

#[test]
fn files_over_the_limit_are_refused() {
    let uploads = Uploads::new();
    let ingest = |bytes: &[u8]| ingest(&uploads.store, uploads.incoming("a", None, bytes), &Limits { max_bytes: 4 });
    assert!(ingest(b"1234").is_ok());
    assert!(matches!(ingest(b"12345"), Err(AssetError::TooLarge { bytes: 5, limit: 4 })));
    assert_eq!(uploads.stored().len(), 1);
    assert!(uploads.outside().is_empty());
}

/// A disk that is full from some write on; `written` tells whether that write is there all the same.
struct Filling<'a> {
    folder: &'a Folder,
    writes_left: AtomicUsize,
    written: bool,
}

impl BlobStore for Filling<'_> {
    fn put(&self, key: &Key, source: Source<'_>) -> Result<(), AssetError> {
        if self.writes_left.load(Ordering::SeqCst) > 0 {
            self.writes_left.fetch_sub(1, Ordering::SeqCst);
            return self.folder.put(key, source);
        }
        if self.written {
            self.folder.put(key, source)?;
        }
        Err(AssetError::Io { action: "write a file", source: std::io::ErrorKind::StorageFull.into() })
    }
    fn open(&self, key: &Key, range: Option<Range>) -> Result<Option<Blob>, AssetError> {
        self.folder.open(key, range)
    }

    fn list(&self, after: Option<&Key>, limit: usize) -> Result<Vec<Listed>, AssetError> {
        self.folder.list(after, limit)
    }
    fn delete(&self, key: &Key) -> Result<bool, AssetError> {
        self.folder.delete(key)
    }
    fn exists(&self, key: &Key) -> Result<bool, AssetError> {
        self.folder.exists(key)
    }
}

#[test]
fn a_disk_that_fills_up_half_way_leaves_nothing() {
    let uploads = Uploads::new();
    let picture = png(800, 600);
    for writes in 0..=4 {
        for written in [false, true] {
            let store = Filling { folder: &uploads.store, writes_left: AtomicUsize::new(writes), written };
            let result = ingest(&store, uploads.incoming("a.png", None, &picture), &Limits { max_bytes: 1 << 20 });
            if writes == 4 {
                let file = result.unwrap();
                assert_eq!(uploads.stored().len(), 4);
                remove(&uploads.store, &file.hash, &file.ext, file.formats.as_ref()).unwrap();
            } else {
                assert!(matches!(result, Err(AssetError::Io { .. })));
            }
            assert!(uploads.stored().is_empty(), "{:?} after {writes} writes", uploads.stored());
            assert!(uploads.outside().is_empty());
        }
    }
}

#[test]
fn removing_takes_all_blobs_and_can_be_repeated() {
    let uploads = Uploads::new();
    let stays = uploads.ingest("stays.txt", None, b"x").unwrap();
    let file = uploads.ingest("goes.png", None, &png(1200, 900)).unwrap();
    assert_eq!(file.keys.len(), 5);
    for _ in 0..2 {
        remove(&uploads.store, &file.hash, &file.ext, file.formats.as_ref()).unwrap();
        assert_eq!(uploads.stored(), stays.keys);
    }
}

#[test]
fn removing_reaches_nothing_outside_and_goes_on_after_a_bad_name() {
    let uploads = Uploads::new();
    let canary = uploads.incoming("canary", None, b"canary");
    let name = canary.temp.file_name().unwrap().to_string_lossy().into_owned();
    let file = uploads.ingest("a.png", None, &png(300, 300)).unwrap();
    let formats = json!({
        "evil": {"hash": format!("../{name}"), "ext": ""},
        "odd": 5,
        "thumbnail": file.formats.as_ref().unwrap()["thumbnail"],
    });
    let result = remove(&uploads.store, &file.hash, &file.ext, Some(&formats));
    assert!(matches!(result, Err(AssetError::BadName { .. })));
    assert!(uploads.stored().is_empty());
    assert_eq!(uploads.outside(), [name]);
}

#[test]
fn many_uploads_at_once_are_all_stored() {
    let uploads = Uploads::new();
    let picture = png(600, 400);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| uploads.ingest("same.png", None, &picture).unwrap());
        }
    });
    assert_eq!(uploads.stored().len(), 8 * 3);
    assert!(uploads.outside().is_empty());
}
