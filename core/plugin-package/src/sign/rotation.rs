//! A publisher's new key, vouched for by the old one.

use super::key::{SignatureKind, decode, encode};
use super::{KeyPair, KeyProblem, PublicKey};
use std::fmt;
use std::str::FromStr;

/// First word of a rotation's line.
const LINE_PREFIX: &str = "cairn-plugin-key-rotation";

/// The statement, signed by the old key, that another key takes its place. There is none without the right signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    old: PublicKey,
    new: PublicKey,
    signature: [u8; 64],
}

impl Rotation {
    /// Made by who holds the old key.
    pub fn sign(old: &KeyPair, new: PublicKey) -> Self {
        let signature = old.sign(SignatureKind::Rotation, signed_content(old.public(), new).as_bytes());
        Self { old: old.public(), new, signature }
    }

    /// The key that is given up.
    pub fn old(&self) -> PublicKey {
        self.old
    }

    /// The key that takes its place.
    pub fn new_key(&self) -> PublicKey {
        self.new
    }
}

fn signed_content(old: PublicKey, new: PublicKey) -> String {
    format!("{old} {new}")
}

impl FromStr for Rotation {
    type Err = KeyProblem;

    fn from_str(text: &str) -> Result<Self, KeyProblem> {
        let parts: Vec<&str> = text.split_whitespace().collect();
        let [LINE_PREFIX, old, new, signature] = parts[..] else { return Err(KeyProblem::Rotation) };
        let (old, new) = (old.parse::<PublicKey>()?, new.parse::<PublicKey>()?);
        let signature = decode(signature).ok_or(KeyProblem::Rotation)?;
        if old.verify(SignatureKind::Rotation, signed_content(old, new).as_bytes(), &signature) {
            Ok(Self { old, new, signature })
        } else {
            Err(KeyProblem::NotSigned)
        }
    }
}

impl fmt::Display for Rotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{LINE_PREFIX} {} {}", signed_content(self.old, self.new), encode(&self.signature))
    }
}
