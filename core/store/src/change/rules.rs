//! Checks and changes that concern several rows at once: locales, drafts, unique values, required attributes.

use super::layout::{self, AttributeStorage, attribute_storage};
use super::rows::{self, RowReader, StoredVersion, for_each_instance};
use super::run::{ChangeRun, describe_version};
use super::tables::IndexChanges;
use super::trash::TrashValue;
use super::tx::ChangeTx;
use crate::Result;
use crate::connection::Param;
use cairn_model::change::rewrite::Rewriter;
use cairn_model::change::{
    AttributeShape, ChangeStep, Decision, KindShape, RelationShape, RelationWord, SchemaChange, SideShape, Snapshot,
    TypeShape, is_type,
};
use serde_json::Value as Json;
use std::collections::HashMap;

/// Locale of entries of a type that is not localised, and of drafts of a type without locales.
const NO_LOCALE: &str = "";

/// Gives an attribute one value for all locales before it moves into a component that is the same in all of them.
pub(super) fn before_moves(run: &mut ChangeRun<'_>) -> Result<()> {
    for i in 0..run.plan.steps.len() {
        let (step, subject) = run.step_and_subject(i);
        let SchemaChange::Localized { owner, attribute, on: false, decision } = &step.change else { continue };
        if !moves_later(run, i, owner, attribute) {
            continue;
        }
        let (Some(uid), Some(name)) = (subject.old_owner.clone(), subject.old_attribute.clone()) else { continue };
        let before = run.before;
        if let Some(ty) = before.content_type(&uid)
            && let Some(a) = before.attribute(&uid, &name)
        {
            unify_locales(run, before, ty, a, step, *decision)?;
        }
    }
    Ok(())
}

fn moves_later(run: &ChangeRun<'_>, i: usize, owner: &str, attribute: &str) -> bool {
    run.plan.steps[i..]
        .iter()
        .any(|s| matches!(&s.change, SchemaChange::MoveIn { uid, from, .. } if uid == owner && from.name == attribute))
}

