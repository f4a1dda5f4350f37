//! Private keys: which are accepted, and signing with them.

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use std::fmt;

/// Signature algorithm of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017); contains the size of the key in bits.
    Rsa(usize),
    /// ECDSA on P-256 with SHA-256; the signature in DER.
    P256,
    /// ECDSA on P-384 with SHA-384; the signature in DER.
    P384,
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(bits) => write!(f, "RSA {bits}"),
            Self::P256 => f.write_str("ECDSA P-256"),
            Self::P384 => f.write_str("ECDSA P-384"),
        }
    }
}

/// A private key that signs. It cannot be read.
pub struct SealKey(SealKeyPair);

enum SealKeyPair {
    Rsa(Box<RsaKeyPair>),
    Ecdsa(Box<EcdsaKeyPair>, Algorithm),
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealKey({})", self.algorithm())
    }
}

impl SealKey {
    /// Reads a key in PKCS#8 (DER); `None` where it is of another kind, RSA of less than 2048 or more than 4096 bits, or broken.
    pub(crate) fn from_pkcs8(der: &[u8]) -> Option<Self> {
        if let Ok(pair) = RsaKeyPair::from_pkcs8(der) {
            return Some(Self(SealKeyPair::Rsa(Box::new(pair))));
        }
        let random = SystemRandom::new();
        let curves =
            [(&ECDSA_P256_SHA256_ASN1_SIGNING, Algorithm::P256), (&ECDSA_P384_SHA384_ASN1_SIGNING, Algorithm::P384)];
        curves.into_iter().find_map(|(signing, algorithm)| {
            let pair = EcdsaKeyPair::from_pkcs8(signing, der, &random).ok()?;
            Some(Self(SealKeyPair::Ecdsa(Box::new(pair), algorithm)))
        })
    }

    /// The algorithm of its signatures.
    pub fn algorithm(&self) -> Algorithm {
        match &self.0 {
            SealKeyPair::Rsa(pair) => Algorithm::Rsa(pair.public().modulus_len() * 8),
            SealKeyPair::Ecdsa(_, algorithm) => *algorithm,
        }
    }

    /// The public key, as the bits of a certificate's `subjectPublicKey`.
    pub(crate) fn public_key(&self) -> &[u8] {
        match &self.0 {
            SealKeyPair::Rsa(pair) => pair.public_key().as_ref(),
            SealKeyPair::Ecdsa(pair, _) => pair.public_key().as_ref(),
        }
    }

    /// Signs a message, which is hashed here; see [`Algorithm`]. Takes about a millisecond. `None` where the
    /// operating system has no randomness.
    pub fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match &self.0 {
            SealKeyPair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).ok()?;
                Some(signature)
            }
            SealKeyPair::Ecdsa(pair, _) => Some(pair.sign(&random, message).ok()?.as_ref().to_vec()),
        }
    }
}
