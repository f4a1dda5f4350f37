//! The way back from a mistaken move: for some minutes after it, the journey can be put back as if it had not been made. As long as that is
//! possible, its mails wait.

use crate::entries::{PHASE_END_JOB, phase_event, set_phase_timer};
use crate::journeys::{LoadedJourney, require_active};
use crate::last_move::is_undo_open;
use crate::messages::notify_staff;
use crate::model::{Effect, Entry, Journey, Notice, Slot, SlotStatus};
use crate::open_entry::find_open_entry;
use crate::planning::{SLOT_JOB, set_timers, settle_slots};
use crate::refusals::wrong_state;
use crate::rule_jobs::{RULES_JOB, cancel_rule_timers, list_rules, rules_job_key, set_rule_timers};
use crate::rules::{Occasion, OccasionKind};
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use cairn_plugin::{events, run_transaction};
use serde_json::json;

/// Documents of one kind that a move of some minutes ago can have made.
const MAX_ROWS: u32 = 400;

/// Puts a journey back to where it was before its last move: the entry, what was planned, and the timers. What the move made goes, and its
/// mails with it. Content that was published stays, and so do variables that rules have set.
///
/// # Errors
/// `Conflict` for a journey that is not active, or whose last move can no longer be undone; `NotFound`.
pub(crate) fn undo_move(id: &str, by: &str, locale: &str) -> Result<()> {
    run_transaction(|| {
        let journey = LoadedJourney::load_locked(id)?;
        require_active(&journey, locale)?;
        let Some(last_move) = journey.row.undo.clone().filter(|_| is_undo_open(&journey.row)) else {
            return Err(wrong_state("undo-over", locale));
        };
        let open = find_open_entry(id)?.filter(|open| open.document_id == last_move.entry);
        let left = data::find::<Entry>().lock().by_ids(&[last_move.left.as_str()])?.pop().flatten();
        let phase = journey.phases.iter().find(|phase| phase.document_id == last_move.phase);
        let (Some(open), Some(left), Some(phase)) = (open, left, phase) else {
            return Err(wrong_state("undo-over", locale));
        };
        let rules = list_rules(&journey)?;
        cancel_rule_timers(&open.document_id, &rules)?;
        jobs::cancel(PHASE_END_JOB, id)?;
        for (kind, entry) in [(OccasionKind::Entered, &open.document_id), (OccasionKind::Left, &left.document_id)] {
            jobs::cancel(RULES_JOB, &rules_job_key(id, &Occasion::of_entry(kind, "", entry, 0)))?;
        }
        if let Some(current) = journey.current_phase() {
            events::publish("journey.phase.left", id, &phase_event(id, current, open.no.max(1)))?;
        }
        delete_traces(id, &open, &left)?;
        restore_slots(id, &left, &open)?;
        let ends = last_move.phase_ends_at.as_deref().map(time::parse).transpose()?;
        let patch = json!({
            "currentPhase": phase.document_id, "entryNo": journey.row.entry_no + 1, "phaseEndsAt": last_move.phase_ends_at,
            "overdueAt": last_move.overdue_at, "undo": null, "undoUntil": null,
        });
        data::update::<Journey>(id, &patch)?;
        if let Some(due) = ends.filter(|_| last_move.overdue_at.is_none()) {
            set_phase_timer(id, journey.row.entry_no + 1, due)?;
        }
        let journey = LoadedJourney::load_locked(id)?;
        // The move may have come before all of the phase was planned.
        settle_slots(&journey)?;
        set_rule_timers(&journey, &rules, 0)?;
        events::publish("journey.phase.entered", id, &phase_event(id, phase, left.no.max(1)))?;
        if !last_move.is_silent {
            notify_staff(&journey, Some(phase), "undone", &last_move.entry, by);
        }
        journey.invalidate_policies()
    })
}

/// Deletes what the move made: the entry with its slots, what was told of it, and what rules made of it, so that they do it when the
/// journey really gets there.
fn delete_traces(journey: &str, open: &Row<Entry>, left: &Row<Entry>) -> Result<()> {
    let own = json!({ "journey": { "documentId": { "$eq": journey } } });
    let of_entry = json!({ "entry": { "documentId": { "$eq": open.document_id } } });
    let slots = data::find::<Slot>().filter(of_entry.clone()).all(MAX_ROWS)?;
    let keys: Vec<&str> = slots.iter().map(|slot| slot.document_id.as_str()).collect();
    jobs::cancel_all(SLOT_JOB, &keys)?;
    let phase = open.phase.as_ref().map(|phase| phase.document_id.as_str());
    let since = json!({ "at": { "$gte": open.entered_at }, "phase": { "documentId": { "$eq": phase } } });
    let notices = data::find::<Notice>().filter(own.clone()).filter(since).all(MAX_ROWS)?;
    let leaving = Occasion::of_entry(OccasionKind::Left, "", &left.document_id, 0).id();
    let effects = data::find::<Effect>()
        .filter(own)
        .filter(json!({ "$or": [of_entry, { "occurrence": { "$eq": leaving } }] }))
        .all(MAX_ROWS)?;
    let mut batch = slots.iter().fold(Batch::new(), |batch, slot| batch.delete::<Slot>(&slot.document_id));
    batch = notices.iter().fold(batch, |batch, notice| batch.delete::<Notice>(&notice.document_id));
    batch = effects.iter().fold(batch, |batch, effect| batch.delete::<Effect>(&effect.document_id));
    batch = batch.delete::<Entry>(&open.document_id);
    let reopened = json!({ "leftAt": null, "endReason": null });
    batch.update::<Entry>(&left.document_id, &reopened)?.write().map(drop)
}

/// Plans again what the move skipped.
fn restore_slots(journey: &str, left: &Row<Entry>, open: &Row<Entry>) -> Result<()> {
    let skipped = data::find::<Slot>()
        .filter(json!({
            "entry": { "documentId": { "$eq": left.document_id } }, "plannedAt": { "$gte": open.entered_at },
            "status": { "$in": [SlotStatus::Skipped, SlotStatus::Planned] },
        }))
        .all(MAX_ROWS)?;
    if skipped.is_empty() {
        return Ok(());
    }
    let planned = json!({ "status": SlotStatus::Planned });
    let batch =
        skipped.iter().try_fold(Batch::new(), |batch, slot| batch.update::<Slot>(&slot.document_id, &planned))?;
    batch.write()?;
    let timers: Result<Vec<(&str, Instant)>> =
        skipped.iter().map(|slot| Ok((slot.document_id.as_str(), time::parse(&slot.planned_at)?))).collect();
    set_timers(journey, timers?.into_iter())
}
