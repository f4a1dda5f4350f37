//! The plugins of a tenant that run, and what is counted about them.

pub(crate) mod alarms;
pub(crate) mod breaker;
pub(crate) mod calendars;
pub(crate) mod health_counters;
pub(crate) mod hook_index;
pub(crate) mod missing_plugins;
pub(crate) mod pending_upgrade;
pub(crate) mod plugins;
pub(crate) mod policy_cache;
pub(crate) mod policy_index;
pub(crate) mod rate_counters;
