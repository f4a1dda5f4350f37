//! The opening of a document by a signer: where they did it from, and whether it counts.

use crate::audit::Trail;
use crate::envelope_state::{EnvelopeStatus, RecipientStatus, SigningPageState};
use crate::sent_content::require_as_sent;
use crate::settings::Settings;
use crate::signer::Signer;
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

/// Where somebody signs from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) ip_address: String,
    pub(crate) user_agent: String,
}

/// Outcome of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnswerResult {
    /// It counts: now, or since it was given before.
    Taken,
    /// It cannot be given as things stand.
    Refused(SigningPageState),
}

/// Describes a signer and where they came from, as it is noted in each event of theirs.
pub(crate) fn describe_origin(signer: &Signer, origin: &Origin) -> Value {
    let mut data = json!({
        "recipient": signer.recipient.document_id, "name": signer.recipient.name, "email": signer.recipient.email,
        "ipAddress": origin.ip_address, "userAgent": origin.user_agent,
    });
    if let Some(way) = signer.way {
        data["way"] = json!(way);
    }
    data
}

/// Notes that a signer opens the document, whose envelope the transaction holds.
///
/// # Errors
/// `Conflict` for an envelope that is no longer what was sent.
pub(crate) fn note_opened(signer: &Signer, origin: &Origin, settings: &Settings) -> Result<AnswerResult> {
    match signer.page_state() {
        SigningPageState::Invited => {}
        SigningPageState::Open | SigningPageState::Signed | SigningPageState::Completed => {
            return Ok(AnswerResult::Taken);
        }
        page_state => return Ok(AnswerResult::Refused(page_state)),
    }
    let envelope = &signer.envelope;
    require_as_sent(envelope, envelope.language_of(Some(&signer.recipient), settings))?;
    let mut trail = Trail::of(envelope);
    let fields = json!({ "status": RecipientStatus::Viewed, "viewedAt": trail.at() });
    trail.change_recipient(&signer.recipient.document_id, &fields)?;
    trail.add("viewed", &signer.describe(), describe_origin(signer, origin))?;
    trail.write(json!({ "status": EnvelopeStatus::InProgress }))?;
    signer.publish("viewed", EnvelopeStatus::InProgress.name(), "")?;
    Ok(AnswerResult::Taken)
}
