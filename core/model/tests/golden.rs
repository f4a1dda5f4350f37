//! The recorded requests of the conformance suite, as far as this crate decides them: keys, references, values.

#![allow(clippy::unwrap_used)]

mod common;

use cairn_model::body::{check_keys, find_references};
use cairn_model::load::load_project;
use cairn_model::validate::{CastMode, CastRules, FieldError, cast_attributes, check_values, merge_value};
use cairn_model::*;
use common::shared_fixture;
use serde_json::{Map, Value as Json, json};
use std::fs;

/// Error of this crate for a POST of one who may not read users: `None` where it has nothing against the body.
fn error_for_body(reg: &Registry, ct: &ContentType, data: &Map<String, Json>, draft: bool) -> Option<Json> {
    if let Err(error) = check_keys(reg, ct, data, &|ty| ty != reg.user_type().id, &|_| true) {
        let mut details = json!({"key": error.key, "source": "body"});
        if let Some(path) = error.path {
            details["path"] = path.into();
        }
        return Some(json!({"message": error.message, "details": details}));
    }
    let references = match find_references(reg, ct, data) {
        Ok(references) => references,
        Err(error) => return Some(json!({"message": error.message})),
    };
    // The documents of these names are those the recordings say are missing.
    let missing = |target: &TargetRef| match target {
        TargetRef::Document(id) => id.starts_with("zzz") || id == "nope",
        TargetRef::Row(id) => [1, 99999].contains(id),
    };
    if let Some(reference) = references.iter().find(|r| r.must_exist && missing(&r.target)) {
        return Some(match &reference.target {
            TargetRef::Document(id) => {
                json!({"message": format!("Document with id \"{id}\", locale \"null\" not found")})
            }
            TargetRef::Row(_) => {
                let uid = &reg.get(reference.content_type).uid;
                json!({"message": format!("1 relation(s) of type {uid} associated with this entity do not exist")})
            }
        });
    }
    let mode = CastMode { rules: CastRules::of_type(ct), create: true };
    let result = cast_attributes(reg, &ct.attributes, data, mode, &|_, target| Some(format!("{target:?}")));
    if !result.errors.is_empty() {
        return Some(errors_to_json(result.errors));
    }
    if let Some(message) = result.format {
        return Some(json!({"message": message, "details": {}}));
    }
    if draft || !ct.draft_publish {
        return None;
    }
    let mut next = 0;
    let merged: Vec<_> = ct
        .attributes
        .iter()
        .zip(result.values)
        .map(|((_, attribute), value)| {
            let mut value = merge_value(reg, attribute, &Value::Absent, value).unwrap();
            assign_ids(&mut value, &mut next);
            value
        })
        .collect();
    let field_errors = check_values(reg, &ct.attributes, &merged);
    (!field_errors.is_empty()).then(|| errors_to_json(field_errors))
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

fn errors_to_json(list: Vec<FieldError>) -> Json {
    let message = match list.as_slice() {
        [one] => one.message.clone(),
        several => format!("{} errors occurred", several.len()),
    };
    let list: Vec<_> = list
        .into_iter()
        .map(|error| {
            let mut json = json!({"path": error.path, "message": error.message, "name": "ValidationError"});
            if let Some(value) = error.value {
                json["value"] = value;
            }
            json
        })
        .collect();
    json!({"message": message, "details": {"errors": list}})
}

/// Numeric ids are normalised in the recordings.
fn normalise(json: &mut Json) {
    match json {
        Json::Object(map) => map.iter_mut().for_each(|(key, value)| match value {
            Json::Number(_) if key == "id" => *value = "<id>".into(),
            value => normalise(value),
        }),
        Json::Array(list) => list.iter_mut().for_each(normalise),
        _ => {}
    }
}

#[test]
fn body_errors_match_the_recordings() {
    let Some(folder) = shared_fixture("conformance") else { return };
    let reg = load_project(&folder).unwrap().registry;
    let read =
        |path: String| -> Json { serde_json::from_str(&fs::read_to_string(folder.join(path)).unwrap()).unwrap() };
    let mut compared = 0;
    for suite in ["errors", "types", "write", "components", "relations"] {
        let (cases, golden) = (read(format!("cases/{suite}.json")), read(format!("golden/{suite}.json")));
        for case in cases.as_array().unwrap() {
            let recorded = &golden[case["id"].as_str().unwrap()];
            let recorded = recorded.get("steps").unwrap_or(recorded).as_array().unwrap();
            for (step, recorded) in case["steps"].as_array().unwrap().iter().zip(recorded) {
                let request = step["do"].as_str().unwrap();
                let (method, target) = request.split_once(' ').unwrap();
                let (path, query) = target.split_once('?').unwrap_or((target, ""));
                let Some(data) = step["body"]["data"].as_object() else { continue };
                // An update starts from a stored entry; only what is refused without looking at it can be compared.
                let is_update = method == "PUT";
                let Some(ct) = reg.by_route(path.trim_start_matches('/').split('/').next().unwrap()) else { continue };
                if is_update && ct.kind == ContentTypeKind::Single || recorded["status"] == 404 {
                    continue;
                }
                let expected = &recorded["body"]["error"];
                let unique = expected["message"] == "This attribute must be unique";
                if unique || is_update && expected.is_null() {
                    continue;
                }
                if is_update && !expected["message"].as_str().unwrap_or_default().contains("elation") {
                    continue;
                }
                let actual = error_for_body(&reg, ct, data, query.contains("status=draft"));
                compared += 1;
                let context = format!("{} {request} {}", case["id"], step["body"]);
                match (actual, expected) {
                    (None, Json::Null) => {}
                    (Some(_), expected) if step["compare"] == "error" => assert!(!expected.is_null(), "{context}"),
                    (Some(mut actual), expected) => {
                        normalise(&mut actual);
                        assert_eq!(actual["message"], expected["message"], "{context}");
                        if actual.get("details").is_some() {
                            assert_eq!(actual["details"], expected["details"], "{context}");
                        }
                    }
                    (None, expected) => panic!("{context}: expected {expected}"),
                }
            }
        }
    }
    assert!(compared > 90, "{compared}");
}
