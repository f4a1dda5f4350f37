//! The readable content of a certificate.

use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

/// The public facts about a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Name of the owner: `CN=…, O=…`.
    pub subject: String,
    /// Name of the issuer.
    pub issuer: String,
    /// Serial number, in hexadecimal with colons.
    pub serial: String,
    /// Beginning of its validity, in milliseconds since 1970.
    pub not_before: i64,
    /// End of its validity, in milliseconds since 1970.
    pub not_after: i64,
    /// SHA-256 of the whole certificate, in hexadecimal.
    pub fingerprint: String,
}

impl Certificate {
    /// Reads a certificate in DER; `None` where it is not one.
    pub(crate) fn from_der(der: &[u8]) -> Option<Self> {
        Some(Self::from_x509(&parse_der(der)?, der))
    }

    pub(crate) fn from_x509(certificate: &X509Certificate<'_>, der: &[u8]) -> Self {
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

/// Parses a certificate in DER with nothing behind it.
pub(crate) fn parse_der(der: &[u8]) -> Option<X509Certificate<'_>> {
    X509Certificate::from_der(der).ok().filter(|(rest, _)| rest.is_empty()).map(|(_, certificate)| certificate)
}
