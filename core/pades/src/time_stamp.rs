//! Time stamps (RFC 3161): requests, responses and tokens.

use crate::DigestAlgorithm;
use crate::algorithms::algorithm_oid;
use crate::asn1::{MalformedError, read_only, tag, write_element, write_positive_integer, write_small_integer};
use crate::certificates::Certificate;
use crate::oids;
use crate::signed_data::SignedData;
use chrono::NaiveDateTime;

/// Longest text of an authority that is repeated, in characters.
const MAX_STATUS_CHARS: usize = 200;

/// Why a response contains no time stamp that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeStampError {
    /// The response cannot be read.
    #[error(transparent)]
    Malformed(#[from] MalformedError),
    /// The authority refused the request. Contains its reasons.
    #[error("the time-stamp authority refused the request: {0}")]
    Refused(String),
    /// The response belongs to another request, or its signature is wrong. Contains the reason.
    #[error("the time stamp cannot be used: {0}")]
    Wrong(String),
}

/// A request for a time stamp.
#[derive(Debug, Clone)]
pub struct TimeStampRequest {
    /// SHA-256 of what is stamped.
    imprint: Vec<u8>,
    nonce: Vec<u8>,
}

impl TimeStampRequest {
    pub(crate) fn new(stamped: &[u8], nonce: [u8; 16]) -> Self {
        Self { imprint: DigestAlgorithm::Sha256.digest(&[stamped]), nonce: write_positive_integer(&nonce) }
    }

    /// The request in DER, for `Content-Type: application/timestamp-query`. It asks for the certificate too.
    pub fn to_der(&self) -> Vec<u8> {
        let imprint =
            [DigestAlgorithm::Sha256.write_identifier(), write_element(tag::OCTET_STRING, &[&self.imprint])].concat();
        write_element(
            tag::SEQUENCE,
            &[
                &write_small_integer(1),
                &write_element(tag::SEQUENCE, &[&imprint]),
                &self.nonce,
                &write_element(tag::BOOLEAN, &[&[0xff]]),
            ],
        )
    }

    /// Checks the response, and returns its time stamp in DER and the time, in milliseconds since 1970.
    ///
    /// # Errors
    /// A refusal of the authority, and a response that does not belong to this request or is not signed by a time-stamp authority.
    pub fn read_response(&self, response: &[u8]) -> Result<(Vec<u8>, i64), TimeStampError> {
        const WHAT: &str = "the response of the time-stamp authority";
        let wrong = |why: &str| TimeStampError::Wrong(why.to_owned());
        let mut parts = read_only(response, WHAT)?.elements(tag::SEQUENCE, WHAT)?;
        let mut status = parts.required()?.elements(tag::SEQUENCE, WHAT)?;
        let code = status.required_value(tag::INTEGER)?;
        // `granted` and `grantedWithMods`.
        if !matches!(code, [0 | 1]) {
            return Err(TimeStampError::Refused(status_text(code, status)));
        }
        let token = parts.required()?;
        let read = TimeStamp::read(token.raw)?;
        if read.nonce != Some(self.nonce.as_slice()) {
            return Err(wrong("its nonce is not that of the request"));
        }
        if read.digest != DigestAlgorithm::Sha256 || read.imprint != self.imprint {
            return Err(wrong("it stamps something else"));
        }
        let authority = read.check_signature().map_err(TimeStampError::Wrong)?;
        match authority.invalid_at(read.time) {
            Some(why) => Err(TimeStampError::Wrong(why)),
            None => Ok((token.raw.to_vec(), read.time)),
        }
    }
}

/// The reasons of an authority, without control characters.
fn status_text(code: &[u8], mut status: crate::asn1::Elements<'_>) -> String {
    let texts = status.optional(tag::SEQUENCE).and_then(|texts| texts.elements(tag::SEQUENCE, "a status").ok());
    let texts = texts.into_iter().flatten().map(|text| String::from_utf8_lossy(text.value).into_owned());
    let text = texts.collect::<Vec<_>>().join("; ");
    let text: String = text.chars().filter(|c| !c.is_control()).take(MAX_STATUS_CHARS).collect();
    match (text.is_empty(), code) {
        (false, _) => text,
        (true, [code]) => format!("status {code}"),
        (true, _) => "unknown status".to_owned(),
    }
}

/// A time-stamp token.
#[derive(Debug)]
pub(crate) struct TimeStamp<'a> {
    data: SignedData<'a>,
    content: &'a [u8],
    pub(crate) digest: DigestAlgorithm,
    pub(crate) imprint: &'a [u8],
    /// In milliseconds since 1970.
    pub(crate) time: i64,
    /// With tag and length.
    nonce: Option<&'a [u8]>,
}

