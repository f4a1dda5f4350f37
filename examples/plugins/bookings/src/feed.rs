//! A person's bookings as a calendar (iCalendar, RFC 5545).

use crate::model::{Booking, Event, State};
use cairn_plugin::Row;
use chrono::DateTime;
use ics::properties::{DtEnd, DtStart, Location, Name, Status, Summary};
use ics::{ICalendar, escape_text};

/// Product that made the calendar, in the form of `PRODID`.
const PRODUCT: &str = "-//Cairn//bookings//EN";

/// The calendar of these bookings. One whose event is gone, or without a proper time, is left out; one that was cancelled is told
/// as cancelled, so that calendars take it away. `made_at` in milliseconds since 1970.
#[must_use]
pub fn calendar(name: &str, bookings: &[Row<Booking>], made_at: i64) -> String {
    let mut calendar = ICalendar::new("2.0", PRODUCT);
    calendar.push(Name::new(escape_text(name)));
    for booking in bookings {
        if let Some(entry) = booking.event.as_ref().and_then(|event| entry(booking, event, made_at)) {
            calendar.add_event(entry);
        }
    }
    calendar.to_string()
}

/// The name of a booking's event in calendars, in the feed and in mails.
pub(crate) fn uid(booking: &str) -> String {
    format!("{booking}@bookings.cairn")
}

fn entry<'a>(booking: &'a Row<Booking>, event: &'a Row<Event>, made_at: i64) -> Option<ics::Event<'a>> {
    let starts = event.start().ok()?;
    let ends = event.end().filter(|ends| *ends > starts);
    let mut entry = ics::Event::new(uid(&booking.document_id), moment(made_at)?);
    entry.push(Summary::new(escape_text(event.title.as_str())));
    entry.push(DtStart::new(moment(starts)?));
    if let Some(ends) = ends.and_then(moment) {
        entry.push(DtEnd::new(ends));
    }
    if let Some(location) = &event.location {
        entry.push(Location::new(escape_text(location.as_str())));
    }
    entry.push(match booking.state {
        State::Confirmed => Status::confirmed(),
        State::Waiting => Status::tentative(),
        State::Cancelled => Status::cancelled(),
    });
    Some(entry)
}

/// A time in UTC, as the format has it; none where a calendar could not say it.
fn moment(at: i64) -> Option<String> {
    let time =
        DateTime::from_timestamp_millis(at).filter(|time| (0..=9_999).contains(&chrono::Datelike::year(time)))?;
    Some(time.format("%Y%m%dT%H%M%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn booking(id: &str, state: State, event: Option<Event>) -> Row<Booking> {
        let fields = Booking {
            name: "Ann".into(),
            email: "ann@example.org".into(),
            language: None,
            state,
            token: None,
            event: event.map(|fields| Row { document_id: "e1".into(), version: None, locale: None, fields }),
        };
        Row { document_id: id.into(), version: None, locale: None, fields }
    }

    fn event(title: &str) -> Event {
        Event {
            title: title.into(),
            starts_at: "2027-03-01T18:00:00.000Z".into(),
            ends_at: Some("2027-03-01T20:00:00.000Z".into()),
            location: Some("Hall 1; first floor".into()),
            places: 20,
            waiting_list: true,
            confirmed: 1,
        }
    }

    #[test]
    fn a_booking_is_an_entry_with_its_time_and_state() {
        let text = calendar("My bookings", &[booking("b1", State::Waiting, Some(event("Concert")))], 1_800_000_000_000);
        for line in [
            "BEGIN:VCALENDAR",
            "UID:b1@bookings.cairn",
            "DTSTAMP:20270115T080000Z",
            "DTSTART:20270301T180000Z",
            "DTEND:20270301T200000Z",
            "SUMMARY:Concert",
            "LOCATION:Hall 1\\; first floor",
            "STATUS:TENTATIVE",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
    }

    #[test]
    fn a_title_cannot_break_out_of_its_line() {
        let text = calendar("x", &[booking("b", State::Confirmed, Some(event("a\r\nEND:VEVENT\r\nATTENDEE:evil")))], 0);
        assert_eq!(text.matches("\r\nEND:VEVENT").count(), 1, "{text}");
        assert!(!text.contains("\r\nATTENDEE"), "{text}");
    }

    #[test]
    fn long_lines_are_folded_between_letters() {
        let text = calendar("x", &[booking("b", State::Confirmed, Some(event(&"é".repeat(120))))], 0);
        assert!(text.lines().all(|line| line.len() <= 76), "{text}");
        assert!(text.replace("\r\n ", "").contains(&"é".repeat(120)));
    }

    #[test]
    fn what_has_no_event_or_no_proper_time_is_left_out() {
        let mut wrong = event("wrong");
        wrong.starts_at = "soon".into();
        let mut backwards = event("backwards");
        backwards.ends_at = Some("2001-01-01T00:00:00.000Z".into());
        let rows = [
            booking("a", State::Confirmed, None),
            booking("b", State::Confirmed, Some(wrong)),
            booking("c", State::Cancelled, Some(backwards)),
        ];
        let text = calendar("x", &rows, 0);
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 1);
        assert!(text.contains("STATUS:CANCELLED") && !text.contains("DTEND"), "{text}");
    }
}
