//! One connection to PostgreSQL, used by one thread at a time: the caller waits for each response, as SQLite's callers do. It caches
//! prepared statements, and sends what opens a transaction together with the first statement in it.

mod savepoints;

use super::error::{failed, is_conflict};
use super::value::{EncodedParam, copy_line};
use crate::connection::{Param, Row};
use crate::{Result, StoreError};
use futures_util::future::{join, join_all};
use futures_util::{SinkExt, TryStreamExt};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::runtime::Runtime;
use tokio_postgres::{AsyncMessage, Client, Error, Notification, Statement};

/// Number of cached prepared statements; above it all are dropped and planned anew.
const PREPARED: usize = 512;

/// Number of rows sent at a time when a table is filled.
const COPIED: usize = 256;

/// Number of parts of a counter, so that transactions that add to it do not wait for each other.
const SLOTS: i64 = 64;

/// What polling the wire returns.
type Wire = Box<dyn FnMut(&mut Context<'_>) -> Poll<Option<Result<AsyncMessage, Error>>> + Send>;

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
    /// `None` only while the session is dropped.
    runtime: Option<Runtime>,
    client: Client,
    /// `None` once the connection has ended.
    wire: RefCell<Option<Wire>>,
    prepared: RefCell<HashMap<Box<str>, Statement>>,
    notifications: RefCell<Vec<Notification>>,
    schema: RefCell<String>,
    state: Cell<SessionState>,
    /// The statements that a transaction begins with.
    opening: RefCell<String>,
    conflict: Cell<bool>,
    /// Whether a statement of the transaction failed, and no savepoint has undone it: the server accepts no other, and would respond to a
    /// commit as if it had succeeded.
    aborted: Cell<bool>,
    /// The part of the counters that it adds to.
    pub(super) slot: i64,
    pub(super) used: Cell<Instant>,
}

impl Session {
    pub(super) fn new(runtime: Runtime, client: Client, wire: Wire) -> Self {
        Self {
            runtime: Some(runtime),
            client,
            wire: RefCell::new(Some(wire)),
            prepared: RefCell::default(),
            notifications: RefCell::default(),
            schema: RefCell::default(),
            state: Cell::new(SessionState::Idle),
            opening: RefCell::default(),
            conflict: Cell::new(false),
            aborted: Cell::new(false),
            slot: rand::random_range(0..SLOTS),
            used: Cell::new(Instant::now()),
        }
    }

