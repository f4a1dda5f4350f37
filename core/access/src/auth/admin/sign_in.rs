//! Signing in to the admin with e-mail address and password.

use super::{AdminCaller, AdminSignIn, AdminSignedIn, Browser};
use crate::{AccessControl, AuthError};
use cairn_contact_details::email::{clean_email, normalise_email};
use cairn_store::StoreError;
use cairn_store::events::Actor;
use cairn_store::system::AdminUserRow;
use serde_json::json;
use std::net::IpAddr;

const RATE_LIMIT_ROUTE: &str = "admin";

impl AccessControl {
    /// Begins an admin session, or requires a second factor. An unknown address, and one of a user who may not sign in any more, gets the
    /// same response as a wrong password, after the same time. Returns the same errors as for signing in to the content API.
    pub async fn admin_sign_in(
        &self,
        email: &str,
        password: &str,
        client: IpAddr,
        browser: Browser,
        actor: Actor,
    ) -> Result<AdminSignIn, AuthError> {
        self.count_request(RATE_LIMIT_ROUTE, client)?;
        let email = clean_email(email).to_lowercase();
        if email.is_empty() || password.is_empty() {
            return Err(AuthError::Refused("email and password are required".to_owned()));
        }
        let user = self.store().read(|r| r.admin_users().get_by_email(&email))?.filter(|user| user.active);
        // By the account, not by what was typed: a domain has many spellings, each of which would have attempts of its own.
        let account = user.as_ref().map_or_else(|| normalise_email(&email), |user| user.email.clone());
        let attempt = self.begin_attempt(RATE_LIMIT_ROUTE, client, &account)?;
        let right = self.check_password(attempt, password, user.as_ref().map(|u| u.password_hash.as_str())).await?;
        let Some(user) = user.filter(|_| right) else {
            // The address of a failed sign-in may be a password typed into the wrong field: it is not logged.
            self.record_event("cairn.login.failed", "admin", &actor, json!({ "admin": true })).await?;
            return Err(wrong_credentials());
        };
        if user.authenticator().is_some() {
            return Ok(AdminSignIn::Second(self.pending_factor(&user)?));
        }
        let signed_in = self.signed_in_admin(&user, browser, actor, "password").await?;
        Ok(AdminSignIn::In(Box::new(signed_in)))
    }

    /// Begins the session of a user who has authenticated.
    pub(super) async fn signed_in_admin(
        &self,
        user: &AdminUserRow,
        browser: Browser,
        actor: Actor,
        by: &'static str,
    ) -> Result<AdminSignedIn, AuthError> {
        let token_and_session = match self.begin_admin_session(user, browser, actor, by).await {
            // Removed, or given another password, while this one was checked.
            Err(AuthError::Store(StoreError::Conflict)) => return Err(wrong_credentials()),
            other => other?,
        };
        let (token, session) = token_and_session;
        let caller = AdminCaller::from_session(self, user, session);
        Ok(AdminSignedIn { token, who: caller })
    }
}

fn wrong_credentials() -> AuthError {
    AuthError::Refused("Invalid email or password".to_owned())
}
