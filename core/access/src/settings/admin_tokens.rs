//! `adminTokens` of the file: tokens with which programs use the admin API.

use super::admin_roles::{RoleActions, actions, line, permissions};
use super::apply::Apply;
use super::parse::Parser;
use super::walk::{Walk, index, join};
use super::{Change, Secret, admin_roles};
use crate::admin_tokens::{ADMIN_TOKEN_PREFIX, DESCRIPTION, LONGEST, LONGEST_LIFE, MOST, NAME, SHORTEST};
use crate::rights::Grant;
use crate::{AuthError, iso};
use cairn_model::Registry;
use cairn_query::variables;
use cairn_store::StoreError;
use cairn_store::system::{AdminTokenRow, NewAdminToken};
use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};

const KEYS: [&str; 7] = ["name", "description", "owner", "token", "actions", "permissions", "expiresAt"];

/// Changes to an admin token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AdminTokenChanges {
    /// Path in the file.
    path: String,
    name: String,
    description: Change<String>,
    /// Address of an admin user, in lower case.
    owner: Change<String>,
    token: Change<Secret>,
    actions: Change<RoleActions>,
    permissions: Change<Vec<Grant>>,
    expires_at: Change<DateTime<Utc>>,
}

impl Parser<'_> {
    pub(super) fn admin_tokens(&mut self, json: &Json) -> Vec<AdminTokenChanges> {
        let mut tokens: Vec<AdminTokenChanges> = Vec::new();
        for (i, json) in self.walk.list(json, "adminTokens").into_iter().flatten().enumerate() {
            let path = index("adminTokens", i);
            let Some(token) = read(self.walk, self.registry, json, &path) else { continue };
            if tokens.iter().any(|t| t.name == token.name) {
                self.walk.problem(&join(&path, "name"), "another admin token in the file already has this name");
            }
            if matches!(token.token, Change::Set(_)) && tokens.iter().any(|t| t.token == token.token) {
                self.walk.problem(&join(&path, "token"), "another admin token in the file already has this value");
            }
            tokens.push(token);
        }
        tokens
    }
}

fn read(walk: &mut Walk, registry: &Registry, json: &Json, path: &str) -> Option<AdminTokenChanges> {
    let map = walk.object(json, path, &KEYS)?;
    let description = walk.change(map, path, "description", |walk, json, path| match json.as_str() {
        Some("") => Some(String::new()),
        _ => line(walk, json, path, DESCRIPTION),
    });
    let owner = walk.change(map, path, "owner", |walk, json, path| walk.text(json, path).map(|t| t.to_lowercase()));
    let token = walk.change(map, path, "token", secret);
    let actions = walk.change(map, path, "actions", |walk, json, path| {
        let found = actions(walk, json, path)?;
        for action in found.0.iter().filter(|action| action.is_for_people()) {
            walk.problem(
                path,
                format!("{} grants permissions to others: only people can have it, not tokens", action.as_str()),
            );
        }
        Some(found)
    });
    let permissions = walk.change(map, path, "permissions", |walk, json, path| permissions(walk, registry, json, path));
    let expires_at = walk.change(map, path, "expiresAt", |walk, json, path| {
        let text = walk.text(json, path)?;
        let time = DateTime::parse_from_rfc3339(&text).ok();
        if time.is_none() {
            walk.problem(path, "expected a time such as 2030-01-01T00:00:00Z");
        }
        time.map(|t| t.to_utc())
    });
    let name = match map.get("name") {
        Some(json) => line(walk, json, &join(path, "name"), NAME)?,
        None => {
            walk.problem(&join(path, "name"), "is missing");
            return None;
        }
    };
    Some(AdminTokenChanges { path: path.to_owned(), name, description, owner, token, actions, permissions, expires_at })
}

