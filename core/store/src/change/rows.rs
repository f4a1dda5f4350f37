//! Rows in their stored form: attributes by name, links as lists of `{"type", "documentId", "pos", "inv"}`, those of component instances
//! inside them. Read and written in batches.

use super::layout::{self, AttributeStorage, attribute_storage};
use super::tx::ChangeTx;
use crate::connection::{Param, ToParam, Value as SqlValue, ValueRef};
use crate::content::rows::read_scalar;
use crate::ident::Ident;
use crate::{Result, StoreError};
use cairn_model::change::rewrite::{InstanceLinks, Rewriter, StoredRow};
use cairn_model::change::{AttributeShape, KindShape, Snapshot, TypeShape};
use cairn_model::{ColumnType, Value, stored_values};
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

/// Rows read at a time.
pub(super) const ROWS_PER_BATCH: i64 = 500;
/// Gap between two positions in an order of links.
const LINK_POSITION_GAP: i64 = 1 << 10;

/// A row of a content type in its stored form.
#[derive(Debug, Clone)]
pub(super) struct StoredVersion {
    pub(super) id: i64,
    pub(super) document_id: String,
    pub(super) locale: String,
    pub(super) status: i64,
    pub(super) created_at: String,
    pub(super) updated_at: String,
    pub(super) published_at: Option<String>,
    pub(super) row: StoredRow,
}

impl StoredVersion {
    /// The row as JSON, in the form stored in the trash.
    pub(super) fn to_json(&self) -> Json {
        json!({
            "createdAt": self.created_at, "updatedAt": self.updated_at, "publishedAt": self.published_at, "row": self.row,
        })
    }
}

