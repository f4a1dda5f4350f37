//! Hooks of plugins, as `content` calls them.

mod again;
mod amend;
mod barred;
mod course;
mod export;
mod show;

pub(crate) use again::{Past, Said, ask_again};
pub(crate) use barred::Barred;
pub(crate) use course::{actor, origin};
pub(crate) use export::HooksExport;

use crate::bindings::types::Call;
use crate::call::{beside, inside};
use crate::error::LoadError;
use crate::generation::Generation;
use crate::limits::{Export, Limits};
use crate::plugins::Plugins;
use crate::state::State;
use crate::when;
use cairn_content::{Change, CheckAmendment, CheckAmendmentIn, ContentError, HookAction, Hooks, Result, Verdict};
use cairn_model::{FieldKind, Registry, TypeId};
use cairn_plugin_package::manifest::{Hook, HookAction as Named, Phase};
use cairn_store::WriteTx;
use cairn_store::events::ActorKind;
use course::{Course, Unanswered, unanswered};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, Weak};

/// How deeply hooks may trigger hooks by their writes.
pub(crate) const DEEPEST: usize = 4;

/// A hook of a running plugin.
pub(crate) struct Listening {
    pub(crate) generation: Arc<Generation>,
    /// Index in the manifest.
    hook: usize,
    name: Arc<str>,
    /// Attributes of a document that it is shown; `None`: all.
    select: Option<Arc<[Selected]>>,
}

/// An attribute that a hook is shown.
#[derive(Debug, Clone, PartialEq)]
struct Selected {
    /// Name of the attribute.
    name: String,
    /// Field of a related document: `documentId` alone needs no look-up.
    of_related: Option<String>,
}

/// Hooks by type and action, each list in the order in which they run.
#[derive(Default)]
pub(crate) struct Index {
    early: HashMap<(TypeId, HookAction), Vec<Arc<Listening>>>,
    inside: HashMap<(TypeId, HookAction), Vec<Arc<Listening>>>,
}

const ACTIONS: [(HookAction, Named); 6] = [
    (HookAction::Create, Named::Create),
    (HookAction::Update, Named::Update),
    (HookAction::Delete, Named::Delete),
    (HookAction::Publish, Named::Publish),
    (HookAction::Unpublish, Named::Unpublish),
    (HookAction::DiscardDraft, Named::DiscardDraft),
];

impl Listening {
    fn manifest(&self) -> &Hook {
        &self.generation.manifest.hooks[self.hook]
    }
}

impl Index {
    /// The hooks of all running plugins.
    pub(crate) fn of(registry: &Registry, generations: &[Arc<Generation>]) -> Self {
        let mut index = Self::default();
        for generation in generations {
            for (i, hook) in generation.manifest.hooks.iter().enumerate() {
                let listening = Arc::new(Listening {
                    generation: generation.clone(),
                    hook: i,
                    name: hook.name.as_str().into(),
                    select: (!hook.select.is_empty()).then(|| hook.select.iter().map(|s| selected(s)).collect()),
                });
                for key in of_registry(registry, hook) {
                    let of = match hook.phase {
                        Phase::Prepare => &mut index.early,
                        Phase::Before => &mut index.inside,
                    };
                    of.entry(key).or_default().push(listening.clone());
                }
            }
        }
        for hooks in index.early.values_mut().chain(index.inside.values_mut()) {
            hooks.sort_by(|a, b| (a.manifest().order, a.generation.id()).cmp(&(b.manifest().order, b.generation.id())));
            hooks.dedup_by(|a, b| a.name == b.name && a.generation.id() == b.generation.id());
        }
        index
    }
}

/// The types and actions of a hook that exist.
fn of_registry<'a>(registry: &'a Registry, hook: &'a Hook) -> impl Iterator<Item = (TypeId, HookAction)> + 'a {
    hook.on.iter().filter_map(|target| Some((target, registry.by_uid(&target.uid)?))).flat_map(|(target, ct)| {
        let fits = ACTIONS.into_iter().filter(move |(_, named)| target.fits(&ct.uid, *named));
        fits.map(move |(action, _)| (ct.id, action))
    })
}

