//! What a certificate says, for people.

use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

/// A certificate, as everybody may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whose it is: `CN=…, O=…`.
    pub subject: String,
    /// Who gave it out.
    pub issuer: String,
    /// Its number, in hex with colons.
    pub serial: String,
    /// From when it is valid, in milliseconds since 1970.
    pub not_before: i64,
    /// Until when.
    pub not_after: i64,
    /// SHA-256 of all of it, in hex.
    pub fingerprint: String,
}

impl Certificate {
    /// Of a certificate in DER; `None` where it is none.
    pub(crate) fn of_der(der: &[u8]) -> Option<Self> {
        Some(Self::of(&parsed(der)?, der))
    }

    pub(crate) fn of(certificate: &X509Certificate<'_>, der: &[u8]) -> Self {
        let validity = certificate.validity();
        Self {
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            serial: certificate.raw_serial_as_string(),
            not_before: validity.not_before.timestamp().saturating_mul(1_000),
            not_after: validity.not_after.timestamp().saturating_mul(1_000),
            fingerprint: Sha256::digest(der).iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

/// A certificate in DER, and nothing behind it.
pub(crate) fn parsed(der: &[u8]) -> Option<X509Certificate<'_>> {
    X509Certificate::from_der(der).ok().filter(|(rest, _)| rest.is_empty()).map(|(_, certificate)| certificate)
}
