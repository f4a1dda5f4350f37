//! `[plugins]`.

use super::ConfigError;
use cairn_events::outbound::Guard;
use serde::Deserialize;

/// `[plugins]`: where requests of plugins may lead.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plugins {
    /// `allow_private` (`CAIRN_PLUGINS_ALLOW_PRIVATE`, comma separated): addresses, networks and names beside the public
    /// internet that plugins may send requests to (`10.0.0.7:8080`, `10.0.0.0/8`, `search.internal`), where their grants name them too;
    /// default none.
    pub allow_private: Vec<String>,
}

impl Plugins {
    pub(super) fn env(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        if let Some(v) = env("CAIRN_PLUGINS_ALLOW_PRIVATE") {
            self.allow_private = v.split(',').map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect();
        }
        self.guard().map(drop)
    }

    /// What is sent where.
    pub(crate) fn guard(&self) -> Result<Guard, ConfigError> {
        let guard = Guard::new(&self.allow_private).map(|guard| guard.of_key("plugins.allow_private"));
        guard.map_err(|e| ConfigError(format!("plugins.allow_private (CAIRN_PLUGINS_ALLOW_PRIVATE): {e}")))
    }
}
