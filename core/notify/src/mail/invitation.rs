//! Invitations: events that mail programs put into calendars, change and take away (iTIP, RFC 5546, by mail: RFC 6047).

use crate::mail::address::{MailFieldProblem, suppression_key};
use crate::mail::message::ShownHeaders;
use crate::templates::is_break;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};
use lettre::message::Mailbox;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Longest uid, in bytes (RFC 7986).
const MAX_UID_BYTES: usize = 255;
/// Longest texts, in characters.
const MAX_SUMMARY_CHARS: usize = 500;
const MAX_LOCATION_CHARS: usize = 1_000;
const MAX_DESCRIPTION_CHARS: usize = 10_000;
/// Years that every calendar can show.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=9998;
/// Characters of an address that a `mailto:` cannot have as they are (RFC 6068).
const MAILTO: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'&').add(b'<').add(b'>').add(b'?').add(b'^').add(b'`');
/// Product that wrote the calendar, in the form of `PRODID`.
const PRODUCT: &str = "-//Cairn//Cairn//EN";

/// The change that an invitation makes in calendars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InvitationMethod {
    /// Adds or changes the event.
    Request,
    /// Takes it away.
    Cancel,
}

impl InvitationMethod {
    /// The word of it in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Cancel => "cancel",
        }
    }

    /// The word of it in a calendar and in its media type.
    const fn as_property(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

/// Time of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum EventTime {
    /// From one moment to another, in milliseconds since 1970.
    Timed {
        /// The start.
        start: i64,
        /// The end, if it is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        end: Option<i64>,
    },
    /// Whole days, as `2027-03-01`.
    AllDay {
        /// The first day.
        first_day: String,
        /// The last day.
        last_day: String,
    },
}

/// An event for the calendars of a mail's recipients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    /// Name of the event in calendars, the same in every change.
    pub uid: String,
    /// Number of the change.
    pub sequence: u32,
    /// The change that it makes.
    pub method: InvitationMethod,
    /// Time of the event.
    pub time: EventTime,
    /// Title of the event.
    pub summary: String,
    /// Text about the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Place of the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
}

/// The calendar of a mail, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CalendarPart {
    /// The value of `METHOD`, which the media type repeats.
    pub(crate) method: &'static str,
    /// The calendar: iCalendar (RFC 5545).
    pub(crate) text: String,
}

/// Returns the invitation of a stored mail's data, without its secrets.
pub fn find_invitation(data: &Json) -> Option<Invitation> {
    Invitation::deserialize(data.get("written")?.get("invitation")?).ok()
}

impl Invitation {
    /// The key by which the same change of an event goes to one address once.
    pub(crate) fn once_key(&self) -> String {
        format!("invitation:{}:{}:{}", self.method.as_str(), self.sequence, self.uid)
    }

    /// Checks everything that is in the calendar. The error names the field.
    pub(crate) fn check(&self) -> Result<(), MailFieldProblem> {
        let uid = &self.uid;
        if uid.is_empty() || uid.len() > MAX_UID_BYTES || !uid.bytes().all(|b| b.is_ascii_graphic()) {
            let problem = format!("must have 1 to {MAX_UID_BYTES} ASCII characters, and no spaces");
            return Err(MailFieldProblem { field: "invitation.uid", problem });
        }
        if self.summary.trim().is_empty() {
            let problem = "an event requires a summary".to_owned();
            return Err(MailFieldProblem { field: "invitation.summary", problem });
        }
        check_text("invitation.summary", &self.summary, MAX_SUMMARY_CHARS, is_break)?;
        check_text("invitation.location", self.location.as_deref().unwrap_or_default(), MAX_LOCATION_CHARS, is_break)?;
        let control = |c: char| c != '\n' && is_break(c);
        check_text(
            "invitation.description",
            self.description.as_deref().unwrap_or_default(),
            MAX_DESCRIPTION_CHARS,
            control,
        )?;
        self.time.resolve().map(drop)
    }

