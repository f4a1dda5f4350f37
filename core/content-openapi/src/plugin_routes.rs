//! The operations of plugins' routes, as far as their manifests describe them: who may call them, what they take and answer, how often.

use crate::operations::describe_responses;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Media type of the content API.
const JSON_TYPE: &str = "application/json";
/// Media types of the forms of browsers.
const FORM_TYPES: [&str; 2] = ["application/x-www-form-urlencoded", "multipart/form-data"];
/// Statuses that the sender of a form gets as a page.
const PAGE_STATUSES: [u16; 3] = [429, 502, 503];

/// A route of a plugin that the caller may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginRoute {
    /// Id of the plugin.
    pub plugin: String,
    /// Name of the route, unique in its plugin.
    pub name: String,
    /// Method, such as `POST`.
    pub method: String,
    /// Path below `/api/<plugin>`: `/leads/{source}`; the last part may be `{*rest}`.
    pub path: String,
    /// Description by its manifest, for people; empty if there is none.
    pub description: String,
    /// Bodies that it takes, by their media types. `None`: it takes no body; empty: it takes any.
    pub bodies: Option<Vec<PluginBody>>,
    /// Responses that its manifest declares; empty: it says nothing of them.
    pub responses: Vec<PluginResponse>,
}

/// A body that a plugin's route takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginBody {
    /// Its media type.
    pub media_type: String,
    /// JSON Schema of it, without references; `None`: its manifest says nothing of its form.
    pub schema: Option<Arc<Json>>,
}

/// A response of a plugin's route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginResponse {
    /// HTTP status.
    pub status: u16,
    /// Media type of its body; `None`: it has none.
    pub media_type: Option<String>,
    /// JSON Schema of its body, without references.
    pub schema: Option<Arc<Json>>,
    /// Meaning of it for the caller, by its manifest.
    pub description: Option<String>,
}

/// Adds the operations of routes, whose errors have the schema `error`, below the paths that are there. Returns their tags.
pub(crate) fn add_plugin_routes(paths: &mut Map<String, Json>, routes: &[PluginRoute], error: &Json) -> Vec<Json> {
    let mut tags: Vec<String> = Vec::new();
    let mut shapes: HashMap<String, String> = paths.keys().map(|path| (describe_shape(path), path.clone())).collect();
    for route in routes {
        let tag = format!("plugin {}", route.plugin);
        let operation = describe_route(route, &tag, error);
        if !tags.contains(&tag) {
            tags.push(tag);
        }
        let (path, parameters) = read_path(route);
        // Templates that differ in the names of their parameters only are one path, with the names of the first.
        let known = shapes.entry(describe_shape(&path)).or_insert(path);
        let item = paths.entry(known.as_str()).or_insert_with(|| match parameters.is_empty() {
            true => json!({}),
            false => json!({ "parameters": parameters }),
        });
        item[route.method.to_ascii_lowercase()] = operation;
    }
    tags.iter().map(|tag| json!({ "name": tag })).collect()
}

/// The path of a route with its parameters.
fn read_path(route: &PluginRoute) -> (String, Vec<Json>) {
    let mut parameters = Vec::new();
    let segments = route.path.split('/').map(|segment| {
        let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            return segment.to_owned();
        };
        let rest = name.strip_prefix('*');
        let name = rest.unwrap_or(name);
        let mut parameter = json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } });
        if rest.is_some() {
            parameter["description"] = json!("The rest of the path, which may have slashes.");
        }
        parameters.push(parameter);
        format!("{{{name}}}")
    });
    let path = segments.collect::<Vec<_>>().join("/");
    (format!("/api/{}{path}", route.plugin), parameters)
}

/// A path without the names of its parameters.
fn describe_shape(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

fn describe_route(route: &PluginRoute, tag: &str, error: &Json) -> Json {
    let id = format!("{}__{}", route.plugin, route.name).replace('-', "_");
    let responses = describe_route_responses(route, error);
    let mut operation = json!({ "operationId": id, "summary": route.name, "tags": [tag], "responses": responses });
    if !route.description.is_empty() {
        operation["description"] = json!(route.description);
    }
    if let Some(bodies) = &route.bodies {
        operation["requestBody"] = describe_bodies(bodies);
    }
    operation
}

fn describe_bodies(bodies: &[PluginBody]) -> Json {
    if bodies.is_empty() {
        return json!({ "content": { "*/*": {} } });
    }
    let describe = |schema: &Json| json!({ "schema": schema });
    let content: Map<String, Json> = bodies
        .iter()
        .map(|body| (body.media_type.clone(), body.schema.as_deref().map_or_else(|| json!({}), describe)))
        .collect();
    // A request without a body has no members.
    let needs_members = |schema: &Json| schema["required"].as_array().is_some_and(|names| !names.is_empty());
    match bodies.iter().all(|body| body.schema.as_deref().is_some_and(needs_members)) {
        true => json!({ "required": true, "content": content }),
        false => json!({ "content": content }),
    }
}

/// Describes what a route answers: what its manifest declares, and the errors that every route has.
fn describe_route_responses(route: &PluginRoute, error: &Json) -> Json {
    let mut responses = Map::new();
    if route.responses.is_empty() {
        responses.insert("2XX".to_owned(), json!({ "description": "The response of the plugin" }));
    }
    let mut statuses: BTreeSet<u16> = route.responses.iter().map(|response| response.status).collect();
    let takes_forms = takes_forms(route);
    if takes_forms {
        statuses.extend(PAGE_STATUSES);
    }
    for status in statuses {
        let declared: Vec<&PluginResponse> = route.responses.iter().filter(|one| one.status == status).collect();
        let mut content = Map::new();
        // An error of the plugin's own can come from Cairn as well.
        if status >= 400 {
            content.insert(JSON_TYPE.to_owned(), json!({ "schema": error }));
        }
        for (media_type, schema) in declared.iter().filter_map(|one| Some((one.media_type.as_ref()?, &one.schema))) {
            let described = match schema.as_deref() {
                Some(own) if status >= 400 && media_type == JSON_TYPE => json!({ "schema": { "anyOf": [own, error] } }),
                Some(own) => json!({ "schema": own }),
                None => json!({}),
            };
            content.insert(media_type.clone(), described);
        }
        if takes_forms && PAGE_STATUSES.contains(&status) {
            content.entry("text/html").or_insert_with(|| json!({}));
        }
        let mut described = json!({ "description": describe_declared(&declared) });
        if !content.is_empty() {
            described["content"] = Json::Object(content);
        }
        responses.insert(status.to_string(), described);
    }
    if let Json::Object(of_every_route) = describe_responses(&[]) {
        responses.extend(of_every_route);
    }
    Json::Object(responses)
}

/// Meaning of the responses of one status, by the manifest; those that say the same, once.
fn describe_declared(declared: &[&PluginResponse]) -> String {
    let mut texts: Vec<&str> = declared.iter().filter_map(|response| response.description.as_deref()).collect();
    texts.dedup();
    match (texts.is_empty(), declared.is_empty()) {
        (false, _) => texts.join("; "),
        (true, false) => "The response of the plugin".to_owned(),
        (true, true) => "Not now; a browser that sent a form gets a page on which it can be sent again".to_owned(),
    }
}

/// True if a browser may send a form to the route.
fn takes_forms(route: &PluginRoute) -> bool {
    let is_form = |body: &PluginBody| FORM_TYPES.contains(&body.media_type.as_str());
    route.method == "POST"
        && route.bodies.as_ref().is_some_and(|bodies| bodies.is_empty() || bodies.iter().any(is_form))
}
