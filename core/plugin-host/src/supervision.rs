//! Reports to operators about running plugins, and the treatment of those that keep failing.

pub(crate) mod health;
pub(crate) mod lags;
pub(crate) mod quarantine;
pub(crate) mod quota_usage;
pub(crate) mod search_refresh;
