//! The rows of a type, taken through all steps of a plan.

use super::layout::{self, AttributeStorage, attribute_storage};
use super::rows::{self, InstanceIdBlock, LinkRows, RowReader, StoredVersion};
use super::run::{ChangeRun, TypePair};
use super::trash::{TrashValue, sql_literal};
use super::tx::ChangeTx;
use crate::connection::{Param, ToParam, Value as SqlValue};
use crate::ident::Ident;
use crate::{Result, StoreError};
use cairn_model::change::rewrite::{RewriteHost, Rewriter, changes_values};
use cairn_model::change::{
    AttributeFate, AttributeShape, ChangeClass, ChangeStep, ConversionError, SchemaChange, TypeShape,
};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A type that stays, and where its content is during the change.
pub(super) struct TypeMigration<'a> {
    pub(super) pair: TypePair<'a>,
    rewriter: Rewriter<'a>,
    /// By old attribute: the new attribute that takes over its columns or tables.
    kept: Vec<Option<&'a AttributeShape>>,
    /// Columns by old attribute.
    pub(super) columns: BTreeMap<String, Ident>,
    /// Columns of the inverse's order by old attribute.
    pub(super) positions: BTreeMap<String, Ident>,
    /// Columns to drop.
    pub(super) old_columns: Vec<Ident>,
    /// Link tables to drop, by old attribute.
    pub(super) old_tables: BTreeMap<String, Ident>,
    /// The reference table, if there was one.
    pub(super) references: Option<Ident>,
    /// True if the reference table is dropped.
    pub(super) references_go: bool,
}

impl<'a> TypeMigration<'a> {
    pub(super) fn for_pair(run: &ChangeRun<'a>, pair: TypePair<'a>) -> Self {
        Self {
            pair,
            rewriter: Rewriter::new(run.before, &run.plan.steps, &pair.old.uid),
            kept: pair.old.attributes.iter().map(|a| run.attribute_kept_in(pair, a)).collect(),
            columns: BTreeMap::new(),
            positions: BTreeMap::new(),
            old_columns: Vec::new(),
            old_tables: BTreeMap::new(),
            references: None,
            references_go: false,
        }
    }

