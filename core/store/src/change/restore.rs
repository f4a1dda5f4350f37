//! Restores what a change dropped.

use super::apply::{Run, version};
use super::layout::{self, Storage, storage};
use super::rows::{self, Instances, Reading, Stored, for_each_instance};
use super::tables::{self, Indexes};
use super::trash::{self, Tables, Times, TrashEntry, TrashKind, TrashValue};
use super::tx::Tx;
use super::{carry, rights, rules};
use crate::ident::Ident;
use crate::schema::Catalogue;
use crate::{Result, StoreError};
use cairn_model::change::rewrite::{Host, Rewriter, Row};
use cairn_model::change::{Answers, AttributeShape, Plan, Snapshot, Step, TypeKind, TypeShape, Why, is_type, plan};
use serde_json::Value as Json;
use std::collections::HashMap;

/// Number of values left in the trash that a report lists at most.
const SHOWN: usize = 20;
/// Name of the type in which values are converted to another kind.
const CARRIER: &str = "cairn::restore.restore";

/// Type, document, locale and status.
type Version = (String, String, String, i64);

/// The result of restoring a trash entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restored {
    /// Number of values (for a type: entries) that were restored.
    pub placed: usize,
    /// Why values are still in the trash, as sentences; at most twenty.
    pub left: Vec<String>,
    /// Number of values left in the trash.
    pub left_count: usize,
}

impl Restored {
    fn leave(&mut self, line: impl FnOnce() -> String) {
        self.left_count += 1;
        if self.left.len() < SHOWN {
            self.left.push(line());
        }
    }
}

/// Restores a trash entry, in the transaction that the caller has begun.
pub(super) fn restore(tx: Tx<'_>, files: &Snapshot, id: i64, times: &Times) -> Result<Restored> {
    let entry = trash::list(tx)?.into_iter().find(|entry| entry.id == id).ok_or_else(|| {
        StoreError::Schema(format!("the trash has no entry {id}; list its entries with `cairn schema trash`"))
    })?;
    let missing = || {
        StoreError::Schema(format!(
            "{} is not among the content types: put its definition back (`cairn schema restore {id} --write-files` \
             writes it), run `cairn schema apply`, then restore again",
            entry.place()
        ))
    };
    let restored = match (entry.kind, &entry.attribute) {
        (TrashKind::Type, _) => {
            let live = files.content_type(&entry.owner).ok_or_else(missing)?;
            restore_type(tx, files, live, &entry, times)?
        }
        (TrashKind::Versions, _) => {
            let live = files.content_type(&entry.owner).ok_or_else(missing)?;
            restore_versions(tx, files, live, &entry)?
        }
        (_, Some(name)) => {
            let live = files.attribute(&entry.owner, name).ok_or_else(missing)?;
            restore_values(tx, files, live, &entry)?
        }
        (_, None) => return Err(missing()),
    };
    changed(tx, files, &entry)?;
    Ok(restored)
}

/// Notifies running processes that content has changed.
fn changed(tx: Tx<'_>, files: &Snapshot, entry: &TrashEntry) -> Result<()> {
    if tx.is_sqlite() {
        return Ok(());
    }
    for t in files.types.iter().filter(|t| t.uid == entry.owner || !is_type(&entry.owner)) {
        tx.execute(
            "announcing the change",
            "INSERT INTO cairn_changes AS c (type, slot, n) VALUES (?1, 0, 1) ON CONFLICT (type, slot) DO UPDATE SET n = c.n + 1",
            [&t.uid],
        )?;
    }
    Ok(())
}

/// Two models that differ in one type only: as it was, and as it is.
fn both(files: &Snapshot, entry: &TrashEntry, was: TypeShape, is: TypeShape) -> (Snapshot, Snapshot) {
    let mut after = files.clone();
    for t in &mut after.types {
        t.attributes.clear();
        t.indexes.clear();
        t.renamed_from = None;
    }
    after.types.retain(|t| t.uid != is.uid);
    let mut before = after.clone();
    before.types.push(was);
    after.types.push(is);
    for old in &entry.definition.components {
        // Of a component whose attribute was dropped, the rest is as it is.
        if *old.uid == entry.owner {
            continue;
        }
        match before.components.iter_mut().find(|c| c.uid == old.uid) {
            Some(component) => component.clone_from(old),
            None => before.components.push(old.clone()),
        }
    }
    for s in [&mut before, &mut after] {
        for c in &mut s.components {
            c.renamed_from = None;
        }
        for a in s
            .types
            .iter_mut()
            .flat_map(|t| &mut t.attributes)
            .chain(s.components.iter_mut().flat_map(|c| &mut c.attributes))
        {
            a.renamed_from = None;
            a.moved_into.clear();
        }
        s.types.sort_by(|a, b| a.uid.cmp(&b.uid));
        s.components.sort_by(|a, b| a.uid.cmp(&b.uid));
    }
    (before, after)
}

