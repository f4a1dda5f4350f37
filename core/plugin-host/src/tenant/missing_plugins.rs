//! Plugins that are installed and do not run: their own content is not changed, and what may not be stored without their word is not stored.

use crate::tenant::hook_index::hook_targets;
use cairn_content::HookAction;
use cairn_model::{Registry, TypeId};
use cairn_plugin_package::Manifest;
use cairn_plugin_package::manifest::{ManifestHook, OnFailure, Phase};
use std::collections::HashMap;
use std::sync::Arc;

/// A plugin that is installed and does not run.
#[derive(Debug, Clone)]
pub struct MissingPlugin {
    /// Its id.
    pub id: String,
    /// Its manifest, with its choices in their places; `None` if it cannot be read, or if it never ran: then only its own content waits.
    pub manifest: Option<Arc<Manifest>>,
    /// Why it does not run.
    pub cause: MissingCause,
}

/// Why a plugin does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingCause {
    /// Somebody disabled it.
    Disabled,
    /// It was disabled because it kept failing.
    Quarantined,
    /// It cannot be loaded.
    Broken,
    /// It was never enabled for this tenant.
    NotEnabled,
}

impl MissingCause {
    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Quarantined => "quarantined",
            Self::Broken => "broken",
            Self::NotEnabled => "not-enabled",
        }
    }

    /// The second half of a sentence whose subject is the plugin.
    fn describe(self) -> &'static str {
        match self {
            Self::Disabled => "is disabled",
            Self::Quarantined => "was disabled because it kept failing",
            Self::Broken => "cannot be loaded",
            Self::NotEnabled => "is not enabled",
        }
    }
}

/// A reason why changes to content are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingCheck {
    /// Id of the plugin that does not run.
    pub plugin: String,
    /// Why it does not run.
    pub cause: MissingCause,
}

/// The changes that are refused because a plugin does not run.
#[derive(Default)]
pub(crate) struct MissingPlugins {
    prepare: HashMap<(TypeId, HookAction), Vec<MissingHook>>,
    before: HashMap<(TypeId, HookAction), Vec<MissingHook>>,
    /// The plugins' own content types.
    own_types: HashMap<TypeId, Arc<MissingPlugin>>,
}

/// A hook that cannot be called.
struct MissingHook {
    plugin: Arc<MissingPlugin>,
    /// Its place in the manifest.
    hook: usize,
}

impl MissingHook {
    fn manifest(&self) -> Option<&ManifestHook> {
        self.plugin.manifest.as_ref()?.hooks.get(self.hook)
    }
}

impl MissingPlugins {
    /// Of plugins that do not run. Hooks that are skipped where they fail are skipped here too.
    pub(crate) fn new(registry: &Registry, missing: &[MissingPlugin]) -> Self {
        let mut index = Self::default();
        let missing: Vec<Arc<MissingPlugin>> = missing.iter().cloned().map(Arc::new).collect();
        for plugin in &missing {
            let hooks = plugin.manifest.iter().flat_map(|manifest| manifest.hooks.iter().enumerate());
            for (i, hook) in hooks.filter(|(_, hook)| hook.on_failure == OnFailure::Refuse) {
                for key in hook_targets(registry, hook) {
                    let phase_hooks = match hook.phase {
                        Phase::Prepare => &mut index.prepare,
                        Phase::Before => &mut index.before,
                    };
                    phase_hooks.entry(key).or_default().push(MissingHook { plugin: plugin.clone(), hook: i });
                }
            }
        }
        for ct in registry.types() {
            let owner = missing.iter().find(|plugin| ct.plugin_id() == Some(&*plugin.id));
            if let Some(plugin) = owner {
                index.own_types.insert(ct.id, plugin.clone());
            }
        }
        index
    }

    /// True if a change of a type may have to wait for a plugin.
    pub(crate) fn concern(&self, phase: Phase, key: (TypeId, HookAction)) -> bool {
        self.hooks_of_phase(phase).contains_key(&key) || (phase == Phase::Before && self.own_types.contains_key(&key.0))
    }

    /// True if some change waits for a plugin.
    pub(crate) fn has_plugin(&self, id: &str) -> bool {
        let hooked = self.prepare.values().chain(self.before.values()).flatten().map(|hook| &hook.plugin);
        hooked.chain(self.own_types.values()).any(|plugin| plugin.id == id)
    }

    /// The plugin of a content type, where it does not run.
    pub(crate) fn owner_of(&self, content_type: TypeId) -> Option<&MissingPlugin> {
        self.own_types.get(&content_type).map(|plugin| &**plugin)
    }

    /// The hooks that such changes need, each with its plugin.
    pub(crate) fn hooks_for(
        &self,
        phase: Phase,
        key: (TypeId, HookAction),
    ) -> impl Iterator<Item = (&MissingPlugin, &ManifestHook)> {
        let missing = self.hooks_of_phase(phase).get(&key).into_iter().flatten();
        missing.filter_map(|hook| Some((&*hook.plugin, hook.manifest()?)))
    }

    /// The plugins for which some change of a type waits, each once, in the order of their ids.
    pub(crate) fn checks_of(&self, content_type: TypeId) -> Vec<MissingCheck> {
        let hooks = self.prepare.iter().chain(&self.before).filter(|((of, _), _)| *of == content_type);
        let hooked = hooks.flat_map(|(_, hooks)| hooks).map(|hook| &*hook.plugin);
        let mut checks: Vec<MissingCheck> =
            hooked.chain(self.owner_of(content_type)).map(MissingPlugin::to_check).collect();
        checks.sort_by(|a, b| a.plugin.cmp(&b.plugin));
        checks.dedup();
        checks
    }

    fn hooks_of_phase(&self, phase: Phase) -> &HashMap<(TypeId, HookAction), Vec<MissingHook>> {
        match phase {
            Phase::Prepare => &self.prepare,
            Phase::Before => &self.before,
        }
    }
}

impl MissingPlugin {
    /// Says that the plugin does not run, as a whole clause: `the plugin "crm" is disabled`.
    pub(crate) fn describe(&self) -> String {
        format!("the plugin {:?} {}", self.id, self.cause.describe())
    }

    fn to_check(&self) -> MissingCheck {
        MissingCheck { plugin: self.id.clone(), cause: self.cause }
    }
}
