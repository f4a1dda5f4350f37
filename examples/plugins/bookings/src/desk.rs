//! The desk where places are given out: events held by this transaction, the rule of [`Seats`], and what follows for those
//! who wait. Everything that changes bookings goes by it.

use crate::model::{Booking, Event, State};
use crate::seats::{Seats, Verdict};
use cairn_plugin::data::{self, Batch};
use cairn_plugin::{Document, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// Bookings that move up in one go; the rest do with the next change.
const SLICE: u32 = 100;

/// Events whose places are being given out. Nobody else does that before the transaction ends.
#[derive(Debug)]
pub struct Desk {
    events: BTreeMap<String, Ledger>,
}

#[derive(Debug)]
struct Ledger {
    seats: Seats,
    /// The count the event has.
    noted: u32,
}

/// A booking's id, where nothing else of it is needed.
#[derive(Deserialize)]
struct Waiting {}

impl Document for Waiting {
    const TYPE: &'static str = Booking::TYPE;
}

#[derive(Serialize)]
struct Count {
    confirmed: u32,
}

#[derive(Serialize)]
struct Promotion {
    state: State,
}

impl Desk {
    /// Opens it for these events. Always in one order: two requests about the same events never wait for each other.
    ///
    /// The confirmed bookings are counted, not taken from the event's own count, which is only for people to see: but the row
    /// that has it is locked first and written when it changes, and that is what keeps two transactions apart.
    ///
    /// # Errors
    /// What the host says.
    pub fn open<'a>(events: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let mut ids: Vec<&str> = events.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(Self { events: BTreeMap::new() });
        }
        let found = data::find::<Event>().lock().by_ids(&ids)?;
        let mut ledgers = BTreeMap::new();
        for (id, event) in ids.into_iter().zip(found) {
            let Some(event) = event else { continue };
            let taken = bookings(id, State::Confirmed).count()?;
            let seats = Seats::new(event.places, u32::try_from(taken).unwrap_or(u32::MAX), event.waiting_list);
            ledgers.insert(id.to_owned(), Ledger { seats, noted: event.confirmed });
        }
        Ok(Self { events: ledgers })
    }

    /// Decides about one booking of an event; none where there is no such event.
    pub fn change(&mut self, event: &str, from: Option<State>, to: Option<State>) -> Option<Verdict> {
        Some(self.events.get_mut(event)?.seats.change(from, to))
    }

    /// Gives places that are free to those who wait longest, but not to those bookings named, which are being decided about; and
    /// notes on each event how many are taken.
    ///
    /// # Errors
    /// What the host says.
    pub fn close(mut self, except: &[&str]) -> Result<()> {
        let mut batch = Batch::new();
        for (id, ledger) in &mut self.events {
            let free = ledger.seats.free();
            if free > 0 {
                let mut queue = bookings(id, State::Waiting).sort("createdAt:asc").sort("documentId:asc");
                if !except.is_empty() {
                    queue = queue.filter(json!({ "documentId": { "$notIn": except } }));
                }
                for next in queue.all(free.min(SLICE))? {
                    if ledger.seats.take() {
                        batch = batch.update::<Booking>(&next.document_id, &Promotion { state: State::Confirmed })?;
                    }
                }
            }
            if ledger.seats.confirmed() != ledger.noted {
                batch = batch.update::<Event>(id, &Count { confirmed: ledger.seats.confirmed() })?;
            }
        }
        batch.write().map(|_| ())
    }
}

/// The bookings of an event in a state.
fn bookings(event: &str, state: State) -> data::Find<Waiting> {
    data::find().fields(&["state"]).filter(json!({ "event": { "documentId": event }, "state": state }))
}
