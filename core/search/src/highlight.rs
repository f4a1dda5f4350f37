//! Where in a document that is what was searched for.

use crate::analysis::{StemLanguage, normalize_text, plain_analyser, split_words};
use crate::definition::WordFields;
use crate::text::Matcher;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use tantivy::Score;
use tantivy::snippet::SnippetGenerator;

/// Longest part of a text that is looked through, in bytes.
const MAX_SCANNED_BYTES: usize = 64 * 1024;
/// Longest fragment, in characters.
const MAX_FRAGMENT_CHARS: usize = 200;

/// The best fragment of a field: HTML, escaped, with `mark` elements. `None`: nothing of it was found.
pub(crate) fn best_fragment(
    value: &Json,
    matcher: &mut Matcher<'_>,
    words: WordFields,
    locale: Option<&str>,
) -> Option<String> {
    let stem = locale.and_then(StemLanguage::from_locale);
    field_texts(value).find_map(|text| {
        let text = normalize_text(truncate_bytes(text, MAX_SCANNED_BYTES));
        let marked = matched_words(&text, matcher, stem);
        if marked.is_empty() {
            return None;
        }
        let snippets = SnippetGenerator::new(marked, plain_analyser(), words.plain, MAX_FRAGMENT_CHARS);
        let mut snippet = snippets.snippet(&text);
        snippet.set_snippet_prefix_postfix("<mark>", "</mark>");
        (!snippet.is_empty()).then(|| snippet.to_html())
    })
}

/// The words of a text that were searched for.
fn matched_words(text: &str, matcher: &mut Matcher<'_>, stem: Option<StemLanguage>) -> BTreeMap<String, Score> {
    let mut known: BTreeMap<String, bool> = BTreeMap::new();
    for word in split_words(text) {
        if let Entry::Vacant(place) = known.entry(word.folded.clone()) {
            let original = text.get(word.at.clone()).unwrap_or_default();
            place.insert(matcher.is_searched(&word, original, stem));
        }
    }
    known.into_iter().filter(|(_, is)| *is).map(|(word, _)| (word, 1.0)).collect()
}

/// The texts of a `text` field.
pub(crate) fn field_texts(value: &Json) -> impl Iterator<Item = &str> {
    let list = value.as_array().into_iter().flatten();
    value.as_str().into_iter().chain(list.filter_map(Json::as_str))
}

/// At most so many bytes from the beginning.
pub(crate) fn truncate_bytes(text: &str, longest: usize) -> &str {
    let end = (0..=longest.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    &text[..end]
}
