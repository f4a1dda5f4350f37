//! The plugins of one tenant: which run, how they are called, and what happens to those that keep failing.

use crate::breaker::{CircuitBreaker, CircuitOpening};
use crate::engine::PluginHost;
use crate::error::{CallError, LoadError};
use crate::generation::{Generation, InstalledPlugin};
use crate::health::HealthCounters;
use crate::hooks::{self, HookGateway, HookIndex, MissingHooks};
use crate::host_context::HostContext;
use crate::interrupt::Interruption;
use crate::lifecycle::PendingUpgrade;
use crate::limits::PluginExport;
use crate::policies::{PolicyCache, PolicyIndex};
use crate::quarantine::TrippedCircuit;
use crate::routes::rate::RateCounters;
use crate::state::CallContext;
use arc_swap::{ArcSwap, Guard};
use cairn_content::Hooks;
use cairn_events::{JobHandler, Subscriber};
use cairn_model::TypeId;
use cairn_plugin_package::Manifest;
use cairn_store::StoreError;
use cairn_store::plugins::{FailedCall, NewLog, RecordedCall};
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
    /// Changes that hooks of plugins should check that are enabled and do not run.
    pub(crate) missing_hooks: MissingHooks,
    pub(crate) policy_index: PolicyIndex,
    /// Types of uninstalled plugins: their content can be read only.
    pub(crate) orphans: HashSet<TypeId>,
}

