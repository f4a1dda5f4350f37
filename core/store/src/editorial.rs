//! The rows behind editorial work: where documents are in their review, approvals and comments, what is planned, and who owns
//! it; schedules and releases.
//!
//! Times are milliseconds since 1970 in UTC and are passed by the caller.

mod calendar;
mod comments;
mod owners;
#[cfg(test)]
mod publishing_tests;
mod releases;
mod reviews;
mod schedules;

pub use calendar::{NewSlot, NewSlotRule, PublicationFilter, PublishedRow, SlotRow, SlotRuleRow};
pub use comments::{CommentRow, NewComment};
pub use owners::{EscalationRow, NewOwner, OwnerRow};
pub use releases::{NewReleaseItem, ReleaseFilter, ReleaseItemRow, ReleaseRow, ReleaseState, ReleaseWhen};
pub use reviews::{
    ApprovalRow, DocumentKey, DraftToken, DueDate, MoveRow, NewApproval, ReviewFilter, ReviewRow, VersionRow,
};
pub use schedules::{NewSchedule, ScheduleFilter, ScheduleRow, ScheduleState};

use crate::{Result, StoreError};

/// Parses JSON stored in a column.
fn parse_json(text: &str, table: &str, id: i64) -> Result<serde_json::Value> {
    serde_json::from_str(text)
        .map_err(|e| StoreError::Corrupt { place: format!("{table} {id}"), message: e.to_string() })
}
