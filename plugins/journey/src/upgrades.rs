//! Upgrades of the data of earlier versions.

use crate::content_gaps::{PlannedContent, list_taken};
use crate::delay_inference::{StoredSlot, infer_delay};
use crate::journeys::LoadedJourney;
use crate::model::{Entry, Journey, JourneyStatus, Slot, SlotStatus};
use crate::open_entry::OpenEntry;
use crate::planning::{build_label, list_planned};
use crate::schedule::Delay;
use crate::timetable::Frequency;
use crate::turns::Turn;
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use cairn_plugin::{Migration, Progress};
use serde::Deserialize;
use serde_json::json;

/// Journeys of one slice.
const SLICE: u32 = 20;
/// Slots of one row of the plan, and of all of them, from which a delay is inferred.
const SLOTS_PER_ROW: usize = 10;
const MAX_SLOTS: usize = 40;

/// Slots of one slice that are named.
const LABELS: u32 = 200;
/// Begin of a checkpoint of the second part, which is followed by the id of a slot.
const LABEL_PART: &str = "label/";
/// Slots of one slice whose turn is noted, and the same of the third part.
const TURNS: u32 = 60;
const TURN_PART: &str = "turn/";

/// Brings what earlier versions stored up to date: the delays of entries, the labels of slots that are planned, and the items of lists whose
/// turn it was in slots that are over.
///
/// # Errors
/// What the host says.
pub(crate) fn upgrade(migration: &Migration) -> Result<Progress> {
    let checkpoint: String = migration.checkpoint()?.unwrap_or_default();
    if let Some(after) = checkpoint.strip_prefix(TURN_PART) {
        return note_turns(after);
    }
    if let Some(after) = checkpoint.strip_prefix(LABEL_PART) {
        return name_slots(after);
    }
    match note_delays(&checkpoint)? {
        Some(after) => Progress::more(&after),
        None => Progress::more(&LABEL_PART),
    }
}

/// Names planned slots, so that the content calendar can tell them apart.
fn name_slots(after: &str) -> Result<Progress> {
    let unnamed = json!({ "documentId": { "$gt": after }, "status": SlotStatus::Planned, "label": { "$null": true } });
    let journey = json!({ "journey": { "fields": ["title"] } });
    let slots = data::find::<TitledSlot>().filter(unnamed).populate(journey).sort("documentId:asc").all(LABELS)?;
    let mut batch = Batch::new();
    for slot in &slots {
        if let Some(journey) = &slot.journey {
            let label = build_label(&journey.title, &slot.title);
            batch = batch.update::<Slot>(&slot.document_id, &json!({ "label": label }))?;
        }
    }
    if !batch.is_empty() {
        batch.write()?;
    }
    match slots.last().filter(|_| slots.len() == LABELS as usize) {
        Some(last_slot) => Progress::more(&format!("{LABEL_PART}{}", last_slot.document_id)),
        None => Progress::more(&TURN_PART),
    }
}

/// Notes on slots that are over whose turn it was in the list of their row. Versions before 0.6 counted slots, and lost count where the list
/// was changed.
fn note_turns(after: &str) -> Result<Progress> {
    let link = json!({ "fields": ["title"] });
    let over = json!({
        "documentId": { "$gt": after }, "status": { "$in": [SlotStatus::Published, SlotStatus::Missed] },
        "turnItem": { "$null": true }, "planRow": { "items": { "documentId": { "$notNull": true } } },
    });
    let slots = data::find::<PlannedContent>()
        .drafts()
        .filter(over)
        .populate(json!({ "journey": link, "content": link, "planRow": { "populate": { "items": link } } }))
        .sort("documentId:asc")
        .all(TURNS)?;
    let others = list_taken(&slots)?;
    let others: Vec<Turn<'_>> = others.iter().filter_map(|slot| slot.turn()).collect();
    let mut batch = Batch::new();
    for slot in &slots {
        if let Some(item) = slot.infer_turn_item(&others) {
            batch = batch.update::<Slot>(&slot.document_id, &json!({ "turnItem": item }))?;
        }
    }
    if !batch.is_empty() {
        batch.write()?;
    }
    match slots.last().filter(|_| slots.len() == TURNS as usize) {
        Some(last_slot) => Progress::more(&format!("{TURN_PART}{}", last_slot.document_id)),
        None => Ok(Progress::Finished),
    }
}

/// A slot with the title of its journey.
#[derive(Deserialize)]
struct TitledSlot {
    title: String,
    #[serde(default)]
    journey: Option<Titled>,
}

#[derive(Deserialize)]
struct Titled {
    title: String,
}

impl Document for TitledSlot {
    const TYPE: &'static str = Slot::TYPE;
}

/// Stores on the present entries of journeys how much the plan was delayed when each of them began. Version 0.1 did not store it, so it is
/// inferred from the stored slots. A journey that was never shifted or paused needs nothing. Returns the id of the journey after which to go on.
fn note_delays(after: &str) -> Result<Option<String>> {
    let delayed = json!({
        "documentId": { "$gt": after }, "status": { "$in": [JourneyStatus::Active, JourneyStatus::Paused] },
        "$or": [{ "shift": { "$notNull": true } }, { "heldSeconds": { "$gt": 0 } }],
    });
    let journeys = data::find::<Journey>().filter(delayed).sort("documentId:asc").all(SLICE)?;
    for journey in &journeys {
        match LoadedJourney::load_locked(&journey.document_id) {
            // A journey that has lost its definition has no plan.
            Err(Error::NotFound(_)) => {}
            journey => note_delay(&journey?)?,
        }
    }
    match journeys.last().filter(|_| journeys.len() == SLICE as usize) {
        Some(last_journey) => Ok(Some(last_journey.document_id.clone())),
        None => Ok(None),
    }
}

fn note_delay(journey: &LoadedJourney) -> Result<()> {
    // An entry of this version has counted its rows.
    let Some(open) = OpenEntry::find(journey)?.filter(|open| open.row.planned_rows.is_none()) else { return Ok(()) };
    let planned = list_planned(journey.id())?;
    // Rows that come once go first: they are counted from the entry, wherever the window of the phase is.
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
