//! How frequent words are among what somebody may find. The engine's own numbers count the other entries too, and scores made of them
//! would tell about these.

use crate::definition::{Layout, WordFields};
use parking_lot::Mutex;
use std::collections::HashMap;
use tantivy::collector::Count;
use tantivy::query::{Bm25StatisticsProvider, BooleanQuery, Query, TermQuery, TermSetQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Searcher, Term};

/// See the module.
pub(crate) struct VisibleEntries<'s> {
    searcher: &'s Searcher,
    layout: &'s Layout,
    /// Query for the entries that may be found.
    query: Box<dyn Query>,
    /// How many that are.
    total: u64,
    known: Mutex<HashMap<Term, u64>>,
}

impl<'s> VisibleEntries<'s> {
    pub(crate) fn new(searcher: &'s Searcher, layout: &'s Layout, query: Box<dyn Query>) -> tantivy::Result<Self> {
        let total = searcher.search(&query, &Count)? as u64;
        Ok(Self { searcher, layout, query, total, known: Mutex::default() })
    }

    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// True if one of them has a word, or a form of it; false where the engine fails.
    pub(crate) fn has_word(&self, word: &str) -> bool {
        let fields = self.layout.words.iter().flat_map(|words| [words.plain, words.forms]);
        let terms = fields.map(|field| Term::from_field_text(field, word));
        self.count_matches(Box::new(TermSetQuery::new(terms))).is_ok_and(|count| count > 0)
    }

    /// How many of them a query finds.
    pub(crate) fn count_matches(&self, query: Box<dyn Query>) -> tantivy::Result<u64> {
        let both = BooleanQuery::intersection(vec![query, self.query.box_clone()]);
        Ok(self.searcher.search(&both, &Count)? as u64)
    }
}

impl Bm25StatisticsProvider for VisibleEntries<'_> {
    /// As if all texts were of the length that such texts have: what is hidden may be longer or shorter.
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        let is_of = |words: &&WordFields| words.plain == field || words.forms == field || words.stems.contains(&field);
        let words = self.layout.words.iter().find(is_of);
        Ok(self.total * words.map_or(1, |words| words.length))
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.total)
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        if let Some(n) = self.known.lock().get(term) {
            return Ok(*n);
        }
        let n = self.count_matches(Box::new(TermQuery::new(term.clone(), IndexRecordOption::Basic)))?;
        self.known.lock().insert(term.clone(), n);
        Ok(n)
    }
}
