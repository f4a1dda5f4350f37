//! The content of a version in the form that the history stores: attributes by name, in the order of the schema.
//!
//! Scalars are as in REST, except decimals, which are texts so that no digit is lost. A component is an object with its `id` (and
//! `__component` in zones). Relations and media are lists of document ids; if any type may be linked, of `{"__type", "documentId"}`.
//! Passwords are never part of it, nor links that other documents store (the inverse side of relations).

use cairn_model::stored_values::scalar_to_json;
use cairn_model::*;
use cairn_store::content::DocumentRow;
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

/// The snapshot of a row, and of the links that it does not hold itself.
pub(crate) fn build_snapshot(
    registry: &Registry,
    ct: &ContentType,
    row: &DocumentRow,
    linked: &HashMap<AttributeId, Vec<LinkTarget>>,
) -> Map<String, Json> {
    let mut snapshot = Map::new();
    for (id, a) in ct.attributes.iter() {
        let value = match registry.attribute_link(a) {
            Some(AttributeLink { storage: LinkStorage::Inverse, .. }) => continue,
            Some(link @ AttributeLink { storage: LinkStorage::Column, .. }) => {
                targets_to_json(registry, link, column_target(row, id, link).as_slice())
            }
            Some(link) => targets_to_json(registry, link, linked.get(&id).map_or(&[], Vec::as_slice)),
            None if matches!(a.kind, FieldKind::Password | FieldKind::Unlinked { .. }) => continue,
            None => value_to_json(registry, a, &row.values[id]),
        };
        snapshot.insert(a.name.clone(), value);
    }
    snapshot
}

/// The text of the snapshot of a row, as [`build_snapshot`] builds it, without values in between.
pub(super) fn write_snapshot(
    registry: &Registry,
    ct: &ContentType,
    row: &DocumentRow,
    linked: &HashMap<AttributeId, Vec<LinkTarget>>,
) -> String {
    let mut text = String::with_capacity(1_024);
    text.push('{');
    for (id, a) in ct.attributes.iter() {
        let link = registry.attribute_link(a);
        let is_left_out = match link {
            Some(link) => link.storage == LinkStorage::Inverse,
            None => matches!(a.kind, FieldKind::Password | FieldKind::Unlinked { .. }),
        };
        if is_left_out {
            continue;
        }
        write_key(&a.name, &mut text);
        match link {
            Some(link @ AttributeLink { storage: LinkStorage::Column, .. }) => {
                let target = column_target(row, id, link);
                write_targets(registry, link, target.as_slice(), &mut text);
            }
            Some(link) => write_targets(registry, link, linked.get(&id).map_or(&[], Vec::as_slice), &mut text),
            None => write_value(registry, a, &row.values[id], &mut text),
        }
    }
    text.push('}');
    text
}

/// True if the version has something in an attribute, an empty list aside.
pub(super) fn is_filled(
    registry: &Registry,
    row: &DocumentRow,
    linked: &HashMap<AttributeId, Vec<LinkTarget>>,
    id: AttributeId,
    a: &Attribute,
) -> bool {
    match registry.attribute_link(a) {
        Some(link @ AttributeLink { storage: LinkStorage::Column, .. }) => column_target(row, id, link).is_some(),
        Some(link) if link.storage != LinkStorage::Inverse => {
            linked.get(&id).is_some_and(|targets| !targets.is_empty())
        }
        // A password is nowhere but in its column.
        _ if matches!(a.kind, FieldKind::Password) => !row.values[id].is_empty(),
        _ => match &row.values[id] {
            Value::Instances(list) => !list.is_empty(),
            Value::Json(Json::Array(list)) => !list.is_empty(),
            Value::Json(json) => !json.is_null(),
            value => !value.is_empty(),
        },
    }
}

/// The target of an attribute that the row itself holds.
fn column_target(row: &DocumentRow, id: AttributeId, link: AttributeLink) -> Option<LinkTarget> {
    let (document_id, _) = row.to_one.get(&id)?;
    Some(LinkTarget { content_type: link.target?, document_id: document_id.clone() })
}

/// Writes the key of a member and what separates it from the one before.
fn write_key(name: &str, out: &mut String) {
    if !out.ends_with('{') {
        out.push(',');
    }
    write_text(name, out);
    out.push(':');
}

fn write_text(text: &str, out: &mut String) {
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&serde_json::to_string(text).unwrap_or_default());
    }
}

