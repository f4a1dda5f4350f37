//! One connection to either database: statements with numbered placeholders (`?1`), values bound, rows read. All SQL of this crate goes
//! through here; differences in the text itself are in `dialect`.

mod value;

pub(crate) use value::{Param, Params, Row, ToParam, Value, ValueRef};

use crate::dialect::{self, Dialect};
use crate::postgres::Session;
use crate::sqlite::statements;
use crate::{Result, StoreError};

/// A connection to SQLite or PostgreSQL.
pub(crate) enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(Box<Session>),
}

impl Connection {
    /// The SQL dialect of its database.
    pub(crate) fn dialect(&self) -> &'static dyn Dialect {
        match self {
            Self::Sqlite(_) => &dialect::Sqlite,
            Self::Postgres(_) => &dialect::Postgres,
        }
    }

    /// Runs a statement that changes rows; returns their number.
    pub(crate) fn execute(&self, doing: &'static str, sql: &str, params: impl Params) -> Result<usize> {
        match self {
            Self::Sqlite(c) => statements::execute(c, doing, sql, &params.list()),
            Self::Postgres(s) => s.execute(doing, sql, &params.list()),
        }
    }

    /// Runs one statement for each of several lists of values.
    pub(crate) fn execute_each(&self, doing: &'static str, sql: &str, rows: &[Vec<Param<'_>>]) -> Result<()> {
        match self {
            Self::Sqlite(c) => rows.iter().try_for_each(|row| statements::execute(c, doing, sql, row).map(drop)),
            Self::Postgres(s) => s.execute_each(doing, sql, rows),
        }
    }

    /// Fills a table with rows; `columns` are quoted where they need it.
    pub(crate) fn fill_table(
        &self,
        doing: &'static str,
        table: &crate::ident::Ident,
        columns: &[&str],
        rows: &[Vec<Param<'_>>],
    ) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        match self {
            Self::Sqlite(c) => {
                let marks: Vec<String> = (1..=columns.len()).map(|i| format!("?{i}")).collect();
                let sql = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), marks.join(", "));
                rows.iter().try_for_each(|row| statements::execute(c, doing, &sql, row).map(drop))
            }
            Self::Postgres(s) => s.copy(doing, &format!("COPY {table} ({}) FROM STDIN", columns.join(", ")), rows),
        }
    }

    /// Runs an `INSERT` into a table with numbered rows; returns the row's id. With `unique`, a clash with a unique index is expected, and
    /// the transaction can continue after it.
    pub(crate) fn insert(&self, doing: &'static str, sql: &str, params: impl Params, unique: bool) -> Result<i64> {
        match self {
            Self::Sqlite(c) => statements::insert(c, doing, sql, &params.list()),
            Self::Postgres(s) => s.insert(doing, sql, &params.list(), unique),
        }
    }

    /// Does the same as [`Self::execute`] where a clash with a unique index is expected and the transaction continues after it.
    pub(crate) fn execute_unique(&self, doing: &'static str, sql: &str, params: impl Params) -> Result<usize> {
        match self {
            Self::Sqlite(c) => statements::execute(c, doing, sql, &params.list()),
            Self::Postgres(s) => s.execute_unique(doing, sql, &params.list()),
        }
    }

    /// Runs statements without values, separated by `;`.
    pub(crate) fn execute_batch(&self, doing: &'static str, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(c) => c.execute_batch(sql).map_err(StoreError::sqlite_error(doing)),
            Self::Postgres(s) => s.execute_batch(doing, sql),
        }
    }

    /// Begins a part of the transaction that can be rolled back alone. `name` is chosen by this crate and unique among open savepoints.
    pub(crate) fn savepoint(&self, name: &str) -> Result<()> {
        match self {
            Self::Sqlite(c) => {
                let doing = "beginning a savepoint";
                // SQLite rolls back all of a transaction whose write it had to stop. Without it, the savepoint would be one of its own, and
                // commit what nobody else may see.
                if c.is_autocommit() {
                    return Err(StoreError::Database { doing, source: "the transaction was rolled back".into() });
                }
                self.execute(doing, &format!("SAVEPOINT {name}"), ()).map(drop)
            }
            Self::Postgres(s) => s.savepoint(name),
        }
    }

    /// Releases the savepoint of that name: what was done since stays part of the transaction.
    pub(crate) fn release_savepoint(&self, name: &str) -> Result<()> {
        match self {
            Self::Sqlite(_) => self.execute("releasing a savepoint", &format!("RELEASE {name}"), ()).map(drop),
            Self::Postgres(s) => s.release_savepoint(name),
        }
    }

    /// Rolls back to the savepoint of that name, and removes it.
    pub(crate) fn rollback_savepoint(&self, name: &str) -> Result<()> {
        match self {
            Self::Sqlite(_) => {
                self.execute("rolling back a savepoint", &format!("ROLLBACK TO {name}"), ())?;
                self.release_savepoint(name)
            }
            Self::Postgres(s) => s.rollback_savepoint(name),
        }
    }

    /// Calls `each` with every row of a query, in order.
    pub(crate) fn query(
        &self,
        doing: &'static str,
        sql: &str,
        params: impl Params,
        mut each: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        match self {
            Self::Sqlite(c) => statements::query(c, doing, sql, &params.list(), &mut each),
            Self::Postgres(s) => s.query(doing, sql, &params.list(), &mut each),
        }
    }

    /// Notes that the next statement needs no snapshot shared with others: where the database can save a transaction, it does.
    pub(crate) fn skip_snapshot(&self) {
        if let Self::Postgres(s) = self {
            s.skip_snapshot();
        }
    }

    /// Returns all rows, in order.
    pub(crate) fn query_all<T>(
        &self,
        doing: &'static str,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut all = Vec::new();
        self.query(doing, sql, params, |row| {
            all.push(read(row)?);
            Ok(())
        })?;
        Ok(all)
    }

    /// Returns the first row, if there is one.
    pub(crate) fn query_first<T>(
        &self,
        doing: &'static str,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut read = Some(read);
        let mut first = None;
        self.query(doing, sql, params, |row| {
            if let Some(read) = read.take() {
                first = Some(read(row)?);
            }
            Ok(())
        })?;
        Ok(first)
    }

    /// True if there is any row.
    pub(crate) fn exists(&self, doing: &'static str, sql: &str, params: impl Params) -> Result<bool> {
        self.query_first(doing, sql, params, |_| Ok(())).map(|row| row.is_some())
    }
}
