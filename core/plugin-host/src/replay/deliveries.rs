//! Replays events. They are read again from where they are stored, so their content is what it was.

use super::report::{
    ReplayError, ReplayReport, ReplayStatus, RolledBack, failed_dry_run, input_field, require_section,
    rolled_back_value,
};
use crate::contract::bindings::event_handler::exports::cairn::plugin::event_handler as guest;
use crate::definition::plugin_definition::qualified_name;
use crate::exports::events::{event_call_context, handle_events, may_receive, to_guest_event};
use crate::runtime::generation::Generation;
use cairn_events::{Engine, RedeliveryOutcome};
use cairn_store::events::Event;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

/// An event, as it is stored with a call.
#[derive(Deserialize)]
struct EventReference {
    id: String,
    place: i64,
}

fn event_references(input: &Json) -> Result<Vec<EventReference>, ReplayError> {
    input_field(input, "events").map_err(|_| ReplayError::not_stored("the position of its events"))
}

/// Has a subscription hear those of the events that it has not heard, one by one.
pub(super) async fn replay_events(
    generation: &Generation,
    name: &str,
    input: &Json,
    engine: &Arc<Engine>,
) -> Result<ReplayReport, ReplayError> {
    let known = generation.manifest.subscriptions.iter().find(|subscription| subscription.name == name);
    require_section(generation, known, "subscription", name)?;
    let consumer = qualified_name(generation.id(), name);
    let (mut answers, mut problems, mut heard) = (Vec::new(), Vec::new(), false);
    for EventReference { id, place } in event_references(input)? {
        let became = engine.deliver_now(&consumer, place).await?;
        heard |= became == RedeliveryOutcome::Delivered;
        let (word, problem) = match became {
            RedeliveryOutcome::Delivered => ("heard", None),
            RedeliveryOutcome::AlreadyDelivered => ("heard-before", None),
            RedeliveryOutcome::Pending => ("to-come", Some("its delivery is still pending".to_owned())),
            RedeliveryOutcome::Behind => {
                ("behind", Some("an earlier event with the same key failed: repeat that call first".to_owned()))
            }
            RedeliveryOutcome::Discarded(why) => ("discarded", Some(format!("its delivery was discarded: {why}"))),
            RedeliveryOutcome::Failed(why) => ("failed", Some(why)),
            RedeliveryOutcome::Stopped => ("stopped", Some(format!("the consumer {consumer} is stopped"))),
        };
        answers.push(json!({ "event": id, "became": word, "why": problem }));
        problems.extend(problem.map(|problem| format!("{id}: {problem}")));
    }
    let (end, message) = match (problems.is_empty(), heard) {
        (true, true) => (ReplayStatus::Worked, "the events were delivered".to_owned()),
        (true, false) => (ReplayStatus::AlreadyDone, "all events were already delivered: nothing to do".to_owned()),
        (false, _) => (ReplayStatus::Failed, problems.join("; ")),
    };
    Ok(ReplayReport { end, message, answer: json!({ "events": answers }), took: Duration::ZERO, logs: Vec::new() })
}

/// Has a plugin handle the events in a transaction that is undone.
pub(super) async fn dry_run_events(
    generation: &Arc<Generation>,
    name: &str,
    input: &Json,
) -> Result<ReplayReport, ReplayError> {
    let known = generation.manifest.subscriptions.iter().find(|subscription| subscription.name == name);
    require_section(generation, known, "subscription", name)?;
    let references = event_references(input)?;
    let store = generation.content().store();
    let at: Vec<i64> = references.iter().map(|reference| reference.place).collect();
    let mut events: Vec<Event> = store.read(|r| r.events().list_at(&at))?;
    let missing_ids: Vec<&str> = references
        .iter()
        .filter(|reference| events.iter().all(|event| event.id != reference.id))
        .map(|reference| &*reference.id)
        .collect();
    if !missing_ids.is_empty() {
        let why = format!("these events are no longer stored: {}", missing_ids.join(", "));
        return Err(ReplayError::refused(why));
    }
    // Grants may have been revoked since the delivery.
    events.retain(|event| may_receive(generation, event));
    let (generation, events, name) = (generation.clone(), Arc::new(events), name.to_owned());
    let ids: Vec<String> = events.iter().map(|event| event.id.clone()).collect();
    let undone = store
        .write(move |tx| {
            let events: Vec<guest::Event> = events.iter().map(to_guest_event).collect();
            Err::<(), _>(RolledBack::Value(Box::new(handle_events(
                &generation,
                event_call_context(&generation, &name, &events),
                tx,
                &events,
            ))))
        })
        .await;
    let outcome = rolled_back_value(undone)?;
    let acks = match outcome.result {
        Err(failure) => return Ok(failed_dry_run(&failure, outcome.took, outcome.logs)),
        Ok(acks) => acks,
    };
    let mut problems = Vec::new();
    let answers: Vec<Json> = ids
        .iter()
        .zip(acks)
        .map(|(id, ack)| {
            let (word, why) = match ack {
                guest::Ack::Done => ("done", None),
                guest::Ack::Retry((why, _)) => ("retry", Some(why)),
                guest::Ack::Reject(why) => ("reject", Some(why)),
            };
            problems.extend(why.as_ref().map(|why| format!("{id}: {word}: {why}")));
            json!({ "event": id, "became": word, "why": why })
        })
        .collect();
    let (end, message) = match problems.is_empty() {
        true => (ReplayStatus::Worked, "successful; all changes were rolled back".to_owned()),
        false => (ReplayStatus::Failed, problems.join("; ")),
    };
    Ok(ReplayReport { end, message, answer: json!({ "events": answers }), took: outcome.took, logs: outcome.logs })
}
