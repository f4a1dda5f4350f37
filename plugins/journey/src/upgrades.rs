//! Upgrades of the data of earlier versions.

use crate::delay_inference::{StoredSlot, infer_delay};
use crate::journeys::LoadedJourney;
use crate::model::{Entry, Journey, JourneyStatus, Slot};
use crate::planning::{OpenEntry, list_planned};
use crate::schedule::Delay;
use crate::timetable::Frequency;
use cairn_plugin::prelude::*;
use cairn_plugin::{Migration, Progress};
use serde_json::json;

/// Journeys of one slice.
const SLICE: u32 = 20;
/// Slots of one row of the plan, and of all of them, from which a delay is inferred.
const SLOTS_PER_ROW: usize = 10;
const MAX_SLOTS: usize = 40;

/// Stores on the present entries of journeys how much the plan was delayed when each of them began. Version 0.1 did not store it, so it is
/// inferred from the stored slots. A journey that was never shifted or paused needs nothing.
///
/// # Errors
/// What the host says.
pub(crate) fn note_delays(migration: &Migration) -> Result<Progress> {
    let after: String = migration.checkpoint()?.unwrap_or_default();
    let delayed = json!({
        "documentId": { "$gt": after }, "status": { "$in": [JourneyStatus::Active, JourneyStatus::Paused] },
        "$or": [{ "shift": { "$notNull": true } }, { "heldSeconds": { "$gt": 0 } }],
    });
    let journeys = data::find::<Journey>().filter(delayed).sort("documentId:asc").all(SLICE)?;
    for journey in &journeys {
        match LoadedJourney::load_locked(&journey.document_id) {
            // One that has lost its definition has no plan.
            Err(Error::NotFound(_)) => {}
            journey => note_delay(&journey?)?,
        }
    }
    match journeys.last().filter(|_| journeys.len() == SLICE as usize) {
        Some(last_journey) => Progress::more(&last_journey.document_id),
        None => Ok(Progress::Finished),
    }
}

fn note_delay(journey: &LoadedJourney) -> Result<()> {
    // An entry of this version has counted its rows.
    let Some(open) = OpenEntry::find(journey)?.filter(|open| open.row.planned_rows.is_none()) else { return Ok(()) };
    let planned = list_planned(journey.id())?;
    // What comes once first: it is counted from the entry, wherever the window of the phase is.
    let rows =
        |is_once: bool| open.phase.plan_rows.iter().filter(move |row| (row.frequency == Frequency::Once) == is_once);
    let mut evidence = Vec::new();
    for row in rows(true).chain(rows(false)) {
        let is_own = |slot: &&Row<Slot>| {
            open.owns(slot) && slot.plan_row.as_ref().is_some_and(|own| own.document_id == row.document_id)
        };
        evidence.extend(planned.iter().filter(is_own).take(SLOTS_PER_ROW).map(|slot| (row.series(), slot)));
    }
    evidence.truncate(MAX_SLOTS);
    let instants: Result<Vec<Instant>> = evidence.iter().map(|(_, slot)| time::parse(&slot.planned_at)).collect();
    let local = journey.zone().to_local(&instants?)?;
    let stored: Vec<StoredSlot> = evidence
        .iter()
        .zip(local)
        .map(|((series, slot), at)| StoredSlot { series: *series, number: slot.occurrence, at })
        .collect();
    let Delay { shift, held } = infer_delay(open.basis, open.phase.offsets(), &stored, journey.delay());
    data::update::<Entry>(
        &open.row.document_id,
        &json!({ "shift": shift.to_string(), "heldSeconds": held.num_seconds().max(0) }),
    )
    .map(drop)
}
