//! Managing admin users: inviting, changing, deleting; and the links that are mailed to them.
//!
//! Nobody can give others more permissions than they have, or change a user who has more; and there is always one
//! super admin who can sign in.

use super::{AdminCaller, AdminSignedIn, Browser, field_error};
use crate::admin_roles::is_code;
use crate::auth::events::admin_user_event;
use crate::control::SETTINGS_LOCK;
use crate::secret::fill_random;
use crate::{AccessControl, AuthError, ProfileChanges, SUPER_ADMIN_ROLE, format_iso};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cairn_contact_details::email::clean_email;
use cairn_store::events::{Actor, DuplicatePolicy, NewJob};
use cairn_store::system::{AdminProfile, AdminUserRow};
use cairn_store::{StoreError, WriteTx};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value as Json, json};
use std::fmt;
use std::net::IpAddr;

/// The job that mails an admin user a link. Its payload: `purpose`, and `user` (a numeric id) or `email`.
pub const ADMIN_MAIL_JOB: &str = "cairn.admin.mail";
/// The route in rate limits whose requests are attempts to use a link.
const LINK_RATE_LIMIT_ROUTE: &str = "admin-link";
const LINK_GONE: AuthError = AuthError::Application("This link is no longer valid; request a new one");
/// Largest number of roles of one user.
const MAX_ROLES: usize = 20;

/// The purpose of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdminLink {
    /// Choosing the first password.
    Invitation,
    /// Choosing another password.
    ResetPassword,
}

impl AdminLink {
    /// The text that is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::ResetPassword => "reset-password",
        }
    }

    /// Parses what [`Self::name`] returns.
    pub fn from_stored(text: &str) -> Option<Self> {
        [Self::Invitation, Self::ResetPassword].into_iter().find(|link| link.name() == text)
    }

    /// Path of the page that it opens, below the address of the site.
    pub fn page_path(self) -> &'static str {
        match self {
            Self::Invitation => "/admin/accept-invitation",
            Self::ResetPassword => "/admin/reset-password",
        }
    }

    /// Lifetime of the link.
    pub fn valid_for(self) -> TimeDelta {
        match self {
            Self::Invitation => TimeDelta::days(7),
            Self::ResetPassword => TimeDelta::minutes(30),
        }
    }
}

/// A code that is not stored yet.
#[derive(Clone)]
pub struct AdminCode {
    text: String,
    hash: [u8; 32],
    link: AdminLink,
    now: DateTime<Utc>,
}

impl fmt::Debug for AdminCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdminCode(…)")
    }
}

impl AdminCode {
    /// The address that its owner opens, on that site.
    pub fn url(&self, site: &str) -> String {
        format!("{}{}?token={}", site.trim_end_matches('/'), self.link.page_path(), self.text)
    }

    /// When the code expires.
    pub fn valid_until(&self) -> DateTime<Utc> {
        self.now + self.link.valid_for()
    }

    /// Stores it as the code of an admin user as they were found, in place of those from before it was `requested`: a link that somebody
    /// copied since stays valid. Returns `false`, and stores nothing, if their address, their password or whether they may sign in has
    /// changed since they were found. Returns an error if the store fails.
    pub fn store_for(
        &self,
        tx: &mut WriteTx<'_>,
        found: &AdminUserRow,
        requested: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        tx.lock_name(SETTINGS_LOCK)?;
        let current = tx.reader().admin_users().get(found.id)?;
        let is_same = |user: &AdminUserRow| {
            (&user.email, &user.password_hash, user.active) == (&found.email, &found.password_hash, found.active)
        };
        if !current.as_ref().is_some_and(is_same) {
            return Ok(false);
        }
        let (now, until) = (format_iso(self.now), format_iso(self.valid_until()));
        let replaced_until = format_iso(requested + self.link.valid_for());
        tx.admin_codes().create(&self.hash, self.link.name(), found.id, &now, &until, &replaced_until)?;
        Ok(true)
    }
}

