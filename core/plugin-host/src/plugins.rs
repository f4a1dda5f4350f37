//! The plugins of one tenant: which run, what they are asked, and what becomes of those that keep failing.

use crate::breaker::{Breaker, Opened};
use crate::engine::Host;
use crate::error::{Failure, LoadError};
use crate::generation::{Generation, Installed};
use crate::ground::Ground;
use crate::hooks::{self, Gateway, Index};
use crate::limits::Export;
use crate::routes::rate::Rates;
use crate::state::Asked;
use arc_swap::{ArcSwap, Guard};
use cairn_content::Hooks;
use cairn_events::{JobHandler, Subscriber};
use cairn_store::StoreError;
use cairn_store::plugins::{FailedCall, KeptCall, NewLog};
use parking_lot::Mutex;
use serde_json::Value as Json;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

/// Lines and failed calls that wait to be written; more are dropped, and counted.
const WAITING: usize = 10_000;

/// What runs, replaced as a whole: a call sees one state of all plugins.
#[derive(Default)]
pub(crate) struct Running {
    pub(crate) generations: Vec<Arc<Generation>>,
    pub(crate) hooks: Index,
}

/// The plugins of a tenant.
pub struct Plugins {
    host: Host,
    /// Set once: content is made with these hooks, and they reach content.
    ground: OnceLock<Ground>,
    running: ArcSwap<Running>,
    pub(crate) breaker: Breaker,
    pub(crate) rates: Rates,
    waiting: Mutex<Waiting>,
    own: Weak<Self>,
}

#[derive(Default)]
struct Waiting {
    logs: Vec<NewLog>,
    calls: Vec<KeptCall>,
    dropped: usize,
}

/// A call that failed, for the record.
pub(crate) struct Failed<'a> {
    pub(crate) generation: &'a Generation,
    pub(crate) asked: &'a Asked,
    pub(crate) failure: &'a Failure,
    pub(crate) took: Duration,
    pub(crate) input: Json,
}

impl Plugins {
    /// With none that runs yet.
    pub fn new(host: Host) -> Arc<Self> {
        Arc::new_cyclic(|own| Self {
            host,
            ground: OnceLock::new(),
            running: ArcSwap::default(),
            breaker: Breaker::default(),
            rates: Rates::default(),
            waiting: Mutex::default(),
            own: own.clone(),
        })
    }

    /// As content asks them; they have to be kept beside it.
    pub fn hooks(&self) -> Arc<dyn Hooks> {
        Arc::new(Gateway(self.own.clone()))
    }

    /// What they work on; said once, after its content was made with these as its hooks.
    pub fn serve(&self, ground: Ground) {
        // Said twice, the first holds: it is the tenant's one content.
        let _ = self.ground.set(ground);
    }

    /// Replaces what runs, at once and as a whole: calls that are under way end with what they began with. Compiles what is new; blocks.
    /// The order of the answer is that of `installed`: each that cannot run says why, and the others do.
    pub fn run(&self, installed: Vec<Installed>) -> Vec<Result<(), LoadError>> {
        let Some(ground) = self.ground.get() else {
            return installed.iter().map(|_| Err(LoadError::Engine("there is no content yet".to_owned()))).collect();
        };
        let before = self.running.load_full();
        let (mut generations, mut answers) = (Vec::with_capacity(installed.len()), Vec::with_capacity(installed.len()));
        for plugin in installed {
            let same = |g: &&Arc<Generation>| g.id() == plugin.manifest.id() && g.number == plugin.number;
            let loaded = match before.generations.iter().find(same) {
                Some(held) => Ok(held.clone()),
                None => Generation::load(&self.host, ground, plugin)
                    .and_then(|loaded| hooks::check(ground.content.registry(), &loaded).map(|()| loaded)),
            };
            answers.push(loaded.map(|generation| generations.push(generation)));
        }
        let hooks = Index::of(ground.content.registry(), &generations);
        self.running.store(Arc::new(Running { generations, hooks }));
        answers
    }

    /// Who is to hear of events, by what the manifests of those that run say.
    pub fn subscribers(&self) -> Vec<Subscriber> {
        let running = self.running();
        running.generations.iter().flat_map(|g| crate::events::subscribers(&self.own, g)).collect()
    }

    /// Who does the jobs of those that run.
    pub fn handlers(&self) -> Vec<Arc<dyn JobHandler>> {
        let running = self.running();
        running.generations.iter().flat_map(|g| crate::jobs::handlers(&self.own, g)).collect()
    }

    /// Writes what calls have logged since, and the calls that failed.
    ///
    /// # Errors
    /// The database's: what was to be written is kept for the next time.
    pub async fn write_logs(&self) -> Result<usize, StoreError> {
        let Some(ground) = self.ground.get() else { return Ok(0) };
        let Waiting { logs, calls, dropped } = std::mem::take(&mut *self.waiting.lock());
        if dropped > 0 {
            tracing::warn!(dropped, "plugins logged more than could be kept");
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

    /// The generation of a plugin that runs now.
    pub(crate) fn generation(&self, id: &str) -> Option<Arc<Generation>> {
        self.running().generations.iter().find(|g| g.id() == id).cloned()
    }

    pub(crate) fn keep_logs(&self, logs: Vec<NewLog>) {
        if logs.is_empty() {
            return;
        }
        let mut waiting = self.waiting.lock();
        let room = WAITING.saturating_sub(waiting.logs.len());
        waiting.dropped += logs.len().saturating_sub(room);
        waiting.logs.extend(logs.into_iter().take(room));
    }

    pub(crate) fn went_well(&self, plugin: &str, export: Export, name: &str) {
        self.breaker.went_well(plugin, export, name);
    }

    /// Records a call that failed. Answers that say no are none.
    pub(crate) fn failed(&self, failed: Failed<'_>) {
        let Failed { generation, asked, failure, took, input } = failed;
        tracing::warn!(
            plugin = generation.id(),
            export = asked.export.as_str(),
            name = &*asked.name,
            call = asked.id,
            kind = failure.kind.as_str(),
            error = failure.message,
            "a call of a plugin failed"
        );
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
        if let Some(Opened { pause }) = self.breaker.failed(generation.id(), asked.export, &asked.name) {
            tracing::error!(
                plugin = generation.id(),
                export = asked.export.as_str(),
                name = &*asked.name,
                seconds = pause.as_secs(),
                "it failed too often: it is not called for a while"
            );
        }
    }
}
