//! Being installed, and what is checked of the settings.

use crate::Crm;
use crate::clock::plan_deadline;
use crate::model::{Pipeline, Stage};
use crate::origin::Origin;
use crate::seeds::{add_stage_rules, plant_packages, plant_seeds};
use crate::settings::Settings;
use crate::upgrades::upgrade_content;
use crate::waiting_inquiries::list_stuck;
use cairn_contact_details::email::is_email;
use cairn_plugin::prelude::*;
use cairn_plugin::{FieldError, HealthReport, Migration, Progress, format_instant};
use serde_json::{Value, json};

/// Pipelines that are looked at, and stages with a clock.
const MAX_PIPELINES: u32 = 100;
const MAX_STAGES: u32 = 300;

impl Lifecycle for Crm {
    fn install(_call: &Call) -> Result<()> {
        plant_seeds()
    }

    fn migrate(_call: &Call, migration: &Migration) -> Result<Progress> {
        // Versions before 0.2 had no quotes, and stages had no rules.
        if migration.from.starts_with("0.1.") && migration.checkpoint.is_none() {
            plant_packages()?;
            add_stage_rules()?;
        }
        upgrade_content(migration)
    }

    fn check_settings(call: &Call, proposed: &Value) -> Result<()> {
        let settings: Settings = serde_json::from_value(proposed.clone())?;
        let text = |code: &str| translate(&format!("wrong.{code}"), &call.locale, None);
        settings.check_form_keys(|| text("formKey"))?;
        if format_instant(time::now(), "nl", &settings.timezone, "short").is_err() {
            return Err(Error::field("timezone", "timezone", text("timezone")));
        }
        if !settings.reply_to.is_empty() && !is_email(&settings.reply_to) {
            return Err(Error::field("replyTo", "email", text("email")));
        }
        let (signer, address) = (settings.contract_signer_name.trim(), settings.contract_signer_email.trim());
        if !address.is_empty() && !is_email(address) {
            return Err(Error::field("contractSignerEmail", "email", text("email")));
        }
        if signer.is_empty() != address.is_empty() {
            let field = if signer.is_empty() { "contractSignerName" } else { "contractSignerEmail" };
            return Err(Error::field(field, "contractSigner", text("contractSigner")));
        }
        for (n, form) in settings.forms.iter().enumerate() {
            if let Some(m) = form.origins.iter().position(|origin| Origin::parse(origin).is_none()) {
                return Err(Error::field(format!("forms[{n}].origins[{m}]"), "origin", text("origin")));
            }
        }
        let known = list_pipelines()?;
        let is_known = |key: &str| known.iter().any(|pipeline| pipeline.key == key);
        let wrong = settings.forms.iter().enumerate().filter(|(_, form)| !is_known(&form.pipeline));
        let wrong: Vec<FieldError> = wrong
            .map(|(n, _)| FieldError {
                path: format!("forms[{n}].pipeline"),
                code: "pipeline".to_owned(),
                message: text("pipeline"),
            })
            .collect();
        if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
    }

    fn health(call: &Call) -> HealthReport {
        match find_fault(&call.locale) {
            Ok(None) => HealthReport { ok: true, detail: String::new() },
            Ok(Some(detail)) => HealthReport { ok: false, detail },
            Err(error) => HealthReport { ok: false, detail: error.describe() },
        }
    }
}

fn list_pipelines() -> Result<Vec<Row<Pipeline>>> {
    data::find::<Pipeline>().populate(json!({ "responsePolicy": true })).sort("order:asc").all(MAX_PIPELINES)
}

/// Finds a fault that keeps leads from being stored or answered in time: a form without its pipeline, an inquiry that cannot become a lead, a
/// policy that no clock can follow.
fn find_fault(locale: &str) -> Result<Option<String>> {
    let known = list_pipelines()?;
    let settings = Settings::load()?;
    let lost = settings.forms.iter().find(|form| !known.iter().any(|pipeline| pipeline.key == form.pipeline));
    if let Some(form) = lost {
        return Ok(Some(translate("health.pipeline", locale, Some(&json!({ "form": form.key })))));
    }
    if let Some(stuck) = list_stuck(1)?.pop() {
        let problem = json!({ "problem": stuck.attempts.problem });
        return Ok(Some(translate("health.inquiry", locale, Some(&problem))));
    }
    let now = time::now();
    let broken = known
        .iter()
        .find(|pipeline| pipeline.response_policy.as_ref().is_some_and(|policy| plan_deadline(policy, now).is_err()));
    if let Some(pipeline) = broken {
        return Ok(Some(translate("health.policy", locale, Some(&json!({ "pipeline": pipeline.name })))));
    }
    let timed = json!({ "slaPolicy": { "documentId": { "$notNull": true } } });
    let stages = data::find::<Stage>().filter(timed).populate(json!({ "slaPolicy": true })).all(MAX_STAGES)?;
    let broken =
        stages.iter().find(|stage| stage.sla_policy.as_ref().is_some_and(|policy| plan_deadline(policy, now).is_err()));
    Ok(broken.map(|stage| translate("health.stage", locale, Some(&json!({ "stage": stage.name })))))
}
