//! The typed text of a search, as a query, and as a matcher that marks words in texts.

use crate::analysis::{Stem, Stemming, Word, normal, searched};
use crate::definition::{Layout, Words};
use crate::error::{Result, SearchError};
use crate::request::{Request, Tolerance};
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
const STEM: f32 = 0.7;
/// Weight of a synonym.
const SYNONYM: f32 = 0.6;
/// Weight of a word that begins like the last typed one: it says less than any word that is found whole.
const BEGUN: f32 = 0.03;
/// Weight of a word with another spelling.
const MISSPELT: f32 = 0.01;

/// Words that have one meaning together.
pub(crate) struct Unit {
    pub(crate) words: Vec<Typed>,
    /// Synonyms of the unit.
    pub(crate) others: Vec<Vec<String>>,
    /// Whether it is what was typed last.
    last: bool,
}

/// A word of the typed text.
pub(crate) struct Typed {
    pub(crate) word: Word,
    /// Stem of the word by language.
    stems: Vec<(Stem, String)>,
}

/// The typed text of a search; see the module.
pub(crate) struct Text {
    /// Normalised text, which the positions of its words refer to.
    pub(crate) normal: String,
    pub(crate) units: Vec<Unit>,
    /// Languages whose stems are searched for.
    stems: Vec<Stem>,
    tolerance: Tolerance,
    prefix: bool,
}

impl Text {
    /// Analyses the text of a request; `None`: nothing was typed.
    pub(crate) fn of(request: &Request, synonyms: &Synonyms) -> Result<Option<Self>> {
        if request.text.len() > MAX_TEXT {
            let message = format!("{} bytes; a search text can have at most {MAX_TEXT}", request.text.len());
            return Err(SearchError::invalid("text", "too-long", message));
        }
        if request.text.trim().is_empty() {
            return Ok(None);
        }
        let normal = normal(&request.text).into_owned();
        let words = searched(&normal);
        if words.len() > MAX_WORDS {
            let message = format!("{} words; a search text can have at most {MAX_WORDS}", words.len());
            return Err(SearchError::invalid("text", "too-many", message));
        }
        let stems: Vec<Stem> = match request.locale.as_deref() {
            Some(locale) => Stem::of(locale).into_iter().collect(),
            None => Stem::ALL.to_vec(),
        };
        let mut stemming: Vec<(Stem, Stemming)> = stems.iter().map(|stem| (*stem, Stemming::of(*stem))).collect();
        let mut typed = |word: &Word| {
            let written = normal.get(word.at.clone()).unwrap_or_default();
            let stems = stemming.iter_mut().filter_map(|(stem, of)| Some((*stem, of.stem(written)?))).collect();
            Typed { word: word.clone(), stems }
        };
        let lookup = synonyms.of(request.locale.as_deref());
        let folded: Vec<&str> = words.iter().map(|word| word.folded.as_str()).collect();
        let (mut units, mut at) = (Vec::new(), 0);
        while at < words.len() {
            let (taken, others) = lookup.at(&folded[at..]);
            let words_of = words[at..at + taken].iter().map(&mut typed).collect();
            at += taken;
            units.push(Unit {
                words: words_of,
                others: others.into_iter().cloned().collect(),
                last: at == words.len(),
            });
        }
        Ok(Some(Self { normal, units, stems, tolerance: request.tolerance, prefix: request.prefix }))
    }

    /// The query for entries that contain what was typed: all of up to three words, three quarters of more.
    pub(crate) fn query(&self, layout: &Layout) -> Box<dyn Query> {
        let units: Vec<Box<dyn Query>> = self.units.iter().map(|unit| self.unit(unit, layout, true)).collect();
        match units.len() {
            0 => Box::new(EmptyQuery),
            n => {
                let needed = if n <= 3 { n } else { (3 * n).div_ceil(4) };
                Box::new(BooleanQuery::union_with_minimum_required_clauses(units, needed))
            }
        }
    }

    /// The query for entries that contain the unit; `forgiving`: also in another spelling.
    pub(crate) fn unit(&self, unit: &Unit, layout: &Layout, forgiving: bool) -> Box<dyn Query> {
        let mut any: Vec<Box<dyn Query>> = Vec::new();
        for words in &layout.words {
            match unit.words.as_slice() {
                [typed] => self.word(typed, unit.last && self.prefix, words, forgiving, &mut any),
                several => {
                    // Each may be spelt otherwise.
                    let each = several.iter().map(|typed| {
                        let mut any = Vec::new();
                        self.word(typed, false, words, forgiving, &mut any);
                        best(any)
                    });
                    any.push(Box::new(BooleanQuery::intersection(each.collect())));
                }
            }
            for other in &unit.others {
                any.push(boosted(self.other(other, words), SYNONYM * words.weight));
            }
        }
        best(any)
    }

