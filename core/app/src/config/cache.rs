//! `[cache]`.

use super::error::ConfigError;
use serde::Deserialize;

/// `[cache]`: whole answers of public reads, in memory.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CacheConfig {
    /// `response_mib` (`CAIRN_RESPONSE_CACHE=off|<MiB>`): memory for answers; 0 for none; default 16.
    pub response_mib: u64,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self { response_mib: 16 }
    }
}

impl CacheConfig {
    pub(super) fn apply_environment(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        match env("CAIRN_RESPONSE_CACHE").as_deref() {
            None => {}
            Some("off") => self.response_mib = 0,
            Some(v) => {
                self.response_mib = v.parse().map_err(|_| {
                    ConfigError(format!("CAIRN_RESPONSE_CACHE: expected off or a number of MiB, not {v:?}"))
                })?;
            }
        }
        Ok(())
    }
}
