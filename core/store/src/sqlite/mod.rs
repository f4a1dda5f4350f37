//! SQLite: connections and their settings, statements, the one writer, the readers.

mod decimal;
pub(crate) mod readers;
pub(crate) mod statistics;
pub(crate) mod writer;

use crate::connection::{self, Param, Row, Value};
use crate::database::{self, Inner, Store};
use crate::{ChangeCounters, Result, StoreError, migrations, schema};
use cairn_model::Registry;
use rusqlite::types::{ToSqlOutput, Value as SqlValue, ValueRef};
use rusqlite::{Connection, Statement};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

/// Statements kept prepared per connection.
const PREPARED: usize = 256;

/// A database file with its one writer.
pub(crate) struct Backend {
    pub(crate) path: PathBuf,
    pub(crate) readers: readers::Readers,
    pub(crate) instances: writer::Instances,
    pub(crate) writer: writer::Writer,
}

/// Opens a file and starts its writer.
pub(crate) fn open(path: PathBuf, registry: Arc<Registry>) -> Result<Store> {
    let conn = connection::Connection::Sqlite(open_writer(&path)?);
    conn.batch("opening the schema", "BEGIN IMMEDIATE")?;
    let opened = migrations::run(&conn, migrations::SQLITE).and_then(|()| {
        let schema = schema::ensure(&conn, &registry)?;
        statistics::ensure(&conn, &registry, &schema.references)?;
        Ok(schema)
    });
    let schema = match opened {
        Ok(schema) => schema,
        Err(e) => {
            conn.batch("leaving the schema as it was", "ROLLBACK")?;
            return Err(e);
        }
    };
    conn.batch("changing the schema", "COMMIT")?;
    let counters = ChangeCounters::new(registry.types().len());
    schema::load_counts(&conn, &registry, &counters)?;
    let instances = writer::Instances::load(&conn)?;
    let (writer, jobs) = writer::Writer::new();
    let backend = Backend { path, readers: readers::Readers::default(), instances, writer };
    let backend = database::Backend::Sqlite(backend);
    let inner = Arc::new(Inner { registry, schema, counters, backend, long_reads: Default::default() });
    writer::spawn(jobs, conn, Arc::downgrade(&inner))
        .map_err(|e| StoreError::Unwritable(format!("the writer's thread does not start: {e}")))?;
    Ok(Store { inner })
}

/// Deletes a database file with what SQLite keeps beside it.
pub(crate) fn erase(path: &std::path::Path) -> Result<()> {
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

/// What every connection needs: functions, collations, the cache of statements.
fn prepare(conn: &Connection) -> Result<()> {
    // Plans hang on the schema alone: without this SQLite prepares a statement anew when a bound value might change its plan.
    conn.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(StoreError::at("configuring the database"))?;
    conn.set_prepared_statement_cache_capacity(PREPARED);
    rusqlite::vtab::array::load_module(conn).map_err(StoreError::at("loading the array module"))?;
    conn.create_collation("decimal", decimal::compare).map_err(StoreError::at("making the decimal collation"))
}

/// Refuses a file that is not ours before anything is written to it.
fn check(conn: &Connection) -> Result<()> {
    let tables = conn
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
        .and_then(|mut s| s.query_map([], |r| r.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>());
    let tables = match tables {
        Ok(tables) => tables,
        Err(rusqlite::Error::SqliteFailure(e, _)) if e.code == rusqlite::ErrorCode::NotADatabase => {
            return Err(StoreError::Schema(
                "the file is no SQLite database (or it is encrypted or damaged): name another one in the database URL, or restore a backup. Nothing was touched".into(),
            ));
        }
        Err(e) => return Err(StoreError::at("opening the database")(e)),
    };
    if !tables.is_empty() && !tables.iter().any(|t| t == "cairn_migrations") {
        return Err(StoreError::Schema(format!(
            "the file holds tables that are not Cairn's ({}): name an empty or a new file in the database URL. Nothing was touched",
            tables[..tables.len().min(3)].join(", ")
        )));
    }
    Ok(())
}

/// Opens the writer's connection: WAL, every commit synced, statements wait for another process's commit.
fn open_writer(path: &std::path::Path) -> Result<Connection> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| StoreError::Unwritable(format!("{}: {e}", folder.display())))?;
    }
    let conn = Connection::open(path).map_err(StoreError::at("opening the database"))?;
    check(&conn)?;
    prepare(&conn)?;
    conn.execute_batch(
        "PRAGMA page_size = 8192;
         PRAGMA busy_timeout = 10000;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = OFF;
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA wal_autocheckpoint = 1000;
         PRAGMA cache_size = -8192;",
    )
    .map_err(StoreError::at("configuring the database"))?;
    Ok(conn)
}

/// Runs a statement that changes rows; answers how many.
pub(crate) fn execute(conn: &Connection, doing: &'static str, sql: &str, params: &[Param<'_>]) -> Result<usize> {
    let mut statement = conn.prepare_cached(sql).map_err(StoreError::at(doing))?;
    bind(&mut statement, doing, params)?;
    statement.raw_execute().map_err(StoreError::at(doing))
}

/// Inserts a row; answers its number.
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
    let mut statement = conn.prepare_cached(sql).map_err(StoreError::at(doing))?;
    bind(&mut statement, doing, params)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(StoreError::at(doing))? {
        each(&Row::Sqlite(row))?;
    }
    Ok(())
}

fn bind(statement: &mut Statement<'_>, doing: &'static str, params: &[Param<'_>]) -> Result<()> {
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
                    })
                    .collect(),
            ),
        };
        statement.raw_bind_parameter(i, value).map_err(StoreError::at(doing))?;
    }
    Ok(())
}
