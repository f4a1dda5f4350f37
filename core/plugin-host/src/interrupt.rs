//! Calls that are cut off on purpose, as if the server had been killed in the midst of them: for tests of plugins. A server never
//! does this.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

tokio::task_local! {
    static PLANNED: Interruption;
}

/// Cuts off each call that begins within it, before the n-th thing it asks of the host: what it had committed stays, and nothing of
/// the call is recorded. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Interruption {
    before: u32,
    struck: Arc<AtomicBool>,
}

impl Interruption {
    /// Before what it asks first (1), second, and so on.
    pub fn before(call: u32) -> Self {
        Self { before: call, struck: Arc::default() }
    }

    /// Whether a call was cut off: one that asks less than that is not.
    pub fn struck(&self) -> bool {
        self.struck.load(Ordering::Acquire)
    }

    /// Runs something with it, on this thread.
    pub fn around<T>(&self, run: impl FnOnce() -> T) -> T {
        PLANNED.sync_scope(self.clone(), run)
    }

    /// Waits for something with it.
    pub async fn around_async<T>(&self, run: impl Future<Output = T>) -> T {
        PLANNED.scope(self.clone(), run).await
    }

    /// The one that calls beginning here are in.
    pub(crate) fn planned() -> Option<Self> {
        PLANNED.try_with(Clone::clone).ok()
    }

    /// Whether the n-th thing that is asked is not answered any more.
    pub(crate) fn strikes(&self, call: u32) -> bool {
        let strikes = call >= self.before;
        if strikes {
            self.struck.store(true, Ordering::Release);
        }
        strikes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_begins_within_it_is_cut_off() {
        let one = Interruption::before(2);
        assert!(Interruption::planned().is_none());
        let inner = one.around(Interruption::planned).unwrap();
        assert!(!inner.strikes(1) && !one.struck());
        assert!(inner.strikes(2) && inner.strikes(3) && one.struck());
        assert!(Interruption::planned().is_none());
    }
}
