//! Slots that will be due and have nothing to show: the team hears of them while there is time to do something about it.

use crate::messages::{notify_owner, shorten};
use crate::model::{JourneyStatus, Link, Phase, PlanRow, Slot, SlotStatus, origin_of};
use crate::settings::Settings;
use crate::turns::{Turn, taking_turns_of};
use cairn_plugin::data::or_default;
use cairn_plugin::jobs::job;
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
pub(crate) struct PlannedContent {
    title: String,
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
    #[serde(default)]
    asked_at: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    turn_item: String,
}

impl PlannedContent {
    /// Its place among the slots of its journey; `None` where it has lost its row or its journey.
    pub(crate) fn turn(&self) -> Option<Turn<'_>> {
        let (journey, row) = (self.journey.as_ref()?, self.plan_row.as_ref()?);
        let row = origin_of(&row.origin, &row.document_id);
        Some(Turn {
            journey: &journey.document_id,
            row,
            planned_at: &self.planned_at,
            status: self.status,
            item: &self.turn_item,
        })
    }

    /// The item of its row's list whose turn it was, before slots kept it: the one that it shows, or else the one at its place.
    pub(crate) fn infer_turn_item(&self, others: &[Turn<'_>]) -> Option<&str> {
        let items = &self.plan_row.as_ref()?.items;
        let is_shown = |item: &&Link| self.content.as_ref().is_some_and(|shown| shown.document_id == item.document_id);
        let place = self.turn()?.number_among(others).checked_sub(1)?;
        items.iter().find(is_shown).or_else(|| items.get(place)).map(|item| item.document_id.as_str())
    }
}

impl Document for PlannedContent {
    const TYPE: &'static str = Slot::TYPE;
}

#[derive(Debug, Deserialize)]
pub(crate) struct TitledJourney {
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

/// Has the job run soon: content has come or gone.
///
/// # Errors
/// What the host says.
pub(crate) fn schedule_check() -> Result<()> {
    job(CONTENT_JOB).key("changed").set(&json!({})).map(drop)
}

/// One slice of the job.
///
/// # Errors
/// What the host says.
pub(crate) fn find_gaps(task: &Task) -> Result<Outcome> {
    let settings = Settings::load()?;
    let after = task.checkpoint::<GapProgress>()?.map_or_else(String::new, |progress| progress.after);
    let slots = list_upcoming(&after, &settings)?;
    let taken = list_taken(&slots)?;
    let turns: Vec<Turn<'_>> = taken.iter().filter_map(|slot| slot.turn()).collect();
    for slot in &slots {
        match (is_gap(slot, &turns), &slot.asked_at) {
            (true, None) => run_transaction(|| ask_for_content(slot, &settings))?,
            // Content has come since. If it goes again, the team hears of it again.
            (false, Some(_)) => data::update::<Slot>(&slot.document_id, &json!({ "askedAt": null })).map(drop)?,
            _ => {}
        }
    }
    match slots.last().filter(|_| slots.len() == SLICE as usize) {
        Some(last_slot) => Outcome::again(&GapProgress { after: last_slot.document_id.clone() }, Duration::ZERO),
        None => Ok(Outcome::DONE),
    }
}

/// Slots of active journeys that are due soon or were asked for. Without days of notice, no further ones are asked for.
fn list_upcoming(after: &str, settings: &Settings) -> Result<Vec<Row<PlannedContent>>> {
    let asked = json!({ "askedAt": { "$notNull": true } });
    let wanted = if settings.content_days == 0 {
        asked
    } else {
        let until = time::now().saturating_add(i64::from(settings.content_days).saturating_mul(DAY_MILLIS));
        json!({ "$or": [asked, { "plannedAt": { "$lte": time::format(until) } }] })
    };
    let upcoming = json!({ "$and": [wanted, {
        "documentId": { "$gt": after }, "status": SlotStatus::Planned, "journey": { "status": JourneyStatus::Active },
        "entry": { "leftAt": { "$null": true } },
    }] });
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

/// The slots that take turns of the same lists in the same journeys: those before, and those that had their turn ahead of their time.
///
/// # Errors
/// What the host says.
pub(crate) fn list_taken(slots: &[Row<PlannedContent>]) -> Result<Vec<Row<PlannedContent>>> {
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
        .filter(json!({
            "journey": { "documentId": { "$in": journeys } },
            "$or": [{ "plannedAt": { "$lt": latest } }, { "turnItem": { "$notNull": true } }],
        }))
        .filter(taking_turns_of(&rows.into_iter().collect::<Vec<_>>()))
        .fields(&["title", "plannedAt", "status", "turnItem"])
        .populate(json!({ "journey": { "fields": ["title"] }, "planRow": { "fields": ["title", "origin"] } }))
        .sort("plannedAt:desc")
        .all(MAX_TAKEN)
}

/// True if a slot has nothing to show of what its row promises: a list, or content of each journey's own. Rows without either are what the
/// team fills as it likes; it hears of these when they are missed.
fn is_gap(slot: &PlannedContent, others: &[Turn<'_>]) -> bool {
    let is_missing = |row: &Row<PlanRow>| {
        let has_content = || slot.turn().is_some_and(|turn| turn.find_content(row, others).is_some());
        (row.own_content || !row.items.is_empty()) && !has_content()
    };
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
                r#"{{"title":"S","plannedAt":"2026-01-15T09:00:00.000Z","journey":{{"documentId":"j","title":"J"}},
                "planRow":{{"documentId":"r","title":"R"{row}}},"content":{content}}}"#
            ))
            .unwrap()
        };
        let link = r#"{"documentId":"a"}"#;
        let list = format!(r#","items":[{link}]"#);
        let own = r#","ownContent":true"#;
        let taken = Turn { journey: "j", row: "r", planned_at: "2026-01-01", status: SlotStatus::Published, item: "a" };
        assert!(is_gap(&slot(own, "null"), &[]) && !is_gap(&slot(own, link), &[]));
        assert!(!is_gap(&slot("", "null"), &[]));
        assert!(!is_gap(&slot(&list, "null"), &[]));
        assert!(is_gap(&slot(&list, "null"), &[taken]) && !is_gap(&slot(&list, link), &[taken]));
        assert!(!is_gap(&slot(&format!(r#"{list},"item":{link}"#), "null"), &[taken]));
    }

    #[test]
    fn slots_of_before_had_what_they_show_or_what_was_at_their_place() {
        let slot = |content: &str| -> PlannedContent {
            serde_json::from_str(&format!(
                r#"{{"title":"S","plannedAt":"2026-01-15","status":"published","journey":{{"documentId":"j","title":"J"}},
                "planRow":{{"documentId":"r","title":"R","items":[{{"documentId":"a"}},{{"documentId":"b"}}]}},"content":{content}}}"#
            ))
            .unwrap()
        };
        let before = Turn { journey: "j", row: "r", planned_at: "2026-01-01", status: SlotStatus::Missed, item: "" };
        assert_eq!(slot("null").infer_turn_item(&[]), Some("a"));
        assert_eq!(slot("null").infer_turn_item(&[before]), Some("b"));
        assert_eq!(slot(r#"{"documentId":"a"}"#).infer_turn_item(&[before]), Some("a"));
        assert_eq!(slot("null").infer_turn_item(&[before, before]), None);
    }
}
