//! Quotas of plugins: entries by key, documents, files, waiting jobs, events of an hour. They are checked in the transaction that writes,
//! by figures that the database maintains, so that a check costs two short reads and never a count.

use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::from_content_error;
use crate::definition::plugin_definition::PluginDefinition;
use cairn_model::TypeId;
use cairn_plugin_package::manifest::{Quota, Quotas};
use cairn_store::plugins::{KvPut, PluginUsage};
use cairn_store::{StoreError, WriteTx};

/// How long a request with an idempotency key may be without a response until it is considered lost, in milliseconds.
pub(crate) const RUNNING_REQUEST_MS: i64 = 60_000;
/// How the record of a request without a response yet begins, unlike that of a response.
pub(crate) const RUNNING_RECORD_START: &[u8] = b"{\"Running\":";
/// The part of a plugin's quota of entries that responses under idempotency keys may have: one of so many. Anybody can cause them.
const RESPONSE_PARTS: u64 = 4;
/// The part of the stored responses that is deleted at a time where there is no room: one of so many.
const DELETED_PARTS: i64 = 16;

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

    /// Runs `op`, and refuses it where one of these quotas is exceeded afterwards and by more than before. The
    /// caller rolls back what is refused. Responses under idempotency keys make room for what the plugin itself stores.
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
        if quotas.iter().any(|quota| usage_of(&after, *quota) > self.allowed(*quota)) {
            self.shrink_responses(tx, 1, None, now).map_err(|e| from_content_error(e.into()))?;
        }
        let over = |quota: &&Quota| {
            let used = own_usage_of(&after, **quota);
            used > self.allowed(**quota) && used > own_usage_of(&before, **quota)
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

    /// Stores a response under an idempotency key, in place of the oldest ones where these have their part of the quota, or the plugin's own
    /// entries take the rest. Returns false, and nothing is stored, where it has no room by itself.
    pub(crate) fn store_response(&self, tx: &mut WriteTx<'_>, response: &KvPut, now: i64) -> Result<bool, StoreError> {
        let namespace = response_namespace(&self.plugin);
        let usage = tx.reader().plugin_usage().get(&self.plugin, now)?;
        let bytes = u64::try_from(response.key.len() + response.value.len()).unwrap_or(u64::MAX);
        let (room, room_bytes) = self.response_room(&usage, RESPONSE_PARTS);
        if room == 0 || bytes > room_bytes {
            tx.plugin_kv().delete(&namespace, &[&response.key], now)?;
            return Ok(false);
        }
        tx.plugin_kv().put(&namespace, std::slice::from_ref(response), now)?;
        self.shrink_responses(tx, RESPONSE_PARTS, Some(&response.key), now)?;
        Ok(true)
    }

    /// Deletes the oldest stored responses until the others have no more than one of `parts` of the quota, and of what the plugin's own
    /// entries leave of it. Requests without a response yet remain, as does `spared_key`.
    fn shrink_responses(
        &self,
        tx: &mut WriteTx<'_>,
        parts: u64,
        spared_key: Option<&str>,
        now: i64,
    ) -> Result<(), StoreError> {
        let namespace = response_namespace(&self.plugin);
        loop {
            let usage = tx.reader().plugin_usage().get(&self.plugin, now)?;
            let (room, room_bytes) = self.response_room(&usage, parts);
            if non_negative(usage.responses) <= room && non_negative(usage.response_bytes) <= room_bytes {
                return Ok(());
            }
            let some = usage.responses / DELETED_PARTS + 1;
            if tx.plugin_kv().delete_oldest(&namespace, now, RUNNING_RECORD_START, spared_key, some)? == 0 {
                return Ok(());
            }
        }
    }

    /// How many responses and bytes of them there may be: one of `parts` of the quota, and no more than the plugin's own entries leave.
    fn response_room(&self, usage: &PluginUsage, parts: u64) -> (u64, u64) {
        let room = |quota: Quota| {
            let allowed = self.allowed(quota);
            (allowed / parts).min(allowed.saturating_sub(own_usage_of(usage, quota)))
        };
        (room(Quota::KvKeys), room(Quota::KvBytes))
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

/// Namespace of the responses under idempotency keys: stored beside the plugin's own entries, under a name that no plugin has.
pub(crate) fn response_namespace(plugin: &str) -> String {
    format!("{plugin}/answers")
}

/// The used amount of a quota, from the figures of the database; responses that are stored for the plugin included.
pub(crate) fn usage_of(usage: &PluginUsage, quota: Quota) -> u64 {
    let responses = match quota {
        Quota::KvKeys => usage.responses,
        Quota::KvBytes => usage.response_bytes,
        _ => 0,
    };
    own_usage_of(usage, quota).saturating_add(non_negative(responses))
}

/// The amount of a quota that the plugin itself uses.
fn own_usage_of(usage: &PluginUsage, quota: Quota) -> u64 {
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
