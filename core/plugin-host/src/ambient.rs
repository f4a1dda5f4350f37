//! The transaction that a guest's calls join without being asked, and the ones it opens itself.
//!
//! Hooks and event handlers run inside a transaction, on its thread: calls find it by [`inside`]. Routes and jobs have none until they
//! open one, which then is a [`Conversation`]: the transaction waits on its own thread for what the guest does next.

use cairn_content::ContentError;
use cairn_store::{Store, StoreError, WriteTx};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A transaction, whatever its lifetime.
trait Transaction {
    fn run(&mut self, op: &mut dyn FnMut(&mut WriteTx<'_>));
}

impl Transaction for WriteTx<'_> {
    fn run(&mut self, op: &mut dyn FnMut(&mut WriteTx<'_>)) {
        op(self);
    }
}

environmental::environmental!(current: trait Transaction);

/// Runs `f` with a transaction that [`inside`] finds on this thread.
pub(crate) fn within<R>(tx: &mut WriteTx<'_>, f: impl FnOnce() -> R) -> R {
    current::using(tx, f)
}

/// Does something in the transaction of this thread; `None`: there is none.
pub(crate) fn inside<R>(op: impl FnOnce(&mut WriteTx<'_>) -> R) -> Option<R> {
    let (mut op, mut done) = (Some(op), None);
    current::with(|tx| {
        tx.run(&mut |tx| {
            if let Some(op) = op.take() {
                done = Some(op(tx));
            }
        });
    });
    done
}

type Step = Box<dyn FnOnce(&mut WriteTx<'_>) + Send>;

enum Say {
    Do(Step),
    Commit,
}

/// Why a step of a conversation was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// It was open for too long, and was undone.
    TooLong,
    /// It ended: the database did not go on, or another transaction was in the way.
    Ended,
}

/// A transaction that waits for what is to be done next. Dropped without [`Conversation::commit`] it is undone.
pub(crate) struct Conversation {
    to: Sender<Say>,
    ended: JoinHandle<Result<(), ContentError>>,
    /// From its beginning, so what it waited for until then does not count; moved on by what it waits for others in it.
    until: Arc<Mutex<Instant>>,
    /// It was undone because its time was over.
    expired: Arc<AtomicBool>,
}

/// Why nothing of a transaction was kept.
pub(crate) enum NotCommitted {
    /// It was open for too long, and was undone before.
    TooLong,
    /// The database's.
    Failed(ContentError),
}

impl Conversation {
    /// Opens one that may last for `limit`: on SQLite nobody else writes meanwhile.
    pub(crate) async fn open(store: &Store, limit: Duration) -> Result<Self, ContentError> {
        let (to, from) = channel();
        let (began, begun) = oneshot::channel();
        let until = Arc::new(Mutex::new(Instant::now() + limit));
        let held = until.clone();
        let expired = Arc::new(AtomicBool::new(false));
        let over = expired.clone();
        let parts = Arc::new(Mutex::new(Some((from, began))));
        let store = store.clone();
        let ended = tokio::spawn(async move {
            // Run again because it lost against another transaction: what was said cannot be said again.
            let talk = move |tx: &mut WriteTx<'_>| match parts.lock().take() {
                Some((from, began)) => {
                    *held.lock() = Instant::now() + limit;
                    // Who opened it may be gone already.
                    let _ = began.send(());
                    listen(tx, &from, &held, &over)
                }
                None => Err(StoreError::Conflict.into()),
            };
            store.write(talk).await
        });
        let conversation = Self { to, ended, until, expired };
        match begun.await {
            Ok(()) => Ok(conversation),
            Err(_) => Err(conversation.end().await.err().unwrap_or(StoreError::Closed.into())),
        }
    }

    /// Does something in it.
    pub(crate) async fn run<R: Send + 'static>(
        &self,
        op: impl FnOnce(&mut WriteTx<'_>) -> R + Send + 'static,
    ) -> Result<R, Broken> {
        let (tell, told) = oneshot::channel();
        let step: Step = Box::new(move |tx| {
            // Who asked may be gone: then nobody commits either.
            let _ = tell.send(op(tx));
        });
        self.to.send(Say::Do(step)).map_err(|_| self.why())?;
        told.await.map_err(|_| self.why())
    }

    /// Makes it last; answers after it is on disk.
    ///
    /// # Errors
    /// Its time was over, or the database's; then nothing of it was done.
    pub(crate) async fn commit(self) -> Result<(), NotCommitted> {
        // Where nobody listens any more its end tells why.
        let _ = self.to.send(Say::Commit);
        let expired = self.expired.clone();
        self.end().await.map_err(|error| match expired.load(Ordering::Acquire) {
            true => NotCommitted::TooLong,
            false => NotCommitted::Failed(error),
        })
    }

    async fn end(self) -> Result<(), ContentError> {
        let Self { to, ended, .. } = self;
        drop(to);
        ended.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// It waited for others for so long, as the database has it wait: that is not its own time.
    pub(crate) fn waited(&self, time: Duration) {
        *self.until.lock() += time;
    }

    fn why(&self) -> Broken {
        if self.expired.load(Ordering::Acquire) { Broken::TooLong } else { Broken::Ended }
    }
}

fn listen(
    tx: &mut WriteTx<'_>,
    from: &Receiver<Say>,
    until: &Mutex<Instant>,
    expired: &AtomicBool,
) -> Result<(), ContentError> {
    loop {
        let left = until.lock().saturating_duration_since(Instant::now());
        match from.recv_timeout(left) {
            Ok(Say::Do(step)) => step(tx),
            Ok(Say::Commit) => return Ok(()),
            // What it waited for others is told right after the step that waited.
            Err(RecvTimeoutError::Timeout) if *until.lock() > Instant::now() => {}
            // Undone: the next step finds out, and why.
            Err(RecvTimeoutError::Timeout) => {
                expired.store(true, Ordering::Release);
                return Err(StoreError::Closed.into());
            }
            Err(RecvTimeoutError::Disconnected) => return Err(StoreError::Closed.into()),
        }
    }
}
