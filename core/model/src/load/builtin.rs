//! The built-in types that every project has, in the format of the files.

use serde_json::{Map, Value as Json, json};

/// The attribute of users that says whether whoever reads the mails of their address has chosen the password. Strapi has none.
pub(super) const EMAIL_VERIFIED: &str = "emailVerified";

/// The type of files: `plugin::upload.file`.
pub(super) fn file_schema() -> Map<String, Json> {
    into_object(json!({
        "kind": "collectionType",
        "collectionName": "files",
        "info": {"singularName": "file", "pluralName": "files", "displayName": "File"},
        "attributes": {
            "name": {"type": "string", "configurable": false, "required": true},
            "alternativeText": {"type": "text", "configurable": false},
            "caption": {"type": "text", "configurable": false},
            "focalPoint": {"type": "json", "configurable": false},
            "width": {"type": "integer", "configurable": false},
            "height": {"type": "integer", "configurable": false},
            "formats": {"type": "json", "configurable": false},
            "hash": {"type": "string", "configurable": false, "required": true},
            "ext": {"type": "string", "configurable": false},
            "mime": {"type": "string", "configurable": false, "required": true},
            "size": {"type": "decimal", "configurable": false, "required": true},
            "url": {"type": "text", "configurable": false, "required": true},
            "previewUrl": {"type": "text", "configurable": false},
            "provider": {"type": "string", "configurable": false, "required": true},
            "provider_metadata": {"type": "json", "configurable": false},
            // Cairn's own.
            "placeholder": {"type": "string", "configurable": false, "onRequest": true},
            "colour": {"type": "string", "configurable": false, "onRequest": true},
            "srcset": {"type": "json", "configurable": false, "onRequest": true}
        }
    }))
}

/// The type of users: `plugin::users-permissions.user`. A project may add attributes; these are fixed.
pub(super) fn user_schema() -> Map<String, Json> {
    into_object(json!({
        "kind": "collectionType",
        "collectionName": "up_users",
        "info": {"singularName": "user", "pluralName": "users", "displayName": "User"},
        "attributes": {
            "username": {"type": "string", "minLength": 3, "unique": true, "configurable": false, "required": true},
            "email": {"type": "email", "minLength": 6, "configurable": false, "required": true},
            "provider": {"type": "string", "configurable": false},
            "password": {"type": "password", "minLength": 6, "configurable": false, "private": true},
            "resetPasswordToken": {"type": "string", "configurable": false, "private": true},
            "confirmationToken": {"type": "string", "configurable": false, "private": true},
            "confirmed": {"type": "boolean", "default": false, "configurable": false},
            "blocked": {"type": "boolean", "default": false, "configurable": false},
            // Cairn's own.
            "emailVerified": {"type": "boolean", "default": false, "configurable": false, "onRequest": true},
            "role": {
                "type": "relation", "relation": "manyToOne", "target": "plugin::users-permissions.role",
                "inversedBy": "users", "configurable": false
            }
        }
    }))
}

/// The type of roles: `plugin::users-permissions.role`.
pub(super) fn role_schema() -> Map<String, Json> {
    into_object(json!({
        "kind": "collectionType",
        "collectionName": "up_roles",
        "info": {"singularName": "role", "pluralName": "roles", "displayName": "Role"},
        "attributes": {
            "name": {"type": "string", "minLength": 3, "required": true, "configurable": false},
            "description": {"type": "string", "configurable": false},
            "type": {"type": "string", "unique": true, "configurable": false},
            "users": {
                "type": "relation", "relation": "oneToMany", "target": "plugin::users-permissions.user",
                "mappedBy": "role", "configurable": false
            }
        }
    }))
}

fn into_object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}
