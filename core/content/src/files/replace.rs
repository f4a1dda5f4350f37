//! Replacing the bytes of a file: its addresses, its texts and the entries that show it stay, and the old version can be restored.

use super::blocking_work::run_blocking;
use super::events::{emit_cache_purge, file_version};
use super::lock::require_unlocked;
use super::signed_flag::with_signature;
use super::{NewFile, Upload, find_metadata_policy, objects, parse_file_ref, row};
use crate::document_event::{DocumentEvent, WriteAuthor, emit_event, save_event_data};
use crate::history;
use crate::{Content, ContentError, RequestContext, Result};
use cairn_assets::{BlobStore, ReplacedFile, UploadLimits};
use cairn_model::{ContentType, Value};
use cairn_query::{Action, Query};
use cairn_store::assets::{Asset, AssetBlob, AssetVersion, ImageAppearance};
use cairn_store::history::HistoryStatus;
use cairn_store::{LockMode, StoreError, WriteTx};
use serde_json::{Value as Json, json};
use std::sync::Arc;

impl Content {
    /// Replaces the bytes of a file. Values that `info` does not contain stay. Returns the file, or `None` if there is none with that
    /// numeric id (or document id) that the caller may change.
    ///
    /// # Errors
    /// 400 for a file of another type, which would not match its address. Nothing has changed then.
    pub async fn replace_file(
        &self,
        request_context: &RequestContext<'_>,
        blobs: Arc<dyn BlobStore>,
        limits: UploadLimits,
        id: &str,
        mut upload: Upload,
    ) -> Result<Option<Vec<u8>>> {
        let access = self.without_private(request_context.access);
        let context = RequestContext { access: &access, ..self.for_files(request_context, Query::empty()) };
        let query = Arc::new(self.compile_query(&context, Action::Update, true)?);
        upload.info.check_permissions(self.registry().file_type(), context.access, Action::Update)?;
        let target = parse_file_ref(id);
        // The file is checked before anything is stored.
        let found = self.store().read(|r| {
            let registry = self.registry();
            let file = registry.file_type();
            let Some(document) = r.documents().resolve(file.id, &target, None)? else { return Ok(None) };
            let mut body = Vec::new();
            if !r.entries().write_one(&query.prepared, &document, &mut body)? {
                return Ok(None);
            }
            let known: Json = serde_json::from_slice(&body).unwrap_or_default();
            let text = |name: &str| known[name].as_str().unwrap_or_default().to_owned();
            let replaced = ReplacedFile { hash: text("hash"), ext: text("ext") };
            let folder = match upload.info.folder {
                Some(folder) => folder,
                None => r.assets().get(&document)?.map_or(0, |asset| asset.folder),
            };
            Ok::<_, ContentError>(Some((document, replaced, text("name"), find_metadata_policy(r, folder)?)))
        })?;
        let Some((document, replaced, name, policy)) = found else { return Ok(None) };
        upload.incoming.given_name = upload.info.name.clone().filter(|name| !name.is_empty()).or(Some(name));
        upload.incoming.replaces = Some(replaced);
        let (store, now, by, tools) =
            (self.store().clone(), self.now_iso(), self.write_author(&context), self.tools.clone());
        let handle = tokio::spawn(async move {
            let Upload { incoming, info } = upload;
            let prepared =
                run_blocking(move || cairn_assets::prepare_file(incoming, &limits, &tools, policy)).await??;
            let (new, objects) = NewFile::from_prepared(prepared, info);
            let new = Arc::new(new);
            let claims = objects::store_objects(&store, &blobs, objects, by.at).await?;
            let (settled, at) = (claims.clone(), by.at);
            let result = store
                .write(move |tx| {
                    let registry = tx.registry();
                    let file = registry.file_type();
                    tx.lock_document(file.id, &document, LockMode::Change)?;
                    let mut body = Vec::new();
                    if !tx.reader().entries().write_one(&query.prepared, &document, &mut body)? {
                        return Err(ContentError::not_found());
                    }
                    require_unlocked(&tx.reader(), &document, &by)?;
                    let bytes = FileContent {
                        values: new.attribute_values(),
                        blobs: new.blobs.clone(),
                        asset: new.to_asset(
                            &document,
                            &super::FileLocation { folder: 0, private: false },
                            by.at,
                            &by.actor,
                        ),
                    };
                    replace_content(tx, file, &document, bytes, Some(&new.info), &now, &by)?;
                    settled.settle(tx, by.at)?;
                    body.clear();
                    if !tx.reader().entries().write_one(&query.prepared, &document, &mut body)? {
                        return Err(ContentError::forbidden());
                    }
                    Ok(body)
                })
                .await;
            if matches!(&result, Err(e) if !matches!(e, ContentError::Store(StoreError::Closed))) {
                claims.release(&store, blobs, at).await;
            }
            result
        });
        let body = handle.await.map_err(|e| ContentError::Files(format!("a replacement did not finish: {e}")))??;
        with_signature(&body).map(Some)
    }

