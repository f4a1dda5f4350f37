//! `[database]`.

use super::ConfigError;
use serde::Deserialize;

/// `[database]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `url` (`CAIRN_DATABASE_URL`): `sqlite:<path>`, relative to the project, or
    /// `postgres://user:password@host:port/database?schema=name`; default `data/tenants/default/cairn.db`.
    pub url: Option<String>,
    /// `replica_url` (`CAIRN_DATABASE_REPLICA_URL`): a read replica of the same PostgreSQL database.
    pub replica_url: Option<String>,
    /// `connections` (`CAIRN_DATABASE_CONNECTIONS`): connections to PostgreSQL of each kind (reading, writing); default 8.
    pub connections: Option<usize>,
}

impl Database {
    pub(super) fn env(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        if let Some(v) = env("CAIRN_DATABASE_URL") {
            self.url = Some(v);
        }
        if let Some(v) = env("CAIRN_DATABASE_REPLICA_URL") {
            self.replica_url = Some(v);
        }
        if let Some(v) = env("CAIRN_DATABASE_CONNECTIONS") {
            let n = v.parse().map_err(|_| ConfigError(format!("CAIRN_DATABASE_CONNECTIONS: {v:?} is no number")))?;
            self.connections = Some(n);
        }
        Ok(())
    }
}
