//! Text as words: how it is split, folded and stemmed, in entries and in searches alike.

use crate::compounds::{split_compound, split_once, split_unlisted};
use crate::verbs::find_infinitive;
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

/// Shortest form whose last long vowel is written as a short one, and shortest word that may be a participle, in bytes.
const MIN_INFLECTED_BYTES: usize = 6;
/// How verbs begin whose participles have no `ge`.
const VERB_PREFIXES: [&str; 4] = ["be", "her", "ont", "ver"];

/// Finds the forms of words that are looked for besides a word itself and its stem: without its accents, since people leave them out; without
/// what Snowball's stemmer leaves of an inflection (`wagen`, `wagens`; `betaald`, `betalen`); and the parts of a compound.
pub(crate) struct WordForms {
    stem: Option<StemLanguage>,
    stemmer: Option<WordStemmer>,
}

impl WordForms {
    pub(crate) fn new(stem: Option<StemLanguage>) -> Self {
        Self { stem, stemmer: stem.map(WordStemmer::new) }
    }

    /// The forms of all words of a text that is [`normalize_text`], with those of their parts, of words that hyphens join, and with signs.
    /// Words that say little have none: nobody looks for another form of `de`, and what begins like them is something else.
    pub(crate) fn list_text_forms(&mut self, text: &str) -> Vec<String> {
        let words = split_words(text);
        let mut forms: Vec<String> = Vec::new();
        for word in &words {
            if !self.stem.is_some_and(|stem| is_function_word(stem, &word.folded)) {
                forms.extend(self.list_forms(&word.folded));
            }
            forms.extend(signed_word(text, word));
        }
        for joined in list_joined_words(text, &words) {
            forms.extend(self.list_forms(&joined));
        }
        forms
    }

    /// The form of a folded word, and those of its parts.
    pub(crate) fn list_forms(&mut self, word: &str) -> Vec<String> {
        let mut parts = vec![word];
        if self.stem == Some(StemLanguage::Dutch) {
            parts.extend(split_compound(word));
            parts.extend(split_unlisted(word).into_iter().flat_map(|(head, tail)| [head, tail]));
        }
        parts.into_iter().map(|part| self.find_form(part)).collect()
    }

    /// The form of a folded word itself.
    pub(crate) fn find_form(&mut self, word: &str) -> String {
        let Some(stemmer) = &mut self.stemmer else { return word.to_owned() };
        if self.stem != Some(StemLanguage::Dutch) {
            return stemmer.stem_word(word).unwrap_or_else(|| word.to_owned());
        }
        let infinitive = find_infinitive(word);
        let word = infinitive.as_deref().unwrap_or(word);
        let mut form = strip_dutch_plural(word).to_owned();
        // A stem may be a word that has a stem: `wagens`, `wagen`.
        for _ in 0..3 {
            match stemmer.stem_word(&form) {
                Some(stem) if stem != form => form = stem,
                _ => break,
            }
        }
        let is_participle = word.len() >= MIN_INFLECTED_BYTES
            && word.ends_with(['d', 't'])
            && VERB_PREFIXES.iter().any(|prefix| word.starts_with(prefix));
        if is_participle && form.ends_with(['d', 't']) {
            form.pop();
        }
        let mut form = shorten_last_vowel(form);
        // Dutch writes `f` and `s` as `v` and `z` before an ending: `verblijven`, `huizen`.
        if let Some(last @ ('v' | 'z')) = form.chars().last() {
            form.pop();
            form.push(if last == 'v' { 'f' } else { 's' });
        }
        form
    }

    /// The forms of the parts that a folded word consists of; nothing if it is no compound.
    pub(crate) fn split_forms(&mut self, word: &str) -> Vec<String> {
        let parts = if self.stem == Some(StemLanguage::Dutch) { split_once(word) } else { Vec::new() };
        parts.into_iter().map(|part| self.find_form(part)).collect()
    }
}

