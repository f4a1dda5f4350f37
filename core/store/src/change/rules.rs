//! Checks and changes that concern several rows at once: locales, drafts, unique values, required attributes.

use super::apply::{Run, version};
use super::layout::{self, Storage, storage};
use super::rows::{self, Reading, Stored, for_each_instance};
use super::tables::Indexes;
use super::trash::TrashValue;
use super::tx::Tx;
use crate::Result;
use crate::connection::Param;
use cairn_model::change::rewrite::Rewriter;
use cairn_model::change::{
    AttributeShape, Change, Decision, KindShape, RelationShape, RelationWord, SideShape, Snapshot, Step, TypeShape,
    is_type,
};
use serde_json::Value as Json;
use std::collections::HashMap;

/// Locale of entries of a type that is not localised, and of drafts of a type without locales.
const NONE: &str = "";

/// Gives an attribute one value for all locales before it moves into a component that is the same in all of them.
pub(super) fn before_moves(run: &mut Run<'_>) -> Result<()> {
    for i in 0..run.plan.steps.len() {
        let (step, subject) = run.step(i);
        let Change::Localized { owner, attribute, on: false, decision } = &step.change else { continue };
        if !moves_later(run, i, owner, attribute) {
            continue;
        }
        let (Some(uid), Some(name)) = (subject.old_owner.clone(), subject.old_attribute.clone()) else { continue };
        let before = run.before;
        if let Some(ty) = before.content_type(&uid)
            && let Some(a) = before.attribute(&uid, &name)
        {
            one_for_all(run, before, ty, a, step, *decision)?;
        }
    }
    Ok(())
}

fn moves_later(run: &Run<'_>, i: usize, owner: &str, attribute: &str) -> bool {
    run.plan.steps[i..]
        .iter()
        .any(|s| matches!(&s.change, Change::MoveIn { uid, from, .. } if uid == owner && from.name == attribute))
}

