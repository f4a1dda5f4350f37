//! `[plugins]`.

use super::error::ConfigError;
use cairn_events::outbound::AddressGuard;
use cairn_plugin_host::{HostLimits, PdfProgram};
use cairn_plugin_package::manifest::{Quota, Quotas};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

// `PACKED_PDF_PROGRAM`: the program that makes PDFs, as zstd; `None` in a debug build.
include!(concat!(env!("OUT_DIR"), "/pdf_program.rs"));

/// File name of the program that makes PDFs.
const PDF_PROGRAM: &str = "cairn-pdf";

/// `[plugins]`: where requests of plugins may lead, what makes their PDFs, and how much memory they have.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PluginsConfig {
    /// `allow_private` (`CAIRN_PLUGINS_ALLOW_PRIVATE`, comma separated): addresses, networks and names beside the public internet that
    /// plugins may send requests to (`10.0.0.7:8080`, `10.0.0.0/8`, `search.internal`), where their grants name them too. Default: none.
    pub allow_private: Vec<String>,
    /// `pdf` (`CAIRN_PLUGINS_PDF`): the program that makes PDFs; default `cairn-pdf` beside `cairn` itself, where there is one, else
    /// the one in it. Empty, or `off` in the variable: none.
    pub pdf: Option<String>,
    /// `memory_mib`: memory that calls of all plugins of the process have together; default 1024.
    pub memory_mib: usize,
    /// `plugin_memory_mib`: memory that calls of one plugin of a tenant have together, where its manifest does not ask for less; default 512.
    pub plugin_memory_mib: usize,
    /// `[plugins.quotas]`: how much a plugin may have whose manifest asks for nothing, by the names that its `[limits]` has for it:
    /// `kv-bytes = "256MiB"`, `jobs = 50000`. Default: what the manual says.
    pub quotas: BTreeMap<Quota, QuotaAmount>,
}

/// Smallest memory with which a plugin of any language can be called, in MiB.
const MIN_MEMORY_MIB: usize = 64;

impl Default for PluginsConfig {
    fn default() -> Self {
        Self { allow_private: Vec::new(), pdf: None, memory_mib: 1024, plugin_memory_mib: 512, quotas: BTreeMap::new() }
    }
}

/// A quota as it is configured.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum QuotaAmount {
    /// A plain number.
    Count(u64),
    /// A number of bytes, as a whole number and a unit: `256MiB`.
    Size(String),
}

impl PluginsConfig {
    pub(super) fn apply_environment(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        if let Some(v) = env("CAIRN_PLUGINS_ALLOW_PRIVATE") {
            self.allow_private = v.split(',').map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect();
        }
        if let Some(v) = env("CAIRN_PLUGINS_PDF") {
            self.pdf = Some(super::paths::path_or_off(v));
        }
        for (name, mib) in [("memory_mib", self.memory_mib), ("plugin_memory_mib", self.plugin_memory_mib)] {
            if mib < MIN_MEMORY_MIB {
                return Err(ConfigError(format!("plugins.{name} is {mib}: it must be at least {MIN_MEMORY_MIB}")));
            }
        }
        self.plugin_quotas()?;
        self.outbound_guard().map(drop)
    }

    /// The limits that all plugins of the process share.
    pub(crate) fn host_limits(&self) -> HostLimits {
        let bytes = |mib: usize| mib.saturating_mul(1 << 20);
        HostLimits { memory: bytes(self.memory_mib), plugin_memory: bytes(self.plugin_memory_mib) }
    }

    /// The quotas of plugins whose manifests ask for none, where they are configured.
    pub(crate) fn plugin_quotas(&self) -> Result<Quotas, ConfigError> {
        self.quotas.iter().try_fold(Quotas::default(), |quotas, (quota, amount)| {
            let text = match amount {
                QuotaAmount::Count(_) if quota.is_bytes() => String::new(),
                QuotaAmount::Count(n) => n.to_string(),
                QuotaAmount::Size(text) => text.clone(),
            };
            let read = quota.parse_amount(&text).ok_or_else(|| {
                let example = quota.format_amount(quota.default_amount());
                let example = if quota.is_bytes() { format!("{example:?}") } else { example };
                ConfigError(format!("plugins.quotas.{quota}: expected an amount such as {example}"))
            })?;
            Ok(quotas.with_quota(*quota, Some(read)))
        })
    }

    /// The program that makes PDFs. `data`: folder that the built-in one may be unpacked to.
    pub fn pdf_program(&self, data: &Path) -> Option<PdfProgram> {
        match self.pdf.as_deref() {
            Some("") => None,
            // A mistake in it is told when a PDF is made.
            Some(path) => std::path::absolute(path).ok().map(PdfProgram::new),
            None => {
                let beside = std::env::current_exe().ok().map(|own| own.with_file_name(PDF_PROGRAM));
                let beside = beside.filter(|program| program.is_file()).map(PdfProgram::new);
                beside.or_else(|| PACKED_PDF_PROGRAM.map(|packed| PdfProgram::packed(packed, &data.join("tools"))))
            }
        }
    }

    /// The guard that decides which addresses requests may be sent to.
    pub(crate) fn outbound_guard(&self) -> Result<AddressGuard, ConfigError> {
        let guard = AddressGuard::new(&self.allow_private).map(|guard| guard.with_config_key("plugins.allow_private"));
        guard.map_err(|e| ConfigError(format!("plugins.allow_private (CAIRN_PLUGINS_ALLOW_PRIVATE): {e}")))
    }
}
