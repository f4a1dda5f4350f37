//! No JSON makes this crate panic, and what is stored is read back as it was.

#![allow(clippy::unwrap_used)]

mod common;

use cairn_model::body::{check_keys, find_references};
use cairn_model::load::load_project;
use cairn_model::stored_values::{read_value, write_value};
use cairn_model::validate::{CastMode, CastRules, cast_attributes, check_values, merge_value, unique_error};
use cairn_model::*;
use common::{project, registry};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Every kind, in the type and in a component, nested and in a zone.
static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let scalars = json!({
        "string": {"type": "string", "minLength": 2, "maxLength": 5, "regex": "^[a-z]+$", "required": true},
        "email": {"type": "email"}, "password": {"type": "password", "maxLength": 4}, "uid": {"type": "uid"},
        "integer": {"type": "integer", "min": 1, "max": 9, "required": true}, "biginteger": {"type": "biginteger", "max": "99"},
        "float": {"type": "float", "min": -1}, "decimal": {"type": "decimal", "max": 9.5}, "boolean": {"type": "boolean"},
        "date": {"type": "date"}, "time": {"type": "time"}, "datetime": {"type": "datetime"}, "json": {"type": "json"},
        "enumeration": {"type": "enumeration", "enum": ["a", "b"], "default": "a"}, "blocks": {"type": "blocks"},
        "media": {"type": "media", "multiple": true},
        "relation": {"type": "relation", "relation": "manyToOne", "target": "api::thing.thing"},
        "relations": {"type": "relation", "relation": "manyToMany", "target": "api::thing.thing"},
        "morph": {"type": "relation", "relation": "morphToMany"},
        "shown": {"type": "string", "conditions": {"visible": {"==": [{"var": "json.a"}, 1]}}},
    });
    let with = |extra_attributes: Json| {
        let mut all = scalars.as_object().unwrap().clone();
        all.extend(extra_attributes.as_object().unwrap().clone());
        Json::Object(all)
    };
    let own = with(json!({
        "one": {"type": "component", "component": "x.outer"},
        "list": {"type": "component", "component": "x.outer", "repeatable": true, "min": 1, "max": 2},
        "zone": {"type": "dynamiczone", "components": ["x.outer", "x.inner"], "required": true, "min": 1},
    }));
    let outer = with(json!({
        "one": {"type": "component", "component": "x.inner"},
        "list": {"type": "component", "component": "x.inner", "repeatable": true},
    }));
    registry(
        &[("thing", json!({}), own)],
        &[("x.outer", without_limits(outer)), ("x.inner", without_limits(scalars.clone()))],
    )
});

/// So that most generated components pass and are stored.
fn without_limits(mut attributes: Json) -> Json {
    for attribute in attributes.as_object_mut().unwrap().values_mut() {
        attribute
            .as_object_mut()
            .unwrap()
            .retain(|key, _| !["min", "max", "minLength", "maxLength", "regex"].contains(&key.as_str()));
    }
    attributes
}

fn names() -> Vec<String> {
    let ct = REGISTRY.by_route("things").unwrap();
    let system_names =
        ["id", "documentId", "__component", "__type", "connect", "disconnect", "set", "position", "before", "start"];
    let nodes = ["type", "children", "text", "level", "url", "x"];
    ct.attributes
        .iter()
        .map(|(_, a)| a.name.clone())
        .chain(system_names.into_iter().chain(nodes).map(str::to_owned))
        .collect()
}

fn leaf() -> BoxedStrategy<Json> {
    let words = [
        "",
        "a",
        "abc",
        "x.outer",
        "x.inner",
        "api::thing.thing",
        "paragraph",
        "heading",
        "list",
        "link",
        "text",
        "2020-02-29",
        "09:30:00",
        "2020-01-02T03:04:05Z",
        "1e3",
        "-0",
        "99999999999999999999",
        "a@b.nl",
        "[1]",
        "é😀",
        "\u{0}",
    ];
    prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        (0..5_i64).prop_map(Json::from),
        any::<f64>().prop_map(|f| json!(f)),
        prop::sample::select(words.to_vec()).prop_map(Json::from),
        any::<String>().prop_map(Json::from),
    ]
    .boxed()
}

