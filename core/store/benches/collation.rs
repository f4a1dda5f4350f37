//! Lists of 100,000 entries in the order of a language, read by the index over their keys, beside the order of code points.
//! `cargo bench -p cairn-store --bench collation`

use cairn_model::load::load_project;
use cairn_model::{TypeId, Value};
use cairn_query::{Access, Action, Query, QueryLimits, QueryRequest};
use cairn_store::content::{BulkDocument, NewDocumentRow};
use cairn_store::{Database, Store, StoreOptions};
use criterion::Criterion;
use serde_json::json;
use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

const ENTRIES: usize = 100_000;
const ENTRIES_PER_WRITE: usize = 10_000;
const AT: &str = "2026-01-01T10:00:00.000Z";
/// Plural names of the types, and their collations.
const TYPES: [(&str, Option<&str>); 2] = [("names", Some("nl")), ("codes", None)];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    for (plural, collation) in TYPES {
        let name = plural.trim_end_matches('s');
        let schema = json!({
            "kind": "collectionType", "info": { "singularName": name, "pluralName": plural, "displayName": name },
            "options": { "cairn": { "collation": collation } },
            "attributes": { "title": { "type": "string", "index": true } },
        });
        let path = folder.path().join(format!("content-types/api/{name}/content-types/{name}"));
        std::fs::create_dir_all(&path)?;
        std::fs::write(path.join("schema.json"), schema.to_string())?;
    }
    let loaded = load_project(folder.path()).map_err(|problems| format!("{} problems in the model", problems.len()))?;
    let database = Database::Sqlite(folder.path().join("cairn.db"));
    let store = Store::open(StoreOptions { database }, Arc::new(loaded.registry))?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;

    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    for (plural, collation) in TYPES {
        let content_type = store.registry().by_route(plural).ok_or("no type")?.id;
        for first in (0..ENTRIES).step_by(ENTRIES_PER_WRITE) {
            let documents = (first..first + ENTRIES_PER_WRITE).map(|i| document(&store, content_type, i)).collect();
            runtime.block_on(store.write(move |tx| tx.documents().insert_bulk(content_type, documents)))?;
        }
        let access = Access::full();
        let request = QueryRequest {
            registry: store.registry(),
            access: &access,
            content_type,
            action: Action::Find,
            default_locale: "en",
            limits: QueryLimits::default(),
            lenient: false,
        };
        let planned = cairn_query::plan_query(&request, &Query::from_text("sort=title&pagination[pageSize]=25"))?;
        let (compiled, stamp) = (store.compile_plan(&planned.plan, "en"), store.counters().stamp(&planned.touched));
        let list = |out: &mut Vec<u8>| store.read(|r| r.entries().write_list(&compiled, stamp, out));
        let mut out = Vec::with_capacity(64 << 10);
        if list(&mut out)?.entries != 25 {
            return Err(format!("{plural}: not a whole page").into());
        }
        criterion.bench_function(&format!("sort/100,000 by {}", collation.unwrap_or("code point")), |b| {
            b.iter(|| {
                out.clear();
                list(&mut out)
            });
        });
    }
    criterion.final_summary();
    Ok(())
}

/// A document with a title of three words, which no other has.
fn document(store: &Store, content_type: TypeId, i: usize) -> BulkDocument {
    const WORDS: [&str; 8] = ["Ärger", "école", "Zwolle", "aardappel", "Ĳsselmeer", "ijs", "öre", "Eiland"];
    let words = [WORDS[i * 7_919 % 8], WORDS[i / 8 % 8], WORDS[i / 64 % 8]];
    let ct = store.registry().get(content_type);
    let mut values = vec![Value::Null; ct.attributes.len()];
    if let Some((title, _)) = ct.attributes.get("title") {
        values[title] = Value::Text(format!("{} {i}", words.join(" ")));
    }
    let row = NewDocumentRow {
        id: 0,
        document_id: format!("d{i}"),
        locale: String::new(),
        published: true,
        created_at: AT.to_owned(),
        updated_at: AT.to_owned(),
        published_at: Some(AT.to_owned()),
        version: 0,
        values,
        to_one: HashMap::new(),
    };
    BulkDocument { row, links: Vec::new() }
}
