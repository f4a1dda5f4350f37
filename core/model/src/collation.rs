//! The order of texts as people of a language expect it: collation keys by the Unicode Collation Algorithm with CLDR's rules. Bytes that a
//! database compares as bytes, so that every database has one order. `docs/decisions/0070-order-of-texts.md` says why.

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};
use icu_locale_core::Locale;
use icu_locale_core::extensions::unicode::{Key, key};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

/// Version of what made the stored keys. Keys of one version must not be compared with those of another: when it changes, the next start computes all of
/// them again. A test compares it with the versions in `Cargo.lock`.
pub const COLLATION_KEY_VERSION: &str = "icu4x-2.4.0";
/// Longest collation key in bytes. Texts with the same beginning of that length are in the order of their code points.
pub const MAX_COLLATION_KEY_BYTES: usize = 128;
/// Number of characters at the beginning of a text that its key is computed from. Each fills a byte of the key at least, but for those that
/// count for nothing.
const MAX_KEYED_CHARS: usize = 1024;
/// Number of collators that are kept.
const MAX_COLLATORS: usize = 256;
/// Longest language tag in bytes.
const MAX_TAG_BYTES: usize = 64;
/// The option for the language of each row.
const LOCALE_OPTION: &str = "locale";
/// Keywords of a tag that choose an order: the collation, which case is first, and whether digits are numbers.
const KEYWORDS: [Key; 3] = [key!("co"), key!("kf"), key!("kn")];

static COLLATORS: LazyLock<RwLock<HashMap<String, Arc<CollatorBorrowed<'static>>>>> = LazyLock::new(RwLock::default);

/// How the texts of a content type are ordered: `options.cairn.collation`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Collation {
    /// As in the language with that tag, in its canonical form: `nl`, `de-u-co-phonebk`.
    Language(String),
    /// As in the language of the row's locale. Of types that are not localised: in the order that languages share.
    Locale,
}

impl Collation {
    /// Parses a language tag or `locale`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the text, without its subject.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == LOCALE_OPTION {
            return Ok(Self::Locale);
        }
        let tag =
            Some(text).filter(|text| text.len() <= MAX_TAG_BYTES).and_then(|text| Locale::try_from_str(text).ok());
        let Some(tag) = tag.filter(|tag| !tag.id.language.is_unknown()) else {
            return Err("must be a language tag such as `nl` or `de-u-co-phonebk`, `locale` or `code-points`".into());
        };
        let unicode = &tag.extensions.unicode;
        if let Some((key, _)) = unicode.keywords.iter().find(|(key, _)| !KEYWORDS.contains(key)) {
            return Err(format!("has the keyword `{key}`; only `co`, `kf` and `kn` choose an order"));
        }
        if !unicode.attributes.is_empty()
            || !tag.extensions.transform.is_empty()
            || !tag.extensions.private.is_empty()
            || !tag.extensions.other.is_empty()
        {
            return Err("has extensions that choose no order; leave them out".into());
        }
        Ok(Self::Language(tag.to_string()))
    }

    /// The text that [`Self::parse`] reads.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Language(tag) => tag,
            Self::Locale => LOCALE_OPTION,
        }
    }

    /// The collation key of a text in a row of that locale (empty if the type is not localised). Compared as bytes, two keys are in the order of
    /// their texts; equal keys leave the order to the texts themselves.
    pub fn key_of(&self, text: &str, row_locale: &str) -> Vec<u8> {
        let tag = match self {
            Self::Language(tag) => tag,
            Self::Locale => row_locale,
        };
        let end = text.char_indices().nth(MAX_KEYED_CHARS).map_or(text.len(), |(end, _)| end);
        let mut key = Vec::with_capacity(MAX_COLLATION_KEY_BYTES);
        match find_collator(tag) {
            Some(collator) => {
                let Ok(()) = collator.write_sort_key_to(&text[..end], &mut key);
            }
            // The order without a collation.
            None => key.extend_from_slice(text.as_bytes()),
        }
        key.truncate(MAX_COLLATION_KEY_BYTES);
        key
    }
}

