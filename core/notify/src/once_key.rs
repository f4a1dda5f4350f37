//! Keys for which nobody is notified twice.

use sha2::{Digest, Sha256};

/// Longest once-key that is stored unchanged, in bytes.
const MAX_KEY_BYTES: usize = 200;

/// Shortens a key to fit an index; different keys stay different.
pub(crate) fn bounded_key(key: &str) -> String {
    if key.len() <= MAX_KEY_BYTES {
        return key.to_owned();
    }
    Sha256::digest(key.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}
