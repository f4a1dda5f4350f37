//! Parses text to [`Settings`], and reports every problem at once.

use super::walk::{SettingsWalk, join_index, join_key};
use super::{
    AdminChanges, AuthChanges, MAX_ADMIN_ROLE_CHARS, MAX_PERSON_NAME_CHARS, MIN_ADMIN_PASSWORD_CHARS, RoleChanges,
    SecretText, SettingChange, Settings, SettingsProblem, TokenChanges, grants,
};
use crate::admin_tokens::ADMIN_TOKEN_PREFIX;
use crate::auth_settings::SessionMode;
use crate::locales::is_code;
use crate::passwords::MAX_PASSWORD_BYTES;
use crate::settings_snapshot::{AUTHENTICATED_ROLE, CUSTOM, FULL_ACCESS, PUBLIC_ROLE, READ_ONLY};
use cairn_model::Registry;
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
        match map.get("auth") {
            None => {}
            Some(Json::Null) => settings.auth = all_defaults(),
            Some(json) => settings.auth = self.parse_auth(json),
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

    fn parse_locales(&mut self, json: &Json, settings: &mut Settings) {
        let Some(map) = self.walk.read_object(json, "locales", &["default", "available"]) else { return };
        if let Some(json) = map.get("default") {
            settings.default_locale = self.parse_locale(json, "locales.default");
        }
        if let Some(json) = map.get("available") {
            let path = "locales.available";
            let mut codes: Vec<String> = Vec::new();
            for (i, json) in self.walk.read_list(json, path).into_iter().flatten().enumerate() {
                let Some(code) = self.parse_locale(json, &join_index(path, i)) else { continue };
                if !codes.contains(&code) {
                    codes.push(code);
                }
            }
            if let Some(default) = &settings.default_locale
                && !codes.contains(default)
            {
                self.walk.add_problem("locales.default", "must be one of locales.available");
            }
            settings.available_locales = Some(codes);
        }
    }

    fn parse_locale(&mut self, json: &Json, path: &str) -> Option<String> {
        let code = self.walk.read_text(json, path)?;
        if !is_code(&code) {
            self.walk.add_problem(path, "expected the code of a locale, such as en or nl-BE");
            return None;
        }
        Some(code)
    }

    fn parse_auth(&mut self, json: &Json) -> AuthChanges {
        let path = "auth";
        let mut auth = AuthChanges::default();
        let Some(map) = self.walk.read_object(
            json,
            path,
            &["registration", "signInRateLimit", "sessions", "resetPasswordUrl", "confirmedUrl"],
        ) else {
            return auth;
        };
        auth.sign_in_rate_limit = self.walk.read_change(map, path, "signInRateLimit", SettingsWalk::read_bool);
        auth.sessions = self.walk.read_change(map, path, "sessions", |walk, json, path| {
            walk.one_of(json, path, &["legacy", "refresh"]).map(|mode| match mode {
                "refresh" => SessionMode::Refresh,
                _ => SessionMode::Legacy,
            })
        });
        auth.reset_password_url = self.walk.read_change(map, path, "resetPasswordUrl", parse_page_url);
        auth.confirmed_url = self.walk.read_change(map, path, "confirmedUrl", parse_page_url);
        let path = "auth.registration";
        match map.get("registration") {
            None => {}
            Some(Json::Null) => {
                let AuthChanges { registration_open, confirm_by_mail, default_role, .. } = all_defaults();
                auth = AuthChanges { registration_open, confirm_by_mail, default_role, ..auth };
            }
            Some(json) => {
                if let Some(map) = self.walk.read_object(json, path, &["open", "confirmByMail", "defaultRole"]) {
                    auth.registration_open = self.walk.read_change(map, path, "open", SettingsWalk::read_bool);
                    auth.confirm_by_mail = self.walk.read_change(map, path, "confirmByMail", SettingsWalk::read_bool);
                    auth.default_role = self.walk.read_change(map, path, "defaultRole", role_type);
                }
            }
        }
        auth
    }

    fn parse_roles(&mut self, json: &Json) -> Vec<(String, SettingChange<RoleChanges>)> {
        let Some(map) = self.walk.read_map(json, "roles") else { return Vec::new() };
        let mut roles = Vec::new();
        for (kind, json) in map {
            let path = join_key("roles", kind);
            if role_type(self.walk, &Json::from(kind.as_str()), &path).is_none() {
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
            time.map(|t| crate::format_iso(t.to_utc()))
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
        if !crate::auth::is_email(self.registry, &email) {
            self.walk.add_problem(&join_key(path, "email"), "expected an e-mail address");
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

impl<T> SettingChange<T> {
    fn map_value<U>(self, f: impl FnOnce(T) -> U) -> SettingChange<U> {
        match self {
            Self::Keep => SettingChange::Keep,
            Self::Remove => SettingChange::Remove,
            Self::Set(value) => SettingChange::Set(f(value)),
        }
    }
}

fn all_defaults() -> AuthChanges {
    AuthChanges {
        registration_open: SettingChange::Remove,
        confirm_by_mail: SettingChange::Remove,
        default_role: SettingChange::Remove,
        sign_in_rate_limit: SettingChange::Remove,
        sessions: SettingChange::Remove,
        reset_password_url: SettingChange::Remove,
        confirmed_url: SettingChange::Remove,
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

/// Parses the address of a page, which is part of mails and of a response header.
fn parse_page_url(walk: &mut SettingsWalk, json: &Json, path: &str) -> Option<Option<String>> {
    let text = walk.read_text(json, path)?;
    let rest = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    let plain = text.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b));
    if rest.is_none_or(|r| r.is_empty() || r.starts_with('/')) || !plain || text.len() > 2048 || text.contains('#') {
        walk.add_problem(path, "expected the address of a page: https://… or http://…, in ASCII, without #");
        return None;
    }
    Some(Some(text))
}

fn parse_description(walk: &mut SettingsWalk, json: &Json, path: &str) -> Option<String> {
    match json.as_str() {
        Some("") => Some(String::new()),
        _ => walk.read_text(json, path),
    }
}

fn role_type(walk: &mut SettingsWalk, json: &Json, path: &str) -> Option<String> {
    let kind = walk.read_text(json, path)?;
    if kind.len() > 64 || !kind.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        walk.add_problem(path, "expected the type of a role: letters, digits, - and _");
        return None;
    }
    Some(kind)
}
