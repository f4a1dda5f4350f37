//! Pauses, and the end of a journey before its time.

use crate::entries::{PHASE_END_JOB, leave_phase, set_phase_timer};
use crate::event_hearing::announce_waiting_events;
use crate::journeys::{LoadedJourney, event_data, require_active};
use crate::model::{Journey, JourneyStatus};
use crate::open_entry::find_open_entry;
use crate::planning::{cancel_timers, retime_slots, settle_slots};
use crate::refusals::wrong_state;
use crate::rule_jobs::{cancel_rule_timers, list_rules, set_rule_timers};
use cairn_plugin::events;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde_json::json;

/// Pauses a journey: its timers stop, and the customer keeps what they had.
///
/// # Errors
/// `Conflict` for a journey that is not active, `NotFound`.
pub(crate) fn pause_journey(id: &str, locale: &str) -> Result<()> {
    run_transaction(|| {
        let journey = LoadedJourney::load_locked(id)?;
        require_active(&journey, locale)?;
        let patch = json!({ "status": JourneyStatus::Paused, "pausedAt": time::format(time::now()), "undo": null, "undoUntil": null });
        data::update::<Journey>(id, &patch)?;
        jobs::cancel(PHASE_END_JOB, id)?;
        cancel_timers(id)?;
        if let Some(entry) = find_open_entry(id)? {
            cancel_rule_timers(&entry.document_id, &list_rules(&journey)?)?;
        }
        publish(&journey, "journey.journey.paused")?;
        journey.invalidate_policies()
    })
}

/// Continues a journey that was paused. The window of its phase has as much time left as before; slots come later by
/// what all pauses are together, at the next time of their hour.
///
/// # Errors
/// `Conflict` for a journey that is not paused, `NotFound`.
pub(crate) fn resume_journey(id: &str, locale: &str) -> Result<()> {
    run_transaction(|| {
        let mut journey = LoadedJourney::load_locked(id)?;
        let paused_at = match (&journey.row.paused_at, journey.row.status) {
            (Some(at), JourneyStatus::Paused) => time::parse(at)?,
            _ => return Err(wrong_state("not-paused", locale)),
        };
        // In whole seconds, as they are stored.
        let held = time::now().saturating_sub(paused_at).max(0) / 1_000;
        let held_seconds = journey.row.held_seconds.saturating_add(held);
        let ends = journey.row.phase_ends_at.as_deref().map(time::parse).transpose()?;
        let ends = ends.map(|ends| ends.saturating_add(held * 1_000));
        data::update::<Journey>(
            id,
            &json!({
                "status": JourneyStatus::Active, "pausedAt": null, "heldSeconds": held_seconds,
                "phaseEndsAt": ends.map(time::format),
            }),
        )?;
        if let Some(due) = ends.filter(|_| journey.row.overdue_at.is_none()) {
            set_phase_timer(id, journey.row.entry_no, due)?;
        }
        (journey.row.status, journey.row.held_seconds) = (JourneyStatus::Active, held_seconds);
        retime_slots(&journey)?;
        // Slots, rule timers and events that the pause interrupted continue.
        settle_slots(&journey)?;
        let rules = list_rules(&journey)?;
        set_rule_timers(&journey, &rules, 0)?;
        announce_waiting_events(id)?;
        publish(&journey, "journey.journey.resumed")?;
        journey.invalidate_policies()
    })
}

/// Cancels a journey: its timers end, and the customer sees nothing of it any more.
///
/// # Errors
/// `Conflict` for a journey that has ended, `NotFound`.
pub(crate) fn cancel_journey(id: &str, locale: &str) -> Result<()> {
    run_transaction(|| {
        let journey = LoadedJourney::load_locked(id)?;
        match journey.row.status {
            JourneyStatus::Active | JourneyStatus::Paused => {}
            JourneyStatus::Completed => return Err(wrong_state("completed", locale)),
            JourneyStatus::Cancelled => return Err(wrong_state("cancelled", locale)),
        }
        leave_phase(&journey, "", 0)?;
        settle_slots(&journey)?;
        data::update::<Journey>(
            id,
            &json!({
                "status": JourneyStatus::Cancelled, "pausedAt": null, "phaseEndsAt": null, "overdueAt": null, "activeKey": null,
                "undo": null, "undoUntil": null,
            }),
        )?;
        publish(&journey, "journey.journey.cancelled")?;
        journey.invalidate_policies()
    })
}

fn publish(journey: &LoadedJourney, event: &str) -> Result<()> {
    let customer = journey.customer().map(|customer| customer.document_id.as_str());
    let data = event_data(journey.id(), Some(&journey.definition.document_id), customer);
    events::publish(event, journey.id(), &data)
}
