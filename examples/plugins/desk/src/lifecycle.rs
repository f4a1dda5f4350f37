//! Checks of the settings, and the plugin's health.

use crate::Desk;
use crate::model::Settings;
use cairn_plugin::prelude::*;
use cairn_plugin::{HealthReport, calendar};
use serde_json::Value;

impl Lifecycle for Desk {
    fn check_settings(call: &Call, proposed: &Value) -> Result<()> {
        let settings: Settings = serde_json::from_value(proposed.clone())?;
        let text = |code: &str| translate(&format!("problem.setting.{code}"), &call.locale, None);
        if !is_usable(&settings.calendar)? {
            return Err(Error::field("calendar", "calendar", text("calendar")));
        }
        if settings.urgent_hours > settings.response_hours {
            return Err(Error::field("urgentHours", "urgentHours", text("urgentHours")));
        }
        Ok(())
    }

    fn health(call: &Call) -> HealthReport {
        let is_fine = settings::<Settings>().and_then(|settings| is_usable(&settings.calendar));
        match is_fine {
            Ok(true) => HealthReport { ok: true, detail: String::new() },
            Ok(false) => HealthReport { ok: false, detail: translate("problem.setting.calendar", &call.locale, None) },
            Err(error) => HealthReport { ok: false, detail: error.describe() },
        }
    }
}

/// True if deadlines can be computed with a calendar: one that is there, or none.
fn is_usable(name: &str) -> Result<bool> {
    if name.is_empty() {
        return Ok(true);
    }
    match calendar::is_open(name, time::now()) {
        Ok(_) => Ok(true),
        Err(Error::NotFound(_) | Error::Invalid(_) | Error::Denied(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
