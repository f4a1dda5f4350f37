//! Rows: one version of a document each, read and written whole.

use super::sql::reference_name;
use crate::connection::{Param, ToParam, Value as SqlValue, ValueRef};
use crate::ident::Ident;
use crate::namespaces;
use crate::schema::LinkLocation;
use crate::{LockMode, Reader, Result, StoreError, WriteTx};
use cairn_model::*;
use std::collections::HashMap;

/// One version of a document, as read from its table.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentRow {
    /// Numeric id of the row; 0 before it is inserted.
    pub id: i64,
    /// Id of the document.
    pub document_id: String,
    /// Empty if the type is not localised.
    pub locale: String,
    /// Whether it is the published version; `false` for the draft.
    pub published: bool,
    /// ISO text with milliseconds, UTC; so are the next two.
    pub created_at: String,
    /// Time of the last write.
    pub updated_at: String,
    /// Number of writes of the version: the token that a client sends back to prove which state it has seen. 0 before it is inserted; a
    /// published version has its draft's.
    pub version: i64,
    /// Time of publication; `None` for drafts.
    pub published_at: Option<String>,
    /// By attribute: scalars and components (their links loaded). `Absent` for relations and media.
    pub values: Vec<Value>,
    /// To-one links stored in this row, by attribute: the target document and its position in the inverse's order.
    pub to_one: HashMap<AttributeId, (String, i64)>,
}

/// A row to insert: a [`DocumentRow`] whose id is not set yet.
pub type NewDocumentRow = DocumentRow;

/// The fixed statements of a type's table.
#[derive(Debug)]
pub(crate) struct RowSql {
    insert: String,
    update: String,
    select: String,
    columns: Vec<(AttributeId, RowCell)>,
    /// Names of the columns that are written, quoted; the row's id is not among them.
    pub(super) names: Vec<String>,
    /// Whether a unique index may refuse a row.
    unique: bool,
    /// The targets of a row through link tables and morph attributes: attribute, type (for morph), target. `None` if the type has neither.
    pub(crate) linked: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum RowCell {
    Scalar(ColumnType),
    Components,
    ToOne { ordered: bool },
}

impl RowSql {
    pub(crate) fn for_type(registry: &Registry, ct: &ContentType) -> Self {
        let t = Ident::table(ct);
        let mut names: Vec<String> =
            ["document_id", "locale", "_status", "created_at", "updated_at", "published_at", "_version"]
                .map(String::from)
                .to_vec();
        let mut columns = Vec::new();
        for (id, a) in ct.attributes.iter() {
            let cell = match (a.kind.column_type(), registry.attribute_link(a)) {
                (Some(t), _) => RowCell::Scalar(t),
                (None, Some(l)) if l.storage == LinkStorage::Column => {
                    RowCell::ToOne { ordered: matches!(l.side, RelationSide::Owner { .. }) }
                }
                (None, Some(_)) => continue,
                (None, None) if a.is_unlinked() => continue,
                (None, None) => RowCell::Components,
            };
            columns.push((id, cell));
            names.push(Ident::column(a).to_string());
            if cell == (RowCell::ToOne { ordered: true }) {
                names.push(Ident::position(a).to_string());
            }
        }
        let marks: Vec<String> = (1..=names.len()).map(|i| format!("?{i}")).collect();
        let sets: Vec<String> = names.iter().zip(&marks).map(|(n, m)| format!("{n} = {m}")).collect();
        Self {
            insert: format!("INSERT INTO {t} ({}) VALUES ({})", names.join(", "), marks.join(", ")),
            update: format!("UPDATE {t} SET {} WHERE id = ?{}", sets.join(", "), names.len() + 1),
            select: format!("SELECT id, {} FROM {t}", names.join(", ")),
            columns,
            names,
            linked: linked_rows_sql(registry, ct),
            unique: !ct.unique_keys.is_empty() || ct.attributes.iter().any(|(_, a)| a.unique && a.is_scalar()),
        }
    }
}

fn linked_rows_sql(registry: &Registry, ct: &ContentType) -> Option<String> {
    let storage = |a: &Attribute| registry.attribute_link(a).map(|l| l.storage);
    let mut parts: Vec<String> = Vec::new();
    for (_, a) in ct.attributes.iter().filter(|(_, a)| storage(a) == Some(LinkStorage::Table)) {
        let (name, links) = (a.name.replace('\'', "''"), Ident::links(ct, a));
        parts.push(format!(
            "SELECT '{name}' AS a, CAST(NULL AS text) AS t, target, pos FROM {links} WHERE owner_id = ?1"
        ));
    }
    if ct.attributes.iter().any(|(_, a)| storage(a) == Some(LinkStorage::References)) {
        let references = Ident::references(ct);
        parts.push(format!(
            "SELECT attribute, target_type, target, pos FROM {references} WHERE owner_id = ?1 AND instance = 0"
        ));
    }
    (!parts.is_empty()).then(|| format!("{} ORDER BY 1, 4", parts.join(" UNION ALL ")))
}

impl namespaces::Documents<Reader<'_>> {
    /// Reads the version of a document in a locale (empty if the type is not localised).
    pub fn get_row(&self, ct: TypeId, document_id: &str, locale: &str, published: bool) -> Result<Option<DocumentRow>> {
        let sql = &self.tx.store.schema.rows[ct.0 as usize];
        let text = format!("{} WHERE document_id = ?1 AND locale = ?2 AND _status = ?3", sql.select);
        let mut rows = self.load_rows(
            ct,
            &text,
            &[document_id.to_owned().into(), locale.to_owned().into(), i64::from(published).into()],
        )?;
        Ok(rows.pop())
    }

