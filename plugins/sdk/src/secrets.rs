//! Secrets of the operator's, by name: to sign with, and to check what others have signed. To send one see
//! [`http::Request::secret_header`](crate::http::Request::secret_header).

use crate::Result;
use crate::bindings::secrets as raw;

pub use raw::Mac;

/// True if the operator has set it.
#[must_use]
pub fn is_set(secret: &str) -> bool {
    raw::is_set(secret)
}

/// The signature of a message.
///
/// # Errors
/// `NotFound` where the secret is not set, `Denied` where it is not granted.
pub fn sign(secret: &str, algorithm: Mac, message: &[u8]) -> Result<Vec<u8>> {
    raw::sign(secret, algorithm, message)
}

/// True if that is the signature of a message, in a time that tells nothing of it.
///
/// # Errors
/// As [`sign`].
pub fn verify(secret: &str, algorithm: Mac, message: &[u8], tag: &[u8]) -> Result<bool> {
    raw::verify(secret, algorithm, message, tag)
}
