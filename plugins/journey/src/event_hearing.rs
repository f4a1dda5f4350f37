//! Events that rules listen to: they are heard in the order in which they came, some in each slice of a job, and each is handled once. While
//! a journey is paused they wait.

use crate::journeys::LoadedJourney;
use crate::model::{ExternalEvent, JourneyStatus};
use crate::open_entry::OpenEntry;
use crate::rule_jobs::{RULES_JOB, RuleTask, list_rules};
use crate::rule_runs::run_if_heard;
use crate::rules::{CompiledRule, Occasion, OccasionKind, Trigger};
use cairn_plugin::jobs::job;
use cairn_plugin::prelude::*;
use cairn_plugin::warn;
use serde_json::{Value, json};

/// Most events that wait for the end of a pause.
pub(crate) const MAX_WAITING: u64 = 5_000;
/// Events that one slice of a job hears: each runs up to all rules of a definition.
const SLICE: u32 = 10;

/// True if a rule listens to events of that name, be it switched off at present.
pub(crate) fn is_heard(rules: &[CompiledRule], name: &str) -> bool {
    rules.iter().any(|rule| matches!(&rule.trigger, Trigger::Event { name: own, .. } if own == name))
}

/// The events of a journey that were not handled yet.
fn waiting_for(journey: &str) -> Value {
    json!({ "journey": { "documentId": { "$eq": journey } }, "handledAt": { "$null": true } })
}

/// How many events of a journey wait.
///
/// # Errors
/// What the host says.
pub(crate) fn count_waiting(journey: &str) -> Result<u64> {
    data::find::<ExternalEvent>().filter(waiting_for(journey)).count()
}

/// Has an event heard after the open transaction, and all that wait before it.
///
/// # Errors
/// What the host says.
pub(crate) fn announce_event(journey: &str, id: &str, event: &ExternalEvent) -> Result<()> {
    let task = RuleTask { journey: journey.to_owned(), occasion: describe_occasion(id, event), rule: None };
    job(RULES_JOB).key(format!("{journey}/event/{id}")).lane(journey).set(&task).map(drop)
}

/// Has the events heard that came while a journey was paused: one job goes through all of them, however many there are.
///
/// # Errors
/// What the host says.
pub(crate) fn announce_waiting_events(journey: &str) -> Result<()> {
    match data::find::<ExternalEvent>().filter(waiting_for(journey)).sort("createdAt:desc").first()? {
        Some(newest_event) => announce_event(journey, &newest_event.document_id, &newest_event),
        None => Ok(()),
    }
}

/// Hears the events of a journey up to that one, as many as a slice holds. Returns whether some are left. One that is handled is not heard
/// again: the job of an event may come after another job has heard it. One that fails stays, and does not keep those behind it from being
/// heard.
///
/// # Errors
/// What the host says; the first failure where nothing else is left to hear.
pub(crate) fn hear_events(journey: &str, last_id: &str) -> Result<bool> {
    let Some(last_event) = data::get::<ExternalEvent>(last_id)?.filter(|event| event.handled_at.is_none()) else {
        return Ok(false);
    };
    // Events of the same millisecond are included: their order is unknown.
    let events = data::find::<ExternalEvent>()
        .filter(waiting_for(journey))
        .filter(json!({ "createdAt": { "$lte": last_event.created_at } }))
        .sort("createdAt:asc")
        .all(SLICE)?;
    let (mut heard, mut failure) = (0, None);
    for event in &events {
        match hear_event(journey, event) {
            Ok(true) => heard += 1,
            Ok(false) => return Ok(false),
            Err(error @ (Error::Exhausted(_) | Error::Unavailable(_))) => return Err(error),
            Err(error) => {
                warn!(journey = journey, event = event.document_id.as_str(); "an event is left: {}", error.describe());
                failure.get_or_insert(error);
            }
        }
    }
    let is_more = events.len() == SLICE as usize && heard > 0;
    match failure {
        Some(error) if !is_more => Err(error),
        _ => Ok(is_more),
    }
}

/// Runs the rules that listen to an event, each in a transaction of its own. False where the journey is paused or was cancelled meanwhile.
fn hear_event(journey: &str, event: &Row<ExternalEvent>) -> Result<bool> {
    // The rules of the event before may have moved the journey.
    let journey = LoadedJourney::load(journey)?;
    if matches!(journey.row.status, JourneyStatus::Paused | JourneyStatus::Cancelled) {
        return Ok(false);
    }
    let open = OpenEntry::find(&journey)?;
    let occasion = Occasion {
        phase: open.as_ref().map(|open| open.phase.key.clone()).unwrap_or_default(),
        entry: open.as_ref().map(|open| open.row.document_id.clone()).unwrap_or_default(),
        ..describe_occasion(&event.document_id, event)
    };
    for rule in list_rules(&journey)? {
        run_if_heard(journey.id(), &rule, &occasion)?;
    }
    data::update::<ExternalEvent>(&event.document_id, &json!({ "handledAt": time::format(time::now()) }))?;
    Ok(true)
}

/// An event as rules hear it, before it is known where the journey is by then.
fn describe_occasion(id: &str, event: &ExternalEvent) -> Occasion {
    Occasion {
        kind: OccasionKind::Event,
        phase: String::new(),
        entry: String::new(),
        event: id.to_owned(),
        name: event.name.clone(),
        data: event.data.clone(),
        chain: 0,
    }
}
