//! The deadlines of choices.

use crate::messages::notify_staff;
use crate::model::{Choice, ChoiceStatus};
use crate::vehicles::cancellation::is_cancelled;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The job of the deadline; its key is the choice's id.
pub(crate) const CHOICE_LOCK_JOB: &str = "choice-lock";

/// Payload of the job.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ChoiceTask {
    choice: String,
}

/// A choice is new or changed: its timer follows.
///
/// # Errors
/// What the host says.
pub(crate) fn note_choice(id: &str) -> Result<()> {
    let Some(choice) = data::get::<Choice>(id)? else { return Ok(()) };
    if choice.status == ChoiceStatus::Locked {
        return jobs::cancel(CHOICE_LOCK_JOB, id).map(|_| ());
    }
    let task = ChoiceTask { choice: id.to_owned() };
    jobs::timer(CHOICE_LOCK_JOB).key(id).due(time::parse(&choice.deadline)?).set(&task).map(|_| ())
}

/// The deadline of a choice: it is locked, and the team hears of one that nobody confirmed. That of a cancelled order waits.
///
/// # Errors
/// What the host says.
pub(crate) fn run_choice_lock(task: &ChoiceTask) -> Result<()> {
    run_transaction(|| {
        let populate = json!({ "vehicle": { "fields": ["title"] } });
        let choice = data::find::<Choice>().populate(populate).lock().by_ids(&[&task.choice])?.pop().flatten();
        let Some(choice) = choice.filter(|choice| choice.status != ChoiceStatus::Locked) else { return Ok(()) };
        if time::parse(&choice.deadline)? > time::now() {
            // The deadline was postponed after the timer was set.
            return note_choice(&task.choice);
        }
        if let Some(vehicle) = &choice.vehicle
            && is_cancelled(&vehicle.document_id)?
        {
            return Ok(());
        }
        data::update::<Choice>(&task.choice, &json!({ "status": ChoiceStatus::Locked }))?;
        match &choice.vehicle {
            Some(vehicle) if choice.confirmed_at.is_none() => {
                let key = format!("{}/{}", task.choice, choice.deadline);
                notify_staff("unconfirmed", &key, &vehicle.document_id, &json!({ "subject": choice.title }))
            }
            _ => Ok(()),
        }
    })
}
