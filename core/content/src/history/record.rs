//! Writes the history, in the transaction of the recorded change.

use super::snapshot::snapshot;
use crate::Result;
use crate::save::same;
use cairn_model::*;
use cairn_store::WriteTx;
use cairn_store::content::Row;
use cairn_store::events::Actor;
use cairn_store::history::{HistoryStatus, NewHistory};
use chrono::DateTime;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

/// The origin of a version.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made<'a> {
    /// `created`, `updated`, `published`, `unpublished`, `deleted`, `restored`.
    pub(crate) action: &'a str,
    /// [`HistoryStatus::Published`] if the write publishes (also).
    pub(crate) status: HistoryStatus,
    /// Whether the editor saved by itself.
    pub(crate) autosave: bool,
    /// Who made the change.
    pub(crate) actor: &'a Actor,
    /// When, in milliseconds.
    pub(crate) at: i64,
    /// A remark for people.
    pub(crate) note: Option<&'a str>,
}

/// Links of a row by attribute.
pub(crate) type Linked = HashMap<AttributeId, Vec<Target>>;
/// The version before, and the targets that its attributes had.
type Then<'a> = (&'a Row, &'a [(AttributeId, Vec<Target>)]);

/// Records the state after a save. Must be called after the row and its links are written, with the document locked. `held`: the version
/// before, as it was read; `None` if there was none. `before`: the earlier targets of attributes in link tables and morph attributes, of
/// those that the save may have changed. Returns the names of the attributes that differ from the version before, in schema order; for a
/// new version those that are not empty.
///
/// If the document is older than its history, an entry with its state before the save is added first.
pub(crate) fn record(
    tx: &mut WriteTx<'_>,
    content_type: TypeId,
    held: Option<&Row>,
    row: &Row,
    before: &[(AttributeId, Vec<Target>)],
    made: &Made<'_>,
) -> Result<Vec<String>> {
    let registry = tx.registry();
    let ct = registry.get(content_type);
    let linked: Linked = tx.linked(content_type, row.id)?.into_iter().collect();
    if let Some(held) = held
        && is_kept(ct)
        && !tx.has_history(&ct.uid, &row.document_id, &row.locale)?
    {
        let mut then = linked.clone();
        then.extend(before.iter().cloned());
        baseline(tx, ct, held, &then)?;
    }
    let then = held.map(|held| (held, before));
    write(tx, ct, then, row, &linked, made)
}

/// Does the same as [`record`] for a document that was created in this transaction: its links are those it was created with.
pub(crate) fn record_new(
    tx: &mut WriteTx<'_>,
    ct: &ContentType,
    row: &Row,
    linked: &Linked,
    made: &Made<'_>,
) -> Result<Vec<String>> {
    write(tx, ct, None, row, linked, made)
}

/// Whether a type has a history. Users have none: it would retain what must be forgotten, such as codes of password resets.
fn is_kept(ct: &ContentType) -> bool {
    ct.is_api() || ct.uid == FILE_UID
}

fn write(
    tx: &mut WriteTx<'_>,
    ct: &ContentType,
    then: Option<Then<'_>>,
    row: &Row,
    linked: &Linked,
    made: &Made<'_>,
) -> Result<Vec<String>> {
    let registry = tx.registry();
    let now = snapshot(&registry, ct, row, linked);
    let changed = changed(&registry, ct, then, row, linked, &now);
    if is_kept(ct) {
        tx.add_history(&entry(ct, row, made, changed.clone(), Some(Json::Object(now).to_string())))?;
    }
    Ok(changed)
}

/// Records what a deletion removes: `locale`'s versions, or all (`None`). Must be called before the deletion, with the document locked.
pub(crate) fn record_deleted(
    tx: &mut WriteTx<'_>,
    content_type: TypeId,
    document_id: &str,
    locale: Option<&str>,
    made: &Made<'_>,
) -> Result<()> {
    let registry = tx.registry();
    let ct = registry.get(content_type);
    if !is_kept(ct) {
        return Ok(());
    }
    let gone = |rows: Vec<Row>| rows.into_iter().filter(move |r| locale.is_none_or(|l| l == r.locale));
    let drafts: Vec<Row> = match ct.draft_publish {
        true => gone(tx.rows(content_type, document_id, false)?).collect(),
        false => Vec::new(),
    };
    for row in gone(tx.rows(content_type, document_id, true)?) {
        // Of a published version that is as its draft the draft tells.
        if !drafts.iter().any(|d| d.locale == row.locale && d.version == row.version) {
            went(tx, ct, &row, made)?;
        }
    }
    for row in &drafts {
        went(tx, ct, row, made)?;
    }
    Ok(())
}

/// Records the state of a version that is deleted.
fn went(tx: &mut WriteTx<'_>, ct: &ContentType, row: &Row, made: &Made<'_>) -> Result<()> {
    let registry = tx.registry();
    let linked: Linked = tx.linked(ct.id, row.id)?.into_iter().collect();
    let held = Json::Object(snapshot(&registry, ct, row, &linked)).to_string();
    let status = if row.published { HistoryStatus::Published } else { HistoryStatus::Draft };
    Ok(tx.add_history(&entry(ct, row, &Made { status, autosave: false, ..*made }, Vec::new(), Some(held)))?)
}

/// Records the state of a version before its first entry. Its author is not known.
fn baseline(tx: &mut WriteTx<'_>, ct: &ContentType, held: &Row, linked: &Linked) -> Result<()> {
    let registry = tx.registry();
    let actor = Actor::system("history");
    let made = Made {
        action: "baseline",
        status: if held.published { HistoryStatus::Published } else { HistoryStatus::Draft },
        autosave: false,
        actor: &actor,
        at: DateTime::parse_from_rfc3339(&held.updated_at).map_or(0, |at| at.timestamp_millis()),
        note: None,
    };
    let then = Json::Object(snapshot(&registry, ct, held, linked)).to_string();
    Ok(tx.add_history(&entry(ct, held, &made, Vec::new(), Some(then)))?)
}

fn entry(ct: &ContentType, row: &Row, made: &Made<'_>, changed: Vec<String>, snapshot: Option<String>) -> NewHistory {
    NewHistory {
        content_type: ct.uid.clone(),
        document_id: row.document_id.clone(),
        locale: row.locale.clone(),
        action: made.action.to_owned(),
        status: made.status,
        version: row.version.max(1),
        autosave: made.autosave,
        at: made.at,
        actor: made.actor.clone(),
        changed,
        note: made.note.map(str::to_owned),
        snapshot,
    }
}

fn changed(
    registry: &Registry,
    ct: &ContentType,
    then: Option<Then<'_>>,
    row: &Row,
    linked: &Linked,
    now: &Map<String, Json>,
) -> Vec<String> {
    let is_changed = |id: AttributeId, a: &Attribute| {
        let Some((held, before)) = then else {
            return match now.get(&a.name) {
                Some(Json::Array(list)) => !list.is_empty(),
                Some(value) => !value.is_null(),
                // A password is nowhere but in its column.
                None => !row.values[id].is_empty(),
            };
        };
        match registry.link(a).map(|l| l.storage) {
            None => !same(&held.values[id], &row.values[id]),
            Some(LinkStorage::Column) => {
                held.to_one.get(&id).map(|(target, _)| target) != row.to_one.get(&id).map(|(target, _)| target)
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
