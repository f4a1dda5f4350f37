//! The end of an envelope that everybody has signed: signatures and values are placed on the pages, the certificate of completion is added,
//! and the whole is sealed, checked and mailed.
//!
//! A job does it, again until it succeeds: what has been prepared is kept with the envelope, a seal has a key of its own, and what follows
//! from the sealed document is stored in one transaction. What keeps it from being sealed is shown with the envelope.

use crate::audit::{Trail, check_trail, clean_text, list_events};
use crate::audit_chain::{ChainFinding, LinkedEvent, write_hex};
use crate::certificate::build_certificate;
use crate::envelope_state::EnvelopeStatus;
use crate::envelopes::{describe_event, find_envelope, refuse_state, require_envelope, require_envelope_locked};
use crate::model::{Envelope, FieldKind, Recipient, SignatureKind};
use crate::notices::{Mail, notify_team, send_or_warn};
use crate::page_pictures::delete_pictures;
use crate::sent_content::{find_sent_problem, read_document_digest};
use crate::settings::{Settings, pick_language};
use cairn_plugin::jobs::{job, timer};
use cairn_plugin::pdf::{self, FieldValue, Pades, PlacedValue, SealRequest, SealedFile, pdf};
use cairn_plugin::prelude::*;
use cairn_plugin::{FileId, error, events, files, run_transaction};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// The job that seals; its key is the envelope's id.
pub(crate) const SEAL_JOB: &str = "seal";
/// The job that deletes what is left over; its key is the envelope's id.
pub(crate) const CLEANUP_JOB: &str = "cleanup";
/// The sealing profile of the manifest.
pub(crate) const PROFILE: &str = "contracts";
/// Minutes between attempts; the last one from then on.
const PAUSES: [u64; 5] = [1, 5, 15, 60, 360];
/// Longest problem that is stored, in characters.
const MAX_PROBLEM: usize = 500;
/// Largest width and height of the picture of a typed signature, in pixels.
const TYPED_WIDTH: f64 = 900.0;
const TYPED_HEIGHT: f64 = 2_000.0;

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    envelope: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct CleanupPayload {
    envelope: String,
    prepared: FileId,
}

/// Has an envelope sealed, in the open transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn start_sealing(id: &str) -> Result<()> {
    job(SEAL_JOB).key(id).set(&Payload { envelope: id.to_owned() }).map(|_| ())
}

/// Has it tried again now.
///
/// # Errors
/// `Conflict` for an envelope that is not waiting for its seal.
pub(crate) fn retry_sealing(id: &str, locale: &str) -> Result<()> {
    if require_envelope(id)?.status != EnvelopeStatus::Completing {
        return Err(refuse_state("conflict.notCompleting", locale));
    }
    timer(SEAL_JOB).key(id).due(time::now()).set(&Payload { envelope: id.to_owned() }).map(|_| ())
}

/// Seals an envelope. What keeps it from being sealed is noted with it, and it is tried again later.
///
/// # Errors
/// What keeps the problem from being noted.
pub(crate) fn seal_envelope(task: &Task) -> Result<Outcome> {
    let id = task.payload::<Payload>()?.envelope;
    let is_due = |envelope: &Row<Envelope>| envelope.status == EnvelopeStatus::Completing;
    let Some(envelope) = find_envelope(&id)?.filter(is_due) else { return Ok(Outcome::DONE) };
    let settings = Settings::load()?;
    let Err(problem) = complete(&envelope, &settings) else { return Ok(Outcome::DONE) };
    error!(envelope = &id; "an envelope was not sealed: {}", problem.describe());
    note_problem(&id, &problem, &settings)?;
    let attempts = task.checkpoint::<usize>()?.unwrap_or_default();
    let minutes = PAUSES[attempts.min(PAUSES.len() - 1)];
    Outcome::again(&attempts.saturating_add(1), Duration::from_secs(minutes * 60))
}

fn complete(envelope: &Row<Envelope>, settings: &Settings) -> Result<()> {
    let id = &envelope.document_id;
    let prepared = match &envelope.prepared {
        Some(known) => known.document_id.clone(),
        None => prepare(envelope, settings)?,
    };
    let sealed = pdf::seal(&SealRequest {
        key: format!("envelope/{id}"),
        file: prepared.clone(),
        profile: PROFILE.to_owned(),
        level: settings.level.to_pades(),
        reason: clean_text(&envelope.title, 200),
        location: None,
        field: None,
        final_seal: false,
    })?;
    check_seal(&sealed, settings)?;
    finish(envelope, prepared, &sealed, settings)
}

/// Deletes the files that an envelope does not need once it is sealed: the document as it was prepared, and the pictures of its pages.
///
/// # Errors
/// What keeps them from being deleted; it is tried again.
pub(crate) fn delete_leftovers(task: &Task) -> Result<Outcome> {
    let CleanupPayload { envelope, prepared } = task.payload()?;
    match files::delete(&[prepared]) {
        // An attempt before this one did it, or somebody in the media library.
        Ok(()) | Err(Error::NotFound(_)) => {}
        Err(error) => return Err(error),
    }
    delete_pictures(&envelope)?;
    Ok(Outcome::DONE)
}

