//! From a temporary file to objects that can be stored and the facts that go into the database.

use crate::arrival::hex_string;
use crate::blob::{BlobKey, BlobSource, BlobStore};
use crate::image::Variant;
use crate::metadata::{self, MetadataPolicy, StrippedFile};
use crate::{AssetError, DocumentHelper, EncodedPicture, MediaFacts, image, media, mime, name};
use serde_json::{Map, Number, Value, json};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use tempfile::TempPath;

/// A file that has arrived and lies in a temporary file, which is gone when this is dropped.
#[derive(Debug)]
pub struct IncomingFile {
    /// The name the sender's file has; folders in it are dropped.
    pub file_name: String,
    /// The name it shall have instead (`fileInfo.name`), if one was given. The extension stays that of `file_name`.
    pub given_name: Option<String>,
    /// The content type its sender declared, with or without parameters.
    pub declared_mime: Option<String>,
    /// Where its bytes are.
    pub temp: TempPath,
    /// Their SHA-256 in hexadecimal, where they were hashed as they came.
    pub sha256: Option<String>,
    /// The file it takes the place of; `None`: it is a new one.
    pub replaces: Option<ReplacedFile>,
}

/// Parts of a replaced file that the new one takes over, so that its addresses stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplacedFile {
    /// As [`StoredFile::hash`].
    pub hash: String,
    /// As [`StoredFile::ext`].
    pub ext: String,
}

/// Limits on an upload.
#[derive(Debug, Clone, Copy)]
pub struct UploadLimits {
    /// Largest file in bytes.
    pub max_bytes: u64,
}

/// Programs that look into files; what has none is kept without what they would tell.
#[derive(Debug, Clone, Default)]
pub struct MediaTools {
    /// Reads documents.
    pub documents: Option<DocumentHelper>,
    /// `ffmpeg`, which takes pictures out of films.
    pub films: Option<PathBuf>,
}

/// The variant that stands for a film or a document where a picture is wanted.
pub const POSTER_VARIANT: &str = "poster";

/// Facts about a stored file; the columns of its row, and more.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredFile {
    /// For people: `Big picture.png`.
    pub name: String,
    /// Unique, and safe in a path: `big_picture_0a1b2c3d4e`.
    pub hash: String,
    /// `.png`, or empty.
    pub ext: String,
    /// Content type without parameters, as the bytes show it.
    pub mime: String,
    /// `image`, `video`, `audio`, `document`, `model` or `other`.
    pub kind: &'static str,
    /// Size in bytes.
    pub bytes: u64,
    /// Size in kB (1000 bytes), two decimals.
    pub size_kb: f64,
    /// The SHA-256 of the bytes, in hexadecimal.
    pub sha256: String,
    /// Width in pixels as seen, of a picture that could be decoded.
    pub width: Option<u32>,
    /// Height in pixels as seen.
    pub height: Option<u32>,
    /// The widths below its own that a picture is offered in: all that are common, and of an animation those in which it moves.
    pub widths: Vec<u32>,
    /// Placeholder that is shown until a picture has arrived: a ThumbHash in base64.
    pub placeholder: Option<String>,
    /// The dominant colour of a picture, `#rrggbb`.
    pub colour: Option<String>,
    /// True if a picture has more than one frame; its size, variants and other facts are those of the first.
    pub animated: Option<bool>,
    /// True if a picture lets anything behind it show through.
    pub alpha: Option<bool>,
    /// Further facts about a film, a sound or a document: an object with duration, pages, codecs.
    pub facts: Option<Value>,
    /// The variants by name, as they go over the wire; `None` where there are none.
    pub formats: Option<Value>,
    /// `/uploads/<hash><ext>`.
    pub url: String,
}

/// Bytes that are to be stored: of a file, or of a variant of it.
#[derive(Debug)]
pub struct PendingObject {
    /// Empty for the file itself, else the variant's name.
    pub variant: String,
    /// Name that it is served as, below `/uploads/`.
    pub name: String,
    /// The SHA-256 of its bytes.
    pub key: BlobKey,
    /// How many bytes it has.
    pub length: u64,
    /// Its content type.
    pub mime: String,
    content: ObjectContent,
}

#[derive(Debug)]
enum ObjectContent {
    File(TempPath),
    Bytes(Vec<u8>),
}

