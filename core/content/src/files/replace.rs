//! Replacing the bytes of a file: its addresses, its texts and the entries that show it stay, and the old version can be restored.

use super::{
    NewFile, Upload, blocking, file_version, find_metadata_policy, objects, purged, row, target, with_signature,
};
use crate::history;
use crate::record::{By, Happened, emit, saved};
use crate::{Ask, Content, ContentError, Result};
use cairn_assets::{BlobStore, Limits, Replaced};
use cairn_model::{ContentType, Value};
use cairn_query::Action;
use cairn_store::assets::{Asset, AssetBlob, AssetVersion, Look};
use cairn_store::history::HistoryStatus;
use cairn_store::{Hold, StoreError, WriteTx};
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
        ask: &Ask<'_>,
        blobs: Arc<dyn BlobStore>,
        limits: Limits,
        id: &str,
        mut upload: Upload,
    ) -> Result<Option<Vec<u8>>> {
        let access = self.without_private(ask.access);
        let ask = Ask { access: &access, ..self.of_files(ask, "") };
        let ready = Arc::new(self.ready(&ask, Action::Update, true)?);
        upload.info.check_rights(self.registry().file(), ask.access, Action::Update)?;
        let target = target(id);
        // Before anything is stored.
        let found = self.store().read(|r| {
            let registry = self.registry();
            let file = registry.file();
            let Some(document) = r.resolve(file.id, &target, None)? else { return Ok(None) };
            let mut body = Vec::new();
            if !r.one(&ready.prepared, &document, &mut body)? {
                return Ok(None);
            }
            let known: Json = serde_json::from_slice(&body).unwrap_or_default();
            let text = |name: &str| known[name].as_str().unwrap_or_default().to_owned();
            let replaced = Replaced { hash: text("hash"), ext: text("ext") };
            let folder = match upload.info.folder {
                Some(folder) => folder,
                None => r.asset(&document)?.map_or(0, |asset| asset.folder),
            };
            Ok::<_, ContentError>(Some((document, replaced, text("name"), find_metadata_policy(r, folder)?)))
        })?;
        let Some((document, replaced, name, policy)) = found else { return Ok(None) };
        upload.incoming.given_name = upload.info.name.clone().filter(|name| !name.is_empty()).or(Some(name));
        upload.incoming.replaces = Some(replaced);
        let (store, now, by, tools) = (self.store().clone(), self.now(), self.by(&ask), self.tools.clone());
        let done = tokio::spawn(async move {
            let Upload { incoming, info } = upload;
            let prepared = blocking(move || cairn_assets::prepare(incoming, &limits, &tools, policy)).await??;
            let (new, objects) = NewFile::of(prepared, info);
            let new = Arc::new(new);
            let claims = objects::put(&store, &blobs, objects, by.at).await?;
            let (settled, at) = (claims.clone(), by.at);
            let written = store
                .write(move |tx| {
                    let registry = tx.registry();
                    let file = registry.file();
                    tx.hold(file.id, &document, Hold::Change)?;
                    let mut body = Vec::new();
                    if !tx.reader().one(&ready.prepared, &document, &mut body)? {
                        return Err(ContentError::not_found());
                    }
                    let bytes = Bytes {
                        values: new.values(),
                        blobs: new.blobs.clone(),
                        asset: new.asset(&document, &super::Place { folder: 0, private: false }, by.at, &by.actor),
                    };
                    exchange(tx, file, &document, bytes, Some(&new.info), &now, &by)?;
                    settled.settle(tx, by.at)?;
                    body.clear();
                    if !tx.reader().one(&ready.prepared, &document, &mut body)? {
                        return Err(ContentError::forbidden());
                    }
                    Ok(body)
                })
                .await;
            if matches!(&written, Err(e) if !matches!(e, ContentError::Store(StoreError::Closed))) {
                claims.release(&store, blobs, at).await;
            }
            written
        });
        let body = done.await.map_err(|e| ContentError::Files(format!("a replacement did not finish: {e}")))??;
        with_signature(&body).map(Some)
    }

    /// Restores the bytes of an earlier version of a file; the present ones become a version.
    ///
    /// # Errors
    /// 404 if there is no such file or version.
    pub async fn restore_file_version(&self, ask: &Ask<'_>, document_id: &str, number: i64) -> Result<Vec<u8>> {
        let ready = self.ready(&self.of_files(ask, ""), Action::Update, true)?;
        let (document, now, by) = (document_id.to_owned(), self.now(), self.by(ask));
        let body = self
            .store()
            .write(move |tx| {
                let registry = tx.registry();
                let file = registry.file();
                tx.hold(file.id, &document, Hold::Change)?;
                let mut body = Vec::new();
                if !tx.reader().one(&ready.prepared, &document, &mut body)? {
                    return Err(ContentError::not_found());
                }
                let versions = tx.reader().asset_versions(&document)?;
                let (Some(version), Some(asset)) =
                    (versions.into_iter().find(|v| v.number == number), tx.reader().asset(&document)?)
                else {
                    return Err(ContentError::not_found());
                };
                let mut values: Vec<Value> = file.attributes.iter().map(|_| Value::Absent).collect();
                row::set_json(file, &mut values, &version.file["row"]);
                let kept = |(i, a): (cairn_model::AttributeId, &cairn_model::Attribute)| {
                    let value = values.get(i).filter(|v| **v != Value::Absent)?;
                    Some((a.name.clone(), value.clone()))
                };
                let old = Bytes {
                    values: file.attributes.iter().filter_map(kept).collect(),
                    blobs: tx.reader().asset_blobs(&document, number)?,
                    asset: of_version(&version.file["asset"], asset),
                };
                exchange(tx, file, &document, old, None, &now, &by)?;
                body.clear();
                tx.reader().one(&ready.prepared, &document, &mut body)?;
                Ok(body)
            })
            .await?;
        with_signature(&body)
    }
}

