//! A better spelling of what was typed, taken from texts that may be found: words of others are never suggested.

use crate::SearchFieldKind;
use crate::analysis::{normalize_text, split_words};
use crate::definition::IndexDefinition;
use crate::error::Result;
use crate::highlight::{field_texts, truncate_bytes};
use crate::index::FullTextIndex;
use crate::request::Tolerance;
use crate::statistics::VisibleEntries;
use crate::text::{QueryText, Reach, TypedWord};
use std::collections::HashMap;
use tantivy::Term;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, FuzzyTermQuery, Query};

/// Entries that are looked through for a spelling.
const MAX_SCANNED_ENTRIES: usize = 50;
/// Bytes of one that are.
const MAX_SCANNED_BYTES: usize = 32 * 1024;

/// A spelling of a word and how good it is.
#[derive(Default)]
struct SpellingCandidate {
    times: u32,
    written: String,
}

/// `None`: all words are there as they were typed, or there is nothing like them.
pub(crate) fn suggest_text(
    index: &FullTextIndex,
    text: &QueryText,
    visible: &VisibleEntries<'_>,
    may: &dyn Query,
) -> Result<Option<String>> {
    let mut better = text.normal.clone();
    let mut changed = false;
    // From the end, so that the places of those before stay.
    for unit in text.units.iter().rev() {
        if visible.count_matches(text.unit_query(unit, index.layout(), Reach::Spelled))? > 0 {
            continue;
        }
        for typed in unit.words.iter().rev() {
            if let Some(spelling) = suggest_spelling(index, typed, may)? {
                better.replace_range(typed.word.at.clone(), &spelling);
                changed = true;
            }
        }
    }
    Ok(changed.then_some(better))
}

fn suggest_spelling(index: &FullTextIndex, typed: &TypedWord, may: &dyn Query) -> Result<Option<String>> {
    let word = &typed.word.folded;
    let edits = Tolerance::Standard.max_edits(word);
    if edits == 0 {
        return Ok(None);
    }
    let near = |words: &crate::definition::WordFields| -> Box<dyn Query> {
        Box::new(FuzzyTermQuery::new(Term::from_field_text(words.plain, word), edits, true))
    };
    let near = BooleanQuery::union(index.layout().words.iter().map(near).collect());
    let query = BooleanQuery::intersection(vec![Box::new(near), may.box_clone()]);
    let searcher = index.searcher();
    // Scores are all equal, so the first entries are taken.
    let found = searcher.search(&query, &TopDocs::with_limit(MAX_SCANNED_ENTRIES).order_by_score())?;
    let mut spellings: HashMap<(usize, String), SpellingCandidate> = HashMap::new();
    for (_, at) in found {
        let entry = index.load_entry(&searcher, at)?;
        for text in texts_of(index.definition(), &entry.document) {
            let text = normalize_text(truncate_bytes(text, MAX_SCANNED_BYTES));
            for other in split_words(&text) {
                let distance = strsim::osa_distance(word, &other.folded);
                if distance == 0 || distance > usize::from(edits) {
                    continue;
                }
                let spelling = spellings.entry((distance, other.folded)).or_default();
                spelling.times += 1;
                if spelling.written.is_empty() {
                    spelling.written = text.get(other.at).unwrap_or_default().to_lowercase();
                }
            }
        }
    }
    let best = spellings.into_iter().min_by(|((near, a), one), ((far, b), other)| {
        near.cmp(far).then(other.times.cmp(&one.times)).then_with(|| a.cmp(b))
    });
    Ok(best.map(|(_, spelling)| spelling.written))
}

fn texts_of<'j>(definition: &'j IndexDefinition, document: &'j serde_json::Value) -> impl Iterator<Item = &'j str> {
    let fields = document.as_object().into_iter().flatten();
    fields
        .filter(|(name, _)| definition.field_kind(name) == Some(SearchFieldKind::Text))
        .flat_map(|(_, value)| field_texts(value))
}
