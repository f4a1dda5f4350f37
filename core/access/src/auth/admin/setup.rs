//! The first administrator of a tenant, created by whoever opens the admin first.

use super::{AdminSignedIn, Browser};
use crate::auth::events::admin_user_event;
use crate::control::SETTINGS_LOCK;
use crate::{AccessControl, AuthError, ProfileChanges, SUPER_ADMIN_ROLE, format_iso};
use cairn_contact_details::email::clean_email;
use cairn_store::StoreError;
use cairn_store::events::Actor;
use serde_json::json;
use std::net::IpAddr;

const RATE_LIMIT_ROUTE: &str = "admin-setup";

impl AccessControl {
    /// True if no admin user exists yet. Returns an error if the store fails.
    pub fn needs_setup(&self) -> Result<bool, StoreError> {
        Ok(!self.store().read(|r| r.admin_users().has_any())?)
    }

    /// Creates the first administrator and signs them in. Of concurrent requests one succeeds.
    ///
    /// # Errors
    /// 403 if an admin user exists already; 400 for an invalid address or password.
    pub async fn set_up(
        &self,
        email: &str,
        password: &str,
        profile: ProfileChanges,
        client: IpAddr,
        browser: Browser,
        actor: Actor,
    ) -> Result<AdminSignedIn, AuthError> {
        self.count_request(RATE_LIMIT_ROUTE, client)?;
        // Looked at first: hashing is work that nobody should cause for nothing.
        if !self.needs_setup()? {
            return Err(AuthError::Forbidden);
        }
        let email = clean_email(email).to_lowercase();
        crate::auth::check_email(self.store().registry(), &email)?;
        self.check_admin_password(password)?;
        let profile = profile.apply_to(Default::default())?;
        let hash = self.passwords().hash(password).await?;
        let now = self.now();
        let (at, by) = (format_iso(now), actor.clone());
        let user = self
            .store()
            .write(move |tx| {
                tx.lock_name(SETTINGS_LOCK)?;
                if tx.reader().admin_users().has_any()? {
                    return Err(AuthError::Forbidden);
                }
                let id = tx.admin_users().create(&email, &hash, &[SUPER_ADMIN_ROLE.to_owned()], &at)?;
                tx.admin_users().set_profile(id, &profile, &at)?;
                let user = tx.reader().admin_users().get(id)?.ok_or(StoreError::Conflict)?;
                let actor = Actor { ip: by.ip, request: by.request, ..Actor::admin(id, &user.display_name()) };
                let data = json!({ "email": email, "roles": [SUPER_ADMIN_ROLE], "setup": true });
                tx.events().emit(
                    &actor,
                    &admin_user_event("cairn.admin-user.added", id, data),
                    now.timestamp_millis(),
                )?;
                Ok(user)
            })
            .await?;
        self.signed_in_admin(&user, browser, actor, "setup").await
    }
}
