//! The plugins of one tenant: which run, how they are called, and what happens to those that keep failing.

use crate::breaker::{Breaker, Opened};
use crate::engine::Host;
use crate::error::{Failure, LoadError};
use crate::generation::{Generation, Installed};
use crate::ground::Ground;
use crate::health::Ledger;
use crate::hooks::{self, Barred, Gateway, Index};
use crate::interrupt::Interruption;
use crate::lifecycle::Coming;
use crate::limits::Export;
use crate::policies::{Guards, Memory};
use crate::quarantine::Tripped;
use crate::routes::rate::Rates;
use crate::state::Asked;
use arc_swap::{ArcSwap, Guard};
use cairn_content::Hooks;
use cairn_events::{JobHandler, Subscriber};
use cairn_model::TypeId;
use cairn_plugin_package::Manifest;
use cairn_store::StoreError;
use cairn_store::plugins::{FailedCall, KeptCall, NewLog};
use parking_lot::Mutex;
use serde_json::Value as Json;
use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

/// Largest number of log lines and failed calls that wait to be written; further ones are dropped, and counted.
const WAITING: usize = 10_000;

/// Largest number of opened circuits that wait to be settled.
const TRIPPED: usize = 1_000;
/// Longest reason, in characters.
const REASON: usize = 500;

/// The running plugins, replaced as a whole: a call sees one state of all plugins.
#[derive(Default)]
pub(crate) struct Running {
    pub(crate) generations: Vec<Arc<Generation>>,
    pub(crate) hooks: Index,
    /// Changes that hooks of plugins should check that are enabled and do not run.
    pub(crate) barred: Barred,
    pub(crate) guards: Guards,
    /// Types of uninstalled plugins: their content can be read only.
    pub(crate) orphans: HashSet<TypeId>,
}

/// The plugins of a tenant.
pub struct Plugins {
    host: Host,
    /// Set once: content is created with these hooks, and they use content.
    ground: OnceLock<Ground>,
    running: ArcSwap<Running>,
    pub(crate) breaker: Breaker,
    pub(crate) rates: Rates,
    pub(crate) ledger: Ledger,
    /// When subscriptions were last checked for being behind, in milliseconds.
    pub(crate) lags_seen: AtomicI64,
    /// Cached answers of read policies.
    pub(crate) memory: Memory,
    /// Targets of upgrades in progress.
    pub(crate) coming: ArcSwap<Vec<Arc<Coming>>>,
    /// Types with policies of plugins that should run and are not passed to [`Self::run`].
    closed: Mutex<Vec<String>>,
    /// Manifests of plugins that should run and are not passed to [`Self::run`].
    absent: Mutex<Vec<Arc<Manifest>>>,
    /// Uninstalled plugins whose content is retained.
    kept: Mutex<HashSet<String>>,
    /// How often the running plugins were replaced.
    runs: AtomicU64,
    waiting: Mutex<Waiting>,
    own: Weak<Self>,
}

#[derive(Default)]
struct Waiting {
    logs: Vec<NewLog>,
    calls: Vec<KeptCall>,
    tripped: Vec<Tripped>,
    dropped: usize,
}

/// A failed call, for the record.
pub(crate) struct Failed<'a> {
    pub(crate) generation: &'a Generation,
    pub(crate) asked: &'a Asked,
    pub(crate) failure: &'a Failure,
    pub(crate) took: Duration,
    pub(crate) input: Json,
}

impl Plugins {
    /// Creates the plugins of a tenant, none of which runs yet.
    pub fn new(host: Host) -> Arc<Self> {
        Arc::new_cyclic(|own| Self {
            host,
            ground: OnceLock::new(),
            running: ArcSwap::default(),
            breaker: Breaker::default(),
            rates: Rates::default(),
            ledger: Ledger::default(),
            lags_seen: AtomicI64::new(0),
            memory: Memory::default(),
            coming: ArcSwap::default(),
            closed: Mutex::default(),
            absent: Mutex::default(),
            kept: Mutex::default(),
            runs: AtomicU64::new(0),
            waiting: Mutex::default(),
            own: own.clone(),
        })
    }

    pub(crate) fn weak(&self) -> Weak<Self> {
        self.own.clone()
    }

    /// The hooks for `content`; the caller must retain this value as long as content.
    pub fn hooks(&self) -> Arc<dyn Hooks> {
        Arc::new(Gateway(self.own.clone()))
    }

    /// Sets the services that they use; called once, after content was created with these as its hooks.
    pub fn serve(&self, ground: Ground) {
        // Said twice, the first holds: it is the tenant's one content.
        let _ = self.ground.set(ground);
    }