impl PendingObject {
    fn from_bytes(variant: &str, name: String, mime: &str, bytes: Vec<u8>) -> Result<PendingObject, AssetError> {
        let key = BlobKey::parse(&hex_string(&Sha256::digest(&bytes)))?;
        let length = bytes.len() as u64;
        Ok(PendingObject {
            variant: variant.into(),
            name,
            key,
            length,
            mime: mime.into(),
            content: ObjectContent::Bytes(bytes),
        })
    }

    /// Puts it where it belongs. Blocks. Returns the same errors as [`BlobStore::put`].
    pub fn store_in(self, store: &dyn BlobStore) -> Result<(), AssetError> {
        match self.content {
            ObjectContent::File(temp) => store.put_temp_file(&self.key, temp),
            ObjectContent::Bytes(bytes) => store.put(&self.key, BlobSource::Bytes(&bytes)),
        }
    }
}

/// A file that was looked at and is ready to be stored.
#[derive(Debug)]
pub struct PreparedFile {
    /// Facts about the file.
    pub file: StoredFile,
    /// Objects to be stored of it, the file itself first.
    pub objects: Vec<PendingObject>,
}

/// Looks at a file, takes its metadata out where `policy` says so, and makes its variants. Stores nothing. Size and hash are those of
/// what is to be stored, while what is told of a film, a sound or a document is read from what came. Blocks: to be run on a
/// blocking pool.
///
/// # Errors
/// [`AssetError::TooLarge`], [`AssetError::TooManyPixels`], [`AssetError::BadName`], [`AssetError::OtherType`] and
/// [`AssetError::InseparableMetadata`] for what the sender did, [`AssetError::Io`] for what the disk did.
pub fn prepare_file(
    incoming: IncomingFile,
    limits: &UploadLimits,
    tools: &MediaTools,
    policy: MetadataPolicy,
) -> Result<PreparedFile, AssetError> {
    let IncomingFile { file_name, given_name, declared_mime, temp, sha256: known, replaces } = incoming;
    let bytes = temp.metadata().map_err(AssetError::io("read an uploaded file"))?.len();
    if bytes > limits.max_bytes {
        return Err(AssetError::TooLarge { bytes, limit: limits.max_bytes });
    }

    let name = name::display_name(given_name.as_deref().unwrap_or(&file_name))?;
    let head = read_head(&temp)?;
    let mut ext = name::file_extension(&file_name);
    let mime = mime::content_type(declared_mime.as_deref(), &ext, &head);
    if ext.is_empty() {
        ext = mime::extension_for_type(&mime);
    }
    let hash = match replaces {
        None => name::new_hash(name::file_stem(&name, &ext)),
        Some(old) => {
            // A replaced file keeps its addresses, which end with its extension.
            if !name::same_type(&old.ext, &ext) {
                return Err(AssetError::OtherType { old: old.ext, new: ext });
            }
            ext = old.ext;
            old.hash
        }
    };

    let stripped = match policy {
        MetadataPolicy::Strip => metadata::strip_metadata(&temp, &mime, &head)?,
        MetadataPolicy::Keep => None,
    };
    let picture = image::read_picture(stripped.as_ref().map_or(&temp, |stripped| &stripped.temp), &mime, &head)?;
    let (media_facts, poster) = if picture.is_none() { inspect_media(&temp, &mime, tools) } else { (None, None) };
    let StrippedFile { temp, sha256, bytes } = match stripped {
        Some(stripped) => stripped,
        None => StrippedFile { sha256: known.map_or_else(|| hash_file(&temp), Ok)?, temp, bytes },
    };
    let key = BlobKey::parse(&sha256)?;
    let served = |hash: &str| format!("{hash}{ext}");
    // A name that cannot be served is found here, before anything is stored.
    BlobKey::parse(&served(&hash))?;
    let original = PendingObject {
        variant: String::new(),
        name: served(&hash),
        key,
        length: bytes,
        mime: mime.clone(),
        content: ObjectContent::File(temp),
    };

    let mut objects = vec![original];
    let mut formats = Map::new();
    let (mut size, mut facts, mut look) = ((None, None), (None, None), (None, None));
    let mut widths = Vec::new();
    if let Some(picture) = picture {
        size = (Some(picture.width), Some(picture.height));
        widths = picture.widths;
        facts = (Some(picture.animated), Some(picture.alpha));
        look = (Some(picture.look.placeholder), Some(picture.look.colour));
        for variant in picture.variants {
            let variant_hash = format!("{}_{hash}", variant.name);
            formats.insert(variant.name.to_owned(), variant_json(&variant, &name, &variant_hash, &ext, &mime));
            objects.push(PendingObject::from_bytes(variant.name, served(&variant_hash), &mime, variant.bytes)?);
        }
    }

    if let Some(poster) = poster {
        let name = format!("{POSTER_VARIANT}_{hash}.jpg");
        objects.push(PendingObject::from_bytes(POSTER_VARIANT, name, poster.content_type, poster.bytes)?);
    }

    let url = name::upload_url(&hash, &ext);
    let file = StoredFile {
        name,
        hash,
        ext,
        kind: mime::file_kind(&mime),
        mime,
        bytes,
        size_kb: to_kilobytes(bytes),
        sha256,
        width: size.0,
        height: size.1,
        widths,
        placeholder: look.0,
        colour: look.1,
        animated: facts.0,
        alpha: facts.1,
        facts: media_facts
            .and_then(|media_facts| serde_json::to_value(media_facts).ok())
            .filter(|facts_json| *facts_json != json!({})),
        formats: (!formats.is_empty()).then_some(Value::Object(formats)),
        url,
    };
    Ok(PreparedFile { file, objects })
}

