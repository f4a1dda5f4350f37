//! Resumable uploads, without HTTP: begun, continued, and stored as a file in the end.
//!
//! Bytes are written to a temporary file below the tenant's folder. They count as received when they are durable and recorded in
//! `cairn_resumable`; what a crash leaves beyond that is cut off before the next piece. The writer holds a lock on the file, which ends
//! with the process. A complete upload becomes a file like any other, by [`Content::add_files`]; if a crash came before that could be
//! recorded here, it is found in the history.

mod checksum;
mod metadata;
mod piece;
#[cfg(test)]
mod tests;

pub use checksum::Checksum;
pub use metadata::UploadMetadata;
pub use piece::{PieceOutcome, UploadPiece};

use crate::folders::FolderTree;
use crate::input::{not_found, refusal_error};
use cairn_access::AccessControl;
use cairn_assets::{BlobStore, IncomingFile, STAGED_PREFIX, UploadLimits};
use cairn_content::{Content, ContentError, FileInfo, RefusalKind, RequestContext, Upload};
use cairn_query::{Access, Action, Query};
use cairn_store::events::Actor;
use cairn_store::library::{NewResumable, ResumableRow, ResumableState};
use cairn_store::{Store, StoreError};
use serde_json::json;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempPath;

/// Largest number of unfinished uploads of one owner.
pub const MAX_OPEN_UPLOADS: i64 = 50;
/// How long an unfinished upload is retained after its last piece.
const UPLOAD_RETENTION: Duration = Duration::from_secs(24 * 3_600);
/// Number of old uploads that are deleted at a time.
const PURGE_BATCH_SIZE: i64 = 100;

/// Why a request about an upload is refused.
#[derive(Debug, thiserror::Error)]
pub enum ResumableError {
    /// An error like those of other uploads.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// Another request adds to it at the moment.
    #[error("Another request is writing to this upload")]
    Locked,
    /// The bytes do not match their checksum; they do not count.
    #[error("The bytes do not match the checksum in the request: send them again")]
    Mismatch,
    /// The piece begins at the wrong offset; contains the right one.
    #[error("The upload has {0} bytes: the next piece must start there")]
    Offset(u64),
}

impl From<StoreError> for ResumableError {
    fn from(e: StoreError) -> Self {
        Self::Content(e.into())
    }
}

impl From<std::io::Error> for ResumableError {
    fn from(e: std::io::Error) -> Self {
        Self::Content(match e.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                ContentError::Store(StoreError::Unwritable(format!("storing an upload: {e}")))
            }
            _ => ContentError::Files(format!("storing an upload: {e}")),
        })
    }
}

type ResumableResult<T = ()> = Result<T, ResumableError>;

/// The sender of an upload.
#[derive(Debug, Clone)]
pub struct UploadSender {
    /// Key by which their uploads are recognised.
    pub owner: String,
    /// Permissions of the sender.
    pub access: Arc<Access>,
    /// Actor that is recorded.
    pub actor: Actor,
}

/// State of an upload.
#[derive(Debug, Clone, PartialEq)]
pub struct UploadState {
    /// Secret id of the upload.
    pub id: String,
    /// Announced size, in bytes.
    pub length: u64,
    /// Number of bytes received.
    pub offset: u64,
    /// One of `open`, `storing` and `done`.
    pub state: &'static str,
    /// Document id of the file, when done.
    pub file: Option<String>,
    /// Metadata that the sender gave.
    pub metadata: UploadMetadata,
    /// Time at which an unfinished upload is deleted, in milliseconds since 1970.
    pub expires_at: i64,
}

/// The resumable uploads of one tenant. Cloning is cheap.
#[derive(Clone)]
pub struct ResumableUploads {
    content: Content,
    access: AccessControl,
    blobs: Arc<dyn BlobStore>,
    folder: Arc<PathBuf>,
    max_bytes: u64,
}

fn missing_upload() -> ResumableError {
    not_found("Upload not found: it may have expired, been finished or deleted, or belong to somebody else").into()
}

