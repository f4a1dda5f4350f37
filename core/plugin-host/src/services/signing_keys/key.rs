//! Private keys that sign: made, imported from PEM, and their public halves as JSON Web Keys and PEM.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cairn_plugin_package::manifest::SigningAlgorithm;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents,
};
use rsa::RsaPrivateKey;
use rsa::pkcs8::EncodePrivateKey;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Largest PEM file, in bytes.
const MAX_PEM_BYTES: usize = 64 << 10;
/// Size of RSA keys that are made, in bits.
const RSA_BITS: usize = 2_048;
/// Bytes of a coordinate of P-256.
const COORDINATE_BYTES: usize = 32;
/// Beginning of every public key on P-256 in DER (RFC 5480), as far as the point.
const P256_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// Algorithm of every public RSA key in DER (RFC 3279).
const RSA_ALGORITHM: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// A private key that signs. It has no `Debug`, so that nobody logs it.
pub(super) struct SigningKey {
    pair: SigningKeyPair,
    /// In PKCS#8 (DER).
    pkcs8: Zeroizing<Vec<u8>>,
}

enum SigningKeyPair {
    Es256(Box<EcdsaKeyPair>),
    Rs256(Box<RsaKeyPair>),
}

impl SigningKey {
    /// Makes a key. Takes up to a few seconds for RSA: not for an async thread. `None` where the operating system has no randomness.
    pub(super) fn generate(algorithm: SigningAlgorithm) -> Option<Self> {
        let random = SystemRandom::new();
        let pkcs8 = match algorithm {
            SigningAlgorithm::Es256 => {
                let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).ok()?;
                Zeroizing::new(made.as_ref().to_vec())
            }
            SigningAlgorithm::Rs256 => {
                let mut seed = Zeroizing::new([0; 32]);
                random.fill(&mut *seed).ok()?;
                let made = RsaPrivateKey::new(&mut ChaCha20Rng::from_seed(*seed), RSA_BITS).ok()?;
                Zeroizing::new(made.to_pkcs8_der().ok()?.as_bytes().to_vec())
            }
        };
        Self::from_pkcs8(algorithm, pkcs8)
    }

    /// Reads a key in PEM (PKCS#8). The error follows "the key" in a sentence, and repeats nothing of the file.
    pub(super) fn from_pem(algorithm: SigningAlgorithm, text: &str) -> Result<Self, String> {
        if text.len() > MAX_PEM_BYTES {
            return Err(format!("is larger than {} KiB", MAX_PEM_BYTES >> 10));
        }
        if text.contains("ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
            return Err("is encrypted; decrypt it with `openssl pkcs8 -in key.pem -out key.p8.pem`".to_owned());
        }
        let pkcs8 = match PrivateKeyDer::from_pem_slice(text.as_bytes()) {
            Ok(PrivateKeyDer::Pkcs8(key)) => Zeroizing::new(key.secret_pkcs8_der().to_vec()),
            Ok(_) => {
                return Err(
                    "is not in PKCS#8; convert it with `openssl pkcs8 -topk8 -nocrypt -in key.pem -out key.p8.pem`"
                        .to_owned(),
                );
            }
            Err(_) => {
                return Err("cannot be read: expected a private key in PEM (-----BEGIN PRIVATE KEY-----)".to_owned());
            }
        };
        Self::from_pkcs8(algorithm, pkcs8).ok_or_else(|| match algorithm {
            SigningAlgorithm::Es256 => "is of another kind: es256 needs an elliptic curve key on P-256".to_owned(),
            SigningAlgorithm::Rs256 => "is of another kind: rs256 needs an RSA key of 2048 to 4096 bits".to_owned(),
        })
    }

    /// Reads a key in PKCS#8 (DER); `None` where it is not of this algorithm, or too small.
    pub(super) fn from_pkcs8(algorithm: SigningAlgorithm, pkcs8: Zeroizing<Vec<u8>>) -> Option<Self> {
        let pair = match algorithm {
            SigningAlgorithm::Es256 => {
                let signing = &ECDSA_P256_SHA256_FIXED_SIGNING;
                SigningKeyPair::Es256(Box::new(EcdsaKeyPair::from_pkcs8(signing, &pkcs8, &SystemRandom::new()).ok()?))
            }
            SigningAlgorithm::Rs256 => SigningKeyPair::Rs256(Box::new(RsaKeyPair::from_pkcs8(&pkcs8).ok()?)),
        };
        Some(Self { pair, pkcs8 })
    }

    /// The key in PKCS#8 (DER).
    pub(super) fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// Its public half.
    pub(super) fn public_half(&self) -> PublicHalf {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        // The members in the order of RFC 7638.
        let members = match &self.pair {
            SigningKeyPair::Es256(pair) => {
                // An uncompressed point: 4, x, y.
                let point = pair.public_key().as_ref();
                let (x, y) = point.get(1..).unwrap_or_default().split_at_checked(COORDINATE_BYTES).unwrap_or_default();
                vec![("crv", "P-256".to_owned()), ("kty", "EC".to_owned()), ("x", encode(x)), ("y", encode(y))]
            }
            SigningKeyPair::Rs256(pair) => {
                let parts = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public());
                vec![("e", encode(&parts.e)), ("kty", "RSA".to_owned()), ("n", encode(&parts.n))]
            }
        };
        let canonical: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
        let kid = encode(&Sha256::digest(format!("{{{}}}", canonical.join(","))));
        let mut jwk = json!({ "kid": kid, "use": "sig", "alg": self.algorithm_name() });
        for (name, value) in members {
            jwk[name] = Json::String(value);
        }
        PublicHalf { kid, jwk }
    }

    /// The algorithm as JSON Web Signatures call it.
    fn algorithm_name(&self) -> &'static str {
        match &self.pair {
            SigningKeyPair::Es256(_) => "ES256",
            SigningKeyPair::Rs256(_) => "RS256",
        }
    }

    /// Signs a message, which is hashed here. `None` where the operating system has no randomness.
    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match &self.pair {
            SigningKeyPair::Es256(pair) => Some(pair.sign(&random, message).ok()?.as_ref().to_vec()),
            SigningKeyPair::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).ok()?;
                Some(signature)
            }
        }
    }
}

