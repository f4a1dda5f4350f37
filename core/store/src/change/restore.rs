//! Restores what a change dropped.

use super::collation;
use super::layout::{self, AttributeStorage, attribute_storage};
use super::rows::{self, InstanceIdBlock, RowReader, StoredVersion, for_each_instance};
use super::run::{ChangeRun, describe_version};
use super::tables::{self, IndexChanges};
use super::trash::{self, ChangeTimes, TrashEntry, TrashKind, TrashValue, TrashedTables};
use super::tx::ChangeTx;
use super::{permissions, rules, type_migration};
use crate::ident::Ident;
use crate::schema::Catalogue;
use crate::{Result, StoreError};
use cairn_model::change::rewrite::{RewriteHost, Rewriter, StoredRow};
use cairn_model::change::{
    Answers, AttributeShape, ChangePlan, ChangeStep, ConversionError, Snapshot, TypeKind, TypeShape, is_type,
    plan_change,
};
use serde_json::Value as Json;
use std::collections::HashMap;

/// Number of values left in the trash that a report lists at most.
const MAX_LISTED_VALUES: usize = 20;
/// Name of the type in which values are converted to another kind.
const CARRIER_UID: &str = "cairn::restore.restore";

/// Type, document, locale and status.
type VersionIdentity = (String, String, String, i64);

/// The result of restoring a trash entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RestoreOutcome {
    /// Number of values (for a type: entries) that were restored.
    pub placed: usize,
    /// Why values are still in the trash, as sentences; at most twenty.
    pub left: Vec<String>,
    /// Number of values left in the trash.
    pub left_count: usize,
}

impl RestoreOutcome {
    fn add_left(&mut self, line: impl FnOnce() -> String) {
        self.left_count += 1;
        if self.left.len() < MAX_LISTED_VALUES {
            self.left.push(line());
        }
    }
}

