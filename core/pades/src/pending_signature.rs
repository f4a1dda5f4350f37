//! Writing a signature.

use crate::algorithms::{SignatureAlgorithm, SignatureCheck, check_signature};
use crate::asn1::{tag, write_element, write_oid, write_set, write_small_integer};
use crate::certificates::Certificate;
use crate::time_stamp::TimeStampRequest;
use crate::{DigestAlgorithm, oids};

/// Why a signature cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    /// A certificate of the chain cannot be read, or there is none.
    #[error("the certificates of the key cannot be read")]
    Certificates,
    /// The signature does not verify with the first certificate.
    #[error("the key and its certificate do not match")]
    Key,
}

/// A signature that has yet to be made.
#[derive(Debug, Clone)]
pub struct PendingSignature {
    algorithm: SignatureAlgorithm,
    chain: Vec<Vec<u8>>,
    /// Issuer and serial number of the first certificate, in DER.
    signer: Vec<u8>,
    /// Signed attributes as a SET, in DER.
    attributes: Vec<u8>,
    /// EncapsulatedContentInfo in DER.
    content: Vec<u8>,
}

impl PendingSignature {
    /// `document_digest`: by [`SignatureAlgorithm::digest`]. `chain`: the certificate of the key, then those above it, in DER. There is
    /// no attribute `signingTime`: PAdES has the time in the PDF.
    ///
    /// # Errors
    /// A chain that cannot be read.
    pub fn new(document_digest: &[u8], chain: &[Vec<u8>], algorithm: SignatureAlgorithm) -> Result<Self, SigningError> {
        let read: Result<Vec<_>, _> = chain.iter().map(|der| Certificate::read(der)).collect();
        let read = read.map_err(|_| SigningError::Certificates)?;
        let own = read.first().ok_or(SigningError::Certificates)?;
        let serial = write_element(tag::INTEGER, &[own.raw_serial()]);
        let signer = write_element(tag::SEQUENCE, &[own.raw_issuer(), &serial]);
        let certificate_hash = DigestAlgorithm::Sha256.digest(&[own.der]);
        // ESSCertIDv2 with its default algorithm, SHA-256, which DER leaves out.
        let certificate_id = write_element(tag::SEQUENCE, &[&write_element(tag::OCTET_STRING, &[&certificate_hash])]);
        let signing_certificate = write_element(tag::SEQUENCE, &[&write_element(tag::SEQUENCE, &[&certificate_id])]);
        let attributes = write_attributes(oids::DATA, document_digest, &signing_certificate);
        let content = write_element(tag::SEQUENCE, &[&write_oid(oids::DATA)]);
        Ok(Self { algorithm, chain: chain.to_vec(), signer, attributes, content })
    }

    /// With content of a type in it, as time stamps have it.
    #[cfg(test)]
    pub(crate) fn with_content(self, kind: &[u8], content: &[u8], digest: &[u8]) -> Self {
        let hash = DigestAlgorithm::Sha256.digest(&[&self.chain[0]]);
        let id = write_element(tag::SEQUENCE, &[&write_element(tag::OCTET_STRING, &[&hash])]);
        let certificate = write_element(tag::SEQUENCE, &[&write_element(tag::SEQUENCE, &[&id])]);
        let octets = write_element(tag::CONTEXT_0, &[&write_element(tag::OCTET_STRING, &[content])]);
        let content = write_element(tag::SEQUENCE, &[&write_oid(kind), &octets]);
        Self { attributes: write_attributes(kind, digest, &certificate), content, ..self }
    }

    /// The message to sign with the key.
    pub fn message(&self) -> &[u8] {
        &self.attributes
    }

    /// Adds the signature of [`Self::message`].
    ///
    /// # Errors
    /// A signature that the certificate does not verify.
    pub fn with_signature(self, signature: Vec<u8>) -> Result<SignedMessage, SigningError> {
        let own = self.chain.first().and_then(|der| Certificate::read(der).ok()).ok_or(SigningError::Certificates)?;
        let oid = match self.algorithm {
            SignatureAlgorithm::RsaSha256 => oids::SHA256_WITH_RSA,
            SignatureAlgorithm::EcdsaSha256 => oids::ECDSA_WITH_SHA256,
            SignatureAlgorithm::EcdsaSha384 => oids::ECDSA_WITH_SHA384,
        };
        let check = check_signature(own.public_key(), oid, self.algorithm.digest(), &self.attributes, &signature);
        match check {
            SignatureCheck::Correct => Ok(SignedMessage { pending: self, signature, time_stamp: None }),
            SignatureCheck::Wrong | SignatureCheck::Unsupported => Err(SigningError::Key),
        }
    }
}

/// The signed attributes as a SET.
fn write_attributes(content_type: &[u8], digest: &[u8], signing_certificate: &[u8]) -> Vec<u8> {
    let attribute =
        |oid: &[u8], value: &[u8]| write_element(tag::SEQUENCE, &[&write_oid(oid), &write_element(tag::SET, &[value])]);
    let attributes = vec![
        attribute(oids::CONTENT_TYPE, &write_oid(content_type)),
        attribute(oids::MESSAGE_DIGEST, &write_element(tag::OCTET_STRING, &[digest])),
        attribute(oids::SIGNING_CERTIFICATE_V2, signing_certificate),
    ];
    write_set(tag::SET, attributes)
}

/// A signature.
#[derive(Debug, Clone)]
pub struct SignedMessage {
    pending: PendingSignature,
    signature: Vec<u8>,
    time_stamp: Option<Vec<u8>>,
}

impl SignedMessage {
    /// The value of the signature.
    #[cfg(test)]
    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// A request for a time stamp of the signature. `nonce`: random, for this request alone.
    pub fn request_time_stamp(&self, nonce: [u8; 16]) -> TimeStampRequest {
        TimeStampRequest::new(&self.signature, nonce)
    }

    /// Adds a time stamp, as [`TimeStampRequest::read_response`] returns it.
    #[must_use]
    pub fn with_time_stamp(self, token: Vec<u8>) -> Self {
        Self { time_stamp: Some(token), ..self }
    }

    /// The CMS SignedData in DER: without the content, as a PDF contains it.
    pub fn to_der(&self) -> Vec<u8> {
        let PendingSignature { algorithm, chain, signer, attributes, content } = &self.pending;
        let digest = algorithm.digest().write_identifier();
        let mut signed_attributes = attributes.clone();
        if let Some(first) = signed_attributes.first_mut() {
            *first = tag::CONTEXT_0;
        }
        let unsigned_attributes = self.time_stamp.as_ref().map(|token| {
            let values = write_element(tag::SET, &[token]);
            let attribute = write_element(tag::SEQUENCE, &[&write_oid(oids::TIME_STAMP_TOKEN), &values]);
            write_element(tag::CONTEXT_1, &[&attribute])
        });
        let signer_info = write_element(
            tag::SEQUENCE,
            &[
                &write_small_integer(1),
                signer,
                &digest,
                &signed_attributes,
                &algorithm.write_identifier(),
                &write_element(tag::OCTET_STRING, &[&self.signature]),
                unsigned_attributes.as_deref().unwrap_or_default(),
            ],
        );
        let signed_data = write_element(
            tag::SEQUENCE,
            &[
                &write_small_integer(1),
                &write_element(tag::SET, &[&digest]),
                content,
                &write_set(tag::CONTEXT_0, chain.clone()),
                &write_element(tag::SET, &[&signer_info]),
            ],
        );
        write_element(tag::SEQUENCE, &[&write_oid(oids::SIGNED_DATA), &write_element(tag::CONTEXT_0, &[&signed_data])])
    }
}
