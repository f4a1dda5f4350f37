//! Strapi's database in PostgreSQL. Values are read as the text that the server prints, whatever their types.

use super::connection::{Cell, RowReader, Selection, Tables, VisitRow};
use crate::error::ImportError;
use futures_util::TryStreamExt;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, ValueRef};
use std::collections::HashMap;
use std::fmt;
use std::ops::ControlFlow;
use std::str::FromStr;
use std::time::Duration;
use tokio::runtime::Runtime;

/// The schema in which Strapi has its tables unless its configuration names another.
const DEFAULT_SCHEMA: &str = "public";
/// Longest wait until a connection is open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Statements that a reading begins with: one state of the database for all that is read, and texts that do not depend on its settings.
const BEGINNING: &str = "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET lock_timeout = 10000; SET statement_timeout = 0; \
    BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// Expected form of a URL, for messages.
const EXPECTED: &str = "expected postgres://user:password@host:port/database?schema=name";

/// The location of a PostgreSQL database of Strapi.
#[derive(Clone)]
pub struct PostgresLocation {
    options: Box<PgConnectOptions>,
    schema: String,
}

impl PostgresLocation {
    /// Parses a URL. Returns an error without user and password.
    pub(super) fn parse(url: &str) -> Result<Self, ImportError> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let is_schema = |pair: &&str| pair.starts_with("schema=");
        let schema = query.split('&').find(is_schema).and_then(|pair| pair.strip_prefix("schema="));
        let schema = schema.unwrap_or(DEFAULT_SCHEMA);
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if schema.is_empty() || !schema.bytes().all(is_plain) {
            return Err(ImportError::Database(format!("{EXPECTED}; a schema has letters, digits, - and _")));
        }
        let rest: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !is_schema(pair)).collect();
        let plain = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
        // The driver's own message may contain a part of the URL, and so a password.
        let options = PgConnectOptions::from_str(&plain).map_err(|e| {
            let cause = std::error::Error::source(&e).map_or_else(String::new, |cause| format!(" ({cause})"));
            ImportError::Database(format!("{EXPECTED}{cause}"))
        })?;
        let options = options.application_name("cairn import").extra_float_digits(None).disable_statement_logging();
        Ok(Self { options: Box::new(options), schema: schema.to_owned() })
    }
}

impl fmt::Display for PostgresLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, port) = (self.options.get_host(), self.options.get_port());
        write!(f, "PostgreSQL {host}:{port}/{} schema {}", self.options.get_database().unwrap_or_default(), self.schema)
    }
}

/// Without user and password.
impl fmt::Debug for PostgresLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A connection in one read transaction, with the runtime that drives it.
pub(super) struct PostgresReader {
    connection: PgConnection,
    schema: String,
    runtime: Runtime,
}

impl PostgresReader {
    /// Connects and begins a transaction. Blocks.
    pub(super) fn open(location: &PostgresLocation) -> Result<Self, ImportError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| ImportError::Database(format!("the database cannot be opened: {e}")))?;
        let opened = runtime.block_on(async {
            let connecting = tokio::time::timeout(CONNECT_TIMEOUT, location.options.connect());
            let timed_out = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
            let mut connection = connecting.await.map_err(timed_out)??;
            sqlx::raw_sql(BEGINNING).execute(&mut connection).await?;
            Ok::<_, sqlx::Error>(connection)
        });
        let connection = opened.map_err(|e| {
            ImportError::Database(format!(
                "the database cannot be opened: {}. Check that it runs, and host, port, user, password and sslmode",
                describe(&e)
            ))
        })?;
        Ok(Self { connection, schema: location.schema.clone(), runtime })
    }

    fn visit(&mut self, sql: String, table: &str, visit: &mut VisitRow<'_>) -> Result<(), ImportError> {
        let failed = |e: &sqlx::Error| ImportError::Database(format!("table {table}: {}", describe(e)));
        let Self { connection, runtime, .. } = self;
        runtime.block_on(async {
            let mut rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch(&mut *connection);
            while let Some(row) = rows.try_next().await.map_err(|e| failed(&e))? {
                let cells = read_cells(&row).map_err(|e| failed(&e))?;
                if visit(&cells)? == ControlFlow::Break(()) {
                    break;
                }
            }
            Ok(())
        })
    }
}

fn read_cells(row: &PgRow) -> Result<Vec<Cell<'_>>, sqlx::Error> {
    let cell = |index| {
        let value = row.try_get_raw(index)?;
        if value.is_null() {
            return Ok(Cell::Null);
        }
        Ok(Cell::Text(value.as_str().map_err(sqlx::Error::Decode)?.into()))
    };
    (0..row.len()).map(cell).collect()
}

/// An error of the server or of the connection, without the statement.
fn describe(error: &sqlx::Error) -> String {
    match error.as_database_error() {
        Some(server) => server.message().to_owned(),
        None => std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string),
    }
}

impl RowReader for PostgresReader {
    fn read_tables(&mut self) -> Result<Tables, ImportError> {
        // The schema has none of the characters that end a text.
        let sql = format!(
            "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = '{}'",
            self.schema
        );
        let mut tables = Tables(HashMap::new());
        self.visit(sql, "information_schema.columns", &mut |row| {
            if let [table, column] = row
                && let (Some(table), Some(column)) = (table.as_text(), column.as_text())
            {
                tables.0.entry(table.into_owned()).or_default().insert(column.into_owned());
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(tables)
    }

    fn read_rows(&mut self, selection: &Selection<'_>, visit: &mut VisitRow<'_>) -> Result<(), ImportError> {
        self.visit(selection.to_sql(Some(&self.schema)), selection.table, visit)
    }

    fn finish(self: Box<Self>) -> Result<(), ImportError> {
        // Reading is complete: a connection that fails to close loses nothing.
        let _ = self.runtime.block_on(self.connection.close());
        Ok(())
    }
}

#[cfg(test)]
impl PostgresLocation {
    /// Runs statements of a test.
    pub(super) fn run_script(&self, sql: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut connection = self.options.connect().await.unwrap();
            sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_parsed_and_shown_without_their_password() {
        let location = PostgresLocation::parse("postgres://u:geheim@h:5433/db?schema=s_1&sslmode=disable").unwrap();
        assert_eq!(format!("{location:?}"), "PostgreSQL h:5433/db schema s_1");
        for url in
            ["postgres://u:geheim@h:x/db", "postgres://u:geheim@h/db?schema=a'b", "postgres://u:geheim@h/db?schema="]
        {
            let message = PostgresLocation::parse(url).unwrap_err().to_string();
            assert!(message.contains("expected") && !message.contains("geheim"), "{message}");
        }
        let nobody = PostgresLocation::parse("postgres://u:geheim@127.0.0.1:1/db").unwrap();
        let message = PostgresReader::open(&nobody).err().unwrap().to_string();
        assert!(message.contains("cannot be opened") && !message.contains("geheim"), "{message}");
    }
}
