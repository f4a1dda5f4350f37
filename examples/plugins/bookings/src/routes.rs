//! The public's ways in: book, cancel, and the calendar feed.

use crate::desk::Desk;
use crate::model::{Booking, State};
use crate::seats::Verdict;
use crate::{Bookings, feed, token};
use cairn_plugin::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Bookings of one person that the feed shows at most, the latest first.
const FEED: u32 = 500;

impl Routes for Bookings {
    fn handle(call: &Call, request: &Request) -> Result<Response> {
        match request.route.as_str() {
            "book" => book(call, request),
            "cancel" => cancel(request),
            "feed" => calendar(request),
            other => Err(Error::NotFound(other.to_owned())),
        }
    }
}

/// Request to book.
#[derive(Debug, Deserialize)]
struct Wish {
    name: String,
    email: String,
    language: Option<String>,
}

/// A booking to be stored. What is wrong with it, the content type says.
#[derive(Debug, Serialize)]
struct New<'a> {
    name: &'a str,
    email: &'a str,
    language: &'a str,
    state: State,
    token: String,
    event: &'a str,
}

fn book(call: &Call, request: &Request) -> Result<Response> {
    let (event, wish): (_, Wish) = (request.parameter("event"), request.json()?);
    // The plugin's own writes do not come by its hooks: the desk is asked here.
    transaction(|| {
        let mut desk = Desk::open([event])?;
        let state = match desk.change(event, None, Some(State::Waiting)) {
            None => return Err(Error::NotFound(event.to_owned())),
            Some(Verdict::Full) => {
                return Err(Error::field("event", "full", translate("refused.full", &call.locale, None)));
            }
            Some(Verdict::Take(state)) => state,
        };
        let language = wish.language.as_deref().unwrap_or("en");
        let new = New { name: &wish.name, email: &wish.email, language, state, token: token::fresh(), event };
        let written = data::create::<Booking>(&new)?;
        let id = written.target.document_id;
        desk.close(&[&id])?;
        // The token is left out: it is for whoever reads mail at that address.
        Response::json(201, &json!({ "documentId": id, "state": state }))
    })
}

fn cancel(request: &Request) -> Result<Response> {
    let token = request.parameter("token");
    let (id, event) = match by_token(token)? {
        Some(booking) => (booking.document_id.clone(), booking.event.as_ref().map(|event| event.document_id.clone())),
        None => return Err(Error::NotFound(String::new())),
    };
    transaction(|| {
        let mut desk = Desk::open(event.as_deref())?;
        // Again, now that nobody else changes it.
        let Some(booking) = data::get::<Booking>(&id)? else { return Err(Error::NotFound(String::new())) };
        if booking.state != State::Cancelled {
            if let Some(event) = &event {
                desk.change(event, Some(booking.state), Some(State::Cancelled));
            }
            data::update::<Booking>(&id, &json!({ "state": State::Cancelled }))?;
            desk.close(&[&id])?;
        }
        Response::json(200, &json!({ "state": State::Cancelled }))
    })
}

fn calendar(request: &Request) -> Result<Response> {
    let Some(booking) = by_token(request.parameter("token"))? else { return Err(Error::NotFound(String::new())) };
    // The token came by mail to this address: whoever has it may see what is booked for it.
    let bookings = data::find::<Booking>()
        .filter(json!({ "email": { "$eq": booking.email } }))
        .populate(json!({ "event": true }))
        .sort("createdAt:desc")
        .all(FEED)?;
    let name = translate("feed.name", booking.language(), None);
    let text = feed::calendar(&name, &bookings, time::now());
    Ok(Response::bytes(200, "text/calendar; charset=utf-8", text.into_bytes())
        .header("cache-control", "private, max-age=300"))
}

/// The booking with this token, with its event.
fn by_token(token: &str) -> Result<Option<Row<Booking>>> {
    if !token::is_one(token) {
        return Ok(None);
    }
    data::find().filter(json!({ "token": { "$eq": token } })).populate(json!({ "event": true })).first()
}
