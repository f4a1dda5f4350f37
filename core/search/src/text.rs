//! The typed text of a search, as a query, and as a matcher that marks words in texts.

use crate::analysis::{StemLanguage, TextWord, WordStemmer, normalize_text, query_words};
use crate::definition::{Layout, WordFields};
use crate::error::{Result, SearchError};
use crate::request::{SearchRequest, Tolerance};
use crate::synonyms::Synonyms;
use crate::{MAX_TEXT, MAX_WORDS};
use std::collections::{HashMap, HashSet};
use tantivy::Term;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery, FuzzyTermQuery, PhraseQuery, Query,
    TermQuery,
};
use tantivy::schema::IndexRecordOption;

/// Weight of a stem; a word itself has weight one.
const STEM_WEIGHT: f32 = 0.7;
/// Weight of a synonym.
const SYNONYM_WEIGHT: f32 = 0.6;
/// Weight of a word that begins like the last typed one: it says less than any word that is found whole.
const PREFIX_WEIGHT: f32 = 0.03;
/// Weight of a word with another spelling.
const MISSPELLING_WEIGHT: f32 = 0.01;

/// Words that have one meaning together.
pub(crate) struct QueryUnit {
    pub(crate) words: Vec<TypedWord>,
    /// Synonyms of the unit.
    pub(crate) synonyms: Vec<Vec<String>>,
    /// Whether it is what was typed last.
    last: bool,
}

/// A word of the typed text.
pub(crate) struct TypedWord {
    pub(crate) word: TextWord,
    /// Stem of the word by language.
    stems: Vec<(StemLanguage, String)>,
}

/// The typed text of a search; see the module.
pub(crate) struct QueryText {
    /// Normalised text, which the positions of its words refer to.
    pub(crate) normal: String,
    pub(crate) units: Vec<QueryUnit>,
    /// Languages whose stems are searched for.
    stems: Vec<StemLanguage>,
    tolerance: Tolerance,
    prefix: bool,
}

impl QueryText {
    /// Analyses the text of a request; `None`: nothing was typed.
    pub(crate) fn from_request(request: &SearchRequest, synonyms: &Synonyms) -> Result<Option<Self>> {
        if request.text.len() > MAX_TEXT {
            let message = format!("{} bytes; a search text can have at most {MAX_TEXT}", request.text.len());
            return Err(SearchError::invalid("text", "too-long", message));
        }
        if request.text.trim().is_empty() {
            return Ok(None);
        }
        let normal = normalize_text(&request.text).into_owned();
        let words = query_words(&normal);
        if words.len() > MAX_WORDS {
            let message = format!("{} words; a search text can have at most {MAX_WORDS}", words.len());
            return Err(SearchError::invalid("text", "too-many", message));
        }
        let stems: Vec<StemLanguage> = match request.locale.as_deref() {
            Some(locale) => StemLanguage::from_locale(locale).into_iter().collect(),
            None => StemLanguage::ALL.to_vec(),
        };
        let mut stemming: Vec<(StemLanguage, WordStemmer)> =
            stems.iter().map(|stem| (*stem, WordStemmer::new(*stem))).collect();
        let mut typed = |word: &TextWord| {
            let original = normal.get(word.at.clone()).unwrap_or_default();
            let stems =
                stemming.iter_mut().filter_map(|(stem, stemmer)| Some((*stem, stemmer.stem_word(original)?))).collect();
            TypedWord { word: word.clone(), stems }
        };
        let lookup = synonyms.for_locale(request.locale.as_deref());
        let folded: Vec<&str> = words.iter().map(|word| word.folded.as_str()).collect();
        let (mut units, mut at) = (Vec::new(), 0);
        while at < words.len() {
            let (length, others) = lookup.lookup_at(&folded[at..]);
            let words_of = words[at..at + length].iter().map(&mut typed).collect();
            at += length;
            units.push(QueryUnit {
                words: words_of,
                synonyms: others.into_iter().cloned().collect(),
                last: at == words.len(),
            });
        }
        Ok(Some(Self { normal, units, stems, tolerance: request.tolerance, prefix: request.prefix }))
    }