fn selected(path: &str) -> Selected {
    match path.split_once('.') {
        Some((name, of)) => Selected { name: name.to_owned(), of_related: Some(of.to_owned()) },
        None => Selected { name: path.to_owned(), of_related: None },
    }
}

/// Checks that the hooks of a manifest fit these content types.
///
/// # Errors
/// The first that does not fit, with its line and what to write.
pub(crate) fn check(registry: &Registry, generation: &Generation) -> Result<(), LoadError> {
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
                let Selected { name, of_related } = selected(path);
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
                when::check(filter, &has).map_err(|why| wrong(format!("when.filter of {:?}: {why}", hook.name)))?;
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
pub(crate) struct Gateway(pub(crate) Weak<Plugins>);

impl Hooks for Gateway {
    fn wants(&self, content_type: TypeId, action: HookAction) -> bool {
        self.0.upgrade().is_some_and(|plugins| {
            let running = plugins.running();
            let key = (content_type, action);
            running.hooks.inside.contains_key(&key)
                || running.orphans.contains(&content_type)
                || running.barred.has(Phase::Before, key)
        })
    }

    fn wants_early(&self, content_type: TypeId, action: HookAction) -> bool {
        self.0.upgrade().is_some_and(|plugins| {
            let (running, key) = (plugins.running(), (content_type, action));
            running.hooks.early.contains_key(&key) || running.barred.has(Phase::Prepare, key)
        })
    }

    fn prepare<'a>(&'a self, change: Change<'a>, check: &'a CheckAmendment<'a>) -> BoxFuture<'a, Result<Verdict>> {
        async move {
            match self.0.upgrade() {
                Some(plugins) => plugins.prepare(change, check).await,
                None => Ok(Verdict::Allow),
            }
        }
        .boxed()
    }

    fn before(&self, tx: &mut WriteTx<'_>, change: Change<'_>, check: &CheckAmendmentIn<'_>) -> Result<Verdict> {
        let Some(plugins) = self.0.upgrade() else { return Ok(Verdict::Allow) };
        plugins.before(tx, change, check)
    }
}

impl Plugins {
    async fn prepare(&self, change: Change<'_>, check: &CheckAmendment<'_>) -> Result<Verdict> {
        let running = self.running().clone();
        running.barred.check(Phase::Prepare, &change)?;
        let Some(hooks) = running.hooks.early.get(&(change.content_type.id, change.action)) else {
            return Ok(Verdict::Allow);
        };
        let mut course = Course::of(change);
        for hook in hooks {
            if !hook_applies(hook, &course.change) {
                continue;
            }
            let _pass = match self.breaker.lets(hook.generation.id(), Export::Prepare, &hook.name) {
                Ok(pass) => pass,
                Err(pause) => {
                    unanswered(hook, Unanswered::Paused(pause))?;
                    continue;
                }
            };
            let (asked, limits, shown) = course.call(hook, Export::Prepare, None)?;
            let name = hook.name.to_string();
            let ended = beside(&hook.generation, asked.clone(), limits, async |store, call: Call| {
                exports(hook)?.ask(store, Export::Prepare, &call, &name, shown).await
            })
            .await;
            course.take(self, hook, &asked, ended, &|patch| check(patch))?;
        }
        Ok(course.verdict())
    }

    fn before(&self, tx: &mut WriteTx<'_>, change: Change<'_>, check: &CheckAmendmentIn<'_>) -> Result<Verdict> {
        let running = self.running().clone();
        if running.orphans.contains(&change.content_type.id) {
            not_kept_for_writing(&change)?;
        }
        running.barred.check(Phase::Before, &change)?;
        let Some(hooks) = running.hooks.inside.get(&(change.content_type.id, change.action)) else {
            return Ok(Verdict::Allow);
        };
        let deep = DEPTH.get();
        if deep >= DEEPEST {
            let message = format!("hooks call each other more than {DEEPEST} levels deep: the change was not saved");
            return Err(ContentError::application(message));
        }
        DEPTH.set(deep + 1);
        let verdict = self.ask(tx, hooks, change, check);
        DEPTH.set(deep);
        verdict
    }

    fn ask(
        &self,
        tx: &mut WriteTx<'_>,
        hooks: &[Arc<Listening>],
        change: Change<'_>,
        check: &CheckAmendmentIn<'_>,
    ) -> Result<Verdict> {
        let mut course = Course::of(change);
        for hook in hooks.iter() {
            if !hook_applies(hook, &course.change) {
                continue;
            }
            let _pass = match self.breaker.lets(hook.generation.id(), Export::Before, &hook.name) {
                Ok(pass) => pass,
                Err(pause) => {
                    unanswered(hook, Unanswered::Paused(pause))?;
                    continue;
                }
            };
            let (asked, limits, shown) = course.call(hook, Export::Before, Some(tx))?;
            let name = hook.name.to_string();
            let run = async |store: &mut wasmtime::Store<State>, call: Call| {
                exports(hook)?.ask(store, Export::Before, &call, &name, shown).await
            };
            let ended = inside(&hook.generation, asked.clone(), limits, tx, run);
            course.take(self, hook, &asked, ended, &|patch| check(tx, patch))?;
        }
        Ok(course.verdict())
    }
}

/// Refuses writes to content of an uninstalled plugin, unless the plugin itself writes: nobody else knows what the content means.
fn not_kept_for_writing(change: &Change<'_>) -> Result<()> {
    let plugin = change.content_type.plugin().unwrap_or_default();
    // What the plugin itself still does about it.
    if change.actor.kind == ActorKind::Plugin && change.actor.id.as_deref() == Some(plugin) {
        return Ok(());
    }
    Err(ContentError::forbidden_because(format!(
        "The plugin {plugin:?} was uninstalled and its content is read-only: install the plugin again, or delete its content"
    )))
}

fn exports(hook: &Listening) -> wasmtime::Result<&HooksExport> {
    hook.generation.exports.hooks.as_ref().ok_or_else(|| wasmtime::Error::msg("it does not export hooks"))
}

/// Whether a hook is called for a change.
fn hook_applies(hook: &Listening, change: &Change<'_>) -> bool {
    // Being woken tells something as well: by what the plugin may not read it is not.
    let readable = show::Readable::of(hook, change.content_type);
    applies(hook.manifest(), hook.generation.id(), change, Some(&readable))
}

/// Whether a hook of a plugin is called for a change. Without `readable`, where the plugin does not run, every attribute counts: a change
/// that its hook should check is rather refused once too often.
fn applies(manifest: &Hook, plugin: &str, change: &Change<'_>, readable: Option<&show::Readable<'_>>) -> bool {
    let own = change.actor.kind == ActorKind::Plugin && change.actor.id.as_deref() == Some(plugin);
    if own && !manifest.reentrant {
        return false;
    }
    let changed = |name: &String| change.changed.contains(name) && readable.is_none_or(|readable| readable.has(name));
    if !manifest.when.changed.is_empty() && !manifest.when.changed.iter().any(changed) {
        return false;
    }
    match (&manifest.when.filter, change.after.as_ref().or(change.before.as_ref())) {
        (Some(filter), Some(document)) => match readable {
            Some(readable) => when::fits(filter, &readable.cut(document)),
            None => when::fits(filter, document),
        },
        _ => true,
    }
}

/// The limits of a call of a hook.
pub(crate) fn limits(hook: &Listening, export: Export) -> Limits {
    of_generation(&hook.generation, export)
}

/// The limits of a plugin's calls: the defaults, with the memory that its manifest asks for.
pub(crate) fn of_generation(generation: &Generation, export: Export) -> Limits {
    let limits = Limits::of(export);
    let asked = usize::try_from(generation.manifest.limits.memory).unwrap_or(usize::MAX);
    let others_wait = generation.manifest.limits.transaction;
    Limits {
        memory: asked.clamp(1 << 20, Limits::of(Export::Job).memory),
        others_wait,
        transaction: limits.transaction.max(others_wait),
        ..limits
    }
}
