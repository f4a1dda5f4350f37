//! Hooks of plugins that should run and do not: what may not be stored without their word is not stored.

use super::{applies, of_registry};
use cairn_content::{Change, ContentError, HookAction, Result};
use cairn_model::{Registry, TypeId};
use cairn_plugin_package::Manifest;
use cairn_plugin_package::manifest::{OnFailure, Phase};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// When to come again: somebody has to look at the plugin first.
const AGAIN: Duration = Duration::from_secs(60);

/// Which changes are refused because their hook is not there.
#[derive(Default)]
pub(crate) struct Barred {
    early: HashMap<(TypeId, HookAction), Vec<Absent>>,
    inside: HashMap<(TypeId, HookAction), Vec<Absent>>,
}

/// A hook that cannot be asked.
struct Absent {
    manifest: Arc<Manifest>,
    /// Its place in the manifest.
    hook: usize,
}

impl Barred {
    /// Of plugins that do not run. Hooks that are skipped where they fail are skipped here as well.
    pub(crate) fn of(registry: &Registry, absent: &[Arc<Manifest>]) -> Self {
        let mut barred = Self::default();
        for manifest in absent {
            for (i, hook) in manifest.hooks.iter().enumerate() {
                if hook.on_failure != OnFailure::Refuse {
                    continue;
                }
                for key in of_registry(registry, hook) {
                    let of = match hook.phase {
                        Phase::Prepare => &mut barred.early,
                        Phase::Before => &mut barred.inside,
                    };
                    of.entry(key).or_default().push(Absent { manifest: manifest.clone(), hook: i });
                }
            }
        }
        barred
    }

    pub(super) fn has(&self, phase: Phase, key: (TypeId, HookAction)) -> bool {
        self.phase(phase).contains_key(&key)
    }

    /// Refuses a change that one of them would have been asked about.
    pub(super) fn check(&self, phase: Phase, change: &Change<'_>) -> Result<()> {
        let absent = self.phase(phase).get(&(change.content_type.id, change.action));
        for Absent { manifest, hook } in absent.into_iter().flatten() {
            if manifest.hooks.get(*hook).is_some_and(|hook| applies(hook, manifest.id(), change, None)) {
                let message = format!(
                    "The plugin {:?}, which checks these changes, is not running: the change was not saved",
                    manifest.id()
                );
                return Err(ContentError::Refused(crate::faults::later(message, Some(AGAIN))));
            }
        }
        Ok(())
    }

    fn phase(&self, phase: Phase) -> &HashMap<(TypeId, HookAction), Vec<Absent>> {
        match phase {
            Phase::Prepare => &self.early,
            Phase::Before => &self.inside,
        }
    }
}
