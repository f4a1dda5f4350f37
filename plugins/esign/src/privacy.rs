//! One person's data: the envelopes that somebody signs or gets a copy of. What was signed stays as evidence, with its audit trail, which
//! cannot lose an event; what nobody signed goes as a whole, and a draft loses its recipient.

use crate::Esign;
use crate::deadlines::{EXPIRY_JOB, REMINDER_JOB};
use crate::model::{AuditEvent, Envelope, Field, Link, PagePicture, Recipient, ReplacedLink};
use crate::retention::{EnvelopeFate, decide_fate};
use cairn_contact_details::email::{list_variants, normalise_email};
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use cairn_plugin::{
    DocumentRef, ErasureStep, FileId, KindCursor, KindReport, Person, Privacy, ReportPage, RetainedRecord,
};
use serde_json::{Value, json};

/// Envelopes of a step: each has parts.
const STEP_SIZE: u32 = 5;
/// Parts of each kind of an envelope.
const MAX_PARTS: u32 = 1_000;
/// Contents of a report: four kinds of documents, without keys of links and handles of the host.
const REPORT: KindReport<'static> =
    KindReport { kinds: 4, left_out: &["tokenHash", "mail", "version", "previousHash", "hash"] };

impl Privacy for Esign {
    type Cursor = KindCursor;

    fn report(_call: &Call, person: &Person, cursor: Option<KindCursor>) -> Result<ReportPage> {
        let (own, cursor) = (address_filter(&person.email), cursor.unwrap_or_default());
        match cursor.kind {
            0 => REPORT.list::<Envelope>("envelope", "title", json!({ "recipients": own }), &cursor),
            1 => REPORT.list::<Recipient>("recipient", "name", own, &cursor),
            2 => REPORT.list::<Field>("field", "label", json!({ "recipient": own }), &cursor),
            // The events of theirs; those of others are about others.
            _ => {
                let is_actor = |email: &String| json!({ "actor": { "$endsWithi": format!("<{email}>") } });
                let actor = json!({ "$or": list_variants(&person.email).iter().map(is_actor).collect::<Vec<_>>() });
                REPORT.list::<AuditEvent>("event", "type", actor, &cursor)
            }
        }
    }

    fn erase(_call: &Call, person: &Person, cursor: Option<KindCursor>) -> Result<ErasureStep> {
        let cursor = cursor.unwrap_or_default();
        let own = json!({ "recipients": address_filter(&person.email) });
        let populate = json!({
            "document": true, "prepared": true, "sealed": true, "recipients": { "populate": { "signature": true } },
            "fields": { "populate": { "recipient": { "fields": ["email"] } } },
        });
        let page = data::find::<Envelope>().filter(own).populate(populate).after(cursor.after, STEP_SIZE)?;
        let (mut step, now) = (Step::default(), time::now());
        for envelope in &page.rows {
            let signed = envelope.recipients.iter().filter_map(|recipient| recipient.signed_at.as_deref());
            match decide_fate(envelope.status, signed, now) {
                EnvelopeFate::LosesRecipient => step.delete_recipient(envelope, &person.email),
                EnvelopeFate::Goes => step.delete_envelope(envelope)?,
                EnvelopeFate::StaysOpen => step.retain(envelope, "t:person.open", None),
                EnvelopeFate::IsEvidence(until) => step.retain(envelope, "t:person.evidence", Some(until)),
            }
        }
        step.batch.write()?;
        let next = page.next.map(|after| KindCursor { kind: 0, after: Some(after) });
        Ok(ErasureStep::new(step.erased, step.retained, next.as_ref())?.with_files(step.files))
    }
}

/// Filter for the address of a person, however it is spelled.
fn address_filter(email: &str) -> Value {
    let spelled: Vec<Value> =
        list_variants(email).iter().map(|variant| json!({ "email": { "$eqi": variant } })).collect();
    json!({ "$or": spelled })
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
    fn delete<T: Document>(&mut self, id: &str) {
        self.batch = std::mem::take(&mut self.batch).delete::<T>(id);
        self.erased.push(DocumentRef { content_type: T::TYPE.to_owned(), document_id: id.to_owned(), locale: None });
    }

    fn retain(&mut self, envelope: &Envelope, reason: &str, until: Option<Instant>) {
        self.retained.push(RetainedRecord::new("t:person.envelope", &envelope.title, reason, until));
    }

    fn delete_recipient(&mut self, envelope: &Envelope, email: &str) {
        let is_theirs = |recipient: &&Row<Recipient>| normalise_email(&recipient.email) == normalise_email(email);
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
        envelope.recipients.iter().for_each(|recipient| self.delete::<Recipient>(&recipient.document_id));
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
