//! Makes installed plugins the running ones, with their hooks, consumers and job handlers.

use crate::definition::load_error::LoadError;
use crate::exports::events::subscribers;
use crate::exports::hooks::{HookGateway, check_hooks};
use crate::exports::jobs::job_handlers;
use crate::exports::lifecycle::migration_handlers;
use crate::exports::retention::retention_handler;
use crate::runtime::generation::{Generation, InstalledPlugin};
use crate::tenant::hook_index::HookIndex;
use crate::tenant::missing_plugins::{MissingCause, MissingPlugin, MissingPlugins};
use crate::tenant::plugins::{Plugins, RunningPlugins};
use crate::tenant::policy_index::PolicyIndex;
use cairn_content::Hooks;
use cairn_events::{JobHandler, Subscriber};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Logs what a plugin cannot work on although it was chosen.
fn report_unfit(generation: &Generation) {
    for unfit in &generation.unfit {
        tracing::warn!(
            plugin = generation.id(),
            choice = unfit.choice,
            "{} {}: what rests on it is off until that is mended or another content type is chosen",
            unfit.uid,
            unfit.reason.english()
        );
    }
}

impl Plugins {
    /// The hooks for `content`; the caller must retain this value as long as content.
    pub fn content_hooks(&self) -> Arc<dyn Hooks> {
        Arc::new(HookGateway(self.downgrade()))
    }

    /// Replaces the running plugins, at once and as a whole: running calls end with the generation they began with. Compiles what is new;
    /// blocks. The results are in the order of `installed`: each plugin that cannot run has an error, and the others run.
    pub fn replace_running(&self, installed: Vec<InstalledPlugin>) -> Vec<Result<(), LoadError>> {
        let Some(context) = self.host_context() else {
            return installed
                .iter()
                .map(|_| Err(LoadError::Engine("the content is not loaded yet".to_owned())))
                .collect();
        };
        let before = self.running.load_full();
        let (mut generations, mut answers) = (Vec::with_capacity(installed.len()), Vec::with_capacity(installed.len()));
        let mut closed = self.closed_types.lock().clone();
        let mut missing = self.missing_plugins.lock().clone();
        for plugin in installed {
            let (policies, manifest) = (plugin.policy_types(), plugin.resolve(context.content.registry()).manifest);
            let same = |g: &&Arc<Generation>| g.id() == plugin.manifest.id() && g.number == plugin.number;
            let loaded = match before.generations.iter().find(same) {
                Some(existing) => Ok(existing.clone()),
                None => Generation::load(self.host(), context, plugin)
                    .and_then(|loaded| check_hooks(context.content.registry(), &loaded).map(|()| loaded)),
            };
            match &loaded {
                // Types for which a policy was chosen but that no longer fit it stay closed: a changed content type must not make their documents
                // visible.
                Ok(generation) => {
                    report_unfit(generation);
                    let unfit: HashSet<&str> = generation.unfit.iter().map(|unfit| unfit.uid.as_str()).collect();
                    let chosen = policies.into_iter().filter(|uid| unfit.contains(uid.as_str()));
                    let decided = generation.manifest.read_policy.iter().flat_map(|policy| &policy.types);
                    let decided: HashSet<&str> = decided.map(String::as_str).collect();
                    closed.extend(chosen.filter(|uid| !decided.contains(uid.as_str())));
                }
                Err(_) => {
                    closed.extend(policies);
                    missing.push(MissingPlugin {
                        id: manifest.id().to_owned(),
                        manifest: Some(manifest),
                        cause: MissingCause::Broken,
                    });
                }
            }
            answers.push(loaded.map(|generation| generations.push(generation)));
        }
        for generation in &generations {
            if !before.generations.iter().any(|b| Arc::ptr_eq(b, generation)) {
                self.breaker.forget_plugin(generation.id());
            }
        }
        self.health_counters.retain_plugins(|plugin| generations.iter().any(|g| g.id() == plugin));
        let hooks = HookIndex::from_generations(context.content.registry(), &generations);
        let guards = PolicyIndex::from_generations(context.content.registry(), &generations, &closed);
        self.policy_cache
            .retain_generations(|plugin, number| generations.iter().any(|g| g.id() == plugin && g.number == number));
        let read_only = self.read_only_plugins.lock().clone();
        let missing = MissingPlugins::new(context.content.registry(), &missing);
        let orphans = context.content.registry().types().iter();
        let orphans =
            orphans.filter(|ct| ct.plugin_id().is_some_and(|plugin| read_only.contains(plugin))).map(|ct| ct.id);
        let orphans = orphans.collect();
        self.running.store(Arc::new(RunningPlugins { generations, hooks, missing, policy_index: guards, orphans }));
        self.run_count.fetch_add(1, Ordering::AcqRel);
        answers
    }

    /// The consumers that the manifests of the running plugins declare.
    pub fn subscribers(&self) -> Vec<Subscriber> {
        let (plugins, running) = (self.downgrade(), self.running());
        running.generations.iter().flat_map(|g| subscribers(&plugins, g)).collect()
    }

    /// The names of the events that the running plugins publish, sorted and without duplicates.
    pub fn published_events(&self) -> BTreeSet<String> {
        let running = self.running();
        running.generations.iter().flat_map(|g| &g.manifest.events).map(|event| event.name.clone()).collect()
    }

    /// The handlers for jobs of the running plugins, and for the migrations of upgrades in progress.
    pub fn job_handlers(&self) -> Vec<Arc<dyn JobHandler>> {
        let (plugins, running) = (self.downgrade(), self.running());
        let jobs = running.generations.iter().flat_map(|g| job_handlers(&plugins, g));
        let retention = running.generations.iter().filter_map(|g| retention_handler(&plugins, g));
        jobs.chain(retention).chain(migration_handlers(&plugins, &self.pending_upgrades.load())).collect()
    }
}