fn secret(walk: &mut Walk, json: &Json, path: &str) -> Option<Secret> {
    let text = walk.text(json, path)?;
    let rest = text.strip_prefix(ADMIN_TOKEN_PREFIX);
    let plain = text.len() <= LONGEST && text.bytes().all(|b| b.is_ascii_graphic() && b != b',');
    if rest.is_none_or(|rest| rest.len() < SHORTEST) || !plain {
        walk.problem(
            path,
            format!(
                "must be {ADMIN_TOKEN_PREFIX} followed by {SHORTEST} or more visible ASCII characters, without \
                 spaces and commas; for example {ADMIN_TOKEN_PREFIX}$(openssl rand -hex 32)"
            ),
        );
        return None;
    }
    Some(Secret(text))
}

impl AdminTokenChanges {
    /// Parses a request from the admin: a file with one token in it, without `token` and `owner`.
    ///
    /// # Errors
    /// 400 with every problem, by the paths of `given`.
    pub(crate) fn of_request(given: &Json, registry: &Registry) -> Result<Self, AuthError> {
        let mut walk = Walk::default();
        let token = read(&mut walk, registry, given, "");
        for key in ["token", "owner"].into_iter().filter(|key| given.get(key).is_some()) {
            walk.problem(key, "unknown key; the value and the owner of a token cannot be set");
        }
        match (token, walk.into_problems()) {
            (Some(token), problems) if problems.is_empty() => Ok(token),
            (_, problems) => Err(super::editing::told(problems, 0)),
        }
    }

    /// A new token of an admin user.
    ///
    /// # Errors
    /// 400 without an expiry, or with one that is in the past or too far away.
    pub(crate) fn new_token(&self, owner: i64, hash: Vec<u8>, now: DateTime<Utc>) -> Result<NewAdminToken, AuthError> {
        let wrong = |message: String| crate::auth::wrong("expiresAt", format!("expiresAt: {message}"));
        let Change::Set(expires_at) = self.expires_at else {
            return Err(wrong("is required for an admin token".to_owned()));
        };
        if expires_at <= now {
            return Err(wrong("must not be in the past".to_owned()));
        }
        if expires_at > now + LONGEST_LIFE {
            return Err(wrong(too_long()));
        }
        Ok(self.over(None, Some(owner), hash, iso(expires_at)))
    }

    fn over(
        &self,
        before: Option<&NewAdminToken>,
        owner: Option<i64>,
        hash: Vec<u8>,
        expires_at: String,
    ) -> NewAdminToken {
        let names = |(actions, of_plugins): &RoleActions| {
            actions.names().into_iter().chain(of_plugins.iter().cloned()).collect::<Vec<_>>()
        };
        NewAdminToken {
            name: self.name.clone(),
            description: self
                .description
                .over(before.map(|b| b.description.clone()).unwrap_or_default(), String::new()),
            owner,
            hash,
            actions: match &self.actions {
                Change::Keep => before.map(|b| b.actions.clone()).unwrap_or_default(),
                Change::Remove => Vec::new(),
                Change::Set(actions) => names(actions),
            },
            permissions: match &self.permissions {
                Change::Keep => before.map_or_else(|| json!([]), |b| b.permissions.clone()),
                Change::Remove => json!([]),
                Change::Set(grants) => json!(grants),
            },
            expires_at,
        }
    }
}

fn too_long() -> String {
    format!("an admin token can be valid for at most {} days", LONGEST_LIFE.num_days())
}

/// Whether a condition of a grant depends on the user.
fn asks_for_user(token: &NewAdminToken) -> bool {
    let conditions = token.permissions.as_array().into_iter().flatten().filter_map(|grant| grant.get("condition"));
    conditions.flat_map(variables).any(|name| name.starts_with("user."))
}

impl Apply<'_, '_> {
    pub(super) fn admin_tokens(
        &mut self,
        wanted: &Change<Vec<AdminTokenChanges>>,
        hash: &dyn Fn(&str) -> Vec<u8>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let stored = match wanted {
            Change::Keep => return Ok(()),
            _ => self.tx.reader().admin_tokens()?,
        };
        match wanted {
            Change::Keep => {}
            Change::Remove => {
                for row in stored {
                    self.delete_admin_token(&row)?;
                }
            }
            Change::Set(wanted) => {
                if stored.len() + wanted.len() > 2 * MOST {
                    self.problem("adminTokens", format!("there can be at most {MOST} admin tokens"));
                    return Ok(());
                }
                for token in wanted {
                    self.admin_token(token, stored.iter().find(|s| s.token.name == token.name), hash, now)?;
                }
            }
        }
        Ok(())
    }

