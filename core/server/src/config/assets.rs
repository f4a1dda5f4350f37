//! `[assets]`.

use super::ConfigError;
use serde::Deserialize;

/// `[assets]`: uploaded files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Assets {
    /// `url` (`CAIRN_ASSETS_URL`): `file:<path>`, relative to the project, `{tenant}` in it standing for
    /// a tenant's name; default `data/tenants/{tenant}/uploads`.
    pub url: Option<String>,
    /// `max_bytes`: the largest file; default 200 MB.
    pub max_bytes: u64,
}

impl Default for Assets {
    fn default() -> Self {
        Self { url: None, max_bytes: 200_000_000 }
    }
}

impl Assets {
    pub(super) fn env(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        if let Some(v) = env("CAIRN_ASSETS_URL") {
            self.url = Some(v);
        }
        Ok(())
    }
}