/// The plugins of a tenant.
pub struct Plugins {
    host: PluginHost,
    /// Set once: content is created with these hooks, and they use content.
    host_context: OnceLock<HostContext>,
    running: ArcSwap<RunningPlugins>,
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
    closed_types: Mutex<Vec<String>>,
    /// Manifests of plugins that should run and are not passed to [`Self::replace_running`].
    missing_manifests: Mutex<Vec<Arc<Manifest>>>,
    /// Uninstalled plugins whose content is retained.
    read_only_plugins: Mutex<HashSet<String>>,
    /// How often the running plugins were replaced.
    run_count: AtomicU64,
    pending_records: Mutex<PendingRecords>,
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
            missing_manifests: Mutex::default(),
            read_only_plugins: Mutex::default(),
            run_count: AtomicU64::new(0),
            pending_records: Mutex::default(),
            weak_self: own.clone(),
        })
    }

    pub(crate) fn downgrade(&self) -> Weak<Self> {
        self.weak_self.clone()
    }

    /// The hooks for `content`; the caller must retain this value as long as content.
    pub fn content_hooks(&self) -> Arc<dyn Hooks> {
        Arc::new(HookGateway(self.weak_self.clone()))
    }

    /// Sets the services that they use; called once, after content was created with these as its hooks.
    pub fn set_host_context(&self, ground: HostContext) {
        // Said twice, the first holds: it is the tenant's one content.
        let _ = self.host_context.set(ground);
    }

    /// Replaces the running plugins, at once and as a whole: running calls end with the generation they began with. Compiles what is new;
    /// blocks. The results are in the order of `installed`: each plugin that cannot run has an error, and the others run.
    pub fn replace_running(&self, installed: Vec<InstalledPlugin>) -> Vec<Result<(), LoadError>> {
        let Some(ground) = self.host_context.get() else {
            return installed
                .iter()
                .map(|_| Err(LoadError::Engine("the content is not loaded yet".to_owned())))
                .collect();
        };
        let before = self.running.load_full();
        let (mut generations, mut answers) = (Vec::with_capacity(installed.len()), Vec::with_capacity(installed.len()));
        let mut closed = self.closed_types.lock().clone();
        let mut absent = self.missing_manifests.lock().clone();
        for plugin in installed {
            let policies: Vec<String> = plugin.manifest.read_policy.iter().flat_map(|p| p.types.clone()).collect();
            let manifest = plugin.manifest.clone();
            let same = |g: &&Arc<Generation>| g.id() == plugin.manifest.id() && g.number == plugin.number;
            let loaded = match before.generations.iter().find(same) {
                Some(held) => Ok(held.clone()),
                None => Generation::load(&self.host, ground, plugin)
                    .and_then(|loaded| hooks::check_hooks(ground.content.registry(), &loaded).map(|()| loaded)),
            };
            if loaded.is_err() {
                closed.extend(policies);
                absent.push(manifest);
            }
            answers.push(loaded.map(|generation| generations.push(generation)));
        }
        for generation in &generations {
            if !before.generations.iter().any(|b| Arc::ptr_eq(b, generation)) {
                self.breaker.forget_plugin(generation.id());
            }
        }
        self.health_counters.retain_plugins(|plugin| generations.iter().any(|g| g.id() == plugin));
        let hooks = HookIndex::from_generations(ground.content.registry(), &generations);
        let barred = MissingHooks::from_manifests(ground.content.registry(), &absent);
        let guards = PolicyIndex::from_generations(ground.content.registry(), &generations, &closed);
        self.policy_cache
            .retain_generations(|plugin, number| generations.iter().any(|g| g.id() == plugin && g.number == number));
        let kept = self.read_only_plugins.lock().clone();
        let orphans = ground.content.registry().types().iter();
        let orphans = orphans.filter(|ct| ct.plugin_id().is_some_and(|plugin| kept.contains(plugin))).map(|ct| ct.id);
        let orphans = orphans.collect();
        self.running.store(Arc::new(RunningPlugins {
            generations,
            hooks,
            missing_hooks: barred,
            policy_index: guards,
            orphans,
        }));
        self.run_count.fetch_add(1, Ordering::AcqRel);
        answers
    }

    /// Sets the types with policies of plugins that should run and cannot be passed to [`Self::replace_running`]: no document of them is shown to
    /// callers of the content API, from the next [`Self::replace_running`] on. Plugins that [`Self::replace_running`] cannot load are treated so automatically.
    pub fn close_types(&self, types: Vec<String>) {
        *self.closed_types.lock() = types;
    }

    /// Sets the plugins that should run and cannot be passed to [`Self::replace_running`], such as those that were switched off because they
    /// kept failing: from the next [`Self::replace_running`] on, changes that their hooks must check are refused, unless the hooks are
    /// skipped when they fail, until the plugin runs again or somebody has switched it off. Plugins that [`Self::replace_running`] cannot
    /// load are treated so automatically.
    pub fn set_missing_plugins(&self, manifests: Vec<Arc<Manifest>>) {
        *self.missing_manifests.lock() = manifests;
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

    /// The consumers that the manifests of the running plugins declare.
    pub fn subscribers(&self) -> Vec<Subscriber> {
        let running = self.running();
        running.generations.iter().flat_map(|g| crate::events::subscribers(&self.weak_self, g)).collect()
    }

    /// The handlers for jobs of the running plugins, and for the migrations of upgrades in progress.
    pub fn job_handlers(&self) -> Vec<Arc<dyn JobHandler>> {
        let running = self.running();
        let jobs = running.generations.iter().flat_map(|g| crate::jobs::job_handlers(&self.weak_self, g));
        let retention =
            running.generations.iter().filter_map(|g| crate::retention::retention_handler(&self.weak_self, g));
        jobs.chain(retention)
            .chain(crate::lifecycle::migration_handlers(&self.weak_self, &self.pending_upgrades.load()))
            .collect()
    }

    /// Writes the log lines and failed calls since the last time.
    ///
    /// # Errors
    /// Returned when the database fails; the next call writes what is still due.
    pub async fn write_logs(&self) -> Result<usize, StoreError> {
        let Some(ground) = self.host_context.get() else { return Ok(0) };
        let (logs, calls, dropped) = {
            let mut waiting = self.pending_records.lock();
            (
                std::mem::take(&mut waiting.logs),
                std::mem::take(&mut waiting.calls),
                std::mem::take(&mut waiting.dropped),
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
        let written = ground
            .content
            .store()
            .write_unsynced(move |tx| {
                tx.append_plugin_logs(&lines)?;
                failed.iter().try_for_each(|call| tx.record_plugin_call(call))
            })
            .await;
        if written.is_err() {
            let mut waiting = self.pending_records.lock();
            waiting.logs.splice(0..0, logs.iter().cloned());
            waiting.calls.splice(0..0, calls.iter().cloned());
        }
        written.map(|()| n)
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
        let mut waiting = self.pending_records.lock();
        let room = MAX_PENDING_RECORDS.saturating_sub(waiting.logs.len());
        waiting.dropped += logs.len().saturating_sub(room);
        waiting.logs.extend(logs.into_iter().take(room));
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
        let mut waiting = self.pending_records.lock();
        // Each plugin opens few: more than that says nothing new.
        let room = MAX_TRIPPED_CIRCUITS.saturating_sub(waiting.tripped.len());
        waiting.tripped.extend(tripped.iter().take(room).cloned());
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
            let mut waiting = self.pending_records.lock();
            if waiting.calls.len() < MAX_PENDING_RECORDS {
                waiting.calls.push(RecordedCall { call, backtrace: failure.backtrace.clone(), input: Some(input) });
            } else {
                waiting.dropped += 1;
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
