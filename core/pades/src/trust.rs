//! Trust: the certificates that an operator trusts, and the path from a signer to one of them.
//!
//! `rustls-webpki` builds and checks the path: signatures, validity, basic constraints with path lengths, name constraints, unknown critical
//! extensions, with a limit on its work. It is made for TLS, so what TLS does not ask is checked here: that keys of issuers may sign certificates,
//! that the signer's may sign documents or time stamps, and that a certificate which is trusted itself needs no issuer. Revocation is not checked.

use crate::asn1::MalformedError;
use crate::certificates::{Certificate, DOCUMENT_USAGES};
use crate::oids;
use rustls_pki_types::{CertificateDer, UnixTime};
use std::time::Duration;
use webpki::{
    ALL_VERIFICATION_ALGS, EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeIdIter, VerifiedPath,
    anchor_from_trusted_cert,
};
use x509_parser::pem::Pem;

/// Most certificates of one file.
const MAX_CERTIFICATES: usize = 10_000;

/// Why a file contains no certificates to trust.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustFileError {
    /// Something in it is not a certificate.
    #[error(transparent)]
    Malformed(#[from] MalformedError),
    /// No certificate is in it.
    #[error("it contains no certificate (PEM or DER)")]
    Empty,
    /// More are in it than is permitted.
    #[error("it contains more than {MAX_CERTIFICATES} certificates")]
    TooMany,
}

/// Certificates that are trusted: of authorities, or of signers themselves.
#[derive(Debug, Clone, Default)]
pub struct TrustAnchors {
    certificates: Vec<Vec<u8>>,
}

/// Purpose of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usage {
    Documents,
    TimeStamps,
}

impl TrustAnchors {
    /// Adds the certificates of a file, in PEM or DER.
    ///
    /// # Errors
    /// A file without certificates, or with something that is not one.
    pub fn add_file(&mut self, bytes: &[u8]) -> Result<(), TrustFileError> {
        if Certificate::read(bytes).is_ok() {
            self.certificates.push(bytes.to_vec());
            return Ok(());
        }
        let before = self.certificates.len();
        for pem in Pem::iter_from_buffer(bytes) {
            let pem = pem.map_err(|_| MalformedError("a certificate in PEM"))?;
            if pem.label != "CERTIFICATE" {
                continue;
            }
            Certificate::read(&pem.contents)?;
            if self.certificates.len() - before >= MAX_CERTIFICATES {
                return Err(TrustFileError::TooMany);
            }
            self.certificates.push(pem.contents);
        }
        if self.certificates.len() == before { Err(TrustFileError::Empty) } else { Ok(()) }
    }

    /// Adds a certificate in DER.
    ///
    /// # Errors
    /// Bytes that are not a certificate.
    pub fn add_der(&mut self, der: &[u8]) -> Result<(), MalformedError> {
        Certificate::read(der)?;
        self.certificates.push(der.to_vec());
        Ok(())
    }

    /// True if nothing is trusted.
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }

    /// Finds a path from a signer to one of these. `others`: certificates that came with the signature. `at`: milliseconds since 1970. The
    /// error is the reason why there is none.
    pub(crate) fn check_signer(
        &self,
        signer: &Certificate<'_>,
        others: &[&[u8]],
        at: i64,
        usage: Usage,
    ) -> Result<(), String> {
        if let Some(why) = signer.invalid_at(at) {
            return Err(why);
        }
        let (permitted, purpose) = match usage {
            Usage::Documents => (signer.may_sign_documents(), "sign documents"),
            Usage::TimeStamps => (signer.may_stamp_times(), "make time stamps"),
        };
        if !permitted {
            return Err(format!("the certificate of {} is not one to {purpose}", signer.subject()));
        }
        if self.certificates.iter().any(|trusted| trusted == signer.der) {
            return Ok(());
        }
        let trusted: Vec<CertificateDer<'_>> =
            self.certificates.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
        let anchors: Vec<_> = trusted.iter().filter_map(|der| anchor_from_trusted_cert(der).ok()).collect();
        let others: Vec<CertificateDer<'_>> = others.iter().map(|der| CertificateDer::from(*der)).collect();
        let untrusted =
            |error: Error| format!("the certificate of {} is not trusted: {}", signer.subject(), describe(error));
        let der = CertificateDer::from(signer.der);
        let end_entity = EndEntityCert::try_from(&der).map_err(untrusted)?;
        let instant = Duration::from_millis(u64::try_from(at).unwrap_or(0));
        let issuers_may_issue = |path: &VerifiedPath<'_>| {
            let mut issuers = path.intermediate_certificates();
            let may_issue = |der: &CertificateDer<'_>| Certificate::read(der).is_ok_and(|issuer| issuer.may_issue());
            if issuers.all(|issuer| may_issue(&issuer.der())) { Ok(()) } else { Err(Error::EndEntityUsedAsCa) }
        };
        end_entity
            .verify_for_usage(
                ALL_VERIFICATION_ALGS,
                &anchors,
                &others,
                UnixTime::since_unix_epoch(instant),
                Purposes(usage),
                None,
                Some(&issuers_may_issue),
            )
            .map(drop)
            .map_err(untrusted)
    }
}

/// Requires `extendedKeyUsage`, wherever a certificate of the path has it, to include a purpose that goes with the usage.
struct Purposes(Usage);

impl ExtendedKeyUsageValidator for Purposes {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        let permitted: &[&[u8]] = match self.0 {
            Usage::Documents => &DOCUMENT_USAGES,
            Usage::TimeStamps => &[oids::ANY_USAGE, oids::TIME_STAMPING],
        };
        let (mut present, mut found) = (false, false);
        for purpose in purposes {
            let purpose = purpose?.to_decoded_oid();
            present = true;
            found |= permitted.iter().any(|oid| decode_oid(oid) == purpose);
        }
        if found || !present { Ok(()) } else { Err(Error::EndEntityUsedAsCa) }
    }
}

/// The arcs of an object identifier.
fn decode_oid(value: &[u8]) -> Vec<usize> {
    webpki::KeyPurposeId::new(value).to_decoded_oid()
}

fn describe(error: Error) -> String {
    match error {
        Error::UnknownIssuer => "no trusted certificate is above it".to_owned(),
        Error::CertExpired { .. } => "a certificate above it had expired".to_owned(),
        Error::CertNotValidYet { .. } => "a certificate above it was not valid yet".to_owned(),
        Error::CaUsedAsEndEntity => "it is the certificate of an authority".to_owned(),
        Error::EndEntityUsedAsCa => "a certificate above it may not issue it".to_owned(),
        other => format!("its path is not accepted ({other:?})"),
    }
}
