//! What operators learn about running plugins, and what happens to those that keep failing.

pub(crate) mod health;
pub(crate) mod lags;
pub(crate) mod quarantine;
pub(crate) mod quota_usage;
pub(crate) mod search_refresh;
