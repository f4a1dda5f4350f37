//! One person's data: the tickets that they asked, with all messages, and what they wrote in other tickets. A ticket stays without a name and a text,
//! so that the numbers of a month do not change.

use crate::Desk;
use crate::authors::{admin_key, user_key};
use crate::model::{Message, Stage, Ticket};
use crate::stages::move_to;
use cairn_plugin::data::{AllFields, Batch};
use cairn_plugin::prelude::*;
use cairn_plugin::{DocumentRef, ErasureStep, FileId, KindCursor, KindReport, Person, Privacy, ReportPage};
use serde_json::{Map, Value, json};

/// Documents of a step.
const STEP_SIZE: u32 = 100;
/// Contents of a report: tickets, their messages, and what the person wrote in others; without the address of the agent of a call.
const REPORT: KindReport<'static> =
    KindReport { kinds: 3, left_out: &["requestKey", "authorKey", "rank", "version", "callSequence", "callWith"] };

impl Privacy for Desk {
    type Cursor = KindCursor;

    fn report(_call: &Call, person: &Person, cursor: Option<KindCursor>) -> Result<ReportPage> {
        let cursor = cursor.unwrap_or_default();
        match cursor.kind {
            0 => REPORT.list::<Ticket>("ticket", "reference", filter_tickets(person), &cursor),
            1 => REPORT.list::<Message>("message", "at", json!({ "ticket": filter_tickets(person) }), &cursor),
            _ => REPORT.list::<Message>("written", "at", filter_written_elsewhere(person), &cursor),
        }
    }

    fn erase(_call: &Call, person: &Person, cursor: Option<KindCursor>) -> Result<ErasureStep> {
        let (mut erased, files) = delete_messages(person)?;
        if erased.is_empty() {
            erased = anonymise_tickets(person)?;
        }
        if erased.is_empty() {
            erased = anonymise_messages(person)?;
        }
        if erased.is_empty() {
            erased = leave_calls(person)?;
        }
        // Erased data is not found again, so the last step finds nothing.
        let next = (!erased.is_empty()).then(|| cursor.unwrap_or_default());
        Ok(ErasureStep::new(erased, Vec::new(), next.as_ref())?.with_files(files))
    }
}

/// The tickets of a person: by their address, and by their account.
fn filter_tickets(person: &Person) -> Value {
    let by_address = json!({ "requesterEmail": { "$eqi": person.email } });
    match &person.user {
        Some(user) => json!({ "$or": [by_address, { "requester": { "documentId": { "$eq": user } } }] }),
        None => by_address,
    }
}

/// Messages that a person has written, as an agent or in the admin.
fn filter_written(person: &Person) -> Value {
    let user = person.user.iter().map(|id| user_key(id));
    let keys: Vec<String> = user.chain(person.admin.iter().map(|id| admin_key(id))).collect();
    match keys.is_empty() {
        true => json!({ "documentId": { "$null": true } }),
        false => json!({ "authorKey": { "$in": keys } }),
    }
}

/// The same without messages of their own tickets, which are reported with these.
fn filter_written_elsewhere(person: &Person) -> Value {
    let by_address = json!({ "$or": [
        { "ticket": { "requesterEmail": { "$nei": person.email } } },
        { "ticket": { "requesterEmail": { "$null": true } } },
    ] });
    let own_account = person.user.as_ref().map(|user| {
        json!({ "$or": [
            { "ticket": { "requester": { "documentId": { "$ne": user } } } },
            { "ticket": { "requester": { "documentId": { "$null": true } } } },
        ] })
    });
    let conditions: Vec<Value> = [filter_written(person), by_address].into_iter().chain(own_account).collect();
    json!({ "$and": conditions })
}

fn reference<T: Document>(id: &str) -> DocumentRef {
    DocumentRef { content_type: T::TYPE.to_owned(), document_id: id.to_owned(), locale: None }
}

