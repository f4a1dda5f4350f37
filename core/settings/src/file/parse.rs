//! Parses text to [`Settings`], and reports every problem at once.

use super::auth::RoleType;
use super::identity::INVALID_EMAIL;
use super::{AdminChanges, RoleChanges, Settings, TokenChanges, grants};
use crate::change::{SecretText, SettingChange, SettingsProblem};
use crate::input::read_input;
use crate::walk::{SettingsWalk, join_index, join_key};
use cairn_access::admin_roles::MAX_ADMIN_ROLE_CHARS;
use cairn_access::auth::{MAX_PERSON_NAME_CHARS, MIN_ADMIN_PASSWORD_CHARS};
use cairn_access::settings_snapshot::{AUTHENTICATED_ROLE, CUSTOM, FULL_ACCESS, PUBLIC_ROLE, READ_ONLY};
use cairn_access::{ADMIN_TOKEN_PREFIX, MAX_PASSWORD_BYTES};
use cairn_model::Registry;
use cairn_model::fields::is_email;
use chrono::DateTime;
use serde_json::Value as Json;
use std::sync::Arc;

/// The top-level keys of the file.
pub(super) const FILE_KEYS: &[&str] = &[
    "locales",
    "auth",
    "roles",
    "apiTokens",
    "adminTokens",
    "adminUsers",
    "adminRoles",
    "mail",
    "theme",
    "webhooks",
    "workflows",
    "calendars",
    "tenants",
];
/// Kinds of API tokens.
pub(super) const TOKEN_KINDS: &[&str] = &[FULL_ACCESS, READ_ONLY, CUSTOM];

/// Checks a settings file of a project whose tenants have no content types besides the project's. `env` looks up `${NAME}`.
pub fn parse_settings(
    json: &str,
    registry: &Registry,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Settings, Vec<SettingsProblem>> {
    parse_settings_with(json, registry, &|_| Ok(None), env)
}

/// Checks a settings file. `registry_of` returns the model of a tenant by its name: `None` if it is the project's, an error
/// if its files are invalid.
pub fn parse_settings_with(
    json: &str,
    registry: &Registry,
    registry_of: RegistryOf<'_>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Settings, Vec<SettingsProblem>> {
    let mut walk = SettingsWalk::default();
    let file: Json = match serde_json::from_str(json) {
        Ok(file) => file,
        Err(e) => {
            walk.add_problem("", format!("the file is not valid JSON: {e}"));
            return Err(walk.into_problems());
        }
    };
    let file = walk.fill_in(&file, "", env);
    let settings = SettingsParser { walk: &mut walk, registry, registry_of }.parse_file(&file, FILE_KEYS);
    let problems = walk.into_problems();
    if problems.is_empty() { Ok(settings) } else { Err(problems) }
}

/// Checks settings that do not come from a file: `${NAME}` is not expanded.
pub(super) fn parse_value(file: &Json, registry: &Registry) -> Result<Settings, Vec<SettingsProblem>> {
    let mut walk = SettingsWalk::default();
    let settings = SettingsParser { walk: &mut walk, registry, registry_of: &|_| Ok(None) }.parse_file(file, FILE_KEYS);
    let problems = walk.into_problems();
    if problems.is_empty() { Ok(settings) } else { Err(problems) }
}

/// Returns the model of a tenant by its name, if it is not the project's.
pub type RegistryOf<'a> = &'a dyn Fn(&str) -> Result<Option<Arc<Registry>>, String>;

pub(super) struct SettingsParser<'a> {
    pub(super) walk: &'a mut SettingsWalk,
    pub(super) registry: &'a Registry,
    pub(super) registry_of: RegistryOf<'a>,
}

