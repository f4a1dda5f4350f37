//! How content teams publish: schedules, releases, review, comments, the content calendar, owners and escalation.
//!
//! [`Desk`] is where people come to: each file beside it adds what can be asked of it. Times are milliseconds since 1970 in UTC
//! unless something else is said, and come from the clock of the access control.

pub mod calendar;
pub mod comments;
mod desk;
mod input;
mod labels;
mod notices;
pub mod owners;
pub mod review;
#[cfg(test)]
mod testing;

pub use desk::Desk;
pub use input::{LocalTime, read};
pub use labels::Label;
pub use notices::{About, Notice, Notices, Notifier};
