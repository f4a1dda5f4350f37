//! Sending an envelope: what it lacks is said, the document is locked by its digest, and the first signers get their links.

use crate::approval::{
    CHANGED_SINCE, digest_approval, digest_draft, end_approval, find_approval_problem, no_approval, note_ended_approval,
};
use crate::audit::Trail;
use crate::audit_chain::write_hex;
use crate::deadlines::{set_expiry, set_reminder};
use crate::draft_check::{DraftField, DraftProblem, DraftRecipient, MAX_FIELDS, MAX_RECIPIENTS, PageArea, check_draft};
use crate::envelope_state::{EnvelopeStatus, Role};
use crate::envelopes::{describe_event, find_envelope, refuse_state, require_envelope, require_envelope_locked};
use crate::invitations::{Invitations, Occasion};
use crate::model::{Envelope, FieldKind};
use crate::person::Person;
use crate::seal_check::require_sealing;
use crate::settings::Settings;
use cairn_plugin::jobs::job;
use cairn_plugin::pdf::{self, FormKind};
use cairn_plugin::prelude::*;
use cairn_plugin::{FieldError, events, files, run_transaction};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Largest document, in bytes: with its signatures it still fits into a mail.
const MAX_DOCUMENT_BYTES: u64 = 8 << 20;
/// Most pages of a document.
const MAX_PAGES: usize = 200;

/// A document as it is now.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InspectedDocument {
    pub(crate) pages: Vec<PageArea>,
    pub(crate) sha256: String,
}

/// The document of a draft as it is now, or what keeps it from being signed. Only jobs and routes can look into a PDF: elsewhere what a job
/// found counts, as long as the file is the same.
///
/// # Errors
/// `Invalid` with the reason, at `document`.
pub(crate) fn inspect_document(envelope: &Row<Envelope>, locale: &str) -> Result<InspectedDocument> {
    let document = envelope.document.as_ref().ok_or_else(|| refuse_document("missing", locale))?;
    let info = files::stat(&document.document_id)?.ok_or_else(|| refuse_document("missing", locale))?;
    let sha256 = write_hex(&info.sha256);
    if envelope.sha256_original.as_deref() == Some(&sha256) {
        return match &envelope.document_problem {
            Some(code) => Err(refuse_document(code, locale)),
            None => Ok(InspectedDocument { pages: envelope.page_areas(), sha256 }),
        };
    }
    match read_document(&info) {
        Ok(document) => Ok(document),
        Err(DocumentProblem::Refused(code)) => Err(refuse_document(code, locale)),
        // An action: a job looks into it.
        Err(DocumentProblem::Failed(Error::Denied(_))) => {
            start_inspection(&envelope.document_id)?;
            Err(refuse_document("checking", locale))
        }
        Err(DocumentProblem::Failed(error)) => Err(error),
    }
}

/// Refuses a document, with the reason of that code, at `document`.
pub(crate) fn refuse_document(code: &str, locale: &str) -> Error {
    Error::field("document", code, translate(&format!("refused.document.{code}"), locale, Some(&document_limits())))
}

/// Limits of documents that texts name.
pub(crate) fn document_limits() -> Value {
    json!({ "megabytes": MAX_DOCUMENT_BYTES >> 20, "pages": MAX_PAGES })
}