    /// The query for entries that contain what was typed: all of up to three words, three quarters of more.
    pub(crate) fn to_query(&self, layout: &Layout) -> Box<dyn Query> {
        let units: Vec<Box<dyn Query>> = self.units.iter().map(|unit| self.unit_query(unit, layout, true)).collect();
        match units.len() {
            0 => Box::new(EmptyQuery),
            n => {
                let needed = if n <= 3 { n } else { (3 * n).div_ceil(4) };
                Box::new(BooleanQuery::union_with_minimum_required_clauses(units, needed))
            }
        }
    }

    /// The query for entries that contain the unit; `forgiving`: also in another spelling.
    pub(crate) fn unit_query(&self, unit: &QueryUnit, layout: &Layout, forgiving: bool) -> Box<dyn Query> {
        let mut any: Vec<Box<dyn Query>> = Vec::new();
        for words in &layout.words {
            match unit.words.as_slice() {
                [typed] => self.push_word_queries(typed, unit.last && self.prefix, words, forgiving, &mut any),
                several => {
                    // Each may be spelt otherwise.
                    let each = several.iter().map(|typed| {
                        let mut any = Vec::new();
                        self.push_word_queries(typed, false, words, forgiving, &mut any);
                        best_of_queries(any)
                    });
                    any.push(Box::new(BooleanQuery::intersection(each.collect())));
                }
            }
            for other in &unit.synonyms {
                any.push(boost_query(self.synonym_query(other, words), SYNONYM_WEIGHT * words.weight));
            }
        }
        best_of_queries(any)
    }

    fn push_word_queries(
        &self,
        typed: &TypedWord,
        is_prefix: bool,
        words: &WordFields,
        forgiving: bool,
        any: &mut Vec<Box<dyn Query>>,
    ) {
        let plain = || Term::from_field_text(words.plain, &typed.word.folded);
        any.push(boost_query(term_query(plain()), words.weight));
        for (stem, text) in &typed.stems {
            let term = Term::from_field_text(words.stems[stem.field_index()], text);
            any.push(boost_query(term_query(term), STEM_WEIGHT * words.weight));
        }
        let edits = if forgiving { self.tolerance.max_edits(&typed.word.folded) } else { 0 };
        if is_prefix {
            any.push(constant_score_query(FuzzyTermQuery::new_prefix(plain(), 0, true), PREFIX_WEIGHT * words.weight));
        }
        match (edits, is_prefix) {
            (0, _) => {}
            (edits, true) => any.push(constant_score_query(
                FuzzyTermQuery::new_prefix(plain(), edits, true),
                MISSPELLING_WEIGHT * words.weight,
            )),
            (edits, false) => any.push(constant_score_query(
                FuzzyTermQuery::new(plain(), edits, true),
                MISSPELLING_WEIGHT * words.weight,
            )),
        }
    }

    fn synonym_query(&self, other: &[String], words: &WordFields) -> Box<dyn Query> {
        match other {
            [word] => {
                let mut any: Vec<Box<dyn Query>> = vec![term_query(Term::from_field_text(words.plain, word))];
                for stem in &self.stems {
                    if let Some(text) = WordStemmer::new(*stem).stem_word(word) {
                        any.push(boost_query(
                            term_query(Term::from_field_text(words.stems[stem.field_index()], &text)),
                            STEM_WEIGHT,
                        ));
                    }
                }
                best_of_queries(any)
            }
            [] => Box::new(EmptyQuery),
            several => Box::new(PhraseQuery::new(
                several.iter().map(|word| Term::from_field_text(words.plain, word)).collect(),
            )),
        }
    }

