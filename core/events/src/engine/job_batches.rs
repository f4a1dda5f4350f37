//! Jobs in batches: many of one name run in one transaction, which also ends them. If one of them fails all of it is rolled back, and they
//! run one by one, as the same attempt.
//!
//! On SQLite nobody else can write meanwhile, so a batch has as many jobs as fit into a short time, by how long those before it took.

use super::handlers::HandlersByName;
use super::jobs::{due_after, is_infrastructure_error, reschedule};
use super::{Engine, LEASE_DURATION};
use crate::{BatchJobHandler, BatchedOutcome, JobBatchError, JobBatchRun, JobHandler, unix_millis};
use cairn_store::events::{JobFence, JobRow, JobState};
use cairn_store::{StoreError, WriteTx};
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// Time that a batch should take: half of what it may make others wait.
const TARGET_TIME: Duration = Duration::from_millis(25);
/// Number of jobs in the first batch.
const FIRST_SIZE: usize = 8;
/// Number of jobs that run one by one before a batch is tried again.
const SINGLES_UNTIL_RETRY: usize = 64;

/// Number of jobs that the next batch of a name may have.
#[derive(Debug, PartialEq, Eq)]
struct BatchSizer {
    /// 1: they run one by one.
    size: usize,
    /// Number of jobs that ran one by one since the last batch.
    singles: usize,
}

impl Default for BatchSizer {
    fn default() -> Self {
        Self { size: FIRST_SIZE, singles: 0 }
    }
}

impl BatchSizer {
    /// Notes how long a batch took. A full one that was fast enough lets the next be twice as large.
    fn record_batch(&mut self, jobs: usize, took: Duration) {
        let each = (took.as_nanos() / jobs.max(1) as u128).max(1);
        let fitting = usize::try_from(TARGET_TIME.as_nanos() / each).unwrap_or(usize::MAX).max(1);
        self.singles = 0;
        if took > TARGET_TIME {
            self.size = self.size.min(fitting);
        } else if jobs >= self.size {
            self.size = self.size.saturating_mul(2).min(fitting).max(self.size);
        }
    }

    /// Notes that a batch was stopped because it took too long.
    fn record_overrun(&mut self, jobs: usize) {
        (self.size, self.singles) = ((self.size.min(jobs) / 4).max(1), 0);
    }

    /// Notes that a batch was rolled back because something in it failed: a larger one fails more often.
    fn record_failure(&mut self) {
        (self.size, self.singles) = ((self.size / 2).max(1), 0);
    }

    /// Notes that a job ran alone.
    fn record_single(&mut self) {
        self.singles += 1;
        if self.size == 1 && self.singles >= SINGLES_UNTIL_RETRY {
            self.size = 2;
        }
    }
}

/// The state of the batches of each name.
#[derive(Default)]
pub(super) struct JobBatches {
    by_name: Mutex<HashMap<String, BatchState>>,
}

#[derive(Default)]
struct BatchState {
    sizer: BatchSizer,
    /// True while one runs: a second one would wait for it, with a size that is outdated by then.
    running: bool,
}

/// A running batch, as long as this value exists.
pub(super) struct RunningBatch {
    batches: Arc<JobBatches>,
    name: String,
}

impl Drop for RunningBatch {
    fn drop(&mut self) {
        self.batches.change(&self.name, |state| state.running = false);
    }
}

impl JobBatches {
    fn change(&self, name: &str, change: impl FnOnce(&mut BatchState)) {
        let mut by_name = self.by_name.lock();
        match by_name.get_mut(name) {
            Some(state) => change(state),
            None => change(by_name.entry(name.to_owned()).or_default()),
        }
    }

    /// Removes the names of which a batch is running.
    pub(super) fn retain_startable(&self, names: &mut Vec<String>) {
        let by_name = self.by_name.lock();
        names.retain(|name| by_name.get(name).is_none_or(|state| !state.running));
    }

