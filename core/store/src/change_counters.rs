//! A counter per content type that is incremented by every commit that touched it: caches compare a sum of them.

use cairn_model::TypeId;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// Change counters and approximate row counts, by type.
#[derive(Debug)]
pub struct ChangeCounters {
    types: Vec<AtomicU64>,
    rows: Vec<AtomicI64>,
    /// Commits that made answers of read policies outdated.
    policies: AtomicU64,
    /// Commits that changed sessions or groups of users of the content API, or administrators, their sessions and their tokens.
    callers: AtomicU64,
    all: AtomicU64,
}

impl ChangeCounters {
    pub(crate) fn new(types: usize) -> Self {
        let zeros = |n| (0..n).map(|_| AtomicU64::new(0)).collect();
        Self {
            types: zeros(types),
            rows: (0..types).map(|_| AtomicI64::new(0)).collect(),
            policies: AtomicU64::new(0),
            callers: AtomicU64::new(0),
            all: AtomicU64::new(0),
        }
    }

    /// A number that changes whenever one of these types (or anything at all, through [`Self::bump_all`]) changed.
    pub fn stamp(&self, types: &[TypeId]) -> u64 {
        let mut sum = self.all.load(Ordering::Acquire);
        for t in types {
            if let Some(c) = self.types.get(t.0 as usize) {
                sum = sum.wrapping_add(c.load(Ordering::Acquire));
            }
        }
        sum
    }

    /// A number that changes whenever a commit of this process made answers of read policies outdated, or anything at all may have changed.
    pub fn policy_stamp(&self) -> u64 {
        self.all.load(Ordering::Acquire).wrapping_add(self.policies.load(Ordering::Acquire))
    }

    /// A number that changes whenever a commit of this process changed these types, sessions of users of the content API or their groups,
    /// administrators with their sessions and tokens, or anything at all may have changed; after commits of other processes once they are
    /// followed. `types`: that of the users, and all that values of a user are read from.
    pub fn caller_stamp(&self, types: &[TypeId]) -> u64 {
        self.stamp(types).wrapping_add(self.callers.load(Ordering::Acquire))
    }

    /// Records that sessions or groups of users, or administrators, changed.
    pub(crate) fn bump_callers(&self) {
        self.callers.fetch_add(1, Ordering::AcqRel);
    }

    /// Records that answers of read policies are outdated.
    pub(crate) fn bump_policies(&self) {
        self.policies.fetch_add(1, Ordering::AcqRel);
    }

    /// Records that one type changed.
    pub(crate) fn bump_type(&self, t: TypeId) {
        if let Some(c) = self.types.get(t.0 as usize) {
            c.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Records that everything may have changed: another process wrote, or settings were applied.
    pub fn bump_all(&self) {
        self.all.fetch_add(1, Ordering::AcqRel);
    }

    /// Number of rows of a type, all versions and locales; exact enough to decide whether a scan may be long.
    pub fn row_count(&self, t: TypeId) -> i64 {
        self.rows.get(t.0 as usize).map_or(0, |r| r.load(Ordering::Relaxed))
    }

    pub(crate) fn add_rows(&self, t: TypeId, n: i64) {
        if let Some(r) = self.rows.get(t.0 as usize) {
            r.fetch_add(n, Ordering::Relaxed);
        }
    }
}
