//! Events of other systems: each is stored once, by its id, and heard by the rules of its journey.

use crate::event_hearing::{MAX_WAITING, announce_event, count_waiting, is_heard};
use crate::journeys::{LoadedJourney, require_visible};
use crate::model::{ExternalEvent, Journey, JourneyStatus};
use crate::refusals::{wrong_field, wrong_state};
use crate::rule_jobs::list_rules;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Longest id and type, in bytes, and data, in bytes of JSON.
const MAX_ID: usize = 200;
/// Longest name of a sender, in bytes.
const MAX_SOURCE: usize = 100;
const MAX_TYPE: usize = 100;
const MAX_DATA: usize = 16 * 1024;
/// An event may lie so far ahead, in milliseconds: clocks differ.
const MAX_AHEAD_MILLIS: i64 = 5 * 60_000;

/// An event as another system sends it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventRequest {
    /// Chosen by the sender: an event that is sent again has the same.
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) name: String,
    /// The journey that it is about, by its id.
    #[serde(default)]
    pub(crate) journey: Option<String>,
    /// The title of the running journey that it is about, such as the vehicle.
    #[serde(default)]
    pub(crate) subject: Option<String>,
    /// The system that sends it: ids are its own.
    #[serde(default)]
    pub(crate) source: Option<String>,
    #[serde(default)]
    pub(crate) at: Option<String>,
    #[serde(default)]
    pub(crate) data: Map<String, Value>,
}

impl EventRequest {
    fn source(&self) -> &str {
        self.source.as_deref().map(str::trim).unwrap_or_default()
    }
}

/// An event that was received.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ReceivedEvent {
    pub(crate) id: String,
    pub(crate) journey: Option<String>,
    /// It had been received before.
    pub(crate) repeated: bool,
}

/// Stores an event and has the rules of its journey hear it. One with an id that is known changes nothing.
///
/// # Errors
/// `Invalid` with the field that is wrong; `NotFound` for a journey that does not exist, or no running one of that title; `Conflict` for one
/// that has ended, or is paused with as many events waiting as it may have.
pub(crate) fn receive_event(request: &EventRequest, locale: &str) -> Result<ReceivedEvent> {
    let is_name =
        |text: &str, most: usize| !text.trim().is_empty() && text.len() <= most && !text.chars().any(char::is_control);
    if !is_name(&request.id, MAX_ID) {
        return Err(wrong_field("id", "event-id", locale, Some(&json!({ "most": MAX_ID }))));
    }
    if !is_name(&request.name, MAX_TYPE) {
        return Err(wrong_field("type", "event-name", locale, None));
    }
    if !request.source().is_empty() && !is_name(request.source(), MAX_SOURCE) {
        return Err(wrong_field("source", "event-source", locale, Some(&json!({ "most": MAX_SOURCE }))));
    }
    if serde_json::to_string(&request.data)?.len() > MAX_DATA {
        return Err(wrong_field("data", "event-data", locale, None));
    }
    let now = time::now();
    let at = match request.at.as_deref() {
        Some(at) => time::parse(at).map_err(|_| wrong_field("at", "event-at", locale, None))?,
        None => now,
    };
    if at > now.saturating_add(MAX_AHEAD_MILLIS) {
        return Err(wrong_field("at", "event-ahead", locale, None));
    }
    let journey = match find_journey(request, locale) {
        // Of a journey that has ended since, the title leads nowhere any more.
        Err(Error::NotFound(subject)) => {
            return find_known(request, of_subject(request))?.ok_or(Error::NotFound(subject));
        }
        journey => journey?,
    };
    require_visible(&journey)?;
    let of_journey = json!({ "documentId": { "$eq": journey } });
    run_transaction(|| {
        if let Some(known) = find_known(request, of_journey.clone())? {
            return Ok(known);
        }
        let loaded = LoadedJourney::load_locked(&journey)?;
        match loaded.row.status {
            JourneyStatus::Active | JourneyStatus::Paused => {}
            JourneyStatus::Completed => return Err(wrong_state("completed", locale)),
            JourneyStatus::Cancelled => return Err(wrong_state("cancelled", locale)),
        }
        // An event that no rule listens to counts as handled at once. While the journey is paused, the others wait until it resumes.
        let is_heard = is_heard(&list_rules(&loaded)?, &request.name);
        let is_paused = loaded.row.status == JourneyStatus::Paused;
        if is_heard && is_paused && count_waiting(&journey)? >= MAX_WAITING {
            return Err(wrong_state("events-waiting", locale));
        }
        let handled_at = (!is_heard).then(|| time::format(now));
        let created = data::create::<ExternalEvent>(&json!({
            "name": request.name, "eventId": request.id, "source": Some(request.source()).filter(|source| !source.is_empty()),
            "eventKey": build_event_key(&journey, request.source(), &request.id), "journey": journey,
            "at": time::format(at), "data": request.data, "handledAt": handled_at,
        }))?;
        if is_heard && !is_paused {
            let event = ExternalEvent {
                name: request.name.clone(),
                journey: None,
                data: Value::Object(request.data.clone()),
                created_at: None,
                handled_at: None,
            };
            announce_event(&journey, &created.target.document_id, &event)?;
        }
        Ok(ReceivedEvent { id: request.id.clone(), journey: Some(journey.clone()), repeated: false })
    })
}

