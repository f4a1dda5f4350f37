//! CMS SignedData (RFC 5652) with one signer, read and checked.

use crate::algorithms::{DigestAlgorithm, SignatureCheck, algorithm_oid, check_signature};
use crate::asn1::{Element, Elements, MalformedError, read_first, read_only, tag};
use crate::certificates::Certificate;
use crate::oids;
use crate::report::Verdict;
use ring::digest;

/// Largest SignedData, in bytes.
pub(crate) const MAX_BYTES: usize = 512 << 10;
/// Most certificates in it.
const MAX_CERTIFICATES: usize = 32;

/// A SignedData.
#[derive(Debug)]
pub(crate) struct SignedData<'a> {
    /// Value of the object identifier of what is signed.
    pub(crate) content_type: &'a [u8],
    /// The signed content, if it is in here.
    pub(crate) content: Option<&'a [u8]>,
    /// Certificates in DER.
    pub(crate) certificates: Vec<&'a [u8]>,
    signer: SignerInfo<'a>,
}

#[derive(Debug)]
struct SignerInfo<'a> {
    id: SignerId<'a>,
    digest: &'a [u8],
    /// With the tag that they have here.
    signed_attributes: Option<Element<'a>>,
    signature_algorithm: &'a [u8],
    signature: &'a [u8],
    unsigned_attributes: Vec<Attribute<'a>>,
}

#[derive(Debug)]
enum SignerId<'a> {
    IssuerAndSerial { issuer: &'a [u8], serial: &'a [u8] },
    KeyIdentifier(&'a [u8]),
}

#[derive(Debug)]
struct Attribute<'a> {
    oid: &'a [u8],
    values: Elements<'a>,
}

/// A signer whose signature is correct.
#[derive(Debug)]
pub(crate) struct CheckedSigner<'a> {
    pub(crate) certificate: Certificate<'a>,
    /// True if the signature names its certificate, so that it cannot be taken for one of another certificate with the same key.
    pub(crate) names_certificate: bool,
}

/// Why a signature is not correct.
#[derive(Debug)]
pub(crate) struct SignerProblem {
    pub(crate) verdict: Verdict,
    /// Owner of the certificate, where it was found.
    pub(crate) signer: String,
    pub(crate) note: String,
}

impl<'a> SignedData<'a> {
    /// Reads a ContentInfo with a SignedData. `padded`: zeros may follow.
    pub(crate) fn read(bytes: &'a [u8], padded: bool) -> Result<Self, MalformedError> {
        const WHAT: &str = "the CMS signature";
        let malformed = MalformedError(WHAT);
        if bytes.len() > MAX_BYTES {
            return Err(malformed);
        }
        let (info, rest) = read_first(bytes, WHAT)?;
        if !(rest.is_empty() || padded && rest.iter().all(|byte| *byte == 0)) {
            return Err(malformed);
        }
        let mut info = info.elements(tag::SEQUENCE, WHAT)?;
        if info.required_value(tag::OBJECT_IDENTIFIER)? != oids::SIGNED_DATA {
            return Err(malformed);
        }
        let explicit = info.required_value(tag::CONTEXT_0)?;
        let mut data = read_only(explicit, WHAT)?.elements(tag::SEQUENCE, WHAT)?;
        data.required_value(tag::INTEGER)?;
        data.required_value(tag::SET)?;
        let mut content = data.required()?.elements(tag::SEQUENCE, WHAT)?;
        let content_type = content.required_value(tag::OBJECT_IDENTIFIER)?;
        let content = content.optional(tag::CONTEXT_0);
        let content = content.map(|explicit| read_only(explicit.value, WHAT)?.expect(tag::OCTET_STRING, WHAT));
        let certificates = match data.optional(tag::CONTEXT_0) {
            // Attribute certificates and the like are of no use here.
            Some(set) => {
                set.elements(tag::CONTEXT_0, WHAT)?.filter(|e| e.tag == tag::SEQUENCE).map(|e| e.raw).collect()
            }
            None => Vec::new(),
        };
        if certificates.len() > MAX_CERTIFICATES {
            return Err(malformed);
        }
        data.optional(tag::CONTEXT_1);
        let mut signers = data.required()?.elements(tag::SET, WHAT)?;
        let signer = SignerInfo::read(&signers.required()?)?;
        if signers.next().is_some() || data.next().is_some() {
            return Err(malformed);
        }
        Ok(Self { content_type, content: content.transpose()?, certificates, signer })
    }

