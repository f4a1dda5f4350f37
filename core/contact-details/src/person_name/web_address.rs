//! Web addresses in names, told from initials and titles.
//!
//! Mail programs turn `example.com` into a link without being asked, and people write `J.P.de Vries` and `drs.Bakker`. The rule, for each run of
//! characters that a web address can have:
//!
//! 1. `://`, `www.`, and `//` at the beginning of a word make a link of anything.
//! 2. Otherwise there is a host: two labels or more, of which the last is an ending of the public suffix list ([`ENDINGS`]); or four numbers.
//! 3. A host is a link, unless what precedes its ending is initials or an abbreviation, *and* the ending can be a part of a name.
//!    - Single letters (`J.P.`) and [`ABBREVIATIONS`] are followed by names, of which some are endings: `drs.Weber`, `J.Bond`. With one of
//!      [`NEVER_NAMES`] they are a link all the same: `t.co`, `x.com`.
//!    - [`PARTICLES`] are endings as well as words. After at most three letters, and before another word, they are words: `Th.de Boer`.
//! 4. With a path behind it (`/win`), or with a name before it (`mail.prijs.ai`), initials do not excuse it.

use crate::invisible::{is_invisible, turns_direction};
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// Endings of the public suffix list, one a line, sorted by code point: those under which anybody can have a name.
const ENDINGS: &str = include_str!("endings.txt");

/// Endings that are no name of anybody, so that initials before them are a web address.
const NEVER_NAMES: [&str; 40] = [
    "ai", "app", "be", "biz", "blog", "cc", "click", "cn", "co", "com", "dev", "edu", "eu", "fr", "fun", "gl", "gov",
    "icu", "info", "io", "link", "live", "ly", "me", "net", "nl", "online", "org", "pro", "ru", "shop", "site",
    "store", "su", "top", "tv", "uk", "vip", "website", "xyz",
];

/// Endings that are words within names: `de Boer`, `in 't Veld`, `la Fontaine`, `do Nascimento`, `af Klint`. At the end of a name they are none.
const PARTICLES: [&str; 9] = ["af", "am", "de", "do", "im", "in", "la", "st", "to"];

/// Titles and first names that are written with a point, of four letters or more, or whose next word may be an ending.
const ABBREVIATIONS: [&str; 45] = [
    "abr", "adr", "alb", "ant", "arn", "aug", "bern", "chr", "corn", "dhr", "dr", "drs", "ds", "fa", "fam", "fr",
    "fred", "ger", "gerh", "herm", "hr", "hub", "ing", "ir", "jac", "jhr", "joh", "jos", "mag", "matth", "mevr", "mr",
    "mrs", "ms", "mw", "nic", "ph", "prof", "rev", "st", "th", "theod", "wilh", "wm", "zr",
];

/// Most letters of an abbreviation that is in no list, before a particle.
const MAX_ABBREVIATION: usize = 3;

/// True if a mail program may make a link of a part of the text.
pub fn has_link(text: &str) -> bool {
    let text = fold(text);
    if text.contains("://") || text.contains("www.") || starts_address(&text) {
        return true;
    }
    let mut runs = text.split(|c: char| !is_address_char(c)).filter(|run| !run.is_empty()).peekable();
    while let Some(run) = runs.next() {
        let next_word = runs.peek().is_some_and(|next| next.starts_with(char::is_alphabetic));
        if is_address(run, next_word) {
            return true;
        }
    }
    false
}

/// The text as mail programs compare it: lower case, without what nobody sees, with plain letters for full-width ones and a plain point for each
/// point that browsers take for one.
fn fold(text: &str) -> String {
    let visible = text.chars().filter(|c| !is_invisible(*c) && !turns_direction(*c));
    visible
        .nfkc()
        .map(|c| if matches!(c, '\u{3002}' | '\u{ff61}') { '.' } else { c })
        .flat_map(char::to_lowercase)
        .collect()
}

/// True if a word begins with `//` and a letter or digit: an address without its scheme.
fn starts_address(text: &str) -> bool {
    let words = text.split_whitespace().map(|word| word.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '/'));
    words.filter_map(|word| word.strip_prefix("//")).any(|rest| rest.starts_with(char::is_alphanumeric))
}

fn is_address_char(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c) || "./-_~%:?#@=&+".contains(c)
}

/// True if a run of characters has a host in it. `next_word`: another word follows.
fn is_address(run: &str, next_word: bool) -> bool {
    let mut rest = run;
    loop {
        let end = rest.find(['/', '?', '#', ':', '@', '=', '&', '+']);
        let (part, after) = end.map_or((rest, ""), |at| rest.split_at(at));
        let mut after = after.chars();
        let mark = after.next();
        let has_path = matches!(mark, Some('/' | '?' | '#' | ':')) && after.as_str().starts_with(char::is_alphanumeric);
        let is_mailbox =
            run.len() > rest.len() && run.get(..run.len() - rest.len()).is_some_and(|before| before.ends_with('@'));
        if is_linked_host(part, has_path || is_mailbox, next_word && mark.is_none()) {
            return true;
        }
        if mark.is_none() {
            return false;
        }
        rest = after.as_str();
    }
}