impl ResumableUploads {
    /// Uploads to a tenant's content and files; pieces are stored in `folder`.
    pub fn new(
        content: Content,
        access: AccessControl,
        blobs: Arc<dyn BlobStore>,
        folder: PathBuf,
        max_bytes: u64,
    ) -> Self {
        Self { content, access, blobs, folder: Arc::new(folder), max_bytes }
    }

    /// Size of the largest file, in bytes.
    pub fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    fn store(&self) -> &Store {
        self.content.store()
    }

    fn now(&self) -> i64 {
        self.access.now().timestamp_millis()
    }

    fn expiry_ms(&self) -> i64 {
        self.now() + UPLOAD_RETENTION.as_millis() as i64
    }

    fn bytes_path(&self, id: &str) -> PathBuf {
        self.folder.join(id)
    }

    /// Begins an upload.
    ///
    /// # Errors
    /// 403 without the permission to add files; 400 for invalid metadata; 413; 429 where too many are open.
    pub async fn begin(
        &self,
        sender: &UploadSender,
        length: u64,
        metadata: UploadMetadata,
    ) -> ResumableResult<UploadState> {
        let file = self.content.registry().file_type();
        if !sender.access.allows_action(file.id, Action::Create) {
            return Err(ContentError::forbidden().into());
        }
        if length == 0 {
            return Err(ContentError::validation("Upload-Length: a file must have at least one byte").into());
        }
        if length > self.max_bytes {
            let message = format!("A file can have at most {} bytes", self.max_bytes);
            return Err(refusal_error(RefusalKind::TooLarge, message, json!({ "maxBytes": self.max_bytes })).into());
        }
        if let Some(folder) = metadata.folder {
            self.store()
                .read(|r| FolderTree::load_folders(r).map_err(ContentError::from)?.require_folder("folder", folder))?;
        }
        let id = format!("{:032x}", rand::random::<u128>());
        let upload = NewResumable {
            id: id.clone(),
            owner: sender.owner.clone(),
            length: i64::try_from(length).unwrap_or(i64::MAX),
            metadata: metadata.to_json(),
            expires_at: self.expiry_ms(),
        };
        let (now, row) = (self.now(), upload.clone());
        self.store()
            .write(move |tx| {
                if tx.reader().resumable_uploads().count_open(&row.owner, now)? >= MAX_OPEN_UPLOADS {
                    let message =
                        format!("You already have {MAX_OPEN_UPLOADS} open uploads: finish or delete some of them");
                    return Err(refusal_error(RefusalKind::TooMany, message, json!({ "most": MAX_OPEN_UPLOADS })));
                }
                Ok::<_, ContentError>(tx.resumable_uploads().create(&row, now)?)
            })
            .await?;
        let (expires_at, state) = (upload.expires_at, ResumableState::Open.as_str());
        Ok(UploadState { id, length, offset: 0, state, file: None, metadata, expires_at })
    }

    /// The row of one of the sender's uploads.
    fn require_row(&self, sender: &UploadSender, id: &str) -> ResumableResult<ResumableRow> {
        let row = self.store().read(|r| r.resumable_uploads().get(id))?;
        let now = self.now();
        row.filter(|r| r.upload.owner == sender.owner && r.upload.expires_at > now).ok_or_else(missing_upload)
    }

    /// State of an upload. One that is complete and not stored yet, after an interruption, is stored first.
    ///
    /// # Errors
    /// 404; [`ResumableError::Locked`]; the errors of storing the file.
    pub async fn state(&self, sender: &UploadSender, id: &str) -> ResumableResult<UploadState> {
        let row = self.require_row(sender, id)?;
        let arrived = self.arrived_bytes(&row);
        let complete = arrived >= row.upload.length.unsigned_abs();
        let file = match (row.state, complete) {
            (ResumableState::Done, _) => row.document_id.clone(),
            (ResumableState::Storing, _) | (ResumableState::Open, true) => {
                let lock = self.open_bytes(id).await?;
                Some(self.finish(sender, id, lock).await?)
            }
            (ResumableState::Open, false) => None,
        };
        let length = row.upload.length.unsigned_abs();
        let (offset, state) = match &file {
            Some(_) => (length, ResumableState::Done),
            None => (arrived, ResumableState::Open),
        };
        let metadata = UploadMetadata::from_json(&row.upload.metadata);
        let (id, expires_at) = (row.upload.id, row.upload.expires_at);
        Ok(UploadState { id, length, offset, state: state.as_str(), file, metadata, expires_at })
    }