    fn load_rows(&self, ct: TypeId, text: &str, binds: &[SqlValue]) -> Result<Vec<DocumentRow>> {
        let registry = &self.tx.store.registry;
        let content_type = registry.get(ct);
        let sql = &self.tx.store.schema.rows[ct.0 as usize];
        let mut rows = Vec::new();
        // Their links are read when the rows are: one statement at a time.
        let mut components: Vec<(usize, AttributeId, String)> = Vec::new();
        self.tx.conn.query("reading a row", text, binds, |r| {
            let mut row = DocumentRow {
                id: r.get(0)?,
                document_id: r.get(1)?,
                locale: r.get(2)?,
                published: r.get::<i64>(3)? == 1,
                created_at: r.get(4)?,
                updated_at: r.get(5)?,
                published_at: r.get(6)?,
                version: r.get(7)?,
                values: vec![Value::Absent; content_type.attributes.len()],
                to_one: HashMap::new(),
            };
            let mut i = 8;
            for (attribute, cell) in &sql.columns {
                let value = r.value_at(i)?;
                i += 1;
                match cell {
                    RowCell::Scalar(t) => row.values[*attribute] = read_scalar(*t, value),
                    RowCell::ToOne { ordered } => {
                        if let ValueRef::Text(t) = value {
                            let position = if *ordered { r.get::<Option<i64>>(i)? } else { None };
                            let target = String::from_utf8_lossy(t).into_owned();
                            row.to_one.insert(*attribute, (target, position.unwrap_or(0)));
                        }
                        if *ordered {
                            i += 1;
                        }
                    }
                    RowCell::Components => {
                        let text = value.to_text().map_or_else(|| "null".to_owned(), |t| t.into_owned());
                        components.push((rows.len(), *attribute, text));
                    }
                }
            }
            rows.push(row);
            Ok(())
        })?;
        let mut links: HashMap<i64, HashMap<(i64, AttributeId), Vec<LinkTarget>>> = HashMap::new();
        for (row, attribute, text) in components {
            let (row, a): (&mut DocumentRow, _) = (&mut rows[row], &content_type.attributes[attribute]);
            if self.tx.store.schema.references[ct.0 as usize] && !links.contains_key(&row.id) {
                links.insert(row.id, self.load_instance_links(content_type, row.id)?);
            }
            let links = links.get(&row.id);
            let mut get_links = |instance: i64, attribute: AttributeId| {
                links.and_then(|l| l.get(&(instance, attribute))).cloned().unwrap_or_default()
            };
            row.values[attribute] = cairn_model::stored_values::read_value(registry, a, &text, &mut get_links)
                .map_err(|e| StoreError::Corrupt {
                    place: format!("{} row {}, {}", content_type.table, row.id, a.name),
                    message: e.to_string(),
                })?;
        }
        Ok(rows)
    }

