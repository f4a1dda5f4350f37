//! Casting, checking and merging values where the recordings say nothing, and keys and references of bodies.

#![allow(clippy::unwrap_used)]

mod common;

use cairn_model::body::{DocumentReference, check_keys, find_references};
use cairn_model::validate::*;
use cairn_model::*;
use common::registry;
use serde_json::{Map, Value as Json, json};

fn object(json: Json) -> Map<String, Json> {
    json.as_object().unwrap().clone()
}

const STRICT: CastMode = CastMode { rules: CastRules::All, create: true };
const DRAFT: CastMode = CastMode { rules: CastRules::Draft, create: true };
const UPDATE: CastMode = CastMode { rules: CastRules::All, create: false };

fn cast_in(reg: &Registry, data: Json, mode: CastMode) -> CastResult {
    let ct = reg.by_route("things").unwrap();
    cast_attributes(reg, &ct.attributes, &object(data), mode, &|_, target| match target {
        TargetRef::Document(id) => Some(id.clone()),
        TargetRef::Row(1) => Some("first".into()),
        TargetRef::Row(_) => None,
    })
}

fn thing_registry(attributes: Json, components: &[(&str, Json)]) -> Registry {
    registry(&[("thing", json!({"draftAndPublish": true}), attributes)], components)
}

/// The value of the only attribute, or the messages.
fn cast_one(attribute: Json, input: Json, mode: CastMode) -> Result<Value, Vec<String>> {
    let reg = thing_registry(json!({"a": attribute}), &[]);
    let mut result = cast_in(&reg, json!({"a": input}), mode);
    let mut messages: Vec<_> = result.errors.into_iter().map(|e| e.message).collect();
    messages.extend(result.format);
    if messages.is_empty() { Ok(result.values.remove(0)) } else { Err(messages) }
}

#[test]
fn scalars_are_cast_to_canonical_values() {
    let text = |s: &str| Value::Text(s.to_owned());
    for (attribute, input, value) in [
        (json!({"type": "integer"}), json!(7.0), Value::Int(7)),
        (json!({"type": "integer"}), json!(" 7 "), Value::Int(7)),
        (json!({"type": "biginteger"}), json!("007"), Value::Int(7)),
        (json!({"type": "biginteger"}), json!("9223372036854775807"), Value::Int(i64::MAX)),
        (
            json!({"type": "decimal"}),
            json!("123456789012345678901234567890.10"),
            text("123456789012345678901234567890.1"),
        ),
        (json!({"type": "decimal"}), json!(0.1), text("0.1")),
        (json!({"type": "decimal"}), json!(1e-7), text("0.0000001")),
        (json!({"type": "decimal"}), json!(-0.0), text("0")),
        (json!({"type": "float"}), json!(-0.0), Value::Float(0.0)),
        (json!({"type": "boolean"}), json!("TRUE"), Value::Bool(true)),
        (json!({"type": "enumeration", "enum": ["5"]}), json!(5), text("5")),
        (json!({"type": "datetime"}), json!(0), text("1970-01-01T00:00:00.000Z")),
        (json!({"type": "json"}), json!("[1]"), Value::Json(json!([1]))),
        (json!({"type": "json"}), json!("null"), Value::Null),
        (json!({"type": "blocks"}), json!("mere text"), Value::Null),
        (json!({"type": "password"}), json!("x"), text("x")),
    ] {
        assert_eq!(cast_one(attribute.clone(), input.clone(), STRICT), Ok(value), "{attribute} {input}");
    }
}

