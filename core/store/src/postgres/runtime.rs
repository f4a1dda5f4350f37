//! Waiting for a database on a thread of a runtime.

use tokio::runtime::{Handle, RuntimeFlavor};

/// Runs work that waits for a database, without blocking the other tasks of a runtime.
pub(super) fn blocking<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|h| h.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}
