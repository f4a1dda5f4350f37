//! Slots that will be due and have nothing to show: the team hears of them while there is time to do something about it.

use crate::messages::{notify_owner, shorten};
use crate::model::{JourneyStatus, Link, Phase, PlanRow, Slot, SlotStatus, origin_of};
use crate::settings::Settings;
use crate::turns::{Turn, taking_turns_of};
use cairn_plugin::data::or_default;
use cairn_plugin::prelude::*;
use cairn_plugin::{format_instant, run_transaction};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// The job that looks for them, every morning.
pub(crate) const CONTENT_JOB: &str = "content";
/// Slots that one slice of the job looks at.
const SLICE: u32 = 40;
/// Slots before them that take turns of the same lists.
const MAX_TAKEN: u32 = 5_000;
const DAY_MILLIS: i64 = 86_400_000;

/// A slot that is still planned, with everything that its team is told.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlannedContent {
    title: String,
    #[serde(default, deserialize_with = "or_default")]
    occurrence: u32,
    planned_at: String,
    #[serde(default, deserialize_with = "or_default")]
    status: SlotStatus,
    #[serde(default)]
    phase: Option<Row<Phase>>,
    #[serde(default)]
    plan_row: Option<Row<PlanRow>>,
    #[serde(default)]
    journey: Option<Row<TitledJourney>>,
    #[serde(default)]
    content: Option<Link>,
}

impl PlannedContent {
    fn turn(&self) -> Option<Turn<'_>> {
        let (journey, row) = (self.journey.as_ref()?, self.plan_row.as_ref()?);
        let row = origin_of(&row.origin, &row.document_id);
        Some(Turn { journey: &journey.document_id, row, planned_at: &self.planned_at, status: self.status })
    }
}

impl Document for PlannedContent {
    const TYPE: &'static str = Slot::TYPE;
}

#[derive(Debug, Deserialize)]
struct TitledJourney {
    title: String,
    #[serde(default)]
    definition: Option<Zoned>,
}

#[derive(Debug, Deserialize)]
struct Zoned {
    #[serde(default, deserialize_with = "or_default")]
    zone: String,
}

/// How far the job is.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct GapProgress {
    /// The id of the last slot; empty before the first one.
    after: String,
}

/// One slice of the job.
///
/// # Errors
/// What the host says.
pub(crate) fn find_gaps(task: &Task) -> Result<Outcome> {
    let settings = Settings::load()?;
    if settings.content_days == 0 {
        return Ok(Outcome::DONE);
    }
    let after = task.checkpoint::<GapProgress>()?.map_or_else(String::new, |progress| progress.after);
    let slots = list_upcoming(&after, &settings)?;
    let taken = list_taken(&slots)?;
    let turns: Vec<Turn<'_>> = taken.iter().filter_map(|slot| slot.turn()).collect();
    let is_gap = |slot: &&Row<PlannedContent>| {
        let turn = slot.turn().map_or(slot.occurrence, |turn| turn.number_among(&turns));
        is_gap(slot, turn)
    };
    for slot in slots.iter().filter(is_gap) {
        run_transaction(|| ask_for_content(slot, &settings))?;
    }
    match slots.last().filter(|_| slots.len() == SLICE as usize) {
        Some(last_slot) => Outcome::again(&GapProgress { after: last_slot.document_id.clone() }, Duration::ZERO),
        None => Ok(Outcome::DONE),
    }
}

/// Slots of active journeys that are due soon, have no content of their own, and were not asked for.
fn list_upcoming(after: &str, settings: &Settings) -> Result<Vec<Row<PlannedContent>>> {
    let until = time::now().saturating_add(i64::from(settings.content_days).saturating_mul(DAY_MILLIS));
    let upcoming = json!({
        "documentId": { "$gt": after }, "status": SlotStatus::Planned, "plannedAt": { "$lte": time::format(until) },
        "askedAt": { "$null": true }, "journey": { "status": JourneyStatus::Active },
        "entry": { "leftAt": { "$null": true } },
    });
    let title = json!({ "fields": ["title"] });
    data::find::<PlannedContent>()
        // Content that is a draft until the slot is due is found among the drafts only.
        .drafts()
        .filter(upcoming)
        .populate(json!({
            "phase": true, "content": title, "planRow": { "populate": { "item": title, "items": title } },
            "journey": { "fields": ["title"], "populate": { "definition": { "fields": ["zone"] } } },
        }))
        .sort("documentId:asc")
        .all(SLICE)
}