fn planned(before: &Snapshot, after: &Snapshot) -> Result<Plan> {
    let plan = plan(before, after, &Answers::default());
    if plan.problems.is_empty() {
        return Ok(plan);
    }
    let all: Vec<String> = plan.problems.iter().map(|p| format!("{}: {}", p.place, p.message)).collect();
    Err(StoreError::Schema(format!("the content types have changed too much since then: {}", all.join("; "))))
}

// Types ------------------------------------------------------------------------------------------------------------

fn restore_type(tx: Tx<'_>, files: &Snapshot, live: &TypeShape, entry: &TrashEntry, times: &Times) -> Result<Restored> {
    let (Some(was), Some(tables)) = (entry.definition.types.first(), &entry.tables) else {
        return Err(StoreError::Corrupt {
            place: format!("cairn_trash {}", entry.id),
            message: "it lists no tables".into(),
        });
    };
    let n: i64 = tx
        .first("counting rows", &format!("SELECT count(*) FROM {}", layout::table(live)), (), |r| r.get(0))?
        .unwrap_or(0);
    if n > 0 {
        return Err(StoreError::Schema(format!(
            "{} has {n} entries now; content can only be restored from the trash while its content type is empty",
            live.uid
        )));
    }
    let was = TypeShape {
        uid: live.uid.clone(),
        table: live.table.clone(),
        singular: live.singular.clone(),
        plural: live.plural.clone(),
        renamed_from: None,
        ..was.clone()
    };
    let live = TypeShape { renamed_from: None, ..live.clone() };
    let (before, after) = both(files, entry, was, live.clone());
    let plan = planned(&before, &after)?;
    for table in layout::tables(files, &live).into_iter().rev() {
        tx.run(&format!("DROP TABLE {table}"))?;
    }
    let was = before.content_type(&live.uid).unwrap_or(&live);
    bring_tables(tx, &before, was, tables)?;
    let catalogue = Catalogue::read(tx.conn)?;
    let mut run = Run::new(tx, &before, &after, &plan, times);
    let pairs: Vec<_> = run.pairs().into_iter().filter(|p| p.new.uid == live.uid).collect();
    let mut carried = tables::move_tables(&run, &pairs, &catalogue)?;
    for carry in &mut carried {
        carry::rows(&mut run, carry)?;
    }
    for carry in &carried {
        carry.finish(tx)?;
    }
    run.hold_to_refused()?;
    let live = after.content_type(&live.uid).unwrap_or(&live);
    let indexes = Indexes::of_type(&run, live);
    indexes.create_first(tx)?;
    rules::after_moves(&mut run)?;
    rules::clashes(&mut run, &indexes)?;
    run.hold_to_refused()?;
    indexes.create(tx)?;
    tx.execute("counting rows", "DELETE FROM cairn_counts WHERE type = ?1", [&live.uid])?;
    rights::count(tx, live)?;
    trash::remove(tx, &TrashEntry { tables: None, ..entry.clone() })?;
    tx.run("UPDATE cairn_schema SET generation = generation + 1")?;
    Ok(Restored { placed: usize::try_from(entry.values).unwrap_or_default(), ..Restored::default() })
}

