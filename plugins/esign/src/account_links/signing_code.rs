//! Codes of six digits: making, hashing and comparing them. It knows no host.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Number of codes that there are.
const CODES: u32 = 1_000_000;
/// Digits of a code.
const DIGITS: usize = 6;

/// Purpose of a code, which opens nothing else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CodePurpose<'a> {
    pub(crate) envelope: &'a str,
    pub(crate) recipient: &'a str,
    pub(crate) account: &'a str,
}

/// Hash of a code, with a value of its own that makes equal codes differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HashedCode {
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl HashedCode {
    /// Hashes a code for its purpose.
    pub(crate) fn new(code: &str, salt: Vec<u8>, purpose: CodePurpose<'_>) -> Self {
        let hash = hash_code(code, &salt, purpose);
        Self { salt, hash }
    }

    /// True for the hash of that code for that purpose. The comparison takes the same time for every code.
    pub(crate) fn is_of(&self, code: &str, purpose: CodePurpose<'_>) -> bool {
        is_equal(&hash_code(code, &self.salt, purpose), &self.hash)
    }
}

fn hash_code(code: &str, salt: &[u8], purpose: CodePurpose<'_>) -> Vec<u8> {
    let CodePurpose { envelope, recipient, account } = purpose;
    let mut hash = Sha256::new();
    // Lengths before the parts: no two lists of parts are the same bytes.
    for part in [b"esign-code", salt, envelope.as_bytes(), recipient.as_bytes(), account.as_bytes(), code.as_bytes()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}

/// Compares bytes without ending at the first that differs.
fn is_equal(left: &[u8], right: &[u8]) -> bool {
    let differing = left.iter().zip(right).fold(0, |sum, (a, b)| sum | (a ^ b));
    left.len() == right.len() && std::hint::black_box(differing) == 0
}

/// A code out of random bytes, each of the million as likely as the others; none where the bytes run out.
pub(crate) fn make_code(random: &[u8]) -> Option<String> {
    let even = u32::MAX - u32::MAX % CODES;
    let numbers = random.chunks_exact(4).filter_map(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    numbers.into_iter().find(|number| *number < even).map(|number| format!("{:06}", number % CODES))
}

/// A code as somebody enters it: six digits, with spaces as some mails and phones put them. None for anything else.
pub(crate) fn read_code(text: &str) -> Option<String> {
    // A text of more than 64 characters is no code with spaces.
    let digits: String = text.chars().take(64).filter(|c| !c.is_whitespace()).collect();
    let is_code = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    (is_code && text.chars().count() <= 64).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PURPOSE: CodePurpose<'static> = CodePurpose { envelope: "e", recipient: "r", account: "a" };

    #[test]
    fn a_code_is_good_for_one_envelope_one_signer_and_one_account() {
        let hashed = HashedCode::new("012345", vec![1, 2, 3], PURPOSE);
        assert!(hashed.is_of("012345", PURPOSE));
        for code in ["012346", "12345", "", "0123450", "012345 "] {
            assert!(!hashed.is_of(code, PURPOSE), "{code}");
        }
        for purpose in [
            CodePurpose { envelope: "f", ..PURPOSE },
            CodePurpose { recipient: "s", ..PURPOSE },
            CodePurpose { account: "b", ..PURPOSE },
            CodePurpose { envelope: "er", recipient: "", ..PURPOSE },
        ] {
            assert!(!hashed.is_of("012345", purpose), "{purpose:?}");
        }
        assert_ne!(hashed, HashedCode::new("012345", vec![1, 2, 4], PURPOSE));
        assert!(!serde_json::to_string(&hashed).unwrap().contains("012345"));
    }

    #[test]
    fn bytes_are_equal_or_not() {
        assert!(is_equal(b"", b"") && is_equal(b"ab", b"ab"));
        assert!(!is_equal(b"ab", b"aa") && !is_equal(b"ab", b"a") && !is_equal(b"", b"a") && !is_equal(b"ba", b"ab"));
    }

    #[test]
    fn codes_have_six_digits_and_no_number_is_likelier() {
        assert_eq!(make_code(&7_u32.to_be_bytes()).as_deref(), Some("000007"));
        assert_eq!(make_code(&1_999_999_u32.to_be_bytes()).as_deref(), Some("999999"));
        // The last numbers would make small codes likelier: the next one is taken.
        let bytes = [u32::MAX.to_be_bytes(), 4_294_000_000_u32.to_be_bytes(), 5_u32.to_be_bytes()].concat();
        assert_eq!(make_code(&bytes).as_deref(), Some("000005"));
        assert_eq!(make_code(&u32::MAX.to_be_bytes()), None);
        assert_eq!(make_code(&[1, 2, 3]), None);
    }

    #[test]
    fn codes_are_read_as_people_write_them() {
        for text in ["123456", " 123 456 ", "123\u{a0}456", "1 2 3 4 5 6\n"] {
            assert_eq!(read_code(text).as_deref(), Some("123456"), "{text:?}");
        }
        let long = format!("{}123456", " ".repeat(1 << 20));
        for text in ["", "12345", "1234567", "12345a", "１２３４５６", "-12345", "123.45", "123456é", "null", &long]
        {
            assert_eq!(read_code(text), None, "{}", text.len());
        }
    }
}
