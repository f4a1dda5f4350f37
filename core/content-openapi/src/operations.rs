//! The operations of content types: requests, their parameters, and responses.

use crate::core_routes::is_core_operation;
use crate::headers::{add_conditional_read, add_conditional_write, add_version_token};
use crate::schemas::Schemas;
use cairn_model::content_type::{ContentType, ContentTypeKind};
use cairn_query::{Action, PARAMETERS, Parameter};
use serde_json::{Map, Value as Json, json};

/// Parameters of the query that lists of entries refuse or ignore.
const FLAT_PAGINATION: [&str; 4] = ["page", "pageSize", "start", "limit"];
/// Query parameters of requests that return one entry.
const ENTRY_PARAMETERS: [&str; 4] = ["fields", "populate", "status", "locale"];
const DELETE_PARAMETERS: [&str; 1] = ["locale"];

/// Adds the operations of a content type that the caller may call. Returns `false` if there are none.
pub(crate) fn add_content_type<'a>(
    paths: &mut Map<String, Json>,
    schemas: &mut Schemas<'a>,
    content_type: &'a ContentType,
) -> bool {
    let allows = |action: Action| schemas.access.allows_action(content_type.id, action);
    let [find, find_one, create, update, delete] =
        [Action::Find, Action::FindOne, Action::Create, Action::Update, Action::Delete].map(allows);
    let (mut all, mut one) = (Map::new(), Map::new());
    match content_type.kind {
        ContentTypeKind::Collection => {
            if find {
                all.insert("get".to_owned(), list_operation(schemas, content_type));
            }
            if create {
                all.insert("post".to_owned(), write_operation(schemas, content_type, Action::Create));
            }
            if find_one {
                one.insert("get".to_owned(), read_operation(schemas, content_type));
            }
            if update {
                one.insert("put".to_owned(), write_operation(schemas, content_type, Action::Update));
            }
            if delete {
                one.insert("delete".to_owned(), delete_operation(schemas, content_type));
            }
        }
        ContentTypeKind::Single => {
            if find {
                all.insert("get".to_owned(), read_operation(schemas, content_type));
            }
            if update {
                all.insert("put".to_owned(), write_operation(schemas, content_type, Action::Update));
            }
            if delete {
                all.insert("delete".to_owned(), delete_operation(schemas, content_type));
            }
        }
    }
    let path = format!("/api/{}", content_type.api_path());
    let has_operations = !all.is_empty() || !one.is_empty();
    if !all.is_empty() {
        paths.insert(path.clone(), Json::Object(all));
    }
    if !one.is_empty() {
        let id = json!({ "name": "documentId", "in": "path", "required": true, "schema": { "type": "string" } });
        one.insert("parameters".to_owned(), json!([id]));
        paths.insert(format!("{path}/{{documentId}}"), Json::Object(one));
    }
    has_operations
}

fn list_operation<'a>(schemas: &mut Schemas<'a>, content_type: &'a ContentType) -> Json {
    let (entry, pagination) = (schemas.entry(content_type), schemas.pagination());
    let meta = json!({ "type": "object", "properties": { "pagination": pagination } });
    let body = data_schema(&json!({ "type": "array", "items": entry }), &meta);
    let mut operation = operation(schemas, content_type, "list", &[(200, Some(body))]);
    operation["parameters"] =
        refer_to_parameters(&list_parameters().map(|parameter| parameter.name).collect::<Vec<_>>());
    add_conditional_read(&mut operation);
    operation
}

fn read_operation<'a>(schemas: &mut Schemas<'a>, content_type: &'a ContentType) -> Json {
    let body = data_schema(&schemas.entry(content_type), &json!({ "type": "object" }));
    let mut operation = operation(schemas, content_type, "get", &[(200, Some(body))]);
    operation["parameters"] = refer_to_parameters(&ENTRY_PARAMETERS);
    add_conditional_read(&mut operation);
    add_version_token(&mut operation);
    operation
}

