//! The digest list, which names the files of the package with their digests, and the signature over it.

use super::files::PackageFiles;
use super::problem::PackageProblem;
use crate::sign::{KeyPair, PublicKey, SignatureKind, SignatureStatus, decode, encode};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::fmt::Write;

/// File name of the list in the package.
pub(super) const DIGESTS: &str = "digests";
/// File name of the signature in the package.
pub(super) const SIGNATURE: &str = "signature";

/// A SHA-256 digest, shown in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageDigest([u8; 32]);

impl PackageDigest {
    /// Hashes these bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The 32 bytes of the digest.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for PackageDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PackageDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// One line for each file, in the order of their paths, as `sha256sum` writes and checks them.
pub(super) fn digest_list(files: &PackageFiles) -> Vec<u8> {
    let mut list = String::new();
    for (path, content) in files.iter() {
        // Writing to a string cannot fail.
        let _ = writeln!(list, "{}  {path}", PackageDigest::of_bytes(content));
    }
    list.into_bytes()
}

/// Refuses files that do not match the list.
pub(super) fn check_digests(list: &[u8], files: &PackageFiles) -> Result<(), PackageProblem> {
    let reject = |text: String| Err(PackageProblem::Digest(text));
    let expected = self::digest_list(files);
    if expected == list {
        return Ok(());
    }
    // The error names the file that differs.
    let text = String::from_utf8_lossy(list);
    let listed = |path: &str| text.lines().find_map(|line| line.strip_suffix(path)?.strip_suffix("  "));
    for (path, content) in files.iter() {
        match listed(path) {
            None => return reject(format!("{path} is not in the digest list")),
            Some(digest) if digest != PackageDigest::of_bytes(content).to_string() => {
                return reject(format!("{path} does not match the digest list"));
            }
            Some(_) => {}
        }
    }
    reject("the digest list names files that are not in the package, or is malformed".into())
}

/// The content of the file `signature`: the key and its signature, on one line.
pub(super) fn sign_list(list: &[u8], key: &KeyPair) -> Vec<u8> {
    format!("{} {}\n", key.public(), encode(&key.sign(SignatureKind::Digests, list))).into_bytes()
}

/// Verifies the signature of the list; a missing or wrong one is a status, a malformed one an error.
pub(super) fn verify_signature(list: &[u8], signature: Option<&[u8]>) -> Result<SignatureStatus, PackageProblem> {
    let Some(signature) = signature else { return Ok(SignatureStatus::Unsigned) };
    let line = std::str::from_utf8(signature).ok().and_then(|text| text.strip_suffix('\n'));
    let parts = line.and_then(|line| line.split_once(' '));
    let parsed = parts.and_then(|(key, signature)| Some((key.parse::<PublicKey>().ok()?, decode(signature)?)));
    let (key, signature) = parsed.ok_or(PackageProblem::SignatureForm)?;
    Ok(if key.verify(SignatureKind::Digests, list, &signature) {
        SignatureStatus::By(key)
    } else {
        SignatureStatus::Wrong
    })
}
