//! One person's data: the envelopes that somebody signs or gets a copy of, and the requests that they were made for. What was signed stays as
//! evidence, with its audit trail, which cannot lose an event; what nobody signed goes as a whole, and a draft loses its recipient. A request that
//! waits cannot be fulfilled without somebody who signs it or gets a copy: it fails, and goes with its draft. Who only gets a copy of the mails to
//! its sender is taken out of both.

use crate::Esign;
use crate::account_links::{delete_mailbox_proof, forget_signer};
use crate::deadlines::{EXPIRY_JOB, REMINDER_JOB};
use crate::draft_approval::end_approval;
use crate::envelope_state::EnvelopeStatus;
use crate::envelopes::require_envelope_locked;
use crate::model::{AuditEvent, Envelope, Field, Link, PagePicture, Recipient, ReplacedLink, Request, RequestStatus};
use crate::person::describe_actor;
use crate::request_job::start_request;
use crate::requests::{find_request, note_failure};
use crate::retention::{EnvelopeFate, decide_fate};
use crate::settings::Settings;
use cairn_contact_details::email::{list_variants, normalise_email};
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use cairn_plugin::{
    DocumentRef, ErasureStep, FileId, KindCursor, KindReport, Person, Privacy, ReportPage, RetainedRecord,
    run_transaction,
};
use serde_json::{Value, json};

/// Names of what stays, as keys of the texts.
const ENVELOPE: &str = "t:person.envelope";
const REQUEST: &str = "t:person.request";
/// Envelopes of a step: each has parts.
const STEP_SIZE: u32 = 5;
/// Parts of each kind of an envelope.
const MAX_PARTS: u32 = 1_000;
/// Contents of a report: five kinds of documents, without keys of links and handles of the host.
const REPORT: KindReport<'static> =
    KindReport { kinds: 5, left_out: &["tokenHash", "mail", "version", "previousHash", "hash", "addresses"] };
/// Requests, and then envelopes: the kinds of an erasure.
const ERASED_KINDS: usize = 2;

impl Privacy for Esign {
    type Cursor = KindCursor;

    fn report(_call: &Call, person: &Person, cursor: Option<KindCursor>) -> Result<ReportPage> {
        let (own, cursor) = (address_filter(&person.email), cursor.unwrap_or_default());
        match cursor.kind {
            0 => REPORT.list::<Envelope>("envelope", "title", json!({ "recipients": own }), &cursor),
            1 => REPORT.list::<Recipient>("recipient", "name", own, &cursor),
            2 => REPORT.list::<Field>("field", "label", json!({ "recipient": own }), &cursor),
            3 => REPORT.list::<Request>("request", "title", request_filter(&person.email), &cursor),
            // The events of theirs; those of others are about others.
            _ => {
                let is_actor = |email: &String| json!({ "actor": { "$endsWithi": format!("<{email}>") } });
                let actor = json!({ "$or": list_variants(&person.email).iter().map(is_actor).collect::<Vec<_>>() });
                REPORT.list::<AuditEvent>("event", "type", actor, &cursor)
            }
        }
    }

    fn erase(call: &Call, person: &Person, cursor: Option<KindCursor>) -> Result<ErasureStep> {
        let cursor = cursor.unwrap_or_default();
        delete_mailbox_proof(&person.email)?;
        let mut step = Step::default();
        let after = match cursor.kind {
            0 => step.take_requests(&person.email, cursor.after.clone(), &describe_actor(call))?,
            _ => step.take_envelopes(&person.email, cursor.after.clone())?,
        };
        std::mem::take(&mut step.batch).write()?;
        let next = cursor.next(after, ERASED_KINDS);
        Ok(ErasureStep::new(step.erased, step.retained, next.as_ref())?.with_files(step.files))
    }
}

/// Filter for requests that name the address of a person as a recipient, or as who gets a copy of the mails.
fn request_filter(email: &str) -> Value {
    let named = list_variants(email).into_iter().flat_map(|variant| {
        [
            json!({ "addresses": { "$containsi": format!("|{variant}|") } }),
            json!({ "senderEmail": { "$eqi": variant } }),
        ]
    });
    json!({ "$or": named.collect::<Vec<_>>() })
}

