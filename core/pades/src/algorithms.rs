//! Digests and signature algorithms.

use crate::asn1::{Element, MalformedError, tag, write_element, write_oid};
use crate::oids;
use ring::digest;
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

/// Algorithm that a digest is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl DigestAlgorithm {
    pub(crate) fn from_oid(value: &[u8]) -> Option<Self> {
        [Self::Sha256, Self::Sha384, Self::Sha512].into_iter().find(|algorithm| algorithm.oid() == value)
    }

    pub(crate) fn oid(self) -> &'static [u8] {
        match self {
            Self::Sha256 => oids::SHA256,
            Self::Sha384 => oids::SHA384,
            Self::Sha512 => oids::SHA512,
        }
    }

    /// The `AlgorithmIdentifier`: without parameters, as RFC 5754 has it.
    pub(crate) fn write_identifier(self) -> Vec<u8> {
        write_element(tag::SEQUENCE, &[&write_oid(self.oid())])
    }

    /// The digest of these bytes, one part after another.
    pub fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        let mut context = digest::Context::new(match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        });
        parts.iter().for_each(|part| context.update(part));
        context.finish().as_ref().to_vec()
    }
}

/// Algorithm of signatures that are written here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaSha256,
    /// ECDSA with SHA-256; the signature in DER.
    EcdsaSha256,
    /// ECDSA with SHA-384; the signature in DER.
    EcdsaSha384,
}

impl SignatureAlgorithm {
    /// Algorithm of the document's digest. It is that of the signature too: verifiers such as OpenSSL know only one.
    pub fn digest(self) -> DigestAlgorithm {
        match self {
            Self::RsaSha256 | Self::EcdsaSha256 => DigestAlgorithm::Sha256,
            Self::EcdsaSha384 => DigestAlgorithm::Sha384,
        }
    }

    pub(crate) fn write_identifier(self) -> Vec<u8> {
        match self {
            Self::RsaSha256 => {
                write_element(tag::SEQUENCE, &[&write_oid(oids::SHA256_WITH_RSA), &write_element(tag::NULL, &[])])
            }
            Self::EcdsaSha256 => write_element(tag::SEQUENCE, &[&write_oid(oids::ECDSA_WITH_SHA256)]),
            Self::EcdsaSha384 => write_element(tag::SEQUENCE, &[&write_oid(oids::ECDSA_WITH_SHA384)]),
        }
    }
}

/// Public key of a certificate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PublicKey<'a> {
    /// Value of the algorithm's object identifier.
    pub(crate) algorithm: &'a [u8],
    /// Value of the curve's object identifier.
    pub(crate) curve: Option<&'a [u8]>,
    /// Bits of `subjectPublicKey`.
    pub(crate) bits: &'a [u8],
}

/// Outcome of the check of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignatureCheck {
    Correct,
    Wrong,
    /// By an algorithm that is not checked here.
    Unsupported,
}

/// The value of the object identifier of an `AlgorithmIdentifier`.
pub(crate) fn algorithm_oid<'a>(element: &Element<'a>) -> Result<&'a [u8], MalformedError> {
    element.elements(tag::SEQUENCE, "an algorithm")?.required_value(tag::OBJECT_IDENTIFIER)
}

/// Checks a signature. `digest`: that of the message, which `rsaEncryption` does not name.
pub(crate) fn check_signature(
    key: PublicKey<'_>,
    algorithm: &[u8],
    digest: DigestAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> SignatureCheck {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    let hash = match algorithm {
        oids::RSA_ENCRYPTION => digest,
        oids::SHA256_WITH_RSA | oids::ECDSA_WITH_SHA256 => Sha256,
        oids::SHA384_WITH_RSA | oids::ECDSA_WITH_SHA384 => Sha384,
        oids::SHA512_WITH_RSA => Sha512,
        _ => return SignatureCheck::Unsupported,
    };
    // A signature whose digest is another than the document's is nothing that a signer writes.
    if hash != digest {
        return SignatureCheck::Unsupported;
    }
    let ecdsa = matches!(algorithm, oids::ECDSA_WITH_SHA256 | oids::ECDSA_WITH_SHA384);
    let verification: &dyn VerificationAlgorithm = match (ecdsa, key.curve, hash) {
        (false, _, Sha256) if key.algorithm == oids::RSA_ENCRYPTION => &signature::RSA_PKCS1_2048_8192_SHA256,
        (false, _, Sha384) if key.algorithm == oids::RSA_ENCRYPTION => &signature::RSA_PKCS1_2048_8192_SHA384,
        (false, _, Sha512) if key.algorithm == oids::RSA_ENCRYPTION => &signature::RSA_PKCS1_2048_8192_SHA512,
        (true, Some(oids::P256), Sha256) => &signature::ECDSA_P256_SHA256_ASN1,
        (true, Some(oids::P256), Sha384) => &signature::ECDSA_P256_SHA384_ASN1,
        (true, Some(oids::P384), Sha256) => &signature::ECDSA_P384_SHA256_ASN1,
        (true, Some(oids::P384), Sha384) => &signature::ECDSA_P384_SHA384_ASN1,
        _ => return SignatureCheck::Unsupported,
    };
    match UnparsedPublicKey::new(verification, key.bits).verify(message, signature) {
        Ok(()) => SignatureCheck::Correct,
        Err(_) => SignatureCheck::Wrong,
    }
}