/// The public half of a key.
pub(super) struct PublicHalf {
    /// Thumbprint (RFC 7638).
    pub(super) kid: String,
    /// JSON Web Key.
    pub(super) jwk: Json,
}

/// A JSON Web Key of [`SigningKey::public_half`] in PEM (SubjectPublicKeyInfo); `None` where it is none.
pub(super) fn public_key_pem(jwk: &Json) -> Option<String> {
    let member = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str()?).ok();
    let der = match jwk["kty"].as_str()? {
        "EC" => [&P256_PREFIX[..], &[4], &member("x")?, &member("y")?].concat(),
        "RSA" => {
            let key = encode_der(0x30, &[encode_integer(&member("n")?), encode_integer(&member("e")?)].concat());
            let bits = encode_der(0x03, &[&[0], &key[..]].concat());
            encode_der(0x30, &[&RSA_ALGORITHM[..], &bits].concat())
        }
        _ => return None,
    };
    let text = STANDARD.encode(der);
    let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_owned();
    for (i, letter) in text.chars().enumerate() {
        if i > 0 && i % 64 == 0 {
            pem.push('\n');
        }
        pem.push(letter);
    }
    pem.push_str("\n-----END PUBLIC KEY-----\n");
    Some(pem)
}

/// A positive number, of which the bytes have no leading zeros.
fn encode_integer(bytes: &[u8]) -> Vec<u8> {
    match bytes.first() {
        Some(first) if *first < 0x80 => encode_der(0x02, bytes),
        _ => encode_der(0x02, &[&[0], bytes].concat()),
    }
}

