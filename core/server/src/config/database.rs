//! `[database]`.

use super::ConfigError;
use serde::Deserialize;

/// `[database]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `url` (`CAIRN_DATABASE_URL`): `sqlite:<path>`, relative to the project, `{tenant}` in it standing
    /// for a tenant's name; default `data/tenants/{tenant}/cairn.db`.
    pub url: Option<String>,
}

impl Database {
    pub(super) fn env(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        if let Some(v) = env("CAIRN_DATABASE_URL") {
            self.url = Some(v);
        }
        Ok(())
    }
}
