//! Texts: what people type, made comparable and bounded.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest query, in characters; the rest is cut off.
pub const MAX_QUERY_CHARS: usize = 256;
/// Most bytes of a query that the host's search takes.
const MAX_QUERY_BYTES: usize = 1_000;
/// Most words of a query that the host's search takes.
const MAX_QUERY_WORDS: usize = 32;
/// Digits from which on a text may be somebody's telephone number, order or account.
const MAX_DIGITS: usize = 5;

/// A query as it is searched: one line, no control characters, and cut to what the search takes.
#[must_use]
pub fn clean_query(query: &str) -> String {
    let cut: String = query.chars().take(MAX_QUERY_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let (mut out, mut words) = (String::new(), 0);
    for part in cut.split_whitespace() {
        // A part without spaces can be several words: `a.b.c`.
        words += count_words(part);
        if words > MAX_QUERY_WORDS {
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(part);
    }
    truncate(&out, MAX_QUERY_BYTES).trim_end().to_owned()
}

/// The number of words in a text, as the search counts them: runs of letters and digits.
#[must_use]
pub fn count_words(text: &str) -> usize {
    fold(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).count()
}

/// A text in small letters without accents, in which equal letters have equal characters.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfkd().filter(|&c| !is_combining_mark(c)).flat_map(char::to_lowercase).collect()
}

/// A query as it is counted: texts that differ in case, accents, spaces and marks only are one.
#[must_use]
pub fn normalize_query(query: &str) -> String {
    let folded = fold(&clean_query(query));
    let words = folded.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '+' | '#' | '@' | '.'));
    let words = words.map(|word| word.trim_matches(['\'', '.'])).filter(|word| !word.is_empty());
    truncate(&words.collect::<Vec<_>>().join(" "), MAX_QUERY_CHARS).to_owned()
}

/// True if a normalised query may be counted: not where it certainly tells who somebody is, as mail addresses and long numbers do, however
/// the digits are grouped (`06#12#34#56#78`).
#[must_use]
pub fn is_storable_query(normalized: &str) -> bool {
    let digits = normalized.chars().filter(|c| c.is_numeric()).count();
    !normalized.is_empty() && !normalized.contains('@') && digits <= MAX_DIGITS
}

/// The values of a field that is a list separated by commas.
pub fn split_list(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', ';', '\n']).map(str::trim).filter(|value| !value.is_empty())
}

/// A text of at most so many characters, cut between words, with an ellipsis where it was cut.
#[must_use]
pub fn shorten(text: &str, max_chars: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(max_chars) else { return text.to_owned() };
    let cut = &text[..end];
    let cut = cut.rsplit_once(char::is_whitespace).map_or(cut, |(whole, _)| whole);
    format!("{}…", cut.trim_end_matches(|c: char| !c.is_alphanumeric()))
}

/// The beginning of a text that has at most so many bytes.
#[must_use]
pub fn truncate(text: &str, max_bytes: usize) -> &str {
    if text.len() <= max_bytes {
        return text;
    }
    let end = (0..=max_bytes).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    &text[..end]
}

/// A mail address, where a text can be one: the mail server has the last word.
#[must_use]
pub fn parse_email(text: &str) -> Option<&str> {
    let address = text.trim();
    let (name, domain) = address.rsplit_once('@')?;
    let is_plain =
        |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | ',' | ';' | '"' | '(' | ')');
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let fits = address.len() <= 254
        && !name.is_empty()
        && name.len() <= 64
        && name.chars().all(|c| is_plain(c) && c != '@')
        && domain.contains('.')
        && domain.split('.').all(label);
    fits.then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_cut_to_what_the_search_takes() {
        assert_eq!(clean_query("  a \t b\u{0}c \r\n"), "a b c");
        assert_eq!(clean_query(&"x".repeat(1_000)).chars().count(), MAX_QUERY_CHARS);
        assert!(clean_query(&"😀".repeat(1_000)).len() <= MAX_QUERY_BYTES);
        assert_eq!(clean_query(&"a ".repeat(200)).split(' ').count(), MAX_QUERY_WORDS);
        assert_eq!(clean_query(" \u{7f} "), "");
        assert_eq!(clean_query("a.b.c ".repeat(40).as_str()).matches('.').count(), 20);
        assert!(count_words(&clean_query(&"\u{fdfa} ".repeat(200))) <= MAX_QUERY_WORDS);
    }

    #[test]
    fn queries_that_mean_the_same_are_one() {
        for query in
            ["Technologieën", "technologieen", "  TECHNOLOGIEE\u{308}N! ", "\"technologieën\"", "technologieën?"]
        {
            assert_eq!(normalize_query(query), "technologieen", "{query}");
        }
        assert_eq!(normalize_query("foto's  & video's"), "foto's video's");
        assert_eq!(normalize_query("ﬁets ½ C++ c#"), "fiets 1 2 c++ c#");
        assert_eq!(normalize_query("*:* AND (a OR b)^2"), "and a or b 2");
        for nothing in ["", " ", "!?*", "\u{301}"] {
            assert_eq!(normalize_query(nothing), "", "{nothing:?}");
        }
        // Characters that fold to several must not make it longer than its field.
        assert!(normalize_query(&"\u{fdfa}".repeat(256)).len() <= MAX_QUERY_CHARS);
    }

    #[test]
    fn normalisation_is_stable() {
        for query in ["Technologieën", "foto's", "İstanbul", "ﬁ", "a.b.c", "...", "x' 'y"] {
            let once = normalize_query(query);
            assert_eq!(normalize_query(&once), once, "{query}");
        }
    }

    #[test]
    fn what_could_tell_who_somebody_is_is_not_stored() {
        for query in
            ["ann@example.com", "06 12345678", "+31 6 1234 5678", "factuur 2026001234", "nl91 abna 0417 1643 00", ""]
        {
            assert!(!is_storable_query(&normalize_query(query)), "{query}");
        }
        for query in ["f22", "trackday 2026", "wachtwoord vergeten", "50 gasten", "1234 ab"] {
            assert!(is_storable_query(&normalize_query(query)), "{query}");
        }
    }

    #[test]
    fn lists_are_split_at_commas_and_lines() {
        assert_eq!(split_list(" a, b c;\n d ,,").collect::<Vec<_>>(), ["a", "b c", "d"]);
        assert_eq!(split_list("").count(), 0);
    }

    #[test]
    fn texts_are_cut_between_words_and_characters() {
        assert_eq!(shorten("one two three", 100), "one two three");
        assert_eq!(shorten("one two, three", 9), "one two…");
        assert_eq!(shorten("ééééé", 3), "ééé…");
        assert_eq!(truncate("aéb", 2), "a");
        assert_eq!(truncate("aéb", 4), "aéb");
    }

    #[test]
    fn mail_addresses_are_told_from_other_texts() {
        for address in ["a@example.com", " ann.b+c@mail.example.co.uk ", "é@exämple.nl", "o'neil@example.ie"] {
            assert_eq!(parse_email(address), Some(address.trim()), "{address}");
        }
        let long = format!("{}@example.com", "a".repeat(65));
        for text in [
            "",
            "a",
            "@",
            "a@",
            "@b.nl",
            "a@b",
            "a b@c.nl",
            "a@b..nl",
            "a@-b.nl",
            "a@b.nl\r\nbcc: c@d.nl",
            "<a@b.nl>",
            "a@b.nl,c@d.nl",
            "a@b@c.nl",
            &long,
        ] {
            assert_eq!(parse_email(text), None, "{text:?}");
        }
    }
}
