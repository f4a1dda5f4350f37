//! Handlers and consumers that are added and removed while the engine runs.

use super::*;
use crate::{Concurrency, DeliveryError};
use std::sync::atomic::AtomicBool;
use tokio::sync::Semaphore;

/// A handler for a name that is known only at run time; its jobs end when the test permits.
struct GatedHandler {
    name: String,
    share: Option<(&'static str, usize)>,
    /// Number of jobs that may end.
    lets: Semaphore,
    ran: AtomicUsize,
    most: AtomicUsize,
    /// Jobs running at a time, of all guests with one share.
    at_once: Arc<AtomicUsize>,
}

impl GatedHandler {
    fn new(name: &str, share: Option<(&'static str, usize)>, lets: usize) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            share,
            lets: Semaphore::new(lets),
            ran: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            at_once: Arc::default(),
        })
    }

    fn run_count(&self) -> usize {
        self.ran.load(Ordering::SeqCst)
    }
}

impl JobHandler for GatedHandler {
    fn name(&self) -> &str {
        &self.name
    }
    fn concurrency(&self) -> Option<Concurrency<'_>> {
        self.share.map(|(of, at_once)| Concurrency { of, at_once })
    }
    fn run<'a>(&'a self, _: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        async move {
            let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            self.ran.fetch_add(1, Ordering::SeqCst);
            if let Ok(let_through) = self.lets.acquire().await {
                let_through.forget();
            }
            self.at_once.fetch_sub(1, Ordering::SeqCst);
            JobOutcome::done()
        }
        .boxed()
    }
}

