//! The typed text of a search, as a query, and as a matcher that marks words in texts.

use crate::analysis::{
    StemLanguage, TextWord, WordForms, WordStemmer, is_function_word, is_hyphen, normalize_text, query_words,
};
use crate::definition::{Layout, WordFields};
use crate::error::{Result, SearchError};
use crate::request::{SearchRequest, Tolerance};
use crate::synonyms::Synonyms;
use crate::{MAX_TEXT, MAX_WORDS};
use std::collections::{HashMap, HashSet};
use tantivy::Term;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery, FuzzyTermQuery, Occur, PhraseQuery,
    Query, TermQuery,
};
use tantivy::schema::IndexRecordOption;

/// Weight of a stem; a word itself has weight one.
const STEM_WEIGHT: f32 = 0.7;
/// Weight of another form of a word, or of a compound that it is a part of.
const FORM_WEIGHT: f32 = 0.4;
/// Weight of the parts of a compound, where they stand by themselves or in other compounds.
const PARTS_WEIGHT: f32 = 0.25;
/// Score of having more of the words, more than what any word scores.
const COMPLETE_BONUS: f32 = 100.0;
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
    /// Words that hyphens join, as one.
    joined: Option<String>,
    /// True if it has words only that say little by themselves (`hoe`, `de`).
    is_minor: bool,
    /// True if it is what was typed last.
    last: bool,
}

