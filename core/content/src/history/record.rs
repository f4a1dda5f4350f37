//! Writes the history, in the transaction of the recorded change.

use super::snapshot::{is_filled, write_snapshot};
use crate::Result;
use cairn_model::*;
use cairn_store::WriteTx;
use cairn_store::content::DocumentRow;
use cairn_store::events::Actor;
use cairn_store::history::{HistoryStatus, NewHistoryEntry};
use chrono::DateTime;
use std::collections::{HashMap, HashSet};

/// The origin of a version.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HistoryEntryInfo<'a> {
    /// `created`, `updated`, `published`, `unpublished`, `deleted`, `restored`.
    pub(crate) action: &'a str,
    /// [`HistoryStatus::Published`] if the write publishes (also).
    pub(crate) status: HistoryStatus,
    /// True if the editor saved by itself.
    pub(crate) autosave: bool,
    /// Author of the change.
    pub(crate) actor: &'a Actor,
    /// When, in milliseconds.
    pub(crate) at: i64,
    /// A remark for people.
    pub(crate) note: Option<&'a str>,
}

/// Links of a row by attribute.
pub(crate) type LinksByAttribute = HashMap<AttributeId, Vec<LinkTarget>>;
/// A version, and the links that it does not hold itself.
pub(crate) type VersionWithLinks<'a> = (&'a DocumentRow, &'a LinksByAttribute);
/// The version before, and the targets that its attributes had.
type PreviousVersion<'a> = (&'a DocumentRow, &'a [(AttributeId, Vec<LinkTarget>)]);

/// Records the state after a save. Must be called after the row and its links are written, with the document locked. `previous_row`: the version
/// before, as it was read; `None` if there was none. `before`: the earlier targets of attributes in link tables and morph attributes, of
/// those that the save may have changed. Returns the names of the attributes that differ from the version before, in schema order; for a
/// new version those that are not empty.
///
/// If the document is older than its history, an entry with its state before the save is added first.
pub(crate) fn record_save(
    tx: &mut WriteTx<'_>,
    content_type: TypeId,
    previous_row: Option<&DocumentRow>,
    row: &DocumentRow,
    before: &[(AttributeId, Vec<LinkTarget>)],
    info: &HistoryEntryInfo<'_>,
) -> Result<Vec<String>> {
    let registry = tx.registry();
    let ct = registry.get(content_type);
    let linked: LinksByAttribute = tx.reader().links().find_targets(content_type, row.id)?.into_iter().collect();
    if let Some(previous) = previous_row
        && has_history(ct)
        && !tx.history().has_entries(&ct.uid, &row.document_id, &row.locale)?
    {
        let mut then = linked.clone();
        then.extend(before.iter().cloned());
        record_baseline(tx, ct, previous, &then)?;
    }
    let then = previous_row.map(|previous| (previous, before));
    write_entry(tx, ct, then, row, &linked, info)
}

/// Does the same as [`record_save`] for versions whose links the write of another document has changed: each as it was, with its links, and as
/// it is, with its links. All of them are of one type. Returns the names for each.
pub(crate) fn record_link_changes(
    tx: &mut WriteTx<'_>,
    ct: &ContentType,
    versions: &[(VersionWithLinks<'_>, VersionWithLinks<'_>)],
    info: &HistoryEntryInfo<'_>,
) -> Result<Vec<Vec<String>>> {
    let documents: Vec<&str> = versions.iter().map(|(_, (row, _))| row.document_id.as_str()).collect();
    let known =
        if has_history(ct) { tx.history().find_documents_with_entries(&ct.uid, &documents)? } else { HashSet::new() };
    let mut changed = Vec::with_capacity(versions.len());
    for ((previous, then), (row, now)) in versions {
        if has_history(ct) && !known.contains(&(row.document_id.clone(), row.locale.clone())) {
            record_baseline(tx, ct, previous, then)?;
        }
        let before: Vec<_> =
            ct.attributes.iter().map(|(id, _)| (id, then.get(&id).cloned().unwrap_or_default())).collect();
        changed.push(write_entry(tx, ct, Some((previous, &before)), row, now, info)?);
    }
    Ok(changed)
}

/// Does the same as [`record_save`] for a document that was created in this transaction: its links are those it was created with.
pub(crate) fn record_creation(
    tx: &mut WriteTx<'_>,
    ct: &ContentType,
    row: &DocumentRow,
    linked: &LinksByAttribute,
    info: &HistoryEntryInfo<'_>,
) -> Result<Vec<String>> {
    write_entry(tx, ct, None, row, linked, info)
}

/// True if a type has a history. Users have none: it would retain what must be forgotten, such as codes of password resets.
fn has_history(ct: &ContentType) -> bool {
    ct.is_api() || ct.uid == FILE_UID
}

