//! Text without case, as filters and searches compare it: Unicode's simple case folding, in which one letter becomes one letter, whatever
//! the language. `docs/decisions/0064-case-folding.md` says why, and what it leaves apart.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

/// Behind the scripts with case that most texts are in: Latin, Greek, Cyrillic, Armenian, Georgian.
const TABLE_END: char = '\u{2e80}';
/// East Asian scripts, which have no case.
const UNCASED: [RangeInclusive<char>; 2] = ['\u{2e80}'..='\u{a63f}', '\u{ac00}'..='\u{d7ff}'];
/// No letter has another case from here on.
const CASED_END: char = '\u{20000}';

/// Folds the letters up to [`TABLE_END`], by their number: the standard library's mappings are searched for each letter.
static TABLE: LazyLock<Vec<char>> = LazyLock::new(|| ('\0'..TABLE_END).map(map_letter).collect());

/// The letters beyond ASCII that fold to another, by that other.
static VARIANTS: LazyLock<HashMap<char, Vec<char>>> = LazyLock::new(|| {
    let mut variants: HashMap<char, Vec<char>> = HashMap::new();
    for letter in '\u{80}'..CASED_END {
        let folded = fold_letter(letter);
        if folded != letter {
            variants.entry(folded).or_default().push(letter);
        }
    }
    variants
});

/// Folds a text: two texts that differ in the case of letters only become the same text.
pub fn fold_case(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    folded.extend(text.chars().map(fold_letter));
    folded
}

/// Lists the letters beyond ASCII that [`fold_case`] turns into `folded`. For a database that cannot fold: with these letters replaced, and
/// those of ASCII in lower case, a text contains a folded text exactly if it does once folded.
pub fn list_variants(folded: char) -> &'static [char] {
    VARIANTS.get(&folded).map_or(&[], Vec::as_slice)
}

fn fold_letter(letter: char) -> char {
    if letter < TABLE_END {
        TABLE[letter as usize]
    } else if UNCASED.iter().any(|range| range.contains(&letter)) {
        letter
    } else {
        map_letter(letter)
    }
}

/// Simple case folding: lower case, by way of upper case, since `ς` and `σ` have the same capital. A letter without a counterpart that is
/// one letter stays (`ß` has `SS`, but `ẞ` has `ß`).
fn map_letter(letter: char) -> char {
    match letter {
        // The capital of the dotless letter is that of another one.
        'ı' => letter,
        // Small letters that are each other's variant, with a capital of several letters.
        '\u{1fd3}' => '\u{390}',
        '\u{1fe3}' => '\u{3b0}',
        '\u{fb05}' => '\u{fb06}',
        _ => {
            let upper = single_letter(letter.to_uppercase()).unwrap_or(letter);
            single_letter(upper.to_lowercase()).unwrap_or(upper)
        }
    }
}

