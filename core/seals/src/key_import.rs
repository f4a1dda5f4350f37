//! Import of what an operator hands in: a key with its certificates, as PKCS#12 or PEM, looked at before it is kept.

use crate::certificate::{Certificate, parse_der};
use crate::key::{Algorithm, SealKey};
use p12_keystore::error::Error as Unread;
use p12_keystore::{KeyStore, KeyStoreEntry, Pkcs12ImportPolicy};
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::Decode;
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::pem::Pem;
use zeroize::Zeroizing;

/// Largest file, in bytes.
const MAX_FILE_BYTES: usize = 256 << 10;
/// Most certificates that are looked at, and most between a key's own and the root.
const MAX_CERTIFICATES: usize = 32;
const MAX_CHAIN_LENGTH: usize = 8;

/// Why something cannot seal: the field that is wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct MaterialError {
    /// `pkcs12`, `password`, `certificates` or `key`.
    pub field: &'static str,
    /// For whoever handed it in.
    pub message: String,
}

fn material_error(field: &'static str, message: impl Into<String>) -> MaterialError {
    MaterialError { field, message: message.into() }
}

/// A key and its certificates that can seal.
pub struct KeyMaterial {
    /// The key's own certificate and those above it, in DER.
    pub(crate) chain: Vec<Vec<u8>>,
    /// The key in PKCS#8 (DER).
    pub(crate) key: Zeroizing<Vec<u8>>,
    pub(crate) algorithm: Algorithm,
    pub(crate) certificate: Certificate,
}

impl std::fmt::Debug for KeyMaterial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Material").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

impl KeyMaterial {
    /// Of a PKCS#12 file (`.p12`, `.pfx`) with one key. Opening it costs as many rounds as the file asks for: not for an async thread.
    /// `now`: milliseconds since 1970. The error names the field that is wrong.
    pub fn from_pkcs12(file: &[u8], password: &str, now: i64) -> Result<Self, MaterialError> {
        check_size("pkcs12", file.len())?;
        let store =
            KeyStore::from_pkcs12(file, password, Pkcs12ImportPolicy::Relaxed).map_err(|error| match error {
                Unread::MacError(_) | Unread::Pkcs5Error(_) | Unread::UnpadError => {
                    material_error("password", "is incorrect for this file")
                }
                _ => {
                    material_error("pkcs12", "cannot be read: expected a PKCS#12 file (.p12 or .pfx) and its password")
                }
            })?;
        let mut keys = store.entries().filter_map(|(_, entry)| match entry {
            KeyStoreEntry::PrivateKeyChain(chain) => Some(chain),
            _ => None,
        });
        let Some(own) = keys.next() else { return Err(material_error("pkcs12", "contains no private key")) };
        if keys.next().is_some() {
            return Err(material_error("pkcs12", "contains several private keys; export only the key that is to seal"));
        }
        let others = store.entries().filter_map(|(_, entry)| match entry {
            KeyStoreEntry::Certificate(certificate) => Some(certificate),
            _ => None,
        });
        let certificates = own.certs().iter().chain(others).map(|c| c.as_der().to_vec()).collect();
        let key = Zeroizing::new(own.key().as_der().to_vec());
        Self::from_parts(certificates, key, ["pkcs12", "pkcs12"], now)
    }

    /// Of certificates and a key in PEM; `password` for a key that is encrypted. The error names the field that is wrong.
    pub fn from_pem(certificates: &str, key: &str, password: Option<&str>, now: i64) -> Result<Self, MaterialError> {
        check_size("certificates", certificates.len())?;
        check_size("key", key.len())?;
        let mut chain = Vec::new();
        for pem in Pem::iter_from_buffer(certificates.as_bytes()).take(MAX_CERTIFICATES + 1) {
            let pem = pem.map_err(|_| material_error("certificates", "cannot be read: expected PEM"))?;
            match pem.label.as_str() {
                "CERTIFICATE" => chain.push(pem.contents),
                label if label.contains("PRIVATE KEY") => {
                    return Err(material_error(
                        "certificates",
                        "contains a private key; put the key into the `key` field",
                    ));
                }
                _ => {}
            }
        }
        Self::from_parts(chain, parse_pem_key(key, password)?, ["certificates", "key"], now)
    }

