//! How many of the relevant articles are among the first five hits, on the judged Dutch set of `relevance/`: with this crate's analysis, and with
//! the search engine's own.
//!
//! Run by `cargo xtask bench --relevance`. Without `--quiet` it lists what is missing.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a program for one who watches it")]

use cairn_search::{
    EntryChange, FullTextIndex, IndexDefinition, IndexEntry, IndexLocation, IndexProgress, SearchFieldKind,
    SearchRequest, Synonyms,
};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tantivy::collector::TopDocs;
use tantivy::query::QueryParser;
use tantivy::schema::{STORED, STRING, Schema, TEXT, Value};
use tantivy::{IndexWriter, TantivyDocument, doc};

/// Hits that count.
const FIRST: usize = 5;

/// Query as somebody types it, and the articles that answer it.
struct JudgedQuery {
    text: String,
    kind: String,
    relevant: Vec<String>,
}

fn read_list(text: &str) -> Vec<Json> {
    serde_json::from_str(text).unwrap()
}

fn read_queries() -> Vec<JudgedQuery> {
    let text = |json: &Json| json.as_str().unwrap().to_owned();
    let query = |json: &Json| JudgedQuery {
        text: text(&json["q"]),
        kind: text(&json["kind"]),
        relevant: json["relevant"].as_array().unwrap().iter().map(text).collect(),
    };
    read_list(include_str!("relevance/queries.nl.json")).iter().map(query).collect()
}

/// The first hits of a text, with the time that it took.
type Search = Box<dyn Fn(&str) -> Vec<String>>;

fn open_cairn(articles: &[Json]) -> Search {
    let fields = ["title", "tags", "body"].map(|name| (name.to_owned(), SearchFieldKind::Text)).into();
    let definition = IndexDefinition::new(fields, ["title".to_owned()].into());
    let index = FullTextIndex::open(&IndexLocation::Memory, definition).unwrap();
    let entry = |article: &Json| IndexEntry {
        id: article["id"].as_str().unwrap().to_owned(),
        locale: Some("nl".to_owned()),
        document: json!({ "title": article["title"], "tags": article["tags"], "body": article["body"] }),
        audience: Vec::new(),
    };
    let started = Instant::now();
    let mut writing = index.begin_write();
    writing.apply(articles.iter().map(entry).map(EntryChange::Put)).unwrap();
    writing.commit(IndexProgress { applied: 1, seen: 0 }).unwrap();
    println!("{} articles indexed in {:.0} ms", articles.len(), started.elapsed().as_secs_f64() * 1e3);
    drop(writing);
    Box::new(move |text| {
        let limit = u32::try_from(FIRST).unwrap();
        let request =
            SearchRequest { text: text.to_owned(), locale: Some("nl".to_owned()), limit, ..SearchRequest::default() };
        index.search(&request, &Synonyms::default()).unwrap().hits.into_iter().map(|hit| hit.id).collect()
    })
}

fn open_engine(articles: &[Json]) -> Search {
    let mut schema = Schema::builder();
    let id = schema.add_text_field("id", STRING | STORED);
    let texts = ["title", "tags", "body"].map(|name| schema.add_text_field(name, TEXT));
    let index = tantivy::Index::create_in_ram(schema.build());
    let mut writer: IndexWriter = index.writer(50_000_000).unwrap();
    for article in articles {
        let mut document = doc!(id => article["id"].as_str().unwrap());
        for (field, name) in texts.iter().zip(["title", "tags", "body"]) {
            document.add_text(*field, article[name].as_str().unwrap());
        }
        writer.add_document(document).unwrap();
    }
    writer.commit().unwrap();
    let searcher = index.reader().unwrap().searcher();
    let parser = QueryParser::for_index(&index, texts.to_vec());
    Box::new(move |text| {
        let query = parser.parse_query_lenient(text).0;
        let hits = searcher.search(&query, &TopDocs::with_limit(FIRST).order_by_score()).unwrap();
        let id_of =
            |at| searcher.doc::<TantivyDocument>(at).unwrap().get_first(id).unwrap().as_str().unwrap().to_owned();
        hits.into_iter().map(|(_, at)| id_of(at)).collect()
    })
}

/// Prints the mean recall of each kind of query and of all. Returns the lowest of the kinds and that of all.
fn print_recall(name: &str, search: &Search, queries: &[JudgedQuery], is_verbose: bool) {
    let mut kinds: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    let mut took: Vec<Duration> = Vec::new();
    for query in queries {
        let started = Instant::now();
        let hits = search(&query.text);
        took.push(started.elapsed());
        let found = query.relevant.iter().filter(|id| hits.contains(id)).count();
        let recall = found as f64 / query.relevant.len() as f64;
        for kind in [query.kind.as_str(), "all"] {
            let (sum, count) = kinds.entry(kind).or_default();
            (*sum, *count) = (*sum + recall, *count + 1.0);
        }
        if is_verbose && recall < 1.0 {
            println!("  {:12} {:32} expected {:?}, found {hits:?}", query.kind, query.text, query.relevant);
        }
    }
    took.sort();
    let columns: Vec<String> = kinds.iter().map(|(kind, (sum, count))| format!("{kind} {:.3}", sum / count)).collect();
    let percentile = |share: usize| took[(took.len() - 1) * share / 100].as_secs_f64() * 1e3;
    println!("{name:16} {}; p50 {:.2} ms, p95 {:.2} ms", columns.join(", "), percentile(50), percentile(95));
}

fn main() {
    let is_verbose = !std::env::args().any(|argument| argument == "--quiet");
    let articles = read_list(include_str!("relevance/articles.nl.json"));
    let queries = read_queries();
    println!("recall of the first {FIRST} hits, {} queries", queries.len());
    print_recall("Cairn", &open_cairn(&articles), &queries, is_verbose);
    print_recall("engine's default", &open_engine(&articles), &queries, false);
}
