//! Slots: when something of the plan is due, and what happens then.

use crate::entries::find_open_entry;
use crate::journeys::{LoadedJourney, require_visible};
use crate::messages::{Message, notify_staff, send_to_customer};
use crate::model::{Entry, Item, JourneyStatus, Phase, PlanRow, Slot, SlotStatus};
use crate::moves::require_active;
use crate::refusals::wrong_state;
use crate::timetable::{Frequency, Occurrence, Plan, next_at_hour};
use cairn_plugin::data::{Batch, Transition};
use cairn_plugin::jobs::timer;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use cairn_plugin::{events, warn};
use chrono::{NaiveDateTime, TimeDelta};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The job of one slot; the key is its id.
pub(crate) const SLOT_JOB: &str = "slot";
/// Slots of one plan row that are stored ahead. When the last of them was due, the next one follows; of an open phase there is only one.
const MAX_AHEAD: usize = 60;
/// Slots of one journey that are changed together.
pub(crate) const MAX_SLOTS: u32 = 900;

/// What a slot's job carries.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SlotTask {
    pub(crate) journey: String,
    pub(crate) slot: String,
}

/// One slot of a phase, before it is stored.
struct PlannedSlot<'a> {
    row: &'a Row<PlanRow>,
    number: u32,
    at: NaiveDateTime,
}

/// Stores the slots of a phase that a journey enters now, and sets their timers. What comes once comes with the first entry only.
///
/// # Errors
/// What the host says.
pub(crate) fn create_slots(
    journey: &LoadedJourney,
    phase: &Row<Phase>,
    entry: &str,
    no: u32,
    now: Instant,
) -> Result<()> {
    let plan = journey.plan()?;
    let entered = journey.zone().local(now)?;
    let held = TimeDelta::seconds(journey.row.held_seconds);
    let limit = if phase.offsets().to.is_some() { MAX_AHEAD } else { 1 };
    let mut planned = Vec::new();
    for row in phase.plan_rows.iter().filter(|row| no == 1 || row.frequency != Frequency::Once) {
        // The plan knows nothing of pauses: it is asked as if there had been none, and what it says comes so much later.
        let unheld = entered - held;
        for Occurrence { number, at } in row.series().occurrences(&plan, phase.offsets(), unheld, unheld, limit) {
            planned.push(PlannedSlot { row, number, at: hold(at, held, row, entered) });
        }
    }
    store_slots(journey, phase, entry, &planned)
}

/// A time after pauses: on the next day at the same hour where the pause was no whole number of days, and not before the entry.
fn hold(at: NaiveDateTime, held: TimeDelta, row: &PlanRow, entered: NaiveDateTime) -> NaiveDateTime {
    let later = at + held;
    if held.is_zero() || later <= entered { later.max(entered) } else { next_at_hour(later, row.hour()) }
}