/// True if a text is a host that is linked. `has_more`: a path follows it, or a mailbox precedes it. `next_word`: another word follows.
fn is_linked_host(text: &str, has_more: bool, next_word: bool) -> bool {
    let host = text.trim_matches(|c: char| !c.is_alphanumeric() && !is_mark(c));
    let Some((before, ending)) = host.rsplit_once('.') else { return false };
    let labels = || before.split('.');
    if labels().any(|label| label.is_empty()) {
        return false;
    }
    if is_number(ending) {
        return labels().count() == 3 && labels().all(is_number);
    }
    if !is_ending(ending) {
        return false;
    }
    let is_abbreviated = labels().all(|label| is_initial(label) || ABBREVIATIONS.contains(&label));
    let is_short =
        labels().all(|label| label.chars().count() <= MAX_ABBREVIATION && label.chars().all(char::is_alphabetic));
    if PARTICLES.contains(&ending) {
        return has_more || !next_word || !(is_short || is_abbreviated);
    }
    has_more || !is_abbreviated || NEVER_NAMES.contains(&ending)
}

fn is_ending(label: &str) -> bool {
    static SORTED: LazyLock<Vec<&str>> = LazyLock::new(|| ENDINGS.lines().collect());
    SORTED.binary_search(&label).is_ok()
}

fn is_initial(label: &str) -> bool {
    let mut letters = label.chars().filter(|c| !is_mark(*c));
    letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
}

fn is_number(label: &str) -> bool {
    (1..=3).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_digit())
}

/// True if a character is an accent or vowel sign on the letter before it.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_points_are_names() {
        for name in [
            "J.P.de Vries",
            "Th.de Boer",
            "th.de boer",
            "J.Th.de Boer",
            "Joh.de Wit",
            "Mevr.de Groot",
            "drs.Bakker",
            "drs.Weber",
            "J.Bond",
            "J.Li",
            "A.B.C.Janssen",
            "A.B.C.",
            "J.P. Bakker",
            "J.de Vries",
            "Sanne/Tim",
            "Sanne//Tim",
            "J.P.Bakker/A.Smit",
            "drs.Bakker/Smit",
            "St. John",
            "St.Paul",
            "Jan Jansen jr.",
            "C.in 't Veld",
            "H.M.la Fontaine",
            "mr.dr.J.A.van den Berg",
            "É.Dupont",
            "Jan.Willem",
            "Anna-Marie de Jong-v.d.Berg",
            "Bakkerij Smit B.V.",
            "Van der Meer & Co.",
            "S.A.M.",
            "1.5.2027",
            "李.王",
            "...",
            ".",
            "/",
            "a//",
        ] {
            assert!(!has_link(name), "{name}");
        }
    }

    #[test]
    fn web_addresses_are_links_however_they_are_written() {
        for link in [
            "Win now https://spam.example",
            "hxxp://spam",
            "WWW.spam.example",
            "Win now: Spam.com!",
            "spam.com/win",
            "prijs.ai",
            "Prijs.AI",
            "evil\u{3002}com",
            "evil\u{ff0e}com",
            "evil\u{ff61}com",
            "ｅｖｉｌ．ｃｏｍ",
            "//evil.com",
            "//evil",
            "Sanne //evil",
            "evil.com/win",
            "evil.com:8080",
            "evil.com?win",
            "Tim/evil.com",
            "Tim\\evil.com",
            "(evil.com)",
            "🎁evil.com🎁",
            "Win,evil.com,now",
            "ev\u{200b}il.co\u{ad}m",
            "\u{202a}evil.com\u{202c}",
            "sanne@example.nl",
            "t.co",
            "t.co/win",
            "x.com",
            "J.P.nl",
            "bit.ly/2kX",
            "mail.prijs.ai",
            "www.j.p",
            "winkel.de Nu kopen",
            "shop.in",
            "th.de",
            "th.de/win Boer",
            "xn--bcher-kva.de",
            "пример.рф",
            "例え.みんな",
            "gratis.iphone.shop",
            "127.0.0.1/win",
            "10.0.0.1",
            "evil.com.",
        ] {
            assert!(has_link(link), "{link}");
        }
    }

    #[test]
    fn hostile_texts_are_read_in_time() {
        for text in
            ["a.".repeat(50_000), "/".repeat(100_000), "a/".repeat(50_000), "@".repeat(100_000), "a".repeat(100_000)]
        {
            has_link(&text);
        }
        assert!(!has_link("") && !has_link("\u{200b}"));
    }

    #[test]
    fn lists_are_sorted_and_endings_are_endings() {
        assert!(ABBREVIATIONS.is_sorted());
        assert!(NEVER_NAMES.is_sorted() && PARTICLES.is_sorted() && ENDINGS.lines().is_sorted());
        assert!(NEVER_NAMES.iter().chain(&PARTICLES).all(|ending| is_ending(ending)));
        assert!(!NEVER_NAMES.iter().any(|ending| PARTICLES.contains(ending)));
    }
}
