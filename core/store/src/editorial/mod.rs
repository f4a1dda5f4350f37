//! How content teams publish: schedules, releases. Times are milliseconds since 1970 in UTC and are given by the caller.

mod releases;
mod schedules;
#[cfg(test)]
mod tests;

pub use releases::{NewReleaseItem, ReleaseFilter, ReleaseItemRow, ReleaseRow, ReleaseState, ReleaseWhen};
pub use schedules::{NewSchedule, ScheduleFilter, ScheduleRow, ScheduleState};

use crate::{Result, StoreError};

/// JSON of a column.
fn json(text: &str, table: &str, id: i64) -> Result<serde_json::Value> {
    serde_json::from_str(text)
        .map_err(|e| StoreError::Corrupt { place: format!("{table} {id}"), message: e.to_string() })
}
