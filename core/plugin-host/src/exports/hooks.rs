//! Hooks of plugins, as `content` calls them.

mod amend;
mod document_view;
mod hook_replay;
mod hook_run;

pub(crate) use hook_replay::{PastChange, ReplayedDecision, replay_hook};

use crate::call::state::CallState;
use crate::call::turns::MAX_HOOK_DEPTH;
use crate::contract::bindings::types::Call;
use crate::contract::guest_errors::{name_missing_plugin, unavailable_refusal};
use crate::contract::plugin_export::PluginExport;
use crate::definition::conditions;
use crate::definition::load_error::LoadError;
use crate::runtime::generation::Generation;
use crate::runtime::invocation::{call_in_transaction, call_outside_transaction};
use crate::tenant::hook_index::{ActiveHook, SelectedPath, parse_selected_path};
use crate::tenant::missing_plugins::{MissingPlugin, MissingPlugins};
use crate::tenant::plugins::Plugins;
use cairn_content::{
    CheckAmendment, CheckAmendmentIn, ContentError, DocumentChange, HookAction, HookDecision, Hooks, Result,
};
use cairn_model::{FieldKind, Registry, TypeId};
use cairn_plugin_package::manifest::{ManifestHook, Phase};
use cairn_store::WriteTx;
use cairn_store::events::ActorKind;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hook_run::{HookRun, NoDecision, settle_no_decision};
use std::cell::Cell;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Checks that the hooks of a manifest fit these content types.
///
/// # Errors
/// The first that does not fit, with its line and what to write.
pub(crate) fn check_hooks(registry: &Registry, generation: &Generation) -> Result<(), LoadError> {
    for hook in &generation.manifest.hooks {
        for target in &hook.on {
            let manifest_error = |message: String| LoadError::Manifest { line: target.at.line, message };
            let ct = registry.by_uid(&target.uid).ok_or_else(|| {
                manifest_error(format!(
                    "the hook {:?} refers to {}, which is not a content type of this project",
                    hook.name, target.uid
                ))
            })?;
            let has = |name: &str| ct.attributes.get(name).is_some();
            for path in &hook.select {
                let SelectedPath { name, of_related } = parse_selected_path(path);
                let attribute = ct.attributes.get(&name).map(|(_, a)| a);
                let attribute = attribute.ok_or_else(|| {
                    manifest_error(format!("select names {path:?}, but {} has no attribute {name:?}", ct.uid))
                })?;
                let Some(related) = of_related else { continue };
                if !matches!(attribute.kind, FieldKind::Relation(_) | FieldKind::Media { .. }) {
                    return Err(manifest_error(format!(
                        "select names {path:?}, but {name:?} is not a relation: write {name:?}"
                    )));
                }
                if hook.phase == Phase::Prepare && related != "documentId" {
                    return Err(manifest_error(format!(
                        "select names {path:?}, which requires a query, but a hook of phase \"prepare\" has no data: \
                         select {:?}, or write phase = \"before\"",
                        format!("{name}.documentId")
                    )));
                }
            }
            if let Some(unknown) = hook.when.changed.iter().find(|name| !has(name)) {
                return Err(manifest_error(format!("when.changed names {unknown:?}, which {} does not have", ct.uid)));
            }
            if let Some(filter) = &hook.when.filter {
                conditions::check_filter(filter, &has)
                    .map_err(|why| manifest_error(format!("when.filter of {:?}: {why}", hook.name)))?;
            }
        }
    }
    Ok(())
}

/// When to try again where the plugin of a hook does not run; somebody has to look at the plugin first.
const MISSING_HOOK_RETRY_AFTER: Duration = Duration::from_secs(60);