/// Filter for the address of a person, however it is spelled.
fn address_filter(email: &str) -> Value {
    let spelled: Vec<Value> =
        list_variants(email).iter().map(|variant| json!({ "email": { "$eqi": variant } })).collect();
    json!({ "$or": spelled })
}

fn is_same_address(left: &str, right: &str) -> bool {
    normalise_email(left) == normalise_email(right)
}

/// True if a person is a recipient of a request, not only who gets a copy of the mails.
fn names_recipient(request: &Request, email: &str) -> bool {
    request.recipients.iter().any(|to| is_same_address(&to.email, email))
}

/// Parts of an envelope that an erasure reads.
fn envelope_files() -> Value {
    json!({
        "document": true, "prepared": true, "sealed": true, "recipients": { "populate": { "signature": true } },
        "fields": { "populate": { "recipient": { "fields": ["email"] } } },
    })
}

fn decide_envelope_fate(envelope: &Envelope, now: Instant) -> EnvelopeFate {
    let signed = envelope.recipients.iter().filter_map(|recipient| recipient.signed_at.as_deref());
    decide_fate(envelope.status, signed, now)
}

/// Changes of a step of an erasure.
#[derive(Default)]
struct Step {
    batch: Batch,
    erased: Vec<DocumentRef>,
    files: Vec<FileId>,
    retained: Vec<RetainedRecord>,
}

impl Step {
    /// A page of the requests that name a person; returns the cursor of the next one.
    fn take_requests(&mut self, email: &str, after: Option<String>, actor: &str) -> Result<Option<String>> {
        let populate = json!({ "envelope": { "fields": ["createdAt"] } });
        let page = data::find::<Request>().filter(request_filter(email)).populate(populate).after(after, STEP_SIZE)?;
        let envelopes: Vec<&str> =
            page.rows.iter().filter_map(|request| Some(request.envelope.as_ref()?.document_id.as_str())).collect();
        let envelopes = match envelopes.as_slice() {
            [] => Vec::new(),
            ids => data::find::<Envelope>().populate(envelope_files()).by_ids(ids)?,
        };
        let (settings, now) = (Settings::load()?, time::now());
        for request in &page.rows {
            let is_own = |row: &&Row<Envelope>| {
                request.envelope.as_ref().is_some_and(|envelope| envelope.document_id == row.document_id)
            };
            let envelope = envelopes.iter().flatten().find(is_own);
            match envelope.map(|envelope| (envelope, decide_envelope_fate(envelope, now))) {
                Some((_, EnvelopeFate::StaysOpen)) => self.retain(REQUEST, &request.title, "t:person.open", None),
                Some((_, EnvelopeFate::IsEvidence(until))) => {
                    self.retain(REQUEST, &request.title, "t:person.evidence", Some(until));
                }
                _ if !names_recipient(request, email) => self.clear_sender(&request.document_id, email, actor)?,
                Some((envelope, EnvelopeFate::LosesRecipient)) => {
                    self.end_request(request, &settings)?;
                    self.delete_envelope(envelope)?;
                }
                Some((_, EnvelopeFate::Goes)) | None => self.end_request(request, &settings)?,
            }
        }
        Ok(page.next)
    }

    /// Takes the address of a person out of a request that others sign, and out of its envelope: both stay without the copy of the mails.
    fn clear_sender(&mut self, id: &str, email: &str, actor: &str) -> Result<()> {
        let none = json!({ "senderEmail": null });
        let envelope = run_transaction(|| {
            let request = find_request(id, true)?.ok_or_else(|| Error::NotFound(id.to_owned()))?;
            data::update::<Request>(id, &none)?;
            let Some(Link { document_id }) = request.envelope.clone() else { return Ok(None) };
            let envelope = require_envelope_locked(&document_id)?;
            if !envelope.sender_email.as_deref().is_some_and(|own| is_same_address(own, email)) {
                return Ok(None);
            }
            // An approval is for the copy as well: whoever approved is asked again.
            if envelope.status == EnvelopeStatus::Draft && envelope.approval_digest.is_some() {
                end_approval(&envelope, actor)?;
                start_request(id)?;
            }
            data::update::<Envelope>(&document_id, &none)?;
            Ok(Some(document_id))
        })?;
        self.note_erased::<Request>(id);
        envelope.iter().for_each(|id| self.note_erased::<Envelope>(id));
        Ok(())
    }

