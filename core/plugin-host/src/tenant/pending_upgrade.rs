//! Upgrades in progress.

use crate::runtime::generation::Generation;
use std::sync::Arc;

/// A version that data are migrated to, by the digest of its package.
pub(crate) struct PendingUpgrade {
    pub(crate) plugin: String,
    pub(crate) digest: String,
    /// The error where it cannot be run.
    pub(crate) generation: Result<Arc<Generation>, String>,
}
