//! Files of the media library.

use super::Converter;
use crate::archive::{Archive, MemberKind};
use crate::error::ImportError;
use crate::source::ImportSource;
use crate::survey::{AssetBytes, Survey, to_hex};
use cairn_store::assets::AssetBlob;
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::io::{self, Read};

/// Longest name that a file is served under, in bytes.
const MAX_NAME_BYTES: usize = 200;

/// Facts of a file that the media library has beside its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedFile {
    /// Document id of the file.
    pub document_id: String,
    /// Media type, such as `image/png`.
    pub mime: String,
    /// Id in Strapi of the folder that has the file; `None`: the root.
    pub folder: Option<i64>,
    /// SHA-256 of the bytes, in hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub length: u64,
    /// Time when the file was added, as Strapi wrote it: ISO 8601.
    pub added_at: String,
    /// Bytes of the file and of its formats.
    pub blobs: Vec<AssetBlob>,
}

/// The names that files are served under, each used once.
#[derive(Debug, Default)]
pub(super) struct ServedNames(HashSet<String>);

impl ServedNames {
    /// Claims a name for a file: its name in Strapi, in lower case and with `_` for characters that Cairn's addresses do not have.
    fn claim(&mut self, name: &str, id: i64) -> String {
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c.to_ascii_lowercase() } else { '_' }
        };
        let name: String = name.chars().map(plain).take(MAX_NAME_BYTES).collect();
        let name = name.trim_matches('.').to_owned();
        if !name.is_empty() && self.0.insert(name.clone()) {
            return name;
        }
        let (stem, extension) = name.rfind('.').map_or((name.as_str(), ""), |dot| name.split_at(dot));
        let more = std::iter::once(String::new()).chain((2_u64..).map(|n| format!("-{n}")));
        // A numbered name may belong to another file already: the number goes on until one is free.
        let mut numbered = more.map(|more| format!("{stem}-{id}{more}{extension}"));
        numbered.find(|name| self.0.insert(name.clone())).unwrap_or_default()
    }
}

impl Converter<'_> {
    /// Takes out of a file's row what Cairn has elsewhere, and changes its addresses to those that serve it. `None` if the archive does not have
    /// its bytes.
    pub(super) fn take_file(
        &mut self,
        id: i64,
        document_id: &str,
        data: &mut Map<String, Json>,
    ) -> Option<ImportedFile> {
        let place = format!("{} {id}", crate::survey::FILE_UID);
        let text =
            |data: &Map<String, Json>, name: &str| data.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        let mime = text(data, "mime");
        let mut blobs = Vec::new();
        let main = self.take_blob(&place, "", id, data, &mime)?;
        let (sha256, length) = (main.blob.clone(), main.length);
        blobs.push(main);
        if let Some(Json::Object(formats)) = data.get_mut("formats") {
            formats.retain(|variant, format| {
                let Json::Object(format) = format else { return false };
                let mime = format.get("mime").and_then(Json::as_str).unwrap_or(&mime).to_owned();
                let blob = self.take_blob(&place, variant, id, format, &mime);
                let kept = blob.is_some();
                blobs.extend(blob);
                kept
            });
        }
        if text(data, "provider") != "local" {
            self.note(
                "plugin::upload.file, provider",
                "Cairn stores files of other providers itself; their addresses are now /uploads/…",
            );
            data.insert("provider".into(), "local".into());
            data.insert("provider_metadata".into(), Json::Null);
            data.insert("previewUrl".into(), Json::Null);
        }
        let folder = self.survey.file_folders.get(&id).copied();
        let folder = folder.filter(|folder| self.survey.folders.iter().any(|known| known.id == *folder));
        let added_at = text(data, "createdAt");
        let document_id = document_id.to_owned();
        Some(ImportedFile { document_id, mime, folder, sha256, length, added_at, blobs })
    }

    /// Finds the bytes of a file or format by its hash and extension, and changes its address to the one that serves it. `None` if the archive does
    /// not have them.
    fn take_blob(
        &mut self,
        place: &str,
        variant: &str,
        id: i64,
        data: &mut Map<String, Json>,
        mime: &str,
    ) -> Option<AssetBlob> {
        let text = |name: &str| data.get(name).and_then(Json::as_str).unwrap_or_default();
        let name = format!("{}{}", text("hash"), text("ext"));
        let described = if variant.is_empty() { String::new() } else { format!(", format {variant}") };
        let Some(asset) = self.survey.assets.get(&name) else {
            let message = match self.survey.source {
                ImportSource::Archive => format!(
                    "its bytes are not in the archive ({name}): export it without `--exclude files`, or upload the file again"
                ),
                ImportSource::Database => {
                    format!("its bytes are not in the uploads folder ({name}): copy the file there, or upload it again")
                }
            };
            self.report.add_difference(format!("{place}{described}"), message);
            return None;
        };
        let served = self.served_names.claim(&name, id);
        if served != name && text("url").starts_with("/uploads/") {
            let message = format!(
                "its address is /uploads/{served} instead of {}: change it in texts that contain it",
                text("url")
            );
            self.report.add_difference(format!("{place}{described}"), message);
        }
        data.insert("url".into(), format!("/uploads/{served}").into());
        self.report.assets.imported += u64::from(self.used_assets.insert(name));
        let (blob, length) = (asset.sha256.clone(), asset.length);
        Some(AssetBlob { variant: variant.into(), name: served, blob, mime: mime.into(), length })
    }
}

