//! The installed plugins: their grants and settings, their stored data, their logs and failed calls.
//!
//! Jobs, recurring jobs and consumers of plugins are in the general tables ([`crate::events`]); their names begin with [`names_of`] the
//! plugin. Times are milliseconds since 1970 in UTC and are passed by the caller.

mod calls;
mod kv;
mod logs;
mod registry;
mod removal;
mod search;
#[cfg(test)]
mod search_tests;
mod secrets;
#[cfg(test)]
mod tests;
mod usage;

pub use calls::{CALLS, CallFailure, CallFilter, FailedCall, KeptCall};
pub use kv::{KvEntry, KvPut};
pub use logs::{LOGS, LogFilter, LogLevel, LogRow, NewLog};
pub use registry::{PluginRow, PluginState, PluginVersion};
pub use removal::PluginCounts;
pub use search::{REMEMBERED, SearchChange, SearchEntry, SearchIndex, SearchRow};
pub use secrets::SecretRow;
pub use usage::PluginUsage;

use crate::{Result, StoreError};
use serde_json::Value as Json;

/// The prefix of the names of a plugin's jobs, recurring jobs and consumers: `plugin:<id>:`.
pub fn names_of(plugin: &str) -> String {
    format!("plugin:{plugin}:")
}

/// Parses JSON that this crate stored.
fn json(place: impl Fn() -> String, text: &str) -> Result<Json> {
    serde_json::from_str(text).map_err(|e| StoreError::Corrupt { place: place(), message: e.to_string() })
}

/// A text, truncated if it is longer than `longest` bytes.
fn shortened(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let end = (0..=longest).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    format!("{}…", &text[..end])
}