/// Renames the tables of a dropped type back.
fn bring_tables(tx: Tx<'_>, shape: &Snapshot, was: &TypeShape, tables: &Tables) -> Result<()> {
    let rename = |from: &str, to: Ident| tx.run(&format!("ALTER TABLE {} RENAME TO {to}", Ident::quote(from)));
    rename(&tables.table, layout::table(was))?;
    for a in was.attributes.iter().filter(|a| storage(&a.kind) == Storage::Links) {
        match tables.links.get(&a.name) {
            Some(table) => rename(table, layout::links(was, a))?,
            None => tx.run(&layout::create_links(tx.dialect(), &layout::links(was, a)))?,
        }
    }
    match (&tables.references, layout::has_references(shape, was)) {
        (Some(table), true) => rename(table, layout::references(was)),
        (Some(table), false) => tx.run(&format!("DROP TABLE {}", Ident::quote(table))),
        (None, true) => tx.run(&layout::create_references(tx.dialect(), &layout::references(was))),
        (None, false) => Ok(()),
    }
}

// Versions ---------------------------------------------------------------------------------------------------------

/// Converts values to another kind, and reports those that cannot be placed.
#[derive(Default)]
struct Told {
    why: Option<String>,
}

impl Host for Told {
    fn instance_id(&mut self) -> i64 {
        0
    }

    fn gone(&mut self, step: &Step, _: &str, _: Option<i64>, _: &Json) {
        self.why.get_or_insert_with(|| format!("it no longer has a place ({})", step.sentence));
    }

    fn refused(&mut self, _: &Step, place: &str, _: Option<i64>, why: &Why) {
        self.why.get_or_insert_with(|| format!("{place}: {why}"));
    }
}

fn restore_versions(tx: Tx<'_>, files: &Snapshot, live: &TypeShape, entry: &TrashEntry) -> Result<Restored> {
    let Some(was) = entry.definition.types.first() else { return Ok(Restored::default()) };
    let was = TypeShape { uid: live.uid.clone(), table: live.table.clone(), ..was.clone() };
    let (before, after) = both(files, entry, was, live.clone());
    let plan = planned(&before, &after)?;
    let rewriter = Rewriter::new(&before, &plan.steps, &live.uid);
    // Both by (document, locale, status).
    let mut there: HashMap<(String, String, i64), (i64, String)> = HashMap::new();
    Reading::new(files, live, layout::table(live), Box::new(str::to_owned)).all(
        tx,
        &in_trash(entry, &live.uid),
        |rows| {
            there.extend(rows.into_iter().map(|r| ((r.document_id, r.locale, r.status), (r.id, r.updated_at))));
            Ok(())
        },
    )?;
    let (mut restored, mut placed) = (Restored::default(), Vec::new());
    let mut instances = Instances::default();
    let mut last = 0;
    loop {
        let values = trash::values(tx, entry.id, last, rows::BATCH)?;
        let Some((end, _)) = values.last() else { break };
        last = *end;
        let (mut made, mut gone) = (Vec::new(), Vec::new());
        for (number, v) in values {
            let name = version(&v.document_id, &v.locale, v.status, true);
            if v.status == 0 && !live.draft_publish {
                restored.leave(|| format!("{name}: {} has no drafts", live.uid));
                continue;
            }
            if v.locale.is_empty() == live.localized {
                restored.leave(|| {
                    format!("{name}: its locale does not match {}, whose localisation has changed", live.uid)
                });
                continue;
            }
            if let Some((id, updated_at)) = there.get(&(v.document_id.clone(), v.locale.clone(), v.status)) {
                if *updated_at > entry.created_at {
                    restored.leave(|| format!("{name}: it has been saved since then"));
                    continue;
                }
                gone.push(*id);
            }
            let mut row = v.value.get("row").and_then(Json::as_object).cloned().unwrap_or_default();
            let mut told = Told::default();
            rewriter.row(&mut row, &mut told);
            if let Some(why) = told.why {
                restored.leave(|| format!("{name}: {why}"));
                continue;
            }
            let time = |key: &str| v.value.get(key).and_then(Json::as_str).map(str::to_owned);
            placed.push(number);
            made.push(Stored {
                id: 0,
                document_id: v.document_id,
                locale: v.locale,
                status: v.status,
                created_at: time("createdAt").unwrap_or_else(|| entry.created_at.clone()),
                updated_at: time("updatedAt").unwrap_or_else(|| entry.created_at.clone()),
                published_at: time("publishedAt"),
                row,
            });
        }
        rows::delete(tx, files, live, &gone)?;
        rows::insert(tx, files, live, &mut instances, made)?;
    }
    tx.execute("counting rows", "DELETE FROM cairn_counts WHERE type = ?1", [&live.uid])?;
    rights::count(tx, live)?;
    end(tx, entry, restored, &placed)
}

