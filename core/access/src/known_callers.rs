//! Signed-in callers in memory: who they are need not be read for every request, as long as nobody has changed users, their sessions, their
//! groups or the settings. On SQLite only, where one process writes them.

use crate::caller::Caller;
use crate::jwt::JwtClaims;
use crate::settings_snapshot::SettingsSnapshot;
use chrono::{DateTime, Utc};
use std::sync::{Arc, Weak};

/// Number of callers that are remembered: about 1 KiB each.
const CAPACITY: u64 = 10_000;

/// A caller, and what it rests on.
pub(crate) struct KnownCaller {
    pub(crate) caller: Caller,
    /// The settings that their permissions are from. A weak reference keeps their place in memory from being used again, so that it
    /// identifies them.
    pub(crate) settings: Weak<SettingsSnapshot>,
    /// [`caller_stamp`](cairn_store::ChangeCounters::caller_stamp) from before they were read.
    pub(crate) stamp: u64,
    /// End of their session.
    pub(crate) expires_at: DateTime<Utc>,
    /// The second that their permissions are for, where these depend on the time.
    pub(crate) second: Option<i64>,
}

impl KnownCaller {
    fn is_valid(&self, claims: &JwtClaims, settings: &Arc<SettingsSnapshot>, stamp: u64, now: DateTime<Utc>) -> bool {
        let is_theirs = |id: i64, document: &str| id == claims.id && document == claims.doc;
        self.stamp == stamp
            && std::ptr::eq(self.settings.as_ptr(), Arc::as_ptr(settings))
            && self.caller.user().is_some_and(|user| is_theirs(user.id, &user.document_id))
            && self.expires_at > now
            && self.second.is_none_or(|second| second == now.timestamp())
    }
}

/// The callers that are remembered, by the ids of their sessions.
pub(crate) struct KnownCallers {
    by_session: moka::sync::Cache<String, Arc<KnownCaller>>,
}

impl Default for KnownCallers {
    fn default() -> Self {
        Self { by_session: moka::sync::Cache::new(CAPACITY) }
    }
}

impl KnownCallers {
    /// The caller with these claims, if nothing that they rest on has changed.
    pub(crate) fn find(
        &self,
        claims: &JwtClaims,
        settings: &Arc<SettingsSnapshot>,
        stamp: u64,
        now: DateTime<Utc>,
    ) -> Option<Caller> {
        let known = self.by_session.get(claims.sid.as_str())?;
        known.is_valid(claims, settings, stamp, now).then(|| known.caller.clone())
    }

    /// Remembers the caller of a session.
    pub(crate) fn remember(&self, session: &str, known: KnownCaller) {
        self.by_session.insert(session.to_owned(), Arc::new(known));
    }
}
