//! Parts of a vehicle as customers see them, and the queries that find them.

use crate::choices::decision::is_locked;
use crate::documents::own_signatures::OwnSignatures;
use crate::model::{Choice, ChoiceStatus, Payment, Rating, ServiceRecord, Signature, TimelineEntry, VehicleDocument};
use cairn_plugin::data::Find;
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

/// The link to the vehicle that a part belongs to.
fn with_vehicle(more: Value) -> Value {
    let mut populate = json!({ "vehicle": { "fields": ["title"] } });
    if let (Some(fields), Value::Object(more)) = (populate.as_object_mut(), more) {
        fields.extend(more);
    }
    populate
}

/// Entries that fit a filter, newest first, with their files.
pub(crate) fn list_entries_of(filter: Value) -> Find<TimelineEntry> {
    let populate = with_vehicle(json!({ "photos": true, "films": true }));
    data::find::<TimelineEntry>().filter(filter).populate(populate).sort("publishedAt:desc")
}

/// Documents that fit a filter, newest first, with their files.
pub(crate) fn list_documents_of(filter: Value) -> Find<VehicleDocument> {
    let populate = with_vehicle(json!({ "file": true }));
    data::find::<VehicleDocument>().filter(filter).populate(populate).sort("issuedOn:desc").sort("createdAt:desc")
}

/// Payments that fit a filter, the next first.
pub(crate) fn list_payments_of(filter: Value) -> Find<Payment> {
    data::find::<Payment>().filter(filter).populate(with_vehicle(json!({}))).sort("dueOn:asc")
}

/// Choices that fit a filter, the most urgent first, with their pictures.
pub(crate) fn list_choices_of(filter: Value) -> Find<Choice> {
    data::find::<Choice>().filter(filter).populate(with_vehicle(json!({ "picture": true }))).sort("deadline:asc")
}

/// Service records that fit a filter, newest first.
pub(crate) fn list_services_of(filter: Value) -> Find<ServiceRecord> {
    data::find::<ServiceRecord>().filter(filter).populate(with_vehicle(json!({}))).sort("servicedOn:desc")
}

/// Ratings that fit a filter.
pub(crate) fn list_ratings_of(filter: Value) -> Find<Rating> {
    data::find::<Rating>().filter(filter).populate(with_vehicle(json!({})))
}

/// A file as customers see it; null for none.
pub(crate) fn describe_file(file: &Value) -> Value {
    let known =
        ["documentId", "name", "alternativeText", "caption", "mime", "size", "width", "height", "url", "formats"];
    if file.is_null() {
        return Value::Null;
    }
    Value::Object(known.iter().map(|name| ((*name).to_owned(), file[*name].clone())).collect())
}

fn describe_files(files: &Value) -> Vec<Value> {
    files.as_array().into_iter().flatten().map(describe_file).collect()
}

/// A timeline entry as customers see it.
pub(crate) fn describe_entry(row: &Row<TimelineEntry>) -> Value {
    json!({
        "documentId": row.document_id, "step": row.step, "title": row.title, "body": row.body,
        "photos": describe_files(&row.photos), "films": describe_files(&row.films), "publishedAt": row.published_at,
    })
}

/// A document as a customer sees it. The envelope is named while they are to sign it, so that a site can have the link sent again; once they have,
/// and others have not or it is being sealed, `signature` is `completing`.
pub(crate) fn describe_document(row: &Row<VehicleDocument>, signed: &OwnSignatures) -> Value {
    let is_completing = signed.contain(row);
    let envelope = row.envelope.as_deref().filter(|_| row.signature == Some(Signature::Sent) && !is_completing);
    let signature = if is_completing { json!("completing") } else { json!(row.signature) };
    json!({
        "documentId": row.document_id, "kind": row.kind, "title": row.title, "number": row.number, "issuedOn": row.issued_on,
        "amount": row.amount, "file": describe_file(&row.file), "signature": signature, "signedAt": row.signed_at, "envelope": envelope,
    })
}

/// A payment as customers see it.
pub(crate) fn describe_payment(row: &Row<Payment>) -> Value {
    json!({
        "documentId": row.document_id, "title": row.title, "amount": row.amount, "dueOn": row.due_on, "paidOn": row.paid_on,
        "state": row.state,
    })
}

/// A choice as customers see it: locked from its deadline on, even before a job has noted that.
pub(crate) fn describe_choice(row: &Row<Choice>, now: Instant) -> Value {
    let status = if is_locked(row, now) { ChoiceStatus::Locked } else { row.status };
    json!({
        "documentId": row.document_id, "group": row.group, "title": row.title, "description": row.description,
        "options": row.options, "option": row.option, "note": row.note, "picture": describe_file(&row.picture),
        "status": status, "deadline": row.deadline, "confirmedAt": row.confirmed_at,
    })
}

/// A service record as customers see it.
pub(crate) fn describe_service(row: &Row<ServiceRecord>) -> Value {
    json!({
        "documentId": row.document_id, "title": row.title, "servicedOn": row.serviced_on, "mileage": row.mileage,
        "nextOn": row.next_on, "nextMileage": row.next_mileage,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_shown_without_what_is_not_for_customers() {
        let file = json!({ "documentId": "f", "url": "/u", "name": "a.pdf", "hash": "secret", "folder": 1 });
        let described = describe_file(&file);
        assert_eq!((&described["url"], described.get("hash"), described.get("folder")), (&json!("/u"), None, None));
        assert_eq!(describe_file(&Value::Null), Value::Null);
        assert!(describe_files(&Value::Null).is_empty());
    }

    #[test]
    fn a_choice_is_locked_from_its_deadline_on() {
        let row: Row<Choice> = serde_json::from_value(json!({
            "documentId": "c", "title": "Leather", "status": "confirmed", "deadline": "2026-06-01T12:00:00.000Z",
        }))
        .unwrap();
        let at = time::parse("2026-06-01T12:00:00.000Z").unwrap();
        assert_eq!(describe_choice(&row, at)["status"], "locked");
        assert_eq!(describe_choice(&row, at - 1)["status"], "confirmed");
    }

    #[test]
    fn an_envelope_is_named_only_while_it_is_to_be_signed() {
        let describe = |signature: &str| {
            let row = json!({ "documentId": "d", "kind": "contract", "title": "Contract", "envelope": "e", "signature": signature });
            let row: Row<VehicleDocument> = serde_json::from_value(row).unwrap();
            describe_document(&row, &OwnSignatures::default())["envelope"].clone()
        };
        assert_eq!(describe("sent"), "e");
        for over in ["signed", "declined", "expired", "withdrawn"] {
            assert_eq!(describe(over), Value::Null, "{over}");
        }
    }
}
