//! Creating, listing and deleting admin tokens.

use super::{ADMIN_TOKEN_PREFIX, MAX_TOKENS, is_in_force};
use crate::auth::new_event;
use crate::control::SETTINGS_LOCK;
use crate::secret::fill_random;
use crate::{AccessControl, AdminCaller, AdminPermissions, AuthError, format_iso};
use cairn_store::StoreError;
use cairn_store::events::Actor;
use cairn_store::system::{AdminTokenRow, AdminUserRow, NewAdminToken};
use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// An admin token, without its text.
#[derive(Debug, Clone, PartialEq)]
pub struct AdminToken {
    /// Numeric id of the token.
    pub id: i64,
    /// Display name, unique per tenant.
    pub name: String,
    /// Description for people.
    pub description: String,
    /// Admin user who created it; `None`: a settings file did.
    pub owner: Option<AdminTokenOwner>,
    /// Names of actions, and of permissions of plugins.
    pub actions: Vec<String>,
    /// Those of [`Self::actions`] that its owner lacks now; the token lacks them too.
    pub withheld: Vec<String>,
    /// uid → action → `{where?, fields?}`.
    pub permissions: Json,
    /// State of the token: only an active one gives access.
    pub state: AdminTokenState,
    /// When it expires, ISO 8601 in UTC.
    pub expires_at: String,
    /// Time of creation, ISO 8601 in UTC.
    pub created_at: String,
    /// Time of its last use, ISO 8601 in UTC, to the minute.
    pub last_used_at: Option<String>,
}

/// The admin user who created a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminTokenOwner {
    /// Numeric id of the user.
    pub id: i64,
    /// E-mail address of the user.
    pub email: String,
    /// Full name of the user, or else the address.
    pub name: String,
}

/// State of an admin token, by which it gives access or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdminTokenState {
    /// The token gives access.
    Active,
    /// The token has expired.
    Expired,
    /// Its owner cannot sign in.
    Suspended,
}

impl AccessControl {
    /// Lists all admin tokens, in the order of creation. Returns an error if the store fails.
    pub fn admin_tokens(&self) -> Result<Vec<AdminToken>, AuthError> {
        let (rows, users) =
            self.store().read(|r| Ok::<_, AuthError>((r.admin_tokens().list()?, r.admin_users().list()?)))?;
        let users: HashMap<i64, AdminUserRow> = users.into_iter().map(|user| (user.id, user)).collect();
        Ok(rows.into_iter().map(|row| self.to_admin_token(row, &users)).collect())
    }

    fn to_admin_token(&self, row: AdminTokenRow, users: &HashMap<i64, AdminUserRow>) -> AdminToken {
        let owner = row.token.owner.and_then(|id| users.get(&id));
        let state = if row.token.expires_at <= format_iso(self.now()) {
            AdminTokenState::Expired
        } else if is_in_force(&row, owner) {
            AdminTokenState::Active
        } else {
            AdminTokenState::Suspended
        };
        let may = self.token_permissions(&row.token, owner).action_names();
        let withheld = row.token.actions.iter().filter(|name| !may.contains(name)).cloned().collect();
        let owner =
            owner.map(|user| AdminTokenOwner { id: user.id, email: user.email.clone(), name: user.display_name() });
        AdminToken {
            permissions: super::token_role(&row.token).permissions_json(),
            id: row.id,
            name: row.token.name,
            description: row.token.description,
            owner,
            actions: row.token.actions,
            withheld,
            state,
            expires_at: row.token.expires_at,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
        }
    }

