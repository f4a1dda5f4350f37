//! E-mail addresses: whether a text is one, what of it is stored, and the form in which two are compared.

use crate::invisible::remove_invisible;
use unicode_normalization::UnicodeNormalization;

/// Longest address that mail servers accept (RFC 5321), in bytes.
const MAX_ADDRESS_BYTES: usize = 254;
/// Longest part before the `@`, in bytes.
const MAX_LOCAL_BYTES: usize = 64;
/// Longest text that is looked at, in bytes: beyond it nothing is an address, and nothing has to be compared as one.
const MAX_TEXT_BYTES: usize = 4 * MAX_ADDRESS_BYTES;

/// An address as it is stored: as it was typed, without spaces around it and without characters that nobody sees.
pub fn clean_email(text: &str) -> String {
    remove_invisible(text).trim().to_owned()
}

/// True if mail can be sent there. Stricter than the content type's own rule in places and nowhere laxer, so that what passes here is stored.
/// [`clean_email`] comes first.
pub fn is_email(text: &str) -> bool {
    if text.len() > MAX_ADDRESS_BYTES {
        return false;
    }
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let Some((_, top)) = domain.rsplit_once('.') else { return false };
    local.len() <= MAX_LOCAL_BYTES
        && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_char))
        && domain.split('.').all(is_label)
        && is_top_label(top)
        && idna::domain_to_ascii(domain).is_ok()
}

/// The form in which addresses are compared: without what nobody sees, in NFC and lower case, and with the domain in its own letters
/// (`bücher.example` for `xn--bcher-kva.example`).
pub fn normalise_email(text: &str) -> String {
    let folded = fold_email(text);
    match split_domain(&folded) {
        Some((local, domain)) => format!("{local}@{}", to_unicode(domain)),
        None => folded,
    }
}

/// The forms under which an address may be stored where each spelling of it was another address: in lower case as it was typed, then the
/// compared form, then that with the domain in ASCII. At most four.
///
/// The first that is found counts: two people whose addresses were stored apart stay apart.
pub fn list_variants(text: &str) -> Vec<String> {
    let typed = text.to_lowercase();
    let folded = fold_email(text);
    let mut variants = vec![typed];
    let mut add = |variant: String| {
        if !variants.contains(&variant) {
            variants.push(variant);
        }
    };
    if let Some((local, domain)) = split_domain(&folded) {
        let ascii = idna::domain_to_ascii(domain).ok().map(|ascii| format!("{local}@{ascii}"));
        let unicode = format!("{local}@{}", to_unicode(domain));
        add(folded);
        add(unicode);
        ascii.into_iter().for_each(add);
    } else {
        add(folded);
    }
    variants
}

/// The address in lower case, the domain as it was spelled.
fn fold_email(text: &str) -> String {
    // Lower case can decompose a letter (İ), so the composition comes last.
    remove_invisible(text).trim().nfc().collect::<String>().to_lowercase().nfc().collect()
}

/// Both sides of the `@`; none where the domain is plain, or the text is too long for an address.
fn split_domain(folded: &str) -> Option<(&str, &str)> {
    let (local, domain) = folded.rsplit_once('@')?;
    let is_international = !domain.is_ascii() || domain.contains("xn--");
    (is_international && folded.len() <= MAX_TEXT_BYTES).then_some((local, domain))
}

/// A domain in its own letters; as it is where it is no domain.
fn to_unicode(domain: &str) -> String {
    let Ok(ascii) = idna::domain_to_ascii(domain) else { return domain.to_owned() };
    let (unicode, problems) = idna::domain_to_unicode(&ascii);
    if problems.is_ok() { unicode } else { ascii }
}

fn is_label(label: &str) -> bool {
    let is_edge = |c: Option<char>| c.is_some_and(is_letter_or_digit);
    is_edge(label.chars().next())
        && is_edge(label.chars().next_back())
        && label.chars().all(|c| is_letter_or_digit(c) || c == '-')
}

/// The last label of a domain has no digits, except those of Punycode, and ends with a letter.
fn is_top_label(label: &str) -> bool {
    let is_punycode = label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"));
    !label.ends_with(|c: char| c.is_ascii_digit()) && (is_punycode || !label.contains(|c: char| c.is_ascii_digit()))
}

fn is_atom_char(c: char) -> bool {
    is_letter_or_digit(c) || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

/// Letters beyond the basic plane are left out: content types refuse them.
fn is_letter_or_digit(c: char) -> bool {
    c.is_ascii_alphanumeric() || (c.is_alphabetic() && matches!(c, '\u{C0}'..='\u{D7FF}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_texts() {
        for good in [
            "sanne@example.nl",
            "s.de-vries+bruiloft@mail.example.co.uk",
            "o'neil@example.com",
            "jürgen@bücher.de",
            "info@xn--bcher-kva.de",
            "info@xn--e1afmkfd.xn--p1ai",
            "info@пример.рф",
        ] {
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
            "sanne@xn--a.example",
            "sanne\u{202e}@example.nl",
            "\u{200b}",
            long.as_str(),
            longer.as_str(),
        ] {
            assert!(!is_email(bad), "{bad}");
        }
        assert!(!is_email(&"@".repeat(100_000)) && !is_email(&"a.".repeat(100_000)));
    }

    #[test]
    fn addresses_of_one_person_compare_equal() {
        for (one, other) in [
            ("sanne@example.nl", "  Sanne@Example.NL "),
            ("sanne@example.nl", "\u{202a}sanne@example.nl\u{202c}"),
            ("sanne@example.nl", "\u{feff}san\u{200b}ne@exam\u{ad}ple.nl"),
            ("info@bücher.example", "info@xn--bcher-kva.example"),
            ("info@bücher.example", "Info@BÜCHER.example"),
            ("info@bücher.example", "info@bu\u{308}cher.example"),
            ("info@bücher.example", "info@XN--BCHER-KVA.example"),
            // Typed as one letter, and as a letter with an accent after it.
            ("zo\u{eb}@example.nl", "ZOE\u{308}@example.nl"),
        ] {
            assert_eq!(normalise_email(one), normalise_email(other), "{one:?} {other:?}");
        }
        assert_ne!(normalise_email("zoe@example.nl"), normalise_email("zoë@example.nl"));
        assert_ne!(normalise_email("a@strasse.de"), normalise_email("a@straße.de"));
        assert_eq!(normalise_email("\u{200b}"), "");
        // An invalid domain is comparable too.
        assert_eq!(normalise_email("a@xn--a.example"), "a@xn--a.example");
        assert_eq!(normalise_email(&"é@".repeat(50_000)).len(), 150_000);
    }

    #[test]
    fn addresses_are_stored_as_they_were_typed() {
        assert_eq!(clean_email(" \u{202a}Sanne@Bücher.Example\u{202c} "), "Sanne@Bücher.Example");
        assert_eq!(clean_email("\u{feff}"), "");
    }

    #[test]
    fn all_forms_of_an_address_are_looked_for() {
        let both = ["info@bücher.example", "info@xn--bcher-kva.example"];
        assert_eq!(list_variants("Info@Bücher.example"), both);
        assert_eq!(list_variants("info@XN--bcher-kva.example"), [both[1], both[0]]);
        assert_eq!(list_variants(" info@bücher.example"), [" info@bücher.example", both[0], both[1]]);
        assert_eq!(list_variants("Sanne@example.nl"), ["sanne@example.nl"]);
        assert_eq!(list_variants("sanne"), ["sanne"]);
        assert_eq!(list_variants("a@xn--a.example"), ["a@xn--a.example"]);
    }
}