    /// Checks the signature over content with this digest.
    pub(crate) fn check_signer(
        &self,
        content_digest: impl Fn(DigestAlgorithm) -> Vec<u8>,
    ) -> Result<CheckedSigner<'a>, SignerProblem> {
        let certificates = self.certificates.iter().filter_map(|der| Certificate::read(der).ok());
        let certificate = certificates.into_iter().find(|certificate| self.signer.id.matches(certificate));
        let problem = |verdict, signer: &str, note: &str| SignerProblem {
            verdict,
            signer: signer.to_owned(),
            note: note.to_owned(),
        };
        let Some(certificate) = certificate else {
            return Err(problem(Verdict::Unknown, "", "the signature does not contain the signer's certificate"));
        };
        let signer = certificate.subject();
        let invalid = |note: &str| problem(Verdict::Invalid, &signer, note);
        let unknown = |note: &str| problem(Verdict::Unknown, &signer, note);
        let Some(digest) = DigestAlgorithm::from_oid(self.signer.digest) else {
            return Err(unknown("the digest algorithm is not supported: only SHA-256, SHA-384 and SHA-512 are"));
        };
        let Some(signed_attributes) = self.signer.signed_attributes else {
            return Err(unknown("signatures without signed attributes are not supported"));
        };
        let attributes = read_attributes(signed_attributes).map_err(|e| invalid(&e.to_string()))?;
        let single = |oid: &[u8]| -> Result<Option<Element<'a>>, SignerProblem> {
            let mut all = attributes.iter().filter(|attribute| attribute.oid == oid);
            let Some(attribute) = all.next() else { return Ok(None) };
            let mut values = attribute.values.clone();
            match (values.next(), values.next(), all.next()) {
                (Some(value), None, None) => Ok(Some(value)),
                _ => Err(invalid("a signed attribute has several values")),
            }
        };
        let value_of = |oid, tag| Ok(single(oid)?.filter(|value| value.tag == tag).map(|value| value.value));
        if value_of(oids::CONTENT_TYPE, tag::OBJECT_IDENTIFIER)? != Some(self.content_type) {
            return Err(invalid("the signed content type is not that of the content"));
        }
        if value_of(oids::MESSAGE_DIGEST, tag::OCTET_STRING)? != Some(&content_digest(digest)[..]) {
            return Err(invalid("the signed content was changed"));
        }
        let named = match (single(oids::SIGNING_CERTIFICATE_V2)?, single(oids::SIGNING_CERTIFICATE)?) {
            (Some(value), _) => Some(names_certificate(value, &certificate, true)),
            (None, Some(value)) => Some(names_certificate(value, &certificate, false)),
            (None, None) => None,
        };
        match named {
            Some(Ok(false)) => return Err(invalid("the signature names another certificate as the signer's")),
            Some(Err(error)) => return Err(invalid(&error.to_string())),
            _ => {}
        }
        // The signature is over attributes tagged as a set.
        let mut message = signed_attributes.raw.to_vec();
        if let Some(first) = message.first_mut() {
            *first = tag::SET;
        }
        let (algorithm, signature) = (self.signer.signature_algorithm, self.signer.signature);
        match check_signature(certificate.public_key(), algorithm, digest, &message, signature) {
            SignatureCheck::Correct => Ok(CheckedSigner { names_certificate: named.is_some(), certificate }),
            SignatureCheck::Wrong => Err(invalid("the signature is wrong: it was changed, or made with another key")),
            SignatureCheck::Unsupported => Err(unknown(
                "the signature algorithm is not supported: only RSA (PKCS #1 v1.5, 2048 bits or more) and ECDSA on P-256 and \
                 P-384 are",
            )),
        }
    }

    /// The value of the signature.
    pub(crate) fn signature(&self) -> &'a [u8] {
        self.signer.signature
    }

    /// The time stamps of the signature, as DER.
    pub(crate) fn time_stamps(&self) -> Vec<&'a [u8]> {
        let all = self.signer.unsigned_attributes.iter().filter(|attribute| attribute.oid == oids::TIME_STAMP_TOKEN);
        all.flat_map(|attribute| attribute.values.clone()).map(|value| value.raw).collect()
    }
}

