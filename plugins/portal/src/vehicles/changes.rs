//! Vehicles as people write them.

use super::resumption::schedule_resumption;
use super::vin::{is_vin, normalise_vin};
use crate::access::audience::invalidate_vehicle;
use crate::model::{
    Access, Amount, Choice, Payment, ServiceRecord, ShareLink, TelemetryRun, TimelineEntry, Vehicle, VehicleDocument,
    VehicleStatus, of_vehicle,
};
use crate::payments::changes::list_amounts;
use crate::payments::plan::{PlanProblem, check_plan};
use crate::production::changes::status_of;
use crate::production::steps::{Progress, Step};
use crate::refusals::{refuse_field, refuse_state};
use crate::surveys::model::SurveyResponse;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Fields that only reports of steps, orders and the buttons of a vehicle's page change.
const KEPT: [&str; 6] = ["step", "steps", "source", "deliveredAt", "cancelledAt", "ownership"];

/// A vehicle as somebody writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenVehicle {
    vin: Option<String>,
    order_no: Option<String>,
    status: Option<VehicleStatus>,
    contract_amount: Option<Amount>,
    plan_complete: Option<bool>,
}

/// Numbers have their form, the contract's amount fits the payments, and steps are moved by reports. A vehicle that something belongs to is not
/// deleted.
///
/// # Errors
/// What the host says.
pub(crate) fn decide_change(call: &Call, change: &Change) -> Result<Decision> {
    if change.action == Action::Delete {
        return decide_deletion(call, &change.document_id);
    }
    let Some(after) = change.after::<WrittenVehicle>()? else { return Ok(Decision::Allow) };
    let is_new = change.action == Action::Create;
    if !is_new && let Some(field) = KEPT.into_iter().find(|field| change.touches(field)) {
        return Ok(refuse_field(field, "kept", call, None));
    }
    let mut patch = Map::new();
    if let Some(vin) = after.vin.as_deref() {
        let vin = normalise_vin(vin);
        if !vin.is_empty() && !is_vin(&vin) {
            return Ok(refuse_field("vin", "vin", call, None));
        }
        // An empty text would be a number that two vehicles cannot both have.
        patch.insert("vin".to_owned(), if vin.is_empty() { Value::Null } else { json!(vin) });
    }
    if let Some(order) = after.order_no.as_deref() {
        let order = order.trim();
        patch.insert("orderNo".to_owned(), if order.is_empty() { Value::Null } else { json!(order) });
    }
    let is_complete = after.plan_complete.unwrap_or_default();
    if after.contract_amount.is_some_and(|amount| !amount.is_whole()) {
        return Ok(refuse_field("contractAmount", "parts-of-cents", call, None));
    }
    let touches_plan = change.touches("contractAmount") || change.touches("planComplete");
    if is_new || touches_plan {
        let payments = if is_new { Vec::new() } else { list_payments(&change.document_id)? };
        if let Err(problem) = check_plan(after.contract_amount, is_complete, &payments) {
            let field = match problem {
                PlanProblem::Incomplete => "planComplete",
                PlanProblem::NoAmount | PlanProblem::Exceeded => "contractAmount",
            };
            return Ok(refuse_field(field, problem.code(), call, None));
        }
    }
    if is_new {
        patch.extend([
            ("steps".to_owned(), json!(Progress::default())),
            ("step".to_owned(), json!(Step::Ontwerp)),
            ("status".to_owned(), json!(VehicleStatus::Ordered)),
            ("source".to_owned(), Value::Null),
            ("deliveredAt".to_owned(), Value::Null),
            ("cancelledAt".to_owned(), Value::Null),
            ("ownership".to_owned(), json!(0)),
        ]);
    } else if change.touches("status") {
        match decide_status(call, change, after.status)? {
            Ok(fields) => patch.extend(fields),
            Err(refusal) => return Ok(refusal),
        }
    }
    if patch.is_empty() { Ok(Decision::Allow) } else { Decision::amend(&patch) }
}

/// The payments of a vehicle, which nobody else changes meanwhile.
fn list_payments(vehicle: &str) -> Result<Vec<Amount>> {
    data::find::<Vehicle>().lock().by_ids(&[vehicle])?;
    list_amounts(vehicle, json!({}))
}

/// An order is cancelled by hand, and that is taken back; how far production is follows from the steps.
fn decide_status(
    call: &Call,
    change: &Change,
    status: Option<VehicleStatus>,
) -> Result<Result<Map<String, Value>, Decision>> {
    let stored = data::get::<Vehicle>(&change.document_id)?;
    let Some(stored) = stored else { return Ok(Ok(Map::new())) };
    let was_cancelled = stored.status == VehicleStatus::Cancelled;
    let is_cancelled = status == Some(VehicleStatus::Cancelled);
    if was_cancelled == is_cancelled {
        return Ok(Err(refuse_field("status", "kept", call, None)));
    }
    invalidate_vehicle(&change.document_id)?;
    let at = if is_cancelled { json!(time::format(time::now())) } else { Value::Null };
    if !is_cancelled {
        schedule_resumption(&change.document_id)?;
    }
    let status = if is_cancelled { VehicleStatus::Cancelled } else { status_of(&stored) };
    Ok(Ok(Map::from_iter([("cancelledAt".to_owned(), at), ("status".to_owned(), json!(status))])))
}

fn decide_deletion(call: &Call, id: &str) -> Result<Decision> {
    let parts = data::find::<Access>().filter(of_vehicle(id)).count()?
        + data::find::<TimelineEntry>().drafts().filter(of_vehicle(id)).count()?
        + data::find::<VehicleDocument>().filter(of_vehicle(id)).count()?
        + data::find::<Payment>().filter(of_vehicle(id)).count()?
        + data::find::<Choice>().filter(of_vehicle(id)).count()?
        + data::find::<ServiceRecord>().filter(of_vehicle(id)).count()?
        + data::find::<ShareLink>().filter(of_vehicle(id)).count()?
        + data::find::<TelemetryRun>().filter(of_vehicle(id)).count()?
        + data::find::<SurveyResponse>().filter(of_vehicle(id)).count()?;
    Ok(if parts == 0 { Decision::Allow } else { refuse_state("vehicle-in-use", call) })
}
