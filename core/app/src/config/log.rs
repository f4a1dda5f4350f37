//! `[log]`.

use super::error::ConfigError;
use serde::Deserialize;

/// `[log]`: how much is logged.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// `level` (`CAIRN_LOG`): error, warn, info, debug, or per module as in `info,cairn_server=debug`; default info.
    pub level: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { level: "info".into() }
    }
}

impl LogConfig {
    pub(super) fn apply_environment(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        if let Some(v) = env("CAIRN_LOG") {
            self.level = v;
        }
        Ok(())
    }
}
