//! The steps of its life leave a mark each, so that tests see which ran.

use crate::Allow;
use cairn_plugin::bindings::kv;
use cairn_plugin::{Call, Error, HealthReport, Lifecycle, Migration, Progress, Removal, Result};
use serde_json::Value;

impl Lifecycle for Allow {
    fn install(_call: &Call) -> Result<()> {
        mark("install")
    }

    /// Three slices.
    fn migrate(_call: &Call, migration: &Migration) -> Result<Progress> {
        mark("migrate")?;
        let done = migration.checkpoint::<u32>()?.unwrap_or(0) + 1;
        if done < 3 { Progress::more(&done) } else { Ok(Progress::Finished) }
    }

    fn enable(_call: &Call) -> Result<()> {
        mark("enable")
    }

    fn disable(_call: &Call) -> Result<()> {
        mark("disable")
    }

    fn uninstall(_call: &Call, _removal: Removal) -> Result<()> {
        mark("uninstall")
    }

    /// What a schema cannot say: the greeting must not be shouted.
    fn check_settings(_call: &Call, proposed: &Value) -> Result<()> {
        match proposed["greeting"].as_str() {
            Some(text) if text.len() > 1 && text == text.to_uppercase() => {
                Err(Error::field("greeting", "loud", "Please do not shout."))
            }
            _ => Ok(()),
        }
    }

    fn health(_call: &Call) -> HealthReport {
        HealthReport { ok: true, detail: "fine".to_owned() }
    }
}

fn mark(step: &str) -> Result<()> {
    kv::increment(&format!("lifecycle/{step}"), 1, None).map(|_| ())
}
