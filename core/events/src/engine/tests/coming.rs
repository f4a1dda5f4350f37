//! Handlers and consumers that are added and removed while the engine runs.

use super::*;
use crate::{Concurrency, DeliveryError};
use std::sync::atomic::AtomicBool;
use tokio::sync::Semaphore;

/// A handler for a name that is known only at run time; its jobs end when the test permits.
struct Guest {
    name: String,
    share: Option<(&'static str, usize)>,
    /// Number of jobs that may end.
    lets: Semaphore,
    ran: AtomicUsize,
    most: AtomicUsize,
    /// Jobs running at a time, of all guests with one share.
    at_once: Arc<AtomicUsize>,
}

impl Guest {
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

    fn ran(&self) -> usize {
        self.ran.load(Ordering::SeqCst)
    }
}

impl JobHandler for Guest {
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

async fn until(what: &str, is: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if is() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("not in time: {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_waits_untouched_for_its_handler() {
    let world = World::new();
    let engine = world.engine(vec![], vec![]);
    let id = world.enqueue(job("plugin:crm:work", None, engine.now())).await.unwrap().unwrap();
    let row = || world.store.read(|r| r.job(id)).unwrap().unwrap();
    let before = row();
    for _ in 0..3 {
        engine.run_until_idle().await.unwrap();
        world.wait(60);
    }
    assert_eq!((row(), engine.next_due()), (before, i64::MAX), "nor is there a reason to look again");
    let guest = Guest::new("plugin:crm:work", None, 9);
    engine.set_handlers("plugin:crm", vec![guest.clone()]);
    engine.run_until_idle().await.unwrap();
    assert_eq!((row().state, row().attempt, guest.ran()), (JobState::Done, 1, 1));
    // Replaced by one of the next generation, which does what comes then.
    let next = Guest::new("plugin:crm:work", None, 9);
    engine.set_handlers("plugin:crm", vec![next.clone()]);
    world.enqueue(job("plugin:crm:work", None, engine.now())).await.unwrap();
    engine.run_until_idle().await.unwrap();
    assert_eq!((guest.ran(), next.ran()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_being_done_ends_with_the_handler_that_began_it() {
    let world = World::new();
    let (engine, guest) = (world.engine(vec![], vec![]), Guest::new("plugin:crm:work", None, 0));
    engine.set_handlers("plugin:crm", vec![guest.clone()]);
    for _ in 0..2 {
        world.enqueue(job("plugin:crm:work", Some("k"), engine.now())).await.unwrap();
        let mut running = JoinSet::new();
        engine.run_pass(&mut running).await.unwrap();
        until("it runs", || guest.ran() == 1).await;
        engine.set_handlers("plugin:crm", vec![]);
        guest.lets.add_permits(1);
        running.join_all().await;
    }
    // The first was done; the second waits.
    assert_eq!((world.jobs(JobState::Done), world.jobs(JobState::Waiting), guest.ran()), (1, 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_share_room_leave_room_to_others() {
    let world = World::new();
    let (one, two) = (Guest::new("one", Some(("crm", 3)), 0), Guest::new("two", Some(("crm", 2)), 0));
    let (free, stopped) = (Guest::new("free", None, 0), Guest::new("stopped", Some(("kb", 0)), 9));
    let engine = world.engine(vec![], vec![free.clone()]);
    engine.set_handlers("plugins", vec![one.clone(), two.clone(), stopped.clone()]);
    let due = engine.now();
    // Before all others in time, and more than one look finds.
    for n in 0..30 {
        world.enqueue(job(["one", "two", "stopped"][n % 3], None, due - 1_000)).await.unwrap();
    }
    for _ in 0..9 {
        world.enqueue(job("free", None, due)).await.unwrap();
    }
    let mut running = JoinSet::new();
    assert_eq!(engine.run_pass(&mut running).await.unwrap(), MAX_OWN_JOBS + 2);
    until("they run", || one.ran() + two.ran() + free.ran() == MAX_OWN_JOBS + 2).await;
    assert_eq!(
        (one.ran() + two.ran(), free.ran()),
        (2, MAX_OWN_JOBS),
        "the least that one of them says, beside all of the others'"
    );
    assert_eq!(engine.run_pass(&mut running).await.unwrap(), 0);
    for guest in [&one, &two, &free] {
        guest.lets.add_permits(100);
    }
    running.join_all().await;
    engine.run_until_idle().await.unwrap();
    assert_eq!((one.ran(), two.ran(), free.ran(), stopped.ran()), (10, 10, 9, 0));
    let waiting = JobFilter { state: Some(JobState::Waiting), ..JobFilter::default() };
    let left = world.store.read(|r| r.jobs(&waiting, 99)).unwrap();
    assert!(left.len() == 10 && left.iter().all(|j| j.attempt == 0), "they lose no attempt");
}

#[tokio::test(flavor = "multi_thread")]
async fn however_many_jobs_of_a_plugin_wait_others_are_done() {
    let world = World::new();
    let (greedy, modest) = (Guest::new("greedy", Some(("a", 8)), 0), Guest::new("modest", Some(("b", 8)), 0));
    let mail = Guest::new("cairn.mail", None, 99);
    let engine = world.engine(vec![], vec![mail.clone()]);
    engine.set_handlers("plugins", vec![greedy.clone(), modest.clone()]);
    let due = engine.now();
    for _ in 0..40 {
        world.enqueue(job("greedy", None, due - 1_000)).await.unwrap();
    }
    let mut running = JoinSet::new();
    for _ in 0..3 {
        engine.run_pass(&mut running).await.unwrap();
    }
    until("all that may run", || greedy.ran() == MAX_JOBS_PER_SHARE).await;
    // None of these ends. A mail of Cairn's own is done all the same, and a job of another plugin is begun, although both were asked for last.
    world.enqueue(job("cairn.mail", None, due)).await.unwrap();
    world.enqueue(job("modest", None, due)).await.unwrap();
    engine.run_pass(&mut running).await.unwrap();
    until("the others", || mail.ran() == 1 && modest.ran() == 1).await;
    assert_eq!(greedy.ran(), MAX_JOBS_PER_SHARE);
    greedy.lets.add_permits(100);
    modest.lets.add_permits(100);
    running.join_all().await;
    engine.run_until_idle().await.unwrap();
    assert_eq!((greedy.ran(), modest.ran()), (40, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_is_free_each_plugin_that_has_jobs_gets_its_part() {
    let world = World::new();
    let (greedy, modest) = (Guest::new("greedy", Some(("a", 8)), 0), Guest::new("modest", Some(("b", 8)), 0));
    let engine = world.engine(vec![], vec![]);
    engine.set_handlers("plugins", vec![greedy.clone(), modest.clone()]);
    let due = engine.now();
    for n in 0..60 {
        let (name, due) = if n < 40 { ("greedy", due - 1_000) } else { ("modest", due) };
        world.enqueue(job(name, None, due)).await.unwrap();
    }
    let mut running = JoinSet::new();
    assert_eq!(engine.run_pass(&mut running).await.unwrap(), MAX_SHARED_JOBS);
    until("they run", || greedy.ran() + modest.ran() == MAX_SHARED_JOBS).await;
    assert_eq!((greedy.ran(), modest.ran()), (MAX_SHARED_JOBS / 2, MAX_SHARED_JOBS / 2));
    for guest in [&greedy, &modest] {
        guest.lets.add_permits(100);
    }
    running.join_all().await;
    engine.run_until_idle().await.unwrap();
    assert_eq!((greedy.ran(), modest.ran()), (40, 20));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_comes_again_is_made_again() {
    let world = World::new();
    let counter = || Arc::new(Counter { name: "plugin:crm:deals", fails: Mutex::default() });
    let engine = world.engine(vec![], vec![]);
    let (first, second) = (counter(), counter());
    engine.set_subscribers("plugin:crm".to_owned(), vec![Subscriber::Transactional(first.clone())]);
    engine.run_until_idle().await.unwrap();
    first.fails.lock().insert(0, usize::MAX);
    world.emit("a", 0).await;
    engine.run_until_idle().await.unwrap();
    assert!(engine.next_due() < i64::MAX, "to be tried again");
    // Switched off: what waits for it gives no reason to look.
    engine.set_subscribers("plugin:crm", vec![]);
    world.wait(3_600);
    engine.run_until_idle().await.unwrap();
    assert_eq!(engine.next_due(), i64::MAX);
    world.store.write(|tx| tx.remove_plugin_data("crm")).await.unwrap();
    world.emit("a", 1).await;
    engine.run_until_idle().await.unwrap();
    assert!(world.store.read(|r| r.consumers()).unwrap().is_empty());
    engine.set_subscribers("plugin:crm", vec![Subscriber::Transactional(second.clone())]);
    engine.run_until_idle().await.unwrap();
    world.emit("a", 2).await;
    engine.run_until_idle().await.unwrap();
    assert_eq!(second.counts(&world, 3), [0, 0, 1]);
}

/// A consumer that waits in its transaction until the test lets it continue.
struct Slow {
    begun: AtomicBool,
    lets: AtomicBool,
}

impl Consumer for Slow {
    fn name(&self) -> &str {
        "slow"
    }
}

impl TransactionalConsumer for Slow {
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
async fn one_that_is_alone_holds_up_no_other() {
    let world = World::new();
    let slow = Arc::new(Slow { begun: AtomicBool::new(false), lets: AtomicBool::new(!world.store.is_shared()) });
    let good = Arc::new(Counter { name: "good", fails: Mutex::default() });
    let engine =
        world.engine(vec![Subscriber::Transactional(slow.clone()), Subscriber::Transactional(good.clone())], vec![]);
    let mut running = JoinSet::new();
    engine.run_pass(&mut running).await.unwrap();
    for i in 0..3 {
        world.emit("a", i).await;
    }
    engine.run_pass(&mut running).await.unwrap();
    // Where there is one writer the others wait for each write, but not for each other's.
    until("the slow one has begun", || slow.begun.load(Ordering::SeqCst)).await;
    until("the others hear", || good.counts(&world, 3) == [1; 3]).await;
    slow.lets.store(true, Ordering::SeqCst);
    running.join_all().await;
    engine.run_until_idle().await.unwrap();
    let last = world.store.read(|r| r.last_event()).unwrap();
    assert!(world.store.read(|r| r.consumers()).unwrap().iter().all(|c| c.position == last));
}

/// A consumer that decides the result for each event.
struct Choosy;

impl Consumer for Choosy {
    fn name(&self) -> &str {
        "choosy"
    }
    fn wants_event(&self, event: &Event) -> bool {
        event.event.name == "test.happened"
    }
}

impl TransactionalConsumer for Choosy {
    fn apply_events(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), StoreError> {
        self.handle_events(tx, events).map_err(|_| StoreError::Lost)
    }
    fn handle_events(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), DeliveryError> {
        for event in events {
            tx.set_setting(&format!("heard {}", n(event)), &json!(true))?;
            match n(event) {
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
async fn a_consumer_says_when_an_event_is_tried_again_and_when_not() {
    let world = World::new();
    let engine = world.engine(vec![Subscriber::Transactional(Arc::new(Choosy))], vec![]);
    engine.run_until_idle().await.unwrap();
    for i in 0..4 {
        world.emit(&format!("k{i}"), i).await;
    }
    engine.run_until_idle().await.unwrap();
    let parked = world.store.read(|r| r.deliveries(&DeliveryFilter::default(), 9)).unwrap();
    let told: Vec<_> = parked.iter().map(|d| (d.state, d.attempt, d.error.as_deref())).collect();
    assert_eq!(told, [(DeliveryState::Dead, 1, Some("never")), (DeliveryState::Waiting, 1, Some("later"))]);
    assert!(parked[1].due >= engine.now() + 900_000);
    let heard = |i: i64| world.store.read(|r| r.setting(&format!("heard {i}"))).unwrap().is_some();
    assert_eq!([0, 1, 2, 3].map(heard), [true, false, false, true], "what it did of those is undone");
}

/// A consumer that receives its own events, publishes several for each, and may enqueue a job that publishes.
struct Loop {
    publishes: usize,
    heard: AtomicUsize,
    cut: AtomicUsize,
    deepest: i64,
    by_job: bool,
}

impl Loop {
    fn new(publishes: usize, by_job: bool) -> Arc<Self> {
        Arc::new(Self { publishes, heard: AtomicUsize::new(0), cut: AtomicUsize::new(0), deepest: 16, by_job })
    }
}

impl Consumer for Loop {
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

impl TransactionalConsumer for Loop {
    fn apply_events(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), StoreError> {
        for heard in events {
            self.heard.fetch_add(1, Ordering::SeqCst);
            for n in 0..self.publishes {
                match self.by_job {
                    true => drop(tx.enqueue(&job("again", None, heard.at), heard.at)?),
                    false => tx.emit(&Actor::public(), &event(&format!("{}{n}", heard.event.key), 0), heard.at)?,
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
struct Again(Store);

impl JobHandler for Again {
    fn name(&self) -> &str {
        "again"
    }
    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        async move {
            let at = job.created_at;
            let published = self.0.write(move |tx| tx.emit(&Actor::public(), &event("k", 0), at)).await;
            published.map_or_else(JobOutcome::failed, |()| JobOutcome::done())
        }
        .boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_wakes_itself_comes_to_an_end() {
    for by_job in [false, true] {
        let world = World::new();
        let subject = Loop::new(1, by_job);
        let again = Arc::new(Again(world.store.clone()));
        let engine = world.engine(vec![Subscriber::Transactional(subject.clone())], vec![again]);
        engine.run_until_idle().await.unwrap();
        world.emit("k", 1).await;
        engine.run_until_idle().await.unwrap();
        // The first, and sixteen that followed from each other.
        assert_eq!((subject.heard.load(Ordering::SeqCst), subject.cut.load(Ordering::SeqCst)), (17, 1), "{by_job}");
        let filter = DeliveryFilter { state: Some(DeliveryState::Dead), ..DeliveryFilter::default() };
        let dead = world.store.read(|r| r.deliveries(&filter, 9)).unwrap();
        assert_eq!(dead.len(), 1);
        assert!(dead[0].error.as_deref().is_some_and(|why| why.contains("17 events in a row")), "{dead:?}");
        // What nothing led to is heard as ever.
        world.emit("new", 1).await;
        engine.run_until_idle().await.unwrap();
        assert_eq!(subject.heard.load(Ordering::SeqCst), 34);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_for_much_later_begins_anew() {
    let world = World::new();
    let now = world.clock.now().timestamp_millis();
    let asked = async |due: i64| {
        let job = job("again", None, due);
        let id = world.store.write(move |tx| {
            tx.set_cause_depth(9);
            tx.enqueue(&job, now)
        });
        let id = id.await.unwrap().unwrap();
        world.store.read(|r| r.job(id)).unwrap().unwrap().depth
    };
    assert_eq!((asked(now).await, asked(now + 59_999).await, asked(now + 60_000).await), (9, 9, 0));
}
