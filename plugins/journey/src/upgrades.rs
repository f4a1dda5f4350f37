//! What data of earlier versions needs.

use crate::journeys::LoadedJourney;
use crate::model::{Entry, Journey, JourneyStatus};
use crate::planning::{OpenEntry, list_planned};
use crate::schedule::{Delay, infer_delay};
use crate::timetable::Frequency;
use cairn_plugin::prelude::*;
use cairn_plugin::{Migration, Progress};
use chrono::NaiveDateTime;
use serde_json::json;

/// Journeys of one slice.
const SLICE: u32 = 20;

/// Notes on entries that journeys are in by how much the plan was delayed when they began, which version 0.1 did not: the slots that are
/// stored tell. A journey that was never shifted or paused needs nothing.
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
        Some(last) => Progress::more(&last.document_id),
        None => Ok(Progress::Finished),
    }
}

fn note_delay(journey: &LoadedJourney) -> Result<()> {
    // An entry of this version has counted its rows.
    let Some(open) = OpenEntry::find(journey)?.filter(|open| open.row.planned_rows.is_none()) else { return Ok(()) };
    let slots = list_planned(journey.id())?;
    let series = open.phase.plan_rows.iter().filter(|row| row.frequency != Frequency::Once).find_map(|row| {
        let own: Vec<_> = slots
            .iter()
            .filter(|slot| {
                open.owns(slot) && slot.plan_row.as_ref().is_some_and(|own| own.document_id == row.document_id)
            })
            .take(10)
            .collect();
        (!own.is_empty()).then_some((row, own))
    });
    let delay = match series {
        None => journey.delay(),
        Some((row, slots)) => {
            let instants: Result<Vec<Instant>> = slots.iter().map(|slot| time::parse(&slot.planned_at)).collect();
            let local: Vec<NaiveDateTime> = journey.zone().to_local(&instants?)?;
            let stored: Vec<_> = slots.iter().map(|slot| slot.occurrence).zip(local).collect();
            infer_delay(open.basis, &row.series(), open.phase.offsets(), &stored, journey.delay())
        }
    };
    let Delay { shift, held } = delay;
    data::update::<Entry>(
        &open.row.document_id,
        &json!({ "shift": shift.to_string(), "heldSeconds": held.num_seconds().max(0) }),
    )
    .map(drop)
}
