//! Settings in the form that the admin shows: roles of the content API, API tokens.

use crate::AccessControl;
use crate::permissions::{PermissionGrant, grants_json};
use crate::settings_snapshot::{AUTHENTICATED_ROLE, PUBLIC_ROLE, stored_grants};
use serde_json::Value as Json;

/// A role of the content API.
#[derive(Debug, Clone, PartialEq)]
pub struct ContentRole {
    /// `public`, `authenticated`, or another.
    pub code: String,
    /// Display name of the role.
    pub name: String,
    /// Description for people.
    pub description: String,
    /// True if it may read drafts.
    pub read_drafts: bool,
    /// uid → action → `{where?, fields?}`.
    pub permissions: Json,
    /// True if it is built in and cannot be deleted.
    pub built_in: bool,
}

/// An API token, without its text.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiToken {
    /// Numeric id of the token.
    pub id: i64,
    /// Display name, unique per tenant.
    pub name: String,
    /// Description for people.
    pub description: String,
    /// `full-access`, `read-only` or `custom`.
    pub kind: String,
    /// Permissions of a custom token: uid → action → `{where?, fields?}`.
    pub permissions: Json,
    /// True if a custom token may read drafts.
    pub read_drafts: bool,
    /// When it expires, ISO 8601 in UTC; `None` for never.
    pub expires_at: Option<String>,
    /// Time of creation, ISO 8601 in UTC.
    pub created_at: String,
}

impl AccessControl {
    /// Lists the roles of the content API.
    pub fn content_roles(&self) -> Vec<ContentRole> {
        let state = self.settings_snapshot();
        let rows = &state.rows;
        rows.roles()
            .map(|(row, permissions, read_drafts)| ContentRole {
                code: row.kind.clone(),
                name: row.name.clone(),
                description: row.description.clone().unwrap_or_default(),
                read_drafts,
                permissions: grants_json(&permissions),
                built_in: [PUBLIC_ROLE, AUTHENTICATED_ROLE].contains(&row.kind.as_str()),
            })
            .collect()
    }

    /// Lists the API tokens.
    pub fn api_tokens(&self) -> Vec<ApiToken> {
        let state = self.settings_snapshot();
        let to_token = |row: &cairn_store::system::ApiTokenRow| {
            let grants: Vec<PermissionGrant> = stored_grants(row);
            ApiToken {
                id: row.id,
                name: row.token.name.clone(),
                description: row.token.description.clone(),
                kind: row.token.kind.clone(),
                permissions: grants_json(&grants),
                read_drafts: row.token.read_drafts,
                expires_at: row.token.expires_at.clone(),
                created_at: row.created_at.clone(),
            }
        };
        state.rows.tokens().iter().map(to_token).collect()
    }
}