    /// Creates the token that `build` makes of its owner, the caller, of the hash of its text, and of the time. Returns it with its text,
    /// which is stored nowhere.
    ///
    /// # Errors
    /// Those of `build`; 400 for a name that exists; 403 for permissions that the caller lacks, and if the caller is a token.
    pub async fn create_admin_token(
        &self,
        caller: &AdminCaller,
        actor: &Actor,
        build: impl FnOnce(i64, Vec<u8>, DateTime<Utc>) -> Result<NewAdminToken, AuthError>,
    ) -> Result<(AdminToken, String), AuthError> {
        let owner = caller.id.ok_or(AuthError::Forbidden)?;
        let text = new_text()?;
        let now = self.now();
        let token = build(owner, self.token_hash(&text).to_vec(), now)?;
        self.require_all(caller, &self.token_permissions(&token, None))?;
        let (actor, at) = (actor.clone(), now.timestamp_millis());
        let id = self
            .store()
            .write(move |tx| {
                // The removal or deactivation of an owner takes this lock too: no token outlives its owner.
                tx.lock_name(SETTINGS_LOCK)?;
                let user = tx.reader().admin_users().get(owner)?.filter(|user| user.active);
                user.ok_or(AuthError::Unauthorized("Unauthorized"))?;
                if tx.reader().admin_tokens().list()?.len() >= MAX_TOKENS {
                    return Err(AuthError::Refused(format!(
                        "There are already {MAX_TOKENS} admin tokens; remove some first"
                    )));
                }
                let id = match tx.admin_tokens().create(&token, &format_iso(now)) {
                    Err(StoreError::Unique) => {
                        return Err(crate::auth::field_error(
                            "name",
                            "name: another admin token already has this name",
                        ));
                    }
                    other => other?,
                };
                tx.events().emit(&actor, &added_event(id, &token), at)?;
                Ok(id)
            })
            .await?;
        let token = self.admin_tokens()?.into_iter().find(|token| token.id == id).ok_or(AuthError::NotFound)?;
        Ok((token, text))
    }

    /// Returns 403 if `rights` exceed those of the caller.
    fn require_all(&self, caller: &AdminCaller, rights: &AdminPermissions) -> Result<(), AuthError> {
        if caller.permissions.covers(rights) {
            return Ok(());
        }
        let lacked = rights.actions().iter().find(|action| !caller.permissions.allows_action(*action));
        let (action, roles) = match lacked {
            Some(action) => (action.as_str().to_owned(), self.roles_with(action)),
            None => ("every permission of the token".to_owned(), vec![crate::SUPER_ADMIN_ROLE.to_owned()]),
        };
        Err(AuthError::Lacks { action, content_type: None, roles })
    }

    /// Deletes a token: it gives no access any more. Fails with 404 if it does not exist: if several delete it, one succeeds.
    pub async fn revoke_admin_token(&self, actor: &Actor, id: i64) -> Result<(), AuthError> {
        let (actor, at) = (actor.clone(), self.now().timestamp_millis());
        self.store()
            .write(move |tx| {
                tx.lock_name(SETTINGS_LOCK)?;
                let row = tx.reader().admin_tokens().get(id)?.ok_or(AuthError::NotFound)?;
                if !tx.admin_tokens().delete(id)? {
                    return Err(AuthError::NotFound);
                }
                let data = json!({ "name": row.token.name, "owner": row.token.owner });
                Ok(tx.events().emit(&actor, &new_event("cairn.admin-token.removed", &event_key(id), data), at)?)
            })
            .await
    }
}

fn event_key(id: i64) -> String {
    format!("admin-token {id}")
}

fn added_event(id: i64, token: &NewAdminToken) -> cairn_store::events::NewEvent {
    let data = json!({
        "name": token.name, "owner": token.owner, "actions": token.actions, "permissions": token.permissions,
        "expiresAt": token.expires_at,
    });
    new_event("cairn.admin-token.added", &event_key(id), data)
}

fn new_text() -> Result<String, AuthError> {
    let mut bytes = [0; 32];
    fill_random(&mut bytes).map_err(|_| AuthError::Internal("cannot get random bytes for a token"))?;
    Ok(format!("{ADMIN_TOKEN_PREFIX}{}", bytes.iter().map(|b| format!("{b:02x}")).collect::<String>()))
}
