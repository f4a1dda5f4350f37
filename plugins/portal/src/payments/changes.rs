//! Payments as people write them.

use super::overdue::state_of;
use super::plan::{PlanProblem, check_plan};
use crate::access::audience::find_ownership;
use crate::model::{Amount, Link, Payment, Vehicle, of_vehicle};
use crate::refusals::{refuse_field, refuse_state};
use crate::vehicles::cancellation::is_cancelled;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::json;

/// Most payments of a vehicle.
pub(crate) const MAX_PAYMENTS: u32 = 200;

/// Fields that only the plugin writes.
const KEPT: [&str; 3] = ["overdueAt", "erasedAt", "ownership"];

/// A payment as somebody writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenPayment {
    vehicle: Option<Link>,
    amount: Option<Amount>,
    due_on: Option<String>,
    paid_on: Option<String>,
}

/// The payments of a vehicle add up to no more than its contract, and to exactly that where the plan is complete. How a payment stands follows
/// from its days. None changes once the order is cancelled.
///
/// # Errors
/// What the host says.
pub(crate) fn decide_change(call: &Call, change: &Change) -> Result<Decision> {
    if change.action == Action::Delete {
        let stored = data::find::<Payment>().populate(json!({ "vehicle": { "fields": ["title"] } }));
        let stored = stored.by_ids(&[&change.document_id])?.pop().flatten();
        if stored.as_ref().is_some_and(|payment| payment.erased_at.is_some()) {
            return Ok(refuse_state("kept-document", call));
        }
        let Some(vehicle) = stored.and_then(|payment| payment.fields.vehicle) else { return Ok(Decision::Allow) };
        if is_cancelled(&vehicle.document_id)? {
            return Ok(refuse_state("vehicle-cancelled", call));
        }
        return Ok(match find_problem(&vehicle.document_id, &change.document_id, None)? {
            // Less than before is never too much.
            Some(PlanProblem::Incomplete) => refuse_state("payment-of-plan", call),
            _ => Decision::Allow,
        });
    }
    let Some(after) = change.after::<WrittenPayment>()? else { return Ok(Decision::Allow) };
    let Some(vehicle) = &after.vehicle else { return Ok(refuse_field("vehicle", "no-vehicle", call, None)) };
    if change.action == Action::Update && change.touches("vehicle") {
        return Ok(refuse_field("vehicle", "other-vehicle", call, None));
    }
    let is_changed = change.action == Action::Create || !change.changed.is_empty();
    if is_changed && is_cancelled(&vehicle.document_id)? {
        return Ok(refuse_state("vehicle-cancelled", call));
    }
    if let Some(field) = KEPT.into_iter().find(|field| change.action == Action::Update && change.touches(field)) {
        return Ok(refuse_field(field, "kept", call, None));
    }
    let (Some(amount), Some(due_on)) = (after.amount, &after.due_on) else { return Ok(Decision::Allow) };
    if !amount.is_whole() {
        return Ok(refuse_field("amount", "parts-of-cents", call, None));
    }
    let is_checked = change.action == Action::Create || change.touches("amount");
    if is_checked && let Some(problem) = find_problem(&vehicle.document_id, &change.document_id, Some(amount))? {
        return Ok(refuse_field("amount", problem.code(), call, None));
    }
    let state = state_of(due_on, after.paid_on.as_deref())?;
    if change.action == Action::Update {
        return Decision::amend(&json!({ "state": state }));
    }
    if data::find::<Payment>().filter(of_vehicle(&vehicle.document_id)).count()? >= u64::from(MAX_PAYMENTS) {
        return Ok(refuse_state("too-many-payments", call));
    }
    let ownership = find_ownership(&vehicle.document_id)?;
    Decision::amend(&json!({ "state": state, "ownership": ownership, "overdueAt": null, "erasedAt": null }))
}

/// The problem of a vehicle's plan with another amount of one of its payments, or without it. Nobody else changes the plan meanwhile.
fn find_problem(vehicle: &str, payment: &str, amount: Option<Amount>) -> Result<Option<PlanProblem>> {
    let Some(vehicle) = data::find::<Vehicle>().lock().by_ids(&[vehicle])?.pop().flatten() else { return Ok(None) };
    let others = json!({ "documentId": { "$ne": payment } });
    let mut amounts = list_amounts(&vehicle.document_id, others)?;
    amounts.extend(amount);
    Ok(check_plan(vehicle.contract_amount, vehicle.plan_complete, &amounts).err())
}

/// The amounts of a vehicle's payments.
///
/// # Errors
/// What the host says.
pub(crate) fn list_amounts(vehicle: &str, filter: serde_json::Value) -> Result<Vec<Amount>> {
    let payments = data::find::<Payment>().filter(of_vehicle(vehicle)).filter(filter).all(MAX_PAYMENTS)?;
    Ok(payments.iter().map(|payment| payment.amount).collect())
}
