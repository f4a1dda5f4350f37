//! The typed text of a search, as a query, and as a matcher that marks words in texts.

use crate::analysis::{
    StemLanguage, TextWord, WordForms, WordStemmer, begins_function_word, is_function_word, is_hyphen, normalize_text,
    query_words, signed_word,
};
use crate::definition::{Layout, WordFields};
use crate::error::{Result, SearchError};
use crate::parts::{JoinedWord, guess_parts, join_neighbours, join_words, list_parts};
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
/// Weight of a word with its signs: `C++` is not `C`.
const SIGNED_WEIGHT: f32 = 2.0;
/// Weight of two parts of a word that no list knows as its parts.
const GUESS_WEIGHT: f32 = 0.2;
/// Weight of one of the parts of a compound in an important field.
const ONE_PART_WEIGHT: f32 = 0.1;
/// Score of having more of the words, more than what any word scores.
const COMPLETE_BONUS: f32 = 100.0;
/// Weight of a synonym.
const SYNONYM_WEIGHT: f32 = 0.6;
/// Weight of a word that begins like the last typed one: it says less than any word that is found whole.
const PREFIX_WEIGHT: f32 = 0.03;
/// Shortest word that longer ones may begin with, in bytes.
const MIN_START_BYTES: usize = 4;
/// Weight of a word with another spelling.
const MISSPELLING_WEIGHT: f32 = 0.01;

/// Words that have one meaning together.
pub(crate) struct QueryUnit {
    pub(crate) words: Vec<TypedWord>,
    /// Synonyms of the unit.
    pub(crate) synonyms: Vec<Vec<String>>,
    /// Words that it is a part of, if the text means one word: `e-mail`, `koffie machine`, `vraag … aan`.
    joined: Vec<JoinedWord>,
    /// True if it has words only that say little by themselves (`hoe`, `de`).
    is_minor: bool,
    /// True if it is what was typed last.
    last: bool,
}

/// A word of the typed text.
#[derive(Debug, Clone)]
pub(crate) struct TypedWord {
    pub(crate) word: TextWord,
    /// Stem of the word by language.
    stems: Vec<(StemLanguage, String)>,
    /// Its forms.
    forms: Vec<String>,
    /// Forms of its parts, if it is a compound: one list for each way to split it.
    splits: Vec<Vec<String>>,
    /// Forms of parts that are words of the index.
    guesses: Vec<[String; 2]>,
    /// Parts that say something by themselves.
    parts: Vec<String>,
    /// Word with the signs that follow it.
    signed: Option<String>,
}

/// How far from what was typed a word may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// In the same spelling, in another form.
    Spelled,
    /// In another spelling too.
    Usual,
    /// A part of it, or a word that begins with it, too; where nothing else was found.
    Wide,
}

