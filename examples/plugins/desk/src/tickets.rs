//! Tickets: how one begins, whose it is, and its timers.

use crate::agents::group_name;
use crate::deadlines::{Timers, plan_first_answer, replan};
use crate::intake::Form;
use crate::model::{Account, PlannedTicket, Priority, Settings, Stage, Ticket};
use crate::references::create_reference;
use crate::subjects::Subject;
use cairn_plugin::data::Batch;
use cairn_plugin::jobs::timer;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde_json::{Value, json};

/// Job that marks one ticket as overdue; its key is the ticket's id.
pub(crate) const OVERDUE_JOB: &str = "overdue";
/// Job that solves one ticket that waits; its key is the ticket's id.
pub(crate) const CLOSE_JOB: &str = "close";
/// Job that plans the first answers again by a calendar that changed.
pub(crate) const REPLAN_JOB: &str = "replan";
/// Tickets that one slice of that job looks at.
const MAX_REPLANNED: u32 = 200;
/// Tickets that an account gets at once; the others follow with its next change.
const MAX_OLD_TICKETS: u32 = 500;

/// Path of a ticket in the admin.
pub(crate) fn admin_path(id: &str) -> String {
    format!("/admin/content/{}/{id}", Ticket::TYPE)
}

/// Fields of every new ticket that nobody enters.
///
/// # Errors
/// What the host says.
pub(crate) fn plan_new(settings: &Settings, priority: Priority) -> Result<Value> {
    let due_at = time::format(plan_first_answer(settings, priority, time::now())?);
    Ok(json!({
        "reference": create_reference(), "dueAt": due_at, "plannedDueAt": due_at, "overdueAt": null, "firstAnsweredAt": null,
        "answerMinutes": null,
    }))
}

/// Group that new tickets are assigned to.
pub(crate) fn first_group(settings: &Settings) -> Option<String> {
    settings.groups.first().map(|name| group_name(name))
}

/// Stores a form as a ticket and returns its reference, and whether it is new: a form that was stored before is not stored again.
///
/// # Errors
/// What the host says; `Invalid` with the names of the form's fields.
pub(crate) fn create(form: &Form, language: &str, origin: &str, about: Option<&Subject>) -> Result<(String, bool)> {
    let settings: Settings = settings()?;
    let key = form.find_key();
    let mut fields = plan_new(&settings, Priority::Normal)?;
    let entered = json!({
        "subject": form.subject, "body": form.message, "requesterName": form.name, "requesterEmail": form.email,
        "language": language, "stage": Stage::New, "priority": Priority::Normal, "assignedGroup": first_group(&settings),
        "aboutType": about.map(|about| &about.content_type), "aboutId": about.map(|about| &about.id),
        "aboutTitle": about.map(|about| &about.title), "origin": origin, "requestKey": key,
    });
    if let (Some(fields), Value::Object(entered)) = (fields.as_object_mut(), entered) {
        fields.extend(entered);
    }
    let reference = fields["reference"].as_str().unwrap_or_default().to_owned();
    let stored = run_transaction(|| {
        if let Some(key) = &key
            && let Some(known) = data::find::<Ticket>().filter(json!({ "requestKey": { "$eq": key } })).first()?
        {
            return Ok((known.reference.clone(), false));
        }
        data::create::<Ticket>(&fields)?;
        Ok((reference.clone(), true))
    });
    stored.map_err(name_form_fields)
}

/// The same error with the names that the form has for its fields.
fn name_form_fields(error: Error) -> Error {
    let Error::Invalid(mut problems) = error else { return error };
    for problem in &mut problems {
        let name = match problem.path.as_str() {
            "requesterName" => "name",
            "requesterEmail" => "email",
            "body" => "message",
            _ => continue,
        };
        problem.path = name.to_owned();
    }
    Error::Invalid(problems)
}