/// A word of the typed text.
pub(crate) struct TypedWord {
    pub(crate) word: TextWord,
    /// Stem of the word by language.
    stems: Vec<(StemLanguage, String)>,
    /// Its forms.
    forms: Vec<String>,
    /// Forms of its parts, if it is a compound: one list for each way to split it.
    splits: Vec<Vec<String>>,
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
        let mut word_forms = list_word_forms(&stems);
        let mut typed = |word: &TextWord| {
            let original = normal.get(word.at.clone()).unwrap_or_default();
            let stems =
                stemming.iter_mut().filter_map(|(stem, stemmer)| Some((*stem, stemmer.stem_word(original)?))).collect();
            let (mut forms, mut splits) = (Vec::new(), Vec::new());
            for forms_of in &mut word_forms {
                forms.push(forms_of.find_form(&word.folded));
                let parts: Vec<String> = forms_of.split_forms(&word.folded);
                splits.extend(Some(parts).filter(|parts| parts.len() > 1));
            }
            TypedWord { word: word.clone(), stems, forms, splits }
        };
        let lookup = synonyms.for_locale(request.locale.as_deref());
        let folded: Vec<&str> = words.iter().map(|word| word.folded.as_str()).collect();
        let (mut units, mut at) = (Vec::new(), 0);
        while at < words.len() {
            let (known, others) = lookup.lookup_at(&folded[at..]);
            let length = known.max(count_joined_words(&normal, &words[at..]));
            let unit = &words[at..at + length];
            at += length;
            units.push(QueryUnit {
                // A synonym of a part is none of the whole.
                synonyms: if length == known { others.into_iter().cloned().collect() } else { Vec::new() },
                joined: (length > known).then(|| unit.iter().map(|word| word.folded.as_str()).collect()),
                is_minor: stems.iter().any(|stem| unit.iter().all(|word| is_function_word(*stem, &word.folded))),
                words: unit.iter().map(&mut typed).collect(),
                last: at == words.len(),
            });
        }
        Ok(Some(Self { normal, units, stems, tolerance: request.tolerance, prefix: request.prefix }))
    }

    /// The queries for entries that contain what was typed, the narrowest first: all of up to three words and three quarters of more; half of
    /// them; one. A text that is still being typed has only the first. Words that say little add to the score only, unless nothing else was
    /// typed.
    pub(crate) fn to_queries(&self, layout: &Layout) -> Vec<Box<dyn Query>> {
        let query = |unit: &QueryUnit| self.unit_query(unit, layout, true);
        let (minor, major): (Vec<&QueryUnit>, Vec<&QueryUnit>) = self.units.iter().partition(|unit| unit.is_minor);
        let (needed, optional) = if major.is_empty() { (minor, Vec::new()) } else { (major, minor) };
        if needed.is_empty() {
            return vec![Box::new(EmptyQuery)];
        }
        let n = needed.len();
        let mut least = vec![if n <= 3 { n } else { (3 * n).div_ceil(4) }, n.div_ceil(2), 1];
        least.truncate(if self.prefix { 1 } else { 3 });
        least.dedup();
        let needed: Vec<Box<dyn Query>> = needed.into_iter().map(query).collect();
        let optional: Vec<(Occur, Box<dyn Query>)> =
            optional.into_iter().map(|unit| (Occur::Should, query(unit))).collect();
        let least_query = |least: usize| -> Box<dyn Query> {
            let units = needed.iter().map(|unit| unit.box_clone()).collect();
            Box::new(BooleanQuery::union_with_minimum_required_clauses(units, least))
        };
        // Entries with more of the words come first, however rare the words of others are.
        let bonus = |least: usize| -> (Occur, Box<dyn Query>) {
            (Occur::Should, Box::new(ConstScoreQuery::new(least_query(least), COMPLETE_BONUS)))
        };
        let widened_query = |at: usize| -> Box<dyn Query> {
            let mut clauses = vec![(Occur::Must, least_query(least[at]))];
            clauses.extend(least[..at].iter().map(|least| bonus(*least)));
            clauses.extend(optional.iter().map(|(occur, unit)| (*occur, unit.box_clone())));
            Box::new(BooleanQuery::new(clauses))
        };
        (0..least.len()).map(widened_query).collect()
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
            if let Some(joined) = &unit.joined {
                any.push(boost_query(term_query(Term::from_field_text(words.plain, joined)), words.weight));
                for form in list_word_forms(&self.stems).iter_mut().map(|forms| forms.find_form(joined)) {
                    any.push(boost_query(form_query(words, &form), FORM_WEIGHT * words.weight));
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
        for form in &typed.forms {
            any.push(boost_query(form_query(words, form), FORM_WEIGHT * words.weight));
        }
        for parts in &typed.splits {
            let all = BooleanQuery::intersection(parts.iter().map(|part| form_query(words, part)).collect());
            any.push(boost_query(Box::new(all), PARTS_WEIGHT * words.weight));
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

    /// The units that somebody looks for: not those that say little, unless nothing else was typed.
    fn sought_units(&self) -> impl Iterator<Item = &QueryUnit> {
        let says_little = self.units.iter().all(|unit| unit.is_minor);
        self.units.iter().filter(move |unit| says_little || !unit.is_minor)
    }

    /// The matcher that decides whether a word of a text was searched for.
    pub(crate) fn word_matcher(&self) -> Matcher<'_> {
        let mut matcher = Matcher {
            text: self,
            whole: HashSet::new(),
            forms: HashSet::new(),
            word_forms: HashMap::new(),
            stems: self.stems.iter().map(|stem| (*stem, (WordStemmer::new(*stem), HashSet::new()))).collect(),
        };
        for unit in self.sought_units() {
            for typed in &unit.words {
                matcher.whole.insert(typed.word.folded.clone());
                matcher.forms.extend(typed.forms.iter().chain(typed.splits.iter().flatten()).cloned());
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
    /// Forms of what was typed.
    forms: HashSet<String>,
    /// Forms of words in texts, by the language of the text.
    word_forms: HashMap<Option<StemLanguage>, WordForms>,
}

impl Matcher<'_> {
    /// True if a word was searched for. `original`: the word as it is in the text.
    pub(crate) fn is_searched(&mut self, word: &TextWord, original: &str, stem: Option<StemLanguage>) -> bool {
        if self.whole.contains(&word.folded) {
            return true;
        }
        if let Some((stemming, known)) = stem.and_then(|stem| self.stems.get_mut(&stem))
            && stemming.stem_word(original).is_some_and(|stem| known.contains(&stem))
        {
            return true;
        }
        let word_forms = self.word_forms.entry(stem).or_insert_with(|| WordForms::new(stem));
        if word_forms.list_forms(&word.folded).iter().any(|form| self.forms.contains(form)) {
            return true;
        }
        self.text.sought_units().any(|unit| {
            let is_prefix = unit.last && self.text.prefix && unit.words.len() == 1;
            unit.words.iter().any(|typed| {
                let edits = usize::from(self.text.tolerance.max_edits(&typed.word.folded));
                is_near(&typed.word.folded, &word.folded, edits, is_prefix)
            })
        })
    }
}

/// True if a word is within that many edits of what was typed; `is_prefix`: or begins with such a word.
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

/// The forms of words by language; those of no language where none is searched.
fn list_word_forms(stems: &[StemLanguage]) -> Vec<WordForms> {
    match stems {
        [] => vec![WordForms::new(None)],
        stems => stems.iter().map(|stem| WordForms::new(Some(*stem))).collect(),
    }
}

/// Number of words at the beginning that hyphens join; 1 if none do.
fn count_joined_words(text: &str, words: &[TextWord]) -> usize {
    let joins = |pair: &[TextWord]| text.get(pair[0].at.end..pair[1].at.start).is_some_and(is_hyphen);
    1 + words.windows(2).take_while(|pair| joins(pair)).count()
}

fn form_query(words: &WordFields, form: &str) -> Box<dyn Query> {
    term_query(Term::from_field_text(words.forms, form))
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
