//! Passkeys (WebAuthn level 3): signing in with a key that a device holds and unlocks with a fingerprint, a face or a code.
//!
//! The state of a ceremony is encrypted and held by the browser until it responds, so that beginning one writes nothing;
//! a response is valid once.

use super::{AdminCaller, AdminSignedIn, Browser, field_error};
use crate::auth::events::admin_user_event;
use crate::{AccessControl, AuthError};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cairn_store::StoreError;
use cairn_store::events::Actor;
use cairn_store::system::{AdminPasskeyRow, AdminUserRow};
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::fmt;
use std::net::IpAddr;
use url::{Host, Url};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Uuid,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};
use webauthn_rs_proto::{AllowCredentials, ResidentKeyRequirement};

/// Largest number of passkeys of one admin user.
const MAX_PASSKEYS: usize = 20;
/// Longest name of a passkey, in characters.
const MAX_NAME_CHARS: usize = 64;
/// How long a ceremony may take, in seconds.
pub const CEREMONY_SECONDS: i64 = 300;
/// Purpose for which states of ceremonies are encrypted.
const REGISTRATION_PURPOSE: &str = "registration of a passkey";
const SIGN_IN_PURPOSE: &str = "signing in by a passkey";
/// Purpose for which user handles are derived.
const USER_HANDLE_PURPOSE: &str = "passkeys of an admin user";
const RATE_LIMIT_ROUTE: &str = "admin-passkey";

/// The site that passkeys belong to.
#[derive(Debug)]
pub struct PasskeySite(Webauthn);

impl PasskeySite {
    /// Creates the site for the admin's address as browsers see it; `name` is shown to people. `None` if browsers allow no passkeys there:
    /// at an IP address, and without encryption except on localhost.
    pub fn new(origin: &Url, name: &str) -> Option<Self> {
        let Some(Host::Domain(domain)) = origin.host() else { return None };
        let local = domain == "localhost" || domain.ends_with(".localhost");
        if origin.scheme() != "https" && !local {
            return None;
        }
        WebauthnBuilder::new(domain, origin).and_then(|builder| builder.rp_name(name).build()).ok().map(Self)
    }
}

/// A ceremony that has begun.
#[derive(Clone)]
pub struct Ceremony {
    /// The options for the browser (`publicKey`).
    pub options: Json,
    /// Encrypted state, for the request that ends the ceremony.
    pub state: String,
}

impl fmt::Debug for Ceremony {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ceremony(…)")
    }
}

/// The encrypted part of a ceremony.
#[derive(Serialize, Deserialize)]
struct SealedCeremony<S> {
    /// When it expires, in seconds since 1970.
    until: i64,
    /// The user it is about, if that is known.
    user: Option<i64>,
    state: S,
}

/// The browser's response, with the state of the ceremony.
#[derive(Clone)]
pub struct PasskeyAnswer {
    /// The state from [`Ceremony::state`].
    pub state: String,
    /// The credential that the browser created or used.
    pub credential: Json,
}

impl fmt::Debug for PasskeyAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasskeyAnswer(…)")
    }
}

/// The message for any invalid response: the sender learns no more.
const REFUSED_MESSAGE: &str = "This passkey was not accepted: try again, or sign in another way";
const TOO_LATE: AuthError = AuthError::Application("This took too long: start again");

fn refused_error<E>(_: E) -> AuthError {
    AuthError::Refused(REFUSED_MESSAGE.to_owned())
}

fn internal_error<E: fmt::Debug>(error: E) -> AuthError {
    tracing::error!(?error, "passkeys");
    AuthError::Internal("passkey registration or sign-in failed")
}

impl AccessControl {
    /// The handle by which authenticators know an admin user: reveals nothing about them, and differs between tenants.
    fn passkey_handle(&self, user: i64) -> Uuid {
        let mac = self.sign(USER_HANDLE_PURPOSE, user.to_string().as_bytes());
        let mut handle = [0; 16];
        handle.copy_from_slice(&mac[..16]);
        Uuid::from_bytes(handle)
    }

    fn begin_ceremony<S: Serialize>(
        &self,
        purpose: &str,
        user: Option<i64>,
        options: Json,
        state: S,
    ) -> Result<Ceremony, AuthError> {
        let until = self.now().timestamp() + CEREMONY_SECONDS;
        let text = serde_json::to_string(&SealedCeremony { until, user, state }).map_err(internal_error)?;
        Ok(Ceremony { options, state: self.seal(purpose, &text).map_err(internal_error)? })
    }

    fn open_ceremony<S: DeserializeOwned>(&self, purpose: &str, state: &str) -> Result<SealedCeremony<S>, AuthError> {
        let text = self.unseal(purpose, state).map_err(|_| TOO_LATE)?;
        let sealed: SealedCeremony<S> = serde_json::from_str(&text).map_err(|_| TOO_LATE)?;
        if sealed.until > self.now().timestamp() { Ok(sealed) } else { Err(TOO_LATE) }
    }

