//! Moves: from one phase to another, by a person with a reason or by the end of a window.

use crate::entries::{Cause, PhaseEndTask, enter_phase, leave_phase, set_phase_timer};
use crate::journeys::{LoadedJourney, event_data, require_active};
use crate::messages::notify_staff;
use crate::model::{Advance, Journey, JourneyStatus};
use crate::open_entry::find_open_entry;
use crate::planning::{SlotTask, list_due, settle_slots};
use crate::refusals::{wrong_field, wrong_state};
use crate::settings::Settings;
use crate::slots::run_slot;
use cairn_plugin::events;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde::Deserialize;
use serde_json::json;

/// Longest reason, in characters.
pub(crate) const MAX_REASON_CHARS: usize = 500;

/// Slots that were due before the end of a window and are run with it, in one slice of its job.
const MAX_DUE: u32 = 25;

/// A move that somebody asks for.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct MoveRequest {
    /// The phase, by its key or id; without it, the next one.
    #[serde(default)]
    pub(crate) phase: Option<String>,
    /// The phase that the journey is in for whoever asks, by its key or id: a move that comes second is refused.
    #[serde(default)]
    pub(crate) from: Option<String>,
    #[serde(default)]
    pub(crate) reason: String,
    /// Tell neither the customer nor the team.
    #[serde(default)]
    pub(crate) silent: bool,
}

/// Moves a journey. Returns the title of the phase that it is in now; `None` where it is completed.
///
/// # Errors
/// `Invalid` without a reason or for an unknown phase, `Conflict` for a journey that is not active or is in that phase, `NotFound`.
pub(crate) fn move_journey(id: &str, request: &MoveRequest, by: &str, locale: &str) -> Result<Option<String>> {
    let reason = request.reason.trim();
    check_reason(reason, locale)?;
    run_transaction(|| {
        let journey = LoadedJourney::load_locked(id)?;
        require_active(&journey, locale)?;
        let is_named = |name: &str, phase: &Row<crate::model::Phase>| phase.key == name || phase.document_id == name;
        if let Some(from) = request.from.as_deref()
            && !journey.current_phase().is_some_and(|phase| is_named(from, phase))
        {
            return Err(wrong_state("moved-meanwhile", locale));
        }
        let target = match request.phase.as_deref().filter(|name| !name.is_empty()) {
            Some(name) => Some(
                journey
                    .phases
                    .iter()
                    .find(|phase| is_named(name, phase))
                    .ok_or_else(|| wrong_field("phase", "unknown-phase", locale, None))?,
            ),
            None => journey.next_phase(),
        };
        if target.is_none() && journey.current().is_none() {
            return Err(wrong_state("no-phase", locale));
        }
        let Some(target) = target else {
            complete(&journey, reason)?;
            return Ok(None);
        };
        if journey.current_phase().is_some_and(|phase| phase.document_id == target.document_id) {
            return Err(wrong_state("same-phase", locale));
        }
        let left = find_open_entry(id)?;
        leave_phase(&journey, "", 0)?;
        let left = left.as_ref().map(|left| left.document_id.as_str());
        let is_silent = request.silent;
        enter_phase(&journey, target, Cause { by, reason, by_date: false, chain: 0, is_silent, left })?;
        if !is_silent {
            let key = format!("{id}/{}", journey.row.entry_no + 1);
            notify_staff(&journey, Some(target), "moved", &key, &format!("{by}: {reason}"));
        }
        Ok(Some(target.title.clone()))
    })
}

/// Completes a journey that is in its last phase.
///
/// # Errors
/// `Invalid` without a reason, `Conflict` for a journey that is not active or has phases ahead, `NotFound`.
pub(crate) fn complete_journey(id: &str, reason: &str, locale: &str) -> Result<()> {
    let reason = reason.trim();
    check_reason(reason, locale)?;
    run_transaction(|| {
        let journey = LoadedJourney::load_locked(id)?;
        require_active(&journey, locale)?;
        if journey.current().is_none() {
            return Err(wrong_state("no-phase", locale));
        }
        if journey.next_phase().is_some() {
            return Err(wrong_state("phases-ahead", locale));
        }
        complete(&journey, reason)
    })
}

/// Checks a reason.
///
/// # Errors
/// `Invalid` where it is empty or too long.
pub(crate) fn check_reason(reason: &str, locale: &str) -> Result<()> {
    if reason.is_empty() {
        return Err(wrong_field("reason", "reason", locale, None));
    }
    if reason.chars().count() > MAX_REASON_CHARS {
        return Err(wrong_field("reason", "reason-long", locale, Some(&json!({ "most": MAX_REASON_CHARS }))));
    }
    Ok(())
}

/// Ends a journey that was in its last phase. The customer keeps what they had.
fn complete(journey: &LoadedJourney, reason: &str) -> Result<()> {
    leave_phase(journey, reason, 0)?;
    settle_slots(journey)?;
    let patch = json!({
        "status": JourneyStatus::Completed, "phaseEndsAt": null, "overdueAt": null, "activeKey": null, "undo": null,
        "undoUntil": null,
    });
    data::update::<Journey>(journey.id(), &patch)?;
    let customer = journey.customer().map(|customer| customer.document_id.as_str());
    let definition = Some(journey.definition.document_id.as_str());
    events::publish("journey.journey.completed", journey.id(), &event_data(journey.id(), definition, customer))?;
    journey.invalidate_policies()
}

/// The end of a phase's window: the journey moves on, or whoever looks after the phase is notified. Run again, or after the journey has
/// moved, it changes nothing. What was due in the phase before, and is late as well, comes first. Returns whether some of that is left.
///
/// # Errors
/// What the host says.
pub(crate) fn run_phase_end(task: &PhaseEndTask) -> Result<bool> {
    let due = list_due(&task.journey, MAX_DUE)?;
    for slot in &due {
        run_slot(&SlotTask { journey: task.journey.clone(), slot: slot.document_id.clone() })?;
    }
    // The slots that ran are followed by the next ones of their rows.
    if !due.is_empty() {
        return Ok(true);
    }
    end_phase(task)?;
    Ok(false)
}

fn end_phase(task: &PhaseEndTask) -> Result<()> {
    run_transaction(|| {
        let journey = match LoadedJourney::load_locked(&task.journey) {
            Err(Error::NotFound(_)) => return Ok(()),
            journey => journey?,
        };
        let (Some(ends), Some(phase)) = (journey.row.phase_ends_at.as_deref(), journey.current_phase()) else {
            return Ok(());
        };
        let is_current = journey.row.entry_no == task.entry_no && journey.row.overdue_at.is_none();
        if journey.row.status != JourneyStatus::Active || !is_current {
            return Ok(());
        }
        let (due, now) = (time::parse(ends)?, time::now());
        if due > now {
            return set_phase_timer(journey.id(), task.entry_no, due);
        }
        if phase.advance != Advance::Date {
            data::update::<Journey>(journey.id(), &json!({ "overdueAt": time::format(now) }))?;
            notify_staff(
                &journey,
                Some(phase),
                "overdue",
                // A shift gives the phase another end, which is announced as well.
                &format!("{}/{}/{ends}", journey.id(), task.entry_no),
                phase.title_in(&Settings::load()?.language),
            );
            return Ok(());
        }
        let Some(next) = journey.next_phase() else { return complete(&journey, "") };
        leave_phase(&journey, "", 0)?;
        enter_phase(&journey, next, Cause::BY_DATE)
    })
}
