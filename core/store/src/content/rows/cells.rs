//! Values → cells of a row, and back.

use super::DocumentRow;
use crate::connection::{Value as SqlValue, ValueRef};
use crate::schema::{RowCell, RowSql};
use cairn_model::*;

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
