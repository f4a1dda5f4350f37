//! Uploaded files: rows of `plugin::upload.file`, their assets, and their blobs. A file that is listed has its blobs: they are stored
//! before the row is written, and stay while a row, a version or the trash refers to them.
//!
//! Every write runs to its end even if the client disconnects, so that no blob is left without a row.

mod adopt;
mod blocking_work;
mod events;
mod in_transaction;
mod info;
mod link;
mod lock;
mod objects;
pub(crate) mod privacy;
mod replace;
mod row;
mod signed_flag;
mod sweep;
#[cfg(test)]
mod tests;
mod trash;
mod viewer;
mod visibility;

pub use in_transaction::FileRead;
pub use info::FileInfo;
pub use link::LinkRequest;
pub use sweep::SweepOutcome;
pub(crate) use viewer::FileViewer;

use crate::document_event::{DocumentEvent, WriteAuthor, emit_event, save_event_data};
use crate::history;
use crate::{Content, ContentError, ReadResponse, RefusalKind, RequestContext, Result};
use blocking_work::run_blocking;
use cairn_assets::{AssetError, BlobStore, IncomingFile, MediaTools, MetadataPolicy, PendingObject, UploadLimits};
use cairn_model::{ContentType, TargetRef, Value};
use cairn_query::{Access, Action, Query};
use cairn_store::events::Actor;
use cairn_store::history::HistoryStatus;
use cairn_store::{LockMode, Reader, StoreError, WriteTx};
use events::{emit_cache_purge, file_version};
use row::{FileLocation, NewFile};
use serde_json::json;
use signed_flag::{with_signature, with_signature_each};
use std::io::ErrorKind;
use std::sync::Arc;

/// An uploaded file, and the values that its sender set.
#[derive(Debug)]
pub struct Upload {
    /// Its bytes and name. `given_name` is set from `info`.
    pub incoming: IncomingFile,
    /// The `fileInfo` of the request.
    pub info: FileInfo,
}

impl Content {
    /// Stores files with their variants, and links them to an entry if `link` requests it: all of them or none. `ask` identifies the
    /// caller; its type and query are ignored. Returns the documents in the order of the files.
    ///
    /// # Errors
    /// 403 without permission to create files (with a link: to update entries of that type); 400 naming `ref`, `refId` or `field`; 400 or
    /// 413 for a file that is refused. Nothing is stored then.
    pub async fn add_files(
        &self,
        request_context: &RequestContext<'_>,
        blobs: Arc<dyn BlobStore>,
        limits: UploadLimits,
        mut files: Vec<Upload>,
        link: Option<LinkRequest>,
    ) -> Result<Vec<String>> {
        let context = self.for_files(request_context, Query::empty());
        if !context.access.allows_action(context.content_type, Action::Create) {
            return Err(ContentError::forbidden());
        }
        let file = self.registry().file_type();
        for upload in &mut files {
            upload.info.check_permissions(file, context.access, Action::Create)?;
            upload.incoming.given_name = upload.info.name.clone().filter(|name| !name.is_empty());
        }
        let guard = self.compile_guard(&context, Action::Create)?.map(Arc::new);
        let link = link.map(|link| self.check_upload_link(&context, &link)).transpose()?.map(Arc::new);
        let private = link.as_ref().is_some_and(|link| link.is_private(self.registry()));
        if private && files.iter().any(|upload| upload.info.private == Some(false)) {
            let message = "fileInfo.private must not be false: files of this content type are private";
            return Err(ContentError::validation(message));
        }
        let files = self.store().read(|r| {
            let mut with_policy = Vec::with_capacity(files.len());
            for upload in files {
                with_policy.push((find_metadata_policy(r, upload.info.folder.unwrap_or_default())?, upload));
            }
            Ok::<_, ContentError>(with_policy)
        })?;
        let (store, now, by, tools) =
            (self.store().clone(), self.now_iso(), self.write_author(&context), self.tools.clone());
        let hooks = self.hooks.clone();
        let handle = tokio::spawn(async move {
            let (files, objects) = run_blocking(move || prepare_uploads(files, limits, &tools)).await??;
            let claims = objects::store_objects(&store, &blobs, objects, by.at).await?;
            let (settled, at) = (claims.clone(), by.at);
            let result = store
                .write(move |tx| {
                    let registry = tx.registry();
                    let file = registry.file_type();
                    let mut documents = Vec::with_capacity(files.len());
                    let info = by.history_info(DocumentEvent::Created, HistoryStatus::Published);
                    for new in &*files {
                        let place = choose_location(tx, &new.info, private)?;
                        let mut row = new.to_row(file, place.private, &now);
                        row.id = tx.documents().insert_row(file.id, &row)?;
                        tx.assets().save(&new.to_asset(&row.document_id, &place, by.at, &by.actor))?;
                        tx.assets().serve_blobs(&row.document_id, 1, &new.blobs)?;
                        history::record_save(tx, file.id, None, &row, &[], &info)?;
                        emit_event(tx, &by, DocumentEvent::Created, file_version(file, &row.document_id), json!({}))?;
                        documents.push(row.document_id);
                    }
                    settled.settle(tx, by.at)?;
                    if let Some(guard) = &guard {
                        for document in &documents {
                            if !guard.matches_version(&tx.reader(), document, "")? {
                                return Err(ContentError::forbidden());
                            }
                        }
                    }
                    if let Some(link) = &link {
                        link.attach_files(tx, &documents, &now, &by, hooks.as_ref())?;
                    }
                    Ok(documents)
                })
                .await;
            // A store that closed before its response may have committed the rows: objects without rows do less harm than the reverse.
            if matches!(&result, Err(e) if !matches!(e, ContentError::Store(StoreError::Closed))) {
                claims.release(&store, blobs, at).await;
            }
            result
        });
        handle.await.map_err(|e| ContentError::Files(format!("an upload did not finish: {e}")))?
    }

