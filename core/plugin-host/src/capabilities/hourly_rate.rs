//! Limits on what a plugin sends in an hour.

use crate::call::state::CallState;
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::from_content_error;
use cairn_store::WriteTx;

const HOUR_MS: i64 = 3_600_000;

/// A number per hour, which begins with the first.
pub(super) struct HourlyRate {
    /// Namespace of the counters: stored beside the plugin's own entries, under a name that no plugin has.
    namespace: String,
    what: &'static str,
    limit: u32,
    /// When the call counts, in milliseconds.
    pub(super) now: i64,
}

impl HourlyRate {
    /// The rate of `what` for the plugin of a call, of which `limit` are granted.
    pub(super) fn for_plugin(state: &CallState, what: &'static str, limit: u32) -> Self {
        let namespace = format!("{}/rates", state.definition.id());
        Self { namespace, what, limit, now: CallState::now(state) }
    }

    /// Counts so many in the open transaction. Returns `exhausted` if they are too many; the caller then rolls back what they are.
    pub(super) fn take(&self, tx: &mut WriteTx<'_>, count: usize) -> Result<(), Error> {
        if count == 0 {
            return Ok(());
        }
        let by = i64::try_from(count).unwrap_or(i64::MAX);
        let until = Some(self.now.saturating_add(HOUR_MS));
        let used = tx.plugin_kv().increment(&self.namespace, self.what, by, until, self.now);
        match used.map_err(|e| from_content_error(e.into()))?.is_some_and(|used| used <= i64::from(self.limit)) {
            true => Ok(()),
            false => Err(Error::Exhausted(format!("{}-per-hour", self.what))),
        }
    }
}