/// Runs the steps that need several rows, in their order.
pub(super) fn after_moves(run: &mut ChangeRun<'_>) -> Result<()> {
    let after = run.after;
    for i in 0..run.plan.steps.len() {
        let (step, subject) = run.step_and_subject(i);
        let owner = subject.owner.clone();
        let at = |name: &str| after.attribute(&owner, name);
        match &step.change {
            SchemaChange::DraftPublish { on, .. } => {
                if let Some(ty) = after.content_type(&owner) {
                    if *on { create_drafts(run, ty)? } else { remove_drafts(run, ty, step)? }
                }
            }
            SchemaChange::TypeLocalized { on, .. } => {
                if let Some(ty) = after.content_type(&owner) {
                    if *on { assign_locales(run, ty)? } else { remove_locales(run, ty, step)? }
                }
            }
            SchemaChange::Localized { owner: o, attribute, on: false, decision }
                if !moves_later(run, i, o, attribute) =>
            {
                if let (Some(ty), Some(a)) = (after.content_type(&owner), at(attribute)) {
                    unify_locales(run, after, ty, a, step, *decision)?;
                }
            }
            SchemaChange::Convert { attribute, conversion, decision, .. } if is_type(&owner) => {
                if is_exclusive(&conversion.to)
                    && !is_exclusive(&conversion.from)
                    && let (Some(ty), Some(a)) = (after.content_type(&owner), at(attribute))
                {
                    enforce_exclusive(run, ty, a, step, *decision)?;
                }
            }
            SchemaChange::Required { attribute, on: true, decision, .. } if *decision != Decision::Keep => {
                if let Some(a) = at(attribute) {
                    check_required(run, &owner, a)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The locale that applies to requests without one.
fn default_locale(tx: ChangeTx<'_>) -> Result<String> {
    let sql = "SELECT code FROM cairn_locales WHERE is_default = TRUE";
    Ok(tx.query_first("reading the default locale", sql, (), |r| r.get(0))?.unwrap_or_else(|| "en".to_owned()))
}

// One value for all locales ---------------------------------------------------------------------------------------

/// A value without ids and positions: equal if an editor would call it the same.
fn without_ids(shape: &Snapshot, kind: &KindShape, value: &Json) -> Json {
    let mut value = value.clone();
    let links = |list: &mut Json| {
        for link in list.as_array_mut().into_iter().flatten().filter_map(Json::as_object_mut) {
            link.retain(|key, _| matches!(key.as_str(), "type" | "documentId"));
        }
    };
    if kind.is_link() {
        links(&mut value);
    }
    for_each_instance(shape, kind, &mut value, &mut |component, instance| {
        instance.shift_remove("id");
        for a in shape.attributes(component).unwrap_or_default().iter().filter(|a| a.kind.is_link()) {
            if let Some(list) = instance.get_mut(&a.name) {
                links(list);
            }
        }
    });
    value
}

fn single_attribute_reader<'a>(shape: &'a Snapshot, ty: &'a TypeShape, a: &'a AttributeShape) -> RowReader<'a> {
    let mut reading = RowReader::new(shape, ty, layout::table_name(ty), Box::new(str::to_owned));
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
    if layout::has_references(shape, ty) {
        reading.add_references(layout::reference_table(ty));
    }
    reading
}

fn unify_locales<'a>(
    run: &mut ChangeRun<'a>,
    shape: &'a Snapshot,
    ty: &'a TypeShape,
    a: &'a AttributeShape,
    step: &ChangeStep,
    decision: Decision,
) -> Result<()> {
    let (tx, default) = (run.tx, default_locale(run.tx)?);
    let several = format!(
        "EXISTS (SELECT 1 FROM {} x WHERE x.document_id = t.document_id AND x._status = t._status AND x.id <> t.id)",
        layout::table_name(ty)
    );
    let mut versions: HashMap<(String, i64), Vec<StoredVersion>> = HashMap::new();
    single_attribute_reader(shape, ty, a).read_all(tx, &several, |rows| {
        for row in rows {
            versions.entry((row.document_id.clone(), row.status)).or_default().push(row);
        }
        Ok(())
    })?;
    let mut all: Vec<Vec<StoredVersion>> = versions.into_values().collect();
    all.sort_by_key(|rows| rows.first().map(|r| r.id));
    let none = Json::Null;
    let uid = run.trace.new_owner(&ty.uid).map_or_else(|| ty.uid.clone(), str::to_owned);
    for rows in all {
        let stored_version = rows.iter().find(|r| r.locale == default).unwrap_or(&rows[0]);
        let value = stored_version.row.get(&a.name).unwrap_or(&none);
        for other in rows.iter().filter(|r| r.id != stored_version.id) {
            let has = other.row.get(&a.name).unwrap_or(&none);
            if without_ids(shape, &a.kind, has) == without_ids(shape, &a.kind, value) {
                continue;
            }
            let build_trash_value = || TrashValue::for_row(&uid, other, None, 0, has.clone());
            let why = || {
                let version = describe_version(&other.document_id, &other.locale, other.status, ty.draft_publish);
                let (is, retained) = (shorten_value(has), shorten_value(value));
                format!(
                    "{}.{}: {version}: {is} differs from {retained} in {}",
                    ty.uid,
                    a.name,
                    locale_to_keep(&rows, &default)
                )
            };
            if run.apply_decision(step, decision, build_trash_value, why)? {
                write_value(run, shape, ty, a, other.id, value.clone())?;
            }
        }
    }
    Ok(())
}

fn locale_to_keep<'r>(rows: &'r [StoredVersion], default: &'r str) -> &'r str {
    if rows.iter().any(|r| r.locale == default) { default } else { &rows[0].locale }
}

/// A value as text, shortened for a message.
fn shorten_value(value: &Json) -> String {
    let text = value.to_string();
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("`{}…`", &text[..at]),
        None => format!("`{text}`"),
    }
}

/// Writes the value of one attribute of one row.
pub(super) fn write_value(
    run: &mut ChangeRun<'_>,
    shape: &Snapshot,
    ty: &TypeShape,
    a: &AttributeShape,
    row: i64,
    mut value: Json,
) -> Result<()> {
    put_value(run.tx, Some(&mut run.instances), shape, ty, a, row, &mut value)
}

/// Does the same as [`write_value`]; instances get new ids if `instances` is given.
pub(super) fn put_value(
    tx: ChangeTx<'_>,
    instances: Option<&mut rows::InstanceIdBlock>,
    shape: &Snapshot,
    ty: &TypeShape,
    a: &AttributeShape,
    row: i64,
    value: &mut Json,
) -> Result<()> {
    let doing = "writing a value";
    let (table, references) = (layout::table_name(ty), layout::reference_table(ty));
    let mut links = rows::LinkRows::default();
    match attribute_storage(&a.kind) {
        AttributeStorage::Inverse => return Ok(()),
        AttributeStorage::Links => {
            let table = layout::link_table(ty, a);
            tx.execute(doing, &format!("DELETE FROM {table} WHERE owner_id = ?1"), [row])?;
            links.add_to_table(&table, row, value);
        }
        AttributeStorage::References => {
            let sql = format!("DELETE FROM {references} WHERE owner_id = ?1 AND instance = 0 AND attribute = ?2");
            tx.execute(doing, &sql, (row, &a.name))?;
            links.add_reference(row, 0, &a.name, value.as_array().map_or(&[][..], Vec::as_slice));
        }
        AttributeStorage::ToOne { ordered } => {
            let order = if ordered { format!(", {} = ?3", layout::position_column(a)) } else { String::new() };
            let sql = format!("UPDATE {table} SET {} = ?1{order} WHERE id = ?2", layout::column_name(a));
            match ordered {
                true => tx.execute(
                    doing,
                    &sql,
                    (rows::value_to_cell(&a.kind, value), row, rows::link_position(value, row)),
                )?,
                false => tx.execute(doing, &sql, (rows::value_to_cell(&a.kind, value), row))?,
            };
        }
        AttributeStorage::Scalar(_) | AttributeStorage::Components => {
            let mut failed = Ok(());
            let mut old = Vec::new();
            let fresh = instances.is_some();
            if let Some(instances) = instances {
                for_each_instance(shape, &a.kind, value, &mut |_, instance| match instances.next(tx) {
                    Ok(id) => drop(instance.insert("id".into(), id.into())),
                    Err(e) => failed = Err(e),
                });
            } else {
                for_each_instance(shape, &a.kind, value, &mut |_, instance| {
                    old.extend(instance.get("id").and_then(Json::as_i64));
                });
            }
            failed?;
            if layout::has_references(shape, ty) {
                // References of the instances that are stored so far are deleted below.
                let mut instance_ids = Vec::new();
                single_attribute_reader(shape, ty, a).read_all(tx, &format!("id = {row}"), |rows| {
                    for mut r in rows {
                        if let Some(value) = r.row.get_mut(&a.name) {
                            for_each_instance(shape, &a.kind, value, &mut |_, instance| {
                                instance_ids.extend(instance.get("id").and_then(Json::as_i64));
                            });
                        }
                    }
                    Ok(())
                })?;
                if !fresh {
                    instance_ids.append(&mut old);
                }
                let sql =
                    format!("DELETE FROM {references} WHERE owner_id = ?1 AND {}", tx.dialect().in_list("instance", 2));
                tx.execute(doing, &sql, [Param::Integer(row), Param::Integers(&instance_ids)])?;
            }
            let mut one = rows::StoredVersion {
                id: row,
                document_id: String::new(),
                locale: String::new(),
                status: 0,
                created_at: String::new(),
                updated_at: String::new(),
                published_at: None,
                row: [(a.name.clone(), value.take())].into_iter().collect(),
            };
            links.add_instances(row, &Rewriter::new(shape, &[], &ty.uid).take_links(&mut one.row));
            *value = one.row.shift_remove(&a.name).unwrap_or_default();
            let sql = format!("UPDATE {table} SET {} = ?1 WHERE id = ?2", layout::column_name(a));
            tx.execute(doing, &sql, (rows::value_to_cell(&a.kind, value), row))?;
        }
    }
    links.write_all(tx, &references)
}

// Links that only one may have -------------------------------------------------------------------------------------

fn is_exclusive(kind: &KindShape) -> bool {
    matches!(
        kind,
        KindShape::Relation(RelationShape { relation: RelationWord::OneToOne, side: SideShape::Owner(_), .. })
    )
}

fn enforce_exclusive<'a>(
    run: &mut ChangeRun<'a>,
    ty: &'a TypeShape,
    a: &'a AttributeShape,
    step: &ChangeStep,
    decision: Decision,
) -> Result<()> {
    let (table, c) = (layout::table_name(ty), layout::column_name(a));
    let shared = format!(
        "({c}, locale, _status) IN (SELECT {c}, locale, _status FROM {table} WHERE {c} IS NOT NULL
         GROUP BY 1, 2, 3 HAVING count(DISTINCT document_id) > 1)"
    );
    let mut versions = Vec::new();
    let mut first = HashMap::new();
    single_attribute_reader(run.after, ty, a).read_all(run.tx, &shared, |rows| {
        for row in rows {
            let link = row.row.get(&a.name).and_then(|list| list.get(0)).and_then(|link| link.get("documentId"));
            let key = (link.map(Json::to_string), row.locale.clone(), row.status);
            if *first.entry(key).or_insert_with(|| row.document_id.clone()) != row.document_id {
                versions.push(row);
            }
        }
        Ok(())
    })?;
    for row in versions {
        let value = row.row.get(&a.name).cloned().unwrap_or_default();
        let build_trash_value = || TrashValue::for_row(&ty.uid, &row, None, 0, value.clone());
        let why = || {
            let version = describe_version(&row.document_id, &row.locale, row.status, ty.draft_publish);
            format!("{}.{}: {version}: another entry links to the same document", ty.uid, a.name)
        };
        if run.apply_decision(step, decision, build_trash_value, why)? {
            write_value(run, run.after, ty, a, row.id, Json::Array(Vec::new()))?;
        }
    }
    Ok(())
}

