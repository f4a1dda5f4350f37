//! The operations of plugins' routes, as far as their manifests describe them: who may call them, what they take, how often.

use crate::operations::describe_responses;
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

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
    /// Media types of its body. `None`: it takes no body; empty: it takes any.
    pub media_types: Option<Vec<String>>,
}

/// Adds the operations of routes, below the paths that are there. Returns their tags.
pub(crate) fn add_plugin_routes(paths: &mut Map<String, Json>, routes: &[PluginRoute]) -> Vec<Json> {
    let mut tags: Vec<String> = Vec::new();
    let mut shapes: HashMap<String, String> = paths.keys().map(|path| (describe_shape(path), path.clone())).collect();
    for route in routes {
        let tag = format!("plugin {}", route.plugin);
        let operation = describe_route(route, &tag);
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

fn describe_route(route: &PluginRoute, tag: &str) -> Json {
    let id = format!("{}__{}", route.plugin, route.name).replace('-', "_");
    let mut responses = describe_responses(&[]);
    // A manifest says nothing of what a route answers.
    responses["2XX"] = json!({ "description": "The response of the plugin" });
    let mut operation = json!({ "operationId": id, "summary": route.name, "tags": [tag], "responses": responses });
    if !route.description.is_empty() {
        operation["description"] = json!(route.description);
    }
    if let Some(types) = &route.media_types {
        let any = ["*/*".to_owned()];
        let types = if types.is_empty() { &any[..] } else { types };
        let content: Map<String, Json> = types.iter().map(|name| (name.clone(), json!({}))).collect();
        operation["requestBody"] = json!({ "content": content });
    }
    operation
}
