//! `cairn_jobs`: durable work. A job exists if and only if the transaction that enqueued it commits; it is claimed by one process at a
//! time, whose lease has a number (the fence) that everything it writes at the end has to carry.

mod batch;
mod by_key;
mod claim;
mod next_work;
mod personal;

pub use claim::{ClaimShare, ClaimedJobs, JobClaim};
pub use next_work::WorkFilter;

use crate::connection::{Row, Value};
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use serde_json::Value as Json;

/// Policy for a job with the name and key of one that is waiting already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DuplicatePolicy {
    /// The waiting one takes the new payload, lane and due time, and starts over.
    Replace,
    /// The new one is dropped.
    Keep,
    /// Enqueuing returns [`StoreError::Unique`].
    Refuse,
}

/// A job to enqueue.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Name of the handler.
    pub name: String,
    /// At most one waiting job per name and key.
    pub key: Option<String>,
    /// Policy if one is waiting already.
    pub duplicate: DuplicatePolicy,
    /// Jobs of one lane run one after another, in the order of their due times, then of their numbers.
    pub lane: Option<String>,
    /// Passed to the handler.
    pub payload: Json,
    /// Earliest time of the run, in milliseconds.
    pub due: i64,
}

/// Where a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobState {
    /// To be done at its due time.
    Waiting,
    /// A process is at it.
    Running,
    /// It finished successfully.
    Done,
    /// A dead letter: given up after the last attempt, until a person retries or cancels it.
    Dead,
    /// No longer wanted.
    Cancelled,
}

impl JobState {
    /// The text that is stored and returned by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "waiting" => Self::Waiting,
            "running" => Self::Running,
            "done" => Self::Done,
            "dead" => Self::Dead,
            _ => Self::Cancelled,
        }
    }
}

/// A job of the queue, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct JobRow {
    /// Numeric id of the job.
    pub id: i64,
    /// Name of the handler.
    pub name: String,
    /// Key that is unique among waiting jobs with the same name.
    pub key: Option<String>,
    /// Jobs with the same lane run one after another.
    pub lane: Option<String>,
    /// Passed to the handler.
    pub payload: Json,
    /// The progress that an earlier run of the handler stored.
    pub checkpoint: Option<Json>,
    /// The state of the job.
    pub state: JobState,
    /// Earliest time of the run, in milliseconds.
    pub due: i64,
    /// Number of runs since its last checkpoint.
    pub attempt: i64,
    /// The number of its lease.
    pub fence: i64,
    /// End of its lease, in milliseconds.
    pub leased_until: i64,
    /// Error of the last run.
    pub error: Option<String>,
    /// Time of enqueuing, in milliseconds.
    pub created_at: i64,
    /// Time of its end, in milliseconds.
    pub ended_at: Option<i64>,
    /// Number of events in a row that led to it: see [`WriteTx::set_cause_depth`].
    pub depth: i64,
}

/// The permission to end a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobFence {
    /// Numeric id of the job.
    pub job: i64,
    /// The number of its lease.
    pub fence: i64,
}

impl JobRow {
    /// The permission to end the job, for the process that claimed it.
    pub fn fence(&self) -> JobFence {
        JobFence { job: self.id, fence: self.fence }
    }
}

/// Selects jobs of the queue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JobFilter {
    /// Only jobs with this name.
    pub name: Option<String>,
    /// Only jobs with this key.
    pub key: Option<String>,
    /// Only jobs in this state.
    pub state: Option<JobState>,
    /// Only those with a smaller id.
    pub before: Option<i64>,
}

/// A job that is due at least this many milliseconds later starts a new chain of causes: a chain that waits is not a runaway loop.
const NEW_CAUSE_DELAY_MS: i64 = 60_000;

const COLUMNS: &str = "id, name, unique_key, lane, payload, checkpoint, state, due, attempt, fence, leased_until, error, created_at, ended_at, depth";

fn read_job(r: &Row<'_>) -> Result<JobRow> {
    let id = r.get(0)?;
    let json = |text: String| {
        serde_json::from_str(&text)
            .map_err(|e| StoreError::Corrupt { place: format!("cairn_jobs {id}"), message: e.to_string() })
    };
    let state: String = r.get(6)?;
    Ok(JobRow {
        id,
        name: r.get(1)?,
        key: r.get(2)?,
        lane: r.get(3)?,
        payload: json(r.get(4)?)?,
        checkpoint: r.get::<Option<String>>(5)?.map(json).transpose()?,
        state: JobState::parse(&state),
        due: r.get(7)?,
        attempt: r.get(8)?,
        fence: r.get(9)?,
        leased_until: r.get(10)?,
        error: r.get(11)?,
        created_at: r.get(12)?,
        ended_at: r.get(13)?,
        depth: r.get(14)?,
    })
}