    fn load_instance_links(
        &self,
        ct: &ContentType,
        owner: i64,
    ) -> Result<HashMap<(i64, AttributeId), Vec<LinkTarget>>> {
        let registry = &self.tx.store.registry;
        let text = format!(
            "SELECT instance, attribute, target_type, target FROM {} WHERE owner_id = ?1 AND instance > 0 ORDER BY pos",
            Ident::references(ct)
        );
        let found: Vec<(i64, String, String, String)> =
            self.tx.conn.query_all("reading references", &text, [owner], |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?))
            })?;
        let mut links: HashMap<_, Vec<LinkTarget>> = HashMap::new();
        for (instance, name, target_type, document_id) in found {
            let attribute = name
                .split_once('#')
                .and_then(|(uid, a)| registry.component_by_uid(uid).and_then(|c| c.attributes.get(a)))
                .map(|(i, _)| i);
            // A component or attribute that the model no longer has: the link stays in the table, unseen.
            if let (Some(attribute), Some(t)) = (attribute, registry.by_uid(&target_type)) {
                links.entry((instance, attribute)).or_default().push(LinkTarget { content_type: t.id, document_id });
            }
        }
        Ok(links)
    }

    /// Every version of a document with that status, in all locales, in order of creation.
    pub fn find_rows(&self, ct: TypeId, document_id: &str, published: bool) -> Result<Vec<DocumentRow>> {
        let sql = &self.tx.store.schema.rows[ct.0 as usize];
        let text = format!("{} WHERE document_id = ?1 AND _status = ?2 ORDER BY id", sql.select);
        self.load_rows(ct, &text, &[document_id.to_owned().into(), i64::from(published).into()])
    }

    /// The newest documents of a type: their drafts, or where there are no drafts their one version.
    pub fn find_newest_rows(&self, ct: TypeId, limit: i64) -> Result<Vec<DocumentRow>> {
        let sql = &self.tx.store.schema.rows[ct.0 as usize];
        let status = i64::from(!self.tx.store.registry.get(ct).draft_publish);
        let text = format!("{} WHERE _status = ?1 ORDER BY id DESC LIMIT ?2", sql.select);
        self.load_rows(ct, &text, &[status.into(), limit.into()])
    }

    /// The first attribute of a unique key in which another entry equals this row; called after a unique index has refused the row.
    pub fn find_unique_key_clash(&self, ct: TypeId, row: &DocumentRow) -> Result<Option<AttributeId>> {
        super::lookup::unique_key_clash(self.tx.conn, self.tx.store.registry.get(ct), row)
    }

    /// Whether a unique index may refuse rows of that type.
    pub(super) fn has_unique_index(&self, ct: TypeId) -> bool {
        self.tx.store.schema.rows[ct.0 as usize].unique
    }
}

