//! The content API as an OpenAPI 3.1 document, as far as the permissions of a caller go.

mod core_routes;
mod operations;
mod schemas;
#[cfg(test)]
mod tests;

use cairn_access::PluginAction;
use cairn_model::Registry;
use cairn_query::Access;
use schemas::Schemas;
use serde_json::{Map, Value as Json, json};

/// Rights of the caller of a document.
#[derive(Clone, Copy)]
pub struct CallerRights<'a> {
    /// Permissions on content types.
    pub access: &'a Access,
    /// True for actions of routes that belong to no content type of the project: of users, files, locales.
    pub allows_action: &'a dyn Fn(PluginAction) -> bool,
}

/// Returns the description of what a caller may call. The same model and permissions always give the same document.
pub fn describe_content_api(registry: &Registry, rights: CallerRights<'_>) -> Json {
    let mut schemas = Schemas::new(registry, rights.access);
    let mut paths = Map::new();
    let mut tags = Vec::new();
    for content_type in registry.types().iter().filter(|content_type| content_type.is_api()) {
        if operations::add_content_type(&mut paths, &mut schemas, content_type) {
            tags.push(json!({ "name": content_type.api_path(), "description": content_type.display_name }));
        }
    }
    tags.extend(core_routes::add_core_routes(&mut paths, &mut schemas, rights.allows_action));
    let error = schemas.error();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Content API",
            "version": "1",
            "description": "What the caller of this document may read and write. With another token it describes other operations.",
        },
        // Paths are complete; the address of this document says where they are.
        "servers": [{ "url": "/" }],
        "security": [{}, { "bearer": [] }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas.into_map(),
            "parameters": operations::describe_parameters(),
            "responses": {
                "Error": { "description": "What is wrong", "content": { "application/json": { "schema": error } } },
            },
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "description": "An API token, or the token of a user who signed in." },
            },
        },
    })
}