/// The slots that take turns of the same lists in the same journeys.
fn list_taken(slots: &[Row<PlannedContent>]) -> Result<Vec<Row<PlannedContent>>> {
    let listed: Vec<Turn<'_>> = slots
        .iter()
        .filter(|slot| slot.plan_row.as_ref().is_some_and(|row| !row.items.is_empty()))
        .filter_map(|slot| slot.turn())
        .collect();
    if listed.is_empty() {
        return Ok(Vec::new());
    }
    let journeys: BTreeSet<&str> = listed.iter().map(|turn| turn.journey).collect();
    let rows: BTreeSet<&str> = listed.iter().map(|turn| turn.row).collect();
    let latest = listed.iter().map(|turn| turn.planned_at).max();
    data::find::<PlannedContent>()
        .filter(json!({ "journey": { "documentId": { "$in": journeys } }, "plannedAt": { "$lt": latest } }))
        .filter(taking_turns_of(&rows.into_iter().collect::<Vec<_>>()))
        .fields(&["title", "plannedAt", "status"])
        .populate(json!({ "journey": { "fields": ["title"] }, "planRow": { "fields": ["title", "origin"] } }))
        .sort("plannedAt:desc")
        .all(MAX_TAKEN)
}

/// True if a slot has nothing to show of what its row promises: a list, or content of each journey's own. Rows without either are what the
/// team fills as it likes; it hears of these when they are missed.
fn is_gap(slot: &PlannedContent, turn: u32) -> bool {
    let is_missing = |row: &Row<PlanRow>| (row.own_content || !row.items.is_empty()) && row.content_for(turn).is_none();
    slot.content.is_none() && slot.plan_row.as_ref().is_some_and(is_missing)
}

/// Tells whoever looks after the phase what is missing: of a list that is used up once, of content of one journey's own for each slot.
fn ask_for_content(slot: &Row<PlannedContent>, settings: &Settings) -> Result<()> {
    let unasked = json!({ "askedAt": { "$null": true }, "status": SlotStatus::Planned });
    let id = slot.document_id.as_str();
    let this = data::find::<Slot>().filter(unasked).filter(json!({ "documentId": { "$eq": id } })).lock().first()?;
    let (Some(_), Some(journey)) = (this, &slot.journey) else { return Ok(()) };
    data::update::<Slot>(id, &json!({ "askedAt": time::format(time::now()) }))?;
    let zone = journey.definition.as_ref().map_or("", |definition| definition.zone.as_str());
    let due = format_instant(time::parse(&slot.planned_at)?, &settings.language, zone, "medium")?;
    let phase = slot.phase.as_ref().map(|phase| &phase.fields);
    let listed = slot.plan_row.as_ref().filter(|row| !row.items.is_empty() && !row.own_content);
    let arguments = json!({
        "title": shorten(&journey.title, 100), "subject": shorten(&slot.title, 160), "at": due,
        "phase": phase.map_or("", |phase| phase.title_in(&settings.language)),
        "count": listed.map_or(0, |row| row.items.len()),
    });
    let (kind, key, page) = match listed {
        Some(row) => ("list", format!("{}/{}", row.document_id, row.items.len()), "plan".to_owned()),
        None => ("content", id.to_owned(), format!("journey?journey={}", journey.document_id)),
    };
    notify_owner(settings, phase, (kind, &key), &arguments, &page);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_without_what_their_row_promises_are_gaps() {
        let slot = |row: &str, content: &str| -> PlannedContent {
            serde_json::from_str(&format!(
                r#"{{"title":"S","plannedAt":"2026-01-15T09:00:00.000Z",
                "planRow":{{"documentId":"r","title":"R"{row}}},"content":{content}}}"#
            ))
            .unwrap()
        };
        let link = r#"{"documentId":"a"}"#;
        let list = format!(r#","items":[{link}]"#);
        let own = r#","ownContent":true"#;
        assert!(is_gap(&slot(own, "null"), 1) && !is_gap(&slot(own, link), 1));
        assert!(!is_gap(&slot("", "null"), 1));
        assert!(!is_gap(&slot(&list, "null"), 1) && is_gap(&slot(&list, "null"), 2) && !is_gap(&slot(&list, link), 2));
        assert!(!is_gap(&slot(&format!(r#"{list},"item":{link}"#), "null"), 9));
    }
}