#[test]
fn invalid_scalars_are_rejected() {
    for (attribute, input, messages) in [
        (json!({"type": "biginteger"}), json!("9223372036854775808"), vec!["a must be a valid integer"]),
        (json!({"type": "biginteger"}), json!(1.5), vec!["a must be a valid integer"]),
        (
            json!({"type": "integer", "max": 3}),
            json!(7.5),
            vec!["a must be an integer", "a must be less than or equal to 3"],
        ),
        (json!({"type": "integer"}), json!(1e300), vec!["a must be an integer"]),
        (
            json!({"type": "integer"}),
            json!([7]),
            vec!["a must be a `number` type, but the final value was: `NaN` (cast from the value `[\n  \"7\"\n]`)."],
        ),
        (json!({"type": "decimal"}), json!("1e99"), vec!["a must have at most 60 digits"]),
        (json!({"type": "string"}), json!("a\0"), vec!["a must not contain the character U+0000"]),
        (json!({"type": "json"}), json!({"a": ["\0"]}), vec!["a must not contain the character U+0000"]),
        (
            json!({"type": "json"}),
            (0..65).fold(json!(1), |inner, _| json!([inner])),
            vec!["a must not be nested deeper than 64 levels"],
        ),
        (json!({"type": "date"}), json!(5), vec!["Invalid format, expected yyyy-MM-dd"]),
        (json!({"type": "datetime"}), json!(true), vec!["Invalid format, expected a timestamp or an ISO date"]),
        (json!({"type": "email"}), json!(""), vec!["a cannot be empty"]),
        (json!({"type": "string", "minLength": 2}), json!("😀"), vec![]),
        (json!({"type": "string", "regex": "^x"}), json!(""), vec![]),
        (
            json!({"type": "string", "regex": "^x", "required": true}),
            json!(""),
            vec!["a must match the following: \"/^x/\""],
        ),
        (
            json!({"type": "enumeration", "enum": ["x", "y"], "required": true}),
            json!(""),
            vec!["a must be one of the following values: x, y"],
        ),
        (
            json!({"type": "blocks"}),
            json!(5),
            vec!["a must be a `array` type, but the final value was: `null` (cast from the value `5`)."],
        ),
        (
            json!({"type": "biginteger", "max": "9007199254740992"}),
            json!("9007199254740993"),
            vec!["a must be less than or equal to 9007199254740992"],
        ),
    ] {
        let messages: Vec<_> = messages.into_iter().map(str::to_owned).collect();
        let found = cast_one(attribute.clone(), input.clone(), STRICT).err().unwrap_or_default();
        assert_eq!(found, messages, "{attribute} {input}");
    }
}

#[test]
fn required_value_errors_depend_on_kind_and_mode() {
    let null =
        |expected: &str, printed: &str| format!("a must be a `{expected}` type, but the final value was: `{printed}`.");
    for (kind, create, update, published) in [
        ("string", null("string", "null"), null("string", "null"), null("string", "null")),
        ("integer", null("number", "NaN"), null("number", "NaN"), null("number", "NaN")),
        ("boolean", null("boolean", "null"), null("boolean", "null"), null("boolean", "null")),
        ("json", "a must be defined.".into(), "a cannot be null.".into(), "a must be defined.".into()),
        ("date", "a must be defined.".into(), "a cannot be null.".into(), "a must be defined.".into()),
    ] {
        let attribute = json!({"type": kind, "required": true});
        assert_eq!(cast_one(attribute.clone(), Json::Null, STRICT), Err(vec![create]), "{kind}");
        assert_eq!(cast_one(attribute.clone(), Json::Null, UPDATE), Err(vec![update]), "{kind}");
        assert_eq!(cast_one(attribute.clone(), Json::Null, DRAFT), Ok(Value::Null), "{kind}");
        let reg = thing_registry(json!({"a": attribute}), &[]);
        let absent = cast_in(&reg, json!({}), STRICT).errors;
        assert_eq!((absent[0].message.as_str(), &absent[0].value), ("a must be defined.", &None));
        assert_eq!(cast_in(&reg, json!({}), UPDATE).errors, []);
        let errors = check_values(&reg, &reg.by_route("things").unwrap().attributes, &[Value::Absent]);
        assert_eq!((errors[0].message.as_str(), &errors[0].value), (published.as_str(), &Some(Json::Null)));
    }
}