impl<'a> SignerInfo<'a> {
    fn read(element: &Element<'a>) -> Result<Self, MalformedError> {
        const WHAT: &str = "the signer of the CMS signature";
        let mut parts = element.elements(tag::SEQUENCE, WHAT)?;
        parts.required_value(tag::INTEGER)?;
        let id = parts.required()?;
        let id = match id.tag {
            tag::SEQUENCE => {
                let mut both = id.elements(tag::SEQUENCE, WHAT)?;
                let issuer = both.required()?.raw;
                SignerId::IssuerAndSerial { issuer, serial: both.required_value(tag::INTEGER)? }
            }
            tag::CONTEXT_0_PRIMITIVE => SignerId::KeyIdentifier(id.value),
            _ => return Err(MalformedError(WHAT)),
        };
        let digest = algorithm_oid(&parts.required()?)?;
        let signed_attributes = parts.optional(tag::CONTEXT_0);
        let signature_algorithm = algorithm_oid(&parts.required()?)?;
        let signature = parts.required_value(tag::OCTET_STRING)?;
        let unsigned_attributes = match parts.optional(tag::CONTEXT_1) {
            Some(all) => read_attributes(all)?,
            None => Vec::new(),
        };
        match parts.next() {
            None => Ok(Self { id, digest, signed_attributes, signature_algorithm, signature, unsigned_attributes }),
            Some(_) => Err(MalformedError(WHAT)),
        }
    }
}

impl SignerId<'_> {
    fn matches(&self, certificate: &Certificate<'_>) -> bool {
        match self {
            Self::IssuerAndSerial { issuer, serial } => {
                certificate.raw_issuer() == *issuer && certificate.raw_serial() == *serial
            }
            Self::KeyIdentifier(id) => certificate.key_identifier() == Some(id),
        }
    }
}

fn read_attributes<'a>(set: Element<'a>) -> Result<Vec<Attribute<'a>>, MalformedError> {
    const WHAT: &str = "an attribute of the CMS signature";
    let one = |element: Element<'a>| {
        let mut parts = element.elements(tag::SEQUENCE, WHAT)?;
        let oid = parts.required_value(tag::OBJECT_IDENTIFIER)?;
        Ok(Attribute { oid, values: parts.required()?.elements(tag::SET, WHAT)? })
    };
    set.elements(set.tag, WHAT)?.map(one).collect()
}

/// True if an attribute `signingCertificate` names a certificate, in its first entry. `v2`: by another digest than SHA-1.
fn names_certificate(value: Element<'_>, certificate: &Certificate<'_>, v2: bool) -> Result<bool, MalformedError> {
    const WHAT: &str = "the attribute signingCertificate";
    let mut certificates = value.elements(tag::SEQUENCE, WHAT)?.required()?.elements(tag::SEQUENCE, WHAT)?;
    let mut first = certificates.required()?.elements(tag::SEQUENCE, WHAT)?;
    let algorithm = first.optional(tag::SEQUENCE).map(|element| algorithm_oid(&element)).transpose()?;
    let hash = first.required_value(tag::OCTET_STRING)?;
    let digest = match (v2, algorithm) {
        (false, None) => digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, certificate.der).as_ref().to_vec(),
        (true, None) => DigestAlgorithm::Sha256.digest(&[certificate.der]),
        (true, Some(oid)) => DigestAlgorithm::from_oid(oid).ok_or(MalformedError(WHAT))?.digest(&[certificate.der]),
        (false, Some(_)) => return Err(MalformedError(WHAT)),
    };
    Ok(hash == digest)
}