/// Builds the key of an event. It has the length of the sender's name, because any character may be part of names and ids.
fn build_event_key(journey: &str, source: &str, id: &str) -> String {
    format!("{journey}:{}:{source}/{id}", source.len())
}

/// The filter of the journeys that an event without an id of one is about, whether they run or not.
fn of_subject(request: &EventRequest) -> Value {
    json!({ "title": { "$eqi": request.subject.as_deref().unwrap_or_default().trim() } })
}

/// The event, if the same sender has sent it about one of these journeys before.
fn find_known(request: &EventRequest, journey: Value) -> Result<Option<ReceivedEvent>> {
    let source = match request.source() {
        "" => json!({ "$null": true }),
        source => json!({ "$eq": source }),
    };
    let known = data::find::<ExternalEvent>()
        .filter(json!({ "eventId": { "$eq": request.id }, "source": source, "journey": journey }))
        .populate(json!({ "journey": { "fields": ["title"] } }))
        .sort("createdAt:desc")
        .first()?;
    Ok(known.map(|event| ReceivedEvent {
        id: request.id.clone(),
        journey: event.journey.as_ref().map(|journey| journey.document_id.clone()),
        repeated: true,
    }))
}

/// The journey of an event: the one that it names, or the only running one of that title.
fn find_journey(request: &EventRequest, locale: &str) -> Result<String> {
    match (&request.journey, &request.subject) {
        (Some(journey), None) => Ok(journey.clone()),
        (None, Some(subject)) => {
            let running = json!({
                "title": { "$eqi": subject.trim() }, "status": { "$in": [JourneyStatus::Active, JourneyStatus::Paused] },
            });
            let mut found = data::find::<Journey>().filter(running).fields(&["title", "anchorAt"]).all(2)?;
            match found.len() {
                0 => Err(Error::NotFound(subject.clone())),
                1 => Ok(found.remove(0).document_id),
                _ => Err(wrong_field("subject", "event-subject", locale, None)),
            }
        }
        _ => Err(wrong_field("journey", "event-journey", locale, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_events_differ_wherever_a_slash_is() {
        let keys = [("", "a/b"), ("a", "b"), ("a/b", ""), ("a", "/b"), ("a/", "b")];
        let keys: Vec<String> = keys.iter().map(|(source, id)| build_event_key("j", source, id)).collect();
        assert!(keys.iter().enumerate().all(|(n, key)| !keys[..n].contains(key)), "{keys:?}");
        let longest = build_event_key(&"j".repeat(36), &"s".repeat(MAX_SOURCE), &"i".repeat(MAX_ID));
        assert!(longest.len() <= 400, "{}", longest.len());
    }
}
