//! Quotas of plugins: entries by key, documents, files, waiting jobs, events of an hour. They are checked in the transaction that writes,
//! by figures that the database maintains, so that a check costs two short reads and never a count.

use crate::bindings::types::Error;
use crate::faults::of_content;
use crate::generation::Generation;
use crate::plugins::Plugins;
use cairn_model::TypeId;
use cairn_plugin_package::manifest::{Quota, Quotas};
use cairn_store::plugins::PluginUsage;
use cairn_store::{StoreError, WriteTx};

/// How much of something a plugin has, and how much it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Quota that the figures are about.
    pub quota: Quota,
    /// Amount that is used.
    pub used: u64,
    /// Amount that is permitted.
    pub allowed: u64,
}

/// The quotas of a plugin, with its own types.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    plugin: String,
    allowed: Quotas,
    own_types: Vec<TypeId>,
}

impl Bounds {
    /// The quotas that a plugin asks for, with the installation's for those it does not name.
    pub(crate) fn of(generation: &Generation) -> Self {
        let (asked, given) = (&generation.manifest.limits.quotas, generation.ground().quotas());
        let allowed = Quota::ALL.iter().fold(Quotas::default(), |all, quota| {
            let amount = asked.get(*quota).or(given.get(*quota)).unwrap_or(quota.default_amount());
            all.with(*quota, Some(amount))
        });
        let types = generation.content().registry().types().iter();
        let own_types = types.filter(|ct| ct.plugin() == Some(generation.id())).map(|ct| ct.id).collect();
        Self { plugin: generation.id().to_owned(), allowed, own_types }
    }

    /// The permitted amount.
    pub(crate) fn allowed(&self, quota: Quota) -> u64 {
        self.allowed.get(quota).unwrap_or(u64::MAX)
    }

    /// Runs `f`, and refuses it where one of these quotas is exceeded afterwards and by more than before. The
    /// caller rolls back what is refused.
    pub(crate) fn keep<R>(
        &self,
        tx: &mut WriteTx<'_>,
        quotas: &[Quota],
        now: i64,
        op: impl FnOnce(&mut WriteTx<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let before = self.used(tx, now)?;
        let done = op(tx)?;
        let after = self.used(tx, now)?;
        let over =
            |quota: &&Quota| of(&after, **quota) > self.allowed(**quota) && of(&after, **quota) > of(&before, **quota);
        match quotas.iter().find(over) {
            Some(quota) => Err(exhausted(*quota)),
            None => Ok(done),
        }
    }

    /// As [`Self::keep`], for the plugin's own documents.
    pub(crate) fn keep_documents<R>(
        &self,
        tx: &mut WriteTx<'_>,
        op: impl FnOnce(&mut WriteTx<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let before = self.own_rows(tx);
        let done = op(tx)?;
        let after = self.own_rows(tx);
        match after > self.allowed(Quota::Documents) && after > before {
            true => Err(exhausted(Quota::Documents)),
            false => Ok(done),
        }
    }

    /// Counts events that are published.
    pub(crate) fn count_events(&self, tx: &mut WriteTx<'_>, events: usize, now: i64) -> Result<(), Error> {
        let events = i64::try_from(events).unwrap_or(i64::MAX);
        let used = tx.count_plugin_events(&self.plugin, events, now).map_err(|e| of_content(e.into()))?;
        match amount(used) > self.allowed(Quota::EventsPerHour) {
            true => Err(exhausted(Quota::EventsPerHour)),
            false => Ok(()),
        }
    }

    fn own_rows(&self, tx: &WriteTx<'_>) -> u64 {
        amount(self.own_types.iter().map(|ct| tx.known_rows(*ct)).sum())
    }

    fn used(&self, tx: &WriteTx<'_>, now: i64) -> Result<PluginUsage, Error> {
        tx.reader().plugin_usage(&self.plugin, now).map_err(|e| of_content(e.into()))
    }
}

/// The error for a guest that has exhausted a quota.
pub(crate) fn exhausted(quota: Quota) -> Error {
    Error::Exhausted(quota.as_str().to_owned())
}

/// Converts an amount; a negative one becomes 0.
pub(crate) fn amount(n: i64) -> u64 {
    n.try_into().unwrap_or(0)
}

/// The used amount of a quota, from the figures of the database.
pub(crate) fn of(usage: &PluginUsage, quota: Quota) -> u64 {
    amount(match quota {
        Quota::KvKeys => usage.kv_keys,
        Quota::KvBytes => usage.kv_bytes,
        Quota::Files => usage.files,
        Quota::FileBytes => usage.file_bytes,
        Quota::Jobs => usage.jobs,
        Quota::EventsPerHour => usage.events,
        // Counted with the documents.
        Quota::Documents => 0,
    })
}

impl Plugins {
    /// The used and the permitted amounts of a running plugin; empty where it does not run.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn allowances(&self, plugin: &str) -> Result<Vec<Allowance>, StoreError> {
        let Some(generation) = self.generation(plugin) else { return Ok(Vec::new()) };
        let (bounds, store) = (Bounds::of(&generation), generation.content().store());
        let usage = store.read(|r| r.plugin_usage(plugin, generation.now()))?;
        let documents = amount(bounds.own_types.iter().map(|ct| store.counters().rows(*ct)).sum());
        let one = |quota: &Quota| Allowance {
            quota: *quota,
            used: if *quota == Quota::Documents { documents } else { of(&usage, *quota) },
            allowed: bounds.allowed(*quota),
        };
        Ok(Quota::ALL.iter().map(one).collect())
    }
}