/// Runs the steps that need several rows, in their order.
pub(super) fn after_moves(run: &mut Run<'_>) -> Result<()> {
    let after = run.after;
    for i in 0..run.plan.steps.len() {
        let (step, subject) = run.step(i);
        let owner = subject.owner.clone();
        let at = |name: &str| after.attribute(&owner, name);
        match &step.change {
            Change::DraftPublish { on, .. } => {
                if let Some(ty) = after.content_type(&owner) {
                    if *on { give_drafts(run, ty)? } else { take_drafts(run, ty, step)? }
                }
            }
            Change::TypeLocalized { on, .. } => {
                if let Some(ty) = after.content_type(&owner) {
                    if *on { give_locales(run, ty)? } else { take_locales(run, ty, step)? }
                }
            }
            Change::Localized { owner: o, attribute, on: false, decision } if !moves_later(run, i, o, attribute) => {
                if let (Some(ty), Some(a)) = (after.content_type(&owner), at(attribute)) {
                    one_for_all(run, after, ty, a, step, *decision)?;
                }
            }
            Change::Convert { attribute, conversion, decision, .. } if is_type(&owner) => {
                if is_exclusive(&conversion.to)
                    && !is_exclusive(&conversion.from)
                    && let (Some(ty), Some(a)) = (after.content_type(&owner), at(attribute))
                {
                    one_each(run, ty, a, step, *decision)?;
                }
            }
            Change::Required { attribute, on: true, decision, .. } if *decision != Decision::Keep => {
                if let Some(a) = at(attribute) {
                    required(run, &owner, a)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The locale that applies to requests without one.
fn default_locale(tx: Tx<'_>) -> Result<String> {
    let sql = "SELECT code FROM cairn_locales WHERE is_default = TRUE";
    Ok(tx.first("reading the default locale", sql, (), |r| r.get(0))?.unwrap_or_else(|| "en".to_owned()))
}

// One value for all locales ---------------------------------------------------------------------------------------

/// A value without ids and positions: equal if an editor would call it the same.
fn plain(shape: &Snapshot, kind: &KindShape, value: &Json) -> Json {
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

fn only<'a>(shape: &'a Snapshot, ty: &'a TypeShape, a: &'a AttributeShape) -> Reading<'a> {
    let mut reading = Reading::new(shape, ty, layout::table(ty), Box::new(str::to_owned));
    match storage(&a.kind) {
        Storage::Scalar(_) | Storage::Components => reading.column(a, layout::column(a), None),
        Storage::ToOne { ordered } => {
            reading.column(a, layout::column(a), ordered.then(|| layout::position(a)));
        }
        Storage::Links => reading.link_table(a, layout::links(ty, a)),
        Storage::References => reading.morph(a, a.name.clone()),
        Storage::Inverse => {}
    }
    if layout::has_references(shape, ty) {
        reading.references(layout::references(ty));
    }
    reading
}

fn one_for_all<'a>(
    run: &mut Run<'a>,
    shape: &'a Snapshot,
    ty: &'a TypeShape,
    a: &'a AttributeShape,
    step: &Step,
    decision: Decision,
) -> Result<()> {
    let (tx, default) = (run.tx, default_locale(run.tx)?);
    let several = format!(
        "EXISTS (SELECT 1 FROM {} x WHERE x.document_id = t.document_id AND x._status = t._status AND x.id <> t.id)",
        layout::table(ty)
    );
    let mut versions: HashMap<(String, i64), Vec<Stored>> = HashMap::new();
    only(shape, ty, a).all(tx, &several, |rows| {
        for row in rows {
            versions.entry((row.document_id.clone(), row.status)).or_default().push(row);
        }
        Ok(())
    })?;
    let mut all: Vec<Vec<Stored>> = versions.into_values().collect();
    all.sort_by_key(|rows| rows.first().map(|r| r.id));
    let none = Json::Null;
    let uid = run.trace.owner(&ty.uid).map_or_else(|| ty.uid.clone(), str::to_owned);
    for rows in all {
        let kept = rows.iter().find(|r| r.locale == default).unwrap_or(&rows[0]);
        let value = kept.row.get(&a.name).unwrap_or(&none);
        for other in rows.iter().filter(|r| r.id != kept.id) {
            let has = other.row.get(&a.name).unwrap_or(&none);
            if plain(shape, &a.kind, has) == plain(shape, &a.kind, value) {
                continue;
            }
            let gone = || TrashValue::of(&uid, other, None, 0, has.clone());
            let why = || {
                let version = version(&other.document_id, &other.locale, other.status, ty.draft_publish);
                let (is, kept) = (shown(has), shown(value));
                format!(
                    "{}.{}: {version}: {is} differs from {kept} in {}",
                    ty.uid,
                    a.name,
                    kept_locale(&rows, &default)
                )
            };
            if run.decide(step, decision, gone, why)? {
                write(run, shape, ty, a, other.id, value.clone())?;
            }
        }
    }
    Ok(())
}

fn kept_locale<'r>(rows: &'r [Stored], default: &'r str) -> &'r str {
    if rows.iter().any(|r| r.locale == default) { default } else { &rows[0].locale }
}

/// A value as text, shortened for a message.
fn shown(value: &Json) -> String {
    let text = value.to_string();
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("`{}…`", &text[..at]),
        None => format!("`{text}`"),
    }
}

/// Writes the value of one attribute of one row.
pub(super) fn write(
    run: &mut Run<'_>,
    shape: &Snapshot,
    ty: &TypeShape,
    a: &AttributeShape,
    row: i64,
    mut value: Json,
) -> Result<()> {
    put(run.tx, Some(&mut run.instances), shape, ty, a, row, &mut value)
}

/// Does the same as [`write`]; instances get new ids if `instances` is given.
pub(super) fn put(
    tx: Tx<'_>,
    instances: Option<&mut rows::Instances>,
    shape: &Snapshot,
    ty: &TypeShape,
    a: &AttributeShape,
    row: i64,
    value: &mut Json,
) -> Result<()> {
    let doing = "writing a value";
    let (table, references) = (layout::table(ty), layout::references(ty));
    let mut links = rows::Links::default();
    match storage(&a.kind) {
        Storage::Inverse => return Ok(()),
        Storage::Links => {
            let table = layout::links(ty, a);
            tx.execute(doing, &format!("DELETE FROM {table} WHERE owner_id = ?1"), [row])?;
            links.table(&table, row, value);
        }
        Storage::References => {
            let sql = format!("DELETE FROM {references} WHERE owner_id = ?1 AND instance = 0 AND attribute = ?2");
            tx.execute(doing, &sql, (row, &a.name))?;
            links.reference(row, 0, &a.name, value.as_array().map_or(&[][..], Vec::as_slice));
        }
        Storage::ToOne { ordered } => {
            let order = if ordered { format!(", {} = ?3", layout::position(a)) } else { String::new() };
            let sql = format!("UPDATE {table} SET {} = ?1{order} WHERE id = ?2", layout::column(a));
            match ordered {
                true => tx.execute(doing, &sql, (rows::cell(&a.kind, value), row, rows::place(value, row)))?,
                false => tx.execute(doing, &sql, (rows::cell(&a.kind, value), row))?,
            };
        }
        Storage::Scalar(_) | Storage::Components => {
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
                // What its instances linked to so far.
                let mut held = Vec::new();
                only(shape, ty, a).all(tx, &format!("id = {row}"), |rows| {
                    for mut r in rows {
                        if let Some(value) = r.row.get_mut(&a.name) {
                            for_each_instance(shape, &a.kind, value, &mut |_, instance| {
                                held.extend(instance.get("id").and_then(Json::as_i64));
                            });
                        }
                    }
                    Ok(())
                })?;
                if !fresh {
                    held.append(&mut old);
                }
                let sql =
                    format!("DELETE FROM {references} WHERE owner_id = ?1 AND {}", tx.dialect().in_list("instance", 2));
                tx.execute(doing, &sql, [Param::Integer(row), Param::Integers(&held)])?;
            }
            let mut one = rows::Stored {
                id: row,
                document_id: String::new(),
                locale: String::new(),
                status: 0,
                created_at: String::new(),
                updated_at: String::new(),
                published_at: None,
                row: [(a.name.clone(), value.take())].into_iter().collect(),
            };
            links.instances(row, &Rewriter::new(shape, &[], &ty.uid).take_links(&mut one.row));
            *value = one.row.shift_remove(&a.name).unwrap_or_default();
            let sql = format!("UPDATE {table} SET {} = ?1 WHERE id = ?2", layout::column(a));
            tx.execute(doing, &sql, (rows::cell(&a.kind, value), row))?;
        }
    }
    links.write(tx, &references)
}

// Links that only one may have -------------------------------------------------------------------------------------

fn is_exclusive(kind: &KindShape) -> bool {
    matches!(
        kind,
        KindShape::Relation(RelationShape { relation: RelationWord::OneToOne, side: SideShape::Owner(_), .. })
    )
}

fn one_each<'a>(
    run: &mut Run<'a>,
    ty: &'a TypeShape,
    a: &'a AttributeShape,
    step: &Step,
    decision: Decision,
) -> Result<()> {
    let (table, c) = (layout::table(ty), layout::column(a));
    let shared = format!(
        "({c}, locale, _status) IN (SELECT {c}, locale, _status FROM {table} WHERE {c} IS NOT NULL
         GROUP BY 1, 2, 3 HAVING count(DISTINCT document_id) > 1)"
    );
    let mut found = Vec::new();
    let mut first = HashMap::new();
    only(run.after, ty, a).all(run.tx, &shared, |rows| {
        for row in rows {
            let link = row.row.get(&a.name).and_then(|list| list.get(0)).and_then(|link| link.get("documentId"));
            let key = (link.map(Json::to_string), row.locale.clone(), row.status);
            if *first.entry(key).or_insert_with(|| row.document_id.clone()) != row.document_id {
                found.push(row);
            }
        }
        Ok(())
    })?;
    for row in found {
        let value = row.row.get(&a.name).cloned().unwrap_or_default();
        let gone = || TrashValue::of(&ty.uid, &row, None, 0, value.clone());
        let why = || {
            let version = version(&row.document_id, &row.locale, row.status, ty.draft_publish);
            format!("{}.{}: {version}: another entry links to the same document", ty.uid, a.name)
        };
        if run.decide(step, decision, gone, why)? {
            write(run, run.after, ty, a, row.id, Json::Array(Vec::new()))?;
        }
    }
    Ok(())
}

