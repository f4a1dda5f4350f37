//! Subscriptions: `notes` counts and logs each event; `tally` adds a batch to a count; `unsteady` answers what the note's title asks for; `own` hears the
//! plugin's own event.

use crate::Allow;
use crate::host::{self, NOTE};
use cairn_plugin::bindings::kv;
use cairn_plugin::{Ack, Authority, Call, Event, Events, Result};
use serde_json::Value;

impl Events for Allow {
    fn handle(call: &Call, subscription: &str, events: &[Event]) -> Vec<Ack> {
        if subscription == "tally" {
            let counted = kv::increment("events/tally", i64::try_from(events.len()).unwrap_or(i64::MAX), None);
            return events.iter().map(|_| Ack::of(counted.clone().map(drop))).collect();
        }
        events
            .iter()
            .map(|event| match subscription {
                "unsteady" => unsteady(call, event),
                _ => Ack::of(counted(subscription, event)),
            })
            .collect()
    }
}

/// Two effects per event, both in the transaction of the delivery.
fn counted(subscription: &str, event: &Event) -> Result<()> {
    kv::increment(&format!("events/{subscription}"), 1, None)?;
    host::log(&format!("event:{subscription}"), &format!("{} {}", event.id, event.name), Authority::Plugin)?;
    Ok(())
}

/// Does as the title of the note says: `retry` the first two times, `reject`, `trap`; all others are taken.
fn unsteady(call: &Call, event: &Event) -> Ack {
    let title = match title(event) {
        Ok(title) => title,
        Err(error) => return Ack::of(Err(error)),
    };
    // The counter is written before the response: a delivery that does not end in `done` has to undo it.
    if let Err(error) = kv::increment(&format!("unsteady/{title}"), 1, None) {
        return Ack::of(Err(error));
    }
    match title.as_str() {
        "retry" if call.attempt < 3 => Ack::Retry(("asked for".to_owned(), Some(10))),
        "reject" => Ack::Reject("asked for".to_owned()),
        "trap" => panic!("the title asked for a trap"),
        _ => Ack::Done,
    }
}

fn title(event: &Event) -> Result<String> {
    let data: Value = event.data()?;
    let id = data["documentId"].as_str().unwrap_or(&event.key);
    let note = host::get(NOTE, id, Authority::Plugin)?;
    Ok(note["title"].as_str().unwrap_or_default().to_owned())
}