    /// Writes the calendar. `stamp`: the time of the mail's request, in milliseconds: the same at every attempt.
    pub(crate) fn write_calendar(
        &self,
        organizer: &Mailbox,
        shown: &ShownHeaders,
        recipient: &str,
        stamp: i64,
    ) -> Result<CalendarPart, MailFieldProblem> {
        let mut event = Event::new();
        event.uid(&self.uid).sequence(self.sequence).summary(&self.summary);
        event.timestamp(DateTime::from_timestamp_millis(stamp).unwrap_or(DateTime::UNIX_EPOCH));
        match self.time.resolve()? {
            ResolvedTime::Timed(start, end) => {
                event.starts(start);
                if let Some(end) = end {
                    event.ends(end);
                }
            }
            ResolvedTime::AllDay(first, after) => {
                event.starts(first);
                event.ends(after);
            }
        }
        if let Some(text) = self.description.as_deref().filter(|text| !text.is_empty()) {
            event.description(text);
        }
        if let Some(text) = self.location.as_deref().filter(|text| !text.is_empty()) {
            event.location(text);
        }
        event.status(match self.method {
            InvitationMethod::Request => EventStatus::Confirmed,
            InvitationMethod::Cancel => EventStatus::Cancelled,
        });
        let mut organized_by = Property::new("ORGANIZER", to_mailto(organizer.email.as_ref()));
        if let Some(name) = &organizer.name {
            // A value in quotation marks cannot have one.
            organized_by.add_parameter("CN", &name.replace('"', "'"));
        }
        event.append_property(organized_by.done());
        for (address, role) in attendees(shown, recipient) {
            let mut attendee = Property::new("ATTENDEE", to_mailto(address));
            attendee.add_parameter("ROLE", role);
            if self.method == InvitationMethod::Request {
                attendee.add_parameter("PARTSTAT", "NEEDS-ACTION").add_parameter("RSVP", "TRUE");
            }
            event.append_multi_property(attendee.done());
        }
        let method = self.method.as_property();
        let mut calendar = Calendar::empty();
        for (name, value) in [("VERSION", "2.0"), ("PRODID", PRODUCT), ("CALSCALE", "GREGORIAN"), ("METHOD", method)] {
            calendar.append_property((name, value));
        }
        calendar.push(event);
        Ok(CalendarPart { method, text: calendar.to_string() })
    }
}

/// The attendees in one recipient's calendar, each once: those whom the mail shows, and the recipient.
fn attendees<'a>(shown: &'a ShownHeaders, recipient: &'a str) -> Vec<(&'a str, &'static str)> {
    let to = shown.to.iter().map(|address| (address.as_str(), "REQ-PARTICIPANT"));
    let cc = shown.cc.iter().map(|address| (address.as_str(), "OPT-PARTICIPANT"));
    let mut all: Vec<(&str, &str)> = Vec::new();
    for (address, role) in to.chain(cc).chain([(recipient, "OPT-PARTICIPANT")]) {
        if !all.iter().any(|(known, _)| suppression_key(known) == suppression_key(address)) {
            all.push((address, role));
        }
    }
    all
}

fn to_mailto(address: &str) -> String {
    format!("mailto:{}", utf8_percent_encode(address, MAILTO))
}

/// A valid time.
enum ResolvedTime {
    Timed(DateTime<Utc>, Option<DateTime<Utc>>),
    /// The first day and the day after the last one, as calendars have it.
    AllDay(NaiveDate, NaiveDate),
}

impl EventTime {
    fn resolve(&self) -> Result<ResolvedTime, MailFieldProblem> {
        let to_problem = |field, problem: &str| MailFieldProblem { field, problem: problem.to_owned() };
        match self {
            Self::Timed { start, end } => {
                let to_moment = |field, at: i64| {
                    // Calendars have seconds.
                    DateTime::from_timestamp(at.div_euclid(1_000), 0)
                        .filter(|moment| YEARS.contains(&moment.year()))
                        .ok_or_else(|| to_problem(field, "must be a time between the years 1900 and 9998"))
                };
                let start = to_moment("invitation.start", *start)?;
                let end = end.map(|end| to_moment("invitation.end", end)).transpose()?;
                match end.is_some_and(|end| end <= start) {
                    true => Err(to_problem("invitation.end", "must be at least a second after the start")),
                    false => Ok(ResolvedTime::Timed(start, end)),
                }
            }
            Self::AllDay { first_day, last_day } => {
                let to_day = |field, text: &str| {
                    let day =
                        Some(text).filter(|text| text.len() == 10).and_then(|text| text.parse::<NaiveDate>().ok());
                    day.filter(|day| YEARS.contains(&day.year()))
                        .ok_or_else(|| to_problem(field, "must be a day such as 2027-03-01"))
                };
                let first = to_day("invitation.first-day", first_day)?;
                let last = to_day("invitation.last-day", last_day)?;
                match last.succ_opt().filter(|_| last >= first) {
                    None => Err(to_problem("invitation.last-day", "must not be before the first day")),
                    Some(after) => Ok(ResolvedTime::AllDay(first, after)),
                }
            }
        }
    }
}

