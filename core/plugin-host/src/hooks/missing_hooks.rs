//! Hooks of plugins that should run and do not: what may not be stored without their word is not stored.

use super::{applies_to_change, hook_targets};
use cairn_content::{ContentError, DocumentChange, HookAction, Result};
use cairn_model::{Registry, TypeId};
use cairn_plugin_package::Manifest;
use cairn_plugin_package::manifest::{OnFailure, Phase};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Time to wait before a retry; somebody has to look at the plugin first.
const RETRY_AFTER: Duration = Duration::from_secs(60);

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
                    let of = match hook.phase {
                        Phase::Prepare => &mut barred.prepare,
                        Phase::Before => &mut barred.before,
                    };
                    of.entry(key).or_default().push(MissingHook { manifest: manifest.clone(), hook: i });
                }
            }
        }
        barred
    }

    pub(super) fn has_hooks(&self, phase: Phase, key: (TypeId, HookAction)) -> bool {
        self.hooks_of_phase(phase).contains_key(&key)
    }

    /// Refuses a change that one of these hooks would have been called for.
    pub(super) fn check_change(&self, phase: Phase, change: &DocumentChange<'_>) -> Result<()> {
        let absent = self.hooks_of_phase(phase).get(&(change.content_type.id, change.action));
        for MissingHook { manifest, hook } in absent.into_iter().flatten() {
            if manifest.hooks.get(*hook).is_some_and(|hook| applies_to_change(hook, manifest.id(), change, None)) {
                let message = format!(
                    "The plugin {:?}, which checks these changes, is not running: the change was not saved",
                    manifest.id()
                );
                return Err(ContentError::Refused(crate::guest_errors::unavailable_refusal(
                    message,
                    Some(RETRY_AFTER),
                )));
            }
        }
        Ok(())
    }

    fn hooks_of_phase(&self, phase: Phase) -> &HashMap<(TypeId, HookAction), Vec<MissingHook>> {
        match phase {
            Phase::Prepare => &self.prepare,
            Phase::Before => &self.before,
        }
    }
}
