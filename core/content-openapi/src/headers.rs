//! The headers of reads and writes: `If-None-Match` with the `ETag` of a response, `If-Match` with the `Cairn-Version` of an entry.

use cairn_model::ErrorKind;
use serde_json::{Map, Value as Json, json};

const IF_MATCH: &str = "If-Match";
const IF_NONE_MATCH: &str = "If-None-Match";
const ETAG: &str = "ETag";
const CAIRN_VERSION: &str = "Cairn-Version";
const NOT_MODIFIED: &str = "304";

/// Describes the request headers that operations refer to, as parameters.
pub(crate) fn describe_request_headers() -> Map<String, Json> {
    let stale = ErrorKind::Conflict;
    let if_match = format!(
        "The `{CAIRN_VERSION}` of the entry as the caller read it, quoted or not: the response is {} if the entry has changed since. \
         `*` and no header: the last write wins.",
        stale.status()
    );
    let if_none_match = format!(
        "The `{ETAG}` of an earlier response, or several of them: the response is {NOT_MODIFIED} if it would be the same."
    );
    [(IF_MATCH, if_match), (IF_NONE_MATCH, if_none_match)]
        .into_iter()
        .map(|(name, about)| {
            let parameter =
                json!({ "name": name, "in": "header", "description": about, "schema": { "type": "string" } });
            (name.to_owned(), parameter)
        })
        .collect()
}

/// Describes the response headers that operations refer to.
pub(crate) fn describe_response_headers() -> Json {
    json!({
        ETAG: {
            "description": format!("Name of this response, for `{IF_NONE_MATCH}`. Responses to previews have none."),
            "schema": { "type": "string" },
        },
        CAIRN_VERSION: {
            "description": format!("Version token of the entry, for `{IF_MATCH}`; it changes with every write."),
            "schema": { "type": "integer", "format": "int64" },
        },
    })
}

/// Adds to a read that it answers `304` to a client that has the response already.
pub(crate) fn add_conditional_read(operation: &mut Json) {
    add_request_header(operation, IF_NONE_MATCH);
    add_response_header(operation, ETAG);
    let mut unchanged = json!({ "description": format!("Unchanged: `{IF_NONE_MATCH}` names its `{ETAG}`") });
    unchanged["headers"] = json!({ ETAG: refer_to_header(ETAG) });
    insert_response(operation, NOT_MODIFIED, unchanged);
}

/// Adds the version token of the entry to all responses that show it.
pub(crate) fn add_version_token(operation: &mut Json) {
    add_response_header(operation, CAIRN_VERSION);
}

/// Adds to a write that it refuses to change an entry that has another version than the caller names.
pub(crate) fn add_conditional_write(operation: &mut Json) {
    add_request_header(operation, IF_MATCH);
    let stale = ErrorKind::Conflict;
    let about = format!(
        "`{}`. If the entry has another version than `{IF_MATCH}` names, `details` has `currentVersion` and `yourVersion`, who changed it \
         last in `by`, when in `at`, and in `changed` the names of the attributes that changed since.",
        stale.name()
    );
    let content = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } });
    insert_response(operation, &stale.status().to_string(), json!({ "description": about, "content": content }));
}

fn add_request_header(operation: &mut Json, name: &str) {
    let reference = json!({ "$ref": format!("#/components/parameters/{name}") });
    match operation["parameters"].as_array_mut() {
        Some(parameters) => parameters.push(reference),
        None => operation["parameters"] = json!([reference]),
    }
}

/// Adds a header to all responses of an operation that have a body and are no errors, and to those without a change.
fn add_response_header(operation: &mut Json, name: &str) {
    for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        let shows_entry = status.starts_with('2') && response.get("content").is_some();
        if shows_entry || status == NOT_MODIFIED {
            response["headers"][name] = refer_to_header(name);
        }
    }
}

fn refer_to_header(name: &str) -> Json {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

/// Adds a response before the one for all other errors, which stays the last.
fn insert_response(operation: &mut Json, status: &str, response: Json) {
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    let others = responses.shift_remove("default");
    responses.insert(status.to_owned(), response);
    responses.extend(others.map(|others| ("default".to_owned(), others)));
}