    /// Names whose jobs run in batches, with the size of the next one.
    pub(super) fn sizes(&self, handlers: &HandlersByName) -> Vec<(String, i64)> {
        let by_name = self.by_name.lock();
        let size = |handler: &dyn JobHandler| {
            let size = by_name.get(handler.name()).map_or(FIRST_SIZE, |state| state.sizer.size);
            Some(size.min(handler.batches()?.max_batch_size())).filter(|size| *size > 1)
        };
        let sizes = handlers.iter().filter_map(|(name, handler)| Some((name.clone(), size(&**handler)?)));
        sizes.map(|(name, size)| (name, i64::try_from(size).unwrap_or(i64::MAX))).collect()
    }

    /// Notes that a batch begins.
    pub(super) fn begin(self: &Arc<Self>, name: &str) -> RunningBatch {
        self.change(name, |state| state.running = true);
        RunningBatch { batches: self.clone(), name: name.to_owned() }
    }

    /// Notes that a job ran alone.
    pub(super) fn record_single(&self, name: &str) {
        self.change(name, |state| state.sizer.record_single());
    }
}

impl RunningBatch {
    fn record(&self, record: impl FnOnce(&mut BatchSizer)) {
        self.batches.change(&self.name, |state| record(&mut state.sizer));
    }
}

impl Engine {
    /// Runs jobs together; one by one if that fails.
    pub(super) async fn run_batch(&self, handler: &Arc<dyn JobHandler>, jobs: Vec<JobRow>, batch: RunningBatch) {
        let (name, count) = (handler.name(), jobs.len());
        let jobs: Arc<[JobRow]> = jobs.into();
        let reason = match self.execute_batch(handler, jobs.clone()).await {
            Ok(took) => return batch.record(|sizer| sizer.record_batch(count, took)),
            Err(JobBatchError::Store(error)) if is_infrastructure_error(&error) && !is_conflict(&error) => {
                return tracing::warn!(name, count, %error, "the results of jobs could not be stored; they run again");
            }
            Err(JobBatchError::Overrun) => {
                batch.record(|sizer| sizer.record_overrun(count));
                "it took too long".to_owned()
            }
            Err(JobBatchError::Failed(reason)) => {
                batch.record(BatchSizer::record_failure);
                reason
            }
            Err(JobBatchError::Store(error)) => {
                batch.record(BatchSizer::record_failure);
                error.to_string()
            }
        };
        tracing::debug!(name, count, reason, "a batch of jobs was rolled back: they run one by one");
        // The batch ends before its jobs run singly, so that others of this name need not wait for them.
        drop(batch);
        self.run_one_by_one(&**handler, jobs.to_vec()).await;
    }