/// Reader of a type's rows: the names that its attributes have in the tables at the moment, and the links to read.
pub(super) struct RowReader<'a> {
    shape: &'a Snapshot,
    ty: &'a TypeShape,
    table: Ident,
    columns: Vec<(&'a AttributeShape, Ident, Option<Ident>)>,
    links: Vec<(&'a AttributeShape, Ident)>,
    references: Option<Ident>,
    /// By name in the reference table.
    morphs: HashMap<String, &'a AttributeShape>,
    /// Maps the uid of a link's target to its new uid.
    target: Box<dyn Fn(&str) -> String + 'a>,
}

impl<'a> RowReader<'a> {
    /// Reads everything of a type, under the names that its shape gives.
    pub(super) fn for_type(shape: &'a Snapshot, ty: &'a TypeShape) -> Self {
        let mut reading = Self::new(shape, ty, layout::table_name(ty), Box::new(str::to_owned));
        for a in &ty.attributes {
            let (column, position) = (layout::column_name(a), layout::position_column(a));
            match attribute_storage(&a.kind) {
                AttributeStorage::Scalar(_) | AttributeStorage::Components => reading.add_column(a, column, None),
                AttributeStorage::ToOne { ordered } => reading.add_column(a, column, ordered.then_some(position)),
                AttributeStorage::Links => reading.add_link_table(a, layout::link_table(ty, a)),
                AttributeStorage::References => reading.add_morph(a, a.name.clone()),
                AttributeStorage::Inverse => {}
            }
        }
        if layout::has_references(shape, ty) {
            reading.add_references(layout::reference_table(ty));
        }
        reading
    }

    /// Reads the rows alone, without links or attributes.
    pub(super) fn new(
        shape: &'a Snapshot,
        ty: &'a TypeShape,
        table: Ident,
        target: Box<dyn Fn(&str) -> String + 'a>,
    ) -> Self {
        let (columns, links, morphs) = (Vec::new(), Vec::new(), HashMap::new());
        Self { shape, ty, table, columns, links, references: None, morphs, target }
    }

    /// Adds a column, and for a link the column of its order.
    pub(super) fn add_column(&mut self, a: &'a AttributeShape, column: Ident, position: Option<Ident>) {
        self.columns.push((a, column, position));
    }

    /// Adds a link table.
    pub(super) fn add_link_table(&mut self, a: &'a AttributeShape, table: Ident) {
        self.links.push((a, table));
    }

    /// Adds the links of component instances.
    pub(super) fn add_references(&mut self, table: Ident) {
        self.references = Some(table);
    }

    /// Adds the links of an attribute in the reference table.
    pub(super) fn add_morph(&mut self, a: &'a AttributeShape, name: String) {
        self.morphs.insert(name, a);
    }

    /// Calls `each` with all rows that satisfy `condition`, in batches, in order of their ids.
    pub(super) fn read_all(
        &self,
        tx: ChangeTx<'_>,
        condition: &str,
        mut each: impl FnMut(Vec<StoredVersion>) -> Result<()>,
    ) -> Result<()> {
        let mut last_id = 0;
        loop {
            let rows = self.read_batch(tx, condition, last_id)?;
            let Some(end) = rows.last().map(|r| r.id) else { return Ok(()) };
            let full = rows.len() as i64 == ROWS_PER_BATCH;
            each(rows)?;
            if !full {
                return Ok(());
            }
            last_id = end;
        }
    }

    fn read_batch(&self, tx: ChangeTx<'_>, condition: &str, after: i64) -> Result<Vec<StoredVersion>> {
        let mut names = String::new();
        for (_, column, position) in &self.columns {
            names.push_str(&format!(", {column}"));
            if let Some(position) = position {
                names.push_str(&format!(", {position}"));
            }
        }
        let and = if condition.is_empty() { String::new() } else { format!(" AND ({condition})") };
        let sql = format!(
            "SELECT id, document_id, locale, _status, created_at, updated_at, published_at{names} FROM {} t
             WHERE id > ?1{and} ORDER BY id LIMIT {ROWS_PER_BATCH}",
            self.table
        );
        let mut rows = tx.query_all("reading rows", &sql, [after], |r| {
            let mut row = Map::new();
            let mut i = 7;
            for (a, _, position) in &self.columns {
                let value = r.value_at(i)?;
                i += 1;
                let json = match attribute_storage(&a.kind) {
                    AttributeStorage::Scalar(column) => column_to_json(column, value),
                    AttributeStorage::Components => match value.to_text() {
                        None => Json::Null,
                        Some(text) => serde_json::from_str(&text).map_err(|e| StoreError::Corrupt {
                            place: format!("{}.{}", self.ty.uid, a.name),
                            message: e.to_string(),
                        })?,
                    },
                    _ => {
                        let place = if position.is_some() { r.get::<Option<i64>>(i)? } else { None };
                        match value.to_text() {
                            Some(document) => {
                                let uid = (self.target)(layout::link_target(&a.kind).unwrap_or_default());
                                json!([{ "type": uid, "documentId": document, "inv": place }])
                            }
                            None => json!([]),
                        }
                    }
                };
                if position.is_some() {
                    i += 1;
                }
                row.insert(a.name.clone(), json);
            }
            for a in self.links.iter().map(|(a, _)| *a).chain(self.morphs.values().copied()) {
                row.insert(a.name.clone(), json!([]));
            }
            Ok(StoredVersion {
                id: r.get(0)?,
                document_id: r.get(1)?,
                locale: r.get(2)?,
                status: r.get(3)?,
                created_at: r.get(4)?,
                updated_at: r.get(5)?,
                published_at: r.get(6)?,
                row,
            })
        })?;
        self.load_links(tx, &mut rows)?;
        Ok(rows)
    }

    fn load_links(&self, tx: ChangeTx<'_>, rows: &mut [StoredVersion]) -> Result<()> {
        let (Some(first_id), Some(last_id)) = (rows.first().map(|r| r.id), rows.last().map(|r| r.id)) else {
            return Ok(());
        };
        let at: HashMap<i64, usize> = rows.iter().enumerate().map(|(i, r)| (r.id, i)).collect();
        let mut add = |owner: i64, name: &str, link: Json| {
            if let Some(&i) = at.get(&owner)
                && let Some(Json::Array(list)) = rows[i].row.get_mut(name)
            {
                list.push(link);
            }
        };
        for (a, table) in &self.links {
            let uid = (self.target)(layout::link_target(&a.kind).unwrap_or_default());
            let sql = format!(
                "SELECT owner_id, target, pos, inv_pos FROM {table} WHERE owner_id BETWEEN ?1 AND ?2 ORDER BY owner_id, pos, target"
            );
            tx.query("reading links", &sql, (first_id, last_id), |r| {
                let (document, pos, inv) = (r.get::<String>(1)?, r.get::<i64>(2)?, r.get::<i64>(3)?);
                add(r.get(0)?, &a.name, json!({ "type": uid, "documentId": document, "pos": pos, "inv": inv }));
                Ok(())
            })?;
        }
        let Some(references) = &self.references else { return Ok(()) };
        let mut inside: HashMap<i64, HashMap<(i64, String), Vec<Json>>> = HashMap::new();
        let sql = format!(
            "SELECT owner_id, instance, attribute, target_type, target, pos FROM {references} WHERE owner_id BETWEEN ?1 AND ?2
             ORDER BY owner_id, pos, target_type, target"
        );
        tx.query("reading references", &sql, (first_id, last_id), |r| {
            let (owner, instance, attribute) = (r.get::<i64>(0)?, r.get::<i64>(1)?, r.get::<String>(2)?);
            let (uid, document, pos) = (r.get::<String>(3)?, r.get::<String>(4)?, r.get::<i64>(5)?);
            let link = json!({ "type": uid, "documentId": document, "pos": pos });
            if instance > 0 {
                inside.entry(owner).or_default().entry((instance, attribute)).or_default().push(link);
            } else if let Some(a) = self.morphs.get(&attribute) {
                add(owner, &a.name, link);
            }
            Ok(())
        })?;
        for (owner, mut links) in inside {
            if let Some(&i) = at.get(&owner) {
                attach_links(self.shape, &self.ty.attributes, &mut rows[i].row, &mut links);
            }
        }
        Ok(())
    }
}

/// Puts links into the instances that they belong to.
fn attach_links(
    shape: &Snapshot,
    attributes: &[AttributeShape],
    map: &mut StoredRow,
    links: &mut HashMap<(i64, String), Vec<Json>>,
) {
    for a in attributes {
        let Some(value) = map.get_mut(&a.name) else { continue };
        for_each_instance(shape, &a.kind, value, &mut |component, instance| {
            let id = instance.get("id").and_then(Json::as_i64).unwrap_or_default();
            for inner in shape.attributes(component).unwrap_or_default().iter().filter(|a| a.kind.is_link()) {
                if let Some(list) = links.remove(&(id, format!("{component}#{}", inner.name))) {
                    instance.insert(inner.name.clone(), Json::Array(list));
                }
            }
        });
    }
}

/// Calls `visit` with every instance in a value at any depth, and its component.
pub(super) fn for_each_instance(
    shape: &Snapshot,
    kind: &KindShape,
    value: &mut Json,
    visit: &mut dyn FnMut(&str, &mut StoredRow),
) {
    let list: &mut [Json] = match value {
        Json::Array(list) => list,
        one => std::slice::from_mut(one),
    };
    for instance in list {
        let Json::Object(map) = instance else { continue };
        let component = match kind {
            KindShape::Component { component, .. } => component.clone(),
            KindShape::DynamicZone { .. } => {
                map.get("__component").and_then(Json::as_str).unwrap_or_default().to_owned()
            }
            _ => continue,
        };
        for inner in shape.attributes(&component).unwrap_or_default() {
            if let Some(value) = map.get_mut(&inner.name) {
                for_each_instance(shape, &inner.kind, value, visit);
            }
        }
        visit(&component, map);
    }
}

/// Converts a column's value to its stored form.
fn column_to_json(column: ColumnType, value: ValueRef<'_>) -> Json {
    match read_scalar(column, value) {
        // Decimals stay text, so that they retain all digits.
        Value::Text(text) => text.into(),
        other => stored_values::scalar_to_json(&other, Some(column)),
    }
}

/// Converts a value in its stored form to what its column takes.
pub(super) fn value_to_cell(kind: &KindShape, value: &Json) -> SqlValue {
    let column = match attribute_storage(kind) {
        AttributeStorage::Scalar(column) => column,
        AttributeStorage::Components => {
            return if value.is_null() { SqlValue::Null } else { SqlValue::Text(value.to_string()) };
        }
        _ => {
            let first = value.get(0).and_then(|link| link.get("documentId")).and_then(Json::as_str);
            return first.map_or(SqlValue::Null, |document| document.to_owned().into());
        }
    };
    match (column, value) {
        (_, Json::Null) => SqlValue::Null,
        (ColumnType::Json, value) => SqlValue::Text(value.to_string()),
        (ColumnType::Boolean, value) => value.as_bool().map_or(SqlValue::Null, SqlValue::Bool),
        (ColumnType::Integer | ColumnType::BigInteger, value) => {
            let int = value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
            int.map_or(SqlValue::Null, SqlValue::Integer)
        }
        (ColumnType::Float, value) => value.as_f64().map_or(SqlValue::Null, SqlValue::Real),
        (_, Json::String(text)) => SqlValue::Text(text.clone()),
        (_, other) => SqlValue::Text(other.to_string()),
    }
}

/// The position of a to-one link in its inverse's order.
pub(super) fn link_position(value: &Json, row: i64) -> SqlValue {
    match value.get(0) {
        Some(link) => link.get("inv").and_then(Json::as_i64).unwrap_or(row).into(),
        None => SqlValue::Null,
    }
}

/// Links that are to be inserted, collected by table.
#[derive(Default)]
pub(super) struct LinkRows {
    /// By table: owner, target, pos, inv_pos.
    tables: HashMap<Ident, Vec<(i64, String, i64, i64)>>,
    /// Owner, instance, attribute, target type, target, pos.
    references: Vec<(i64, i64, String, String, String, i64)>,
}

impl LinkRows {
    /// Adds the links of a link table.
    pub(super) fn add_to_table(&mut self, table: &Ident, row: i64, list: &Json) {
        let rows = self.tables.entry(table.clone()).or_default();
        for (i, link) in list.as_array().into_iter().flatten().enumerate() {
            let Some(document) = link.get("documentId").and_then(Json::as_str) else { continue };
            let inverse = link.get("inv").and_then(Json::as_i64).unwrap_or(row);
            rows.push((row, document.to_owned(), position_of(link, i), inverse));
        }
    }

    /// Adds the links of an attribute in the reference table, or of an instance.
    pub(super) fn add_reference(&mut self, row: i64, instance: i64, name: &str, list: &[Json]) {
        for (i, link) in list.iter().enumerate() {
            let text = |key: &str| link.get(key).and_then(Json::as_str);
            let (Some(uid), Some(document)) = (text("type"), text("documentId")) else { continue };
            self.references.push((
                row,
                instance,
                name.to_owned(),
                uid.to_owned(),
                document.to_owned(),
                position_of(link, i),
            ));
        }
    }

    /// Adds the links of component instances.
    pub(super) fn add_instances(&mut self, row: i64, links: &[InstanceLinks]) {
        for l in links {
            self.add_reference(row, l.instance, &format!("{}#{}", l.component, l.attribute), &l.targets);
        }
    }

    /// Inserts the collected links; `references` is the reference table of the type.
    pub(super) fn write_all(self, tx: ChangeTx<'_>, references: &Ident) -> Result<()> {
        for (table, rows) in &self.tables {
            let sql = format!(
                "INSERT INTO {table} (owner_id, target, pos, inv_pos) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING"
            );
            let rows: Vec<Vec<Param<'_>>> = rows
                .iter()
                .map(|(owner, target, pos, inv)| vec![owner.param(), target.param(), pos.param(), inv.param()])
                .collect();
            tx.execute_each("writing links", &sql, &rows)?;
        }
        if self.references.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "INSERT INTO {references} (owner_id, instance, attribute, target_type, target, pos) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO NOTHING"
        );
        let rows: Vec<Vec<Param<'_>>> = self
            .references
            .iter()
            .map(|(owner, instance, name, uid, document, pos)| {
                vec![owner.param(), instance.param(), name.param(), uid.param(), document.param(), pos.param()]
            })
            .collect();
        tx.execute_each("writing references", &sql, &rows)
    }
}

