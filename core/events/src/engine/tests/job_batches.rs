//! Jobs that run in batches.

use super::*;
use crate::{BatchJobHandler, BatchedOutcome, JobBatchError, JobBatchRun};
use std::collections::BTreeSet;

/// A handler that counts what each job has done, by its number, in the transaction.
struct Counter {
    /// Numbers of jobs that fail.
    failing: BTreeSet<i64>,
    /// Numbers of jobs that go on from a checkpoint.
    slow: BTreeSet<i64>,
    /// Time that each batch says it took.
    took: Duration,
    /// Batches with more jobs are stopped.
    fitting: usize,
    batches: Mutex<Vec<Vec<i64>>>,
    singles: Mutex<Vec<i64>>,
}

impl Counter {
    fn new() -> Self {
        Self {
            failing: BTreeSet::new(),
            slow: BTreeSet::new(),
            took: Duration::from_millis(1),
            fitting: usize::MAX,
            batches: Mutex::default(),
            singles: Mutex::default(),
        }
    }

    fn batch_sizes(&self) -> Vec<usize> {
        self.batches.lock().iter().map(Vec::len).collect()
    }
}

fn job_number(job: &JobRow) -> i64 {
    job.payload["n"].as_i64().unwrap()
}

fn count_up(tx: &mut WriteTx<'_>, number: i64) -> Result<(), StoreError> {
    let key = format!("count/{number}");
    let before = tx.reader().settings().get(&key)?.and_then(|n| n.as_i64()).unwrap_or(0);
    tx.settings().set(&key, &json!(before + 1))
}

impl JobHandler for Counter {
    fn name(&self) -> &str {
        "count"
    }

