//! The transaction that a guest's calls of the host join automatically, and the ones that a guest opens.
//!
//! Hooks and event handlers run inside a transaction, on its thread: host functions find it by [`in_current_transaction`]. Routes and jobs have none until
//! they open one, as a [`InteractiveTransaction`]: the transaction waits on its own thread for what the guest does next.

use cairn_content::ContentError;
use cairn_store::{Store, StoreError, WriteTx, cause_depth, with_cause_depth};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A transaction of any lifetime.
trait Transaction {
    fn run(&mut self, op: &mut dyn FnMut(&mut WriteTx<'_>));
}

impl Transaction for WriteTx<'_> {
    fn run(&mut self, op: &mut dyn FnMut(&mut WriteTx<'_>)) {
        op(self);
    }
}

environmental::environmental!(current: trait Transaction);

/// Runs `f` with a transaction that [`in_current_transaction`] finds on this thread.
pub(crate) fn enter_transaction<R>(tx: &mut WriteTx<'_>, f: impl FnOnce() -> R) -> R {
    current::using(tx, f)
}

/// Runs `op` in the transaction of this thread; `None`: there is none.
pub(crate) fn in_current_transaction<R>(op: impl FnOnce(&mut WriteTx<'_>) -> R) -> Option<R> {
    let (mut op, mut result) = (Some(op), None);
    current::with(|tx| {
        tx.run(&mut |tx| {
            if let Some(op) = op.take() {
                result = Some(op(tx));
            }
        });
    });
    result
}

type TransactionStep = Box<dyn FnOnce(&mut WriteTx<'_>) + Send>;

enum TransactionCommand {
    Run(TransactionStep),
    Commit,
}

/// Why a step of a conversation was not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransactionStepError {
    /// It was open for too long, and was rolled back.
    TimedOut,
    /// It ended: the database failed, or there was a conflict with another transaction.
    Ended,
}

/// A transaction that waits for its next step. Dropped without [`InteractiveTransaction::commit`] it is rolled back.
pub(crate) struct InteractiveTransaction {
    commands: Sender<TransactionCommand>,
    ended: JoinHandle<Result<(), ContentError>>,
    /// Deadline, counted from the beginning, so that waiting until then does not count; moved on by the time it waits for others.
    deadline: Arc<Mutex<Instant>>,
    /// True if it was rolled back because its time was over.
    expired: Arc<AtomicBool>,
}

/// Why a transaction was not committed.
pub(crate) enum CommitError {
    /// It was open for too long, and was rolled back before.
    TimedOut,
    /// The commit failed.
    Failed(ContentError),
}

/// How long a conversation may last. On SQLite nobody else can write meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TransactionTimeouts {
    /// Age from which it is rolled back as soon as others wait for it.
    pub(crate) contended_after: Duration,
    /// Time without a step after which that happens too: the guest computes, or waits for something else.
    pub(crate) silent: Duration,
    /// Age at which it is rolled back, whether others wait or not.
    pub(crate) maximum: Duration,
}

impl TransactionTimeouts {
    /// The pause between steps may be a fifth of the time that others may be made to wait.
    pub(crate) fn new(others: Duration, longest: Duration) -> Self {
        Self { contended_after: others, silent: others / 5, maximum: longest }
    }
}

/// How often it is checked whether others wait, once that counts.
const CONTENTION_CHECK_INTERVAL: Duration = Duration::from_millis(2);

impl InteractiveTransaction {
    /// Opens one for `owner`: between two of an owner all other waiting transactions come first.
    pub(crate) async fn open(store: &Store, owner: &str, span: TransactionTimeouts) -> Result<Self, ContentError> {
        let limit = span.maximum;
        let (to, from) = channel();
        let (start_sender, start_receiver) = oneshot::channel();
        let until = Arc::new(Mutex::new(Instant::now() + limit));
        let deadline = until.clone();
        let expired = Arc::new(AtomicBool::new(false));
        let over = expired.clone();
        let parts = Arc::new(Mutex::new(Some((from, start_sender))));
        let (store, owner, depth) = (store.clone(), owner.to_owned(), cause_depth());
        let handle = tokio::spawn(with_cause_depth(depth, async move {
            // Run again because it lost against another transaction: what was said cannot be said again.
            let talk = move |tx: &mut WriteTx<'_>| match parts.lock().take() {
                Some((from, start_sender)) => {
                    *deadline.lock() = Instant::now() + limit;
                    // The receiver is gone if the call that opened the transaction was dropped.
                    let _ = start_sender.send(());
                    run_commands(tx, &from, &deadline, span, &over)
                }
                None => Err(StoreError::Conflict.into()),
            };
            store.write_long(&owner, true, talk).await
        }));
        let conversation = Self { commands: to, ended: handle, deadline: until, expired };
        match start_receiver.await {
            Ok(()) => Ok(conversation),
            Err(_) => Err(conversation.wait_for_end().await.err().unwrap_or(StoreError::Closed.into())),
        }
    }

    /// Runs a step in it.
    pub(crate) async fn run<R: Send + 'static>(
        &self,
        op: impl FnOnce(&mut WriteTx<'_>) -> R + Send + 'static,
    ) -> Result<R, TransactionStepError> {
        let (tell, receiver) = oneshot::channel();
        let step: TransactionStep = Box::new(move |tx| {
            // The caller may be gone: then nobody commits either.
            let _ = tell.send(op(tx));
        });
        self.commands.send(TransactionCommand::Run(step)).map_err(|_| self.step_error())?;
        receiver.await.map_err(|_| self.step_error())
    }

    /// Commits it; returns when it is on disk.
    ///
    /// # Errors
    /// The time was over, or the database failed; everything is then rolled back.
    pub(crate) async fn commit(self) -> Result<(), CommitError> {
        // If the transaction has ended already, its result says why.
        let _ = self.commands.send(TransactionCommand::Commit);
        let expired = self.expired.clone();
        self.wait_for_end().await.map_err(|error| match expired.load(Ordering::Acquire) {
            true => CommitError::TimedOut,
            false => CommitError::Failed(error),
        })
    }

    async fn wait_for_end(self) -> Result<(), ContentError> {
        let Self { commands: to, ended: handle, .. } = self;
        drop(to);
        handle.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// Adds time that the database made it wait for others: it is not its own.
    pub(crate) fn extend_deadline(&self, time: Duration) {
        *self.deadline.lock() += time;
    }

    fn step_error(&self) -> TransactionStepError {
        if self.expired.load(Ordering::Acquire) { TransactionStepError::TimedOut } else { TransactionStepError::Ended }
    }
}

fn run_commands(
    tx: &mut WriteTx<'_>,
    from: &Receiver<TransactionCommand>,
    until: &Mutex<Instant>,
    span: TransactionTimeouts,
    expired: &AtomicBool,
) -> Result<(), ContentError> {
    // How much of the whole is left when others begin to count.
    let rest = span.maximum.saturating_sub(span.contended_after);
    let mut heard = Instant::now();
    loop {
        let remaining = until.lock().saturating_duration_since(Instant::now());
        let own = remaining.saturating_sub(rest).min(span.silent.saturating_sub(heard.elapsed()));
        // From here on, wait in short intervals, to notice others who need the write lock.
        let wait = if own.is_zero() { remaining.min(CONTENTION_CHECK_INTERVAL) } else { own };
        match from.recv_timeout(wait) {
            // A commit is accepted despite contention: committing takes less time than running everything again.
            Ok(TransactionCommand::Commit) => return Ok(()),
            Ok(TransactionCommand::Run(step)) if !(is_over(until, rest) && tx.has_waiters()) => {
                step(tx);
                heard = Instant::now();
            }
            Err(RecvTimeoutError::Timeout) if *until.lock() > Instant::now() => {
                if (is_over(until, rest) || heard.elapsed() >= span.silent) && tx.has_waiters() {
                    return Err(mark_expired(expired));
                }
            }
            // Undone: the next step finds out, and why.
            Ok(TransactionCommand::Run(_)) | Err(RecvTimeoutError::Timeout) => return Err(mark_expired(expired)),
            Err(RecvTimeoutError::Disconnected) => return Err(StoreError::Closed.into()),
        }
    }
}

/// True if less than `rest` is left. Time spent waiting for others is added right after the step that waited.
fn is_over(until: &Mutex<Instant>, rest: Duration) -> bool {
    until.lock().saturating_duration_since(Instant::now()) <= rest
}

/// Marks it as expired, so that the next step returns that reason.
fn mark_expired(expired: &AtomicBool) -> ContentError {
    expired.store(true, Ordering::Release);
    StoreError::Closed.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_store::{Database, StoreOptions};
    use std::path::Path;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn open_store(folder: &Path) -> Store {
        let registry = Arc::new(cairn_model::load::load_project(folder).unwrap().registry);
        Store::open(StoreOptions { database: Database::Sqlite(folder.join("cairn.db")) }, registry).unwrap()
    }

    fn write_flag(
        key: &'static str,
    ) -> impl FnOnce(&mut WriteTx<'_>) -> Result<(), StoreError> + Clone + Send + 'static {
        move |tx| tx.settings().set(key, &serde_json::json!(true))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn contended_transactions_time_out_when_a_writer_waits() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_store(folder.path());
        // Contention ends this transaction from the beginning.
        let span = TransactionTimeouts { contended_after: Duration::ZERO, silent: HOUR, maximum: HOUR };
        let open = InteractiveTransaction::open(&store, "crm", span).await.unwrap();
        for _ in 0..5 {
            tokio::time::sleep(CONTENTION_CHECK_INTERVAL * 2).await;
            open.run(|tx| tx.settings().set("undone", &serde_json::json!(true))).await.unwrap().unwrap();
        }
        // A waiting transaction of the same owner does not end this one.
        let second = tokio::spawn({
            let store = store.clone();
            async move { InteractiveTransaction::open(&store, "crm", span).await.map(drop) }
        });
        open.run(|_| ()).await.unwrap();
        // A write of another owner succeeds, because it ends this transaction.
        store.write(write_flag("kept")).await.unwrap();
        let broken = open.run(|_| ()).await;
        assert_eq!(broken.err(), Some(TransactionStepError::TimedOut));
        assert!(matches!(open.commit().await, Err(CommitError::TimedOut)));
        second.await.unwrap().unwrap();
        let settings = |key| store.read(|r| r.settings().get(key)).unwrap();
        assert_eq!((settings("undone"), settings("kept").is_some()), (None, true));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn silent_transactions_time_out_when_a_writer_waits() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_store(folder.path());
        let span = TransactionTimeouts { contended_after: HOUR, silent: Duration::ZERO, maximum: HOUR };
        let open = InteractiveTransaction::open(&store, "crm", span).await.unwrap();
        for _ in 0..3 {
            // A silent transaction continues while no writer waits.
            tokio::time::sleep(CONTENTION_CHECK_INTERVAL * 2).await;
            open.run(|tx| tx.settings().set("undone", &serde_json::json!(true))).await.unwrap().unwrap();
        }
        store.write(write_flag("kept")).await.unwrap();
        assert_eq!(open.run(|_| ()).await.err(), Some(TransactionStepError::TimedOut));
        let settings = |key| store.read(|r| r.settings().get(key)).unwrap();
        assert_eq!((settings("undone"), settings("kept").is_some()), (None, true));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn transactions_within_their_time_commit_despite_waiters() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_store(folder.path());
        let open = InteractiveTransaction::open(
            &store,
            "crm",
            TransactionTimeouts { contended_after: HOUR, silent: HOUR, maximum: HOUR },
        )
        .await
        .unwrap();
        let other = tokio::spawn({
            let store = store.clone();
            async move { store.write(write_flag("other")).await }
        });
        while !open.run(|tx| tx.has_waiters()).await.unwrap() {
            tokio::task::yield_now().await;
        }
        open.run(|tx| tx.settings().set("kept", &serde_json::json!(true))).await.unwrap().unwrap();
        assert!(open.commit().await.is_ok());
        other.await.unwrap().unwrap();
        assert!(store.read(|r| r.settings().get("kept")).unwrap().is_some());
    }
}
