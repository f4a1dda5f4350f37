//! References of tickets: texts that people can read out, and that nobody guesses.

use cairn_plugin::bindings::random;

/// Letters and digits without those that look alike.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Letters of a reference, in two halves.
const LENGTH: usize = 10;

/// A new reference: fifty bits, as `K7QFM-3XDWA`.
#[must_use]
pub fn create_reference() -> String {
    format_reference(&random::bytes(LENGTH as u32))
}

/// A new key of a request, for the hidden field of a form.
#[must_use]
pub fn create_request_key() -> String {
    random::bytes(16).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A reference of these random bytes.
#[must_use]
pub fn format_reference(bytes: &[u8]) -> String {
    let letters: String = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    let (first, second) = letters.split_at(letters.len() / 2);
    format!("{first}-{second}")
}

/// True if a text of a path can be a reference: any other is not looked for.
#[must_use]
pub fn is_reference(text: &str) -> bool {
    let letters = text.bytes().filter(|byte| ALPHABET.contains(byte)).count();
    text.len() == LENGTH + 1 && letters == LENGTH && text.as_bytes()[LENGTH / 2] == b'-'
}

/// True if a text can be the key of a request: any other is not stored.
#[must_use]
pub fn is_request_key(text: &str) -> bool {
    (8..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_no_letters_that_look_alike() {
        let all: Vec<u8> = (0..=255).collect();
        for bytes in all.chunks(LENGTH).filter(|bytes| bytes.len() == LENGTH) {
            let reference = format_reference(bytes);
            assert!(is_reference(&reference), "{reference}");
            assert!(!reference.contains(['0', 'O', '1', 'I']), "{reference}");
        }
    }

    #[test]
    fn only_what_could_have_been_made_is_looked_for() {
        for text in ["", "K7QFM3XDWAB", "K7QFM-3XDW", "K7QFM-3XDW0", "k7qfm-3xdwa", &"é".repeat(5), "-K7QFM3XDWA"] {
            assert!(!is_reference(text), "{text}");
        }
        assert!(is_request_key("0b54b7a2-6f1a"));
        for text in ["", "short", "with space", "<script>", &"a".repeat(65)] {
            assert!(!is_request_key(text), "{text}");
        }
    }
}