fn json() -> impl Strategy<Value = Json> {
    leaf().prop_recursive(6, 64, 6, |inner| {
        let key = prop_oneof![9 => prop::sample::select(names()), 1 => any::<String>()];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
            prop::collection::vec((key, inner), 0..8).prop_map(|pairs| Json::Object(pairs.into_iter().collect())),
        ]
    })
}

fn body() -> impl Strategy<Value = Map<String, Json>> {
    prop::collection::vec((prop::sample::select(names()), json()), 0..12).prop_map(|pairs| pairs.into_iter().collect())
}

/// U+0000 is refused everywhere.
fn without_nul(json: Json) -> Json {
    let plain = |text: String| text.replace('\0', "");
    match json {
        Json::String(text) => plain(text).into(),
        Json::Array(list) => list.into_iter().map(without_nul).collect(),
        Json::Object(map) => map.into_iter().map(|(key, value)| (plain(key), without_nul(value))).collect(),
        other => other,
    }
}

/// A value its kind can hold, so that deep structures are reached often.
fn fitting_value(attribute: &Attribute) -> BoxedStrategy<Json> {
    let list = |values: &[Json]| prop::sample::select(values.to_vec()).boxed();
    match &attribute.kind {
        FieldKind::Integer => any::<i32>().prop_map(Json::from).boxed(),
        FieldKind::BigInteger => any::<i64>().prop_map(|n| n.to_string().into()).boxed(),
        FieldKind::Float => any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(|f| json!(f)).boxed(),
        FieldKind::Decimal => (any::<i64>(), 0..20_i32).prop_map(|(n, e)| format!("{n}e-{e}").into()).boxed(),
        FieldKind::Boolean => any::<bool>().prop_map(Json::from).boxed(),
        FieldKind::Date => list(&[json!("2020-02-29"), json!("0000-01-01")]),
        FieldKind::Time => list(&[json!("09:30:00")]),
        FieldKind::DateTime => any::<u32>().prop_map(|n| json!(u64::from(n) * 1234)).boxed(),
        FieldKind::Json => json().boxed(),
        FieldKind::Enumeration { .. } => list(&[json!("a"), json!("b")]),
        FieldKind::Blocks => list(&[json!([{"type": "paragraph", "children": [{"type": "text", "text": "\"x\""}]}])]),
        FieldKind::Media { .. } | FieldKind::Relation(_) => list(&[Json::Null, json!([])]),
        FieldKind::Component { component, repeatable } => instances(*component, *repeatable),
        FieldKind::DynamicZone { .. } => instances(REGISTRY.component_by_uid("x.outer").unwrap().id, true),
        _ => any::<String>().prop_map(Json::from).boxed(),
    }
}

fn instances(component: ComponentId, repeatable: bool) -> BoxedStrategy<Json> {
    let component = REGISTRY.component(component);
    let fields: Vec<_> = component
        .attributes
        .iter()
        .map(|(_, a)| (Just(a.name.clone()), prop::option::weighted(0.5, fitting_value(a))))
        .collect();
    let uid = component.uid.clone();
    let one = fields.prop_map(move |fields| {
        let map = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
        Json::Object(map.chain([("__component".to_owned(), uid.clone().into())]).collect())
    });
    if repeatable { prop::collection::vec(one, 0..3).prop_map(Json::Array).boxed() } else { one.boxed() }
}

fn assign_ids(value: &mut Value, next: &mut i64) {
    let instances: Vec<&mut Instance> = match value {
        Value::Instance(instance) => vec![instance],
        Value::Instances(list) => list.iter_mut().collect(),
        _ => return,
    };
    for instance in instances {
        *next += 1;
        instance.id = Some(*next);
        instance.values.iter_mut().for_each(|value| assign_ids(value, next));
    }
}

