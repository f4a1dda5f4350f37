//! Changes of a vehicle's steps, by reports and by people of the team.

use super::steps::{Step, StepChange, StepState};
use crate::access::audience::invalidate_vehicle;
use crate::model::{Vehicle, VehicleStatus};
use crate::preferences::delivery::mail_news;
use crate::preferences::model::Topic;
use crate::refusals::{wrong_field, wrong_state};
use crate::vehicles::resumption::schedule_resumption;
use cairn_plugin::prelude::*;
use cairn_plugin::{events, run_transaction};
use serde_json::{Value, json};

/// Effect of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReportEffect {
    Changed,
    /// It was so already.
    Known,
    /// This step has to be done before.
    Missing(Step),
}

/// Applies a report to a vehicle that the open transaction has locked: its steps, the status that follows from them, and the event.
///
/// # Errors
/// What the host says.
pub(crate) fn apply_report(vehicle: &mut Row<Vehicle>, step: Step, state: StepState, at: &str) -> Result<ReportEffect> {
    let steps = match vehicle.steps.report(step, state, at) {
        StepChange::Known => return Ok(ReportEffect::Known),
        StepChange::Missing(missing) => return Ok(ReportEffect::Missing(missing)),
        StepChange::Applied(steps) => *steps,
    };
    let is_delivered = steps.open_step().is_none();
    let status = if is_delivered { VehicleStatus::Delivered } else { VehicleStatus::Production };
    let mut fields = json!({ "steps": steps, "step": steps.current_step(), "status": status });
    if is_delivered {
        fields["deliveredAt"] = json!(at);
    }
    data::update::<Vehicle>(&vehicle.document_id, &fields)?;
    vehicle.steps = steps;
    vehicle.status = status;
    let mut told = json!({ "vehicle": vehicle.document_id, "step": step, "state": state });
    if let Some(order) = &vehicle.order_no {
        told["orderNo"] = json!(order);
    }
    events::publish("portal.step.changed", &vehicle.document_id, &told)?;
    if state == StepState::Done {
        let name = format!("step/{}/{}", vehicle.document_id, step.name());
        let model = json!({ "vehicle": vehicle.title, "step": step });
        mail_news(vehicle, &name, step.name(), Topic::Production, &model)?;
    }
    Ok(ReportEffect::Changed)
}

/// The status that follows from the steps of a vehicle that is not cancelled.
pub(crate) fn status_of(vehicle: &Vehicle) -> VehicleStatus {
    match (vehicle.steps.open_step(), vehicle.steps.has_begun()) {
        (None, _) => VehicleStatus::Delivered,
        (Some(_), true) => VehicleStatus::Production,
        (Some(_), false) => VehicleStatus::Ordered,
    }
}

/// Somebody of the team says that the open step of a vehicle has begun, or is done.
///
/// # Errors
/// `NotFound` for a vehicle that does not exist; `Conflict` for one that is cancelled, whose steps are all done, or that is not where the person
/// saw it.
pub(crate) fn advance_vehicle(id: &str, seen: (&str, &str), locale: &str) -> Result<()> {
    run_transaction(|| {
        let mut vehicle = lock_vehicle(id, locale)?;
        let step = vehicle.steps.open_step().ok_or_else(|| wrong_state("steps-done", locale))?;
        let state = vehicle.steps.next_state(step);
        if (step.name(), state.name()) != seen {
            return Err(wrong_state("step-moved", locale));
        }
        apply_report(&mut vehicle, step, state, &time::format(time::now()))?;
        super::reports::apply_held(&mut vehicle)
    })
}

/// Somebody of the team puts a vehicle into the column of a step: the step before it is done, and this one has begun.
///
/// # Errors
/// `NotFound` for a vehicle that does not exist; `Invalid` for a step that there is not; `Conflict` for one that is cancelled, and for a step
/// that is not the next.
pub(crate) fn move_vehicle(id: &str, to: &str, locale: &str) -> Result<()> {
    let to = Step::find(to).ok_or_else(|| wrong_field("step", "unknown-step", locale, None))?;
    run_transaction(|| {
        let mut vehicle = lock_vehicle(id, locale)?;
        let open = vehicle.steps.open_step().ok_or_else(|| wrong_state("steps-done", locale))?;
        let at = time::format(time::now());
        if to != open {
            let next = Step::ALL.into_iter().find(|step| *step > open);
            if next != Some(to) {
                return Err(wrong_state("step-order", locale));
            }
            apply_report(&mut vehicle, open, StepState::Done, &at)?;
        }
        apply_report(&mut vehicle, to, StepState::Started, &at)?;
        super::reports::apply_held(&mut vehicle)
    })
}

fn lock_vehicle(id: &str, locale: &str) -> Result<Row<Vehicle>> {
    let vehicle = data::find::<Vehicle>().lock().by_ids(&[id])?.pop().flatten();
    let vehicle = vehicle.ok_or_else(|| Error::NotFound(id.to_owned()))?;
    if vehicle.status == VehicleStatus::Cancelled {
        return Err(wrong_state("vehicle-cancelled", locale));
    }
    Ok(vehicle)
}

/// Somebody of the team cancels the order of a vehicle, or takes that back. Customers can read it for some days more.
///
/// # Errors
/// `NotFound` for a vehicle that does not exist.
pub(crate) fn set_cancelled(id: &str, is_cancelled: bool) -> Result<()> {
    run_transaction(|| {
        let vehicle = data::find::<Vehicle>().lock().by_ids(&[id])?.pop().flatten();
        let vehicle = vehicle.ok_or_else(|| Error::NotFound(id.to_owned()))?;
        if (vehicle.status == VehicleStatus::Cancelled) == is_cancelled {
            return Ok(());
        }
        let (status, at) = if is_cancelled {
            (VehicleStatus::Cancelled, json!(time::format(time::now())))
        } else {
            schedule_resumption(id)?;
            (status_of(&vehicle), Value::Null)
        };
        data::update::<Vehicle>(id, &json!({ "status": status, "cancelledAt": at }))?;
        invalidate_vehicle(id)
    })
}