fn single_letter(mut letters: impl Iterator<Item = char>) -> Option<char> {
    letters.next().filter(|_| letters.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    #[test]
    fn letters_of_every_script_lose_their_case() {
        for (text, folded) in [
            ("", ""),
            ("Title 100%_\\", "title 100%_\\"),
            ("Иван ГРОЗНЫЙ", "иван грозный"),
            ("Ёлка Їжак Ґанок", "ёлка їжак ґанок"),
            ("ÄRGER mit Öl", "ärger mit öl"),
            ("ŻÓŁĆ i Łódź", "żółć i łódź"),
            ("ΟΔΥΣΣΕΥΣ Οδυσσεύς", "οδυσσευσ οδυσσεύσ"),
            ("ԵՐԵՎԱՆ", "երեվան"),
            ("ᲗᲑᲘᲚᲘᲡᲘ თბილისი", "თბილისი თბილისი"),
            ("ＦＵＬＬ 𐐀 Ⓐ Ⅷ", "ｆｕｌｌ 𐐨 ⓐ ⅷ"),
            ("\u{212a}elvin ſ µ Ω ǅ", "kelvin s μ ω ǆ"),
            ("日本語 한국어 עברית עַרְבִית ไทย 🙂", "日本語 한국어 עברית עַרְבִית ไทย 🙂"),
        ] {
            assert_eq!(fold_case(text), folded);
            assert_eq!(fold_case(folded), folded);
        }
    }

    #[test]
    fn only_case_is_ignored() {
        // ẞ is the capital of ß, and SS another spelling.
        assert_eq!(fold_case("STRAẞE"), fold_case("straße"));
        assert_ne!(fold_case("STRASSE"), fold_case("straße"));
        // Turkish pairs İ with i and I with ı; everywhere else I is the capital of i.
        assert_eq!(fold_case("Iİiı"), "iİiı");
        // Accents, and the two ways to write them.
        assert_ne!(fold_case("É"), fold_case("e"));
        assert_ne!(fold_case("É"), fold_case("E\u{301}"));
        assert_eq!(fold_case("E\u{301}"), "e\u{301}");
        assert_ne!(fold_case("ﬁ"), fold_case("fi"));
    }

    #[test]
    fn shortcuts_change_no_letter() {
        for letter in '\0'..=char::MAX {
            let folded = map_letter(letter);
            assert_eq!(fold_letter(letter), folded, "{letter:?}");
            assert_eq!(map_letter(folded), folded, "{letter:?}");
            assert!(letter < CASED_END || folded == letter, "{letter:?}");
            // ASCII letters fold to ASCII, so that texts of ASCII can be folded on their own.
            assert!(!letter.is_ascii() || folded == letter.to_ascii_lowercase(), "{letter:?}");
        }
    }

    #[test]
    fn both_cases_of_every_letter_fold_to_the_same() {
        for letter in '\0'..CASED_END {
            for other in [single_letter(letter.to_uppercase()), single_letter(letter.to_lowercase())] {
                let same = other.is_none_or(|other| map_letter(other) == map_letter(letter));
                assert!(same || letter == 'ı', "{letter:?} {other:?}");
            }
        }
    }

    /// The folding of `(?i)` is made from Unicode's own table.
    #[test]
    fn variants_are_those_of_unicode() {
        let cased: String = VARIANTS.iter().flat_map(|(folded, all)| all.iter().chain([folded])).collect();
        let cased = cased + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzıİß";
        // The table is of an older Unicode than the letters of the standard library may be.
        let unknown = Regex::new(r"\p{Cn}").unwrap();
        let is_known = |letter: &char| !unknown.is_match(letter.encode_utf8(&mut [0; 4]));
        for (folded, variants) in VARIANTS.iter().filter(|(folded, _)| is_known(folded)) {
            let regex = Regex::new(&format!("(?i){folded}")).unwrap();
            let mut found: Vec<char> = regex.find_iter(&cased).filter_map(|m| m.as_str().chars().next()).collect();
            found.sort_unstable();
            found.dedup();
            let mut expected: Vec<char> =
                variants.iter().copied().filter(is_known).chain([*folded, folded.to_ascii_uppercase()]).collect();
            expected.sort_unstable();
            expected.dedup();
            assert_eq!(found, expected, "{folded:?}");
        }
        assert!(VARIANTS.len() > 1_300, "{}", VARIANTS.len());
    }

    #[test]
    fn replaced_variants_find_what_folding_finds() {
        let texts = ["Иван ГРОЗНЫЙ", "STRAẞE", "\u{212a}eſſ", "ΣΟΦΟΣ σοφος", "İIıi", "ŻÓŁĆ", "abc", ""];
        let needles = ["иван", "ß", "straße", "kess", "σοφοσ", "i", "ı", "İ", "żółć", "ł", "B", "", "S"];
        for text in texts {
            for needle in needles.map(fold_case) {
                let fold_some = |letter: char| {
                    let folded = needle.chars().find(|folded| list_variants(*folded).contains(&letter));
                    folded.unwrap_or_else(|| letter.to_ascii_lowercase())
                };
                let replaced: String = text.chars().map(fold_some).collect();
                assert_eq!(replaced.contains(&needle), fold_case(text).contains(&needle), "{text} {needle}");
                assert_eq!(replaced == needle, fold_case(text) == needle, "{text} {needle}");
            }
        }
    }
}