#[test]
fn draft_values_are_checked_leniently() {
    let reg = thing_registry(
        json!({
            "n": {"type": "integer", "min": 5, "max": 9},
            "s": {"type": "string", "minLength": 3, "maxLength": 4, "regex": "^a"},
            "m": {"type": "email"},
            "u": {"type": "uid"},
            "l": {"type": "component", "component": "x.y", "repeatable": true, "max": 1}
        }),
        &[("x.y", json!({"t": {"type": "string", "required": true}}))],
    );
    let lax = json!({"n": 1, "s": "b", "m": "x", "u": "ä", "l": [{}, {}]});
    assert_eq!(cast_in(&reg, lax.clone(), DRAFT).errors, []);
    let strict: Vec<_> = cast_in(&reg, lax, STRICT).errors.into_iter().map(|e| e.message).collect();
    assert_eq!(
        strict,
        [
            "n must be greater than or equal to 5",
            "s must be at least 3 characters",
            "s must match the following: \"/^a/\"",
            "m must be a valid email",
            "u must match the following: \"/^[A-Za-z0-9-_.~]*$/\"",
            "l[0].t must be defined.",
            "l[1].t must be defined.",
            "l field must have less than or equal to 1 items",
        ]
    );
    let both = cast_in(&reg, json!({"n": 10, "s": "bbbbb"}), DRAFT).errors;
    assert_eq!(both.len(), 2, "{both:?}");
}

#[test]
fn values_of_their_kind_are_accepted_whatever_rules_they_break() {
    const KIND: CastMode = CastMode { rules: CastRules::Kind, create: true };
    let attributes = json!({
        "s": {"type": "string", "maxLength": 4}, "u": {"type": "uid", "maxLength": 4}, "m": {"type": "email", "maxLength": 4},
        "i": {"type": "integer", "max": 9}, "f": {"type": "float", "max": 9}, "d": {"type": "decimal", "max": 9},
        "b": {"type": "biginteger", "max": "9"}, "p": {"type": "password", "maxLength": 4},
        "e": {"type": "enumeration", "enum": ["a"]}, "l": {"type": "component", "component": "x.y", "repeatable": true},
    });
    let reg = thing_registry(attributes, &[("x.y", json!({"t": {"type": "string", "maxLength": 4}}))]);
    let long = "x".repeat(300);
    let data =
        json!({"s": "12345", "u": "12345", "m": long, "i": 10, "f": 9.5, "d": "9.5", "b": "10", "l": [{"t": "12345"}]});
    let cast = cast_in(&reg, data.clone(), KIND);
    assert_eq!(cast.errors, []);
    // Violations are found before publishing, and are refused in a draft.
    let paths = |errors: Vec<FieldError>| errors.into_iter().map(|e| e.path.join(".")).collect::<Vec<_>>();
    let all = ["s", "u", "m", "i", "f", "d", "b", "l.0.t"];
    assert_eq!(paths(check_values(&reg, &reg.by_route("things").unwrap().attributes, &cast.values)), all);
    assert_eq!(paths(cast_in(&reg, data, DRAFT).errors), all);
    let foreign = json!({"s": 1, "i": 1.5, "f": "x", "d": "x", "b": "x", "p": "12345", "e": "b", "l": [{"t": 1}]});
    assert_eq!(paths(cast_in(&reg, foreign, KIND).errors), ["s", "i", "f", "d", "b", "p", "e", "l.0.t"]);
}

#[test]
fn titles_are_texts_before_slugs() {
    let slug = json!({"type": "uid", "targetField": "vraag"});
    for (attributes, title) in [
        (json!({"slug": {"type": "uid", "targetField": "question"}, "question": {"type": "string"}}), Some("question")),
        (json!({"slug": {"type": "uid"}, "question": {"type": "text"}}), Some("question")),
        (json!({"slug": {"type": "uid"}, "subject": {"type": "string"}}), Some("subject")),
        (json!({"code": {"type": "string"}, "slug": slug, "vraag": {"type": "text"}}), Some("vraag")),
        (json!({"slug": slug, "vraag": {"type": "text"}, "name": {"type": "string"}}), Some("name")),
        (json!({"slug": slug, "vraag": {"type": "text", "private": true}}), Some("slug")),
        // Attributes of kinds that are no title.
        (json!({"slug": {"type": "uid"}, "question": {"type": "richtext"}, "phone": {"type": "string"}}), Some("slug")),
        (json!({"path": {"type": "uid"}, "phone": {"type": "string"}}), Some("phone")),
        (json!({"path": {"type": "uid"}, "count": {"type": "integer"}}), Some("path")),
        (json!({"path": {"type": "uid"}, "contact": {"type": "email"}, "phone": {"type": "string"}}), Some("phone")),
        (json!({"path": {"type": "uid"}, "contact": {"type": "email"}}), Some("contact")),
        (json!({"count": {"type": "integer"}}), None),
    ] {
        let reg = thing_registry(attributes.clone(), &[]);
        let ct = reg.by_route("things").unwrap();
        assert_eq!(ct.title_attribute().map(|id| ct.attributes[id].name.as_str()), title, "{attributes}");
    }
}