/// Restores a trash entry, in the transaction that the caller has begun.
pub(super) fn restore_entry(
    tx: ChangeTx<'_>,
    files: &Snapshot,
    id: i64,
    times: &ChangeTimes,
) -> Result<RestoreOutcome> {
    let entry = trash::list_entries(tx)?.into_iter().find(|entry| entry.id == id).ok_or_else(|| {
        StoreError::Schema(format!("the trash has no entry {id}; list its entries with `cairn schema trash`"))
    })?;
    let missing = || {
        StoreError::Schema(format!(
            "{} is not among the content types: put its definition back (`cairn schema restore {id} --write-files` \
             writes it), run `cairn schema apply`, then restore again",
            entry.path()
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
    if let Some(ty) = files.content_type(&entry.owner) {
        collation::fill_type(tx, ty)?;
    }
    bump_changed_types(tx, files, &entry)?;
    Ok(restored)
}

/// Notifies running processes that content has changed.
fn bump_changed_types(tx: ChangeTx<'_>, files: &Snapshot, entry: &TrashEntry) -> Result<()> {
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
fn before_and_after(files: &Snapshot, entry: &TrashEntry, was: TypeShape, is: TypeShape) -> (Snapshot, Snapshot) {
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

fn plan_conversion(before: &Snapshot, after: &Snapshot) -> Result<ChangePlan> {
    let plan = plan_change(before, after, &Answers::default());
    if plan.problems.is_empty() {
        return Ok(plan);
    }
    let all: Vec<String> = plan.problems.iter().map(|p| format!("{}: {}", p.place, p.message)).collect();
    Err(StoreError::Schema(format!("the content types have changed too much since then: {}", all.join("; "))))
}

// Types ------------------------------------------------------------------------------------------------------------

fn restore_type(
    tx: ChangeTx<'_>,
    files: &Snapshot,
    live: &TypeShape,
    entry: &TrashEntry,
    times: &ChangeTimes,
) -> Result<RestoreOutcome> {
    let (Some(was), Some(tables)) = (entry.definition.types.first(), &entry.tables) else {
        return Err(StoreError::Corrupt {
            place: format!("cairn_trash {}", entry.id),
            message: "it lists no tables".into(),
        });
    };
    let n: i64 = tx
        .query_first("counting rows", &format!("SELECT count(*) FROM {}", layout::table_name(live)), (), |r| r.get(0))?
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
    let (before, after) = before_and_after(files, entry, was, live.clone());
    let plan = plan_conversion(&before, &after)?;
    for table in layout::table_names(files, &live).into_iter().rev() {
        tx.run(&format!("DROP TABLE {table}"))?;
    }
    let was = before.content_type(&live.uid).unwrap_or(&live);
    rename_tables_back(tx, &before, was, tables)?;
    let catalogue = Catalogue::load(tx.conn)?;
    let mut run = ChangeRun::new(tx, &before, &after, &plan, times);
    let pairs: Vec<_> = run.type_pairs().into_iter().filter(|p| p.new.uid == live.uid).collect();
    let mut carried = tables::move_tables(&run, &pairs, &catalogue)?;
    for carry in &mut carried {
        type_migration::migrate_rows(&mut run, carry)?;
    }
    for carry in &carried {
        carry.drop_leftovers(tx)?;
    }
    run.check_rejected()?;
    let live = after.content_type(&live.uid).unwrap_or(&live);
    let indexes = IndexChanges::all_of_type(&run, live);
    indexes.create_first(tx)?;
    rules::after_moves(&mut run)?;
    rules::check_unique_clashes(&mut run, &indexes)?;
    run.check_rejected()?;
    indexes.create_remaining(tx)?;
    tx.execute("counting rows", "DELETE FROM cairn_counts WHERE type = ?1", [&live.uid])?;
    permissions::count_rows(tx, live)?;
    trash::remove_entry(tx, &TrashEntry { tables: None, ..entry.clone() })?;
    tx.run("UPDATE cairn_schema SET generation = generation + 1")?;
    Ok(RestoreOutcome { placed: usize::try_from(entry.values).unwrap_or_default(), ..RestoreOutcome::default() })
}

/// Renames the tables of a dropped type back.
fn rename_tables_back(tx: ChangeTx<'_>, shape: &Snapshot, was: &TypeShape, tables: &TrashedTables) -> Result<()> {
    let rename = |from: &str, to: Ident| tx.run(&format!("ALTER TABLE {} RENAME TO {to}", Ident::quote(from)));
    rename(&tables.table, layout::table_name(was))?;
    for a in was.attributes.iter().filter(|a| attribute_storage(&a.kind) == AttributeStorage::Links) {
        match tables.links.get(&a.name) {
            Some(table) => rename(table, layout::link_table(was, a))?,
            None => tx.run(&layout::create_links_sql(tx.dialect(), &layout::link_table(was, a)))?,
        }
    }
    match (&tables.references, layout::has_references(shape, was)) {
        (Some(table), true) => rename(table, layout::reference_table(was)),
        (Some(table), false) => tx.run(&format!("DROP TABLE {}", Ident::quote(table))),
        (None, true) => tx.run(&layout::create_references_sql(tx.dialect(), &layout::reference_table(was))),
        (None, false) => Ok(()),
    }
}

// Versions ---------------------------------------------------------------------------------------------------------

/// Converts values to another kind, and reports those that cannot be placed.
#[derive(Default)]
struct ConversionHost {
    why: Option<String>,
}

impl RewriteHost for ConversionHost {
    fn instance_id(&mut self) -> i64 {
        0
    }

    fn on_dropped(&mut self, step: &ChangeStep, _: &str, _: Option<i64>, _: &Json) {
        self.why.get_or_insert_with(|| format!("it no longer has a place ({})", step.sentence));
    }

    fn on_refused(&mut self, _: &ChangeStep, place: &str, _: Option<i64>, why: &ConversionError) {
        self.why.get_or_insert_with(|| format!("{place}: {why}"));
    }
}

fn restore_versions(
    tx: ChangeTx<'_>,
    files: &Snapshot,
    live: &TypeShape,
    entry: &TrashEntry,
) -> Result<RestoreOutcome> {
    let Some(was) = entry.definition.types.first() else { return Ok(RestoreOutcome::default()) };
    let was = TypeShape { uid: live.uid.clone(), table: live.table.clone(), ..was.clone() };
    let (before, after) = before_and_after(files, entry, was, live.clone());
    let plan = plan_conversion(&before, &after)?;
    let rewriter = Rewriter::new(&before, &plan.steps, &live.uid);
    // Rows are matched by (document, locale, status).
    let mut existing: HashMap<(String, String, i64), (i64, String)> = HashMap::new();
    RowReader::new(files, live, layout::table_name(live), Box::new(str::to_owned)).read_all(
        tx,
        &in_trash_sql(entry, &live.uid),
        |rows| {
            existing.extend(rows.into_iter().map(|r| ((r.document_id, r.locale, r.status), (r.id, r.updated_at))));
            Ok(())
        },
    )?;
    let (mut restored, mut placed) = (RestoreOutcome::default(), Vec::new());
    let mut instances = InstanceIdBlock::default();
    let mut last_number = 0;
    loop {
        let values = trash::read_values(tx, entry.id, last_number, rows::ROWS_PER_BATCH)?;
        let Some((end, _)) = values.last() else { break };
        last_number = *end;
        let (mut new_versions, mut replaced_ids) = (Vec::new(), Vec::new());
        for (number, v) in values {
            let name = describe_version(&v.document_id, &v.locale, v.status, true);
            if v.status == 0 && !live.draft_publish {
                restored.add_left(|| format!("{name}: {} has no drafts", live.uid));
                continue;
            }
            if v.locale.is_empty() == live.localized {
                restored.add_left(|| {
                    format!("{name}: its locale does not match {}, whose localisation has changed", live.uid)
                });
                continue;
            }
            if let Some((id, updated_at)) = existing.get(&(v.document_id.clone(), v.locale.clone(), v.status)) {
                if *updated_at > entry.created_at {
                    restored.add_left(|| format!("{name}: it has been saved since then"));
                    continue;
                }
                replaced_ids.push(*id);
            }
            let mut row = v.value.get("row").and_then(Json::as_object).cloned().unwrap_or_default();
            let mut host = ConversionHost::default();
            rewriter.rewrite_row(&mut row, &mut host);
            if let Some(why) = host.why {
                restored.add_left(|| format!("{name}: {why}"));
                continue;
            }
            let time = |key: &str| v.value.get(key).and_then(Json::as_str).map(str::to_owned);
            placed.push(number);
            new_versions.push(StoredVersion {
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
        rows::delete_rows(tx, files, live, &replaced_ids)?;
        rows::insert_rows(tx, files, live, &mut instances, new_versions)?;
    }
    tx.execute("counting rows", "DELETE FROM cairn_counts WHERE type = ?1", [&live.uid])?;
    permissions::count_rows(tx, live)?;
    finish_restore(tx, entry, restored, &placed)
}

/// Describes the rows of a type that an entry has values of, for an error message.
fn in_trash_sql(entry: &TrashEntry, uid: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM cairn_trash_values v WHERE v.trash = {} AND v.type = {} AND v.document_id = t.document_id
         AND v.locale = t.locale AND v.status = t._status)",
        entry.id,
        trash::sql_literal(uid)
    )
}

/// Removes restored values from the trash; an entry without values is deleted.
fn finish_restore(
    tx: ChangeTx<'_>,
    entry: &TrashEntry,
    mut restored: RestoreOutcome,
    placed: &[i64],
) -> Result<RestoreOutcome> {
    restored.placed = placed.len();
    for some in placed.chunks(rows::ROWS_PER_BATCH as usize) {
        trash::remove_values(tx, entry.id, some)?;
    }
    if restored.left_count == 0 {
        trash::remove_entry(tx, entry)?;
    }
    Ok(restored)
}

// Values -----------------------------------------------------------------------------------------------------------

/// Restores the values of one attribute of a type, or of component instances in any type.
fn restore_values(
    tx: ChangeTx<'_>,
    files: &Snapshot,
    live: &AttributeShape,
    entry: &TrashEntry,
) -> Result<RestoreOutcome> {
    let definition = &entry.definition;
    let owners = definition.types.iter().map(|t| &t.attributes);
    let was = owners.chain(definition.components.iter().filter(|c| c.uid == entry.owner).map(|c| &c.attributes));
    let Some(was) = was.flatten().next() else { return Ok(RestoreOutcome::default()) };
    let carrier = |a: &AttributeShape| TypeShape {
        uid: CARRIER_UID.into(),
        kind: TypeKind::CollectionType,
        table: "cairn_restore".into(),
        singular: "restore".into(),
        plural: "restores".into(),
        draft_publish: false,
        localized: false,
        // The attribute carries values only: it has no rules, and no other side of a relation.
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
        collation: None,
        renamed_from: None,
    };
    let (before, after) = before_and_after(files, entry, carrier(was), carrier(live));
    let plan = plan_conversion(&before, &after)?;
    let rewriter = Rewriter::new(&before, &plan.steps, CARRIER_UID);
    let mut values: Vec<(i64, TrashValue)> = Vec::new();
    loop {
        let next_values = trash::read_values(tx, entry.id, values.last().map_or(0, |(n, _)| *n), rows::ROWS_PER_BATCH)?;
        if next_values.is_empty() {
            break;
        }
        values.extend(next_values);
    }
    let (mut restored, mut placed) = (RestoreOutcome::default(), Vec::new());
    // Components of a zone in the order they stood in.
    values.sort_by_key(|(n, v)| (v.position, *n));
    let mut by_row: HashMap<VersionIdentity, Vec<(i64, TrashValue)>> = HashMap::new();
    for (number, mut v) in values {
        let zone = entry.kind == TrashKind::Zone;
        let input = if zone { Json::Array(vec![v.value]) } else { v.value };
        let mut row: StoredRow = [(live.name.clone(), input)].into_iter().collect();
        let mut host = ConversionHost::default();
        rewriter.rewrite_row(&mut row, &mut host);
        if let Some(why) = host.why {
            restored.add_left(|| format!("{}: {why}", describe_version(&v.document_id, &v.locale, v.status, true)));
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
        let mut versions = Vec::new();
        row_reader(files, ty, &holders).read_all(tx, &in_trash_sql(entry, &ty.uid), |rows| {
            versions.extend(rows);
            Ok(())
        })?;
        for mut row in versions {
            let key = (ty.uid.clone(), row.document_id.clone(), row.locale.clone(), row.status);
            let Some(values) = by_row.remove(&key) else { continue };
            let unsaved = row.updated_at <= entry.created_at;
            let mut changed = Vec::new();
            for (number, v) in values {
                match place_value(files, ty, &holders, entry, live, &mut row, &v, unsaved) {
                    Ok(holder) => {
                        placed.push(number);
                        if !changed.contains(&holder) {
                            changed.push(holder);
                        }
                    }
                    Err(why) => {
                        restored.add_left(|| {
                            format!(
                                "{}: {why}",
                                describe_version(&v.document_id, &v.locale, v.status, ty.draft_publish)
                            )
                        });
                    }
                }
            }
            for i in changed {
                let mut value = row.row.get(&holders[i].name).cloned().unwrap_or_default();
                rules::put_value(tx, None, files, ty, holders[i], row.id, &mut value)?;
            }
        }
    }
    for (_, v) in by_row.into_values().flatten() {
        restored.add_left(|| {
            format!("{}: the entry no longer exists", describe_version(&v.document_id, &v.locale, v.status, true))
        });
    }
    finish_restore(tx, entry, restored, &placed)
}

fn row_reader<'a>(files: &'a Snapshot, ty: &'a TypeShape, holders: &[&'a AttributeShape]) -> RowReader<'a> {
    let mut reading = RowReader::new(files, ty, layout::table_name(ty), Box::new(str::to_owned));
    for a in holders {
        match attribute_storage(&a.kind) {
            AttributeStorage::Scalar(_) | AttributeStorage::Components => {
                reading.add_column(a, layout::column_name(a), None)
            }
            AttributeStorage::ToOne { ordered } => {
                reading.add_column(a, layout::column_name(a), ordered.then(|| layout::position_column(a)));
            }
            AttributeStorage::Links => reading.add_link_table(a, layout::link_table(ty, a)),
            AttributeStorage::References => reading.add_morph(a, a.name.clone()),
            AttributeStorage::Inverse => {}
        }
    }
    if layout::has_references(files, ty) {
        reading.add_references(layout::reference_table(ty));
    }
    reading
}

/// Puts a value into a row in memory; returns the index of the attribute that holds it.
#[expect(clippy::too_many_arguments, reason = "one step of one loop")]
fn place_value(
    files: &Snapshot,
    ty: &TypeShape,
    holders: &[&AttributeShape],
    entry: &TrashEntry,
    live: &AttributeShape,
    row: &mut StoredVersion,
    v: &TrashValue,
    unsaved: bool,
) -> std::result::Result<usize, String> {
    let takes = |current: Option<&Json>| {
        let empty = current.is_none_or(|h| h.is_null() || h.as_array().is_some_and(Vec::is_empty));
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
        let mut placed = None;
        if let Some(value) = row.row.get_mut(&holder.name) {
            for_each_instance(files, &holder.kind, value, &mut |component, instance| {
                if component == entry.owner && instance.get("id").and_then(Json::as_i64) == Some(v.instance) {
                    let free = takes(instance.get(&live.name));
                    if free {
                        instance.insert(live.name.clone(), v.value.clone());
                    }
                    placed = Some(free);
                }
            });
        }
        match placed {
            Some(true) => return Ok(i),
            Some(false) => return Err(format!("`{}` has another value now", live.name)),
            None => {}
        }
    }
    Err(format!("the entry of {} no longer has this component", ty.uid))
}
