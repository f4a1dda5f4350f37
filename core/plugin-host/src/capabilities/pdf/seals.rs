//! Seals: by whoever a profile of the operator's leads to.

use crate::bindings::host::pdf::{Pades, SealRequest, SealedFile};
use crate::bindings::types::Error;
use crate::faults::{denied, internal, invalid, of_content};
use crate::limits::Export;
use crate::sealers::{SealLevel, SealWish, Sealed, Unsealed};
use crate::state::State;
use cairn_seals::{CustodyError, SealProfile};
use cairn_store::events::NewEvent;
use cairn_store::plugins::KvPut;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

/// Longest key, and longest text that is shown with a seal, in bytes.
const KEY: usize = 255;
const TEXT: usize = 1_000;

/// What a key was answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Answered {
    file: String,
    sha256: Vec<u8>,
    signed_at: i64,
    subject: String,
    level: SealLevel,
}

impl State {
    /// Has a PDF sealed; the grant was looked at.
    pub(super) async fn sealed(&mut self, request: SealRequest) -> wasmtime::Result<Result<SealedFile, Error>> {
        let wish = match self.wish(&request) {
            Ok(wish) => wish,
            Err(error) => return Ok(Err(error)),
        };
        // Kept beside the plugin's own entries, under a name that no plugin has.
        let place = format!("{}/seals", self.generation.id());
        match self.answered_before(&place, &request.key).await {
            Ok(None) => {}
            Ok(Some(before)) => return Ok(Ok(before.shown())),
            Err(error) => return Ok(Err(error)),
        }
        let known = match self.known_file(&request.file).await {
            Ok(known) => known,
            Err(error) => return Ok(Err(error)),
        };
        let pdf = match self.all_of(&request.file, &known).await {
            Ok(pdf) => pdf,
            Err(error) => return Ok(Err(error)),
        };
        let profile = match self.profile(&request.profile).await {
            Ok(profile) => profile,
            Err(error) => return Ok(Err(error)),
        };
        let Some(sealer) = self.generation.ground().sealer().cloned() else {
            self.note("this version of Cairn cannot seal PDFs: pdf.seal returns `unavailable`");
            return Ok(Err(Error::Unavailable(None)));
        };
        if let Err(error) = self.told_of_sealing(&wish, &profile, &pdf).await {
            return Ok(Err(error));
        }
        let Sealed { pdf, signed_at, level } = match sealer.seal(pdf, &wish, &profile).await {
            Ok(sealed) => sealed,
            Err(Unsealed::Refused(why)) => return Ok(Err(invalid("file", "seal", why))),
            Err(Unsealed::Later(after)) => {
                return Ok(Err(Error::Unavailable(
                    after.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
                )));
            }
            Err(Unsealed::Fault(why)) => return Ok(Err(internal(why))),
        };
        let file = match self.store_file(&known.name, super::MEDIA_TYPE, pdf.to_vec()).await? {
            Ok(file) => file,
            Err(error) => return Ok(Err(error)),
        };
        let sha256 = Sha256::digest(&pdf).to_vec();
        let answered = Answered { file, sha256, signed_at, subject: profile.certificate.subject, level };
        let value = serde_json::to_vec(&answered).map_err(wasmtime::Error::new)?;
        let entry = KvPut { key: request.key.clone(), value, expires_at: None, expect: Some(0) };
        let (at, now) = (place.clone(), State::now(self));
        let put = self.write(move |tx| {
            tx.put_plugin_entries(&at, std::slice::from_ref(&entry), now).map_err(|e| of_content(e.into()))
        });
        Ok(match put.await {
            Ok(None) => Ok(answered.shown()),
            // Somebody was faster with the same key: what that was answered is the answer.
            Ok(Some(_)) => match self.answered_before(&place, &request.key).await {
                Ok(Some(before)) => Ok(before.shown()),
                Ok(None) => Err(internal("a recorded seal is missing")),
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        })
    }

    /// What is wished, by somebody who may.
    fn wish(&self, request: &SealRequest) -> Result<SealWish, Error> {
        if self.asked.export != Export::Job {
            return Err(denied("PDFs can only be sealed in jobs, because a time-stamp authority may respond slowly"));
        }
        if !self.generation.grants.may_seal(&request.profile) {
            return Err(denied(format!("sealing with the profile {:?} is not granted", request.profile)));
        }
        if request.key.is_empty() || request.key.len() > KEY {
            return Err(invalid("key", "key", format!("a key must have 1 to {KEY} bytes")));
        }
        let texts = [Some(&request.reason), request.location.as_ref(), request.field.as_ref()];
        if texts.into_iter().flatten().any(|text| text.len() > TEXT || text.chars().any(char::is_control)) {
            let message = format!("reason, location and field can have at most {TEXT} bytes and no control characters");
            return Err(invalid("reason", "text", message));
        }
        let level = match request.level {
            Pades::BB => SealLevel::BB,
            Pades::BT => SealLevel::BT,
            Pades::BLt => SealLevel::BLt,
            Pades::BLta => SealLevel::BLta,
        };
        Ok(SealWish {
            plugin: self.generation.id().to_owned(),
            key: request.key.clone(),
            level,
            reason: request.reason.clone(),
            location: request.location.clone(),
            field: request.field.clone(),
            final_seal: request.final_seal,
        })
    }

    /// The operator's profile of that name, open.
    async fn profile(&mut self, name: &str) -> Result<SealProfile, Error> {
        let (access, of) = (self.generation.access().clone(), name.to_owned());
        let found = self.read(move |r| {
            cairn_seals::open(r, &access, &of).map_err(|error| match error {
                CustodyError::Store(error) => of_content(error.into()),
                error => internal(error),
            })
        });
        found
            .await?
            .ok_or_else(|| denied(format!("sealing profile {name:?} not found; the operator has to configure it")))
    }

    /// Has the audit log know of a key before it is used: what is sealed, by which plugin and certificate. It waits for the disk.
    async fn told_of_sealing(&mut self, wish: &SealWish, profile: &SealProfile, pdf: &[u8]) -> Result<(), Error> {
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
                "sha256": hex(&Sha256::digest(pdf)),
                "key": wish.key,
                "reason": wish.reason,
                "call": self.asked.id,
            }),
        };
        let (actor, now) = (self.generation.actor.clone(), State::now(self));
        self.write(move |tx| tx.emit(&actor, &event, now).map_err(|e| of_content(e.into()))).await
    }

    async fn answered_before(&mut self, place: &str, key: &str) -> Result<Option<Answered>, Error> {
        let (place, key, now) = (place.to_owned(), key.to_owned(), State::now(self));
        let found = self.read(move |r| r.plugin_entries(&place, &[&key], now).map_err(|e| of_content(e.into())));
        let entry = found.await?.into_iter().next().flatten();
        entry.map(|entry| serde_json::from_slice(&entry.value)).transpose().map_err(internal)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Answered {
    fn shown(self) -> SealedFile {
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
