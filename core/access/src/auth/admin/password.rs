//! New passwords of admin users.

use super::{AdminCaller, field_error};
use crate::auth::events::admin_user_event;
use crate::passwords::MAX_PASSWORD_BYTES;
use crate::{AccessControl, AuthError, format_iso};
use cairn_store::events::Actor;
use serde_json::json;
use std::net::IpAddr;

/// Shortest password of an admin user, in characters; the settings may require more.
pub const MIN_ADMIN_PASSWORD_CHARS: usize = 8;

/// Smallest number of characters of an admin user's password where the settings require that many of users.
pub fn min_admin_password_chars(of_settings: u32) -> usize {
    MIN_ADMIN_PASSWORD_CHARS.max(of_settings as usize)
}

impl AccessControl {
    /// Checks the form of an admin user's new password.
    pub(super) fn check_admin_password(&self, password: &str) -> Result<(), AuthError> {
        let min_chars = min_admin_password_chars(self.auth_settings().password_min_length);
        if password.chars().count() < min_chars || password.len() > MAX_PASSWORD_BYTES {
            let message =
                format!("password must have at least {min_chars} characters and at most {MAX_PASSWORD_BYTES} bytes");
            return Err(field_error("password", message));
        }
        Ok(())
    }

    /// Changes the password of the caller, who has to know the current one. Ends their other sessions. Fails with 400 if the current
    /// password is wrong or the new one is not acceptable.
    pub async fn change_admin_password(
        &self,
        caller: &AdminCaller,
        current: &str,
        password: &str,
        client: IpAddr,
        actor: &Actor,
    ) -> Result<(), AuthError> {
        const RATE_LIMIT_ROUTE: &str = "admin-password";
        let person = caller.require_person()?;
        self.count_request(RATE_LIMIT_ROUTE, client)?;
        self.check_admin_password(password)?;
        let user = self.store().read(|r| r.admin_users().get(person))?.ok_or(AuthError::NotFound)?;
        self.check_own_password(RATE_LIMIT_ROUTE, &user, current, client).await?;
        if current == password {
            return Err(field_error("password", "Your new password must be different than your current password"));
        }
        let hash = self.passwords().hash(password).await?;
        let own = caller.session().map(|s| s.hash.clone()).unwrap_or_default();
        let (now, actor) = (self.now(), actor.clone());
        self.store()
            .write(move |tx| {
                // Of two changes at the same time the second checked a password that is none any more.
                let before = tx.reader().admin_users().get(person)?.filter(|u| u.password_hash == user.password_hash);
                before.ok_or_else(wrong_current)?;
                tx.admin_users().set_password(person, &hash, &own, &format_iso(now))?;
                let event = admin_user_event("cairn.admin-user.password-changed", person, json!({}));
                Ok(tx.events().emit(&actor, &event, now.timestamp_millis())?)
            })
            .await
    }

    /// Checks that a signed-in user knows their password, before actions that a passer-by at an open screen must not take.
    pub(super) async fn check_own_password(
        &self,
        route: &str,
        user: &cairn_store::system::AdminUserRow,
        password: &str,
        client: IpAddr,
    ) -> Result<(), AuthError> {
        let attempt = self.begin_attempt(route, client, &user.email)?;
        if self.check_password(attempt, password, Some(&user.password_hash)).await? {
            Ok(())
        } else {
            Err(wrong_current())
        }
    }
}

fn wrong_current() -> AuthError {
    field_error("currentPassword", "The provided current password is invalid")
}
