//! Actions of the admin's views. Documents are read and written with no more permissions than the person has.

use crate::agents;
use crate::authors::Author;
use crate::calls;
use crate::messages::NewMessage;
use crate::model::{Direction, Stage, Ticket};
use crate::routes::check_text;
use crate::stages::move_to;
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use cairn_plugin::{ActionRequest, ActionResult, run_transaction};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Does what a button asks.
///
/// # Errors
/// What the person is told.
pub(crate) fn act(call: &Call, request: &ActionRequest) -> Result<ActionResult> {
    let notice = match (request.view.as_str(), request.action.as_str()) {
        ("board", "move") => move_card(call, request)?,
        ("conversation", "answer") => write(call, request, Direction::Out)?,
        ("conversation", "note") => write(call, request, Direction::Note)?,
        ("conversation", "plan-call") => {
            calls::plan(call, &ticket_of(request)?.document_id, &request.values()?)?;
            "callPlanned"
        }
        ("conversation", "cancel-call") => match calls::cancel(call, &ticket_of(request)?.document_id)? {
            true => "callCancelled",
            false => "noCall",
        },
        ("agents", "add") => add_agent(call, request)?,
        ("agents", "remove") => {
            agents::remove(document_of(request)?)?;
            "agentRemoved"
        }
        (_, other) => return Err(Error::NotFound(other.to_owned())),
    };
    Ok(ActionResult::notice(translate(&format!("notice.{notice}"), &call.locale, None)))
}

/// The document that an action is for.
fn document_of(request: &ActionRequest) -> Result<&str> {
    match &request.document {
        Some(document) => Ok(&document.document_id),
        None => Err(Error::NotFound(String::new())),
    }
}

/// The ticket that an action is for, if the person may read it.
fn ticket_of(request: &ActionRequest) -> Result<Row<Ticket>> {
    let id = document_of(request)?;
    let found = data::find::<Ticket>().as_caller().by_ids(&[id])?.pop().flatten();
    found.ok_or_else(|| Error::NotFound(id.to_owned()))
}

/// Values of a move on the board.
#[derive(Debug, Deserialize)]
struct Move {
    to: Option<Stage>,
    order: Option<String>,
    version: Option<u64>,
    reason: Option<String>,
}

/// Stores a move, unless somebody else has changed the ticket since the person saw it. What nobody has answered is solved only with a reason, which
/// becomes a note.
fn move_card(call: &Call, request: &ActionRequest) -> Result<&'static str> {
    let (wish, ticket): (Move, _) = (request.values()?, ticket_of(request)?);
    let to = wish.to.unwrap_or(ticket.stage);
    let reason = wish.reason.unwrap_or_default();
    let needs_reason = to == Stage::Solved && ticket.stage != Stage::Solved && ticket.first_answered_at.is_none();
    if needs_reason && reason.trim().is_empty() {
        let message = translate("problem.reason.missing", &call.locale, None);
        return Err(Error::field("reason", "missing", message));
    }
    let mut fields: Map<String, Value> = move_to(ticket.stage, to, time::now());
    if let Some(order) = wish.order {
        fields.insert("rank".to_owned(), json!(order));
    }
    let id = ticket.document_id.as_str();
    run_transaction(|| {
        let batch = Batch::new().as_caller();
        match wish.version {
            Some(version) => batch.update_at::<Ticket>(id, version, &fields)?.write()?,
            None => batch.update::<Ticket>(id, &fields)?.write()?,
        };
        if reason.trim().is_empty() {
            return Ok(());
        }
        let author = Author::of(&call.actor);
        NewMessage { ticket: id, direction: Direction::Note, author, text: reason.trim(), file: None, as_caller: true }
            .store()
    })?;
    Ok("moved")
}

fn write(call: &Call, request: &ActionRequest, direction: Direction) -> Result<&'static str> {
    #[derive(Deserialize)]
    struct Written {
        text: String,
    }
    let ticket = ticket_of(request)?;
    let text = check_text(call, &request.values::<Written>()?.text)?;
    let author = Author::of(&call.actor);
    NewMessage { ticket: &ticket.document_id, direction, author, text: &text, file: None, as_caller: true }.store()?;
    Ok(if direction == Direction::Out { "answered" } else { "noted" })
}

fn add_agent(call: &Call, request: &ActionRequest) -> Result<&'static str> {
    #[derive(Deserialize)]
    struct Chosen {
        user: String,
        group: Option<String>,
    }
    let chosen: Chosen = request.values()?;
    agents::add(call, &chosen.user, chosen.group.as_deref())?;
    Ok("agentAdded")
}
