//! From a temporary file to stored blobs and the facts that go into the database, and back.

use crate::blob::{BlobStore, Key, Source};
use crate::image::Variant;
use crate::{AssetError, image, mime, name};
use serde_json::{Map, Number, Value, json};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use tempfile::TempPath;

/// A file that has arrived and lies in a temporary file, which is gone when this is dropped.
#[derive(Debug)]
pub struct Incoming {
    /// The name the sender's file has; folders in it are dropped.
    pub file_name: String,
    /// The name it shall have instead (`fileInfo.name`), if one was given. The extension stays that of `file_name`.
    pub given_name: Option<String>,
    /// The content type its sender declared, with or without parameters.
    pub declared_mime: Option<String>,
    /// Where its bytes are.
    pub temp: TempPath,
}

/// What an upload may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest file in bytes.
    pub max_bytes: u64,
}

/// What is known of a file once it is stored; the columns of its row.
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
    /// Size in kB (1000 bytes), two decimals.
    pub size_kb: f64,
    /// Width in pixels as seen, of a picture that could be decoded.
    pub width: Option<u32>,
    /// Height in pixels as seen.
    pub height: Option<u32>,
    /// What to show of a picture until it has arrived: a ThumbHash in base64.
    pub placeholder: Option<String>,
    /// The dominant colour of a picture, `#rrggbb`.
    pub colour: Option<String>,
    /// Whether a picture has more than one frame; its size, variants and other facts are those of the first.
    pub animated: Option<bool>,
    /// Whether a picture lets anything behind it show through.
    pub alpha: Option<bool>,
    /// The variants by name, as they go over the wire; `None` where there are none.
    pub formats: Option<Value>,
    /// `/uploads/<hash><ext>`.
    pub url: String,
    /// The keys of all blobs that were written, the original's first.
    pub keys: Vec<String>,
}

/// Stores a file and the variants of it, all or nothing. Blocks: to be run on a blocking pool.
///
/// # Errors
/// [`AssetError::TooLarge`], [`AssetError::TooManyPixels`] and [`AssetError::BadName`] for what the sender did,
/// [`AssetError::Io`] for what the disk did. No blob is left then.
pub fn ingest(store: &dyn BlobStore, incoming: Incoming, limits: &Limits) -> Result<StoredFile, AssetError> {
    let path: &Path = &incoming.temp;
    let bytes = path.metadata().map_err(AssetError::io("read an uploaded file"))?.len();
    if bytes > limits.max_bytes {
        return Err(AssetError::TooLarge { bytes, limit: limits.max_bytes });
    }

    let name = name::display_name(incoming.given_name.as_deref().unwrap_or(&incoming.file_name))?;
    let head = head(path)?;
    let mut ext = name::extension(&incoming.file_name);
    let mime = mime::content_type(incoming.declared_mime.as_deref(), &ext, &head);
    if ext.is_empty() {
        ext = mime::extension_of(&mime);
    }
    let hash = name::hash(name::stem(&name, &ext));

    // Before anything is written: a picture that is refused leaves nothing to undo.
    let picture = image::read(path, &mime, &head)?;

    let mut written = Written { store, keys: Vec::new() };
    written.put(&hash, &ext, Source::File(path))?;
    let mut formats = Map::new();
    for variant in picture.iter().flat_map(|picture| &picture.variants) {
        let variant_hash = format!("{}_{hash}", variant.name);
        written.put(&variant_hash, &ext, Source::Bytes(&variant.bytes))?;
        formats.insert(variant.name.to_owned(), describe(variant, &name, &variant_hash, &ext, &mime));
    }

    let url = name::url(&hash, &ext);
    let (width, height) = picture.as_ref().map(|picture| (picture.width, picture.height)).unzip();
    let (animated, alpha) = picture.as_ref().map(|picture| (picture.animated, picture.alpha)).unzip();
    let (placeholder, colour) = picture.map(|picture| (picture.look.placeholder, picture.look.colour)).unzip();
    let formats = (!formats.is_empty()).then_some(Value::Object(formats));
    Ok(StoredFile {
        name,
        hash,
        ext,
        mime,
        size_kb: kilobytes(bytes),
        width,
        height,
        placeholder,
        colour,
        animated,
        alpha,
        formats,
        url,
        keys: written.keep(),
    })
}