// Drafts -----------------------------------------------------------------------------------------------------------

fn create_drafts(run: &mut ChangeRun<'_>, ty: &TypeShape) -> Result<()> {
    let (tx, after) = (run.tx, run.after);
    let without = format!(
        "_status = 1 AND NOT EXISTS (SELECT 1 FROM {} x WHERE x.document_id = t.document_id AND x.locale = t.locale AND x._status = 0)",
        layout::table_name(ty)
    );
    let mut instances = std::mem::take(&mut run.instances);
    let result = RowReader::for_type(after, ty).read_all(tx, &without, |rows| {
        let drafts = rows.into_iter().map(|row| StoredVersion { status: 0, published_at: None, ..row }).collect();
        rows::insert_rows(tx, after, ty, &mut instances, drafts)
    });
    run.instances = instances;
    result?;
    // New drafts get the version token of the published entry: clients have seen the document with that one.
    let table = layout::table_name(ty);
    let sql = format!(
        "UPDATE {table} SET _version = (SELECT max(x._version) FROM {table} x WHERE x.document_id = {table}.document_id \
         AND x.locale = {table}.locale) WHERE _status = 0"
    );
    tx.execute("creating drafts", &sql, ()).map(drop)
}

/// Deletes drafts; what the published version lacks is stored in the trash.
fn remove_drafts<'a>(run: &mut ChangeRun<'a>, ty: &'a TypeShape, step: &ChangeStep) -> Result<()> {
    let after = run.after;
    let table = layout::table_name(ty);
    let same = format!(
        "SELECT 1 FROM {table} x WHERE x.document_id = t.document_id AND x.locale = t.locale AND x._status = 1 AND x.updated_at = t.updated_at"
    );
    trash_rows(run, after, ty, step, &format!("_status = 0 AND NOT EXISTS ({same})"))?;
    let mut draft_ids = Vec::new();
    RowReader::new(after, ty, table, Box::new(str::to_owned)).read_all(run.tx, "_status = 0", |rows| {
        draft_ids.extend(rows.iter().map(|r| r.id));
        Ok(())
    })?;
    draft_ids.chunks(rows::ROWS_PER_BATCH as usize).try_for_each(|ids| rows::delete_rows(run.tx, after, ty, ids))
}

