//! The verification of a signature.

#[cfg(test)]
use crate::algorithms::DigestAlgorithm;
use crate::certificates::format_instant;
use crate::oids;
use crate::report::{SignatureLevel, SignatureReport, Verdict};
use crate::signed_data::SignedData;
use crate::time_stamp::TimeStamp;
use crate::trust::{TrustAnchors, Usage};

/// Note on what nobody looked at.
const NO_REVOCATION: &str = "revocation was not checked";

/// Kind of a signature in a PDF, by its SubFilter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureKind {
    /// `ETSI.CAdES.detached`: PAdES.
    Pades,
    /// `adbe.pkcs7.detached`: before PAdES.
    Pkcs7,
    /// `ETSI.RFC3161`: a time stamp of the document.
    DocumentTimeStamp,
}

impl SignatureKind {
    /// Parses a SubFilter; `None` for one that is not supported.
    pub fn parse(sub_filter: &str) -> Option<Self> {
        match sub_filter {
            "ETSI.CAdES.detached" => Some(Self::Pades),
            "adbe.pkcs7.detached" => Some(Self::Pkcs7),
            "ETSI.RFC3161" => Some(Self::DocumentTimeStamp),
            _ => None,
        }
    }
}

/// Verifies a signature. `contents`: the CMS in DER, zeros may follow. `signed`: the bytes of the file that it covers, one part after another.
/// `at`: the instant at which certificates have to be valid where no trusted time stamp says another, in milliseconds since 1970.
pub fn verify_signature(
    kind: SignatureKind,
    contents: &[u8],
    signed: &[&[u8]],
    trust: &TrustAnchors,
    at: i64,
) -> SignatureReport {
    if kind == SignatureKind::DocumentTimeStamp {
        return verify_document_time_stamp(contents, signed, trust, at);
    }
    let data = match SignedData::read(contents, true) {
        Ok(data) => data,
        Err(error) => return SignatureReport::of(Verdict::Invalid, error.to_string()),
    };
    if data.content_type != oids::DATA || data.content.is_some() {
        return SignatureReport::of(Verdict::Invalid, "the CMS signature is not one of a separate document");
    }
    let signer = match data.check_signer(|digest| digest.digest(signed)) {
        Ok(signer) => signer,
        Err(problem) => {
            let report = SignatureReport::of(problem.verdict, problem.note);
            return SignatureReport { signer: problem.signer, ..report };
        }
    };
    let level = (kind == SignatureKind::Pades && signer.names_certificate).then_some(SignatureLevel::BB);
    let mut report = SignatureReport {
        verdict: Verdict::Valid,
        signer: signer.certificate.subject(),
        stamped_at: None,
        level,
        notes: Vec::new(),
    };
    match (kind, signer.names_certificate) {
        (SignatureKind::Pades, false) => report.worsen(
            Verdict::Invalid,
            "the signature does not name its certificate (signing-certificate-v2), as PAdES requires",
        ),
        (SignatureKind::Pkcs7, _) => report.notes.push("not a PAdES signature (adbe.pkcs7.detached)".to_owned()),
        _ => {}
    }
    let stamp = trusted_time_stamp(&data, trust, at, &mut report);
    if let Some(time) = stamp {
        report.stamped_at = Some(time);
        report.level = report.level.map(|_| SignatureLevel::BT);
    }
    match trust.check_signer(&signer.certificate, &data.certificates, stamp.unwrap_or(at), Usage::Documents) {
        Ok(()) => report.notes.push(NO_REVOCATION.to_owned()),
        Err(why) => report.worsen(Verdict::Unknown, why),
    }
    report
}

/// The time of the first time stamp that can be trusted; notes why others cannot.
fn trusted_time_stamp(
    data: &SignedData<'_>,
    trust: &TrustAnchors,
    at: i64,
    report: &mut SignatureReport,
) -> Option<i64> {
    for token in data.time_stamps().into_iter().take(10) {
        let stamp = match TimeStamp::read(token) {
            Ok(stamp) => stamp,
            Err(error) => {
                report.worsen(Verdict::Invalid, error.to_string());
                continue;
            }
        };
        if !stamp.stamps(&[data.signature()]) {
            report.worsen(Verdict::Invalid, "the time stamp belongs to another signature");
            continue;
        }
        match check_time_stamp(&stamp, trust, at) {
            Ok(signer) => {
                report.notes.push(format!("time stamp of {} by {signer}", format_instant(stamp.time)));
                return Some(stamp.time);
            }
            Err((verdict, why)) if verdict == Verdict::Invalid => report.worsen(verdict, format!("time stamp: {why}")),
            // The signature is no worse than one without.
            Err((_, why)) => report.notes.push(format!("the time stamp is not taken into account: {why}")),
        }
    }
    None
}

/// The name of the authority, if the signature of its time stamp is correct and it is trusted.
fn check_time_stamp(stamp: &TimeStamp<'_>, trust: &TrustAnchors, at: i64) -> Result<String, (Verdict, String)> {
    let authority = stamp.check_signature().map_err(|why| (Verdict::Invalid, why))?;
    if stamp.time > at {
        return Err((Verdict::Unknown, format!("its time is {}, which is yet to come", format_instant(stamp.time))));
    }
    // The certificate must have been valid when it stamped; its later state is a matter of revocation lists.
    trust
        .check_signer(&authority, stamp.certificates(), stamp.time, Usage::TimeStamps)
        .map(|()| authority.subject())
        .map_err(|why| (Verdict::Unknown, why))
}

fn verify_document_time_stamp(contents: &[u8], signed: &[&[u8]], trust: &TrustAnchors, at: i64) -> SignatureReport {
    let stamp = match TimeStamp::read_padded(contents, true) {
        Ok(stamp) => stamp,
        Err(error) => return SignatureReport::of(Verdict::Invalid, error.to_string()),
    };
    if !stamp.stamps(signed) {
        return SignatureReport::of(Verdict::Invalid, "the signed content was changed");
    }
    match check_time_stamp(&stamp, trust, at) {
        Ok(signer) => SignatureReport {
            verdict: Verdict::Valid,
            signer,
            stamped_at: Some(stamp.time),
            level: None,
            notes: vec!["a time stamp of the document".to_owned(), NO_REVOCATION.to_owned()],
        },
        Err((verdict, why)) => SignatureReport::of(verdict, why),
    }
}

#[cfg(test)]
mod tests;