fn position_of(link: &Json, i: usize) -> i64 {
    link.get("pos").and_then(Json::as_i64).unwrap_or((i as i64 + 1) * LINK_POSITION_GAP)
}

/// Gives out ids of component instances that no row has.
#[derive(Default)]
pub(super) struct InstanceIdBlock {
    next: i64,
    end: i64,
}

impl InstanceIdBlock {
    /// Number of ids reserved in the database at a time.
    const BLOCK: i64 = 1_000;

    pub(super) fn next(&mut self, tx: ChangeTx<'_>) -> Result<i64> {
        if self.next == self.end {
            let doing = "reserving instance ids";
            if tx.is_sqlite() {
                let sql = "SELECT coalesce(max(next), 1) FROM cairn_sequences WHERE name = 'instance'";
                self.next = tx.query_first(doing, sql, (), |r| r.get(0))?.unwrap_or(1);
                let sql = "INSERT INTO cairn_sequences (name, next) VALUES ('instance', ?1)
                           ON CONFLICT (name) DO UPDATE SET next = excluded.next";
                tx.execute(doing, sql, [self.next + Self::BLOCK])?;
            } else {
                let sql = "SELECT nextval('cairn_instances')";
                self.next = tx.query_first(doing, sql, (), |r| r.get(0))?.unwrap_or(1);
            }
            self.end = self.next + Self::BLOCK;
        }
        self.next += 1;
        Ok(self.next - 1)
    }
}