    /// Number of bytes received: what is recorded, as far as the file has it.
    fn arrived_bytes(&self, row: &ResumableRow) -> u64 {
        let noted = row.received.unsigned_abs();
        match row.state {
            ResumableState::Open => {
                noted.min(std::fs::metadata(self.bytes_path(&row.upload.id)).map_or(0, |file| file.len()))
            }
            ResumableState::Storing | ResumableState::Done => noted,
        }
    }

    /// Opens and locks the file with the bytes of an upload.
    async fn open_bytes(&self, id: &str) -> ResumableResult<File> {
        let (folder, path) = (self.folder.clone(), self.bytes_path(id));
        run_blocking(move || {
            std::fs::create_dir_all(&*folder)?;
            let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
            match file.try_lock() {
                Ok(()) => Ok(file),
                Err(TryLockError::WouldBlock) => Err(ResumableError::Locked),
                Err(TryLockError::Error(e)) => Err(e.into()),
            }
        })
        .await
    }

    /// Stores a complete upload as a file. Continues when the client disconnects. `lock`: the file with its bytes.
    pub(crate) async fn finish(&self, sender: &UploadSender, id: &str, lock: File) -> ResumableResult<String> {
        let (this, sender, id) = (self.clone(), sender.clone(), id.to_owned());
        let task = tokio::spawn(async move {
            let stored = this.store_file(&sender, &id).await;
            drop(lock);
            stored
        });
        task.await.map_err(|e| ContentError::Files(format!("finishing an upload failed: {e}")))?
    }

    async fn store_file(&self, sender: &UploadSender, id: &str) -> ResumableResult<String> {
        let row = self.require_row(sender, id)?;
        if let (ResumableState::Done, Some(document)) = (row.state, &row.document_id) {
            return Ok(document.clone());
        }
        let file = self.content.registry().file_type().uid.clone();
        // By this the file is found after a crash; the rest of the name stays between us and the sender.
        let request = format!("upload-{}", id.get(..16).unwrap_or(id));
        let created = match row.state {
            ResumableState::Storing => {
                self.store().read(|r| r.history().find_created_document(&file, row.mark, &request))?
            }
            _ => {
                let mark = self.store().read(|r| r.history().last_id())?;
                let id = id.to_owned();
                self.store().write(move |tx| tx.resumable_uploads().mark_complete(&id, mark)).await?;
                None
            }
        };
        let metadata = UploadMetadata::from_json(&row.upload.metadata);
        let document = match created {
            Some(document) => document,
            None => match self.add_file(sender, id, &metadata, request).await {
                Ok(document) => document,
                // A refused file would be refused again and again.
                Err(e @ ContentError::Refused(_)) => {
                    self.delete_row(id).await?;
                    return Err(e.into());
                }
                Err(e) => return Err(e.into()),
            },
        };
        let (upload, created_id) = (id.to_owned(), document.clone());
        self.store().write(move |tx| tx.resumable_uploads().finish(&upload, &created_id)).await?;
        self.remove_bytes(id).await?;
        Ok(document)
    }

