//! Signature requests of other plugins and programs: each becomes an envelope, which is sent at once.
//!
//! Whoever requests creates a document of the type `request`, in their own transaction. A job of this plugin does the rest, so a request that is
//! stored while the plugin is off is fulfilled when it is on again. What the job does can be repeated at any place.

use crate::approval::ask_for_approval;
use crate::audit::clean_text;
use crate::document_fields::place_document_fields;
use crate::draft_check::{MAX_RECIPIENTS, is_same_person};
use crate::draft_forms::RecipientForm;
use crate::drafts::{Editor, delete_parts, find_recipient_problems, save_fields};
use crate::envelope_state::EnvelopeStatus;
use crate::envelopes::{find_envelope, require_envelope};
use crate::model::{Envelope, Link, Recipient, Request, RequestStatus};
use crate::person::Person;
use crate::request_form::{RequestedField, find_field_without_signer, list_signers};
use crate::request_job::{RequestTask, find_pending};
use crate::seal_check::{NO_KEY, tell_missing_key};
use crate::sending::{Sender, send_envelope};
use crate::settings::Settings;
use cairn_contact_details::email::normalise_email;
use cairn_plugin::data::{NewDocument, create_with_ids, new_id};
use cairn_plugin::prelude::*;
use cairn_plugin::{Authority, error, events, mail, run_transaction, warn};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// Attempts after which the requester is told: as many as the manifest gives the job.
const ATTEMPTS: u32 = 12;
/// Time until a request is tried again that waits for a key to seal with.
const KEY_WAIT: Duration = Duration::from_secs(10 * 60);
/// Longest problem that is stored, in characters.
const MAX_PROBLEM: usize = 500;
/// Fields that whoever requests may write.
const REQUEST_FIELDS: [&str; 16] = [
    "reference",
    "title",
    "message",
    "language",
    "document",
    "recipients",
    "fields",
    "marks",
    "kind",
    "amount",
    "template",
    "owner",
    "ownerName",
    "requestedBy",
    "senderName",
    "senderEmail",
];

/// Decides about a request that somebody writes: it can be made and, once it has failed, deleted. Nobody changes what was asked for.
///
/// # Errors
/// What the host says.
pub(crate) fn decide_request(call: &Call, change: &Change) -> Result<Decision> {
    let conflict = || Ok(Decision::conflict("state", translate("conflict.requestStays", &call.locale, None)));
    let before: Option<Request> = change.before()?;
    match change.action {
        Action::Delete if before.as_ref().is_none_or(|request| request.status == RequestStatus::Failed) => {
            return Ok(Decision::Allow);
        }
        Action::Update if change.changed.is_empty() => return Ok(Decision::Allow),
        Action::Create => {}
        _ => return conflict(),
    }
    let locale = call.locale.as_str();
    let limits = json!({ "recipients": MAX_RECIPIENTS });
    let refuse = |field: &str, code: &str, key: &str| {
        Ok(Decision::refuse_field(field, code, translate(&format!("refused.{key}"), locale, Some(&limits))))
    };
    let fields: Map<String, Value> = change.after()?.unwrap_or_default();
    let is_default = |field: &str| match fields.get(field) {
        None | Some(Value::Null) => true,
        Some(value) => field == "status" && *value == json!("pending"),
    };
    let is_kept = |field: &&String| !REQUEST_FIELDS.contains(&field.as_str()) && !is_default(field);
    if let Some(kept) = change.changed.iter().find(is_kept) {
        return refuse(kept, "kept", "kept");
    }
    if fields.get("document").is_none_or(Value::is_null) && !change.touches("document") {
        return refuse("document", "missing", "document.missing");
    }
    let form = |field: &str| fields.get(field).filter(|value| !value.is_null()).cloned().unwrap_or(json!([]));
    let Ok(recipients) = serde_json::from_value::<Vec<RecipientForm>>(form("recipients")) else {
        return refuse("recipients", "recipients", "request.recipients");
    };
    let Ok(placed) = serde_json::from_value::<Vec<RequestedField>>(form("fields")) else {
        return refuse("fields", "fields", "request.fields");
    };
    let problems = find_recipient_problems(&recipients, locale);
    if !problems.is_empty() {
        return Ok(Decision::Refuse(problems));
    }
    let signers = list_signers(&recipients).len();
    if signers == 0 || recipients.len() > MAX_RECIPIENTS {
        return refuse("recipients", "recipients", "request.recipients");
    }
    match find_field_without_signer(&placed, signers) {
        Some(n) => refuse(&format!("fields[{n}].signer"), "signer", "request.signer"),
        None => {
            let mut amended = json!({ "addresses": list_addresses(&recipients) });
            // Programs say for whom they ask; a person always asks in their own name.
            if let Some(person) = Person::of(call) {
                amended["requestedBy"] = json!(person.id);
            }
            Decision::amend(&amended)
        }
    }
}

