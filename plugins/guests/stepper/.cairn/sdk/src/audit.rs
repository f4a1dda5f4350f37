//! The audit log, which is chained by hash: entries can be neither changed nor removed.

use crate::bindings::audit as raw;
use crate::{DocumentRef, Result};
use serde::Serialize;

pub use raw::Entry;

/// Writes an entry about a document, with the commit of the open transaction. `action`: small letters, digits, points and dashes, such as
/// `envelope.signed`.
///
/// # Errors
/// What the host says.
pub fn append(subject: &DocumentRef, action: &str, detail: &impl Serialize) -> Result<()> {
    raw::append(subject, action, &serde_json::to_string(detail)?)
}

/// This plugin's own entries about a document after a number, oldest first. One is there within about a second of its commit.
///
/// # Errors
/// What the host says.
pub fn trail(subject: &DocumentRef, after: u64, limit: u32) -> Result<Vec<Entry>> {
    raw::trail(subject, after, limit)
}