    /// Returns files that [`Self::add_files`] added, as a JSON list.
    pub fn added_files(&self, context: &RequestContext<'_>, documents: &[String]) -> Result<Vec<u8>> {
        let query = self.compile_query(&self.for_files(context, Query::empty()), Action::Create, true)?;
        let mut list = vec![b'['];
        self.store().read(|r| {
            for document in documents {
                let start = list.len();
                // A file that another request has just deleted is left out.
                if r.entries().write_one(&query.prepared, document, &mut list)? {
                    list.push(b',');
                } else {
                    list.truncate(start);
                }
            }
            Ok::<_, ContentError>(())
        })?;
        if list.last() == Some(&b',') {
            list.pop();
        }
        list.push(b']');
        with_signature_each(&list)
    }

    /// Changes the texts and settings of a file; values that `info` does not contain stay. Returns the file, or `None` if there is none
    /// with that numeric id (or document id) that the caller may change.
    pub async fn update_file(
        &self,
        request_context: &RequestContext<'_>,
        id: &str,
        info: FileInfo,
    ) -> Result<Option<Vec<u8>>> {
        let access = self.without_private(request_context.access);
        let context = RequestContext { access: &access, ..self.for_files(request_context, Query::empty()) };
        let query = self.compile_query(&context, Action::Update, true)?;
        info.check_permissions(self.registry().file_type(), context.access, Action::Update)?;
        let name = info.name.as_deref().map(info::validate_name).transpose()?;
        let info = FileInfo { name, ..info };
        let (target, now, by) = (parse_file_ref(id), self.now_iso(), self.write_author(&context));
        let changed = self
            .store()
            .write(move |tx| {
                let registry = tx.registry();
                let file = registry.file_type();
                let mut body = Vec::new();
                let Some(document) = tx.reader().documents().resolve(file.id, &target, None)? else { return Ok(None) };
                tx.lock_document(file.id, &document, LockMode::Change)?;
                if !tx.reader().entries().write_one(&query.prepared, &document, &mut body)? {
                    return Ok(None);
                }
                let Some(mut row) = tx.reader().documents().get_row(file.id, &document, "", true)? else {
                    return Ok(None);
                };
                let document_row = row.clone();
                info.apply_to(file, &mut row.values);
                let moved = move_file(tx, file, &mut row.values, &document, &info)?;
                // Types without drafts change both times with every update.
                row.updated_at.clone_from(&now);
                row.published_at = Some(now);
                tx.documents().update_row(file.id, &mut row)?;
                let history_entry_info = by.history_info(DocumentEvent::Updated, HistoryStatus::Published);
                let changed = history::record_save(tx, file.id, Some(&document_row), &row, &[], &history_entry_info)?;
                let data = save_event_data(row.version, &changed, &[]);
                emit_event(tx, &by, DocumentEvent::Updated, file_version(file, &document), data)?;
                if moved {
                    emit_cache_purge(tx, &by, &document)?;
                }
                body.clear();
                // The caller's own condition holds for the file as it is now, too.
                if !tx.reader().entries().write_one(&query.prepared, &document, &mut body)? {
                    return Err(ContentError::forbidden());
                }
                Ok(Some(body))
            })
            .await?;
        changed.map(|body| with_signature(&body)).transpose()
    }

