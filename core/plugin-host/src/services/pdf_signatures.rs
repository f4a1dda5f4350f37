//! The verification of the signatures of a PDF. `cairn-pdf` reads where they are and what they cover, because the PDF may be hostile; the
//! signatures themselves are checked here (`cairn-pades`).

use crate::services::pades_sealer::describe_problems;
use crate::services::pdf::{PdfProgram, PdfTaskError};
use bytes::Bytes;
use cairn_pades::{SignatureKind, SignatureLevel, SignatureReport, TrustAnchors, Verdict, verify_signature};
use cairn_pdf_protocol::{Answer, ReadSeal, Task};
use std::time::Instant;

/// Findings about one signature of a PDF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureFinding {
    /// Whole name of the form field.
    pub field: String,
    /// Name of the certificate's owner; what the signature claims where its certificate cannot be read.
    pub signer: String,
    /// Time of the seal, in milliseconds since 1970: of a trusted time stamp, else the one that the signer claims, as the notes then say.
    pub signed_at: Option<i64>,
    /// PAdES baseline level; `None`: it is not a baseline signature.
    pub level: Option<SignatureLevel>,
    /// True if nothing follows what is signed.
    pub covers_whole_file: bool,
    /// Verdict on the signature and on what it covers.
    pub verdict: Verdict,
    /// Reasons for the verdict, and what was not checked.
    pub notes: Vec<String>,
}

/// Why signatures cannot be verified.
#[derive(Debug, thiserror::Error)]
pub enum PdfVerifyError {
    /// The PDF cannot be read. Contains the reason.
    #[error("{0}")]
    Refused(String),
    /// It took more time or memory than permitted.
    #[error("the PDF exceeded its limit on time, memory or size")]
    TooMuch,
    /// `cairn-pdf` could not be started, or is of another version.
    #[error(transparent)]
    Fault(std::io::Error),
}

impl PdfProgram {
    /// Verifies all signatures of a PDF, by the end of what they cover; none where it is not signed. `at`: the instant at which certificates
    /// have to be valid, in milliseconds since 1970. Ends at `until` at the latest. Blocks.
    pub fn verify_signatures(
        &self,
        pdf: &Bytes,
        trust: &TrustAnchors,
        at: i64,
        until: Instant,
    ) -> Result<Vec<SignatureFinding>, PdfVerifyError> {
        let answer = self.run_task(&Task::ReadSeals, std::slice::from_ref(pdf), until);
        let (answer, _) = answer.map_err(|failed| match failed {
            PdfTaskError::Refused(problems) => PdfVerifyError::Refused(describe_problems(&problems)),
            PdfTaskError::TooMuch | PdfTaskError::Busy => PdfVerifyError::TooMuch,
            PdfTaskError::Fault(error) => PdfVerifyError::Fault(error),
        })?;
        match answer {
            Answer::Seals { seals } => Ok(seals.into_iter().map(|seal| check_seal(pdf, seal, trust, at)).collect()),
            _ => Err(PdfVerifyError::Fault(std::io::Error::other("expected a list of signatures"))),
        }
    }
}

fn check_seal(pdf: &[u8], seal: ReadSeal, trust: &TrustAnchors, at: i64) -> SignatureFinding {
    let parts = seal.covers.and_then(|covers| signed_parts(pdf, covers));
    let report = match (parts, SignatureKind::parse(&seal.sub_filter)) {
        (Some((before, contents, after)), Some(kind)) => match decode_hex(contents) {
            Some(contents) => verify_signature(kind, &contents, &[before, after], trust, at),
            None => no_report(Verdict::Invalid, "the signature is not in hexadecimal"),
        },
        (None, _) => no_report(Verdict::Invalid, "the signature does not cover all of its version of the file"),
        (_, None) => {
            no_report(Verdict::Unknown, &format!("signatures of the format {:?} are not supported", seal.sub_filter))
        }
    };
    let SignatureReport { mut verdict, signer, stamped_at, level, mut notes } = report;
    for (worse, reasons) in [(Verdict::Invalid, seal.problems), (Verdict::Unknown, seal.doubts)] {
        if !reasons.is_empty() {
            verdict = verdict.and(worse);
            notes.extend(reasons);
        }
    }
    notes.extend(seal.notes);
    if stamped_at.is_none() && seal.claimed_at.is_some() {
        notes.push("the time is the signer's claim".to_owned());
    }
    SignatureFinding {
        field: seal.field,
        signer: if signer.is_empty() { seal.claimed_name.unwrap_or_default() } else { signer },
        signed_at: stamped_at.or(seal.claimed_at),
        level,
        covers_whole_file: seal.covers_whole_file,
        verdict,
        notes,
    }
}

fn no_report(verdict: Verdict, note: &str) -> SignatureReport {
    SignatureReport { verdict, signer: String::new(), stamped_at: None, level: None, notes: vec![note.to_owned()] }
}

/// The parts of a file that a signature covers, and what is between its angle brackets. `covers`: beginning and end of the room with the
/// brackets, and the end of what is signed. `None` where these are no such places.
pub(crate) fn signed_parts(file: &[u8], covers: (u64, u64, u64)) -> Option<(&[u8], &[u8], &[u8])> {
    let [start, end, covered_end] = [covers.0, covers.1, covers.2].map(|n| usize::try_from(n).ok());
    let (start, end, covered_end) = (start?, end?, covered_end?);
    let (before, room, after) = (file.get(..start)?, file.get(start..end)?, file.get(end..covered_end)?);
    let contents = room.strip_prefix(b"<")?.strip_suffix(b">")?;
    contents.iter().all(u8::is_ascii_hexdigit).then_some((before, contents, after))
}

fn decode_hex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, []) = text.as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_parts_need_a_hole_in_hexadecimal_within_the_file() {
        let file = b"before<00fF>after";
        assert_eq!(signed_parts(file, (6, 12, 17)), Some((&b"before"[..], &b"00fF"[..], &b"after"[..])));
        for covers in [(6, 12, 18), (7, 12, 17), (6, 11, 17), (12, 6, 17), (6, 12, 11), (u64::MAX, 12, 17), (0, 12, 17)]
        {
            assert_eq!(signed_parts(file, covers), None, "{covers:?}");
        }
        assert_eq!(signed_parts(b"<0 >", (0, 4, 4)), None);
        assert_eq!(decode_hex(b"00fF"), Some(vec![0, 255]));
        assert_eq!((decode_hex(b"0"), decode_hex(b"0g")), (None, None));
    }
}
