//! An entry whole: the populate that shows all an editor works on, and the values that make another one like it.

use cairn_model::*;
use cairn_query::{Access, Action};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

/// Components inside components that are followed. The planner takes no more.
const MAX_COMPONENT_DEPTH: usize = 7;

/// `populate[…]=…` of everything the caller may see of an entry: components and zones to their ends, media, and of related entries
/// what they are called by.
pub(super) fn full_populate(registry: &Registry, ct: &ContentType, access: &Access) -> String {
    let is_readable =
        |id| access.allows_attribute(ct, id, Action::FindOne) || access.allows_attribute(ct, id, Action::Find);
    let mut attributes = ct.attributes.iter().filter(|(id, _)| is_readable(*id)).map(|(_, a)| a);
    populate_level(registry, access, &mut attributes, "populate", 0).join("&")
}

/// The parts of one level: what has none below it is said by itself.
fn populate_level(
    registry: &Registry,
    access: &Access,
    attributes: &mut dyn Iterator<Item = &Attribute>,
    path: &str,
    depth: usize,
) -> Vec<String> {
    let mut parts = Vec::new();
    let inside = |component: ComponentId, at: String, parts: &mut Vec<String>| {
        let before = parts.len();
        if depth < MAX_COMPONENT_DEPTH {
            let mut attributes = registry.component(component).attributes.iter().map(|(_, a)| a);
            parts.extend(populate_level(registry, access, &mut attributes, &format!("{at}[populate]"), depth + 1));
        }
        if parts.len() == before {
            parts.push(format!("{at}=true"));
        }
    };
    for a in attributes.filter(|a| !access.hides_attribute(a)) {
        let at = format!("{path}[{}]", a.name);
        match &a.kind {
            FieldKind::Media { .. } => parts.push(format!("{at}=true")),
            FieldKind::Relation(Relation { target: Some(target), .. })
                if access.allows_action(*target, Action::Find) =>
            {
                let target = registry.get(*target);
                let title = target.title_attribute().filter(|t| access.allows_attribute(target, *t, Action::Find));
                parts.push(format!("{at}[fields][0]=documentId"));
                parts.extend(title.map(|title| format!("{at}[fields][1]={}", target.attributes[title].name)));
            }
            FieldKind::Relation(Relation { target: None, .. }) => parts.push(format!("{at}=true")),
            FieldKind::Component { component, .. } => inside(*component, at, &mut parts),
            FieldKind::DynamicZone { components } => {
                for component in components {
                    let at = format!("{at}[on][{}]", registry.component(*component).uid);
                    inside(*component, at, &mut parts);
                }
            }
            _ => {}
        }
    }
    parts
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
