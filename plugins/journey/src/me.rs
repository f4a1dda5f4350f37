//! Journeys of a customer as they see them, in one response: a fixed number of queries, however many journeys and slots there are.

use crate::audience::{
    SeenJourney, filter_for, is_item_seen_by, list_journeys, list_phases, list_seen, select_seen, shown_slots,
};
use crate::chosen_documents::{ChosenDocuments, DocumentPage, list_chosen_documents};
use crate::journeys::LoadedJourney;
use crate::model::{Entry, Item, Journey, JourneyStatus, Link, Notice, Phase, Slot, SlotStatus};
use crate::refusals::{wrong_field, wrong_state};
use crate::timetable::Plan;
use crate::zone::Zone;
use cairn_plugin::prelude::*;
use chrono::NaiveDateTime;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Most entries and items in a response; the newest.
const MAX_ROWS: u32 = 500;
/// Most slots that were published, or are still planned, in a response, of all journeys together.
const MAX_SLOTS: u32 = 1_000;
/// Most notices in a response; the newest.
const MAX_NOTICES: u32 = 100;

/// Everything that the journeys of a customer show.
struct Shown {
    phases: Vec<Row<Phase>>,
    entries: Vec<Row<Entry>>,
    /// Slots that were published, newest first.
    past: Vec<Row<Slot>>,
    /// Slots that are planned, soonest first.
    upcoming: Vec<Row<Slot>>,
    items: Vec<Row<Item>>,
    notices: Vec<Row<Notice>>,
    documents: ChosenDocuments,
}

/// How much of the plan of each journey a response shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlanRange {
    /// Slots that were published; the newest.
    pub(crate) past: u32,
    /// Slots that are planned; the next.
    pub(crate) upcoming: u32,
}

impl PlanRange {
    const DEFAULT: u32 = 50;
    const MOST: u32 = 500;

    /// Reads the parameters `past` and `upcoming`.
    ///
    /// # Errors
    /// `Invalid` with the parameter that is no number up to 500.
    pub(crate) fn read(past: Option<&str>, upcoming: Option<&str>, locale: &str) -> Result<Self> {
        let number = |name: &str, text: Option<&str>| read_count(name, text, Self::DEFAULT, 0, Self::MOST, locale);
        Ok(Self { past: number("past", past)?, upcoming: number("upcoming", upcoming)? })
    }
}

/// Reads a parameter that is a number.
///
/// # Errors
/// `Invalid` with the parameter where it is none from `least` to `most`.
pub(crate) fn read_count(
    name: &str,
    text: Option<&str>,
    default: u32,
    least: u32,
    most: u32,
    locale: &str,
) -> Result<u32> {
    let number = text.map_or(Some(default), |text| parse_count(text, least, most));
    number.ok_or_else(|| wrong_field(name, "count", locale, Some(&json!({ "least": least, "most": most }))))
}

fn parse_count(text: &str, least: u32, most: u32) -> Option<u32> {
    text.parse().ok().filter(|number| (least..=most).contains(number))
}

/// The journeys of a user of the content API.
///
/// # Errors
/// What the host says.
pub(crate) fn describe_journeys(customer: &str, range: PlanRange, page: DocumentPage, locale: &str) -> Result<Value> {
    let journeys = list_journeys(customer)?;
    let phases = list_phases(&journeys)?;
    let seen = select_seen(&journeys, &phases);
    if seen.is_empty() {
        return Ok(json!({ "data": [], "meta": { "unread": 0, "documents": [] } }));
    }
    let shown = Shown {
        entries: data::find::<Entry>()
            .filter(filter_for(Entry::TYPE, &seen))
            .populate(json!({ "journey": { "fields": ["title"] }, "phase": { "fields": ["key"] } }))
            .sort("enteredAt:asc")
            .all(MAX_ROWS)?,
        past: list_slots(&seen, SlotStatus::Published, range.past)?,
        upcoming: list_slots(&seen, SlotStatus::Planned, range.upcoming)?,
        items: data::find::<Item>()
            .filter(filter_for(Item::TYPE, &seen))
            .populate(json!({
                "phases": { "fields": ["key"] }, "journeys": { "fields": ["title"] }, "slots": shown_slots(&seen),
                "films": true, "gallery": true, "files": true,
            }))
            .sort("publishedAt:desc")
            .all(MAX_ROWS)?,
        notices: data::find::<Notice>()
            .filter(filter_for(Notice::TYPE, &seen))
            .populate(json!({ "journey": { "fields": ["title"] } }))
            .sort("at:desc")
            .all(MAX_NOTICES)?,
        documents: list_chosen_documents(page)?,
        phases,
    };
    let described: Result<Vec<Value>> = seen
        .iter()
        .filter_map(|seen| Some((journeys.iter().find(|journey| journey.document_id == seen.journey)?, seen)))
        .map(|(journey, seen)| describe_journey(journey, seen, &shown, range, locale))
        .collect();
    let unread = shown.notices.iter().filter(|notice| notice.read_at.is_none()).count();
    Ok(json!({ "data": described?, "meta": { "unread": unread, "documents": shown.documents.counts } }))
}