    /// Passes the bytes to the use case that all uploads share.
    async fn add_file(
        &self,
        sender: &UploadSender,
        id: &str,
        metadata: &UploadMetadata,
        request: String,
    ) -> Result<String, ContentError> {
        let (from, to) = (self.bytes_path(id), self.staging_folder().join(format!("{STAGED_PREFIX}{id}")));
        // A second name: the bytes stay with the upload until it is done.
        let temp = run_blocking(move || {
            match std::fs::remove_file(&to) {
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(e.into()),
                _ => {}
            }
            if std::fs::hard_link(&from, &to).is_err() {
                std::fs::copy(&from, &to)?;
            }
            Ok(TempPath::try_from_path(&to)?)
        })
        .await
        .map_err(|e| match e {
            ResumableError::Content(e) => e,
            other => ContentError::Files(other.to_string()),
        })?;
        let file_name =
            metadata.filename.clone().or_else(|| metadata.name.clone()).unwrap_or_else(|| "upload".to_owned());
        let incoming = IncomingFile {
            file_name,
            given_name: None,
            declared_mime: metadata.filetype.clone(),
            temp,
            sha256: None,
            replaces: None,
        };
        // A folder that was deleted meanwhile is replaced by the root.
        let known = metadata.folder.map(|f| self.content.store().read(|r| r.folders().is_private(f))).transpose()?;
        let info = FileInfo {
            folder: metadata.folder.filter(|_| known.flatten().is_some()),
            private: metadata.private,
            name: metadata.name.clone(),
            alternative_text: metadata.alternative_text.clone(),
            caption: metadata.caption.clone(),
            ..FileInfo::default()
        };
        let actor = Arc::new(Actor { request: Some(request), ..sender.actor.clone() });
        let locales = self.access.locales();
        let context = RequestContext {
            access: &sender.access,
            content_type: self.content.registry().file_type().id,
            query: Query::empty(),
            default_locale: &locales.default,
            actor: &actor,
        };
        let limits = UploadLimits { max_bytes: self.max_bytes };
        let documents =
            self.content.add_files(&context, self.blobs.clone(), limits, vec![Upload { incoming, info }], None).await?;
        documents.into_iter().next().ok_or_else(|| ContentError::Files("creating a file from an upload failed".into()))
    }

    /// A folder from which the store of files takes a file without copying it, if there is one.
    fn staging_folder(&self) -> PathBuf {
        self.blobs.staging_folder().unwrap_or_else(|| (*self.folder).clone())
    }

    /// Ends one of the sender's uploads; the file that it became stays.
    ///
    /// # Errors
    /// 404; [`ResumableError::Locked`].
    pub async fn end(&self, sender: &UploadSender, id: &str) -> ResumableResult {
        self.require_row(sender, id)?;
        let lock = self.open_bytes(id).await?;
        self.delete_row(id).await?;
        drop(lock);
        Ok(())
    }

    async fn delete_row(&self, id: &str) -> Result<(), ContentError> {
        let row = id.to_owned();
        self.store().write(move |tx| tx.resumable_uploads().delete(&row)).await?;
        self.remove_bytes(id).await.map_err(|e| ContentError::Files(e.to_string()))
    }

    /// Deletes the bytes of an upload.
    async fn remove_bytes(&self, id: &str) -> ResumableResult {
        let paths = [self.bytes_path(id), self.staging_folder().join(format!("{STAGED_PREFIX}{id}"))];
        run_blocking(move || {
            for path in paths {
                match std::fs::remove_file(path) {
                    Err(e) if e.kind() != ErrorKind::NotFound => return Err(e.into()),
                    _ => {}
                }
            }
            Ok(())
        })
        .await
    }

    /// Deletes expired uploads, and bytes of unknown uploads. Returns the number of uploads. Returns an error if the database
    /// or the folder fails.
    pub async fn purge(&self) -> ResumableResult<usize> {
        let now = self.now();
        let mut removed = 0;
        loop {
            let expired = self.store().read(|r| r.resumable_uploads().list_expired(now, PURGE_BATCH_SIZE))?;
            let is_last = (expired.len() as i64) < PURGE_BATCH_SIZE;
            for id in &expired {
                self.delete_row(id).await?;
                removed += 1;
            }
            if is_last {
                break;
            }
        }
        let folder = self.folder.clone();
        let names = run_blocking(move || {
            let Ok(entries) = std::fs::read_dir(&*folder) else { return Ok(Vec::new()) };
            let names = entries.filter_map(|e| e.ok()?.file_name().into_string().ok());
            Ok(names.collect::<Vec<String>>())
        })
        .await?;
        for name in names {
            let id = name.strip_suffix(".file").unwrap_or(&name).to_owned();
            if self.store().read(|r| r.resumable_uploads().get(&id))?.is_none() {
                self.remove_bytes(&id).await?;
            }
        }
        Ok(removed)
    }
}

async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> ResumableResult<T> + Send + 'static,
) -> ResumableResult<T> {
    let result = tokio::task::spawn_blocking(work).await;
    result.map_err(|e| ResumableError::Content(ContentError::Files(format!("work on an upload failed: {e}"))))?
}