/// Copies rows to the trash.
fn trash_rows(
    run: &mut ChangeRun<'_>,
    shape: &Snapshot,
    ty: &TypeShape,
    step: &ChangeStep,
    condition: &str,
) -> Result<()> {
    let tx = run.tx;
    RowReader::for_type(shape, ty).read_all(tx, condition, |rows| {
        let values: Vec<TrashValue> =
            rows.iter().map(|row| TrashValue::for_row(&ty.uid, row, None, 0, row.to_json())).collect();
        run.trash_values(step, &values)
    })
}

// Locales ----------------------------------------------------------------------------------------------------------

fn assign_locales(run: &ChangeRun<'_>, ty: &TypeShape) -> Result<()> {
    let (tx, doing) = (run.tx, "assigning a locale to entries");
    let default = default_locale(tx)?;
    let sql = format!("UPDATE {} SET locale = ?1 WHERE locale = ?2", layout::table_name(ty));
    tx.execute(doing, &sql, (&default, NO_LOCALE))?;
    // Values in the trash must still belong to their entries.
    let sql = "UPDATE cairn_trash_values SET locale = ?1 WHERE type = ?2 AND locale = ?3";
    tx.execute(doing, sql, (&default, &ty.uid, NO_LOCALE)).map(drop)
}

/// Retains one locale of each document: the default one, or the first if it lacks that.
fn remove_locales<'a>(run: &mut ChangeRun<'a>, ty: &'a TypeShape, step: &ChangeStep) -> Result<()> {
    let (tx, after, doing) = (run.tx, run.after, "removing locales");
    let (default, table) = (default_locale(tx)?, layout::table_name(ty));
    let quoted = super::trash::sql_literal(&default);
    let rank = |alias: &str| format!("CASE WHEN {alias}.locale = {quoted} THEN 0 ELSE 1 END");
    // Drafts and published versions of the same locale.
    let better = format!(
        "EXISTS (SELECT 1 FROM {table} x WHERE x.document_id = t.document_id AND x.locale <> t.locale
         AND ({} < {} OR {} = {} AND x.id < (SELECT min(y.id) FROM {table} y WHERE y.document_id = t.document_id AND y.locale = t.locale)))",
        rank("x"), rank("t"), rank("x"), rank("t")
    );
    trash_rows(run, after, ty, step, &better)?;
    let mut removed_ids = Vec::new();
    RowReader::new(after, ty, table.clone(), Box::new(str::to_owned)).read_all(tx, &better, |rows| {
        removed_ids.extend(rows.iter().map(|r| r.id));
        Ok(())
    })?;
    removed_ids.chunks(rows::ROWS_PER_BATCH as usize).try_for_each(|ids| rows::delete_rows(tx, after, ty, ids))?;
    tx.execute(doing, &format!("UPDATE {table} SET locale = ?1"), [NO_LOCALE])?;
    // Values that this step moved to the trash retain their locale.
    let fresh = run.outcome.trashed.clone();
    let not = if fresh.is_empty() { String::new() } else { format!(" AND NOT ({})", tx.dialect().in_list("trash", 4)) };
    let sql = format!("UPDATE cairn_trash_values SET locale = ?1 WHERE type = ?2 AND locale = ?3{not}");
    let mut values = vec![Param::Text(NO_LOCALE), Param::Text(&ty.uid), Param::Text(&default)];
    if !fresh.is_empty() {
        values.push(Param::Integers(&fresh));
    }
    tx.execute(doing, &sql, &values[..]).map(drop)
}

