//! Makes a table large for benchmarks: copies the documents that are there, ten thousand a transaction.
//!
//! `cargo run --release -p cairn-store --example grow -- <project> <type uid> <documents in the end> [database url]`
//!
//! Unique text gets a number appended; numbers, dates and links are those of the document copied. Without a url it is the
//! project's own SQLite file.
#![expect(clippy::print_stdout, reason = "a command's output")]

use cairn_model::{AttributeId, LinkStorage, TypeId, Value};
use cairn_store::content::{BulkDocument, DocumentRow};
use cairn_store::system::new_document_id;
use cairn_store::{Database, Store, StoreError, StoreOptions, WriteTx};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

const BATCH: usize = 10_000;
/// BulkDocuments that are copied, the newest.
const TEMPLATES: i64 = 2_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let usage = "grow <project> <type uid> <documents in the end> [database url]";
    let mut args = std::env::args().skip(1);
    let (project, uid) = (args.next().ok_or(usage)?, args.next().ok_or(usage)?);
    let goal: usize = args.next().ok_or(usage)?.parse()?;
    let loaded = cairn_model::load::load_project(project.as_ref())
        .map_err(|p| format!("{} problems in the schema files", p.len()))?;
    let registry = Arc::new(loaded.registry);
    let ct = registry.by_uid(&uid).ok_or("there is no such type")?.id;
    let url = args.next().unwrap_or_else(|| "sqlite:data/tenants/default/cairn.db".to_owned());
    let database = Database::parse(&url, Path::new(&project))?;
    let store = Store::open(StoreOptions { database }, registry)?;
    let templates = store.write(move |tx| templates(tx, ct)).await?;
    if templates.is_empty() {
        return Err("there is nothing to copy".into());
    }
    let started = Instant::now();
    let mut created = templates.len();
    while created < goal {
        let n = BATCH.min(goal - created);
        let documents: Vec<BulkDocument> =
            (created..created + n).map(|i| copy(&store, ct, &templates[i % templates.len()], i)).collect();
        store.write(move |tx| tx.documents().insert_bulk(ct, documents)).await?;
        created += n;
    }
    store.end_bulk(ct).await?;
    println!("{created} documents of {uid} after {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}

fn templates(tx: &mut WriteTx<'_>, ct: TypeId) -> Result<Vec<BulkDocument>, StoreError> {
    let registry = tx.registry();
    let tables = |(id, a)| registry.attribute_link(a).is_some_and(|l| l.storage == LinkStorage::Table).then_some(id);
    let attributes: Vec<AttributeId> = registry.get(ct).attributes.iter().filter_map(tables).collect();
    let document = |row: DocumentRow| {
        let links = attributes.iter().map(|&a| Ok((a, tx.reader().links().find_owned(ct, a, row.id)?)));
        Ok(BulkDocument { links: links.collect::<Result<_, StoreError>>()?, row })
    };
    tx.reader().documents().find_newest_rows(ct, TEMPLATES)?.into_iter().map(document).collect()
}

/// The `i`-th document: a copy of a template under an id of its own.
fn copy(store: &Store, ct: TypeId, template: &BulkDocument, i: usize) -> BulkDocument {
    let mut document = template.clone();
    document.row.id = 0;
    document.row.document_id = new_document_id();
    for (id, a) in store.registry().get(ct).attributes.iter() {
        if let (true, Value::Text(text)) = (a.unique, &mut document.row.values[id]) {
            text.push_str(&format!("-{i}"));
        }
    }
    document
}
