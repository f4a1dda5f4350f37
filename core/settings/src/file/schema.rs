//! The JSON Schema of the file, for text editors: `cairn apply --schema`. It is generated from the types that the sections are read into.
//!
//! By hand there is only what depends on the project: which actions its content types have, and that a tenant has the sections of the file.

use super::admin_roles::AdminRoleInput;
use super::admin_tokens::AdminTokenInput;
use super::admin_users::AdminUserInput;
use super::api_tokens::ApiTokenInput;
use super::auth::AuthChanges;
use super::grants::LimitsInput;
use super::identity::{MailChanges, ThemeChanges};
use super::locales::LocaleSettings;
use super::roles::RoleInput;
use super::tenants::TenantInputs;
use crate::calendars::CalendarInput;
use crate::change::SettingChange;
use crate::glossary::TermInput;
use crate::schema_parts::SchemaPart;
use crate::webhooks::WebhookChanges;
use crate::workflows::WorkflowInput;
use cairn_access::actions::{AUTH_UID, action_names, list_subjects};
use cairn_access::admin_roles::{MAX_ADMIN_ROLE_CHARS, content_action_names, content_subjects};
use cairn_model::Registry;
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Uids of the permissions that a plugin declares, in a content role or an API token: `plugin::crm`.
const PLUGIN_SUBJECT_PATTERN: &str = "^plugin::[a-z0-9_-]+$";
/// Their names: `deals.reassign`.
const PLUGIN_PERMISSION_PATTERN: &str = r"^[a-z0-9_-]+(\.[a-z0-9_-]+)*$";

/// The file, with the type of each section.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "the sections are read one by one, so that their problems are in this order")]
#[serde(rename_all = "camelCase")]
#[schemars(
    deny_unknown_fields,
    title = "Cairn settings",
    description = "Settings named in the file are changed to the given values, all others stay unchanged, null removes. ${NAME} in a text is \
        replaced by the environment variable."
)]
struct SettingsFile {
    #[serde(default)]
    locales: LocaleSettings,
    #[serde(default)]
    auth: SettingChange<AuthChanges>,
    #[serde(default)]
    #[schemars(description = "By type: public, authenticated, and others")]
    roles: BTreeMap<String, SettingChange<RoleInput>>,
    #[serde(default)]
    api_tokens: SettingChange<Vec<ApiTokenInput>>,
    #[serde(default)]
    admin_tokens: SettingChange<Vec<AdminTokenInput>>,
    #[serde(default)]
    admin_users: SettingChange<Vec<AdminUserInput>>,
    #[serde(default)]
    #[schemars(
        description = "Roles of admin users, by code; null removes a role",
        extend("propertyNames" = { "maxLength": MAX_ADMIN_ROLE_CHARS })
    )]
    admin_roles: BTreeMap<String, SettingChange<AdminRoleInput>>,
    #[serde(default)]
    mail: SettingChange<MailChanges>,
    #[serde(default)]
    theme: SettingChange<ThemeChanges>,
    #[serde(default)]
    webhooks: SettingChange<Vec<WebhookChanges>>,
    #[serde(default)]
    #[schemars(description = "Review workflows, by name")]
    workflows: SettingChange<BTreeMap<String, SettingChange<WorkflowInput>>>,
    #[serde(default)]
    #[schemars(description = "Calendars of working hours, by name")]
    calendars: SettingChange<BTreeMap<String, SettingChange<CalendarInput>>>,
    #[serde(default)]
    #[schemars(description = "Terms of the site with their words in each language, by key")]
    glossary: SettingChange<BTreeMap<String, SettingChange<TermInput>>>,
    #[serde(default)]
    #[schemars(description = "By name")]
    tenants: TenantInputs,
}

/// The schema of a project's settings file: it contains the project's content types and the actions on each.
pub fn json_schema(registry: &Registry) -> Json {
    let mut generator = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true).into_generator();
    let mut schema = generator.root_schema_for::<SettingsFile>();
    let sections = schema.get("properties").and_then(Json::as_object).cloned().unwrap_or_default();
    SchemaParts { registry, generator, sections }.transform(&mut schema);
    schema.to_value()
}

/// Replaces the placeholders of a schema. Removes the default `null`, which is not what leaving a key out means.
struct SchemaParts<'a> {
    registry: &'a Registry,
    generator: SchemaGenerator,
    /// The sections of the file, by key.
    sections: Map<String, Json>,
}

impl Transform for SchemaParts<'_> {
    fn transform(&mut self, schema: &mut Schema) {
        if schema.get("default").is_some_and(Json::is_null) {
            schema.remove("default");
        }
        match SchemaPart::from_placeholder(schema) {
            Some(part) => *schema = self.describe_part(part),
            None => transform_subschemas(self, schema),
        }
    }
}

impl SchemaParts<'_> {
    fn describe_part(&mut self, part: SchemaPart) -> Schema {
        let registry = self.registry;
        match part {
            SchemaPart::ContentType => {
                let uids: Vec<&str> = registry.types().iter().filter(|t| t.is_api()).map(|t| t.uid.as_str()).collect();
                json_schema!({ "enum": uids })
            }
            SchemaPart::Permissions => {
                let mut schema = self.describe_permissions(list_subjects(registry), |uid| {
                    let mut names = action_names(registry, uid);
                    if uid == AUTH_UID {
                        // Strapi's, accepted and ignored.
                        names.push("connect");
                    }
                    names
                });
                let of_plugins = self.describe_actions(|limits| {
                    let names = json!({ "type": "string", "pattern": PLUGIN_PERMISSION_PATTERN });
                    let by_name = json!({
                        "type": "object", "additionalProperties": false,
                        "patternProperties": { PLUGIN_PERMISSION_PATTERN: limits },
                    });
                    (names, by_name)
                });
                schema.insert("patternProperties".to_owned(), json!({ PLUGIN_SUBJECT_PATTERN: of_plugins }));
                schema
            }
            SchemaPart::AdminPermissions => {
                self.describe_permissions(content_subjects(registry), |uid| content_action_names(registry, uid))
            }
            SchemaPart::TenantSettings => {
                let keys = self.sections.keys().filter(|key| *key != "tenants");
                let sections: Map<String, Json> =
                    keys.map(|key| (key.clone(), json!({ "$ref": format!("#/properties/{key}") }))).collect();
                json_schema!({
                    "type": "object", "description": "The tenant's own settings", "additionalProperties": false,
                    "properties": sections,
                })
            }
        }
    }

    fn describe_permissions(&mut self, uids: Vec<&str>, names_of: impl Fn(&str) -> Vec<&'static str>) -> Schema {
        let mut by_uid = Map::new();
        for uid in uids {
            let names = names_of(uid);
            let actions = self.describe_actions(|limits| {
                let by_name: Map<String, Json> =
                    names.iter().map(|name| ((*name).to_owned(), limits.clone())).collect();
                let by_name = json!({ "type": "object", "additionalProperties": false, "properties": by_name });
                (json!({ "enum": names }), by_name)
            });
            by_uid.insert(uid.to_owned(), actions);
        }
        json_schema!({ "type": "object", "additionalProperties": false, "properties": by_uid })
    }

    /// The actions on one subject: a list of what `describe` returns first, or the object that it returns second, by the limits of an action.
    fn describe_actions(&mut self, describe: impl FnOnce(&Json) -> (Json, Json)) -> Json {
        let mut limits = self.generator.subschema_for::<SettingChange<LimitsInput>>();
        self.transform(&mut limits);
        let (names, by_name) = describe(limits.as_value());
        json!({ "oneOf": [{ "type": "array", "items": names }, by_name, { "type": "null" }] })
    }
}