/// Enqueues the mail with a link.
fn enqueue_link_mail(tx: &mut WriteTx<'_>, link: AdminLink, whom: Json, key: &str, now: i64) -> Result<(), StoreError> {
    let mut payload = json!({ "purpose": link.name() });
    if let (Some(payload), Json::Object(whom)) = (payload.as_object_mut(), whom) {
        payload.extend(whom);
    }
    let job = NewJob {
        name: ADMIN_MAIL_JOB.to_owned(),
        key: Some(format!("{} {key}", link.name())),
        // Two requests for a link before the first mail is sent get one mail.
        duplicate: DuplicatePolicy::Keep,
        lane: None,
        payload,
        due: now,
    };
    tx.jobs().enqueue(&job, now).map(drop)
}

/// Changes to an admin user; `None` leaves a value unchanged.
#[derive(Debug, Clone, Default)]
pub struct AdminUserChanges {
    /// New e-mail address.
    pub email: Option<String>,
    /// New codes of their roles.
    pub roles: Option<Vec<String>>,
    /// True if they may sign in.
    pub active: Option<bool>,
    /// Changes to their names and language.
    pub profile: ProfileChanges,
}

fn checked_roles(roles: Vec<String>) -> Result<Vec<String>, AuthError> {
    let mut roles = roles;
    roles.sort();
    roles.dedup();
    if roles.is_empty() || roles.len() > MAX_ROLES || !roles.iter().all(|code| is_code(code)) {
        return Err(field_error("roles", format!("roles: must be 1 to {MAX_ROLES} role codes")));
    }
    Ok(roles)
}

fn is_super(user: &AdminUserRow) -> bool {
    user.active && !user.password_hash.is_empty() && user.roles.iter().any(|role| role == SUPER_ADMIN_ROLE)
}

/// Returns 400 if no other super admin could sign in.
fn require_other_super_admin(tx: &WriteTx<'_>, without: &AdminUserRow) -> Result<(), AuthError> {
    if !is_super(without) || tx.reader().admin_users().list()?.iter().any(|u| u.id != without.id && is_super(u)) {
        return Ok(());
    }
    Err(AuthError::Application("This is the last super admin who can sign in: at least one is required"))
}

fn address_taken() -> AuthError {
    field_error("email", "Another admin user already has this address")
}

impl AccessControl {
    /// Returns 403 if these roles together permit more than the caller has.
    fn require_role_control(&self, caller: &AdminCaller, roles: &[String]) -> Result<(), AuthError> {
        if caller.permissions.covers(&self.admin_rights(roles, None, "")) {
            return Ok(());
        }
        Err(AuthError::Lacks {
            action: "every permission of the role".to_owned(),
            content_type: None,
            roles: vec![SUPER_ADMIN_ROLE.to_owned()],
        })
    }

    fn check_address(&self, email: &str) -> Result<String, AuthError> {
        let email = clean_email(email).to_lowercase();
        crate::auth::check_email(self.store().registry(), &email)?;
        Ok(email)
    }

    /// Invites a user, who becomes an admin user by choosing a password. The link is mailed.
    ///
    /// # Errors
    /// 400 for an address that is invalid or taken; 403 for roles that permit more than the caller has.
    pub async fn invite_admin(
        &self,
        caller: &AdminCaller,
        actor: &Actor,
        email: &str,
        roles: Vec<String>,
        profile: ProfileChanges,
    ) -> Result<AdminUserRow, AuthError> {
        let (email, roles) = (self.check_address(email)?, checked_roles(roles)?);
        self.require_role_control(caller, &roles)?;
        let profile = profile.apply_to(AdminProfile::default())?;
        let (now, actor) = (self.now(), actor.clone());
        self.store()
            .write(move |tx| {
                tx.lock_name(SETTINGS_LOCK)?;
                let id = match tx.admin_users().create(&email, "", &roles, &format_iso(now)) {
                    Err(StoreError::Unique) => return Err(address_taken()),
                    other => other?,
                };
                tx.admin_users().set_profile(id, &profile, &format_iso(now))?;
                let at = now.timestamp_millis();
                enqueue_link_mail(tx, AdminLink::Invitation, json!({ "user": id }), &id.to_string(), at)?;
                let event = admin_user_event(
                    "cairn.admin-user.added",
                    id,
                    json!({ "email": email, "roles": roles, "invited": true }),
                );
                tx.events().emit(&actor, &event, at)?;
                Ok(tx.reader().admin_users().get(id)?.ok_or(StoreError::Conflict)?)
            })
            .await
    }

