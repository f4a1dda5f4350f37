//! The entry point of this crate: one [`AccessControl`] per tenant, cheap to clone.

use crate::auth_settings::AuthSettings;
use crate::clock::format_iso;
use crate::file_links::FileLinkSigner;
use crate::known_callers::KnownCallers;
use crate::locales::{FIRST_LOCALE, Locales, language_name};
use crate::permissions::PermissionGrant;
use crate::secret::DerivedKey;
use crate::settings_snapshot::{AUTHENTICATED_ROLE, PUBLIC_ROLE, SettingsRows, SettingsSnapshot};
use crate::{CachedSetting, Clock, Passwords, PluginAction, RateLimits, SecretKey};
use cairn_store::system::PermissionRow;
use cairn_store::{Store, StoreError, WriteTx};
use chrono::{DateTime, Utc};
use parking_lot::{Mutex, RwLock};
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::Arc;

/// Users, roles, tokens and sessions of one tenant.
#[derive(Clone)]
pub struct AccessControl {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    keys: DerivedKeys,
    clock: Arc<dyn Clock>,
    passwords: Passwords,
    limits: Arc<RateLimits>,
    state: RwLock<Arc<SettingsSnapshot>>,
    /// The minute in which the last use of each API token was recorded, by token id.
    token_uses: Mutex<HashMap<i64, i64>>,
    /// The same for admin tokens.
    admin_token_uses: Mutex<HashMap<i64, i64>>,
    known_callers: KnownCallers,
    /// Lock that is held while rows are read and become the state, so that an older reading never replaces a newer one.
    reloading: Mutex<()>,
}

/// Derived keys, one per use.
pub(crate) struct DerivedKeys {
    pub(crate) jwt: DerivedKey,
    pub(crate) refresh: DerivedKey,
    pub(crate) tokens: DerivedKey,
    pub(crate) codes: DerivedKey,
    pub(crate) sealing: DerivedKey,
    /// Key for signatures of other uses.
    pub(crate) signatures: DerivedKey,
    /// Key for addresses of files.
    pub(crate) files: DerivedKey,
}

impl DerivedKeys {
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
        let now = format_iso(clock.now());
        store.write(move |tx| initialize_database(tx, &now)).await?;
        let rows = store.read(SettingsRows::load_rows)?;
        let state = RwLock::new(Arc::new(SettingsSnapshot::new(store.registry(), rows)));
        let keys = DerivedKeys::new(secret, tenant);
        store.sign_file_links(Arc::new(FileLinkSigner::new(keys.files.clone(), clock.clone())));
        let inner = Inner {
            store,
            keys,
            clock,
            passwords,
            limits,
            state,
            token_uses: Mutex::default(),
            admin_token_uses: Mutex::default(),
            known_callers: KnownCallers::default(),
            reloading: Mutex::new(()),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Reads the settings again; returns whether they had changed. If so, caches of responses are dropped.
    pub fn reload(&self) -> Result<bool, StoreError> {
        let _one_at_a_time = self.inner.reloading.lock();
        let rows = self.inner.store.read(SettingsRows::load_rows)?;
        if rows == self.settings_snapshot().rows {
            return Ok(false);
        }
        let state = Arc::new(SettingsSnapshot::new(self.inner.store.registry(), rows));
        *self.inner.state.write() = state;
        // Rights are part of a cached answer's key, but the default locale is not.
        self.inner.store.counters().bump_all();
        Ok(true)
    }

    /// The configured locales.
    pub fn locales(&self) -> Arc<Locales> {
        self.settings_snapshot().locales.clone()
    }

    /// Settings of registration and sign-in.
    pub fn auth_settings(&self) -> Arc<AuthSettings> {
        self.settings_snapshot().auth.clone()
    }

    /// Returns a setting that another crate reads: `read` is called once after each change of the settings.
    pub fn cached_setting<T: Send + Sync + 'static>(
        &self,
        setting: CachedSetting,
        read: impl Fn(Option<&Json>) -> T,
    ) -> Arc<T> {
        self.settings_snapshot().rows.cached.get(setting, read)
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
        self.note_use(&self.inner.token_uses, token, |tx, token, at| tx.api_tokens().record_use(token, at));
    }

    /// Records the use of an admin token in the same way.
    pub(crate) fn note_admin_token_use(&self, token: i64) {
        self.note_use(&self.inner.admin_token_uses, token, |tx, token, at| tx.admin_tokens().record_use(token, at));
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
        let (store, at) = (self.store().clone(), format_iso(now));
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

    pub(crate) fn known_callers(&self) -> &KnownCallers {
        &self.inner.known_callers
    }

    pub(crate) fn keys(&self) -> &DerivedKeys {
        &self.inner.keys
    }

    pub(crate) fn settings_snapshot(&self) -> Arc<SettingsSnapshot> {
        self.inner.state.read().clone()
    }

    /// The HMAC of an API token's text, which is stored.
    pub fn token_hash(&self, token: &str) -> [u8; 32] {
        self.inner.keys.tokens.mac(token.as_bytes())
    }
}

/// Name of the lock that is held while settings are read and changed.
pub const SETTINGS_LOCK: &str = "settings";

/// Initialises a database: a locale, and the two roles with Strapi's first permissions.
fn initialize_database(tx: &mut WriteTx<'_>, now: &str) -> Result<(), StoreError> {
    tx.lock_name(SETTINGS_LOCK)?;
    tx.users().ensure_indexes()?;
    if tx.reader().locales().list()?.is_empty() {
        tx.locales().create(FIRST_LOCALE, &language_name(FIRST_LOCALE), now)?;
        tx.locales().set_default(FIRST_LOCALE, now)?;
    }
    for (kind, name, description) in [
        (AUTHENTICATED_ROLE, "Authenticated", "Default role given to authenticated user."),
        (PUBLIC_ROLE, "Public", "Default role given to unauthenticated user."),
    ] {
        if tx.reader().roles().get_by_type(kind)?.is_none() {
            tx.roles().create(kind, name, description, now)?;
            grant_first(tx, kind)?;
        }
    }
    Ok(())
}

/// Gives a new role its first permissions: the public may sign in and register, everybody else may manage their account. Returns an
/// error if the database fails.
pub fn grant_first(tx: &mut WriteTx<'_>, role: &str) -> Result<(), StoreError> {
    for action in first_actions(role) {
        tx.permissions().save(&permission_row(
            role,
            &PermissionGrant {
                subject: action.uid().into(),
                action: action.name().into(),
                condition: None,
                fields: None,
            },
        ))?;
    }
    Ok(())
}

/// The actions that a role has by default.
pub fn first_actions(role: &str) -> &'static [PluginAction] {
    use PluginAction::*;
    match role {
        PUBLIC_ROLE => {
            &[SignIn, Register, ForgotPassword, ResetPassword, EmailConfirmation, SendEmailConfirmation, Refresh]
        }
        _ => &[Me, ChangePassword, SignOut],
    }
}

/// Converts a grant to a role's row.
pub fn permission_row(role: &str, grant: &PermissionGrant) -> PermissionRow {
    PermissionRow {
        role: role.to_owned(),
        subject: grant.subject.clone(),
        action: grant.action.clone(),
        condition: grant.condition.clone(),
        fields: grant.fields.clone(),
    }
}