fn check_text(
    field: &'static str,
    text: &str,
    max_chars: usize,
    is_forbidden: impl Fn(char) -> bool,
) -> Result<(), MailFieldProblem> {
    match text.chars().count() > max_chars || text.chars().any(is_forbidden) {
        true => Err(MailFieldProblem {
            field,
            problem: format!("must have at most {max_chars} characters, and no control characters"),
        }),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::address;
    use icalendar::{CalendarDateTime, DatePerhapsTime};

    const START: i64 = 1_798_797_600_000;

    fn invitation() -> Invitation {
        Invitation {
            uid: "b1@bookings.cairn".into(),
            sequence: 3,
            method: InvitationMethod::Request,
            time: EventTime::Timed { start: START, end: Some(START + 5_400_500) },
            summary: "Concert, with \"tea\"; and more".into(),
            description: Some("First line\nSecond \\ line: ".to_owned() + &"é".repeat(200)),
            location: Some("Hall 1; first floor".into()),
        }
    }

    fn shown() -> ShownHeaders {
        let (to, cc) = (vec!["ann@example.com".into()], vec!["bart@example.com".into(), "Ann@example.com".into()]);
        ShownHeaders { to, cc, headers: Vec::new() }
    }

    fn write(invitation: &Invitation, recipient: &str) -> CalendarPart {
        let from = address::parse_mailbox("from", Some("Hall \"One\": the desk"), "desk@example.org").unwrap();
        invitation.check().unwrap();
        invitation.write_calendar(&from, &shown(), recipient, 1_772_433_000_000).unwrap()
    }

    fn parse(part: &CalendarPart) -> (Calendar, Event) {
        let calendar: Calendar = part.text.parse().unwrap_or_else(|e| panic!("{e}: {}", part.text));
        let event = calendar.events().next().unwrap().clone();
        (calendar, event)
    }

    #[test]
    fn calendars_have_the_event_with_its_people() {
        let part = write(&invitation(), "carol@example.com");
        assert!(part.text.lines().all(|line| line.len() <= 75), "{}", part.text);
        assert_eq!(part.text.matches("\r\n").count(), part.text.matches('\n').count());
        let (calendar, event) = parse(&part);
        assert_eq!((calendar.property_value("METHOD"), part.method), (Some("REQUEST"), "REQUEST"));
        assert_eq!((event.get_uid(), event.get_sequence()), (Some("b1@bookings.cairn"), Some(3)));
        assert_eq!(event.get_summary(), Some(invitation().summary.as_str()));
        assert_eq!(event.get_description(), invitation().description.as_deref());
        assert_eq!(event.get_location(), Some("Hall 1; first floor"));
        let moment = |at: i64| {
            let at = DateTime::from_timestamp(at / 1_000, 0).unwrap();
            Some(DatePerhapsTime::DateTime(CalendarDateTime::Utc(at)))
        };
        assert_eq!((event.get_start(), event.get_end()), (moment(START), moment(START + 5_400_000)));
        assert_eq!(event.get_timestamp().map(|at| at.timestamp()), Some(1_772_433_000));
        let unfolded = part.text.replace("\r\n ", "");
        assert!(unfolded.contains("ORGANIZER;CN=\"Hall 'One': the desk\":mailto:desk@example.org\r\n"), "{unfolded}");
        let people: Vec<&str> = unfolded.lines().filter(|line| line.starts_with("ATTENDEE")).collect();
        assert_eq!(
            people,
            [
                "ATTENDEE;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=TRUE:mailto:ann@example.com",
                "ATTENDEE;PARTSTAT=NEEDS-ACTION;ROLE=OPT-PARTICIPANT;RSVP=TRUE:mailto:bart@example.com",
                "ATTENDEE;PARTSTAT=NEEDS-ACTION;ROLE=OPT-PARTICIPANT;RSVP=TRUE:mailto:carol@example.com",
            ]
        );
        assert_eq!(write(&invitation(), "ann@example.com").text.matches("ATTENDEE").count(), 2);
    }

    #[test]
    fn cancellations_of_whole_days_end_after_the_last_one() {
        let time = EventTime::AllDay { first_day: "2027-02-27".into(), last_day: "2027-02-28".into() };
        let cancelled = Invitation { method: InvitationMethod::Cancel, time, ..invitation() };
        let part = write(&cancelled, "ann@example.com");
        for line in ["METHOD:CANCEL", "STATUS:CANCELLED", "DTSTART;VALUE=DATE:20270227", "DTEND;VALUE=DATE:20270301"] {
            assert!(part.text.contains(&format!("\r\n{line}\r\n")), "{line}: {}", part.text);
        }
        assert!(!part.text.contains("RSVP"), "nobody answers a cancellation");
        let open = Invitation { time: EventTime::Timed { start: START, end: None }, ..invitation() };
        assert!(!write(&open, "ann@example.com").text.contains("DTEND"));
    }

    #[test]
    fn invalid_invitations_are_refused_with_their_field() {
        type Change = fn(&mut Invitation);
        let cases: [(&str, Change); 18] = [
            ("uid", |i| i.uid = String::new()),
            ("uid", |i| i.uid = "a b".into()),
            ("uid", |i| i.uid = "a\r\nATTENDEE:x".into()),
            ("uid", |i| i.uid = "é".into()),
            ("uid", |i| i.uid = "x".repeat(256)),
            ("summary", |i| i.summary = " ".into()),
            ("summary", |i| i.summary = "a\nb".into()),
            ("summary", |i| i.summary = "a\u{2028}b".into()),
            ("summary", |i| i.summary = "x".repeat(501)),
            ("location", |i| i.location = Some("a\r\nEND:VEVENT".into())),
            ("location", |i| i.location = Some("x".repeat(1_001))),
            ("description", |i| i.description = Some("a\rb".into())),
            ("description", |i| i.description = Some("a\0b".into())),
            ("description", |i| i.description = Some("x".repeat(10_001))),
            ("start", |i| i.time = EventTime::Timed { start: i64::MAX, end: None }),
            ("end", |i| i.time = EventTime::Timed { start: START, end: Some(START + 999) }),
            ("end", |i| i.time = EventTime::Timed { start: START, end: Some(i64::MIN) }),
            ("first-day", |i| i.time = EventTime::AllDay { first_day: "27-2-1".into(), last_day: "2027-02-28".into() }),
        ];
        for (field, change) in cases {
            let mut wrong = invitation();
            change(&mut wrong);
            let problem = wrong.check().unwrap_err();
            assert_eq!(problem.field, format!("invitation.{field}"), "{wrong:?}: {problem}");
        }
        for last_day in ["2027-02-26", "2027-02-30", "9999-01-01", "2027-02-27T00:00"] {
            let time = EventTime::AllDay { first_day: "2027-02-27".into(), last_day: last_day.into() };
            let problem = Invitation { time, ..invitation() }.check().unwrap_err();
            assert_eq!(problem.field, "invitation.last-day", "{last_day}");
        }
    }

    #[test]
    fn stored_invitations_are_read_back() {
        for time in [
            invitation().time,
            EventTime::Timed { start: 5, end: None },
            EventTime::AllDay { first_day: "2027-02-27".into(), last_day: "2027-02-28".into() },
        ] {
            let stored = Invitation { time, ..invitation() };
            let data = serde_json::json!({ "written": { "invitation": stored } });
            assert_eq!(find_invitation(&data), Some(stored));
        }
        assert_eq!(find_invitation(&serde_json::json!({ "written": {} })), None);
    }
}
