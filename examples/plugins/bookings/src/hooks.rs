//! Decisions before a booking or an event is stored.

use crate::desk::Desk;
use crate::model::State;
use crate::seats::Verdict;
use crate::{Bookings, token};
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::json;

impl Hooks for Bookings {
    /// `places`: not fewer than are taken.
    fn prepare(call: &Call, _hook: &str, changes: &[Change]) -> Result<Vec<Decision>> {
        changes.iter().map(|change| enough_places(call, change)).collect()
    }

    /// `seats`: who gets a place, and who comes up from the waiting list.
    fn before(call: &Call, _hook: &str, changes: &[Change]) -> Result<Vec<Decision>> {
        let changes: Vec<Booked> = changes.iter().map(Booked::of).collect::<Result<_>>()?;
        let mut desk = Desk::open(changes.iter().filter_map(Booked::event))?;
        let decisions: Result<Vec<_>> = changes.iter().map(|change| decide(call, &mut desk, change)).collect();
        let decisions = decisions?;
        // Refused or not, all of a request's changes are stored or none: then nobody else has to move up.
        if !decisions.iter().any(|decision| matches!(decision, Decision::Refuse(_))) {
            let decided: Vec<&str> = changes.iter().map(|change| change.id.as_str()).collect();
            desk.close(&decided)?;
        }
        Ok(decisions)
    }
}

/// Booking as far as the hook reads it.
#[derive(Debug, Deserialize)]
struct Seen {
    state: Option<State>,
    token: Option<String>,
    event: Option<EventRef>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventRef {
    document_id: String,
}

/// A change of a booking.
#[derive(Debug)]
struct Booked {
    id: String,
    before: Option<Seen>,
    after: Option<Seen>,
}

impl Booked {
    fn of(change: &Change) -> Result<Self> {
        let after = if change.action == Action::Delete { None } else { change.after()? };
        Ok(Self { id: change.document_id.clone(), before: change.before()?, after })
    }

    /// The event it is about: the one it had, else the one it is to have.
    fn event(&self) -> Option<&str> {
        event_of(&self.before).or_else(|| event_of(&self.after))
    }

    /// True if it has an event and is to have another, or none.
    fn moves(&self) -> bool {
        let had = event_of(&self.before);
        self.after.is_some() && had.is_some() && had != event_of(&self.after)
    }
}

fn event_of(seen: &Option<Seen>) -> Option<&str> {
    seen.as_ref()?.event.as_ref().map(|event| event.document_id.as_str())
}

fn decide(call: &Call, desk: &mut Desk, change: &Booked) -> Result<Decision> {
    let refuse = |field: &str, code: &str| {
        let message = translate(&format!("refused.{code}"), &call.locale, None);
        Ok(Decision::refuse_field(field, code, message))
    };
    if change.moves() {
        return refuse("event", "moved");
    }
    let from = change.before.as_ref().and_then(|seen| seen.state);
    let to = change.after.as_ref().map(|seen| seen.state.unwrap_or(State::Waiting));
    let verdict = match change.event() {
        Some(event) => desk.change(event, from, to),
        None => None,
    };
    match (verdict, &change.after) {
        // A booking that goes makes room, whatever it was.
        (_, None) => Ok(Decision::Allow),
        // The event of this booking was deleted, so it has no places to give out.
        (None, Some(_)) if change.before.is_some() => Ok(Decision::Allow),
        (None, Some(_)) => refuse("event", "event"),
        (Some(Verdict::Full), Some(_)) => refuse("state", "full"),
        (Some(Verdict::Take(state)), Some(after)) => {
            // The token is made here and stays: nobody chooses one.
            let kept = change.before.as_ref().and_then(|seen| seen.token.clone());
            let token = kept.unwrap_or_else(token::fresh);
            if after.state == Some(state) && after.token.as_deref() == Some(token.as_str()) {
                return Ok(Decision::Allow);
            }
            Decision::amend(&json!({ "state": state, "token": token }))
        }
    }
}

fn enough_places(call: &Call, change: &Change) -> Result<Decision> {
    #[derive(Deserialize)]
    struct Places {
        places: Option<u32>,
        confirmed: Option<u32>,
    }
    let before: Option<Places> = change.before()?;
    let after: Option<Places> = change.after()?;
    // The count is this plugin's, whose own writes do not come here: from anybody else it stays what it was.
    let confirmed = before.and_then(|before| before.confirmed).unwrap_or(0);
    if after.as_ref().and_then(|after| after.places).is_some_and(|places| places < confirmed) {
        return Ok(Decision::refuse_field("places", "places", translate("refused.places", &call.locale, None)));
    }
    match after.and_then(|after| after.confirmed) {
        Some(sent) if sent != confirmed => Decision::amend(&json!({ "confirmed": confirmed })),
        _ => Ok(Decision::Allow),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(action: Action, before: Option<&str>, after: Option<&str>) -> Change {
        Change {
            action,
            content_type: "plugin::bookings.booking".into(),
            document_id: "b".into(),
            locale: None,
            before: before.map(Into::into),
            after: after.map(Into::into),
            changed: Vec::new(),
            origin: "rest".into(),
        }
    }

    #[test]
    fn a_booking_that_changes_its_event_is_told_from_one_that_does_not() {
        let one = r#"{"state":"waiting","token":"t","event":{"documentId":"e1"}}"#;
        let two = r#"{"state":"waiting","token":"t","event":{"documentId":"e2"}}"#;
        let none = r#"{"state":"waiting","token":"t","event":null}"#;
        let moves = |before, after| Booked::of(&change(Action::Update, before, after)).unwrap().moves();
        assert!(moves(Some(one), Some(two)));
        assert!(moves(Some(one), Some(none)));
        assert!(!moves(Some(one), Some(one)));
        assert!(!moves(None, Some(one)));
        assert!(!moves(Some(none), Some(one)), "one without an event gets one");
    }

    #[test]
    fn a_deleted_booking_is_about_the_event_it_had() {
        let seen = r#"{"state":"confirmed","token":"t","event":{"documentId":"e1"}}"#;
        let booked = Booked::of(&change(Action::Delete, Some(seen), Some(seen))).unwrap();
        assert_eq!((booked.event(), booked.after.is_none()), (Some("e1"), true));
    }

    #[test]
    fn what_is_no_booking_is_an_error() {
        assert!(Booked::of(&change(Action::Create, None, Some(r#"{"state":"gone"}"#))).is_err());
        assert!(Booked::of(&change(Action::Create, None, Some("[]"))).is_err());
    }

    #[test]
    fn the_count_of_an_event_is_kept_from_others_hands() {
        let call = Call {
            id: "c".into(),
            idempotency_key: "k".into(),
            actor: cairn_plugin::Actor::Anonymous,
            locale: "en".into(),
            attempt: 1,
            deadline: 0,
        };
        let made = change(Action::Create, None, Some(r#"{"places":5,"confirmed":3}"#));
        assert_eq!(enough_places(&call, &made).unwrap(), Decision::Amend(r#"{"confirmed":0}"#.into()));
        let set = change(Action::Update, Some(r#"{"places":5,"confirmed":3}"#), Some(r#"{"places":4,"confirmed":3}"#));
        assert_eq!(enough_places(&call, &set).unwrap(), Decision::Allow);
    }
}
