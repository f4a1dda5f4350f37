//! Events of the plugin's own. They join the open transaction.

use crate::Result;
use crate::bindings::events as raw;
use serde::Serialize;

/// Publishes an event of the manifest, of its version 1. Events of one key arrive in the order they were written: a document's
/// id, mostly.
///
/// # Errors
/// What the host says: `Invalid` where the manifest has no such event, or the data does not fit its schema.
pub fn publish(name: &str, key: &str, data: &impl Serialize) -> Result<()> {
    publish_version(name, 1, key, data)
}

/// Publishes an event of a later version.
///
/// # Errors
/// As [`publish`].
pub fn publish_version(name: &str, version: u32, key: &str, data: &impl Serialize) -> Result<()> {
    let data = serde_json::to_string(data)?;
    raw::publish(&[raw::Outgoing { name: name.to_owned(), key: key.to_owned(), data, version }])
}
