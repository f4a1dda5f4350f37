//! Taking a backup, beside a running server.

use super::archive::Writer;
use super::files::told;
use super::kept::HALF;
use super::progress::Progress;
use super::{Counted, FILES, FORMAT, MANIFEST, MODEL, Manifest, PART, part};
use crate::wiring::Failure;
use cairn_access::DEFAULT_TENANT;
use cairn_assets::BlobStore;
use cairn_model::change::Snapshot;
use cairn_store::Store;
use cairn_store::transfer::Table;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// Objects read from the database at a time.
const KEYS: i64 = 10_000;

/// Writes a tenant's database and files into a file that is not there yet; answers its manifest. Blocks.
pub(crate) fn take(
    store: &Store,
    tenant: &str,
    blobs: &dyn BlobStore,
    created_at: &str,
    out: &Path,
) -> Result<Manifest, Failure> {
    if out.symlink_metadata().is_ok() {
        return Err(Failure(format!("{} already exists; nothing was written", out.display())));
    }
    let folder = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // For this user's eyes only, and gone where this process ends before its time.
    let temporary = tempfile::Builder::new().prefix(HALF).tempfile_in(folder).map_err(told(folder))?;
    let mut writer = Writer::new(BufWriter::new(temporary));
    let manifest = fill(&mut writer, store, tenant, blobs, created_at)?;
    let text = serde_json::to_string_pretty(&manifest).map_err(|e| Failure(e.to_string()))?;
    writer.add(MANIFEST, text.as_bytes()).map_err(told(out))?;
    let temporary = writer.finish().map_err(told(out))?.into_inner().map_err(|e| told(out)(e.into_error()))?;
    temporary.as_file().sync_all().map_err(told(out))?;
    temporary.persist_noclobber(out).map_err(|e| told(out)(e.error))?;
    File::open(folder).and_then(|f| f.sync_all()).map_err(told(folder))?;
    Ok(manifest)
}

fn fill(
    writer: &mut Writer<impl std::io::Write>,
    store: &Store,
    tenant: &str,
    blobs: &dyn BlobStore,
    created_at: &str,
) -> Result<Manifest, Failure> {
    let mut progress = Progress::new();
    let failed = |e: std::io::Error| Failure(format!("the backup cannot be written: {e}"));
    let model = Snapshot::of(store.registry());
    writer.add(MODEL, model.to_json().as_bytes()).map_err(failed)?;
    let (outline, tables, keys) = store.read_all(|r| {
        let outline = r.outline()?;
        let mut tables: Vec<Counted> = Vec::new();
        let own = |t: &&Table| !t.is_of_installation() || tenant == DEFAULT_TENANT;
        for (index, table) in outline.tables.iter().filter(own).enumerate() {
            let rows = dump(writer, r, index, table, &mut progress)?;
            tables.push(Counted { table: table.clone(), rows });
        }
        let mut keys: Vec<String> = Vec::new();
        loop {
            let page = r.stored_blobs(keys.last().map_or("", String::as_str), KEYS)?;
            let all = (page.len() as i64) < KEYS;
            keys.extend(page.into_iter().map(|blob| blob.key));
            if all {
                break;
            }
        }
        Ok::<_, Failure>((outline, tables, keys))
    })?;
    // What the snapshot names stays for a day at least after nobody needs it any more.
    let mut missing = Vec::new();
    for (i, key) in keys.into_iter().enumerate() {
        progress.show("files", i as u64);
        match super::files::open(blobs, &key)? {
            Some(blob) => writer.add_from(&format!("{FILES}{key}"), blob.length, blob.body).map_err(failed)?,
            None => missing.push(key),
        }
    }
    Ok(Manifest {
        format: FORMAT,
        cairn: env!("CARGO_PKG_VERSION").to_owned(),
        tenant: tenant.to_owned(),
        created_at: created_at.to_owned(),
        database: store.kind().to_owned(),
        model: model.hash(),
        migrations: outline.migrations,
        next_instance: outline.next_instance,
        tables,
        left_out: outline.left_out,
        missing_files: missing,
        members: writer.members().to_vec(),
    })
}

/// A table's rows, in parts that fit into memory.
fn dump(
    writer: &mut Writer<impl std::io::Write>,
    reader: &cairn_store::Reader<'_>,
    index: usize,
    table: &Table,
    progress: &mut Progress,
) -> Result<u64, Failure> {
    let failed = |e: std::io::Error| Failure(format!("the backup cannot be written: {e}"));
    let (mut lines, mut parts, mut rows) = (String::new(), 0, 0);
    reader.dump(table, |line| {
        rows += 1;
        progress.show(&table.name, rows);
        lines.push_str(line);
        lines.push('\n');
        if lines.len() >= PART {
            writer.add(&part(index, table, parts), lines.as_bytes()).map_err(failed)?;
            parts += 1;
            lines.clear();
        }
        Ok::<_, Failure>(())
    })?;
    if !lines.is_empty() {
        writer.add(&part(index, table, parts), lines.as_bytes()).map_err(failed)?;
    }
    Ok(rows)
}
