//! Seals as PAdES baseline signatures. `cairn-pdf` makes room for the signature in the PDF, which may be hostile; the signature itself is
//! written here (`cairn-pades`), with the key of a profile, and with a time stamp where the level asks for one.

use crate::services::pdf::{MAX_TASK_TIME, PdfProgram, PdfTaskError};
use crate::services::pdf_signatures::signed_parts;
use crate::services::sealer::{PdfSealError, SealLevel, SealOptions, SealedPdf, Sealer};
use crate::services::time_stamps::TimeStampAuthority;
use bytes::Bytes;
use cairn_access::Clock;
use cairn_pades::{PendingSignature, SignatureAlgorithm, SignedMessage, find_invalid_certificate};
use cairn_pdf_protocol::{Answer, SealPlace, Task};
use cairn_seals::{Algorithm, SealProfile};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Instant;

/// Room for what a signature has beside certificates and a time stamp, in bytes.
const BASIC_ROOM: usize = 3_000;
/// Room for a time stamp with its certificates, in bytes.
const TIME_STAMP_ROOM: usize = 20_000;

/// Makes seals of the levels B-B and, with a time-stamp authority, B-T.
pub struct PadesSealer {
    pdf: PdfProgram,
    clock: Arc<dyn Clock>,
    authority: Option<TimeStampAuthority>,
}

impl PadesSealer {
    /// `pdf`: makes room in the PDF. `clock`: says at which time a seal is made. `authority`: needed for B-T.
    pub fn new(pdf: PdfProgram, clock: Arc<dyn Clock>, authority: Option<TimeStampAuthority>) -> Self {
        Self { pdf, clock, authority }
    }

    async fn make_seal(
        &self,
        pdf: Bytes,
        wish: &SealOptions,
        profile: &SealProfile,
    ) -> Result<SealedPdf, PdfSealError> {
        let authority = self.required_authority(wish.level)?;
        let now = self.clock.now().timestamp_millis();
        if let Some(why) = find_expired(profile, now) {
            return Err(PdfSealError::Refused(why));
        }
        let certificates: usize = profile.chain.iter().map(Vec::len).sum();
        let room = BASIC_ROOM + certificates + authority.map_or(0, |_| TIME_STAMP_ROOM);
        let place = SealPlace {
            field: wish.field.clone(),
            name: profile.certificate.subject.clone(),
            reason: wish.reason.clone(),
            location: wish.location.clone(),
            at: now,
            room: u32::try_from(room).unwrap_or(u32::MAX),
            final_seal: wish.final_seal,
        };
        let (mut file, hole) = self.reserve_room(pdf, place).await?;
        let (before, contents, after) = signed_parts(&file, (hole.0, hole.1, file.len() as u64))
            .ok_or_else(|| PdfSealError::Fault("cairn-pdf did not make room for the signature".to_owned()))?;
        let algorithm = match profile.key.algorithm() {
            Algorithm::Rsa(_) => SignatureAlgorithm::RsaSha256,
            Algorithm::P256 => SignatureAlgorithm::EcdsaSha256,
            Algorithm::P384 => SignatureAlgorithm::EcdsaSha384,
        };
        let fault =
            |e: cairn_pades::SigningError| PdfSealError::Fault(format!("sealing profile {}: {e}", profile.name));
        let digest = algorithm.digest().digest(&[before, after]);
        let pending = PendingSignature::new(&digest, &profile.chain, algorithm).map_err(fault)?;
        let signature = profile.key.sign(pending.message());
        let signature = signature.ok_or_else(|| PdfSealError::Fault("the system has no randomness".to_owned()))?;
        let message = pending.with_signature(signature).map_err(fault)?;
        let (message, signed_at) = match authority {
            Some(authority) => stamp(authority, message).await?,
            None => (message, now),
        };
        let der = message.to_der();
        if der.len() > contents.len() {
            return Err(PdfSealError::Fault(format!(
                "the signature has {} bytes, more than the {} that there is room for",
                der.len(),
                contents.len()
            )));
        }
        let start = usize::try_from(hole.0).unwrap_or(usize::MAX).saturating_add(1);
        for (place, byte) in file[start..].chunks_exact_mut(2).zip(der) {
            place.copy_from_slice(format!("{byte:02x}").as_bytes());
        }
        Ok(SealedPdf { pdf: file.into(), signed_at, level: wish.level })
    }

