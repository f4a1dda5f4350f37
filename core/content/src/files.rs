//! Uploaded files: rows of `plugin::upload.file` and their blobs. A file that is listed has its blobs: they are written
//! before the row, and removed after the row is gone.
//!
//! Adding and deleting run to their end even when the one who asked goes away, so that neither leaves blobs without a
//! row.

mod info;
mod link;
#[cfg(test)]
mod tests;

pub use info::FileInfo;
pub use link::LinkRequest;

use crate::history::{self, record_deleted};
use crate::record::{Happened, Version, emit, saved};
use crate::{Answer, Ask, Content, ContentError, RefusalKind, Result};
use cairn_assets::{AssetError, BlobStore, Incoming, Limits, StoredFile};
use cairn_model::{ContentType, TargetRef, Value};
use cairn_query::Action;
use cairn_store::content::{NewRow, Row};
use cairn_store::history::HistoryStatus;
use cairn_store::system::new_document_id;
use cairn_store::{Hold, StoreError, WriteTx};
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::io::ErrorKind;
use std::sync::Arc;

/// A file that has arrived, and what its sender says about it.
#[derive(Debug)]
pub struct Upload {
    /// Its bytes and name. `given_name` is set from `info`.
    pub incoming: Incoming,
    /// `fileInfo`.
    pub info: FileInfo,
}

/// What upload routes add to every file: Cairn's own URLs need no signature.
const SIGNED: &str = "\"isUrlSigned\":false}";

impl Content {
    /// Stores files with their variants, and puts them into an entry where `link` says so: all of them or none. `ask`
    /// tells the caller; its type and query do not count. Answers the documents in the order of the files.
    ///
    /// # Errors
    /// 403 without the right to create files (with a link: to update entries of that type); 400 naming `ref`, `refId`
    /// or `field`; 400 or 413 for a file that cannot be taken. Nothing is stored then.
    pub async fn add_files(
        &self,
        ask: &Ask<'_>,
        blobs: Arc<dyn BlobStore>,
        limits: Limits,
        mut files: Vec<Upload>,
        link: Option<LinkRequest>,
    ) -> Result<Vec<String>> {
        let ask = self.of_files(ask, "");
        if !ask.access.may(ask.content_type, Action::Create) {
            return Err(ContentError::forbidden());
        }
        let file = self.registry().file();
        for upload in &mut files {
            upload.info.check_rights(file, ask.access, Action::Create)?;
            upload.incoming.given_name = upload.info.name.clone().filter(|name| !name.is_empty());
        }
        let guard = self.guard(&ask, Action::Create).map(Arc::new);
        let link = link.map(|link| self.link(&ask, &link)).transpose()?.map(Arc::new);
        let (store, now, by) = (self.store().clone(), self.now(), self.by(&ask));
        let done = tokio::spawn(async move {
            let Stored { blobs, files } = blocking(move || ingest(blobs, files, limits)).await??;
            let files = Arc::new(files);
            let rows = files.clone();
            let written = store
                .write(move |tx| {
                    let registry = tx.registry();
                    let mut documents = Vec::with_capacity(rows.len());
                    let made = by.made(Happened::Created, HistoryStatus::Published);
                    for (stored, info) in &*rows {
                        let row = new_row(registry.file(), stored, info, &now);
                        let mut row = row;
                        row.id = tx.insert(registry.file().id, &row)?;
                        history::record(tx, registry.file().id, None, &row, &[], &made)?;
                        emit(tx, &by, Happened::Created, file_version(registry.file(), &row.document_id), json!({}))?;
                        documents.push(row.document_id);
                    }
                    if let Some(guard) = &guard {
                        for document in &documents {
                            if !guard.holds(&tx.reader(), document, "")? {
                                return Err(ContentError::forbidden());
                            }
                        }
                    }
                    if let Some(link) = &link {
                        link.apply(tx, &documents, &now, &by)?;
                    }
                    Ok(documents)
                })
                .await;
            // Where the store ended before it answered, the rows may be there: blobs without a row do less harm.
            if matches!(&written, Err(e) if !matches!(e, ContentError::Store(StoreError::Closed))) {
                blocking(move || remove(&*blobs, files.iter().map(|(stored, _)| stored))).await?;
            }
            written
        });
        done.await.map_err(|e| ContentError::Files(format!("an upload did not end: {e}")))?
    }

