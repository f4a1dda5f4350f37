//! The entry point of this crate: one [`AccessControl`] per tenant, cheap to clone.

use crate::auth_settings::AuthSettings;
use crate::calendars::Calendars;
use crate::clock::iso;
use crate::file_links::Signer;
use crate::identity::{MailIdentity, Theme};
use crate::locales::{FIRST_LOCALE, Locales, name_of};
use crate::rights::Grant;
use crate::secret::Key;
use crate::state::{AUTHENTICATED, PUBLIC, Rows, State};
use crate::{Clock, Passwords, PluginAction, RateLimits, SecretKey};
use cairn_store::system::PermissionRow;
use cairn_store::{Store, StoreError, WriteTx};
use chrono::{DateTime, Utc};
use parking_lot::{Mutex, RwLock};
use std::collections::HashMap;
use std::sync::Arc;

/// Users, roles, tokens and sessions of one tenant.
#[derive(Clone)]
pub struct AccessControl {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    keys: Keys,
    clock: Arc<dyn Clock>,
    passwords: Passwords,
    limits: Arc<RateLimits>,
    state: RwLock<Arc<State>>,
    /// The minute in which the last use of each API token was recorded, by token id.
    token_uses: Mutex<HashMap<i64, i64>>,
    /// The same for admin tokens.
    admin_token_uses: Mutex<HashMap<i64, i64>>,
    /// Lock that is held while rows are read and become the state, so that an older reading never replaces a newer one.
    reloading: Mutex<()>,
}

/// Derived keys, one per use.
pub(crate) struct Keys {
    pub(crate) jwt: Key,
    pub(crate) refresh: Key,
    pub(crate) tokens: Key,
    pub(crate) codes: Key,
    pub(crate) sealing: Key,
    /// Key for signatures of other uses.
    pub(crate) signatures: Key,
    /// Key for addresses of files.
    pub(crate) files: Key,
}

impl Keys {
    fn new(secret: &SecretKey, tenant: &str) -> Self {
        let key = |purpose: &str| secret.derive(&format!("cairn {purpose} {tenant}"));
        Self {
            jwt: key("jwt"),
            refresh: key("refresh"),
            tokens: key("tokens"),
            codes: key("codes"),
            sealing: key("sealing"),
            signatures: key("signatures"),
            files: key("files"),
        }
    }
}

impl AccessControl {
    /// Opens a tenant's access control: gives a new database its first locale, roles and permissions, and loads settings. `tenant` is part
    /// of every key: signatures of one tenant are invalid for another.
    pub async fn open(
        store: Store,
        secret: &SecretKey,
        tenant: &str,
        passwords: Passwords,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        let limits = Arc::new(RateLimits::new(clock.clone()));
        Self::open_with(store, secret, tenant, passwords, clock, limits).await
    }

