//! SQLite: connections and their settings, statements, the one writer, the readers.

pub(crate) mod deadline;
mod decimal;
mod exact_sum;
mod fold_case;
mod median;
mod periods;
mod queue;
pub(crate) mod readers;
pub(crate) mod statistics;
pub(crate) mod writer;

use crate::connection::{self, Param, Row, Value};
use crate::database::{self, Inner, Store};
use crate::{ChangeCounters, Result, StoreError, change, migrations, schema};
use cairn_model::Registry;
use rusqlite::types::{ToSqlOutput, Value as SqlValue, ValueRef};
use rusqlite::{Connection, Statement};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Number of prepared statements cached per connection.
const STATEMENT_CACHE_CAPACITY: usize = 256;

/// A database file with its one writer.
pub(crate) struct Backend {
    pub(crate) path: PathBuf,
    pub(crate) readers: readers::ReaderPool,
    pub(crate) instances: writer::InstanceNumbers,
    pub(crate) writer: writer::WriterHandle,
}

/// Opens a file and starts its writer.
pub(crate) fn open(path: PathBuf, registry: Arc<Registry>) -> Result<Store> {
    let conn = connection::Connection::Sqlite(open_writer(&path)?);
    let schema = schema::WriteSchema::from_registry(&registry);
    let opened = run_transaction(&conn, true, |conn| {
        migrations::run_migrations(conn, migrations::SQLITE)?;
        let opened = change::ensure_schema(conn, &registry)?;
        statistics::ensure_statistics(conn, &registry, &schema.references)?;
        Ok(opened)
    })?;
    let counters = ChangeCounters::new(registry.types().len());
    schema::load_counts(&conn, &registry, &counters)?;
    let instances = writer::InstanceNumbers::load(&conn)?;
    let (writer, jobs) = writer::WriterHandle::new();
    let backend = Backend { path, readers: readers::ReaderPool::default(), instances, writer };
    let backend = database::Backend::Sqlite(backend);
    let inner = Arc::new(Inner::new(registry, schema, counters, backend, opened));
    writer::spawn_writer(jobs, conn, Arc::downgrade(&inner))
        .map_err(|e| StoreError::Unwritable(format!("cannot start the writer thread: {e}")))?;
    Ok(Store { inner })
}

/// Runs `work` in a transaction; commits if `keep` is set and it succeeds.
fn run_transaction<T>(
    conn: &connection::Connection,
    keep: bool,
    work: impl FnOnce(&connection::Connection) -> Result<T>,
) -> Result<T> {
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
    path: &std::path::Path,
    keep: bool,
    registry: &Registry,
    work: impl FnOnce(&connection::Connection) -> Result<T>,
) -> Result<T> {
    let conn = connection::Connection::Sqlite(open_writer(path)?);
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

/// Deletes a database file with SQLite's files beside it.
pub(crate) fn erase_files(path: &std::path::Path) -> Result<()> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut file = path.to_owned().into_os_string();
        file.push(suffix);
        match std::fs::remove_file(&file) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(StoreError::Unwritable(e.to_string())),
            _ => {}
        }
    }
    Ok(())
}

/// Sets up what every connection needs: functions, collations, the cache of statements.
fn prepare_connection(conn: &Connection) -> Result<()> {
    // Plans hang on the schema alone: without this SQLite prepares a statement anew when a bound value might change its plan.
    conn.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(StoreError::sqlite_error("configuring the database"))?;
    conn.set_prepared_statement_cache_capacity(STATEMENT_CACHE_CAPACITY);
    rusqlite::vtab::array::load_module(conn).map_err(StoreError::sqlite_error("loading the array module"))?;
    exact_sum::register_exact_sum(conn).map_err(StoreError::sqlite_error("registering exact sums"))?;
    median::register_medians(conn).map_err(StoreError::sqlite_error("registering medians"))?;
    fold_case::register_fold_case(conn).map_err(StoreError::sqlite_error("registering case folding"))?;
    periods::register_period_start(conn).map_err(StoreError::sqlite_error("registering calendar periods"))?;
    conn.create_collation("decimal", decimal::compare_decimals)
        .map_err(StoreError::sqlite_error("registering the decimal collation"))
}

/// Refuses a file that is not Cairn's before anything is written to it.
fn check_file(conn: &Connection) -> Result<()> {
    let tables = conn
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
        .and_then(|mut s| s.query_map([], |r| r.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>());
    let tables = match tables {
        Ok(tables) => tables,
        Err(rusqlite::Error::SqliteFailure(e, _)) if e.code == rusqlite::ErrorCode::NotADatabase => {
            return Err(StoreError::Schema(
                "the file is not a SQLite database, or is encrypted or damaged; name another file in the database \
                 URL, or restore a backup. Nothing was changed"
                    .into(),
            ));
        }
        Err(e) => return Err(StoreError::sqlite_error("opening the database")(e)),
    };
    if !tables.is_empty() && !tables.iter().any(|t| t == "cairn_migrations") {
        return Err(StoreError::Schema(format!(
            "the file contains tables that are not Cairn's ({}); name an empty or a new file in the database URL. \
             Nothing was changed",
            tables[..tables.len().min(3)].join(", ")
        )));
    }
    Ok(())
}

/// Longest time that emptying the log waits for those who read.
const EMPTY_LOG_TIMEOUT: Duration = Duration::from_secs(2);

/// Writes the whole write-ahead log into the file and empties it. Returns false where somebody reads for too long, and the log stays.
pub(crate) fn empty_log(path: &Path) -> Result<bool> {
    let told = || StoreError::sqlite_error("emptying the write-ahead log");
    // A connection of its own lets others write while the checkpoint waits for readers.
    let conn = Connection::open(path).map_err(told())?;
    conn.busy_timeout(EMPTY_LOG_TIMEOUT).map_err(told())?;
    let is_blocked: bool = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get(0)).map_err(told())?;
    Ok(!is_blocked)
}