impl namespaces::Jobs<Reader<'_>> {
    /// Lists the jobs of a filter, newest first.
    pub fn list(&self, filter: &JobFilter, limit: i64) -> Result<Vec<JobRow>> {
        let mut values: Vec<Value> = vec![filter.before.unwrap_or(i64::MAX).into(), limit.into()];
        let mut sql = format!("SELECT {COLUMNS} FROM cairn_jobs WHERE id < ?1");
        let conditions = [
            ("name", filter.name.as_deref()),
            ("unique_key", filter.key.as_deref()),
            ("state", filter.state.map(JobState::as_str)),
        ];
        for (column, value) in conditions {
            if let Some(value) = value {
                values.push(value.into());
                sql.push_str(&format!(" AND {column} = ?{}", values.len()));
            }
        }
        sql.push_str(" ORDER BY id DESC LIMIT ?2");
        self.tx.conn.query_all("reading jobs", &sql, &values[..], read_job)
    }

    /// Gets the job with that id.
    pub fn get(&self, id: i64) -> Result<Option<JobRow>> {
        self.tx.conn.query_first(
            "reading a job",
            &format!("SELECT {COLUMNS} FROM cairn_jobs WHERE id = ?1"),
            [id],
            read_job,
        )
    }

    /// Number of jobs by name and state.
    pub fn count_by_state(&self) -> Result<Vec<(String, JobState, i64)>> {
        let sql = "SELECT name, state, count(*) FROM cairn_jobs GROUP BY name, state ORDER BY name, state";
        self.tx.conn.query_all("counting jobs", sql, (), |r| {
            let state: String = r.get(1)?;
            Ok((r.get(0)?, JobState::parse(&state), r.get(2)?))
        })
    }
}

