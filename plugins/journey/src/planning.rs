//! Stored part of a plan: the slots of the entry that a journey is in, and their timers. A phase may have hundreds: a move stores the first
//! of them, and a job goes on from there in slices, until what is stored is what should be.

use crate::journeys::LoadedJourney;
use crate::model::{Entry, Journey, JourneyStatus, Phase, PlanRow, Slot, SlotStatus};
use crate::open_entry::OpenEntry;
use crate::schedule::{Delay, count_ahead};
use crate::timetable::{Frequency, Occurrence, next_at_hour};
use cairn_plugin::data::Batch;
use cairn_plugin::jobs::{job, timer};
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The job of one slot; the key is its id.
pub(crate) const SLOT_JOB: &str = "slot";
/// The job that goes on with what a move, a shift or a resumption began.
pub(crate) const PLAN_JOB: &str = "plan";
/// Slots that are written in one transaction, each with its timer.
const SLICE: usize = 80;
/// Slots of one journey that are read together; more are not planned at a time.
const MAX_SLOTS: u32 = 1_500;
/// Slots whose labels change with the title of their journey: as many as a hook may write, with room for others.
const MAX_RELABELLED: u32 = 150;

/// Payload of a slot's job.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SlotTask {
    pub(crate) journey: String,
    pub(crate) slot: String,
}

/// Payload of the job that goes on with a plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PlanTask {
    journey: String,
    /// The id of the slot after which times are computed anew; otherwise slots are created and skipped.
    retime_after: Option<String>,
}

/// One slot before it is stored.
pub(crate) struct PlannedSlot<'a> {
    row: &'a Row<PlanRow>,
    pub(crate) number: u32,
    pub(crate) at: NaiveDateTime,
}

/// Plans the slots of a row after that number: at most `limit`.
pub(crate) fn plan_row<'a>(
    open: &OpenEntry<'_>,
    row: &'a Row<PlanRow>,
    after: u32,
    limit: usize,
    delay: Delay,
) -> Vec<PlannedSlot<'a>> {
    let series = row.series();
    let place =
        |Occurrence { number, at }| Some(PlannedSlot { row, number, at: open.basis.place(at, series.time, delay)? });
    open.basis.occurrences(&series, open.phase.offsets(), after, limit).into_iter().filter_map(place).collect()
}

fn store_planned(journey: &LoadedJourney, open: &OpenEntry<'_>, planned: &[PlannedSlot<'_>]) -> Result<()> {
    let times: Vec<NaiveDateTime> = planned.iter().map(|slot| slot.at).collect();
    let due = journey.zone().to_instants(&times)?;
    let slots: Vec<NewSlot<'_>> =
        planned.iter().zip(due).map(|(slot, due)| NewSlot { row: slot.row, number: slot.number, due }).collect();
    store_slots(journey, &open.row, open.phase, &slots)
}

/// A slot with its time.
pub(crate) struct NewSlot<'a> {
    pub(crate) row: &'a Row<PlanRow>,
    pub(crate) number: u32,
    pub(crate) due: Instant,
}

