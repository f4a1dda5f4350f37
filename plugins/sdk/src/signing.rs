//! Signatures with private keys of the operator's, by the names of `[[signing-key]]`. Not in hooks, nor in an open transaction.

use crate::bindings::signing as raw;
use crate::{Error, Result};
use serde::Serialize;
use serde_json::{Value, json};

pub use raw::{Algorithm, Signature};

/// The signature of up to 1 MiB.
///
/// # Errors
/// `NotFound` until an administrator has made or imported the key, `Denied` where it is not granted.
pub fn sign(key: &str, data: &[u8]) -> Result<Signature> {
    raw::sign(key, data)
}

/// The public half of the key that signs now, as a JSON Web Key with `kid`.
///
/// # Errors
/// As [`sign`].
pub fn public_jwk(key: &str) -> Result<Value> {
    Ok(serde_json::from_str(&raw::public_jwk(key)?)?)
}

/// The public halves of the key that signs now and of those before it, as a JSON Web Key Set: what a route answers to whoever verifies.
///
/// # Errors
/// As [`sign`].
pub fn public_jwk_set(key: &str) -> Result<Value> {
    Ok(serde_json::from_str(&raw::public_jwk_set(key)?)?)
}

/// A signed JSON Web Token with these claims.
///
/// # Errors
/// As [`sign`]; `Invalid` where the claims are no JSON.
pub fn sign_jwt(key: &str, claims: &impl Serialize) -> Result<String> {
    let claims = serde_json::to_vec(claims)?;
    // The key may be replaced between the read of its public half and the signature.
    for _ in 0..2 {
        let jwk = public_jwk(key)?;
        let header = json!({ "alg": jwk["alg"], "kid": jwk["kid"], "typ": "JWT" });
        let signed = format!("{}.{}", encode_base64url(header.to_string().as_bytes()), encode_base64url(&claims));
        let signature = sign(key, signed.as_bytes())?;
        if jwk["kid"] == signature.kid.as_str() {
            return Ok(format!("{signed}.{}", encode_base64url(&signature.bytes)));
        }
    }
    Err(Error::Unavailable(None))
}

/// Base64 for URLs, without padding, as JSON Web Signatures have it.
#[must_use]
pub fn encode_base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |i: usize| u32::from(three.get(i).copied().unwrap_or(0));
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        let letters = (0..=three.len()).filter_map(|i| LETTERS.get((bits >> (18 - 6 * i)) as usize & 63));
        text.extend(letters.map(|letter| char::from(*letter)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::encode_base64url;

    #[test]
    fn base64url_has_no_padding() {
        for (bytes, text) in [
            (&b""[..], ""),
            (b"f", "Zg"),
            (b"fo", "Zm8"),
            (b"foo", "Zm9v"),
            (b"foob", "Zm9vYg"),
            (&[0xff, 0xef, 0xbe], "_---"),
            (&[0xfb, 0xff], "-_8"),
        ] {
            assert_eq!(encode_base64url(bytes), text);
        }
    }
}