    /// Lists the passkeys of the caller. Fails with 400 for an API token.
    pub fn list_passkeys(&self, caller: &AdminCaller) -> Result<Vec<AdminPasskeyRow>, AuthError> {
        let id = caller.require_person()?;
        Ok(self.store().read(|r| r.admin_passkeys().list(id))?)
    }

    /// Begins to register a passkey for the caller. Fails with 400 for an API token, and if the user has too many.
    pub fn begin_passkey(
        &self,
        caller: &AdminCaller,
        site: &PasskeySite,
        client: IpAddr,
    ) -> Result<Ceremony, AuthError> {
        self.count_request(RATE_LIMIT_ROUTE, client)?;
        let user = self.own_admin_user(caller)?;
        let rows = self.store().read(|r| r.admin_passkeys().list(user.id))?;
        if rows.len() >= MAX_PASSKEYS {
            return Err(AuthError::Application("You already have 20 passkeys: remove one first"));
        }
        let ids = credential_ids(&rows).collect();
        let name = user.display_name();
        let registration =
            site.0.start_passkey_registration(self.passkey_handle(user.id), &user.email, &name, Some(ids));
        let (mut options, state) = registration.map_err(internal_error)?;
        if let Some(selection) = &mut options.public_key.authenticator_selection {
            // A resident key is found without an address being typed first.
            selection.resident_key = Some(ResidentKeyRequirement::Preferred);
        }
        let options = serde_json::to_value(options.public_key).map_err(internal_error)?;
        self.begin_ceremony(REGISTRATION_PURPOSE, Some(user.id), options, state)
    }

    /// Registers a passkey. Fails with 400 for an invalid name or response, and if the ceremony took too long.
    pub async fn add_passkey(
        &self,
        caller: &AdminCaller,
        site: &PasskeySite,
        actor: &Actor,
        name: &str,
        answer: PasskeyAnswer,
    ) -> Result<(), AuthError> {
        let name = passkey_name(name)?;
        let id = caller.require_person()?;
        let sealed: SealedCeremony<PasskeyRegistration> = self.open_ceremony(REGISTRATION_PURPOSE, &answer.state)?;
        if sealed.user != Some(id) {
            return Err(TOO_LATE);
        }
        let credential: RegisterPublicKeyCredential =
            serde_json::from_value(answer.credential).map_err(refused_error)?;
        let passkey = site.0.finish_passkey_registration(&credential, &sealed.state).map_err(refused_error)?;
        let row = AdminPasskeyRow {
            id: 0,
            admin_user: id,
            credential_id: URL_SAFE_NO_PAD.encode(passkey.cred_id()),
            credential: serde_json::to_string(&passkey).map_err(internal_error)?,
            name,
            created_at: crate::format_iso(self.now()),
            used_at: None,
        };
        let (actor, at) = (actor.clone(), self.now().timestamp_millis());
        let added = self.store().write(move |tx| {
            tx.admin_passkeys().create(&row)?;
            tx.events().emit(
                &actor,
                &admin_user_event("cairn.admin-user.second-factor-added", id, json!({ "by": "passkey" })),
                at,
            )
        });
        match added.await {
            Err(StoreError::Unique) => Err(AuthError::Refused("This passkey is already registered".to_owned())),
            other => Ok(other?),
        }
    }

    /// Renames a passkey of the caller.
    ///
    /// # Errors
    /// 400 for an invalid name; 404 if there is no such passkey.
    pub async fn rename_passkey(&self, caller: &AdminCaller, id: i64, name: &str) -> Result<(), AuthError> {
        let (user, name) = (caller.require_person()?, passkey_name(name)?);
        let exists = self.store().write(move |tx| tx.admin_passkeys().rename(user, id, &name)).await?;
        if exists { Ok(()) } else { Err(AuthError::NotFound) }
    }

    /// Deletes a passkey of the caller. Fails with 404 if the caller has no such passkey.
    pub async fn remove_passkey(&self, caller: &AdminCaller, actor: &Actor, id: i64) -> Result<(), AuthError> {
        let user = caller.require_person()?;
        let (actor, at) = (actor.clone(), self.now().timestamp_millis());
        let removed = self.store().write(move |tx| {
            let removed = tx.admin_passkeys().delete(user, Some(id))?;
            if removed > 0 {
                let by = json!({ "by": "passkey" });
                tx.events().emit(&actor, &admin_user_event("cairn.admin-user.second-factor-removed", user, by), at)?;
            }
            Ok::<_, StoreError>(removed)
        });
        if removed.await? > 0 { Ok(()) } else { Err(AuthError::NotFound) }
    }