/// The slots of that status in these journeys: so many for each, as far as a response holds them.
fn list_slots(seen: &[SeenJourney], status: SlotStatus, each: u32) -> Result<Vec<Row<Slot>>> {
    let limit = each.saturating_mul(u32::try_from(seen.len()).unwrap_or(u32::MAX)).min(MAX_SLOTS);
    if limit == 0 {
        return Ok(Vec::new());
    }
    let order = if status == SlotStatus::Planned { "plannedAt:asc" } else { "plannedAt:desc" };
    data::find::<Slot>()
        .filter(json!({ "$and": [filter_for(Slot::TYPE, seen), { "status": status }] }))
        .populate(json!({
            "journey": { "fields": ["title"] }, "phase": { "fields": ["key"] }, "planRow": true, "content": { "fields": ["title"] },
            "entry": { "fields": ["enteredAt", "leftAt"] },
        }))
        .sort(order)
        .all(limit)
}

/// The files of a field as the portal shows them.
fn list_files(files: &Value) -> Vec<Value> {
    let known =
        ["documentId", "name", "alternativeText", "caption", "mime", "size", "width", "height", "url", "formats"];
    let describe = |file: &Value| known.iter().map(|name| ((*name).to_owned(), file[*name].clone())).collect();
    files.as_array().into_iter().flatten().map(describe).map(Value::Object).collect()
}

fn is_link(link: Option<&Link>, id: &str) -> bool {
    link.is_some_and(|link| link.document_id == id)
}

