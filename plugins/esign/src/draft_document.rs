//! The document of a draft: whether it can be signed, and how its pages are.

use crate::audit_chain::write_hex;
use crate::draft_check::PageArea;
use crate::envelope_state::EnvelopeStatus;
use crate::envelopes::{find_envelope, require_envelope_locked};
use crate::model::Envelope;
use cairn_plugin::jobs::job;
use cairn_plugin::pdf::{self, FormKind};
use cairn_plugin::prelude::*;
use cairn_plugin::{files, run_transaction};
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
