//! Events, again. They are read anew where they are kept, so what they say is what they said.

use super::{End, NotReplayed, Replayed, Undone, failed, field, meant, section};
use crate::bindings::event_handler::exports::cairn::plugin::event_handler as guest;
use crate::events::{asked, handled, may_hear, told};
use crate::generation::Generation;
use crate::jobs::name_of;
use cairn_events::{Engine, Redelivered};
use cairn_store::events::Event;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

/// An event as it is kept with a call.
#[derive(Deserialize)]
struct Kept {
    id: String,
    place: i64,
}

fn places(input: &Json) -> Result<Vec<Kept>, NotReplayed> {
    field(input, "events").map_err(|_| NotReplayed::not_kept("the position of its events"))
}

/// Has a subscription hear those of the events that it has not heard, one by one.
pub(super) async fn again(
    generation: &Generation,
    name: &str,
    input: &Json,
    engine: &Arc<Engine>,
) -> Result<Replayed, NotReplayed> {
    let known = generation.manifest.subscriptions.iter().find(|subscription| subscription.name == name);
    section(generation, known, "subscription", name)?;
    let consumer = name_of(generation.id(), name);
    let (mut answers, mut problems, mut heard) = (Vec::new(), Vec::new(), false);
    for Kept { id, place } in places(input)? {
        let became = engine.deliver_now(&consumer, place).await?;
        heard |= became == Redelivered::Heard;
        let (word, problem) = match became {
            Redelivered::Heard => ("heard", None),
            Redelivered::HeardBefore => ("heard-before", None),
            Redelivered::ToCome => ("to-come", Some("its delivery is still pending".to_owned())),
            Redelivered::Behind => {
                ("behind", Some("an earlier event with the same key failed: repeat that call first".to_owned()))
            }
            Redelivered::Discarded(why) => ("discarded", Some(format!("its delivery was discarded: {why}"))),
            Redelivered::Failed(why) => ("failed", Some(why)),
            Redelivered::Stopped => ("stopped", Some(format!("the consumer {consumer} is stopped"))),
        };
        answers.push(json!({ "event": id, "became": word, "why": problem }));
        problems.extend(problem.map(|problem| format!("{id}: {problem}")));
    }
    let (end, message) = match (problems.is_empty(), heard) {
        (true, true) => (End::Worked, "the events were delivered".to_owned()),
        (true, false) => (End::Before, "all events were already delivered: nothing to do".to_owned()),
        (false, _) => (End::Failed, problems.join("; ")),
    };
    Ok(Replayed { end, message, answer: json!({ "events": answers }), took: Duration::ZERO, logs: Vec::new() })
}

/// Has a plugin handle the events in a transaction that is undone.
pub(super) async fn rehearse(generation: &Arc<Generation>, name: &str, input: &Json) -> Result<Replayed, NotReplayed> {
    let known = generation.manifest.subscriptions.iter().find(|subscription| subscription.name == name);
    section(generation, known, "subscription", name)?;
    let wanted = places(input)?;
    let store = generation.content().store();
    let at: Vec<i64> = wanted.iter().map(|kept| kept.place).collect();
    let mut events: Vec<Event> = store.read(|r| r.events_at(&at))?;
    let gone: Vec<&str> =
        wanted.iter().filter(|kept| events.iter().all(|event| event.id != kept.id)).map(|kept| &*kept.id).collect();
    if !gone.is_empty() {
        let why = format!("these events are no longer stored: {}", gone.join(", "));
        return Err(NotReplayed::refused(why));
    }
    // What was granted then may not be any more.
    events.retain(|event| may_hear(generation, event));
    let (generation, events, name) = (generation.clone(), Arc::new(events), name.to_owned());
    let ids: Vec<String> = events.iter().map(|event| event.id.clone()).collect();
    let undone = store
        .write(move |tx| {
            let events: Vec<guest::Event> = events.iter().map(told).collect();
            Err::<(), _>(Undone::Meant(Box::new(handled(&generation, asked(&generation, &name, &events), tx, &events))))
        })
        .await;
    let ended = meant(undone)?;
    let acks = match ended.result {
        Err(failure) => return Ok(failed(&failure, ended.took, ended.logs)),
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
        true => (End::Worked, "successful; all changes were rolled back".to_owned()),
        false => (End::Failed, problems.join("; ")),
    };
    Ok(Replayed { end, message, answer: json!({ "events": answers }), took: ended.took, logs: ended.logs })
}
