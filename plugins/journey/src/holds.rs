//! Pauses, and the end of a journey before its time.

use crate::entries::{PHASE_END_JOB, leave_phase, set_phase_timer};
use crate::journeys::{LoadedJourney, event_data};
use crate::model::{Journey, JourneyStatus, Slot};
use crate::moves::require_active;
use crate::refusals::wrong_state;
use crate::slots::{cancel_timers, list_planned, set_timers};
use crate::timetable::next_at_hour;
use cairn_plugin::data::Batch;
use cairn_plugin::events;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use chrono::NaiveDateTime;
use serde_json::json;

/// Pauses a journey: its timers stop, and the customer keeps what they had.
///
/// # Errors
/// `Conflict` for a journey that is not active, `NotFound`.
pub(crate) fn pause_journey(id: &str, locale: &str) -> Result<()> {
    run_transaction(|| {
        let journey = LoadedJourney::load_locked(id)?;
        require_active(&journey, locale)?;
        let patch = json!({ "status": JourneyStatus::Paused, "pausedAt": time::format(time::now()) });
        data::update::<Journey>(id, &patch)?;
        jobs::cancel(PHASE_END_JOB, id)?;
        cancel_timers(&list_planned(id)?)?;
        publish(&journey, "journey.journey.paused")?;
        journey.invalidate_policies()
    })
}

/// Continues a journey that was paused. The window of its phase has as much time left as before; slots come so much later, on the next day
/// where their hour has passed.
///
/// # Errors
/// `Conflict` for a journey that is not paused, `NotFound`.
pub(crate) fn resume_journey(id: &str, locale: &str) -> Result<()> {
    run_transaction(|| {
        let journey = LoadedJourney::load_locked(id)?;
        let paused_at = match (&journey.row.paused_at, journey.row.status) {
            (Some(at), JourneyStatus::Paused) => time::parse(at)?,
            _ => return Err(wrong_state("not-paused", locale)),
        };
        // In whole seconds, as they are stored.
        let held = time::now().saturating_sub(paused_at).max(0) / 1_000;
        let ends = journey.row.phase_ends_at.as_deref().map(time::parse).transpose()?;
        let ends = ends.map(|ends| ends.saturating_add(held * 1_000));
        data::update::<Journey>(
            id,
            &json!({
                "status": JourneyStatus::Active, "pausedAt": null, "heldSeconds": journey.row.held_seconds.saturating_add(held),
                "phaseEndsAt": ends.map(time::format),
            }),
        )?;
        if let Some(due) = ends.filter(|_| journey.row.overdue_at.is_none()) {
            set_phase_timer(id, journey.row.entry_no, due)?;
        }
        delay_slots(&journey, held * 1_000)?;
        publish(&journey, "journey.journey.resumed")?;
        journey.invalidate_policies()
    })
}

fn delay_slots(journey: &LoadedJourney, millis: i64) -> Result<()> {
    let slots = list_planned(journey.id())?;
    let later: Result<Vec<Instant>> =
        slots.iter().map(|slot| Ok(time::parse(&slot.planned_at)?.saturating_add(millis))).collect();
    let local = journey.zone().to_local(&later?)?;
    let at_hour = |(slot, at): (&Row<Slot>, &NaiveDateTime)| {
        slot.plan_row.as_ref().map_or(*at, |row| next_at_hour(*at, row.hour()))
    };
    let times: Vec<NaiveDateTime> = slots.iter().zip(&local).map(at_hour).collect();
    store_times(journey, &slots, &times)
}

/// Stores new times of slots and sets their timers.
///
/// # Errors
/// What the host says.
pub(crate) fn store_times(journey: &LoadedJourney, slots: &[Row<Slot>], times: &[NaiveDateTime]) -> Result<()> {
    let due = journey.zone().to_instants(times)?;
    let mut batch = Batch::new();
    for (slot, due) in slots.iter().zip(&due) {
        batch = batch.update::<Slot>(&slot.document_id, &json!({ "plannedAt": time::format(*due) }))?;
    }
    batch.write()?;
    set_timers(journey.id(), slots.iter().map(|slot| slot.document_id.as_str()).zip(due))
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
        leave_phase(&journey, "")?;
        data::update::<Journey>(
            id,
            &json!({
                "status": JourneyStatus::Cancelled, "pausedAt": null, "phaseEndsAt": null, "overdueAt": null, "activeKey": null,
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