    fn delete_admin_token(&mut self, row: &AdminTokenRow) -> Result<(), StoreError> {
        self.tx.delete_admin_token(row.id)?;
        self.changed(format!("admin token {}: removed", row.token.name));
        Ok(())
    }

    fn admin_token(
        &mut self,
        wanted: &AdminTokenChanges,
        stored: Option<&AdminTokenRow>,
        hash: &dyn Fn(&str) -> Vec<u8>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let before = stored.map(|s| &s.token);
        let hash = match &wanted.token {
            Change::Remove => return stored.map_or(Ok(()), |row| self.delete_admin_token(row)),
            Change::Set(Secret(text)) => Some(hash(text)),
            Change::Keep => before.map(|b| b.hash.clone()),
        };
        let expires_at = match &wanted.expires_at {
            Change::Set(time) => Some(iso(*time)),
            Change::Keep => before.map(|b| b.expires_at.clone()),
            Change::Remove => None,
        };
        let (Some(hash), Some(expires_at)) = (hash, expires_at) else {
            self.problem(&wanted.path, "a new admin token requires token and expiresAt");
            return Ok(());
        };
        if before.is_none_or(|b| b.expires_at != expires_at) && expires_at > iso(now + LONGEST_LIFE) {
            self.problem(join(&wanted.path, "expiresAt"), too_long());
            return Ok(());
        }
        let owner = match &wanted.owner {
            Change::Keep => before.and_then(|b| b.owner),
            Change::Remove => None,
            Change::Set(email) => match self.tx.reader().admin_by_email(email)? {
                Some(user) => Some(user.id),
                None => {
                    self.problem(join(&wanted.path, "owner"), "no admin user has this address");
                    return Ok(());
                }
            },
        };
        let after = wanted.over(before, owner, hash, expires_at);
        if owner.is_none() && asks_for_user(&after) {
            self.problem(join(&wanted.path, "permissions"), "$user cannot be used for a token without an owner");
            return Ok(());
        }
        if before == Some(&after) {
            return Ok(());
        }
        let written = match stored {
            None => self.tx.insert_admin_token(&after, self.now).map(drop),
            Some(row) => self.tx.update_admin_token(row.id, &after),
        };
        match written {
            Ok(()) => {}
            Err(StoreError::Unique) => {
                self.problem(join(&wanted.path, "token"), "another admin token already has this value");
                return Ok(());
            }
            Err(e) => return Err(e),
        }
        let what = match before {
            None => "added",
            Some(b) if b.hash != after.hash => "has a new value",
            Some(_) => "changed",
        };
        let over = if after.expires_at.as_str() <= self.now { " (it has expired)" } else { "" };
        self.changed(format!("admin token {}: {what}{over}", wanted.name));
        Ok(())
    }
}

/// The JSON Schema of a token, for text editors.
pub(super) fn schema(registry: &Registry) -> Json {
    let role = admin_roles::schema(registry);
    let of_role = |key: &str| role["properties"][key].clone();
    json!({ "type": "object", "description": "A token that programs use for the admin API", "additionalProperties": false, "required": ["name"],
        "properties": {
            "name": { "type": "string", "maxLength": NAME },
            "description": { "type": ["string", "null"], "maxLength": DESCRIPTION },
            "owner": { "type": ["string", "null"], "format": "email",
                "description": "The admin user whose permissions limit the token; the token is removed with the user. Without \
                     an owner, the permissions given here apply" },
            "token": { "type": ["string", "null"], "pattern": format!("^{ADMIN_TOKEN_PREFIX}.{{{SHORTEST},}}$"),
                "description": "Its value; null removes the token" },
            "actions": of_role("actions"),
            "permissions": of_role("permissions"),
            "expiresAt": { "type": ["string", "null"], "format": "date-time",
                "description": format!("At most {} days after it is set", LONGEST_LIFE.num_days()) },
        } })
}