    /// Deletes a request; whoever waits for it hears that it failed.
    fn end_request(&mut self, request: &Row<Request>, settings: &Settings) -> Result<()> {
        if request.status == RequestStatus::Pending {
            note_failure(request, &translate("problem.personErased", &settings.language, None), settings)?;
        }
        self.delete::<Request>(&request.document_id);
        Ok(())
    }

    /// A page of the envelopes of a person; returns the cursor of the next one.
    fn take_envelopes(&mut self, email: &str, after: Option<String>) -> Result<Option<String>> {
        let own = json!({ "recipients": address_filter(email) });
        let page = data::find::<Envelope>().filter(own).populate(envelope_files()).after(after, STEP_SIZE)?;
        let now = time::now();
        for envelope in &page.rows {
            match decide_envelope_fate(envelope, now) {
                EnvelopeFate::LosesRecipient => self.delete_recipient(envelope, email),
                EnvelopeFate::Goes => self.delete_envelope(envelope)?,
                EnvelopeFate::StaysOpen => self.retain(ENVELOPE, &envelope.title, "t:person.open", None),
                EnvelopeFate::IsEvidence(until) => {
                    self.retain(ENVELOPE, &envelope.title, "t:person.evidence", Some(until));
                }
            }
        }
        Ok(page.next)
    }

    fn delete<T: Document>(&mut self, id: &str) {
        self.batch = std::mem::take(&mut self.batch).delete::<T>(id);
        self.note_erased::<T>(id);
    }

    fn note_erased<T: Document>(&mut self, id: &str) {
        self.erased.push(DocumentRef { content_type: T::TYPE.to_owned(), document_id: id.to_owned(), locale: None });
    }

    fn retain(&mut self, kind: &str, title: &str, reason: &str, until: Option<Instant>) {
        self.retained.push(RetainedRecord::new(kind, title, reason, until));
    }

    fn delete_recipient(&mut self, envelope: &Envelope, email: &str) {
        let is_theirs = |recipient: &&Row<Recipient>| is_same_address(&recipient.email, email);
        for recipient in envelope.recipients.iter().filter(is_theirs) {
            let id = recipient.document_id.as_str();
            envelope.fields_of(id).iter().for_each(|field| self.delete::<Field>(&field.document_id));
            self.delete::<Recipient>(id);
        }
    }

    fn delete_envelope(&mut self, envelope: &Row<Envelope>) -> Result<()> {
        let id = envelope.document_id.as_str();
        for job in [EXPIRY_JOB, REMINDER_JOB] {
            jobs::cancel(job, id)?;
        }
        let part = || json!({ "envelope": { "documentId": id } });
        let populate = json!({ "picture": { "fields": ["name"] } });
        let pages = data::find::<PagePicture>().filter(part()).populate(populate).all(MAX_PARTS)?;
        let events = data::find::<AuditEvent>().filter(part()).all(MAX_PARTS)?;
        let signatures = envelope.recipients.iter().map(|recipient| recipient.signature.as_ref());
        let own = [&envelope.document, &envelope.prepared, &envelope.sealed].map(Option::as_ref);
        let pictures = pages.iter().map(|page| page.picture.as_ref());
        let links = data::find::<ReplacedLink>().filter(part()).fields(&["createdAt"]).all(MAX_PARTS)?;
        links.iter().for_each(|link| self.delete::<ReplacedLink>(&link.document_id));
        let files = own.into_iter().chain(signatures).chain(pictures).flatten();
        self.files.extend(files.map(|file: &Link| file.document_id.clone()));
        pages.iter().for_each(|page| self.delete::<PagePicture>(&page.document_id));
        events.iter().for_each(|event| self.delete::<AuditEvent>(&event.document_id));
        envelope.form_fields.iter().for_each(|field| self.delete::<Field>(&field.document_id));
        for recipient in &envelope.recipients {
            forget_signer(&recipient.document_id)?;
            self.delete::<Recipient>(&recipient.document_id);
        }
        self.delete::<Envelope>(id);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn keys_and_empty_fields_are_left_out() {
        let fields = json!({ "name": "Ann", "tokenHash": "x", "hash": "y", "declinedReason": null });
        let cleaned = REPORT.clean_fields(fields.as_object().unwrap().clone());
        assert_eq!(Value::Object(cleaned), json!({ "name": "Ann" }));
    }
}