impl namespaces::Jobs<&mut WriteTx<'_>> {
    /// Enqueues a job, and returns its id; `None` if one with its key is waiting and is retained. A running job does not count as waiting:
    /// it continues, and the new one runs after it.
    ///
    /// # Errors
    /// [`StoreError::Unique`] if one with its key is waiting and duplicates are refused: nothing is written, and the transaction may
    /// continue. An error if the database cannot be written.
    pub fn enqueue(&mut self, job: &NewJob, now: i64) -> Result<Option<i64>> {
        self.tx.changes.events = true;
        let clash = match job.duplicate {
            DuplicatePolicy::Replace => {
                " ON CONFLICT (name, unique_key) WHERE state = 'waiting' AND unique_key IS NOT NULL
                  DO UPDATE SET payload = excluded.payload, due = excluded.due, lane = excluded.lane, checkpoint = NULL, attempt = 0,
                    error = NULL, depth = excluded.depth RETURNING id"
            }
            DuplicatePolicy::Keep => {
                " ON CONFLICT (name, unique_key) WHERE state = 'waiting' AND unique_key IS NOT NULL DO NOTHING RETURNING id"
            }
            DuplicatePolicy::Refuse => "",
        };
        let sql = format!(
            "INSERT INTO cairn_jobs (name, unique_key, lane, payload, state, due, created_at, depth)
             VALUES (?1, ?2, ?3, ?4, 'waiting', ?5, ?6, ?7){clash}"
        );
        let payload = job.payload.to_string();
        let depth = if job.due.saturating_sub(now) >= NEW_CAUSE_DELAY_MS { 0 } else { self.tx.cause_depth };
        let (doing, values) = ("enqueueing a job", (&job.name, &job.key, &job.lane, &payload, job.due, now, depth));
        match job.duplicate {
            DuplicatePolicy::Refuse => self.tx.conn.insert(doing, &sql, values, true).map(Some),
            DuplicatePolicy::Replace | DuplicatePolicy::Keep => {
                self.tx.conn.query_first(doing, &sql, values, |r| r.get(0))
            }
        }
    }

    /// Cancels waiting jobs with that name and key, and returns their number.
    pub fn cancel_by_key(&mut self, name: &str, key: &str, now: i64) -> Result<usize> {
        self.tx.conn.execute(
            "cancelling a job",
            "UPDATE cairn_jobs SET state = 'cancelled', ended_at = ?3 WHERE name = ?1 AND unique_key = ?2 AND state = 'waiting'",
            (name, key, now),
        )
    }

    /// Does the same as [`Self::cancel_by_key`] for one job by its id; also for a dead one.
    pub fn cancel(&mut self, id: i64, now: i64) -> Result<bool> {
        let sql =
            "UPDATE cairn_jobs SET state = 'cancelled', ended_at = ?2 WHERE id = ?1 AND state IN ('waiting', 'dead')";
        Ok(self.tx.conn.execute("cancelling a job", sql, (id, now))? > 0)
    }

    /// Makes a dead or waiting job due at once, with the full number of attempts.
    pub fn retry(&mut self, id: i64, now: i64) -> Result<bool> {
        self.tx.changes.events = true;
        let sql = "UPDATE cairn_jobs SET state = 'waiting', due = ?2, attempt = 0, ended_at = NULL
                   WHERE id = ?1 AND state IN ('waiting', 'dead')";
        Ok(self.tx.conn.execute_unique("retrying a job", sql, (id, now))? > 0)
    }

    /// Extends a job's lease. Returns `false` if it was lost.
    pub fn extend_lease(&mut self, fence: JobFence, until: i64) -> Result<bool> {
        let sql = "UPDATE cairn_jobs SET leased_until = ?3 WHERE id = ?1 AND fence = ?2 AND state = 'running'";
        Ok(self.tx.conn.execute("renewing a job", sql, (fence.job, fence.fence, until))? > 0)
    }

    /// Ends a job successfully. Must be called in the transaction of its effects: if the lease was lost it returns [`StoreError::Lost`],
    /// and the transaction is rolled back.
    pub fn finish(&mut self, fence: JobFence, now: i64) -> Result<()> {
        let sql = "UPDATE cairn_jobs SET state = 'done', ended_at = ?3, error = NULL WHERE id = ?1 AND fence = ?2 AND state = 'running'";
        require_lease(self.tx.conn.execute("finishing a job", sql, (fence.job, fence.fence, now))?)
    }

    /// Stores a checkpoint of a job that made progress, and makes it due again at `due`.
    pub fn reschedule(&mut self, fence: JobFence, checkpoint: &Json, due: i64) -> Result<()> {
        self.tx.changes.events = true;
        let sql = "UPDATE cairn_jobs SET state = 'waiting', checkpoint = ?3, due = ?4, attempt = 0, error = NULL, holder = NULL
                   WHERE id = ?1 AND fence = ?2 AND state = 'running'";
        require_lease(self.requeue(sql, (fence.job, fence.fence, checkpoint.to_string(), due))?)
    }

    /// Records a failed run: the job is retried at `due`, or given up (`None`).
    pub fn record_failure(&mut self, fence: JobFence, due: Option<i64>, error: &str, now: i64) -> Result<()> {
        let updated_rows = match due {
            Some(due) => {
                let sql = "UPDATE cairn_jobs SET state = 'waiting', due = ?3, error = ?4, holder = NULL
                           WHERE id = ?1 AND fence = ?2 AND state = 'running'";
                self.requeue(sql, (fence.job, fence.fence, due, error))?
            }
            None => {
                let sql = "UPDATE cairn_jobs SET state = 'dead', ended_at = ?3, error = ?4
                           WHERE id = ?1 AND fence = ?2 AND state = 'running'";
                self.tx.conn.execute("moving a job to the dead letters", sql, (fence.job, fence.fence, now, error))?
            }
        };
        require_lease(updated_rows)
    }

    /// Puts a running job back into the queue. If another one with its name and key was enqueued meanwhile, that one replaces it.
    fn requeue(&mut self, sql: &str, params: impl crate::connection::Params) -> Result<usize> {
        match self.tx.conn.execute_unique("releasing a job", sql, params) {
            Err(StoreError::Unique) => Err(StoreError::Unique),
            other => other,
        }
    }

    /// Ends a job that a newer one with its name and key replaces.
    pub fn supersede(&mut self, fence: JobFence, now: i64) -> Result<()> {
        let sql = "UPDATE cairn_jobs SET state = 'cancelled', ended_at = ?3 WHERE id = ?1 AND fence = ?2 AND state = 'running'";
        require_lease(self.tx.conn.execute("finishing a job", sql, (fence.job, fence.fence, now))?)
    }

    /// Deletes jobs that ended before `before`; dead ones stay.
    pub fn purge(&mut self, before: i64, limit: i64) -> Result<usize> {
        self.tx.conn.execute(
            "removing old jobs",
            "DELETE FROM cairn_jobs WHERE id IN (
               SELECT id FROM cairn_jobs WHERE ended_at < ?1 AND state IN ('done', 'cancelled') LIMIT ?2)",
            (before, limit),
        )
    }
}

fn require_lease(rows: usize) -> Result<()> {
    if rows > 0 { Ok(()) } else { Err(StoreError::Lost) }
}