impl namespaces::Documents<&mut WriteTx<'_>> {
    /// Inserts a row with its references; returns its id. Instances must have their ids. A clash with a unique index
    /// is [`StoreError::Unique`].
    pub fn insert_row(&mut self, ct: TypeId, row: &NewDocumentRow) -> Result<i64> {
        let store = self.tx.store.clone();
        let sql = &store.schema.rows[ct.0 as usize];
        let values = row_cells(&store.registry, ct, sql, row);
        let id = self.tx.conn.insert("inserting a row", &sql.insert, &values[..], sql.unique)?;
        self.write_references(ct, id, row)?;
        self.tx.adjust_row_count(ct, row.published, &row.locale, 1);
        self.tx.touch_type(ct);
        Ok(id)
    }

    /// Writes all columns of an existing row, and its references. Increments its version token.
    pub fn update_row(&mut self, ct: TypeId, row: &mut DocumentRow) -> Result<()> {
        row.version += 1;
        let store = self.tx.store.clone();
        let sql = &store.schema.rows[ct.0 as usize];
        let mut values = row_cells(&store.registry, ct, sql, row);
        values.push(SqlValue::Integer(row.id));
        match sql.unique {
            true => self.tx.conn.execute_unique("updating a row", &sql.update, &values[..])?,
            false => self.tx.conn.execute("updating a row", &sql.update, &values[..])?,
        };
        if store.schema.references[ct.0 as usize] {
            let text = format!(
                "DELETE FROM {} WHERE owner_id = ?1 AND instance > 0",
                Ident::references(store.registry.get(ct))
            );
            self.tx.execute_sql(&text, &[row.id.into()])?;
            self.write_references(ct, row.id, row)?;
        }
        self.tx.touch_type(ct);
        Ok(())
    }

    /// Creates the published version of a draft row: deletes the old one and inserts a new row (new id, new instance ids, the draft's
    /// times) with the draft's links. With `fresh`, the document was created in this transaction, so there is no old one.
    pub fn publish_row(&mut self, ct: TypeId, draft: &DocumentRow, published_at: &str, fresh: bool) -> Result<i64> {
        if !fresh {
            self.unpublish_row(ct, &draft.document_id, &draft.locale)?;
        }
        let mut row =
            DocumentRow { id: 0, published: true, published_at: Some(published_at.to_owned()), ..draft.clone() };
        for value in &mut row.values {
            self.renumber_instances(value)?;
        }
        let id = self.insert_row(ct, &row)?;
        self.tx.links().copy(ct, draft.id, id, None)?;
        Ok(id)
    }

    /// Deletes the published version of a document in a locale with its links. The draft stays, and so do links of others to the document.
    /// Returns `false` if it was not published.
    pub fn unpublish_row(&mut self, ct: TypeId, document_id: &str, locale: &str) -> Result<bool> {
        let registry = self.tx.registry();
        let sql = format!(
            "SELECT id FROM {} WHERE document_id = ?1 AND locale = ?2 AND _status = 1",
            Ident::table(registry.get(ct))
        );
        let old: Vec<i64> = self.tx.query_ids(&sql, &[document_id.to_owned().into(), locale.to_owned().into()])?;
        self.delete_rows(ct, &old, true, locale)?;
        Ok(!old.is_empty())
    }

    /// Gives every component instance in a value a new id.
    pub fn renumber_instances(&self, value: &mut Value) -> Result<()> {
        each_instance(value, &mut |i| {
            i.id = Some(self.tx.next_instance()?);
            Ok(())
        })
    }

    /// Gives every component instance without an id one.
    pub fn number_instances(&self, value: &mut Value) -> Result<()> {
        each_instance(value, &mut |i| {
            if i.id.is_none() {
                i.id = Some(self.tx.next_instance()?);
            }
            Ok(())
        })
    }

    /// Deletes versions of a document: one locale's, or all (`None`). Also deletes links to it: all of them once no version is left, else
    /// those from rows of that locale. Returns `false` if there was nothing.
    pub fn delete_versions(&mut self, ct: TypeId, document_id: &str, locale: Option<&str>) -> Result<bool> {
        let registry = self.tx.registry();
        let t = Ident::table(registry.get(ct));
        self.tx.lock_document(ct, document_id, LockMode::Delete)?;
        let text = format!("SELECT id, _status, locale FROM {t} WHERE document_id = ?1 ORDER BY id");
        let found: Vec<(i64, bool, String)> =
            self.tx.conn.query_all("deleting a document", &text, [document_id], |r| {
                Ok((r.get(0)?, r.get::<i64>(1)? == 1, r.get(2)?))
            })?;
        let (removed_versions, left): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|(_, _, l)| locale.is_none_or(|x| x == l));
        for (id, published, locale) in &removed_versions {
            self.delete_rows(ct, &[*id], *published, locale)?;
        }
        if removed_versions.is_empty() {
            return Ok(false);
        }
        self.unlink(ct, document_id, if left.is_empty() { None } else { locale })?;
        Ok(true)
    }

    fn delete_rows(&mut self, ct: TypeId, ids: &[i64], published: bool, locale: &str) -> Result<()> {
        let registry = self.tx.registry();
        let content_type = registry.get(ct);
        for id in ids {
            for (_, a) in content_type.attributes.iter() {
                if registry.attribute_link(a).is_some_and(|l| l.storage == LinkStorage::Table) {
                    self.tx.execute_sql(
                        &format!("DELETE FROM {} WHERE owner_id = ?1", Ident::links(content_type, a)),
                        &[(*id).into()],
                    )?;
                }
            }
            if self.tx.store.schema.references[ct.0 as usize] {
                self.tx.execute_sql(
                    &format!("DELETE FROM {} WHERE owner_id = ?1", Ident::references(content_type)),
                    &[(*id).into()],
                )?;
            }
            self.tx
                .execute_sql(&format!("DELETE FROM {} WHERE id = ?1", Ident::table(content_type)), &[(*id).into()])?;
            self.tx.adjust_row_count(ct, published, locale, -1);
        }
        self.tx.touch_type(ct);
        Ok(())
    }

    /// Deletes links to a document, from all rows or those of one locale.
    fn unlink(&mut self, ct: TypeId, document_id: &str, locale: Option<&str>) -> Result<()> {
        let store = self.tx.store.clone();
        let registry = &store.registry;
        for incoming in &store.schema.link_sources[ct.0 as usize] {
            let owner = registry.get(incoming.owner);
            let t = Ident::table(owner);
            // Rows of types that are not localised point at the document whatever its locales.
            if locale.is_some() && !owner.localized {
                continue;
            }
            let mut binds: Vec<SqlValue> = vec![document_id.to_owned().into()];
            let in_locale = locale.map(|l| {
                binds.push(l.to_owned().into());
                format!("locale = ?{}", binds.len())
            });
            let owned = |l: &str| format!(" AND owner_id IN (SELECT id FROM {t} WHERE {l})");
            let changed = match incoming.location {
                LinkLocation::Column(a) => {
                    let a = &owner.attributes[a];
                    let c = Ident::column(a);
                    let order = match registry.attribute_link(a) {
                        Some(AttributeLink { side: RelationSide::Owner { .. }, .. }) => {
                            format!(", {} = NULL", Ident::position(a))
                        }
                        _ => String::new(),
                    };
                    let and = in_locale.map_or(String::new(), |l| format!(" AND {l}"));
                    self.tx.execute_sql(&format!("UPDATE {t} SET {c} = NULL{order} WHERE {c} = ?1{and}"), &binds)?
                }
                LinkLocation::Table(a) => {
                    let and = in_locale.map_or(String::new(), |l| owned(&l));
                    let l = Ident::links(owner, &owner.attributes[a]);
                    self.tx.execute_sql(&format!("DELETE FROM {l} WHERE target = ?1{and}"), &binds)?
                }
                LinkLocation::References => {
                    let and = in_locale.map_or(String::new(), |l| owned(&l));
                    binds.push(registry.get(ct).uid.clone().into());
                    let r = Ident::references(owner);
                    self.tx.execute_sql(
                        &format!("DELETE FROM {r} WHERE target = ?1 AND target_type = ?{}{and}", binds.len()),
                        &binds,
                    )?
                }
            };
            if changed > 0 {
                self.tx.touch_type(owner.id);
            }
        }
        Ok(())
    }

    fn write_references(&self, ct: TypeId, id: i64, row: &DocumentRow) -> Result<()> {
        if !self.tx.store.schema.references[ct.0 as usize] {
            return Ok(());
        }
        let registry = &self.tx.store.registry;
        let found = reference_rows(registry, row);
        let text = format!(
            "INSERT INTO {} (owner_id, instance, attribute, target_type, target, pos) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO NOTHING",
            Ident::references(registry.get(ct))
        );
        let rows: Vec<Vec<Param<'_>>> = found
            .iter()
            .map(|(instance, attribute, target, pos)| {
                let uid = &registry.get(target.content_type).uid;
                vec![
                    id.into(),
                    (*instance).into(),
                    attribute.param(),
                    uid.param(),
                    target.document_id.param(),
                    (*pos).into(),
                ]
            })
            .collect();
        self.tx.conn.execute_each("writing a reference", &text, &rows)
    }
}