fn collect_links(value: &Value, found: &mut HashMap<(i64, AttributeId), Vec<LinkTarget>>) {
    let instances: Vec<&Instance> = match value {
        Value::Instance(instance) => vec![instance],
        Value::Instances(list) => list.iter().collect(),
        _ => return,
    };
    for instance in instances {
        for (i, value) in instance.values.iter().enumerate() {
            if let Value::Links(links) = value {
                found.insert((instance.id.unwrap(), i), links.clone());
            }
            collect_links(value, found);
        }
    }
}

/// Casts, checks and merges twice, and stores what came out. Returns how many components were stored.
fn run_write_cycle(data: &Map<String, Json>) -> usize {
    let mut written = 0;
    let reg = &*REGISTRY;
    let ct = reg.by_route("things").unwrap();
    let _ = check_keys(reg, ct, data, &|_| true, &|_| true);
    let _ = find_references(reg, ct, data);
    for (rules, create) in
        [CastRules::All, CastRules::Draft, CastRules::Kind].into_iter().flat_map(|r| [(r, true), (r, false)])
    {
        let mode = CastMode { rules, create };
        let result = cast_attributes(reg, &ct.attributes, data, mode, &|_, target| match target {
            TargetRef::Document(id) => Some(id.clone()),
            TargetRef::Row(id) => (id % 2 == 0).then(|| id.to_string()),
        });
        assert_eq!(result.values.len(), ct.attributes.len());
        check_values(reg, &ct.attributes, &result.values);
        let mut next = 0;
        for ((_, attribute), value) in ct.attributes.iter().zip(result.values) {
            let _ = unique_error(attribute, &value);
            let Ok(mut stored) = merge_value(reg, attribute, &Value::Absent, value.clone()) else { continue };
            assign_ids(&mut stored, &mut next);
            let _ = merge_value(reg, attribute, &stored, value);
            // Refused values are never stored.
            if result.errors.is_empty() && matches!(stored, Value::Instance(_) | Value::Instances(_)) {
                let mut links = HashMap::new();
                collect_links(&stored, &mut links);
                let mut text = String::new();
                write_value(reg, attribute, &stored, &mut text);
                let mut read_links = |id, attribute| links.remove(&(id, attribute)).unwrap_or_default();
                let read = read_value(reg, attribute, &text, &mut read_links).unwrap();
                assert_eq!(read, stored, "{text}");
                let mut rewritten = String::new();
                write_value(reg, attribute, &read, &mut rewritten);
                assert_eq!(rewritten, text);
                written += 1;
            }
        }
    }
    written
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_body_is_processed_without_panic(data in body()) {
        run_write_cycle(&data);
    }

    #[test]
    fn stored_components_read_back_unchanged(
        one in instances(REGISTRY.component_by_uid("x.outer").unwrap().id, false),
        zone in instances(REGISTRY.component_by_uid("x.outer").unwrap().id, true),
    ) {
        // Wrong uids and emails do not matter: the draft's pass lets them through.
        let (mut one, zone) = (without_nul(one), without_nul(zone));
        one.as_object_mut().unwrap().remove("__component");
        let written = run_write_cycle(&[("one".to_owned(), one), ("zone".to_owned(), zone)].into_iter().collect());
        prop_assert!(written >= 4, "both, in both passes for drafts");
    }

    #[test]
    fn any_schema_is_loaded_without_panic(attributes in json(), attribute in json(), kind in prop::sample::select(names())) {
        let mut attribute = attribute;
        if let Some(map) = attribute.as_object_mut() {
            map.insert("type".into(), kind.into());
        }
        let schema = json!({
            "kind": "collectionType", "info": {"singularName": "a", "pluralName": "as"}, "options": attributes,
            "attributes": {"a": attribute, "b": attributes}
        });
        let text = schema.to_string();
        let _ = load_project(project(&[("src/api/a/content-types/a/schema.json", &text), ("src/components/x/y.json", &text)]).path());
    }

    #[test]
    fn any_stored_text_is_read_without_panic(value in json()) {
        let ct = REGISTRY.by_route("things").unwrap();
        for name in ["one", "list", "zone", "integer"] {
            let (_, attribute) = ct.attributes.get(name).unwrap();
            let _ = read_value(&REGISTRY, attribute, &value.to_string(), &mut |_, _| Vec::new());
        }
    }
}
