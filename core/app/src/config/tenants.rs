//! `[tenants]`.

use serde::Deserialize;

/// `[tenants]`: the tenants beside the default one, which is always open.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TenantsConfig {
    /// `max_open`: how many are open at a time before the longest idle one is closed; default 100. Running requests
    /// keep theirs, so that there may be more for a while.
    pub max_open: usize,
    /// `idle_seconds`: one that nobody asked for that long is closed; default 600.
    pub idle_seconds: u64,
    /// `response_mib`: memory for kept answers of each open one; default 2, and never more than `[cache] response_mib`.
    pub response_mib: u64,
}

impl Default for TenantsConfig {
    fn default() -> Self {
        Self { max_open: 100, idle_seconds: 600, response_mib: 2 }
    }
}
