//! SQLite: a file, the one writer, the readers.

mod connection_setup;
pub(crate) mod deadline;
mod decimal;
mod exact_sum;
mod file;
mod fold_case;
mod median;
mod periods;
mod queue;
pub(crate) mod readers;
pub(crate) mod statements;
pub(crate) mod statistics;
pub(crate) mod writer;

pub(crate) use file::{empty_log, erase_files};

use crate::connection::Connection;
use crate::instance_numbers::InstanceNumbers;
use crate::state::StoreState;
use crate::{ChangeCounters, Result, change, migrations, schema};
use cairn_model::Registry;
use file::open_writer;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A database file with its one writer.
pub(crate) struct Backend {
    pub(crate) path: PathBuf,
    pub(crate) readers: readers::ReaderPool,
    pub(crate) writer: writer::WriterHandle,
}

/// Opens a file. Writes run once the writer is started.
pub(crate) fn open(path: PathBuf, registry: Arc<Registry>) -> Result<(StoreState, Backend, writer::WriterStart)> {
    let conn = Connection::Sqlite(open_writer(&path)?);
    let schema = schema::WriteSchema::from_registry(&registry);
    let opened = run_transaction(&conn, true, |conn| {
        migrations::run_migrations(conn, migrations::SQLITE)?;
        let opened = change::ensure_schema(conn, &registry)?;
        statistics::ensure_statistics(conn, &registry, &schema.references)?;
        Ok(opened)
    })?;
    let counters = ChangeCounters::new(registry.types().len());
    schema::load_counts(&conn, &registry, &counters)?;
    let instances = InstanceNumbers::load(&conn)?;
    let state = StoreState::new(conn.dialect(), registry, schema, counters, instances, opened.generation);
    let (writer, start) = writer::WriterHandle::new(conn);
    Ok((state, Backend { path, readers: readers::ReaderPool::default(), writer }, start))
}

/// Runs `work` in a transaction; commits if `keep` is set and it succeeds.
fn run_transaction<T>(conn: &Connection, keep: bool, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    // A server that writes all the time leaves short gaps only.
    conn.execute_batch(
        "opening the schema",
        "PRAGMA busy_timeout = 60000; BEGIN IMMEDIATE; PRAGMA busy_timeout = 10000",
    )?;
    let result = work(conn);
    if keep && result.is_ok() {
        conn.execute_batch("changing the schema", "COMMIT")?;
    } else {
        conn.execute_batch("rolling back the schema change", "ROLLBACK")?;
    }
    result
}

/// Runs `work` while nobody else writes, with the system tables up to date.
pub(crate) fn run_exclusively<T>(
    path: &Path,
    keep: bool,
    registry: &Registry,
    work: impl FnOnce(&Connection) -> Result<T>,
) -> Result<T> {
    let conn = Connection::Sqlite(open_writer(path)?);
    run_transaction(&conn, keep, |conn| {
        migrations::run_migrations(conn, migrations::SQLITE)?;
        let result = work(conn)?;
        // Figures of tables that are not there yet would be of no use.
        if keep {
            statistics::ensure_statistics(conn, registry, &schema::WriteSchema::from_registry(registry).references)?;
        }
        Ok(result)
    })
}

#[cfg(test)]
mod tests {
    use crate::plugins::KvPut;
    use crate::{Database, Store, StoreError, StoreOptions, WriteTx};
    use std::path::Path;
    use std::sync::Arc;

    /// True if a file of the database has that text somewhere.
    fn files_contain(folder: &Path, text: &str) -> bool {
        let files = std::fs::read_dir(folder).unwrap().flatten();
        let mut contents = files.filter_map(|file| std::fs::read(file.path()).ok());
        contents.any(|bytes| bytes.windows(text.len()).any(|part| part == text.as_bytes()))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn deleted_texts_are_nowhere_in_the_files_once_the_log_is_empty() {
        let folder = tempfile::tempdir().unwrap();
        let registry = Arc::new(cairn_model::load::load_project(folder.path()).unwrap().registry);
        let database = Database::Sqlite(folder.path().join("cairn.db"));
        let store = Store::open(StoreOptions { database }, registry).unwrap();
        let (short, long) = ("marked-short-0123456789", "marked-long-0123456789");
        // In a cell of a page, and on pages of their own.
        let entries = |value: &str| -> Vec<KvPut> {
            let entry = |n: usize| KvPut {
                key: format!("k{n}"),
                value: match n % 2 {
                    0 => value.as_bytes().to_vec(),
                    _ => value.repeat(2_000).into_bytes(),
                },
                expires_at: None,
                expect: None,
            };
            (0..40).map(entry).collect()
        };
        let put = async |value: &str| {
            let entries = entries(value);
            let done = store.write(move |tx: &mut WriteTx<'_>| tx.plugin_kv().put("p", &entries, 0).map(drop));
            done.await.unwrap();
        };
        put(short).await;
        assert!(files_contain(folder.path(), short));
        // Entries are overwritten, and then all are deleted.
        put(long).await;
        let delete = move |tx: &mut WriteTx<'_>| {
            let keys: Vec<String> = (0..40).map(|n| format!("k{n}")).collect();
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            tx.plugin_kv().delete("p", &keys, 0).map(drop)
        };
        store.write(delete).await.unwrap();
        assert!(store.empty_log().await.unwrap());
        assert!(!files_contain(folder.path(), short) && !files_contain(folder.path(), long));
        // The store goes on.
        let entries = store.read(|r| r.plugin_kv().get_entries("p", &["k1"], 0)).unwrap();
        assert!(entries[0].is_none());
        put(short).await;
        let read: Result<(), StoreError> = store.read(|r| {
            assert!(r.plugin_kv().get_entries("p", &["k1"], 0)?[0].is_some());
            Ok(())
        });
        read.unwrap();
    }
}