thread_local! {
    /// Number of nested hooks inside transactions on this thread.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// The hooks of a tenant's plugins for `content`. The reference is weak, since plugins refer to content themselves: the tenant owns them.
pub(crate) struct HookGateway(pub(crate) Weak<Plugins>);

impl Hooks for HookGateway {
    fn has_before_hooks(&self, content_type: TypeId, action: HookAction) -> bool {
        self.0.upgrade().is_some_and(|plugins| {
            let running = plugins.running();
            let key = (content_type, action);
            running.hooks.before.contains_key(&key)
                || running.orphans.contains(&content_type)
                || running.missing.concern(Phase::Before, key)
        })
    }

    fn has_prepare_hooks(&self, content_type: TypeId, action: HookAction) -> bool {
        self.0.upgrade().is_some_and(|plugins| {
            let (running, key) = (plugins.running(), (content_type, action));
            running.hooks.prepare.contains_key(&key) || running.missing.concern(Phase::Prepare, key)
        })
    }

    fn prepare<'a>(
        &'a self,
        change: DocumentChange<'a>,
        check: &'a CheckAmendment<'a>,
    ) -> BoxFuture<'a, Result<HookDecision>> {
        async move {
            match self.0.upgrade() {
                Some(plugins) => plugins.run_prepare_hooks(change, check).await,
                None => Ok(HookDecision::Allow),
            }
        }
        .boxed()
    }

    fn before(
        &self,
        tx: &mut WriteTx<'_>,
        change: DocumentChange<'_>,
        check: &CheckAmendmentIn<'_>,
    ) -> Result<HookDecision> {
        let Some(plugins) = self.0.upgrade() else { return Ok(HookDecision::Allow) };
        plugins.run_before_hooks(tx, change, check)
    }
}

impl Plugins {
    async fn run_prepare_hooks(&self, change: DocumentChange<'_>, check: &CheckAmendment<'_>) -> Result<HookDecision> {
        let running = self.running().clone();
        refuse_unchecked_change(&running.missing, Phase::Prepare, &change)?;
        let Some(hooks) = running.hooks.prepare.get(&(change.content_type.id, change.action)) else {
            return Ok(HookDecision::Allow);
        };
        let mut hook_run = HookRun::new(change, false);
        for hook in hooks {
            if !hook_applies(hook, &hook_run.change) {
                continue;
            }
            let _pass = match self.breaker.acquire_permit(hook.generation.id(), PluginExport::Prepare, &hook.name) {
                Ok(pass) => pass,
                Err(pause) => {
                    settle_no_decision(hook, NoDecision::Paused(pause))?;
                    continue;
                }
            };
            let (context, limits, guest_change) = hook_run.prepare_call(hook, PluginExport::Prepare, None)?;
            let name = hook.name.to_string();
            let outcome =
                call_outside_transaction(&hook.generation, context.clone(), limits, async |store, call: Call| {
                    hook.export()?.call_hook(store, PluginExport::Prepare, &call, &name, guest_change).await
                })
                .await;
            hook_run.record_outcome(self, hook, &context, outcome, &|patch| check(patch))?;
        }
        Ok(hook_run.into_decision())
    }

    fn run_before_hooks(
        &self,
        tx: &mut WriteTx<'_>,
        change: DocumentChange<'_>,
        check: &CheckAmendmentIn<'_>,
    ) -> Result<HookDecision> {
        let running = self.running().clone();
        if running.orphans.contains(&change.content_type.id) {
            refuse_orphan_write(&change)?;
        }
        refuse_unchecked_change(&running.missing, Phase::Before, &change)?;
        let Some(hooks) = running.hooks.before.get(&(change.content_type.id, change.action)) else {
            return Ok(HookDecision::Allow);
        };
        let deep = DEPTH.get();
        if deep >= MAX_HOOK_DEPTH {
            let message =
                format!("hooks call each other more than {MAX_HOOK_DEPTH} levels deep: the change was not saved");
            return Err(ContentError::application(message));
        }
        DEPTH.set(deep + 1);
        let verdict = self.run_hooks(tx, hooks, change, check);
        DEPTH.set(deep);
        verdict
    }

    fn run_hooks(
        &self,
        tx: &mut WriteTx<'_>,
        hooks: &[Arc<ActiveHook>],
        change: DocumentChange<'_>,
        check: &CheckAmendmentIn<'_>,
    ) -> Result<HookDecision> {
        let mut hook_run = HookRun::new(change, tx.rehearsed_time().is_some());
        for hook in hooks.iter() {
            if !hook_applies(hook, &hook_run.change) {
                continue;
            }
            let _pass = match self.breaker.acquire_permit(hook.generation.id(), PluginExport::Before, &hook.name) {
                Ok(pass) => pass,
                Err(pause) => {
                    settle_no_decision(hook, NoDecision::Paused(pause))?;
                    continue;
                }
            };
            let (context, limits, guest_change) = hook_run.prepare_call(hook, PluginExport::Before, Some(tx))?;
            let name = hook.name.to_string();
            let run = async |store: &mut wasmtime::Store<CallState>, call: Call| {
                hook.export()?.call_hook(store, PluginExport::Before, &call, &name, guest_change).await
            };
            let outcome = call_in_transaction(&hook.generation, context.clone(), limits, tx, run);
            hook_run.record_outcome(self, hook, &context, outcome, &|patch| check(tx, patch))?;
        }
        Ok(hook_run.into_decision())
    }
}

