//! Names of the copies of an index, and what a node knows of its copies.

use std::collections::{BTreeMap, HashMap};

/// One copy of an index under one definition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct IndexCopyKey {
    pub(super) plugin: String,
    pub(super) name: String,
    pub(super) copy: i64,
    /// Fingerprint of the definition.
    pub(super) definition: String,
}

/// Copies by plugin, index and number, with their current definition where that is known.
pub(super) type RetainedCopies = BTreeMap<(String, String, i64), Option<String>>;

/// The state at the last refresh.
#[derive(Default)]
pub(super) struct RefreshState {
    /// Copies that have files; `None`: nobody has looked yet.
    pub(super) kept: Option<RetainedCopies>,
    /// By plugin and index: the copies that there were, and the number, when old rows were last removed.
    pub(super) purged: HashMap<(String, String), (i64, Option<i64>, i64)>,
}