/// Stores slots of an entry, with their timers unless the journey is paused.
///
/// # Errors
/// What the host says.
pub(crate) fn store_slots(
    journey: &LoadedJourney,
    entry: &Row<Entry>,
    phase: &Row<Phase>,
    slots: &[NewSlot<'_>],
) -> Result<()> {
    if slots.is_empty() {
        return Ok(());
    }
    let mut batch = Batch::new();
    for slot in slots {
        batch = batch.create::<Slot>(&json!({
            "title": slot.row.title, "label": build_label(&journey.row.title, &slot.row.title), "journey": journey.id(), "entry": entry.document_id, "phase": phase.document_id,
            "planRow": slot.row.document_id, "occurrence": slot.number, "plannedAt": time::format(slot.due),
            "status": SlotStatus::Planned,
        }))?;
    }
    let written = batch.write()?;
    if journey.row.status != JourneyStatus::Active {
        return Ok(());
    }
    let timers = written.iter().zip(slots).map(|(written, slot)| (written.target.document_id.as_str(), slot.due));
    set_timers(journey.id(), timers)
}

/// The name of a slot among those of other journeys, as in the content calendar.
pub(crate) fn build_label(journey: &str, slot: &str) -> String {
    format!("{journey} – {slot}")
}

/// The label of a slot that gets this title; `None` where its journey is gone.
///
/// # Errors
/// What the host says.
pub(crate) fn label_slot(journey: &str, title: &str) -> Result<Option<String>> {
    let journey = data::find::<Journey>().fields(&["title", "anchorAt"]).by_ids(&[journey])?.pop().flatten();
    Ok(journey.map(|journey| build_label(&journey.title, title)))
}

/// Names the next slots of a journey anew, which gets another title, in the open transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn relabel_slots(journey: &str, title: &str) -> Result<()> {
    let planned = json!({ "journey": { "documentId": { "$eq": journey } }, "status": SlotStatus::Planned });
    let slots = data::find::<Slot>().filter(planned).sort("plannedAt:asc").all(MAX_RELABELLED)?;
    let label = |slot: &Slot| json!({ "label": build_label(title, &slot.title) });
    let batch =
        slots.iter().try_fold(Batch::new(), |batch, slot| batch.update::<Slot>(&slot.document_id, &label(slot)))?;
    if batch.is_empty() { Ok(()) } else { batch.write().map(drop) }
}

/// Sets the timers of slots.
///
/// # Errors
/// What the host says.
pub(crate) fn set_timers<'a>(journey: &str, slots: impl Iterator<Item = (&'a str, Instant)>) -> Result<()> {
    let timers: Result<Vec<_>> = slots
        .map(|(slot, due)| {
            let task = SlotTask { journey: journey.to_owned(), slot: slot.to_owned() };
            timer(SLOT_JOB).key(slot).due(due).with(&task)
        })
        .collect();
    jobs::set_all(&timers?).map(drop)
}

/// The slots of a journey that are still planned, soonest first.
///
/// # Errors
/// What the host says.
pub(crate) fn list_planned(journey: &str) -> Result<Vec<Row<Slot>>> {
    data::find::<Slot>()
        .filter(json!({ "journey": { "documentId": { "$eq": journey } }, "status": SlotStatus::Planned }))
        .populate(json!({ "planRow": true, "entry": { "fields": ["enteredAt"] } }))
        .sort("plannedAt:asc")
        .all(MAX_SLOTS)
}

/// The slots of the entry that an active journey is in which are due, soonest first.
///
/// # Errors
/// What the host says.
pub(crate) fn list_due(journey: &str, limit: u32) -> Result<Vec<Row<Slot>>> {
    data::find::<Slot>()
        .filter(json!({
            "journey": { "documentId": { "$eq": journey }, "status": JourneyStatus::Active }, "status": SlotStatus::Planned,
            "plannedAt": { "$lte": time::format(time::now()) }, "entry": { "leftAt": { "$null": true } },
        }))
        .sort("plannedAt:asc")
        .all(limit)
}

/// Cancels the timers of the slots of a journey, which is paused. One that comes nevertheless finds that it is.
///
/// # Errors
/// What the host says.
pub(crate) fn cancel_timers(journey: &str) -> Result<()> {
    let slots = list_planned(journey)?;
    let keys: Vec<&str> = slots.iter().take(SLICE * 4).map(|slot| slot.document_id.as_str()).collect();
    jobs::cancel_all(SLOT_JOB, &keys).map(drop)
}

/// Stores the slots of the entry that a journey is in now and skips those of entries that it has left, in the open transaction. What is
/// too much for it follows by a job of the same transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn settle_slots(journey: &LoadedJourney) -> Result<()> {
    if settle_slice(journey)? {
        let task = PlanTask { journey: journey.id().to_owned(), retime_after: None };
        job(PLAN_JOB).key(format!("{}/settle", journey.id())).set(&task)?;
    }
    Ok(())
}