// Drafts -----------------------------------------------------------------------------------------------------------

fn give_drafts(run: &mut Run<'_>, ty: &TypeShape) -> Result<()> {
    let (tx, after) = (run.tx, run.after);
    let without = format!(
        "_status = 1 AND NOT EXISTS (SELECT 1 FROM {} x WHERE x.document_id = t.document_id AND x.locale = t.locale AND x._status = 0)",
        layout::table(ty)
    );
    let mut instances = std::mem::take(&mut run.instances);
    let made = Reading::whole(after, ty).all(tx, &without, |rows| {
        let drafts = rows.into_iter().map(|row| Stored { status: 0, published_at: None, ..row }).collect();
        rows::insert(tx, after, ty, &mut instances, drafts)
    });
    run.instances = instances;
    made?;
    // They were seen as what is published.
    let table = layout::table(ty);
    let sql = format!(
        "UPDATE {table} SET _version = (SELECT max(x._version) FROM {table} x WHERE x.document_id = {table}.document_id \
         AND x.locale = {table}.locale) WHERE _status = 0"
    );
    tx.execute("creating drafts", &sql, ()).map(drop)
}

/// Deletes drafts; what the published version lacks is stored in the trash.
fn take_drafts<'a>(run: &mut Run<'a>, ty: &'a TypeShape, step: &Step) -> Result<()> {
    let after = run.after;
    let table = layout::table(ty);
    let same = format!(
        "SELECT 1 FROM {table} x WHERE x.document_id = t.document_id AND x.locale = t.locale AND x._status = 1 AND x.updated_at = t.updated_at"
    );
    throw_rows(run, after, ty, step, &format!("_status = 0 AND NOT EXISTS ({same})"))?;
    let mut gone = Vec::new();
    Reading::new(after, ty, table, Box::new(str::to_owned)).all(run.tx, "_status = 0", |rows| {
        gone.extend(rows.iter().map(|r| r.id));
        Ok(())
    })?;
    gone.chunks(rows::BATCH as usize).try_for_each(|ids| rows::delete(run.tx, after, ty, ids))
}

