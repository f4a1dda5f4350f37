//! Closed sets of words of the manifest, and the word that was probably meant.

/// Longest text that is compared with the words known; longer ones are no slip of a key.
const MAX_COMPARED_BYTES: usize = 40;

/// Makes an enum whose cases are words of the manifest; stored and shown as these words.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$case_doc])* #[serde(rename = $word)] $case,)+
        }

        impl $name {
            /// Every case, in the order told to authors.
            pub const ALL: &'static [Self] = &[$(Self::$case,)+];

            /// As it is written in the manifest.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$case => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::words::Word for $name {
            const ALL: &'static [Self] = Self::ALL;

            fn word(self) -> &'static str {
                self.as_str()
            }
        }
    };
}
pub(crate) use words;

/// One of a closed set of words.
pub(crate) trait Word: Copy + 'static {
    const ALL: &'static [Self];

    fn word(self) -> &'static str;
}

/// The one of `known` that was probably meant by `unknown`.
pub(crate) fn nearest_word<'k>(unknown: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if unknown.len() > MAX_COMPARED_BYTES {
        return None;
    }
    let input = unknown.to_ascii_lowercase().replace('_', "-");
    let limit = input.len().div_ceil(3).min(4);
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&input, &word.to_ascii_lowercase()), word))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// `"a", "b" or "c"`.
pub(crate) fn list_alternatives<'k>(known: impl IntoIterator<Item = &'k str>) -> String {
    let quoted: Vec<String> = known.into_iter().map(|word| format!("\"{word}\"")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last_item, others)) => format!("{} or {last_item}", others.join(", ")),
    }
}

/// Quotes an input for a message, on one line and at most 60 characters of it.
pub(crate) fn quote_input(input: &str) -> String {
    let cut: String = input.chars().take(60).collect();
    let ellipsis = if cut.len() < input.len() { "…" } else { "" };
    format!("{:?}", cut + ellipsis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_word_finds_typing_errors() {
        let known = ["max-per-hour", "methods", "to", "types", "on-failure"];
        assert_eq!(nearest_word("max_per_hour", known), Some("max-per-hour"));
        assert_eq!(nearest_word("method", known), Some("methods"));
        assert_eq!(nearest_word("tpyes", known), Some("types"));
        assert_eq!(nearest_word("onFailure", known), Some("on-failure"));
        assert_eq!(nearest_word("colour", known), None);
        assert_eq!(nearest_word(&"x".repeat(1_000_000), known), None);
    }

    #[test]
    fn alternatives_and_quotes_are_formatted() {
        assert_eq!(list_alternatives(["a"]), "\"a\"");
        assert_eq!(list_alternatives(["a", "b", "c"]), "\"a\", \"b\" or \"c\"");
        assert_eq!(quote_input("a\nb"), r#""a\nb""#);
        assert_eq!(quote_input(&"é".repeat(100)).chars().count(), 63);
    }
}
