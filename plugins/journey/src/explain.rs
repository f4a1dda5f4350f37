//! Why something happened, or why it did not: each plan row, slot, timer and rule of a journey with the reason.

use crate::entries::PHASE_END_JOB;
use crate::explain_rules::{ExplainedRule, explain_rules};
use crate::journeys::{LoadedJourney, MAX_PLAN_ROWS};
use crate::model::{Advance, Entry, JourneyStatus, Lateness, Phase, PlanRow, Slot, SlotStatus, origin_of};
use crate::slots::is_of_entry;
use crate::timetable::Frequency;
use crate::turns::Turn;
use cairn_plugin::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Most entries and slots that are explained; the newest.
const MAX_ROWS: u32 = 900;

/// A reason: a code for programs, and a text for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Reason {
    pub(crate) code: &'static str,
    pub(crate) text: String,
}

/// Everything about a journey that has a reason.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Explanation {
    pub(crate) journey: String,
    pub(crate) title: String,
    pub(crate) status: JourneyStatus,
    pub(crate) phase: Option<String>,
    pub(crate) mail: Reason,
    pub(crate) phase_end: ExplainedTimer,
    pub(crate) rows: Vec<ExplainedRow>,
    pub(crate) rules: Vec<ExplainedRule>,
}

/// The timer at the end of the current phase.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedTimer {
    pub(crate) due_at: Option<String>,
    pub(crate) reason: Reason,
}

/// A row of the plan.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedRow {
    pub(crate) phase: String,
    pub(crate) phase_title: String,
    pub(crate) title: String,
    pub(crate) reason: Reason,
    pub(crate) slots: Vec<ExplainedSlot>,
}

/// A slot.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedSlot {
    pub(crate) occurrence: u32,
    pub(crate) entry_no: u32,
    pub(crate) planned_at: String,
    pub(crate) published_at: Option<String>,
    pub(crate) status: SlotStatus,
    pub(crate) reason: Reason,
}

/// Explains a journey.
///
/// # Errors
/// `NotFound`; what the host says.
pub(crate) fn explain_journey(id: &str, locale: &str) -> Result<Explanation> {
    let journey = LoadedJourney::load(id)?;
    let own = json!({ "journey": { "documentId": { "$eq": id } } });
    let entries = data::find::<Entry>()
        .filter(own.clone())
        .populate(json!({ "phase": { "fields": ["key"] } }))
        .sort("enteredAt:desc")
        .all(MAX_ROWS)?;
    let slots = data::find::<Slot>()
        .filter(own)
        // Content that is a draft until its slot is due is found among the drafts only.
        .drafts()
        .populate(json!({
            "planRow": true, "entry": true, "phase": { "fields": ["key"] }, "content": { "fields": ["title"] },
        }))
        .sort("plannedAt:desc")
        .all(MAX_ROWS)?;
    let turns: Vec<Turn<'_>> = slots.iter().filter_map(|slot| turn_of(slot)).collect();
    let contents = list_row_contents(&journey.definition.document_id)?;
    // Texts are translated once, however many slots there are: the number of host calls is limited.
    let texts: RefCell<BTreeMap<&'static str, String>> = RefCell::default();
    let reason = |code: &'static str| {
        let mut texts = texts.borrow_mut();
        let text = texts.entry(code).or_insert_with(|| translate(&format!("explain.{code}"), locale, None));
        Reason { code, text: text.clone() }
    };
    let mail = match (journey.customer(), journey.row.mail_opt_out) {
        (None, _) => "no-customer",
        (Some(customer), _) if customer.blocked => "blocked",
        (Some(_), true) => "opted-out",
        (Some(_), false) => "mail-on",
    };
    let timer = ExplainedTimer {
        due_at: journey.row.phase_ends_at.clone().filter(|_| journey.row.status == JourneyStatus::Active),
        reason: reason(phase_end_code(&journey, find_timer_state(id)?.as_deref())),
    };
    let mut rows = Vec::new();
    for (n, phase) in journey.phases.iter().enumerate() {
        let of_phase: Vec<&Row<Entry>> = entries
            .iter()
            .filter(|entry| entry.phase.as_ref().is_some_and(|own| own.document_id == phase.document_id))
            .collect();
        for row in &phase.plan_rows {
            let of_row = slots.iter().rev().filter(|slot| is_of_row(slot, row));
            let explained: Vec<ExplainedSlot> = of_row
                .map(|slot| ExplainedSlot {
                    occurrence: slot.occurrence,
                    entry_no: of_phase.iter().find(|entry| is_of_entry(slot, entry)).map_or(0, |entry| entry.no),
                    planned_at: slot.planned_at.clone(),
                    published_at: slot.fired_at.clone(),
                    status: slot.status,
                    reason: reason(slot_code(
                        slot,
                        list_state(slot, contents.get(&row.document_id), &turns),
                        journey.row.status,
                    )),
                })
                .collect();
            let code = row_code(&RowFacts {
                position: n,
                current: journey.current(),
                entries: of_phase.len(),
                slots: explained.len(),
                once: row.frequency == Frequency::Once,
                status: journey.row.status,
            });
            rows.push(ExplainedRow {
                phase: phase.key.clone(),
                phase_title: phase.title_in(locale).to_owned(),
                title: row.title.clone(),
                reason: reason(code),
                slots: explained,
            });
        }
    }
    Ok(Explanation {
        journey: id.to_owned(),
        title: journey.row.title.clone(),
        status: journey.row.status,
        phase: journey.current_phase().map(|phase: &Row<Phase>| phase.key.clone()),
        mail: reason(mail),
        phase_end: timer,
        rows,
        rules: explain_rules(&journey, &entries, reason)?,
    })
}

