//! Threads for reads that may be long (scans, deep pages, exports): they never hold up the threads that serve requests,
//! and there are few of them, each with one connection.

use crate::{Reader, Result, Store, StoreError};
use parking_lot::Mutex;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

/// Number of long reads that run at a time.
const THREADS: usize = 2;

type Job = Box<dyn FnOnce() + Send>;

/// The threads, started on first use.
#[derive(Default)]
pub(crate) struct LongReads {
    jobs: Mutex<Option<Sender<Job>>>,
}

impl LongReads {
    fn sender(&self) -> Result<Sender<Job>> {
        let mut jobs = self.jobs.lock();
        if let Some(sender) = &*jobs {
            return Ok(sender.clone());
        }
        let (sender, receiver) = channel::<Job>();
        let receiver = Arc::new(Mutex::new(receiver));
        for n in 0..THREADS {
            let receiver = receiver.clone();
            std::thread::Builder::new()
                .name(format!("cairn-long-{n}"))
                .spawn(move || work(&receiver))
                .map_err(|e| StoreError::Unwritable(format!("cannot start a thread for long reads: {e}")))?;
        }
        *jobs = Some(sender.clone());
        Ok(sender)
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let job = jobs.lock().recv();
        match job {
            // The caller of a read that panicked learns it by the answer that never comes.
            Ok(job) => drop(catch_unwind(AssertUnwindSafe(job))),
            Err(_) => return,
        }
    }
}

impl Store {
    /// Does the same as [`Store::read`] on a thread for long reads; waits without blocking.
    pub async fn read_long<T, E, F>(&self, read: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&Reader<'_>) -> Result<T, E> + Send + 'static,
    {
        let (answer, waiting) = oneshot::channel();
        let store = self.clone();
        let job: Job = Box::new(move || {
            // A caller that went away (its client closed the connection) wants no answer, and no work.
            if !answer.is_closed() {
                let _ = answer.send(store.read(read));
            }
        });
        self.inner.long_reads.sender()?.send(job).map_err(|_| StoreError::Closed)?;
        waiting.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }
}
