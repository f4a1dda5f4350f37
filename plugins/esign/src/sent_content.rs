//! Checks that an envelope is still what was sent: nobody signs, sees or seals anything else.

use crate::audit_chain::write_hex;
use crate::draft_approval::digest_draft;
use crate::model::Envelope;
use cairn_plugin::prelude::*;
use cairn_plugin::{Conflict, files};

/// Part that is no longer as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SentProblem {
    /// The document has other bytes.
    DocumentChanged,
    /// The document is no longer there.
    DocumentGone,
    /// A text, somebody who signs, or a field is another. Hooks refuse that; whoever signs does not depend on it.
    PartsChanged,
}

impl SentProblem {
    /// The key of the text that says so, after `problem.`.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::DocumentChanged => "changed",
            Self::DocumentGone => "gone",
            Self::PartsChanged => "parts",
        }
    }
}

/// Compares an envelope, and the digest that its document has now, with what was sent.
pub(crate) fn find_sent_problem(envelope: &Envelope, document_sha256: Option<&str>) -> Option<SentProblem> {
    let Some(now) = document_sha256 else { return Some(SentProblem::DocumentGone) };
    if envelope.sha256_original.as_deref() != Some(now) {
        return Some(SentProblem::DocumentChanged);
    }
    let is_same = envelope.sent_digest.as_deref() == Some(digest_draft(envelope, now).as_str());
    (!is_same).then_some(SentProblem::PartsChanged)
}

/// The digest that the document of an envelope has now; `None` where it is gone.
///
/// # Errors
/// What the host says.
pub(crate) fn read_document_digest(envelope: &Envelope) -> Result<Option<String>> {
    let Some(document) = &envelope.document else { return Ok(None) };
    Ok(files::stat(&document.document_id)?.map(|info| write_hex(&info.sha256)))
}

/// Refuses an envelope that is no longer what was sent.
///
/// # Errors
/// `Conflict` of the kind `changed`, in that language.
pub(crate) fn require_as_sent(envelope: &Envelope, language: &str) -> Result<()> {
    let digest = read_document_digest(envelope)?;
    match find_sent_problem(envelope, digest.as_deref()) {
        None => Ok(()),
        Some(_) => Err(Error::Conflict(Conflict {
            kind: "changed".to_owned(),
            existing: None,
            message: translate("page.changed", language, None),
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn envelope(recipients: &Value, digest: &str) -> Envelope {
        let json =
            json!({ "title": "Contract", "sha256Original": "d1", "sentDigest": digest, "recipients": recipients });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn exchanged_parts_and_documents_are_noticed() {
        let ann = json!({ "documentId": "a", "name": "Ann", "email": "ann@example.com", "role": "signer", "group": 1 });
        let mut mallory = ann.clone();
        mallory["email"] = json!("evil@example.com");
        let digest = digest_draft(&envelope(&json!([ann]), ""), "d1");
        let find = |recipients: Value, sha256| find_sent_problem(&envelope(&recipients, &digest), sha256);
        assert_eq!(find(json!([ann]), Some("d1")), None);
        assert_eq!(find(json!([ann]), Some("d2")), Some(SentProblem::DocumentChanged));
        assert_eq!(find(json!([ann]), None), Some(SentProblem::DocumentGone));
        assert_eq!(find(json!([mallory]), Some("d1")), Some(SentProblem::PartsChanged));
        assert_eq!(find(json!([]), Some("d1")), Some(SentProblem::PartsChanged));
    }
}
