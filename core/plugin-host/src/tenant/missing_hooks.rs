//! Hooks of plugins that should run and do not: what may not be stored without their word is not stored.

use crate::tenant::hook_index::hook_targets;
use cairn_content::HookAction;
use cairn_model::{Registry, TypeId};
use cairn_plugin_package::Manifest;
use cairn_plugin_package::manifest::{ManifestHook, OnFailure, Phase};
use std::collections::HashMap;
use std::sync::Arc;

/// The changes that are refused because their hook is not running.
#[derive(Default)]
pub(crate) struct MissingHooks {
    prepare: HashMap<(TypeId, HookAction), Vec<MissingHook>>,
    before: HashMap<(TypeId, HookAction), Vec<MissingHook>>,
}

/// A hook that cannot be called.
struct MissingHook {
    manifest: Arc<Manifest>,
    /// Its place in the manifest.
    hook: usize,
}

impl MissingHooks {
    /// Of plugins that do not run. Hooks that are skipped where they fail are skipped here as well.
    pub(crate) fn from_manifests(registry: &Registry, absent: &[Arc<Manifest>]) -> Self {
        let mut barred = Self::default();
        for manifest in absent {
            for (i, hook) in manifest.hooks.iter().enumerate() {
                if hook.on_failure != OnFailure::Refuse {
                    continue;
                }
                for key in hook_targets(registry, hook) {
                    let phase_hooks = match hook.phase {
                        Phase::Prepare => &mut barred.prepare,
                        Phase::Before => &mut barred.before,
                    };
                    phase_hooks.entry(key).or_default().push(MissingHook { manifest: manifest.clone(), hook: i });
                }
            }
        }
        barred
    }

    pub(crate) fn has_hooks(&self, phase: Phase, key: (TypeId, HookAction)) -> bool {
        self.hooks_of_phase(phase).contains_key(&key)
    }

    /// The hooks that such changes need, each with its manifest.
    pub(crate) fn hooks_for(
        &self,
        phase: Phase,
        key: (TypeId, HookAction),
    ) -> impl Iterator<Item = (&Manifest, &ManifestHook)> {
        let missing = self.hooks_of_phase(phase).get(&key).into_iter().flatten();
        missing.filter_map(|MissingHook { manifest, hook }| Some((&**manifest, manifest.hooks.get(*hook)?)))
    }

    fn hooks_of_phase(&self, phase: Phase) -> &HashMap<(TypeId, HookAction), Vec<MissingHook>> {
        match phase {
            Phase::Prepare => &self.prepare,
            Phase::Before => &self.before,
        }
    }
}
