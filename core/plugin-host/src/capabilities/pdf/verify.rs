//! Signatures of PDFs, verified for plugins.

use crate::call::state::CallState;
use crate::contract::bindings::host::pdf::{Finding, Pades};
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::{from_content_error, internal_error, invalid_field};
use crate::services::pdf_signatures::{PdfVerifyError, SignatureFinding};
use bytes::Bytes;
use cairn_pades::{SignatureLevel, TrustAnchors};
use cairn_seals::KeystoreError;

impl CallState {
    /// Verifies the signatures of a PDF, by those that the operator trusts and the tenant's own sealing profiles.
    pub(super) async fn verify_signatures(&mut self, pdf: Bytes) -> Result<Vec<Finding>, Error> {
        let trust = self.trust_anchors().await?;
        let at = CallState::now(self);
        let (program, until) = self.pdf_program()?;
        let verified = tokio::task::spawn_blocking(move || program.verify_signatures(&pdf, &trust, at, until)).await;
        let findings = verified.map_err(internal_error)?.map_err(|failed| match failed {
            PdfVerifyError::Refused(why) => invalid_field("file", "pdf", why),
            PdfVerifyError::TooMuch => self.exhausted_error(),
            PdfVerifyError::Fault(error) => self.program_error(error),
        })?;
        Ok(findings.into_iter().map(to_finding).collect())
    }

    async fn trust_anchors(&mut self) -> Result<TrustAnchors, Error> {
        let mut trust = self.definition.host_context().trust().clone();
        let own = self.with_reader(|r| {
            cairn_seals::list_certificates(r).map_err(|error| match error {
                KeystoreError::Store(error) => from_content_error(error.into()),
                error => internal_error(error),
            })
        });
        for der in own.await? {
            trust.add_der(&der).map_err(internal_error)?;
        }
        Ok(trust)
    }
}

fn to_finding(finding: SignatureFinding) -> Finding {
    Finding {
        field: finding.field,
        signer: finding.signer,
        signed_at: finding.signed_at,
        level: finding.level.map(|level| match level {
            SignatureLevel::BB => Pades::BB,
            SignatureLevel::BT => Pades::BT,
        }),
        covers_whole_file: finding.covers_whole_file,
        verdict: finding.verdict.as_str().to_owned(),
        notes: finding.notes,
    }
}