#[test]
fn single_types_have_the_title_of_their_only_entry() {
    let schema = |kind: &str, name: &str| {
        let info = json!({"singularName": name, "pluralName": format!("{name}s"), "displayName": "Contact details"});
        let attributes = json!({"name": {"type": "string"}, "email": {"type": "email"}});
        json!({"kind": kind, "info": info, "attributes": attributes}).to_string()
    };
    let folder = common::project(&[
        ("src/api/contact/content-types/contact/schema.json", &schema("singleType", "contact")),
        ("src/api/branch/content-types/branch/schema.json", &schema("collectionType", "branch")),
    ]);
    let reg = load::load_project(folder.path()).unwrap().registry;
    let single = reg.by_uid("api::contact.contact").unwrap();
    assert_eq!((single.title_attributes().count(), single.single_title()), (0, Some("Contact details")));
    let collection = reg.by_uid("api::branch.branch").unwrap();
    assert_eq!((collection.title_attributes().count(), collection.single_title()), (1, None));
}

#[test]
fn zones_accept_known_components_only() {
    let reg = thing_registry(
        json!({"z": {"type": "dynamiczone", "components": ["x.y"], "min": 2}}),
        &[("x.y", json!({})), ("x.z", json!({}))],
    );
    let result = cast_in(&reg, json!({"z": [{}, {"__component": "no.no"}, {"__component": "x.z"}, 5]}), STRICT);
    let messages: Vec<_> = result.errors.iter().map(|e| e.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "z[0].__component is a required field",
            "z[1].__component must be one of the following values: x.y, x.z",
            "z[3] must be a `object` type, but the final value was: `null` (cast from the value `5`).",
            "z field must have at least 2 items",
        ]
    );
    assert_eq!(result.errors[0].path, ["z", "0", "__component"]);
    assert_eq!(result.errors[0].value, None);
    assert_eq!(cast_in(&reg, json!({"z": []}), STRICT).errors, []);
    assert_eq!(cast_in(&reg, json!({}), DRAFT).values, [Value::Instances(vec![])]);
}

#[test]
fn invisible_attributes_are_not_checked() {
    let rule = json!({"visible": {"==": [{"var": "kind"}, "video"]}});
    let reg = thing_registry(
        json!({
            "kind": {"type": "string"},
            "url": {"type": "string", "required": true, "maxLength": 3, "conditions": rule},
        }),
        &[],
    );
    assert_eq!(cast_in(&reg, json!({"kind": "text", "url": "too long"}), STRICT).errors, []);
    assert_eq!(cast_in(&reg, json!({"kind": "video"}), STRICT).errors.len(), 1);
    assert_eq!(cast_in(&reg, json!({"kind": "text", "url": 5}), STRICT).errors.len(), 1);
    let attributes = &reg.by_route("things").unwrap().attributes;
    let text = |s: &str| Value::Text(s.into());
    assert_eq!(check_values(&reg, attributes, &[text("text"), Value::Null]), []);
    assert_eq!(check_values(&reg, attributes, &[text("video"), Value::Null]).len(), 1);
}

#[test]
fn conditions_compare_the_default_that_a_new_entry_gets() {
    let rule = json!({"visible": {"==": [{"var": "kind"}, "video"]}});
    let reg = thing_registry(
        json!({
            "kind": {"type": "string", "default": "video"},
            "url": {"type": "string", "required": true, "conditions": rule},
        }),
        &[],
    );
    let count_errors = |data: Json, mode: CastMode| cast_in(&reg, data, mode).errors.len();
    assert_eq!(count_errors(json!({}), STRICT), 1);
    assert_eq!(count_errors(json!({"kind": null}), STRICT), 0);
    assert_eq!(count_errors(json!({"kind": "text"}), STRICT), 0);
    // Nothing is stored by default where an entry is changed.
    assert_eq!(count_errors(json!({"url": null}), CastMode { create: false, ..STRICT }), 0);
}