/// Copies rows to the trash.
fn throw_rows(run: &mut Run<'_>, shape: &Snapshot, ty: &TypeShape, step: &Step, of: &str) -> Result<()> {
    let tx = run.tx;
    Reading::whole(shape, ty).all(tx, of, |rows| {
        let values: Vec<TrashValue> =
            rows.iter().map(|row| TrashValue::of(&ty.uid, row, None, 0, row.to_json())).collect();
        run.throw(step, &values)
    })
}

// Locales ----------------------------------------------------------------------------------------------------------

fn give_locales(run: &Run<'_>, ty: &TypeShape) -> Result<()> {
    let (tx, doing) = (run.tx, "assigning a locale to entries");
    let default = default_locale(tx)?;
    let sql = format!("UPDATE {} SET locale = ?1 WHERE locale = ?2", layout::table(ty));
    tx.execute(doing, &sql, (&default, NONE))?;
    // What lies in the trash must find its entries.
    let sql = "UPDATE cairn_trash_values SET locale = ?1 WHERE type = ?2 AND locale = ?3";
    tx.execute(doing, sql, (&default, &ty.uid, NONE)).map(drop)
}

/// Retains one locale of each document: the default one, or the first if it lacks that.
fn take_locales<'a>(run: &mut Run<'a>, ty: &'a TypeShape, step: &Step) -> Result<()> {
    let (tx, after, doing) = (run.tx, run.after, "removing locales");
    let (default, table) = (default_locale(tx)?, layout::table(ty));
    let quoted = super::trash::literal(&default);
    let rank = |alias: &str| format!("CASE WHEN {alias}.locale = {quoted} THEN 0 ELSE 1 END");
    // Drafts and published versions of the same locale.
    let better = format!(
        "EXISTS (SELECT 1 FROM {table} x WHERE x.document_id = t.document_id AND x.locale <> t.locale
         AND ({} < {} OR {} = {} AND x.id < (SELECT min(y.id) FROM {table} y WHERE y.document_id = t.document_id AND y.locale = t.locale)))",
        rank("x"), rank("t"), rank("x"), rank("t")
    );
    throw_rows(run, after, ty, step, &better)?;
    let mut gone = Vec::new();
    Reading::new(after, ty, table.clone(), Box::new(str::to_owned)).all(tx, &better, |rows| {
        gone.extend(rows.iter().map(|r| r.id));
        Ok(())
    })?;
    gone.chunks(rows::BATCH as usize).try_for_each(|ids| rows::delete(tx, after, ty, ids))?;
    tx.execute(doing, &format!("UPDATE {table} SET locale = ?1"), [NONE])?;
    // Not those of the versions that just went.
    let fresh = run.outcome.trashed.clone();
    let not = if fresh.is_empty() { String::new() } else { format!(" AND NOT ({})", tx.dialect().in_list("trash", 4)) };
    let sql = format!("UPDATE cairn_trash_values SET locale = ?1 WHERE type = ?2 AND locale = ?3{not}");
    let mut values = vec![Param::Text(NONE), Param::Text(&ty.uid), Param::Text(&default)];
    if !fresh.is_empty() {
        values.push(Param::Integers(&fresh));
    }
    tx.execute(doing, &sql, &values[..]).map(drop)
}

// Rules ------------------------------------------------------------------------------------------------------------

