//! The steps of its life leave a mark each, so that tests see which ran. The setting `greeting` has some of them go wrong: `refuse-install`,
//! `trap-install`, `refuse-disable`, `stuck` (from the second slice of a migration on), `endless` (always another slice).

use crate::Allow;
use cairn_plugin::bindings::kv;
use cairn_plugin::{Call, Error, HealthReport, Lifecycle, Migration, Progress, Removal, Result};
use serde_json::Value;

impl Lifecycle for Allow {
    fn install(_call: &Call) -> Result<()> {
        mark("install")?;
        match greeting().as_str() {
            "refuse-install" => Err(Error::field("", "full", "There is no room.")),
            "trap-install" => panic!("asked for a trap"),
            _ => Ok(()),
        }
    }

    /// Three slices.
    fn migrate(_call: &Call, migration: &Migration) -> Result<Progress> {
        mark("migrate")?;
        let done = migration.checkpoint::<u32>()?.unwrap_or(0) + 1;
        if done > 1 && greeting() == "stuck" {
            return Err(Error::field("", "stuck", "It does not go on."));
        }
        if greeting() == "endless" {
            return Progress::more(&done);
        }
        if done < 3 { Progress::more(&done) } else { Ok(Progress::Finished) }
    }

    fn enable(_call: &Call) -> Result<()> {
        mark("enable")
    }

    fn disable(_call: &Call) -> Result<()> {
        mark("disable")?;
        match greeting().as_str() {
            "refuse-disable" => Err(Error::field("", "no", "Not now.")),
            _ => Ok(()),
        }
    }

    fn uninstall(_call: &Call, _removal: Removal) -> Result<()> {
        mark("uninstall")
    }

    /// Checks a rule that a schema cannot express: the greeting must not be shouted.
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

fn greeting() -> String {
    let settings: Value = cairn_plugin::settings().unwrap_or_default();
    settings["greeting"].as_str().unwrap_or_default().to_owned()
}

fn mark(step: &str) -> Result<()> {
    kv::increment(&format!("lifecycle/{step}"), 1, None).map(|_| ())
}