    /// Does the same as [`Self::open`] with existing rate limits: a tenant that is closed and opened again continues counting.
    pub async fn open_with(
        store: Store,
        secret: &SecretKey,
        tenant: &str,
        passwords: Passwords,
        clock: Arc<dyn Clock>,
        limits: Arc<RateLimits>,
    ) -> Result<Self, StoreError> {
        let now = iso(clock.now());
        store.write(move |tx| begin(tx, &now)).await?;
        let rows = store.read(Rows::read)?;
        let state = RwLock::new(Arc::new(State::new(store.registry(), rows)));
        let keys = Keys::new(secret, tenant);
        store.sign_file_links(Arc::new(Signer::new(keys.files.clone(), clock.clone())));
        let inner = Inner {
            store,
            keys,
            clock,
            passwords,
            limits,
            state,
            token_uses: Mutex::default(),
            admin_token_uses: Mutex::default(),
            reloading: Mutex::new(()),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Reads the settings again; returns whether they had changed. If so, caches of responses are dropped.
    pub fn reload(&self) -> Result<bool, StoreError> {
        let _one_at_a_time = self.inner.reloading.lock();
        let rows = self.inner.store.read(Rows::read)?;
        if rows == self.state().rows {
            return Ok(false);
        }
        let state = Arc::new(State::new(self.inner.store.registry(), rows));
        *self.inner.state.write() = state;
        // Rights are part of a cached answer's key, but the default locale is not.
        self.inner.store.counters().bump_all();
        Ok(true)
    }

    /// The configured locales.
    pub fn locales(&self) -> Arc<Locales> {
        self.state().locales.clone()
    }

    /// Settings of registration and sign-in.
    pub fn auth_settings(&self) -> Arc<AuthSettings> {
        self.state().auth.clone()
    }

    /// The sender of the tenant's mails.
    pub fn mail(&self) -> Arc<MailIdentity> {
        self.state().mail.clone()
    }

    /// The tenant's theme tokens.
    pub fn theme(&self) -> Arc<Theme> {
        self.state().theme.clone()
    }

    /// The calendars of working time, by name.
    pub fn calendars(&self) -> Arc<Calendars> {
        self.state().calendars.clone()
    }

    /// The store that it reads from.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Hashes passwords (of users that content adds or changes).
    pub fn passwords(&self) -> &Passwords {
        &self.inner.passwords
    }

    /// The present time by the tenant's clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.inner.clock.now()
    }

    /// Records the use of an API token, at most once a minute, without making the request wait.
    pub(crate) fn note_token_use(&self, token: i64) {
        self.note_use(&self.inner.token_uses, token, |tx, token, at| tx.note_token_use(token, at));
    }

    /// Records the use of an admin token in the same way.
    pub(crate) fn note_admin_token_use(&self, token: i64) {
        self.note_use(&self.inner.admin_token_uses, token, |tx, token, at| tx.note_admin_token_use(token, at));
    }

    fn note_use(
        &self,
        noted: &Mutex<HashMap<i64, i64>>,
        token: i64,
        write: fn(&mut WriteTx<'_>, i64, &str) -> Result<(), StoreError>,
    ) {
        let now = self.now();
        let minute = now.timestamp() / 60;
        if noted.lock().insert(token, minute) == Some(minute) {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (store, at) = (self.store().clone(), iso(now));
        runtime.spawn(async move {
            if let Err(error) = store.write(move |tx| write(tx, token, &at)).await {
                tracing::debug!(%error, "cannot record the use of a token");
            }
        });
    }

    pub(crate) fn limits(&self) -> &RateLimits {
        &self.inner.limits
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        self.inner.clock.clone()
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.inner.keys
    }

    pub(crate) fn state(&self) -> Arc<State> {
        self.inner.state.read().clone()
    }

    /// The HMAC of an API token's text, which is stored.
    pub(crate) fn token_hash(&self, token: &str) -> [u8; 32] {
        self.inner.keys.tokens.mac(token.as_bytes())
    }
}

/// Name of the lock that is held while settings are read and changed.
pub(crate) const SETTINGS: &str = "settings";

/// Initialises a database: a locale, and the two roles with Strapi's first permissions.
fn begin(tx: &mut WriteTx<'_>, now: &str) -> Result<(), StoreError> {
    tx.hold_name(SETTINGS)?;
    tx.ensure_user_indexes()?;
    if tx.reader().locales()?.is_empty() {
        tx.insert_locale(FIRST_LOCALE, &name_of(FIRST_LOCALE), now)?;
        tx.set_default_locale(FIRST_LOCALE, now)?;
    }
    for (kind, name, description) in [
        (AUTHENTICATED, "Authenticated", "Default role given to authenticated user."),
        (PUBLIC, "Public", "Default role given to unauthenticated user."),
    ] {
        if tx.reader().role_by_type(kind)?.is_none() {
            tx.insert_role(kind, name, description, now)?;
            grant_first(tx, kind)?;
        }
    }
    Ok(())
}

/// Gives a new role its first permissions: the public may sign in and register, everybody else may manage their account.
pub(crate) fn grant_first(tx: &mut WriteTx<'_>, role: &str) -> Result<(), StoreError> {
    for action in first_actions(role) {
        tx.set_permission(&permission(
            role,
            &Grant { subject: action.uid().into(), action: action.name().into(), condition: None, fields: None },
        ))?;
    }
    Ok(())
}

pub(crate) fn first_actions(role: &str) -> &'static [PluginAction] {
    use PluginAction::*;
    match role {
        PUBLIC => &[SignIn, Register, ForgotPassword, ResetPassword, EmailConfirmation, SendEmailConfirmation, Refresh],
        _ => &[Me, ChangePassword, SignOut],
    }
}

/// Converts a grant to a role's row.
pub(crate) fn permission(role: &str, grant: &Grant) -> PermissionRow {
    PermissionRow {
        role: role.to_owned(),
        subject: grant.subject.clone(),
        action: grant.action.clone(),
        condition: grant.condition.clone(),
        fields: grant.fields.clone(),
    }
}
