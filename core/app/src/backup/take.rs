//! Taking a backup, beside a running server.

use super::archive::ArchiveWriter;
use super::backup_folder::TEMPORARY_PREFIX;
use super::files::io_error_at;
use super::progress::Progress;
use super::{
    BackupManifest, FILES_PREFIX, FORMAT_VERSION, MANIFEST_PATH, MODEL_PATH, TABLE_PART_BYTES, TableRowCount,
    table_part_path,
};
use crate::operator_error::OperatorError;
use cairn_access::DEFAULT_TENANT;
use cairn_assets::BlobStore;
use cairn_model::change::Snapshot;
use cairn_store::Store;
use cairn_store::transfer::DumpTable;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// Objects read from the database at a time.
const BLOB_PAGE_SIZE: i64 = 10_000;

/// Writes a tenant's database and files into a file that is not there yet; answers its manifest. Blocks.
pub fn take_backup(
    store: &Store,
    tenant: &str,
    blobs: &dyn BlobStore,
    created_at: &str,
    out: &Path,
) -> Result<BackupManifest, OperatorError> {
    if out.symlink_metadata().is_ok() {
        return Err(OperatorError(format!("{} already exists; nothing was written", out.display())));
    }
    let folder = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // For this user's eyes only, and gone where this process ends before its time.
    let temporary =
        tempfile::Builder::new().prefix(TEMPORARY_PREFIX).tempfile_in(folder).map_err(io_error_at(folder))?;
    let mut writer = ArchiveWriter::new(BufWriter::new(temporary));
    let manifest = write_members(&mut writer, store, tenant, blobs, created_at)?;
    let text = serde_json::to_string_pretty(&manifest).map_err(|e| OperatorError(e.to_string()))?;
    writer.add_member(MANIFEST_PATH, text.as_bytes()).map_err(io_error_at(out))?;
    let temporary =
        writer.finish().map_err(io_error_at(out))?.into_inner().map_err(|e| io_error_at(out)(e.into_error()))?;
    temporary.as_file().sync_all().map_err(io_error_at(out))?;
    temporary.persist_noclobber(out).map_err(|e| io_error_at(out)(e.error))?;
    File::open(folder).and_then(|f| f.sync_all()).map_err(io_error_at(folder))?;
    Ok(manifest)
}

fn write_members(
    writer: &mut ArchiveWriter<impl std::io::Write>,
    store: &Store,
    tenant: &str,
    blobs: &dyn BlobStore,
    created_at: &str,
) -> Result<BackupManifest, OperatorError> {
    let mut progress = Progress::new();
    let failed = |e: std::io::Error| OperatorError(format!("the backup cannot be written: {e}"));
    let model = Snapshot::from_registry(store.registry());
    writer.add_member(MODEL_PATH, model.to_json().as_bytes()).map_err(failed)?;
    let (outline, tables, keys) = store.read_all(|r| {
        let outline = r.transfer().describe()?;
        let mut tables: Vec<TableRowCount> = Vec::new();
        let own = |t: &&DumpTable| !t.is_of_installation() || tenant == DEFAULT_TENANT;
        for (index, table) in outline.tables.iter().filter(own).enumerate() {
            let rows = dump_table(writer, r, index, table, &mut progress)?;
            tables.push(TableRowCount { table: table.clone(), rows });
        }
        let mut keys: Vec<String> = Vec::new();
        loop {
            let page = r.blobs().list_stored(keys.last().map_or("", String::as_str), BLOB_PAGE_SIZE)?;
            let all = (page.len() as i64) < BLOB_PAGE_SIZE;
            keys.extend(page.into_iter().map(|blob| blob.key));
            if all {
                break;
            }
        }
        Ok::<_, OperatorError>((outline, tables, keys))
    })?;
    // Blobs are retained for at least a day after their last use: those in the snapshot are still there.
    let mut missing = Vec::new();
    for (i, key) in keys.into_iter().enumerate() {
        progress.show_count("files", i as u64);
        match super::files::open_blob(blobs, &key)? {
            Some(blob) => writer.add_from(&format!("{FILES_PREFIX}{key}"), blob.length, blob.body).map_err(failed)?,
            None => missing.push(key),
        }
    }
    Ok(BackupManifest {
        format: FORMAT_VERSION,
        cairn: env!("CARGO_PKG_VERSION").to_owned(),
        tenant: tenant.to_owned(),
        created_at: created_at.to_owned(),
        database: store.database_kind().to_owned(),
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
fn dump_table(
    writer: &mut ArchiveWriter<impl std::io::Write>,
    reader: &cairn_store::Reader<'_>,
    index: usize,
    table: &DumpTable,
    progress: &mut Progress,
) -> Result<u64, OperatorError> {
    let failed = |e: std::io::Error| OperatorError(format!("the backup cannot be written: {e}"));
    let (mut lines, mut parts, mut rows) = (String::new(), 0, 0);
    reader.transfer().dump_table(table, |line| {
        rows += 1;
        progress.show_count(&table.name, rows);
        lines.push_str(line);
        lines.push('\n');
        if lines.len() >= TABLE_PART_BYTES {
            writer.add_member(&table_part_path(index, table, parts), lines.as_bytes()).map_err(failed)?;
            parts += 1;
            lines.clear();
        }
        Ok::<_, OperatorError>(())
    })?;
    if !lines.is_empty() {
        writer.add_member(&table_part_path(index, table, parts), lines.as_bytes()).map_err(failed)?;
    }
    Ok(rows)
}