/// The collator of a tag; of a language that is not known, that of the order that languages share. Always there: its data is compiled in.
fn find_collator(tag: &str) -> Option<Arc<CollatorBorrowed<'static>>> {
    if let Some(collator) = COLLATORS.read().unwrap_or_else(PoisonError::into_inner).get(tag) {
        return Some(collator.clone());
    }
    let preferences = Locale::try_from_str(tag).map(|tag| CollatorPreferences::from(&tag)).unwrap_or_default();
    let collator = Collator::try_new(preferences, CollatorOptions::default())
        .or_else(|_| Collator::try_new(CollatorPreferences::default(), CollatorOptions::default()));
    let collator = Arc::new(collator.ok()?);
    let mut collators = COLLATORS.write().unwrap_or_else(PoisonError::into_inner);
    if collators.len() < MAX_COLLATORS {
        collators.insert(tag.to_owned(), collator.clone());
    }
    Some(collator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cmp::Ordering;

    fn sorted<'t>(collation: &str, texts: &[&'t str]) -> Vec<&'t str> {
        let collation = Collation::parse(collation).expect(collation);
        let mut texts = texts.to_vec();
        texts.sort_by_key(|text| (collation.key_of(text, ""), *text));
        texts
    }

    #[test]
    fn texts_are_in_the_order_of_their_language() {
        let words = ["z", "Å", "a", "é", "e", "ø", "A", "å", "E", "ä"];
        assert_eq!(sorted("nl", &words), ["a", "A", "å", "Å", "ä", "e", "E", "é", "ø", "z"]);
        assert_eq!(sorted("sv", &words), ["a", "A", "e", "E", "é", "z", "å", "Å", "ä", "ø"]);
        assert_eq!(sorted("nl", &["ĳs", "ijs", "ik", "IJs", "ih"]), ["ih", "ijs", "ĳs", "IJs", "ik"]);
        assert_eq!(sorted("de", &["strasse", "straße", "strassen"]), ["strasse", "straße", "strassen"]);
        assert_eq!(sorted("de", &["Müller", "Muster", "Mueller"]), ["Mueller", "Müller", "Muster"]);
        assert_eq!(sorted("de-u-co-phonebk", &["Muller", "Müller", "Mueller"]), ["Mueller", "Müller", "Muller"]);
        assert_eq!(sorted("en", &["item 10", "item 2", ""]), ["", "item 10", "item 2"]);
        assert_eq!(sorted("en-u-kn", &["item 10", "item 2", "item 1"]), ["item 1", "item 2", "item 10"]);
        assert_eq!(sorted("da-u-kf-upper", &["a", "A"]), ["A", "a"]);
        // Characters that nobody sees leave the order to the texts themselves.
        assert_eq!(sorted("nl", &["ab", "a\u{200d}b", "a\u{ad}b", "aa"]), ["aa", "ab", "a\u{ad}b", "a\u{200d}b"]);
    }

    #[test]
    fn the_locale_of_a_row_chooses_its_language() {
        let key = |text: &str, locale: &str| Collation::Locale.key_of(text, locale);
        assert!(key("å", "sv") > key("z", "sv"));
        assert!(key("å", "nl") < key("z", "nl"));
        for unknown in ["", "xx", "no language"] {
            assert!(key("å", unknown) < key("z", unknown), "{unknown}");
        }
    }

    #[test]
    fn options_are_language_tags() {
        for (text, canonical) in [("nl", "nl"), ("NL-be", "nl-BE"), ("de-u-co-phonebk", "de-u-co-phonebk")] {
            assert_eq!(Collation::parse(text).expect(text).as_str(), canonical);
        }
        assert_eq!(Collation::parse("locale"), Ok(Collation::Locale));
        for text in ["", "und", "nl_NL.UTF-8", "x", "de-u-ks-level1", "en-t-nl", "en-x-mine", &"nl-".repeat(40)] {
            assert!(Collation::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn long_texts_have_keys_of_limited_length() {
        let collation = Collation::Language("nl".into());
        let (a, b) = (format!("{}a", "x".repeat(1_000)), format!("{}b", "x".repeat(1_000)));
        assert_eq!(collation.key_of(&a, "").len(), MAX_COLLATION_KEY_BYTES);
        assert_eq!(collation.key_of(&a, ""), collation.key_of(&b, ""));
        assert_eq!(collation.key_of(&"é".repeat(100_000), "").len(), MAX_COLLATION_KEY_BYTES);
    }

    #[test]
    fn the_version_of_keys_is_that_of_the_code_that_makes_them() {
        let lock =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock")).expect("Cargo.lock");
        let version = COLLATION_KEY_VERSION.strip_prefix("icu4x-").expect("a version of ICU4X");
        for name in ["icu_collator", "icu_collator_data", "icu_normalizer", "icu_normalizer_data"] {
            let package = format!("name = \"{name}\"\nversion = \"{version}\"\n");
            assert!(lock.contains(&package), "{name} is not {version}: change COLLATION_KEY_VERSION with it");
        }
    }

    proptest! {
        #[test]
        fn keys_compare_as_the_collator_does(
            texts in prop::collection::vec("(?s)[aAbzåÅäéeEßijĳ0-9 ,\u{ad}\u{301}\u{200d}😀漢]{0,24}|\\PC{0,16}", 2..12),
            tag in prop::sample::select(vec!["nl", "sv", "de-u-co-phonebk", "en-u-kn", "zh", "da"]),
        ) {
            let collation = Collation::parse(tag).expect(tag);
            let collator = find_collator(tag).expect(tag);
            for (a, b) in texts.iter().flat_map(|a| texts.iter().map(move |b| (a, b))) {
                let (left, right) = (collation.key_of(a, ""), collation.key_of(b, ""));
                if left.len() < MAX_COLLATION_KEY_BYTES && right.len() < MAX_COLLATION_KEY_BYTES {
                    prop_assert_eq!(left.cmp(&right), collator.compare(a, b), "{:?} {:?}", a, b);
                } else {
                    // Cut, they are in the same order or equal.
                    let cut = left.cmp(&right);
                    prop_assert!(cut == Ordering::Equal || cut == collator.compare(a, b), "{:?} {:?}", a, b);
                }
            }
        }
    }
}
