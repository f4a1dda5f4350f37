//! `[webhooks]`.

use super::error::ConfigError;
use cairn_events::outbound::AddressGuard;
use serde::Deserialize;

/// `[webhooks]`: where webhooks may lead.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebhooksConfig {
    /// `allow_private` (`CAIRN_WEBHOOKS_ALLOW_PRIVATE`, comma separated): addresses, networks and names beside the public
    /// internet that webhooks may be sent to (`10.0.0.7:8080`, `10.0.0.0/8`, `hooks.internal`); default none.
    pub allow_private: Vec<String>,
}

impl WebhooksConfig {
    pub(super) fn apply_environment(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        if let Some(v) = env("CAIRN_WEBHOOKS_ALLOW_PRIVATE") {
            self.allow_private = v.split(',').map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect();
        }
        self.outbound_guard().map(drop)
    }

    /// Builds the guard of the addresses that webhooks may be sent to.
    pub(crate) fn outbound_guard(&self) -> Result<AddressGuard, ConfigError> {
        AddressGuard::new(&self.allow_private)
            .map_err(|e| ConfigError(format!("webhooks.allow_private (CAIRN_WEBHOOKS_ALLOW_PRIVATE): {e}")))
    }
}
