//! Sealing profiles of a test, with keys that exist for this test only.

use super::TestHarness;
use crate::error::{TestError, to_test_error};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_seals::{KeyMaterial, is_name, store_profile};
use rcgen::{CertificateParams, DnType, KeyPair};

impl TestHarness {
    /// Adds a sealing profile, with a new key and a certificate that is valid whenever the test takes place. The error says what is wrong with
    /// the name.
    pub async fn add_seal_profile(&self, name: &str) -> Result<(), TestError> {
        if !is_name(name) {
            return Err(TestError(format!(
                "seal-profiles: {name:?} is not the name of a sealing profile: small letters, digits and dashes, a letter first"
            )));
        }
        let key = KeyPair::generate().map_err(to_test_error)?;
        let mut params = CertificateParams::default();
        params.distinguished_name.remove(DnType::CommonName);
        params.distinguished_name.push(DnType::CommonName, format!("Test seal {name}"));
        let certificate = params.self_signed(&key).map_err(to_test_error)?;
        let (certificate, key) =
            (to_pem("CERTIFICATE", certificate.der()), to_pem("PRIVATE KEY", &key.serialize_der()));
        let now = self.now().timestamp_millis();
        let material = KeyMaterial::from_pem(&certificate, &key, None, now).map_err(to_test_error)?;
        store_profile(&self.access, name, &material, |_| Ok(())).await.map(drop).map_err(to_test_error)
    }
}

fn to_pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}
