//! The trash: a deleted file can be restored to where it was, for thirty days.

use super::events::{emit_cache_purge, file_version};
use super::lock::require_unlocked;
use super::row;
use super::signed_flag::with_signature;
use crate::document_event::{DocumentEvent, WriteAuthor, emit_event};
use crate::history::{self, record_deletion};
use crate::{Content, ContentError, RefusalKind, RequestContext, Result};
use cairn_model::{ContentType, Value};
use cairn_store::content::{DocumentRow, IncomingLink};
use cairn_store::events::{Actor, NewEvent};
use cairn_store::history::HistoryStatus;
use cairn_store::{LockMode, WriteTx};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// How long a file stays in the trash.
const TRASH_RETENTION: Duration = Duration::from_secs(30 * 86_400);
/// Number of files whose usages are looked up at a time.
const FILES_PER_USAGE_QUERY: usize = 200;
/// Number of files deleted for good at a time.
const FILES_PER_PURGE: i64 = 200;

/// The event of a file that was deleted for good.
const ASSET_REMOVED_EVENT: &str = "asset.removed";

/// The state needed to restore a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TrashedFile {
    id: i64,
    created_at: String,
    updated_at: String,
    published_at: Option<String>,
    version: i64,
    values: Json,
    links: Vec<IncomingLink>,
}

/// Moves a file to the trash. It is locked for deletion.
pub(super) fn trash_file(tx: &mut WriteTx<'_>, file: &ContentType, document_id: &str, by: &WriteAuthor) -> Result<()> {
    let Some(row) = tx.reader().documents().get_row(file.id, document_id, "", true)? else { return Ok(()) };
    let trashed = TrashedFile {
        id: row.id,
        created_at: row.created_at,
        updated_at: row.updated_at,
        published_at: row.published_at,
        version: row.version,
        values: row::values_to_json(file, &row.values, true),
        links: tx.reader().links().find_incoming(file.id, document_id)?,
    };
    emit_cache_purge(tx, by, document_id)?;
    let info = by.history_info(DocumentEvent::Deleted, HistoryStatus::Published);
    record_deletion(tx, file.id, document_id, None, &info)?;
    tx.documents().delete_versions(file.id, document_id, None)?;
    let json = serde_json::to_value(&trashed).map_err(|e| ContentError::Files(e.to_string()))?;
    tx.assets().trash(document_id, &json, by.at, &by.actor)?;
    emit_event(tx, by, DocumentEvent::Deleted, file_version(file, document_id), json!({}))
}

/// Deletes a file in the trash.
fn delete_for_good(tx: &mut WriteTx<'_>, document_id: &str, by: &WriteAuthor) -> Result<()> {
    tx.assets().delete(document_id, by.at)?;
    let event = NewEvent {
        name: ASSET_REMOVED_EVENT.into(),
        key: document_id.to_owned(),
        content_type: Some(tx.registry().file_type().uid.clone()),
        document_id: Some(document_id.to_owned()),
        locale: None,
        status: None,
        data: json!({}),
    };
    Ok(tx.events().emit(&by.actor, &event, by.at)?)
}

impl Content {
    /// Moves the files that a plugin has added to the trash, in a transaction of the caller. A file that is used in a document
    /// whose type is not the plugin's belongs to that document, and stays. Returns the number of moved files. Returns an error if the
    /// database cannot be read or written.
    pub fn trash_files_of_plugin(&self, tx: &mut WriteTx<'_>, plugin: &str, actor: &Arc<Actor>) -> Result<usize> {
        let by = WriteAuthor {
            actor: actor.clone(),
            at: self.access.now().timestamp_millis(),
            recording: self.recording,
            viewer: None,
        };
        let registry = tx.registry();
        let file = registry.file_type();
        let added: Vec<String> =
            tx.reader().assets().find_by_plugin(plugin)?.into_iter().map(|asset| asset.document_id).collect();
        let mut trashed = 0;
        for some in added.chunks(FILES_PER_USAGE_QUERY) {
            let ids: Vec<&str> = some.iter().map(String::as_str).collect();
            let usages = tx.reader().documents().find_usages(file.id, &ids, i64::MAX / 2)?;
            let others = usages.iter().filter(|usage| registry.get(usage.content_type).plugin_id() != Some(plugin));
            let used_ids: HashSet<&str> = others.map(|usage| usage.target.as_str()).collect();
            for id in ids.into_iter().filter(|id| !used_ids.contains(id)) {
                tx.lock_document(file.id, id, LockMode::Delete)?;
                trash_file(tx, file, id, &by)?;
                trashed += 1;
            }
        }
        Ok(trashed)
    }

