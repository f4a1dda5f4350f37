//! Components in the form that a row stores: canonical JSON text, without blanks, keys in schema order.
//!
//! An instance is `{"__component"` (zones only)`, "id", "__origin"` (copies only)`,` then every scalar and component attribute`}`, nulls
//! included. Big integers and decimals are strings, so that no digit is lost. Relations and media are never part of it: the reference table stores them.

use crate::content_type::{Attribute, AttributeId, ColumnType, ComponentId, FieldKind};
use crate::fields::{canonical_decimal, canonical_decimal_of};
use crate::registry::Registry;
use crate::validate::{float_json, print_float};
use crate::value::{Instance, LinkTarget, Value};
use serde_json::{Map, Value as Json};
use std::fmt::Write;

/// The member of a stored instance that has [`Instance::origin`]. No attribute of a component has that name.
pub const ORIGIN_KEY: &str = "__origin";

/// Stored text that [`write_value`] cannot have written: the schema changed without a plan, or the row was edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("stored value of {attribute}: {problem}")]
pub struct StoredError {
    /// The attribute that is nearest to the problem.
    pub attribute: String,
    /// Description of the problem.
    pub problem: String,
}

/// Loads the links of an instance: from (instance id, attribute's position in its component) to targets in order.
pub type ReadLinks<'a> = dyn FnMut(i64, AttributeId) -> Vec<LinkTarget> + 'a;

/// Appends the canonical text of a component or zone attribute's value: an object or `null` for a single component, an
/// array for a list or zone (also where the value is null or absent).
pub fn write_value(reg: &Registry, attribute: &Attribute, value: &Value, out: &mut String) {
    let zone = matches!(attribute.kind, FieldKind::DynamicZone { .. });
    match (&attribute.kind, value) {
        (FieldKind::Component { repeatable: true, .. } | FieldKind::DynamicZone { .. }, value) => {
            let instances: &[Instance] = if let Value::Instances(list) = value { list } else { &[] };
            out.push('[');
            for (i, instance) in instances.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_instance(reg, instance, zone, out);
            }
            out.push(']');
        }
        (FieldKind::Component { .. }, Value::Instance(instance)) => write_instance(reg, instance, false, out),
        (FieldKind::Component { .. }, _) => out.push_str("null"),
        (kind, value) => write_scalar(value, kind.column_type(), out),
    }
}

fn write_instance(reg: &Registry, instance: &Instance, zone: bool, out: &mut String) {
    let component = reg.component(instance.component);
    out.push('{');
    if zone {
        out.push_str("\"__component\":");
        write_text(&component.uid, out);
        out.push(',');
    }
    out.push_str("\"id\":");
    write_scalar(&instance.id.map_or(Value::Null, Value::Int), Some(ColumnType::Integer), out);
    if let Some(origin) = instance.origin {
        let _ = write!(out, ",\"{ORIGIN_KEY}\":{origin}");
    }
    let is_stored = |(_, a): &(AttributeId, &Attribute)| reg.attribute_link(a).is_none() && !a.is_unlinked();
    for (i, attribute) in component.attributes.iter().filter(is_stored) {
        out.push(',');
        write_text(&attribute.name, out);
        out.push(':');
        write_value(reg, attribute, instance.values.get(i).unwrap_or(&Value::Null), out);
    }
    out.push('}');
}

fn write_scalar(value: &Value, column: Option<ColumnType>, out: &mut String) {
    match value {
        Value::Float(float) if float.is_finite() => out.push_str(&print_float(*float)),
        // A decimal is a string here, though a number in answers.
        Value::Text(text) => write_text(text, out),
        Value::Absent | Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Int(int) if column != Some(ColumnType::BigInteger) => {
            let _ = write!(out, "{int}");
        }
        other => out.push_str(&scalar_to_json(other, column).to_string()),
    }
}

fn write_text(text: &str, out: &mut String) {
    let is_plain = text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
    if is_plain {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&Json::from(text).to_string());
    }
}

/// A scalar in the form of responses and errors: a big integer as a string, a decimal as a number. Components and links, whose names only
/// the registry knows, are null.
pub fn scalar_to_json(value: &Value, column: Option<ColumnType>) -> Json {
    match value {
        Value::Bool(flag) => (*flag).into(),
        Value::Int(int) if column == Some(ColumnType::BigInteger) => int.to_string().into(),
        Value::Int(int) => (*int).into(),
        Value::Float(float) => float_json(*float),
        Value::Text(text) if column == Some(ColumnType::Decimal) => {
            let int = text.parse::<i64>().map(Json::from);
            int.unwrap_or_else(|_| text.parse().map_or(Json::Null, float_json))
        }
        Value::Text(text) => text.as_str().into(),
        Value::Json(json) => json.clone(),
        Value::Absent | Value::Null => Json::Null,
        Value::Instance(_) | Value::Instances(_) | Value::Links(_) | Value::Change(_) => Json::Null,
    }
}

