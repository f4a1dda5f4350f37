//! `[live]`.

use serde::Deserialize;

/// `[live]`: clients that receive changes as they happen.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LiveConfig {
    /// `heartbeat_seconds`: how often a silent connection is written to and its caller's permissions are checked again; default 15.
    pub heartbeat_seconds: u64,
    /// `max_connections`: of one tenant in one process; default 1000. A tenth is for admins, a fifth for them and for callers who are signed
    /// in.
    pub max_connections: usize,
    /// `max_connections_per_address`: of one tenant, from one IPv4 address or one /64 of IPv6; default 50.
    pub max_connections_per_address: usize,
}

impl Default for LiveConfig {
    fn default() -> Self {
        Self { heartbeat_seconds: 15, max_connections: 1_000, max_connections_per_address: 50 }
    }
}
