//! Parses text to [`Settings`], and reports every problem at once.

use super::walk::{Walk, index, join};
use super::{
    ADMIN_PASSWORD_MIN, ADMIN_ROLE_MAX, AdminChanges, AuthChanges, Change, PERSON_NAME_MAX, RoleChanges, Secret,
    Settings, SettingsProblem, TokenChanges, grants,
};
use crate::admin_tokens::ADMIN_TOKEN_PREFIX;
use crate::auth_settings::SessionMode;
use crate::locales::is_code;
use crate::passwords::MAX_BYTES;
use crate::state::{AUTHENTICATED, CUSTOM, FULL_ACCESS, PUBLIC, READ_ONLY};
use cairn_model::Registry;
use chrono::DateTime;
use serde_json::Value as Json;
use std::sync::Arc;

/// The top-level keys of the file.
pub(super) const KEYS: &[&str] = &[
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
pub fn parse(
    json: &str,
    registry: &Registry,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Settings, Vec<SettingsProblem>> {
    parse_with(json, registry, &|_| Ok(None), env)
}

/// Checks a settings file. `registry_of` returns the model of a tenant by its name: `None` if it is the project's, an error
/// if its files are invalid.
pub fn parse_with(
    json: &str,
    registry: &Registry,
    registry_of: RegistryOf<'_>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Settings, Vec<SettingsProblem>> {
    let mut walk = Walk::default();
    let file: Json = match serde_json::from_str(json) {
        Ok(file) => file,
        Err(e) => {
            walk.problem("", format!("the file is not valid JSON: {e}"));
            return Err(walk.into_problems());
        }
    };
    let file = walk.fill_in(&file, "", env);
    let settings = Parser { walk: &mut walk, registry, registry_of }.file(&file, KEYS);
    let problems = walk.into_problems();
    if problems.is_empty() { Ok(settings) } else { Err(problems) }
}

/// Checks settings that do not come from a file: `${NAME}` is not expanded.
pub(super) fn parse_value(file: &Json, registry: &Registry) -> Result<Settings, Vec<SettingsProblem>> {
    let mut walk = Walk::default();
    let settings = Parser { walk: &mut walk, registry, registry_of: &|_| Ok(None) }.file(file, KEYS);
    let problems = walk.into_problems();
    if problems.is_empty() { Ok(settings) } else { Err(problems) }
}

/// Returns the model of a tenant by its name, if it is not the project's.
pub type RegistryOf<'a> = &'a dyn Fn(&str) -> Result<Option<Arc<Registry>>, String>;

pub(super) struct Parser<'a> {
    pub(super) walk: &'a mut Walk,
    pub(super) registry: &'a Registry,
    pub(super) registry_of: RegistryOf<'a>,
}

impl Parser<'_> {
    /// Parses the whole file, or the settings of one tenant.
    pub(super) fn file(mut self, json: &Json, keys: &[&str]) -> Settings {
        let mut settings = Settings::default();
        let Some(map) = self.walk.object(json, "", keys) else { return settings };
        if let Some(json) = map.get("locales") {
            self.locales(json, &mut settings);
        }
        match map.get("auth") {
            None => {}
            Some(Json::Null) => settings.auth = all_defaults(),
            Some(json) => settings.auth = self.auth(json),
        }
        if let Some(json) = map.get("roles") {
            settings.roles = self.roles(json);
        }
        settings.api_tokens =
            self.walk.change(map, "", "apiTokens", |_, json, _| Some(json.clone())).then(|json| self.tokens(&json));
        settings.admin_tokens = self
            .walk
            .change(map, "", "adminTokens", |_, json, _| Some(json.clone()))
            .then(|json| self.admin_tokens(&json));
        settings.admin_users =
            self.walk.change(map, "", "adminUsers", |_, json, _| Some(json.clone())).then(|json| self.admins(&json));
        if let Some(json) = map.get("adminRoles") {
            settings.admin_roles = self.admin_roles(json);
        }
        (settings.mail, settings.theme) = self.identity(map);
        settings.workflows = self.workflows(map);
        settings.calendars = self.calendars(map);
        settings.webhooks =
            self.walk.change(map, "", "webhooks", |_, json, _| Some(json.clone())).then(|json| self.webhooks(&json));
        if let Some(json) = map.get("tenants").filter(|_| keys.contains(&"tenants")) {
            self.tenants(json, &mut settings);
        }
        settings
    }

    fn locales(&mut self, json: &Json, settings: &mut Settings) {
        let Some(map) = self.walk.object(json, "locales", &["default", "available"]) else { return };
        if let Some(json) = map.get("default") {
            settings.default_locale = self.locale(json, "locales.default");
        }
        if let Some(json) = map.get("available") {
            let path = "locales.available";
            let mut codes: Vec<String> = Vec::new();
            for (i, json) in self.walk.list(json, path).into_iter().flatten().enumerate() {
                let Some(code) = self.locale(json, &index(path, i)) else { continue };
                if !codes.contains(&code) {
                    codes.push(code);
                }
            }
            if let Some(default) = &settings.default_locale
                && !codes.contains(default)
            {
                self.walk.problem("locales.default", "must be one of locales.available");
            }
            settings.available_locales = Some(codes);
        }
    }

    fn locale(&mut self, json: &Json, path: &str) -> Option<String> {
        let code = self.walk.text(json, path)?;
        if !is_code(&code) {
            self.walk.problem(path, "expected the code of a locale, such as en or nl-BE");
            return None;
        }
        Some(code)
    }

    fn auth(&mut self, json: &Json) -> AuthChanges {
        let path = "auth";
        let mut auth = AuthChanges::default();
        let Some(map) = self.walk.object(
            json,
            path,
            &["registration", "signInRateLimit", "sessions", "resetPasswordUrl", "confirmedUrl"],
        ) else {
            return auth;
        };
        auth.sign_in_rate_limit = self.walk.change(map, path, "signInRateLimit", Walk::bool);
        auth.sessions = self.walk.change(map, path, "sessions", |walk, json, path| {
            walk.one_of(json, path, &["legacy", "refresh"]).map(|mode| match mode {
                "refresh" => SessionMode::Refresh,
                _ => SessionMode::Legacy,
            })
        });
        auth.reset_password_url = self.walk.change(map, path, "resetPasswordUrl", page);
        auth.confirmed_url = self.walk.change(map, path, "confirmedUrl", page);
        let path = "auth.registration";
        match map.get("registration") {
            None => {}
            Some(Json::Null) => {
                let AuthChanges { registration_open, confirm_by_mail, default_role, .. } = all_defaults();
                auth = AuthChanges { registration_open, confirm_by_mail, default_role, ..auth };
            }
            Some(json) => {
                if let Some(map) = self.walk.object(json, path, &["open", "confirmByMail", "defaultRole"]) {
                    auth.registration_open = self.walk.change(map, path, "open", Walk::bool);
                    auth.confirm_by_mail = self.walk.change(map, path, "confirmByMail", Walk::bool);
                    auth.default_role = self.walk.change(map, path, "defaultRole", role_type);
                }
            }
        }
        auth
    }

    fn roles(&mut self, json: &Json) -> Vec<(String, Change<RoleChanges>)> {
        let Some(map) = self.walk.map(json, "roles") else { return Vec::new() };
        let mut roles = Vec::new();
        for (kind, json) in map {
            let path = join("roles", kind);
            if role_type(self.walk, &Json::from(kind.as_str()), &path).is_none() {
                continue;
            }
            if json.is_null() {
                if [PUBLIC, AUTHENTICATED].contains(&kind.as_str()) {
                    self.walk.problem(&path, "this role cannot be removed");
                }
                roles.push((kind.clone(), Change::Remove));
            } else if let Some(role) = self.role(json, &path) {
                roles.push((kind.clone(), Change::Set(role)));
            }
        }
        roles
    }

    fn role(&mut self, json: &Json, path: &str) -> Option<RoleChanges> {
        let map = self.walk.object(json, path, &["name", "description", "readDrafts", "permissions"])?;
        let registry = self.registry;
        Some(RoleChanges {
            name: self.walk.change(map, path, "name", Walk::text),
            description: self.walk.change(map, path, "description", description),
            read_drafts: self.walk.change(map, path, "readDrafts", Walk::bool),
            permissions: self.walk.change(map, path, "permissions", |walk, json, path| {
                grants::permissions(walk, registry, json, path, true)
            }),
        })
    }

    fn tokens(&mut self, json: &Json) -> Vec<TokenChanges> {
        let mut tokens: Vec<TokenChanges> = Vec::new();
        for (i, json) in self.walk.list(json, "apiTokens").into_iter().flatten().enumerate() {
            let path = index("apiTokens", i);
            let Some(token) = self.token(json, &path) else { continue };
            if tokens.iter().any(|t| t.name == token.name) {
                self.walk.problem(&join(&path, "name"), "another token in the file already has this name");
            }
            if matches!(token.token, Change::Set(_)) && tokens.iter().any(|t| t.token == token.token) {
                self.walk.problem(&join(&path, "token"), "another token in the file already has this value");
            }
            tokens.push(token);
        }
        tokens
    }

    fn token(&mut self, json: &Json, path: &str) -> Option<TokenChanges> {
        let keys = ["name", "description", "type", "token", "permissions", "readDrafts", "expiresAt"];
        let map = self.walk.object(json, path, &keys)?;
        let registry = self.registry;
        let kind = map.get("type").map(|json| self.walk.one_of(json, &join(path, "type"), TOKEN_KINDS));
        let custom_only = |walk: &mut Walk, path: &str| {
            if matches!(kind, Some(Some(FULL_ACCESS | READ_ONLY))) {
                walk.problem(path, "can only be set for tokens of type custom");
            }
        };
        let token = self.walk.change(map, path, "token", |walk, json, path| {
            let text = walk.text(json, path)?;
            if text.len() > 1024 || !text.bytes().all(|b| b.is_ascii_graphic() && b != b',') {
                walk.problem(path, "must be at most 1024 visible ASCII characters, without spaces and commas");
                return None;
            }
            if text.starts_with(ADMIN_TOKEN_PREFIX) {
                walk.problem(
                    path,
                    format!("{ADMIN_TOKEN_PREFIX} is the prefix of admin tokens: configure them under adminTokens"),
                );
                return None;
            }
            Some(Secret(text))
        });
        let permissions = self.walk.change(map, path, "permissions", |walk, json, path| {
            custom_only(walk, path);
            grants::permissions(walk, registry, json, path, false)
        });
        let read_drafts = self.walk.change(map, path, "readDrafts", |walk, json, path| {
            custom_only(walk, path);
            walk.bool(json, path)
        });
        let description = self.walk.change(map, path, "description", description);
        let expires_at = self.walk.change(map, path, "expiresAt", |walk, json, path| {
            let text = walk.text(json, path)?;
            let time = DateTime::parse_from_rfc3339(&text).ok();
            if time.is_none() {
                walk.problem(path, "expected a time such as 2030-01-01T00:00:00Z");
            }
            time.map(|t| crate::iso(t.to_utc()))
        });
        let name = self.named(map, path, "name")?;
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

    fn admins(&mut self, json: &Json) -> Vec<AdminChanges> {
        let mut admins: Vec<AdminChanges> = Vec::new();
        for (i, json) in self.walk.list(json, "adminUsers").into_iter().flatten().enumerate() {
            let path = index("adminUsers", i);
            let Some(admin) = self.admin(json, &path) else { continue };
            if admins.iter().any(|a| a.email == admin.email) {
                self.walk.problem(&join(&path, "email"), "another admin user in the file already has this address");
            }
            admins.push(admin);
        }
        admins
    }

    fn admin(&mut self, json: &Json, path: &str) -> Option<AdminChanges> {
        let map = self.walk.object(json, path, &["email", "password", "roles", "firstName", "lastName", "active"])?;
        let password = self.walk.change(map, path, "password", |walk, json, path| {
            let text = walk.text(json, path)?;
            if text.chars().count() < ADMIN_PASSWORD_MIN || text.len() > MAX_BYTES {
                walk.problem(
                    path,
                    format!("must have at least {ADMIN_PASSWORD_MIN} characters and at most {MAX_BYTES} bytes"),
                );
                return None;
            }
            Some(Secret(text))
        });
        let roles = map.get("roles").and_then(|json| {
            let path = join(path, "roles");
            let list = self.walk.list(json, &path)?;
            if list.is_empty() {
                self.walk.problem(&path, "an admin user must have at least one role");
            }
            let roles = list.iter().enumerate().filter_map(|(i, json)| self.admin_role(json, &index(&path, i)));
            let mut roles: Vec<String> = roles.collect();
            roles.sort();
            roles.dedup();
            Some(roles)
        });
        let email = self.named(map, path, "email")?.to_lowercase();
        if !crate::auth::is_email(self.registry, &email) {
            self.walk.problem(&join(path, "email"), "expected an e-mail address");
        }
        let first_name = self.walk.change(map, path, "firstName", person_name);
        let last_name = self.walk.change(map, path, "lastName", person_name);
        let active = map.get("active").and_then(|json| self.walk.bool(json, &join(path, "active")));
        Some(AdminChanges { path: path.to_owned(), email, password, roles, first_name, last_name, active })
    }

    /// Parses the code of a role, or a label that workflows name.
    fn admin_role(&mut self, json: &Json, path: &str) -> Option<String> {
        let role = self.walk.text(json, path)?;
        if role.chars().count() > ADMIN_ROLE_MAX || role.trim() != role || role.chars().any(char::is_control) {
            self.walk.problem(path, format!("must be one line of at most {ADMIN_ROLE_MAX} characters"));
            return None;
        }
        Some(role)
    }

    /// Parses a required text.
    fn named(&mut self, map: &serde_json::Map<String, Json>, path: &str, key: &str) -> Option<String> {
        match map.get(key) {
            Some(json) => self.walk.text(json, &join(path, key)),
            None => {
                self.walk.problem(&join(path, key), "is missing");
                None
            }
        }
    }
}

impl<T> Change<T> {
    fn then<U>(self, f: impl FnOnce(T) -> U) -> Change<U> {
        match self {
            Self::Keep => Change::Keep,
            Self::Remove => Change::Remove,
            Self::Set(value) => Change::Set(f(value)),
        }
    }
}

fn all_defaults() -> AuthChanges {
    AuthChanges {
        registration_open: Change::Remove,
        confirm_by_mail: Change::Remove,
        default_role: Change::Remove,
        sign_in_rate_limit: Change::Remove,
        sessions: Change::Remove,
        reset_password_url: Change::Remove,
        confirmed_url: Change::Remove,
    }
}

fn person_name(walk: &mut Walk, json: &Json, path: &str) -> Option<String> {
    let text = walk.text(json, path)?;
    if text.chars().count() > PERSON_NAME_MAX || text.chars().any(char::is_control) {
        walk.problem(path, format!("must be one line of at most {PERSON_NAME_MAX} characters"));
        return None;
    }
    Some(text)
}

/// Parses the address of a page, which is part of mails and of a response header.
fn page(walk: &mut Walk, json: &Json, path: &str) -> Option<Option<String>> {
    let text = walk.text(json, path)?;
    let rest = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    let plain = text.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b));
    if rest.is_none_or(|r| r.is_empty() || r.starts_with('/')) || !plain || text.len() > 2048 || text.contains('#') {
        walk.problem(path, "expected the address of a page: https://… or http://…, in ASCII, without #");
        return None;
    }
    Some(Some(text))
}

fn description(walk: &mut Walk, json: &Json, path: &str) -> Option<String> {
    match json.as_str() {
        Some("") => Some(String::new()),
        _ => walk.text(json, path),
    }
}

fn role_type(walk: &mut Walk, json: &Json, path: &str) -> Option<String> {
    let kind = walk.text(json, path)?;
    if kind.len() > 64 || !kind.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        walk.problem(path, "expected the type of a role: letters, digits, - and _");
        return None;
    }
    Some(kind)
}
