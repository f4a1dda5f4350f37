//! A batch as one webhook event: the bodies that its events would have had, in one.
//!
//! It is sent when the batch has ended, and so perhaps after later events. Of each entry it contains the last event of each kind, with the
//! present entry; events that are obsolete are left out, since the event that made them so is sent by itself.

use super::payload::{PayloadBuilder, format_time, receiver_event_name};
use crate::batches::batch_range;
use crate::names::{BATCH_EVENT, is_plugin_event};
use cairn_store::events::Event;
use cairn_store::{Store, StoreError};
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// Number of events read at a time.
const EVENTS_PER_READ: i64 = 500;
/// Number of bodies built at a time, before other tasks have their turn.
const BODIES_PER_SLICE: usize = 50;
/// Size limit of all bodies in bytes; beyond it only ids are sent.
const MAX_BODIES_BYTES: usize = 4 * 1024 * 1024;

/// The subject of an event, by which a later one replaces it.
type EventSubject = (Option<String>, Option<String>, Option<String>, String);

/// The body for the event that ends a batch; `None` if the receiver wants none of its events. `now` is in milliseconds.
pub(super) async fn build_batch_body(
    store: &Store,
    payloads: &PayloadBuilder,
    end: &Event,
    is_wanted: impl Fn(&Event) -> bool,
    now: i64,
) -> Result<Option<Vec<u8>>, StoreError> {
    let Some((batch, first_position, last_position)) = batch_range(end) else { return Ok(None) };
    let events = find_batch_events(store, batch, (first_position, last_position), is_wanted)?;
    let mut bodies: Vec<Box<RawValue>> = Vec::new();
    let mut size = 0;
    for some in events.chunks(BODIES_PER_SLICE) {
        let values = store.read(|r| {
            let mut raw_values = Vec::with_capacity(some.len());
            for event in some {
                let Some(name) = receiver_event_name(&event.event) else { continue };
                let body = match size < MAX_BODIES_BYTES {
                    true => payloads.build_late_body(r, event, name, now)?,
                    false => Some(event_ids(event, name).to_string().into_bytes()),
                };
                if let Some(body) = body.map(String::from_utf8) {
                    let body = body.map_err(|e| corrupt_error(end, &e))?;
                    size += body.len();
                    raw_values.push(RawValue::from_string(body).map_err(|e| corrupt_error(end, &e))?);
                }
            }
            Ok::<_, StoreError>(raw_values)
        })?;
        bodies.extend(values);
        tokio::task::yield_now().await;
    }
    if bodies.is_empty() {
        return Ok(None);
    }
    let body = BatchBody { event: BATCH_EVENT, created_at: format_time(end.at), batch, events: &bodies };
    serde_json::to_vec(&body).map(Some).map_err(|e| corrupt_error(end, &e))
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchBody<'a> {
    event: &'a str,
    created_at: String,
    batch: &'a str,
    events: &'a [Box<RawValue>],
}

/// The events of a batch, of each version the last one of each kind, in their order.
fn find_batch_events(
    store: &Store,
    batch: &str,
    (first_position, last_position): (i64, i64),
    is_wanted: impl Fn(&Event) -> bool,
) -> Result<Vec<Event>, StoreError> {
    let mut of_subject: HashMap<EventSubject, Event> = HashMap::new();
    let mut position = first_position - 1;
    while position < last_position {
        let page = store.read(|r| r.events().list_after(position, EVENTS_PER_READ))?;
        let Some(end) = page.last() else { break };
        position = end.pos;
        for event in page.into_iter().filter(|e| e.pos <= last_position && e.actor.batch.as_deref() == Some(batch)) {
            let e = &event.event;
            let is_alone = |name: &str| name == BATCH_EVENT || is_plugin_event(name);
            if let Some(name) = receiver_event_name(e).filter(|name| !is_alone(name) && is_wanted(&event)) {
                let subject = (e.content_type.clone(), e.document_id.clone(), e.locale.clone(), name.to_owned());
                of_subject.insert(subject, event);
            }
        }
    }
    let mut events: Vec<Event> = of_subject.into_values().collect();
    events.sort_by_key(|event| event.pos);
    Ok(events)
}

/// An event with ids alone.
fn event_ids(event: &Event, name: &str) -> Json {
    let e = &event.event;
    let subject = if name.starts_with("media.") { "media" } else { "entry" };
    json!({
        "event": name, "createdAt": format_time(event.at), "uid": e.content_type,
        subject: super::deleted_entry::entry_ids(e.document_id.as_deref().unwrap_or_default(), e.locale.as_deref()),
    })
}

fn corrupt_error(event: &Event, e: &dyn std::fmt::Display) -> StoreError {
    StoreError::Corrupt { place: format!("the entries of event {}", event.id), message: e.to_string() }
}