    /// Mails an invited user another link; the one before becomes invalid.
    ///
    /// # Errors
    /// 404 for an unknown user; 400 for one who has chosen a password already.
    pub async fn resend_invitation(&self, caller: &AdminCaller, actor: &Actor, id: i64) -> Result<(), AuthError> {
        self.find_invited(caller, id)?;
        let (at, actor) = (self.now().timestamp_millis(), actor.clone());
        self.store()
            .write(move |tx| {
                enqueue_link_mail(tx, AdminLink::Invitation, json!({ "user": id }), &id.to_string(), at)?;
                tx.events().emit(&actor, &admin_user_event("cairn.admin-user.invited", id, json!({})), at)
            })
            .await?;
        Ok(())
    }

    /// Creates a new link for an invited user, to be delivered in another way than by mail; the one before becomes invalid. Returns the
    /// same errors as [`Self::resend_invitation`].
    pub async fn invitation_link(&self, caller: &AdminCaller, actor: &Actor, id: i64) -> Result<AdminCode, AuthError> {
        let user = self.find_invited(caller, id)?;
        let code = self.draw_admin_code(AdminLink::Invitation)?;
        let (code_to_store, at, actor) = (code.clone(), self.now().timestamp_millis(), actor.clone());
        self.store()
            .write(move |tx| {
                if !code_to_store.store_for(tx, &user, code_to_store.now)? {
                    return Err(StoreError::Conflict);
                }
                tx.events().emit(&actor, &admin_user_event("cairn.admin-user.invited", id, json!({ "link": true })), at)
            })
            .await?;
        Ok(code)
    }

    fn find_invited(&self, caller: &AdminCaller, id: i64) -> Result<AdminUserRow, AuthError> {
        let user = self.store().read(|r| r.admin_users().get(id))?.ok_or(AuthError::NotFound)?;
        self.require_role_control(caller, &user.roles)?;
        if !user.password_hash.is_empty() {
            return Err(AuthError::Application("This invitation has already been accepted"));
        }
        Ok(user)
    }

    /// Generates a random code. Returns an error if the operating system provides no randomness.
    pub fn draw_admin_code(&self, link: AdminLink) -> Result<AdminCode, AuthError> {
        let mut bytes = [0; 32];
        fill_random(&mut bytes).map_err(|_| AuthError::Internal("cannot get random bytes for a code"))?;
        let text = URL_SAFE_NO_PAD.encode(bytes);
        Ok(AdminCode { hash: self.code_hash(&text), text, link, now: self.now() })
    }