/// The addresses of a request's recipients in the form in which they are looked for: each between bars.
pub(crate) fn list_addresses(recipients: &[RecipientForm]) -> String {
    let addresses: BTreeSet<String> = recipients.iter().map(|to| normalise_email(&to.email)).collect();
    format!("|{}|", addresses.into_iter().collect::<Vec<_>>().join("|"))
}

/// A request with its document and envelope. `lock`: held until the transaction ends.
///
/// # Errors
/// What the host says.
pub(crate) fn find_request(id: &str, lock: bool) -> Result<Option<Row<Request>>> {
    let populate = json!({ "document": true, "envelope": { "fields": ["createdAt"] } });
    let query = data::find::<Request>().populate(populate);
    Ok(if lock { query.lock() } else { query }.by_ids(&[id])?.pop().flatten())
}

/// Fulfils a request. What keeps it from becoming an envelope is noted with it, and whoever requested it hears of it.
///
/// # Errors
/// What another attempt may cure.
pub(crate) fn run_request(call: &Call, task: &Task) -> Result<Outcome> {
    let id = task.payload::<RequestTask>()?.request;
    let is_pending = |request: &Row<Request>| request.status == RequestStatus::Pending;
    let Some(request) = find_request(&id, false)?.filter(is_pending) else { return Ok(Outcome::DONE) };
    let settings = Settings::load()?;
    match fulfil(&request, &settings) {
        Ok(()) => Ok(Outcome::DONE),
        // A missing key is for the operator to add: the request waits as long as it takes.
        Err(Error::Conflict(conflict)) if conflict.kind == NO_KEY => {
            note_missing_key(&id, &conflict.message, &settings)?;
            Outcome::again(&(), KEY_WAIT)
        }
        Err(error) if call.attempt < ATTEMPTS && is_passing(&error) => Err(error),
        Err(error) => {
            error!(request = &id; "a request did not become an envelope: {}", error.describe());
            fail(&id, &error, &settings)?;
            Ok(Outcome::DONE)
        }
    }
}

/// Notes that a request waits for a key to seal with, and tells those who can import one.
fn note_missing_key(id: &str, problem: &str, settings: &Settings) -> Result<()> {
    run_transaction(|| {
        let Some(request) = find_request(id, true)?.filter(|request| request.status == RequestStatus::Pending) else {
            return Ok(());
        };
        let problem = clean_text(problem, MAX_PROBLEM);
        // Told once; from then on the daily check tells it.
        if request.seal_problem.as_deref() != Some(problem.as_str()) {
            data::update::<Request>(id, &json!({ "sealProblem": problem }))?;
            tell_missing_key(&problem, settings);
        }
        Ok(())
    })
}

/// True if another attempt may end otherwise.
const fn is_passing(error: &Error) -> bool {
    matches!(error, Error::Unavailable(_) | Error::Exhausted(_) | Error::Internal(_) | Error::Conflict(_))
}

