//! Threads for reads that may be long (scans, deep pages, exports): they never hold up the threads that serve requests,
//! and there are few of them, each with one connection.

use crate::{Result, StoreError};
use parking_lot::Mutex;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// Number of long reads that run at a time.
const LONG_READ_THREADS: usize = 2;

type LongReadJob = Box<dyn FnOnce() + Send>;

/// The threads, started on first use.
#[derive(Default)]
pub(crate) struct LongReads {
    jobs: Mutex<Option<Sender<LongReadJob>>>,
}

impl LongReads {
    /// Runs a job on one of the threads, after those that wait already.
    pub(crate) fn run(&self, job: LongReadJob) -> Result<()> {
        self.job_sender()?.send(job).map_err(|_| StoreError::Closed)
    }

    fn job_sender(&self) -> Result<Sender<LongReadJob>> {
        let mut jobs = self.jobs.lock();
        if let Some(sender) = &*jobs {
            return Ok(sender.clone());
        }
        let (sender, receiver) = channel::<LongReadJob>();
        let receiver = Arc::new(Mutex::new(receiver));
        for n in 0..LONG_READ_THREADS {
            let receiver = receiver.clone();
            std::thread::Builder::new()
                .name(format!("cairn-long-{n}"))
                .spawn(move || run_jobs(&receiver))
                .map_err(|e| StoreError::Unwritable(format!("cannot start a thread for long reads: {e}")))?;
        }
        *jobs = Some(sender.clone());
        Ok(sender)
    }
}

fn run_jobs(jobs: &Mutex<Receiver<LongReadJob>>) {
    loop {
        let job = jobs.lock().recv();
        match job {
            // The caller of a read that panicked learns it by the answer that never comes.
            Ok(job) => drop(catch_unwind(AssertUnwindSafe(job))),
            Err(_) => return,
        }
    }
}
