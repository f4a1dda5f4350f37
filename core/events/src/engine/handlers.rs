//! The handlers of jobs, and how many jobs each of them may run at a time.

use crate::{Concurrency, JobHandler};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Handlers by the names of their jobs.
pub(super) type ByName = BTreeMap<String, Arc<dyn JobHandler>>;

/// The permanent handlers, and those that are added and removed.
pub(super) struct Handlers {
    fixed: Vec<Arc<dyn JobHandler>>,
    /// Handlers by who added them.
    further: BTreeMap<String, Vec<Arc<dyn JobHandler>>>,
    /// All handlers, merged.
    by_name: Arc<ByName>,
}

impl Handlers {
    pub(super) fn new(fixed: Vec<Arc<dyn JobHandler>>) -> Self {
        let mut handlers = Self { fixed, further: BTreeMap::new(), by_name: Arc::default() };
        handlers.collect();
        handlers
    }

    /// Replaces the handlers of `who`.
    pub(super) fn set(&mut self, who: String, handlers: Vec<Arc<dyn JobHandler>>) {
        self.further.insert(who, handlers);
        self.collect();
    }

    /// All present handlers.
    pub(super) fn by_name(&self) -> Arc<ByName> {
        self.by_name.clone()
    }

    fn collect(&mut self) {
        let mut by_name = ByName::new();
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
pub(super) struct Shares {
    running: Mutex<HashMap<String, usize>>,
}

/// A job that counts, as long as this value exists.
pub(super) struct Counted {
    shares: Arc<Shares>,
    of: String,
}

/// Names whose jobs share room, and how many of them may be begun.
pub(super) type Room = (Vec<String>, i64);

impl Shares {
    /// Names of handlers without a limit.
    pub(super) fn unbound(&self, handlers: &ByName) -> Vec<String> {
        let unbound = handlers.iter().filter(|(_, handler)| handler.concurrency().is_none());
        unbound.map(|(name, _)| name.clone()).collect()
    }

    /// What may be begun of the others: names, and the number of their jobs, where `most` is the largest number of running jobs of each.
    pub(super) fn room(&self, handlers: &ByName, most: usize) -> Vec<Room> {
        let mut shared: BTreeMap<&str, (Vec<String>, usize)> = BTreeMap::new();
        for (name, handler) in handlers {
            if let Some(Concurrency { of, at_once }) = handler.concurrency() {
                let share = shared.entry(of).or_insert((Vec::new(), at_once.min(most)));
                share.0.push(name.clone());
                share.1 = share.1.min(at_once);
            }
        }
        let running = self.running.lock();
        let room = |of: &str, most: usize| most.saturating_sub(running.get(of).copied().unwrap_or(0));
        let shared = shared.into_iter().map(|(of, (names, most))| (names, room(of, most)));
        shared
            .filter(|(_, room)| *room > 0)
            .map(|(names, room)| (names, i64::try_from(room).unwrap_or(i64::MAX)))
            .collect()
    }

    /// Counts a job, if its handler declares a share.
    pub(super) fn count(self: &Arc<Self>, handler: &dyn JobHandler) -> Option<Counted> {
        let of = handler.concurrency()?.of.to_owned();
        *self.running.lock().entry(of.clone()).or_default() += 1;
        Some(Counted { shares: self.clone(), of })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut running = self.shares.running.lock();
        if let Some(n) = running.get_mut(&self.of) {
            *n -= 1;
            if *n == 0 {
                running.remove(&self.of);
            }
        }
    }
}
