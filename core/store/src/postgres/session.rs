//! One connection to PostgreSQL, used by one thread at a time: the caller waits for each response, as SQLite's callers do, and drives the
//! connection's own small runtime meanwhile, so that no other thread has to be woken.
//!
//! The driver sends nothing before it has the response to what it sent last. What needs no response of its own is therefore sent without
//! waiting, or joined to the next statements without values.

mod multi_row;
mod savepoints;
#[cfg(test)]
mod tests;

use super::connector::{Connector, PREPARED};
use super::error::{ends_connection, failed, is_conflict, is_outdated, server_error};
use super::value::{EncodedParam, copy_line};
use crate::connection::{Param, Row};
use crate::{Result, StoreError};
use futures_util::FutureExt;
use sqlx::postgres::{PgArguments, PgConnection, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Arguments, AssertSqlSafe, Connection as _, Either, Error, Executor, Statement, TypeInfo};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Instant;
use tokio::runtime::Runtime;

/// Number of rows sent at a time when a table is filled.
const COPIED: usize = 256;

/// Number of parts of a counter, so that transactions that add to it do not wait for each other.
const SLOTS: i64 = 64;

/// The transaction state of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SessionState {
    /// Every statement is a transaction by itself.
    Idle,
    /// A transaction begins with the next statement.
    Beginning,
    /// The next statement is on its own; the transaction begins with the one after.
    Alone,
    /// A transaction is open.
    Open,
}

/// A connection with its prepared statements.
pub(crate) struct Session {
    connector: Arc<Connector>,
    connection: RefCell<PgConnection>,
    /// `None` only while the session is dropped.
    runtime: Option<Runtime>,
    /// By our SQL; the driver has the same by its own.
    prepared: RefCell<HashMap<Box<str>, PgStatement>>,
    schema: RefCell<String>,
    state: Cell<SessionState>,
    /// The statements that a transaction begins with.
    opening: RefCell<String>,
    /// Statements without values that go with the next ones.
    deferred: RefCell<String>,
    /// True if the response to something that was sent is still to be read.
    unanswered: Cell<bool>,
    /// True if the last statement failed: the driver then stops before the end of the response.
    failed: Cell<bool>,
    broken: Cell<bool>,
    conflict: Cell<bool>,
    /// True if the transaction was refused because another process has changed the schema.
    outdated: Cell<bool>,
    /// True if a statement of the transaction failed, and no savepoint has undone it: the server accepts no other, and would respond to a
    /// commit as if it had succeeded.
    aborted: Cell<bool>,
    /// The part of the counters that it adds to.
    pub(super) slot: i64,
    pub(super) used: Cell<Instant>,
    /// Number of times that it waited for the server.
    #[cfg(test)]
    waits: Cell<usize>,
}