    /// The new attribute that takes over the columns or tables of an old one.
    pub(super) fn attribute_after(&self, old: &AttributeShape) -> Option<&'a AttributeShape> {
        let i = self.pair.old.attributes.iter().position(|a| a.name == old.name)?;
        self.kept[i]
    }

    /// The old attribute whose columns or tables a new one takes over.
    pub(super) fn attribute_before(&self, new: &AttributeShape) -> Option<&'a AttributeShape> {
        let i = self.kept.iter().position(|k| k.is_some_and(|k| k.name == new.name))?;
        Some(&self.pair.old.attributes[i])
    }

    /// True if the change has to read every row.
    pub(super) fn looks_at_rows(&self) -> bool {
        let leaves = |(a, shape): (&AttributeShape, &Option<_>)| {
            shape.is_none() && attribute_storage(&a.kind) != AttributeStorage::Inverse
        };
        self.rewriter.looks_at_rows() || self.pair.old.attributes.iter().zip(&self.kept).any(leaves)
    }

    /// Drops the columns and tables that hold no content any more.
    pub(super) fn drop_leftovers(&self, tx: ChangeTx<'_>) -> Result<()> {
        for table in self.old_tables.values() {
            tx.run(&format!("DROP TABLE {table}"))?;
        }
        let table = layout::table_name(self.pair.new);
        for column in &self.old_columns {
            tx.run(&format!("ALTER TABLE {table} DROP COLUMN {column}"))?;
        }
        // An order that only the other side's attribute gave.
        for (name, column) in &self.positions {
            let a = self.pair.old.attributes.iter().find(|a| a.name == *name);
            let now = a.and_then(|a| self.attribute_after(a));
            if now.is_some_and(|now| attribute_storage(&now.kind) == (AttributeStorage::ToOne { ordered: false }))
                && !self.old_columns.contains(column)
            {
                tx.run(&format!("ALTER TABLE {table} DROP COLUMN {column}"))?;
            }
        }
        match &self.references {
            Some(references) if self.references_go => tx.run(&format!("DROP TABLE {references}")),
            Some(references) if self.morph_attributes().any(|(.., now)| now.starts_with("_old_")) => {
                let sql = format!("DELETE FROM {references} WHERE instance = 0 AND substr(attribute, 1, 5) = '_old_'");
                tx.execute("removing references", &sql, ()).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Old attributes with links in the reference table, with their names there after the change.
    fn morph_attributes(&self) -> impl Iterator<Item = (&'a AttributeShape, String)> {
        let all = self.pair.old.attributes.iter().zip(&self.kept).enumerate();
        all.filter(|(_, (a, _))| attribute_storage(&a.kind) == AttributeStorage::References)
            .map(|(i, (a, shape))| (a, shape.map_or_else(|| format!("_old_{i}"), |now| now.name.clone())))
    }

    fn rename_morphs(&self, tx: ChangeTx<'_>) -> Result<()> {
        let Some(references) = &self.references else { return Ok(()) };
        let renamed: Vec<(&str, String)> =
            self.morph_attributes().filter(|(a, now)| a.name != *now).map(|(a, now)| (a.name.as_str(), now)).collect();
        rename_values(tx, references, "attribute", " AND instance = 0", &renamed)
    }
}

/// True if any column of a type gets another name, table or content.
pub(super) fn is_affected(run: &ChangeRun<'_>, old: &TypeShape, new: &TypeShape) -> bool {
    let about = |i: usize| {
        let (step, subject) = run.step_and_subject(i);
        let harmless = matches!(
            step.change,
            SchemaChange::AddAttribute { .. }
                | SchemaChange::Index { .. }
                | SchemaChange::Indexes { .. }
                | SchemaChange::UniqueKeys { .. }
                | SchemaChange::Collation { .. }
                | SchemaChange::Unique { .. }
                | SchemaChange::Required { .. }
        );
        subject.owner == new.uid && !harmless
    };
    old.uid != new.uid
        || (0..run.plan.steps.len()).any(about)
        || TypeMigration::for_pair(run, TypePair { old, new }).looks_at_rows()
}

/// Gives values of a column of a reference table other names, swaps included.
pub(super) fn rename_values(
    tx: ChangeTx<'_>,
    references: &Ident,
    column: &str,
    and: &str,
    renamed: &[(&str, String)],
) -> Result<()> {
    if renamed.is_empty() {
        return Ok(());
    }
    let doing = "renaming references";
    // Set aside first: two names that change places would clash in the key.
    let list =
        |mark: &str| renamed.iter().map(|(old, _)| sql_literal(&format!("{mark}{old}"))).collect::<Vec<_>>().join(", ");
    let sql = format!("UPDATE {references} SET {column} = '>' || {column} WHERE {column} IN ({}){and}", list(""));
    tx.execute(doing, &sql, ())?;
    let cases: Vec<String> = renamed
        .iter()
        .map(|(old, new)| format!("WHEN {} THEN {}", sql_literal(&format!(">{old}")), sql_literal(new)))
        .collect();
    let sql = format!(
        "UPDATE {references} SET {column} = CASE {column} {} END WHERE {column} IN ({}){and}",
        cases.join(" "),
        list(">")
    );
    tx.execute(doing, &sql, ()).map(drop)
}

/// Host of the rewrite of one row: assigns ids, and collects the values that are dropped or do not fit.
struct RowHost<'r, 's, 'a> {
    tx: ChangeTx<'a>,
    instances: &'r mut InstanceIdBlock,
    gone: Vec<(&'s ChangeStep, Option<i64>, Json)>,
    refused: Vec<(String, String)>,
    failed: Option<StoreError>,
    steps: &'s [ChangeStep],
}

impl RewriteHost for RowHost<'_, '_, '_> {
    fn instance_id(&mut self) -> i64 {
        self.instances.next(self.tx).unwrap_or_else(|e| {
            self.failed.get_or_insert(e);
            0
        })
    }

    fn on_dropped(&mut self, step: &ChangeStep, _: &str, instance: Option<i64>, value: &Json) {
        if let Some(step) = self.steps.iter().find(|s| s.id == step.id) {
            self.gone.push((step, instance, value.clone()));
        }
    }

    fn on_refused(&mut self, _: &ChangeStep, place: &str, _: Option<i64>, why: &ConversionError) {
        self.refused.push((place.to_owned(), why.to_string()));
    }
}

/// A column that rows are written to.
struct WrittenColumn<'a> {
    new: &'a AttributeShape,
    /// The attribute that it held before, if any.
    old: Option<&'a AttributeShape>,
    ordered: bool,
}