    /// Replaces the running plugins, at once and as a whole: running calls end with the generation they began with. Compiles what is new;
    /// blocks. The results are in the order of `installed`: each plugin that cannot run has an error, and the others run.
    pub fn run(&self, installed: Vec<Installed>) -> Vec<Result<(), LoadError>> {
        let Some(ground) = self.ground.get() else {
            return installed
                .iter()
                .map(|_| Err(LoadError::Engine("the content is not loaded yet".to_owned())))
                .collect();
        };
        let before = self.running.load_full();
        let (mut generations, mut answers) = (Vec::with_capacity(installed.len()), Vec::with_capacity(installed.len()));
        let mut closed = self.closed.lock().clone();
        let mut absent = self.absent.lock().clone();
        for plugin in installed {
            let policies: Vec<String> = plugin.manifest.read_policy.iter().flat_map(|p| p.types.clone()).collect();
            let manifest = plugin.manifest.clone();
            let same = |g: &&Arc<Generation>| g.id() == plugin.manifest.id() && g.number == plugin.number;
            let loaded = match before.generations.iter().find(same) {
                Some(held) => Ok(held.clone()),
                None => Generation::load(&self.host, ground, plugin)
                    .and_then(|loaded| hooks::check(ground.content.registry(), &loaded).map(|()| loaded)),
            };
            if loaded.is_err() {
                closed.extend(policies);
                absent.push(manifest);
            }
            answers.push(loaded.map(|generation| generations.push(generation)));
        }
        for generation in &generations {
            if !before.generations.iter().any(|b| Arc::ptr_eq(b, generation)) {
                self.breaker.forget(generation.id());
            }
        }
        self.ledger.keep(|plugin| generations.iter().any(|g| g.id() == plugin));
        let hooks = Index::of(ground.content.registry(), &generations);
        let barred = Barred::of(ground.content.registry(), &absent);
        let guards = Guards::of(ground.content.registry(), &generations, &closed);
        self.memory.keep(|plugin, number| generations.iter().any(|g| g.id() == plugin && g.number == number));
        let kept = self.kept.lock().clone();
        let orphans = ground.content.registry().types().iter();
        let orphans = orphans.filter(|ct| ct.plugin().is_some_and(|plugin| kept.contains(plugin))).map(|ct| ct.id);
        let orphans = orphans.collect();
        self.running.store(Arc::new(Running { generations, hooks, barred, guards, orphans }));
        self.runs.fetch_add(1, Ordering::AcqRel);
        answers
    }

    /// Sets the types with policies of plugins that should run and cannot be passed to [`Self::run`]: no document of them is shown to
    /// callers of the content API, from the next [`Self::run`] on. Plugins that [`Self::run`] cannot load are treated so automatically.
    pub fn close(&self, types: Vec<String>) {
        *self.closed.lock() = types;
    }

    /// Sets the plugins that should run and cannot be passed to [`Self::run`], such as those that were switched off because they
    /// kept failing: from the next [`Self::run`] on, changes that their hooks must check are refused, unless the hooks are
    /// skipped when they fail, until the plugin runs again or somebody has switched it off. Plugins that [`Self::run`] cannot
    /// load are treated so automatically.
    pub fn bar(&self, manifests: Vec<Arc<Manifest>>) {
        *self.absent.lock() = manifests;
    }

    /// Sets the uninstalled plugins whose content is retained: from the next [`Self::run`] on it can be read and not written, until the
    /// plugin is installed again or its content is deleted.
    pub fn keep(&self, plugins: HashSet<String>) {
        *self.kept.lock() = plugins;
    }

    /// A number that changes whenever the running plugins were replaced.
    pub fn runs(&self) -> u64 {
        self.runs.load(Ordering::Acquire)
    }

    /// The consumers that the manifests of the running plugins declare.
    pub fn subscribers(&self) -> Vec<Subscriber> {
        let running = self.running();
        running.generations.iter().flat_map(|g| crate::events::subscribers(&self.own, g)).collect()
    }

    /// The handlers for jobs of the running plugins, and for the migrations of upgrades in progress.
    pub fn handlers(&self) -> Vec<Arc<dyn JobHandler>> {
        let running = self.running();
        let jobs = running.generations.iter().flat_map(|g| crate::jobs::handlers(&self.own, g));
        let retention = running.generations.iter().filter_map(|g| crate::retention::handler(&self.own, g));
        jobs.chain(retention).chain(crate::lifecycle::handlers(&self.own, &self.coming.load())).collect()
    }