fn encode_der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut der = vec![tag];
    match (length.as_slice(), u8::try_from(length.len())) {
        ([], _) => der.push(0),
        ([short], _) if *short < 0x80 => der.push(*short),
        (long, count) => {
            // Lengths have eight bytes at most.
            der.push(0x80 | count.unwrap_or_default());
            der.extend_from_slice(long);
        }
    }
    der.extend_from_slice(content);
    der
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    const P256: &str = include_str!("../../../tests/openssl/p256.pem");
    const RSA: &str = include_str!("../../../../seals/tests/openssl/rsa/key.pem");
    const P384: &str = include_str!("../../../../seals/tests/openssl/p384/key.pem");

    /// The output of `openssl pkey -pubout` for these keys, and the thumbprints that Python computes.
    const P256_PUBLIC: [&str; 2] = [
        "-----BEGIN PUBLIC KEY-----\n\
         MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEAmNpdcB+Fk9jl8+8bmk53hcjQKJO\n\
         gBMxf5CnCk8dR6deAxnVnw6SnVMGn8nDaQoYAMmilotCZnUUkIW5alR/2w==\n\
         -----END PUBLIC KEY-----\n",
        "eaTWAZFoTmzhOP9PmU5uv8_COnJA0TxU5MWvZQAF6hU",
    ];
    const RSA_PUBLIC: [&str; 2] = [
        "-----BEGIN PUBLIC KEY-----\n\
         MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsXlMYxTwE/Dzc4dRHrid\n\
         2K/9TJMSRm+FgwOXfeu+8oRuwlLFVNcPZ7sAQq+/X+p9nrf5/UKkBVyi1pUEX56b\n\
         CpHWrtLob5de0JxP1JI97aDDbOf4nfcmLvS8ApMeegUIHnnCxWFrf+3yRWv6wOwz\n\
         NfTiaaYcLU0RnCNiVCkrDJM4OObQRu+f7po19v41xH50JaUpucQ5bFDDey/5NV+E\n\
         YTHZ6fHQPNd3GXE0binFuJjGGvnxYv+tak9+ChE36jC4NKS725T6KZ9KxJ0ZzabM\n\
         QiUKzfm9g3pYzH1Ko3tcNOYolxZANrV/8nhQ9tDqIlleyLe8hCkdQOkLCqPrboj+\n\
         mQIDAQAB\n\
         -----END PUBLIC KEY-----\n",
        "c_G4FlgV4zMEmZg2QDF233CMalBnHvfGRMtqPJQ91SY",
    ];

    fn read(algorithm: SigningAlgorithm, pem: &str) -> SigningKey {
        SigningKey::from_pem(algorithm, pem).unwrap_or_else(|why| panic!("{why}"))
    }

    #[test]
    fn public_halves_are_those_of_openssl() {
        let (ec, rsa) =
            (read(SigningAlgorithm::Es256, P256).public_half(), read(SigningAlgorithm::Rs256, RSA).public_half());
        assert_eq!([public_key_pem(&ec.jwk).unwrap(), ec.kid.clone()], P256_PUBLIC);
        assert_eq!([public_key_pem(&rsa.jwk).unwrap(), rsa.kid.clone()], RSA_PUBLIC);
        assert_eq!((&ec.jwk["alg"], &ec.jwk["crv"], &ec.jwk["use"]), (&json!("ES256"), &json!("P-256"), &json!("sig")));
        assert_eq!(
            (&rsa.jwk["alg"], &rsa.jwk["e"], &rsa.jwk["kid"]),
            (&json!("RS256"), &json!("AQAB"), &json!(rsa.kid))
        );
        for secret in ["d", "p", "q", "dp", "dq", "qi"] {
            assert!(ec.jwk[secret].is_null() && rsa.jwk[secret].is_null(), "{secret}");
        }
        assert_eq!(public_key_pem(&json!({ "kty": "oct", "k": "AAAA" })), None);
    }

    #[test]
    fn signatures_are_those_of_the_algorithm() {
        let decode = |jwk: &Json, name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
        let es256 = |key: &SigningKey, signature: &[u8]| {
            let jwk = key.public_half().jwk;
            let point = [vec![4], decode(&jwk, "x"), decode(&jwk, "y")].concat();
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(b"message", signature).is_ok()
        };
        let rs256 = |key: &SigningKey, signature: &[u8]| {
            let jwk = key.public_half().jwk;
            let parts = ring::signature::RsaPublicKeyComponents { n: decode(&jwk, "n"), e: decode(&jwk, "e") };
            parts.verify(&RSA_PKCS1_2048_8192_SHA256, b"message", signature).is_ok()
        };
        let made = SigningKey::generate(SigningAlgorithm::Es256).unwrap();
        for key in [&read(SigningAlgorithm::Es256, P256), &made] {
            let signature = key.sign(b"message").unwrap();
            assert!(signature.len() == 64 && es256(key, &signature));
            assert!(!es256(key, &key.sign(b"another").unwrap()));
        }
        let key = read(SigningAlgorithm::Rs256, RSA);
        let signature = key.sign(b"message").unwrap();
        assert!(signature.len() == 256 && rs256(&key, &signature) && !rs256(&key, &key.sign(b"another").unwrap()));
        // The hash is that of the signature by `openssl dgst -sha256 -sign`: every RSA signature of a message is the same.
        let hash: String = Sha256::digest(&signature).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, "94b2b5169b4bd1c1cb489f462f0ebd8ebd23ea28b5b3e164d8acdcb248ecc350");
        // A generated key can be imported.
        let again = SigningKey::from_pkcs8(SigningAlgorithm::Es256, Zeroizing::new(made.pkcs8().to_vec())).unwrap();
        assert!(again.public_half().kid == made.public_half().kid && made.public_half().kid.len() == 43);
    }

    #[test]
    fn keys_that_are_made_are_large_enough() {
        let made = SigningKey::generate(SigningAlgorithm::Rs256).unwrap();
        assert_eq!(made.sign(b"message").unwrap().len(), RSA_BITS / 8);
        let other = SigningKey::generate(SigningAlgorithm::Rs256).unwrap();
        assert_ne!(made.public_half().kid, other.public_half().kid);
    }

    #[test]
    fn unusable_keys_are_reported() {
        let (es256, rs256) = (SigningAlgorithm::Es256, SigningAlgorithm::Rs256);
        let small = RsaPrivateKey::new(&mut ChaCha20Rng::from_seed([7; 32]), 1_024).unwrap();
        let small = STANDARD.encode(small.to_pkcs8_der().unwrap().as_bytes());
        let small = format!("-----BEGIN PRIVATE KEY-----\n{small}\n-----END PRIVATE KEY-----\n");
        let public = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
        for (algorithm, pem, expected) in [
            (es256, RSA, "es256 needs"),
            (rs256, P256, "rs256 needs"),
            (es256, P384, "P-256"),
            (rs256, &small, "2048"),
            (es256, "", "cannot be read"),
            (es256, "swordfish", "cannot be read"),
            (es256, public, "cannot be read"),
            (es256, "-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n", "cannot be read"),
            (es256, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "is of another kind"),
            (es256, "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n", "openssl pkcs8 -topk8"),
            (rs256, "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", "openssl pkcs8 -topk8"),
            (
                rs256,
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
                "is encrypted",
            ),
            (es256, &P256.replace('\n', " "), "cannot be read"),
            (es256, &"x".repeat(70_000), "larger than 64 KiB"),
        ] {
            let why = SigningKey::from_pem(algorithm, pem).err().unwrap();
            assert!(why.contains(expected) && !why.contains("swordfish"), "{pem}: {why}");
        }
    }

    #[test]
    fn lengths_are_written_as_der_has_them() {
        assert_eq!(encode_der(4, &[]), [4, 0]);
        assert_eq!(encode_der(4, &[7; 127])[..2], [4, 127]);
        assert_eq!(encode_der(4, &[7; 128])[..3], [4, 0x81, 128]);
        assert_eq!(encode_der(4, &[7; 256])[..4], [4, 0x82, 1, 0]);
        assert_eq!(encode_integer(&[0x7f]), [2, 1, 0x7f]);
        assert_eq!(encode_integer(&[0x80]), [2, 2, 0, 0x80]);
    }
}
