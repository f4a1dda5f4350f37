//! Document ids.

use rand::Rng;

const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// A new document id: 24 characters of `[a-z0-9]`, the first a letter, from the operating system's randomness
/// (124 bits: no look before the write is needed).
pub fn new_document_id() -> String {
    document_id_by(&mut rand::rng())
}

/// Generates a document id with another source of randomness.
pub fn document_id_by(rng: &mut impl Rng) -> String {
    let mut id = String::with_capacity(24);
    id.push(LETTERS[rng.random_range(0..26)] as char);
    for _ in 1..24 {
        id.push(LETTERS[rng.random_range(0..36)] as char);
    }
    id
}

/// True if a text has the form of [`new_document_id`].
pub fn is_document_id(text: &str) -> bool {
    text.len() == 24 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(|b| LETTERS.contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_ids_are_unique_and_match_the_contract() {
        let ids: std::collections::HashSet<String> = (0..1000).map(|_| new_document_id()).collect();
        assert_eq!(ids.len(), 1000);
        for id in &ids {
            assert_eq!(id.len(), 24);
            assert!(id.starts_with(|c: char| c.is_ascii_lowercase()));
            assert!(id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
            assert!(is_document_id(id));
        }
    }

    #[test]
    fn texts_of_another_form_are_no_document_ids() {
        let id = "a".repeat(24);
        assert!(is_document_id(&id));
        for text in ["", &id[1..], &format!("{id}a"), &format!("1{}", &id[1..]), &format!("{}A", &id[1..])] {
            assert!(!is_document_id(text), "{text}");
        }
        assert!(!is_document_id(&format!("{}é", &id[2..])));
    }
}
