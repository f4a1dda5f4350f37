//! The history of documents: what every save left, and the way back.

mod record;
mod snapshot;
mod stale;
#[cfg(test)]
mod tests;

pub(crate) use record::{Made, record, record_deleted, record_new};
pub(crate) use stale::{Seen, stale};

use cairn_access::iso;
use chrono::DateTime;
use serde_json::Value as Json;

/// Milliseconds as the time that is shown.
fn time(ms: i64) -> Json {
    DateTime::from_timestamp_millis(ms).map_or(Json::Null, |t| iso(t).into())
}