impl WriteTx<'_> {
    pub(crate) fn execute_sql(&self, text: &str, binds: &[SqlValue]) -> Result<usize> {
        self.conn.execute("writing", text, binds)
    }

    pub(crate) fn query_ids(&self, text: &str, binds: &[SqlValue]) -> Result<Vec<i64>> {
        self.conn.query_all("looking up rows", text, binds, |r| r.get(0))
    }
}

fn each_instance(value: &mut Value, f: &mut impl FnMut(&mut Instance) -> Result<()>) -> Result<()> {
    let mut visit = |i: &mut Instance| {
        f(i)?;
        i.values.iter_mut().try_for_each(|v| each_instance(v, &mut *f))
    };
    match value {
        Value::Instance(i) => visit(i),
        Value::Instances(list) => list.iter_mut().try_for_each(visit),
        _ => Ok(()),
    }
}

/// The rows of the reference table for a row's components: instance, attribute, target and position.
pub(super) fn reference_rows<'a>(registry: &Registry, row: &'a DocumentRow) -> Vec<(i64, String, &'a LinkTarget, i64)> {
    let mut found = Vec::new();
    for value in &row.values {
        collect_links(registry, value, &mut found);
    }
    found
}

fn collect_links<'a>(registry: &Registry, value: &'a Value, found: &mut Vec<(i64, String, &'a LinkTarget, i64)>) {
    let visit = |i: &'a Instance, found: &mut Vec<_>| {
        let component = registry.component(i.component);
        for (n, v) in i.values.iter().enumerate() {
            match v {
                Value::Links(targets) => {
                    for (pos, t) in targets.iter().enumerate() {
                        found.push((
                            i.id.unwrap_or(0),
                            reference_name(component, &component.attributes[n]),
                            t,
                            pos as i64,
                        ));
                    }
                }
                other => collect_links(registry, other, found),
            }
        }
    };
    match value {
        Value::Instance(i) => visit(i, found),
        Value::Instances(list) => list.iter().for_each(|i| visit(i, found)),
        _ => {}
    }
}