/// The document with signatures, values and certificate. Once it is there, it stays the same.
fn prepare(envelope: &Row<Envelope>, settings: &Settings) -> Result<FileId> {
    let id = &envelope.document_id;
    let problem =
        |code: &str| Error::field("document", code, translate(&format!("problem.{code}"), &settings.language, None));
    let digest = read_document_digest(envelope)?;
    if let Some(found) = find_sent_problem(envelope, digest.as_deref()) {
        return Err(problem(found.code()));
    }
    let document = envelope.document.as_ref().ok_or_else(|| problem("gone"))?;
    let events = list_events(id)?;
    if check_trail(envelope, &events) != ChainFinding::Intact {
        return Err(problem("audit"));
    }
    let mut leftovers = Vec::new();
    let merged = build_document(envelope, &document.document_id, &events, settings, &mut leftovers);
    if !leftovers.is_empty() {
        files::delete(&leftovers)?;
    }
    let merged = merged?;
    run_transaction(|| {
        let now = require_envelope_locked(id)?;
        if now.status == EnvelopeStatus::Completing {
            data::update::<Envelope>(id, &json!({ "prepared": { "documentId": merged } }))?;
        }
        Ok(())
    })?;
    Ok(merged)
}

/// Builds it; files on the way to it are added to `leftovers`.
fn build_document(
    envelope: &Row<Envelope>,
    document: &str,
    events: &[LinkedEvent],
    settings: &Settings,
    leftovers: &mut Vec<FileId>,
) -> Result<FileId> {
    let mut signatures: BTreeMap<(String, u64), FileId> = BTreeMap::new();
    let mut values = Vec::new();
    for field in &envelope.form_fields {
        let Some(recipient) = envelope.find_recipient(field.recipient_id()) else { continue };
        let value = match (field.kind, &field.value) {
            (FieldKind::Signature, _) => match (&recipient.signature, recipient.signature_kind) {
                (Some(drawing), Some(SignatureKind::Drawn)) => FieldValue::Image(drawing.document_id.clone()),
                _ => {
                    // Fields of the same shape share a picture.
                    let shape = (recipient.document_id.clone(), (field.width / field.height * 100.0) as u64);
                    let picture = match signatures.get(&shape) {
                        Some(known) => known.clone(),
                        None => {
                            let picture = draw_name(recipient, field.width, field.height, leftovers)?;
                            signatures.insert(shape, picture.clone());
                            picture
                        }
                    };
                    FieldValue::Image(picture)
                }
            },
            (FieldKind::Checkbox, Some(_)) => FieldValue::Checked(true),
            (_, Some(text)) => FieldValue::Text(text.clone()),
            (_, None) => continue,
        };
        let page = u32::try_from(field.page).unwrap_or_default();
        values.push(PlacedValue { page, box_: (field.x, field.y, field.width, field.height), value });
    }
    let placed = pdf::place_values(document, &values)?;
    leftovers.push(placed.clone());
    let language = pick_language(&[envelope.language.as_deref(), Some(&settings.language)]);
    let model = build_certificate(envelope, events, settings, language)?;
    let certificate = pdf("certificate", "certificate.pdf").locale(language).render(&model)?;
    leftovers.push(certificate.clone());
    pdf::merge(&[placed, certificate], &format!("{}.pdf", name_sealed_file(&envelope.title, language)))
}

/// The picture of a typed signature, in the shape of its field.
fn draw_name(recipient: &Recipient, width: f64, height: f64, leftovers: &mut Vec<FileId>) -> Result<FileId> {
    let name = recipient.signature_name.as_deref().unwrap_or(&recipient.name);
    let model = json!({ "name": name, "width": width, "height": height });
    let page = pdf("typed-signature", "signature.pdf").locale("en").render(&model)?;
    leftovers.push(page.clone());
    let picture = pdf::draw_page(&page, 1, choose_picture_width(width, height))?;
    leftovers.push(picture.clone());
    Ok(picture)
}

/// Width of the picture of a field of that size, so that it is not too high either.
fn choose_picture_width(width: f64, height: f64) -> u32 {
    TYPED_WIDTH.min(TYPED_HEIGHT * width / height).max(16.0) as u32
}

/// Name of the sealed file, without its ending: the title as far as it is letters, digits and spaces.
pub(crate) fn name_sealed_file(title: &str, language: &str) -> String {
    let suffix = if language == "nl" { "getekend" } else { "signed" };
    let name = name_file(title);
    if name.is_empty() { suffix.to_owned() } else { format!("{name} - {suffix}") }
}