/// Creates and skips as many slots as one transaction holds. Returns whether there may be more.
fn settle_slice(journey: &LoadedJourney) -> Result<bool> {
    let open = OpenEntry::find(journey)?;
    let mut room = SLICE;
    let mut is_unplanned = false;
    if let Some(open) = open.as_ref().filter(|_| journey.row.status == JourneyStatus::Active) {
        let (stored, done) = create_slots(journey, open)?;
        room = room.saturating_sub(stored);
        is_unplanned = !done;
    }
    let is_stale = json!({
        "journey": { "documentId": { "$eq": journey.id() } }, "status": SlotStatus::Planned,
        "entry": { "documentId": { "$ne": open.as_ref().map_or("", |open| open.row.document_id.as_str()) } },
    });
    let limit = u32::try_from(room.max(1)).unwrap_or(1);
    let stale = data::find::<Slot>().filter(is_stale).sort("plannedAt:asc").all(limit)?;
    let keys: Vec<&str> = stale.iter().map(|slot| slot.document_id.as_str()).collect();
    jobs::cancel_all(SLOT_JOB, &keys)?;
    let skipped = json!({ "status": SlotStatus::Skipped });
    let batch = keys.iter().try_fold(Batch::new(), |batch, slot| batch.update::<Slot>(slot, &skipped));
    batch?.write()?;
    Ok(is_unplanned || keys.len() == limit as usize)
}

/// Creates the slots of the next rows of a phase that fit into one transaction. What comes once comes with the first entry only. Returns
/// how many there were, and whether these were the last.
fn create_slots(journey: &LoadedJourney, open: &OpenEntry<'_>) -> Result<(usize, bool)> {
    let rows = &open.phase.plan_rows;
    let first = open.row.planned_rows.map_or(rows.len(), |rows| rows as usize).min(rows.len());
    if first == rows.len() {
        return Ok((0, true));
    }
    let limit = count_ahead(open.phase.offsets(), rows.len());
    let mut next = first;
    let mut planned = Vec::new();
    for row in &rows[first..] {
        if planned.len() + limit > SLICE {
            break;
        }
        if open.row.no <= 1 || row.frequency != Frequency::Once {
            planned.extend(plan_row(open, row, 0, limit, journey.delay()));
        }
        next += 1;
    }
    store_planned(journey, open, &planned)?;
    data::update::<Entry>(&open.row.document_id, &json!({ "plannedRows": next }))?;
    Ok((planned.len(), next == rows.len()))
}

/// Computes the times of planned slots anew after a shift or a pause, in the open transaction. What is too much for it follows by a job of
/// the same transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn retime_slots(journey: &LoadedJourney) -> Result<()> {
    if let Some(after) = retime_slice(journey, "")? {
        let task = PlanTask { journey: journey.id().to_owned(), retime_after: Some(after) };
        timer(PLAN_JOB).key(format!("{}/retime", journey.id())).due(time::now()).set(&task)?;
    }
    Ok(())
}

/// Computes the times of the slots after that id anew, as many as one transaction holds. Returns the id after which to go on.
fn retime_slice(journey: &LoadedJourney, after: &str) -> Result<Option<String>> {
    let Some(open) = OpenEntry::find(journey)? else { return Ok(None) };
    let of_entry = json!({
        "entry": { "documentId": { "$eq": open.row.document_id } }, "status": SlotStatus::Planned,
        "documentId": { "$gt": after },
    });
    let slots = data::find::<Slot>()
        .filter(of_entry)
        .populate(json!({ "planRow": true }))
        .sort("documentId:asc")
        .all(SLICE as u32)?;
    let due = compute_due(journey, &open, &slots, Some(time::now()))?;
    let mut batch = Batch::new();
    for (slot, due) in slots.iter().zip(&due) {
        let due = time::format(*due);
        if slot.planned_at != due {
            batch = batch.update::<Slot>(&slot.document_id, &json!({ "plannedAt": due }))?;
        }
    }
    batch.write()?;
    set_timers(journey.id(), slots.iter().map(|slot| slot.document_id.as_str()).zip(due))?;
    Ok(slots.last().filter(|_| slots.len() == SLICE).map(|slot| slot.document_id.clone()))
}