/// Checks that published versions have a value. Links are never required by the API (decision 0004).
fn required(run: &mut Run<'_>, owner: &str, a: &AttributeShape) -> Result<()> {
    let after = run.after;
    let needed = a.kind.is_scalar() || matches!(a.kind, KindShape::Component { repeatable: false, .. });
    if !needed {
        return Ok(());
    }
    let refuse = |run: &mut Run<'_>, ty: &TypeShape, row: &Stored| {
        let version = run.described(ty, row);
        run.refused.add(|| format!("{owner}.{}: {version} of {}: has no value", a.name, ty.uid));
    };
    if let Some(ty) = after.content_type(owner) {
        let none = format!("_status = 1 AND {} IS NULL", layout::column(a));
        let mut found = Vec::new();
        Reading::new(after, ty, layout::table(ty), Box::new(str::to_owned)).all(run.tx, &none, |rows| {
            found.extend(rows);
            Ok(())
        })?;
        found.iter().for_each(|row| refuse(run, ty, row));
        return Ok(());
    }
    for place in after.used_in(owner) {
        let holder = after.types.iter().flat_map(|t| t.attributes.iter().map(move |a| (t, a)));
        let Some((ty, holder)) = holder.into_iter().find(|(t, a)| format!("{}.{}", t.uid, a.name) == place) else {
            continue;
        };
        let mut found = Vec::new();
        only(after, ty, holder).all(run.tx, "_status = 1", |rows| {
            for mut row in rows {
                let mut missing = false;
                if let Some(value) = row.row.get_mut(&holder.name) {
                    for_each_instance(after, &holder.kind, value, &mut |component, instance| {
                        missing |= component == owner && instance.get(&a.name).is_none_or(Json::is_null);
                    });
                }
                if missing {
                    found.push(row);
                }
            }
            Ok(())
        })?;
        found.iter().for_each(|row| refuse(run, ty, row));
    }
    Ok(())
}

/// Reports entries with equal values in attributes whose unique index is about to be created.
pub(super) fn clashes(run: &mut Run<'_>, indexes: &Indexes) -> Result<()> {
    let after = run.after;
    for ty in &after.types {
        key_clashes(run, ty, indexes)?;
        for a in ty.attributes.iter().filter(|a| a.unique) {
            let name = crate::ident::Ident::quote(&format!("{}_{}_unique", ty.table, a.column));
            if !indexes.made.iter().any(|(uid, index)| *uid == ty.uid && index.name == name) {
                continue;
            }
            let (table, c) = (layout::table(ty), layout::column(a));
            let sql = format!(
                "SELECT document_id, locale FROM {table} WHERE _status = 1 AND ({c}, locale) IN
                 (SELECT {c}, locale FROM {table} WHERE _status = 1 AND {c} IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1)
                 ORDER BY {c}, locale, id"
            );
            let found: Vec<(String, String)> =
                run.tx.all("finding duplicate values", &sql, (), |r| Ok((r.get(0)?, r.get(1)?)))?;
            for (document, locale) in found {
                let version = version(&document, &locale, 1, ty.draft_publish);
                let place = format!("{}.{}", ty.uid, a.name);
                run.refused.add(|| {
                    format!("{place}: {version}: another entry has the same value, but the value must be unique")
                });
            }
        }
    }
    Ok(())
}

/// Reports entries that share a key, with what they share.
fn key_clashes(run: &mut Run<'_>, ty: &TypeShape, indexes: &Indexes) -> Result<()> {
    for names in &ty.unique_keys {
        let name = layout::unique_key_index(ty, names);
        if !indexes.made.iter().any(|(uid, index)| *uid == ty.uid && index.name == name) {
            continue;
        }
        let table = layout::table(ty);
        let columns: Vec<String> =
            layout::key_attributes(ty, names).into_iter().map(|a| layout::column(a).to_string()).collect();
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
        let found: Vec<(String, String, i64, Vec<String>)> = run.tx.all("finding duplicate keys", &sql, (), |r| {
            let values = (0..columns.len()).map(|i| r.get::<Option<String>>(3 + i).map(Option::unwrap_or_default));
            Ok((r.get(0)?, r.get(1)?, r.get(2)?, values.collect::<Result<_>>()?))
        })?;
        for (document, locale, status, values) in found {
            let version = version(&document, &locale, status, ty.draft_publish);
            let values: Vec<String> = values.into_iter().map(|value| shown(&Json::String(value))).collect();
            let (uid, names) = (&ty.uid, names.join(" + "));
            run.refused.add(|| {
                format!(
                    "{uid}: {version}: another entry has the same {names} ({}), which must be unique",
                    values.join(" + ")
                )
            });
        }
    }
    Ok(())
}
