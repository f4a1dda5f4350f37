//! Calls that are interrupted on purpose, as if the server had been killed during them: for tests of plugins. A server never does this.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

tokio::task_local! {
    static PLANNED: Interruption;
}

/// Interrupts each call that begins within it, before its n-th call of the host: what it had committed stays, and nothing of the call
/// is recorded. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Interruption {
    before: u32,
    struck: Arc<AtomicBool>,
}

impl Interruption {
    /// Interrupts before the first call of the host (1), the second, and so on.
    pub fn before(call: u32) -> Self {
        Self { before: call, struck: Arc::default() }
    }

    /// True if a call was interrupted; one with fewer calls of the host is not.
    pub fn has_struck(&self) -> bool {
        self.struck.load(Ordering::Acquire)
    }

    /// Runs a function with it, on this thread.
    pub fn run_within<T>(&self, run: impl FnOnce() -> T) -> T {
        PLANNED.sync_scope(self.clone(), run)
    }

    /// Awaits a future with it.
    pub async fn run_within_async<T>(&self, run: impl Future<Output = T>) -> T {
        PLANNED.scope(self.clone(), run).await
    }

    /// The interruption of calls that begin here.
    pub(crate) fn current() -> Option<Self> {
        PLANNED.try_with(Clone::clone).ok()
    }

    /// True if it interrupts before the n-th call of the host.
    pub(crate) fn strikes_at(&self, call: u32) -> bool {
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
    fn interruption_applies_only_inside_its_run() {
        let one = Interruption::before(2);
        assert!(Interruption::current().is_none());
        let inner = one.run_within(Interruption::current).unwrap();
        assert!(!inner.strikes_at(1) && !one.has_struck());
        assert!(inner.strikes_at(2) && inner.strikes_at(3) && one.has_struck());
        assert!(Interruption::current().is_none());
    }
}
