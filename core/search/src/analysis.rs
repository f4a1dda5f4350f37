//! Text as words: how it is split, folded and stemmed, in entries and in searches alike.

use std::borrow::Cow;
use std::ops::Range;
use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer, TextAnalyzer,
    TokenizerManager,
};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Words of at least this many bytes are left out: nobody types them.
const LONGEST: usize = 255;

/// Name of the analyser that folds words and does not stem them.
pub(crate) const PLAIN: &str = "plain";

/// A language whose words are stemmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Stem {
    Dutch,
    English,
}

impl Stem {
    pub(crate) const ALL: [Self; 2] = [Self::Dutch, Self::English];

    /// The stemming of a locale, `nl` or `nl-BE`; `None` where its language has none here.
    pub(crate) fn of(locale: &str) -> Option<Self> {
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

    pub(crate) fn place(self) -> usize {
        match self {
            Self::Dutch => 0,
            Self::English => 1,
        }
    }

    fn analyser(self) -> TextAnalyzer {
        let language = match self {
            Self::Dutch => Language::Dutch,
            Self::English => Language::English,
        };
        let words = TextAnalyzer::builder(SimpleTokenizer::default()).filter(RemoveLongFilter::limit(LONGEST));
        words.filter(LowerCaser).filter(Stemmer::new(language)).filter(AsciiFoldingFilter).build()
    }
}

pub(crate) fn plain() -> TextAnalyzer {
    let words = TextAnalyzer::builder(SimpleTokenizer::default()).filter(RemoveLongFilter::limit(LONGEST));
    words.filter(LowerCaser).filter(AsciiFoldingFilter).build()
}

/// The analysers, by their names in the schema.
pub(crate) fn analysers() -> TokenizerManager {
    let all = TokenizerManager::default();
    all.register(PLAIN, plain());
    for stem in Stem::ALL {
        all.register(stem.name(), stem.analyser());
    }
    all
}

/// Normalises the spelling of letters: `é` may be one character or two.
pub(crate) fn normal(text: &str) -> Cow<'_, str> {
    if is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

/// A word with its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Word in small letters, without accents.
    pub(crate) folded: String,
    /// Range of its bytes in the text.
    pub(crate) at: Range<usize>,
}

/// The words of a text that is [`normal`].
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    plain().token_stream(text).process(&mut |token| {
        words.push(Word { folded: token.text.clone(), at: token.offset_from..token.offset_to });
    });
    words
}

/// The words of a search. The `s` of `auto's` is left out, since the person means `auto`.
pub(crate) fn searched(text: &str) -> Vec<Word> {
    let mut all = words(text);
    let belongs = |word: &Word| {
        word.folded == "s" && text.get(..word.at.start).is_some_and(|before| before.ends_with(['\'', '’']))
    };
    all.retain(|word| !belongs(word));
    all
}

/// Finds stems of words of one language.
pub(crate) struct Stemming(TextAnalyzer);

impl Stemming {
    pub(crate) fn of(stem: Stem) -> Self {
        Self(stem.analyser())
    }

    /// The stem of a word as it is written.
    pub(crate) fn stem(&mut self, word: &str) -> Option<String> {
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
    fn words_are_folded_and_keep_their_places() {
        let text = normal("Un cafe\u{301}, ÉCOLE & Größe");
        let found: Vec<(String, &str)> =
            words(&text).into_iter().map(|w| (w.folded.clone(), &text[w.at.clone()])).collect();
        let expected = [("un", "Un"), ("cafe", "café"), ("ecole", "ÉCOLE"), ("grosse", "Größe")];
        assert_eq!(found, expected.map(|(folded, text)| (folded.to_owned(), text)));
    }

    #[test]
    fn an_apostrophe_and_s_are_no_word_of_their_own() {
        let found = |text: &str| -> Vec<String> { searched(text).into_iter().map(|w| w.folded).collect() };
        assert_eq!(found("auto's"), ["auto"]);
        assert_eq!(found("John’s"), ["john"]);
        assert_eq!(found("s klasse"), ["s", "klasse"]);
    }

    #[test]
    fn stems_are_those_of_the_language() {
        let mut dutch = Stemming::of(Stem::Dutch);
        for (a, b) in [("bruiloft", "bruiloften"), ("betaling", "betalen"), ("factuur", "facturen"), ("rit", "ritten")]
        {
            assert_eq!(dutch.stem(a), dutch.stem(b), "{a} {b}");
        }
        let mut english = Stemming::of(Stem::English);
        assert_eq!(english.stem("connection"), english.stem("Connected"));
        assert_ne!(english.stem("universe"), english.stem("diverse"));
        assert_eq!(english.stem("!!"), None);
    }

    #[test]
    fn languages_are_those_of_locales() {
        assert_eq!(
            ["nl", "NL-be", "nl_NL", "en", "de", ""].map(Stem::of),
            [Some(Stem::Dutch), Some(Stem::Dutch), Some(Stem::Dutch), Some(Stem::English), None, None]
        );
    }
}
