//! The plugins of one tenant: which run, how they are called, and what happens to those that keep failing.

use crate::call::error::CallError;
use crate::call::interrupt::Interruption;
use crate::call::state::CallContext;
use crate::contract::plugin_export::PluginExport;
use crate::runtime::engine::PluginHost;
use crate::runtime::generation::Generation;
use crate::services::host_context::HostContext;
use crate::tenant::breaker::{CircuitBreaker, CircuitOpening, TrippedCircuit};
use crate::tenant::health_counters::HealthCounters;
use crate::tenant::hook_index::HookIndex;
use crate::tenant::missing_plugins::{MissingCheck, MissingPlugin, MissingPlugins};
use crate::tenant::pending_upgrade::PendingUpgrade;
use crate::tenant::policy_cache::PolicyCache;
use crate::tenant::policy_index::PolicyIndex;
use crate::tenant::rate_counters::RateCounters;
use arc_swap::{ArcSwap, Guard};
use cairn_model::TypeId;
use cairn_store::plugins::{FailedCall, NewLog, RecordedCall};
use cairn_store::{Store, StoreError};
use parking_lot::Mutex;
use serde_json::Value as Json;
use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

/// Largest number of log lines and failed calls that wait to be written; further ones are dropped, and counted.
const MAX_PENDING_RECORDS: usize = 10_000;

/// Largest number of opened circuits that wait to be settled.
const MAX_TRIPPED_CIRCUITS: usize = 1_000;
/// Longest reason, in characters.
const MAX_REASON_CHARS: usize = 500;

/// The running plugins, replaced as a whole: a call sees one state of all plugins.
#[derive(Default)]
pub(crate) struct RunningPlugins {
    pub(crate) generations: Vec<Arc<Generation>>,
    pub(crate) hooks: HookIndex,
    /// Changes that wait for plugins that do not run.
    pub(crate) missing: MissingPlugins,
    pub(crate) policy_index: PolicyIndex,
    /// Types of uninstalled plugins: their content can be read only.
    pub(crate) orphans: HashSet<TypeId>,
}

/// The plugins of a tenant.
pub struct Plugins {
    host: PluginHost,
    /// Set once: content is created with these hooks, and they use content.
    host_context: OnceLock<HostContext>,
    pub(crate) running: ArcSwap<RunningPlugins>,
    pub(crate) breaker: CircuitBreaker,
    pub(crate) rates: RateCounters,
    pub(crate) health_counters: HealthCounters,
    /// When subscriptions were last checked for being behind, in milliseconds.
    pub(crate) lags_checked_at: AtomicI64,
    /// Cached answers of read policies.
    pub(crate) policy_cache: PolicyCache,
    /// Targets of upgrades in progress.
    pub(crate) pending_upgrades: ArcSwap<Vec<Arc<PendingUpgrade>>>,
    /// Types with policies of plugins that should run and are not passed to [`Self::replace_running`].
    pub(crate) closed_types: Mutex<Vec<String>>,
    /// Installed plugins that are not passed to [`Self::replace_running`].
    pub(crate) missing_plugins: Mutex<Vec<MissingPlugin>>,
    /// Uninstalled plugins whose content is retained.
    pub(crate) read_only_plugins: Mutex<HashSet<String>>,
    /// How often the running plugins were replaced.
    pub(crate) run_count: AtomicU64,
    pending_records: Mutex<PendingRecords>,
    /// Held from taking the pending records until they are committed, so that nobody who then finds none pending reads before the commit.
    record_writer: tokio::sync::Mutex<()>,
    weak_self: Weak<Self>,
}

#[derive(Default)]
struct PendingRecords {
    logs: Vec<NewLog>,
    calls: Vec<RecordedCall>,
    tripped: Vec<TrippedCircuit>,
    dropped: usize,
}

/// A failed call, for the record.
pub(crate) struct CallFailureRecord<'a> {
    pub(crate) generation: &'a Generation,
    pub(crate) context: &'a CallContext,
    pub(crate) error: &'a CallError,
    pub(crate) took: Duration,
    pub(crate) input: Json,
}

impl Plugins {
    /// Creates the plugins of a tenant, none of which runs yet.
    pub fn new(host: PluginHost) -> Arc<Self> {
        Arc::new_cyclic(|own| Self {
            host,
            host_context: OnceLock::new(),
            running: ArcSwap::default(),
            breaker: CircuitBreaker::default(),
            rates: RateCounters::default(),
            health_counters: HealthCounters::default(),
            lags_checked_at: AtomicI64::new(0),
            policy_cache: PolicyCache::default(),
            pending_upgrades: ArcSwap::default(),
            closed_types: Mutex::default(),
            missing_plugins: Mutex::default(),
            read_only_plugins: Mutex::default(),
            run_count: AtomicU64::new(0),
            pending_records: Mutex::default(),
            record_writer: tokio::sync::Mutex::default(),
            weak_self: own.clone(),
        })
    }

