//! Work on files that blocks, off the threads that serve requests.

use crate::{ContentError, Result};

/// Runs the work and waits for it. Returns an error if it panicked or the runtime has ended.
pub(super) async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| ContentError::Files(format!("processing files did not finish: {e}")))
}