/// The name of a document by its title, of characters that every system takes in file names; empty for a title without any.
pub(crate) fn name_file(title: &str) -> String {
    let kept: String = title.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { ' ' }).collect();
    let words: Vec<&str> = kept.split_whitespace().collect();
    words.join(" ").chars().take(80).collect()
}

/// Checks the sealed file before anybody gets it.
fn check_seal(sealed: &SealedFile, settings: &Settings) -> Result<()> {
    let findings = pdf::verify(&sealed.file)?;
    let is_good = findings.last().is_some_and(|finding| finding.verdict == "valid" && finding.covers_whole_file);
    if is_good {
        return Ok(());
    }
    let notes: Vec<String> = findings.into_iter().flat_map(|finding| finding.notes).collect();
    let text = translate("problem.seal", &settings.language, Some(&json!({ "notes": notes.join("; ") })));
    Err(Error::field("", "seal", text))
}

/// Model of the mail's template.
#[derive(Serialize)]
struct CompletedMail<'a> {
    name: &'a str,
    title: &'a str,
    company: &'a str,
    sha256: &'a str,
}

/// Stores the sealed document, mails it to everybody and has the files deleted that led to it, in one transaction.
fn finish(envelope: &Row<Envelope>, prepared: FileId, sealed: &SealedFile, settings: &Settings) -> Result<()> {
    let id = &envelope.document_id;
    let sha256 = write_hex(&sealed.sha256);
    let company = settings.company();
    let cleanup = CleanupPayload { envelope: id.clone(), prepared };
    run_transaction(|| {
        let envelope = require_envelope_locked(id)?;
        if envelope.status != EnvelopeStatus::Completing {
            return Ok(());
        }
        job(CLEANUP_JOB).key(id).set(&cleanup)?;
        let mut trail = Trail::of(&envelope);
        let at = trail.at().to_owned();
        let level = if sealed.level == Pades::BT { "PAdES B-T" } else { "PAdES B-B" };
        trail.add("completed", "system", json!({
            "sha256Final": sha256, "sealedAt": time::format(sealed.signed_at), "certificate": sealed.certificate_subject, "level": level,
        }))?;
        trail.write(json!({
            "status": EnvelopeStatus::Completed, "completedAt": at, "sealed": { "documentId": sealed.file }, "sha256Final": sha256,
            "sealedBy": clean_text(&sealed.certificate_subject, 500), "problem": null, "prepared": null,
        }))?;
        let team = pick_language(&[envelope.language.as_deref(), Some(&settings.language)]);
        let sender = envelope.sender_email.as_deref().map(|email| (email, envelope.sender_name.as_str(), team));
        let recipients = envelope
            .recipients
            .iter()
            .map(|to| (to.email.as_str(), to.name.as_str(), envelope.language_of(Some(to), settings)));
        for (email, name, language) in recipients.chain(sender) {
            let mail = Mail {
                key: format!("envelope/{id}/completed"),
                to: email,
                template: "completed",
                language,
                attach: Some(sealed.file.clone()),
            };
            let model = CompletedMail { name, title: &envelope.title, company: &company, sha256: &sha256 };
            send_or_warn(&envelope, mail, &model, settings)?;
        }
        notify_team(&envelope.owner, &envelope, "completed", "", "", settings);
        let mut data = describe_event(&envelope, EnvelopeStatus::Completed.name(), None, "");
        data["sha256Final"] = json!(sha256);
        events::publish("esign.envelope.completed", id, &data)
    })
}

/// Notes what keeps an envelope from being sealed, for who can do something about it.
fn note_problem(id: &str, problem: &Error, settings: &Settings) -> Result<()> {
    let detail = match problem {
        Error::Invalid(fields) => fields.iter().map(|field| field.message.as_str()).collect::<Vec<_>>().join(" "),
        Error::Denied(why) => translate("problem.denied", &settings.language, Some(&json!({ "why": why }))),
        Error::Unavailable(_) => translate("problem.unavailable", &settings.language, None),
        other => other.describe(),
    };
    let text = clean_text(&detail, MAX_PROBLEM);
    run_transaction(|| {
        let envelope = require_envelope_locked(id)?;
        if envelope.status != EnvelopeStatus::Completing || envelope.problem.as_deref() == Some(text.as_str()) {
            return Ok(());
        }
        data::update::<Envelope>(id, &json!({ "problem": text }))?;
        notify_team(&envelope.owner, &envelope, "unsealed", &text, &text, settings);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_the_title() {
        assert_eq!(name_file("Koopcontract E-Type nr. 12/3"), "Koopcontract E-Type nr 12 3");
        assert_eq!(name_sealed_file("Koopcontract E-Type nr. 12/3", "nl"), "Koopcontract E-Type nr 12 3 - getekend");
        assert_eq!(name_sealed_file("../\"<>\u{0}", "en"), "signed");
        assert!(name_sealed_file(&"é".repeat(300), "en").chars().count() < 100);
    }
}
