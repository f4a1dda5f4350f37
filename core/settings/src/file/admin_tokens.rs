//! `adminTokens` of the file: tokens with which programs use the admin API.

use super::admin_roles::{ActionNames, AdminPermissionsInput, RoleActions};
use super::applier::SettingsApplier;
use super::parser::SettingsParser;
use crate::change::{SecretText, SettingChange};
use crate::field_errors::to_auth_error;
use crate::input::{read_each_element, read_input, read_valid};
use crate::problems::{ProblemList, join_key};
use crate::text::{DescriptionLine, Timestamp, check_line, checked_text};
use cairn_access::admin_tokens::{
    ADMIN_TOKEN_PREFIX, MAX_NAME_CHARS, MAX_TEXT_BYTES, MAX_TOKEN_LIFETIME, MAX_TOKENS, MIN_TEXT_CHARS,
};
use cairn_access::auth::field_error;
use cairn_access::permissions::PermissionGrant;
use cairn_access::{AccessControl, AdminCaller, AdminToken, AuthError, format_iso};
use cairn_contact_details::email::clean_email;
use cairn_model::Registry;
use cairn_query::condition_variables;
use cairn_store::StoreError;
use cairn_store::events::Actor;
use cairn_store::system::{AdminTokenRow, NewAdminToken};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::HashSet;

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

/// A token as JSON: what is left out stays. A new one needs `token` and `expiresAt`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(
    deny_unknown_fields,
    description = "A token that programs use for the admin API",
    extend("required" = ["name"])
)]
pub(super) struct AdminTokenInput {
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "AdminTokenName")]
    name: Option<AdminTokenName>,
    #[serde(default)]
    description: SettingChange<DescriptionLine>,
    #[serde(default)]
    #[schemars(
        description = "The admin user whose permissions limit the token; the token is removed with the user. Without an owner, the \
            permissions given here apply"
    )]
    owner: SettingChange<OwnerAddress>,
    #[serde(default)]
    #[schemars(description = "Its value; null removes the token")]
    token: SettingChange<AdminTokenText>,
    #[serde(default)]
    #[schemars(description = "Actions that the token permits, apart from content")]
    actions: SettingChange<ActionNames>,
    #[serde(default)]
    #[schemars(description = "Actions on content that the token permits; * stands for every content type")]
    permissions: SettingChange<AdminPermissionsInput>,
    #[serde(default)]
    #[schemars(description = format!("At most {} days after it is set", MAX_TOKEN_LIFETIME.num_days()))]
    expires_at: SettingChange<Timestamp>,
}

checked_text!(
    /// The name of a token: one line.
    AdminTokenName,
    |text| check_line(text, MAX_NAME_CHARS),
    { "type": "string", "maxLength": MAX_NAME_CHARS }
);
checked_text!(
    /// The address of an admin user, in lower case. Whether there is such a user is known when the file is applied.
    OwnerAddress,
    |text| Ok(clean_email(&text).to_lowercase()),
    { "type": "string", "format": "email" }
);
checked_text!(
    /// The text of an admin token.
    AdminTokenText,
    check_token,
    { "type": "string", "pattern": format!("^{ADMIN_TOKEN_PREFIX}.{{{MIN_TEXT_CHARS},}}$"), "maxLength": MAX_TEXT_BYTES }
);

fn check_token(text: String) -> Result<String, String> {
    let rest = text.strip_prefix(ADMIN_TOKEN_PREFIX);
    let plain = text.len() <= MAX_TEXT_BYTES && text.bytes().all(|b| b.is_ascii_graphic() && b != b',');
    if rest.is_none_or(|rest| rest.len() < MIN_TEXT_CHARS) || !plain {
        return Err(format!(
            "must be {ADMIN_TOKEN_PREFIX} followed by {MIN_TEXT_CHARS} or more visible ASCII characters, without \
             spaces and commas; for example {ADMIN_TOKEN_PREFIX}$(openssl rand -hex 32)"
        ));
    }
    Ok(text)
}

impl AdminTokenInput {
    /// The changes; `None` without a name.
    fn check(self, problems: &mut ProblemList, registry: &Registry, path: &str) -> Option<AdminTokenChanges> {
        let actions = self.actions.map_value(|ActionNames(actions)| actions);
        let for_people = actions.new_value().and_then(|(actions, _)| actions.iter().find(|a| a.is_for_people()));
        if let Some(action) = for_people {
            let message =
                format!("{} grants permissions to others: only people can have it, not tokens", action.as_str());
            problems.add_problem(&join_key(path, "actions"), message);
        }
        let permissions_path = join_key(path, "permissions");
        let permissions = self.permissions.map_value(|input| input.check(problems, registry, &permissions_path));
        if self.name.is_none() {
            problems.add_problem(&join_key(path, "name"), "is missing");
        }
        Some(AdminTokenChanges {
            path: path.to_owned(),
            name: self.name?.into(),
            description: self.description.map_value(String::from),
            owner: self.owner.map_value(String::from),
            token: self.token.map_value(|text| SecretText(text.into())),
            actions,
            permissions,
            expires_at: self.expires_at.map_value(|Timestamp(time)| time),
        })
    }
}

impl SettingsParser<'_> {
    pub(super) fn parse_admin_tokens(&mut self, json: &Json) -> Vec<AdminTokenChanges> {
        let (registry, mut tokens) = (self.registry, Vec::new());
        let (mut names, mut texts) = (HashSet::new(), HashSet::new());
        read_each_element(self.problems, json, "adminTokens", |problems, json, path| {
            let Some(token) = read_token(problems, registry, json, path) else { return };
            if !names.insert(token.name.clone()) {
                let message = "another admin token in the file already has this name";
                problems.add_problem(&join_key(path, "name"), message);
            }
            if let SettingChange::Set(SecretText(text)) = &token.token
                && !texts.insert(text.clone())
            {
                let message = "another admin token in the file already has this value";
                problems.add_problem(&join_key(path, "token"), message);
            }
            tokens.push(token);
        });
        tokens
    }
}

fn read_token(problems: &mut ProblemList, registry: &Registry, json: &Json, path: &str) -> Option<AdminTokenChanges> {
    read_input::<AdminTokenInput>(problems, json, path)?.check(problems, registry, path)
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
        let mut problems = ProblemList::default();
        let token = read_token(&mut problems, registry, input, "");
        for key in ["token", "owner"].into_iter().filter(|key| input.get(key).is_some()) {
            problems.add_problem(key, "unknown key; the value and the owner of a token cannot be set");
        }
        match (token, problems.into_problems()) {
            (Some(token), problems) if problems.is_empty() => Ok(token),
            (_, problems) => Err(to_auth_error(problems, 0)),
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

/// True if a condition of a grant depends on the user.
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
