//! The handlers of jobs, and how many jobs each of them may run at a time.

use crate::{Concurrency, JobHandler};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Handlers by the names of their jobs.
pub(super) type HandlersByName = BTreeMap<String, Arc<dyn JobHandler>>;

/// The permanent handlers, and those that are added and removed.
pub(super) struct Handlers {
    fixed: Vec<Arc<dyn JobHandler>>,
    /// Handlers by who added them.
    further: BTreeMap<String, Vec<Arc<dyn JobHandler>>>,
    /// All handlers, merged.
    by_name: Arc<HandlersByName>,
}

impl Handlers {
    pub(super) fn new(fixed: Vec<Arc<dyn JobHandler>>) -> Self {
        let mut handlers = Self { fixed, further: BTreeMap::new(), by_name: Arc::default() };
        handlers.rebuild_index();
        handlers
    }

    /// Replaces the handlers of `owner`.
    pub(super) fn set_handlers(&mut self, owner: String, handlers: Vec<Arc<dyn JobHandler>>) {
        self.further.insert(owner, handlers);
        self.rebuild_index();
    }

    /// All present handlers.
    pub(super) fn by_name(&self) -> Arc<HandlersByName> {
        self.by_name.clone()
    }

    fn rebuild_index(&mut self) {
        let mut by_name = HandlersByName::new();
        for handler in self.fixed.iter().chain(self.further.values().flatten()) {
            let name = handler.name();
            if by_name.contains_key(name) {
                tracing::error!(job = name, "two handlers are registered for jobs of this name; the first one is used");
                continue;
            }
            by_name.insert(name.to_owned(), handler.clone());
        }
        self.by_name = Arc::new(by_name);
    }
}

/// Running jobs, by the share that their handlers declare.
#[derive(Default)]
pub(super) struct JobShares {
    running: Mutex<HashMap<String, usize>>,
}

/// A job that counts, as long as this value exists.
pub(super) struct JobShareGuard {
    shares: Arc<JobShares>,
    share: String,
}

/// Names whose jobs share room, and how many of them may be begun.
pub(super) type ShareCapacity = (Vec<String>, i64);

impl JobShares {
    /// Names of handlers without a limit.
    pub(super) fn unbound_names(&self, handlers: &HandlersByName) -> Vec<String> {
        let unbound = handlers.iter().filter(|(_, handler)| handler.concurrency().is_none());
        unbound.map(|(name, _)| name.clone()).collect()
    }

    /// Returns the capacity that is free for the others: names, and the number of jobs that may be begun of them. At most `limit` jobs of
    /// each share run at a time.
    pub(super) fn free_capacity(&self, handlers: &HandlersByName, limit: usize) -> Vec<ShareCapacity> {
        let mut shared: BTreeMap<&str, (Vec<String>, usize)> = BTreeMap::new();
        for (name, handler) in handlers {
            if let Some(Concurrency { of, at_once }) = handler.concurrency() {
                let share = shared.entry(of).or_insert((Vec::new(), at_once.min(limit)));
                share.0.push(name.clone());
                share.1 = share.1.min(at_once);
            }
        }
        let running = self.running.lock();
        let room = |share_name: &str, most: usize| most.saturating_sub(running.get(share_name).copied().unwrap_or(0));
        let shared = shared.into_iter().map(|(share_name, (names, most))| (names, room(share_name, most)));
        shared
            .filter(|(_, room)| *room > 0)
            .map(|(names, room)| (names, i64::try_from(room).unwrap_or(i64::MAX)))
            .collect()
    }

    /// Counts a job, if its handler declares a share.
    pub(super) fn count_job(self: &Arc<Self>, handler: &dyn JobHandler) -> Option<JobShareGuard> {
        let share_name = handler.concurrency()?.of.to_owned();
        *self.running.lock().entry(share_name.clone()).or_default() += 1;
        Some(JobShareGuard { shares: self.clone(), share: share_name })
    }
}

impl Drop for JobShareGuard {
    fn drop(&mut self) {
        let mut running = self.shares.running.lock();
        if let Some(n) = running.get_mut(&self.share) {
            *n -= 1;
            if *n == 0 {
                running.remove(&self.share);
            }
        }
    }
}
