//! Consumers and jobs on a real database, with a clock that tests move.

mod dynamic_handlers;
mod job_batches;
mod keyed_jobs;

use super::*;
use crate::{Consumer, DeliveryFailure, ExternalConsumer, JobEffect, JobOutcome, RetryPolicy, TransactionalConsumer};
use cairn_access::FixedClock;
use cairn_store::events::*;
use cairn_store::{Database, StoreOptions, WriteTx};
use cairn_testkit::TestDatabase;
use chrono::{DateTime, TimeDelta};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::atomic::AtomicUsize;

struct TestTenant {
    store: Store,
    clock: Arc<FixedClock>,
    _database: TestDatabase,
    _folder: tempfile::TempDir,
}

impl TestTenant {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::new(folder.path());
        let registry = Arc::new(cairn_model::load::load_project(folder.path()).unwrap().registry);
        let options = StoreOptions { database: Database::parse(database.url(), folder.path()).unwrap() };
        let store = Store::open(options, registry).unwrap();
        let clock = Arc::new(FixedClock::starting_at(DateTime::from_timestamp(1_800_000_000, 0).unwrap()));
        Self { store, clock, _database: database, _folder: folder }
    }

    fn engine(&self, subscribers: Vec<Subscriber>, handlers: Vec<Arc<dyn JobHandler>>) -> Arc<Engine> {
        Engine::new(EngineSetup {
            store: self.store.clone(),
            clock: self.clock.clone(),
            subscribers,
            handlers,
            node: "test:run".into(),
            quiet: vec![],
        })
    }

    async fn emit(&self, key: &str, n: i64) {
        let (key, now) = (key.to_owned(), self.clock.now().timestamp_millis());
        self.store.write(move |tx| tx.events().emit(&Actor::public(), &new_event(&key, n), now)).await.unwrap();
    }

    async fn enqueue(&self, job: NewJob) -> Result<Option<i64>, StoreError> {
        let now = self.clock.now().timestamp_millis();
        self.store.write(move |tx| tx.jobs().enqueue(&job, now)).await
    }

    fn advance_seconds(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    fn count_jobs(&self, state: JobState) -> usize {
        let filter = JobFilter { state: Some(state), ..JobFilter::default() };
        self.store.read(|r| r.jobs().list(&filter, 1_000)).unwrap().len()
    }
}

fn new_event(key: &str, n: i64) -> NewEvent {
    NewEvent {
        name: "test.happened".into(),
        key: key.into(),
        content_type: None,
        document_id: None,
        locale: None,
        status: None,
        data: json!({ "n": n }),
    }
}

fn event_number(event: &Event) -> i64 {
    event.event.data["n"].as_i64().unwrap()
}

fn new_job(name: &str, key: Option<&str>, due: i64) -> NewJob {
    NewJob {
        name: name.into(),
        key: key.map(Into::into),
        duplicate: DuplicatePolicy::Keep,
        lane: None,
        payload: json!({}),
        due,
    }
}

/// A consumer that collects events, and fails for chosen ones.
#[derive(Default)]
struct Receiver {
    got: Mutex<BTreeMap<String, Vec<i64>>>,
    /// Numbers that fail, and how often they still do.
    fails: Mutex<BTreeMap<i64, usize>>,
    holds: bool,
}

impl Consumer for Receiver {
    fn name(&self) -> &str {
        "receiver"
    }
    fn retry_policy(&self) -> RetryPolicy {
        RetryPolicy {
            first_pause: Duration::from_secs(10),
            factor: 1.0,
            max_pause: Duration::from_secs(10),
            attempts: 3,
        }
    }
    fn holds_key_after_dead(&self) -> bool {
        self.holds
    }
    fn batch_size(&self) -> usize {
        7
    }
}

