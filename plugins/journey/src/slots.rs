//! Slots that are due: their content is published and the customer hears of it.

use crate::journeys::{LoadedJourney, find_same_phases, require_active, require_visible};
use crate::last_move::is_undo_open;
use crate::lateness::{LateFacts, judge_lateness};
use crate::messages::{Message, language_of, notify_staff, send_to_customer};
use crate::model::{Advance, Entry, Item, ItemAudience, JourneyStatus, Lateness, Link, PlanRow, Slot, SlotStatus};
use crate::open_entry::OpenEntry;
use crate::planning::{SLOT_JOB, SlotTask, extend_series, set_timers};
use crate::refusals::wrong_state;
use crate::settings::Settings;
use crate::turns::ListProgress;
use cairn_plugin::data::{Batch, Transition};
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use cairn_plugin::{events, format_instant, warn};
use serde_json::json;

/// Slots of one row that are due at once and are looked at.
const MAX_LATER: u32 = 100;

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
        // A pause keeps the slot, and its end sets the timer again.
        if journey.row.status != JourneyStatus::Active || slot.status != SlotStatus::Planned {
            return Ok(());
        }
        let open = OpenEntry::find(&journey)?;
        // The journey has left the phase, and the job that skips its slots has not come by here yet.
        let Some(open) = open.filter(|open| open.owns(&slot)) else {
            return data::update::<Slot>(&task.slot, &json!({ "status": SlotStatus::Skipped })).map(drop);
        };
        // A shift or a pause whose job has not come by here yet counts as well.
        let stored = time::parse(&slot.planned_at)?;
        let due = match open.find_due(&slot, journey.delay()) {
            Some(due) => journey.zone().to_instants(&[due])?.pop().map_or(stored, |due| due.max(stored)),
            None => stored,
        };
        if due > now {
            data::update::<Slot>(&task.slot, &json!({ "plannedAt": time::format(due) }))?;
            return set_timers(journey.id(), std::iter::once((task.slot.as_str(), due)));
        }
        let judged = judge_slot(&journey, &open, &slot, due, now)?;
        if judged.published == Some(Lateness::Dropped) {
            let dropped = json!({ "status": SlotStatus::Skipped, "lateness": judged.published });
            data::update::<Slot>(&task.slot, &dropped)?;
        } else if !publish_slot(&journey, &slot, judged.published, now)? {
            data::update::<Slot>(&task.slot, &json!({ "status": SlotStatus::Missed, "lateness": judged.missed }))?;
            // Of several that are late, the team hears of the last one.
            if judged.missed != Some(Lateness::Collapsed) {
                notify_staff(&journey, journey.current_phase(), "missed", &task.slot, &slot.title);
            }
        }
        extend_series(&journey, &open, &slot)
    })
}

/// Lateness of a slot that is due: if its content can be published, and if it has none.
struct JudgedSlot {
    published: Option<Lateness>,
    missed: Option<Lateness>,
}

/// Decides what becomes of a slot that may be late.
fn judge_slot(
    journey: &LoadedJourney,
    open: &OpenEntry<'_>,
    slot: &Row<Slot>,
    due: Instant,
    now: Instant,
) -> Result<JudgedSlot> {
    let next = match open.find_next_due(slot, journey.delay()) {
        Some(next) => journey.zone().to_instants(&[next])?.pop(),
        None => None,
    };
    let ends = journey.row.phase_ends_at.as_deref().map(time::parse).transpose()?;
    let entered = time::parse(&open.row.entered_at)?;
    // A journey that was moved by hand into a phase whose window has passed is meant to stay there.
    let is_passing = open.phase.advance == Advance::Date
        && journey.row.overdue_at.is_none()
        && journey.next_phase().is_some()
        && ends.is_some_and(|ends| ends <= entered);
    let has_next = next.is_some_and(|next| next <= now);
    let policy = slot.plan_row.as_ref().map(|row| row.late).unwrap_or_default();
    // The customer hears of a later one only if that has content.
    let has_told_next = has_next && has_later_content(journey.id(), open, slot, now)?;
    let judge = |has_next| judge_lateness(policy, LateFacts { late_by: now.saturating_sub(due), has_next, is_passing });
    Ok(JudgedSlot { published: judge(has_told_next), missed: judge(has_next) })
}

/// True if a later slot of the same row is due and has content.
fn has_later_content(journey: &str, open: &OpenEntry<'_>, slot: &Row<Slot>, now: Instant) -> Result<bool> {
    let Some(row) = &slot.plan_row else { return Ok(false) };
    if row.item.is_some() {
        return Ok(true);
    }
    let progress = ListProgress::read(journey, slot, row)?;
    let later = json!({
        "entry": { "documentId": { "$eq": open.row.document_id } }, "planRow": { "documentId": { "$eq": row.document_id } },
        "status": SlotStatus::Planned, "occurrence": { "$gt": slot.occurrence }, "plannedAt": { "$lte": time::format(now) },
    });
    let later = data::find::<Slot>().drafts().filter(later).populate(json!({ "content": { "fields": ["title"] } }));
    let later = later.sort("plannedAt:asc").all(MAX_LATER)?;
    Ok(later.iter().zip(1..).any(|(slot, n)| slot.content.is_some() || progress.next_content(row, n).is_some()))
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
        if !publish_slot(&journey, &slot, None, time::now())? {
            return Err(wrong_state("slot-empty", locale));
        }
        jobs::cancel(SLOT_JOB, id)?;
        match OpenEntry::find(&journey)? {
            Some(open) if !was_missed => extend_series(&journey, &open, &slot),
            _ => Ok(()),
        }
    })
}