fn describe_journey(
    journey: &Row<Journey>,
    seen: &SeenJourney,
    shown: &Shown,
    range: PlanRange,
    locale: &str,
) -> Result<Value> {
    // The customer's own language, or else that of whoever asks.
    let language = journey.language.as_deref().unwrap_or(locale);
    let is_own_phase =
        |phase: &Row<Phase>| phase.definition.as_ref().is_some_and(|own| own.document_id == seen.definition);
    let phases: Vec<&Row<Phase>> = shown.phases.iter().filter(|phase| is_own_phase(phase)).collect();
    let entries: Vec<&Row<Entry>> =
        shown.entries.iter().filter(|entry| is_link(entry.journey.as_ref(), &seen.journey)).collect();
    let key_of = |link: Option<&Link>| {
        let id = link.map(|link| link.document_id.as_str());
        let is_named = |phase: &&Row<Phase>| Some(phase.document_id.as_str()) == id;
        // Content may name the phase of another revision, which has the same key.
        let is_shown = |phase: &Row<Phase>| is_own_phase(phase) || seen.reached.contains(&phase.document_id);
        shown.phases.iter().find(is_named).filter(|phase| is_shown(phase)).map(|phase| phase.key.as_str())
    };
    let visible: BTreeSet<&str> = shown.items.iter().map(|item| item.document_id.as_str()).collect();
    let is_own = |slot: &&Row<Slot>| is_link(slot.journey.as_ref(), &seen.journey);
    let mut plan: Vec<&Row<Slot>> = shown.past.iter().filter(is_own).take(range.past as usize).collect();
    plan.reverse();
    // Slots of an entry that was left are no longer ahead, even before a job has skipped them.
    let is_ahead = |slot: &&Row<Slot>| slot.entry.as_ref().is_none_or(|entry| entry.left_at.is_none());
    plan.extend(shown.upcoming.iter().filter(is_own).filter(is_ahead).take(range.upcoming as usize));
    let plan = plan.into_iter().map(|slot| {
        // Content that is not published, or is for another phase, is no more than a title of the plan.
        let content = slot.content.as_ref().filter(|content| visible.contains(content.document_id.as_str()));
        json!({
            "documentId": slot.document_id, "title": slot.title, "phase": key_of(slot.phase.as_ref()), "plannedAt": slot.planned_at,
            "publishedAt": slot.fired_at, "status": slot.status,
            "channels": slot.plan_row.as_ref().map(|row| row.channels()).unwrap_or_default(),
            "content": content.map(|content| json!({ "documentId": content.document_id })),
        })
    });
    let timeline = entries.iter().map(|entry| {
        json!({ "phase": key_of(entry.phase.as_ref()), "no": entry.no, "enteredAt": entry.entered_at, "leftAt": entry.left_at })
    });
    let content = shown.items.iter().filter(|item| is_item_seen_by(item, seen)).map(|item| {
        json!({
            "documentId": item.document_id, "title": item.title, "body": item.body, "kind": item.kind,
            "link": Some(&item.link).filter(|link| !link.is_empty()).map(|url| json!({ "url": url, "label": item.link_label })),
            "films": list_files(&item.films), "gallery": list_files(&item.gallery), "files": list_files(&item.files),
            "phases": item.phases.iter().filter_map(|phase| key_of(Some(phase))).collect::<Vec<_>>(),
            "publishedAt": item.published_at,
        })
    });
    let documents = shown.documents.rows.iter().filter(|document| document.is_seen_by(seen)).map(|document| {
        json!({
            "type": document.content_type, "documentId": document.row.document_id,
            "phases": document.row.phases.iter().filter_map(|phase| key_of(Some(phase))).collect::<Vec<_>>(),
        })
    });
    let notices = shown.notices.iter().filter(|notice| is_link(notice.journey.as_ref(), &seen.journey)).map(|notice| {
        json!({
            "documentId": notice.document_id, "subject": notice.subject, "body": notice.body, "at": notice.at,
            "readAt": notice.read_at,
        })
    });
    let current = journey.current_phase.as_ref();
    Ok(json!({
        "documentId": journey.document_id, "title": journey.title, "status": journey.status, "anchorAt": journey.anchor_at,
        "mail": !journey.mail_opt_out, "phase": current.map(|phase| json!({ "key": phase.key, "title": phase.title_in(language), "shortTitle": phase.label_in(language) })),
        "phases": describe_phases(journey, &phases, &entries, language)?,
        "timeline": timeline.collect::<Vec<_>>(), "plan": plan.collect::<Vec<_>>(), "content": content.collect::<Vec<_>>(),
        "documents": documents.collect::<Vec<_>>(), "notices": notices.collect::<Vec<_>>(),
    }))
}

