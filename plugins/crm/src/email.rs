//! E-mail addresses: whether a text is one, and the form in which two are compared. It knows no host.

use unicode_normalization::UnicodeNormalization;

/// Longest address that mail servers accept (RFC 5321), in bytes.
const MAX_ADDRESS_BYTES: usize = 254;
/// Longest part before the `@`, in bytes.
const MAX_LOCAL_BYTES: usize = 64;

/// True if mail can be sent there. Stricter than the field's own rule in places and nowhere laxer, so that what passes here is stored.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let Some((_, top)) = domain.rsplit_once('.') else { return false };
    text.len() <= MAX_ADDRESS_BYTES
        && local.len() <= MAX_LOCAL_BYTES
        && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_char))
        && domain.split('.').all(is_label)
        && top.chars().all(|c| !c.is_ascii_digit())
}

/// The form in which addresses are compared: trimmed, NFC, lower case. What people typed is stored beside it.
pub(crate) fn normalise_email(text: &str) -> String {
    // Lower case can decompose a letter (İ), so the composition comes last.
    text.trim().nfc().collect::<String>().to_lowercase().nfc().collect()
}

fn is_label(label: &str) -> bool {
    let is_edge = |c: Option<char>| c.is_some_and(is_letter_or_digit);
    is_edge(label.chars().next())
        && is_edge(label.chars().next_back())
        && label.chars().all(|c| is_letter_or_digit(c) || c == '-')
}

fn is_atom_char(c: char) -> bool {
    is_letter_or_digit(c) || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

/// Letters beyond the basic plane are left out: the field refuses them.
fn is_letter_or_digit(c: char) -> bool {
    c.is_ascii_alphanumeric() || (c.is_alphabetic() && matches!(c, '\u{C0}'..='\u{D7FF}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_texts() {
        for good in
            ["sanne@example.nl", "s.de-vries+bruiloft@mail.example.co.uk", "o'neil@example.com", "jürgen@bücher.de"]
        {
            assert!(is_email(good), "{good}");
        }
        let long = format!("{}@example.nl", "a".repeat(65));
        let longer = format!("a@{}.nl", "b".repeat(260));
        for bad in [
            "",
            "@",
            "sanne",
            "sanne@example",
            "sanne@.nl",
            "sanne@example..nl",
            ".sanne@example.nl",
            "sanne.@example.nl",
            "sa nne@example.nl",
            "sanne@example.n1",
            "sanne@-example.nl",
            "sanne@example.nl\r\nBcc: a@b.nl",
            "<sanne@example.nl>",
            "sanne@exa mple.nl",
            long.as_str(),
            longer.as_str(),
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn addresses_of_one_person_compare_equal() {
        assert_eq!(normalise_email("  Sanne@Example.NL "), "sanne@example.nl");
        // Typed as one letter, and as a letter with an accent after it.
        assert_eq!(normalise_email("zo\u{eb}@example.nl"), normalise_email("ZOE\u{308}@example.nl"));
        assert_ne!(normalise_email("zoe@example.nl"), normalise_email("zoë@example.nl"));
    }
}