async fn wait_until(subject: &str, is: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if is() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("not in time: {subject}");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_without_a_handler_wait_unchanged() {
    let tenant = TestTenant::new();
    let engine = tenant.engine(vec![], vec![]);
    let id = tenant.enqueue(new_job("plugin:crm:work", None, engine.now())).await.unwrap().unwrap();
    let row = || tenant.store.read(|r| r.jobs().get(id)).unwrap().unwrap();
    let before = row();
    for _ in 0..3 {
        engine.run_until_idle().await.unwrap();
        tenant.advance_seconds(60);
    }
    assert_eq!((row(), engine.next_due()), (before, i64::MAX), "nor is there a reason to look again");
    let guest = GatedHandler::new("plugin:crm:work", None, 9);
    engine.set_handlers("plugin:crm", vec![guest.clone()]);
    engine.run_until_idle().await.unwrap();
    assert_eq!((row().state, row().attempt, guest.run_count()), (JobState::Done, 1, 1));
    // Replaced by one of the next generation, which does what comes then.
    let next = GatedHandler::new("plugin:crm:work", None, 9);
    engine.set_handlers("plugin:crm", vec![next.clone()]);
    tenant.enqueue(new_job("plugin:crm:work", None, engine.now())).await.unwrap();
    engine.run_until_idle().await.unwrap();
    assert_eq!((guest.run_count(), next.run_count()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn running_jobs_finish_with_the_handler_that_started_them() {
    let tenant = TestTenant::new();
    let (engine, guest) = (tenant.engine(vec![], vec![]), GatedHandler::new("plugin:crm:work", None, 0));
    engine.set_handlers("plugin:crm", vec![guest.clone()]);
    for _ in 0..2 {
        tenant.enqueue(new_job("plugin:crm:work", Some("k"), engine.now())).await.unwrap();
        let mut running = JoinSet::new();
        engine.run_pass(&mut running).await.unwrap();
        wait_until("it runs", || guest.run_count() == 1).await;
        engine.set_handlers("plugin:crm", vec![]);
        guest.lets.add_permits(1);
        running.join_all().await;
    }
    // The first was done; the second waits.
    assert_eq!((tenant.count_jobs(JobState::Done), tenant.count_jobs(JobState::Waiting), guest.run_count()), (1, 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn handlers_of_one_share_use_its_lowest_limit() {
    let tenant = TestTenant::new();
    let (one, two) = (GatedHandler::new("one", Some(("crm", 3)), 0), GatedHandler::new("two", Some(("crm", 2)), 0));
    let (free, stopped) = (GatedHandler::new("free", None, 0), GatedHandler::new("stopped", Some(("kb", 0)), 9));
    let engine = tenant.engine(vec![], vec![free.clone()]);
    engine.set_handlers("plugins", vec![one.clone(), two.clone(), stopped.clone()]);
    let due = engine.now();
    // Plugin jobs are due before the others, and are more than one claim finds.
    for n in 0..30 {
        tenant.enqueue(new_job(["one", "two", "stopped"][n % 3], None, due - 1_000)).await.unwrap();
    }
    for _ in 0..9 {
        tenant.enqueue(new_job("free", None, due)).await.unwrap();
    }
    let mut running = JoinSet::new();
    assert_eq!(engine.run_pass(&mut running).await.unwrap(), MAX_OWN_JOBS + 2);
    wait_until("they run", || one.run_count() + two.run_count() + free.run_count() == MAX_OWN_JOBS + 2).await;
    assert_eq!(
        (one.run_count() + two.run_count(), free.run_count()),
        (2, MAX_OWN_JOBS),
        "the least that one of them says, beside all of the others'"
    );
    assert_eq!(engine.run_pass(&mut running).await.unwrap(), 0);
    for guest in [&one, &two, &free] {
        guest.lets.add_permits(100);
    }
    running.join_all().await;
    engine.run_until_idle().await.unwrap();
    assert_eq!((one.run_count(), two.run_count(), free.run_count(), stopped.run_count()), (10, 10, 9, 0));
    let filter = JobFilter { state: Some(JobState::Waiting), ..JobFilter::default() };
    let rows = tenant.store.read(|r| r.jobs().list(&filter, 99)).unwrap();
    assert!(rows.len() == 10 && rows.iter().all(|j| j.attempt == 0), "they lose no attempt");
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_plugin_jobs_do_not_block_other_jobs() {
    let tenant = TestTenant::new();
    let (greedy, modest) =
        (GatedHandler::new("greedy", Some(("a", 8)), 0), GatedHandler::new("modest", Some(("b", 8)), 0));
    let mail = GatedHandler::new("cairn.mail", None, 99);
    let engine = tenant.engine(vec![], vec![mail.clone()]);
    engine.set_handlers("plugins", vec![greedy.clone(), modest.clone()]);
    let due = engine.now();
    for _ in 0..40 {
        tenant.enqueue(new_job("greedy", None, due - 1_000)).await.unwrap();
    }
    let mut running = JoinSet::new();
    for _ in 0..3 {
        engine.run_pass(&mut running).await.unwrap();
    }
    wait_until("all that may run", || greedy.run_count() == MAX_JOBS_PER_SHARE).await;
    // The running jobs do not end. A mail of Cairn's own and a job of another plugin start nevertheless, although both were enqueued last.
    tenant.enqueue(new_job("cairn.mail", None, due)).await.unwrap();
    tenant.enqueue(new_job("modest", None, due)).await.unwrap();
    engine.run_pass(&mut running).await.unwrap();
    wait_until("the others", || mail.run_count() == 1 && modest.run_count() == 1).await;
    assert_eq!(greedy.run_count(), MAX_JOBS_PER_SHARE);
    greedy.lets.add_permits(100);
    modest.lets.add_permits(100);
    running.join_all().await;
    engine.run_until_idle().await.unwrap();
    assert_eq!((greedy.run_count(), modest.run_count()), (40, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn free_job_slots_are_split_between_plugins() {
    let tenant = TestTenant::new();
    let (greedy, modest) =
        (GatedHandler::new("greedy", Some(("a", 8)), 0), GatedHandler::new("modest", Some(("b", 8)), 0));
    let engine = tenant.engine(vec![], vec![]);
    engine.set_handlers("plugins", vec![greedy.clone(), modest.clone()]);
    let due = engine.now();
    for n in 0..60 {
        let (name, due) = if n < 40 { ("greedy", due - 1_000) } else { ("modest", due) };
        tenant.enqueue(new_job(name, None, due)).await.unwrap();
    }
    let mut running = JoinSet::new();
    assert_eq!(engine.run_pass(&mut running).await.unwrap(), MAX_SHARED_JOBS);
    wait_until("they run", || greedy.run_count() + modest.run_count() == MAX_SHARED_JOBS).await;
    assert_eq!((greedy.run_count(), modest.run_count()), (MAX_SHARED_JOBS / 2, MAX_SHARED_JOBS / 2));
    for guest in [&greedy, &modest] {
        guest.lets.add_permits(100);
    }
    running.join_all().await;
    engine.run_until_idle().await.unwrap();
    assert_eq!((greedy.run_count(), modest.run_count()), (40, 20));
}

#[tokio::test(flavor = "multi_thread")]
async fn removed_consumers_are_recreated_when_added_again() {
    let tenant = TestTenant::new();
    let counter = || Arc::new(Counter { name: "plugin:crm:deals", fails: Mutex::default() });
    let engine = tenant.engine(vec![], vec![]);
    let (first, second) = (counter(), counter());
    engine.set_subscribers("plugin:crm".to_owned(), vec![Subscriber::Transactional(first.clone())]);
    engine.run_until_idle().await.unwrap();
    first.fails.lock().insert(0, usize::MAX);
    tenant.emit("a", 0).await;
    engine.run_until_idle().await.unwrap();
    assert!(engine.next_due() < i64::MAX, "to be tried again");
    // Switched off: what waits for it gives no reason to look.
    engine.set_subscribers("plugin:crm", vec![]);
    tenant.advance_seconds(3_600);
    engine.run_until_idle().await.unwrap();
    assert_eq!(engine.next_due(), i64::MAX);
    tenant.store.write(|tx| tx.plugins().delete_data("crm")).await.unwrap();
    tenant.emit("a", 1).await;
    engine.run_until_idle().await.unwrap();
    assert!(tenant.store.read(|r| r.consumers().list()).unwrap().is_empty());
    engine.set_subscribers("plugin:crm", vec![Subscriber::Transactional(second.clone())]);
    engine.run_until_idle().await.unwrap();
    tenant.emit("a", 2).await;
    engine.run_until_idle().await.unwrap();
    assert_eq!(second.counts(&tenant, 3), [0, 0, 1]);
}

/// A consumer that waits in its transaction until the test lets it continue.
struct SlowConsumer {
    begun: AtomicBool,
    lets: AtomicBool,
}

impl Consumer for SlowConsumer {
    fn name(&self) -> &str {
        "slow"
    }
}

impl TransactionalConsumer for SlowConsumer {
    fn apply_events(&self, _: &mut WriteTx<'_>, _: &[Event]) -> Result<(), StoreError> {
        self.begun.store(true, Ordering::SeqCst);
        while !self.lets.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }
    fn needs_own_transaction(&self) -> bool {
        true
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_consumers_do_not_delay_others() {
    let tenant = TestTenant::new();
    let slow =
        Arc::new(SlowConsumer { begun: AtomicBool::new(false), lets: AtomicBool::new(!tenant.store.is_shared()) });
    let good = Arc::new(Counter { name: "good", fails: Mutex::default() });
    let engine =
        tenant.engine(vec![Subscriber::Transactional(slow.clone()), Subscriber::Transactional(good.clone())], vec![]);
    let mut running = JoinSet::new();
    engine.run_pass(&mut running).await.unwrap();
    for i in 0..3 {
        tenant.emit("a", i).await;
    }
    engine.run_pass(&mut running).await.unwrap();
    // With a single writer, consumers wait for each write of the slow one, but not for all of its work.
    wait_until("the slow one has begun", || slow.begun.load(Ordering::SeqCst)).await;
    wait_until("the others hear", || good.counts(&tenant, 3) == [1; 3]).await;
    slow.lets.store(true, Ordering::SeqCst);
    running.join_all().await;
    engine.run_until_idle().await.unwrap();
    let last_position = tenant.store.read(|r| r.events().last_position()).unwrap();
    assert!(tenant.store.read(|r| r.consumers().list()).unwrap().iter().all(|c| c.position == last_position));
}

/// A consumer that decides the result for each event.
struct SelectiveConsumer;

impl Consumer for SelectiveConsumer {
    fn name(&self) -> &str {
        "choosy"
    }
    fn wants_event(&self, event: &Event) -> bool {
        event.event.name == "test.happened"
    }
}

impl TransactionalConsumer for SelectiveConsumer {
    fn apply_events(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), StoreError> {
        self.handle_events(tx, events).map_err(|_| StoreError::Lost)
    }
    fn handle_events(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), DeliveryError> {
        for event in events {
            tx.settings().set(&format!("heard {}", event_number(event)), &json!(true))?;
            match event_number(event) {
                1 => return Err(DeliveryError::Failed(DeliveryFailure::for_good("never"))),
                2 => {
                    let retry_after = Some(Duration::from_secs(900));
                    return Err(DeliveryError::Failed(DeliveryFailure {
                        retry_after,
                        ..DeliveryFailure::new("later")
                    }));
                }
                _ => {}
            }
        }
        Ok(())
    }
    fn needs_own_transaction(&self) -> bool {
        true
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn consumers_decide_whether_and_when_to_retry() {
    let tenant = TestTenant::new();
    let engine = tenant.engine(vec![Subscriber::Transactional(Arc::new(SelectiveConsumer))], vec![]);
    engine.run_until_idle().await.unwrap();
    for i in 0..4 {
        tenant.emit(&format!("k{i}"), i).await;
    }
    engine.run_until_idle().await.unwrap();
    let parked = tenant.store.read(|r| r.deliveries().list(&DeliveryFilter::default(), 9)).unwrap();
    let states: Vec<_> = parked.iter().map(|d| (d.state, d.attempt, d.error.as_deref())).collect();
    assert_eq!(states, [(DeliveryState::Dead, 1, Some("never")), (DeliveryState::Waiting, 1, Some("later"))]);
    assert!(parked[1].due >= engine.now() + 900_000);
    let heard = |i: i64| tenant.store.read(|r| r.settings().get(&format!("heard {i}"))).unwrap().is_some();
    assert_eq!([0, 1, 2, 3].map(heard), [true, false, false, true], "what it did of those is undone");
}

/// A consumer that receives its own events, publishes several for each, and may enqueue a job that publishes.
struct LoopConsumer {
    publishes: usize,
    heard: AtomicUsize,
    cut: AtomicUsize,
    deepest: i64,
    by_job: bool,
}

impl LoopConsumer {
    fn new(publishes: usize, by_job: bool) -> Arc<Self> {
        Arc::new(Self { publishes, heard: AtomicUsize::new(0), cut: AtomicUsize::new(0), deepest: 16, by_job })
    }
}

impl Consumer for LoopConsumer {
    fn name(&self) -> &str {
        "loop"
    }
    fn batch_size(&self) -> usize {
        1
    }
    fn max_cause_depth(&self) -> i64 {
        self.deepest
    }
}

impl TransactionalConsumer for LoopConsumer {
    fn apply_events(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), StoreError> {
        for heard in events {
            self.heard.fetch_add(1, Ordering::SeqCst);
            for n in 0..self.publishes {
                match self.by_job {
                    true => drop(tx.jobs().enqueue(&new_job("again", None, heard.at), heard.at)?),
                    false => tx.events().emit(
                        &Actor::public(),
                        &new_event(&format!("{}{n}", heard.event.key), 0),
                        heard.at,
                    )?,
                }
            }
        }
        Ok(())
    }
    fn on_too_deep(&self, _: &mut WriteTx<'_>, event: &Event, _: i64) -> Result<(), StoreError> {
        assert_eq!(event.depth, 17);
        self.cut.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// A job that publishes what its plugin receives.
struct PublishingHandler(Store);

impl JobHandler for PublishingHandler {
    fn name(&self) -> &str {
        "again"
    }
    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        async move {
            let at = job.created_at;
            let published = self.0.write(move |tx| tx.events().emit(&Actor::public(), &new_event("k", 0), at)).await;
            published.map_or_else(JobOutcome::failed, |()| JobOutcome::done())
        }
        .boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn self_triggering_consumers_stop_at_the_depth_limit() {
    for by_job in [false, true] {
        let tenant = TestTenant::new();
        let subject = LoopConsumer::new(1, by_job);
        let handler = Arc::new(PublishingHandler(tenant.store.clone()));
        let engine = tenant.engine(vec![Subscriber::Transactional(subject.clone())], vec![handler]);
        engine.run_until_idle().await.unwrap();
        tenant.emit("k", 1).await;
        engine.run_until_idle().await.unwrap();
        // The first, and sixteen that followed from each other.
        assert_eq!((subject.heard.load(Ordering::SeqCst), subject.cut.load(Ordering::SeqCst)), (17, 1), "{by_job}");
        let filter = DeliveryFilter { state: Some(DeliveryState::Dead), ..DeliveryFilter::default() };
        let dead = tenant.store.read(|r| r.deliveries().list(&filter, 9)).unwrap();
        assert_eq!(dead.len(), 1);
        assert!(dead[0].error.as_deref().is_some_and(|why| why.contains("17 events in a row")), "{dead:?}");
        // An event without a cause is delivered as before.
        tenant.emit("new", 1).await;
        engine.run_until_idle().await.unwrap();
        assert_eq!(subject.heard.load(Ordering::SeqCst), 34);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_due_much_later_reset_the_cause_depth() {
    let tenant = TestTenant::new();
    let now = tenant.clock.now().timestamp_millis();
    let enqueued_depth = async |due: i64| {
        let job = new_job("again", None, due);
        let id = tenant.store.write(move |tx| {
            tx.set_cause_depth(9);
            tx.jobs().enqueue(&job, now)
        });
        let id = id.await.unwrap().unwrap();
        tenant.store.read(|r| r.jobs().get(id)).unwrap().unwrap().depth
    };
    assert_eq!(
        (enqueued_depth(now).await, enqueued_depth(now + 59_999).await, enqueued_depth(now + 60_000).await),
        (9, 9, 0)
    );
}