/// Reads the facts of a film, a sound or a document, and takes a picture of it. Their absence is no error.
fn inspect_media(path: &Path, mime: &str, tools: &MediaTools) -> (Option<MediaFacts>, Option<EncodedPicture>) {
    let log_failure =
        |preview: &str, error: AssetError| tracing::warn!(%error, "cannot create the {preview} of an uploaded file");
    if let Some(helper) = &tools.documents
        && mime == "application/pdf"
    {
        let document = helper.read_document(path, mime).unwrap_or_else(|error| {
            log_failure("first page", error);
            None
        });
        return document.map(|d| (Some(d.facts), d.first_page)).unwrap_or_default();
    }
    let picture = tools.films.as_deref().filter(|_| mime.starts_with("video/")).and_then(|tool| {
        media::take_poster(path, mime, tool).unwrap_or_else(|error| {
            log_failure("poster", error);
            None
        })
    });
    (media::media_facts(path, mime), picture)
}

/// The SHA-256 of a file, in hexadecimal.
fn hash_file(path: &Path) -> Result<String, AssetError> {
    let mut hash = Sha256::new();
    let mut file = File::open(path).map_err(AssetError::io("read an uploaded file"))?;
    let mut buffer = vec![0; 256 << 10];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hex_string(&hash.finalize())),
            Ok(n) => hash.update(&buffer[..n]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(AssetError::io("read an uploaded file")(e)),
        }
    }
}

/// The first bytes of a file, enough to tell what it is.
fn read_head(path: &Path) -> Result<Vec<u8>, AssetError> {
    let mut head = Vec::with_capacity(mime::HEAD_BYTES);
    File::open(path)
        .and_then(|file| file.take(mime::HEAD_BYTES as u64).read_to_end(&mut head))
        .map_err(AssetError::io("read an uploaded file"))?;
    Ok(head)
}

/// A variant as it goes over the wire, its keys in the contract's order.
fn variant_json(variant: &Variant, name: &str, hash: &str, ext: &str, mime: &str) -> Value {
    let bytes = variant.bytes.len() as u64;
    json!({
        "name": format!("{}_{name}", variant.name),
        "hash": hash,
        "ext": ext,
        "mime": mime,
        "path": null,
        "width": variant.width,
        "height": variant.height,
        "size": integer_if_whole(to_kilobytes(bytes)),
        "sizeInBytes": bytes,
        "url": name::upload_url(hash, ext),
    })
}

/// Bytes in kB (1000 bytes), rounded to two decimals.
fn to_kilobytes(bytes: u64) -> f64 {
    // Exact below 2^53 bytes.
    (bytes as f64 / 10.0).round() / 100.0
}

/// `12`, not `12.0`, as the contract's numbers are written.
fn integer_if_whole(number: f64) -> Option<Number> {
    if number.fract() == 0.0 { Some(Number::from(number as u64)) } else { Number::from_f64(number) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_kilobytes_with_two_decimals() {
        for (bytes, expected) in [(0, "0"), (4, "0"), (5, "0.01"), (1234, "1.23"), (1235, "1.24"), (12_000, "12")] {
            assert_eq!(integer_if_whole(to_kilobytes(bytes)).unwrap().to_string(), expected, "{bytes}");
        }
    }
}
