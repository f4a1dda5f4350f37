//! `[limits]`: what a call of the plugin may use up, and how much the plugin may have in all. More than the defaults is asked for here, and so
//! is a part of what is consented to.

use crate::strict_toml::TomlSection;
use crate::units::{format_duration, format_size, parse_size};
use crate::words::words;
use std::time::Duration;

const MIB: u64 = 1 << 20;
/// The least a guest of any language starts with.
const MIN_MEMORY: u64 = 4 * MIB;
/// The most that may be asked for.
const MAX_MEMORY: u64 = 1 << 30;
/// The most that all calls of a plugin may ask for together.
const MAX_TOTAL_MEMORY: u64 = 16 << 30;
const DEFAULT_MEMORY: u64 = 64 * MIB;
const DEFAULT_CONCURRENCY: u16 = 8;
const DEFAULT_TRANSACTION: Duration = Duration::from_millis(50);
const MIN_TRANSACTION: Duration = Duration::from_millis(5);
const MAX_TRANSACTION: Duration = Duration::from_secs(2);
/// The most of anything that may be asked for: a number with room for sums.
const MAX_COUNT: u64 = 1 << 40;

words! {
    /// Something of which a plugin may have only so much.
    Quota {
        /// Entries that it keeps by key.
        KvKeys = "kv-keys",
        /// Bytes of their keys and values.
        KvBytes = "kv-bytes",
        /// Documents of its own content types: drafts, published ones and locales are one each.
        Documents = "documents",
        /// Files that it has stored, those in the trash included.
        Files = "files",
        /// Bytes of these.
        FileBytes = "file-bytes",
        /// Jobs that wait.
        Jobs = "jobs",
        /// Events that it publishes within an hour.
        EventsPerHour = "events-per-hour",
    }
}

impl Quota {
    /// How much a plugin may have that asks for nothing, where the installation says nothing else.
    pub const fn default_amount(self) -> u64 {
        match self {
            Self::KvKeys => 100_000,
            Self::KvBytes => 64 * MIB,
            Self::Documents => 100_000,
            Self::Files => 10_000,
            Self::FileBytes => 1 << 30,
            Self::Jobs => 10_000,
            Self::EventsPerHour => 10_000,
        }
    }

    /// True if it is counted in bytes.
    pub const fn is_bytes(self) -> bool {
        matches!(self, Self::KvBytes | Self::FileBytes)
    }

    /// An amount of it as the manifest writes it: `500`, `64MiB`.
    pub fn format_amount(self, amount: u64) -> String {
        if self.is_bytes() { format_size(amount) } else { amount.to_string() }
    }

    /// An amount of it as [`Self::format_amount`] writes it; `None` where it is none.
    pub fn parse_amount(self, text: &str) -> Option<u64> {
        let amount = if self.is_bytes() { parse_size(text) } else { text.parse().ok() };
        amount.filter(|amount| *amount <= MAX_COUNT)
    }

    fn slot_index(self) -> usize {
        self as usize
    }
}

/// How much of each a plugin may have, where something is said of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quotas([Option<u64>; Quota::ALL.len()]);

impl Quotas {
    /// Returns the amount of one quota; `None` if nothing is said of it.
    pub fn get(&self, quota: Quota) -> Option<u64> {
        self.0[quota.slot_index()]
    }

    /// The same, with one of them set.
    #[must_use]
    pub fn with_quota(mut self, quota: Quota, amount: Option<u64>) -> Self {
        self.0[quota.slot_index()] = amount;
        self
    }
}

/// Limits that the plugin asks for; the operator's ceilings win.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManifestLimits {
    /// Memory of one call, in bytes.
    pub memory: u64,
    /// Memory of all its calls together, in bytes; `None`: as much as the operator lets a plugin have.
    pub total_memory: Option<u64>,
    /// How many routes run at a time; beside them so many views and actions, and so many jobs.
    pub concurrency: u16,
    /// For how long a transaction that it opens may keep others waiting for theirs.
    pub transaction: Duration,
    /// How much it may have, of what it asks for.
    pub quotas: Quotas,
}

impl Default for ManifestLimits {
    fn default() -> Self {
        Self {
            memory: DEFAULT_MEMORY,
            total_memory: None,
            concurrency: DEFAULT_CONCURRENCY,
            transaction: DEFAULT_TRANSACTION,
            quotas: Quotas::default(),
        }
    }
}

