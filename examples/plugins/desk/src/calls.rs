//! Calls with requesters: planned beside a ticket, and kept in calendars by invitations. Each change has a greater number than the one before.

use crate::model::{Settings, Ticket};
use cairn_plugin::data::Batch;
use cairn_plugin::mail::{Invitation, invite};
use cairn_plugin::prelude::*;
use cairn_plugin::{Actor, format_instant, run_transaction, zones};
use serde::Deserialize;
use serde_json::json;

/// Shortest and longest call, in minutes.
pub(crate) const MINUTES: (u32, u32) = (5, 480);
const MINUTE: i64 = 60_000;

/// Values of the form.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Wish {
    day: String,
    time: String,
    minutes: u32,
    zone: String,
}

/// When a call is, and where that time was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Slot {
    start: Instant,
    minutes: u32,
    zone: String,
}

/// Plans a call about a ticket, or moves the one that is planned, and invites the requester and whoever planned it. The ticket is changed with the
/// permissions of the person.
///
/// # Errors
/// `Invalid` for a time that is none; `Conflict` where the ticket has changed; what the host says.
pub(crate) fn plan(call: &Call, id: &str, wish: &Wish) -> Result<()> {
    let slot = read_slot(call, wish)?;
    run_transaction(|| {
        let ticket = lock(id)?;
        if ticket.requester_email.is_none() {
            return Err(problem(call, "day", "nobody"));
        }
        // A call that somebody else moves stays with the colleague who has it.
        let with = ticket.call_at.as_ref().and(ticket.call_with.clone()).or_else(|| find_agent(&call.actor));
        let sequence = ticket.next_sequence();
        let fields = json!({
            "callAt": time::format(slot.start), "callMinutes": slot.minutes, "callZone": slot.zone, "callSequence": sequence, "callWith": with,
        });
        Batch::new().as_caller().update::<Ticket>(id, &fields)?.write()?;
        send(call, &ticket, &slot, with.as_deref(), |event| event.sequence(sequence), "call")
    })
}

/// Cancels the call that is planned, in the calendars as well; false where none is.
///
/// # Errors
/// What the host says.
pub(crate) fn cancel(call: &Call, id: &str) -> Result<bool> {
    run_transaction(|| {
        let ticket = lock(id)?;
        let (Some(start), Some(minutes)) = (Ticket::instant(ticket.call_at.as_deref()), ticket.call_minutes) else {
            return Ok(false);
        };
        let zone = ticket.call_zone.clone().unwrap_or_else(|| "UTC".to_owned());
        let sequence = ticket.next_sequence();
        let fields = json!({
            "callAt": null, "callMinutes": null, "callZone": null, "callWith": null, "callSequence": sequence,
        });
        Batch::new().as_caller().update::<Ticket>(id, &fields)?.write()?;
        let slot = Slot { start, minutes, zone };
        let change = |event: Invitation| event.sequence(sequence).cancelled();
        send(call, &ticket, &slot, ticket.call_with.as_deref(), change, "call-cancelled")?;
        Ok(true)
    })
}

/// The ticket, which nobody changes before the transaction ends.
fn lock(id: &str) -> Result<Row<Ticket>> {
    let found = data::find::<Ticket>().lock().by_ids(&[id])?.pop().flatten();
    found.ok_or_else(|| Error::NotFound(id.to_owned()))
}

fn problem(call: &Call, field: &str, code: &str) -> Error {
    Error::field(field, code, translate(&format!("problem.call.{code}"), &call.locale, None))
}

/// The time that a form means, as the clocks of its zone show it.
fn read_slot(call: &Call, wish: &Wish) -> Result<Slot> {
    // The form is only an offer.
    if !(MINUTES.0..=MINUTES.1).contains(&wish.minutes) {
        return Err(problem(call, "minutes", "minutes"));
    }
    let or_field = |error: Error, field: &str| match error {
        Error::Invalid(_) => problem(call, field, field),
        other => other,
    };
    zones::to_local(&wish.zone, &[time::now()]).map_err(|error| or_field(error, "zone"))?;
    let local = format!("{}T{}", wish.day, wish.time);
    let start = zones::to_instants(&wish.zone, &[local]).map_err(|error| or_field(error, "time"))?.pop();
    match start {
        Some(start) if start > time::now() => Ok(Slot { start, minutes: wish.minutes, zone: wish.zone.clone() }),
        _ => Err(problem(call, "day", "past")),
    }
}

/// Recipient of mails to an admin user, whose address the host knows; none for others.
fn find_agent(actor: &Actor) -> Option<String> {
    match actor {
        Actor::Admin(who) => Some(format!("admin:{}", who.id)),
        _ => None,
    }
}

/// Mails the event to the requester and to the agent: apart, so that neither gets the address of the other.
fn send(
    call: &Call,
    ticket: &Row<Ticket>,
    slot: &Slot,
    agent: Option<&str>,
    change: impl Fn(Invitation) -> Invitation,
    template: &str,
) -> Result<()> {
    let (uid, end) = (format!("{}@desk.cairn", ticket.document_id), slot.start + i64::from(slot.minutes) * MINUTE);
    let sender = settings::<Settings>()?.sender;
    let of_agent = if call.locale.starts_with("nl") { "nl" } else { "en" };
    let recipients = [(ticket.requester_email.as_deref(), ticket.language()), (agent, of_agent)];
    for (address, language) in recipients {
        let Some(address) = address else { continue };
        let arguments = json!({ "subject": ticket.subject, "reference": ticket.reference });
        let text = |key: &str| translate(key, language, Some(&arguments));
        let event = Invitation::timed(&uid, text("call.summary"), slot.start, Some(end)).description(text("call.text"));
        let model = json!({
            "subject": ticket.subject, "reference": ticket.reference, "minutes": slot.minutes, "zone": slot.zone, "sender": sender,
            "at": format_instant(slot.start, language, &slot.zone, "long")?,
        });
        invite(change(event), address).template(template).locale(language).send(&model)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_plugin::Principal;

    #[test]
    fn only_people_of_the_admin_are_agents() {
        let who = Principal { id: "7".into(), name: Some("Dana".into()), roles: Vec::new(), groups: Vec::new() };
        assert_eq!(find_agent(&Actor::Admin(who.clone())).as_deref(), Some("admin:7"));
        assert_eq!(find_agent(&Actor::User(who)), None);
    }

    #[test]
    fn every_change_has_a_greater_number() {
        let ticket = |call_sequence| Ticket { call_sequence, ..Ticket::default() };
        assert_eq!([None, Some(0), Some(4)].map(|sequence| ticket(sequence).next_sequence()), [0, 1, 5]);
    }
}