#[test]
fn errors_contain_no_secrets() {
    let reg = thing_registry(
        json!({
            "p": {"type": "password", "maxLength": 2},
            "s": {"type": "string", "private": true, "regex": "^x"},
            "l": {"type": "component", "component": "x.y", "repeatable": true, "max": 1}
        }),
        &[("x.y", json!({"open": {"type": "string"}, "zip": {"type": "string", "private": true}}))],
    );
    let refused = cast_in(&reg, json!({"p": "long"}), STRICT).errors;
    assert_eq!((refused.len(), &refused[0].value), (1, &None));
    let values = cast_in(&reg, json!({"p": "x", "s": "secret", "l": [{"zip": "1"}, {"open": "2"}]}), DRAFT).values;
    let errors = check_values(&reg, &reg.by_route("things").unwrap().attributes, &values);
    assert_eq!((errors.len(), &errors[0].value), (2, &None));
    assert_eq!(errors[1].value, Some(json!([{"open": null}, {"open": "2"}])));
    let attribute = Attributes::new(vec![]);
    assert_eq!(check_values(&reg, &attribute, &values), []);
}

fn seo_registry() -> Registry {
    thing_registry(
        json!({"seo": {"type": "component", "component": "x.seo"}, "links": {"type": "component", "component": "x.seo", "repeatable": true}}),
        &[
            (
                "x.seo",
                json!({
                    "title": {"type": "string"}, "flag": {"type": "boolean", "default": true},
                    "to": {"type": "relation", "relation": "oneToMany", "target": "api::thing.thing"},
                    "inner": {"type": "component", "component": "x.inner", "repeatable": true}
                }),
            ),
            ("x.inner", json!({"n": {"type": "integer"}})),
        ],
    )
}

fn merge_given(reg: &Registry, name: &str, stored: &Value, input: Json) -> Result<Value, String> {
    let ct = reg.by_route("things").unwrap();
    let (id, attribute) = ct.attributes.get(name).unwrap();
    let cast = cast_in(reg, json!({name: input}), UPDATE);
    assert_eq!(cast.errors, []);
    merge_value(reg, attribute, stored, cast.values[id].clone()).map_err(|error| error.to_string())
}

#[test]
fn component_updates_by_id_preserve_omitted_values() {
    let reg = seo_registry();
    let target = |id: &str| LinkTarget { content_type: reg.by_route("things").unwrap().id, document_id: id.into() };
    let component = |uid: &str| reg.component_by_uid(uid).unwrap().id;
    let inner =
        |id, n| Instance { component: component("x.inner"), id: Some(id), origin: None, values: vec![Value::Int(n)] };
    let instance = |id, title: Value, links: &[&str], inner: Vec<Instance>| Instance {
        component: component("x.seo"),
        id,
        origin: None,
        values: vec![
            title,
            Value::Bool(true),
            Value::Links(links.iter().map(|id| target(id)).collect()),
            Value::Instances(inner),
        ],
    };
    let text = |s: &str| Value::Text(s.into());
    let single = |instance: Instance| Value::Instance(Box::new(instance));
    let stored = single(instance(Some(7), text("old"), &["a", "b"], vec![inner(8, 1), inner(9, 2)]));

    let same = merge_given(&reg, "seo", &stored, json!({"id": 7})).unwrap();
    assert_eq!(same, stored);
    let input = json!({"id": "7", "title": "new", "to": {"connect": ["a"]}, "inner": [{"id": 9}, {"n": 5}]});
    let new_inner = Instance { component: component("x.inner"), id: None, origin: None, values: vec![Value::Int(5)] };
    let expected = single(instance(Some(7), text("new"), &["b", "a"], vec![inner(9, 2), new_inner]));
    assert_eq!(merge_given(&reg, "seo", &stored, input).unwrap(), expected);
    let anew = merge_given(&reg, "seo", &stored, json!({"to": ["c", "c"]})).unwrap();
    assert_eq!(anew, single(instance(None, Value::Null, &["c"], vec![])));
    assert_eq!(merge_given(&reg, "seo", &stored, Json::Null).unwrap(), Value::Null);

    for (name, update, attribute) in [
        ("seo", json!({"id": 8}), "seo"),
        ("seo", json!({"id": 7, "inner": [{"id": 1}]}), "inner"),
        ("seo", json!({"id": 7, "inner": [{"id": 8}, {"id": 8}]}), "inner"),
        ("links", json!([{"id": 7}]), "links"),
    ] {
        let stored = if name == "seo" { &stored } else { &Value::Absent };
        let expected = format!("Some of the provided components in {attribute} are not related to the entity");
        assert_eq!(merge_given(&reg, name, stored, update).unwrap_err(), expected);
    }
}

