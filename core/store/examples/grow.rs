//! Makes a table large for benchmarks: copies the documents that are there, through the same writes as a request, a
//! thousand a transaction.
//!
//! `cargo run --release -p cairn-store --example grow -- <project> <type uid> <documents in the end>`
//!
//! Unique text gets a number appended; numbers, dates and links are those of the document copied.
#![expect(clippy::print_stdout, reason = "a command's output")]

use cairn_model::{LinkStorage, Value};
use cairn_store::content::Row;
use cairn_store::system::new_document_id;
use cairn_store::{Options, Store, StoreError};
use std::sync::Arc;
use std::time::Instant;

const BATCH: usize = 1_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let usage = "grow <project> <type uid> <documents in the end>";
    let mut args = std::env::args().skip(1);
    let (project, uid) = (args.next().ok_or(usage)?, args.next().ok_or(usage)?);
    let goal: usize = args.next().ok_or(usage)?.parse()?;
    let loaded =
        cairn_model::load::load(project.as_ref()).map_err(|p| format!("{} problems in the schema files", p.len()))?;
    let registry = Arc::new(loaded.registry);
    let ct = registry.by_uid(&uid).ok_or("there is no such type")?.id;
    let path = std::path::Path::new(&project).join("data/tenants/default/cairn.db");
    let store = Store::open(Options { database: cairn_store::Database::Sqlite(path) }, registry)?;
    let templates = store.write(move |tx| tx.newest(ct, 2_000)).await?;
    if templates.is_empty() {
        return Err("there is nothing to copy".into());
    }
    let templates = Arc::new(templates);
    let begun = Instant::now();
    let mut made = templates.len();
    while made < goal {
        let (from, n, templates) = (made, BATCH.min(goal - made), templates.clone());
        store.write(move |tx| copies(tx, ct, &templates, from, n)).await?;
        made += n;
    }
    println!("{made} documents of {uid} after {:.1} s", begun.elapsed().as_secs_f64());
    Ok(())
}

fn copies(
    tx: &mut cairn_store::WriteTx<'_>,
    ct: cairn_model::TypeId,
    templates: &[Row],
    from: usize,
    n: usize,
) -> Result<(), StoreError> {
    let registry = tx.registry();
    let content_type = registry.get(ct);
    for i in from..from + n {
        let template = &templates[i % templates.len()];
        let mut row = Row { id: 0, document_id: new_document_id(), ..template.clone() };
        for (id, a) in content_type.attributes.iter() {
            if let (true, Value::Text(text)) = (a.unique, &mut row.values[id]) {
                text.push_str(&format!("-{i}"));
            }
            tx.renumber(&mut row.values[id])?;
        }
        for (_, position) in row.to_one.values_mut() {
            *position = tx.end_position();
        }
        row.id = tx.insert(ct, &row)?;
        for (id, a) in content_type.attributes.iter() {
            if registry.link(a).is_some_and(|l| l.storage == LinkStorage::Table) {
                let mut links = tx.owned_links(ct, id, template.id)?;
                links.iter_mut().for_each(|l| l.inverse = tx.end_position());
                tx.set_owned_links(ct, id, row.id, &[], &links)?;
            }
        }
        if content_type.draft_publish {
            let at = row.updated_at.clone();
            tx.publish(ct, &row, &at, true)?;
        }
    }
    Ok(())
}