/// When slots of an entry are due, with all shifts and pauses until now. `resumed`: when a pause ended; a slot whose time passed during it
/// comes at the next time of its hour.
///
/// # Errors
/// What the host says.
pub(crate) fn compute_due(
    journey: &LoadedJourney,
    open: &OpenEntry<'_>,
    slots: &[Row<Slot>],
    resumed: Option<Instant>,
) -> Result<Vec<Instant>> {
    let stored: Result<Vec<Instant>> = slots.iter().map(|slot| time::parse(&slot.planned_at)).collect();
    let stored = stored?;
    let zone = journey.zone();
    let local = zone.to_local(&stored)?;
    let resumed = match resumed.filter(|_| !journey.delay().held.is_zero()) {
        // In whole seconds, as local times are: never before now.
        Some(now) => zone.local(now)?.checked_add_signed(TimeDelta::seconds(1)),
        None => None,
    };
    let place = |(slot, stored): (&Row<Slot>, &NaiveDateTime)| {
        let due = open.find_due(slot, journey.delay()).unwrap_or(*stored);
        match resumed {
            Some(now) if due < now && *stored < now => {
                next_at_hour(now, slot.plan_row.as_ref().map_or(NaiveTime::MIN, |row| row.hour()))
            }
            // Placed so before, by a job that was killed.
            Some(now) if due < now => *stored,
            _ => due,
        }
    };
    let times: Vec<NaiveDateTime> = slots.iter().zip(&local).map(place).collect();
    zone.to_instants(&times)
}

/// Goes on with a plan. Returns what is left to do.
///
/// # Errors
/// What the host says.
pub(crate) fn run_plan(task: &PlanTask) -> Result<Option<PlanTask>> {
    run_transaction(|| {
        let journey = match LoadedJourney::load_locked(&task.journey) {
            Err(Error::NotFound(_)) => return Ok(None),
            journey => journey?,
        };
        match &task.retime_after {
            None => Ok(settle_slice(&journey)?.then(|| task.clone())),
            // The end of a pause computes all of them anew.
            Some(_) if journey.row.status != JourneyStatus::Active => Ok(None),
            Some(after) => {
                let next = retime_slice(&journey, after)?;
                Ok(next.map(|after| PlanTask { retime_after: Some(after), ..task.clone() }))
            }
        }
    })
}

/// Stores the next slot of the series of one that was due, unless enough are stored.
///
/// # Errors
/// What the host says.
pub(crate) fn extend_series(journey: &LoadedJourney, open: &OpenEntry<'_>, slot: &Slot) -> Result<()> {
    let Some(row) = slot.plan_row.as_ref().filter(|row| row.frequency != Frequency::Once && open.owns(slot)) else {
        return Ok(());
    };
    let of_row = json!({
        "entry": { "documentId": { "$eq": open.row.document_id } }, "planRow": { "documentId": { "$eq": row.document_id } },
    });
    let planned =
        data::find::<Slot>().filter(of_row.clone()).filter(json!({ "status": SlotStatus::Planned })).count()?;
    if planned >= count_ahead(open.phase.offsets(), open.phase.plan_rows.len()) as u64 {
        return Ok(());
    }
    let last_slot = data::find::<Slot>().filter(of_row).sort("occurrence:desc").first()?;
    let after = last_slot.map_or(slot.occurrence, |last_slot| last_slot.occurrence);
    store_planned(journey, open, &plan_row(open, row, after, 1, journey.delay()))
}
