//! `adminTokens` of the file: tokens with which programs use the admin API.

use super::admin_roles::{self, RoleActions, parse_actions, parse_content_permissions, parse_line};
use super::apply::SettingsApplier;
use super::parse::SettingsParser;
use crate::change::{SecretText, SettingChange};
use crate::walk::{SettingsWalk, join_index, join_key};
use cairn_access::admin_tokens::{
    ADMIN_TOKEN_PREFIX, MAX_DESCRIPTION_CHARS, MAX_NAME_CHARS, MAX_TEXT_BYTES, MAX_TOKEN_LIFETIME, MAX_TOKENS,
    MIN_TEXT_CHARS,
};
use cairn_access::auth::field_error;
use cairn_access::permissions::PermissionGrant;
use cairn_access::{AccessControl, AdminCaller, AdminToken, AuthError, format_iso};
use cairn_model::Registry;
use cairn_query::condition_variables;
use cairn_store::StoreError;
use cairn_store::events::Actor;
use cairn_store::system::{AdminTokenRow, NewAdminToken};
use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};

const TOKEN_KEYS: [&str; 7] = ["name", "description", "owner", "token", "actions", "permissions", "expiresAt"];

/// Changes to an admin token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AdminTokenChanges {
    /// Path in the file.
    path: String,
    name: String,
    description: SettingChange<String>,
    /// Address of an admin user, in lower case.
    owner: SettingChange<String>,
    token: SettingChange<SecretText>,
    actions: SettingChange<RoleActions>,
    permissions: SettingChange<Vec<PermissionGrant>>,
    expires_at: SettingChange<DateTime<Utc>>,
}

impl SettingsParser<'_> {
    pub(super) fn admin_tokens(&mut self, json: &Json) -> Vec<AdminTokenChanges> {
        let mut tokens: Vec<AdminTokenChanges> = Vec::new();
        for (i, json) in self.walk.read_list(json, "adminTokens").into_iter().flatten().enumerate() {
            let path = join_index("adminTokens", i);
            let Some(token) = parse_token(self.walk, self.registry, json, &path) else { continue };
            if tokens.iter().any(|t| t.name == token.name) {
                self.walk
                    .add_problem(&join_key(&path, "name"), "another admin token in the file already has this name");
            }
            if matches!(token.token, SettingChange::Set(_)) && tokens.iter().any(|t| t.token == token.token) {
                self.walk
                    .add_problem(&join_key(&path, "token"), "another admin token in the file already has this value");
            }
            tokens.push(token);
        }
        tokens
    }
}

fn parse_token(walk: &mut SettingsWalk, registry: &Registry, json: &Json, path: &str) -> Option<AdminTokenChanges> {
    let map = walk.read_object(json, path, &TOKEN_KEYS)?;
    let description = walk.read_change(map, path, "description", |walk, json, path| match json.as_str() {
        Some("") => Some(String::new()),
        _ => parse_line(walk, json, path, MAX_DESCRIPTION_CHARS),
    });
    let owner =
        walk.read_change(map, path, "owner", |walk, json, path| walk.read_text(json, path).map(|t| t.to_lowercase()));
    let token = walk.read_change(map, path, "token", parse_secret);
    let actions = walk.read_change(map, path, "actions", |walk, json, path| {
        let found = parse_actions(walk, json, path)?;
        for action in found.0.iter().filter(|action| action.is_for_people()) {
            walk.add_problem(
                path,
                format!("{} grants permissions to others: only people can have it, not tokens", action.as_str()),
            );
        }
        Some(found)
    });
    let permissions = walk.read_change(map, path, "permissions", |walk, json, path| {
        parse_content_permissions(walk, registry, json, path)
    });
    let expires_at = walk.read_change(map, path, "expiresAt", |walk, json, path| {
        let text = walk.read_text(json, path)?;
        let time = DateTime::parse_from_rfc3339(&text).ok();
        if time.is_none() {
            walk.add_problem(path, "expected a time such as 2030-01-01T00:00:00Z");
        }
        time.map(|t| t.to_utc())
    });
    let name = match map.get("name") {
        Some(json) => parse_line(walk, json, &join_key(path, "name"), MAX_NAME_CHARS)?,
        None => {
            walk.add_problem(&join_key(path, "name"), "is missing");
            return None;
        }
    };
    Some(AdminTokenChanges { path: path.to_owned(), name, description, owner, token, actions, permissions, expires_at })
}

