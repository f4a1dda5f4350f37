//! `files`: files that the plugin has stored, and what it may see of the media library.
//!
//! A plugin's file is private: its address must be signed, and only administrators see it, until it is put into a document. From then on it
//! is visible to everybody who may read that document.

mod request_file;
mod visibility;
mod visible_file;

pub(crate) use visible_file::VisibleFile;

use crate::call::quotas::{self, PluginQuotas};
use crate::call::state::{AmbientTransaction, CallState, to_guest_charge};
use crate::contract::bindings::host::files::{Host, Info};
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::{denied_error, from_content_error, internal_error, invalid_field};
use crate::contract::host_error::HostResult;
use crate::services::files::FileStore;
use bytes::Bytes;
use cairn_assets::{BlobKey, ByteRange, IncomingFile, UploadLimits};
use cairn_content::{FileInfo, Upload};
use cairn_plugin_package::Capability;
use cairn_plugin_package::manifest::Quota;
use cairn_query::Access;
use cairn_store::assets::{Asset, AssetBlob};
use cairn_store::library::{AssetFilter, AssetPage};
use std::collections::HashMap;
use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;
pub(crate) use visibility::visible_files;
use visibility::{is_own, request_context};

/// Largest number of files of one call.
const MAX_FILES: usize = 100;
/// Longest name, in bytes.
const MAX_NAME_BYTES: usize = 255;
/// Largest file that a plugin hands over in one piece, in bytes.
const MAX_FILE_BYTES: usize = 32 << 20;
/// Longest validity of an address of a private file.
const MAX_LINK_LIFETIME: Duration = Duration::from_secs(7 * 86_400);
/// Longest validity of one that a call for a preview returns, in milliseconds: whoever looks at the preview has no more time for it.
const MAX_PREVIEW_LINK_MS: u64 = 15 * 60_000;

impl Host for CallState {
    async fn stat(&mut self, ids: Vec<String>) -> HostResult<Vec<Option<Info>>> {
        self.files_call(&ids)?;
        let (definition, requested) = (self.definition.clone(), ids.clone());
        let future = self.with_reader(move |r| {
            let visible = visible_files(r, &definition, &requested)?;
            let documents: Vec<String> = visible.keys().cloned().collect();
            let page = AssetPage { limit: documents.len() as i64, ..AssetPage::default() };
            let filter = AssetFilter { documents: Some(documents), ..AssetFilter::default() };
            let rows = r.assets().list(&filter, &page).map_err(|e| from_content_error(e.into()))?;
            Ok(rows.into_iter().map(|row| (row.document_id.clone(), (row.name, row.mime))).collect::<HashMap<_, _>>())
                .map(|rows| (visible, rows))
        });
        let (assets, mut rows) = future.await?;
        Ok(ids
            .into_iter()
            .map(|id| {
                if let Some(body) = self.request_file_info(&id) {
                    return Some(body);
                }
                let asset = assets.get(&id)?;
                let (name, mime) = rows.remove(&id).unwrap_or_default();
                Some(Info {
                    id,
                    name: name.unwrap_or_default(),
                    media_type: mime.unwrap_or_else(|| "application/octet-stream".to_owned()),
                    size: asset.bytes,
                    sha256: decode_hex(&asset.sha256),
                })
            })
            .collect())
    }

    async fn read(&mut self, id: String, offset: u64, length: u32) -> HostResult<Vec<u8>> {
        self.files_call(std::slice::from_ref(&id))?;
        let limit = length.min(u32::try_from(self.budget.limits().output).unwrap_or(u32::MAX));
        Ok(self.read_part(&id, offset, u64::from(limit)).await.map(|bytes| bytes.to_vec())?)
    }

    async fn create(&mut self, name: String, media_type: String, content: Vec<u8>) -> HostResult<String> {
        self.granted_call(Capability::FilesWrite)?;
        self.store_file(&name, &media_type, content).await
    }

    async fn keep(&mut self, id: String, name: String, media_type: String) -> HostResult<String> {
        self.granted_call(Capability::FilesWrite)?;
        self.keep_request_file(&id, name, media_type).await
    }

    async fn link(&mut self, id: String, valid_for: u64) -> HostResult<String> {
        self.files_call(std::slice::from_ref(&id))?;
        if !(1..=MAX_LINK_LIFETIME.as_millis()).contains(&u128::from(valid_for)) {
            let message = format!("a link must be valid for 1 ms to {} days", MAX_LINK_LIFETIME.as_secs() / 86_400);
            return Err(invalid_field("valid-for", "range", message).into());
        }
        let (asset, blob) = self.find_original(&id).await?;
        let Some(files) = self.definition.host_context().files() else { return Err(no_files().into()) };
        let site = (files.site)();
        Ok(match asset.private {
            // The address of a public file does not expire.
            false => format!("{site}/uploads/{}", blob.name),
            true => {
                // From now on, also in a preview of another time: the address is used now.
                let valid_for = match self.rehearsed_at {
                    Some(_) => valid_for.min(MAX_PREVIEW_LINK_MS),
                    None => valid_for,
                };
                // A second more than less: addresses end at whole ones.
                let until = self.definition.now().saturating_add_unsigned(valid_for).div_euclid(1_000) + 1;
                let query = self.definition.access().sign_file_until(&blob.name, until);
                format!("{site}/uploads/private/{}{query}", blob.name)
            }
        })
    }