fn write_entry(
    tx: &mut WriteTx<'_>,
    ct: &ContentType,
    then: Option<PreviousVersion<'_>>,
    row: &DocumentRow,
    linked: &LinksByAttribute,
    info: &HistoryEntryInfo<'_>,
) -> Result<Vec<String>> {
    let registry = tx.registry();
    let changed = changed_attributes(&registry, ct, then, row, linked);
    if has_history(ct) {
        let snapshot = write_snapshot(&registry, ct, row, linked);
        tx.history().add(build_entry(ct, row, info, changed.clone(), Some(snapshot)))?;
    }
    Ok(changed)
}

/// Records what a deletion removes: `locale`'s versions, or all (`None`). Must be called before the deletion, with the document locked.
pub(crate) fn record_deletion(
    tx: &mut WriteTx<'_>,
    content_type: TypeId,
    document_id: &str,
    locale: Option<&str>,
    info: &HistoryEntryInfo<'_>,
) -> Result<()> {
    let registry = tx.registry();
    let ct = registry.get(content_type);
    if !has_history(ct) {
        return Ok(());
    }
    let filter_by_locale =
        |rows: Vec<DocumentRow>| rows.into_iter().filter(move |r| locale.is_none_or(|l| l == r.locale));
    let drafts: Vec<DocumentRow> = match ct.draft_publish {
        true => filter_by_locale(tx.reader().documents().find_rows(content_type, document_id, false)?).collect(),
        false => Vec::new(),
    };
    for row in filter_by_locale(tx.reader().documents().find_rows(content_type, document_id, true)?) {
        // A published version that equals its draft is covered by the entry of the draft. Other documents' writes change the tokens of
        // each by itself, but not the times.
        let equals =
            |d: &DocumentRow| (&d.locale, d.version, &d.updated_at) == (&row.locale, row.version, &row.updated_at);
        if !drafts.iter().any(equals) {
            record_removed_version(tx, ct, &row, info)?;
        }
    }
    for row in &drafts {
        record_removed_version(tx, ct, row, info)?;
    }
    Ok(())
}

/// Records the state of a version that is deleted.
fn record_removed_version(
    tx: &mut WriteTx<'_>,
    ct: &ContentType,
    row: &DocumentRow,
    info: &HistoryEntryInfo<'_>,
) -> Result<()> {
    let registry = tx.registry();
    let linked: LinksByAttribute = tx.reader().links().find_targets(ct.id, row.id)?.into_iter().collect();
    let snapshot = write_snapshot(&registry, ct, row, &linked);
    let status = if row.published { HistoryStatus::Published } else { HistoryStatus::Draft };
    Ok(tx.history().add(build_entry(
        ct,
        row,
        &HistoryEntryInfo { status, autosave: false, ..*info },
        Vec::new(),
        Some(snapshot),
    ))?)
}

/// Records the state of a version before its first entry. Its author is not known.
fn record_baseline(tx: &mut WriteTx<'_>, ct: &ContentType, row: &DocumentRow, linked: &LinksByAttribute) -> Result<()> {
    let registry = tx.registry();
    let actor = Actor::system("history");
    let info = HistoryEntryInfo {
        action: "baseline",
        status: if row.published { HistoryStatus::Published } else { HistoryStatus::Draft },
        autosave: false,
        actor: &actor,
        at: DateTime::parse_from_rfc3339(&row.updated_at).map_or(0, |at| at.timestamp_millis()),
        note: None,
    };
    let then = write_snapshot(&registry, ct, row, linked);
    Ok(tx.history().add(build_entry(ct, row, &info, Vec::new(), Some(then)))?)
}

fn build_entry(
    ct: &ContentType,
    row: &DocumentRow,
    info: &HistoryEntryInfo<'_>,
    changed: Vec<String>,
    snapshot: Option<String>,
) -> NewHistoryEntry {
    NewHistoryEntry {
        content_type: ct.uid.clone(),
        document_id: row.document_id.clone(),
        locale: row.locale.clone(),
        action: info.action.to_owned(),
        status: info.status,
        version: row.version.max(1),
        autosave: info.autosave,
        at: info.at,
        actor: info.actor.clone(),
        changed,
        note: info.note.map(str::to_owned),
        snapshot,
    }
}

fn changed_attributes(
    registry: &Registry,
    ct: &ContentType,
    then: Option<PreviousVersion<'_>>,
    row: &DocumentRow,
    linked: &LinksByAttribute,
) -> Vec<String> {
    let is_changed = |id: AttributeId, a: &Attribute| {
        let Some((previous, before)) = then else {
            return is_filled(registry, row, linked, id, a);
        };
        match registry.attribute_link(a).map(|l| l.storage) {
            None => !previous.values[id].has_same_content(&row.values[id]),
            Some(LinkStorage::Column) => {
                previous.to_one.get(&id).map(|(target, _)| target) != row.to_one.get(&id).map(|(target, _)| target)
            }
            Some(LinkStorage::Table | LinkStorage::References) => {
                let now = linked.get(&id).map_or(&[][..], Vec::as_slice);
                before.iter().any(|(attribute, targets)| *attribute == id && targets.as_slice() != now)
            }
            Some(LinkStorage::Inverse) => false,
        }
    };
    ct.attributes.iter().filter(|(id, a)| is_changed(*id, a)).map(|(_, a)| a.name.clone()).collect()
}