    /// The matcher that decides whether a word of a text was searched for.
    pub(crate) fn word_matcher(&self) -> Matcher<'_> {
        let mut matcher = Matcher {
            text: self,
            whole: HashSet::new(),
            stems: self.stems.iter().map(|stem| (*stem, (WordStemmer::new(*stem), HashSet::new()))).collect(),
        };
        for unit in &self.units {
            for typed in &unit.words {
                matcher.whole.insert(typed.word.folded.clone());
                for (stem, text) in &typed.stems {
                    if let Some((_, known)) = matcher.stems.get_mut(stem) {
                        known.insert(text.clone());
                    }
                }
            }
            for word in unit.synonyms.iter().flatten() {
                matcher.whole.insert(word.clone());
                for (stemming, known) in matcher.stems.values_mut() {
                    known.extend(stemming.stem_word(word));
                }
            }
        }
        matcher
    }
}

/// The result of [`QueryText::word_matcher`].
pub(crate) struct Matcher<'t> {
    text: &'t QueryText,
    whole: HashSet<String>,
    stems: HashMap<StemLanguage, (WordStemmer, HashSet<String>)>,
}

impl Matcher<'_> {
    /// Whether a word was searched for. `original`: the word as it is in the text.
    pub(crate) fn is_searched(&mut self, word: &TextWord, original: &str, stem: Option<StemLanguage>) -> bool {
        if self.whole.contains(&word.folded) {
            return true;
        }
        if let Some((stemming, known)) = stem.and_then(|stem| self.stems.get_mut(&stem))
            && stemming.stem_word(original).is_some_and(|stem| known.contains(&stem))
        {
            return true;
        }
        self.text.units.iter().any(|unit| {
            let is_prefix = unit.last && self.text.prefix && unit.words.len() == 1;
            unit.words.iter().any(|typed| {
                let edits = usize::from(self.text.tolerance.max_edits(&typed.word.folded));
                is_near(&typed.word.folded, &word.folded, edits, is_prefix)
            })
        })
    }
}

/// Whether a word is within that many edits of what was typed; `is_prefix`: or begins with such a word.
fn is_near(typed: &str, word: &str, edits: usize, is_prefix: bool) -> bool {
    if is_prefix && word.starts_with(typed) {
        return true;
    }
    let (letters, long) = (typed.chars().count(), word.chars().count());
    if edits == 0 || long + edits < letters || (!is_prefix && long > letters + edits) {
        return false;
    }
    if !is_prefix {
        return strsim::osa_distance(typed, word) <= edits;
    }
    let starts = letters.saturating_sub(edits)..=(letters + edits).min(long);
    starts.into_iter().any(|n| {
        let start: String = word.chars().take(n).collect();
        strsim::osa_distance(typed, &start) <= edits
    })
}

fn term_query(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
}

fn boost_query(query: Box<dyn Query>, boost: f32) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, boost))
}

fn constant_score_query(query: FuzzyTermQuery, score: f32) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(Box::new(query), score))
}

fn best_of_queries(any: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    Box::new(DisjunctionMaxQuery::new(any))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_count_swaps_and_prefixes() {
        assert!(is_near("aanbtaling", "aanbetaling", 2, false));
        assert!(is_near("sluetel", "sleutel", 1, false), "a swap is one edit");
        assert!(!is_near("fiets", "friet", 1, false));
        assert!(is_near("onderh", "onderhoudsbeurt", 0, true));
        assert!(is_near("ondreh", "onderhoudsbeurt", 1, true));
        assert!(!is_near("onderh", "onderhoudsbeurt", 1, false));
        assert!(!is_near("", "x", 0, false));
    }

    #[test]
    fn max_edits_depend_on_length_and_digits() {
        let edits = |tolerance: Tolerance| {
            ["abc", "abcd", "abcdef", "abcdefgh", "été", "ab12cd34"].map(|w| tolerance.max_edits(w))
        };
        assert_eq!(edits(Tolerance::Off), [0; 6]);
        assert_eq!(edits(Tolerance::Standard), [0, 1, 1, 2, 0, 0]);
        assert_eq!(edits(Tolerance::Generous), [1, 1, 2, 2, 1, 0]);
    }
}