/// Opens the writer's connection: WAL, every commit synced, statements wait for another process's commit. What is deleted is overwritten in
/// the file, so that nothing of an erased person stays in its unused pages.
fn open_writer(path: &std::path::Path) -> Result<Connection> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| StoreError::Unwritable(format!("{}: {e}", folder.display())))?;
    }
    let conn = Connection::open(path).map_err(StoreError::sqlite_error("opening the database"))?;
    check_file(&conn)?;
    prepare_connection(&conn)?;
    conn.execute_batch("PRAGMA page_size = 8192; PRAGMA busy_timeout = 10000;")
        .map_err(StoreError::sqlite_error("configuring the database"))?;
    enable_wal(&conn)?;
    conn.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = OFF;
         PRAGMA trusted_schema = OFF;
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA wal_autocheckpoint = 1000;
         PRAGMA cache_size = -4096;",
    )
    .map_err(StoreError::sqlite_error("configuring the database"))?;
    deadline::stop_statements_at_deadline(&conn);
    Ok(conn)
}

/// Turns on the write-ahead log. If several processes create the file at the same time SQLite does not wait for its turn
/// here, whatever the timeout.
fn enable_wal(conn: &Connection) -> Result<()> {
    let mut tries = 0;
    loop {
        match conn.query_row("PRAGMA journal_mode = WAL", (), |_| Ok(())) {
            Err(e) if e.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) && tries < 500 => tries += 1,
            done => return done.map_err(StoreError::sqlite_error("configuring the database")),
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// Runs a statement that changes rows; returns their number.
pub(crate) fn execute(conn: &Connection, doing: &'static str, sql: &str, params: &[Param<'_>]) -> Result<usize> {
    let mut statement = conn.prepare_cached(sql).map_err(StoreError::sqlite_error(doing))?;
    bind_params(&mut statement, doing, params)?;
    statement.raw_execute().map_err(StoreError::sqlite_error(doing))
}

/// Inserts a row; returns its id.
pub(crate) fn insert(conn: &Connection, doing: &'static str, sql: &str, params: &[Param<'_>]) -> Result<i64> {
    execute(conn, doing, sql, params)?;
    Ok(conn.last_insert_rowid())
}

/// Calls `each` with every row.
pub(crate) fn query(
    conn: &Connection,
    doing: &'static str,
    sql: &str,
    params: &[Param<'_>],
    each: &mut dyn FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let mut statement = conn.prepare_cached(sql).map_err(StoreError::sqlite_error(doing))?;
    bind_params(&mut statement, doing, params)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(StoreError::sqlite_error(doing))? {
        each(&Row::Sqlite(row))?;
    }
    Ok(())
}

fn bind_params(statement: &mut Statement<'_>, doing: &'static str, params: &[Param<'_>]) -> Result<()> {
    for (i, param) in params.iter().enumerate() {
        let i = i + 1;
        let borrowed = |v| ToSqlOutput::Borrowed(v);
        let list = |values: Vec<SqlValue>| ToSqlOutput::Array(Rc::new(values));
        let value = match param {
            Param::Null => borrowed(ValueRef::Null),
            Param::Bool(b) => borrowed(ValueRef::Integer(i64::from(*b))),
            Param::Integer(n) => borrowed(ValueRef::Integer(*n)),
            Param::Real(f) => borrowed(ValueRef::Real(*f)),
            Param::Text(t) => borrowed(ValueRef::Text(t.as_bytes())),
            Param::Blob(b) => borrowed(ValueRef::Blob(b)),
            Param::Integers(all) => list(all.iter().map(|&n| SqlValue::Integer(n)).collect()),
            Param::Texts(all) => list(all.iter().map(|&t| SqlValue::Text(t.to_owned())).collect()),
            Param::List(all) => list(
                all.iter()
                    .map(|v| match v {
                        Value::Null => SqlValue::Null,
                        Value::Bool(b) => SqlValue::Integer(i64::from(*b)),
                        Value::Integer(n) => SqlValue::Integer(*n),
                        Value::Real(f) => SqlValue::Real(*f),
                        Value::Text(t) => SqlValue::Text(t.clone()),
                        Value::Bytes(b) => SqlValue::Blob(b.clone()),
                    })
                    .collect(),
            ),
        };
        statement.raw_bind_parameter(i, value).map_err(StoreError::sqlite_error(doing))?;
    }
    Ok(())
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
