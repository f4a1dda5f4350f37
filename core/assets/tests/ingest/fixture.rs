//! A folder to upload into, and pictures to upload.

use cairn_assets::{
    AssetError, BlobKey, BlobStore, FolderStore, IncomingFile, MediaTools, MetadataPolicy, StoredFile, UploadLimits,
    prepare_file,
};
use image::codecs::gif::GifEncoder;
use image::{DynamicImage, Frame, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Mutex;

/// A folder for uploads inside another, so that what escapes from it is seen.
pub(crate) struct UploadFixture {
    base: tempfile::TempDir,
    pub(crate) store: FolderStore,
    /// Keys of the served objects, by the name that each is served under.
    served: Mutex<BTreeMap<String, BlobKey>>,
}

/// A file, and the names of what was stored of it, its own first.
#[derive(Debug)]
pub(crate) struct StoredUpload {
    file: StoredFile,
    pub(crate) keys: Vec<String>,
}

impl Deref for StoredUpload {
    type Target = StoredFile;

    fn deref(&self) -> &StoredFile {
        &self.file
    }
}

impl UploadFixture {
    pub(crate) fn new() -> UploadFixture {
        let base = tempfile::tempdir().unwrap();
        let store = FolderStore::open(&base.path().join("uploads")).unwrap();
        UploadFixture { base, store, served: Mutex::default() }
    }

    pub(crate) fn incoming(&self, file_name: &str, declared_mime: Option<&str>, bytes: &[u8]) -> IncomingFile {
        let mut temp = tempfile::NamedTempFile::new_in(self.base.path()).unwrap();
        temp.write_all(bytes).unwrap();
        IncomingFile {
            file_name: file_name.to_owned(),
            given_name: None,
            declared_mime: declared_mime.map(str::to_owned),
            temp: temp.into_temp_path(),
            sha256: None,
            replaces: None,
        }
    }

    pub(crate) fn ingest(&self, name: &str, declared: Option<&str>, bytes: &[u8]) -> Result<StoredUpload, AssetError> {
        self.store(self.incoming(name, declared, bytes), 50_000_000)
    }

    pub(crate) fn store(&self, incoming: IncomingFile, max_bytes: u64) -> Result<StoredUpload, AssetError> {
        let prepared =
            prepare_file(incoming, &UploadLimits { max_bytes }, &MediaTools::default(), MetadataPolicy::Strip)?;
        let mut keys = Vec::new();
        for object in prepared.objects {
            keys.push(object.name.clone());
            self.served.lock().unwrap().insert(object.name.clone(), object.key.clone());
            object.store_in(&self.store)?;
        }
        Ok(StoredUpload { file: prepared.file, keys })
    }

    /// Names that can be served. Nothing else is in the folder.
    pub(crate) fn stored_names(&self) -> Vec<String> {
        let served = self.served.lock().unwrap();
        let mut objects: Vec<String> = served.values().map(BlobKey::to_string).collect();
        objects.sort();
        objects.dedup();
        assert_eq!(file_names(self.base.path().join("uploads")), objects);
        served.keys().cloned().collect()
    }

    /// The names of all that lies beside the folder for uploads: temporary files that were left, files that escaped.
    pub(crate) fn files_outside(&self) -> Vec<String> {
        file_names(self.base.path().to_owned()).into_iter().filter(|name| name != "uploads").collect()
    }

    pub(crate) fn read(&self, key: &str) -> Vec<u8> {
        let key = self.served.lock().unwrap()[key].clone();
        let mut blob = self.store.open(&key, None).unwrap().unwrap();
        let mut bytes = Vec::new();
        blob.body.read_to_end(&mut bytes).unwrap();
        bytes
    }
}

fn file_names(folder: PathBuf) -> Vec<String> {
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

pub(crate) fn encode_picture(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    encode_picture(&quartered(width, height), ImageFormat::Png)
}

/// An animation of 300 by 300 pixels, a frame for each colour.
pub(crate) fn gif(colours: &[[u8; 4]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for colour in colours {
        encoder.encode_frame(Frame::new(RgbaImage::from_pixel(300, 300, Rgba(*colour)))).unwrap();
    }
    drop(encoder);
    bytes
}

/// The same as WebP, of 16 by 16 pixels: an extended header, and each frame what a still picture has behind its own.
pub(crate) fn animated_webp(colours: &[[u8; 4]]) -> Vec<u8> {
    let chunk = |name: &[u8; 4], data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_le_bytes();
        [name, length.as_slice(), data, &[0][..data.len() % 2]].concat()
    };
    // Flags (animation), three bytes reserved, and sides less one in three bytes each.
    let mut body = [b"WEBP".as_slice(), &chunk(b"VP8X", &[2, 0, 0, 0, 15, 0, 0, 15, 0, 0])].concat();
    body.extend(chunk(b"ANIM", &[0; 6]));
    for colour in colours {
        let picture = encode_picture(&RgbaImage::from_pixel(16, 16, Rgba(*colour)).into(), ImageFormat::WebP);
        // Place, size, duration (100 ms), flags (nothing of the frame before shines through).
        let frame = [0, 0, 0, 0, 0, 0, 15, 0, 0, 15, 0, 0, 100, 0, 0, 2];
        body.extend(chunk(b"ANMF", &[&frame, &picture[12..]].concat()));
    }
    chunk(b"RIFF", &body)
}

/// A PNG that announces two frames.
pub(crate) fn animated_png() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 10, 10);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_animated(2, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for _ in 0..2 {
        writer.write_image_data(&[0, 0, 255].repeat(100)).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

/// Puts an application's segment behind the start of a JPEG.
fn with_segment(jpeg: &[u8], segment: &[u8]) -> Vec<u8> {
    let length = u16::try_from(segment.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], b"\xff\xe1", length.as_slice(), segment, &jpeg[2..]].concat()
}

/// Puts EXIF with nothing but an orientation into a JPEG.
pub(crate) fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01".to_vec();
    exif.extend_from_slice(&[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    exif.extend_from_slice(&[0, 0, 0, 0]);
    with_segment(jpeg, &exif)
}

/// Puts a text into a JPEG's EXIF (as its description) and its XMP.
pub(crate) fn with_metadata(jpeg: &[u8], text: &[u8]) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01".to_vec();
    exif.extend_from_slice(&[0x01, 0x0e, 0, 2, 0, 0, 0, length, 0, 0, 0, 26, 0, 0, 0, 0]);
    exif.extend_from_slice(text);
    let xmp = [b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>".as_slice(), text, b"</x:xmpmeta>"].concat();
    with_segment(&with_segment(jpeg, &exif), &xmp)
}
