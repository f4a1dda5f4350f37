//! Signed-in callers in memory: who they are need not be read for every request, nor the signature of their token be checked, as long as
//! nobody has changed users, their sessions, their groups, what conditions compare with, or the settings. On SQLite only, where one process
//! writes them.

use crate::caller::Caller;
use crate::settings_snapshot::SettingsSnapshot;
use chrono::{DateTime, Utc};
use std::ops::Range;
use std::sync::{Arc, Weak};

/// Number of callers that are remembered: about 1.5 KiB each.
const CAPACITY: u64 = 10_000;

/// A caller, and what it rests on.
pub(crate) struct KnownCaller {
    pub(crate) caller: Caller,
    /// The settings that their permissions are from. A weak reference keeps their place in memory from being used again, so that it
    /// identifies them.
    pub(crate) settings: Weak<SettingsSnapshot>,
    /// [`caller_stamp`](cairn_store::ChangeCounters::caller_stamp) of the settings' types, from before the caller was read.
    pub(crate) stamp: u64,
    /// When their token is valid, in seconds since 1970.
    pub(crate) token_validity: Range<i64>,
    /// End of their session.
    pub(crate) session_expires_at: DateTime<Utc>,
    /// The second that their permissions are for, where these depend on the time.
    pub(crate) second: Option<i64>,
}

impl KnownCaller {
    fn is_valid(&self, settings: &Arc<SettingsSnapshot>, stamp: u64, now: DateTime<Utc>) -> bool {
        self.stamp == stamp
            && std::ptr::eq(self.settings.as_ptr(), Arc::as_ptr(settings))
            && self.token_validity.contains(&now.timestamp())
            && self.session_expires_at > now
            && self.second.is_none_or(|second| second == now.timestamp())
    }
}

/// The callers that are remembered, by their tokens, whose signatures were valid.
pub(crate) struct KnownCallers {
    by_token: moka::sync::Cache<String, Arc<KnownCaller>>,
}

impl Default for KnownCallers {
    fn default() -> Self {
        Self { by_token: moka::sync::Cache::new(CAPACITY) }
    }
}

impl KnownCallers {
    /// The caller with this token, if nothing that they rest on has changed.
    pub(crate) fn find(
        &self,
        token: &str,
        settings: &Arc<SettingsSnapshot>,
        stamp: u64,
        now: DateTime<Utc>,
    ) -> Option<Arc<KnownCaller>> {
        self.by_token.get(token).filter(|known| known.is_valid(settings, stamp, now))
    }

    /// Remembers the caller with a token.
    pub(crate) fn remember(&self, token: &str, known: KnownCaller) {
        self.by_token.insert(token.to_owned(), Arc::new(known));
    }
}