    /// Begins a sign-in by passkey: by any, or with `pending` by one of the user who has entered their password.
    ///
    /// # Errors
    /// 400 if `pending` has expired; 429 for too many requests.
    pub fn begin_passkey_sign_in(
        &self,
        site: &PasskeySite,
        pending: Option<&str>,
        client: IpAddr,
    ) -> Result<Ceremony, AuthError> {
        self.count_request(RATE_LIMIT_ROUTE, client)?;
        let user = pending.map(|pending| self.pending_user(pending)).transpose()?;
        let (options, state) = site.0.start_discoverable_authentication().map_err(internal_error)?;
        let mut options = options.public_key;
        if let Some(user) = &user {
            let rows = self.store().read(|r| r.admin_passkeys().list(user.id))?;
            let allowed = |id| AllowCredentials { type_: "public-key".to_owned(), id, transports: None };
            options.allow_credentials = credential_ids(&rows).map(allowed).collect();
        }
        let options = serde_json::to_value(options).map_err(internal_error)?;
        self.begin_ceremony(SIGN_IN_PURPOSE, user.map(|user| user.id), options, state)
    }

    /// Signs in by a passkey alone: it is two factors, since the device verifies its user.
    ///
    /// # Errors
    /// 400 for an invalid response; 429 for too many requests.
    pub async fn passkey_sign_in(
        &self,
        site: &PasskeySite,
        answer: PasskeyAnswer,
        client: IpAddr,
        browser: Browser,
        actor: Actor,
    ) -> Result<AdminSignedIn, AuthError> {
        self.count_request(RATE_LIMIT_ROUTE, client)?;
        match self.user_of_passkey(site, answer).await {
            Ok(user) => self.signed_in_admin(&user, browser, actor, "passkey").await,
            Err(error) => {
                if matches!(error, AuthError::Refused(_)) {
                    self.record_event("cairn.login.failed", "admin", &actor, json!({ "admin": true, "by": "passkey" }))
                        .await?;
                }
                Err(error)
            }
        }
    }

    /// The user whose passkey responded. The response is used up.
    pub(super) async fn user_of_passkey(
        &self,
        site: &PasskeySite,
        answer: PasskeyAnswer,
    ) -> Result<AdminUserRow, AuthError> {
        let sealed: SealedCeremony<DiscoverableAuthentication> = self.open_ceremony(SIGN_IN_PURPOSE, &answer.state)?;
        let credential: PublicKeyCredential = serde_json::from_value(answer.credential).map_err(refused_error)?;
        let id = URL_SAFE_NO_PAD.encode(credential.get_credential_id());
        let row = self.store().read(|r| r.admin_passkeys().get(&id))?.ok_or_else(|| refused_error(()))?;
        let user = self.store().read(|r| r.admin_users().get(row.admin_user))?;
        let user = user.filter(|user| user.active && sealed.user.is_none_or(|id| id == user.id));
        let user = user.ok_or_else(|| refused_error(()))?;
        // Keys that say whose they are say that of theirs.
        if let Some(handle) = credential.get_user_unique_id()
            && handle != self.passkey_handle(user.id).as_bytes()
        {
            return Err(refused_error(()));
        }
        let mut passkey: Passkey = serde_json::from_str(&row.credential).map_err(internal_error)?;
        let result = site
            .0
            .finish_discoverable_authentication_v2(&credential, sealed.state, DiscoverableKey::from(&passkey))
            .map_err(refused_error)?;
        passkey.update_credential(&result);
        let passkey_json = serde_json::to_string(&passkey).map_err(internal_error)?;
        let (spent, now) = (self.code_hash(&answer.state), crate::format_iso(self.now()));
        let until = DateTime::<Utc>::from_timestamp(sealed.until, 0).map(crate::format_iso).ok_or(TOO_LATE)?;
        let first = self.store().write(move |tx| {
            let first = tx.admin_codes().store_used(&spent, row.admin_user, &now, &until)?;
            Ok::<_, StoreError>(first && tx.admin_passkeys().record_use(row.id, &passkey_json, &now)?)
        });
        if first.await? { Ok(user) } else { Err(refused_error(())) }
    }
}

fn passkey_name(name: &str) -> Result<String, AuthError> {
    match name.trim() {
        "" => Err(field_error("name", "Enter a name, such as the name of the device")),
        name if name.chars().count() > MAX_NAME_CHARS => {
            Err(field_error("name", "A name must have at most 64 characters"))
        }
        name => Ok(name.to_owned()),
    }
}

/// The ids of credentials in the form that browsers expect.
fn credential_ids(rows: &[AdminPasskeyRow]) -> impl Iterator<Item = Vec<u8>> {
    rows.iter().filter_map(|row| URL_SAFE_NO_PAD.decode(&row.credential_id).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkey_sites_require_https_or_localhost_names() {
        let site = |url: &str| PasskeySite::new(&Url::parse(url).unwrap(), "Cairn").is_some();
        for good in ["https://cms.example.com", "https://localhost:8443", "http://localhost:1337", "http://a.localhost"]
        {
            assert!(site(good), "{good}");
        }
        for bad in
            ["http://cms.example.com", "http://127.0.0.1:1337", "https://127.0.0.1", "https://[::1]", "ftp://x.y"]
        {
            assert!(!site(bad), "{bad}");
        }
    }
}