fn find_slot(id: &str) -> Result<Option<Row<Slot>>> {
    let populate = json!({
        "planRow": { "populate": { "item": { "fields": ["title"] }, "items": { "fields": ["title"] } } },
        "content": { "fields": ["title"] },
        "phase": { "fields": ["title"] },
        "journey": { "fields": ["title"] },
        "entry": true,
    });
    // Content that is a draft until the slot is due is found among the drafts only.
    Ok(data::find::<Slot>().drafts().populate(populate).lock().by_ids(&[id])?.pop().flatten())
}

/// The item of the list of a slot's row whose turn it is: that of before for one that was missed, as long as the list has it.
fn find_turn_item<'r>(journey: &str, slot: &Row<Slot>, row: &'r Row<PlanRow>) -> Result<Option<&'r Link>> {
    let had = row.items.iter().find(|item| item.document_id == slot.turn_item);
    let is_chosen = slot.content.is_some() && !slot.turn_item.is_empty();
    if had.is_some() || is_chosen {
        return Ok(had);
    }
    Ok(ListProgress::read(journey, slot, row)?.next_item(row, 0))
}

/// Publishes the content of a slot and tells the customer, unless a later one does; false where it has none that can be published.
fn publish_slot(journey: &LoadedJourney, slot: &Row<Slot>, lateness: Option<Lateness>, now: Instant) -> Result<bool> {
    let row = slot.plan_row.as_ref();
    let listed = row.map(|row| find_turn_item(journey.id(), slot, row)).transpose()?.flatten();
    let planned = listed.or_else(|| row.and_then(|row| row.item.as_ref()));
    let content = slot.content.as_ref().or(planned);
    // The listed item has had its turn, whatever is shown, and even if nothing is.
    let had = Some(&slot.turn_item).filter(|item| !item.is_empty());
    let turn_item = listed.map(|item| &item.document_id).or(had);
    let publisher = Publisher::Slot { is_own: row.is_some_and(|row| row.own_content) };
    let published = match content {
        Some(item) => publish_item(&item.document_id, journey, slot.phase.as_ref(), publisher)?,
        None => None,
    };
    let Some(item) = published else {
        if listed.is_some() {
            data::update::<Slot>(&slot.document_id, &json!({ "turnItem": turn_item }))?;
        }
        return Ok(false);
    };
    let at = time::format(now);
    data::update::<Slot>(
        &slot.document_id,
        &json!({
            "status": SlotStatus::Published, "firedAt": at, "content": item.document_id, "lateness": lateness,
            "turnItem": turn_item,
        }),
    )?;
    if let Some(row) = slot.plan_row.as_ref().filter(|_| lateness != Some(Lateness::Collapsed)) {
        let note = match lateness {
            Some(Lateness::Marked) => Some(describe_lateness(journey, slot)?),
            _ => None,
        };
        let message = Message {
            kind: "published",
            key: &slot.document_id,
            phase: slot.phase.as_ref().map(|phase| phase.document_id.as_str()),
            subject: &item.title,
            text: None,
            note: note.as_deref(),
            entry: slot.entry.as_ref().map(|entry| entry.document_id.as_str()).filter(|_| is_undo_open(&journey.row)),
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

/// Says for when a slot was planned, to the customer.
fn describe_lateness(journey: &LoadedJourney, slot: &Slot) -> Result<String> {
    let language = language_of(journey, &Settings::load()?);
    let at = format_instant(time::parse(&slot.planned_at)?, &language, &journey.definition.zone, "medium")?;
    Ok(translate("message.late", &language, Some(&json!({ "at": at }))))
}

/// Cause of the publication of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Publisher {
    Rule,
    Slot {
        /// Each journey gets content of its own there.
        is_own: bool,
    },
}

impl Publisher {
    /// True if the customer of that journey sees an item of their phase then, and nobody else where it has to be their own.
    fn suits(self, item: &Item, journey: &str) -> bool {
        match self {
            // A rule has no slot whose customer the item could be for.
            Self::Rule => item.audience == ItemAudience::Phase,
            Self::Slot { is_own } => !is_own || item.is_personal(journey),
        }
    }
}

/// Publishes an item unless it is published, and returns it. `None` where it was deleted, is unfinished, or is not for that phase or this
/// journey: a customer is not told of what they do not see.
pub(crate) fn publish_item(
    id: &str,
    journey: &LoadedJourney,
    phase: Option<&Link>,
    publisher: Publisher,
) -> Result<Option<Row<Item>>> {
    let phase = find_same_phases(phase.map_or("", |phase| phase.document_id.as_str()))?;
    let populate = json!({ "phases": { "fields": ["key"] }, "journeys": { "fields": ["title"] } });
    let is_seen = |item: &Row<Item>| item.is_for(&phase, Some(journey.id())) && publisher.suits(item, journey.id());
    if let Some(published) = data::find::<Item>().populate(populate.clone()).by_ids(&[id])?.pop().flatten() {
        return Ok(Some(published).filter(is_seen));
    }
    let draft = data::find::<Item>().drafts().populate(populate).by_ids(&[id])?.pop().flatten();
    let Some(draft) = draft.filter(is_seen) else { return Ok(None) };
    match transaction(|| Batch::new().transition::<Item>(id, Transition::Publish).write()) {
        Ok(_) => Ok(Some(draft)),
        Err(Error::Invalid(_) | Error::Conflict(_)) => {
            warn!(item = id; "an item could not be published: it is unfinished, or somebody has to approve it");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// True if an entry is the one of a slot, for lists of both.
pub(crate) fn is_of_entry(slot: &Slot, entry: &Row<Entry>) -> bool {
    slot.entry.as_ref().is_some_and(|own| own.document_id == entry.document_id)
}
