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
                let target = row.to_one.get(&id).zip(link.target).map(|((document_id, _), content_type)| LinkTarget {
                    content_type,
                    document_id: document_id.clone(),
                });
                targets_to_json(registry, link, target.as_slice())
            }
            Some(link) => targets_to_json(registry, link, linked.get(&id).map_or(&[], Vec::as_slice)),
            None if matches!(a.kind, FieldKind::Password | FieldKind::Unlinked { .. }) => continue,
            None => value_to_json(registry, a, &row.values[id]),
        };
        snapshot.insert(a.name.clone(), value);
    }
    snapshot
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