fn write_value(registry: &Registry, a: &Attribute, value: &Value, out: &mut String) {
    match (&a.kind, value) {
        (FieldKind::Component { repeatable: true, .. } | FieldKind::DynamicZone { .. }, Value::Instances(list)) => {
            let zone = matches!(a.kind, FieldKind::DynamicZone { .. });
            write_list(list, out, |instance, out| write_instance(registry, instance, zone, out));
        }
        (FieldKind::Component { repeatable: true, .. } | FieldKind::DynamicZone { .. }, _) => out.push_str("[]"),
        (FieldKind::Component { .. }, Value::Instance(i)) => write_instance(registry, i, false, out),
        (FieldKind::Decimal, Value::Text(text)) => write_text(text, out),
        (kind, Value::Text(text)) if kind.column_type() != Some(ColumnType::Decimal) => write_text(text, out),
        (_, Value::Absent | Value::Null) => out.push_str("null"),
        (_, Value::Bool(flag)) => out.push_str(if *flag { "true" } else { "false" }),
        (kind, other) => {
            out.push_str(&serde_json::to_string(&scalar_to_json(other, kind.column_type())).unwrap_or_default());
        }
    }
}

fn write_instance(registry: &Registry, instance: &Instance, zone: bool, out: &mut String) {
    let component = registry.component(instance.component);
    out.push('{');
    if zone {
        write_key("__component", out);
        write_text(&component.uid, out);
    }
    write_key("id", out);
    match instance.id {
        Some(id) => out.push_str(&id.to_string()),
        None => out.push_str("null"),
    }
    for (i, a) in component.attributes.iter() {
        let value = instance.values.get(i).unwrap_or(&Value::Null);
        let link = registry.attribute_link(a);
        if link.is_none() && matches!(a.kind, FieldKind::Password | FieldKind::Unlinked { .. }) {
            continue;
        }
        write_key(&a.name, out);
        match (link, value) {
            (Some(link), Value::Links(list)) => write_targets(registry, link, list, out),
            (Some(link), _) => write_targets(registry, link, &[], out),
            (None, value) => write_value(registry, a, value, out),
        }
    }
    out.push('}');
}

fn write_targets(registry: &Registry, link: AttributeLink, targets: &[LinkTarget], out: &mut String) {
    write_list(targets, out, |target, out| match link.target {
        Some(_) => write_text(&target.document_id, out),
        None => {
            out.push('{');
            write_key("__type", out);
            write_text(&registry.get(target.content_type).uid, out);
            write_key("documentId", out);
            write_text(&target.document_id, out);
            out.push('}');
        }
    });
}

fn write_list<T>(list: &[T], out: &mut String, write: impl Fn(&T, &mut String)) {
    out.push('[');
    for (i, item) in list.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}

fn value_to_json(registry: &Registry, a: &Attribute, value: &Value) -> Json {
    match (&a.kind, value) {
        (FieldKind::Component { repeatable: true, .. } | FieldKind::DynamicZone { .. }, Value::Instances(list)) => {
            let zone = matches!(a.kind, FieldKind::DynamicZone { .. });
            list.iter().map(|i| instance_to_json(registry, i, zone)).collect()
        }
        (FieldKind::Component { repeatable: true, .. } | FieldKind::DynamicZone { .. }, _) => json!([]),
        (FieldKind::Component { .. }, Value::Instance(i)) => instance_to_json(registry, i, false),
        (FieldKind::Decimal, Value::Text(text)) => text.as_str().into(),
        (kind, value) => scalar_to_json(value, kind.column_type()),
    }
}

fn instance_to_json(registry: &Registry, instance: &Instance, zone: bool) -> Json {
    let component = registry.component(instance.component);
    let mut object = Map::new();
    if zone {
        object.insert("__component".to_owned(), component.uid.as_str().into());
    }
    object.insert("id".to_owned(), instance.id.into());
    for (i, a) in component.attributes.iter() {
        let value = instance.values.get(i).unwrap_or(&Value::Null);
        let json = match (registry.attribute_link(a), value) {
            (Some(link), Value::Links(list)) => targets_to_json(registry, link, list),
            (Some(link), _) => targets_to_json(registry, link, &[]),
            (None, _) if matches!(a.kind, FieldKind::Password | FieldKind::Unlinked { .. }) => continue,
            (None, value) => value_to_json(registry, a, value),
        };
        object.insert(a.name.clone(), json);
    }
    Json::Object(object)
}

fn targets_to_json(registry: &Registry, link: AttributeLink, targets: &[LinkTarget]) -> Json {
    let one = |t: &LinkTarget| match link.target {
        Some(_) => Json::from(t.document_id.as_str()),
        None => json!({ "__type": registry.get(t.content_type).uid, "documentId": t.document_id }),
    };
    targets.iter().map(one).collect()
}
