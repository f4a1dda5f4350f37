//! The statements of a change; a test can make any of them the last one.

use crate::connection::{Connection, Param, Params, Row};
use crate::dialect::Dialect;
use crate::{Result, StoreError};

/// The connection of a change, in its transaction.
#[derive(Clone, Copy)]
pub(super) struct ChangeTx<'a> {
    pub(super) conn: &'a Connection,
}

impl ChangeTx<'_> {
    pub(super) fn dialect(&self) -> &'static dyn Dialect {
        self.conn.dialect()
    }

    pub(super) fn is_sqlite(&self) -> bool {
        matches!(self.conn, Connection::Sqlite(_))
    }

    /// Waits for running writes to end, and blocks others until the end of the transaction.
    pub(super) fn wait_for_writers(&self) -> Result<()> {
        if self.is_sqlite() {
            return Ok(());
        }
        self.conn.execute_batch("waiting for pending writes", "LOCK TABLE cairn_schema IN ACCESS EXCLUSIVE MODE")
    }

    pub(super) fn execute(&self, doing: &'static str, sql: &str, params: impl Params) -> Result<usize> {
        failpoint::reach_statement(self.conn)?;
        self.conn.execute(doing, sql, params)
    }

    pub(super) fn execute_each(&self, doing: &'static str, sql: &str, rows: &[Vec<Param<'_>>]) -> Result<()> {
        failpoint::reach_statement(self.conn)?;
        self.conn.execute_each(doing, sql, rows)
    }

    pub(super) fn insert(&self, doing: &'static str, sql: &str, params: impl Params) -> Result<i64> {
        failpoint::reach_statement(self.conn)?;
        self.conn.insert(doing, sql, params, false)
    }

    /// Runs one statement without values.
    pub(super) fn run(&self, sql: &str) -> Result<()> {
        failpoint::reach_statement(self.conn)?;
        self.conn.execute_batch("changing the schema", sql)
    }

    pub(super) fn query_all<T>(
        &self,
        doing: &'static str,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        failpoint::reach_statement(self.conn)?;
        self.conn.query_all(doing, sql, params, read)
    }

    pub(super) fn query_first<T>(
        &self,
        doing: &'static str,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        failpoint::reach_statement(self.conn)?;
        self.conn.query_first(doing, sql, params, read)
    }

    pub(super) fn query(
        &self,
        doing: &'static str,
        sql: &str,
        params: impl Params,
        each: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        failpoint::reach_statement(self.conn)?;
        self.conn.query(doing, sql, params, each)
    }
}

/// Makes a change fail at a chosen statement. Exists in debug builds only, and for the thread that requested it.
pub mod failpoint {
    use super::{Connection, Result, StoreError};
    use std::cell::Cell;

    /// How the chosen statement fails.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum FailureMode {
        /// The statement returns an error.
        Error,
        /// The connection to PostgreSQL ends; on SQLite as [`FailureMode::Error`].
        Disconnect,
        /// The process ends as if it had been killed.
        Abort,
    }

    thread_local! {
        static REACHED: Cell<u64> = const { Cell::new(0) };
        static FAIL: Cell<Option<(u64, FailureMode)>> = const { Cell::new(None) };
    }

    /// Fails this thread's changes at their n-th statement from now on, counted from 0; `None`: never.
    pub fn set(fail: Option<(u64, FailureMode)>) {
        REACHED.set(0);
        FAIL.set(fail);
    }

    /// Number of statements that this thread's changes have begun since [`set`].
    pub fn reached_statements() -> u64 {
        REACHED.get()
    }

    pub(super) fn reach_statement(conn: &Connection) -> Result<()> {
        if !cfg!(debug_assertions) {
            return Ok(());
        }
        let n = REACHED.replace(REACHED.get() + 1);
        match FAIL.get() {
            Some((at, failure)) if at == n => match failure {
                FailureMode::Abort => std::process::abort(),
                FailureMode::Disconnect if matches!(conn, Connection::Postgres(_)) => {
                    conn.execute_batch("closing the connection", "SELECT pg_terminate_backend(pg_backend_pid())")
                }
                FailureMode::Disconnect | FailureMode::Error => {
                    Err(StoreError::Database { doing: "changing the schema", source: "made to fail by a test".into() })
                }
            },
            _ => Ok(()),
        }
    }
}