/// Why a document was not read.
enum DocumentProblem {
    /// It cannot be signed, for the reason of that code.
    Refused(&'static str),
    Failed(Error),
}

/// Looks into a document.
fn read_document(info: &files::Info) -> Result<InspectedDocument, DocumentProblem> {
    let refuse = |code| Err(DocumentProblem::Refused(code));
    if info.size > MAX_DOCUMENT_BYTES {
        return refuse("too-large");
    }
    if info.media_type != "application/pdf" {
        return refuse("damaged");
    }
    let inspection = match pdf::inspect(&info.id) {
        Ok(inspection) => inspection,
        Err(Error::Invalid(fields)) => {
            let code = fields.first().map_or("damaged", |field| field.code.as_str());
            let known =
                ["encrypted", "no-pages", "too-complex", "too-many-pages"].into_iter().find(|known| *known == code);
            return refuse(known.unwrap_or("damaged"));
        }
        Err(Error::Exhausted(_)) => return refuse("too-complex"),
        Err(error) => return Err(DocumentProblem::Failed(error)),
    };
    if inspection.final_seal || inspection.signatures > 0 {
        return refuse("signed");
    }
    if inspection.form == FormKind::Xfa {
        return refuse("xfa");
    }
    if inspection.pages.len() > MAX_PAGES {
        return refuse("too-many-pages");
    }
    let pages = inspection.pages.iter().map(|page| PageArea { width: page.width, height: page.height });
    Ok(InspectedDocument { pages: pages.collect(), sha256: write_hex(&inspection.sha256) })
}

/// Checks a file that is to become a document.
///
/// # Errors
/// As [`inspect_document`].
pub(crate) fn check_document(file: &str, locale: &str) -> Result<InspectedDocument> {
    let info = files::stat(file)?.ok_or_else(|| refuse_document("missing", locale))?;
    read_document(&info).map_err(|problem| match problem {
        DocumentProblem::Refused(code) => refuse_document(code, locale),
        DocumentProblem::Failed(error) => error,
    })
}

/// The job that looks into a draft's document; its key is the envelope's id.
pub(crate) const INSPECTION_JOB: &str = "inspection";

#[derive(Serialize, Deserialize)]
struct Inspection {
    envelope: String,
}

/// Has a job look into the document of a draft.
///
/// # Errors
/// What the host says.
pub(crate) fn start_inspection(id: &str) -> Result<()> {
    job(INSPECTION_JOB).key(id).set(&Inspection { envelope: id.to_owned() }).map(|_| ())
}

/// Looks into the document of a draft, and stores what there is to know about it.
///
/// # Errors
/// What another attempt may cure.
pub(crate) fn run_inspection(task: &Task) -> Result<Outcome> {
    let id = task.payload::<Inspection>()?.envelope;
    let Some(envelope) = find_envelope(&id)? else { return Ok(Outcome::DONE) };
    let Some(document) = envelope.document.clone().filter(|_| envelope.status == EnvelopeStatus::Draft) else {
        return Ok(Outcome::DONE);
    };
    let Some(info) = files::stat(&document.document_id)? else { return Ok(Outcome::DONE) };
    let found = match read_document(&info) {
        Ok(found) => describe_inspection(&found),
        Err(DocumentProblem::Refused(code)) => {
            json!({ "documentProblem": code, "sha256Original": write_hex(&info.sha256), "pageSizes": [], "pageCount": 0 })
        }
        Err(DocumentProblem::Failed(error)) => return Err(error),
    };
    run_transaction(|| {
        let now = require_envelope_locked(&id)?;
        let is_same = now.status == EnvelopeStatus::Draft && now.document.as_ref() == Some(&document);
        if is_same { data::update::<Envelope>(&id, &found).map(|_| ()) } else { Ok(()) }
    })?;
    Ok(Outcome::DONE)
}

/// The fields of an envelope that say how its document is.
pub(crate) fn describe_inspection(document: &InspectedDocument) -> Value {
    let sizes: Vec<(f64, f64)> = document.pages.iter().map(|page| (page.width, page.height)).collect();
    json!({ "documentProblem": null, "sha256Original": document.sha256, "pageSizes": sizes, "pageCount": sizes.len() })
}

/// Checks all that an envelope needs before anybody is asked to sign.
///
/// # Errors
/// `Invalid` with all that is missing.
pub(crate) fn check_before_sending(envelope: &Row<Envelope>, locale: &str) -> Result<InspectedDocument> {
    let document = inspect_document(envelope, locale)?;
    let recipients: Vec<DraftRecipient<'_>> = envelope
        .recipients
        .iter()
        .map(|to| DraftRecipient {
            id: &to.document_id,
            name: &to.name,
            email: &to.email,
            role: to.role,
            group: to.group,
        })
        .collect();
    let fields: Vec<DraftField<'_>> = envelope
        .form_fields
        .iter()
        .map(|field| DraftField {
            recipient: field.recipient_id(),
            is_signature: field.kind == FieldKind::Signature,
            area: field.area(),
        })
        .collect();
    let mut problems = check_draft(&recipients, &fields, &document.pages);
    if recipients.len() > MAX_RECIPIENTS {
        problems.push(DraftProblem { path: "recipients".to_owned(), code: "tooManyRecipients" });
    }
    if fields.len() > MAX_FIELDS {
        problems.push(DraftProblem { path: "fields".to_owned(), code: "tooManyFields" });
    }
    if problems.is_empty() { Ok(document) } else { Err(Error::Invalid(describe_problems(envelope, &problems, locale))) }
}

/// Describes the problems of a draft for people: with the name of who it is about.
fn describe_problems(envelope: &Envelope, problems: &[DraftProblem], locale: &str) -> Vec<FieldError> {
    let name_of = |path: &str| {
        let number = path.strip_prefix("recipients[")?.split(']').next()?.parse::<usize>().ok()?;
        Some(envelope.recipients.get(number)?.name.clone())
    };
    let number_of = |path: &str| path.strip_prefix("fields[")?.split(']').next()?.parse::<usize>().ok();
    let one = |problem: &DraftProblem| {
        let number = number_of(&problem.path);
        let page = number.and_then(|number| envelope.form_fields.get(number)).map_or(0, |field| field.page);
        let arguments = json!({
            "name": name_of(&problem.path).unwrap_or_default(), "number": number.map_or(0, |number| number + 1), "page": page,
            "recipients": MAX_RECIPIENTS, "fields": MAX_FIELDS,
        });
        let message = translate(&format!("refused.draft.{}", problem.code), locale, Some(&arguments));
        FieldError { path: problem.path.clone(), code: problem.code.to_owned(), message }
    };
    problems.iter().map(one).collect()
}

const DAY_MS: i64 = 24 * 3_600_000;

/// The end of that many days from now.
pub(crate) fn days_from_now(days: u32) -> i64 {
    time::now().saturating_add(i64::from(days).saturating_mul(DAY_MS))
}

/// In whose name an envelope is sent.
pub(crate) struct Sender {
    /// The id of an admin user; of a request, who looks after it.
    pub(crate) id: String,
    pub(crate) name: String,
    /// How the audit trail names them.
    pub(crate) actor: String,
}

impl From<Person> for Sender {
    fn from(person: Person) -> Self {
        Self { actor: person.describe(), id: person.id, name: person.name }
    }
}

/// Sends a draft.
///
/// # Errors
/// `Conflict` for one that was sent, has to be approved first or could not be sealed later, `Invalid` with all that is missing.
pub(crate) fn send_envelope(id: &str, sender: &Sender, locale: &str) -> Result<()> {
    let draft = require_envelope(id)?;
    if draft.status != EnvelopeStatus::Draft {
        return Err(refuse_state("conflict.sentStays", locale));
    }
    let settings = Settings::load()?;
    let document = check_before_sending(&draft, locale)?;
    require_sealing(&settings, locale)?;
    let checked = digest_draft(&draft, &document.sha256);
    let refusal = run_transaction(|| {
        let envelope = require_envelope_locked(id)?;
        if envelope.status != EnvelopeStatus::Draft {
            return Err(refuse_state("conflict.sentStays", locale));
        }
        let digest = digest_draft(&envelope, &document.sha256);
        let is_same_file = envelope.document == draft.document;
        if digest != checked || !is_same_file {
            return Err(refuse_state("conflict.changedMeanwhile", locale));
        }
        let approver = envelope.required_approver(&settings);
        let approval_digest = digest_approval(&envelope, &document.sha256, settings.expiry_days);
        if let Some(problem) = find_approval_problem(&envelope, approver, &approval_digest, &sender.id) {
            // Noted although nothing is sent: the file, the rules or the time to sign changed where no hook looks.
            if problem == CHANGED_SINCE {
                end_approval(&envelope, &sender.actor)?;
            }
            return Ok(Some(problem));
        }
        let is_approved = envelope.approval_digest.as_deref() == Some(approval_digest.as_str());
        write_sent(&envelope, &document, is_approved.then_some(approval_digest.as_str()), sender, &settings)?;
        Ok(None)
    })?;
    refusal.map_or(Ok(()), |problem| Err(refuse_state(problem, locale)))
}

/// Writes that an envelope is sent, and gives the first signers their links. `approval`: the digest that was approved, if it was.
fn write_sent(
    envelope: &Row<Envelope>,
    document: &InspectedDocument,
    approval: Option<&str>,
    sender: &Sender,
    settings: &Settings,
) -> Result<()> {
    let id = &envelope.document_id;
    let Some(first) = envelope.current_group() else { return Err(Error::NotFound(id.clone())) };
    let expires_at = days_from_now(settings.expiry_days);
    let mut sent = envelope.clone();
    sent.sender_name.clone_from(&sender.name);
    let invitations = Invitations { envelope: &sent, settings, expires_at };
    let mut trail = Trail::of(envelope);
    let at = trail.at().to_owned();
    if approval.is_none() && envelope.approval_digest.is_some() {
        note_ended_approval(&mut trail, envelope, &sender.actor)?;
    }
    let mut about = json!({
        "title": envelope.title, "documentSha256": document.sha256, "pages": document.pages.len(), "expiresAt": time::format(expires_at),
    });
    if let Some(digest) = approval {
        about["approvalDigest"] = json!(digest);
        about["approvedBy"] = json!(envelope.approved_by_name);
        about["approvedAt"] = json!(envelope.approved_at);
    }
    trail.add("sent", &sender.actor, about)?;
    invitations.invite_group(&mut trail, first, Occasion::Turn)?;
    if settings.announce {
        let later = envelope.recipients.iter().filter(|to| to.role == Role::Signer && to.group != first);
        for recipient in later {
            invitations.invite(&mut trail, recipient, Occasion::Early)?;
        }
    }
    let remind_days = envelope.remind_days.unwrap_or(settings.remind_days);
    let mut fields = json!({
        "status": EnvelopeStatus::Sent, "sha256Original": document.sha256, "sentDigest": digest_draft(envelope, &document.sha256),
        "pageCount": document.pages.len(), "sentAt": at,
        "pageSizes": document.pages.iter().map(|page| (page.width, page.height)).collect::<Vec<_>>(),
        "expiresAt": time::format(expires_at), "senderName": sender.name, "remindDays": remind_days, "reminders": 0,
        "owner": if envelope.owner.is_empty() { &sender.id } else { &envelope.owner },
    });
    if approval.is_none()
        && let (Value::Object(fields), Value::Object(none)) = (&mut fields, no_approval())
    {
        fields.extend(none);
    }
    trail.write(fields)?;
    set_expiry(id, expires_at)?;
    set_reminder(id, remind_days, 0)?;
    events::publish("esign.envelope.sent", id, &describe_event(envelope, "sent", None, ""))
}