fn store_slots(journey: &LoadedJourney, phase: &Row<Phase>, entry: &str, planned: &[PlannedSlot<'_>]) -> Result<()> {
    let times: Vec<NaiveDateTime> = planned.iter().map(|slot| slot.at).collect();
    let due = journey.zone().to_instants(&times)?;
    let mut batch = Batch::new();
    for (slot, due) in planned.iter().zip(&due) {
        batch = batch.create::<Slot>(&json!({
            "title": slot.row.title, "journey": journey.id(), "entry": entry, "phase": phase.document_id,
            "planRow": slot.row.document_id, "occurrence": slot.number, "plannedAt": time::format(*due),
            "status": SlotStatus::Planned,
        }))?;
    }
    let written = batch.write()?;
    let timers = written.iter().zip(&due).map(|(written, due)| (written.target.document_id.as_str(), *due));
    set_timers(journey.id(), timers)
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
        .populate(json!({ "planRow": true }))
        .sort("plannedAt:asc")
        .all(MAX_SLOTS)
}

/// Cancels the timers of slots.
///
/// # Errors
/// What the host says.
pub(crate) fn cancel_timers(slots: &[Row<Slot>]) -> Result<()> {
    let keys: Vec<&str> = slots.iter().map(|slot| slot.document_id.as_str()).collect();
    jobs::cancel_all(SLOT_JOB, &keys).map(drop)
}

/// Skips the slots of a journey that are still planned: it leaves their phase.
///
/// # Errors
/// What the host says.
pub(crate) fn skip_planned(journey: &str) -> Result<()> {
    let slots = list_planned(journey)?;
    cancel_timers(&slots)?;
    let skipped = json!({ "status": SlotStatus::Skipped });
    let batch = slots.iter().try_fold(Batch::new(), |batch, slot| batch.update::<Slot>(&slot.document_id, &skipped));
    batch?.write().map(drop)
}

/// Publishes the content of a slot that is due, in one transaction with everything that follows. Run again, or for a slot that is not
/// planned any more, it changes nothing.
///
/// # Errors
/// What the host says.
pub(crate) fn run_slot(task: &SlotTask) -> Result<()> {
    run_transaction(|| {
        let journey = match LoadedJourney::load_locked(&task.journey) {
            Err(Error::NotFound(_)) => return Ok(()),
            journey => journey?,
        };
        let Some(slot) = find_slot(&task.slot)? else { return Ok(()) };
        let now = time::now();
        let due = time::parse(&slot.planned_at)?;
        // A pause keeps the slot, and its end sets the timer again.
        if journey.row.status != JourneyStatus::Active || slot.status != SlotStatus::Planned {
            return Ok(());
        }
        if due > now {
            return set_timers(journey.id(), std::iter::once((task.slot.as_str(), due)));
        }
        if !publish_slot(&journey, &slot, now)? {
            data::update::<Slot>(&task.slot, &json!({ "status": SlotStatus::Missed }))?;
            notify_staff(&journey, journey.current_phase(), "missed", &task.slot, &slot.title);
        }
        extend_series(&journey, &slot)
    })
}

/// Publishes the content of a slot that was missed, or before it is due.
///
/// # Errors
/// `NotFound`; `Conflict` where it was published or skipped, has no content, or the journey is not active; what the host says.
pub(crate) fn publish_now(id: &str, locale: &str) -> Result<()> {
    run_transaction(|| {
        let unlocked = data::find::<Slot>().populate(json!({ "journey": { "fields": ["title"] } })).by_ids(&[id])?;
        let journey = unlocked.into_iter().flatten().find_map(|slot| slot.fields.journey);
        let journey = journey.ok_or_else(|| Error::NotFound(id.to_owned()))?.document_id;
        require_visible(&journey)?;
        let journey = LoadedJourney::load_locked(&journey)?;
        require_active(&journey, locale)?;
        let slot = find_slot(id)?.ok_or_else(|| Error::NotFound(id.to_owned()))?;
        let was_missed = match slot.status {
            SlotStatus::Planned => false,
            SlotStatus::Missed => true,
            SlotStatus::Published | SlotStatus::Skipped => return Err(wrong_state("slot-over", locale)),
        };
        if !publish_slot(&journey, &slot, time::now())? {
            return Err(wrong_state("slot-empty", locale));
        }
        jobs::cancel(SLOT_JOB, id)?;
        if was_missed { Ok(()) } else { extend_series(&journey, &slot) }
    })
}

fn find_slot(id: &str) -> Result<Option<Row<Slot>>> {
    let populate = json!({
        "planRow": { "populate": { "item": { "fields": ["title"] } } },
        "content": { "fields": ["title"] },
        "phase": { "fields": ["title"] },
        "journey": { "fields": ["title"] },
        "entry": true,
    });
    // Content that is a draft until the slot is due is found among the drafts only.
    Ok(data::find::<Slot>().drafts().populate(populate).lock().by_ids(&[id])?.pop().flatten())
}

/// Publishes the content of a slot and tells the customer; false where it has none that can be published.
fn publish_slot(journey: &LoadedJourney, slot: &Row<Slot>, now: Instant) -> Result<bool> {
    let content = slot.content.as_ref().or_else(|| slot.plan_row.as_ref().and_then(|row| row.item.as_ref()));
    let published = match content {
        Some(item) => publish_item(&item.document_id)?,
        None => None,
    };
    let Some(item) = published else { return Ok(false) };
    let at = time::format(now);
    data::update::<Slot>(
        &slot.document_id,
        &json!({ "status": SlotStatus::Published, "firedAt": at, "content": item.document_id }),
    )?;
    if let Some(row) = &slot.plan_row {
        let message = Message {
            kind: "published",
            key: &slot.document_id,
            phase: slot.phase.as_ref().map(|phase| phase.document_id.as_str()),
            subject: &item.title,
            in_inbox: row.dashboard,
            by_mail: row.mail,
        };
        send_to_customer(journey, &message, now)?;
    }
    let mut data = json!({
        "journey": journey.id(), "slot": slot.document_id, "item": item.document_id, "occurrence": slot.occurrence,
    });
    if let Some(row) = &slot.plan_row {
        data["planRow"] = json!(row.document_id);
    }
    events::publish("journey.slot.published", journey.id(), &data)?;
    Ok(true)
}

/// Publishes an item unless it is published, and returns it. `None` where it was deleted, or is unfinished.
fn publish_item(id: &str) -> Result<Option<Row<Item>>> {
    if let Some(published) = data::get::<Item>(id)? {
        return Ok(Some(published));
    }
    let Some(draft) = data::find::<Item>().drafts().by_ids(&[id])?.pop().flatten() else { return Ok(None) };
    match transaction(|| Batch::new().transition::<Item>(id, Transition::Publish).write()) {
        Ok(_) => Ok(Some(draft)),
        Err(Error::Invalid(_) | Error::Conflict(_)) => {
            warn!(item = id; "an item could not be published: it is unfinished, or somebody has to approve it");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Stores the next slot of a series whose last stored one was due.
fn extend_series(journey: &LoadedJourney, slot: &Row<Slot>) -> Result<()> {
    let (Some(row), Some(entry), Some(phase)) = (&slot.plan_row, &slot.entry, journey.current_phase()) else {
        return Ok(());
    };
    let of_row = json!({
        "entry": { "documentId": { "$eq": entry.document_id } }, "planRow": { "documentId": { "$eq": row.document_id } },
        "status": SlotStatus::Planned,
    });
    let is_last = data::find::<Slot>().filter(of_row).count()? == 0;
    let is_current = find_open_entry(journey.id())?.is_some_and(|open| open.document_id == entry.document_id);
    if row.frequency == Frequency::Once || !is_last || !is_current {
        return Ok(());
    }
    let held = TimeDelta::seconds(journey.row.held_seconds);
    let times = journey.zone().to_local(&[time::parse(&entry.entered_at)?, time::parse(&slot.planned_at)?])?;
    let [entered, last] = times.as_slice() else { return Ok(()) };
    let Some(next) = find_next(row, &journey.plan()?, phase, *entered - held, *last - held) else { return Ok(()) };
    let planned = PlannedSlot { row, number: slot.occurrence + 1, at: hold(next, held, row, *entered) };
    store_slots(journey, phase, &entry.document_id, &[planned])
}

fn find_next(
    row: &PlanRow,
    plan: &Plan,
    phase: &Phase,
    entered: NaiveDateTime,
    last: NaiveDateTime,
) -> Option<NaiveDateTime> {
    let after = last + TimeDelta::seconds(1);
    let found = row.series().occurrences(plan, phase.offsets(), entered, after, 1);
    found.first().map(|occurrence| occurrence.at)
}

/// Whether an entry is the one of a slot, for lists of both.
pub(crate) fn is_of_entry(slot: &Slot, entry: &Row<Entry>) -> bool {
    slot.entry.as_ref().is_some_and(|own| own.document_id == entry.document_id)
}
