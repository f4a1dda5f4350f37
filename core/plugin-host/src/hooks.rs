//! Hooks of plugins, as `content` calls them.

mod amend;
mod document_view;
mod export;
mod hook_replay;
mod hook_run;
mod missing_hooks;

pub(crate) use export::HooksExport;
pub(crate) use hook_replay::{PastChange, ReplayedDecision, replay_hook};
pub(crate) use hook_run::{change_origin, to_guest_actor};
pub(crate) use missing_hooks::MissingHooks;

use crate::bindings::types::Call;
use crate::call::{call_in_transaction, call_outside_transaction};
use crate::conditions;
use crate::error::LoadError;
use crate::generation::Generation;
use crate::limits::{CallLimits, PluginExport};
use crate::plugins::Plugins;
use crate::state::CallState;
use cairn_content::{
    CheckAmendment, CheckAmendmentIn, ContentError, DocumentChange, HookAction, HookDecision, Hooks, Result,
};
use cairn_model::{FieldKind, Registry, TypeId};
use cairn_plugin_package::manifest::{HookAction as Named, ManifestHook, Phase};
use cairn_store::WriteTx;
use cairn_store::events::ActorKind;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hook_run::{HookRun, NoDecision, settle_no_decision};
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, Weak};

/// How deeply hooks may trigger hooks by their writes.
pub(crate) const MAX_HOOK_DEPTH: usize = 4;

/// A hook of a running plugin.
pub(crate) struct ActiveHook {
    pub(crate) generation: Arc<Generation>,
    /// Index in the manifest.
    hook: usize,
    name: Arc<str>,
    /// Attributes of a document that it is shown; `None`: all.
    select: Option<Arc<[SelectedPath]>>,
}

/// An attribute that a hook is shown.
#[derive(Debug, Clone, PartialEq)]
struct SelectedPath {
    /// Name of the attribute.
    name: String,
    /// Field of a related document: `documentId` alone needs no look-up.
    of_related: Option<String>,
}

/// Hooks by type and action, each list in the order in which they run.
#[derive(Default)]
pub(crate) struct HookIndex {
    prepare: HashMap<(TypeId, HookAction), Vec<Arc<ActiveHook>>>,
    before: HashMap<(TypeId, HookAction), Vec<Arc<ActiveHook>>>,
}

const ACTIONS: [(HookAction, Named); 6] = [
    (HookAction::Create, Named::Create),
    (HookAction::Update, Named::Update),
    (HookAction::Delete, Named::Delete),
    (HookAction::Publish, Named::Publish),
    (HookAction::Unpublish, Named::Unpublish),
    (HookAction::DiscardDraft, Named::DiscardDraft),
];

impl ActiveHook {
    fn manifest(&self) -> &ManifestHook {
        &self.generation.manifest.hooks[self.hook]
    }
}

impl HookIndex {
    /// The hooks of all running plugins.
    pub(crate) fn from_generations(registry: &Registry, generations: &[Arc<Generation>]) -> Self {
        let mut index = Self::default();
        for generation in generations {
            for (i, hook) in generation.manifest.hooks.iter().enumerate() {
                let listening = Arc::new(ActiveHook {
                    generation: generation.clone(),
                    hook: i,
                    name: hook.name.as_str().into(),
                    select: (!hook.select.is_empty())
                        .then(|| hook.select.iter().map(|s| parse_selected_path(s)).collect()),
                });
                for key in hook_targets(registry, hook) {
                    let of = match hook.phase {
                        Phase::Prepare => &mut index.prepare,
                        Phase::Before => &mut index.before,
                    };
                    of.entry(key).or_default().push(listening.clone());
                }
            }
        }
        for hooks in index.prepare.values_mut().chain(index.before.values_mut()) {
            hooks.sort_by(|a, b| (a.manifest().order, a.generation.id()).cmp(&(b.manifest().order, b.generation.id())));
            hooks.dedup_by(|a, b| a.name == b.name && a.generation.id() == b.generation.id());
        }
        index
    }
}