/// Deletes some messages of the person's tickets, and names their files; nothing where none is left.
fn delete_messages(person: &Person) -> Result<(Vec<DocumentRef>, Vec<FileId>)> {
    let filter = json!({ "ticket": filter_tickets(person) });
    let found = data::find::<Message>().filter(filter).populate(json!({ "file": true })).all(STEP_SIZE)?;
    let batch = found.iter().fold(Batch::new(), |batch, row| batch.delete::<Message>(&row.document_id));
    batch.write()?;
    let files = found.iter().filter_map(|row| row.file.as_ref()).map(|file| file.document_id.clone()).collect();
    Ok((found.iter().map(|row| reference::<Message>(&row.document_id)).collect(), files))
}

/// Takes everything about the person from some of their tickets, and solves them.
fn anonymise_tickets(person: &Person) -> Result<Vec<DocumentRef>> {
    let found = data::find::<Ticket>().filter(filter_tickets(person)).all(STEP_SIZE)?;
    let now = time::now();
    let batch = found.iter().try_fold(Batch::new(), |batch, ticket| {
        batch.update::<Ticket>(&ticket.document_id, &describe_erased(ticket, now))
    });
    batch?.write()?;
    Ok(found.iter().map(|ticket| reference::<Ticket>(&ticket.document_id)).collect())
}

/// The fields of a ticket that says nothing about anybody.
fn describe_erased(ticket: &Row<Ticket>, now: Instant) -> Map<String, Value> {
    let mut fields = move_to(ticket.stage, Stage::Solved, now);
    fields.insert("subject".to_owned(), json!("—"));
    for name in [
        "body",
        "requesterName",
        "requesterEmail",
        "requester",
        "aboutType",
        "aboutId",
        "aboutTitle",
        "origin",
        "requestKey",
        "callAt",
        "callMinutes",
        "callZone",
        "callWith",
    ] {
        fields.insert(name.to_owned(), Value::Null);
    }
    fields
}

/// Takes the name of the person from some of what they wrote in tickets of others.
fn anonymise_messages(person: &Person) -> Result<Vec<DocumentRef>> {
    let found =
        data::find::<AllFields<Message>>().filter(filter_written(person)).fields(&["direction"]).all(STEP_SIZE)?;
    let nameless = json!({ "author": null, "authorKey": null });
    let batch = found.iter().try_fold(Batch::new(), |batch, row| batch.update::<Message>(&row.document_id, &nameless));
    batch?.write()?;
    Ok(found.iter().map(|row| reference::<Message>(&row.document_id)).collect())
}

/// Takes the person from some calls of others' tickets that they planned. Before version 1.2 tickets had their address.
fn leave_calls(person: &Person) -> Result<Vec<DocumentRef>> {
    let agent = person.admin.as_ref().map_or_else(|| person.email.clone(), |id| format!("admin:{id}"));
    let theirs = json!({ "$or": [{ "callWith": { "$eqi": person.email } }, { "callWith": { "$eq": agent } }] });
    let found = data::find::<Ticket>().filter(theirs).fields(&["reference"]).all(STEP_SIZE)?;
    let nobody = json!({ "callWith": null });
    let batch = found.iter().try_fold(Batch::new(), |batch, row| batch.update::<Ticket>(&row.document_id, &nobody));
    batch?.write()?;
    Ok(found.iter().map(|row| reference::<Ticket>(&row.document_id)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(user: Option<&str>, admin: Option<&str>) -> Person {
        Person { email: "ann@example.com".into(), user: user.map(Into::into), admin: admin.map(Into::into) }
    }

    #[test]
    fn a_person_without_an_account_has_written_nothing() {
        assert_eq!(filter_written(&person(None, None)), json!({ "documentId": { "$null": true } }));
        assert_eq!(
            filter_written(&person(Some("u"), Some("7"))),
            json!({ "authorKey": { "$in": ["user:u", "admin:7"] } })
        );
    }

    #[test]
    fn an_erased_ticket_says_nothing_but_that_there_was_one() {
        let ticket = Ticket { stage: Stage::Open, subject: "Secret".into(), ..Ticket::default() };
        let row = Row { document_id: "t".into(), version: None, locale: None, fields: ticket };
        let fields = describe_erased(&row, 0);
        let is_kept = |value: &Value| !value.is_null() && value != "—";
        let kept: Vec<&str> =
            fields.iter().filter(|(_, value)| is_kept(value)).map(|(name, _)| name.as_str()).collect();
        assert_eq!(kept, ["solvedAt", "stage"]);
    }
}
