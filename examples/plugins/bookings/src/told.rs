//! Mails to people, each sent once.

use crate::model::{Booking, Event, Settings, State};
use cairn_plugin::mail::mail;
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

/// Mails how a booking stands, where that is not what was mailed last. Kept in the transaction of the call: the mail leaves and
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
    send(booking.state.as_str(), &format!("{}/{cause}", booking.document_id), booking, event, settings)
}

/// Mails the reminder; a second time only where the event was moved in between.
///
/// # Errors
/// What the host says.
pub(crate) fn reminder(booking: &Row<Booking>, event: &Row<Event>, settings: &Settings, starts: Instant) -> Result<()> {
    send("reminder", &format!("{}/reminder/{starts}", booking.document_id), booking, event, settings)
}

fn send(template: &str, key: &str, booking: &Row<Booking>, event: &Row<Event>, settings: &Settings) -> Result<()> {
    let model = Model {
        name: &booking.name,
        title: &event.title,
        when: format_instant(event.start()?, booking.language(), &settings.timezone, "long")?,
        location: event.location.as_deref().unwrap_or_default(),
        feed: feed_address(site().map(|site| site.url).as_deref(), booking.token.as_deref()),
        sender: &settings.sender,
    };
    mail(key, &booking.email).template(template).locale(booking.language()).send(&model).map(|_| ())
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

    #[test]
    fn the_feed_is_only_named_where_it_can_be_reached() {
        assert_eq!(feed_address(Some("https://example.org"), Some("t")), "https://example.org/api/bookings/feed/t");
        assert_eq!(feed_address(None, Some("t")), "");
        assert_eq!(feed_address(Some("https://example.org"), None), "");
    }
}