/// A folded word without the ending of plurals that the stemmer does not know: `technologieen`, `ideeen`, `trackdays`, `autos`.
fn strip_dutch_plural(word: &str) -> &str {
    if word.ends_with("ieen") || word.ends_with("eeen") {
        return &word[..word.len() - 2];
    }
    let is_plural = word.len() >= 5 && ["as", "is", "os", "us", "ys"].iter().any(|ending| word.ends_with(ending));
    if is_plural { &word[..word.len() - 1] } else { word }
}

/// A longer stem with its last long vowel as in an open syllable: `leveer` (`leveren`) and `lever` (`geleverd`) are the same.
fn shorten_last_vowel(mut form: String) -> String {
    if form.len() < MIN_INFLECTED_BYTES || !form.is_ascii() {
        return form;
    }
    let bytes = form.as_bytes();
    let is_long = |at: usize| matches!(bytes[at], b'a' | b'e' | b'o' | b'u') && bytes[at] == bytes[at + 1];
    // The vowel stands before the last consonant.
    let at = form.len() - 3;
    if is_long(at) {
        form.remove(at);
    }
    form
}

/// Words of a text that are joined by hyphens, each as one word: `e-mail` is `email`.
pub(crate) fn list_joined_words(text: &str, words: &[TextWord]) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    let mut run: Option<String> = None;
    for pair in words.windows(2) {
        let between = text.get(pair[0].at.end..pair[1].at.start);
        if between.is_some_and(is_hyphen) {
            run.get_or_insert_with(|| pair[0].folded.clone()).push_str(&pair[1].folded);
        } else {
            joined.extend(run.take());
        }
    }
    joined.extend(run);
    joined
}

/// A word with the signs that follow it, as one word: `C++` is `cplusplus`, `C#` is `csharp`. `None` where there are none.
pub(crate) fn signed_word(text: &str, word: &TextWord) -> Option<String> {
    let after = text.get(word.at.end..)?;
    let signs: String =
        after.chars().map_while(|sign| SIGNS.iter().find(|(known, _)| *known == sign)).map(|(_, name)| *name).collect();
    (!signs.is_empty()).then(|| format!("{}{signs}", word.folded))
}

/// Signs that are part of a name, and what they are called.
const SIGNS: [(char, &str); 2] = [('+', "plus"), ('#', "sharp")];

/// True if a word that says little begins like that.
pub(crate) fn begins_function_word(language: StemLanguage, start: &str) -> bool {
    function_words(language).split_ascii_whitespace().any(|known| known.starts_with(start))
}

/// True if a folded word says little by itself: articles, pronouns, prepositions, auxiliary verbs and words that questions begin with.
pub(crate) fn is_function_word(language: StemLanguage, word: &str) -> bool {
    function_words(language).split_ascii_whitespace().any(|known| known == word)
}

fn function_words(language: StemLanguage) -> &'static str {
    match language {
        StemLanguage::Dutch => DUTCH_FUNCTION_WORDS,
        StemLanguage::English => ENGLISH_FUNCTION_WORDS,
    }
}

const DUTCH_FUNCTION_WORDS: &str = "aan af al als ben bij daar dan dat de deze die dit door een en er gaat gaan geen had heb hebben heeft hem \
    het hij hoe hoeveel hun iemand iets ik in is je jij jouw jullie kan komt kunnen kun laat maar maken mag me mee mij mijn moet moeten mogen na \
    naar niet nog nu of om ons onze ook op over te tot u uit uw van voor waar waarom wanneer was wat we welk welke wel wie wij wil willen word \
    worden wordt ze zelf zich zij zijn zo zonder";
const ENGLISH_FUNCTION_WORDS: &str = "a about am an and are as at be been but by can could do does for from had has have he her his how i if in \
    is it its many may me much must my no not of on or our she should so than that the their them then there these they this those to was we were \
    what when where which who why will with without would you your";

/// True if what stands between two words joins them.
pub(crate) fn is_hyphen(text: &str) -> bool {
    matches!(text, "-" | "\u{2010}" | "\u{2011}")
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
