//! A better spelling of what was typed, taken from texts that may be found: words of others are never suggested.

use crate::FieldKind;
use crate::analysis::{normal, words};
use crate::definition::Definition;
use crate::error::Result;
use crate::highlight::{cut, texts};
use crate::index::Index;
use crate::request::Tolerance;
use crate::statistics::Visible;
use crate::text::{Text, Typed};
use std::collections::HashMap;
use tantivy::Term;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, FuzzyTermQuery, Query};

/// Entries that are looked through for a spelling.
const ENTRIES: usize = 50;
/// Bytes of one that are.
const BYTES: usize = 32 * 1024;

/// A spelling of a word and how good it is.
#[derive(Default)]
struct Spelling {
    times: u32,
    written: String,
}

/// `None`: all words are there as they were typed, or there is nothing like them.
pub(crate) fn suggestion(index: &Index, text: &Text, visible: &Visible<'_>, may: &dyn Query) -> Result<Option<String>> {
    let mut better = text.normal.clone();
    let mut changed = false;
    // From the end, so that the places of those before stay.
    for unit in text.units.iter().rev() {
        if visible.count(text.unit(unit, index.layout(), false))? > 0 {
            continue;
        }
        for typed in unit.words.iter().rev() {
            if let Some(spelling) = spelling(index, typed, may)? {
                better.replace_range(typed.word.at.clone(), &spelling);
                changed = true;
            }
        }
    }
    Ok(changed.then_some(better))
}

fn spelling(index: &Index, typed: &Typed, may: &dyn Query) -> Result<Option<String>> {
    let word = &typed.word.folded;
    let edits = Tolerance::Standard.edits(word);
    if edits == 0 {
        return Ok(None);
    }
    let near = |words: &crate::definition::Words| -> Box<dyn Query> {
        Box::new(FuzzyTermQuery::new(Term::from_field_text(words.plain, word), edits, true))
    };
    let near = BooleanQuery::union(index.layout().words.iter().map(near).collect());
    let query = BooleanQuery::intersection(vec![Box::new(near), may.box_clone()]);
    let searcher = index.searcher();
    // All fit alike: it takes the first ones.
    let found = searcher.search(&query, &TopDocs::with_limit(ENTRIES).order_by_score())?;
    let mut spellings: HashMap<(usize, String), Spelling> = HashMap::new();
    for (_, at) in found {
        let kept = index.kept(&searcher, at)?;
        for text in texts_of(index.definition(), &kept.document) {
            let text = normal(cut(text, BYTES));
            for other in words(&text) {
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

fn texts_of<'j>(definition: &'j Definition, document: &'j serde_json::Value) -> impl Iterator<Item = &'j str> {
    let fields = document.as_object().into_iter().flatten();
    fields.filter(|(name, _)| definition.kind(name) == Some(FieldKind::Text)).flat_map(|(_, value)| texts(value))
}
