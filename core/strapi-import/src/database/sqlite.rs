//! Strapi's database as a file of SQLite, which is neither changed nor locked for longer than it is read.

use super::connection::{Cell, MAX_VALUE_BYTES, RowReader, Selection, Tables, VisitRow};
use crate::error::ImportError;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::collections::HashSet;
use std::fmt::Write;
use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Beginning of every file of SQLite.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// Position of the version by which readers tell a write-ahead log, and its value then.
const READ_VERSION_AT: usize = 19;
const WAL_READ_VERSION: u8 = 2;
/// Longest wait for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(if cfg!(test) { 0 } else { 5 });

/// True if a file is of SQLite. Fails if it cannot be read.
pub(super) fn is_sqlite_file(path: &Path) -> std::io::Result<bool> {
    Ok(read_head(path)?.starts_with(MAGIC))
}

fn read_head(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(READ_VERSION_AT as u64 + 1).read_to_end(&mut head)?;
    Ok(head)
}

/// A file of SQLite in one read transaction.
pub(super) struct SqliteReader {
    connection: Connection,
    path: PathBuf,
    /// The file as it was, if nothing but this keeps it from being changed meanwhile.
    unlocked: Option<FileState>,
}

#[derive(Debug, PartialEq)]
struct FileState {
    bytes: u64,
    modified: Option<SystemTime>,
    has_log: bool,
}

impl FileState {
    fn read(path: &Path) -> std::io::Result<Self> {
        let metadata = path.metadata()?;
        Ok(Self { bytes: metadata.len(), modified: metadata.modified().ok(), has_log: has_file(path, "-wal") })
    }
}

fn has_file(path: &Path, suffix: &str) -> bool {
    path_with(path, suffix).metadata().is_ok_and(|metadata| metadata.len() > 0)
}

fn path_with(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

impl SqliteReader {
    /// Opens a file and begins a transaction. Fails if it is not a file of SQLite, or if reading it needs a change to it first.
    pub(super) fn open(path: &Path) -> Result<Self, ImportError> {
        let unreadable = |e: std::io::Error| ImportError::Database(format!("the database cannot be read: {e}"));
        let head = read_head(path).map_err(unreadable)?;
        if !head.starts_with(MAGIC) {
            let message = "this is not a SQLite database, or it is encrypted: name the file that Strapi's config/database names, which is .tmp/data.db in a new project";
            return Err(ImportError::Database(message.into()));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let has_log = has_file(path, "-wal");
        // SQLite would create these two files next to a database that is not ours to write to.
        let is_alone = head.get(READ_VERSION_AT) == Some(&WAL_READ_VERSION) && !has_log;
        if has_log && !has_file(path, "-shm") {
            return Err(unclosed());
        }
        let (opened, unlocked) = if is_alone {
            let state = FileState::read(path).map_err(unreadable)?;
            (Connection::open_with_flags(immutable_uri(path)?, flags | OpenFlags::SQLITE_OPEN_URI), Some(state))
        } else {
            (Connection::open_with_flags(path, flags), None)
        };
        let prepare = |connection: Connection| {
            connection.busy_timeout(BUSY_TIMEOUT)?;
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
            connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, i32::try_from(MAX_VALUE_BYTES).unwrap_or(i32::MAX))?;
            connection.execute_batch("BEGIN")?;
            Ok(connection)
        };
        let connection = opened.and_then(prepare).map_err(|e| describe(&e, None))?;
        Ok(Self { connection, path: path.to_owned(), unlocked })
    }

    fn column_names(&self, table: &str) -> rusqlite::Result<HashSet<String>> {
        let mut statement = self.connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
        statement.query_map([table], |row| row.get(0))?.collect()
    }
}

/// The address of a file that SQLite reads without locks, and without files beside it.
fn immutable_uri(path: &Path) -> Result<String, ImportError> {
    let path = path.to_str().ok_or_else(|| {
        ImportError::Database("the path of the database is not valid UTF-8: rename its folder or file".into())
    })?;
    let mut uri = String::from("file:");
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_') {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02x}");
        }
    }
    uri.push_str("?immutable=1");
    Ok(uri)
}

fn unclosed() -> ImportError {
    ImportError::Database(
        "the program that last wrote to the database did not close it, and reading it would change it: start and stop Strapi once. If this is a copy, copy the files that end in -wal and -shm, or -journal, too"
            .into(),
    )
}

/// An error of SQLite for the person at the terminal.
fn describe(error: &rusqlite::Error, table: Option<&str>) -> ImportError {
    let place = table.map_or_else(String::new, |table| format!("table {table}: "));
    ImportError::Database(match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => format!(
            "{place}the database is locked by another program, which did not finish within {} seconds: stop Strapi, or try again",
            BUSY_TIMEOUT.as_secs()
        ),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            format!("{place}the database is damaged or encrypted: restore it from a backup ({error})")
        }
        Some(ErrorCode::TooBig) => {
            format!(
                "{place}a value is larger than {MAX_VALUE_BYTES} bytes, more than Cairn stores: shorten it in Strapi"
            )
        }
        Some(ErrorCode::ReadOnly) => return unclosed(),
        _ => format!("{place}the database cannot be read: {error}"),
    })
}

