//! Films and sound: what is told of them, what is made of those that are broken or lie, and posters.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod broken;
mod facts;
mod posters;

use std::path::PathBuf;

/// One of the files that `make.sh` made.
pub(crate) fn sample_file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/media/files").join(name)
}
