//! Parts of the document that are the same for every route: who may ask, the names of operations, what an answer's members are.

use super::response_types::SCHEMAS_EXTENSION;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use utoipa::openapi::OpenApi;

const SCHEMA_REF_PREFIX: &str = "#/components/schemas/";

/// The whole document.
///
/// # Panics
/// Where two schemas have one name, or one is referred to that is not there: both are faults of the code, and a test sees them.
pub fn finish_document(api: &OpenApi) -> Value {
    let mut document = serde_json::to_value(api).unwrap_or_default();
    let mut schemas = match document["components"]["schemas"].take() {
        Value::Object(schemas) => schemas,
        _ => Map::new(),
    };
    each_operation(&mut document, |operation| collect_schemas(operation, &mut schemas));
    let response_schemas = reachable_schemas(&schemas, &references_in_answers(&mut document));
    let request_schemas = reachable_schemas(&schemas, &references_in_bodies(&mut document));
    for (name, schema) in &mut schemas {
        if response_schemas.contains(name) && !request_schemas.contains(name) {
            nullable_is_required(schema);
        }
    }
    schemas.values_mut().for_each(remove_null_default);
    each_operation(&mut document, |operation| {
        name_operation(operation);
        describe_statuses(operation);
        if is_body_optional(operation, &schemas) {
            operation["requestBody"]["required"] = false.into();
        }
    });
    let mut used = BTreeSet::new();
    collect_references(&document["paths"], &mut used);
    let used = reachable_schemas(&schemas, &used);
    if let Some(missing) = used.iter().find(|name| !schemas.contains_key(*name)) {
        panic!("{missing} is referred to and not described");
    }
    schemas.sort_keys();
    document["info"] = json!({
        "title": "Cairn: admin API",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "What the admin works with. Answers are `{\"data\": …}`, errors `{\"data\": null, \"error\": …}`. \
            401: nobody is signed in. 403: who is, may not. 404: it is not there, or not theirs. 409: somebody else was faster. \
            503: try again after `Retry-After` seconds.",
    });
    document["security"] = json!([{ "session": [], "csrf": [] }, { "token": [] }]);
    document["components"] = json!({
        "schemas": schemas,
        "securitySchemes": {
            "session": { "type": "apiKey", "in": "cookie", "name": "cairn_admin", "description": "Set by signing in" },
            "csrf": {
                "type": "apiKey", "in": "header", "name": "X-CSRF-Token",
                "description": "With the cookie, on every request that is not GET or HEAD",
            },
            "token": { "type": "http", "scheme": "bearer", "description": "For scripts" },
        },
    });
    document
}

fn each_operation(document: &mut Value, mut f: impl FnMut(&mut Value)) {
    let paths = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    for operation in paths.flat_map(|path| path.as_object_mut().into_iter().flat_map(Map::values_mut)) {
        f(operation);
    }
}

fn operation_responses(operation: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    operation["responses"].as_object_mut().into_iter().flat_map(Map::iter_mut)
}

/// Takes the schemas that answers carry.
fn collect_schemas(operation: &mut Value, schemas: &mut Map<String, Value>) {
    for (_, response) in operation_responses(operation) {
        let carried = response.as_object_mut().and_then(|response| response.shift_remove(SCHEMAS_EXTENSION));
        for pair in carried.as_ref().and_then(Value::as_array).into_iter().flatten() {
            let (Some(name), schema) = (pair[0].as_str(), &pair[1]) else { continue };
            let known = schemas.entry(name).or_insert_with(|| schema.clone());
            assert_eq!(known, schema, "two schemas are called {name}");
        }
    }
}

/// `list` of the area `jobs` is `jobs_list`.
fn name_operation(operation: &mut Value) {
    let area = operation["tags"][0].as_str().unwrap_or_default().replace('-', "_");
    let function = operation["operationId"].as_str().unwrap_or_default();
    operation["operationId"] = format!("{area}_{function}").into();
}

/// A document has to describe every status in words; the usual ones do.
fn describe_statuses(operation: &mut Value) {
    for (status, response) in operation_responses(operation) {
        if response["description"].as_str().is_none_or(str::is_empty) {
            let status_code = status.parse().ok().and_then(|code| StatusCode::from_u16(code).ok());
            response["description"] = status_code.and_then(|s| s.canonical_reason()).unwrap_or("An answer").into();
        }
    }
}

/// A body of which no member is needed may be missing.
fn is_body_optional(operation: &Value, schemas: &Map<String, Value>) -> bool {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let referenced =
        schema["$ref"].as_str().and_then(|r| r.strip_prefix(SCHEMA_REF_PREFIX)).and_then(|name| schemas.get(name));
    referenced.is_some_and(|schema| schema["type"] == "object" && schema.get("required").is_none())
}

/// In answers a member that may be null is always there; utoipa takes it for one that may be missing.
fn nullable_is_required(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            let nullable: Vec<Value> = object
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .filter(|(_, schema)| is_nullable(schema))
                .map(|(name, _)| name.as_str().into())
                .collect();
            if !nullable.is_empty() {
                let required = object.entry("required").or_insert_with(|| json!([]));
                for name in nullable {
                    if let Some(list) = required.as_array_mut().filter(|list| !list.contains(&name)) {
                        list.push(name);
                    }
                }
            }
            object.values_mut().for_each(nullable_is_required);
        }
        Value::Array(list) => list.iter_mut().for_each(nullable_is_required),
        _ => {}
    }
}

/// Removes `"default": null`, at any depth: that a member which may be missing is null then is nothing to say.
fn remove_null_default(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("default") == Some(&Value::Null) {
                object.shift_remove("default");
            }
            object.values_mut().for_each(remove_null_default);
        }
        Value::Array(list) => list.iter_mut().for_each(remove_null_default),
        _ => {}
    }
}

fn is_nullable(schema: &Value) -> bool {
    let null = |schema: &Value| schema["type"] == "null";
    schema["type"].as_array().is_some_and(|types| types.iter().any(|t| t == "null"))
        || null(schema)
        || schema["oneOf"].as_array().is_some_and(|all| all.iter().any(null))
}

fn references_in_answers(document: &mut Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    each_operation(document, |operation| collect_references(&operation["responses"], &mut names));
    names
}

fn references_in_bodies(document: &mut Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    each_operation(document, |operation| collect_references(&operation["requestBody"], &mut names));
    names
}

fn collect_references(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(name) =
                object.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix(SCHEMA_REF_PREFIX))
            {
                names.insert(name.to_owned());
            }
            object.values().for_each(|value| collect_references(value, names));
        }
        Value::Array(list) => list.iter().for_each(|value| collect_references(value, names)),
        _ => {}
    }
}

/// These and what they refer to.
fn reachable_schemas(schemas: &Map<String, Value>, from: &BTreeSet<String>) -> BTreeSet<String> {
    let (mut all, mut next) = (BTreeSet::new(), from.clone());
    while let Some(name) = next.pop_first() {
        if let Some(schema) = schemas.get(&name) {
            collect_references(schema, &mut next);
        }
        all.insert(name);
        next.retain(|name| !all.contains(name));
    }
    all
}