pub(super) fn row_cells(registry: &Registry, ct: TypeId, sql: &RowSql, row: &DocumentRow) -> Vec<SqlValue> {
    let content_type = registry.get(ct);
    let mut cells: Vec<SqlValue> = Vec::with_capacity(sql.columns.len() + 8);
    cells.push(row.document_id.clone().into());
    cells.push(row.locale.clone().into());
    cells.push(i64::from(row.published).into());
    cells.push(row.created_at.clone().into());
    cells.push(row.updated_at.clone().into());
    cells.push(row.published_at.clone().into());
    cells.push(row.version.max(1).into());
    for (attribute, cell) in &sql.columns {
        match cell {
            RowCell::Scalar(_) => cells.push(sql_value(&row.values[*attribute])),
            RowCell::Components => {
                let mut text = String::new();
                cairn_model::stored_values::write_value(
                    registry,
                    &content_type.attributes[*attribute],
                    &row.values[*attribute],
                    &mut text,
                );
                cells.push(if text == "null" { SqlValue::Null } else { SqlValue::Text(text) });
            }
            RowCell::ToOne { ordered } => {
                let link = row.to_one.get(attribute);
                cells.push(link.map_or(SqlValue::Null, |(t, _)| t.clone().into()));
                if *ordered {
                    cells.push(link.map_or(SqlValue::Null, |(_, p)| (*p).into()));
                }
            }
        }
    }
    cells
}

pub(crate) fn sql_value(value: &Value) -> SqlValue {
    match value {
        Value::Bool(b) => SqlValue::Bool(*b),
        Value::Int(i) => SqlValue::Integer(*i),
        Value::Float(f) => SqlValue::Real(*f),
        Value::Text(t) => SqlValue::Text(t.clone()),
        Value::Json(serde_json::Value::Null) => SqlValue::Null,
        Value::Json(j) => SqlValue::Text(j.to_string()),
        Value::Absent | Value::Null | Value::Instance(_) | Value::Instances(_) | Value::Links(_) | Value::Change(_) => {
            SqlValue::Null
        }
    }
}

/// A stored value in its canonical form.
pub(crate) fn read_scalar(t: ColumnType, value: ValueRef<'_>) -> Value {
    match (t, value) {
        (_, ValueRef::Null | ValueRef::Blob(_)) => Value::Null,
        (ColumnType::Boolean, ValueRef::Integer(i)) => Value::Bool(i != 0),
        (ColumnType::Float, ValueRef::Integer(i)) => Value::Float(i as f64),
        (_, ValueRef::Integer(i)) => Value::Int(i),
        (_, ValueRef::Real(f)) => Value::Float(f),
        (ColumnType::Json, ValueRef::Text(t)) => serde_json::from_slice(t).map_or(Value::Null, Value::Json),
        (_, other) => other.to_text().map_or(Value::Null, |t| Value::Text(t.into_owned())),
    }
}