/// Carries every row of a type through the steps.
pub(super) fn migrate_rows<'a>(run: &mut ChangeRun<'a>, carry: &mut TypeMigration<'a>) -> Result<()> {
    carry.rename_morphs(run.tx)?;
    if !carry.looks_at_rows() {
        // A removed attribute without values is in the trash all the same.
        return Ok(());
    }
    let (tx, TypePair { old, new }) = (run.tx, carry.pair);
    let table = layout::table_name(new);
    let trace = run.trace.clone();
    let target = Box::new(move |uid: &str| trace.new_owner(uid).unwrap_or(uid).to_owned());
    let mut reading = RowReader::new(run.before, old, table.clone(), target);
    let converted = |a: &AttributeShape| match run.trace.attribute_fate(&old.uid, &a.name) {
        Some(AttributeFate::As(attribute)) => attribute.conversions.iter().any(changes_values),
        _ => true,
    };
    let read = |a: &AttributeShape| match attribute_storage(&a.kind) {
        AttributeStorage::Inverse => false,
        AttributeStorage::Components => true,
        AttributeStorage::Scalar(_) => carry.attribute_after(a).is_none() || converted(a),
        _ => carry.attribute_after(a).is_none(),
    };
    let morphs: BTreeMap<&str, String> = carry.morph_attributes().map(|(a, now)| (a.name.as_str(), now)).collect();
    for a in old.attributes.iter().filter(|a| read(a)) {
        match attribute_storage(&a.kind) {
            AttributeStorage::Links => reading.add_link_table(a, carry.old_tables[&a.name].clone()),
            AttributeStorage::References => reading.add_morph(a, morphs[a.name.as_str()].clone()),
            AttributeStorage::Inverse => {}
            _ => reading.add_column(a, carry.columns[&a.name].clone(), carry.positions.get(&a.name).cloned()),
        }
    }
    if let Some(references) = &carry.references {
        reading.add_references(references.clone());
    }
    let mut written = Vec::new();
    for a in &new.attributes {
        let ordered = match attribute_storage(&a.kind) {
            AttributeStorage::Scalar(_) | AttributeStorage::Components => false,
            AttributeStorage::ToOne { ordered } => ordered,
            _ => continue,
        };
        match carry.attribute_before(a) {
            Some(from) if !read(from) => {}
            old => written.push(WrittenColumn { new: a, old, ordered }),
        }
    }
    let writer = RowWriter { table, written, plain: Rewriter::new(run.before, &[], &old.uid), carry };
    reading.read_all(tx, "", |batch| writer.write_batch(run, batch))
}

struct RowWriter<'w, 'a> {
    table: Ident,
    written: Vec<WrittenColumn<'a>>,
    /// Rewriter for the old shape, without a step.
    plain: Rewriter<'a>,
    carry: &'w TypeMigration<'a>,
}