/// Reads what [`write_value`] wrote. Missing attributes become null (lists empty), unknown ones are ignored. Returns an error for text that
/// is not JSON, a value that does not have its attribute's type, an unknown component.
pub fn read_value(
    reg: &Registry,
    attribute: &Attribute,
    text: &str,
    links: &mut ReadLinks<'_>,
) -> Result<Value, StoredError> {
    let json = serde_json::from_str(text).map_err(|error| stored_error(attribute, error.to_string()))?;
    StoredReader { reg, links }.read_attribute(attribute, json)
}

fn stored_error(attribute: &Attribute, problem: String) -> StoredError {
    StoredError { attribute: attribute.name.clone(), problem }
}

struct StoredReader<'a, 'b> {
    reg: &'a Registry,
    links: &'a mut ReadLinks<'b>,
}

impl StoredReader<'_, '_> {
    fn read_attribute(&mut self, attribute: &Attribute, json: Json) -> Result<Value, StoredError> {
        match (&attribute.kind, json) {
            (FieldKind::Component { repeatable: true, .. } | FieldKind::DynamicZone { .. }, Json::Null) => {
                Ok(Value::Instances(Vec::new()))
            }
            (_, Json::Null) => Ok(Value::Null),
            (FieldKind::Component { component, repeatable: true }, Json::Array(list)) => {
                let read = list.into_iter().map(|item| self.read_object(attribute, *component, item));
                Ok(Value::Instances(read.collect::<Result<_, _>>()?))
            }
            (FieldKind::Component { component, .. }, json @ Json::Object(_)) => {
                Ok(Value::Instance(Box::new(self.read_object(attribute, *component, json)?)))
            }
            (FieldKind::DynamicZone { .. }, Json::Array(list)) => {
                let read = list.into_iter().map(|item| {
                    let uid = item.get("__component").and_then(Json::as_str).unwrap_or_default();
                    let component = self.reg.component_by_uid(uid).map(|component| component.id);
                    let component =
                        component.ok_or_else(|| stored_error(attribute, format!("unknown component `{uid}`")))?;
                    self.read_object(attribute, component, item)
                });
                Ok(Value::Instances(read.collect::<Result<_, _>>()?))
            }
            (kind, json) => match kind.column_type() {
                Some(column) => read_scalar(attribute, column, json),
                None => Err(stored_error(attribute, "is of the wrong type".to_owned())),
            },
        }
    }

    fn read_object(
        &mut self,
        attribute: &Attribute,
        component: ComponentId,
        json: Json,
    ) -> Result<Instance, StoredError> {
        let Json::Object(map) = json else {
            return Err(stored_error(attribute, "an instance is not an object".to_owned()));
        };
        self.read_instance(component, map)
    }

    fn read_instance(&mut self, component: ComponentId, mut map: Map<String, Json>) -> Result<Instance, StoredError> {
        let id = map.get("id").and_then(Json::as_i64);
        let origin = map.get(ORIGIN_KEY).and_then(Json::as_i64);
        let reg = self.reg;
        let mut values = Vec::with_capacity(reg.component(component).attributes.len());
        for (i, attribute) in reg.component(component).attributes.iter() {
            values.push(match reg.attribute_link(attribute) {
                Some(_) => Value::Links(id.map_or_else(Vec::new, |id| (self.links)(id, i))),
                None => self.read_attribute(attribute, map.remove(&attribute.name).unwrap_or_default())?,
            });
        }
        Ok(Instance { component, id, origin, values })
    }
}

fn read_scalar(attribute: &Attribute, column: ColumnType, json: Json) -> Result<Value, StoredError> {
    use ColumnType as Column;
    let read = match (column, json) {
        (Column::Text | Column::Date | Column::DateTime | Column::Time, Json::String(text)) => Some(Value::Text(text)),
        (Column::Decimal, Json::String(text)) => canonical_decimal(&text).map(Value::Text),
        (Column::Decimal, Json::Number(number)) => canonical_decimal_of(&number).map(Value::Text),
        (Column::Integer | Column::BigInteger, Json::Number(number)) => number.as_i64().map(Value::Int),
        (Column::Integer | Column::BigInteger, Json::String(text)) => text.parse().ok().map(Value::Int),
        (Column::Float, Json::Number(number)) => number.as_f64().map(Value::Float),
        (Column::Boolean, Json::Bool(flag)) => Some(Value::Bool(flag)),
        (Column::Json, json) => Some(Value::Json(json)),
        _ => None,
    };
    read.ok_or_else(|| stored_error(attribute, format!("is not of type {column:?}")))
}