/// Calls `visit` with the SHA-256 and the bytes of every object of the media library, once each.
pub fn read_assets(
    archive: &Archive,
    survey: &Survey,
    visit: &mut dyn FnMut(&str, &mut dyn Read) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let mut missing: HashMap<&str, u64> = survey.asset_objects().into_iter().collect();
    archive.walk(&mut |member| {
        let MemberKind::Asset(name) = member.kind else { return Ok(()) };
        let asset = survey.assets.get(name).ok_or_else(|| {
            ImportError::in_file(
                member.source,
                member.path,
                "it was not there before: it has changed since it was checked. Start the import again",
            )
        })?;
        match missing.remove(asset.sha256.as_str()) {
            Some(_) => visit(&asset.sha256, &mut CheckedReader::new(member.body, asset)),
            None => Ok(()),
        }
    })?;
    match missing.is_empty() {
        true => Ok(()),
        false => Err(ImportError::Stopped(format!(
            "files were removed since they were checked ({}): start the import again",
            missing.len()
        ))),
    }
}

/// Reads bytes that were hashed before, and fails at their end if they are others now.
struct CheckedReader<'a> {
    inner: &'a mut dyn Read,
    expected: &'a AssetBytes,
    hash: Sha256,
    length: u64,
}

impl<'a> CheckedReader<'a> {
    fn new(inner: &'a mut dyn Read, expected: &'a AssetBytes) -> Self {
        Self { inner, expected, hash: Sha256::new(), length: 0 }
    }
}

impl Read for CheckedReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(out)?;
        self.hash.update(&out[..n]);
        self.length += n as u64;
        let is_end = n == 0 && !out.is_empty();
        let differs =
            || self.length != self.expected.length || to_hex(&self.hash.clone().finalize()) != self.expected.sha256;
        if self.length > self.expected.length || is_end && differs() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "it has changed since it was checked: start the import again",
            ));
        }
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_served_once() {
        let mut names = ServedNames::default();
        let claimed: Vec<String> = [("a-2.png", 1), ("A.png", 2), ("a.png", 2), ("a.png", 2), ("b", 3), ("b", 3)]
            .into_iter()
            .map(|(name, id)| names.claim(name, id))
            .collect();
        assert_eq!(claimed, ["a-2.png", "a.png", "a-2-2.png", "a-2-3.png", "b", "b-3"]);
    }
}
