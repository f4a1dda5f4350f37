//! Where in a document that is what was searched for.

use crate::analysis::{Stem, normal, plain, words};
use crate::definition::Words;
use crate::text::Matcher;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use tantivy::Score;
use tantivy::snippet::SnippetGenerator;

/// Longest part of a text that is looked through, in bytes.
const LOOKED_AT: usize = 64 * 1024;
/// Longest fragment, in characters.
const FRAGMENT: usize = 200;

/// The best fragment of a field: HTML, escaped, with `mark` elements. `None`: nothing of it was found.
pub(crate) fn fragment(value: &Json, matcher: &mut Matcher<'_>, words: Words, locale: Option<&str>) -> Option<String> {
    let stem = locale.and_then(Stem::of);
    texts(value).find_map(|text| {
        let text = normal(cut(text, LOOKED_AT));
        let marked = marked(&text, matcher, stem);
        if marked.is_empty() {
            return None;
        }
        let snippets = SnippetGenerator::new(marked, plain(), words.plain, FRAGMENT);
        let mut snippet = snippets.snippet(&text);
        snippet.set_snippet_prefix_postfix("<mark>", "</mark>");
        (!snippet.is_empty()).then(|| snippet.to_html())
    })
}

/// The words of a text that were searched for.
fn marked(text: &str, matcher: &mut Matcher<'_>, stem: Option<Stem>) -> BTreeMap<String, Score> {
    let mut known: BTreeMap<String, bool> = BTreeMap::new();
    for word in words(text) {
        if let Entry::Vacant(place) = known.entry(word.folded.clone()) {
            let written = text.get(word.at.clone()).unwrap_or_default();
            place.insert(matcher.is_searched(&word, written, stem));
        }
    }
    known.into_iter().filter(|(_, is)| *is).map(|(word, _)| (word, 1.0)).collect()
}

/// The texts of a `text` field.
pub(crate) fn texts(value: &Json) -> impl Iterator<Item = &str> {
    let list = value.as_array().into_iter().flatten();
    value.as_str().into_iter().chain(list.filter_map(Json::as_str))
}

/// At most so many bytes from the beginning.
pub(crate) fn cut(text: &str, longest: usize) -> &str {
    let end = (0..=longest.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    &text[..end]
}