/// Refuses writes to content of an uninstalled plugin, unless the plugin itself writes: nobody else knows what the content means.
fn refuse_orphan_write(change: &DocumentChange<'_>) -> Result<()> {
    let plugin = change.content_type.plugin_id().unwrap_or_default();
    if is_author(plugin, change) {
        return Ok(());
    }
    Err(ContentError::forbidden_because(format!(
        "The plugin {plugin:?} was uninstalled and its content is read-only: install the plugin again, or delete its content"
    )))
}

/// Refuses a change to the own content of a plugin that does not run, and one that its hook should check. The plugin itself may still change
/// what is its own, as when it is enabled; so may who has said that they work without its checks.
fn refuse_unchecked_change(missing: &MissingPlugins, phase: Phase, change: &DocumentChange<'_>) -> Result<()> {
    let unchecked = |plugin: &str| change.actor.unchecked_plugins.iter().any(|unchecked| unchecked == plugin);
    if phase == Phase::Before
        && let Some(owner) = missing.owner_of(change.content_type.id)
        && !is_author(&owner.id, change)
        && !unchecked(&owner.id)
    {
        return Err(missing_plugin_refusal(owner, "This content belongs to a plugin that is not running"));
    }
    for (plugin, hook) in missing.hooks_for(phase, (change.content_type.id, change.action)) {
        if !unchecked(&plugin.id) && !is_author(&plugin.id, change) && applies_to_change(hook, &plugin.id, change, None)
        {
            return Err(missing_plugin_refusal(plugin, "A plugin that checks these changes is not running"));
        }
    }
    Ok(())
}

/// Refuses a change that waits for a plugin: whose it is, why it does not run, and the way out.
fn missing_plugin_refusal(plugin: &MissingPlugin, what: &str) -> ContentError {
    let message = format!("{what}: {}. The change was not saved; enable the plugin first", plugin.describe());
    let mut refusal = unavailable_refusal(message, Some(MISSING_HOOK_RETRY_AFTER));
    name_missing_plugin(&mut refusal, &plugin.id, plugin.cause.as_str());
    ContentError::Refused(refusal)
}

/// True if the plugin itself makes a change.
fn is_author(plugin: &str, change: &DocumentChange<'_>) -> bool {
    change.actor.kind == ActorKind::Plugin && change.actor.id.as_deref() == Some(plugin)
}

/// True if a hook is called for a change.
fn hook_applies(hook: &ActiveHook, change: &DocumentChange<'_>) -> bool {
    // Being called reveals something too, so fields that the plugin may not read do not count.
    let readable = document_view::ReadableFields::new(hook, change.content_type);
    applies_to_change(hook.manifest(), hook.generation.id(), change, Some(&readable))
}

/// True if a hook of a plugin is called for a change. Without `readable`, where the plugin does not run, every attribute counts: a change
/// that its hook should check is rather refused once too often.
fn applies_to_change(
    manifest: &ManifestHook,
    plugin: &str,
    change: &DocumentChange<'_>,
    readable: Option<&document_view::ReadableFields<'_>>,
) -> bool {
    if is_author(plugin, change) && !manifest.reentrant {
        return false;
    }
    let changed =
        |name: &String| change.changed.contains(name) && readable.is_none_or(|readable| readable.has_field(name));
    if !manifest.when.changed.is_empty() && !manifest.when.changed.iter().any(changed) {
        return false;
    }
    match (&manifest.when.filter, change.after.as_ref().or(change.before.as_ref())) {
        (Some(filter), Some(document)) => match readable {
            Some(readable) => conditions::matches_filter(filter, &readable.filter_document(document)),
            None => conditions::matches_filter(filter, document),
        },
        _ => true,
    }
}
