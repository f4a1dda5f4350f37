//! Reports of production steps from another system. Each counts once, by its id; one that is out of order is held until the step before it is
//! there.

use super::changes::{ReportEffect, apply_report};
use super::steps::{Step, StepState};
use crate::messages::notify_staff;
use crate::model::{ReportOutcome, StepReport, Vehicle, VehicleStatus, of_vehicle};
use crate::refusals::{wrong_field, wrong_state};
use crate::settings::Settings;
use crate::vehicles::vin::normalise_vin;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde::Deserialize;
use serde_json::{Value, json};

/// Longest id and name of a sender, in bytes.
const MAX_ID: usize = 200;
const MAX_SENDER: usize = 100;
/// A report may lie so far ahead, in milliseconds: clocks differ.
const MAX_AHEAD_MILLIS: i64 = 5 * 60_000;
/// Most reports of a vehicle that are held.
const MAX_HELD: u32 = 100;

/// A report as another system sends it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ReportRequest {
    /// Chosen by the sender: a report that is sent again has the same.
    id: String,
    /// The system that sends it: ids are its own.
    #[serde(default)]
    sender: Option<String>,
    #[serde(default)]
    order_no: Option<String>,
    #[serde(default)]
    vin: Option<String>,
    step: String,
    state: String,
    #[serde(default)]
    at: Option<String>,
}

/// A report that was received.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ReceivedReport {
    pub(crate) id: String,
    pub(crate) vehicle: String,
    pub(crate) outcome: ReportOutcome,
    /// The step that is missing before it.
    pub(crate) missing: Option<String>,
    /// It had been received before.
    pub(crate) is_repeated: bool,
}

/// Stores a report and applies it, or holds it where it is out of order and tells the team.
///
/// # Errors
/// `Invalid` with the field that is wrong; `NotFound` for a vehicle that there is not; `Conflict` for one that is cancelled.
pub(crate) fn receive_report(request: &ReportRequest, locale: &str) -> Result<ReceivedReport> {
    let is_name =
        |text: &str, most: usize| !text.trim().is_empty() && text.len() <= most && !text.chars().any(char::is_control);
    if !is_name(&request.id, MAX_ID) {
        return Err(wrong_field("id", "report-id", locale, Some(&json!({ "most": MAX_ID }))));
    }
    let sender = request.sender.as_deref().map(str::trim).unwrap_or_default();
    if !sender.is_empty() && !is_name(sender, MAX_SENDER) {
        return Err(wrong_field("sender", "report-sender", locale, Some(&json!({ "most": MAX_SENDER }))));
    }
    let step = Step::find(&request.step).ok_or_else(|| wrong_field("step", "unknown-step", locale, None))?;
    let state = [StepState::Started, StepState::Done].into_iter().find(|state| state.name() == request.state);
    let state = state.ok_or_else(|| wrong_field("state", "unknown-state", locale, None))?;
    let now = time::now();
    let at = match request.at.as_deref() {
        Some(at) => time::parse(at).map_err(|_| wrong_field("at", "report-at", locale, None))?,
        None => now,
    };
    if at > now.saturating_add(MAX_AHEAD_MILLIS) {
        return Err(wrong_field("at", "report-ahead", locale, None));
    }
    let at = time::format(at);
    let filter = named_vehicle(request, locale)?;
    run_transaction(|| {
        let vehicle = data::find::<Vehicle>().filter(filter.clone()).lock().first()?;
        let mut vehicle = vehicle.ok_or_else(|| Error::NotFound(request.id.clone()))?;
        let key = build_report_key(&vehicle.document_id, sender, &request.id);
        if let Some(known) = data::find::<StepReport>().filter(json!({ "reportKey": { "$eq": key } })).first()? {
            let outcome = known.outcome;
            return Ok(describe(request, &vehicle, outcome, None, true));
        }
        if vehicle.status == VehicleStatus::Cancelled {
            return Err(wrong_state("vehicle-cancelled", locale));
        }
        let applied = apply_report(&mut vehicle, step, state, &at)?;
        let missing = match applied {
            ReportEffect::Missing(missing) => Some(missing),
            ReportEffect::Changed | ReportEffect::Known => None,
        };
        let outcome = if missing.is_some() { ReportOutcome::Held } else { ReportOutcome::Applied };
        let held = data::find::<StepReport>().filter(of_vehicle(&vehicle.document_id)).filter(held()).count()?;
        if missing.is_some() && held >= u64::from(MAX_HELD) {
            return Err(wrong_state("reports-held", locale));
        }
        data::create::<StepReport>(&json!({
            "vehicle": vehicle.document_id, "reportKey": key, "reportId": request.id,
            "sender": Some(sender).filter(|sender| !sender.is_empty()), "step": step, "state": state, "at": at,
            "outcome": outcome, "missing": missing,
        }))?;
        if let Some(missing) = missing {
            let language = Settings::load()?.language;
            let text = |step: Step| translate(&format!("step.{}", step.name()), &language, None);
            let arguments = json!({ "subject": text(step), "missing": text(missing) });
            notify_staff("held", &key, &vehicle.document_id, &arguments)?;
        } else {
            apply_held(&mut vehicle)?;
        }
        Ok(describe(request, &vehicle, outcome, missing, false))
    })
}

