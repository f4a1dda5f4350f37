//! Names of renditions, made of their source and their transform.

use crate::{BlobKey, Transform};
use sha2::{Digest, Sha256};
use std::fmt;

const HALF_BYTES: usize = 16;

/// The name of a picture: sixteen bytes for its source and tenant, sixteen for the transform. All pictures of a source
/// are neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RenditionName([u8; 2 * HALF_BYTES]);

impl RenditionName {
    pub(super) fn new(scope: &str, source: &BlobKey, requested: &Transform) -> RenditionName {
        let mut name = RenditionName::of_source(scope, source);
        let (_, transform) = name.0.split_at_mut(HALF_BYTES);
        transform.copy_from_slice(&hash_half(&[requested.to_query().as_bytes()]));
        name
    }

    /// The first of all names that a source has; no picture has it.
    pub(super) fn of_source(scope: &str, source: &BlobKey) -> RenditionName {
        let mut name = [0; 2 * HALF_BYTES];
        // The length keeps the end of one from reading as the beginning of the other.
        let length = (scope.len() as u64).to_be_bytes();
        name[..HALF_BYTES].copy_from_slice(&hash_half(&[&length, scope.as_bytes(), source.as_str().as_bytes()]));
        RenditionName(name)
    }

    /// [`RenditionName::of_source`] of the source that this is a picture of.
    pub(super) fn source_name(&self) -> RenditionName {
        let mut name = self.0;
        name[HALF_BYTES..].fill(0);
        RenditionName(name)
    }

    /// The last of all names that a source has.
    pub(super) fn last_of_source(&self) -> RenditionName {
        let mut name = self.0;
        name[HALF_BYTES..].fill(u8::MAX);
        RenditionName(name)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The name that this file name tells, if it is one of [`RenditionName`]'s.
    pub(super) fn parse(text: &str) -> Option<RenditionName> {
        let digits = text.as_bytes();
        if digits.len() != 4 * HALF_BYTES || !digits.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        let mut name = [0; 2 * HALF_BYTES];
        for (byte, pair) in name.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(RenditionName(name))
    }
}

impl fmt::Display for RenditionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

fn hash_half(parts: &[&[u8]]) -> [u8; HALF_BYTES] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    let digest = hasher.finalize();
    std::array::from_fn(|at| digest.get(at).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rendition_names_differ_by_scope_source_and_transform() {
        let name = |scope: &str, source: &str, query: &str| {
            RenditionName::new(scope, &BlobKey::parse(source).unwrap(), &Transform::parse(query).unwrap())
        };
        let one = name("a", "bc", "w=1");
        for other in [name("ab", "c", "w=1"), name("a", "bd", "w=1"), name("a", "bc", "w=2"), name("", "abc", "w=1")] {
            assert_ne!(one, other);
        }
        assert_eq!(one, name("a", "bc", "q=80&w=01"));
        assert_eq!(RenditionName::parse(&one.to_string()), Some(one));
        assert!(one.source_name() < one && one < one.last_of_source());
        for text in ["", "new-1-x", &"A".repeat(64), &"0".repeat(63), &"é".repeat(32)] {
            assert_eq!(RenditionName::parse(text), None, "{text}");
        }
    }
}
