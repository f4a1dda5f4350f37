//! Quotas of plugins: entries by key, documents, files, waiting jobs, events of an hour. They are checked in the transaction that writes,
//! by figures that the database maintains, so that a check costs two short reads and never a count.

use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::from_content_error;
use crate::definition::plugin_definition::PluginDefinition;
use cairn_model::TypeId;
use cairn_plugin_package::manifest::{Quota, Quotas};
use cairn_store::WriteTx;
use cairn_store::plugins::PluginUsage;

/// The quotas of a plugin, with its own types.
#[derive(Debug, Clone)]
pub(crate) struct PluginQuotas {
    plugin: String,
    allowed: Quotas,
    pub(crate) own_types: Vec<TypeId>,
}

impl PluginQuotas {
    /// The quotas that a plugin requests, with the installation's for those it does not name.
    pub(crate) fn for_plugin(definition: &PluginDefinition) -> Self {
        let (declared, quotas) = (&definition.manifest.limits.quotas, definition.host_context().quotas());
        let allowed = Quota::ALL.iter().fold(Quotas::default(), |all, quota| {
            let amount = declared.get(*quota).or(quotas.get(*quota)).unwrap_or(quota.default_amount());
            all.with_quota(*quota, Some(amount))
        });
        let types = definition.content().registry().types().iter();
        let own_types = types.filter(|ct| ct.plugin_id() == Some(definition.id())).map(|ct| ct.id).collect();
        Self { plugin: definition.id().to_owned(), allowed, own_types }
    }

    /// The permitted amount.
    pub(crate) fn allowed(&self, quota: Quota) -> u64 {
        self.allowed.get(quota).unwrap_or(u64::MAX)
    }

    /// Runs `f`, and refuses it where one of these quotas is exceeded afterwards and by more than before. The
    /// caller rolls back what is refused.
    pub(crate) fn run_within<R>(
        &self,
        tx: &mut WriteTx<'_>,
        quotas: &[Quota],
        now: i64,
        op: impl FnOnce(&mut WriteTx<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let before = self.load_usage(tx, now)?;
        let result = op(tx)?;
        let after = self.load_usage(tx, now)?;
        let over = |quota: &&Quota| {
            usage_of(&after, **quota) > self.allowed(**quota) && usage_of(&after, **quota) > usage_of(&before, **quota)
        };
        match quotas.iter().find(over) {
            Some(quota) => Err(exhausted_error(*quota)),
            None => Ok(result),
        }
    }

    /// As [`Self::run_within`], for the plugin's own documents.
    pub(crate) fn run_within_documents<R>(
        &self,
        tx: &mut WriteTx<'_>,
        op: impl FnOnce(&mut WriteTx<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let before = self.own_rows(tx);
        let result = op(tx)?;
        let after = self.own_rows(tx);
        match after > self.allowed(Quota::Documents) && after > before {
            true => Err(exhausted_error(Quota::Documents)),
            false => Ok(result),
        }
    }

    /// Counts events that are published.
    pub(crate) fn count_events(&self, tx: &mut WriteTx<'_>, events: usize, now: i64) -> Result<(), Error> {
        let events = i64::try_from(events).unwrap_or(i64::MAX);
        let used =
            tx.plugin_usage().count_events(&self.plugin, events, now).map_err(|e| from_content_error(e.into()))?;
        match non_negative(used) > self.allowed(Quota::EventsPerHour) {
            true => Err(exhausted_error(Quota::EventsPerHour)),
            false => Ok(()),
        }
    }

    fn own_rows(&self, tx: &WriteTx<'_>) -> u64 {
        non_negative(self.own_types.iter().map(|ct| tx.known_rows(*ct)).sum())
    }

    fn load_usage(&self, tx: &WriteTx<'_>, now: i64) -> Result<PluginUsage, Error> {
        tx.reader().plugin_usage().get(&self.plugin, now).map_err(|e| from_content_error(e.into()))
    }
}

/// The error for a guest that has exhausted a quota.
pub(crate) fn exhausted_error(quota: Quota) -> Error {
    Error::Exhausted(quota.as_str().to_owned())
}

/// Converts an amount; a negative one becomes 0.
pub(crate) fn non_negative(n: i64) -> u64 {
    n.try_into().unwrap_or(0)
}

/// The used amount of a quota, from the figures of the database.
pub(crate) fn usage_of(usage: &PluginUsage, quota: Quota) -> u64 {
    non_negative(match quota {
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
