//! Seals of PDFs, by the service of a profile that the operator configured.

use crate::call::state::CallState;
use crate::contract::bindings::host::pdf::{Pades, SealRequest, SealedFile, SealingProfile};
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::{denied_error, from_content_error, internal_error, invalid_field};
use crate::contract::host_error::HostResult;
use crate::contract::plugin_export::PluginExport;
use crate::services::sealer::{PdfSealError, SealLevel, SealOptions, SealedPdf};
use cairn_seals::{KeystoreError, SealProfile};
use cairn_store::events::NewEvent;
use cairn_store::plugins::KvPut;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

/// Longest key, and longest text that is shown with a seal, in bytes.
const MAX_KEY_BYTES: usize = 255;
const MAX_TEXT_BYTES: usize = 1_000;

/// Seal made under an idempotency key, stored so that a repeated request gets it again.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct SealRecord {
    file: String,
    sha256: Vec<u8>,
    signed_at: i64,
    subject: String,
    level: SealLevel,
}

const fn to_seal_level(level: Pades) -> SealLevel {
    match level {
        Pades::BB => SealLevel::BB,
        Pades::BT => SealLevel::BT,
        Pades::BLt => SealLevel::BLt,
        Pades::BLta => SealLevel::BLta,
    }
}

impl CallState {
    /// Has a PDF sealed; the grant was looked at.
    pub(super) async fn seal_pdf(&mut self, request: SealRequest) -> HostResult<SealedFile> {
        let wish = self.seal_options(&request)?;
        // Stored beside the plugin's own entries, under an id that no plugin has.
        let place = format!("{}/seals", self.definition.id());
        if let Some(before) = self.find_seal_record(&place, &request.key).await? {
            return Ok(before.into_sealed_file());
        }
        let visible_file = self.find_visible_file(&request.file).await?;
        let pdf = self.read_all_bytes(&request.file, &visible_file).await?;
        let profile = self.open_seal_profile(&request.profile).await?;
        let Some(sealer) = self.definition.host_context().sealer().cloned() else {
            self.log_warning("cairn-pdf is not installed: place it next to the cairn program to seal PDFs");
            return Err(Error::Unavailable(None).into());
        };
        self.audit_sealing(&wish, &profile, &pdf).await?;
        let SealedPdf { pdf, signed_at, level } = match sealer.seal_pdf(pdf, &wish, &profile).await {
            Ok(sealed) => sealed,
            Err(PdfSealError::Refused(why)) => return Err(invalid_field("file", "seal", why).into()),
            Err(PdfSealError::Later(after)) => {
                return Err(
                    Error::Unavailable(after.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))).into()
                );
            }
            Err(PdfSealError::Fault(why)) => return Err(internal_error(why).into()),
        };
        let file = self.store_file(&visible_file.name, super::MEDIA_TYPE, pdf.to_vec()).await?;
        let sha256 = Sha256::digest(&pdf).to_vec();
        let record = SealRecord { file, sha256, signed_at, subject: profile.certificate.subject, level };
        let value = serde_json::to_vec(&record).map_err(wasmtime::Error::new)?;
        let entry = KvPut { key: request.key.clone(), value, expires_at: None, expect: Some(0) };
        let (at, now) = (place.clone(), CallState::now(self));
        let future = self.with_transaction(move |tx| {
            tx.plugin_kv().put(&at, std::slice::from_ref(&entry), now).map_err(|e| from_content_error(e.into()))
        });
        if future.await?.is_none() {
            return Ok(record.into_sealed_file());
        }
        // A concurrent call with the same key was faster: its response is returned.
        let before = self.find_seal_record(&place, &request.key).await?;
        Ok(before.ok_or_else(|| internal_error("a recorded seal is missing"))?.into_sealed_file())
    }

    /// The options of a request, if the call may seal.
    fn seal_options(&self, request: &SealRequest) -> Result<SealOptions, Error> {
        if self.context.export != PluginExport::Job {
            return Err(denied_error(
                "PDFs can only be sealed in jobs, because a time-stamp authority may respond slowly",
            ));
        }
        if !self.definition.grants.may_seal(&request.profile) {
            return Err(denied_error(format!("sealing with the profile {:?} is not granted", request.profile)));
        }
        if request.key.is_empty() || request.key.len() > MAX_KEY_BYTES {
            return Err(invalid_field("key", "key", format!("a key must have 1 to {MAX_KEY_BYTES} bytes")));
        }
        let texts = [Some(&request.reason), request.location.as_ref(), request.field.as_ref()];
        if texts.into_iter().flatten().any(|text| text.len() > MAX_TEXT_BYTES || text.chars().any(char::is_control)) {
            let message =
                format!("reason, location and field can have at most {MAX_TEXT_BYTES} bytes and no control characters");
            return Err(invalid_field("reason", "text", message));
        }
        let level = to_seal_level(request.level);
        Ok(SealOptions {
            plugin: self.definition.id().to_owned(),
            key: request.key.clone(),
            level,
            reason: request.reason.clone(),
            location: request.location.clone(),
            field: request.field.clone(),
            final_seal: request.final_seal,
        })
    }

    /// Describes a profile, and whether it can seal now.
    pub(super) async fn describe_seal_profile(&mut self, name: &str, level: Pades) -> Result<SealingProfile, Error> {
        if !self.definition.grants.may_seal(name) {
            return Err(denied_error(format!("sealing with the profile {name:?} is not granted")));
        }
        let profile = self.find_seal_profile(name).await?.ok_or_else(|| {
            Error::NotFound(format!("sealing profile {name:?} not found; the operator has to configure it"))
        })?;
        let problem = match self.definition.host_context().sealer() {
            Some(sealer) => sealer.find_problem(&profile, to_seal_level(level)),
            None => Some("cairn-pdf is not installed: place it next to the cairn program to seal PDFs".to_owned()),
        };
        let certificate = profile.certificate;
        Ok(SealingProfile {
            certificate_subject: certificate.subject,
            valid_from: certificate.not_before,
            valid_until: certificate.not_after,
            problem,
        })
    }

    /// The operator's profile of that name, open.
    async fn open_seal_profile(&mut self, name: &str) -> Result<SealProfile, Error> {
        self.find_seal_profile(name).await?.ok_or_else(|| {
            denied_error(format!("sealing profile {name:?} not found; the operator has to configure it"))
        })
    }

    async fn find_seal_profile(&mut self, name: &str) -> Result<Option<SealProfile>, Error> {
        let (access, profile_name) = (self.definition.access().clone(), name.to_owned());
        let future = self.with_reader(move |r| {
            cairn_seals::open_profile(r, &access, &profile_name).map_err(|error| match error {
                KeystoreError::Store(error) => from_content_error(error.into()),
                error => internal_error(error),
            })
        });
        future.await
    }

    /// Has the audit log know of a key before it is used: what is sealed, by which plugin and certificate. It waits for the disk.
    async fn audit_sealing(&mut self, wish: &SealOptions, profile: &SealProfile, pdf: &[u8]) -> Result<(), Error> {
        let event = NewEvent {
            name: "cairn.seal-profile.used".to_owned(),
            key: profile.name.clone(),
            content_type: None,
            document_id: None,
            locale: None,
            status: None,
            data: json!({
                "profile": profile.name,
                "certificate": profile.certificate.fingerprint,
                "sha256": encode_hex(&Sha256::digest(pdf)),
                "key": wish.key,
                "reason": wish.reason,
                "call": self.context.id,
            }),
        };
        let (actor, now) = (self.definition.actor.clone(), CallState::now(self));
        self.with_transaction(move |tx| tx.events().emit(&actor, &event, now).map_err(|e| from_content_error(e.into())))
            .await
    }

    async fn find_seal_record(&mut self, place: &str, key: &str) -> Result<Option<SealRecord>, Error> {
        let (place, key, now) = (place.to_owned(), key.to_owned(), CallState::now(self));
        let future = self.with_reader(move |r| {
            r.plugin_kv().get_entries(&place, &[&key], now).map_err(|e| from_content_error(e.into()))
        });
        let entry = future.await?.into_iter().next().flatten();
        entry.map(|entry| serde_json::from_slice(&entry.value)).transpose().map_err(internal_error)
    }
}

fn encode_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl SealRecord {
    fn into_sealed_file(self) -> SealedFile {
        let level = match self.level {
            SealLevel::BB => Pades::BB,
            SealLevel::BT => Pades::BT,
            SealLevel::BLt => Pades::BLt,
            SealLevel::BLta => Pades::BLta,
        };
        let Self { file, sha256, signed_at, subject, .. } = self;
        SealedFile { file, sha256, signed_at, certificate_subject: subject, level }
    }
}
