//! Drafts: who signs and where. Fields come from the document, from numbers, or from the page on which they are placed.

use crate::draft_approval::end_approval;
use crate::draft_check::{MAX_FIELDS, MAX_RECIPIENTS, check_area, is_same_person};
use crate::draft_document::{check_document, describe_inspection, inspect_document};
use crate::draft_forms::{FieldForm, RecipientForm};
use crate::envelope_state::{EnvelopeStatus, Role};
use crate::envelopes::{refuse_state, require_envelope, require_envelope_locked};
use crate::model::{AuditEvent, Envelope, Field, PagePicture, Recipient, ReplacedLink};
use crate::recipient_name::find_name_problem;
use cairn_contact_details::email::normalise_email;
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use cairn_plugin::{FieldError, files, run_transaction};
use serde_json::json;

/// A recipient who is stored already.
#[derive(Debug, Clone, Copy)]
struct StoredRecipient<'a> {
    id: &'a str,
    name: &'a str,
    email: &'a str,
}

/// Returns the stored recipient that each of a form is: by name and address, then by address, which several people may share, then in their
/// order; none for a new one.
fn match_recipients(stored: &[StoredRecipient<'_>], forms: &[RecipientForm]) -> Vec<Option<String>> {
    let mut free: Vec<&StoredRecipient<'_>> = stored.iter().collect();
    let mut found: Vec<Option<String>> = vec![None; forms.len()];
    for by_name in [true, false] {
        for (slot, form) in found.iter_mut().zip(forms).filter(|(slot, _)| slot.is_none()) {
            let is_same = |known: &&StoredRecipient<'_>| match by_name {
                true => is_same_person((known.name, known.email), (&form.name, &form.email)),
                false => normalise_email(known.email) == normalise_email(&form.email),
            };
            let same = free.iter().position(is_same);
            *slot = same.map(|at| free.remove(at).id.to_owned());
        }
    }
    let mut rest = free.into_iter();
    for slot in found.iter_mut().filter(|slot| slot.is_none()) {
        *slot = rest.next().map(|known| known.id.to_owned());
    }
    found
}

/// Editor of a draft: how the audit trail names them, and the language that they are answered in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Editor<'a> {
    pub(crate) actor: &'a str,
    pub(crate) locale: &'a str,
}

/// A draft that is about to be changed: what was approved of it no longer is.
fn require_draft_locked(id: &str, by: Editor<'_>) -> Result<Row<Envelope>> {
    let envelope = require_envelope_locked(id)?;
    if envelope.status != EnvelopeStatus::Draft {
        return Err(refuse_state("conflict.sentStays", by.locale));
    }
    end_approval(&envelope, by.actor)?;
    Ok(envelope)
}

/// Recipients without an address or a name that can be read, and those who are in a group twice. Several people may share an address.
pub(crate) fn find_recipient_problems(forms: &[RecipientForm], locale: &str) -> Vec<FieldError> {
    let mut problems = Vec::new();
    for (n, form) in forms.iter().enumerate() {
        let is_same = |other: &RecipientForm| {
            other.group == form.group && is_same_person((&other.name, &other.email), (&form.name, &form.email))
        };
        let mut add = |field: &str, code: &str| {
            problems.push(FieldError {
                path: format!("recipients[{n}].{field}"),
                code: code.to_owned(),
                message: translate(&format!("refused.{code}"), locale, None),
            });
        };
        if let Some(problem) = find_name_problem(&form.name) {
            add("name", problem);
        }
        if form.email.trim().is_empty() {
            add("email", "address");
        } else if forms.iter().take(n).any(is_same) {
            add("email", "sameAddress");
        }
    }
    problems
}

/// Stores who signs and who gets a copy. Fields of those who are gone go with them.
///
/// # Errors
/// `Conflict` for what was sent, `Invalid` with what is wrong.
pub(crate) fn save_recipients(id: &str, forms: &[RecipientForm], by: Editor<'_>) -> Result<()> {
    let locale = by.locale;
    if forms.len() > MAX_RECIPIENTS {
        let most = json!({ "recipients": MAX_RECIPIENTS });
        let text = translate("refused.draft.tooManyRecipients", locale, Some(&most));
        return Err(Error::field("recipients", "tooManyRecipients", text));
    }
    let problems = find_recipient_problems(forms, locale);
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let stored = run_transaction(|| {
        let envelope = require_draft_locked(id, by)?;
        let stored: Vec<StoredRecipient<'_>> = envelope
            .recipients
            .iter()
            .map(|to| StoredRecipient { id: &to.document_id, name: &to.name, email: &to.email })
            .collect();
        let matched = match_recipients(&stored, forms);
        let mut batch = Batch::new();
        for gone in envelope.recipients.iter().filter(|to| !matched.contains(&Some(to.document_id.clone()))) {
            let of_gone = |field: &&Row<Field>| field.recipient_id() == gone.document_id;
            batch = envelope
                .form_fields
                .iter()
                .filter(of_gone)
                .fold(batch, |batch, field| batch.delete::<Field>(&field.document_id));
            batch = batch.delete::<Recipient>(&gone.document_id);
        }
        for (form, known) in forms.iter().zip(&matched) {
            batch = match known {
                Some(known) => batch.update::<Recipient>(known, &form.values(id))?,
                None => batch.create::<Recipient>(&form.values(id))?,
            };
        }
        batch.write().map(|_| ())
    });
    // The content type's own words, at the list of the form.
    stored.map_err(|error| match error {
        Error::Invalid(fields) => Error::Invalid(
            fields
                .into_iter()
                .map(|field| FieldError { path: format!("recipients.{}", field.path), ..field })
                .collect(),
        ),
        other => other,
    })
}