impl<'a> TimeStamp<'a> {
    pub(crate) fn read(token: &'a [u8]) -> Result<Self, MalformedError> {
        Self::read_padded(token, false)
    }

    /// `padded`: zeros may follow.
    pub(crate) fn read_padded(token: &'a [u8], padded: bool) -> Result<Self, MalformedError> {
        const WHAT: &str = "the time stamp";
        let malformed = MalformedError(WHAT);
        let data = SignedData::read(token, padded)?;
        let content = data.content.filter(|_| data.content_type == oids::TST_INFO).ok_or(malformed)?;
        let mut info = read_only(content, WHAT)?.elements(tag::SEQUENCE, WHAT)?;
        info.required_value(tag::INTEGER)?;
        info.required_value(tag::OBJECT_IDENTIFIER)?;
        let mut imprint = info.required()?.elements(tag::SEQUENCE, WHAT)?;
        let digest = DigestAlgorithm::from_oid(algorithm_oid(&imprint.required()?)?).ok_or(malformed)?;
        let imprint = imprint.required_value(tag::OCTET_STRING)?;
        info.required_value(tag::INTEGER)?;
        let time = parse_time(info.required_value(tag::GENERALIZED_TIME)?).ok_or(malformed)?;
        // Accuracy and ordering.
        info.optional(tag::SEQUENCE);
        info.optional(tag::BOOLEAN);
        let nonce = info.optional(tag::INTEGER).map(|nonce| nonce.raw);
        Ok(Self { data, content, digest, imprint, time, nonce })
    }

    /// True if it stamps these bytes, one part after another.
    pub(crate) fn stamps(&self, parts: &[&[u8]]) -> bool {
        self.digest.digest(parts) == self.imprint
    }

    /// The certificate of the authority, whose signature is correct; else the reason.
    pub(crate) fn check_signature(&self) -> Result<Certificate<'a>, String> {
        let signer = self.data.check_signer(|digest| digest.digest(&[self.content])).map_err(|problem| problem.note)?;
        if !signer.names_certificate {
            return Err("it does not name its certificate".to_owned());
        }
        if !signer.certificate.may_stamp_times() {
            let subject = signer.certificate.subject();
            return Err(format!(
                "the certificate of {subject} is not one for time stamps (extendedKeyUsage timeStamping)"
            ));
        }
        Ok(signer.certificate)
    }

    /// Certificates in it, in DER.
    pub(crate) fn certificates(&self) -> &[&'a [u8]] {
        &self.data.certificates
    }
}

/// A GeneralizedTime in UTC, with fractions of a second or without, in milliseconds since 1970.
fn parse_time(value: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(value).ok()?.strip_suffix('Z')?;
    let (seconds, fraction) = match text.split_once('.') {
        Some((seconds, fraction)) if !fraction.is_empty() => (seconds, fraction),
        Some(_) => return None,
        None => (text, ""),
    };
    if seconds.len() != 14 || !(seconds.bytes().chain(fraction.bytes())).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let at = NaiveDateTime::parse_from_str(seconds, "%Y%m%d%H%M%S").ok()?;
    let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    at.and_utc().timestamp_millis().checked_add(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_fractions_or_none() {
        assert_eq!(parse_time(b"20250101100000Z"), Some(1_735_725_600_000));
        assert_eq!(parse_time(b"20250101100000.5Z"), Some(1_735_725_600_500));
        assert_eq!(parse_time(b"20250101100000.12345Z"), Some(1_735_725_600_123));
        for wrong in [&b"20250101100000"[..], b"202501011000Z", b"20251301100000Z", b"20250101100000.Z", b"", b"\xffZ"]
        {
            assert_eq!(parse_time(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn refusals_repeat_the_reasons_of_the_authority() {
        let request = TimeStampRequest::new(b"x", [1; 16]);
        let text = write_element(0x0c, &["busy\n".as_bytes()]);
        let status = |parts: &[&[u8]]| write_element(tag::SEQUENCE, &[&write_element(tag::SEQUENCE, parts)]);
        let busy = status(&[&write_small_integer(2), &write_element(tag::SEQUENCE, &[&text])]);
        assert_eq!(request.read_response(&busy), Err(TimeStampError::Refused("busy".into())));
        let bare = status(&[&write_small_integer(2)]);
        assert_eq!(request.read_response(&bare), Err(TimeStampError::Refused("status 2".into())));
        let granted = status(&[&write_small_integer(0)]);
        assert!(matches!(request.read_response(&granted), Err(TimeStampError::Malformed(_))));
        assert!(request.read_response(b"<html>").is_err());
    }
}