    /// Moves a file to the trash, and removes it from the entries that show it. Returns it as it was, or `None` if there is none with that
    /// numeric id (or document id) that the caller may delete.
    pub async fn delete_file(&self, context: &RequestContext<'_>, id: &str) -> Result<Option<Vec<u8>>> {
        let access = self.without_private(context.access);
        let query = self.compile_query(
            &RequestContext { access: &access, ..self.for_files(context, Query::empty()) },
            Action::Delete,
            true,
        )?;
        let (target, by) = (parse_file_ref(id), self.write_author(context));
        let deleted = self
            .store()
            .write(move |tx| {
                let registry = tx.registry();
                let file = registry.file_type();
                let mut body = Vec::new();
                let Some(document) = tx.reader().documents().resolve(file.id, &target, None)? else { return Ok(None) };
                tx.lock_document(file.id, &document, LockMode::Delete)?;
                if !tx.reader().entries().write_one(&query.prepared, &document, &mut body)? {
                    return Ok(None);
                }
                lock::require_unlocked(&tx.reader(), &document, &by)?;
                trash::trash_file(tx, file, &document, &by)?;
                Ok::<_, ContentError>(Some(body))
            })
            .await?;
        deleted.map(|body| with_signature(&body)).transpose()
    }

    /// Lists all files, as a bare list.
    pub async fn find_files(&self, context: &RequestContext<'_>) -> Result<ReadResponse> {
        let access = self.without_private(context.access);
        let mut answer =
            self.find_bare(RequestContext { access: &access, ..self.for_files(context, context.query) }).await?;
        answer.body = with_signature_each(&answer.body)?;
        Ok(answer)
    }

    /// Gets one file by its numeric id or document id, as a bare object.
    pub fn find_file(&self, request_context: &RequestContext<'_>, id: &str) -> Result<Option<ReadResponse>> {
        let access = self.without_private(request_context.access);
        let context = RequestContext { access: &access, ..self.for_files(request_context, request_context.query) };
        let document = self.store().read(|r| r.documents().resolve(context.content_type, &parse_file_ref(id), None))?;
        // Read even if the file does not exist, so that permissions and parameters are checked first.
        let response = self.find_bare_one(context, document.as_deref().unwrap_or_default())?;
        response.map(|answer| Ok(ReadResponse { body: with_signature(&answer.body)?, ..answer })).transpose()
    }

    /// Makes a file private or public, which changes its addresses, in a transaction of the caller. Returns `false` if it is so
    /// already, or does not exist.
    ///
    /// # Errors
    /// 400 if it is to be public and an entry uses it whose type makes its files private; an error if the database cannot be written.
    pub fn set_file_private(
        &self,
        tx: &mut WriteTx<'_>,
        document_id: &str,
        private: bool,
        actor: &Arc<Actor>,
    ) -> Result<bool> {
        let by = WriteAuthor {
            actor: actor.clone(),
            at: self.access.now().timestamp_millis(),
            recording: self.recording,
            viewer: None,
        };
        privacy::set_private(tx, document_id, private, &by, &self.now_iso())
    }

    /// The caller's access to files in lists and by id: private ones are left to those who may do everything. Others see them through the
    /// entries that they may read.
    fn without_private(&self, access: &Arc<Access>) -> Arc<Access> {
        if access.everything {
            return access.clone();
        }
        let mut narrowed = Access { key: format!("{} (public files)", access.key).into(), ..(**access).clone() };
        let file = self.registry().file_type().id;
        let public = json!({ "url": { "$notContains": "/uploads/private/" } });
        let rules = Arc::make_mut(&mut narrowed.rules);
        for action in [Action::Find, Action::FindOne, Action::Update, Action::Delete] {
            if let Some(rule) = rules.get_mut(&(file, action)) {
                let own = rule.condition.as_deref().cloned();
                let all: Vec<_> = own.into_iter().chain([public.clone()]).collect();
                rule.condition = Some(Arc::new(json!({ "$and": all })));
            }
        }
        Arc::new(narrowed)
    }

