//! The entry of a deleted version, from its history: without private attributes, with ids in place of linked documents.

use cairn_model::{Attributes, ContentType, FieldKind, Registry};
use serde_json::{Map, Value as Json, json};

/// The ids, which are always known.
pub(super) fn entry_ids(document_id: &str, locale: Option<&str>) -> Map<String, Json> {
    let mut ids = Map::new();
    ids.insert("documentId".to_owned(), document_id.into());
    if let Some(locale) = locale {
        ids.insert("locale".to_owned(), locale.into());
    }
    ids
}

/// The ids with the values of a snapshot.
pub(super) fn entry_from_snapshot(
    registry: &Registry,
    ct: &ContentType,
    mut entry: Map<String, Json>,
    snapshot: Option<Json>,
) -> Json {
    if let Some(Json::Object(snapshot)) = snapshot {
        copy_attributes(registry, &ct.attributes, &snapshot, &mut entry);
    }
    Json::Object(entry)
}

fn copy_attributes(registry: &Registry, attributes: &Attributes, from: &Map<String, Json>, to: &mut Map<String, Json>) {
    for (_, a) in attributes.iter() {
        let Some(value) = from.get(&a.name).filter(|_| !a.is_hidden()) else { continue };
        let value = match &a.kind {
            FieldKind::Relation(_) | FieldKind::Media { .. } => {
                links_json(value, registry.attribute_link(a).is_some_and(|link| link.many))
            }
            FieldKind::Component { component, .. } => {
                let attributes = &registry.component(*component).attributes;
                match value {
                    Json::Array(list) => list.iter().map(|json| component_json(registry, attributes, json)).collect(),
                    one => component_json(registry, attributes, one),
                }
            }
            FieldKind::DynamicZone { .. } => {
                let render_item = |json: &Json| {
                    let uid = json.get("__component").and_then(Json::as_str)?;
                    let component = registry.component_by_uid(uid)?;
                    Some(component_json(registry, &component.attributes, json))
                };
                value.as_array().into_iter().flatten().filter_map(render_item).collect()
            }
            _ => value.clone(),
        };
        to.insert(a.name.clone(), value);
    }
}

fn component_json(registry: &Registry, attributes: &Attributes, json: &Json) -> Json {
    let Some(map) = json.as_object() else { return Json::Null };
    let mut to = Map::new();
    for key in ["__component", "id"] {
        if let Some(value) = map.get(key) {
            to.insert(key.to_owned(), value.clone());
        }
    }
    copy_attributes(registry, attributes, map, &mut to);
    Json::Object(to)
}

/// Ids as objects: populated documents have this shape too.
fn links_json(value: &Json, many: bool) -> Json {
    let one = |json: &Json| match json {
        Json::String(document_id) => json!({ "documentId": document_id }),
        other => other.clone(),
    };
    let mut all = value.as_array().into_iter().flatten().map(one);
    if many { all.collect() } else { all.next().unwrap_or(Json::Null) }
}
