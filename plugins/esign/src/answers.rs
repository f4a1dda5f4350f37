//! Actions of signers: they open the document, sign it or decline. Each counts once. A signature is stored in a short transaction; what follows
//! from it is a job.

use crate::audit::Trail;
use crate::audit_chain::hash_bytes;
use crate::deadlines::cancel_timers;
use crate::document_opening::{AnswerResult, Origin, describe_origin, note_opened};
use crate::envelope_state::{EnvelopeStatus, RecipientStatus, Role, SigningPageState};
use crate::envelopes::require_envelope_locked;
use crate::invitations::{Invitations, Occasion};
use crate::model::Recipient;
use crate::notices::{EnvelopeEnding, notify_team, tell_ending};
use crate::sealing::start_sealing;
use crate::sent_content::require_as_sent;
use crate::settings::Settings;
use crate::signer_answer::SignerAnswer;
use crate::signer_links::require_signer;
use cairn_plugin::jobs::{job, timer};
use cairn_plugin::prelude::*;
use cairn_plugin::{FileId, files, run_transaction};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Notes that a signer opens the document.
///
/// # Errors
/// `NotFound` for a link that is none, `Conflict` for an envelope that is no longer what was sent.
pub(crate) fn open_document(hash: &str, origin: &Origin, settings: &Settings) -> Result<AnswerResult> {
    run_transaction(|| note_opened(&require_signer(hash, true)?, origin, settings))
}

/// Takes a signature of that recipient. Given twice it counts once.
///
/// # Errors
/// `NotFound` for a link that is none, `Conflict` for an envelope that is no longer what was sent.
pub(crate) fn sign_document(
    hash: &str,
    recipient: &str,
    answer: &SignerAnswer,
    origin: &Origin,
    settings: &Settings,
) -> Result<AnswerResult> {
    let drawing = answer.signature.drawing.as_deref();
    let file = drawing.map(|drawing| store_drawing(hash, recipient, drawing)).transpose()?;
    let taken = run_transaction(|| take_signature(hash, answer, file.as_ref(), origin, settings));
    let is_used = matches!(taken, Ok((AnswerResult::Taken, true)));
    if let (Some(file), false) = (file, is_used) {
        jobs::cancel(DRAWING_JOB, &file)?;
        files::delete(&[file])?;
    }
    taken.map(|(result, _)| result)
}

/// The job that deletes a drawing that no signature has; its key is the file's id.
pub(crate) const DRAWING_JOB: &str = "drawing";
/// Time after which a drawing belongs to a signature or never will, in milliseconds.
const DRAWING_LIFE_MS: i64 = 3_600_000;

#[derive(Debug, Serialize, Deserialize)]
struct SignatureDrawing {
    file: FileId,
    /// Hash of the link with which it was sent.
    link: String,
    /// Id of the signer; empty in jobs of versions before 0.6.
    #[serde(default)]
    recipient: String,
}

/// Stores a drawing. Files are stored outside of transactions: a job deletes this one if the call ends before its signature is stored.
fn store_drawing(hash: &str, recipient: &str, drawing: &[u8]) -> Result<FileId> {
    let file = files::create("signature.png", "image/png", drawing)?;
    let payload = SignatureDrawing { file: file.clone(), link: hash.to_owned(), recipient: recipient.to_owned() };
    timer(DRAWING_JOB).key(&file).due(time::now().saturating_add(DRAWING_LIFE_MS)).set(&payload)?;
    Ok(file)
}

/// Deletes a drawing that no signature has.
///
/// # Errors
/// What another attempt may cure.
pub(crate) fn delete_unused_drawing(task: &Task) -> Result<Outcome> {
    let SignatureDrawing { file, link, recipient } = task.payload()?;
    let signer = match recipient.as_str() {
        "" => json!({ "tokenHash": { "$eq": link } }),
        id => json!({ "documentId": { "$eq": id } }),
    };
    let query = data::find::<Recipient>().filter(signer).fields(&["name"]);
    let recipient = query.populate(json!({ "signature": true })).first()?;
    // A signature that counts has cancelled this job.
    let is_used = recipient.is_some_and(|to| to.signature.as_ref().is_some_and(|own| own.document_id == file));
    if !is_used && files::stat(&file)?.is_some() {
        files::delete(&[file])?;
    }
    Ok(Outcome::DONE)
}

