//! Reading certificates.

use crate::algorithms::PublicKey;
use crate::asn1::MalformedError;
use crate::oids;
use chrono::{DateTime, SecondsFormat};
use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::asn1_rs::oid;
use x509_parser::prelude::FromDer;

/// Largest certificate, in bytes.
pub(crate) const MAX_CERTIFICATE_BYTES: usize = 64 << 10;

/// A certificate.
#[derive(Debug)]
pub(crate) struct Certificate<'a> {
    /// All of it, in DER.
    pub(crate) der: &'a [u8],
    parsed: X509Certificate<'a>,
}

impl<'a> Certificate<'a> {
    /// Reads bytes that are one certificate.
    pub(crate) fn read(der: &'a [u8]) -> Result<Self, MalformedError> {
        let malformed = MalformedError("a certificate");
        if der.len() > MAX_CERTIFICATE_BYTES {
            return Err(malformed);
        }
        match X509Certificate::from_der(der) {
            Ok(([], parsed)) => Ok(Self { der, parsed }),
            _ => Err(malformed),
        }
    }

    /// Name of the owner.
    pub(crate) fn subject(&self) -> String {
        self.parsed.subject().to_string()
    }

    /// Name of the issuer, as DER.
    pub(crate) fn raw_issuer(&self) -> &[u8] {
        self.parsed.issuer().as_raw()
    }

    /// Bytes of the serial number.
    pub(crate) fn raw_serial(&self) -> &[u8] {
        self.parsed.raw_serial()
    }

    /// Bytes of the extension `subjectKeyIdentifier`.
    pub(crate) fn key_identifier(&self) -> Option<&[u8]> {
        use x509_parser::extensions::ParsedExtension::SubjectKeyIdentifier;
        self.parsed.iter_extensions().find_map(|extension| match extension.parsed_extension() {
            SubjectKeyIdentifier(id) => Some(id.0),
            _ => None,
        })
    }

    pub(crate) fn public_key(&self) -> PublicKey<'_> {
        let info = self.parsed.public_key();
        let parameters = info.algorithm.parameters.as_ref();
        PublicKey {
            algorithm: info.algorithm.algorithm.as_bytes(),
            curve: parameters.filter(|any| any.tag().0 == 6).map(|any| any.data),
            bits: &info.subject_public_key.data,
        }
    }

    /// Beginning and end of its validity, in milliseconds since 1970.
    pub(crate) fn validity(&self) -> (i64, i64) {
        let validity = self.parsed.validity();
        // The last second belongs to it.
        let end = validity.not_after.timestamp().saturating_mul(1_000).saturating_add(999);
        (validity.not_before.timestamp().saturating_mul(1_000), end)
    }

    /// Reason why it is not valid at an instant, in milliseconds since 1970.
    pub(crate) fn invalid_at(&self, at: i64) -> Option<String> {
        let (from, until) = self.validity();
        if at < from {
            Some(format!("the certificate of {} is valid only from {}", self.subject(), format_instant(from)))
        } else if at > until {
            Some(format!("the certificate of {} expired at {}", self.subject(), format_instant(until)))
        } else {
            None
        }
    }

    /// True if its key may sign documents: `keyUsage` is absent or includes `digitalSignature` or `nonRepudiation`, and
    /// `extendedKeyUsage` is absent or includes a purpose that goes with signing.
    pub(crate) fn may_sign_documents(&self) -> bool {
        self.may_sign()
            && self.extended_usages().is_some_and(|usages| {
                usages.is_empty() || usages.iter().any(|usage| DOCUMENT_USAGES.contains(&usage.as_slice()))
            })
    }

    /// True if its key may sign time stamps: as RFC 3161 has it, `extendedKeyUsage` is critical and has this purpose alone.
    pub(crate) fn may_stamp_times(&self) -> bool {
        let critical = self.parsed.extended_key_usage().ok().flatten().is_some_and(|extension| extension.critical);
        critical && self.may_sign() && self.extended_usages().is_some_and(|usages| usages == [oids::TIME_STAMPING])
    }

    /// True if its key may sign certificates: `keyUsage` is absent or includes `keyCertSign`.
    pub(crate) fn may_issue(&self) -> bool {
        self.parsed.key_usage().is_ok_and(|usage| usage.is_none_or(|usage| usage.value.key_cert_sign()))
    }

    fn may_sign(&self) -> bool {
        self.parsed.key_usage().is_ok_and(|usage| {
            usage.is_none_or(|usage| usage.value.digital_signature() || usage.value.non_repudiation())
        })
    }

    /// Values of the object identifiers in `extendedKeyUsage`; `None` where it is damaged.
    fn extended_usages(&self) -> Option<Vec<Vec<u8>>> {
        let Some(usage) = self.parsed.extended_key_usage().ok()? else { return Some(Vec::new()) };
        let usage = usage.value;
        let mut all: Vec<Vec<u8>> = usage.other.iter().map(|other| other.as_bytes().to_vec()).collect();
        let known = [
            (usage.any, oid!(2.5.29.37.0)),
            (usage.server_auth, oid!(1.3.6.1.5.5.7.3.1)),
            (usage.client_auth, oid!(1.3.6.1.5.5.7.3.2)),
            (usage.code_signing, oid!(1.3.6.1.5.5.7.3.3)),
            (usage.email_protection, oid!(1.3.6.1.5.5.7.3.4)),
            (usage.time_stamping, oid!(1.3.6.1.5.5.7.3.8)),
            (usage.ocsp_signing, oid!(1.3.6.1.5.5.7.3.9)),
        ];
        all.extend(known.into_iter().filter(|(present, _)| *present).map(|(_, oid)| oid.as_bytes().to_vec()));
        Some(all)
    }
}

/// The reason why a certificate of a chain cannot be read or is not valid at an instant, in milliseconds since 1970.
pub fn find_invalid_certificate(chain: &[Vec<u8>], at: i64) -> Option<String> {
    chain.iter().find_map(|der| match Certificate::read(der) {
        Ok(certificate) => certificate.invalid_at(at),
        Err(error) => Some(error.to_string()),
    })
}

/// Purposes of keys that may sign documents.
pub(crate) const DOCUMENT_USAGES: [&[u8]; 6] = [
    oids::ANY_USAGE,
    oids::CLIENT_AUTH,
    oids::EMAIL_PROTECTION,
    oids::DOCUMENT_SIGNING,
    oids::ADOBE_PDF_SIGNING,
    oids::MICROSOFT_DOCUMENT_SIGNING,
];

/// An instant as people read it, to the second.
pub(crate) fn format_instant(at: i64) -> String {
    DateTime::from_timestamp_millis(at)
        .map_or_else(|| at.to_string(), |at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
}
