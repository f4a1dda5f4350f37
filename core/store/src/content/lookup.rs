//! Small look-ups before and inside writes: which document an id names, whether it exists, which entry has a unique value.

use super::rows::{DocumentRow, sql_value};
use crate::Reader;
use crate::Result;
use crate::connection::{Connection, Param, Value as SqlValue};
use crate::ident::Ident;
use crate::namespaces;
use cairn_model::*;
use std::collections::HashMap;

impl namespaces::Documents<Reader<'_>> {
    /// Resolves a client's reference to a document: by document id if some version of it exists (in that locale, if one is given and the
    /// type is localised), or by the numeric id of one of its rows.
    pub fn resolve(&self, ct: TypeId, target: &TargetRef, locale: Option<&str>) -> Result<Option<String>> {
        resolve(self.tx.conn, &self.tx.store.registry, ct, target, locale)
    }

    /// True if a version of a document exists.
    pub fn exists(&self, ct: TypeId, document_id: &str, locale: Option<&str>) -> Result<bool> {
        exists(self.tx.conn, &self.tx.store.registry, ct, document_id, locale)
    }

    /// Does the same as [`documents().resolve`](crate::namespaces::Documents::resolve) for many references at once; those that name no
    /// document are left out.
    pub fn resolve_all(
        &self,
        ct: TypeId,
        targets: &[&TargetRef],
        locale: Option<&str>,
    ) -> Result<HashMap<TargetRef, String>> {
        let content_type = self.tx.store.registry.get(ct);
        let t = Ident::table(content_type);
        let (mut documents, mut rows): (Vec<&str>, Vec<i64>) = (Vec::new(), Vec::new());
        for target in targets {
            match target {
                TargetRef::Document(id) => documents.push(id),
                TargetRef::Row(id) => rows.push(*id),
            }
        }
        let mut found = HashMap::with_capacity(targets.len());
        let doing = "looking up documents";
        if !documents.is_empty() {
            let mut sql = format!(
                "SELECT DISTINCT document_id FROM {t} WHERE {}",
                self.tx.conn.dialect().in_list("document_id", 1)
            );
            let mut values = vec![Param::Texts(&documents)];
            if let Some(locale) = locale.filter(|_| content_type.localized) {
                sql.push_str(" AND locale = ?2");
                values.push(Param::Text(locale));
            }
            self.tx.conn.query(doing, &sql, &values[..], |r| {
                let id: String = r.get(0)?;
                found.insert(TargetRef::Document(id.clone()), id);
                Ok(())
            })?;
        }
        if !rows.is_empty() {
            let sql = format!("SELECT id, document_id FROM {t} WHERE {}", self.tx.conn.dialect().in_list("id", 1));
            self.tx.conn.query(doing, &sql, &[Param::Integers(&rows)][..], |r| {
                found.insert(TargetRef::Row(r.get(0)?), r.get(1)?);
                Ok(())
            })?;
        }
        Ok(found)
    }

    /// The document of a single type: any one that exists.
    pub fn find_any(&self, ct: TypeId) -> Result<Option<String>> {
        any_document(self.tx.conn, &self.tx.store.registry, ct)
    }

    /// The unique attributes whose value another published document holds in that locale.
    pub fn find_unique_clashes(
        &self,
        ct: TypeId,
        document_id: &str,
        locale: &str,
        values: &[Value],
    ) -> Result<Vec<AttributeId>> {
        unique_clashes(self.tx.conn, self.tx.store.registry.get(ct), document_id, locale, values)
    }
}

fn resolve(
    conn: &Connection,
    registry: &Registry,
    ct: TypeId,
    target: &TargetRef,
    locale: Option<&str>,
) -> Result<Option<String>> {
    match target {
        TargetRef::Document(id) => Ok(exists(conn, registry, ct, id, locale)?.then(|| id.clone())),
        TargetRef::Row(id) => {
            let text = format!("SELECT document_id FROM {} WHERE id = ?1", Ident::table(registry.get(ct)));
            conn.query_first("looking up a document", &text, [id], |r| r.get(0))
        }
    }
}

fn exists(conn: &Connection, registry: &Registry, ct: TypeId, document_id: &str, locale: Option<&str>) -> Result<bool> {
    let content_type = registry.get(ct);
    let locale = locale.filter(|_| content_type.localized);
    let t = Ident::table(content_type);
    let doing = "looking up a document";
    match locale {
        Some(locale) => {
            let text = format!("SELECT 1 FROM {t} WHERE document_id = ?1 AND locale = ?2 LIMIT 1");
            conn.exists(doing, &text, (document_id, locale))
        }
        None => conn.exists(doing, &format!("SELECT 1 FROM {t} WHERE document_id = ?1 LIMIT 1"), [document_id]),
    }
}

pub(super) fn any_document(conn: &Connection, registry: &Registry, ct: TypeId) -> Result<Option<String>> {
    let text = format!("SELECT document_id FROM {} ORDER BY id LIMIT 1", Ident::table(registry.get(ct)));
    conn.query_first("looking up a document", &text, (), |r| r.get(0))
}

/// Returns the additional condition on a unique attribute that lets the database use the index over its values: that there is one.
pub(super) fn unique_index_condition(a: &Attribute, expression: &str) -> String {
    let has_index = a.unique && a.kind.column_type() == Some(ColumnType::Text);
    if has_index { format!(" AND {expression} <> ''") } else { String::new() }
}

pub(super) fn unique_clashes(
    conn: &Connection,
    ct: &ContentType,
    document_id: &str,
    locale: &str,
    values: &[Value],
) -> Result<Vec<AttributeId>> {
    let mut clashes = Vec::new();
    for (id, a) in ct.attributes.iter() {
        // An empty text is no value either.
        let is_filled = |value: &&Value| !value.is_empty() && !matches!(value, Value::Text(text) if text.is_empty());
        let Some(value) = values.get(id).filter(|_| a.unique && a.is_scalar()).filter(is_filled) else { continue };
        let column = Ident::column(a);
        let text = format!(
            "SELECT 1 FROM {} WHERE {column} = ?1 AND locale = ?2 AND _status = 1{} AND document_id <> ?3 LIMIT 1",
            Ident::table(ct),
            unique_index_condition(a, &column.to_string())
        );
        if conn.exists("checking a unique value", &text, (sql_value(value), locale, document_id))? {
            clashes.push(id);
        }
    }
    Ok(clashes)
}

pub(super) fn unique_key_clash(conn: &Connection, ct: &ContentType, row: &DocumentRow) -> Result<Option<AttributeId>> {
    for key in &ct.unique_keys {
        let value = |id: &AttributeId| match row.to_one.get(id) {
            Some((target, _)) => SqlValue::Text(target.clone()),
            None => row.values.get(*id).map_or(SqlValue::Null, sql_value),
        };
        let mut values: Vec<SqlValue> = key.iter().map(value).collect();
        if values.contains(&SqlValue::Null) {
            continue;
        }
        let column = |(i, id): (usize, &AttributeId)| format!("{} = ?{}", Ident::column(&ct.attributes[*id]), i + 1);
        let same: Vec<String> = key.iter().enumerate().map(column).collect();
        let n = values.len();
        let text = format!(
            "SELECT 1 FROM {} WHERE {} AND locale = ?{} AND document_id <> ?{} LIMIT 1",
            Ident::table(ct),
            same.join(" AND "),
            n + 1,
            n + 2
        );
        values.extend([row.locale.clone().into(), row.document_id.clone().into()]);
        if conn.exists("checking a unique key", &text, &values[..])? {
            return Ok(key.first().copied());
        }
    }
    Ok(None)
}