impl RowReader for SqliteReader {
    fn read_tables(&mut self) -> Result<Tables, ImportError> {
        let read = || {
            let mut statement = self.connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
            let names: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            let tables = names.into_iter().map(|name| self.column_names(&name).map(|columns| (name, columns)));
            tables.collect::<rusqlite::Result<_>>()
        };
        Ok(Tables(read().map_err(|e| describe(&e, None))?))
    }

    fn read_rows(&mut self, selection: &Selection<'_>, visit: &mut VisitRow<'_>) -> Result<(), ImportError> {
        let failed = |e: rusqlite::Error| describe(&e, Some(selection.table));
        let mut statement = self.connection.prepare(&selection.to_sql(None)).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let mut cells = Vec::with_capacity(selection.columns.len());
            for (index, column) in selection.columns.iter().enumerate() {
                let value = row.get_ref(index).map_err(failed)?;
                cells.push(read_cell(value).ok_or_else(|| {
                    ImportError::Database(format!(
                        "table {}: a value of the column {column} is not text in UTF-8: correct it in Strapi's database",
                        selection.table
                    ))
                })?);
            }
            if visit(&cells)? == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), ImportError> {
        let Some(before) = &self.unlocked else { return Ok(()) };
        if FileState::read(&self.path).is_ok_and(|after| after == *before) {
            return Ok(());
        }
        Err(ImportError::Database(
            "the database was changed while it was read: stop Strapi, or try again while it runs".into(),
        ))
    }
}

fn read_cell(value: ValueRef<'_>) -> Option<Cell<'_>> {
    Some(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(value) => Cell::Int(value),
        ValueRef::Real(value) => Cell::Float(value),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Cell::Text(std::str::from_utf8(bytes).ok()?.into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::connection::RowFilter;

    fn names_in(folder: &Path) -> Vec<String> {
        let names = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    fn read_texts(reader: &mut SqliteReader) -> Result<Vec<String>, ImportError> {
        let mut texts = Vec::new();
        let selection = Selection {
            table: "notes",
            columns: vec!["id", "text"],
            rows: RowFilter::After(0),
            order: &["id"],
            limit: None,
        };
        reader.read_rows(&selection, &mut |row| {
            texts.push(row[1].as_text().unwrap_or_default().into_owned());
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(texts)
    }

    fn notes(path: &Path, journal: &str) -> Connection {
        let connection = Connection::open(path).unwrap();
        connection.pragma_update(None, "journal_mode", journal).unwrap();
        connection
            .execute_batch("CREATE TABLE notes (id INTEGER PRIMARY KEY, text); INSERT INTO notes (text) VALUES ('a')")
            .unwrap();
        connection
    }

    #[test]
    fn databases_that_are_written_meanwhile_are_read_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data.db");
        let writer = notes(&path, "wal");
        let mut reader = SqliteReader::open(&path).unwrap();
        assert!(reader.unlocked.is_none());
        assert_eq!(read_texts(&mut reader).unwrap(), ["a"]);
        writer.execute_batch("INSERT INTO notes (text) VALUES ('b')").unwrap();
        assert_eq!(read_texts(&mut reader).unwrap(), ["a"]);
        Box::new(reader).finish().unwrap();
    }

    #[test]
    fn nothing_is_written_beside_a_closed_database() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("da ta?%.db");
        drop(notes(&path, "wal"));
        let before = names_in(folder.path());
        let mut reader = SqliteReader::open(&path).unwrap();
        assert_eq!(read_texts(&mut reader).unwrap(), ["a"]);
        assert!(reader.read_tables().unwrap().has_column("notes", "text"));
        assert_eq!(names_in(folder.path()), before);
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch("INSERT INTO notes (text) VALUES ('b')").unwrap();
        let message = Box::new(reader).finish().unwrap_err().to_string();
        assert!(message.contains("changed while it was read"), "{message}");
    }

    #[test]
    fn bad_databases_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let open = |path: &Path| SqliteReader::open(path).err().unwrap().to_string();
        let path = folder.path().join("text.db");
        std::fs::write(&path, "no database").unwrap();
        assert!(open(&path).contains("not a SQLite database"));
        assert!(open(&folder.path().join("missing.db")).contains("cannot be read"));

        let path = folder.path().join("damaged.db");
        drop(notes(&path, "delete"));
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[100..300].fill(0xff);
        std::fs::write(&path, bytes).unwrap();
        let message = SqliteReader::open(&path).and_then(|mut reader| reader.read_tables()).unwrap_err().to_string();
        assert!(message.contains("damaged"), "{message}");

        let path = folder.path().join("bytes.db");
        notes(&path, "delete").execute_batch("INSERT INTO notes (text) VALUES (x'ff00')").unwrap();
        let message = read_texts(&mut SqliteReader::open(&path).unwrap()).unwrap_err().to_string();
        assert!(message.contains("table notes") && message.contains("column text"), "{message}");
    }
}