// Rules ------------------------------------------------------------------------------------------------------------

/// Checks that published versions have a value. Links are never required by the API (decision 0004).
fn check_required(run: &mut ChangeRun<'_>, owner: &str, a: &AttributeShape) -> Result<()> {
    let after = run.after;
    let needed = a.kind.is_scalar() || matches!(a.kind, KindShape::Component { repeatable: false, .. });
    if !needed {
        return Ok(());
    }
    let refuse = |run: &mut ChangeRun<'_>, ty: &TypeShape, row: &StoredVersion| {
        let version = run.describe_row(ty, row);
        run.rejected.add(|| format!("{owner}.{}: {version} of {}: has no value", a.name, ty.uid));
    };
    if let Some(ty) = after.content_type(owner) {
        let none = format!("_status = 1 AND {} IS NULL", layout::column_name(a));
        let mut versions = Vec::new();
        RowReader::new(after, ty, layout::table_name(ty), Box::new(str::to_owned)).read_all(run.tx, &none, |rows| {
            versions.extend(rows);
            Ok(())
        })?;
        versions.iter().for_each(|row| refuse(run, ty, row));
        return Ok(());
    }
    for place in after.used_in(owner) {
        let holder = after.types.iter().flat_map(|t| t.attributes.iter().map(move |a| (t, a)));
        let Some((ty, holder)) = holder.into_iter().find(|(t, a)| format!("{}.{}", t.uid, a.name) == place) else {
            continue;
        };
        let mut stored_versions = Vec::new();
        single_attribute_reader(after, ty, holder).read_all(run.tx, "_status = 1", |rows| {
            for mut row in rows {
                let mut missing = false;
                if let Some(value) = row.row.get_mut(&holder.name) {
                    for_each_instance(after, &holder.kind, value, &mut |component, instance| {
                        missing |= component == owner && instance.get(&a.name).is_none_or(Json::is_null);
                    });
                }
                if missing {
                    stored_versions.push(row);
                }
            }
            Ok(())
        })?;
        stored_versions.iter().for_each(|row| refuse(run, ty, row));
    }
    Ok(())
}

