//! Consequences of stored tickets, messages and accounts. Each event is handled in a transaction of its own.

use crate::Desk;
use crate::chat::{self, Occasion};
use crate::messages::{follow, mail_answer};
use crate::model::{Account, Message, Priority, Settings, Stage, Ticket};
use crate::tickets::{REPLAN_JOB, link_account, link_old_tickets, set_timers};
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::json;

impl Events for Desk {
    fn one(_call: &Call, subscription: &str, event: &Event) -> Result<()> {
        // The current state counts: events can be late or repeated.
        let id = event.document_id();
        match subscription {
            "tickets" => ticket(&id),
            "messages" => message(&id),
            "accounts" => account(&id),
            "calendars" => calendar(event),
            other => Err(Error::NotFound(other.to_owned())),
        }
    }
}

/// Reads a ticket with the account it belongs to.
///
/// # Errors
/// What the host says.
pub(crate) fn load_ticket(id: &str) -> Result<Option<Row<Ticket>>> {
    let with_account = json!({ "requester": { "fields": ["username"] } });
    Ok(data::find::<Ticket>().populate(with_account).by_ids(&[id])?.pop().flatten())
}

fn ticket(id: &str) -> Result<()> {
    let found = load_ticket(id)?;
    if let Some(ticket) = &found {
        link_account(ticket)?;
        tell_if_urgent(id, ticket)?;
    }
    set_timers(id, found.as_ref().map(|row| &row.fields))
}

/// Has the chat told of a ticket with the highest priority, once.
fn tell_if_urgent(id: &str, ticket: &Ticket) -> Result<()> {
    if ticket.priority != Priority::Urgent || ticket.stage == Stage::Solved {
        return Ok(());
    }
    once(&format!("urgent/{id}"), || chat::tell(id, Occasion::Urgent)).map(|_| ())
}

fn message(id: &str) -> Result<()> {
    let with_ticket = json!({ "ticket": { "fields": ["reference"] }, "file": true });
    let found = data::find::<Message>().populate(with_ticket).by_ids(&[id])?.pop().flatten();
    let Some((message, link)) = found.and_then(|message| message.ticket.clone().map(|link| (message, link))) else {
        return Ok(());
    };
    let at = Ticket::instant(message.at.as_deref()).unwrap_or_else(time::now);
    follow(id, &link.document_id, message.direction, at)?;
    match load_ticket(&link.document_id)? {
        Some(ticket) => mail_answer(&message, &ticket),
        None => Ok(()),
    }
}

fn account(id: &str) -> Result<()> {
    match data::find::<Account>().fields(Account::FIELDS).by_ids(&[id])?.pop().flatten() {
        Some(account) => link_old_tickets(&account),
        None => Ok(()),
    }
}

/// Plans open tickets again if their calendar changed: in a job, for there can be many of them.
fn calendar(event: &Event) -> Result<()> {
    #[derive(Deserialize)]
    struct Change {
        name: String,
    }
    #[derive(Deserialize)]
    struct EventData {
        data: Change,
    }
    if event.data::<EventData>()?.data.name != settings::<Settings>()?.calendar {
        return Ok(());
    }
    // Replanning jobs run one at a time, so the last one knows the calendar as it is.
    jobs::job(REPLAN_JOB).key(&event.id).lane(REPLAN_JOB).set(&json!({})).map(|_| ())
}