    /// Restores a file from the trash, also in the entries that showed it, if they exist and show nothing else in its place now. Returns
    /// the file, the number of restored links, and the number of all its links. Fails with 404 if it is not in the trash.
    pub async fn restore_file(
        &self,
        context: &RequestContext<'_>,
        document_id: &str,
    ) -> Result<(Vec<u8>, usize, usize)> {
        let query = self.compile_query(
            &self.for_files(context, cairn_query::Query::empty()),
            cairn_query::Action::Create,
            true,
        )?;
        let (document, by) = (document_id.to_owned(), self.write_author(context));
        let (body, linked, links) = self
            .store()
            .write(move |tx| {
                let registry = tx.registry();
                let file = registry.file_type();
                tx.lock_name(&format!("asset {document}"))?;
                let Some(trashed) = tx.reader().assets().get_trashed(&document)? else {
                    return Err(ContentError::not_found());
                };
                let trashed: TrashedFile = serde_json::from_value(trashed)
                    .map_err(|e| ContentError::Files(format!("the trash of file {document}: {e}")))?;
                let mut values: Vec<Value> = file.attributes.iter().map(|_| Value::Null).collect();
                row::set_values_from_json(file, &mut values, &trashed.values);
                let row = DocumentRow {
                    id: trashed.id,
                    document_id: document.clone(),
                    locale: String::new(),
                    published: true,
                    created_at: trashed.created_at,
                    updated_at: trashed.updated_at,
                    published_at: trashed.published_at,
                    version: trashed.version,
                    values,
                    to_one: HashMap::new(),
                };
                let row = DocumentRow { id: tx.documents().restore_row(file.id, &row)?, ..row };
                tx.assets().restore(&document)?;
                let info = history::HistoryEntryInfo {
                    action: "restored",
                    ..by.history_info(DocumentEvent::Created, HistoryStatus::Published)
                };
                history::record_save(tx, file.id, None, &row, &[], &info)?;
                let linked = tx.links().restore(file.id, &document, &trashed.links)?;
                emit_event(
                    tx,
                    &by,
                    DocumentEvent::Created,
                    file_version(file, &document),
                    json!({ "restored": true }),
                )?;
                let mut body = Vec::new();
                tx.reader().entries().write_one(&query.prepared, &document, &mut body)?;
                Ok((body, linked, trashed.links.len()))
            })
            .await?;
        Ok((with_signature(&body)?, linked, links))
    }

    /// Deletes a file in the trash for good. The next sweep deletes its blobs, unless another file has the same. Fails with 404 if it
    /// is not in the trash.
    pub async fn purge_file(&self, actor: &Arc<Actor>, document_id: &str) -> Result<()> {
        let document = document_id.to_owned();
        let by = WriteAuthor {
            actor: actor.clone(),
            at: self.access.now().timestamp_millis(),
            recording: self.recording,
            viewer: None,
        };
        self.store()
            .write(move |tx| {
                tx.lock_name(&format!("asset {document}"))?;
                if tx.reader().assets().get_trashed(&document)?.is_none() {
                    let message = "The trash has no such file: delete the file first, then remove it permanently";
                    return Err(ContentError::refuse(RefusalKind::NotFound, message, json!({})));
                }
                delete_for_good(tx, &document, &by)
            })
            .await
    }

    /// Checks that none of these files is needed by an entry, before the first of them is deleted: nothing is left half done.
    ///
    /// # Errors
    /// 409 that names the entry, its type and its plugin.
    pub fn require_deletable(&self, documents: &[String], actor: &Arc<Actor>) -> Result<()> {
        let by = WriteAuthor {
            actor: actor.clone(),
            at: self.access.now().timestamp_millis(),
            recording: self.recording,
            viewer: None,
        };
        self.store().read(|r| documents.iter().try_for_each(|document| require_unlocked(r, document, &by)))
    }

    /// Deletes a file for good, without a way back through the trash, in a transaction of the caller. The next sweep deletes its blobs, unless
    /// another file has the same. Returns `false` if there is none with that document id.
    ///
    /// # Errors
    /// 409 if an entry needs the file; an error if the database cannot be written.
    pub fn erase_file(&self, tx: &mut WriteTx<'_>, document_id: &str, actor: &Arc<Actor>) -> Result<bool> {
        let by = WriteAuthor {
            actor: actor.clone(),
            at: self.access.now().timestamp_millis(),
            recording: self.recording,
            viewer: None,
        };
        let registry = tx.registry();
        let file = registry.file_type();
        if !tx.lock_document(file.id, document_id, LockMode::Delete)? {
            return Ok(false);
        }
        require_unlocked(&tx.reader(), document_id, &by)?;
        trash_file(tx, file, document_id, &by)?;
        delete_for_good(tx, document_id, &by)?;
        tx.history().delete_for_document(&file.uid, document_id)?;
        Ok(true)
    }

    /// Deletes files that have been in the trash for thirty days; at most some hundreds at a time. Returns their number,
    /// and whether that was all.
    pub async fn purge_trashed_files(&self) -> Result<(usize, bool)> {
        let now = self.access.now().timestamp_millis();
        let before = now - TRASH_RETENTION.as_millis() as i64;
        let expired = self.store().read(|r| r.assets().list_trashed_before(before, FILES_PER_PURGE))?;
        let (n, all) = (expired.len(), (expired.len() as i64) < FILES_PER_PURGE);
        if n > 0 {
            self.store()
                .write(move |tx| {
                    for document in &expired {
                        tx.lock_name(&format!("asset {document}"))?;
                        // The file may have been restored meanwhile.
                        if tx.reader().assets().get_trashed(document)?.is_some() {
                            tx.assets().delete(document, now)?;
                        }
                    }
                    Ok::<_, ContentError>(())
                })
                .await?;
        }
        Ok((n, all))
    }
}
