//! The secret of a booking: who knows it, holds it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cairn_plugin::bindings::random;

const BYTES: usize = 32;
/// Of its text.
const LENGTH: usize = 43;

/// A new one: 256 bits nobody guesses.
#[must_use]
pub fn fresh() -> String {
    URL_SAFE_NO_PAD.encode(random::bytes(BYTES as u32))
}

/// True if a text of a path can be one: any other is not looked for.
#[must_use]
pub fn is_one(text: &str) -> bool {
    text.len() == LENGTH && URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_could_have_been_made_is_looked_for() {
        assert!(is_one(&URL_SAFE_NO_PAD.encode([7; BYTES])));
        for text in ["", "a", &"a".repeat(42), &"a".repeat(44), &"/".repeat(43), &"é".repeat(43), &"%".repeat(1 << 20)]
        {
            assert!(!is_one(text), "{}", text.len());
        }
    }
}
