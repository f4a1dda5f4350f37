//! The body of the request that a call is for, where its route receives it as a file: only that call sees it, and it is gone afterwards,
//! unless the plugin keeps it.

use super::{decode_hex, no_files, not_found};
use crate::call::request_file::{CallFile, RequestFile};
use crate::call::state::{CallState, to_guest_charge};
use crate::contract::bindings::host::files::Info;
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::{internal_error, invalid_field};
use crate::contract::host_error::HostResult;
use bytes::Bytes;
use cairn_assets::IncomingFile;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;

impl CallState {
    fn request_file(&self, id: &str) -> Option<&RequestFile> {
        self.request_file.as_ref().filter(|own| own.id == id).map(|own| &own.file)
    }

    /// Returns what is known of the body, if it has that id.
    pub(super) fn request_file_info(&self, id: &str) -> Option<Info> {
        self.request_file(id).map(|file| Info {
            id: id.to_owned(),
            name: String::new(),
            media_type: file.media_type.clone(),
            size: file.bytes,
            sha256: decode_hex(&file.sha256),
        })
    }

    /// Size of the body, if it has that id.
    pub(super) fn request_file_size(&self, id: &str) -> Option<u64> {
        self.request_file(id).map(|file| file.bytes)
    }

    /// Where a part of the body is; `None`: it does not have that id.
    pub(super) fn request_file_part(&self, id: &str, offset: u64, length: u64) -> Option<FilePart> {
        let file = self.request_file(id)?;
        let length = length.min(file.bytes.saturating_sub(offset));
        Some(FilePart { path: file.temp.to_path_buf(), offset, length })
    }

    /// Stores the body as a file of the plugin. The caller has checked that it may.
    pub(super) async fn keep_request_file(&mut self, id: &str, name: String, media_type: String) -> HostResult<String> {
        self.require_no_transaction().and_then(|()| self.check_file_name(&name))?;
        let Some(bytes) = self.request_file_size(id) else { return Err(not_found(id).into()) };
        let Some(limit) = self.definition.host_context().files().map(|files| files.max_bytes) else {
            return Err(no_files().into());
        };
        if bytes > limit {
            let message = format!("{bytes} bytes exceed the limit of {limit} for files");
            return Err(invalid_field("id", "too-large", message).into());
        }
        to_guest_charge(self.budget.charge_writes(1))?;
        self.require_file_quota(bytes).await?;
        let Some(CallFile { file, .. }) = self.request_file.take() else { return Err(not_found(id).into()) };
        let incoming = IncomingFile {
            file_name: name.clone(),
            given_name: None,
            declared_mime: Some(media_type),
            temp: file.temp,
            sha256: Some(file.sha256),
            replaces: None,
        };
        Ok(self.add_private_file(incoming, name).await?)
    }
}

/// A part of a file on disk.
pub(super) struct FilePart {
    path: PathBuf,
    offset: u64,
    length: u64,
}

impl FilePart {
    pub(super) async fn read(self) -> Result<Bytes, Error> {
        let read = tokio::task::spawn_blocking(move || self.read_now()).await;
        read.map_err(internal_error)?.map_err(internal_error)
    }

    /// Blocks.
    fn read_now(&self) -> io::Result<Bytes> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.offset))?;
        let mut bytes = Vec::with_capacity(usize::try_from(self.length).unwrap_or_default());
        file.take(self.length).read_to_end(&mut bytes)?;
        Ok(bytes.into())
    }
}
