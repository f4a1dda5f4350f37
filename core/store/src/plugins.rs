//! The installed plugins: their grants and settings, their stored data, their logs and failed calls.
//!
//! Jobs, recurring jobs and consumers of plugins are in the general tables ([`crate::events`]); their names begin with [`name_prefix`] the
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
mod signing_keys;
#[cfg(test)]
mod tests;
mod usage;

pub use calls::{CallFailure, CallFilter, FailedCall, MAX_CALLS_PER_PLUGIN, RecordedCall};
pub use kv::{KvEntry, KvPut};
pub use logs::{LogFilter, LogLevel, LogRow, MAX_LOGS_PER_PLUGIN, NewLog};
pub use registry::{PluginRow, PluginState, PluginVersion, PreviousVersion};
pub use removal::PluginCounts;
pub use search::{MIN_REMEMBERED_CHANGES, SearchChange, SearchEntry, SearchIndex, SearchRow};
pub use secrets::SecretRow;
pub use signing_keys::SigningKeyRow;
pub use usage::PluginUsage;

use crate::{Result, StoreError};
use serde_json::Value as Json;

/// The prefix of the names of a plugin's jobs, recurring jobs and consumers: `plugin:<id>:`.
pub fn name_prefix(plugin: &str) -> String {
    format!("plugin:{plugin}:")
}

/// Parses JSON that this crate stored.
fn parse_json(place: impl Fn() -> String, text: &str) -> Result<Json> {
    serde_json::from_str(text).map_err(|e| StoreError::Corrupt { place: place(), message: e.to_string() })
}

/// A text, truncated if it is longer than `longest` bytes.
fn truncate_text(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let end = (0..=longest).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    format!("{}…", &text[..end])
}