/// A limit that is higher than the default: its key, what is asked for and the default, as the manifest writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RaisedLimit {
    /// Key in the manifest: `kv-bytes`.
    pub key: &'static str,
    /// The requested limit: `1GiB`.
    pub asked: String,
    /// Cairn's default: `64MiB`.
    pub default: String,
}

impl ManifestLimits {
    /// Those that are higher than the defaults of Cairn, in the order of the manual: what whoever installs the plugin is told of.
    pub fn raised_limits(&self) -> Vec<RaisedLimit> {
        let default = Self::default();
        let raised = |key, asked, default| RaisedLimit { key, asked, default };
        let mut all = Vec::new();
        if self.memory > default.memory {
            all.push(raised("memory", format_size(self.memory), format_size(default.memory)));
        }
        if self.concurrency > default.concurrency {
            all.push(raised("concurrency", self.concurrency.to_string(), default.concurrency.to_string()));
        }
        if self.transaction > default.transaction {
            all.push(raised("transaction", format_duration(self.transaction), format_duration(default.transaction)));
        }
        for quota in Quota::ALL {
            if let Some(amount) = self.quotas.get(*quota).filter(|amount| *amount > quota.default_amount()) {
                all.push(raised(
                    quota.as_str(),
                    quota.format_amount(amount),
                    quota.format_amount(quota.default_amount()),
                ));
            }
        }
        all
    }
}

pub(super) fn read_limits(s: &TomlSection<'_>) -> ManifestLimits {
    let default = ManifestLimits::default();
    let memory = s.optional_or("memory", default.memory, |i| i.size(MIN_MEMORY..=MAX_MEMORY));
    let total_memory = s.optional("total-memory", |i| {
        let total = i.size(MIN_MEMORY..=MAX_TOTAL_MEMORY)?;
        if total < memory {
            i.error("is less than `limits.memory`, the limit of one call", "write at least as much");
            return None;
        }
        Some(total)
    });
    let concurrency = s.optional_or("concurrency", default.concurrency, |i| i.integer(1..=256));
    let transaction =
        s.optional_or("transaction", default.transaction, |i| i.duration(MIN_TRANSACTION..=MAX_TRANSACTION));
    let quotas = Quota::ALL.iter().fold(default.quotas, |quotas, quota| {
        let amount = s.optional(quota.as_str(), |i| match quota.is_bytes() {
            true => i.size(0..=MAX_COUNT),
            false => i.integer(0..=MAX_COUNT),
        });
        quotas.with_quota(*quota, amount)
    });
    s.finish();
    ManifestLimits { memory, total_memory, concurrency, transaction, quotas }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;

    fn parse_limits(text: &str) -> ManifestLimits {
        let manifest = format!(
            "[plugin]\nid = \"crm\"\nversion = \"1.0.0\"\napi = \"0.1\"\nname = \"CRM\"\nlicense = \"MIT\"\n[limits]\n{text}"
        );
        Manifest::parse(&manifest).unwrap_or_else(|problems| panic!("{problems:#?}")).limits
    }

    #[test]
    fn each_quota_has_its_own_key() {
        for quota in Quota::ALL {
            let amount = if quota.is_bytes() { "\"3GiB\"" } else { "3000000" };
            let read = parse_limits(&format!("{quota} = {amount}"));
            let expected = if quota.is_bytes() { 3 << 30 } else { 3_000_000 };
            assert_eq!(
                read,
                ManifestLimits {
                    quotas: Quotas::default().with_quota(*quota, Some(expected)),
                    ..ManifestLimits::default()
                }
            );
            let raised = read.raised_limits();
            assert_eq!((raised.len(), raised[0].key), (1, quota.as_str()));
            assert_eq!(raised[0].asked, quota.format_amount(expected));
        }
    }

    #[test]
    fn only_limits_above_the_default_are_raised_limits() {
        let read =
            parse_limits("kv-bytes = \"1MiB\"\njobs = 0\ntransaction = \"10ms\"\nmemory = \"8MiB\"\nconcurrency = 1");
        assert_eq!(read.raised_limits(), []);
        assert_eq!((read.quotas.get(Quota::Jobs), read.quotas.get(Quota::Files)), (Some(0), None));
        let raised = parse_limits("transaction = \"500ms\"\nmemory = \"128MiB\"").raised_limits();
        assert_eq!(
            raised.iter().map(|r| (r.key, r.asked.as_str())).collect::<Vec<_>>(),
            [("memory", "128MiB"), ("transaction", "500ms")]
        );
    }
}