    fn word(&self, typed: &Typed, begun: bool, words: &Words, forgiving: bool, any: &mut Vec<Box<dyn Query>>) {
        let plain = || Term::from_field_text(words.plain, &typed.word.folded);
        any.push(boosted(has(plain()), words.weight));
        for (stem, text) in &typed.stems {
            let term = Term::from_field_text(words.stems[stem.place()], text);
            any.push(boosted(has(term), STEM * words.weight));
        }
        let edits = if forgiving { self.tolerance.edits(&typed.word.folded) } else { 0 };
        if begun {
            any.push(worth(FuzzyTermQuery::new_prefix(plain(), 0, true), BEGUN * words.weight));
        }
        match (edits, begun) {
            (0, _) => {}
            (edits, true) => any.push(worth(FuzzyTermQuery::new_prefix(plain(), edits, true), MISSPELT * words.weight)),
            (edits, false) => any.push(worth(FuzzyTermQuery::new(plain(), edits, true), MISSPELT * words.weight)),
        }
    }

    fn other(&self, other: &[String], words: &Words) -> Box<dyn Query> {
        match other {
            [word] => {
                let mut any: Vec<Box<dyn Query>> = vec![has(Term::from_field_text(words.plain, word))];
                for stem in &self.stems {
                    if let Some(text) = Stemming::of(*stem).stem(word) {
                        any.push(boosted(has(Term::from_field_text(words.stems[stem.place()], &text)), STEM));
                    }
                }
                best(any)
            }
            [] => Box::new(EmptyQuery),
            several => Box::new(PhraseQuery::new(
                several.iter().map(|word| Term::from_field_text(words.plain, word)).collect(),
            )),
        }
    }

    /// The matcher that decides whether a word of a text was searched for.
    pub(crate) fn matcher(&self) -> Matcher<'_> {
        let mut matcher = Matcher {
            text: self,
            whole: HashSet::new(),
            stems: self.stems.iter().map(|stem| (*stem, (Stemming::of(*stem), HashSet::new()))).collect(),
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
            for word in unit.others.iter().flatten() {
                matcher.whole.insert(word.clone());
                for (stemming, known) in matcher.stems.values_mut() {
                    known.extend(stemming.stem(word));
                }
            }
        }
        matcher
    }
}

/// The result of [`Text::matcher`].
pub(crate) struct Matcher<'t> {
    text: &'t Text,
    whole: HashSet<String>,
    stems: HashMap<Stem, (Stemming, HashSet<String>)>,
}

impl Matcher<'_> {
    /// Whether a word was searched for. `written`: the word as it is in the text.
    pub(crate) fn is_searched(&mut self, word: &Word, written: &str, stem: Option<Stem>) -> bool {
        if self.whole.contains(&word.folded) {
            return true;
        }
        if let Some((stemming, known)) = stem.and_then(|stem| self.stems.get_mut(&stem))
            && stemming.stem(written).is_some_and(|stem| known.contains(&stem))
        {
            return true;
        }
        self.text.units.iter().any(|unit| {
            let begun = unit.last && self.text.prefix && unit.words.len() == 1;
            unit.words.iter().any(|typed| {
                let edits = usize::from(self.text.tolerance.edits(&typed.word.folded));
                is_near(&typed.word.folded, &word.folded, edits, begun)
            })
        })
    }
}

/// Whether a word is within that many edits of what was typed; `begun`: or begins with such a word.
fn is_near(typed: &str, word: &str, edits: usize, begun: bool) -> bool {
    if begun && word.starts_with(typed) {
        return true;
    }
    let (letters, long) = (typed.chars().count(), word.chars().count());
    if edits == 0 || long + edits < letters || (!begun && long > letters + edits) {
        return false;
    }
    if !begun {
        return strsim::osa_distance(typed, word) <= edits;
    }
    let starts = letters.saturating_sub(edits)..=(letters + edits).min(long);
    starts.into_iter().any(|n| {
        let start: String = word.chars().take(n).collect();
        strsim::osa_distance(typed, &start) <= edits
    })
}

fn has(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
}

fn boosted(query: Box<dyn Query>, boost: f32) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, boost))
}

fn worth(query: FuzzyTermQuery, score: f32) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(Box::new(query), score))
}

fn best(any: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    Box::new(DisjunctionMaxQuery::new(any))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_near_as_the_engine_has_it() {
        assert!(is_near("aanbtaling", "aanbetaling", 2, false));
        assert!(is_near("sluetel", "sleutel", 1, false), "a swap is one edit");
        assert!(!is_near("fiets", "friet", 1, false));
        assert!(is_near("onderh", "onderhoudsbeurt", 0, true));
        assert!(is_near("ondreh", "onderhoudsbeurt", 1, true));
        assert!(!is_near("onderh", "onderhoudsbeurt", 1, false));
        assert!(!is_near("", "x", 0, false));
    }

    #[test]
    fn how_far_a_word_may_be_depends_on_its_letters() {
        let edits =
            |tolerance: Tolerance| ["abc", "abcd", "abcdef", "abcdefgh", "été", "ab12cd34"].map(|w| tolerance.edits(w));
        assert_eq!(edits(Tolerance::Off), [0; 6]);
        assert_eq!(edits(Tolerance::Standard), [0, 1, 1, 2, 0, 0]);
        assert_eq!(edits(Tolerance::Generous), [1, 1, 2, 2, 1, 0]);
    }
}