/// All phases with their windows: of those that were entered the real ones, of those ahead the planned ones.
fn describe_phases(
    journey: &Row<Journey>,
    phases: &[&Row<Phase>],
    entries: &[&Row<Entry>],
    language: &str,
) -> Result<Vec<Value>> {
    let (Some(definition), Some(current)) = (&journey.definition, &journey.current_phase) else {
        return Ok(Vec::new());
    };
    let zone = Zone(&definition.zone);
    let plan = Plan { anchor: zone.local(time::parse(&journey.anchor_at)?)?, shift: journey.period() };
    let windows: Vec<_> = phases.iter().map(|phase| plan.window(phase.offsets())).collect();
    let local: Vec<NaiveDateTime> = windows.iter().flat_map(|window| [window.from, window.to]).flatten().collect();
    let held = journey.held_seconds.saturating_mul(1_000);
    let mut instants = zone.to_instants(&local)?.into_iter().map(|at| time::format(at.saturating_add(held)));
    let mut described = Vec::with_capacity(phases.len());
    for (phase, window) in phases.iter().zip(&windows) {
        let from = window.from.and_then(|_| instants.next());
        let to = window.to.and_then(|_| instants.next());
        let last_entry = entries.iter().rev().find(|entry| is_link(entry.phase.as_ref(), &phase.document_id));
        let is_current = phase.document_id == current.document_id;
        let state = match (is_current, phase.order < current.order) {
            (true, _) if journey.status == JourneyStatus::Completed => "done",
            (true, _) => "current",
            (false, true) => "done",
            (false, false) => "ahead",
        };
        let (from, to) = match (state, last_entry) {
            ("done", Some(entry)) => (Some(entry.entered_at.clone()), entry.left_at.clone()),
            ("current", Some(entry)) => (Some(entry.entered_at.clone()), to),
            _ => (from, to),
        };
        described.push(json!({
            "key": phase.key, "title": phase.title_in(language), "shortTitle": phase.label_in(language), "order": phase.order, "state": state, "from": from,
            "to": to,
        }));
    }
    Ok(described)
}

/// Marks a notice of a customer as read. Again, it stays as it was.
///
/// # Errors
/// `NotFound` for one that does not exist or is not theirs.
pub(crate) fn read_notice(customer: &str, id: &str) -> Result<Value> {
    let seen = list_seen(customer)?;
    let own = json!({ "$and": [{ "documentId": { "$eq": id } }, filter_for(Notice::TYPE, &seen)] });
    let notice = data::find::<Notice>().filter(own).first()?.ok_or_else(|| Error::NotFound(id.to_owned()))?;
    let read_at = match &notice.read_at {
        Some(at) => at.clone(),
        None => {
            let at = time::format(time::now());
            data::update::<Notice>(id, &json!({ "readAt": at }))?;
            at
        }
    };
    Ok(json!({ "data": { "documentId": id, "readAt": read_at } }))
}

/// Choice of a customer about their notifications.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotificationRequest {
    /// True if they want mails.
    pub(crate) mail: bool,
}

/// Stores whether a customer wants mails about one of their journeys.
///
/// # Errors
/// `NotFound` for a journey that does not exist, is cancelled or is not theirs.
pub(crate) fn set_notifications(customer: &str, id: &str, request: &NotificationRequest) -> Result<Value> {
    let own = json!({
        "documentId": { "$eq": id }, "customer": { "documentId": { "$eq": customer } }, "status": { "$ne": JourneyStatus::Cancelled },
    });
    let journey = data::find::<Journey>().filter(own).first()?.ok_or_else(|| Error::NotFound(id.to_owned()))?;
    if journey.mail_opt_out == request.mail {
        data::update::<Journey>(id, &json!({ "mailOptOut": !request.mail }))?;
    }
    Ok(json!({ "data": { "documentId": id, "mail": request.mail } }))
}

/// The current state of a journey, for responses to changes.
///
/// # Errors
/// What the host says.
pub(crate) fn describe_state(id: &str, locale: &str) -> Result<Value> {
    let journey = LoadedJourney::load(id)?;
    let phase = journey.current_phase().ok_or_else(|| wrong_state("no-phase", locale))?;
    Ok(json!({ "data": {
        "documentId": id, "title": journey.row.title, "status": journey.row.status, "shift": journey.row.period().to_string(),
        "phase": { "documentId": phase.document_id, "key": phase.key, "title": phase.title_in(locale) }, "entryNo": journey.row.entry_no,
        "phaseEndsAt": journey.row.phase_ends_at,
    } }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_numbers_that_a_response_holds() {
        let parse = |text| parse_count(text, 0, PlanRange::MOST);
        assert_eq!(["0", "7", "500"].map(parse), [Some(0), Some(7), Some(500)]);
        assert_eq!(["501", "-1", "many", ""].map(parse), [None; 4]);
        assert_eq!(["0", "1"].map(|text| parse_count(text, 1, 10_000)), [None, Some(1)]);
    }
}