    pub(crate) fn downgrade(&self) -> Weak<Self> {
        self.weak_self.clone()
    }

    /// Sets the services that they use; called once, after content was created with these as its hooks.
    pub fn set_host_context(&self, context: HostContext) {
        // Said twice, the first holds: it is the tenant's one content.
        let _ = self.host_context.set(context);
    }

    /// Sets the types with policies of plugins that are not passed to [`Self::replace_running`], because they are disabled or cannot run: no
    /// document of them is shown to callers of the content API, from the next [`Self::replace_running`] on. Plugins that
    /// [`Self::replace_running`] cannot load are treated so automatically.
    pub fn close_types(&self, types: Vec<String>) {
        *self.closed_types.lock() = types;
    }

    /// Sets the installed plugins that are not passed to [`Self::replace_running`], because they are disabled or cannot run: from the next
    /// [`Self::replace_running`] on, changes to their own content are refused, and changes that their hooks must check, unless the hooks are
    /// skipped when they fail. Plugins that [`Self::replace_running`] cannot load are treated so automatically.
    pub fn set_missing_plugins(&self, missing: Vec<MissingPlugin>) {
        *self.missing_plugins.lock() = missing;
    }

    /// True if changes wait for a plugin because it does not run.
    pub fn is_missing(&self, plugin: &str) -> bool {
        self.running().missing.has_plugin(plugin)
    }

    /// The plugins that do not run and for which changes to entries of a type wait.
    pub fn missing_checks(&self, content_type: TypeId) -> Vec<MissingCheck> {
        self.running().missing.checks_of(content_type)
    }

    /// Sets the uninstalled plugins whose content is retained: from the next [`Self::replace_running`] on it can be read and not written, until the
    /// plugin is installed again or its content is deleted.
    pub fn set_read_only_plugins(&self, plugins: HashSet<String>) {
        *self.read_only_plugins.lock() = plugins;
    }

    /// A number that changes whenever the running plugins were replaced.
    pub fn run_count(&self) -> u64 {
        self.run_count.load(Ordering::Acquire)
    }