#[test]
fn links_resolve_and_to_one_uses_the_last_target() {
    let reg = registry(
        &[
            (
                "thing",
                json!({}),
                json!({
                    "one": {"type": "relation", "relation": "manyToOne", "target": "api::thing.thing"},
                    "many": {"type": "relation", "relation": "manyToMany", "target": "api::thing.thing"},
                    "any": {"type": "relation", "relation": "morphToMany"},
                    "file": {"type": "media"},
                }),
            ),
            ("other", json!({}), json!({})),
        ],
        &[],
    );
    let change = |name: &str, input: Json| {
        let result = cast_in(&reg, json!({name: input}), UPDATE);
        assert_eq!(result.errors, []);
        let (id, _) = reg.by_route("things").unwrap().attributes.get(name).unwrap();
        let Value::Change(change) = &result.values[id] else { panic!() };
        let list = |targets: Vec<&LinkTarget>| {
            targets.into_iter().map(|t| t.document_id.clone()).collect::<Vec<_>>().join(" ")
        };
        let connect = list(change.connect.iter().map(|c| &c.target).collect());
        (change.replace, connect, list(change.disconnect.iter().collect()))
    };
    let is = |replace: bool, connect: &str, disconnect: &str| (replace, connect.to_owned(), disconnect.to_owned());
    assert_eq!(change("one", json!(["a", "b"])), is(true, "b", ""));
    assert_eq!(change("one", json!({"connect": "a"})), is(true, "a", ""));
    assert_eq!(change("one", json!({"disconnect": ["a", 9]})), is(false, "", "a"));
    assert_eq!(change("one", Json::Null), is(true, "", ""));
    assert_eq!(
        change("many", json!({"connect": ["a", {"id": 1}], "disconnect": [{"documentId": "b"}]})),
        is(false, "a first", "b")
    );
    assert_eq!(change("many", json!({"set": []})), is(true, "", ""));
    assert_eq!(change("many", json!({})), is(false, "", ""));
    assert_eq!(change("many", json!({"set": null})), is(true, "", ""));
    assert_eq!(change("many", json!({"set": null, "connect": ["a"]})), is(false, "a", ""));
    assert_eq!(change("many", json!({"set": ["a"], "connect": ["b"], "disconnect": ["a"]})), is(true, "a", ""));
    assert_eq!(change("file", json!({"id": "1"})), is(true, "first", ""));
    assert_eq!(change("any", json!([{"__type": "api::other.other", "documentId": "o"}])), is(true, "o", ""));

    let ct = reg.by_route("things").unwrap();
    for bad in [
        json!({"any": [{"__type": "api::nope.nope", "documentId": "o"}]}),
        json!({"any": ["o"]}),
        json!({"many": {"connect": [{"nothing": 1}]}}),
        json!({"many": [null]}),
        json!({"many": ["a\0"]}),
        json!({"many": [[1]]}),
        json!({"one": 1.5}),
        json!({"one": [{}]}),
        json!({"one": {"__type": "api::other.other", "documentId": "o"}}),
    ] {
        assert_eq!(find_references(&reg, ct, &object(bad.clone())).unwrap_err().message, "Invalid relations", "{bad}");
    }
    let references = find_references(
        &reg,
        ct,
        &object(
            json!({"many": {"connect": [{"documentId": "a", "position": {"before": "b"}}], "disconnect": [3]}, "one": "5"}),
        ),
    );
    let reference = |target, must_exist| DocumentReference { content_type: ct.id, target, must_exist };
    assert_eq!(
        references.unwrap(),
        [
            reference(TargetRef::Row(5), true),
            reference(TargetRef::Document("a".into()), true),
            reference(TargetRef::Document("b".into()), false),
            reference(TargetRef::Row(3), false),
        ]
    );
}

