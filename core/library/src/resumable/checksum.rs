//! `Upload-Checksum`: the checksum of a piece.

use crate::input::invalid_at;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_content::Result;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// A checksum that is being computed, and the expected value.
pub struct Checksum {
    sum: RunningDigest,
    expected: Vec<u8>,
}

enum RunningDigest {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Checksum {
    /// The algorithms, as `Tus-Checksum-Algorithm` lists them.
    pub const ALGORITHMS: &str = "sha1,sha256";

    /// Parses the header: an algorithm and the checksum in base64. Fails with 400 for another algorithm, or a value of another length.
    pub fn parse(header: &str) -> Result<Self> {
        let path = "Upload-Checksum";
        let (algorithm, sum) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        let (length, digest) = match algorithm {
            "sha1" => (20, RunningDigest::Sha1(sha1::Digest::new())),
            "sha256" => (32, RunningDigest::Sha256(Sha256::new())),
            _ => return Err(invalid_at(path, format!("{path}: expected one of {}", Self::ALGORITHMS))),
        };
        match STANDARD.decode(sum.trim()) {
            Ok(expected) if expected.len() == length => Ok(Self { sum: digest, expected }),
            _ => Err(invalid_at(path, format!("{path} must be the {algorithm} hash of the body in Base64"))),
        }
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        match &mut self.sum {
            RunningDigest::Sha1(sum) => sha1::Digest::update(sum, bytes),
            RunningDigest::Sha256(sum) => sum.update(bytes),
        }
    }

    pub(crate) fn verify(self) -> bool {
        match self.sum {
            RunningDigest::Sha1(sum) => sha1::Digest::finalize(sum).as_slice() == self.expected,
            RunningDigest::Sha256(sum) => sum.finalize().as_slice() == self.expected,
        }
    }
}
