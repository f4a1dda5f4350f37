//! Amounts that running plugins store, beside the amounts permitted.

use crate::call::quotas::{PluginQuotas, non_negative, usage_of};
use crate::tenant::plugins::Plugins;
use cairn_plugin_package::manifest::Quota;
use cairn_store::StoreError;

/// How much of something a plugin has, and how much it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaUsage {
    /// Quota that the figures are about.
    pub quota: Quota,
    /// Amount that is used.
    pub used: u64,
    /// Amount that is permitted.
    pub allowed: u64,
}

impl Plugins {
    /// The used and the permitted amounts of a running plugin; empty where it does not run. Returns an error if the
    /// database cannot be read.
    pub fn quota_usage(&self, plugin: &str) -> Result<Vec<QuotaUsage>, StoreError> {
        let Some(generation) = self.find_generation(plugin) else { return Ok(Vec::new()) };
        let (bounds, store) = (PluginQuotas::for_plugin(&generation), generation.content().store());
        let usage = store.read(|r| r.plugin_usage().get(plugin, generation.now()))?;
        let documents = non_negative(bounds.own_types.iter().map(|ct| store.counters().row_count(*ct)).sum());
        let one = |quota: &Quota| QuotaUsage {
            quota: *quota,
            used: if *quota == Quota::Documents { documents } else { usage_of(&usage, *quota) },
            allowed: bounds.allowed(*quota),
        };
        Ok(Quota::ALL.iter().map(one).collect())
    }
}