#[test]
fn invalid_keys_are_rejected_as_in_the_contract() {
    let reg = registry(
        &[
            (
                "thing",
                json!({}),
                json!({
                    "title": {"type": "string"},
                    "secret": {"type": "relation", "relation": "oneToOne", "target": "api::other.other"},
                    "many": {"type": "relation", "relation": "oneToMany", "target": "api::thing.thing"},
                    "any": {"type": "relation", "relation": "morphToMany"},
                    "seo": {"type": "component", "component": "x.y"},
                    "zone": {"type": "dynamiczone", "components": ["x.y"]},
                }),
            ),
            ("other", json!({}), json!({})),
        ],
        &[(
            "x.y",
            json!({"t": {"type": "string"}, "o": {"type": "relation", "relation": "oneToOne", "target": "api::other.other"}}),
        )],
    );
    let ct = reg.by_route("things").unwrap();
    let other = reg.by_route("others").unwrap().id;
    let title = ct.attributes.get("title").unwrap().0;
    let check = |data: Json, write_title: bool| {
        check_keys(&reg, ct, &object(data), &|ty| ty != other, &|attribute| write_title || attribute != title)
            .map_err(|error| (error.message, error.path))
    };
    let own = |path: &str| Some(Some(path.to_owned()));
    for (data, message, path) in [
        (json!({"x": 1, "id": 1}), "Invalid key id", None),
        (json!({"documentId": 1}), "Invalid key documentId", None),
        (json!({"x": 1}), "Invalid key x", Some(None)),
        (json!({"updatedBy": 1}), "Invalid key updatedBy", own("updatedBy")),
        (json!({"localizations": []}), "Invalid key localizations", own("localizations")),
        (json!({"secret": null}), "Invalid key secret", own("secret")),
        (json!({"seo": {"x": 1}}), "Invalid key x at seo", own("seo")),
        (json!({"seo": {"documentId": 1}}), "Invalid key documentId at seo", own("seo")),
        (json!({"seo": {"o": 1}}), "Invalid key o at seo.o", own("seo.o")),
        (json!({"zone": [{"__component": "x.y", "x": 1}]}), "Invalid key x at zone", own("zone")),
        (json!({"many": [{"foo": 1}]}), "Invalid key foo at many", own("many")),
        (json!({"any": {"connect": [{"__type": "api::other.other"}]}}), "Invalid key any", own("any")),
        (json!({"__proto__": {}}), "Invalid key __proto__", Some(None)),
    ] {
        assert_eq!(check(data.clone(), true), Err((message.to_owned(), path)), "{data}");
    }
    assert_eq!(check(json!({"title": "x"}), false), Err(("Invalid key title".to_owned(), own("title"))));
    for good in [
        json!({"publishedAt": null, "locale": "nl", "title": "x"}),
        json!({"seo": {"id": 1, "t": "x"}, "zone": [{"__component": "x.y", "id": 2}, {"__component": "?", "x": 1}, 5]}),
        json!({"many": {"connect": [{"nothing": 1}]}}),
        json!({"many": [{"documentId": "a", "title": "sent back", "createdAt": "2020"}], "seo": "text", "zone": {}}),
    ] {
        assert_eq!(check(good.clone(), true), Ok(()), "{good}");
    }
}

#[test]
fn unique_errors_include_the_value() {
    let reg = thing_registry(json!({"f": {"type": "media", "required": true}, "g": {"type": "media"}}), &[]);
    let attributes = &reg.by_route("things").unwrap().attributes;
    let unique = unique_error(&attributes[0], &Value::Int(5));
    assert_eq!((unique.message.as_str(), unique.value), ("This attribute must be unique", Some(json!(5))));
}