/// Code of the reason of a slot that is planned: it has content, or why not.
fn list_state(slot: &Slot, row: Option<&PlanRow>, turns: &[Turn<'_>]) -> &'static str {
    match row {
        _ if slot.content.is_some() => "planned",
        Some(row) if row.items.is_empty() && row.item.is_none() => "needs-content",
        Some(row) if slot.status == SlotStatus::Planned => {
            let has_content = turn_of(slot).is_some_and(|turn| turn.find_content(row, turns).is_some());
            if has_content { "planned" } else { "list-over" }
        }
        _ => "planned",
    }
}

fn turn_of(slot: &Slot) -> Option<Turn<'_>> {
    let row = slot.plan_row.as_ref()?;
    let row = origin_of(&row.origin, &row.document_id);
    Some(Turn { journey: "", row, planned_at: &slot.planned_at, status: slot.status, item: &slot.turn_item })
}

/// The rows of a definition with their content, by their ids.
fn list_row_contents(definition: &str) -> Result<BTreeMap<String, PlanRow>> {
    let title = json!({ "fields": ["title"] });
    let rows = data::find::<PlanRow>()
        .drafts()
        .filter(json!({ "phase": { "definition": { "documentId": { "$eq": definition } } } }))
        .populate(json!({ "item": title, "items": title }))
        .all(MAX_PLAN_ROWS)?;
    Ok(rows.into_iter().map(|row| (row.document_id.clone(), row.fields)).collect())
}

fn is_of_row(slot: &Slot, row: &Row<PlanRow>) -> bool {
    slot.plan_row.as_ref().is_some_and(|own| own.document_id == row.document_id)
}

/// State of the job at the end of the phase's window, if there is one.
fn find_timer_state(id: &str) -> Result<Option<String>> {
    Ok(jobs::inspect(PHASE_END_JOB, id)?.map(|job| job.state))
}

fn phase_end_code(journey: &LoadedJourney, timer: Option<&str>) -> &'static str {
    let by_date = journey.current_phase().is_some_and(|phase| phase.advance == Advance::Date);
    match journey.row.status {
        JourneyStatus::Paused => "end-paused",
        JourneyStatus::Completed | JourneyStatus::Cancelled => "end-over",
        JourneyStatus::Active if journey.row.overdue_at.is_some() => "end-overdue",
        JourneyStatus::Active if journey.row.phase_ends_at.is_none() => "end-open",
        JourneyStatus::Active if timer == Some("dead") => "end-failed",
        JourneyStatus::Active if by_date => "end-moves",
        JourneyStatus::Active => "end-reminds",
    }
}

fn slot_code(slot: &Slot, plan: &'static str, status: JourneyStatus) -> &'static str {
    match (slot.status, status) {
        (SlotStatus::Published, _) if slot.lateness == Some(Lateness::Collapsed) => "late-collapsed",
        (SlotStatus::Published, _) if slot.lateness == Some(Lateness::Marked) => "late-marked",
        (SlotStatus::Published, _) => "published",
        (SlotStatus::Skipped, _) if slot.lateness == Some(Lateness::Dropped) => "late-dropped",
        (SlotStatus::Missed, _) => "no-content",
        (SlotStatus::Skipped, _) => "left",
        (SlotStatus::Planned, JourneyStatus::Paused) => "paused",
        (SlotStatus::Planned, _) => plan,
    }
}

/// Facts that decide about a row of the plan.
struct RowFacts {
    position: usize,
    current: Option<usize>,
    /// How often the journey was in the row's phase.
    entries: usize,
    slots: usize,
    once: bool,
    status: JourneyStatus,
}

fn row_code(facts: &RowFacts) -> &'static str {
    let is_current = facts.current == Some(facts.position);
    match facts.entries {
        0 if facts.current.is_some_and(|current| facts.position < current) => "phase-passed-over",
        0 => "phase-not-reached",
        _ if facts.slots == 0 => "no-time-left",
        _ if !is_current || facts.status == JourneyStatus::Completed => "phase-left",
        _ if facts.status == JourneyStatus::Paused => "paused",
        entries if entries > 1 && facts.once => "once-before",
        _ => "running",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_the_plan_say_why_they_did_not_fire() {
        let facts = |position, entries, slots, once, status| RowFacts {
            position,
            current: Some(2),
            entries,
            slots,
            once,
            status,
        };
        for (facts, code) in [
            (facts(3, 0, 0, false, JourneyStatus::Active), "phase-not-reached"),
            (facts(1, 0, 0, false, JourneyStatus::Active), "phase-passed-over"),
            (facts(1, 1, 4, false, JourneyStatus::Active), "phase-left"),
            (facts(2, 1, 4, false, JourneyStatus::Active), "running"),
            (facts(2, 1, 0, false, JourneyStatus::Active), "no-time-left"),
            (facts(2, 2, 1, true, JourneyStatus::Active), "once-before"),
            (facts(2, 1, 4, false, JourneyStatus::Paused), "paused"),
        ] {
            assert_eq!(row_code(&facts), code);
        }
    }
}