impl SettingsParser<'_> {
    /// Parses the whole file, or the settings of one tenant.
    pub(super) fn parse_file(mut self, json: &Json, keys: &[&str]) -> Settings {
        let mut settings = Settings::default();
        let Some(map) = self.walk.read_object(json, "", keys) else { return settings };
        if let Some(json) = map.get("locales") {
            self.parse_locales(json, &mut settings);
        }
        if let Some(json) = map.get("auth") {
            settings.auth = self.parse_auth(json);
        }
        if let Some(json) = map.get("roles") {
            settings.roles = self.parse_roles(json);
        }
        settings.api_tokens = self
            .walk
            .read_change(map, "", "apiTokens", |_, json, _| Some(json.clone()))
            .map_value(|json| self.parse_tokens(&json));
        settings.admin_tokens = self
            .walk
            .read_change(map, "", "adminTokens", |_, json, _| Some(json.clone()))
            .map_value(|json| self.admin_tokens(&json));
        settings.admin_users = self
            .walk
            .read_change(map, "", "adminUsers", |_, json, _| Some(json.clone()))
            .map_value(|json| self.parse_admins(&json));
        if let Some(json) = map.get("adminRoles") {
            settings.admin_roles = self.admin_roles(json);
        }
        (settings.mail, settings.theme) = self.parse_identity(map);
        settings.workflows = self.parse_workflows(map);
        settings.calendars = self.parse_calendars(map);
        settings.webhooks = self
            .walk
            .read_change(map, "", "webhooks", |_, json, _| Some(json.clone()))
            .map_value(|json| self.parse_webhooks(&json));
        if let Some(json) = map.get("tenants").filter(|_| keys.contains(&"tenants")) {
            self.parse_tenants(json, &mut settings);
        }
        settings
    }

    fn parse_roles(&mut self, json: &Json) -> Vec<(String, SettingChange<RoleChanges>)> {
        let Some(map) = self.walk.read_map(json, "roles") else { return Vec::new() };
        let mut roles = Vec::new();
        for (kind, json) in map {
            let path = join_key("roles", kind);
            if read_input::<RoleType>(self.walk, &Json::from(kind.as_str()), &path).is_none() {
                continue;
            }
            if json.is_null() {
                if [PUBLIC_ROLE, AUTHENTICATED_ROLE].contains(&kind.as_str()) {
                    self.walk.add_problem(&path, "this role cannot be removed");
                }
                roles.push((kind.clone(), SettingChange::Remove));
            } else if let Some(role) = self.parse_role(json, &path) {
                roles.push((kind.clone(), SettingChange::Set(role)));
            }
        }
        roles
    }

    fn parse_role(&mut self, json: &Json, path: &str) -> Option<RoleChanges> {
        let map = self.walk.read_object(json, path, &["name", "description", "readDrafts", "permissions"])?;
        let registry = self.registry;
        Some(RoleChanges {
            name: self.walk.read_change(map, path, "name", SettingsWalk::read_text),
            description: self.walk.read_change(map, path, "description", parse_description),
            read_drafts: self.walk.read_change(map, path, "readDrafts", SettingsWalk::read_bool),
            permissions: self.walk.read_change(map, path, "permissions", |walk, json, path| {
                grants::parse_permissions(walk, registry, json, path, true)
            }),
        })
    }

    fn parse_tokens(&mut self, json: &Json) -> Vec<TokenChanges> {
        let mut tokens: Vec<TokenChanges> = Vec::new();
        for (i, json) in self.walk.read_list(json, "apiTokens").into_iter().flatten().enumerate() {
            let path = join_index("apiTokens", i);
            let Some(token) = self.parse_token(json, &path) else { continue };
            if tokens.iter().any(|t| t.name == token.name) {
                self.walk.add_problem(&join_key(&path, "name"), "another token in the file already has this name");
            }
            if matches!(token.token, SettingChange::Set(_)) && tokens.iter().any(|t| t.token == token.token) {
                self.walk.add_problem(&join_key(&path, "token"), "another token in the file already has this value");
            }
            tokens.push(token);
        }
        tokens
    }

    fn parse_token(&mut self, json: &Json, path: &str) -> Option<TokenChanges> {
        let keys = ["name", "description", "type", "token", "permissions", "readDrafts", "expiresAt"];
        let map = self.walk.read_object(json, path, &keys)?;
        let registry = self.registry;
        let kind = map.get("type").map(|json| self.walk.one_of(json, &join_key(path, "type"), TOKEN_KINDS));
        let custom_only = |walk: &mut SettingsWalk, path: &str| {
            if matches!(kind, Some(Some(FULL_ACCESS | READ_ONLY))) {
                walk.add_problem(path, "can only be set for tokens of type custom");
            }
        };
        let token = self.walk.read_change(map, path, "token", |walk, json, path| {
            let text = walk.read_text(json, path)?;
            if text.len() > 1024 || !text.bytes().all(|b| b.is_ascii_graphic() && b != b',') {
                walk.add_problem(path, "must be at most 1024 visible ASCII characters, without spaces and commas");
                return None;
            }
            if text.starts_with(ADMIN_TOKEN_PREFIX) {
                walk.add_problem(
                    path,
                    format!("{ADMIN_TOKEN_PREFIX} is the prefix of admin tokens: configure them under adminTokens"),
                );
                return None;
            }
            Some(SecretText(text))
        });
        let permissions = self.walk.read_change(map, path, "permissions", |walk, json, path| {
            custom_only(walk, path);
            grants::parse_permissions(walk, registry, json, path, false)
        });
        let read_drafts = self.walk.read_change(map, path, "readDrafts", |walk, json, path| {
            custom_only(walk, path);
            walk.read_bool(json, path)
        });
        let description = self.walk.read_change(map, path, "description", parse_description);
        let expires_at = self.walk.read_change(map, path, "expiresAt", |walk, json, path| {
            let text = walk.read_text(json, path)?;
            let time = DateTime::parse_from_rfc3339(&text).ok();
            if time.is_none() {
                walk.add_problem(path, "expected a time such as 2030-01-01T00:00:00Z");
            }
            time.map(|t| cairn_access::format_iso(t.to_utc()))
        });
        let name = self.required_text(map, path, "name")?;
        let path = path.to_owned();
        Some(TokenChanges {
            path,
            new: false,
            name,
            description,
            kind: kind.flatten(),
            token,
            permissions,
            read_drafts,
            expires_at,
        })
    }

    fn parse_admins(&mut self, json: &Json) -> Vec<AdminChanges> {
        let mut admins: Vec<AdminChanges> = Vec::new();
        for (i, json) in self.walk.read_list(json, "adminUsers").into_iter().flatten().enumerate() {
            let path = join_index("adminUsers", i);
            let Some(admin) = self.parse_admin(json, &path) else { continue };
            if admins.iter().any(|a| a.email == admin.email) {
                self.walk
                    .add_problem(&join_key(&path, "email"), "another admin user in the file already has this address");
            }
            admins.push(admin);
        }
        admins
    }

    fn parse_admin(&mut self, json: &Json, path: &str) -> Option<AdminChanges> {
        let map =
            self.walk.read_object(json, path, &["email", "password", "roles", "firstName", "lastName", "active"])?;
        let password = self.walk.read_change(map, path, "password", |walk, json, path| {
            let text = walk.read_text(json, path)?;
            if text.chars().count() < MIN_ADMIN_PASSWORD_CHARS || text.len() > MAX_PASSWORD_BYTES {
                walk.add_problem(
                    path,
                    format!("must have at least {MIN_ADMIN_PASSWORD_CHARS} characters and at most {MAX_PASSWORD_BYTES} bytes"),
                );
                return None;
            }
            Some(SecretText(text))
        });
        let roles = map.get("roles").and_then(|json| {
            let path = join_key(path, "roles");
            let list = self.walk.read_list(json, &path)?;
            if list.is_empty() {
                self.walk.add_problem(&path, "an admin user must have at least one role");
            }
            let roles = list.iter().enumerate().filter_map(|(i, json)| self.admin_role(json, &join_index(&path, i)));
            let mut roles: Vec<String> = roles.collect();
            roles.sort();
            roles.dedup();
            Some(roles)
        });
        let email = self.required_text(map, path, "email")?.to_lowercase();
        if !is_email(&email) {
            self.walk.add_problem(&join_key(path, "email"), INVALID_EMAIL);
        }
        let first_name = self.walk.read_change(map, path, "firstName", person_name);
        let last_name = self.walk.read_change(map, path, "lastName", person_name);
        let active = map.get("active").and_then(|json| self.walk.read_bool(json, &join_key(path, "active")));
        Some(AdminChanges { path: path.to_owned(), email, password, roles, first_name, last_name, active })
    }

    /// Parses the code of a role, or a label that workflows name.
    fn admin_role(&mut self, json: &Json, path: &str) -> Option<String> {
        let role = self.walk.read_text(json, path)?;
        if role.chars().count() > MAX_ADMIN_ROLE_CHARS || role.trim() != role || role.chars().any(char::is_control) {
            self.walk.add_problem(path, format!("must be one line of at most {MAX_ADMIN_ROLE_CHARS} characters"));
            return None;
        }
        Some(role)
    }

    /// Parses a required text.
    fn required_text(&mut self, map: &serde_json::Map<String, Json>, path: &str, key: &str) -> Option<String> {
        match map.get(key) {
            Some(json) => self.walk.read_text(json, &join_key(path, key)),
            None => {
                self.walk.add_problem(&join_key(path, key), "is missing");
                None
            }
        }
    }
}

fn person_name(walk: &mut SettingsWalk, json: &Json, path: &str) -> Option<String> {
    let text = walk.read_text(json, path)?;
    if text.chars().count() > MAX_PERSON_NAME_CHARS || text.chars().any(char::is_control) {
        walk.add_problem(path, format!("must be one line of at most {MAX_PERSON_NAME_CHARS} characters"));
        return None;
    }
    Some(text)
}

fn parse_description(walk: &mut SettingsWalk, json: &Json, path: &str) -> Option<String> {
    match json.as_str() {
        Some("") => Some(String::new()),
        _ => walk.read_text(json, path),
    }
}