fn fulfil(request: &Row<Request>, settings: &Settings) -> Result<()> {
    let language = request.language.as_deref().unwrap_or(&settings.language);
    let id = draft_envelope(&request.document_id)?;
    let envelope = require_envelope(&id)?;
    // Sent by an attempt that was cut off, or by somebody who found the draft.
    if envelope.status == EnvelopeStatus::Draft {
        let actor = format!("request {}", request.reference);
        // The fields of a draft that was submitted for approval stay; before that, an attempt that was cut off is repeated as a whole.
        let is_shown = envelope.approval_asked_at.is_some() || envelope.audit_count > 0;
        if !is_shown || envelope.form_fields.is_empty() {
            place_fields(request, &id, Editor { actor: &actor, locale: language }, settings)?;
        }
        if !envelope.required_approver(settings).is_empty() && envelope.approval_digest.is_none() {
            if envelope.approval_asked_at.is_none() {
                ask_for_approval(&id, &name_sender(request, settings), language)?;
            }
            // The approval sends the envelope; until then the request waits for it, and no longer for a key.
            return clear_seal_problem(request);
        }
        let name = name_sender(request, settings);
        send_envelope(&id, &Sender { id: request.owner.clone(), name, actor }, language)?;
    }
    let sent = json!({ "status": RequestStatus::Sent, "sealProblem": null });
    data::update::<Request>(&request.document_id, &sent).map(|_| ())
}

/// Removes the note that a request waits for a key to seal with.
fn clear_seal_problem(request: &Row<Request>) -> Result<()> {
    match request.seal_problem {
        Some(_) => data::update::<Request>(&request.document_id, &json!({ "sealProblem": null })).map(|_| ()),
        None => Ok(()),
    }
}

/// In whose name a request is sent.
fn name_sender(request: &Request, settings: &Settings) -> String {
    match request.sender_name.trim() {
        "" => settings.company(),
        name => name.to_owned(),
    }
}

/// The draft of a request, made once.
fn draft_envelope(request: &str) -> Result<String> {
    run_transaction(|| {
        let request = find_request(request, true)?.ok_or_else(|| Error::NotFound(request.to_owned()))?;
        if let Some(known) = &request.envelope {
            return Ok(known.document_id.clone());
        }
        let document = request.document.as_ref().map(|file| json!({ "documentId": file.document_id }));
        let envelope = json!({
            "title": request.title, "message": request.message, "language": request.language, "document": document,
            "reference": request.reference, "owner": request.owner, "ownerName": request.owner_name,
            "requestedBy": request.requested_by, "senderEmail": request.sender_email,
            "kind": request.facts.kind, "amount": request.facts.amount, "template": request.facts.template,
        });
        let id = new_id();
        let mut new = vec![NewDocument::new::<Envelope>(&id, &envelope)?];
        for to in &request.recipients {
            new.push(NewDocument::new::<Recipient>(&new_id(), &to.values(&id))?);
        }
        create_with_ids(new, Authority::Plugin)?;
        data::update::<Request>(&request.document_id, &json!({ "envelope": { "set": [id] } }))?;
        Ok(id)
    })
}

/// Places the fields that the request names; without any, those of its document. Whoever looks after the request hears of fields for signers that
/// it does not have.
fn place_fields(request: &Row<Request>, id: &str, by: Editor<'_>, settings: &Settings) -> Result<()> {
    let envelope = require_envelope(id)?;
    let find = |to: &RecipientForm| {
        let is_same = |row: &&Row<Recipient>| {
            row.group == to.group.unwrap_or(1) && is_same_person((&row.name, &row.email), (&to.name, &to.email))
        };
        envelope.recipients.iter().find(is_same).map(|row| row.document_id.clone()).unwrap_or_default()
    };
    let signers: Vec<String> = list_signers(&request.recipients).into_iter().map(find).collect();
    if request.form_fields.is_empty() {
        let unknown = place_document_fields(&envelope, &signers, request.marks, by)?;
        return if unknown.is_empty() { Ok(()) } else { report_unknown_signers(request, &unknown, settings) };
    }
    let form = |field: &RequestedField| {
        let signer = field.signer.checked_sub(1).and_then(|n| signers.get(n));
        field.to_form(signer.map_or("", String::as_str))
    };
    let forms: Vec<_> = request.form_fields.iter().map(form).collect();
    save_fields(id, &forms, by)
}

/// Notes that the document has fields for signers that the request does not have, and tells whoever looks after it. They are left out.
fn report_unknown_signers(request: &Row<Request>, numbers: &[usize], settings: &Settings) -> Result<()> {
    let numbers = numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    let problem = translate("problem.unknownSigners", &settings.language, Some(&json!({ "numbers": numbers })));
    data::update::<Request>(&request.document_id, &json!({ "problem": clean_text(&problem, MAX_PROBLEM) }))?;
    tell_owner(request, "fieldsLeftOut", &problem, settings);
    Ok(())
}

