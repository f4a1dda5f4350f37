//! An entry whole: the populate that shows all an editor works on, and the values that make another one like it.

use cairn_model::*;
use cairn_query::{Access, Action};
use serde_json::{Map, Value as Json, json};

/// Components inside components that are followed. The planner takes no more.
const DEEPEST: usize = 7;

/// `populate[…]=…` of everything the caller may see of an entry: components and zones to their ends, media, and of related entries
/// what they are called by.
pub(super) fn populate(registry: &Registry, ct: &ContentType, access: &Access) -> String {
    let shown = |id| access.may_attribute(ct, id, Action::FindOne) || access.may_attribute(ct, id, Action::Find);
    let mut attributes = ct.attributes.iter().filter(|(id, _)| shown(*id)).map(|(_, a)| a);
    level(registry, access, &mut attributes, "populate", 0).join("&")
}

/// The parts of one level: what has none below it is said by itself.
fn level(
    registry: &Registry,
    access: &Access,
    attributes: &mut dyn Iterator<Item = &Attribute>,
    path: &str,
    depth: usize,
) -> Vec<String> {
    let mut parts = Vec::new();
    let inside = |component: ComponentId, at: String, parts: &mut Vec<String>| {
        let before = parts.len();
        if depth < DEEPEST {
            let mut attributes = registry.component(component).attributes.iter().map(|(_, a)| a);
            parts.extend(level(registry, access, &mut attributes, &format!("{at}[populate]"), depth + 1));
        }
        if parts.len() == before {
            parts.push(format!("{at}=true"));
        }
    };
    for a in attributes.filter(|a| !access.hides(a)) {
        let at = format!("{path}[{}]", a.name);
        match &a.kind {
            FieldKind::Media { .. } => parts.push(format!("{at}=true")),
            FieldKind::Relation(Relation { target: Some(target), .. }) if access.may(*target, Action::Find) => {
                let target = registry.get(*target);
                let title = target.title().filter(|t| access.may_attribute(target, *t, Action::Find));
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

/// The values of an entry, as [`populate`] showed it, for a new one: without ids, without what must be unique, and without related
/// entries that can belong to one only.
pub(super) fn copy(registry: &Registry, ct: &ContentType, access: &Access, entry: &Json) -> Map<String, Json> {
    let title = ct.title().map(|id| ct.attributes[id].name.as_str());
    let mut may = ct.attributes.iter().filter(|(id, _)| access.may_attribute(ct, *id, Action::Create)).map(|(_, a)| a);
    let mut values = values(registry, &mut may, entry);
    if let Some(Json::String(text)) = title.and_then(|title| values.get_mut(title)) {
        let (_, a) = ct.attributes.get(title.unwrap_or_default()).unzip();
        let copy = format!("{text} (2)");
        let fits =
            a.is_some_and(|a| a.max_length.is_none_or(|most| copy.encode_utf16().count() <= most) && a.regex.is_none());
        if fits {
            *text = copy;
        }
    }
    values
}

fn values(registry: &Registry, attributes: &mut dyn Iterator<Item = &Attribute>, entry: &Json) -> Map<String, Json> {
    let mut values = Map::new();
    for a in attributes.filter(|a| !a.unique) {
        let Some(value) = entry.get(&a.name).filter(|value| !value.is_null()) else { continue };
        let instance = |component: ComponentId, value: &Json| {
            let mut attributes = registry.component(component).attributes.iter().map(|(_, a)| a);
            Json::Object(self::values(registry, &mut attributes, value))
        };
        let list = || value.as_array().map(Vec::as_slice).unwrap_or_default();
        let copied = match &a.kind {
            FieldKind::Media { multiple: false, .. } => value["id"].clone(),
            FieldKind::Media { .. } => list().iter().map(|file| file["id"].clone()).collect(),
            FieldKind::Relation(relation) if belongs_to_one(relation) => continue,
            FieldKind::Relation(relation) => {
                let target = |related: &Json| match &related["__type"] {
                    Json::String(uid) => json!({ "documentId": related["documentId"], "__type": uid }),
                    _ => related["documentId"].clone(),
                };
                let targets: Vec<Json> =
                    if relation.kind.to_many() { list().iter().map(target).collect() } else { vec![target(value)] };
                json!({ "set": targets })
            }
            FieldKind::Component { component, repeatable: false } => instance(*component, value),
            FieldKind::Component { component, .. } => list().iter().map(|value| instance(*component, value)).collect(),
            FieldKind::DynamicZone { .. } => {
                let part = |value: &Json| {
                    let uid = value["__component"].as_str()?;
                    let mut copied = instance(registry.component_by_uid(uid)?.id, value);
                    copied["__component"] = uid.into();
                    Some(copied)
                };
                list().iter().filter_map(part).collect()
            }
            _ => value.clone(),
        };
        values.insert(a.name.clone(), copied);
    }
    values
}

/// Whether a related entry would be taken from the one that is copied.
fn belongs_to_one(relation: &Relation) -> bool {
    let exclusive = matches!(
        relation.kind,
        RelationKind::OneToOne | RelationKind::OneToMany | RelationKind::MorphOne | RelationKind::MorphMany
    );
    exclusive && relation.side != Side::OneWay
}
