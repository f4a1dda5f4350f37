//! The caller of a request with an admin token.

use super::is_in_force;
use crate::auth::AdminCredential;
use crate::caller::admin_token_key;
use crate::{AccessControl, AdminCaller, AuthError, format_iso};
use cairn_store::events::{Actor, ActorKind};
use std::sync::Arc;

impl AccessControl {
    /// The admin caller for a token's text. The token and its owner are read at every use: a token that is deleted, or whose owner is,
    /// gives no access from then on.
    ///
    /// # Errors
    /// 401 for a token that is unknown or expired, or whose owner may not sign in; errors of the store.
    pub(crate) fn admin_from_token(&self, text: &str) -> Result<AdminCaller, AuthError> {
        let (hash, now) = (self.token_hash(text), format_iso(self.now()));
        let found = self.store().read(|r| {
            let Some(row) = r.admin_tokens().get_by_hash(&hash, &now)? else { return Ok(None) };
            let owner = row.token.owner.map(|id| r.admin_users().get(id)).transpose()?.flatten();
            Ok::<_, AuthError>(Some((row, owner)))
        })?;
        let (row, owner) = found.filter(|(row, owner)| is_in_force(row, owner.as_ref())).ok_or(AuthError::Unknown)?;
        self.note_admin_token_use(row.id);
        Ok(AdminCaller {
            id: None,
            actor: Actor {
                kind: ActorKind::Token,
                id: Some(admin_token_key(row.id)),
                name: Some(row.token.name.clone()),
                ..Actor::public()
            },
            permissions: Arc::new(self.token_permissions(&row.token, owner.as_ref())),
            name: row.token.name,
            // Stages of a workflow that are limited to roles are for people: a token has no roles.
            roles: Vec::new(),
            language: None,
            credential: AdminCredential::Token(row.id),
        })
    }
}