/// Removes all blobs of a file: the original and what its `formats` (as stored) name. Blobs that are gone already are
/// no error. Blocks.
///
/// # Errors
/// [`AssetError::Io`] and [`AssetError::BadName`] (a row that was not written by [`ingest`]). The other blobs are removed
/// all the same.
pub fn remove(store: &dyn BlobStore, hash: &str, ext: &str, formats: Option<&Value>) -> Result<(), AssetError> {
    let text = |format: &Value, key: &str| format.get(key).and_then(Value::as_str).map(str::to_owned);
    let variants = formats.and_then(Value::as_object).into_iter().flat_map(Map::values);
    let variants = variants.filter_map(|format| Some((text(format, "hash")?, text(format, "ext").unwrap_or_default())));
    let mut result = Ok(());
    for (hash, ext) in std::iter::once((hash.to_owned(), ext.to_owned())).chain(variants) {
        let deleted = Key::parse(&format!("{hash}{ext}")).and_then(|key| store.delete(&key));
        result = result.and(deleted.map(drop));
    }
    result
}

/// The first bytes of a file, enough to tell what it is.
fn head(path: &Path) -> Result<Vec<u8>, AssetError> {
    let mut head = Vec::with_capacity(mime::HEAD_BYTES);
    File::open(path)
        .and_then(|file| file.take(mime::HEAD_BYTES as u64).read_to_end(&mut head))
        .map_err(AssetError::io("read an uploaded file"))?;
    Ok(head)
}

/// A variant as it goes over the wire, its keys in the contract's order.
fn describe(variant: &Variant, name: &str, hash: &str, ext: &str, mime: &str) -> Value {
    let bytes = variant.bytes.len() as u64;
    json!({
        "name": format!("{}_{name}", variant.name),
        "hash": hash,
        "ext": ext,
        "mime": mime,
        "path": null,
        "width": variant.width,
        "height": variant.height,
        "size": whole_where_possible(kilobytes(bytes)),
        "sizeInBytes": bytes,
        "url": name::url(hash, ext),
    })
}

/// Bytes in kB (1000 bytes), rounded to two decimals.
fn kilobytes(bytes: u64) -> f64 {
    // Exact below 2^53 bytes.
    (bytes as f64 / 10.0).round() / 100.0
}

/// `12`, not `12.0`, as the contract's numbers are written.
fn whole_where_possible(number: f64) -> Option<Number> {
    if number.fract() == 0.0 { Some(Number::from(number as u64)) } else { Number::from_f64(number) }
}

/// The blobs of an upload that is under way. Dropping it removes them, be it for an error or a panic.
struct Written<'a> {
    store: &'a dyn BlobStore,
    keys: Vec<Key>,
}

impl Written<'_> {
    fn put(&mut self, hash: &str, ext: &str, source: Source<'_>) -> Result<(), AssetError> {
        let key = Key::parse(&format!("{hash}{ext}"))?;
        // Noted first: a write may fail after the blob is there, when it cannot be made durable.
        self.keys.push(key.clone());
        self.store.put(&key, source)
    }

    /// The upload is complete: the blobs stay.
    fn keep(mut self) -> Vec<String> {
        std::mem::take(&mut self.keys).iter().map(Key::to_string).collect()
    }
}

impl Drop for Written<'_> {
    fn drop(&mut self) {
        for key in &self.keys {
            if let Err(error) = self.store.delete(key) {
                tracing::warn!(%key, %error, "a file of an upload that failed could not be removed");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_in_thousands_with_two_decimals() {
        for (bytes, expected) in [(0, "0"), (4, "0"), (5, "0.01"), (1234, "1.23"), (1235, "1.24"), (12_000, "12")] {
            assert_eq!(whole_where_possible(kilobytes(bytes)).unwrap().to_string(), expected, "{bytes}");
        }
    }
}
