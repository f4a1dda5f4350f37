//! Which plugins there are, what each of them was given, what it keeps, and what is known of how it does.
//!
//! Jobs, recurring jobs and consumers of a plugin are in the tables of all of them ([`crate::events`]); their names begin with
//! [`names_of`] it. Times are milliseconds since 1970 in UTC and are given by the caller.

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

/// What the names of jobs, recurring jobs and consumers of a plugin begin with: `plugin:<id>:`.
pub fn names_of(plugin: &str) -> String {
    format!("plugin:{plugin}:")
}

/// What this crate stored as JSON.
fn json(place: impl Fn() -> String, text: &str) -> Result<Json> {
    serde_json::from_str(text).map_err(|e| StoreError::Corrupt { place: place(), message: e.to_string() })
}

/// A text, or its beginning where it is longer than `longest` bytes.
fn shortened(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let end = (0..=longest).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    format!("{}…", &text[..end])
}