    /// Runs jobs and ends them, in one transaction. Returns how long they took.
    async fn execute_batch(
        &self,
        handler: &Arc<dyn JobHandler>,
        jobs: Arc<[JobRow]>,
    ) -> Result<Duration, JobBatchError> {
        let (handler, clock) = (handler.clone(), self.clock.clone());
        let owner = batch_handler(&*handler)?.transaction_owner().to_owned();
        let run = move |tx: &mut WriteTx<'_>| -> Result<Duration, JobBatchError> {
            let fences: Vec<JobFence> = jobs.iter().map(JobRow::fence).collect();
            let leased = tx.jobs().lock_leased(&fences)?;
            if leased.is_empty() {
                return Ok(Duration::ZERO);
            }
            let jobs: Vec<JobRow> = jobs.iter().filter(|job| leased.contains(&job.id)).cloned().collect();
            // Of several the one with the longest chain of causes counts.
            tx.set_cause_depth(jobs.iter().map(|job| job.depth).max().unwrap_or(0));
            let JobBatchRun { outcomes, took } = batch_handler(&*handler)?.run_batch(tx, &jobs)?;
            if outcomes.len() != jobs.len() {
                return Err(JobBatchError::Failed(format!("{} outcomes for {} jobs", outcomes.len(), jobs.len())));
            }
            let (mut done, now) = (Vec::with_capacity(jobs.len()), unix_millis(clock.now()));
            for (job, outcome) in jobs.iter().zip(outcomes) {
                match outcome {
                    BatchedOutcome::Done => done.push(job.id),
                    BatchedOutcome::Continue { checkpoint, after } => {
                        reschedule(tx, job.fence(), &checkpoint, due_after(now, after), now)?;
                    }
                }
            }
            tx.jobs().finish_locked(&done, now)?;
            Ok(took)
        };
        self.store.write_long(&owner, true, run).await
    }

    /// Runs jobs one after another, each in its turn by its own policy. The leases of those that wait are extended meanwhile.
    async fn run_one_by_one(&self, handler: &dyn JobHandler, jobs: Vec<JobRow>) {
        let waiting = Mutex::new(VecDeque::from(jobs));
        let run = async {
            loop {
                let next = waiting.lock().pop_front();
                let Some(job) = next else { break };
                if self.is_leased(&job) {
                    self.run_claimed(handler, job).await;
                }
            }
        };
        let keep = async {
            loop {
                tokio::time::sleep(LEASE_DURATION / 3).await;
                let fences: Vec<JobFence> = waiting.lock().iter().map(JobRow::fence).collect();
                self.extend_leases(fences).await;
            }
        };
        tokio::select! {
            () = run => {}
            () = keep => {}
        }
    }

    /// True unless another process has taken a job over.
    fn is_leased(&self, job: &JobRow) -> bool {
        match self.store.read(|r| r.jobs().get(job.id)) {
            Ok(row) => row.is_some_and(|row| row.state == JobState::Running && row.fence == job.fence),
            // Storing the result of its run tells.
            Err(_) => true,
        }
    }

    async fn extend_leases(&self, fences: Vec<JobFence>) {
        let until = self.now() + LEASE_DURATION.as_millis() as i64;
        let extend = move |tx: &mut WriteTx<'_>| {
            fences.iter().try_for_each(|fence| tx.jobs().extend_lease(*fence, until).map(drop))
        };
        if let Err(error) = self.store.write(extend).await {
            tracing::debug!(%error, "leases of waiting jobs could not be extended");
        }
    }
}

fn batch_handler(handler: &dyn JobHandler) -> Result<&dyn BatchJobHandler, JobBatchError> {
    handler.batches().ok_or_else(|| JobBatchError::Failed("its jobs run one by one".into()))
}

/// True if a transaction lost against others: one by one, jobs get in each other's way less.
fn is_conflict(error: &StoreError) -> bool {
    matches!(error, StoreError::Conflict)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn batches_grow_while_they_are_fast() {
        let mut sizer = BatchSizer::default();
        let mut sizes = Vec::new();
        for _ in 0..4 {
            sizer.record_batch(sizer.size, MS);
            sizes.push(sizer.size);
        }
        assert_eq!(sizes, [16, 32, 64, 128]);
        // The size grows no further than fits into the time.
        sizer.record_batch(128, 20 * MS);
        assert_eq!(sizer.size, 160);
        // A batch that was not full says nothing about larger ones.
        sizer.record_batch(3, MS);
        assert_eq!(sizer.size, 160);
    }

    #[test]
    fn batches_shrink_at_once_when_they_are_slow() {
        let mut sizer = BatchSizer { size: 128, singles: 0 };
        sizer.record_batch(128, 40 * MS);
        assert_eq!(sizer.size, 80);
        sizer.record_overrun(80);
        assert_eq!(sizer.size, 20);
        sizer.record_failure();
        assert_eq!(sizer.size, 10);
        sizer.record_batch(1, 30 * MS);
        assert_eq!(sizer.size, 1);
    }

    #[test]
    fn batches_are_tried_again_after_single_jobs() {
        let mut sizer = BatchSizer { size: 3, singles: 0 };
        sizer.record_overrun(3);
        assert_eq!(sizer, BatchSizer { size: 1, singles: 0 });
        for _ in 0..SINGLES_UNTIL_RETRY - 1 {
            sizer.record_single();
        }
        assert_eq!(sizer.size, 1);
        sizer.record_single();
        assert_eq!(sizer.size, 2);
    }
}
