//! An entry whole: the populate that shows all an editor works on, and the values that make another one like it.

use cairn_model::*;
use cairn_query::{Access, Action, QueryTree};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

/// Components inside components that are followed. The planner takes no more.
const MAX_COMPONENT_DEPTH: usize = 7;

/// The parameter `populate` for everything the caller may see of an entry: components and zones to their ends, media, and of related entries
/// what they are called by. `None`: there is nothing to populate.
pub(super) fn full_populate(registry: &Registry, ct: &ContentType, access: &Access) -> Option<QueryTree> {
    let is_readable =
        |id| access.allows_attribute(ct, id, Action::FindOne) || access.allows_attribute(ct, id, Action::Find);
    let mut attributes = ct.attributes.iter().filter(|(id, _)| is_readable(*id)).map(|(_, a)| a);
    populate_level(registry, access, &mut attributes, 0)
}

/// The populate parameter of one level, by attribute.
fn populate_level(
    registry: &Registry,
    access: &Access,
    attributes: &mut dyn Iterator<Item = &Attribute>,
    depth: usize,
) -> Option<QueryTree> {
    let inside = |component: ComponentId| -> QueryTree {
        if depth == MAX_COMPONENT_DEPTH {
            return "true".into();
        }
        let mut attributes = registry.component(component).attributes.iter().map(|(_, a)| a);
        let level = populate_level(registry, access, &mut attributes, depth + 1);
        level.map_or_else(|| "true".into(), |level| [("populate", level)].into())
    };
    let populate_attribute = |a: &Attribute| -> Option<QueryTree> {
        match &a.kind {
            FieldKind::Media { .. } | FieldKind::Relation(Relation { target: None, .. }) => Some("true".into()),
            FieldKind::Relation(Relation { target: Some(target), .. })
                if access.allows_action(*target, Action::Find) =>
            {
                let target = registry.get(*target);
                let mut shown: Vec<AttributeId> = target.title_attributes().collect();
                // Site users are told apart by their addresses.
                let email = target.attributes.get("email").filter(|_| target.id == registry.user_type().id);
                shown.extend(email.map(|(id, _)| id).filter(|id| !shown.contains(id)));
                let readable = shown.into_iter().filter(|id| access.allows_attribute(target, *id, Action::Find));
                let mut fields = vec![QueryTree::from("documentId")];
                fields.extend(readable.map(|id| QueryTree::from(&*target.attributes[id].name)));
                Some([("fields", fields)].into())
            }
            FieldKind::Component { component, .. } => Some(inside(*component)),
            FieldKind::DynamicZone { components } => {
                let on = components.iter().map(|id| (registry.component(*id).uid.clone(), inside(*id)));
                let on: QueryTree = on.collect();
                Some([("on", on)].into())
            }
            _ => None,
        }
    };
    let level: Vec<(String, QueryTree)> = attributes
        .filter(|a| !access.hides_attribute(a))
        .filter_map(|a| Some((a.name.clone(), populate_attribute(a)?)))
        .collect();
    (!level.is_empty()).then_some(QueryTree::Map(level))
}

/// The values of an entry, as [`full_populate`] showed it, for a new one: without ids, without what must be unique, and without related
/// entries that can belong to one only. Decimals are given as text, which keeps all their digits.
///
/// # Errors
/// It is no entry.
pub(super) fn copy_values(
    registry: &Registry,
    ct: &ContentType,
    access: &Access,
    entry: &RawValue,
) -> serde_json::Result<Map<String, Json>> {
    let title = ct.title_attribute().map(|id| ct.attributes[id].name.as_str());
    let mut may =
        ct.attributes.iter().filter(|(id, _)| access.allows_attribute(ct, *id, Action::Create)).map(|(_, a)| a);
    let mut values = copy_attributes(registry, &mut may, entry)?;
    if let Some(Json::String(text)) = title.and_then(|title| values.get_mut(title)) {
        let (_, a) = ct.attributes.get(title.unwrap_or_default()).unzip();
        let copy = format!("{text} (2)");
        let fits =
            a.is_some_and(|a| a.max_length.is_none_or(|most| copy.encode_utf16().count() <= most) && a.regex.is_none());
        if fits {
            *text = copy;
        }
    }
    Ok(values)
}

/// Component of a part of a dynamic zone, by its uid.
#[derive(Deserialize)]
struct ZonePart {
    #[serde(rename = "__component")]
    component: String,
}

fn copy_attributes(
    registry: &Registry,
    attributes: &mut dyn Iterator<Item = &Attribute>,
    entry: &RawValue,
) -> serde_json::Result<Map<String, Json>> {
    let members: HashMap<String, &RawValue> = serde_json::from_str(entry.get())?;
    let mut values = Map::new();
    for a in attributes.filter(|a| !a.unique) {
        let Some(raw) = members.get(&a.name).filter(|raw| raw.get() != "null") else { continue };
        let instance = |component: ComponentId, raw: &RawValue| {
            let mut attributes = registry.component(component).attributes.iter().map(|(_, a)| a);
            Ok::<Json, serde_json::Error>(Json::Object(self::copy_attributes(registry, &mut attributes, raw)?))
        };
        let value = || serde_json::from_str::<Json>(raw.get());
        let list = || serde_json::from_str::<Vec<&RawValue>>(raw.get());
        let copied = match &a.kind {
            FieldKind::Decimal => raw.get().trim_matches('"').into(),
            FieldKind::Media { multiple: false, .. } => value()?["id"].take(),
            FieldKind::Media { .. } => list_items(value()?).map(|mut file| file["id"].take()).collect(),
            FieldKind::Relation(relation) if belongs_to_one(relation) => continue,
            FieldKind::Relation(relation) => {
                let target = |related: Json| match &related["__type"] {
                    Json::String(uid) => json!({ "documentId": related["documentId"], "__type": uid }),
                    _ => related["documentId"].clone(),
                };
                let targets: Vec<Json> = if relation.kind.to_many() {
                    list_items(value()?).map(target).collect()
                } else {
                    vec![target(value()?)]
                };
                json!({ "set": targets })
            }
            FieldKind::Component { component, repeatable: false } => instance(*component, raw)?,
            FieldKind::Component { component, .. } => {
                list()?.into_iter().map(|raw| instance(*component, raw)).collect::<serde_json::Result<_>>()?
            }
            FieldKind::DynamicZone { .. } => {
                let mut parts = Vec::new();
                for raw in list()? {
                    let ZonePart { component: uid } = serde_json::from_str(raw.get())?;
                    let Some(component) = registry.component_by_uid(&uid) else { continue };
                    let mut copied = instance(component.id, raw)?;
                    copied["__component"] = uid.into();
                    parts.push(copied);
                }
                parts.into()
            }
            _ => value()?,
        };
        values.insert(a.name.clone(), copied);
    }
    Ok(values)
}

fn list_items(list: Json) -> impl Iterator<Item = Json> {
    if let Json::Array(list) = list { list } else { Vec::new() }.into_iter()
}

/// True if a related entry would be taken from the one that is copied.
fn belongs_to_one(relation: &Relation) -> bool {
    let exclusive = matches!(
        relation.kind,
        RelationKind::OneToOne | RelationKind::OneToMany | RelationKind::MorphOne | RelationKind::MorphMany
    );
    exclusive && relation.side != RelationSide::OneWay
}