/// Reserves ids for new rows of a table.
fn reserve_ids(tx: ChangeTx<'_>, table: &Ident, n: i64) -> Result<Vec<i64>> {
    let doing = "numbering rows";
    if tx.is_sqlite() {
        let sql = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?1";
        let last_id: i64 = tx.query_first(doing, sql, [table.unquoted_name()], |r| r.get(0))?.unwrap_or(0);
        return Ok((last_id + 1..=last_id + n).collect());
    }
    let sql = "SELECT nextval(pg_get_serial_sequence(?1, 'id')) FROM generate_series(1, CAST(?2 AS bigint))";
    tx.query_all(doing, sql, (table.to_string(), n), |r| r.get(0))
}

/// Inserts rows with all their links. Instances get new ids.
pub(super) fn insert_rows(
    tx: ChangeTx<'_>,
    shape: &Snapshot,
    ty: &TypeShape,
    instances: &mut InstanceIdBlock,
    mut rows: Vec<StoredVersion>,
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let table = layout::table_name(ty);
    let ids = reserve_ids(tx, &table, rows.len() as i64)?;
    let mut names: Vec<String> = ["id", "document_id", "locale", "_status", "created_at", "updated_at", "published_at"]
        .map(String::from)
        .to_vec();
    for a in &ty.attributes {
        names.extend(layout::column_definitions(tx.dialect(), a).into_iter().map(|(column, _)| column.to_string()));
    }
    let marks: Vec<String> = (1..=names.len()).map(|i| format!("?{i}")).collect();
    let sql = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), marks.join(", "));
    let rewriter = Rewriter::new(shape, &[], &ty.uid);
    let mut links = LinkRows::default();
    let mut cells: Vec<Vec<SqlValue>> = Vec::with_capacity(rows.len());
    for (r, id) in rows.iter_mut().zip(ids) {
        let mut failed = Ok(());
        for a in &ty.attributes {
            let Some(value) = r.row.get_mut(&a.name) else { continue };
            for_each_instance(shape, &a.kind, value, &mut |_, instance| match instances.next(tx) {
                Ok(id) => drop(instance.insert("id".into(), id.into())),
                Err(e) => failed = Err(e),
            });
        }
        failed?;
        links.add_instances(id, &rewriter.take_links(&mut r.row));
        let mut values: Vec<SqlValue> = vec![
            id.into(),
            r.document_id.as_str().into(),
            r.locale.as_str().into(),
            r.status.into(),
            r.created_at.as_str().into(),
            r.updated_at.as_str().into(),
            r.published_at.clone().into(),
        ];
        for a in &ty.attributes {
            let value = r.row.get(&a.name).unwrap_or(&Json::Null);
            match attribute_storage(&a.kind) {
                AttributeStorage::Scalar(_) | AttributeStorage::Components => {
                    values.push(value_to_cell(&a.kind, value))
                }
                AttributeStorage::ToOne { ordered } => {
                    values.push(value_to_cell(&a.kind, value));
                    values.extend(ordered.then(|| link_position(value, id)));
                }
                AttributeStorage::Links => links.add_to_table(&layout::link_table(ty, a), id, value),
                AttributeStorage::References => {
                    links.add_reference(id, 0, &a.name, value.as_array().map_or(&[][..], Vec::as_slice));
                }
                AttributeStorage::Inverse => {}
            }
        }
        cells.push(values);
    }
    let params: Vec<Vec<Param<'_>>> = cells.iter().map(|row| row.iter().map(ToParam::param).collect()).collect();
    tx.execute_each("inserting rows", &sql, &params)?;
    links.write_all(tx, &layout::reference_table(ty))
}

/// Deletes rows with all their links.
pub(super) fn delete_rows(tx: ChangeTx<'_>, shape: &Snapshot, ty: &TypeShape, ids: &[i64]) -> Result<()> {
    let doing = "deleting rows";
    let in_list = tx.dialect().in_list("owner_id", 1);
    let list = [Param::Integers(ids)];
    for table in layout::table_names(shape, ty).into_iter().skip(1) {
        tx.execute(doing, &format!("DELETE FROM {table} WHERE {in_list}"), list)?;
    }
    let in_list = tx.dialect().in_list("id", 1);
    tx.execute(doing, &format!("DELETE FROM {} WHERE {in_list}", layout::table_name(ty)), list).map(drop)
}
