//! The jobs: the timers of a ticket, and messages to the chat. The work of each is a function of one task.

use crate::Desk;
use crate::chat::{self, CHAT_JOB, Occasion};
use crate::deadlines::{Step, Timers};
use crate::model::{Settings, Stage, Ticket};
use crate::stages::move_to;
use crate::tickets::{CLOSE_JOB, OVERDUE_JOB, REPLAN_JOB, admin_path, replan_answers, set_timers};
use cairn_plugin::prelude::*;
use cairn_plugin::{run_transaction, warn};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

impl Jobs for Desk {
    fn run(call: &Call, task: &Task) -> Result<Outcome> {
        // Chat jobs send a request, which is not allowed in a transaction.
        if task.name == CHAT_JOB {
            return chat::post(call, task);
        }
        run_transaction(|| run_task(call, task))
    }
}

impl BatchJobs for Desk {
    fn run_many(call: &Call, tasks: &[Task]) -> Vec<Outcome> {
        tasks.iter().map(|task| Outcome::of(run_task(call, task))).collect()
    }
}

/// Runs one timer, in a transaction: its own, or that of a batch.
fn run_task(call: &Call, task: &Task) -> Result<Outcome> {
    match task.name.as_str() {
        OVERDUE_JOB => mark_overdue(call, task),
        CLOSE_JOB => close_waiting(task),
        REPLAN_JOB => replan_tickets(task),
        other => Ok(Outcome::Dead(format!("no such job: {other}"))),
    }
}

/// Marks one ticket that nobody has answered in time, and tells the desk. In a transaction.
fn mark_overdue(call: &Call, task: &Task) -> Result<Outcome> {
    let Some((id, ticket, settings)) = load(task)? else { return Ok(Outcome::DONE) };
    match Step::of(Timers::of(&ticket, settings.close_after_days).overdue, time::now()) {
        Step::Now => {
            data::update::<Ticket>(&id, &json!({ "overdueAt": time::format(time::now()) }))?;
            notify_overdue(call, &id, &ticket, &settings)?;
            chat::tell(&id, Occasion::Overdue)?;
        }
        Step::At(_) => set_timers(&id, Some(&ticket))?,
        Step::Never => {}
    }
    Ok(Outcome::DONE)
}

/// Solves one ticket whose requester has not replied. In a transaction.
fn close_waiting(task: &Task) -> Result<Outcome> {
    let Some((id, ticket, settings)) = load(task)? else { return Ok(Outcome::DONE) };
    let now = time::now();
    match Step::of(Timers::of(&ticket, settings.close_after_days).close, now) {
        Step::Now => {
            data::update::<Ticket>(&id, &move_to(ticket.stage, Stage::Solved, now))?;
        }
        Step::At(_) => set_timers(&id, Some(&ticket))?,
        Step::Never => {}
    }
    Ok(Outcome::DONE)
}

/// Plans the next of the open tickets again. In a transaction.
fn replan_tickets(task: &Task) -> Result<Outcome> {
    match replan_answers(&settings()?, task.checkpoint()?)? {
        Some(cursor) => Outcome::again(&cursor, Duration::ZERO),
        None => Ok(Outcome::DONE),
    }
}

/// The ticket of a task, which nobody changes before the transaction ends; none where it was deleted.
fn load(task: &Task) -> Result<Option<(String, Row<Ticket>, Settings)>> {
    #[derive(Deserialize)]
    struct Payload {
        ticket: String,
    }
    let id = task.payload::<Payload>()?.ticket;
    let Some(ticket) = data::find::<Ticket>().lock().by_ids(&[&id])?.pop().flatten() else { return Ok(None) };
    Ok(Some((id, ticket, settings()?)))
}

fn notify_overdue(call: &Call, id: &str, ticket: &Ticket, settings: &Settings) -> Result<()> {
    let recipients: Vec<&str> = settings.notify.iter().map(String::as_str).collect();
    if recipients.is_empty() {
        return Ok(());
    }
    let arguments = json!({ "reference": ticket.reference, "subject": ticket.subject });
    let text = |part: &str| translate(&format!("overdue.{part}"), &call.locale, Some(&arguments));
    // Once for each deadline.
    let key = format!("overdue/{id}/{}", ticket.due_at.as_deref().unwrap_or_default());
    match mail::notify(&key, &recipients, &text("title"), &text("text"), Some(&admin_path(id))) {
        // A recipient who no longer exists does not keep the ticket from being marked.
        Err(error @ (Error::Invalid(_) | Error::Denied(_) | Error::NotFound(_))) => {
            warn!(ticket = id; "nobody was told that it is overdue: {}", error.describe());
            Ok(())
        }
        result => result,
    }
}
