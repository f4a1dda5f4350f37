//! `[database]`.

use super::error::ConfigError;
use super::paths::{tenant_folder, tenant_place};
use cairn_store::PostgresOptions;
use serde::Deserialize;
use std::path::PathBuf;

/// `[database]`: where the databases of all tenants are.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseConfig {
    /// `url` (`CAIRN_DATABASE_URL`): `sqlite:<path>`, relative to the project, `{tenant}` in it standing for a tenant's
    /// name, or `postgres://user:password@host:port/database?schema=name`; default `data/tenants/{tenant}/cairn.db`.
    pub url: Option<String>,
    /// `replica_url` (`CAIRN_DATABASE_REPLICA_URL`): a read replica of the same PostgreSQL database.
    pub replica_url: Option<String>,
    /// `connections` (`CAIRN_DATABASE_CONNECTIONS`): connections to PostgreSQL of each kind (reading, writing); default 8.
    pub connections: Option<usize>,
}

impl DatabaseConfig {
    pub(super) fn apply_environment(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        if let Some(v) = env("CAIRN_DATABASE_URL") {
            self.url = Some(v);
        }
        if let Some(v) = env("CAIRN_DATABASE_REPLICA_URL") {
            self.replica_url = Some(v);
        }
        if let Some(v) = env("CAIRN_DATABASE_CONNECTIONS") {
            let n = v.parse().map_err(|_| ConfigError(format!("CAIRN_DATABASE_CONNECTIONS: {v:?} is not a number")))?;
            self.connections = Some(n);
        }
        Ok(())
    }
}

/// The databases of an installation: one of each tenant, all of one kind.
#[derive(Debug, Clone)]
pub enum TenantDatabases {
    /// SQLite files of a project; `path` as configured.
    Files {
        /// The project's folder.
        project: PathBuf,
        /// `{tenant}` in it stands for a tenant's name; a path without it belongs to the default tenant alone.
        path: Option<String>,
    },
    /// Schemas of one PostgreSQL database, reached through the same connections.
    Postgres(PostgresOptions),
}

impl TenantDatabases {
    /// The database of a tenant.
    pub fn for_tenant(&self, tenant: &str) -> Result<cairn_store::Database, ConfigError> {
        match self {
            Self::Files { project, path } => {
                let configured_path = path.as_deref().and_then(|path| tenant_place(project, path, tenant));
                let path = configured_path.unwrap_or_else(|| tenant_folder(project, tenant).join("cairn.db"));
                Ok(cairn_store::Database::Sqlite(path))
            }
            Self::Postgres(options) => options.tenant(tenant).map(cairn_store::Database::Postgres).map_err(ConfigError),
        }
    }
}
