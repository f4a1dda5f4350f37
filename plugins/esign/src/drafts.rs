//! Drafts: who signs and where. Fields come from marks in the PDF, from numbers, or from the page on which they are placed.

use crate::approval::withdraw_approval;
use crate::draft_check::{FieldArea, MAX_FIELDS, MAX_RECIPIENTS, check_area, normalise_email};
use crate::envelope_state::{EnvelopeStatus, Role};
use crate::envelopes::{refuse_state, require_envelope, require_envelope_locked};
use crate::model::{Envelope, Field, FieldKind, Recipient};
use crate::sending::{check_document, describe_inspection, inspect_document};
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use cairn_plugin::{FieldError, files, pdf, run_transaction};
use serde::Deserialize;
use serde_json::{Value, json};

/// Smallest place for a signature from a mark, in points.
const SIGNATURE_SIZE: (f64, f64) = (170.0, 48.0);

/// A recipient as people fill it in.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct RecipientForm {
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) email: String,
    #[serde(default)]
    pub(crate) role: Role,
    pub(crate) group: Option<i64>,
    pub(crate) language: Option<String>,
}

impl RecipientForm {
    /// The recipient as it is stored with an envelope.
    pub(crate) fn values(&self, envelope: &str) -> Value {
        let language = self.language.as_deref().filter(|language| !language.is_empty());
        json!({
            "envelope": envelope, "name": self.name.trim(), "email": self.email.trim(), "role": self.role, "group": self.group.unwrap_or(1),
            "language": language,
        })
    }
}

/// Returns the stored recipient that each of a form is: by address, then in their order; none for a new one.
fn match_recipients(stored: &[(&str, &str)], forms: &[RecipientForm]) -> Vec<Option<String>> {
    let mut free: Vec<&(&str, &str)> = stored.iter().collect();
    let mut found: Vec<Option<String>> = vec![None; forms.len()];
    for (slot, form) in found.iter_mut().zip(forms) {
        let same = free.iter().position(|(_, email)| normalise_email(email) == normalise_email(&form.email));
        *slot = same.map(|at| free.remove(at).0.to_owned());
    }
    let mut rest = free.into_iter();
    for slot in found.iter_mut().filter(|slot| slot.is_none()) {
        *slot = rest.next().map(|(id, _)| (*id).to_owned());
    }
    found
}

/// A draft that is about to be changed: what was approved of it no longer is.
fn require_draft_locked(id: &str, locale: &str) -> Result<Row<Envelope>> {
    let envelope = require_envelope_locked(id)?;
    if envelope.status != EnvelopeStatus::Draft {
        return Err(refuse_state("conflict.sentStays", locale));
    }
    withdraw_approval(&envelope)?;
    Ok(envelope)
}

