//! Jobs: claiming, running, ending them. A process that lost a job's lease meanwhile cannot end it.

use super::handlers::{HandlersByName, ShareCapacity};
use super::{EndCounter, Engine, LEASE_DURATION, MAX_JOBS_PER_SHARE};
use crate::{JobHandler, JobOutcome};
use cairn_store::events::{ClaimShare, ClaimedJobs, JobClaim, JobFence, JobRow};
use cairn_store::{Store, StoreError, WriteTx, with_cause_depth};
use serde_json::Value as Json;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use futures_util::FutureExt;

impl Engine {
    /// Claims due jobs, as far as there is room, and starts them. Returns their number. Cairn's jobs have separate workers; of the handlers
    /// that share workers each with due jobs gets its part of the free ones.
    pub(super) async fn start_jobs(
        self: &Arc<Self>,
        handlers: &HandlersByName,
        running: &mut JoinSet<()>,
    ) -> Result<usize, StoreError> {
        let _turn = self.start_lock.lock().await;
        let free = self.jobs.available_permits();
        let mut own = (self.shares.unbound_names(handlers), i64::try_from(free).unwrap_or(i64::MAX));
        self.batches.retain_startable(&mut own.0);
        let started = self.start_due(handlers, vec![own], free, running).await?;
        let free = self.shared_jobs.available_permits();
        let mut room = if free > 0 { self.shares.free_capacity(handlers, MAX_JOBS_PER_SHARE) } else { Vec::new() };
        room.iter_mut().for_each(|(names, _)| self.batches.retain_startable(names));
        let now = self.now();
        let mut due: Vec<ShareCapacity> = self.store.read(|r| {
            let due = room.into_iter().map(|(names, room)| {
                let requested: Vec<&str> = names.iter().map(String::as_str).collect();
                Ok(r.jobs().has_due(&requested, now)?.then_some((names, room)))
            });
            due.filter_map(Result::transpose).collect::<Result<_, StoreError>>()
        })?;
        let part = i64::try_from(free.div_ceil(due.len().max(1))).unwrap_or(i64::MAX);
        due.iter_mut().for_each(|(_, room)| *room = (*room).min(part));
        Ok(started + self.start_due(handlers, due, free, running).await?)
    }