/// Describes the rows of a type that an entry has values of, for an error message.
fn in_trash(entry: &TrashEntry, uid: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM cairn_trash_values v WHERE v.trash = {} AND v.type = {} AND v.document_id = t.document_id
         AND v.locale = t.locale AND v.status = t._status)",
        entry.id,
        trash::literal(uid)
    )
}

/// Removes restored values from the trash; an entry without values is deleted.
fn end(tx: Tx<'_>, entry: &TrashEntry, mut restored: Restored, placed: &[i64]) -> Result<Restored> {
    restored.placed = placed.len();
    for some in placed.chunks(rows::BATCH as usize) {
        trash::remove_values(tx, entry.id, some)?;
    }
    if restored.left_count == 0 {
        trash::remove(tx, entry)?;
    }
    Ok(restored)
}

// Values -----------------------------------------------------------------------------------------------------------

/// Restores the values of one attribute of a type, or of component instances in any type.
fn restore_values(tx: Tx<'_>, files: &Snapshot, live: &AttributeShape, entry: &TrashEntry) -> Result<Restored> {
    let definition = &entry.definition;
    let owners = definition.types.iter().map(|t| &t.attributes);
    let was = owners.chain(definition.components.iter().filter(|c| c.uid == entry.owner).map(|c| &c.attributes));
    let Some(was) = was.flatten().next() else { return Ok(Restored::default()) };
    let carrier = |a: &AttributeShape| TypeShape {
        uid: CARRIER.into(),
        kind: TypeKind::CollectionType,
        table: "cairn_restore".into(),
        singular: "restore".into(),
        plural: "restores".into(),
        draft_publish: false,
        localized: false,
        // No rule, and no other side: the values alone.
        attributes: vec![AttributeShape {
            name: live.name.clone(),
            column: live.column.clone(),
            required: false,
            unique: false,
            localized: false,
            index: false,
            ..a.clone()
        }],
        indexes: Vec::new(),
        unique_keys: Vec::new(),
        renamed_from: None,
    };
    let (before, after) = both(files, entry, carrier(was), carrier(live));
    let plan = planned(&before, &after)?;
    let rewriter = Rewriter::new(&before, &plan.steps, CARRIER);
    let mut values: Vec<(i64, TrashValue)> = Vec::new();
    loop {
        let more = trash::values(tx, entry.id, values.last().map_or(0, |(n, _)| *n), rows::BATCH)?;
        if more.is_empty() {
            break;
        }
        values.extend(more);
    }
    let (mut restored, mut placed) = (Restored::default(), Vec::new());
    // Components of a zone in the order they stood in.
    values.sort_by_key(|(n, v)| (v.position, *n));
    let mut by_row: HashMap<Version, Vec<(i64, TrashValue)>> = HashMap::new();
    for (number, mut v) in values {
        let zone = entry.kind == TrashKind::Zone;
        let given = if zone { Json::Array(vec![v.value]) } else { v.value };
        let mut row: Row = [(live.name.clone(), given)].into_iter().collect();
        let mut told = Told::default();
        rewriter.row(&mut row, &mut told);
        if let Some(why) = told.why {
            restored.leave(|| format!("{}: {why}", version(&v.document_id, &v.locale, v.status, true)));
            continue;
        }
        v.value = row.shift_remove(&live.name).unwrap_or_default();
        if zone {
            v.value = v.value.get_mut(0).map(Json::take).unwrap_or_default();
        }
        let key = (v.uid.clone(), v.document_id.clone(), v.locale.clone(), v.status);
        by_row.entry(key).or_default().push((number, v));
    }
    for ty in &files.types {
        let holders: Vec<&AttributeShape> = if is_type(&entry.owner) {
            ty.attributes.iter().filter(|a| ty.uid == entry.owner && a.name == live.name).collect()
        } else {
            let used = files.used_in(&entry.owner);
            ty.attributes.iter().filter(|a| used.contains(&format!("{}.{}", ty.uid, a.name))).collect()
        };
        if holders.is_empty() {
            continue;
        }
        let mut found = Vec::new();
        reading(files, ty, &holders).all(tx, &in_trash(entry, &ty.uid), |rows| {
            found.extend(rows);
            Ok(())
        })?;
        for mut row in found {
            let key = (ty.uid.clone(), row.document_id.clone(), row.locale.clone(), row.status);
            let Some(values) = by_row.remove(&key) else { continue };
            let unsaved = row.updated_at <= entry.created_at;
            let mut changed = Vec::new();
            for (number, v) in values {
                match place(files, ty, &holders, entry, live, &mut row, &v, unsaved) {
                    Ok(holder) => {
                        placed.push(number);
                        if !changed.contains(&holder) {
                            changed.push(holder);
                        }
                    }
                    Err(why) => {
                        restored.leave(|| {
                            format!("{}: {why}", version(&v.document_id, &v.locale, v.status, ty.draft_publish))
                        });
                    }
                }
            }
            for i in changed {
                let mut value = row.row.get(&holders[i].name).cloned().unwrap_or_default();
                rules::put(tx, None, files, ty, holders[i], row.id, &mut value)?;
            }
        }
    }
    for (_, v) in by_row.into_values().flatten() {
        restored
            .leave(|| format!("{}: the entry no longer exists", version(&v.document_id, &v.locale, v.status, true)));
    }
    end(tx, entry, restored, &placed)
}