fn write_operation<'a>(schemas: &mut Schemas<'a>, content_type: &'a ContentType, action: Action) -> Json {
    let (entry, input) = (schemas.entry(content_type), schemas.entry_input(content_type, action));
    let body = data_schema(&entry, &json!({ "type": "object" }));
    let (verb, responses): (_, &[(u16, Option<Json>)]) = match action {
        Action::Create => ("create", &[(201, Some(body))]),
        // The first write of a single type creates it, as that of another locale does.
        _ => ("update", &[(200, Some(body.clone())), (201, Some(body))]),
    };
    let mut operation = operation(schemas, content_type, verb, responses);
    operation["parameters"] = refer_to_parameters(&ENTRY_PARAMETERS);
    let schema = json!({ "type": "object", "properties": { "data": input }, "required": ["data"] });
    operation["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    add_version_token(&mut operation);
    if action == Action::Update {
        add_conditional_write(&mut operation);
    }
    operation
}

fn delete_operation<'a>(schemas: &mut Schemas<'a>, content_type: &'a ContentType) -> Json {
    let mut operation = operation(schemas, content_type, "delete", &[(204, None)]);
    operation["parameters"] = refer_to_parameters(&DELETE_PARAMETERS);
    add_conditional_write(&mut operation);
    operation
}

fn operation(schemas: &Schemas<'_>, content_type: &ContentType, verb: &str, responses: &[(u16, Option<Json>)]) -> Json {
    let name = schemas.type_name(content_type.id);
    // A type of the project may be called as the core's users and files are.
    let id = Some(format!("{verb}{name}")).filter(|id| !is_core_operation(id));
    json!({
        "operationId": id.unwrap_or_else(|| format!("{verb}_{name}")),
        "summary": format!("{}: {verb}", content_type.display_name),
        "tags": [content_type.api_path()],
        "responses": describe_responses(responses),
    })
}

/// Describes the responses of an operation by status (`None`: without a body), and its errors.
pub(crate) fn describe_responses(responses: &[(u16, Option<Json>)]) -> Json {
    let mut described = Map::new();
    for (status, body) in responses {
        let mut response = json!({ "description": describe_status(*status) });
        if let Some(body) = body {
            response["content"] = json!({ "application/json": { "schema": body } });
        }
        described.insert(status.to_string(), response);
    }
    described.insert("default".to_owned(), json!({ "$ref": "#/components/responses/Error" }));
    Json::Object(described)
}

fn describe_status(status: u16) -> &'static str {
    match status {
        201 => "Created",
        204 => "Deleted, or there is no such entry",
        _ => "OK",
    }
}

fn data_schema(data: &Json, meta: &Json) -> Json {
    json!({ "type": "object", "properties": { "data": data, "meta": meta }, "required": ["data"] })
}

/// The parameters of lists of entries.
fn list_parameters() -> impl Iterator<Item = &'static Parameter> {
    PARAMETERS.iter().filter(|parameter| !FLAT_PAGINATION.contains(&parameter.name))
}

/// References to parameters of the query, by their names.
pub(crate) fn refer_to_parameters(names: &[&str]) -> Json {
    names.iter().map(|name| json!({ "$ref": format!("#/components/parameters/{name}") })).collect()
}

/// Describes all query parameters that operations refer to.
pub(crate) fn describe_parameters() -> Map<String, Json> {
    let described = list_parameters().map(|parameter| {
        let (schema, is_map) = parameter_schema(parameter.name);
        let mut described =
            json!({ "name": parameter.name, "in": "query", "description": parameter.summary, "schema": schema });
        if is_map {
            described["style"] = json!("deepObject");
            described["explode"] = json!(true);
        }
        (parameter.name.to_owned(), described)
    });
    described.collect()
}

/// The schema of a parameter, and true if its keys are in brackets (`filters[title]`).
fn parameter_schema(name: &str) -> (Json, bool) {
    let text_or_list = json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] });
    match name {
        "filters" => (json!({ "type": "object", "additionalProperties": true }), true),
        "populate" => (
            json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }, { "type": "object", "additionalProperties": true }] }),
            true,
        ),
        "pagination" => {
            let number = json!({ "type": "integer", "minimum": 0 });
            let parts = json!({ "page": { "type": "integer", "minimum": 1 }, "pageSize": { "type": "integer", "minimum": 1 }, "start": number, "limit": number, "withCount": { "type": "boolean" } });
            (json!({ "type": "object", "properties": parts, "additionalProperties": false }), true)
        }
        "status" => (json!({ "type": "string", "enum": ["draft", "published"] }), false),
        "hasPublishedVersion" => (json!({ "type": "boolean" }), false),
        "sort" | "fields" | "locale" => (text_or_list, false),
        _ => (json!({ "type": "string" }), false),
    }
}
