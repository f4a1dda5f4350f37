//! Checks of the settings that are proposed, the state of the whole, and data of earlier versions.

use crate::Esign;
use crate::approval_rules::is_approver;
use crate::seal_check::find_sealing_fault;
use crate::settings::Settings;
use crate::upgrades::upgrade_requests;
use cairn_plugin::prelude::*;
use cairn_plugin::{HealthReport, Migration, Progress, format_instant};
use serde_json::Value;

impl Lifecycle for Esign {
    fn migrate(_call: &Call, migration: &Migration) -> Result<Progress> {
        upgrade_requests(migration)
    }

    fn health(call: &Call) -> HealthReport {
        match Settings::load().and_then(|settings| find_sealing_fault(&settings, &call.locale)) {
            Ok(None) => HealthReport { ok: true, detail: String::new() },
            Ok(Some(detail)) => HealthReport { ok: false, detail },
            Err(error) => HealthReport { ok: false, detail: error.describe() },
        }
    }

    fn check_settings(call: &Call, proposed: &Value) -> Result<()> {
        let settings: Settings = serde_json::from_value(proposed.clone())?;
        let refuse =
            |field: &str| Error::field(field, field, translate(&format!("refused.{field}"), &call.locale, None));
        if format_instant(time::now(), "nl", &settings.timezone, "short").is_err() {
            return Err(refuse("timezone"));
        }
        let is_address = settings.reply_to.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && domain.contains('.') && !settings.reply_to.contains(char::is_whitespace)
        });
        if !settings.reply_to.is_empty() && !is_address {
            return Err(refuse("replyTo"));
        }
        if let Some(n) = settings.approval_rules.iter().position(|rule| !is_approver(&rule.approver)) {
            let text = translate("refused.ruleApprover", &call.locale, None);
            return Err(Error::field(format!("approvalRules[{n}].approver"), "approver", text));
        }
        Ok(())
    }
}