    /// The certificate of its key.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// `fields`: what certificates and the key are called.
    fn from_parts(
        certificates: Vec<Vec<u8>>,
        key: Zeroizing<Vec<u8>>,
        [of_certificates, of_key]: [&'static str; 2],
        now: i64,
    ) -> Result<Self, MaterialError> {
        if certificates.is_empty() {
            return Err(material_error(of_certificates, "contains no certificate (-----BEGIN CERTIFICATE-----)"));
        }
        if certificates.len() > MAX_CERTIFICATES {
            return Err(material_error(of_certificates, format!("contains more than {MAX_CERTIFICATES} certificates")));
        }
        let pair = SealKey::from_pkcs8(&key).ok_or_else(|| {
            material_error(
                of_key,
                "cannot be used for sealing: expected RSA of 2048 to 4096 bits, or ECDSA on P-256 or P-384",
            )
        })?;
        let read: Option<Vec<X509Certificate<'_>>> = certificates.iter().map(|der| parse_der(der)).collect();
        let read = read.ok_or_else(|| material_error(of_certificates, "contains a certificate that cannot be read"))?;
        let own = (read.iter().position(|c| c.public_key().subject_public_key.data.as_ref() == pair.public_key()))
            .ok_or_else(|| {
                material_error(
                    of_certificates,
                    "contains no certificate for this key: the key and the certificate do not match",
                )
            })?;
        let certificate = Certificate::from_x509(&read[own], &certificates[own]);
        if certificate.not_after <= now {
            return Err(material_error(
                of_certificates,
                format!("the certificate of {} has expired", certificate.subject),
            ));
        }
        if let Ok(Some(usage)) = read[own].key_usage()
            && !usage.value.digital_signature()
            && !usage.value.non_repudiation()
        {
            let message = "the certificate cannot be used for signing: its key usage includes neither digitalSignature nor \
                 nonRepudiation";
            return Err(material_error(of_certificates, message));
        }
        let chain = issuer_chain(&read, own).into_iter().map(|i| certificates[i].clone()).collect();
        Ok(Self { chain, algorithm: pair.algorithm(), certificate, key })
    }
}

fn check_size(field: &'static str, length: usize) -> Result<(), MaterialError> {
    if length <= MAX_FILE_BYTES {
        Ok(())
    } else {
        Err(material_error(field, format!("is larger than {} KiB", MAX_FILE_BYTES >> 10)))
    }
}

/// The places of a certificate and of those above it. What does not belong to it is left out.
fn issuer_chain(all: &[X509Certificate<'_>], own: usize) -> Vec<usize> {
    let mut chain = vec![own];
    while chain.len() < MAX_CHAIN_LENGTH {
        let last_certificate = &all[chain[chain.len() - 1]];
        let signed_by = |other: &X509Certificate<'_>| {
            last_certificate.issuer() == other.subject()
                // By an algorithm that cannot be checked here: whoever looks at the seal checks it.
                && matches!(
                    last_certificate.verify_signature(Some(other.public_key())),
                    Ok(()) | Err(X509Error::SignatureUnsupportedAlgorithm)
                )
        };
        match (0..all.len()).find(|i| !chain.contains(i) && signed_by(&all[*i])) {
            Some(next) => chain.push(next),
            None => break,
        }
    }
    chain
}

/// A key in PEM, as PKCS#8 in DER.
fn parse_pem_key(text: &str, password: Option<&str>) -> Result<Zeroizing<Vec<u8>>, MaterialError> {
    let unread = || material_error("key", "cannot be read: expected PEM (-----BEGIN PRIVATE KEY-----)");
    let pem = Pem::iter_from_buffer(text.as_bytes())
        .find(|pem| pem.as_ref().map_or(true, |pem| pem.label.contains("PRIVATE KEY")))
        .ok_or_else(unread)?
        .map_err(|_| unread())?;
    let contents = Zeroizing::new(pem.contents);
    match (pem.label.as_str(), password) {
        ("PRIVATE KEY", _) => Ok(contents),
        ("ENCRYPTED PRIVATE KEY", None | Some("")) => {
            Err(material_error("password", "is required: the key is encrypted"))
        }
        ("ENCRYPTED PRIVATE KEY", Some(password)) => {
            let sealed = EncryptedPrivateKeyInfoRef::from_der(&contents).map_err(|_| unread())?;
            let opened =
                sealed.decrypt(password).map_err(|_| material_error("password", "is incorrect for this key"))?;
            Ok(opened.to_bytes())
        }
        (label, _) => Err(material_error(
            "key",
            format!(
                "is a {label}, which is not supported; convert it to PKCS#8 with `openssl pkcs8 -topk8 -in key.pem \
                 -out key.p8.pem`"
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, TestSigner};

    fn error_parts(error: Result<KeyMaterial, MaterialError>) -> (&'static str, String) {
        let MaterialError { field, message } = error.unwrap_err();
        (field, message)
    }

    #[test]
    fn chain_is_ordered_and_foreign_certificates_are_dropped() {
        let (root, foreign) = (TestSigner::root("Root"), TestSigner::root("Other"));
        let own = root.issue_below("Seals of Mr. DJ");
        let certificates = format!("{}{}{}", foreign.certificate, root.certificate, own.certificate);
        let material = KeyMaterial::from_pem(&certificates, &own.key, None, NOW).unwrap();
        assert_eq!(material.chain, [own.der.clone(), root.der.clone()]);
        assert_eq!(material.algorithm, Algorithm::P256);
        let Certificate { subject, issuer, .. } = &material.certificate;
        assert_eq!((subject.as_str(), issuer.as_str()), ("CN=Seals of Mr. DJ", "CN=Root"));
        assert!(!format!("{material:?}").contains(&own.key[40..60]));
    }

    #[test]
    fn unusable_material_is_reported_with_its_field() {
        let (root, other) = (TestSigner::root("Root"), TestSigner::root("Other"));
        let pem = |certificates: &str, key: &str| error_parts(KeyMaterial::from_pem(certificates, key, None, NOW));
        let (field, message) = pem(&root.certificate, &other.key);
        assert_eq!(field, "certificates");
        assert!(message.contains("do not match"), "{message}");
        for (certificates, key, expected) in [
            ("", root.key.as_str(), "certificates"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", &root.key, "certificates"),
            (&root.certificate, "", "key"),
            (&root.certificate, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "key"),
            (&root.certificate, "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", "key"),
            (
                &root.certificate,
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
                "password",
            ),
            (&root.key, &root.key, "certificates"),
        ] {
            assert_eq!(pem(certificates, key).0, expected, "{certificates} {key}");
        }
        let (field, message) = error_parts(KeyMaterial::from_pem(&root.certificate, &root.key, None, i64::MAX));
        assert!(field == "certificates" && message.contains("has expired"), "{message}");
        let large = "x".repeat(MAX_FILE_BYTES + 1);
        assert_eq!(pem(&large, &root.key).0, "certificates");
        assert_eq!(error_parts(KeyMaterial::from_pkcs12(large.as_bytes(), "", NOW)).0, "pkcs12");
        assert_eq!(error_parts(KeyMaterial::from_pkcs12(b"\x30\x03\x02\x01\x03", "x", NOW)).0, "pkcs12");
        assert_eq!(error_parts(KeyMaterial::from_pkcs12(b"", "x", NOW)).0, "pkcs12");
    }

    #[test]
    fn pkcs12_files_open_only_with_their_password() {
        let root = TestSigner::root("Root");
        let own = root.issue_below("Seals");
        let file = own.pkcs12(&[&root], "correct horse");
        let material = KeyMaterial::from_pkcs12(&file, "correct horse", NOW).unwrap();
        assert_eq!(material.chain, [own.der.clone(), root.der.clone()]);
        assert_eq!(error_parts(KeyMaterial::from_pkcs12(&file, "wrong", NOW)).0, "password");
        for cut in [1, 20, file.len() / 2, file.len() - 1] {
            assert!(KeyMaterial::from_pkcs12(&file[..cut], "correct horse", NOW).is_err(), "{cut}");
        }
    }

    #[test]
    fn openssl_keys_and_pkcs12_files_are_read() {
        for (folder, password, algorithm) in [
            ("rsa", None, Algorithm::Rsa(2048)),
            ("rsa-encrypted", Some("geheim"), Algorithm::Rsa(2048)),
            ("p384", None, Algorithm::P384),
        ] {
            let read = |name: &str| {
                let path = format!("{}/tests/openssl/{folder}/{name}", env!("CARGO_MANIFEST_DIR"));
                std::fs::read_to_string(path).unwrap()
            };
            let material = KeyMaterial::from_pem(&read("certificate.pem"), &read("key.pem"), password, NOW).unwrap();
            assert_eq!(material.algorithm, algorithm, "{folder}");
        }
        // OpenSSL 3 writes the modern form; older versions and Windows write the legacy one.
        for name in ["modern.p12", "legacy.p12"] {
            let file = std::fs::read(format!("{}/tests/openssl/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
            let material = KeyMaterial::from_pkcs12(&file, "geheim", NOW).unwrap();
            assert_eq!(material.certificate.subject, "O=Donkervoort, CN=Seals", "{name}");
            assert_eq!(error_parts(KeyMaterial::from_pkcs12(&file, "x", NOW)).0, "password", "{name}");
        }
    }
}