    /// The files that [`Self::add_files`] made, as a JSON list.
    pub fn added_files(&self, ask: &Ask<'_>, documents: &[String]) -> Result<Vec<u8>> {
        let ready = self.ready(&self.of_files(ask, ""), Action::Create, true)?;
        let mut list = vec![b'['];
        self.store().read(|r| {
            for document in documents {
                let start = list.len();
                // One that another has deleted meanwhile is left out.
                if r.one(&ready.prepared, document, &mut list)? {
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

    /// Changes what people say about a file; what `info` does not say stays. Answers the file, or `None` where there is
    /// none of that number (or document id) that the caller may change.
    pub async fn update_file(&self, ask: &Ask<'_>, id: &str, info: FileInfo) -> Result<Option<Vec<u8>>> {
        let ask = self.of_files(ask, "");
        let ready = self.ready(&ask, Action::Update, true)?;
        info.check_rights(self.registry().file(), ask.access, Action::Update)?;
        let name = info.name.as_deref().map(info::display_name).transpose()?;
        let info = FileInfo { name, ..info };
        let (target, now, by) = (target(id), self.now(), self.by(&ask));
        let changed = self
            .store()
            .write(move |tx| {
                let registry = tx.registry();
                let file = registry.file();
                let mut body = Vec::new();
                let Some(document) = tx.resolve(file.id, &target, None)? else { return Ok(None) };
                tx.hold(file.id, &document, Hold::Change)?;
                if !tx.reader().one(&ready.prepared, &document, &mut body)? {
                    return Ok(None);
                }
                let Some(mut row) = tx.row(file.id, &document, "", true)? else { return Ok(None) };
                let held = row.clone();
                info.write(file, &mut row.values);
                // As everywhere on types without drafts, every update moves both.
                row.updated_at.clone_from(&now);
                row.published_at = Some(now);
                tx.update(file.id, &mut row)?;
                let made = by.made(Happened::Updated, HistoryStatus::Published);
                let changed = history::record(tx, file.id, Some(&held), &row, &[], &made)?;
                let data = saved(row.version, &changed, &[]);
                emit(tx, &by, Happened::Updated, file_version(file, &document), data)?;
                body.clear();
                // The caller's own condition holds for the file as it is now, too.
                if !tx.reader().one(&ready.prepared, &document, &mut body)? {
                    return Err(ContentError::forbidden());
                }
                Ok(Some(body))
            })
            .await?;
        changed.map(|body| with_signature(&body)).transpose()
    }

    /// Deletes a file, from the entries that show it too. Answers it as it was, or `None` where there is none of that
    /// number (or document id) that the caller may delete.
    pub async fn delete_file(&self, ask: &Ask<'_>, blobs: Arc<dyn BlobStore>, id: &str) -> Result<Option<Vec<u8>>> {
        let ready = self.ready(&self.of_files(ask, ""), Action::Delete, true)?;
        let (store, target, by) = (self.store().clone(), target(id), self.by(ask));
        let done = tokio::spawn(async move {
            let deleted = store
                .write(move |tx| {
                    let registry = tx.registry();
                    let file = registry.file();
                    let mut body = Vec::new();
                    let Some(document) = tx.resolve(file.id, &target, None)? else { return Ok(None) };
                    tx.hold(file.id, &document, Hold::Delete)?;
                    if !tx.reader().one(&ready.prepared, &document, &mut body)? {
                        return Ok(None);
                    }
                    let held = held_blobs(tx, file, &document)?;
                    let made = by.made(Happened::Deleted, HistoryStatus::Published);
                    record_deleted(tx, file.id, &document, None, &made)?;
                    tx.delete(file.id, &document, None)?;
                    emit(tx, &by, Happened::Deleted, file_version(file, &document), json!({}))?;
                    Ok::<_, ContentError>(Some((body, held)))
                })
                .await?;
            let Some((body, held)) = deleted else { return Ok(None) };
            blocking(move || {
                // The file is gone for everybody: what is left of it can only be logged.
                if let Some(Held { hash, ext, formats }) = held
                    && let Err(error) = cairn_assets::remove(&*blobs, &hash, &ext, formats.as_ref())
                {
                    tracing::warn!(hash, %error, "blobs of a deleted file could not be removed");
                }
            })
            .await?;
            Ok(Some(body))
        });
        let deleted = done.await.map_err(|e| ContentError::Files(format!("a deletion did not end: {e}")))?;
        deleted.and_then(|body| body.map(|body| with_signature(&body)).transpose())
    }

    /// All files, as a bare list.
    pub async fn find_files(&self, ask: &Ask<'_>) -> Result<Answer> {
        let mut answer = self.find_bare(self.of_files(ask, ask.query)).await?;
        answer.body = with_signature_each(&answer.body)?;
        Ok(answer)
    }

    /// One file by its number or document id, as a bare object.
    pub fn find_file(&self, ask: &Ask<'_>, id: &str) -> Result<Option<Answer>> {
        let ask = self.of_files(ask, ask.query);
        let document = self.store().read(|r| r.resolve(ask.content_type, &target(id), None))?;
        // What is not there is asked for all the same: rights and parameters are checked before that.
        let found = self.find_bare_one(ask, document.as_deref().unwrap_or_default())?;
        found.map(|answer| Ok(Answer { body: with_signature(&answer.body)?, ..answer })).transpose()
    }

    /// The same caller, asking about files.
    fn of_files<'a>(&self, ask: &Ask<'a>, query: &'a str) -> Ask<'a> {
        Ask { content_type: self.registry().file().id, query, ..*ask }
    }
}

fn file_version<'a>(file: &'a ContentType, document_id: &'a str) -> Version<'a> {
    Version { ct: file, document_id, locale: "", published: true }
}

/// A number names a row, anything else a document.
fn target(id: &str) -> TargetRef {
    match id.parse() {
        Ok(row) if id.bytes().all(|b| b.is_ascii_digit()) => TargetRef::Row(row),
        _ => TargetRef::Document(id.to_owned()),
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|e| ContentError::Files(format!("work on files did not end: {e}")))
}

/// Files that are stored, of which there are no rows yet.
struct Stored {
    blobs: Arc<dyn BlobStore>,
    files: Vec<(StoredFile, FileInfo)>,
}

/// Stores all files or none. Blocks.
fn ingest(blobs: Arc<dyn BlobStore>, uploads: Vec<Upload>, limits: Limits) -> Result<Stored> {
    let mut files = Vec::with_capacity(uploads.len());
    for Upload { incoming, info } in uploads {
        match cairn_assets::ingest(&*blobs, incoming, &limits) {
            Ok(file) => files.push((file, info)),
            Err(e) => {
                remove(&*blobs, files.iter().map(|(stored, _)| stored));
                return Err(e.into());
            }
        }
    }
    Ok(Stored { blobs, files })
}

/// Removes what was stored of an upload that failed. Blocks.
fn remove<'a>(blobs: &dyn BlobStore, files: impl Iterator<Item = &'a StoredFile>) {
    for file in files {
        if let Err(error) = cairn_assets::remove(blobs, &file.hash, &file.ext, file.formats.as_ref()) {
            tracing::warn!(hash = file.hash, %error, "blobs of an upload that failed could not be removed");
        }
    }
}

impl From<AssetError> for ContentError {
    fn from(e: AssetError) -> Self {
        match &e {
            AssetError::TooLarge { .. } => Self::refuse(RefusalKind::TooLarge, e.to_string(), json!({})),
            AssetError::TooManyPixels { .. } | AssetError::BadName { .. } => Self::validation(e.to_string()),
            AssetError::Io { source, .. }
                if matches!(source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) =>
            {
                Self::Store(StoreError::Unwritable(format!("{e}: {source}")))
            }
            AssetError::Unavailable { .. } => Self::FilesAway(e.to_string()),
            AssetError::Io { source, .. } => Self::Files(format!("{e}: {source}")),
        }
    }
}

fn new_row(file: &ContentType, stored: &StoredFile, info: &FileInfo, now: &str) -> NewRow {
    let text = |t: &str| Value::Text(t.to_owned());
    let pixels = |n: Option<u32>| n.map_or(Value::Null, |n| Value::Int(n.into()));
    let value = |name: &str| match name {
        "width" => pixels(stored.width),
        "height" => pixels(stored.height),
        "formats" => stored.formats.clone().map_or(Value::Null, Value::Json),
        "hash" => text(&stored.hash),
        "ext" => text(&stored.ext),
        "mime" => text(&stored.mime),
        // Plain digits: `Display` of a float has no exponent and no needless zeros.
        "size" => Value::Text(stored.size_kb.to_string()),
        "url" => text(&stored.url),
        "provider" => text("local"),
        _ => Value::Null,
    };
    let mut values: Vec<Value> = file.attributes.iter().map(|(_, a)| value(&a.name)).collect();
    FileInfo { name: Some(stored.name.clone()), ..info.clone() }.write(file, &mut values);
    Row {
        id: 0,
        document_id: new_document_id(),
        locale: String::new(),
        published: true,
        created_at: now.to_owned(),
        updated_at: now.to_owned(),
        published_at: Some(now.to_owned()),
        version: 0,
        values,
        to_one: HashMap::new(),
    }
}

/// What names the blobs of a file.
struct Held {
    hash: String,
    ext: String,
    formats: Option<Json>,
}

fn held_blobs(tx: &WriteTx<'_>, file: &ContentType, document: &str) -> Result<Option<Held>> {
    let Some(row) = tx.row(file.id, document, "", true)? else { return Ok(None) };
    let value = |name: &str| file.attributes.get(name).and_then(|(a, _)| row.values.get(a));
    let text = |name: &str| match value(name) {
        Some(Value::Text(t)) => Some(t.clone()),
        _ => None,
    };
    let formats = match value("formats") {
        Some(Value::Json(formats)) => Some(formats.clone()),
        _ => None,
    };
    Ok(text("hash").map(|hash| Held { hash, ext: text("ext").unwrap_or_default(), formats }))
}

/// A JSON object with `isUrlSigned` at its end.
fn with_signature(object: &[u8]) -> Result<Vec<u8>> {
    let object: &RawValue = serde_json::from_slice(object).map_err(unreadable)?;
    let mut out = Vec::with_capacity(object.get().len() + SIGNED.len() + 1);
    sign(object, &mut out)?;
    Ok(out)
}

/// A JSON list of objects, each with `isUrlSigned` at its end. All else stays byte for byte: numbers keep their digits.
fn with_signature_each(list: &[u8]) -> Result<Vec<u8>> {
    let objects: Vec<&RawValue> = serde_json::from_slice(list).map_err(unreadable)?;
    let mut out = Vec::with_capacity(list.len() + objects.len() * (SIGNED.len() + 1));
    out.push(b'[');
    for (i, object) in objects.into_iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        sign(object, &mut out)?;
    }
    out.push(b']');
    Ok(out)
}

fn sign(object: &RawValue, out: &mut Vec<u8>) -> Result<()> {
    let text = object.get().trim();
    let Some(members) = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) else {
        return Err(ContentError::Files("a file was written as something else than an object".into()));
    };
    out.push(b'{');
    out.extend_from_slice(members.as_bytes());
    if !members.trim().is_empty() {
        out.push(b',');
    }
    out.extend_from_slice(SIGNED.as_bytes());
    Ok(())
}

fn unreadable(e: serde_json::Error) -> ContentError {
    ContentError::Files(format!("a list of files is no JSON: {e}"))
}
