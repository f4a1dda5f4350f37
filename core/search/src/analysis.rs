//! Text as words: how it is split, folded and stemmed, in entries and in searches alike.

use std::borrow::Cow;
use std::ops::Range;
use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer, TextAnalyzer,
    TokenizerManager,
};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Words of at least this many bytes are left out: nobody types them.
const MAX_WORD_BYTES: usize = 255;

/// Name of the analyser that folds words and does not stem them.
pub(crate) const PLAIN_ANALYSER: &str = "plain";

/// A language whose words are stemmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum StemLanguage {
    Dutch,
    English,
}

impl StemLanguage {
    pub(crate) const ALL: [Self; 2] = [Self::Dutch, Self::English];

    /// The stemming of a locale, `nl` or `nl-BE`; `None` where its language has none here.
    pub(crate) fn from_locale(locale: &str) -> Option<Self> {
        let language = locale.split(['-', '_']).next().unwrap_or_default();
        match language {
            language if language.eq_ignore_ascii_case("nl") => Some(Self::Dutch),
            language if language.eq_ignore_ascii_case("en") => Some(Self::English),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dutch => "nl",
            Self::English => "en",
        }
    }

    pub(crate) fn field_index(self) -> usize {
        match self {
            Self::Dutch => 0,
            Self::English => 1,
        }
    }

    fn build_analyser(self) -> TextAnalyzer {
        let language = match self {
            Self::Dutch => Language::Dutch,
            Self::English => Language::English,
        };
        let words = TextAnalyzer::builder(SimpleTokenizer::default()).filter(RemoveLongFilter::limit(MAX_WORD_BYTES));
        words.filter(LowerCaser).filter(Stemmer::new(language)).filter(AsciiFoldingFilter).build()
    }
}

pub(crate) fn plain_analyser() -> TextAnalyzer {
    let words = TextAnalyzer::builder(SimpleTokenizer::default()).filter(RemoveLongFilter::limit(MAX_WORD_BYTES));
    words.filter(LowerCaser).filter(AsciiFoldingFilter).build()
}

/// The analysers, by their names in the schema.
pub(crate) fn tokenizer_manager() -> TokenizerManager {
    let all = TokenizerManager::default();
    all.register(PLAIN_ANALYSER, plain_analyser());
    for stem in StemLanguage::ALL {
        all.register(stem.name(), stem.build_analyser());
    }
    all
}

/// Normalises the spelling of letters: `é` may be one character or two.
pub(crate) fn normalize_text(text: &str) -> Cow<'_, str> {
    if is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

/// A word with its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TextWord {
    /// Word in small letters, without accents.
    pub(crate) folded: String,
    /// Range of its bytes in the text.
    pub(crate) at: Range<usize>,
}

/// The words of a text that is [`normalize_text`].
pub(crate) fn split_words(text: &str) -> Vec<TextWord> {
    let mut words = Vec::new();
    plain_analyser().token_stream(text).process(&mut |token| {
        words.push(TextWord { folded: token.text.clone(), at: token.offset_from..token.offset_to });
    });
    words
}

/// The words of a search. The `s` of `auto's` is left out, since the person means `auto`.
pub(crate) fn query_words(text: &str) -> Vec<TextWord> {
    let mut all = split_words(text);
    let belongs = |word: &TextWord| {
        word.folded == "s" && text.get(..word.at.start).is_some_and(|before| before.ends_with(['\'', '’']))
    };
    all.retain(|word| !belongs(word));
    all
}

/// Finds stems of words of one language.
pub(crate) struct WordStemmer(TextAnalyzer);

impl WordStemmer {
    pub(crate) fn new(stem: StemLanguage) -> Self {
        Self(stem.build_analyser())
    }

    /// The stem of a word as it is written.
    pub(crate) fn stem_word(&mut self, word: &str) -> Option<String> {
        let mut stem = None;
        self.0.token_stream(word).process(&mut |token| {
            stem.get_or_insert_with(|| token.text.clone());
        });
        stem
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_retain_their_positions() {
        let text = normalize_text("Un cafe\u{301}, ÉCOLE & Größe");
        let found: Vec<(String, &str)> =
            split_words(&text).into_iter().map(|w| (w.folded.clone(), &text[w.at.clone()])).collect();
        let expected = [("un", "Un"), ("cafe", "café"), ("ecole", "ÉCOLE"), ("grosse", "Größe")];
        assert_eq!(found, expected.map(|(folded, text)| (folded.to_owned(), text)));
    }

    #[test]
    fn possessive_s_is_not_a_word() {
        let found = |text: &str| -> Vec<String> { query_words(text).into_iter().map(|w| w.folded).collect() };
        assert_eq!(found("auto's"), ["auto"]);
        assert_eq!(found("John’s"), ["john"]);
        assert_eq!(found("s klasse"), ["s", "klasse"]);
    }

    #[test]
    fn stems_follow_the_language() {
        let mut dutch = WordStemmer::new(StemLanguage::Dutch);
        for (a, b) in [("bruiloft", "bruiloften"), ("betaling", "betalen"), ("factuur", "facturen"), ("rit", "ritten")]
        {
            assert_eq!(dutch.stem_word(a), dutch.stem_word(b), "{a} {b}");
        }
        let mut english = WordStemmer::new(StemLanguage::English);
        assert_eq!(english.stem_word("connection"), english.stem_word("Connected"));
        assert_ne!(english.stem_word("universe"), english.stem_word("diverse"));
        assert_eq!(english.stem_word("!!"), None);
    }

    #[test]
    fn stem_language_follows_the_locale() {
        assert_eq!(
            ["nl", "NL-be", "nl_NL", "en", "de", ""].map(StemLanguage::from_locale),
            [
                Some(StemLanguage::Dutch),
                Some(StemLanguage::Dutch),
                Some(StemLanguage::Dutch),
                Some(StemLanguage::English),
                None,
                None
            ]
        );
    }
}