/// Reports entries with equal values in attributes whose unique index is about to be created.
pub(super) fn check_unique_clashes(run: &mut ChangeRun<'_>, indexes: &IndexChanges) -> Result<()> {
    let after = run.after;
    for ty in &after.types {
        key_clashes(run, ty, indexes)?;
        for a in ty.attributes.iter().filter(|a| a.unique) {
            let name = crate::ident::Ident::quote(&format!("{}_{}_unique", ty.table, a.column));
            if !indexes.made.iter().any(|(uid, index)| *uid == ty.uid && index.name == name) {
                continue;
            }
            let layout::AttributeStorage::Scalar(kind) = layout::attribute_storage(&a.kind) else { continue };
            let (table, c) = (layout::table_name(ty), layout::column_name(a));
            let filled = layout::filled_condition(kind, &c);
            let sql = format!(
                "SELECT document_id, locale FROM {table} WHERE _status = 1 AND ({c}, locale) IN
                 (SELECT {c}, locale FROM {table} WHERE _status = 1 AND {filled} GROUP BY 1, 2 HAVING count(*) > 1)
                 ORDER BY {c}, locale, id"
            );
            let found: Vec<(String, String)> =
                run.tx.query_all("finding duplicate values", &sql, (), |r| Ok((r.get(0)?, r.get(1)?)))?;
            for (document, locale) in found {
                let version = describe_version(&document, &locale, 1, ty.draft_publish);
                let place = format!("{}.{}", ty.uid, a.name);
                run.rejected.add(|| {
                    format!("{place}: {version}: another entry has the same value, but the value must be unique")
                });
            }
        }
    }
    Ok(())
}

/// Reports entries that share a key, with what they share.
fn key_clashes(run: &mut ChangeRun<'_>, ty: &TypeShape, indexes: &IndexChanges) -> Result<()> {
    for names in &ty.unique_keys {
        let name = layout::unique_key_index(ty, names);
        if !indexes.made.iter().any(|(uid, index)| *uid == ty.uid && index.name == name) {
            continue;
        }
        let table = layout::table_name(ty);
        let columns: Vec<String> =
            layout::key_attributes(ty, names).into_iter().map(|a| layout::column_name(a).to_string()).collect();
        let (list, filled) = (columns.join(", "), columns.iter().map(|c| format!("{c} IS NOT NULL")));
        let filled: Vec<String> = filled.collect();
        let as_text: Vec<String> = columns.iter().map(|c| format!("CAST({c} AS text)")).collect();
        let sql = format!(
            "SELECT document_id, locale, _status, {} FROM {table} WHERE ({list}, locale, _status) IN
             (SELECT {list}, locale, _status FROM {table} WHERE {} GROUP BY {list}, locale, _status HAVING count(*) > 1)
             ORDER BY {list}, locale, _status, id",
            as_text.join(", "),
            filled.join(" AND ")
        );
        let found: Vec<(String, String, i64, Vec<String>)> =
            run.tx.query_all("finding duplicate keys", &sql, (), |r| {
                let values = (0..columns.len()).map(|i| r.get::<Option<String>>(3 + i).map(Option::unwrap_or_default));
                Ok((r.get(0)?, r.get(1)?, r.get(2)?, values.collect::<Result<_>>()?))
            })?;
        for (document, locale, status, values) in found {
            let version = describe_version(&document, &locale, status, ty.draft_publish);
            let values: Vec<String> = values.into_iter().map(|value| shorten_value(&Json::String(value))).collect();
            let (uid, names) = (&ty.uid, names.join(" + "));
            run.rejected.add(|| {
                format!(
                    "{uid}: {version}: another entry has the same {names} ({}), which must be unique",
                    values.join(" + ")
                )
            });
        }
    }
    Ok(())
}