    /// Drives the wire until `work` completes.
    fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let mut wire = self.wire.borrow_mut();
        self.runtime().block_on(poll_fn(|cx| {
            self.poll_wire(&mut wire, cx);
            work.as_mut().poll(cx)
        }))
    }

    fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().unwrap_or_else(|| unreachable!("a session without its runtime"))
    }

    fn poll_wire(&self, wire: &mut Option<Wire>, cx: &mut Context<'_>) {
        while let Some(poll) = wire {
            match poll(cx) {
                Poll::Ready(Some(Ok(AsyncMessage::Notification(n)))) => self.notifications.borrow_mut().push(n),
                Poll::Ready(Some(Ok(_))) => {}
                // Dropping it reports an error to the requests that wait for a response.
                Poll::Ready(Some(Err(_)) | None) => *wire = None,
                Poll::Pending => return,
            }
        }
    }

    /// Sends a statement without waiting for the response, on which nothing depends.
    fn send(&self, sql: &str) {
        let mut sent = pin!(self.client.batch_execute(sql));
        let mut wire = self.wire.borrow_mut();
        self.runtime().block_on(poll_fn(|cx| {
            let _ = sent.as_mut().poll(cx);
            self.poll_wire(&mut wire, cx);
            Poll::Ready(())
        }));
    }

    /// Whether the session is unusable.
    pub(super) fn is_broken(&self) -> bool {
        self.wire.borrow().is_none() || self.client.is_closed()
    }

    /// Whether the server has ended the connection: reads what has arrived, and sends nothing.
    pub(super) fn has_ended(&self) -> bool {
        // Yielding lets the runtime look at the socket, once and without waiting.
        self.wait(tokio::task::yield_now());
        self.is_broken()
    }

    /// Queries the server to see whether it still responds.
    pub(super) fn check(&self) -> bool {
        self.wait(self.client.check_connection()).is_ok()
    }

    /// Waits for notifications for at most `time`.
    pub(super) fn wait_for_notifications(&self, time: std::time::Duration) -> Result<Vec<Notification>> {
        if self.notifications.borrow().is_empty() {
            let woken = poll_fn(|_| match self.notifications.borrow().is_empty() && !self.client.is_closed() {
                true => Poll::Pending,
                false => Poll::Ready(()),
            });
            let _ = self.wait(async { tokio::time::timeout(time, woken).await });
        }
        if self.is_broken() {
            return Err(StoreError::Unavailable("the connection that listens for notices was closed".into()));
        }
        Ok(self.notifications.take())
    }

    /// Sets the search path to a schema.
    pub(super) fn enter(&self, schema: &str) -> Result<()> {
        if *self.schema.borrow() != schema {
            let quoted = crate::ident::Ident::quote(schema);
            self.simple("selecting the schema", &format!("SET search_path TO {quoted}"))?;
            self.prepared.borrow_mut().clear();
            schema.clone_into(&mut self.schema.borrow_mut());
        }
        Ok(())
    }

    /// Drops the prepared statements.
    pub(super) fn forget(&self) {
        self.prepared.borrow_mut().clear();
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
        self.aborted.set(false);
    }

    /// Runs the next statement outside of a transaction, if none has begun.
    pub(crate) fn skip_snapshot(&self) {
        if self.state.get() == SessionState::Beginning {
            self.state.set(SessionState::Alone);
        }
    }

    /// Whether a statement lost against another transaction: the whole transaction may be retried.
    pub(super) fn has_conflict(&self) -> bool {
        self.conflict.get()
    }

    /// Ends a transaction that only read.
    pub(super) fn end_read(&self) {
        if self.state.replace(SessionState::Idle) == SessionState::Open {
            self.send("COMMIT");
        }
    }

    /// Rolls the transaction back.
    pub(super) fn rollback(&self) {
        if self.state.replace(SessionState::Idle) == SessionState::Open {
            self.send("ROLLBACK");
        }
    }

    /// Runs the last statements of a transaction and commits, in one round trip.
    pub(super) fn commit(&self, last: &[(&'static str, Vec<Param<'_>>)]) -> Result<()> {
        self.usable("committing")?;
        if last.is_empty() && self.state.get() != SessionState::Open {
            self.state.set(SessionState::Idle);
            return Ok(());
        }
        let statements = last.iter().map(|(sql, _)| self.statement(sql)).collect::<Result<Vec<_>, _>>();
        let statements = statements.map_err(|e| self.fault("preparing a commit", &e))?;
        let begin = self.take_begin();
        self.state.set(SessionState::Idle);
        let done = self.wait(async {
            let runs = statements.iter().zip(last).map(|(s, (_, params))| {
                let params = params.iter().map(|p| EncodedParam(*p)).collect::<Vec<_>>();
                async move { self.client.execute_raw(s, params).await.map(drop) }
            });
            let opening = self.opening.borrow().clone();
            let begin = async { if begin { self.client.batch_execute(&opening).await } else { Ok(()) } };
            let runs = join_all(runs);
            let (begin, (runs, commit)) = join(begin, join(runs, self.client.batch_execute("COMMIT"))).await;
            begin?;
            runs.into_iter().collect::<Result<Vec<()>, Error>>()?;
            commit
        });
        done.map_err(|e| self.fault("committing", &e))
    }

    /// Whether this statement has to be preceded by `BEGIN`.
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
        if self.state.get() == SessionState::Open && e.as_db_error().is_some() {
            self.aborted.set(true);
        }
        failed(doing, e)
    }

    fn statement(&self, sql: &str) -> Result<Statement, Error> {
        if let Some(statement) = self.prepared.borrow().get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.wait(self.client.prepare(&numbered(sql)))?;
        let mut prepared = self.prepared.borrow_mut();
        if prepared.len() >= PREPARED {
            prepared.clear();
        }
        prepared.insert(sql.into(), statement.clone());
        Ok(statement)
    }

    /// Sends what opens the transaction if that is due, then `before`, together with `run`: one round trip.
    fn run_preceded<T>(
        &self,
        begin: bool,
        before: Option<&str>,
        run: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let prelude = match (begin, before) {
            (false, None) => return self.wait(run),
            (true, None) => self.opening.borrow().clone(),
            (false, Some(sql)) => sql.to_owned(),
            (true, Some(sql)) => format!("{}; {sql}", self.opening.borrow()),
        };
        let (begun, done) = self.wait(async { join(self.client.batch_execute(&prelude), run).await });
        begun?;
        done
    }

    /// Begins the transaction if that is due, then runs `before` (a statement without values), then the statement: one round trip.
    fn rows(&self, sql: &str, params: &[Param<'_>], before: Option<&str>) -> Result<Vec<tokio_postgres::Row>, Error> {
        let statement = self.statement(sql)?;
        let begin = self.take_begin();
        let query = async {
            let params = params.iter().map(|p| EncodedParam(*p)).collect::<Vec<_>>();
            self.client.query_raw(&statement, params).await?.try_collect().await
        };
        self.run_preceded(begin, before, query)
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
        let begin = self.take_begin();
        let run = async {
            let params = params.iter().map(|p| EncodedParam(*p)).collect::<Vec<_>>();
            self.client.execute_raw(&statement, params).await.map(|n| n as usize)
        };
        self.run_preceded(begin, before, run)
    }

    pub(crate) fn execute_each(&self, doing: &'static str, sql: &str, rows: &[Vec<Param<'_>>]) -> Result<()> {
        let Some((first, rest)) = rows.split_first() else { return Ok(()) };
        self.execute(doing, sql, first)?;
        if rest.is_empty() {
            return Ok(());
        }
        let statement = self.statement(sql).map_err(|e| self.fault(doing, &e))?;
        let runs = rest.iter().map(|row| {
            let params = row.iter().map(|p| EncodedParam(*p)).collect::<Vec<_>>();
            self.client.execute_raw(&statement, params)
        });
        let done = self.wait(join_all(runs));
        done.into_iter().try_for_each(|r| r.map(drop)).map_err(|e| self.fault(doing, &e))
    }

    /// Runs `COPY … FROM STDIN`, in PostgreSQL's text form.
    pub(crate) fn copy(&self, doing: &'static str, sql: &str, rows: &[Vec<Param<'_>>]) -> Result<()> {
        if self.take_begin() {
            self.simple(doing, "BEGIN")?;
        }
        let copied = self.wait(async {
            let sink = self.client.copy_in::<_, bytes::Bytes>(sql).await?;
            let mut sink = pin!(sink);
            for part in rows.chunks(COPIED) {
                let mut text = bytes::BytesMut::with_capacity(part.len() * 256);
                part.iter().for_each(|row| copy_line(row, &mut text));
                sink.send(text.freeze()).await?;
            }
            sink.finish().await
        });
        copied.map(drop).map_err(|e| self.fault(doing, &e))
    }

    /// Runs `INSERT … RETURNING id`.
    pub(crate) fn insert(&self, doing: &'static str, sql: &str, params: &[Param<'_>], unique: bool) -> Result<i64> {
        let before = unique.then_some("SAVEPOINT row");
        let rows = self.rows(&format!("{sql} RETURNING id"), params, before);
        let rows = rows.map_err(|e| self.undo_row(doing, &e, unique))?;
        rows.first()
            .and_then(|r| r.try_get(0).ok())
            .ok_or_else(|| StoreError::Corrupt { place: "an insert".into(), message: "it returned no id".into() })
    }

    pub(crate) fn execute_unique(&self, doing: &'static str, sql: &str, params: &[Param<'_>]) -> Result<usize> {
        self.changed(sql, params, Some("SAVEPOINT row")).map_err(|e| self.undo_row(doing, &e, true))
    }

    /// Rolls back to before a row that was refused as not unique, so that the transaction can continue.
    fn undo_row(&self, doing: &'static str, e: &Error, saved: bool) -> StoreError {
        let fault = self.fault(doing, e);
        if saved && matches!(fault, StoreError::Unique) {
            self.send("ROLLBACK TO SAVEPOINT row");
            self.aborted.set(false);
        }
        fault
    }

    /// Runs statements without values, and begins the transaction if that is due.
    pub(crate) fn execute_batch(&self, doing: &'static str, sql: &str) -> Result<()> {
        if self.take_begin() {
            let opening = self.opening.borrow().clone();
            self.simple(doing, &opening)?;
        }
        self.simple(doing, sql)
    }

    /// Runs statements without values, whatever the state.
    pub(super) fn simple(&self, doing: &'static str, sql: &str) -> Result<()> {
        self.wait(self.client.batch_execute(sql)).map_err(|e| self.fault(doing, &e))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // It may be dropped on a thread of another runtime, which must not wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_converted_outside_quotes() {
        assert_eq!(numbered("a = ?1 AND b IN (?12)"), "a = $1 AND b IN ($12)");
        assert_eq!(
            numbered("a = '?1' AND \"?2\" = ?3 AND c = 'it''s ?4'"),
            "a = '?1' AND \"?2\" = $3 AND c = 'it''s ?4'"
        );
    }
}