    /// The authority that a level needs; `None` where it needs none.
    fn required_authority(&self, level: SealLevel) -> Result<Option<&TimeStampAuthority>, PdfSealError> {
        let refused = |why: &str| Err(PdfSealError::Refused(why.to_owned()));
        match (level, &self.authority) {
            (SealLevel::BB, _) => Ok(None),
            (SealLevel::BT, Some(authority)) => Ok(Some(authority)),
            (SealLevel::BT, None) => refused(
                "the level B-T needs a time-stamp authority, and the operator has configured none ([seals] time_stamps)",
            ),
            (SealLevel::BLt, _) => refused("the level B-LT is not available: B-B and B-T are"),
            (SealLevel::BLta, _) => refused("the level B-LTA is not available: B-B and B-T are"),
        }
    }

    /// Has `cairn-pdf` make room: the new file, and where the room begins and ends.
    async fn reserve_room(&self, pdf: Bytes, place: SealPlace) -> Result<(Vec<u8>, (u64, u64)), PdfSealError> {
        let (program, task, blobs) = (self.pdf.clone(), Task::ReserveSeal(place), [pdf.clone()]);
        let until = Instant::now() + MAX_TASK_TIME;
        let ran = tokio::task::spawn_blocking(move || program.run_task(&task, &blobs, until)).await;
        let answer = ran.map_err(|e| PdfSealError::Fault(e.to_string()))?.map_err(|failed| match failed {
            PdfTaskError::Refused(problems) => PdfSealError::Refused(describe_problems(&problems)),
            PdfTaskError::TooMuch => {
                PdfSealError::Refused("the PDF exceeded its limit on time, memory or size".to_owned())
            }
            PdfTaskError::Busy => PdfSealError::Later(None),
            PdfTaskError::Fault(error) => PdfSealError::Fault(error.to_string()),
        })?;
        match answer {
            // The program may have read a hostile PDF, so its output is not trusted: the signed file must be the original with something appended.
            (Answer::Reserved { hole }, file) if file.starts_with(&pdf) && hole.0 >= pdf.len() as u64 => {
                Ok((file.to_vec(), hole))
            }
            _ => Err(PdfSealError::Fault("cairn-pdf did not make room for the signature".to_owned())),
        }
    }
}

/// Why the certificates of a profile are not valid at a time; `None` if they are.
fn find_expired(profile: &SealProfile, at: i64) -> Option<String> {
    let why = find_invalid_certificate(&profile.chain, at)?;
    Some(format!("the sealing profile {} cannot seal: {why}", profile.name))
}

async fn stamp(authority: &TimeStampAuthority, message: SignedMessage) -> Result<(SignedMessage, i64), PdfSealError> {
    let (token, time) = authority.request_time_stamp(&message).await?;
    Ok((message.with_time_stamp(token), time))
}

/// The problems with their hints, in one line.
pub(crate) fn describe_problems(problems: &[cairn_pdf_protocol::Problem]) -> String {
    let one = |problem: &cairn_pdf_protocol::Problem| {
        let hints: String = problem.hints.iter().map(|hint| format!("; {hint}")).collect();
        format!("{}{hints}", problem.message)
    };
    problems.iter().map(one).collect::<Vec<_>>().join("; ")
}

impl Sealer for PadesSealer {
    fn find_problem(&self, profile: &SealProfile, level: SealLevel) -> Option<String> {
        match self.required_authority(level) {
            Err(PdfSealError::Refused(why) | PdfSealError::Fault(why)) => Some(why),
            Err(PdfSealError::Later(_)) | Ok(_) => find_expired(profile, self.clock.now().timestamp_millis()),
        }
    }

    fn seal_pdf<'a>(
        &'a self,
        pdf: Bytes,
        wish: &'a SealOptions,
        profile: &'a SealProfile,
    ) -> BoxFuture<'a, Result<SealedPdf, PdfSealError>> {
        self.make_seal(pdf, wish, profile).boxed()
    }
}