impl RowWriter<'_, '_> {
    fn write_batch(&self, run: &mut ChangeRun<'_>, batch: Vec<StoredVersion>) -> Result<()> {
        let (tx, TypePair { old, new }) = (run.tx, self.carry.pair);
        let mut updates: Vec<Vec<SqlValue>> = Vec::new();
        let mut relinked = Vec::new();
        let mut links = LinkRows::default();
        let steps = &run.plan.steps;
        let mut thrown: BTreeMap<&str, (&ChangeStep, Vec<TrashValue>)> = BTreeMap::new();
        for mut stored in batch {
            let mut original = stored.row.clone();
            let mut host = RowHost {
                tx,
                instances: &mut run.instances,
                gone: Vec::new(),
                refused: Vec::new(),
                failed: None,
                steps,
            };
            self.carry.rewriter.rewrite_row(&mut stored.row, &mut host);
            let RowHost { gone, refused, failed, .. } = host;
            if let Some(e) = failed {
                return Err(e);
            }
            for (place, why) in refused {
                run.rejected.add(|| {
                    format!(
                        "{place} of {}: {why}",
                        super::run::describe_version(
                            &stored.document_id,
                            &stored.locale,
                            stored.status,
                            old.draft_publish
                        )
                    )
                });
            }
            for (step, instance, value) in gone {
                // Values that a move emptied are not lost.
                if step.class == ChangeClass::Move {
                    continue;
                }
                let position = zone_position(step, &original, &value);
                let value = TrashValue::for_row(&new.uid, &stored, instance, position, value);
                thrown.entry(&step.id).or_insert_with(|| (step, Vec::new())).1.push(value);
            }
            let had = self.plain.take_links(&mut original);
            let has = self.carry.rewriter.take_links(&mut stored.row);
            if had != has {
                relinked.push(stored.id);
                links.add_instances(stored.id, &has);
            }
            let mut values = Vec::with_capacity(self.written.len() + 1);
            let mut changed = false;
            for w in &self.written {
                let value = stored.row.get(&w.new.name).unwrap_or(&Json::Null);
                let cell = rows::value_to_cell(&w.new.kind, value);
                let before = match w.old {
                    Some(old) => rows::value_to_cell(&old.kind, original.get(&old.name).unwrap_or(&Json::Null)),
                    None => SqlValue::Null,
                };
                changed |= cell != before;
                values.push(cell);
                values.extend(w.ordered.then(|| rows::link_position(value, stored.id)));
            }
            if changed {
                values.push(stored.id.into());
                updates.push(values);
            }
            for a in new.attributes.iter().filter(|a| self.carry.attribute_before(a).is_none()) {
                let Some(list) = stored.row.get(&a.name) else { continue };
                match attribute_storage(&a.kind) {
                    AttributeStorage::Links => links.add_to_table(&layout::link_table(new, a), stored.id, list),
                    AttributeStorage::References => {
                        links.add_reference(stored.id, 0, &a.name, list.as_array().map_or(&[][..], Vec::as_slice));
                    }
                    _ => {}
                }
            }
        }
        for (step, values) in thrown.into_values() {
            run.trash_values(step, &values)?;
        }
        if let Some(references) = self.carry.references.as_ref().filter(|_| !relinked.is_empty()) {
            let owners = tx.dialect().in_list("owner_id", 1);
            let sql = format!("DELETE FROM {references} WHERE instance > 0 AND {owners}");
            tx.execute("writing references", &sql, [Param::Integers(&relinked)])?;
        }
        if !updates.is_empty() {
            tx.execute_each("rewriting rows", &self.update_sql(), &row_params(&updates))?;
        }
        links.write_all(tx, &layout::reference_table(new))
    }

    fn update_sql(&self) -> String {
        let mut names = Vec::new();
        for w in &self.written {
            names.push(layout::column_name(w.new));
            names.extend(w.ordered.then(|| layout::position_column(w.new)));
        }
        let sets: Vec<String> = names.iter().enumerate().map(|(i, name)| format!("{name} = ?{}", i + 1)).collect();
        format!("UPDATE {} SET {} WHERE id = ?{}", self.table, sets.join(", "), names.len() + 1)
    }
}

fn row_params(rows: &[Vec<SqlValue>]) -> Vec<Vec<Param<'_>>> {
    rows.iter().map(|row| row.iter().map(ToParam::param).collect()).collect()
}

/// Position of an instance in its zone before the change.
fn zone_position(step: &ChangeStep, original: &cairn_model::change::rewrite::StoredRow, value: &Json) -> i64 {
    let SchemaChange::DropZoneComponent { attribute, .. } = &step.change else { return 0 };
    let list = original.get(attribute).and_then(Json::as_array);
    let id = value.get("id");
    let at = list.and_then(|list| list.iter().position(|instance| instance.get("id") == id));
    at.unwrap_or_default() as i64
}