    /// Writes the log lines and failed calls since the last time.
    ///
    /// # Errors
    /// Returned when the database fails; the next call writes what is still due.
    pub async fn write_logs(&self) -> Result<usize, StoreError> {
        let Some(ground) = self.ground.get() else { return Ok(0) };
        let (logs, calls, dropped) = {
            let mut waiting = self.waiting.lock();
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
                failed.iter().try_for_each(|call| tx.keep_plugin_call(call))
            })
            .await;
        if written.is_err() {
            let mut waiting = self.waiting.lock();
            waiting.logs.splice(0..0, logs.iter().cloned());
            waiting.calls.splice(0..0, calls.iter().cloned());
        }
        written.map(|()| n)
    }

    pub(crate) fn running(&self) -> Guard<Arc<Running>> {
        self.running.load()
    }

    /// The running generation of a plugin.
    pub(crate) fn generation(&self, id: &str) -> Option<Arc<Generation>> {
        self.running().generations.iter().find(|g| g.id() == id).cloned()
    }

    pub(crate) fn keep_logs(&self, logs: Vec<NewLog>) {
        if logs.is_empty() || was_cut_off() {
            return;
        }
        let mut waiting = self.waiting.lock();
        let room = WAITING.saturating_sub(waiting.logs.len());
        waiting.dropped += logs.len().saturating_sub(room);
        waiting.logs.extend(logs.into_iter().take(room));
    }

    /// A strong reference to this value, for what outlives a call.
    pub(crate) fn own(&self) -> Result<Arc<Self>, StoreError> {
        self.own.upgrade().ok_or(StoreError::Closed)
    }

    pub(crate) fn ground(&self) -> Option<&Ground> {
        self.ground.get()
    }

    /// The host that they run in, shared with all tenants of the process.
    pub fn host(&self) -> &Host {
        &self.host
    }

    pub(crate) fn went_well(&self, plugin: &str, export: Export, name: &str, took: Duration) {
        self.ledger.note(plugin, export, name, took, None);
        self.host.totals().ended(plugin, export, name, took, None);
        self.breaker.went_well(plugin, export, name);
    }

    /// The circuits that were opened since the last time.
    pub(crate) fn take_tripped(&self) -> Vec<Tripped> {
        std::mem::take(&mut self.waiting.lock().tripped)
    }

    /// Puts them back for the next time.
    pub(crate) fn tripped_again(&self, tripped: &[Tripped]) {
        let mut waiting = self.waiting.lock();
        // Each plugin opens few: more than that says nothing new.
        let room = TRIPPED.saturating_sub(waiting.tripped.len());
        waiting.tripped.extend(tripped.iter().take(room).cloned());
    }

    /// Counts a call that there was no room for, which says nothing about the plugin.
    fn was_busy(&self, generation: &Generation, asked: &Asked, failure: &Failure) {
        tracing::debug!(
            plugin = generation.id(),
            export = asked.export.as_str(),
            name = &*asked.name,
            why = failure.message,
            "no capacity for a plugin call"
        );
        self.ledger.busy(generation.id(), asked.export, &asked.name);
        self.host.totals().busy(generation.id(), asked.export, &asked.name);
    }

    /// Records a failed call. Refusals are not failures; a call that there was no room for is only counted.
    pub(crate) fn failed(&self, failed: Failed<'_>) {
        if was_cut_off() {
            return;
        }
        let Failed { generation, asked, failure, took, input } = failed;
        if failure.busy.is_some() {
            return self.was_busy(generation, asked, failure);
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
        self.ledger.note(generation.id(), asked.export, &asked.name, took, Some(failure.kind));
        self.host.totals().ended(generation.id(), asked.export, &asked.name, took, Some(failure.kind));
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
            let mut waiting = self.waiting.lock();
            if waiting.calls.len() < WAITING {
                waiting.calls.push(KeptCall { call, backtrace: failure.backtrace.clone(), input: Some(input) });
            } else {
                waiting.dropped += 1;
            }
        }
        if let Some(Opened { pause, too_often }) = self.breaker.failed(generation.id(), asked.export, &asked.name) {
            tracing::error!(
                plugin = generation.id(),
                export = asked.export.as_str(),
                name = &*asked.name,
                seconds = pause.as_secs(),
                "it failed too often: its calls are paused"
            );
            let reason =
                format!("{} {}: {}: {}", asked.export.as_str(), asked.name, failure.kind.as_str(), failure.message);
            let tripped = Tripped {
                plugin: generation.id().to_owned(),
                number: generation.number,
                reason: shortened(reason),
                too_often,
            };
            self.tripped_again(&[tripped]);
        }
    }
}

fn shortened(text: String) -> String {
    if text.chars().count() <= REASON { text } else { text.chars().take(REASON).chain(['…']).collect() }
}

/// In tests: whether the call that has just ended was interrupted. As for a killed process, nothing is recorded then.
fn was_cut_off() -> bool {
    Interruption::planned().is_some_and(|planned| planned.struck())
}