    /// Changes an admin user.
    ///
    /// # Errors
    /// 404 for an unknown user; 403 for permissions that the caller lacks; 400 for invalid values, and for the last super admin.
    pub async fn change_admin(
        &self,
        admin_caller: &AdminCaller,
        actor: &Actor,
        id: i64,
        changes: AdminUserChanges,
    ) -> Result<AdminUserRow, AuthError> {
        let roles = changes.roles.map(checked_roles).transpose()?;
        if let Some(roles) = &roles {
            self.require_role_control(admin_caller, roles)?;
        }
        if changes.active == Some(false) && admin_caller.id == Some(id) {
            return Err(AuthError::Application("You cannot deactivate yourself"));
        }
        let email = changes.email.as_deref().map(|email| self.check_address(email)).transpose()?;
        let (access, caller) = (self.clone(), admin_caller.clone());
        let (now, actor, profile, active) = (self.now(), actor.clone(), changes.profile, changes.active);
        self.store()
            .write(move |tx| {
                tx.lock_name(SETTINGS_LOCK)?;
                let user = tx.reader().admin_users().get(id)?.ok_or(AuthError::NotFound)?;
                access.require_role_control(&caller, &user.roles)?;
                let at = format_iso(now);
                let mut changed: Vec<&str> = Vec::new();
                let loses_super_admin =
                    roles.as_ref().is_some_and(|roles| !roles.iter().any(|role| role == SUPER_ADMIN_ROLE));
                if loses_super_admin || active == Some(false) {
                    require_other_super_admin(tx, &user)?;
                }
                if let Some(roles) = roles.as_ref().filter(|roles| **roles != user.roles) {
                    tx.admin_users().set_roles(id, roles, &at)?;
                    changed.push("roles");
                }
                if let Some(email) = email.as_ref().filter(|email| **email != user.email) {
                    match tx.admin_users().set_email(id, email, &at) {
                        Err(StoreError::Unique) => return Err(address_taken()),
                        other => other?,
                    }
                    changed.push("email");
                }
                let before = AdminProfile {
                    first_name: user.first_name.clone(),
                    last_name: user.last_name.clone(),
                    language: user.language.clone(),
                };
                let after = profile.clone().apply_to(before.clone())?;
                if after != before {
                    tx.admin_users().set_profile(id, &after, &at)?;
                    changed.push("profile");
                }
                if let Some(active) = active.filter(|active| *active != user.active) {
                    tx.admin_users().set_active(id, active, &at)?;
                    changed.push("active");
                }
                let user = tx.reader().admin_users().get(id)?.ok_or(AuthError::NotFound)?;
                if !changed.is_empty() {
                    let data = json!({ "changed": changed, "roles": user.roles, "active": user.active });
                    tx.events().emit(
                        &actor,
                        &admin_user_event("cairn.admin-user.changed", id, data),
                        now.timestamp_millis(),
                    )?;
                }
                Ok(user)
            })
            .await
    }

    /// Deletes an admin user. Records of what they did stay. Returns the same errors as [`Self::change_admin`].
    pub async fn remove_admin(&self, admin_caller: &AdminCaller, actor: &Actor, id: i64) -> Result<(), AuthError> {
        if admin_caller.id == Some(id) {
            return Err(AuthError::Application("You cannot remove yourself"));
        }
        let (access, caller, actor, at) =
            (self.clone(), admin_caller.clone(), actor.clone(), self.now().timestamp_millis());
        self.store()
            .write(move |tx| {
                tx.lock_name(SETTINGS_LOCK)?;
                let user = tx.reader().admin_users().get(id)?.ok_or(AuthError::NotFound)?;
                access.require_role_control(&caller, &user.roles)?;
                require_other_super_admin(tx, &user)?;
                tx.admin_users().delete(&user.email)?;
                Ok(tx.events().emit(
                    &actor,
                    &admin_user_event("cairn.admin-user.removed", id, json!({ "email": user.email })),
                    at,
                )?)
            })
            .await
    }

    /// Removes the second factor of a user who has lost it.
    ///
    /// # Errors
    /// 404 for an unknown user; 403 for permissions that the caller lacks.
    pub async fn remove_second_factor_of(&self, caller: &AdminCaller, actor: &Actor, id: i64) -> Result<(), AuthError> {
        let user = self.store().read(|r| r.admin_users().get(id))?.ok_or(AuthError::NotFound)?;
        self.require_role_control(caller, &user.roles)?;
        // The lost device may hold the user's passkeys too.
        self.store().write(move |tx| tx.admin_passkeys().delete(id, None)).await?;
        self.without_second_factor(id, actor).await
    }