fn held() -> Value {
    json!({ "outcome": ReportOutcome::Held })
}

fn describe(
    request: &ReportRequest,
    vehicle: &Row<Vehicle>,
    outcome: ReportOutcome,
    missing: Option<Step>,
    is_repeated: bool,
) -> ReceivedReport {
    ReceivedReport {
        id: request.id.clone(),
        vehicle: vehicle.document_id.clone(),
        outcome,
        missing: missing.map(|step| step.name().to_owned()),
        is_repeated,
    }
}

/// Builds the key of a report. It has the length of the sender's name, because any character may be part of names and ids.
fn build_report_key(vehicle: &str, sender: &str, id: &str) -> String {
    format!("{vehicle}:{}:{sender}/{id}", sender.len())
}

/// The filter of the vehicle that a report names: by its order or by its number, not both.
fn named_vehicle(request: &ReportRequest, locale: &str) -> Result<Value> {
    let given =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    match (given(&request.order_no), given(&request.vin)) {
        (Some(order), None) => Ok(json!({ "orderNo": { "$eq": order } })),
        (None, Some(vin)) => Ok(json!({ "vin": { "$eq": normalise_vin(&vin) } })),
        _ => Err(wrong_field("orderNo", "report-vehicle", locale, None)),
    }
}

/// Applies the reports of a vehicle that were held and are in order now, in the open transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn apply_held(vehicle: &mut Row<Vehicle>) -> Result<()> {
    let reports = data::find::<StepReport>().filter(of_vehicle(&vehicle.document_id)).filter(held());
    let mut reports = reports.sort("createdAt:asc").all(MAX_HELD)?;
    loop {
        let before = reports.len();
        let mut left = Vec::with_capacity(before);
        for report in reports {
            match apply_report(vehicle, report.step, report.state, &report.at)? {
                ReportEffect::Missing(_) => left.push(report),
                ReportEffect::Changed | ReportEffect::Known => {
                    let applied = json!({ "outcome": ReportOutcome::Applied, "missing": null });
                    data::update::<StepReport>(&report.document_id, &applied)?;
                }
            }
        }
        if left.len() == before || left.is_empty() {
            return Ok(());
        }
        reports = left;
    }
}

/// Somebody of the team decides that a report that is held does not count.
///
/// # Errors
/// `NotFound` for one that does not exist, or is not held.
pub(crate) fn discard_report(id: &str) -> Result<()> {
    run_transaction(|| {
        let report = data::find::<StepReport>().lock().by_ids(&[id])?.pop().flatten();
        if report.is_none_or(|report| report.outcome != ReportOutcome::Held) {
            return Err(Error::NotFound(id.to_owned()));
        }
        data::update::<StepReport>(id, &json!({ "outcome": ReportOutcome::Discarded })).map(|_| ())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_reports_differ_wherever_a_slash_is() {
        let keys = [("", "a/b"), ("a", "b"), ("a/b", ""), ("a", "/b"), ("a/", "b")];
        let keys: Vec<String> = keys.iter().map(|(sender, id)| build_report_key("v", sender, id)).collect();
        assert!(keys.iter().enumerate().all(|(n, key)| !keys[..n].contains(key)), "{keys:?}");
        // The longest key fits into the field that stores it.
        let longest = build_report_key(&"v".repeat(24), &"s".repeat(MAX_SENDER), &"i".repeat(MAX_ID));
        assert!(longest.len() <= 330, "{}", longest.len());
    }
}
