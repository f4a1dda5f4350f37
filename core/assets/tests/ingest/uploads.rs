//! A folder to upload into, and pictures to upload.

use cairn_assets::{AssetError, BlobStore, Folder, Incoming, Key, Limits, StoredFile, ingest};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use std::io::{Cursor, Read, Write};
use std::path::PathBuf;

/// A folder for uploads inside another, so that what escapes from it is seen.
pub(crate) struct Uploads {
    base: tempfile::TempDir,
    pub(crate) store: Folder,
}

impl Uploads {
    pub(crate) fn new() -> Uploads {
        let base = tempfile::tempdir().unwrap();
        let store = Folder::open(&base.path().join("uploads")).unwrap();
        Uploads { base, store }
    }

    pub(crate) fn incoming(&self, file_name: &str, declared_mime: Option<&str>, bytes: &[u8]) -> Incoming {
        let mut temp = tempfile::NamedTempFile::new_in(self.base.path()).unwrap();
        temp.write_all(bytes).unwrap();
        Incoming {
            file_name: file_name.to_owned(),
            given_name: None,
            declared_mime: declared_mime.map(str::to_owned),
            temp: temp.into_temp_path(),
        }
    }

    pub(crate) fn ingest(&self, name: &str, declared: Option<&str>, bytes: &[u8]) -> Result<StoredFile, AssetError> {
        ingest(&self.store, self.incoming(name, declared, bytes), &Limits { max_bytes: 50_000_000 })
    }

    /// The names of all files in the folder for uploads.
    pub(crate) fn stored(&self) -> Vec<String> {
        names(self.base.path().join("uploads"))
    }

    /// The names of all that lies beside the folder for uploads: temporary files that were left, files that escaped.
    pub(crate) fn outside(&self) -> Vec<String> {
        names(self.base.path().to_owned()).into_iter().filter(|name| name != "uploads").collect()
    }

    pub(crate) fn read(&self, key: &str) -> Vec<u8> {
        let mut blob = self.store.open(&Key::parse(key).unwrap(), None).unwrap().unwrap();
        let mut bytes = Vec::new();
        blob.body.read_to_end(&mut bytes).unwrap();
        bytes
    }
}

fn names(folder: PathBuf) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// A picture whose left upper quarter is red and the rest blue.
pub(crate) fn quartered(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(
        width,
        height,
        |x, y| {
            if x < width / 2 && y < height / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) }
        },
    )
    .into()
}

pub(crate) fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    encoded(&quartered(width, height), ImageFormat::Png)
}
