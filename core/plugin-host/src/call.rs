//! One call of a plugin: its state, and what it may use.

pub(crate) mod ambient;
pub(crate) mod caller_access;
pub(crate) mod error;
pub(crate) mod guest_result;
pub(crate) mod interrupt;
pub(crate) mod limits;
pub(crate) mod memory;
pub(crate) mod meter;
pub(crate) mod quotas;
pub(crate) mod request_file;
pub(crate) mod scheduling_delay;
pub(crate) mod state;
pub(crate) mod totals;
pub(crate) mod turns;