    /// Starts those of these names that are due, at most `limit`.
    async fn start_due(
        self: &Arc<Self>,
        handlers: &HandlersByName,
        shares: Vec<ShareCapacity>,
        limit: usize,
        running: &mut JoinSet<()>,
    ) -> Result<usize, StoreError> {
        let requested: Vec<&str> = shares.iter().flat_map(|(names, _)| names).map(String::as_str).collect();
        let now = self.now();
        if limit == 0 || !self.store.read(|r| r.jobs().has_due(&requested, now))? {
            return Ok(0);
        }
        let (holder, until) = (self.holder.clone(), now + LEASE_DURATION.as_millis() as i64);
        let known: Vec<String> = handlers.keys().cloned().collect();
        let batches = self.batches.sizes(handlers);
        let claim = move |tx: &mut WriteTx<'_>| {
            let shares: Vec<ClaimShare<'_>> = shares
                .iter()
                .map(|(job_names, room)| ClaimShare {
                    names: job_names.iter().map(String::as_str).collect(),
                    room: *room,
                })
                .collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let batches: Vec<(&str, i64)> = batches.iter().map(|(name, size)| (name.as_str(), *size)).collect();
            tx.jobs().claim_shared(&JobClaim {
                shares: &shares,
                known: &known,
                holder: &holder,
                now,
                until,
                limit: limit as i64,
                batches: &batches,
            })
        };
        let claimed = self.store.write(claim).await?;
        let started = claimed.len();
        for ClaimedJobs { jobs, batch } in claimed {
            let Some(first) = jobs.first() else { continue };
            // Jobs are claimed by the names of these handlers.
            let Some(handler) = handlers.get(first.name.as_str()).cloned() else { continue };
            let counted = self.shares.count_job(&*handler);
            let batch = batch.then(|| self.batches.begin(&first.name));
            let permit = self.worker_permits(&*handler).acquire_owned().await;
            let engine = self.clone();
            running.spawn(Store::run_in_background(async move {
                // Dropped in this order.
                let _held = (EndCounter(engine.ended.clone()), permit, counted);
                match batch {
                    Some(batch) => engine.run_batch(&handler, jobs, batch).await,
                    None => {
                        for job in jobs {
                            engine.run_claimed(&*handler, job).await;
                        }
                    }
                }
            }));
        }
        Ok(started)
    }

    /// The workers that a job uses.
    pub(super) fn worker_permits(&self, handler: &dyn JobHandler) -> Arc<Semaphore> {
        match handler.concurrency() {
            None => self.jobs.clone(),
            Some(_) => self.shared_jobs.clone(),
        }
    }

    /// Runs a job that this process has claimed, and logs why its result could not be stored.
    pub(super) async fn run_claimed(&self, handler: &dyn JobHandler, job: JobRow) {
        let (id, name) = (job.id, job.name.clone());
        match self.run_job(handler, job).await {
            Ok(()) => {}
            Err(StoreError::Lost) => tracing::debug!(job = id, name, "another process is now running this job"),
            Err(error) => {
                tracing::warn!(job = id, name, %error, "the result of a job could not be stored; the job runs again");
            }
        }
        if handler.batches().is_some() {
            self.batches.record_single(handler.name());
        }
    }

    pub(super) async fn run_job(&self, handler: &dyn JobHandler, job: JobRow) -> Result<(), StoreError> {
        // Events that a job publishes follow from what caused the job.
        with_cause_depth(job.depth, self.execute_job(handler, job)).await
    }

    async fn execute_job(&self, handler: &dyn JobHandler, job: JobRow) -> Result<(), StoreError> {
        let outcome = self.call_handler(handler, &job).await?;
        let (fence, now) = (job.fence(), self.now());
        let (error, retry_after) = match outcome {
            JobOutcome::AlreadyFinished => return Ok(()),
            JobOutcome::Done(effect) => {
                let write = self.store.write(move |tx| {
                    tx.jobs().finish(fence, now)?;
                    effect.as_ref().map_or(Ok(()), |effect| effect(tx))
                });
                match write.await {
                    Ok(()) => return Ok(()),
                    Err(e) if is_infrastructure_error(&e) => return Err(e),
                    Err(e) => (e.to_string(), Some(None)),
                }
            }
            JobOutcome::Continue { checkpoint, after, effect } => {
                let due = due_after(now, after);
                let write = self.store.write(move |tx| {
                    reschedule(tx, fence, &checkpoint, due, now)?;
                    effect.as_ref().map_or(Ok(()), |effect| effect(tx))
                });
                match write.await {
                    Ok(()) => return Ok(()),
                    Err(e) if is_infrastructure_error(&e) => return Err(e),
                    Err(e) => (e.to_string(), Some(None)),
                }
            }
            JobOutcome::Failed { error, retry_after } => (error, Some(retry_after)),
            JobOutcome::Dead(error) => (error, None),
        };
        let due = retry_after
            .and_then(|requested| handler.retry_policy().pause_after(job.attempt, requested))
            .map(|pause| now.saturating_add(pause));
        tracing::warn!(
            job = job.id,
            name = job.name,
            attempt = job.attempt,
            given_up = due.is_none(),
            error,
            "a job failed"
        );
        let failed = self.store.write(move |tx| tx.jobs().record_failure(fence, due, &error, now)).await;
        match failed {
            // A newer job with its name and key was enqueued meanwhile: that one counts.
            Err(StoreError::Unique) => self.store.write(move |tx| tx.jobs().supersede(fence, now)).await,
            other => other,
        }
    }

    /// Calls the handler, within its time limit, and extends the lease meanwhile.
    async fn call_handler(&self, handler: &dyn JobHandler, job: &JobRow) -> Result<JobOutcome, StoreError> {
        let call = AssertUnwindSafe(handler.run(job)).catch_unwind();
        let mut call = std::pin::pin!(tokio::time::timeout(handler.timeout(), call));
        loop {
            tokio::select! {
                done = &mut call => return Ok(match done {
                    Ok(Ok(outcome)) => outcome,
                    Ok(Err(_)) => JobOutcome::failed("the handler panicked"),
                    Err(_) => JobOutcome::failed(format!("it took longer than {} s", handler.timeout().as_secs())),
                }),
                () = tokio::time::sleep(LEASE_DURATION / 3) => {
                    let (fence, until) = (job.fence(), self.now() + LEASE_DURATION.as_millis() as i64);
                    if !self.store.write(move |tx| tx.jobs().extend_lease(fence, until)).await? {
                        return Err(StoreError::Lost);
                    }
                }
            }
        }
    }
}

/// When a job that made progress is due again.
pub(super) fn due_after(now: i64, after: Duration) -> i64 {
    now + i64::try_from(after.as_millis()).unwrap_or(i64::MAX / 4)
}

/// Stores the progress of a job, which is due again at `due`.
pub(super) fn reschedule(
    tx: &mut WriteTx<'_>,
    fence: JobFence,
    checkpoint: &Json,
    due: i64,
    now: i64,
) -> Result<(), StoreError> {
    match tx.jobs().reschedule(fence, checkpoint, due) {
        // A newer job with its name and key was enqueued meanwhile: that one counts.
        Err(StoreError::Unique) => tx.jobs().supersede(fence, now),
        done => done,
    }
}

/// True if an error is not about the job: it is run again when its lease ends.
pub(super) fn is_infrastructure_error(e: &StoreError) -> bool {
    matches!(
        e,
        StoreError::Lost
            | StoreError::Conflict
            | StoreError::Unavailable(_)
            | StoreError::Outdated
            | StoreError::Unwritable(_)
            | StoreError::Closed
    )
}
