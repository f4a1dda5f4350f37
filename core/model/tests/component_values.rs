//! Values in components: ids of the published version in updates, and unique values.

#![allow(clippy::unwrap_used)]

mod common;

use cairn_model::validate::*;
use cairn_model::*;
use common::registry;
use serde_json::{Value as Json, json};

fn shop() -> Registry {
    registry(
        &[(
            "thing",
            json!({}),
            json!({
                "one": {"type": "component", "component": "x.line"},
                "list": {"type": "component", "component": "x.line", "repeatable": true},
                "zone": {"type": "dynamiczone", "components": ["x.line", "x.part"]},
                "code": {"type": "string", "unique": true},
            }),
        )],
        &[
            (
                "x.line",
                json!({
                    "sku": {"type": "string", "unique": true},
                    "price": {"type": "decimal", "unique": true},
                    "parts": {"type": "component", "component": "x.part", "repeatable": true},
                }),
            ),
            (
                "x.part",
                json!({"n": {"type": "integer", "unique": true}, "pin": {"type": "string", "unique": true, "private": true}}),
            ),
        ],
    )
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn line(reg: &Registry, id: Option<i64>, sku: Value, parts: Vec<Instance>) -> Instance {
    let component = reg.component_by_uid("x.line").unwrap().id;
    Instance { component, id, origin: None, values: vec![sku, Value::Null, Value::Instances(parts)] }
}

fn part(reg: &Registry, id: Option<i64>, n: Value) -> Instance {
    Instance { component: reg.component_by_uid("x.part").unwrap().id, id, origin: None, values: vec![n, Value::Null] }
}

fn copy_of(mut instance: Instance, origin: i64) -> Instance {
    instance.origin = Some(origin);
    instance
}

/// Instance that is sent with an id and nothing else.
fn named(reg: &Registry, id: i64) -> Instance {
    let component = reg.component_by_uid("x.line").unwrap().id;
    Instance { component, id: Some(id), origin: None, values: vec![Value::Absent; 3] }
}

/// The list after an update.
fn update(reg: &Registry, draft: &[Instance], published: &[Instance], sent: &[Instance]) -> Option<Vec<Instance>> {
    let (draft, mut input) = (Value::Instances(draft.to_vec()), Value::Instances(sent.to_vec()));
    resolve_published_ids(reg, &draft, &Value::Instances(published.to_vec()), &mut input).ok()?;
    let (_, list) = reg.by_route("things").unwrap().attributes.get("list").unwrap();
    merge_value(reg, list, &draft, input).ok().map(|value| value.instances().to_vec())
}

#[test]
fn copies_correspond_by_their_lineage() {
    let reg = shop();
    let draft = [
        line(&reg, Some(1), text("a"), vec![part(&reg, Some(2), Value::Int(1))]),
        line(&reg, Some(3), text("b"), vec![]),
    ];
    let published = [
        copy_of(line(&reg, Some(11), text("old b"), vec![]), 3),
        copy_of(line(&reg, Some(12), text("old a"), vec![copy_of(part(&reg, Some(13), Value::Int(9)), 2)]), 1),
    ];
    let mut sent = named(&reg, 12);
    sent.values[2] =
        Value::Instances(vec![Instance { values: vec![Value::Absent; 2], ..part(&reg, Some(13), Value::Absent) }]);
    assert_eq!(update(&reg, &draft, &published, &[sent, named(&reg, 11)]).unwrap(), draft);
    // The draft is the copy where it was reset to what is published.
    let reset =
        [copy_of(line(&reg, Some(21), text("b"), vec![]), 3), copy_of(line(&reg, Some(22), text("c"), vec![]), 12)];
    assert_eq!(update(&reg, &reset, &published, &[named(&reg, 11)]).unwrap(), reset[..1]);
    // Twice the same, by either id; one of neither version.
    for ids in [[11, 11], [11, 3], [3, 11], [1, 99]] {
        assert_eq!(update(&reg, &draft, &published, &ids.map(|id| named(&reg, id))), None, "{ids:?}");
    }
    let sent = Value::Instances(vec![named(&reg, 12)]);
    assert!(names_unknown_instances(&[Value::Instances(draft.to_vec())], &[Value::Absent, sent.clone()]));
    assert!(!names_unknown_instances(&[Value::Instances(published.to_vec())], &[sent]));
}

#[test]
fn copies_that_the_draft_has_no_more_are_made_anew() {
    let reg = shop();
    let part = copy_of(part(&reg, Some(13), Value::Int(9)), 2);
    let published = [copy_of(line(&reg, Some(12), text("a"), vec![part.clone()]), 1)];
    let mut sent = named(&reg, 12);
    sent.values[0] = text("A");
    let anew = copy_of(line(&reg, None, text("A"), vec![Instance { id: None, ..part }]), 1);
    assert_eq!(update(&reg, &[], &published, &[sent.clone()]).unwrap(), [anew]);
    assert_eq!(update(&reg, &[], &published, &[sent.clone(), sent.clone()]), None);
    sent.values[2] = Value::Instances(vec![Instance { id: Some(77), ..published[0].values[2].instances()[0].clone() }]);
    assert_eq!(update(&reg, &[], &published, &[sent]), None);
}

#[test]
fn copies_without_an_origin_correspond_where_nothing_differs() {
    let reg = shop();
    let parts = |id| vec![part(&reg, Some(id), Value::Int(1))];
    let draft = [line(&reg, Some(1), text("a"), parts(2)), line(&reg, Some(3), text("B"), vec![])];
    let published = [line(&reg, Some(11), text("a"), parts(12)), line(&reg, Some(13), text("b"), vec![])];
    assert_eq!(update(&reg, &draft, &published, &[named(&reg, 11)]).unwrap(), draft[..1]);
    // A copy that differs may have been changed, or replaced.
    assert_eq!(update(&reg, &draft, &published, &[named(&reg, 13)]), None);
    assert_eq!(update(&reg, &draft[1..], &published, &[named(&reg, 11)]), None);
    // An instance that has a copy already is not the origin of another.
    let equal = [line(&reg, Some(3), text("a"), vec![])];
    let two = [line(&reg, Some(11), text("a"), vec![]), copy_of(line(&reg, Some(12), text("a"), vec![]), 3)];
    assert_eq!(update(&reg, &equal, &two, &[named(&reg, 11)]), None);
    assert_eq!(update(&reg, &equal, &two, &[named(&reg, 12)]).unwrap(), equal);
}

#[test]
fn component_ids_are_ignored_in_comparisons() {
    let reg = shop();
    let list = |ids: &[i64]| Value::Instances(ids.iter().map(|&id| line(&reg, Some(id), text("a"), vec![])).collect());
    let one = |id, sku: &str| Value::Instance(Box::new(copy_of(line(&reg, Some(id), text(sku), vec![]), 7)));
    assert!(list(&[1, 2]).has_same_content(&list(&[3, 4])));
    assert!(!list(&[1, 2]).has_same_content(&list(&[1])));
    assert!(one(1, "a").has_same_content(&one(2, "a")));
    assert!(!one(1, "a").has_same_content(&one(1, "b")));
    assert!(!Value::Null.has_same_content(&list(&[])));
    assert!(Value::Null.has_same_content(&Value::Null));
}

#[test]
fn unique_values_are_compared_at_their_place() {
    let reg = shop();
    let ct = reg.by_route("things").unwrap();
    let part = |n| part(&reg, None, Value::Int(n));
    let mut secret = part(4);
    secret.values[1] = text("pin");
    let mut priced = line(&reg, None, text("b"), vec![part(1)]);
    priced.values[1] = text("1.5");
    let values = [
        Value::Instance(Box::new(line(&reg, None, text("a"), vec![]))),
        Value::Instances(vec![
            line(&reg, None, text("a"), vec![part(1), part(2)]),
            priced,
            line(&reg, None, text(""), vec![]),
        ]),
        Value::Instances(vec![secret.clone(), line(&reg, None, text("a"), vec![part(3)]), secret]),
        text("code"),
    ];
    let unique = collect_unique_values(&reg, &ct.attributes, &values);
    let stored = |place: usize| -> Vec<Json> {
        unique.values.iter().filter(|value| value.place == place).map(|value| value.stored.clone()).collect()
    };
    let all: Vec<_> = (0..unique.places.len()).map(stored).collect();
    let expected = [
        json!(["a"]),
        json!(["a", "b"]),
        json!([1, 2, 1]),
        json!(["1.5"]),
        json!([4, 4]),
        json!(["pin", "pin"]),
        json!(["a"]),
        json!([3]),
    ];
    assert_eq!(json!(all), json!(expected));
    let errors = |taken: &[(usize, Json)]| -> Vec<(String, Option<Json>)> {
        unique.errors(taken).into_iter().map(|error| (error.path.join("."), error.value)).collect()
    };
    let expected = |paths: &[(&str, Option<Json>)]| -> Vec<_> {
        paths.iter().map(|(path, value)| ((*path).to_owned(), value.clone())).collect()
    };
    let repeated = [
        ("list.0.parts.0.n", Some(json!(1))),
        ("list.1.parts.0.n", Some(json!(1))),
        ("zone.0.n", Some(json!(4))),
        ("zone.0.pin", None),
        ("zone.2.n", Some(json!(4))),
        ("zone.2.pin", None),
    ];
    assert_eq!(errors(&[]), expected(&repeated));
    // Values of other entries: `3.0` is what PostgreSQL may make of 3.
    let taken = [(0, json!("a")), (3, json!("1.5")), (7, json!(3.0)), (6, json!("b"))];
    let all = [
        &[("one.sku", Some(json!("a")))][..],
        &repeated[..1],
        &[("list.1.price", Some(json!(1.5)))],
        &repeated[1..4],
        &[("zone.1.parts.0.n", Some(json!(3)))],
        &repeated[4..],
    ];
    assert_eq!(errors(&taken), expected(&all.concat()));
    assert!(collect_unique_values(&reg, &ct.attributes, &[Value::Null, Value::Absent]).is_empty());
}
