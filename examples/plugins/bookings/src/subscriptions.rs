//! Consequences of stored bookings and events. Each event is handled in a transaction of its own.

use crate::Bookings;
use crate::desk::Desk;
use crate::model::{self, Booking, Settings, State};
use crate::reminders::{Reminder, when_booked};
use crate::told;
use cairn_plugin::jobs::{job, timer};
use cairn_plugin::prelude::*;
use serde_json::json;
use std::time::Duration;

impl Events for Bookings {
    fn one(_call: &Call, subscription: &str, event: &Event) -> Result<()> {
        match subscription {
            "bookings" => booking(event),
            "events" => moved(event),
            other => Err(Error::NotFound(other.to_owned())),
        }
    }
}

/// Tells the person, and sets or cancels the reminder.
fn booking(event: &Event) -> Result<()> {
    let id = event.document_id();
    // The booking's current state counts, not that of the event: events can be late or repeated.
    let found = data::find::<Booking>().populate(json!({ "event": true })).by_ids(&[&id])?.pop().flatten();
    let (Some(booking), settings) = (found, settings::<Settings>()?) else {
        return jobs::cancel("reminder", &id).map(|_| ());
    };
    let Some(about) = &booking.event else { return jobs::cancel("reminder", &id).map(|_| ()) };
    told::state(&booking, about, &settings, &event.id)?;
    let due = match booking.state {
        State::Confirmed => when_booked(about.start()?, settings.reminder_hours, time::now()),
        State::Waiting | State::Cancelled => Reminder::Never,
    };
    match due {
        Reminder::At(at) => timer("reminder").key(&id).due(at).set(&json!({ "booking": id })).map(|_| ()),
        Reminder::Now | Reminder::Never => jobs::cancel("reminder", &id).map(|_| ()),
    }
}

/// As long as the start of an event is remembered, to see whether it was moved.
const REMEMBERED: Duration = Duration::from_secs(2 * 365 * 24 * 3_600);

/// Fills places that are new, and has the reminders set anew where the event was moved.
fn moved(event: &Event) -> Result<()> {
    let id = event.document_id();
    let Some(stored) = data::get::<model::Event>(&id)? else {
        return kv::delete(&format!("starts/{id}")).map(|_| ());
    };
    Desk::open([id.as_str()])?.close(&[])?;
    let key = format!("starts/{id}");
    let known: Option<String> = kv::get(&key)?;
    if known.as_ref() == Some(&stored.starts_at) {
        return Ok(());
    }
    kv::put_for(&key, &stored.starts_at, REMEMBERED)?;
    if known.is_none() {
        // New: nobody has booked.
        return Ok(());
    }
    job("reschedule").key(&id).set(&json!({ "event": id })).map(|_| ())
}
