//! New passwords of admin users.

use super::{AdminCaller, event_of, wrong};
use crate::passwords::MAX_BYTES;
use crate::settings::ADMIN_PASSWORD_MIN;
use crate::{AccessControl, AuthError, iso};
use cairn_store::events::Actor;
use serde_json::json;
use std::net::IpAddr;

/// Checks the form of an admin user's password.
pub(super) fn check_password_form(password: &str) -> Result<(), AuthError> {
    if password.chars().count() < ADMIN_PASSWORD_MIN || password.len() > MAX_BYTES {
        let message =
            format!("password must have at least {ADMIN_PASSWORD_MIN} characters and at most {MAX_BYTES} bytes");
        return Err(wrong("password", message));
    }
    Ok(())
}

impl AccessControl {
    /// Changes the password of the caller, who has to know the current one. Ends their other sessions.
    ///
    /// # Errors
    /// 400 if the current password is wrong or the new one is not acceptable.
    pub async fn change_admin_password(
        &self,
        who: &AdminCaller,
        current: &str,
        password: &str,
        client: IpAddr,
        actor: &Actor,
    ) -> Result<(), AuthError> {
        const ROUTE: &str = "admin-password";
        let person = who.person()?;
        self.count_request(ROUTE, client)?;
        check_password_form(password)?;
        let user = self.store().read(|r| r.admin_user(person))?.ok_or(AuthError::NotFound)?;
        self.check_own_password(ROUTE, &user, current, client).await?;
        if current == password {
            return Err(wrong("password", "Your new password must be different than your current password"));
        }
        let hash = self.passwords().hash(password).await?;
        let own = who.session().map(|s| s.hash.clone()).unwrap_or_default();
        let (now, actor) = (self.now(), actor.clone());
        self.store()
            .write(move |tx| {
                // Of two changes at the same time the second checked a password that is none any more.
                let before = tx.reader().admin_user(person)?.filter(|u| u.password_hash == user.password_hash);
                before.ok_or_else(wrong_current)?;
                tx.set_admin_password(person, &hash, &own, &iso(now))?;
                let event = event_of("cairn.admin-user.password-changed", person, json!({}));
                Ok(tx.emit(&actor, &event, now.timestamp_millis())?)
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
    wrong("currentPassword", "The provided current password is invalid")
}
