//! Exports of plugins, one file or folder for each kind.

pub(crate) mod events;
pub(crate) mod hooks;
mod job_batches;
pub(crate) mod jobs;
pub mod lifecycle;
pub mod policies;
pub mod privacy;
pub(crate) mod retention;
pub mod routes;
pub(crate) mod schedules;
pub(crate) mod view_schema;
pub mod views;