/// Recipients without a name or an address, and those who are in a group twice.
pub(crate) fn find_recipient_problems(forms: &[RecipientForm], locale: &str) -> Vec<FieldError> {
    let mut problems = Vec::new();
    for (n, form) in forms.iter().enumerate() {
        let is_same = |other: &RecipientForm| {
            other.group == form.group && normalise_email(&other.email) == normalise_email(&form.email)
        };
        let mut add = |field: &str, code: &str| {
            problems.push(FieldError {
                path: format!("recipients[{n}].{field}"),
                code: code.to_owned(),
                message: translate(&format!("refused.{code}"), locale, None),
            });
        };
        if form.name.trim().is_empty() {
            add("name", "name");
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
pub(crate) fn save_recipients(id: &str, forms: &[RecipientForm], locale: &str) -> Result<()> {
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
        let envelope = require_draft_locked(id, locale)?;
        let stored: Vec<(&str, &str)> =
            envelope.recipients.iter().map(|to| (to.document_id.as_str(), to.email.as_str())).collect();
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

/// A field as the page that places it has it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldForm {
    pub(crate) recipient: String,
    #[serde(rename = "type", default)]
    pub(crate) kind: FieldKind,
    #[serde(default)]
    pub(crate) label: String,
    #[serde(default = "yes")]
    pub(crate) required: bool,
    pub(crate) page: i64,
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

const fn yes() -> bool {
    true
}

impl FieldForm {
    const fn area(&self) -> FieldArea {
        FieldArea { page: self.page, x: self.x, y: self.y, width: self.width, height: self.height }
    }

    fn values(&self, envelope: &str) -> Value {
        json!({
            "envelope": envelope, "recipient": self.recipient, "type": self.kind, "label": self.label.trim(), "required": self.required,
            "page": self.page, "x": self.x.max(0.0), "y": self.y.max(0.0), "width": self.width, "height": self.height,
        })
    }
}

/// Stores the fields of a draft, in place of those that it has.
///
/// # Errors
/// `Conflict` for what was sent, `Invalid` with the fields that are wrong.
pub(crate) fn save_fields(id: &str, forms: &[FieldForm], locale: &str) -> Result<()> {
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
        let envelope = require_draft_locked(id, locale)?;
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
pub(crate) fn save_document(id: &str, name: &str, content: &[u8], locale: &str) -> Result<()> {
    let name: String = name.chars().filter(|c| c.is_alphanumeric() || " -_.".contains(*c)).take(100).collect();
    let name = name.trim().trim_end_matches(".pdf").trim_matches('.');
    let name = if name.is_empty() { "document" } else { name };
    let file = files::create(&format!("{name}.pdf"), "application/pdf", content)?;
    let stored = check_document(&file, locale).and_then(|document| {
        let mut fields = describe_inspection(&document);
        fields["document"] = json!({ "documentId": file });
        run_transaction(|| {
            require_draft_locked(id, locale)?;
            data::update::<Envelope>(id, &fields).map(|_| ())
        })
    });
    if stored.is_err() {
        files::delete(&[file])?;
    }
    stored
}

/// Content of a mark: the kind of field, which signer, and a label.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    kind: FieldKind,
    /// Counted from 1, in the order in which they sign.
    signer: usize,
    label: String,
}

/// Reads the name of a mark: `sign:1`, `date:2`, `text:1:Chassis number`.
fn read_mark(name: &str) -> Option<Mark> {
    let mut parts = name.splitn(3, ':').map(str::trim);
    let kind = match parts.next()?.to_ascii_lowercase().as_str() {
        "sign" => FieldKind::Signature,
        "check" => FieldKind::Checkbox,
        word => FieldKind::ALL.into_iter().find(|kind| kind.name() == word)?,
    };
    let signer: usize = parts.next()?.parse().ok().filter(|number| *number > 0)?;
    Some(Mark { kind, signer, label: parts.next().unwrap_or_default().to_owned() })
}

/// Takes the fields of a draft from the marks in its PDF, and returns how many there are.
///
/// # Errors
/// `Invalid` where there are none, or one is for a signer that there is not.
pub(crate) fn take_marks(id: &str, locale: &str) -> Result<usize> {
    let envelope = require_envelope(id)?;
    let is_signer = |to: &&Row<Recipient>| to.role == Role::Signer;
    let signers: Vec<String> = envelope.recipients.iter().filter(is_signer).map(|to| to.document_id.clone()).collect();
    place_marks(&envelope, &signers, locale)
}

/// The same, with the signers in the order in which the marks count them.
///
/// # Errors
/// As [`take_marks`].
pub(crate) fn place_marks(envelope: &Row<Envelope>, signers: &[String], locale: &str) -> Result<usize> {
    inspect_document(envelope, locale)?;
    let refuse = |code: &str, arguments: Value| {
        Error::field("document", code, translate(&format!("refused.marks.{code}"), locale, Some(&arguments)))
    };
    let document = envelope.document.as_ref().ok_or_else(|| refuse("none", json!({})))?;
    let mut forms = Vec::new();
    for place in pdf::locate(&document.document_id)? {
        let Some(mark) = read_mark(&place.name) else { continue };
        let recipient = signers
            .get(mark.signer - 1)
            .ok_or_else(|| refuse("signer", json!({ "number": mark.signer, "mark": place.name })))?
            .clone();
        let (x, y, width, height) = grow(place.box_, mark.kind);
        let label = mark.label.chars().take(80).collect();
        let page = i64::from(place.page);
        forms.push(FieldForm { recipient, kind: mark.kind, label, required: true, page, x, y, width, height });
    }
    if forms.is_empty() {
        return Err(refuse("none", json!({})));
    }
    save_fields(&envelope.document_id, &forms, locale)?;
    Ok(forms.len())
}

/// A mark is as high as its text: a signature gets more room, above it and to its right.
fn grow((x, y, width, height): (f64, f64, f64, f64), kind: FieldKind) -> (f64, f64, f64, f64) {
    if kind != FieldKind::Signature {
        return (x, y, width, height.max(12.0));
    }
    let (least_width, least_height) = SIGNATURE_SIZE;
    let (wide, high) = (width.max(least_width), height.max(least_height));
    (x, (y + height - high).max(0.0), wide, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(email: &str) -> RecipientForm {
        serde_json::from_value(json!({ "name": "N", "email": email })).unwrap()
    }

    #[test]
    fn recipients_are_recognised_by_their_address_and_then_by_their_place() {
        let stored = [("1", "a@example.com"), ("2", "b@example.com"), ("3", "c@example.com")];
        let ids = |forms: &[RecipientForm]| {
            match_recipients(&stored, forms).into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>()
        };
        assert_eq!(ids(&[form("C@example.com"), form("a@example.com")]), ["3", "1"]);
        assert_eq!(ids(&[form("new@example.com"), form("a@example.com")]), ["2", "1"]);
        let four = [form("a@example.com"), form("b@example.com"), form("c@example.com"), form("d@example.com")];
        assert_eq!(ids(&four), ["1", "2", "3", ""]);
    }

    #[test]
    fn marks_name_a_kind_and_a_signer() {
        let mark = |kind, signer, label: &str| Some(Mark { kind, signer, label: label.into() });
        assert_eq!(read_mark("sign:1"), mark(FieldKind::Signature, 1, ""));
        assert_eq!(read_mark("Check : 2: I agree: yes"), mark(FieldKind::Checkbox, 2, "I agree: yes"));
        assert_eq!(read_mark("date:12"), mark(FieldKind::Date, 12, ""));
        for other in ["", "sign", "sign:", "sign:0", "sign:-1", "sign:buyer", "photo:1", "signature"] {
            assert_eq!(read_mark(other), None, "{other}");
        }
    }

    #[test]
    fn signatures_get_room_above_their_mark() {
        assert_eq!(grow((70.0, 700.0, 40.0, 12.0), FieldKind::Signature), (70.0, 664.0, 170.0, 48.0));
        assert_eq!(grow((70.0, 5.0, 40.0, 12.0), FieldKind::Signature).1, 0.0);
        assert_eq!(grow((70.0, 700.0, 40.0, 9.0), FieldKind::Text), (70.0, 700.0, 40.0, 12.0));
    }
}