/// The queries of a text, the narrowest first.
pub(crate) struct TextQueries {
    /// Query for entries that have what was typed.
    pub(crate) narrow: Box<dyn Query>,
    /// Query for where those are few.
    pub(crate) where_few: Option<Box<dyn Query>>,
    /// Queries for where there are none.
    pub(crate) where_none: Vec<Box<dyn Query>>,
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
    /// Analyses the text of a request; `None`: nothing was typed. `is_indexed`: true if a word, or a form of one, may be
    /// in the index; `is_visible`: true if it is in an entry that may be found.
    pub(crate) fn from_request(
        request: &SearchRequest,
        synonyms: &Synonyms,
        is_indexed: &dyn Fn(&str) -> bool,
        is_visible: &dyn Fn(&str) -> bool,
    ) -> Result<Option<Self>> {
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
        let stems_of_request = stems.clone();
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
            let signed = signed_word(&normal, word);
            let is_dutch = stems_of_request.contains(&StemLanguage::Dutch);
            let guesses = match word_forms.first_mut().filter(|_| is_dutch && splits.is_empty()) {
                Some(forms_of) => guess_parts(&word.folded, forms_of, is_indexed, is_visible),
                None => Vec::new(),
            };
            let parts = if is_dutch { list_parts(&word.folded) } else { Vec::new() };
            TypedWord { word: word.clone(), stems, forms, splits, guesses, parts, signed }
        };
        let lookup = synonyms.for_locale(request.locale.as_deref());
        let all: Vec<TypedWord> = words.iter().map(&mut typed).collect();
        let known_forms: Vec<&[String]> = all.iter().map(|typed| typed.forms.as_slice()).collect();
        let (mut units, mut at) = (Vec::new(), 0);
        while at < words.len() {
            let (known, others) = lookup.lookup_at(&known_forms[at..]);
            let length = known.max(count_joined_words(&normal, &words[at..]));
            let (unit, first) = (&words[at..at + length], at);
            at += length;
            units.push(QueryUnit {
                // A synonym of a part is none of the whole.
                synonyms: if length == known { others.into_iter().cloned().collect() } else { Vec::new() },
                joined: (length > known).then(|| join_words(unit, "", &mut word_forms)).into_iter().collect(),
                is_minor: stems.iter().any(|stem| unit.iter().all(|word| is_function_word(*stem, &word.folded))),
                words: all[first..at].to_vec(),
                last: at == words.len(),
            });
        }
        if stems.contains(&StemLanguage::Dutch) {
            push_joined_words(&mut units, &mut word_forms, is_indexed);
        }
        Ok(Some(Self { normal, units, stems, tolerance: request.tolerance, prefix: request.prefix }))
    }

    /// The queries for entries that contain what was typed: all of up to three words and three quarters of more; where few do, half of them;
    /// where none do, the same with parts of words, then half, then one. A text that is still being typed has only the first. Words that say
    /// little add to the score only, unless nothing else was typed.
    pub(crate) fn to_queries(&self, layout: &Layout) -> TextQueries {
        let (minor, major): (Vec<&QueryUnit>, Vec<&QueryUnit>) = self.units.iter().partition(|unit| unit.is_minor);
        let (needed, optional) = if major.is_empty() { (minor, Vec::new()) } else { (major, minor) };
        if needed.is_empty() {
            return TextQueries { narrow: Box::new(EmptyQuery), where_few: None, where_none: Vec::new() };
        }
        let n = needed.len();
        let list_queries = |reach: Reach| -> Vec<Box<dyn Query>> {
            needed.iter().map(|unit| self.unit_query(unit, layout, reach)).collect()
        };
        let usual = list_queries(Reach::Usual);
        let optional: Vec<(Occur, Box<dyn Query>)> =
            optional.into_iter().map(|unit| (Occur::Should, self.unit_query(unit, layout, Reach::Usual))).collect();
        let least_query = |units: &[Box<dyn Query>], least: usize| -> Box<dyn Query> {
            let units = units.iter().map(|unit| unit.box_clone()).collect();
            Box::new(BooleanQuery::union_with_minimum_required_clauses(units, least))
        };
        let all = if n <= 3 { n } else { (3 * n).div_ceil(4) };
        // Entries with more of the words come first, however rare the words of others are.
        let stage_query = |units: &[Box<dyn Query>], least: usize| -> Box<dyn Query> {
            let mut clauses = vec![(Occur::Must, least_query(units, least))];
            let more = [all, n.div_ceil(2)].into_iter().filter(|more| *more > least);
            clauses.extend(more.map(|more| -> (Occur, Box<dyn Query>) {
                (Occur::Should, Box::new(ConstScoreQuery::new(least_query(units, more), COMPLETE_BONUS)))
            }));
            clauses.extend(optional.iter().map(|(occur, unit)| (*occur, unit.box_clone())));
            Box::new(BooleanQuery::new(clauses))
        };
        let narrow = stage_query(&usual, all);
        if self.prefix {
            // Words that begin like a function word are searched only if nothing else is found.
            let is_hidden = self.units.last().is_some_and(|unit| self.is_start_of_function_word(unit));
            let where_none = is_hidden.then(|| stage_query(&list_queries(Reach::Wide), all));
            return TextQueries { narrow, where_few: None, where_none: where_none.into_iter().collect() };
        }
        let wide = list_queries(if self.tolerance == Tolerance::Off { Reach::Usual } else { Reach::Wide });
        let mut fewer = vec![all, n.div_ceil(2), 1];
        fewer.dedup();
        TextQueries {
            narrow,
            where_few: (n > 1).then(|| stage_query(&usual, n.div_ceil(2).min(all.saturating_sub(1)).max(1))),
            where_none: fewer.into_iter().map(|least| stage_query(&wide, least)).collect(),
        }
    }

    /// True if the unit is an unfinished word, and there are words that say little and begin like it.
    fn is_start_of_function_word(&self, unit: &QueryUnit) -> bool {
        let begins = |word: &str| self.stems.iter().any(|stem| begins_function_word(*stem, word));
        self.prefix && unit.last && unit.words.len() == 1 && unit.words.iter().any(|typed| begins(&typed.word.folded))
    }

    /// The query for entries that contain the unit.
    pub(crate) fn unit_query(&self, unit: &QueryUnit, layout: &Layout, reach: Reach) -> Box<dyn Query> {
        let mut any: Vec<Box<dyn Query>> = Vec::new();
        let is_hidden = reach < Reach::Wide && self.is_start_of_function_word(unit);
        for words in &layout.words {
            match unit.words.as_slice() {
                [typed] if is_hidden => {
                    let start = Term::from_field_text(words.forms, &typed.word.folded);
                    any.push(constant_score_query(
                        FuzzyTermQuery::new_prefix(start, 0, true),
                        PREFIX_WEIGHT * words.weight,
                    ));
                }
                [typed] => self.push_word_queries(typed, unit.last && self.prefix, words, reach, &mut any),
                several => {
                    // Every word of the unit may be spelt differently.
                    let each = several.iter().map(|typed| {
                        let mut any = Vec::new();
                        self.push_word_queries(typed, false, words, reach, &mut any);
                        best_of_queries(any)
                    });
                    any.push(Box::new(BooleanQuery::intersection(each.collect())));
                }
            }
            for joined in &unit.joined {
                any.push(boost_query(term_query(Term::from_field_text(words.plain, &joined.folded)), words.weight));
                for form in &joined.forms {
                    any.push(boost_query(form_query(words, form), FORM_WEIGHT * words.weight));
                }
            }
            for other in &unit.synonyms {
                any.push(boost_query(self.synonym_query(other, words), SYNONYM_WEIGHT * words.weight));
            }
        }
        if reach == Reach::Wide && !self.prefix {
            unit.words.iter().for_each(|typed| push_part_queries(typed, layout, &mut any));
        }
        best_of_queries(any)
    }

    fn push_word_queries(
        &self,
        typed: &TypedWord,
        is_prefix: bool,
        words: &WordFields,
        reach: Reach,
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
        if let Some(signed) = &typed.signed {
            any.push(boost_query(form_query(words, signed), SIGNED_WEIGHT * words.weight));
        }
        let edits = if reach >= Reach::Usual { self.tolerance.max_edits(&typed.word.folded) } else { 0 };
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
                // Also in compounds, and in the forms that no stem covers.
                for form in list_forms_of(word, &self.stems) {
                    any.push(boost_query(form_query(words, &form), FORM_WEIGHT));
                }
                best_of_queries(any)
            }
            [] => Box::new(EmptyQuery),
            several => {
                let phrase = several.iter().map(|word| Term::from_field_text(words.plain, word)).collect();
                let mut any: Vec<Box<dyn Query>> = vec![Box::new(PhraseQuery::new(phrase))];
                // In other forms: `snelle netwerken`. Forms of parts may stand between those of words.
                for stem in &self.stems {
                    let mut forms = WordForms::new(Some(*stem));
                    let forms = several.iter().map(|word| Term::from_field_text(words.forms, &forms.find_form(word)));
                    let mut phrase = PhraseQuery::new(forms.collect());
                    phrase.set_slop(1);
                    any.push(boost_query(Box::new(phrase), FORM_WEIGHT));
                }
                best_of_queries(any)
            }
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
                let parts = typed.splits.iter().flatten().chain(typed.guesses.iter().flatten());
                matcher.forms.extend(typed.forms.iter().chain(parts).cloned());
                for part in &typed.parts {
                    matcher.forms.extend(list_forms_of(part, &self.stems));
                }
                for (stem, text) in &typed.stems {
                    if let Some((_, known)) = matcher.stems.get_mut(stem) {
                        known.insert(text.clone());
                    }
                }
            }
            for joined in &unit.joined {
                matcher.whole.insert(joined.folded.clone());
                matcher.forms.extend(joined.forms.iter().cloned());
            }
            for word in unit.synonyms.iter().flatten() {
                matcher.whole.insert(word.clone());
                matcher.forms.extend(list_forms_of(word, &self.stems));
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
        if stem.is_some_and(|stem| is_function_word(stem, &word.folded)) {
            return false;
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

/// Adds queries for the parts of a word: both of them, wherever each is, and one of them in an important field.
fn push_part_queries(typed: &TypedWord, layout: &Layout, any: &mut Vec<Box<dyn Query>>) {
    let anywhere = |form: &String| -> Box<dyn Query> {
        best_of_queries(layout.words.iter().map(|words| boost_query(form_query(words, form), words.weight)).collect())
    };
    let mut push_all = |parts: &[String]| {
        let all = BooleanQuery::intersection(parts.iter().map(anywhere).collect());
        any.push(boost_query(Box::new(all), GUESS_WEIGHT));
    };
    typed.splits.iter().for_each(|parts| push_all(parts));
    typed.guesses.iter().for_each(|parts| push_all(parts));
    let important = layout.important_words();
    let mut dutch = WordStemmer::new(StemLanguage::Dutch);
    for part in &typed.parts {
        any.push(boost_query(term_query(Term::from_field_text(important.plain, part)), ONE_PART_WEIGHT));
        if let Some(stem) = dutch.stem_word(part) {
            let field = important.stems[StemLanguage::Dutch.field_index()];
            any.push(boost_query(term_query(Term::from_field_text(field, &stem)), ONE_PART_WEIGHT));
        }
    }
    if typed.word.folded.len() >= MIN_START_BYTES {
        for words in &layout.words {
            let start = Term::from_field_text(words.plain, &typed.word.folded);
            any.push(constant_score_query(FuzzyTermQuery::new_prefix(start, 0, true), PREFIX_WEIGHT * words.weight));
        }
    }
}

/// Adds the words that typed ones are together to each of their units.
fn push_joined_words(units: &mut [QueryUnit], forms: &mut [WordForms], is_indexed: &dyn Fn(&str) -> bool) {
    let single = |unit: &QueryUnit| match unit.words.as_slice() {
        [typed] => Some(typed.word.folded.clone()),
        _ => None,
    };
    let words: Vec<Option<String>> = units.iter().map(single).collect();
    let is_minor: Vec<bool> = units.iter().map(|unit| unit.is_minor).collect();
    for (positions, joined) in join_neighbours(&words, &is_minor, forms, is_indexed) {
        for at in positions {
            units[at].joined.push(joined.clone());
        }
    }
}

/// The forms of a word in some languages.
fn list_forms_of(word: &str, stems: &[StemLanguage]) -> Vec<String> {
    list_word_forms(stems).iter_mut().map(|forms| forms.find_form(word)).collect()
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