fn parse_secret(walk: &mut SettingsWalk, json: &Json, path: &str) -> Option<SecretText> {
    let text = walk.read_text(json, path)?;
    let rest = text.strip_prefix(ADMIN_TOKEN_PREFIX);
    let plain = text.len() <= MAX_TEXT_BYTES && text.bytes().all(|b| b.is_ascii_graphic() && b != b',');
    if rest.is_none_or(|rest| rest.len() < MIN_TEXT_CHARS) || !plain {
        walk.add_problem(
            path,
            format!(
                "must be {ADMIN_TOKEN_PREFIX} followed by {MIN_TEXT_CHARS} or more visible ASCII characters, without \
                 spaces and commas; for example {ADMIN_TOKEN_PREFIX}$(openssl rand -hex 32)"
            ),
        );
        return None;
    }
    Some(SecretText(text))
}

/// Creates a token for the caller from one of `adminTokens` as in a settings file, without `token` and `owner`. Returns it with its
/// text, which is stored nowhere.
///
/// # Errors
/// 400 for invalid input; 403 for permissions that the caller lacks, and if the caller is a token.
pub async fn create_admin_token(
    access: &AccessControl,
    caller: &AdminCaller,
    actor: &Actor,
    input: &Json,
) -> Result<(AdminToken, String), AuthError> {
    let build = |owner: i64, hash: Vec<u8>, now: DateTime<Utc>| {
        AdminTokenChanges::from_request(input, access.store().registry())?.new_token(owner, hash, now)
    };
    access.create_admin_token(caller, actor, build).await
}

impl AdminTokenChanges {
    /// Parses a request from the admin: a file with one token in it, without `token` and `owner`. Fails with 400 and every problem, by
    /// the paths of `given`.
    pub(crate) fn from_request(input: &Json, registry: &Registry) -> Result<Self, AuthError> {
        let mut walk = SettingsWalk::default();
        let token = parse_token(&mut walk, registry, input, "");
        for key in ["token", "owner"].into_iter().filter(|key| input.get(key).is_some()) {
            walk.add_problem(key, "unknown key; the value and the owner of a token cannot be set");
        }
        match (token, walk.into_problems()) {
            (Some(token), problems) if problems.is_empty() => Ok(token),
            (_, problems) => Err(super::editing::to_auth_error(problems, 0)),
        }
    }

    /// A new token of an admin user. Fails with 400 without an expiry, or with one that is in the past or too far away.
    pub(crate) fn new_token(&self, owner: i64, hash: Vec<u8>, now: DateTime<Utc>) -> Result<NewAdminToken, AuthError> {
        let wrong = |message: String| field_error("expiresAt", format!("expiresAt: {message}"));
        let SettingChange::Set(expires_at) = self.expires_at else {
            return Err(wrong("is required for an admin token".to_owned()));
        };
        if expires_at <= now {
            return Err(wrong("must not be in the past".to_owned()));
        }
        if expires_at > now + MAX_TOKEN_LIFETIME {
            return Err(wrong(too_long()));
        }
        Ok(self.apply_to(None, Some(owner), hash, format_iso(expires_at)))
    }

    fn apply_to(
        &self,
        before: Option<&NewAdminToken>,
        owner: Option<i64>,
        hash: Vec<u8>,
        expires_at: String,
    ) -> NewAdminToken {
        let names = |(actions, of_plugins): &RoleActions| {
            actions.to_names().into_iter().chain(of_plugins.iter().cloned()).collect::<Vec<_>>()
        };
        NewAdminToken {
            name: self.name.clone(),
            description: self
                .description
                .apply_to(before.map(|b| b.description.clone()).unwrap_or_default(), String::new()),
            owner,
            hash,
            actions: match &self.actions {
                SettingChange::Keep => before.map(|b| b.actions.clone()).unwrap_or_default(),
                SettingChange::Remove => Vec::new(),
                SettingChange::Set(actions) => names(actions),
            },
            permissions: match &self.permissions {
                SettingChange::Keep => before.map_or_else(|| json!([]), |b| b.permissions.clone()),
                SettingChange::Remove => json!([]),
                SettingChange::Set(grants) => json!(grants),
            },
            expires_at,
        }
    }
}

fn too_long() -> String {
    format!("an admin token can be valid for at most {} days", MAX_TOKEN_LIFETIME.num_days())
}

/// Whether a condition of a grant depends on the user.
fn uses_user_variable(token: &NewAdminToken) -> bool {
    let conditions = token.permissions.as_array().into_iter().flatten().filter_map(|grant| grant.get("condition"));
    conditions.flat_map(condition_variables).any(|name| name.starts_with("user."))
}