    async fn delete(&mut self, ids: Vec<String>) -> HostResult<()> {
        self.granted_call(Capability::FilesWrite)?;
        self.check_file_count(&ids).and_then(|()| self.require_no_transaction())?;
        to_guest_charge(self.budget.charge_writes(ids.len()))?;
        Ok(self.delete_own(ids).await?)
    }
}

impl CallState {
    /// Stores a file of the plugin. The caller has checked that it may.
    pub(crate) async fn store_file(&mut self, name: &str, media_type: &str, content: Vec<u8>) -> HostResult<String> {
        self.require_no_transaction()?;
        self.check_file_name(name)?;
        if content.len() > MAX_FILE_BYTES {
            let message = format!("{} bytes exceed the limit of {MAX_FILE_BYTES}", content.len());
            return Err(invalid_field("content", "too-large", message).into());
        }
        to_guest_charge(self.budget.charge_writes(1))?;
        to_guest_charge(self.budget.charge_file(content.len()))?;
        self.require_file_quota(content.len() as u64).await?;
        Ok(self.put_file(name.to_owned(), media_type.to_owned(), content).await?)
    }

    /// Checks that there is room for one more file of that size. Files that are stored at the same time do not see each other: a plugin may
    /// exceed its quota by as many as it is called at a time.
    async fn require_file_quota(&mut self, bytes: u64) -> Result<(), Error> {
        let (bounds, plugin, now) =
            (PluginQuotas::for_plugin(&self.definition), self.definition.id().to_owned(), CallState::now(self));
        self.with_reader(move |r| {
            let usage = r.plugin_usage().get(&plugin, now).map_err(|e| from_content_error(e.into()))?;
            let additions = [(Quota::Files, 1), (Quota::FileBytes, bytes)];
            let over = |(quota, added): &&(Quota, u64)| {
                quotas::usage_of(&usage, *quota).saturating_add(*added) > bounds.allowed(*quota)
            };
            additions.iter().find(over).map_or(Ok(()), |(quota, _)| Err(quotas::exhausted_error(*quota)))
        })
        .await
    }

    /// Checks the name of a file.
    pub(crate) fn check_file_name(&self, name: &str) -> Result<(), Error> {
        match name.trim().is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(char::is_control) {
            true => Err(invalid_field(
                "name",
                "name",
                format!("a name must have 1 to {MAX_NAME_BYTES} bytes and no control characters"),
            )),
            false => Ok(()),
        }
    }

    /// The whole content of a file that the plugin may see, if it has no more than `most` bytes.
    pub(crate) async fn file_bytes(&mut self, id: &str, limit: usize) -> Result<Bytes, Error> {
        let definition = &self.definition;
        if !definition.has_grant(Capability::FilesRead) && !definition.has_grant(Capability::FilesWrite) {
            return Err(denied_error("files are not granted: plugin.toml needs a [[grant]] with use = \"files.read\""));
        }
        let bytes = match self.request_file_size(id) {
            Some(bytes) => bytes,
            None => self.find_original(id).await?.0.bytes,
        };
        if bytes > limit as u64 {
            return Err(Error::Exhausted("file-bytes".to_owned()));
        }
        self.read_part(id, 0, bytes).await
    }

    async fn put_file(&mut self, name: String, media_type: String, content: Vec<u8>) -> Result<String, Error> {
        let definition = self.definition.clone();
        let files = definition.host_context().files().ok_or_else(no_files)?;
        let incoming = {
            let (files, name) = (files.clone(), name.clone());
            let staging = tokio::task::spawn_blocking(move || stage_upload(&files, name, media_type, &content));
            staging.await.map_err(internal_error)?.map_err(internal_error)?
        };
        self.add_private_file(incoming, name).await
    }

    /// Adds a file that is staged to the library, as the plugin's own.
    async fn add_private_file(&mut self, incoming: IncomingFile, name: String) -> Result<String, Error> {
        let definition = self.definition.clone();
        let files = definition.host_context().files().ok_or_else(no_files)?;
        let info = FileInfo { name: Some(name), private: Some(true), ..FileInfo::default() };
        let limits = UploadLimits { max_bytes: files.max_bytes };
        let (access, content) = (Arc::new(Access::full()), definition.content());
        let context = request_context(&definition, &access);
        let added =
            content.add_files(&context, files.blobs.clone(), limits, vec![Upload { incoming, info }], None).await;
        added.map_err(from_content_error)?.pop().ok_or_else(|| internal_error("a stored file has no id"))
    }