/// Ends a request that cannot be fulfilled. The draft goes.
fn fail(id: &str, problem: &Error, settings: &Settings) -> Result<()> {
    let reason = clean_text(&describe_problem(problem, settings), MAX_PROBLEM);
    run_transaction(|| {
        let Some(request) = find_request(id, true)?.filter(|request| request.status == RequestStatus::Pending) else {
            return Ok(());
        };
        if let Some(Link { document_id }) = &request.envelope
            && find_envelope(document_id)?.is_some_and(|envelope| envelope.status == EnvelopeStatus::Draft)
        {
            delete_parts(document_id)?;
            data::delete::<Envelope>(document_id)?;
        }
        note_failure(&request, &reason, settings)
    })
}

/// Notes that a request cannot be fulfilled, and tells whoever asked and who looks after it. In the open transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn note_failure(request: &Row<Request>, reason: &str, settings: &Settings) -> Result<()> {
    let id = &request.document_id;
    let failed = json!({ "status": RequestStatus::Failed, "problem": reason, "sealProblem": null });
    data::update::<Request>(id, &failed)?;
    tell_owner(request, "requestFailed", reason, settings);
    let data = json!({ "request": id, "reference": request.reference, "title": request.title, "reason": reason });
    events::publish("esign.request.failed", id, &data)
}

/// Ends the request that a draft was made for: somebody deletes the draft. In the open transaction; nothing where no request made it.
///
/// # Errors
/// What the host says.
pub(crate) fn fail_request_of_draft(envelope: &str, deleted_by: &str) -> Result<()> {
    let Some(found) = find_pending(envelope)? else { return Ok(()) };
    let is_pending = |request: &Row<Request>| request.status == RequestStatus::Pending;
    let Some(request) = find_request(&found, true)?.filter(is_pending) else { return Ok(()) };
    let settings = Settings::load()?;
    let about = json!({ "name": deleted_by });
    let reason = translate("problem.draftDeleted", &settings.language, Some(&about));
    note_failure(&request, &clean_text(&reason, MAX_PROBLEM), &settings)
}

fn describe_problem(problem: &Error, settings: &Settings) -> String {
    match problem {
        Error::Invalid(fields) => fields.iter().map(|field| field.message.as_str()).collect::<Vec<_>>().join(" "),
        Error::Unavailable(_) => translate("problem.unavailable", &settings.language, None),
        Error::Conflict(conflict) => conflict.message.clone(),
        other => other.describe(),
    }
}

fn tell_owner(request: &Row<Request>, notice: &str, reason: &str, settings: &Settings) {
    if request.owner.is_empty() {
        return;
    }
    let arguments = json!({ "title": clean_text(&request.title, 100), "detail": clean_text(reason, 300) });
    let text = |part: &str| translate(&format!("notice.{notice}.{part}"), &settings.language, Some(&arguments));
    let link = format!("/admin/content/{}/{}", Request::TYPE, request.document_id);
    let key = format!("request/{}/{notice}", request.document_id);
    match mail::notify(&key, &[&request.owner], &text("title"), &text("text"), Some(&link)) {
        Ok(()) | Err(Error::Denied(_)) => {}
        Err(error) => warn!(request = &request.document_id; "nobody could be told: {}", error.describe()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_one_by_one() {
        let recipients: Vec<RecipientForm> = serde_json::from_value(json!([
            { "name": "Bob", "email": " Bob@Example.com" }, { "name": "Ann", "email": "ann@example.com" }, { "name": "A", "email": "ann@example.com" },
        ]))
        .unwrap();
        assert_eq!(list_addresses(&recipients), "|ann@example.com|bob@example.com|");
    }

    #[test]
    fn what_no_attempt_cures_is_told_at_once() {
        assert!(is_passing(&Error::Unavailable(None)) && is_passing(&Error::Exhausted("transaction-time".into())));
        assert!(
            !is_passing(&Error::field("document", "none", "no marks")) && !is_passing(&Error::Denied(String::new()))
        );
    }
}
