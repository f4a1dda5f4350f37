//! Mails to people, each sent once.

use crate::feed;
use crate::model::{Booking, Event, Settings, State};
use cairn_plugin::mail::{Invitation, Mail, invite, mail};
use cairn_plugin::{Instant, Result, Row, format_instant, kv, site};
use serde::Serialize;
use std::time::Duration;

/// Values that the templates of mails name.
#[derive(Debug, Serialize)]
struct Model<'a> {
    name: &'a str,
    title: &'a str,
    when: String,
    location: &'a str,
    feed: String,
    sender: &'a str,
}

/// Remembered for longer than an event is planned ahead.
const REMEMBERED: Duration = Duration::from_secs(2 * 365 * 24 * 3_600);

/// Mails how a booking stands, where that is not what was mailed last, and puts a place into the person's calendar or takes it away. Kept in the transaction of the call: the mail leaves and
/// is remembered, or neither.
///
/// # Errors
/// What the host says.
pub(crate) fn state(booking: &Row<Booking>, event: &Row<Event>, settings: &Settings, cause: &str) -> Result<()> {
    let key = format!("told/{}", booking.document_id);
    let last_state: Option<State> = kv::get(&key)?;
    if last_state == Some(booking.state) || (last_state.is_none() && booking.state == State::Cancelled) {
        return Ok(());
    }
    kv::put_for(&key, &booking.state, REMEMBERED)?;
    let mail = match entry_to_send(booking, event, last_state)? {
        Some(entry) => invite(entry, &booking.email),
        None => mail(format!("{}/{cause}", booking.document_id), &booking.email),
    };
    send(mail, booking.state.as_str(), booking, event, settings)
}

/// The entry for the person's calendar: of a place, or cancelled for one that is lost. None for who had no place and has none.
fn entry_to_send(booking: &Row<Booking>, event: &Row<Event>, before: Option<State>) -> Result<Option<Invitation>> {
    let confirmed = booking.state == State::Confirmed;
    if !confirmed && before != Some(State::Confirmed) {
        return Ok(None);
    }
    let key = format!("invited/{}", booking.document_id);
    let sequence: u32 = kv::get(&key)?.unwrap_or(0);
    kv::put_for(&key, &sequence.saturating_add(1), REMEMBERED)?;
    let entry = calendar_entry(&booking.document_id, event)?.sequence(sequence);
    Ok(Some(if confirmed { entry } else { entry.cancelled() }))
}

/// The event as an entry of a calendar, by the name that it has in the feed.
fn calendar_entry(booking: &str, event: &Event) -> Result<Invitation> {
    let starts = event.start()?;
    let ends = event.end().filter(|ends| *ends >= starts.saturating_add(1_000));
    let entry = Invitation::timed(feed::uid(booking), one_line(&event.title, 500), starts, ends);
    Ok(match &event.location {
        Some(location) => entry.location(one_line(location, 1_000)),
        None => entry,
    })
}

/// A text on one line, of at most so many characters.
fn one_line(text: &str, most: usize) -> String {
    let line = |c: char| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c };
    text.chars().map(line).take(most).collect()
}

/// Mails the reminder; a second time only where the event was moved in between.
///
/// # Errors
/// What the host says.
pub(crate) fn reminder(booking: &Row<Booking>, event: &Row<Event>, settings: &Settings, starts: Instant) -> Result<()> {
    let mail = mail(format!("{}/reminder/{starts}", booking.document_id), &booking.email);
    send(mail, "reminder", booking, event, settings)
}

fn send(mail: Mail, template: &str, booking: &Row<Booking>, event: &Row<Event>, settings: &Settings) -> Result<()> {
    let model = Model {
        name: &booking.name,
        title: &event.title,
        when: format_instant(event.start()?, booking.language(), &settings.timezone, "long")?,
        location: event.location.as_deref().unwrap_or_default(),
        feed: feed_address(site().map(|site| site.url).as_deref(), booking.token.as_deref()),
        sender: &settings.sender,
    };
    mail.template(template).locale(booking.language()).send(&model).map(|_| ())
}

/// Where the person's calendar is; nothing where the server's address is not known.
fn feed_address(site: Option<&str>, token: Option<&str>) -> String {
    match (site, token) {
        (Some(site), Some(token)) => format!("{site}/api/bookings/feed/{token}"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(title: &str, ends_at: Option<&str>, location: Option<&str>) -> Event {
        Event {
            title: title.into(),
            starts_at: "2027-03-01T18:00:00.000Z".into(),
            ends_at: ends_at.map(str::to_owned),
            location: location.map(str::to_owned),
            places: 1,
            waiting_list: false,
            confirmed: 0,
        }
    }

    fn entry(title: &str, ends_at: Option<&str>, location: Option<&str>) -> Invitation {
        calendar_entry("b1", &event(title, ends_at, location)).unwrap()
    }

    #[test]
    fn an_entry_has_the_event_on_lines_of_its_own() {
        let (start, end) = (1_803_924_000_000, 1_803_931_200_000);
        assert_eq!(
            entry("A\r\nB", Some("2027-03-01T20:00:00.000Z"), Some("Hall\u{2028}1")),
            Invitation::timed("b1@bookings.cairn", "A  B", start, Some(end)).location("Hall 1")
        );
        let open = Invitation::timed("b1@bookings.cairn", "x".repeat(500), start, None);
        for ends_at in [None, Some("2027-03-01T18:00:00.500Z"), Some("2001-01-01T00:00:00.000Z"), Some("soon")] {
            assert_eq!(entry(&"x".repeat(501), ends_at, None), open, "{ends_at:?}");
        }
        let mut wrong = event("x", None, None);
        wrong.starts_at = "soon".into();
        assert!(calendar_entry("b1", &wrong).is_err());
    }

    #[test]
    fn the_feed_is_only_named_where_it_can_be_reached() {
        assert_eq!(feed_address(Some("https://example.org"), Some("t")), "https://example.org/api/bookings/feed/t");
        assert_eq!(feed_address(None, Some("t")), "");
        assert_eq!(feed_address(Some("https://example.org"), None), "");
    }
}
