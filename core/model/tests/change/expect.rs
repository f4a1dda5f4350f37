//! Rows expected after a change, found through the identities of a model's parts, without a plan.

use super::model::{Case, Id, Kind, Owner, ValueMove};
use cairn_model::change::rewrite::StoredRow;
use cairn_model::change::{KindShape, Snapshot};
use serde_json::{Map, Value as Json, json};

/// Ids of instances that a move makes begin here.
pub(crate) const NEW: i64 = 1_000_000_000;

/// By identities alone.
pub(crate) fn expected_row(case: &Case, was: &Owner, now: &Owner, row: &StoredRow) -> StoredRow {
    let value = |id: Id| was.attributes.iter().find(|a| a.id == id).map(|a| (&a.kind, &row[&a.name]));
    let mut out = Map::new();
    for attribute in &now.attributes {
        if let Some((kind, value)) = value(attribute.id) {
            out.insert(attribute.name.clone(), map_value(case, kind, &attribute.kind, value));
        }
    }
    for moved in &case.moves {
        match *moved {
            ValueMove::Out { ty, holder, inner, to } if ty == now.id => {
                let Some((Kind::Component { component, .. }, instance)) = value(holder) else { continue };
                let inside = case.before.components.iter().find(|c| c.id == *component).unwrap();
                let inner = inside.attributes.iter().find(|a| a.id == inner).unwrap();
                let to = now.attributes.iter().find(|a| a.id == to).unwrap();
                let moved_value = instance.get(&inner.name).cloned().unwrap_or_default();
                let converted = map_value(case, &inner.kind, &to.kind, &moved_value);
                out.insert(to.name.clone(), converted);
                // The instance keeps null.
                let holder_after = now.attributes.iter().find(|a| a.id == holder);
                let component_after = case.after.components.iter().find(|c| c.id == *component);
                let inner_after = component_after.and_then(|c| c.attributes.iter().find(|a| a.id == inner.id));
                if let (Some(holder_after), Some(inner_after)) = (holder_after, inner_after)
                    && let Some(instance) = out.get_mut(&holder_after.name).and_then(Json::as_object_mut)
                {
                    instance.remove(&inner_after.name);
                }
            }
            _ => {}
        }
    }
    for moved in &case.moves {
        match *moved {
            ValueMove::In { ty, from, holder, inner } if ty == now.id => {
                let (kind, value) = value(from).unwrap();
                let holder = now.attributes.iter().find(|a| a.id == holder).unwrap();
                let Kind::Component { component, .. } = holder.kind else { panic!() };
                let inside = case.after.components.iter().find(|c| c.id == component).unwrap();
                let inner = inside.attributes.iter().find(|a| a.id == inner).unwrap();
                let slot = out.entry(holder.name.clone()).or_insert(Json::Null);
                let nothing = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
                if slot.is_null() && !nothing {
                    *slot = json!({ "id": NEW });
                }
                if let Json::Object(instance) = slot {
                    instance.insert(inner.name.clone(), map_value(case, kind, &inner.kind, value));
                }
            }
            _ => {}
        }
    }
    out
}

fn map_value(case: &Case, from: &Kind, to: &Kind, value: &Json) -> Json {
    let instance = |component: Id, zone: bool, value: &Json| -> Option<Json> {
        let Json::Object(map) = value else { return Some(Json::Null) };
        let was = case.before.components.iter().find(|c| c.id == component).unwrap();
        let now = case.after.components.iter().find(|c| c.id == component)?;
        let mut out = Map::new();
        if zone {
            out.insert("__component".into(), now.uid.clone().into());
        }
        out.insert("id".into(), map["id"].clone());
        for attribute in &now.attributes {
            if let Some(old) = was.attributes.iter().find(|a| a.id == attribute.id) {
                out.insert(attribute.name.clone(), map_value(case, &old.kind, &attribute.kind, &map[&old.name]));
            }
        }
        Some(Json::Object(out))
    };
    match (from, to) {
        (Kind::Component { component, list: false }, Kind::Component { list, .. }) => {
            let one = instance(*component, false, value).unwrap();
            match (list, one) {
                (true, Json::Null) => json!([]),
                (true, one) => json!([one]),
                (false, one) => one,
            }
        }
        (Kind::Component { component, .. }, Kind::Component { .. }) => {
            value.as_array().into_iter().flatten().map(|v| instance(*component, false, v).unwrap()).collect()
        }
        (Kind::Zone(_), Kind::Zone(takes)) => {
            let component = |v: &Json| {
                case.before.components.iter().find(|c| v["__component"] == c.uid.as_str()).map(|c| c.id).unwrap()
            };
            let list = value.as_array().into_iter().flatten().filter(|v| takes.contains(&component(v)));
            list.filter_map(|v| instance(component(v), true, v)).collect()
        }
        _ if value.is_null() => Json::Null,
        (Kind::Integer | Kind::Boolean, Kind::String | Kind::Text) => json!(value.to_string()),
        (Kind::Boolean, Kind::Integer) => json!(i64::from(value == &json!(true))),
        _ => value.clone(),
    }
}

/// Attributes that are missing are null or empty; instances made by a move have one id.
pub(crate) fn normalise_row(shape: &Snapshot, owner: &str, row: &StoredRow) -> StoredRow {
    let mut out = Map::new();
    for key in ["__component", "id"] {
        if let Some(value) = row.get(key) {
            out.insert(key.into(), if value.as_i64() > Some(NEW) { json!(NEW) } else { value.clone() });
        }
    }
    for attribute in shape.attributes(owner).unwrap() {
        let value = row.get(&attribute.name).cloned().unwrap_or_default();
        let inside = |component: &str, value: &Json| match value {
            Json::Object(map) => Json::Object(normalise_row(shape, component, map)),
            other => other.clone(),
        };
        let tidied = match &attribute.kind {
            KindShape::Component { component, repeatable: false } => inside(component, &value),
            KindShape::Component { component, .. } => match value {
                Json::Array(list) => list.iter().map(|v| inside(component, v)).collect(),
                _ => json!([]),
            },
            KindShape::DynamicZone { .. } => match value {
                Json::Array(list) => list.iter().map(|v| inside(v["__component"].as_str().unwrap(), v)).collect(),
                _ => json!([]),
            },
            kind if kind.is_link() && value.is_null() => json!([]),
            _ => value,
        };
        out.insert(attribute.name.clone(), tidied);
    }
    let unknown: Vec<&String> = row.keys().filter(|k| !out.contains_key(*k)).collect();
    assert!(unknown.is_empty(), "{owner} has no {unknown:?}");
    out
}
