//! How many of the relevant articles are among the first five hits, on the judged Dutch set of `relevance/`, kind by kind. Half of its queries
//! were kept aside while the analysis was written: the floors hold for these too.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops where its ground gives way, and prints its table"
)]

use cairn_search::{
    EntryChange, FullTextIndex, IndexDefinition, IndexEntry, IndexLocation, IndexProgress, SearchFieldKind,
    SearchRequest, Synonyms,
};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Hits that count.
const FIRST: usize = 5;
/// Recall of all queries with an answer, and of each kind; for `none`, the share of queries that find nothing.
const ALL_FLOOR: f64 = 0.93;
const KIND_FLOOR: f64 = 0.85;

fn read_list(text: &str) -> Vec<Json> {
    serde_json::from_str(text).unwrap()
}

fn text_of(json: &Json) -> String {
    json.as_str().unwrap().to_owned()
}

/// An index of the articles as the knowledge base makes it.
fn index_articles() -> FullTextIndex {
    let fields = ["title", "words", "body"].map(|name| (name.to_owned(), SearchFieldKind::Text)).into();
    let definition = IndexDefinition::new(fields, ["title".to_owned()].into());
    let index = FullTextIndex::open(&IndexLocation::Memory, definition).unwrap();
    let entry = |article: &Json| IndexEntry {
        id: text_of(&article["id"]),
        locale: Some("nl".to_owned()),
        document: json!({ "title": article["title"], "words": article["tags"], "body": article["body"] }),
        audience: Vec::new(),
    };
    let mut writing = index.begin_write();
    let articles = read_list(include_str!("relevance/articles.nl.json"));
    writing.apply(articles.iter().map(entry).map(EntryChange::Put)).unwrap();
    writing.commit(IndexProgress { applied: 1, seen: 0 }).unwrap();
    drop(writing);
    index
}

/// Recall of one query; where it has no answer, whether it finds nothing.
fn measure_query(index: &FullTextIndex, synonyms: &Synonyms, query: &Json) -> f64 {
    let limit = u32::try_from(FIRST).unwrap();
    let text = text_of(&query["q"]);
    let request = SearchRequest { text, locale: Some("nl".to_owned()), limit, ..SearchRequest::default() };
    let hits = index.search(&request, synonyms).unwrap().hits;
    let relevant = query["relevant"].as_array().unwrap();
    let is_found = |id: &&Json| hits.iter().any(|hit| **id == hit.id.as_str());
    match relevant.len() {
        0 => f64::from(u8::from(hits.is_empty())),
        count => relevant.iter().filter(is_found).count() as f64 / count as f64,
    }
}

#[test]
fn relevant_articles_are_among_the_first_hits() {
    let index = index_articles();
    let synonyms = Synonyms::from_json(&json!({ "nl": read_list(include_str!("relevance/synonyms.nl.json")) }));
    let mut means: BTreeMap<(bool, String), (f64, f64)> = BTreeMap::new();
    for query in read_list(include_str!("relevance/queries.nl.json")) {
        let recall = measure_query(&index, &synonyms, &query);
        let (kind, is_aside) = (text_of(&query["kind"]), query["aside"] == true);
        let all = (kind != "none").then(|| "all".to_owned());
        for kind in all.into_iter().chain([kind]) {
            let (sum, count) = means.entry((is_aside, kind)).or_default();
            (*sum, *count) = (*sum + recall, *count + 1.0);
        }
    }
    let mut low = Vec::new();
    for ((is_aside, kind), (sum, count)) in means {
        let mean = sum / count;
        println!("{} {kind:12} {mean:.3} of {count}", if is_aside { "aside" } else { "tuned" });
        let floor = if kind == "all" { ALL_FLOOR } else { KIND_FLOOR };
        if mean < floor {
            low.push(format!("{kind} (aside: {is_aside}): {mean:.3}, at least {floor}"));
        }
    }
    assert!(low.is_empty(), "{low:?}");
}