    /// The admin user whom an invitation is for. Nothing is used up.
    ///
    /// # Errors
    /// 400 for a link that is not valid any more; 429 for too many attempts, which count as those to accept one.
    pub fn find_invited_admin(&self, token: &str, client: IpAddr) -> Result<AdminUserRow, AuthError> {
        self.count_request(LINK_RATE_LIMIT_ROUTE, client)?;
        let (code, now) = (self.code_hash(token), format_iso(self.now()));
        let found = self.store().read(|r| {
            let id = r.admin_codes().get_admin_user(&code, AdminLink::Invitation.name(), &now)?;
            id.map_or(Ok(None), |id| r.admin_users().get(id))
        })?;
        found.filter(|user| user.active).ok_or(LINK_GONE)
    }

    /// Sets the first password of an invited user, and signs them in. Fails with 400 for a link that is not valid any more, and for a
    /// password that is not acceptable.
    pub async fn accept_invitation(
        &self,
        token: &str,
        password: &str,
        profile: ProfileChanges,
        client: IpAddr,
        browser: Browser,
        actor: Actor,
    ) -> Result<AdminSignedIn, AuthError> {
        let user = self.set_password_by_link(AdminLink::Invitation, token, password, profile, client, &actor).await?;
        self.signed_in_admin(&user, browser, actor, "invitation").await
    }

    /// Enqueues a mail with a link to choose another password. Nothing is looked up here: neither the duration nor the response reveals
    /// whether such an account exists.
    ///
    /// # Errors
    /// 429 for too many requests; errors of the store.
    pub async fn forgot_admin_password(&self, email: &str, client: IpAddr) -> Result<(), AuthError> {
        self.count_request("admin-forgot-password", client)?;
        let email = self.check_address(email)?;
        let at = self.now().timestamp_millis();
        let ask = move |tx: &mut WriteTx<'_>| {
            enqueue_link_mail(tx, AdminLink::ResetPassword, json!({ "email": email }), &email, at)
        };
        Ok(self.store().write(ask).await?)
    }

    /// Sets another password by a link. Ends all sessions of its owner; they sign in again, with their second factor. Returns the same
    /// errors as [`Self::accept_invitation`].
    pub async fn reset_admin_password(
        &self,
        token: &str,
        password: &str,
        client: IpAddr,
        actor: &Actor,
    ) -> Result<(), AuthError> {
        let profile = ProfileChanges::default();
        self.set_password_by_link(AdminLink::ResetPassword, token, password, profile, client, actor).await.map(drop)
    }

    async fn set_password_by_link(
        &self,
        link: AdminLink,
        token: &str,
        password: &str,
        profile: ProfileChanges,
        client: IpAddr,
        actor: &Actor,
    ) -> Result<AdminUserRow, AuthError> {
        self.count_request(LINK_RATE_LIMIT_ROUTE, client)?;
        self.check_admin_password(password)?;
        let (code, now) = (self.code_hash(token), self.now());
        // Looked at first: hashing is work that nobody without a link should cause.
        self.store()
            .read(|r| r.admin_codes().get_admin_user(&code, link.name(), &format_iso(now)))?
            .ok_or(LINK_GONE)?;
        let hash = self.passwords().hash(password).await?;
        let by = actor.clone();
        self.store()
            .write(move |tx| {
                let at = format_iso(now);
                let id = tx.admin_codes().take(&code, link.name(), &at)?.ok_or(LINK_GONE)?;
                let user = tx.reader().admin_users().get(id)?.filter(|user| user.active).ok_or(LINK_GONE)?;
                tx.admin_users().set_password(id, &hash, &[], &at)?;
                let before = AdminProfile {
                    first_name: user.first_name.clone(),
                    last_name: user.last_name.clone(),
                    language: user.language.clone(),
                };
                tx.admin_users().set_profile(id, &profile.clone().apply_to(before)?, &at)?;
                let actor =
                    Actor { ip: by.ip.clone(), request: by.request.clone(), ..Actor::admin(id, &user.display_name()) };
                let event = admin_user_event("cairn.admin-user.password-changed", id, json!({ "by": link.name() }));
                tx.events().emit(&actor, &event, now.timestamp_millis())?;
                tx.reader().admin_users().get(id)?.ok_or(LINK_GONE)
            })
            .await
    }
}