/// Stores the fields of a draft, in place of those that it has.
///
/// # Errors
/// `Conflict` for what was sent, `Invalid` with the fields that are wrong.
pub(crate) fn save_fields(id: &str, forms: &[FieldForm], by: Editor<'_>) -> Result<()> {
    let locale = by.locale;
    let envelope = require_envelope(id)?;
    let document = inspect_document(&envelope, locale)?;
    if forms.len() > MAX_FIELDS {
        let text = translate("refused.draft.tooManyFields", locale, Some(&json!({ "fields": MAX_FIELDS })));
        return Err(Error::field("fields", "tooManyFields", text));
    }
    let mut problems = Vec::new();
    for (n, form) in forms.iter().enumerate() {
        let mut add = |path: String, code: &str| {
            let about = json!({ "number": n + 1, "page": form.page, "name": "" });
            let message = translate(&format!("refused.draft.{code}"), locale, Some(&about));
            problems.push(FieldError { path, code: code.to_owned(), message });
        };
        match check_area(form.area(), &document.pages) {
            None => {}
            Some("page") => add(format!("fields[{n}].page"), "page"),
            Some(code) => add(format!("fields[{n}]"), code),
        }
        if envelope.find_recipient(&form.recipient).is_none_or(|to| to.role != Role::Signer) {
            add(format!("fields[{n}].recipient"), "fieldRecipient");
        }
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    run_transaction(|| {
        let envelope = require_draft_locked(id, by)?;
        let batch =
            envelope.form_fields.iter().fold(Batch::new(), |batch, field| batch.delete::<Field>(&field.document_id));
        let batch = forms.iter().try_fold(batch, |batch, form| batch.create::<Field>(&form.values(id)))?;
        batch.write().map(|_| ())
    })
}

/// Puts a PDF into a draft, as a file of the plugin's own: nobody finds it in the media library.
///
/// # Errors
/// `Conflict` for what was sent, `Invalid` for what is no PDF that can be signed.
pub(crate) fn save_document(id: &str, name: &str, content: &[u8], by: Editor<'_>) -> Result<()> {
    let name: String = name.chars().filter(|c| c.is_alphanumeric() || " -_.".contains(*c)).take(100).collect();
    let name = name.trim().trim_end_matches(".pdf").trim_matches('.');
    let name = if name.is_empty() { "document" } else { name };
    let file = files::create(&format!("{name}.pdf"), "application/pdf", content)?;
    let stored = check_document(&file, by.locale).and_then(|document| {
        let mut fields = describe_inspection(&document);
        fields["document"] = json!({ "documentId": file });
        run_transaction(|| {
            require_draft_locked(id, by)?;
            data::update::<Envelope>(id, &fields).map(|_| ())
        })
    });
    if stored.is_err() {
        files::delete(&[file])?;
    }
    stored
}

/// Deletes what belongs to a draft that goes.
///
/// # Errors
/// What the host says.
pub(crate) fn delete_parts(envelope: &str) -> Result<()> {
    let of_envelope = || json!({ "envelope": { "documentId": envelope } });
    let recipients = data::find::<Recipient>().filter(of_envelope()).fields(&["name"]).all(500)?;
    let fields = data::find::<Field>().filter(of_envelope()).fields(&["page"]).all(500)?;
    let events = data::find::<AuditEvent>().filter(of_envelope()).all(500)?;
    let pages = data::find::<PagePicture>().filter(of_envelope()).fields(&["sha256"]).all(500)?;
    let batch = recipients.iter().fold(Batch::new(), |batch, row| batch.delete::<Recipient>(&row.document_id));
    let batch = fields.iter().fold(batch, |batch, row| batch.delete::<Field>(&row.document_id));
    let batch = events.iter().fold(batch, |batch, row| batch.delete::<AuditEvent>(&row.document_id));
    let batch = pages.iter().fold(batch, |batch, row| batch.delete::<PagePicture>(&row.document_id));
    let links = data::find::<ReplacedLink>().filter(of_envelope()).fields(&["createdAt"]).all(500)?;
    let batch = links.iter().fold(batch, |batch, row| batch.delete::<ReplacedLink>(&row.document_id));
    batch.write().map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(email: &str) -> RecipientForm {
        serde_json::from_value(json!({ "name": "N", "email": email })).unwrap()
    }

    #[test]
    fn recipients_are_recognised_by_their_address_and_then_by_their_place() {
        let stored = [("1", "a@example.com"), ("2", "b@example.com"), ("3", "c@example.com")]
            .map(|(id, email)| StoredRecipient { id, name: "N", email });
        let ids = |forms: &[RecipientForm]| {
            match_recipients(&stored, forms).into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>()
        };
        assert_eq!(ids(&[form("C@example.com"), form("a@example.com")]), ["3", "1"]);
        assert_eq!(ids(&[form("new@example.com"), form("a@example.com")]), ["2", "1"]);
        let four = [form("a@example.com"), form("b@example.com"), form("c@example.com"), form("d@example.com")];
        assert_eq!(ids(&four), ["1", "2", "3", ""]);
    }

    #[test]
    fn people_who_share_an_address_are_told_apart_by_their_names() {
        let stored =
            [("1", "Ann"), ("2", "Bart")].map(|(id, name)| StoredRecipient { id, name, email: "us@example.com" });
        let named = |name: &str| RecipientForm { name: name.to_owned(), ..form("US@example.com") };
        let ids = |forms: &[RecipientForm]| match_recipients(&stored, forms);
        assert_eq!(ids(&[named("Bart"), named("Ann")]), [Some("2".to_owned()), Some("1".to_owned())]);
        assert_eq!(ids(&[named("Bart"), named("Anna")]), [Some("2".to_owned()), Some("1".to_owned())]);
        assert!(find_recipient_problems(&[named("Ann"), named("Bart")], "en").is_empty());
    }
}
