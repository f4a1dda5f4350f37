//! The content API as an OpenAPI 3.1 document, as far as the permissions of a caller go.

mod core_routes;
mod headers;
mod operations;
mod plugin_routes;
mod schemas;
#[cfg(test)]
mod tests;

use cairn_access::PluginAction;
use cairn_model::Registry;
use cairn_query::Access;
pub use plugin_routes::{PluginBody, PluginResponse, PluginRoute};
use schemas::Schemas;
use serde_json::{Map, Value as Json, json};

/// Permissions of the caller for whom the content API is described.
#[derive(Clone, Copy)]
pub struct ApiPermissions<'a> {
    /// On content types.
    pub access: &'a Access,
    /// True if the caller may take an action of a route that belongs to no content type of the project: of users, files, locales.
    pub allows_action: &'a dyn Fn(PluginAction) -> bool,
    /// Routes of plugins that they may call.
    pub plugin_routes: &'a [PluginRoute],
}

/// Describes what a caller may call, as an OpenAPI document. The same model and permissions always give the same document.
pub fn describe_content_api(registry: &Registry, permissions: ApiPermissions<'_>) -> Json {
    let mut schemas = Schemas::new(registry, permissions.access);
    let mut paths = Map::new();
    let mut tags = Vec::new();
    for content_type in registry.types().iter().filter(|content_type| content_type.is_api()) {
        if operations::add_content_type(&mut paths, &mut schemas, content_type) {
            tags.push(json!({ "name": content_type.api_path(), "description": content_type.display_name }));
        }
    }
    tags.extend(core_routes::add_core_routes(&mut paths, &mut schemas, permissions.allows_action));
    let error = schemas.error();
    tags.extend(plugin_routes::add_plugin_routes(&mut paths, permissions.plugin_routes, &error));
    let mut parameters = operations::describe_parameters();
    parameters.extend(headers::describe_request_headers());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Content API",
            "version": "1",
            "description": "What the caller may read and write. Requested with another token, this document describes other operations.",
        },
        // Paths are complete; the address of this document says where they are.
        "servers": [{ "url": "/" }],
        "security": [{}, { "bearer": [] }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas.into_map(),
            "parameters": parameters,
            "headers": headers::describe_response_headers(),
            "responses": {
                "Error": { "description": "Error", "content": { "application/json": { "schema": error } } },
            },
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "description": "An API token, or the token of a user who signed in." },
            },
        },
    })
}