    /// Writes the log lines and failed calls since the last time. What was recorded before this call is committed when it returns, whoever
    /// writes it.
    ///
    /// # Errors
    /// Returned when the database fails; the next call writes what is still due.
    pub async fn write_logs(&self) -> Result<usize, StoreError> {
        let Some(context) = self.host_context.get() else { return Ok(0) };
        let (plugins, store) = (self.strong_self()?, context.content.store().clone());
        // A request that is abandoned here must neither lose the records nor let others pass before they are committed.
        match tokio::spawn(async move { plugins.write_pending_records(&store).await }).await {
            Ok(result) => result,
            Err(e) => match e.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(StoreError::Closed),
            },
        }
    }

    async fn write_pending_records(&self, store: &Store) -> Result<usize, StoreError> {
        let _writer = self.record_writer.lock().await;
        let (logs, calls, dropped) = {
            let mut pending = self.pending_records.lock();
            (
                std::mem::take(&mut pending.logs),
                std::mem::take(&mut pending.calls),
                std::mem::take(&mut pending.dropped),
            )
        };
        if dropped > 0 {
            tracing::warn!(dropped, "plugins logged too many lines: some were discarded");
        }
        if logs.is_empty() && calls.is_empty() {
            return Ok(0);
        }
        let n = logs.len() + calls.len();
        let (logs, calls) = (Arc::new(logs), Arc::new(calls));
        let (lines, failed) = (logs.clone(), calls.clone());
        let result = store
            .write_unsynced(move |tx| {
                tx.plugin_logs().append(&lines)?;
                failed.iter().try_for_each(|call| tx.plugin_calls().record(call))
            })
            .await;
        if result.is_err() {
            let mut pending = self.pending_records.lock();
            pending.logs.splice(0..0, logs.iter().cloned());
            pending.calls.splice(0..0, calls.iter().cloned());
        }
        result.map(|()| n)
    }

    pub(crate) fn running(&self) -> Guard<Arc<RunningPlugins>> {
        self.running.load()
    }

    /// The running generation of a plugin.
    pub(crate) fn find_generation(&self, id: &str) -> Option<Arc<Generation>> {
        self.running().generations.iter().find(|g| g.id() == id).cloned()
    }

    pub(crate) fn queue_logs(&self, logs: Vec<NewLog>) {
        if logs.is_empty() || was_interrupted() {
            return;
        }
        let mut pending = self.pending_records.lock();
        let room = MAX_PENDING_RECORDS.saturating_sub(pending.logs.len());
        pending.dropped += logs.len().saturating_sub(room);
        pending.logs.extend(logs.into_iter().take(room));
    }

    /// A strong reference to this value, for what outlives a call.
    pub(crate) fn strong_self(&self) -> Result<Arc<Self>, StoreError> {
        self.weak_self.upgrade().ok_or(StoreError::Closed)
    }

    pub(crate) fn host_context(&self) -> Option<&HostContext> {
        self.host_context.get()
    }

    /// The host that they run in, shared with all tenants of the process.
    pub fn host(&self) -> &PluginHost {
        &self.host
    }

    pub(crate) fn record_success(&self, plugin: &str, export: PluginExport, name: &str, took: Duration) {
        self.health_counters.record_call(plugin, export, name, took, None);
        self.host.totals().record_call(plugin, export, name, took, None);
        self.breaker.record_success(plugin, export, name);
    }

    /// The circuits that were opened since the last time.
    pub(crate) fn take_tripped(&self) -> Vec<TrippedCircuit> {
        std::mem::take(&mut self.pending_records.lock().tripped)
    }

    /// Puts them back for the next time.
    pub(crate) fn requeue_tripped(&self, tripped: &[TrippedCircuit]) {
        let mut pending = self.pending_records.lock();
        // Plugins open few circuits each, and more than this limit would add no information.
        let room = MAX_TRIPPED_CIRCUITS.saturating_sub(pending.tripped.len());
        pending.tripped.extend(tripped.iter().take(room).cloned());
    }

    /// Counts a call that there was no room for, which says nothing about the plugin.
    fn record_busy(&self, generation: &Generation, context: &CallContext, failure: &CallError) {
        tracing::debug!(
            plugin = generation.id(),
            export = context.export.as_str(),
            name = &*context.name,
            why = failure.message,
            "no capacity for a plugin call"
        );
        self.health_counters.record_busy(generation.id(), context.export, &context.name);
        self.host.totals().record_busy(generation.id(), context.export, &context.name);
    }

    /// Records a failed call. Refusals are not failures; a call that there was no room for is only counted.
    pub(crate) fn record_failure(&self, failed: CallFailureRecord<'_>) {
        if was_interrupted() {
            return;
        }
        let CallFailureRecord { generation, context: asked, error: failure, took, input } = failed;
        if failure.busy.is_some() {
            return self.record_busy(generation, asked, failure);
        }
        tracing::warn!(
            plugin = generation.id(),
            export = asked.export.as_str(),
            name = &*asked.name,
            call = asked.id,
            kind = failure.kind.as_str(),
            error = failure.message,
            "a plugin call failed"
        );
        self.health_counters.record_call(generation.id(), asked.export, &asked.name, took, Some(failure.kind));
        self.host.totals().record_call(generation.id(), asked.export, &asked.name, took, Some(failure.kind));
        let call = FailedCall {
            id: asked.id.clone(),
            plugin: generation.id().to_owned(),
            version: generation.manifest.plugin.version.to_string(),
            export: asked.export.as_str().to_owned(),
            name: asked.name.to_string(),
            at: generation.now(),
            took_us: i64::try_from(took.as_micros()).unwrap_or(i64::MAX),
            kind: failure.kind,
            message: failure.message.clone(),
            attempt: i64::from(asked.attempt),
        };
        {
            let mut pending = self.pending_records.lock();
            if pending.calls.len() < MAX_PENDING_RECORDS {
                pending.calls.push(RecordedCall { call, backtrace: failure.backtrace.clone(), input: Some(input) });
            } else {
                pending.dropped += 1;
            }
        }
        if let Some(CircuitOpening { pause, too_often }) =
            self.breaker.record_failure(generation.id(), asked.export, &asked.name)
        {
            tracing::error!(
                plugin = generation.id(),
                export = asked.export.as_str(),
                name = &*asked.name,
                seconds = pause.as_secs(),
                "it failed too often: its calls are paused"
            );
            let reason =
                format!("{} {}: {}: {}", asked.export.as_str(), asked.name, failure.kind.as_str(), failure.message);
            let tripped = TrippedCircuit {
                plugin: generation.id().to_owned(),
                number: generation.number,
                reason: truncate_reason(reason),
                too_often,
            };
            self.requeue_tripped(&[tripped]);
        }
    }
}

fn truncate_reason(text: String) -> String {
    if text.chars().count() <= MAX_REASON_CHARS {
        text
    } else {
        text.chars().take(MAX_REASON_CHARS).chain(['…']).collect()
    }
}

/// In tests: whether the call that has just ended was interrupted. As for a killed process, nothing is recorded then.
fn was_interrupted() -> bool {
    Interruption::current().is_some_and(|planned| planned.has_struck())
}
