//! Installation, and what is checked of the settings.

use crate::Portal;
use crate::access::accounts::schedule_search;
use crate::consents::purposes::find_repeated;
use crate::refusals::wrong_field;
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use serde_json::Value;

impl Lifecycle for Portal {
    /// While the plugin was off, somebody may have got an account.
    fn enable(_call: &Call) -> Result<()> {
        schedule_search()
    }

    /// Purposes have different keys, and a label and a text.
    fn check_settings(call: &Call, proposed: &Value) -> Result<()> {
        let settings: Settings = serde_json::from_value(proposed.clone())?;
        if let Some(n) = find_repeated(&settings.purposes) {
            return Err(wrong_field(&format!("purposes[{n}].key"), "purpose-key", &call.locale, None));
        }
        for (n, purpose) in settings.purposes.iter().enumerate() {
            if let Some(field) = purpose.find_empty() {
                return Err(wrong_field(&format!("purposes[{n}].{field}"), "purpose-text", &call.locale, None));
            }
        }
        Ok(())
    }
}
