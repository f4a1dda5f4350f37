//! The plugin's content types and settings, as Rust types.

use cairn_plugin::data::or_default;
use cairn_plugin::{Document, Result, Row, time};
use serde::{Deserialize, Serialize};

/// Something people book a place at.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Title of the event.
    pub title: String,
    /// When it begins, as documents have times.
    pub starts_at: String,
    /// When it ends, if that is known.
    pub ends_at: Option<String>,
    /// Where it is.
    pub location: Option<String>,
    /// How many can come.
    pub places: u32,
    /// True if bookings beyond that wait; else they are refused.
    #[serde(default, deserialize_with = "or_default")]
    pub waiting_list: bool,
    /// How many bookings are confirmed; kept by this plugin.
    #[serde(default, deserialize_with = "or_default")]
    pub confirmed: u32,
}

impl Document for Event {
    const TYPE: &'static str = "plugin::bookings.event";
}

impl Event {
    /// When it begins, in milliseconds since 1970.
    ///
    /// # Errors
    /// `Invalid` where the document has no proper time.
    pub fn start(&self) -> Result<i64> {
        time::parse(&self.starts_at)
    }

    /// When it ends, in milliseconds since 1970, if that is known and a proper time.
    #[must_use]
    pub fn end(&self) -> Option<i64> {
        time::parse(self.ends_at.as_deref()?).ok()
    }
}

/// How a booking stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// With a place.
    Confirmed,
    /// For the next place that is free.
    Waiting,
    /// Given back.
    Cancelled,
}

impl State {
    /// As it is stored; also the name of the mail that tells of it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Waiting => "waiting",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One place at an event, for one person.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Booking {
    /// Name of the guest.
    pub name: String,
    /// Where mails go.
    pub email: String,
    /// The language of the mails.
    pub language: Option<String>,
    /// How it stands.
    pub state: State,
    /// Proof of who holds the booking; known from its mails only.
    pub token: Option<String>,
    /// The event, where it was asked for and is still there.
    #[serde(default)]
    pub event: Option<Row<Event>>,
}

impl Document for Booking {
    const TYPE: &'static str = "plugin::bookings.booking";
}

impl Booking {
    /// The language its mails are in.
    #[must_use]
    pub fn language(&self) -> &str {
        self.language.as_deref().unwrap_or("en")
    }
}

/// Settings of the operator.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Hours before an event that its reminder is sent.
    pub reminder_hours: u32,
    /// The last line of mails.
    pub sender: String,
    /// Of the times in mails.
    pub timezone: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_read_with_what_is_null_or_missing() {
        let row: Row<Event> = serde_json::from_str(
            r#"{"documentId":"e","title":"T","startsAt":"2027-01-01T10:00:00.000Z","endsAt":null,"places":20,"waitingList":null}"#,
        )
        .unwrap();
        assert_eq!((row.places, row.confirmed, row.waiting_list), (20, 0, false));
        assert_eq!(row.start().unwrap(), 1_798_797_600_000);
    }

    #[test]
    fn an_event_without_a_proper_time_is_an_error_not_a_panic() {
        let row: Row<Event> =
            serde_json::from_str(r#"{"documentId":"e","title":"T","startsAt":"soon","places":20}"#).unwrap();
        assert!(row.start().is_err());
    }
}
