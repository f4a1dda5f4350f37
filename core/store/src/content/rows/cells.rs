//! The columns of a type's table: the statements over them, and values → cells and back.

use super::DocumentRow;
use crate::connection::{Value as SqlValue, ValueRef};
use crate::ident::Ident;
use cairn_model::*;

/// The fixed statements of a type's table.
#[derive(Debug)]
pub(crate) struct RowSql {
    pub(super) insert: String,
    pub(super) update: String,
    pub(super) select: String,
    pub(super) columns: Vec<(AttributeId, RowCell)>,
    /// The attributes that have a collation key; these are written behind the other columns.
    keyed: Vec<AttributeId>,
    /// Names of the columns that are written, quoted; the row's id is not among them.
    pub(in crate::content) names: Vec<String>,
    /// True if a unique index may refuse a row.
    pub(super) unique: bool,
    /// The targets of a row, as [`linked_rows_sql`] reads them.
    pub(crate) linked: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum RowCell {
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
        let select = format!("SELECT id, {} FROM {t}", names.join(", "));
        let keyed: Vec<AttributeId> = ct.keyed_attributes().map(|(id, _)| id).collect();
        names.extend(keyed.iter().map(|&id| Ident::collation_key(&ct.attributes[id]).to_string()));
        let marks: Vec<String> = (1..=names.len()).map(|i| format!("?{i}")).collect();
        let sets: Vec<String> = names.iter().zip(&marks).map(|(n, m)| format!("{n} = {m}")).collect();
        Self {
            insert: format!("INSERT INTO {t} ({}) VALUES ({})", names.join(", "), marks.join(", ")),
            update: format!("UPDATE {t} SET {} WHERE id = ?{}", sets.join(", "), names.len() + 1),
            select,
            keyed,
            columns,
            names,
            linked: linked_rows_sql(registry, ct, "owner_id = ?1"),
            unique: !ct.unique_keys.is_empty() || ct.attributes.iter().any(|(_, a)| a.unique && a.is_scalar()),
        }
    }
}

/// The links of rows through link tables and morph attributes, in order: attribute, type (for morph), target, row. `rows`: a condition on
/// `owner_id`. `None` if the type has neither.
pub(in crate::content) fn linked_rows_sql(registry: &Registry, ct: &ContentType, rows: &str) -> Option<String> {
    let storage = |a: &Attribute| registry.attribute_link(a).map(|l| l.storage);
    let mut parts: Vec<String> = Vec::new();
    for (_, a) in ct.attributes.iter().filter(|(_, a)| storage(a) == Some(LinkStorage::Table)) {
        let (name, links) = (a.name.replace('\'', "''"), Ident::links(ct, a));
        parts.push(format!(
            "SELECT '{name}' AS a, CAST(NULL AS text) AS t, target, pos, owner_id FROM {links} WHERE {rows}"
        ));
    }
    if ct.attributes.iter().any(|(_, a)| storage(a) == Some(LinkStorage::References)) {
        let references = Ident::references(ct);
        parts.push(format!(
            "SELECT attribute, target_type, target, pos, owner_id FROM {references} WHERE {rows} AND instance = 0"
        ));
    }
    (!parts.is_empty()).then(|| format!("{} ORDER BY 1, 4", parts.join(" UNION ALL ")))
}

/// The values of a row for [`RowSql::names`], in their order.
pub(in crate::content) fn row_cells(registry: &Registry, ct: TypeId, sql: &RowSql, row: &DocumentRow) -> Vec<SqlValue> {
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
    if let Some(collation) = &content_type.collation {
        cells.extend(sql.keyed.iter().map(|&attribute| match &row.values[attribute] {
            Value::Text(text) => SqlValue::Bytes(collation.key_of(text, &row.locale)),
            _ => SqlValue::Null,
        }));
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
