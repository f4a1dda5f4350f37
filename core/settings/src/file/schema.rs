//! The JSON Schema of the file, for text editors: `cairn apply --schema`.

use super::auth::AuthChanges;
use super::identity::{MailChanges, ThemeChanges};
use super::locales::LocaleSettings;
use super::parse::TOKEN_KINDS;
use super::{admin_roles, admin_tokens, webhooks, workflows};
use crate::calendars::CalendarInput;
use crate::change::SettingChange;
use cairn_access::DEFAULT_TENANT;
use cairn_access::actions::{AUTH_UID, action_names, list_subjects};
use cairn_access::admin_roles::MAX_ADMIN_ROLE_CHARS;
use cairn_access::auth::{MAX_PERSON_NAME_CHARS, MIN_ADMIN_PASSWORD_CHARS};
use cairn_model::Registry;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value as Json, json};

/// The schema of a project's settings file: it contains the project's content types and the actions on each.
pub fn json_schema(registry: &Registry) -> Json {
    let mut properties = tenant_properties(registry);
    let settings: Map<String, Json> =
        properties.keys().map(|key| (key.clone(), json!({ "$ref": format!("#/properties/{key}") }))).collect();
    properties
        .insert("tenants".to_owned(), tenants_schema(object_schema("The tenant's own settings", settings.into(), &[])));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Cairn settings",
        "description": "Settings named in the file are changed to the given values, all others stay unchanged, null removes. \
             ${NAME} in a text is replaced by the environment variable.",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

/// The properties that every tenant has.
fn tenant_properties(registry: &Registry) -> Map<String, Json> {
    let permissions = permissions_schema(registry);
    let mut generator = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true).into_generator();
    let properties = json!({
            "locales": generator.subschema_for::<LocaleSettings>(),
            "auth": generator.subschema_for::<SettingChange<AuthChanges>>(),
            "roles": {
                "type": "object",
                "description": "By type: public, authenticated, and others",
                "additionalProperties": nullable_schema(object_schema("A role", json!({
                    "name": nullable_schema(json!({ "type": "string" })),
                    "description": nullable_schema(json!({ "type": "string" })),
                    "readDrafts": nullable_schema(json!({ "type": "boolean", "default": false, "description": "Can read drafts" })),
                    "permissions": nullable_schema(permissions.clone()),
                }), &[])),
            },
            "apiTokens": nullable_schema(json!({ "type": "array", "items": object_schema("A token", json!({
                "name": { "type": "string" },
                "description": nullable_schema(json!({ "type": "string" })),
                "type": { "enum": TOKEN_KINDS },
                "token": nullable_schema(json!({ "type": "string", "description": "Its value; null removes the token" })),
                "permissions": nullable_schema(permissions),
                "readDrafts": nullable_schema(json!({ "type": "boolean", "description": "Only for custom tokens: can read drafts" })),
                "expiresAt": nullable_schema(json!({ "type": "string", "format": "date-time" })),
            }), &["name"]) })),
            "adminTokens": nullable_schema(json!({ "type": "array", "items": admin_tokens::admin_token_schema(registry) })),
            "adminUsers": nullable_schema(json!({ "type": "array", "items": object_schema("An admin user", json!({
                "email": { "type": "string", "format": "email" },
                "password": nullable_schema(json!({ "type": "string", "minLength": MIN_ADMIN_PASSWORD_CHARS, "description": "null removes the user" })),
                "roles": { "type": "array", "items": { "type": "string", "maxLength": MAX_ADMIN_ROLE_CHARS, "description": "super-admin, a role of adminRoles, or any name" }, "minItems": 1 },
                "firstName": nullable_schema(json!({ "type": "string", "maxLength": MAX_PERSON_NAME_CHARS })),
                "lastName": nullable_schema(json!({ "type": "string", "maxLength": MAX_PERSON_NAME_CHARS })),
                "active": { "type": "boolean", "description": "false: they cannot sign in" },
            }), &["email"]) })),
            "adminRoles": { "type": "object", "description": "Roles of admin users, by code; null removes a role",
                "propertyNames": { "maxLength": MAX_ADMIN_ROLE_CHARS }, "additionalProperties": admin_roles::admin_role_schema(registry) },
            "webhooks": nullable_schema(json!({ "type": "array", "items": webhooks::webhook_schema(&mut generator, registry) })),
            "mail": generator.subschema_for::<SettingChange<MailChanges>>(),
            "theme": generator.subschema_for::<SettingChange<ThemeChanges>>(),
            "workflows": nullable_schema(json!({ "type": "object", "description": "Review workflows, by name",
                "additionalProperties": nullable_schema(workflows::workflow_schema()) })),
            "calendars": nullable_schema(json!({ "type": "object", "description": "Calendars of working hours, by name",
                "additionalProperties": generator.subschema_for::<SettingChange<CalendarInput>>() })),
    });
    match properties {
        Json::Object(properties) => properties,
        _ => Map::new(),
    }
}

/// The schema of `tenants`, by name.
fn tenants_schema(settings: Json) -> Json {
    let hosts = nullable_schema(json!({ "type": "array", "uniqueItems": true,
        "items": { "type": "string", "format": "hostname" }, "description": "Hosts that the tenant is reached at; without ports" }));
    let display_name = nullable_schema(json!({ "type": "string", "maxLength": 200 }));
    let default = object_schema(
        "The tenant for hosts that no other tenant has. If it has hosts of its own, it only responds at these",
        json!({ "hosts": hosts, "displayName": display_name }),
        &[],
    );
    let tenant = object_schema(
        "A tenant; null disables it, its data remains stored",
        json!({ "hosts": hosts, "displayName": display_name, "settings": settings }),
        &[],
    );
    json!({
        "type": "object",
        "description": "By name",
        "propertyNames": { "pattern": "^[a-z][a-z0-9-]{0,30}$" },
        "properties": { DEFAULT_TENANT: default },
        "additionalProperties": nullable_schema(tenant),
    })
}

fn permissions_schema(registry: &Registry) -> Json {
    let properties: Map<String, Json> = list_subjects(registry)
        .into_iter()
        .map(|uid| {
            let mut names = action_names(registry, uid);
            if uid == AUTH_UID {
                // Strapi's, accepted and ignored.
                names.push("connect");
            }
            let options = object_schema(
                "Limited to some rows or some attributes",
                json!({
                    "where": { "type": "object", "description": "Filters, with $user.… and $now" },
                    "fields": { "type": "array", "items": { "type": "string" } },
                }),
                &[],
            );
            let by_name: Map<String, Json> =
                names.iter().map(|n| ((*n).to_owned(), nullable_schema(options.clone()))).collect();
            let value = json!({ "oneOf": [
                { "type": "array", "items": { "enum": names } },
                { "type": "object", "additionalProperties": false, "properties": by_name },
                { "type": "null" },
            ] });
            (uid.to_owned(), value)
        })
        .collect();
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

fn object_schema(description: &str, properties: Json, required: &[&str]) -> Json {
    json!({
        "type": "object",
        "description": description,
        "additionalProperties": false,
        "properties": properties,
        "required": required,
    })
}

fn nullable_schema(schema: Json) -> Json {
    json!({ "oneOf": [schema, { "type": "null" }] })
}
