//! The secret part of a link: who knows it may read what the link is for, and answer it. The mail has it; what is stored is its hash.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cairn_plugin::bindings::random;
use sha2::{Digest, Sha256};

const BYTES: usize = 32;
/// Length of its text.
const LENGTH: usize = 43;

/// A new token: 256 bits that nobody guesses.
#[must_use]
pub fn create_token() -> String {
    URL_SAFE_NO_PAD.encode(random::bytes(BYTES as u32))
}

/// Hash of a token, as it is stored; none of a text that cannot be a token.
#[must_use]
pub fn hash_token(text: &str) -> Option<String> {
    let bytes = (text.len() == LENGTH).then(|| URL_SAFE_NO_PAD.decode(text).ok()).flatten()?;
    let hash = Sha256::digest(bytes);
    Some(hash.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_could_have_been_made_has_a_hash() {
        let hash = hash_token(&URL_SAFE_NO_PAD.encode([0; BYTES])).unwrap();
        assert_eq!(hash, "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925");
        assert_ne!(hash_token(&URL_SAFE_NO_PAD.encode([1; BYTES])), Some(hash));
        for text in ["", "a", &"a".repeat(42), &"a".repeat(44), &"/".repeat(43), &"é".repeat(43), &"%".repeat(1 << 20)]
        {
            assert_eq!(hash_token(text), None, "{}", text.len());
        }
    }
}