impl ExternalConsumer for Receiver {
    fn deliver_event<'a>(&'a self, event: &'a Event, _: i64) -> BoxFuture<'a, Result<(), DeliveryFailure>> {
        async move {
            tokio::task::yield_now().await;
            if let Some(remaining) = self.fails.lock().get_mut(&event_number(event))
                && *remaining > 0
            {
                *remaining -= 1;
                return Err(DeliveryFailure::new("no"));
            }
            self.got.lock().entry(event.event.key.clone()).or_default().push(event_number(event));
            Ok(())
        }
        .boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_stay_ordered_per_key_behind_failed_ones() {
    let tenant = TestTenant::new();
    let receiver = Arc::new(Receiver::default());
    let engine = tenant.engine(vec![Subscriber::External(receiver.clone())], vec![]);
    engine.run_until_idle().await.unwrap();
    receiver.fails.lock().insert(3, 2);
    for i in 0..30 {
        tenant.emit(if i % 3 == 0 { "a" } else { "b" }, i).await;
    }
    engine.run_until_idle().await.unwrap();
    let received = |key: &str| receiver.got.lock().get(key).cloned().unwrap_or_default();
    assert_eq!(received("a"), [0], "what is behind 3 waits");
    assert_eq!(received("b").len(), 20);
    assert!(received("b").is_sorted());
    tenant.advance_seconds(5);
    engine.run_until_idle().await.unwrap();
    assert_eq!(received("a"), [0], "not before its time");
    for _ in 0..2 {
        tenant.advance_seconds(13);
        engine.run_until_idle().await.unwrap();
    }
    assert_eq!(received("a"), (0..10).map(|i| i * 3).collect::<Vec<_>>());
    assert!(tenant.store.read(|r| r.deliveries().count_by_state()).unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_deliveries_can_be_retried_discarded_and_replayed() {
    for holds in [false, true] {
        let tenant = TestTenant::new();
        let receiver = Arc::new(Receiver { holds, ..Receiver::default() });
        let engine = tenant.engine(vec![Subscriber::External(receiver.clone())], vec![]);
        engine.run_until_idle().await.unwrap();
        receiver.fails.lock().insert(0, 100);
        tenant.emit("a", 0).await;
        tenant.emit("a", 1).await;
        for _ in 0..5 {
            engine.run_until_idle().await.unwrap();
            tenant.advance_seconds(13);
        }
        let filter = DeliveryFilter { state: Some(DeliveryState::Dead), ..DeliveryFilter::default() };
        let dead = tenant.store.read(|r| r.deliveries().list(&filter, 10)).unwrap();
        assert_eq!((dead.len(), dead[0].attempt, dead[0].error.as_deref()), (1, 3, Some("no")));
        assert_eq!(dead[0].event.as_ref().map(event_number), Some(0));
        let received = || receiver.got.lock().get("a").cloned().unwrap_or_default();
        assert_eq!(received(), if holds { vec![] } else { vec![1] }, "holds: {holds}");
        receiver.fails.lock().clear();
        let (id, now) = (dead[0].id, engine.now());
        if holds {
            tenant.store.write(move |tx| tx.deliveries().retry("receiver", Some(id), now)).await.unwrap();
            engine.run_until_idle().await.unwrap();
            assert_eq!(received(), [0, 1]);
        } else {
            let discard = move |tx: &mut WriteTx<'_>| tx.deliveries().discard("receiver", None, "of no use", now);
            assert_eq!(tenant.store.write(discard).await.unwrap(), 1);
            engine.run_until_idle().await.unwrap();
            assert_eq!(received(), [1]);
        }
        // By name and time; more than wanted is refused.
        let all = EventFilter { name: Some("test.*".into()), ..EventFilter::default() };
        let event_filter = all.clone();
        let n = tenant
            .store
            .write(move |tx| tx.deliveries().replay_events("receiver", &event_filter, now, 10))
            .await
            .unwrap();
        assert_eq!(n, 2);
        let before = received().len();
        engine.run_until_idle().await.unwrap();
        assert_eq!(received()[before..], [0, 1]);
        let refused = tenant.store.write(move |tx| tx.deliveries().replay_events("receiver", &all, now, 1)).await;
        assert!(matches!(refused, Err(StoreError::TooMany(1))), "{refused:?}");
        let later = EventFilter { from: Some(now + 1_000_000), ..EventFilter::default() };
        assert_eq!(
            tenant.store.write(move |tx| tx.deliveries().replay_events("receiver", &later, now, 10)).await.unwrap(),
            0
        );
    }
}

/// A server accepts requests before the first pass of its engine.
#[tokio::test(flavor = "multi_thread")]
async fn new_subscribers_receive_events_committed_before_a_pass() {
    let tenant = TestTenant::new();
    let receiver = Arc::new(Receiver::default());
    let engine = tenant.engine(vec![Subscriber::External(receiver.clone())], vec![]);
    engine.register_subscribers().await.unwrap();
    tenant.emit("a", 1).await;
    engine.run_until_idle().await.unwrap();
    assert_eq!(receiver.got.lock()["a"], [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_consumers_deliver_nothing_that_came_after() {
    let tenant = TestTenant::new();
    let engine = tenant.engine(vec![], vec![]);
    let (old, new) = (Arc::new(Receiver::default()), Arc::new(Receiver::default()));
    engine.set_subscribers("webhooks", vec![Subscriber::External(old.clone())]);
    engine.run_until_idle().await.unwrap();
    engine.set_subscribers("webhooks", vec![Subscriber::External(new.clone())]);
    tenant.emit("a", 1).await;
    engine.place_events().await.unwrap();
    // A pass that began before the replacement still drives the old consumer.
    engine.drive_external(&*old).await.unwrap();
    assert!(old.got.lock().is_empty());
    engine.run_until_idle().await.unwrap();
    assert_eq!(new.got.lock()["a"], [1]);
    assert!(old.got.lock().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn paused_consumers_continue_where_they_stopped() {
    let tenant = TestTenant::new();
    let receiver = Arc::new(Receiver::default());
    let engine = tenant.engine(vec![Subscriber::External(receiver.clone())], vec![]);
    engine.run_until_idle().await.unwrap();
    let set = |state| {
        let store = tenant.store.clone();
        async move { store.write(move |tx| tx.consumers().set_state("receiver", state, Some("why"))).await.unwrap() }
    };
    assert!(set(ConsumerState::Paused).await);
    tenant.emit("a", 1).await;
    engine.run_until_idle().await.unwrap();
    assert!(receiver.got.lock().is_empty());
    set(ConsumerState::Active).await;
    engine.run_until_idle().await.unwrap();
    assert_eq!(receiver.got.lock()["a"], [1]);
}

/// Counts in the database how often each event took effect.
struct Counter {
    name: &'static str,
    fails: Mutex<BTreeMap<i64, usize>>,
}

impl Counter {
    fn counts(&self, tenant: &TestTenant, events: i64) -> Vec<i64> {
        let count = |i| tenant.store.read(|r| r.settings().get(&format!("{} {i}", self.name))).unwrap();
        (0..events).map(|i| count(i).map_or(0, |c| c.as_i64().unwrap())).collect()
    }
}

impl Consumer for Counter {
    fn name(&self) -> &str {
        self.name
    }
}

impl TransactionalConsumer for Counter {
    fn apply_events(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), StoreError> {
        for e in events {
            let key = format!("{} {}", self.name, event_number(e));
            let before = tx.reader().settings().get(&key)?.and_then(|v| v.as_i64()).unwrap_or(0);
            tx.settings().set(&key, &json!(before + 1))?;
            if let Some(remaining) = self.fails.lock().get_mut(&event_number(e))
                && *remaining > 0
            {
                *remaining -= 1;
                return Err(StoreError::Schema("no".into()));
            }
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn transactional_effects_happen_once_across_engines() {
    let tenant = TestTenant::new();
    let counter = Arc::new(Counter { name: "counter", fails: Mutex::new([(5, 1), (17, 2)].into()) });
    let engines: Vec<_> =
        (0..3).map(|_| tenant.engine(vec![Subscriber::Transactional(counter.clone())], vec![])).collect();
    engines[0].run_until_idle().await.unwrap();
    let writer = async {
        for i in 0..60 {
            tenant.emit(["a", "b", "c"][i as usize % 3], i).await;
        }
    };
    let run = |engine: Arc<Engine>| async move {
        for _ in 0..20 {
            engine.run_until_idle().await.unwrap();
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    };
    tokio::join!(writer, run(engines[0].clone()), run(engines[1].clone()), run(engines[2].clone()));
    for _ in 0..3 {
        tenant.advance_seconds(60);
        engines[1].run_until_idle().await.unwrap();
    }
    assert_eq!(counter.counts(&tenant, 60), [1; 60]);
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_consumers_do_not_delay_others_in_their_group() {
    let tenant = TestTenant::new();
    let (good, bad) =
        (Counter { name: "good", fails: Mutex::default() }, Counter { name: "bad", fails: Mutex::default() });
    let (good, bad, late) =
        (Arc::new(good), Arc::new(bad), Arc::new(Counter { name: "late", fails: Mutex::default() }));
    let both = vec![Subscriber::Transactional(good.clone()), Subscriber::Transactional(bad.clone())];
    let engine = tenant.engine(both, vec![]);
    engine.run_until_idle().await.unwrap();
    bad.fails.lock().insert(3, usize::MAX);
    // More than a batch, all of one key: what is behind the one that fails waits, for the one that fails.
    for i in 0..250 {
        tenant.emit("a", i).await;
    }
    engine.run_until_idle().await.unwrap();
    assert_eq!(good.counts(&tenant, 250), [1; 250]);
    assert_eq!(bad.counts(&tenant, 250).iter().sum::<i64>(), 3);
    // A later consumer receives later events, together with those at the same position.
    engine.set_subscribers("late", vec![Subscriber::Transactional(late.clone())]);
    engine.run_until_idle().await.unwrap();
    bad.fails.lock().clear();
    tenant.emit("b", 250).await;
    tenant.advance_seconds(60);
    engine.run_until_idle().await.unwrap();
    for counter in [&good, &bad] {
        assert_eq!(counter.counts(&tenant, 251), [1; 251], "{}", counter.name);
    }
    assert_eq!(late.counts(&tenant, 251).iter().sum::<i64>(), 1);
    assert!(tenant.store.read(|r| r.deliveries().count_by_state()).unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn holders_of_lost_leases_cannot_write() {
    let tenant = TestTenant::new();
    let (store, now) = (&tenant.store, tenant.clock.now().timestamp_millis());
    store.write(move |tx| tx.consumers().ensure("c", true, now)).await.unwrap();
    let drive =
        |holder: &'static str, now: i64| store.write(move |tx| tx.consumers().take_lease("c", holder, now, now + 10));
    let first = drive("one", now).await.unwrap().unwrap();
    assert_eq!(drive("two", now).await.unwrap(), None, "leased");
    assert_eq!(drive("one", now + 5).await.unwrap().unwrap().fence, first.fence, "held for longer");
    let second = drive("two", now + 20).await.unwrap().unwrap();
    assert_ne!(second.fence, first.fence);
    let advance = |drive: ConsumerLease| store.write(move |tx| tx.consumers().advance(&drive, 7));
    assert!(matches!(advance(first).await, Err(StoreError::Lost)));
    advance(second).await.unwrap();

    tenant.enqueue(new_job("j", None, 0)).await.unwrap();
    let claim = |now: i64| store.write(move |tx| tx.jobs().claim(&["j"], "x", now, now + 10, 5));
    let one = claim(now).await.unwrap().remove(0);
    assert!(claim(now + 5).await.unwrap().is_empty());
    let two = claim(now + 10).await.unwrap().remove(0);
    let finish_job = |fence: JobFence| {
        store.write(move |tx| {
            tx.settings().set("done", &json!(true))?;
            tx.jobs().finish(fence, now)
        })
    };
    assert!(matches!(finish_job(one.fence()).await, Err(StoreError::Lost)));
    assert_eq!(store.read(|r| r.settings().get("done")).unwrap(), None, "its effects are undone");
    let beat = one.fence();
    assert!(!store.write(move |tx| tx.jobs().extend_lease(beat, now + 99)).await.unwrap());
    finish_job(two.fence()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_leases_of_ended_runs_of_a_node_are_released() {
    let tenant = TestTenant::new();
    let (store, now) = (&tenant.store, tenant.clock.now().timestamp_millis());
    let until = now + 30_000;
    let names = ["ended", "present", "another", "longer"];
    let holders = ["n:one:e", "n:two:e", "m:one:e", "nn:one:e"];
    for (name, holder) in names.into_iter().zip(holders) {
        store.write(move |tx| tx.consumers().ensure(name, true, now)).await.unwrap();
        store.write(move |tx| tx.consumers().take_lease(name, holder, now, until)).await.unwrap().unwrap();
        tenant.enqueue(new_job(name, None, 0)).await.unwrap();
        let claimed = store.write(move |tx| tx.jobs().claim(&[name], holder, now, until, 1)).await.unwrap();
        assert_eq!(claimed.len(), 1);
    }
    assert!(store.read(|r| r.consumers().has_leases_of_node("n", "two")).unwrap());
    store.write(|tx| tx.consumers().release_leases_of_node("n", "two")).await.unwrap();
    assert!(!store.read(|r| r.consumers().has_leases_of_node("n", "two")).unwrap());
    for name in names {
        let free = name == "ended";
        let drive = store.write(move |tx| tx.consumers().take_lease(name, "new", now, until)).await.unwrap();
        assert_eq!(drive.is_some(), free, "{name}");
        let claimed = store.write(move |tx| tx.jobs().claim(&[name], "new", now, until, 1)).await.unwrap();
        assert_eq!(claimed.len(), usize::from(free), "{name}");
    }
}

/// A handler that acts according to the payload.
#[derive(Default)]
struct Worker {
    ran: AtomicUsize,
    at_once: AtomicUsize,
    atomic_usize: AtomicUsize,
}

impl JobHandler for Worker {
    fn name(&self) -> &'static str {
        "work"
    }
    fn retry_policy(&self) -> RetryPolicy {
        RetryPolicy {
            first_pause: Duration::from_secs(10),
            factor: 1.0,
            max_pause: Duration::from_secs(10),
            attempts: 3,
        }
    }
    fn timeout(&self) -> Duration {
        Duration::from_millis(200)
    }
    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        async move {
            self.ran.fetch_add(1, Ordering::SeqCst);
            let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
            self.atomic_usize.fetch_max(now, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(5)).await;
            self.at_once.fetch_sub(1, Ordering::SeqCst);
            match job.payload["do"].as_str() {
                Some("fail") => JobOutcome::failed("no"),
                Some("fail once") if job.attempt == 1 => JobOutcome::failed("no"),
                Some("panic") => panic!("a handler that panics"),
                Some("hang") => {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                    JobOutcome::done()
                }
                Some("steps") => {
                    let step = job.checkpoint.as_ref().and_then(Json::as_i64).unwrap_or(0) + 1;
                    let effect: JobEffect = Arc::new(move |tx| tx.settings().set("step", &json!(step)));
                    match step {
                        5 => JobOutcome::Done(Some(effect)),
                        _ => JobOutcome::Continue {
                            checkpoint: json!(step),
                            after: Duration::ZERO,
                            effect: Some(effect),
                        },
                    }
                }
                _ => JobOutcome::done(),
            }
        }
        .boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_finish_or_are_retried_until_they_are_dead() {
    let tenant = TestTenant::new();
    let worker = Arc::new(Worker::default());
    let engine = tenant.engine(vec![], vec![worker.clone()]);
    let due = engine.now();
    for subject in ["", "fail once", "fail", "panic", "hang", "steps"] {
        tenant.enqueue(NewJob { payload: json!({ "do": subject }), ..new_job("work", None, due) }).await.unwrap();
    }
    tenant.enqueue(new_job("work", Some("later"), due + 3_600_000)).await.unwrap();
    tenant.enqueue(new_job("nobody does this", None, due)).await.unwrap();
    for _ in 0..4 {
        engine.run_until_idle().await.unwrap();
        tenant.advance_seconds(13);
    }
    assert_eq!(
        (tenant.count_jobs(JobState::Done), tenant.count_jobs(JobState::Dead), tenant.count_jobs(JobState::Waiting)),
        (3, 3, 2)
    );
    assert_eq!(tenant.store.read(|r| r.settings().get("step")).unwrap(), Some(json!(5)));
    // 1 + 2 + 3 + 3 + 3 + 5 calls.
    assert_eq!(worker.ran.load(Ordering::SeqCst), 17);
    let dead = JobFilter { state: Some(JobState::Dead), ..JobFilter::default() };
    let errors: Vec<String> =
        tenant.store.read(|r| r.jobs().list(&dead, 9)).unwrap().into_iter().filter_map(|j| j.error).collect();
    assert!(
        errors.iter().any(|e| e.contains("panicked")) && errors.iter().any(|e| e.contains("longer than")),
        "{errors:?}"
    );
    tenant.advance_seconds(3_600);
    engine.run_until_idle().await.unwrap();
    assert_eq!(tenant.count_jobs(JobState::Done), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_job_waits_per_name_and_key() {
    let tenant = TestTenant::new();
    let engine = tenant.engine(vec![], vec![]);
    let due = engine.now();
    let first = tenant.enqueue(new_job("work", Some("k"), due)).await.unwrap().unwrap();
    assert_eq!(tenant.enqueue(new_job("work", Some("k"), due + 5)).await.unwrap(), None, "kept");
    let replaced = NewJob {
        duplicate: DuplicatePolicy::Replace,
        payload: json!({ "new": true }),
        ..new_job("work", Some("k"), due + 9)
    };
    assert_eq!(tenant.enqueue(replaced).await.unwrap(), Some(first));
    let row = tenant.store.read(|r| r.jobs().get(first)).unwrap().unwrap();
    assert_eq!((row.due, row.payload), (due + 9, json!({ "new": true })));
    let refused =
        tenant.enqueue(NewJob { duplicate: DuplicatePolicy::Refuse, ..new_job("work", Some("k"), due) }).await;
    assert!(matches!(refused, Err(StoreError::Unique)), "{refused:?}");
    tenant.enqueue(new_job("other", Some("k"), due)).await.unwrap().unwrap();
    tenant.enqueue(new_job("work", None, due)).await.unwrap().unwrap();
    tenant.enqueue(new_job("work", None, due)).await.unwrap().unwrap();
    assert_eq!(tenant.store.write(move |tx| tx.jobs().cancel_by_key("work", "k", due)).await.unwrap(), 1);
    tenant.enqueue(new_job("work", Some("k"), due)).await.unwrap().unwrap();
    // Asked for anew while it runs: the newer one stays.
    let claimed = tenant.store.write(move |tx| tx.jobs().claim(&["work"], "x", due, due + 10, 9)).await.unwrap();
    let running = claimed.into_iter().find(|j| j.key.is_some()).unwrap().fence();
    tenant.enqueue(new_job("work", Some("k"), due)).await.unwrap().unwrap();
    let result = tenant.store.write(move |tx| tx.jobs().record_failure(running, Some(due), "no", due)).await;
    assert!(matches!(result, Err(StoreError::Unique)), "{result:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_one_lane_run_one_after_another() {
    let tenant = TestTenant::new();
    let worker = Arc::new(Worker::default());
    let engines: Vec<_> = (0..2).map(|_| tenant.engine(vec![], vec![worker.clone()])).collect();
    let due = engines[0].now();
    for _ in 0..12 {
        tenant.enqueue(NewJob { lane: Some("lane".into()), ..new_job("work", None, due) }).await.unwrap();
    }
    for _ in 0..100 {
        let (one, two) = tokio::join!(engines[0].run_until_idle(), engines[1].run_until_idle());
        one.and(two).unwrap();
        if tenant.count_jobs(JobState::Done) == 12 {
            break;
        }
    }
    assert_eq!((tenant.count_jobs(JobState::Done), worker.atomic_usize.load(Ordering::SeqCst)), (12, 1));
    for _ in 0..12 {
        tenant.enqueue(new_job("work", None, due)).await.unwrap();
    }
    engines[0].run_until_idle().await.unwrap();
    assert!(worker.atomic_usize.load(Ordering::SeqCst) > 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn recurring_jobs_run_once_across_nodes() {
    let tenant = TestTenant::new();
    let worker = Arc::new(Worker::default());
    let engines: Vec<_> = (0..3).map(|_| tenant.engine(vec![], vec![worker.clone()])).collect();
    let row = CronRow {
        name: "hourly".into(),
        job: "work".into(),
        payload: json!({}),
        cron: "0 * * * *".into(),
        zone: "Europe/Amsterdam".into(),
        missed: MissedRuns::Once,
        next: Some(engines[0].now() + 60_000),
        last: None,
        paused: false,
    };
    tenant.store.write(move |tx| tx.recurring_jobs().save(&row)).await.unwrap();
    let all = || async {
        let (a, b, c) =
            tokio::join!(engines[0].run_until_idle(), engines[1].run_until_idle(), engines[2].run_until_idle());
        a.and(b).and(c).unwrap();
        for engine in &engines {
            engine.run_until_idle().await.unwrap();
        }
        worker.ran.load(Ordering::SeqCst)
    };
    assert_eq!(all().await, 0);
    tenant.advance_seconds(61);
    assert_eq!(all().await, 1);
    for expected in 2..5 {
        tenant.advance_seconds(3_600);
        assert_eq!(all().await, expected);
    }
    // A day was missed; a clock that goes back brings none again.
    tenant.advance_seconds(86_400);
    assert_eq!(all().await, 5);
    tenant.advance_seconds(-86_400);
    assert_eq!(all().await, 5);
    tenant.advance_seconds(86_400);
    assert_eq!(all().await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_purged_when_no_delivery_needs_them() {
    let tenant = TestTenant::new();
    let receiver = Arc::new(Receiver::default());
    let engine = tenant.engine(vec![Subscriber::External(receiver.clone())], vec![]);
    engine.run_until_idle().await.unwrap();
    receiver.fails.lock().insert(1, 100);
    for i in 0..5 {
        tenant.emit(&format!("k{i}"), i).await;
    }
    engine.run_until_idle().await.unwrap();
    tenant.emit("later", 9).await;
    let now = engine.now() + 1;
    // The event to be delivered and the one not yet placed stay. The schema's own event is purged with the four others.
    let removed = tenant.store.write(move |tx| tx.events().purge(now, 100)).await.unwrap();
    assert_eq!(removed, 5);
    assert_eq!(tenant.store.write(move |tx| tx.events().purge(now - 10_000, 100)).await.unwrap(), 0);
}