/// Sets the timers of a ticket, or cancels those that it does not need.
///
/// # Errors
/// What the host says.
pub(crate) fn set_timers(id: &str, ticket: Option<&Ticket>) -> Result<()> {
    let timers = match ticket {
        Some(ticket) => Timers::of(ticket, settings::<Settings>()?.close_after_days),
        None => Timers { overdue: None, close: None },
    };
    for (job, due) in [(OVERDUE_JOB, timers.overdue), (CLOSE_JOB, timers.close)] {
        match due {
            Some(due) => {
                timer(job).key(id).due(due).set(&json!({ "ticket": id }))?;
            }
            None => {
                jobs::cancel(job, id)?;
            }
        }
    }
    Ok(())
}

/// Plans the first answers of some open tickets again, and returns the cursor of the next ones. In a transaction; the timers follow as with
/// every change of a ticket.
///
/// # Errors
/// What the host says.
pub(crate) fn replan_answers(settings: &Settings, cursor: Option<String>) -> Result<Option<String>> {
    let unanswered = json!({
        "firstAnsweredAt": { "$null": true }, "overdueAt": { "$null": true }, "stage": { "$ne": Stage::Solved },
        "plannedDueAt": { "$notNull": true },
    });
    let page = data::find::<PlannedTicket>()
        .filter(unanswered)
        .fields(&["createdAt", "priority", "dueAt", "plannedDueAt"])
        .lock()
        .after(cursor, MAX_REPLANNED)?;
    let mut batch = Batch::new();
    for ticket in &page.rows {
        let times =
            [&ticket.created_at, &ticket.due_at, &ticket.planned_due_at].map(|at| Ticket::instant(at.as_deref()));
        let [Some(asked), Some(due), Some(planned)] = times else { continue };
        if let Some(due) = replan(due, planned, plan_first_answer(settings, ticket.priority, asked)?) {
            let due = time::format(due);
            batch = batch.update::<Ticket>(&ticket.document_id, &json!({ "dueAt": due, "plannedDueAt": due }))?;
        }
    }
    if !batch.is_empty() {
        batch.write()?;
    }
    Ok(page.next)
}

/// Gives a ticket to the account with its address, where there is one that has proved it.
///
/// # Errors
/// What the host says.
pub(crate) fn link_account(ticket: &Row<Ticket>) -> Result<()> {
    let (None, Some(email)) = (&ticket.requester, &ticket.requester_email) else { return Ok(()) };
    let account =
        data::find::<Account>().fields(Account::FIELDS).filter(json!({ "email": { "$eqi": email } })).first()?;
    match account.filter(|account| account.is_trusted()) {
        Some(account) => {
            data::update::<Ticket>(&ticket.document_id, &json!({ "requester": account.document_id })).map(|_| ())
        }
        None => Ok(()),
    }
}

/// Gives an account the tickets that were sent with its address before.
///
/// # Errors
/// What the host says.
pub(crate) fn link_old_tickets(account: &Row<Account>) -> Result<()> {
    let Some(email) = account.email.as_ref().filter(|_| account.is_trusted()) else { return Ok(()) };
    let unclaimed = json!({ "requesterEmail": { "$eqi": email }, "requester": { "documentId": { "$null": true } } });
    let tickets = data::find::<Ticket>().filter(unclaimed).fields(&["reference"]).all(MAX_OLD_TICKETS)?;
    let owner = json!({ "requester": account.document_id });
    let batch =
        tickets.iter().try_fold(Batch::new(), |batch, ticket| batch.update::<Ticket>(&ticket.document_id, &owner));
    batch?.write().map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_reads_of_the_fields_that_they_know() {
        let error = Error::field("requesterEmail", "email", "No address.");
        let Error::Invalid(problems) = name_form_fields(error) else { panic!("invalid") };
        assert_eq!(problems[0].path, "email");
        let Error::Invalid(problems) = name_form_fields(Error::field("subject", "max", "")) else { panic!("invalid") };
        assert_eq!(problems[0].path, "subject");
        assert_eq!(name_form_fields(Error::NotFound("x".into())), Error::NotFound("x".into()));
    }
}