fn reading<'a>(files: &'a Snapshot, ty: &'a TypeShape, holders: &[&'a AttributeShape]) -> Reading<'a> {
    let mut reading = Reading::new(files, ty, layout::table(ty), Box::new(str::to_owned));
    for a in holders {
        match storage(&a.kind) {
            Storage::Scalar(_) | Storage::Components => reading.column(a, layout::column(a), None),
            Storage::ToOne { ordered } => {
                reading.column(a, layout::column(a), ordered.then(|| layout::position(a)));
            }
            Storage::Links => reading.link_table(a, layout::links(ty, a)),
            Storage::References => reading.morph(a, a.name.clone()),
            Storage::Inverse => {}
        }
    }
    if layout::has_references(files, ty) {
        reading.references(layout::references(ty));
    }
    reading
}

/// Puts a value into a row in memory; returns the index of the attribute that holds it.
#[expect(clippy::too_many_arguments, reason = "one step of one loop")]
fn place(
    files: &Snapshot,
    ty: &TypeShape,
    holders: &[&AttributeShape],
    entry: &TrashEntry,
    live: &AttributeShape,
    row: &mut Stored,
    v: &TrashValue,
    unsaved: bool,
) -> std::result::Result<usize, String> {
    let takes = |held: Option<&Json>| {
        let empty = held.is_none_or(|h| h.is_null() || h.as_array().is_some_and(Vec::is_empty));
        empty || entry.kind == TrashKind::Conversion && unsaved
    };
    if entry.kind == TrashKind::Zone {
        let Some(Json::Array(list)) = row.row.get_mut(&live.name) else {
            return Err("the dynamic zone no longer exists".into());
        };
        if list.iter().any(|i| i.get("id") == v.value.get("id")) {
            return Err("the dynamic zone already has this component".into());
        }
        let at = usize::try_from(v.position).unwrap_or(0).min(list.len());
        list.insert(at, v.value.clone());
        return Ok(0);
    }
    if is_type(&entry.owner) {
        if !takes(row.row.get(&live.name)) {
            return Err(format!("`{}` has another value now", live.name));
        }
        row.row.insert(live.name.clone(), v.value.clone());
        return Ok(0);
    }
    for (i, holder) in holders.iter().enumerate() {
        let mut done = None;
        if let Some(value) = row.row.get_mut(&holder.name) {
            for_each_instance(files, &holder.kind, value, &mut |component, instance| {
                if component == entry.owner && instance.get("id").and_then(Json::as_i64) == Some(v.instance) {
                    let free = takes(instance.get(&live.name));
                    if free {
                        instance.insert(live.name.clone(), v.value.clone());
                    }
                    done = Some(free);
                }
            });
        }
        match done {
            Some(true) => return Ok(i),
            Some(false) => return Err(format!("`{}` has another value now", live.name)),
            None => {}
        }
    }
    Err(format!("the entry of {} no longer has this component", ty.uid))
}
