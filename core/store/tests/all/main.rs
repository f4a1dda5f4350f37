//! The store as its callers see it, over real database files.
#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

mod bulk;
mod change;
mod collation;
mod differential;
mod fixture;
mod injection;
mod link_filters;
mod newsroom;
mod opening;
mod oracle;