    /// The same caller's request for files.
    fn for_files<'a>(&self, context: &RequestContext<'a>, query: &'a Query) -> RequestContext<'a> {
        RequestContext { content_type: self.registry().file_type().id, query, ..*context }
    }
}

/// A reference from a path: digits are a numeric id, anything else a document id.
fn parse_file_ref(id: &str) -> TargetRef {
    match id.parse() {
        Ok(row) if id.bytes().all(|b| b.is_ascii_digit()) => TargetRef::Row(row),
        _ => TargetRef::Document(id.to_owned()),
    }
}

/// Returns the policy for the metadata of a file that is uploaded into a folder.
fn find_metadata_policy(reader: &Reader<'_>, folder: i64) -> Result<MetadataPolicy> {
    Ok(match reader.folders().retains_metadata(folder)? {
        true => MetadataPolicy::Keep,
        false => MetadataPolicy::Strip,
    })
}

/// Inspects all files. Blocks.
fn prepare_uploads(
    uploads: Vec<(MetadataPolicy, Upload)>,
    limits: UploadLimits,
    tools: &MediaTools,
) -> Result<(Arc<[NewFile]>, Vec<PendingObject>)> {
    let (mut files, mut all) = (Vec::with_capacity(uploads.len()), Vec::new());
    for (policy, Upload { incoming, info }) in uploads {
        let (file, objects) =
            NewFile::from_prepared(cairn_assets::prepare_file(incoming, &limits, tools, policy)?, info);
        files.push(file);
        all.extend(objects);
    }
    Ok((files.into(), all))
}

/// The place of a new file in the library. `private`: it is for an entry whose files are.
fn choose_location(tx: &WriteTx<'_>, info: &FileInfo, private: bool) -> Result<FileLocation> {
    let folder = info.folder.unwrap_or_default();
    let Some(of_folder) = tx.reader().folders().is_private(folder)? else { return Err(folder_not_found(folder)) };
    Ok(FileLocation { folder, private: private || info.private.unwrap_or(of_folder) })
}

fn folder_not_found(folder: i64) -> ContentError {
    ContentError::validation(format!("fileInfo.folder: folder {folder} not found; leave it out to use no folder"))
}

/// Moves a file as `info` requests. Returns whether its addresses change.
fn move_file(
    tx: &mut WriteTx<'_>,
    file: &ContentType,
    values: &mut [Value],
    document_id: &str,
    info: &FileInfo,
) -> Result<bool> {
    if info.folder.is_none() && info.private.is_none() {
        return Ok(false);
    }
    if let Some(folder) = info.folder
        && tx.reader().folders().is_private(folder)?.is_none()
    {
        return Err(folder_not_found(folder));
    }
    let Some(asset) = tx.reader().assets().get(document_id)? else { return Ok(false) };
    let (folder, private) = (info.folder.unwrap_or(asset.folder), info.private.unwrap_or(asset.private));
    if asset.private && !private {
        privacy::check_public(tx, document_id)?;
    }
    tx.assets().move_to_folder(document_id, folder, private)?;
    row::set_addresses(file, values, private);
    Ok(private != asset.private)
}

impl From<AssetError> for ContentError {
    fn from(e: AssetError) -> Self {
        match &e {
            AssetError::TooLarge { .. } => Self::refuse(RefusalKind::TooLarge, e.to_string(), json!({})),
            AssetError::TooManyPixels { .. }
            | AssetError::UnresizableAnimation
            | AssetError::BadName { .. }
            | AssetError::OtherType { .. }
            | AssetError::InseparableMetadata => Self::validation(e.to_string()),
            AssetError::Io { source, .. }
                if matches!(source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) =>
            {
                Self::Store(StoreError::Unwritable(format!("{e}: {source}")))
            }
            AssetError::Unavailable { .. } | AssetError::Busy => Self::FilesAway(e.to_string()),
            AssetError::Io { source, .. } => Self::Files(format!("{e}: {source}")),
        }
    }
}