impl SettingsApplier<'_, '_> {
    pub(super) fn admin_tokens(
        &mut self,
        change: &SettingChange<Vec<AdminTokenChanges>>,
        hash: &dyn Fn(&str) -> Vec<u8>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let stored = match change {
            SettingChange::Keep => return Ok(()),
            _ => self.tx.reader().admin_tokens().list()?,
        };
        match change {
            SettingChange::Keep => {}
            SettingChange::Remove => {
                for row in stored {
                    self.delete_admin_token(&row)?;
                }
            }
            SettingChange::Set(changeses) => {
                if stored.len() + changeses.len() > 2 * MAX_TOKENS {
                    self.add_problem("adminTokens", format!("there can be at most {MAX_TOKENS} admin tokens"));
                    return Ok(());
                }
                for token in changeses {
                    self.admin_token(token, stored.iter().find(|s| s.token.name == token.name), hash, now)?;
                }
            }
        }
        Ok(())
    }

    fn delete_admin_token(&mut self, row: &AdminTokenRow) -> Result<(), StoreError> {
        self.tx.admin_tokens().delete(row.id)?;
        self.note_change(format!("admin token {}: removed", row.token.name));
        Ok(())
    }

    fn admin_token(
        &mut self,
        changes: &AdminTokenChanges,
        stored: Option<&AdminTokenRow>,
        hash: &dyn Fn(&str) -> Vec<u8>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let before = stored.map(|s| &s.token);
        let hash = match &changes.token {
            SettingChange::Remove => return stored.map_or(Ok(()), |row| self.delete_admin_token(row)),
            SettingChange::Set(SecretText(text)) => Some(hash(text)),
            SettingChange::Keep => before.map(|b| b.hash.clone()),
        };
        let expires_at = match &changes.expires_at {
            SettingChange::Set(time) => Some(format_iso(*time)),
            SettingChange::Keep => before.map(|b| b.expires_at.clone()),
            SettingChange::Remove => None,
        };
        let (Some(hash), Some(expires_at)) = (hash, expires_at) else {
            self.add_problem(&changes.path, "a new admin token requires token and expiresAt");
            return Ok(());
        };
        if before.is_none_or(|b| b.expires_at != expires_at) && expires_at > format_iso(now + MAX_TOKEN_LIFETIME) {
            self.add_problem(join_key(&changes.path, "expiresAt"), too_long());
            return Ok(());
        }
        let owner = match &changes.owner {
            SettingChange::Keep => before.and_then(|b| b.owner),
            SettingChange::Remove => None,
            SettingChange::Set(email) => match self.tx.reader().admin_users().get_by_email(email)? {
                Some(user) => Some(user.id),
                None => {
                    self.add_problem(join_key(&changes.path, "owner"), "no admin user has this address");
                    return Ok(());
                }
            },
        };
        let after = changes.apply_to(before, owner, hash, expires_at);
        if owner.is_none() && uses_user_variable(&after) {
            self.add_problem(
                join_key(&changes.path, "permissions"),
                "$user cannot be used for a token without an owner",
            );
            return Ok(());
        }
        if before == Some(&after) {
            return Ok(());
        }
        let written = match stored {
            None => self.tx.admin_tokens().create(&after, self.now).map(drop),
            Some(row) => self.tx.admin_tokens().update(row.id, &after),
        };
        match written {
            Ok(()) => {}
            Err(StoreError::Unique) => {
                self.add_problem(join_key(&changes.path, "token"), "another admin token already has this value");
                return Ok(());
            }
            Err(e) => return Err(e),
        }
        let subject = match before {
            None => "added",
            Some(b) if b.hash != after.hash => "has a new value",
            Some(_) => "changed",
        };
        let over = if after.expires_at.as_str() <= self.now { " (it has expired)" } else { "" };
        self.note_change(format!("admin token {}: {subject}{over}", changes.name));
        Ok(())
    }
}

/// The JSON Schema of a token, for text editors.
pub(super) fn admin_token_schema(registry: &Registry) -> Json {
    let role = admin_roles::admin_role_schema(registry);
    let of_role = |key: &str| role["properties"][key].clone();
    json!({ "type": "object", "description": "A token that programs use for the admin API", "additionalProperties": false, "required": ["name"],
        "properties": {
            "name": { "type": "string", "maxLength": MAX_NAME_CHARS },
            "description": { "type": ["string", "null"], "maxLength": MAX_DESCRIPTION_CHARS },
            "owner": { "type": ["string", "null"], "format": "email",
                "description": "The admin user whose permissions limit the token; the token is removed with the user. Without \
                     an owner, the permissions given here apply" },
            "token": { "type": ["string", "null"], "pattern": format!("^{ADMIN_TOKEN_PREFIX}.{{{MIN_TEXT_CHARS},}}$"),
                "description": "Its value; null removes the token" },
            "actions": of_role("actions"),
            "permissions": of_role("permissions"),
            "expiresAt": { "type": ["string", "null"], "format": "date-time",
                "description": format!("At most {} days after it is set", MAX_TOKEN_LIFETIME.num_days()) },
        } })
}
