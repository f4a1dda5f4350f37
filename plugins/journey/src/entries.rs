//! Entries: the times that a journey was in a phase. Entering one plans what is due in it and tells the customer.

use crate::journeys::LoadedJourney;
use crate::last_move::describe_move;
use crate::messages::{Message, language_of, notify_staff, send_to_customer};
use crate::model::{Advance, Entry, Journey, Phase};
use crate::open_entry::find_open_entry;
use crate::planning::settle_slots;
use crate::rule_jobs::{announce, cancel_rule_timers, list_rules, set_rule_timers};
use crate::rules::{Occasion, OccasionKind};
use crate::settings::Settings;
use cairn_plugin::events;
use cairn_plugin::jobs::timer;
use cairn_plugin::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The job at the end of a phase's window; the key is the journey's id.
pub(crate) const PHASE_END_JOB: &str = "phase-end";

/// Payload of the job at the end of a phase's window.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PhaseEndTask {
    pub(crate) journey: String,
    pub(crate) entry_no: i64,
}

/// Cause of a journey's entry into a phase.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cause<'a> {
    /// Name of a person; empty for the plugin itself.
    pub(crate) by: &'a str,
    pub(crate) reason: &'a str,
    /// The end of a window: it also moves on from a phase whose window has passed meanwhile.
    pub(crate) by_date: bool,
    /// How many rules in a row led to it.
    pub(crate) chain: u32,
    /// The customer is told nothing of it.
    pub(crate) is_silent: bool,
    /// The entry that a person has moved the journey away from, as long as that can be undone.
    pub(crate) left: Option<&'a str>,
}

impl Cause<'_> {
    /// The end of a window.
    pub(crate) const BY_DATE: Self = Self { by: "", reason: "", by_date: true, chain: 0, is_silent: false, left: None };
}

/// Makes a journey enter a phase, in the open transaction: the entry, what is planned, the timers, the message to the customer and the
/// event. It has left the phase before.
///
/// # Errors
/// What the host says.
pub(crate) fn enter_phase(journey: &LoadedJourney, phase: &Row<Phase>, cause: Cause<'_>) -> Result<()> {
    let now = time::now();
    let of_phase = json!({
        "journey": { "documentId": { "$eq": journey.id() } }, "phase": { "documentId": { "$eq": phase.document_id } },
    });
    let no = u32::try_from(data::find::<Entry>().filter(of_phase).count()?).unwrap_or(u32::MAX - 1) + 1;
    let entry = data::create::<Entry>(&json!({
        "journey": journey.id(), "phase": phase.document_id, "no": no, "enteredAt": time::format(now), "by": cause.by,
        "reason": cause.reason, "shift": journey.row.shift, "heldSeconds": journey.row.held_seconds, "plannedRows": 0,
    }))?;
    let entry = entry.target.document_id;
    let entry_no = journey.row.entry_no + 1;
    let end = journey.window_end(phase)?;
    // A phase that the journey only passes is not announced: the customer hears of the one where it stays.
    let is_passing = cause.by_date && is_passed_by_date(journey, phase, end, now);
    // An operator who moves a journey to a phase whose window has passed wants it there: no timer moves it on at once.
    let is_late = end.is_some_and(|end| end <= now) && !cause.by_date;
    let mut patch = json!({
        "currentPhase": phase.document_id, "entryNo": entry_no, "phaseEndsAt": end.map(time::format), "overdueAt": null,
        "undo": null, "undoUntil": null,
    });
    let undo = cause.left.map(|left| describe_move(journey, left, &entry, cause.is_silent));
    let undo_millis = if undo.is_some() { Settings::load()?.undo_millis() } else { 0 };
    let is_undoable = undo.is_some() && undo_millis > 0;
    if is_undoable {
        (patch["undo"], patch["undoUntil"]) = (json!(undo), json!(time::format(now.saturating_add(undo_millis))));
    }
    if is_late {
        patch["overdueAt"] = json!(time::format(now));
    }
    data::update::<Journey>(journey.id(), &patch)?;
    match end.filter(|_| !is_late) {
        Some(due) => set_phase_timer(journey.id(), entry_no, due)?,
        None => drop(jobs::cancel(PHASE_END_JOB, journey.id())?),
    }
    settle_slots(journey)?;
    let rules = list_rules(journey)?;
    set_rule_timers(journey, &rules, cause.chain)?;
    announce(journey.id(), &rules, Occasion::of_entry(OccasionKind::Entered, &phase.key, &entry, cause.chain))?;
    let settings = Settings::load()?;
    let language = language_of(journey, &settings);
    let message = Message {
        kind: "entered",
        key: &entry,
        phase: Some(&phase.document_id),
        subject: phase.title_in(&language),
        text: None,
        note: None,
        entry: Some(&entry).filter(|_| is_undoable).map(String::as_str),
        in_inbox: true,
        by_mail: !is_passing,
    };
    if !cause.is_silent {
        send_to_customer(journey, &message, now)?;
    }
    events::publish("journey.phase.entered", journey.id(), &phase_event(journey.id(), phase, no))?;
    if is_late {
        notify_staff(journey, Some(phase), "overdue", &entry, phase.title_in(&settings.language));
    }
    journey.invalidate_policies()
}

/// True if a journey that enters a phase by date leaves it at once: its window has passed as well, and another phase follows.
fn is_passed_by_date(journey: &LoadedJourney, phase: &Row<Phase>, end: Option<Instant>, now: Instant) -> bool {
    phase.advance == Advance::Date
        && end.is_some_and(|end| end <= now)
        && journey.phases.last().is_some_and(|last| last.document_id != phase.document_id)
}

/// Makes a journey leave the phase that it is in, in the open transaction. What is planned for it is skipped by
/// [`settle_slots`], with the next entry or the end of the journey. `end_reason`: why the journey ends there; empty where it goes on. `chain`: how many rules in a row led to it.
///
/// # Errors
/// What the host says.
pub(crate) fn leave_phase(journey: &LoadedJourney, end_reason: &str, chain: u32) -> Result<()> {
    jobs::cancel(PHASE_END_JOB, journey.id())?;
    let Some(entry) = find_open_entry(journey.id())? else { return Ok(()) };
    data::update::<Entry>(
        &entry.document_id,
        &json!({ "leftAt": time::format(time::now()), "endReason": end_reason }),
    )?;
    let Some(phase) = &journey.row.current_phase else { return Ok(()) };
    let rules = list_rules(journey)?;
    cancel_rule_timers(&entry.document_id, &rules)?;
    announce(journey.id(), &rules, Occasion::of_entry(OccasionKind::Left, &phase.key, &entry.document_id, chain))?;
    events::publish("journey.phase.left", journey.id(), &phase_event(journey.id(), phase, entry.no.max(1)))
}

/// Sets the timer at the end of a phase's window.
///
/// # Errors
/// What the host says.
pub(crate) fn set_phase_timer(journey: &str, entry_no: i64, due: Instant) -> Result<()> {
    let task = PhaseEndTask { journey: journey.to_owned(), entry_no };
    timer(PHASE_END_JOB).key(journey).due(due).set(&task).map(drop)
}

/// The data of the events of a phase.
pub(crate) fn phase_event(journey: &str, phase: &Row<Phase>, no: u32) -> Value {
    json!({ "journey": journey, "phase": phase.document_id, "phaseKey": phase.key, "no": no })
}