    /// Restores the bytes of an earlier version of a file; the present ones become a version. Fails with 404 if there is no
    /// such file or version.
    pub async fn restore_file_version(
        &self,
        context: &RequestContext<'_>,
        document_id: &str,
        number: i64,
    ) -> Result<Vec<u8>> {
        let query = self.compile_query(&self.for_files(context, Query::empty()), Action::Update, true)?;
        let (document, now, by) = (document_id.to_owned(), self.now_iso(), self.write_author(context));
        let body = self
            .store()
            .write(move |tx| {
                let registry = tx.registry();
                let file = registry.file_type();
                tx.lock_document(file.id, &document, LockMode::Change)?;
                let mut body = Vec::new();
                if !tx.reader().entries().write_one(&query.prepared, &document, &mut body)? {
                    return Err(ContentError::not_found());
                }
                require_unlocked(&tx.reader(), &document, &by)?;
                let versions = tx.reader().assets().list_versions(&document)?;
                let (Some(version), Some(asset)) =
                    (versions.into_iter().find(|v| v.number == number), tx.reader().assets().get(&document)?)
                else {
                    return Err(ContentError::not_found());
                };
                let mut values: Vec<Value> = file.attributes.iter().map(|_| Value::Absent).collect();
                row::set_values_from_json(file, &mut values, &version.file["row"]);
                let find_value = |(i, a): (cairn_model::AttributeId, &cairn_model::Attribute)| {
                    let value = values.get(i).filter(|v| **v != Value::Absent)?;
                    Some((a.name.clone(), value.clone()))
                };
                let old = FileContent {
                    values: file.attributes.iter().filter_map(find_value).collect(),
                    blobs: tx.reader().assets().list_blobs(&document, number)?,
                    asset: asset_from_json(&version.file["asset"], asset),
                };
                replace_content(tx, file, &document, old, None, &now, &by)?;
                body.clear();
                tx.reader().entries().write_one(&query.prepared, &document, &mut body)?;
                Ok(body)
            })
            .await?;
        with_signature(&body)
    }
}

/// The values that belong to the bytes of a file.
struct FileContent<N> {
    values: Vec<(N, Value)>,
    blobs: Vec<AssetBlob>,
    /// Only the facts about the bytes are used.
    asset: Asset,
}

/// Replaces the bytes of a file, and stores the old version. The file is locked.
fn replace_content<N: AsRef<str>>(
    tx: &mut WriteTx<'_>,
    file: &ContentType,
    document: &str,
    new: FileContent<N>,
    info: Option<&super::FileInfo>,
    now: &str,
    by: &WriteAuthor,
) -> Result<()> {
    let (Some(mut row), Some(old)) =
        (tx.reader().documents().get_row(file.id, document, "", true)?, tx.reader().assets().get(document)?)
    else {
        return Err(ContentError::not_found());
    };
    let document_row = row.clone();
    let version = AssetVersion {
        number: old.number,
        file: json!({ "row": row::values_to_json(file, &row.values, false), "asset": asset_to_json(&old) }),
        replaced_at: by.at,
        replaced_by: (*by.actor).clone(),
    };
    let mut blobs = new.blobs;
    // Renditions of sizes that the new file lacks: their addresses deliver the original instead.
    let Some(original) = blobs.first().cloned() else { return Err(ContentError::not_found()) };
    for blob in tx.reader().assets().list_blobs(document, old.number)? {
        if !blobs.iter().any(|b| b.variant == blob.variant) {
            blobs.push(AssetBlob { variant: blob.variant, name: blob.name, ..original.clone() });
        }
    }
    tx.assets().store_version(document, &version)?;
    let asset = Asset {
        number: old.number + 1,
        sha256: new.asset.sha256,
        bytes: new.asset.bytes,
        kind: new.asset.kind,
        appearance: new.asset.appearance,
        facts: new.asset.facts,
        ..old
    };
    tx.assets().save(&asset)?;
    tx.assets().serve_blobs(document, asset.number, &blobs)?;
    for (name, value) in new.values {
        row::set_value(file, &mut row.values, name.as_ref(), value);
    }
    row::set_addresses(file, &mut row.values, asset.private);
    if let Some(info) = info {
        info.apply_to(file, &mut row.values);
        // Gives it other addresses where it becomes private or public.
        super::move_file(tx, file, &mut row.values, document, info)?;
    }
    row.updated_at = now.to_owned();
    row.published_at = Some(now.to_owned());
    tx.documents().update_row(file.id, &mut row)?;
    let history_entry_info = by.history_info(DocumentEvent::Updated, HistoryStatus::Published);
    let changed = history::record_save(tx, file.id, Some(&document_row), &row, &[], &history_entry_info)?;
    let mut data = save_event_data(row.version, &changed, &[]);
    data["replaced"] = json!(asset.number);
    emit_event(tx, by, DocumentEvent::Updated, file_version(file, document), data)?;
    emit_cache_purge(tx, by, document)
}

/// The values of an asset that a version stores.
fn asset_to_json(a: &Asset) -> Json {
    let ImageAppearance { placeholder, colour, animated, alpha } = &a.appearance;
    json!({
        "sha256": a.sha256, "bytes": a.bytes, "kind": a.kind, "facts": a.facts,
        "placeholder": placeholder, "colour": colour, "animated": animated, "alpha": alpha,
    })
}

/// An asset with the values of a stored version.
fn asset_from_json(stored: &Json, now: Asset) -> Asset {
    let text = |name: &str| stored[name].as_str().map(str::to_owned);
    Asset {
        sha256: text("sha256").unwrap_or_default(),
        bytes: stored["bytes"].as_u64().unwrap_or_default(),
        kind: text("kind").unwrap_or_default(),
        appearance: ImageAppearance {
            placeholder: text("placeholder"),
            colour: text("colour"),
            animated: stored["animated"].as_bool(),
            alpha: stored["alpha"].as_bool(),
        },
        facts: Some(stored["facts"].clone()).filter(|facts| !facts.is_null()),
        ..now
    }
}