/// The types and actions of a hook that exist.
fn hook_targets<'a>(registry: &'a Registry, hook: &'a ManifestHook) -> impl Iterator<Item = (TypeId, HookAction)> + 'a {
    hook.on.iter().filter_map(|target| Some((target, registry.by_uid(&target.uid)?))).flat_map(|(target, ct)| {
        let fits = ACTIONS.into_iter().filter(move |(_, named)| target.matches_change(&ct.uid, *named));
        fits.map(move |(action, _)| (ct.id, action))
    })
}

fn parse_selected_path(path: &str) -> SelectedPath {
    match path.split_once('.') {
        Some((name, of)) => SelectedPath { name: name.to_owned(), of_related: Some(of.to_owned()) },
        None => SelectedPath { name: path.to_owned(), of_related: None },
    }
}

/// Checks that the hooks of a manifest fit these content types.
///
/// # Errors
/// The first that does not fit, with its line and what to write.
pub(crate) fn check_hooks(registry: &Registry, generation: &Generation) -> Result<(), LoadError> {
    for hook in &generation.manifest.hooks {
        for target in &hook.on {
            let wrong = |message: String| LoadError::Manifest { line: target.at.line, message };
            let ct = registry.by_uid(&target.uid).ok_or_else(|| {
                wrong(format!(
                    "the hook {:?} refers to {}, which is not a content type of this project",
                    hook.name, target.uid
                ))
            })?;
            let has = |name: &str| ct.attributes.get(name).is_some();
            if hook.phase == Phase::Prepare
                && target.action.is_some_and(|a| !matches!(a, Named::Create | Named::Update))
            {
                let message = "a hook of phase \"prepare\" supports only create and update: write phase = \"before\"";
                return Err(wrong(message.to_owned()));
            }
            for path in &hook.select {
                let SelectedPath { name, of_related } = parse_selected_path(path);
                let attribute = ct.attributes.get(&name).map(|(_, a)| a);
                let attribute = attribute
                    .ok_or_else(|| wrong(format!("select names {path:?}, but {} has no attribute {name:?}", ct.uid)))?;
                let Some(of) = of_related else { continue };
                if !matches!(attribute.kind, FieldKind::Relation(_) | FieldKind::Media { .. }) {
                    return Err(wrong(format!(
                        "select names {path:?}, but {name:?} is not a relation: write {name:?}"
                    )));
                }
                if hook.phase == Phase::Prepare && of != "documentId" {
                    return Err(wrong(format!(
                        "select names {path:?}, which requires a query, but a hook of phase \"prepare\" has no data: \
                         select {:?}, or write phase = \"before\"",
                        format!("{name}.documentId")
                    )));
                }
            }
            if let Some(unknown) = hook.when.changed.iter().find(|name| !has(name)) {
                return Err(wrong(format!("when.changed names {unknown:?}, which {} does not have", ct.uid)));
            }
            if let Some(filter) = &hook.when.filter {
                conditions::check_filter(filter, &has)
                    .map_err(|why| wrong(format!("when.filter of {:?}: {why}", hook.name)))?;
            }
        }
    }
    Ok(())
}

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
                || running.missing_hooks.has_hooks(Phase::Before, key)
        })
    }

    fn has_prepare_hooks(&self, content_type: TypeId, action: HookAction) -> bool {
        self.0.upgrade().is_some_and(|plugins| {
            let (running, key) = (plugins.running(), (content_type, action));
            running.hooks.prepare.contains_key(&key) || running.missing_hooks.has_hooks(Phase::Prepare, key)
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
        running.missing_hooks.check_change(Phase::Prepare, &change)?;
        let Some(hooks) = running.hooks.prepare.get(&(change.content_type.id, change.action)) else {
            return Ok(HookDecision::Allow);
        };
        let mut course = HookRun::new(change);
        for hook in hooks {
            if !hook_applies(hook, &course.change) {
                continue;
            }
            let _pass = match self.breaker.acquire_permit(hook.generation.id(), PluginExport::Prepare, &hook.name) {
                Ok(pass) => pass,
                Err(pause) => {
                    settle_no_decision(hook, NoDecision::Paused(pause))?;
                    continue;
                }
            };
            let (asked, limits, shown) = course.prepare_call(hook, PluginExport::Prepare, None)?;
            let name = hook.name.to_string();
            let outcome =
                call_outside_transaction(&hook.generation, asked.clone(), limits, async |store, call: Call| {
                    hooks_export(hook)?.call_hook(store, PluginExport::Prepare, &call, &name, shown).await
                })
                .await;
            course.record_outcome(self, hook, &asked, outcome, &|patch| check(patch))?;
        }
        Ok(course.into_decision())
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
        running.missing_hooks.check_change(Phase::Before, &change)?;
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
        let mut course = HookRun::new(change);
        for hook in hooks.iter() {
            if !hook_applies(hook, &course.change) {
                continue;
            }
            let _pass = match self.breaker.acquire_permit(hook.generation.id(), PluginExport::Before, &hook.name) {
                Ok(pass) => pass,
                Err(pause) => {
                    settle_no_decision(hook, NoDecision::Paused(pause))?;
                    continue;
                }
            };
            let (asked, limits, shown) = course.prepare_call(hook, PluginExport::Before, Some(tx))?;
            let name = hook.name.to_string();
            let run = async |store: &mut wasmtime::Store<CallState>, call: Call| {
                hooks_export(hook)?.call_hook(store, PluginExport::Before, &call, &name, shown).await
            };
            let outcome = call_in_transaction(&hook.generation, asked.clone(), limits, tx, run);
            course.record_outcome(self, hook, &asked, outcome, &|patch| check(tx, patch))?;
        }
        Ok(course.into_decision())
    }
}

/// Refuses writes to content of an uninstalled plugin, unless the plugin itself writes: nobody else knows what the content means.
fn refuse_orphan_write(change: &DocumentChange<'_>) -> Result<()> {
    let plugin = change.content_type.plugin_id().unwrap_or_default();
    // What the plugin itself still does about it.
    if change.actor.kind == ActorKind::Plugin && change.actor.id.as_deref() == Some(plugin) {
        return Ok(());
    }
    Err(ContentError::forbidden_because(format!(
        "The plugin {plugin:?} was uninstalled and its content is read-only: install the plugin again, or delete its content"
    )))
}

fn hooks_export(hook: &ActiveHook) -> wasmtime::Result<&HooksExport> {
    hook.generation.exports.hooks.as_ref().ok_or_else(|| wasmtime::Error::msg("it does not export hooks"))
}

/// Whether a hook is called for a change.
fn hook_applies(hook: &ActiveHook, change: &DocumentChange<'_>) -> bool {
    // Being called reveals something too, so fields that the plugin may not read do not count.
    let readable = document_view::ReadableFields::new(hook, change.content_type);
    applies_to_change(hook.manifest(), hook.generation.id(), change, Some(&readable))
}

/// Whether a hook of a plugin is called for a change. Without `readable`, where the plugin does not run, every attribute counts: a change
/// that its hook should check is rather refused once too often.
fn applies_to_change(
    manifest: &ManifestHook,
    plugin: &str,
    change: &DocumentChange<'_>,
    readable: Option<&document_view::ReadableFields<'_>>,
) -> bool {
    let own = change.actor.kind == ActorKind::Plugin && change.actor.id.as_deref() == Some(plugin);
    if own && !manifest.reentrant {
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

/// The limits of a call of a hook.
pub(crate) fn hook_limits(hook: &ActiveHook, export: PluginExport) -> CallLimits {
    call_limits(&hook.generation, export)
}

/// The limits of a plugin's calls: the defaults, with the memory that its manifest requests.
pub(crate) fn call_limits(generation: &Generation, export: PluginExport) -> CallLimits {
    let limits = CallLimits::for_export(export);
    let asked = usize::try_from(generation.manifest.limits.memory).unwrap_or(usize::MAX);
    let others_wait = generation.manifest.limits.transaction;
    CallLimits {
        memory: asked.clamp(1 << 20, CallLimits::for_export(PluginExport::Job).memory),
        others_wait,
        transaction: limits.transaction.max(others_wait),
        ..limits
    }
}
