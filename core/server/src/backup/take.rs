//! Taking a backup, beside a running server.

use super::archive::Writer;
use super::files::{Kept, told};
use super::progress::Progress;
use super::{Counted, FILES, FORMAT, MANIFEST, MODEL, Manifest, PART, part};
use crate::wiring::Failure;
use cairn_access::DEFAULT_TENANT;
use cairn_model::change::Snapshot;
use cairn_store::Store;
use cairn_store::transfer::Table;
use std::collections::HashSet;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// Snapshots tried where files come and go all the time.
const TRIES: usize = 10;

/// Writes a tenant's database and files into a file that is not there yet; answers its manifest. Blocks.
pub(crate) fn take(
    store: &Store,
    tenant: &str,
    uploads: &Path,
    created_at: &str,
    out: &Path,
) -> Result<Manifest, Failure> {
    if out.symlink_metadata().is_ok() {
        return Err(Failure(format!("{} is there already; nothing was written", out.display())));
    }
    let folder = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // For this user's eyes only, and gone where this process ends before its time.
    let temporary = tempfile::Builder::new().prefix(".cairn-backup-").tempfile_in(folder).map_err(told(folder))?;
    let mut writer = Writer::new(BufWriter::new(temporary));
    let manifest = fill(&mut writer, store, tenant, uploads, created_at)?;
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
    uploads: &Path,
    created_at: &str,
) -> Result<Manifest, Failure> {
    let mut progress = Progress::new();
    let failed = |e: std::io::Error| Failure(format!("the backup cannot be written: {e}"));
    let model = Snapshot::of(store.registry());
    writer.add(MODEL, model.to_json().as_bytes()).map_err(failed)?;
    let kept = Kept::new(uploads);
    let (mut missed, mut tries) = (None, 0);
    let (outline, tables) = loop {
        tries += 1;
        let taken = store.read_all(|r| {
            let outline = r.outline()?;
            // What the snapshot names was there at its moment: it is now, or it was at the look before.
            kept.look();
            let missing = missing(r.blobs()?, &kept)?;
            // Or it came after that and went before this one: with another snapshot it is not named any more. What is
            // missing twice has been missing for long.
            if !missing.is_empty() && missed.as_ref() != Some(&missing) && tries < TRIES {
                missed = Some(missing);
                return Ok(None);
            }
            let mut tables: Vec<Counted> = Vec::new();
            let own = |t: &&Table| !t.is_of_installation() || tenant == DEFAULT_TENANT;
            for (index, table) in outline.tables.iter().filter(own).enumerate() {
                let rows = dump(writer, r, index, table, &mut progress)?;
                tables.push(Counted { table: table.clone(), rows });
            }
            missed = Some(missing);
            Ok::<_, Failure>(Some((outline, tables)))
        })?;
        if let Some(taken) = taken {
            break taken;
        }
    };
    for (i, (name, path)) in kept.files()?.into_iter().enumerate() {
        progress.show("files", i as u64);
        let file = match File::open(&path) {
            Ok(file) => file,
            // Deleted meanwhile, and there are no second names.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
            Err(e) => return Err(told(&path)(e)),
        };
        let size = file.metadata().map_err(told(&path))?.len();
        writer.add_from(&format!("{FILES}{name}"), size, file).map_err(failed)?;
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
        missing_files: missed.unwrap_or_default(),
        members: writer.members().to_vec(),
    })
}

/// Files that entries name and that are not there.
fn missing(named: Vec<String>, kept: &Kept) -> Result<Vec<String>, Failure> {
    let there: HashSet<String> = kept.files()?.into_iter().map(|(name, _)| name).collect();
    Ok(named.into_iter().filter(|name| !there.contains(name)).collect())
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
