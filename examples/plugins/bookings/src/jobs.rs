//! Work for later: one booking's reminder, and all reminders of an event that was moved.

use crate::Bookings;
use crate::model::{Booking, Event, Settings, State};
use crate::reminders::{Reminder, when_booked, when_due};
use crate::told;
use cairn_plugin::jobs::timer;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// Bookings whose timers are set in one call.
const SLICE: u32 = 200;

impl Jobs for Bookings {
    fn run(_call: &Call, task: &Task) -> Result<Outcome> {
        match task.name.as_str() {
            "reminder" => reminder(task),
            "reschedule" => reschedule(task),
            other => Ok(Outcome::Dead(format!("no such job: {other}"))),
        }
    }
}

fn reminder(task: &Task) -> Result<Outcome> {
    #[derive(Deserialize)]
    struct Payload {
        booking: String,
    }
    let id = task.payload::<Payload>()?.booking;
    let settings = settings::<Settings>()?;
    let found = data::find::<Booking>().populate(json!({ "event": true })).by_ids(&[&id])?.pop().flatten();
    // Cancelled or gone since the timer was set: then there is nothing to remind of.
    let Some(booking) = found.filter(|booking| booking.state == State::Confirmed) else { return Ok(Outcome::DONE) };
    let Some(event) = &booking.event else { return Ok(Outcome::DONE) };
    let starts = event.start()?;
    match when_due(starts, settings.reminder_hours, time::now()) {
        Reminder::Now => told::reminder(&booking, event, &settings, starts)?,
        Reminder::At(at) => {
            timer("reminder").key(&id).due(at).set(&json!({ "booking": id }))?;
        }
        Reminder::Never => {}
    }
    Ok(Outcome::DONE)
}

fn reschedule(task: &Task) -> Result<Outcome> {
    #[derive(Deserialize)]
    struct Payload {
        event: String,
    }
    let id = task.payload::<Payload>()?.event;
    let Some(event) = data::get::<Event>(&id)? else { return Ok(Outcome::DONE) };
    let due = when_booked(event.start()?, settings::<Settings>()?.reminder_hours, time::now());
    let query = data::find::<Booking>()
        .filter(json!({ "event": { "documentId": id }, "state": State::Confirmed }))
        .fields(&["name", "email", "state"]);
    let position: Option<String> = task.checkpoint()?;
    let mut scan = match &position {
        None => query.scan()?,
        Some(position) => query.scan_from(position)?,
    };
    let Some(rows) = scan.next(SLICE)? else { return Ok(Outcome::DONE) };
    match due {
        Reminder::At(at) => {
            let timers: Result<Vec<_>> = rows
                .iter()
                .map(|row| timer("reminder").key(&row.document_id).due(at).with(&json!({ "booking": row.document_id })))
                .collect();
            jobs::set_all(&timers?)?;
        }
        Reminder::Now | Reminder::Never => {
            let keys: Vec<&str> = rows.iter().map(|row| row.document_id.as_str()).collect();
            jobs::cancel_all("reminder", &keys)?;
        }
    }
    Outcome::again(&scan.position(), Duration::ZERO)
}
