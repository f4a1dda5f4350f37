//! Keys, and what they sign. A signature is always over what kind of thing is signed and then the thing itself, so that one made of a
//! package is never one of a rotation.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// Prefix of a public key's text.
const PUBLIC_KEY_PREFIX: &str = "ed25519:";
/// Prefix of the line of a secret key's file.
const SECRET: &str = "cairn-plugin-secret-key:ed25519:";

/// Kind of content that is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignatureKind {
    /// The digest list of a package.
    Digests,
    /// The statement that another key takes over.
    Rotation,
}

impl SignatureKind {
    fn signed_message(self, content: &[u8]) -> Vec<u8> {
        let name: &[u8] = match self {
            Self::Digests => b"cairn plugin digests 1\n",
            Self::Rotation => b"cairn plugin key rotation 1\n",
        };
        [name, content].concat()
    }
}

/// Why a text is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// Not of the form, or not of the curve.
    #[error("is not a key; a key consists of \"ed25519:\" and 43 characters, as `cairn plugin key` prints it")]
    Public,
    /// Not the line of a secret key's file.
    #[error("is not a secret key; its file must have one line that begins with \"{SECRET}\"")]
    Secret,
    /// Not the line of a rotation.
    #[error("is not a rotation; it must be one line, as `cairn plugin key rotate` writes it")]
    Rotation,
    /// A rotation that the old key has not signed.
    #[error("is a rotation that was not signed with the old key")]
    NotSigned,
}

/// A publisher's public key, written `ed25519:<base64url>`.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// True if this key signed that.
    pub(crate) fn verify(&self, kind: SignatureKind, content: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(&kind.signed_message(content), &Signature::from_bytes(signature)).is_ok()
    }
}

impl Hash for PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_bytes().hash(state);
    }
}

impl FromStr for PublicKey {
    type Err = KeyProblem;

    fn from_str(text: &str) -> Result<Self, KeyProblem> {
        let bytes: [u8; 32] = text.strip_prefix(PUBLIC_KEY_PREFIX).and_then(decode).ok_or(KeyProblem::Public)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| KeyProblem::Public)?;
        // A weak key fits signatures nobody made.
        if key.is_weak() { Err(KeyProblem::Public) } else { Ok(Self(key)) }
    }
}

impl TryFrom<String> for PublicKey {
    type Error = KeyProblem;

    fn try_from(text: String) -> Result<Self, KeyProblem> {
        text.parse()
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.to_string()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC_KEY_PREFIX}{}", encode(self.0.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A publisher's key with its secret half. Shown nowhere but by [`secret_line`](Self::secret_line).
#[derive(Clone)]
pub struct KeyPair(SigningKey);

impl KeyPair {
    /// A new one, of the system's randomness.
    pub fn generate() -> Self {
        Self(SigningKey::from_bytes(&rand::random()))
    }

    /// Of the content of its file. Space around the line does not matter.
    ///
    /// # Errors
    /// It is not the one line that [`secret_line`](Self::secret_line) writes.
    pub fn from_secret_line(text: &str) -> Result<Self, KeyProblem> {
        let seed: [u8; 32] = text.trim().strip_prefix(SECRET).and_then(decode).ok_or(KeyProblem::Secret)?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// The line for its file, which nobody else may read.
    pub fn secret_line(&self) -> String {
        format!("{SECRET}{}\n", encode(self.0.as_bytes()))
    }

    /// The half that everybody may know.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(crate) fn sign(&self, kind: SignatureKind, content: &[u8]) -> [u8; 64] {
        self.0.sign(&kind.signed_message(content)).to_bytes()
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({})", self.public())
    }
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}
