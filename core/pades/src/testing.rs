//! Signers and a time-stamp authority for tests.

use crate::asn1::{tag, write_element, write_oid, write_positive_integer, write_small_integer};
use crate::{DigestAlgorithm, PendingSignature, SignatureAlgorithm, SignedMessage, TrustAnchors, oids};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, SigningKey,
};

/// An instant at which the certificates are valid, 2025-01-01T10:00:00Z.
pub(crate) const NOW: i64 = 1_735_725_600_000;

/// A key with its certificate.
pub(crate) struct TestSigner {
    pub(crate) der: Vec<u8>,
    pub(crate) key: KeyPair,
    params: CertificateParams,
}

fn certificate_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

impl TestSigner {
    /// An authority that signs itself.
    pub(crate) fn root(name: &str) -> Self {
        let mut params = certificate_params(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        Self { der: params.self_signed(&key).unwrap().der().to_vec(), key, params }
    }

    /// A signer below this one.
    pub(crate) fn issue(
        &self,
        name: &str,
        algorithm: SignatureAlgorithm,
        change: impl Fn(&mut CertificateParams),
    ) -> Self {
        let mut params = certificate_params(name);
        params.key_usages = vec![KeyUsagePurpose::ContentCommitment];
        change(&mut params);
        let key = KeyPair::generate_for(match algorithm {
            SignatureAlgorithm::EcdsaSha384 => &PKCS_ECDSA_P384_SHA384,
            _ => &PKCS_ECDSA_P256_SHA256,
        })
        .unwrap();
        let issuer = Issuer::from_params(&self.params, &self.key);
        Self { der: params.signed_by(&key, &issuer).unwrap().der().to_vec(), key, params }
    }

    /// A signer of documents below this one.
    pub(crate) fn issue_signer(&self, name: &str) -> Self {
        self.issue(name, SignatureAlgorithm::EcdsaSha256, |_| {})
    }

    /// A time-stamp authority below this one.
    pub(crate) fn issue_authority(&self, name: &str) -> Self {
        self.issue(name, SignatureAlgorithm::EcdsaSha256, |params| {
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            let purpose = write_element(tag::SEQUENCE, &[&write_oid(oids::TIME_STAMPING)]);
            let mut critical = CustomExtension::from_oid_content(&[2, 5, 29, 37], purpose);
            critical.set_criticality(true);
            params.custom_extensions = vec![critical];
        })
    }

    /// The signature of a document, with the certificates above it.
    pub(crate) fn sign(&self, algorithm: SignatureAlgorithm, document: &[u8], above: &[&Self]) -> SignedMessage {
        let chain: Vec<Vec<u8>> = [self].into_iter().chain(above.iter().copied()).map(|s| s.der.clone()).collect();
        let digest = algorithm.digest().digest(&[document]);
        let pending = PendingSignature::new(&digest, &chain, algorithm).unwrap();
        let signature = self.key.sign(pending.message()).unwrap();
        pending.with_signature(signature).unwrap()
    }

    /// The response of an authority to a request, for the digest and nonce that it is given.
    pub(crate) fn stamp(&self, imprint: &[u8], nonce: &[u8; 16], time: &str) -> Vec<u8> {
        let digest = DigestAlgorithm::Sha256.write_identifier();
        let content = write_element(
            tag::SEQUENCE,
            &[
                &write_small_integer(1),
                &write_oid(oids::DATA),
                &write_element(tag::SEQUENCE, &[&digest, &write_element(tag::OCTET_STRING, &[imprint])]),
                &write_small_integer(7),
                &write_element(tag::GENERALIZED_TIME, &[time.as_bytes()]),
                &write_positive_integer(nonce),
            ],
        );
        let content_digest = DigestAlgorithm::Sha256.digest(&[&content]);
        let chain = [self.der.clone()];
        let pending = PendingSignature::new(&content_digest, &chain, SignatureAlgorithm::EcdsaSha256).unwrap();
        let pending = pending.with_content(oids::TST_INFO, &content, &content_digest);
        let signature = self.key.sign(pending.message()).unwrap();
        let token = pending.with_signature(signature).unwrap().to_der();
        let status = write_element(tag::SEQUENCE, &[&write_small_integer(0)]);
        write_element(tag::SEQUENCE, &[&status, &token])
    }
}

/// These certificates, trusted.
pub(crate) fn trust(signers: &[&TestSigner]) -> TrustAnchors {
    let mut anchors = TrustAnchors::default();
    signers.iter().for_each(|signer| anchors.add_der(&signer.der).unwrap());
    anchors
}

/// Another purpose of keys than signing.
pub(crate) const SERVERS_ONLY: ExtendedKeyUsagePurpose = ExtendedKeyUsagePurpose::ServerAuth;
