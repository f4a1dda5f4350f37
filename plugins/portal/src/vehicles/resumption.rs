//! A cancellation that is taken back: what waited for it goes on. While an order is cancelled, its timers run and find that there is nothing to do.

use crate::choices::deadline::note_choice;
use crate::model::{Choice, ChoiceStatus, Payment, PaymentState, of_vehicle};
use crate::payments::changes::MAX_PAYMENTS;
use crate::payments::overdue::note_payment;
use crate::preferences::delivery::resume_mails;
use crate::vehicles::cancellation::is_cancelled;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The job that resumes a vehicle's timers; its key is the vehicle's id.
pub(crate) const ORDER_RESUMED_JOB: &str = "order-resumed";
/// Most choices of a vehicle.
const MAX_CHOICES: u32 = 500;

/// Payload of the job.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ResumptionTask {
    vehicle: String,
}

/// Has the timers of a vehicle resumed after the open transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn schedule_resumption(vehicle: &str) -> Result<()> {
    let task = ResumptionTask { vehicle: vehicle.to_owned() };
    jobs::timer(ORDER_RESUMED_JOB).key(vehicle).due(time::now()).set(&task).map(|_| ())
}

/// Sets the timers of payments, choices and mails of a vehicle again. What became due meanwhile is due at once.
///
/// # Errors
/// What the host says.
pub(crate) fn resume_timers(task: &ResumptionTask) -> Result<()> {
    let id = task.vehicle.as_str();
    run_transaction(|| {
        // The vehicle may have been cancelled again.
        if is_cancelled(id)? {
            return Ok(());
        }
        let open = json!({ "state": PaymentState::Open });
        for payment in data::find::<Payment>().filter(of_vehicle(id)).filter(open).all(MAX_PAYMENTS)? {
            note_payment(&payment.document_id)?;
        }
        let unlocked = json!({ "status": { "$ne": ChoiceStatus::Locked } });
        for choice in data::find::<Choice>().filter(of_vehicle(id)).filter(unlocked).all(MAX_CHOICES)? {
            note_choice(&choice.document_id)?;
        }
        resume_mails(id)
    })
}