/// The signature in the open transaction; and whether it is this one that counts.
fn take_signature(
    hash: &str,
    answer: &SignerAnswer,
    file: Option<&FileId>,
    origin: &Origin,
    settings: &Settings,
) -> Result<(AnswerResult, bool)> {
    let signer = require_signer(hash, true)?;
    if signer.recipient.status == RecipientStatus::Signed {
        return Ok((AnswerResult::Taken, false));
    }
    let page_state = signer.page_state();
    if page_state != SigningPageState::Open {
        return Ok((AnswerResult::Refused(page_state), false));
    }
    let envelope = &signer.envelope;
    let id = &envelope.document_id;
    require_as_sent(envelope, envelope.language_of(Some(&signer.recipient), settings))?;
    let mut trail = Trail::of(envelope);
    for (field, value) in &answer.values {
        trail.fill_field(field, value)?;
    }
    let signature = &answer.signature;
    trail.change_recipient(
        &signer.recipient.document_id,
        &json!({
            "status": RecipientStatus::Signed, "signedAt": trail.at(), "signatureKind": signature.kind, "signatureName": signature.name,
            "signature": file.map(|file| json!({ "documentId": file })), "ipAddress": origin.ip_address, "userAgent": origin.user_agent,
        }),
    )?;
    let mut data = describe_origin(&signer, origin);
    data["signature"] = json!(signature.kind);
    data["signedAs"] = json!(signature.name);
    data["signatureSha256"] = json!(signature.drawing.as_deref().map_or_else(String::new, hash_bytes));
    data["valuesSha256"] = json!(hash_bytes(json!(answer.values).to_string().as_bytes()));
    data["documentSha256"] = json!(envelope.sha256_original);
    data["consent"] = json!("yes");
    trail.add("signed", &signer.describe(), data)?;
    signer.publish("signed", envelope.status.name(), "")?;

    trail.write(json!({}))?;
    if let Some(file) = file {
        jobs::cancel(DRAWING_JOB, file)?;
    }
    job(ANSWER_JOB)
        .key(format!("{id}/{}", signer.recipient.document_id))
        .set(&FollowUp { envelope: id.clone(), recipient: signer.recipient.document_id.clone() })?;
    Ok((AnswerResult::Taken, true))
}

/// The job that does what follows from a signature; its key is the envelope's id and the recipient's.
pub(crate) const ANSWER_JOB: &str = "answer";

#[derive(Debug, Serialize, Deserialize)]
struct FollowUp {
    envelope: String,
    recipient: String,
}

/// Does what follows from a signature that was stored: the next signers get their links or, once everybody has signed, the envelope is sealed.
/// It may run twice, and after other signatures.
///
/// # Errors
/// What another attempt may cure.
pub(crate) fn follow_answer(task: &Task) -> Result<Outcome> {
    let FollowUp { envelope: id, recipient } = task.payload()?;
    let settings = Settings::load()?;
    let followed = run_transaction(|| {
        let envelope = require_envelope_locked(&id)?;
        if !envelope.status.is_open() {
            return Ok(());
        }
        if let Some(signer) = envelope.find_recipient(&recipient) {
            notify_team(&envelope.owner, &envelope, "signed", &recipient, &signer.name, &settings);
        }
        let mut trail = Trail::of(&envelope);
        let Some(group) = envelope.current_group() else {
            trail.write(json!({ "status": EnvelopeStatus::Completing }))?;
            cancel_timers(&id)?;
            return start_sealing(&id);
        };
        let Some(end) = envelope.expires_at.as_deref().filter(|_| !envelope.is_over(time::now())) else {
            return Ok(());
        };
        let invitations = Invitations { envelope: &envelope, settings: &settings, expires_at: time::parse(end)? };
        let is_next = |to: &&Row<Recipient>| {
            to.role == Role::Signer && to.group == group && to.status == RecipientStatus::Waiting
        };
        let next: Vec<&Row<Recipient>> = envelope.recipients.iter().filter(is_next).collect();
        if next.is_empty() {
            return Ok(());
        }
        next.into_iter().try_for_each(|to| invitations.invite(&mut trail, to, Occasion::Turn))?;
        trail.write(json!({}))
    });
    match followed {
        // The envelope was deleted in the meantime.
        Err(Error::NotFound(_)) => Ok(Outcome::DONE),
        other => other.map(|()| Outcome::DONE),
    }
}

/// Takes that a signer declines: the envelope ends for everybody.
///
/// # Errors
/// `NotFound` for a link that is none.
pub(crate) fn decline_document(hash: &str, reason: &str, origin: &Origin, settings: &Settings) -> Result<AnswerResult> {
    run_transaction(|| {
        let signer = require_signer(hash, true)?;
        if signer.recipient.status == RecipientStatus::Declined {
            return Ok(AnswerResult::Taken);
        }
        match signer.page_state() {
            SigningPageState::Invited | SigningPageState::Open => {}
            page_state => return Ok(AnswerResult::Refused(page_state)),
        }
        let envelope = &signer.envelope;
        let id = &envelope.document_id;
        let mut trail = Trail::of(envelope);
        let fields = json!({
            "status": RecipientStatus::Declined, "declinedReason": reason, "ipAddress": origin.ip_address, "userAgent": origin.user_agent,
        });
        trail.change_recipient(&signer.recipient.document_id, &fields)?;
        let mut data = describe_origin(&signer, origin);
        data["reason"] = json!(reason);
        trail.add("declined", &signer.describe(), data)?;
        trail.write(json!({
            "status": EnvelopeStatus::Declined, "endedBy": signer.recipient.name, "endReason": reason,
        }))?;
        cancel_timers(id)?;
        let ending = EnvelopeEnding { kind: "declined", occasion: "", by: &signer.recipient.name, reason };
        tell_ending(envelope, ending, Some(&signer.recipient.document_id), settings)?;
        signer.publish("declined", EnvelopeStatus::Declined.name(), reason)?;
        Ok(AnswerResult::Taken)
    })
}
