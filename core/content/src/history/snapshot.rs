//! The content of a version in the form that the history stores: attributes by name, in the order of the schema.
//!
//! Scalars are as in REST, except decimals, which are texts so that no digit is lost. A component is an object with its `id` (and
//! `__component` in zones). Relations and media are lists of document ids; if any type may be linked, of `{"__type", "documentId"}`.
//! Passwords are never part of it, nor links that other documents store (the inverse side of relations).

use cairn_model::stored::to_json;
use cairn_model::*;
use cairn_store::content::Row;
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

/// The snapshot of a row, and of the links that it does not hold itself.
pub(crate) fn snapshot(
    registry: &Registry,
    ct: &ContentType,
    row: &Row,
    linked: &HashMap<AttributeId, Vec<Target>>,
) -> Map<String, Json> {
    let mut snapshot = Map::new();
    for (id, a) in ct.attributes.iter() {
        let value = match registry.link(a) {
            Some(Link { storage: LinkStorage::Inverse, .. }) => continue,
            Some(link @ Link { storage: LinkStorage::Column, .. }) => {
                let target = row
                    .to_one
                    .get(&id)
                    .zip(link.target)
                    .map(|((document_id, _), content_type)| Target { content_type, document_id: document_id.clone() });
                targets(registry, link, target.as_slice())
            }
            Some(link) => targets(registry, link, linked.get(&id).map_or(&[], Vec::as_slice)),
            None if matches!(a.kind, FieldKind::Password | FieldKind::Unlinked { .. }) => continue,
            None => value_of(registry, a, &row.values[id]),
        };
        snapshot.insert(a.name.clone(), value);
    }
    snapshot
}

fn value_of(registry: &Registry, a: &Attribute, value: &Value) -> Json {
    match (&a.kind, value) {
        (FieldKind::Component { repeatable: true, .. } | FieldKind::DynamicZone { .. }, Value::Instances(list)) => {
            let zone = matches!(a.kind, FieldKind::DynamicZone { .. });
            list.iter().map(|i| instance(registry, i, zone)).collect()
        }
        (FieldKind::Component { repeatable: true, .. } | FieldKind::DynamicZone { .. }, _) => json!([]),
        (FieldKind::Component { .. }, Value::Instance(i)) => instance(registry, i, false),
        (FieldKind::Decimal, Value::Text(text)) => text.as_str().into(),
        (kind, value) => to_json(value, kind.column_type()),
    }
}

fn instance(registry: &Registry, instance: &Instance, zone: bool) -> Json {
    let component = registry.component(instance.component);
    let mut object = Map::new();
    if zone {
        object.insert("__component".to_owned(), component.uid.as_str().into());
    }
    object.insert("id".to_owned(), instance.id.into());
    for (i, a) in component.attributes.iter() {
        let value = instance.values.get(i).unwrap_or(&Value::Null);
        let json = match (registry.link(a), value) {
            (Some(link), Value::Links(list)) => targets(registry, link, list),
            (Some(link), _) => targets(registry, link, &[]),
            (None, _) if matches!(a.kind, FieldKind::Password | FieldKind::Unlinked { .. }) => continue,
            (None, value) => value_of(registry, a, value),
        };
        object.insert(a.name.clone(), json);
    }
    Json::Object(object)
}

fn targets(registry: &Registry, link: Link, targets: &[Target]) -> Json {
    let one = |t: &Target| match link.target {
        Some(_) => Json::from(t.document_id.as_str()),
        None => json!({ "__type": registry.get(t.content_type).uid, "documentId": t.document_id }),
    };
    targets.iter().map(one).collect()
}
