//! The rows behind editorial work: where documents are in their review, who has approved and said what, what is planned when, and
//! who owns it.
//!
//! Times are milliseconds since 1970 in UTC and are given by the caller.

mod calendar;
mod comments;
mod owners;
mod reviews;
#[cfg(test)]
mod tests;

pub use calendar::{NewSlot, NewSlotRule, PublishedRow, SlotRow, SlotRuleRow};
pub use comments::{CommentRow, NewComment};
pub use owners::{EscalationRow, NewOwner, OwnerRow};
pub use reviews::{ApprovalRow, DocumentKey, Due, MoveRow, NewApproval, ReviewFilter, ReviewRow, Token, VersionRow};