    fn retry_policy(&self) -> RetryPolicy {
        let pause = Duration::from_secs(10);
        RetryPolicy { first_pause: pause, factor: 1.0, max_pause: pause, attempts: 2 }
    }

    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        async move {
            let number = job_number(job);
            self.singles.lock().push(number);
            match self.failing.contains(&number) {
                true => JobOutcome::failed("no"),
                false => {
                    JobOutcome::Done(Some(Arc::new(move |tx: &mut WriteTx<'_>| count_up(tx, number)) as JobEffect))
                }
            }
        }
        .boxed()
    }

    fn batches(&self) -> Option<&dyn BatchJobHandler> {
        Some(self)
    }
}

impl BatchJobHandler for Counter {
    fn max_batch_size(&self) -> usize {
        200
    }

    fn transaction_owner(&self) -> &str {
        "counter"
    }

    fn run_batch(&self, tx: &mut WriteTx<'_>, jobs: &[JobRow]) -> Result<JobBatchRun, JobBatchError> {
        self.batches.lock().push(jobs.iter().map(job_number).collect());
        let mut outcomes = Vec::new();
        for job in jobs {
            let number = job_number(job);
            count_up(tx, number)?;
            outcomes.push(match &job.checkpoint {
                None if self.slow.contains(&number) => {
                    BatchedOutcome::Continue { checkpoint: json!(1), after: Duration::from_secs(10) }
                }
                _ => BatchedOutcome::Done,
            });
        }
        tx.events().emit(&Actor::public(), &new_event("batch", jobs.len() as i64), 0)?;
        match jobs.iter().any(|job| self.failing.contains(&job_number(job))) {
            _ if jobs.len() > self.fitting => Err(JobBatchError::Overrun),
            true => Err(JobBatchError::Failed("one of them fails".into())),
            false => Ok(JobBatchRun { outcomes, took: self.took }),
        }
    }
}

impl TestTenant {
    async fn enqueue_numbered(&self, numbers: std::ops::Range<i64>) {
        let due = self.clock.now().timestamp_millis();
        let enqueue = move |tx: &mut WriteTx<'_>| {
            numbers.clone().try_for_each(|n| tx.jobs().enqueue(&numbered_job(n, due), due).map(drop))
        };
        self.store.write(enqueue).await.unwrap();
    }

    /// Number of times that each of these numbers was counted.
    fn counts(&self, numbers: std::ops::Range<i64>) -> Vec<i64> {
        let count = |n| self.store.read(|r| r.settings().get(&format!("count/{n}"))).unwrap();
        numbers.map(|n| count(n).and_then(|n| n.as_i64()).unwrap_or(0)).collect()
    }
}

fn numbered_job(n: i64, due: i64) -> NewJob {
    NewJob { payload: json!({ "n": n }), ..new_job("count", None, due) }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_jobs_run_in_few_batches() {
    let (tenant, counter) = (TestTenant::new(), Arc::new(Counter::new()));
    let engine = tenant.engine(vec![], vec![counter.clone()]);
    tenant.enqueue_numbered(0..1_000).await;
    engine.run_until_idle().await.unwrap();
    assert_eq!(counter.batch_sizes(), [8, 16, 32, 64, 128, 200, 200, 200, 152]);
    assert_eq!(counter.batches.lock().concat(), (0..1_000).collect::<Vec<_>>(), "longest due first");
    assert_eq!((tenant.counts(0..1_000), counter.singles.lock().len()), (vec![1; 1_000], 0));
    assert_eq!(tenant.count_jobs(JobState::Done), 1_000);
    let attempts = tenant.store.read(|r| r.jobs().list(&JobFilter::default(), 1_000)).unwrap();
    assert!(attempts.iter().all(|job| job.attempt == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_job_is_alone_from_then_on() {
    let tenant = TestTenant::new();
    let counter = Arc::new(Counter { failing: [5].into(), ..Counter::new() });
    let engine = tenant.engine(vec![], vec![counter.clone()]);
    tenant.enqueue_numbered(0..200).await;
    engine.run_until_idle().await.unwrap();
    let expected: Vec<i64> = (0..200).map(|n| i64::from(n != 5)).collect();
    assert_eq!(tenant.counts(0..200), expected);
    // The first batch, which it was in; half as many from there on.
    assert_eq!(*counter.singles.lock(), (0..8).collect::<Vec<_>>());
    assert_eq!(counter.batch_sizes()[..3], [8, 4, 8]);
    let failed = || {
        let filter = JobFilter { name: Some("count".into()), ..JobFilter::default() };
        let rows = tenant.store.read(|r| r.jobs().list(&filter, 1_000)).unwrap();
        rows.into_iter()
            .filter(|job| job.state != JobState::Done)
            .map(|job| (job.attempt, job.state))
            .collect::<Vec<_>>()
    };
    assert_eq!(failed(), [(1, JobState::Waiting)]);
    let batches = counter.batches.lock().len();
    tenant.advance_seconds(20);
    engine.run_until_idle().await.unwrap();
    assert_eq!((failed(), counter.batches.lock().len()), (vec![(2, JobState::Dead)], batches));
    assert_eq!(tenant.counts(0..200), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_that_take_too_long_become_single_jobs() {
    let tenant = TestTenant::new();
    let counter = Arc::new(Counter { fitting: 0, ..Counter::new() });
    let engine = tenant.engine(vec![], vec![counter.clone()]);
    tenant.enqueue_numbered(0..100).await;
    engine.run_until_idle().await.unwrap();
    assert_eq!(tenant.counts(0..100), vec![1; 100]);
    // 8 and 2, and then none until many have run alone.
    assert_eq!(counter.batch_sizes()[..2], [8, 2]);
    assert_eq!((counter.batch_sizes().len(), counter.singles.lock().len()), (3, 100));
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_a_batch_continue_from_their_checkpoint() {
    let tenant = TestTenant::new();
    let counter = Arc::new(Counter { slow: [2].into(), ..Counter::new() });
    let engine = tenant.engine(vec![], vec![counter.clone()]);
    tenant.enqueue_numbered(0..4).await;
    engine.run_until_idle().await.unwrap();
    assert_eq!((tenant.counts(0..4), tenant.count_jobs(JobState::Done)), (vec![1; 4], 3));
    tenant.advance_seconds(10);
    engine.run_until_idle().await.unwrap();
    assert_eq!((tenant.counts(0..4), tenant.count_jobs(JobState::Done)), (vec![1, 1, 2, 1], 4));
    assert_eq!(*counter.batches.lock(), [vec![0, 1, 2, 3], vec![2]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_have_one_job_of_each_lane() {
    let (tenant, counter) = (TestTenant::new(), Arc::new(Counter::new()));
    let engine = tenant.engine(vec![], vec![counter.clone()]);
    let due = engine.now();
    for n in 0..8 {
        let lane = (n < 6).then(|| ["a", "b"][n as usize % 2].to_owned());
        tenant.enqueue(NewJob { lane, ..numbered_job(n, due + n) }).await.unwrap();
    }
    tenant.advance_seconds(1);
    engine.run_until_idle().await.unwrap();
    assert_eq!(*counter.batches.lock(), [vec![0, 1, 6, 7], vec![2, 3], vec![4, 5]]);
    assert_eq!(tenant.counts(0..8), vec![1; 8]);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_batch_follow_from_the_longest_chain() {
    let (tenant, counter) = (TestTenant::new(), Arc::new(Counter::new()));
    let engine = tenant.engine(vec![], vec![counter.clone()]);
    let due = engine.now();
    for (n, depth) in [(0, 3), (1, 9), (2, 4)] {
        let enqueue = move |tx: &mut WriteTx<'_>| {
            tx.set_cause_depth(depth);
            tx.jobs().enqueue(&numbered_job(n, due), due)
        };
        tenant.store.write(enqueue).await.unwrap();
    }
    engine.run_until_idle().await.unwrap();
    let events = tenant.store.read(|r| r.events().list_after(0, 10)).unwrap();
    let emitted = events.iter().filter(|event| event.event.name == "test.happened");
    assert_eq!(emitted.map(|event| (event_number(event), event.depth)).collect::<Vec<_>>(), [(3, 9)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_another_process_took_over_are_left_out() {
    let tenant = TestTenant::new();
    let due = tenant.clock.now().timestamp_millis();
    tenant.enqueue_numbered(0..3).await;
    let claim = |holder: &'static str, now: i64, limit: i64| {
        tenant.store.write(move |tx| tx.jobs().claim(&["count"], holder, now, now + 10, limit))
    };
    let ours: Vec<JobFence> = claim("ours", due, 3).await.unwrap().iter().map(JobRow::fence).collect();
    let theirs = claim("theirs", due + 10, 1).await.unwrap().remove(0);
    assert_eq!(theirs.id, ours[0].job);
    let locked = tenant.store.write(move |tx| tx.jobs().lock_leased(&ours).map(|ids| (ids, ours))).await.unwrap();
    let (ids, ours) = locked;
    assert_eq!(ids, ours[1..].iter().map(|fence| fence.job).collect::<HashSet<_>>());
    // No job is finished if one of them cannot be.
    let (running, done) = (ours[1].job, i64::MAX);
    let ended = tenant.store.write(move |tx| tx.jobs().finish_locked(&[running, done], due)).await;
    assert!(matches!(ended, Err(StoreError::Lost)), "{ended:?}");
    assert_eq!(tenant.count_jobs(JobState::Done), 0);
    tenant.store.write(move |tx| tx.jobs().finish_locked(&[running], due)).await.unwrap();
    assert_eq!(tenant.count_jobs(JobState::Done), 1);
}
