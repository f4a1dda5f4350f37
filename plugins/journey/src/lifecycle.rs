//! Installation, and what is checked of the settings.

use crate::Journeys;
use crate::groups::enqueue_groups;
use crate::refusals::wrong_field;
use crate::seeds::create_seeds;
use crate::settings::Settings;
use crate::starts::find_definition;
use crate::upgrades::upgrade;
use cairn_plugin::prelude::*;
use cairn_plugin::{Migration, Progress};
use serde_json::Value;

impl Lifecycle for Journeys {
    fn install(_call: &Call) -> Result<()> {
        create_seeds()
    }

    fn check_settings(call: &Call, proposed: &Value) -> Result<()> {
        let settings: Settings = serde_json::from_value(proposed.clone())?;
        let key = settings.deal_definition.trim();
        if !key.is_empty() && find_definition(key)?.is_none_or(|definition| definition.key != key) {
            return Err(wrong_field("dealDefinition", "unknown-definition", &call.locale, None));
        }
        Ok(())
    }

    fn migrate(_call: &Call, migration: &Migration) -> Result<Progress> {
        let progress = upgrade(migration)?;
        if matches!(progress, Progress::Finished) {
            enqueue_groups()?;
        }
        Ok(progress)
    }

    /// While the plugin was off or had no grant for it, nobody's groups were kept up to date.
    fn enable(_call: &Call) -> Result<()> {
        enqueue_groups()
    }
}
