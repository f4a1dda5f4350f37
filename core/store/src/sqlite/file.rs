//! The file of a SQLite database: the writer's connection to it, its log, its end.

use super::connection_setup::prepare_connection;
use super::deadline::stop_statements_at_deadline;
use crate::{Result, StoreError};
use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;

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
pub(super) fn open_writer(path: &Path) -> Result<Connection> {
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
    stop_statements_at_deadline(&conn);
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
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Deletes a database file with SQLite's files beside it.
pub(crate) fn erase_files(path: &Path) -> Result<()> {
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
