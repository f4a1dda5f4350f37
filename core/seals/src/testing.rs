//! Certificates for tests.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// An instant in 2026 at which they are valid.
pub(crate) const NOW: i64 = 1_780_000_000_000;

/// A key and its certificate.
pub(crate) struct TestSigner {
    /// Certificate in PEM.
    pub(crate) certificate: String,
    /// Certificate in DER.
    pub(crate) der: Vec<u8>,
    /// Private key in PKCS#8, as PEM.
    pub(crate) key: String,
    params: CertificateParams,
    pair: KeyPair,
}

fn encode_pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

fn certificate_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

impl TestSigner {
    /// A certificate that signs itself, and others.
    pub(crate) fn root(name: &str) -> Self {
        let (mut params, pair) = (certificate_params(name), KeyPair::generate().unwrap());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&pair).unwrap();
        Self {
            certificate: encode_pem("CERTIFICATE", certificate.der()),
            der: certificate.der().to_vec(),
            key: encode_pem("PRIVATE KEY", &pair.serialize_der()),
            params,
            pair,
        }
    }

    /// A new key, with a certificate signed by this one.
    pub(crate) fn issue_below(&self, name: &str) -> Self {
        let (params, pair) = (certificate_params(name), KeyPair::generate().unwrap());
        let certificate = params.signed_by(&pair, &Issuer::from_params(&self.params, &self.pair)).unwrap();
        Self {
            certificate: encode_pem("CERTIFICATE", certificate.der()),
            der: certificate.der().to_vec(),
            key: encode_pem("PRIVATE KEY", &pair.serialize_der()),
            params,
            pair,
        }
    }

    /// Key and certificate in PKCS#12, with the certificates above it.
    pub(crate) fn pkcs12(&self, above: &[&Self], password: &str) -> Vec<u8> {
        let certificates = [self].into_iter().chain(above.iter().copied());
        let certificates: Vec<_> = certificates.map(|s| Certificate::from_der(&s.der).unwrap()).collect();
        let key = PrivateKey::from_der(&self.pair.serialize_der()).unwrap();
        let mut store = KeyStore::new();
        store.add_entry("own", KeyStoreEntry::PrivateKeyChain(PrivateKeyChain::new("own", key, certificates)));
        store.writer(password).write().unwrap()
    }
}