/// The values that belong to the bytes of a file.
struct Bytes<N> {
    values: Vec<(N, Value)>,
    blobs: Vec<AssetBlob>,
    /// Only the facts about the bytes are used.
    asset: Asset,
}

/// Replaces the bytes of a file, and stores the old version. The file is locked.
fn exchange<N: AsRef<str>>(
    tx: &mut WriteTx<'_>,
    file: &ContentType,
    document: &str,
    new: Bytes<N>,
    info: Option<&super::FileInfo>,
    now: &str,
    by: &By,
) -> Result<()> {
    let (Some(mut row), Some(old)) = (tx.row(file.id, document, "", true)?, tx.reader().asset(document)?) else {
        return Err(ContentError::not_found());
    };
    let held = row.clone();
    let kept = AssetVersion {
        number: old.number,
        file: json!({ "row": row::to_json(file, &row.values, false), "asset": version_of(&old) }),
        replaced_at: by.at,
        replaced_by: (*by.actor).clone(),
    };
    let mut blobs = new.blobs;
    // Pictures that the file has no more at this size: whoever has their address still sees the file.
    let Some(original) = blobs.first().cloned() else { return Err(ContentError::not_found()) };
    for gone in tx.reader().asset_blobs(document, old.number)? {
        if !blobs.iter().any(|b| b.variant == gone.variant) {
            blobs.push(AssetBlob { variant: gone.variant, name: gone.name, ..original.clone() });
        }
    }
    tx.keep_asset_version(document, &kept)?;
    let asset = Asset {
        number: old.number + 1,
        sha256: new.asset.sha256,
        bytes: new.asset.bytes,
        kind: new.asset.kind,
        look: new.asset.look,
        facts: new.asset.facts,
        ..old
    };
    tx.put_asset(&asset)?;
    tx.serve_asset_blobs(document, asset.number, &blobs)?;
    for (name, value) in new.values {
        row::set(file, &mut row.values, name.as_ref(), value);
    }
    row::place(file, &mut row.values, asset.private);
    if let Some(info) = info {
        info.write(file, &mut row.values);
        // Gives it other addresses where it becomes private or public.
        super::replace_place(tx, file, &mut row.values, document, info)?;
    }
    row.updated_at = now.to_owned();
    row.published_at = Some(now.to_owned());
    tx.update(file.id, &mut row)?;
    let made = by.made(Happened::Updated, HistoryStatus::Published);
    let changed = history::record(tx, file.id, Some(&held), &row, &[], &made)?;
    let mut data = saved(row.version, &changed, &[]);
    data["replaced"] = json!(asset.number);
    emit(tx, by, Happened::Updated, file_version(file, document), data)?;
    purged(tx, by, document)
}

/// The values of an asset that a version stores.
fn version_of(a: &Asset) -> Json {
    let Look { placeholder, colour, animated, alpha } = &a.look;
    json!({
        "sha256": a.sha256, "bytes": a.bytes, "kind": a.kind, "facts": a.facts,
        "placeholder": placeholder, "colour": colour, "animated": animated, "alpha": alpha,
    })
}

/// An asset with the values of a stored version.
fn of_version(kept: &Json, now: Asset) -> Asset {
    let text = |name: &str| kept[name].as_str().map(str::to_owned);
    Asset {
        sha256: text("sha256").unwrap_or_default(),
        bytes: kept["bytes"].as_u64().unwrap_or_default(),
        kind: text("kind").unwrap_or_default(),
        look: Look {
            placeholder: text("placeholder"),
            colour: text("colour"),
            animated: kept["animated"].as_bool(),
            alpha: kept["alpha"].as_bool(),
        },
        facts: Some(kept["facts"].clone()).filter(|facts| !facts.is_null()),
        ..now
    }
}
