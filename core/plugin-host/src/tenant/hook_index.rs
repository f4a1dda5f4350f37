//! The hooks of running plugins by the changes that they are called for.

use crate::runtime::generation::Generation;
use crate::runtime::hooks_export::HooksExport;
use cairn_content::HookAction;
use cairn_model::{Registry, TypeId};
use cairn_plugin_package::manifest::{HookAction as Named, ManifestHook, Phase};
use std::collections::HashMap;
use std::sync::Arc;

/// A hook of a running plugin.
pub(crate) struct ActiveHook {
    pub(crate) generation: Arc<Generation>,
    /// Index in the manifest.
    pub(crate) hook: usize,
    pub(crate) name: Arc<str>,
    /// Attributes of a document that it is shown; `None`: all.
    pub(crate) select: Option<Arc<[SelectedPath]>>,
}

/// An attribute that a hook is shown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SelectedPath {
    /// Name of the attribute.
    pub(crate) name: String,
    /// Field of a related document: `documentId` alone needs no look-up.
    pub(crate) of_related: Option<String>,
}

/// Hooks by type and action, each list in the order in which they run.
#[derive(Default)]
pub(crate) struct HookIndex {
    pub(crate) prepare: HashMap<(TypeId, HookAction), Vec<Arc<ActiveHook>>>,
    pub(crate) before: HashMap<(TypeId, HookAction), Vec<Arc<ActiveHook>>>,
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
    pub(crate) fn manifest(&self) -> &ManifestHook {
        &self.generation.manifest.hooks[self.hook]
    }

    /// The export of its plugin that is called.
    pub(crate) fn export(&self) -> wasmtime::Result<&HooksExport> {
        self.generation.exports.hooks.as_ref().ok_or_else(|| wasmtime::Error::msg("it does not export hooks"))
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
                    let phase_hooks = match hook.phase {
                        Phase::Prepare => &mut index.prepare,
                        Phase::Before => &mut index.before,
                    };
                    phase_hooks.entry(key).or_default().push(listening.clone());
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
pub(crate) fn hook_targets<'a>(
    registry: &'a Registry,
    hook: &'a ManifestHook,
) -> impl Iterator<Item = (TypeId, HookAction)> + 'a {
    hook.on.iter().filter_map(|target| Some((target, registry.by_uid(&target.uid)?))).flat_map(|(target, ct)| {
        let fits =
            ACTIONS.into_iter().filter(move |(_, manifest_action)| target.matches_change(&ct.uid, *manifest_action));
        fits.map(move |(action, _)| (ct.id, action))
    })
}

pub(crate) fn parse_selected_path(path: &str) -> SelectedPath {
    match path.split_once('.') {
        Some((name, field)) => SelectedPath { name: name.to_owned(), of_related: Some(field.to_owned()) },
        None => SelectedPath { name: path.to_owned(), of_related: None },
    }
}