impl Session {
    /// Connects. Blocks.
    pub(super) fn connect(connector: Arc<Connector>) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| StoreError::Unavailable(format!("cannot open a connection: {e}")))?;
        let connection = runtime.block_on(connector.connect())?;
        Ok(Self {
            connector,
            connection: RefCell::new(connection),
            runtime: Some(runtime),
            prepared: RefCell::default(),
            schema: RefCell::default(),
            state: Cell::new(SessionState::Idle),
            opening: RefCell::default(),
            deferred: RefCell::default(),
            unanswered: Cell::new(false),
            failed: Cell::new(false),
            broken: Cell::new(false),
            conflict: Cell::new(false),
            outdated: Cell::new(false),
            aborted: Cell::new(false),
            slot: rand::random_range(0..SLOTS),
            used: Cell::new(Instant::now()),
            #[cfg(test)]
            waits: Cell::default(),
        })
    }

    fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().unwrap_or_else(|| unreachable!("a session without its runtime"))
    }

    /// Drives the connection until `work` completes.
    fn wait<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let result = self.runtime().block_on(work);
        #[cfg(test)]
        self.waits.set(self.waits.get() + 1);
        self.unanswered.set(false);
        self.failed.set(result.is_err());
        self.note_end(&result);
        result
    }

    fn note_end<T>(&self, result: &Result<T, Error>) {
        if result.as_ref().is_err_and(ends_connection) {
            self.broken.set(true);
        }
    }

    /// Sends statements without values, and waits for the response.
    fn run_simple(&self, sql: String) -> Result<(), Error> {
        let mut connection = self.connection.borrow_mut();
        self.wait(sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection)).map(drop)
    }

    /// Sends a statement without waiting for the response, on which nothing depends.
    fn send(&self, sql: &'static str) {
        self.send_owned(sql.to_owned());
    }

    fn send_owned(&self, sql: String) {
        if self.unanswered.get() || !self.deferred.borrow().is_empty() {
            push_statement(&mut self.deferred.borrow_mut(), &sql);
            return;
        }
        // The driver would first read the rest of the response, and might send nothing.
        if self.failed.get() {
            let _ = self.run_simple(sql);
            return;
        }
        let mut connection = self.connection.borrow_mut();
        // The first poll writes to the socket; the driver reads the response before it sends anything else.
        let sending = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection);
        match self.runtime().block_on(async { sending.now_or_never() }) {
            None => self.unanswered.set(true),
            Some(result) => self.note_end(&result),
        }
    }

    /// Ends the transaction, without waiting if nothing else has to be sent before.
    fn end(&self, sql: &'static str) {
        if self.is_broken() {
            return;
        }
        if self.unanswered.get() || !self.deferred.borrow().is_empty() {
            let _ = self.simple("ending a transaction", sql);
        } else {
            self.send(sql);
        }
    }

    /// True if the session is unusable.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.get()
    }

    /// Queries the server to see whether it still responds.
    pub(super) fn check(&self) -> bool {
        let mut connection = self.connection.borrow_mut();
        self.wait(connection.ping()).is_ok()
    }

    /// Replaces a connection that ended before anything of the transaction was sent, most likely since it was last used.
    fn reconnect(&self) -> bool {
        let Ok(connection) = self.runtime().block_on(self.connector.connect()) else { return false };
        *self.connection.borrow_mut() = connection;
        self.unanswered.set(false);
        self.failed.set(false);
        self.broken.set(false);
        let schema = self.schema.take();
        schema.is_empty() || self.enter(&schema).is_ok()
    }

    /// Runs `work`, once more on a new connection if the connection has ended and `may_reconnect` is set.
    fn retry_connected<T>(&self, may_reconnect: bool, work: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
        match work() {
            Err(e) if may_reconnect && ends_connection(&e) && self.reconnect() => work(),
            done => done,
        }
    }

    /// Sets the search path to a schema.
    pub(super) fn enter(&self, schema: &str) -> Result<()> {
        if *self.schema.borrow() == schema {
            return Ok(());
        }
        let doing = "selecting the schema";
        let quoted = crate::ident::Ident::quote(schema);
        let may_reconnect = !self.schema.borrow().is_empty();
        let sql = format!("SET search_path TO {quoted}");
        self.retry_connected(may_reconnect, || self.run_simple(sql.clone())).map_err(|e| self.fault(doing, &e))?;
        self.prepared.borrow_mut().clear();
        schema.clone_into(&mut self.schema.borrow_mut());
        Ok(())
    }

    /// Drops the prepared statements.
    pub(super) fn forget(&self) {
        self.prepared.borrow_mut().clear();
        let mut connection = self.connection.borrow_mut();
        let _ = self.wait(connection.clear_cached_statements());
    }

    /// Begins a transaction with the next statement.
    pub(super) fn begin(&self) {
        self.begin_with("BEGIN");
    }

    /// Begins a transaction with the next statement, preceded by these statements.
    pub(super) fn begin_with(&self, sql: &str) {
        sql.clone_into(&mut self.opening.borrow_mut());
        self.state.set(SessionState::Beginning);
        self.conflict.set(false);
        self.outdated.set(false);
        self.aborted.set(false);
    }

    /// Runs the next statement outside of a transaction, if none has begun.
    pub(crate) fn skip_snapshot(&self) {
        if self.state.get() == SessionState::Beginning {
            self.state.set(SessionState::Alone);
        }
    }

    /// True if a statement lost against another transaction: the whole transaction may be retried.
    pub(super) fn has_conflict(&self) -> bool {
        self.conflict.get()
    }

    /// True if the transaction was refused because another process has changed the schema.
    pub(super) fn is_outdated(&self) -> bool {
        self.outdated.get()
    }

    /// Ends a transaction that only read.
    pub(super) fn end_read(&self) {
        if self.state.replace(SessionState::Idle) == SessionState::Open {
            self.end("COMMIT");
        }
    }

    /// Rolls the transaction back.
    pub(super) fn rollback(&self) {
        self.deferred.borrow_mut().clear();
        if self.state.replace(SessionState::Idle) == SessionState::Open {
            self.end("ROLLBACK");
        }
    }

    /// Runs the last statements of a transaction, joined into one, and commits.
    pub(super) fn commit(&self, final_inserts: &[(&'static str, Vec<Param<'_>>)]) -> Result<()> {
        let doing = "committing";
        self.usable(doing)?;
        if final_inserts.is_empty() && self.state.get() != SessionState::Open {
            self.state.set(SessionState::Idle);
            return Ok(());
        }
        for part in multi_row::joinable_parts(final_inserts) {
            let (sql, params) = multi_row::join_inserts(part);
            self.changed(&sql, &params, None).map_err(|e| self.fault(doing, &e))?;
        }
        self.state.set(SessionState::Idle);
        self.simple(doing, "COMMIT")
    }

    /// True if this statement has to be preceded by `BEGIN`.
    fn take_begin(&self) -> bool {
        match self.state.get() {
            SessionState::Beginning => {
                self.state.set(SessionState::Open);
                true
            }
            SessionState::Alone => {
                self.state.set(SessionState::Beginning);
                false
            }
            SessionState::Idle | SessionState::Open => false,
        }
    }

    fn fault(&self, doing: &'static str, e: &Error) -> StoreError {
        if is_conflict(e) {
            self.conflict.set(true);
        }
        if is_outdated(e) {
            self.outdated.set(true);
        }
        if self.state.get() == SessionState::Open && server_error(e).is_some() {
            self.aborted.set(true);
        }
        failed(doing, e)
    }

    fn statement(&self, sql: &str) -> Result<PgStatement, Error> {
        if let Some(statement) = self.prepared.borrow().get(sql) {
            return Ok(statement.clone());
        }
        // The text contains the schema, because the same statement means other tables in another schema.
        let text: Arc<str> = format!("{} /*{}*/", numbered(sql), self.schema.borrow()).into();
        let statement = self.retry_connected(self.state.get() != SessionState::Open, || {
            let mut connection = self.connection.borrow_mut();
            self.wait(connection.prepare(sqlx::SqlSafeStr::into_sql_str(AssertSqlSafe(text.clone()))))
        })?;
        let mut prepared = self.prepared.borrow_mut();
        if prepared.len() >= PREPARED {
            prepared.clear();
        }
        prepared.insert(sql.into(), statement.clone());
        Ok(statement)
    }

    /// Sends what was deferred, what opens the transaction if that is due, and `before`: statements without values, in one round trip.
    fn run_prelude(&self, before: Option<&str>) -> Result<(), Error> {
        let mut prelude = self.deferred.take();
        let begins = self.take_begin();
        if begins {
            push_statement(&mut prelude, &self.opening.borrow());
        }
        if let Some(before) = before {
            push_statement(&mut prelude, before);
        }
        if prelude.is_empty() {
            return Ok(());
        }
        self.retry_connected(begins, || self.run_simple(prelude.clone()))
    }

    /// Begins the transaction if that is due, then runs `before` (a statement without values), then the statement.
    fn rows(&self, sql: &str, params: &[Param<'_>], before: Option<&str>) -> Result<Vec<PgRow>, Error> {
        let statement = self.statement(sql)?;
        let alone = matches!(self.state.get(), SessionState::Idle | SessionState::Alone);
        self.run_prelude(before)?;
        self.retry_connected(alone, || {
            let arguments = arguments(&statement, params)?;
            let mut connection = self.connection.borrow_mut();
            self.wait(connection.fetch_all(statement.query_with(arguments)))
        })
    }

    pub(crate) fn query(
        &self,
        doing: &'static str,
        sql: &str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let rows = self.rows(sql, params, None).map_err(|e| self.fault(doing, &e))?;
        rows.iter().try_for_each(|row| each(&Row::Postgres(row)))
    }

    pub(crate) fn execute(&self, doing: &'static str, sql: &str, params: &[Param<'_>]) -> Result<usize> {
        self.changed(sql, params, None).map_err(|e| self.fault(doing, &e))
    }

    fn changed(&self, sql: &str, params: &[Param<'_>], before: Option<&str>) -> Result<usize, Error> {
        let statement = self.statement(sql)?;
        self.run_prelude(before)?;
        let arguments = arguments(&statement, params)?;
        let mut connection = self.connection.borrow_mut();
        let result = self.wait(connection.execute(statement.query_with(arguments)))?;
        Ok(result.rows_affected() as usize)
    }

    pub(crate) fn execute_each(&self, doing: &'static str, sql: &str, rows: &[Vec<Param<'_>>]) -> Result<()> {
        let Some(statement) = multi_row::MultiRow::parse(sql) else {
            return rows.iter().try_for_each(|row| self.execute(doing, sql, row).map(drop));
        };
        for part in statement.parts(rows) {
            match part {
                [row] => self.execute(doing, sql, row)?,
                rows => {
                    let single = statement.is_update().then(|| self.statement(sql)).transpose();
                    let single = single.map_err(|e| self.fault(doing, &e))?;
                    let types = single.as_ref().map_or(&[][..], parameter_types);
                    let types: Vec<&str> = types.iter().map(TypeInfo::name).collect();
                    let (sql, params) = statement.join(rows, &types);
                    self.execute(doing, &sql, &params)?
                }
            };
        }
        Ok(())
    }

    /// Runs `COPY … FROM STDIN`, in PostgreSQL's text form.
    pub(crate) fn copy(&self, doing: &'static str, sql: &str, rows: &[Vec<Param<'_>>]) -> Result<()> {
        self.run_prelude(None).map_err(|e| self.fault(doing, &e))?;
        let mut connection = self.connection.borrow_mut();
        let copied = self.wait(async {
            let mut copying = connection.copy_in_raw(sql).await?;
            for part in rows.chunks(COPIED) {
                let mut text = bytes::BytesMut::with_capacity(part.len() * 256);
                part.iter().for_each(|row| copy_line(row, &mut text));
                copying.send(text).await?;
            }
            copying.finish().await
        });
        copied.map(drop).map_err(|e| self.fault(doing, &e))
    }

    /// Runs `INSERT … RETURNING id`. A row that clashes with a unique index is not inserted, and the transaction can continue.
    pub(crate) fn insert(&self, doing: &'static str, sql: &str, params: &[Param<'_>], unique: bool) -> Result<i64> {
        let clash = if unique { " ON CONFLICT DO NOTHING" } else { "" };
        let rows = self.rows(&format!("{sql}{clash} RETURNING id"), params, None).map_err(|e| self.fault(doing, &e))?;
        match rows.first() {
            Some(row) => Row::Postgres(row).get(0),
            None if unique => Err(StoreError::Unique),
            None => Err(StoreError::Corrupt { place: "an insert".into(), message: "it returned no id".into() }),
        }
    }

    pub(crate) fn execute_unique(&self, doing: &'static str, sql: &str, params: &[Param<'_>]) -> Result<usize> {
        self.changed(sql, params, Some("SAVEPOINT row")).map_err(|e| self.undo_row(doing, &e))
    }

    /// Rolls back to before a row that was refused as not unique, so that the transaction can continue.
    fn undo_row(&self, doing: &'static str, e: &Error) -> StoreError {
        let fault = self.fault(doing, e);
        if matches!(fault, StoreError::Unique) {
            self.send("ROLLBACK TO SAVEPOINT row");
            self.aborted.set(false);
        }
        fault
    }

    /// Runs statements without values, and begins the transaction if that is due.
    pub(crate) fn execute_batch(&self, doing: &'static str, sql: &str) -> Result<()> {
        self.run_prelude(Some(sql)).map_err(|e| self.fault(doing, &e))
    }

    /// Runs statements without values, whatever the state.
    pub(super) fn simple(&self, doing: &'static str, sql: &str) -> Result<()> {
        let mut all = self.deferred.take();
        push_statement(&mut all, sql);
        self.run_simple(all).map_err(|e| self.fault(doing, &e))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The session may be dropped on a thread of another runtime, which must not wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn push_statement(statements: &mut String, sql: &str) {
    if !statements.is_empty() {
        statements.push_str("; ");
    }
    statements.push_str(sql);
}

/// The types of the values that a statement expects.
fn parameter_types(statement: &PgStatement) -> &[PgTypeInfo] {
    match statement.parameters() {
        Some(Either::Left(types)) => types,
        _ => &[],
    }
}

/// Encodes values for the types that a statement expects.
fn arguments(statement: &PgStatement, params: &[Param<'_>]) -> Result<PgArguments, Error> {
    let mut arguments = PgArguments::default();
    for (param, expected) in params.iter().zip(parameter_types(statement)) {
        arguments.add(EncodedParam { param: *param, expected }).map_err(Error::Encode)?;
    }
    Ok(arguments)
}

/// Replaces `?1` by `$1`, outside of quotes.
fn numbered(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut quote = None;
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            (None, '?') if chars.peek().is_some_and(char::is_ascii_digit) => {
                out.push('$');
                continue;
            }
            _ => {}
        }
        out.push(c);
    }
    out
}