    async fn delete_own(&mut self, ids: Vec<String>) -> Result<(), Error> {
        let (definition, requested) = (self.definition.clone(), ids.clone());
        let visible = self.with_reader(move |r| visible_files(r, &definition, &requested)).await?;
        let definition = self.definition.clone();
        // The whole list is checked before the first file is deleted.
        for id in &ids {
            match visible.get(id) {
                None => return Err(not_found(id)),
                Some(asset) if !is_own(&definition, asset) => {
                    return Err(denied_error(format!("the file {id:?} does not belong to the plugin")));
                }
                Some(_) => {}
            }
        }
        let access = Arc::new(Access::full());
        for id in ids {
            definition
                .content()
                .delete_file(&request_context(&definition, &access), &id)
                .await
                .map_err(from_content_error)?;
        }
        Ok(())
    }

    /// A file that the plugin may see, with the blob of its content.
    async fn find_original(&mut self, id: &str) -> Result<(Asset, AssetBlob), Error> {
        let (definition, id) = (self.definition.clone(), id.to_owned());
        self.with_reader(move |r| {
            let mut visible = visible_files(r, &definition, std::slice::from_ref(&id))?;
            let asset = visible.remove(&id).ok_or_else(|| not_found(&id))?;
            let blobs = r.assets().list_blobs(&id, asset.number).map_err(|e| from_content_error(e.into()))?;
            let original = blobs.into_iter().find(|blob| blob.variant.is_empty());
            Ok((asset, original.ok_or_else(|| internal_error(format!("the file {id} has no blob")))?))
        })
        .await
    }

    /// A part of a file that the plugin may see.
    async fn read_part(&mut self, id: &str, offset: u64, length: u64) -> Result<Bytes, Error> {
        self.refuse_in_preview("read the content of files")?;
        if matches!(self.ambient, AmbientTransaction::Inside) {
            return Err(denied_error("hooks and event handlers cannot read the content of files: use a job instead"));
        }
        if let Some(part) = self.request_file_part(id, offset, length) {
            return part.read().await;
        }
        let (_, blob) = self.find_original(id).await?;
        let end = offset.saturating_add(length).min(blob.length);
        if offset >= end {
            return Ok(Bytes::new());
        }
        let Some(files) = self.definition.host_context().files() else { return Err(no_files()) };
        let blobs = files.blobs.clone();
        let opened = tokio::task::spawn_blocking(move || {
            let key = BlobKey::parse(&blob.blob).map_err(|e| e.to_string())?;
            let range = ByteRange { start: offset, end: end - 1 };
            let Some(mut opened) = blobs.open(&key, Some(range)).map_err(|e| e.to_string())? else {
                return Err(format!("the blob {} is missing from the file storage", blob.blob));
            };
            let mut bytes = Vec::with_capacity((end - offset) as usize);
            opened.body.by_ref().take(end - offset).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
            Ok(Bytes::from(bytes))
        });
        opened.await.map_err(internal_error)?.map_err(internal_error)
    }

    fn files_call(&mut self, ids: &[String]) -> HostResult<()> {
        let own = self.definition.has_grant(Capability::FilesWrite);
        let capability = if own { Capability::FilesWrite } else { Capability::FilesRead };
        self.granted_call(capability)?;
        self.check_file_count(ids)?;
        to_guest_charge(self.budget.charge_reads(ids.len()))
    }

    fn check_file_count(&self, ids: &[String]) -> Result<(), Error> {
        match ids.len() > MAX_FILES {
            true => Err(invalid_field(
                "ids",
                "too-many",
                format!("{} files in one call; the limit is {MAX_FILES}", ids.len()),
            )),
            false => Ok(()),
        }
    }

    /// Refuses calls inside transactions: files are stored and deleted in transactions of their own, which take time.
    pub(crate) fn require_no_transaction(&self) -> Result<(), Error> {
        self.refuse_in_preview("store, create or delete files")?;
        let inside = !matches!(self.ambient, AmbientTransaction::None) || self.budget.limits().file_bytes == 0;
        match inside {
            true => Err(denied_error(
                "files can only be stored, created and deleted in jobs and routes, and not while a transaction is open",
            )),
            false => Ok(()),
        }
    }
}

/// Writes bytes to the folder for uploads. Blocks.
fn stage_upload(files: &FileStore, name: String, media_type: String, content: &[u8]) -> std::io::Result<IncomingFile> {
    let mut temp = match files.blobs.staging_folder() {
        Some(folder) => tempfile::Builder::new().prefix(cairn_assets::STAGED_PREFIX).tempfile_in(folder)?,
        None => tempfile::NamedTempFile::new()?,
    };
    temp.write_all(content)?;
    Ok(IncomingFile {
        file_name: name,
        given_name: None,
        declared_mime: Some(media_type),
        temp: temp.into_temp_path(),
        sha256: None,
        replaces: None,
    })
}

fn not_found(id: &str) -> Error {
    Error::NotFound(format!("file {id:?} not found, or the plugin may not see it"))
}

fn no_files() -> Error {
    denied_error("file storage is not available here")
}

fn decode_hex(text: &str) -> Vec<u8> {
    let pair = |at: usize| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    (0..text.len()).step_by(2).map_while(pair).collect()
}
