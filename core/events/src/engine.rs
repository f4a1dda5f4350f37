//! The engine of one tenant: assigns positions to events, drives consumers, runs jobs.
//!
//! One pass ([`Engine::run_pass`]) starts everything that can be started: one task for each consumer that has something to receive, and one for
//! each job that is due. Any number of nodes do this on one database.

mod external;
mod handlers;
mod immediate;
mod job_batches;
mod jobs;
#[cfg(test)]
mod tests;
mod transactional;

use crate::cron;
use crate::{Consumer, DeliveryFailure, JobHandler, Subscriber, TransactionalConsumer, unix_millis};
use cairn_access::Clock;
use cairn_store::events::{ConsumerRow, ConsumerState, EventPlacement, NewJob, WorkFilter};
use cairn_store::{Store, StoreError};
use handlers::{Handlers, JobShares};
pub use immediate::{JobRetryOutcome, RedeliveryOutcome};
use job_batches::JobBatches;
use parking_lot::{Mutex, RwLock};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

/// Number of jobs of one tenant that one process runs at a time, for handlers without a limit: Cairn's.
const MAX_OWN_JOBS: usize = 8;
/// Number of further jobs for handlers that share room with others ([`JobHandler::concurrency`]): plugins'. However many of theirs wait
/// or run, Cairn's are run.
const MAX_SHARED_JOBS: usize = 8;
/// Largest number of these for one share, so that the next one finds room.
const MAX_JOBS_PER_SHARE: usize = 6;
/// Lifetime of a consumer's or job's lease, which is extended while its work continues.
const LEASE_DURATION: Duration = Duration::from_secs(30);
/// Number of failed deliveries of a consumer that wait; above it no new events are taken until some have been delivered.
const MAX_WAITING_DELIVERIES: usize = 5_000;
/// Number of passes after which [`Engine::run_until_idle`] gives up.
const MAX_PASSES: usize = 10_000;

/// Position of a consumer; its name if it has to be driven alone.
type DriveGroup<'a> = (i64, Option<&'a str>);

/// The parts of an engine.
pub struct EngineSetup {
    /// Database of the tenant.
    pub store: Store,
    /// Source of the time.
    pub clock: Arc<dyn Clock>,
    /// The permanent subscribers; further ones are added with [`Engine::set_subscribers`].
    pub subscribers: Vec<Subscriber>,
    /// The permanent handlers; further ones are added with [`Engine::set_handlers`]. Two with one name are a bug in the program.
    pub handlers: Vec<Arc<dyn JobHandler>>,
    /// The process that works on the database: `<node>:<run>`. Its leases belong to `<node>:<run>:<engine>`.
    pub node: String,
    /// Handlers of recurring jobs that can wait until the tenant is open for another reason: see [`Engine::next_due`].
    pub quiet: Vec<&'static str>,
}

/// The engine that the module describes.
pub struct Engine {
    store: Store,
    clock: Arc<dyn Clock>,
    /// Identifies this engine among all that work on the database.
    holder: String,
    fixed: Vec<Subscriber>,
    /// Further subscribers, by who added them.
    further: RwLock<BTreeMap<String, Vec<Subscriber>>>,
    handlers: RwLock<Handlers>,
    /// Names of consumers that a task of this process drives.
    driven: Mutex<HashSet<String>>,
    /// Names of consumers whose row is known to exist.
    made: Mutex<HashSet<String>>,
    jobs: Arc<tokio::sync::Semaphore>,
    shared_jobs: Arc<tokio::sync::Semaphore>,
    /// Number of drives and jobs that have ended.
    ended: Arc<AtomicU64>,
    shares: Arc<JobShares>,
    batches: Arc<JobBatches>,
    /// Locked while jobs are begun: one task at a time counts and takes the free room.
    start_lock: tokio::sync::Mutex<()>,
    /// When there is work to do next, in milliseconds.
    next: AtomicI64,
    quiet: Vec<&'static str>,
}

impl Engine {
    /// Creates an engine from its parts.
    pub fn new(setup: EngineSetup) -> Arc<Self> {
        let EngineSetup { store, clock, subscribers, handlers, node, quiet } = setup;
        Arc::new(Self {
            store,
            clock,
            holder: format!("{node}:{:016x}", rand::random::<u64>()),
            fixed: subscribers,
            further: RwLock::default(),
            handlers: RwLock::new(Handlers::new(handlers)),
            driven: Mutex::default(),
            made: Mutex::default(),
            jobs: Arc::new(tokio::sync::Semaphore::new(MAX_OWN_JOBS)),
            shared_jobs: Arc::new(tokio::sync::Semaphore::new(MAX_SHARED_JOBS)),
            ended: Arc::default(),
            shares: Arc::default(),
            batches: Arc::default(),
            start_lock: tokio::sync::Mutex::default(),
            next: AtomicI64::new(0),
            quiet,
        })
    }

    /// Database of the tenant.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The present time in milliseconds.
    pub fn now(&self) -> i64 {
        unix_millis(self.clock.now())
    }

    /// Replaces the subscribers that `owner` has added before (webhooks, plugins). Events that a removed one has not received wait for it: to
    /// forget them, delete the consumer afterwards ([`consumers().delete`](cairn_store::namespaces::Consumers::delete)).
    pub fn set_subscribers(&self, owner: impl Into<String>, subscribers: Vec<Subscriber>) {
        let mut subscribers_by_owner = self.further.write();
        let before = subscribers_by_owner.insert(owner.into(), subscribers.clone()).unwrap_or_default();
        // The consumer of a subscriber that returns may have been deleted: it is created again. That of one that stays is left alone, because it may
        // be about to be deleted.
        let came = |s: &&Subscriber| before.iter().all(|b| b.consumer().name() != s.consumer().name());
        let mut created = self.made.lock();
        for new in subscribers.iter().filter(came) {
            created.remove(new.consumer().name());
        }
        drop((created, subscribers_by_owner));
        self.store.work_notify().notify_one();
    }

    /// Replaces the handlers that `owner` has added before. Jobs whose handler was removed wait for it, and lose no attempt; one that is
    /// running ends with the handler that began it. Of two handlers with one name that of the setup is used, then that of the first by
    /// the name of who added it.
    pub fn set_handlers(&self, owner: impl Into<String>, handlers: Vec<Arc<dyn JobHandler>>) {
        self.handlers.write().set_handlers(owner.into(), handlers);
        self.store.work_notify().notify_one();
    }

    /// Enqueues a job in a separate transaction.
    pub async fn enqueue(&self, job: NewJob) -> Result<Option<i64>, StoreError> {
        let now = self.now();
        self.store.write(move |tx| tx.jobs().enqueue(&job, now)).await
    }

    /// When there is work to do next, according to the last pass, in milliseconds; `i64::MAX`: never, 0: there was no pass yet.
    /// Quiet jobs do not count.
    pub fn next_due(&self) -> i64 {
        self.next.load(Ordering::Acquire)
    }

    /// True if a consumer is being driven, or a job is running.
    pub fn is_busy(&self) -> bool {
        !self.driven.lock().is_empty()
            || self.jobs.available_permits() < MAX_OWN_JOBS
            || self.shared_jobs.available_permits() < MAX_SHARED_JOBS
    }

    fn all_subscribers(&self) -> Vec<Subscriber> {
        let subscribers_by_owner = self.further.read();
        self.fixed.iter().chain(subscribers_by_owner.values().flatten()).cloned().collect()
    }

    /// Starts everything that can be started, as tasks of `running`. Returns their number, plus one if another node
    /// is about to report more.
    ///
    /// # Errors
    /// Returns an error if the database does not respond; nothing is lost, the next pass continues.
    pub async fn run_pass(self: &Arc<Self>, running: &mut JoinSet<()>) -> Result<usize, StoreError> {
        let elsewhere = self.place_events().await? == EventPlacement::ByAnother;
        let handlers = self.handlers.read().by_name();
        cron::enqueue_due_runs(&self.store, |job| handlers.contains_key(job), self.now()).await?;
        let subscribers = self.all_subscribers();
        self.create_consumers(&subscribers).await?;
        let now = self.now();
        let (rows, last_position, due) = self.store.read(|r| {
            let rows = r.consumers().list()?;
            let due = r.deliveries().find_consumers_with_due(now)?;
            Ok::<_, StoreError>((rows, r.events().last_position()?, due))
        })?;
        let mut started = usize::from(elsewhere);
        let names: Vec<String> = subscribers.iter().map(|s| s.consumer().name().to_owned()).collect();
        // Consumers at the same position that have nothing to retry are driven together.
        let mut inside: BTreeMap<DriveGroup<'_>, Vec<Arc<dyn TransactionalConsumer>>> = BTreeMap::new();
        for subscriber in subscribers {
            let name = subscriber.consumer().name();
            let active = |row: &&ConsumerRow| row.name == name && row.state == ConsumerState::Active;
            let Some(row) = rows.iter().find(active) else { continue };
            let has_due_retry = due.contains(&row.name);
            if !(row.position < last_position || has_due_retry) || !self.driven.lock().insert(name.to_owned()) {
                continue;
            }
            match subscriber {
                Subscriber::Transactional(one) => {
                    let alone = has_due_retry || one.needs_own_transaction();
                    inside.entry((row.position, alone.then_some(&row.name))).or_default().push(one);
                }
                Subscriber::External(one) => {
                    started += 1;
                    let engine = self.clone();
                    running.spawn(Store::run_in_background(async move {
                        let result = engine.drive_external(&*one).await;
                        engine.finish_drive(&[one.name()], result);
                    }));
                }
            }
        }
        for ((position, _), all) in inside {
            started += 1;
            let engine = self.clone();
            running.spawn(Store::run_in_background(async move {
                let result = engine.drive_transactional(all.clone(), position).await;
                engine.finish_drive(&all.iter().map(|c| c.name()).collect::<Vec<_>>(), result);
            }));
        }
        started += self.start_jobs(&handlers, running).await?;
        let jobs: Vec<&str> = handlers.keys().map(String::as_str).collect();
        let consumers: Vec<&str> = names.iter().map(String::as_str).collect();
        let duties = WorkFilter { jobs: &jobs, consumers: &consumers, quiet: &self.quiet };
        let next = self.store.read(|r| r.jobs().next_work_at(duties))?;
        self.next.store(next.unwrap_or(i64::MAX), Ordering::Release);
        Ok(started)
    }

    fn finish_drive(&self, names: &[&str], result: Result<(), StoreError>) {
        let names_shown = names.join(", ");
        match result {
            Ok(()) => {}
            Err(StoreError::Lost) => {
                tracing::debug!(consumers = names_shown, "another process is now running the consumers")
            }
            // An outdated store ends the drive with its tenant, which is opened again with the content types that another process has changed.
            Err(_) if self.store.is_outdated() => {}
            Err(error) => {
                tracing::warn!(consumers = names_shown, %error, "delivering to consumers was interrupted; it continues");
            }
        }
        let mut driven = self.driven.lock();
        self.ended.fetch_add(1, Ordering::Release);
        driven.retain(|name| !names.contains(&name.as_str()));
    }

    /// Registers the subscribers: from here on, each receives every event that is committed. The first pass does it too, but a server
    /// accepts requests before that, and what they commit in between would not reach a subscriber that is new. Returns an error if the
    /// database does not respond.
    pub async fn register_subscribers(&self) -> Result<(), StoreError> {
        // On PostgreSQL an event that was committed before this call may have no position yet: it would count as one that came later.
        self.place_events().await?;
        self.create_consumers(&self.all_subscribers()).await
    }

    /// Gives all committed events their positions, unless another process is at it.
    async fn place_events(&self) -> Result<EventPlacement, StoreError> {
        loop {
            match self.store.place_events().await? {
                EventPlacement::More => {}
                done => return Ok(done),
            }
        }
    }

    /// Creates the rows of new consumers. Costs only a look-up if they are known.
    async fn create_consumers(&self, subscribers: &[Subscriber]) -> Result<(), StoreError> {
        let new: Vec<(String, bool)> = {
            let created = self.made.lock();
            let consumers = subscribers.iter().map(Subscriber::consumer);
            consumers
                .filter(|c| !created.contains(c.name()))
                .map(|c| (c.name().to_owned(), c.receives_past_events()))
                .collect()
        };
        if new.is_empty() {
            return Ok(());
        }
        let (now, names) = (self.now(), new.clone());
        self.store
            .write(move |tx| {
                new.iter().try_for_each(|(name, from_start)| tx.consumers().ensure(name, *from_start, now))
            })
            .await?;
        self.made.lock().extend(names.into_iter().map(|(name, _)| name));
        Ok(())
    }

    /// Does everything that is due by now, and what follows from it. For tests and for commands. Returns the same
    /// errors as [`Self::run_pass`].
    pub async fn run_until_idle(self: &Arc<Self>) -> Result<(), StoreError> {
        let mut running = JoinSet::new();
        for _ in 0..MAX_PASSES {
            let ended_before = self.ended.load(Ordering::Acquire);
            let started = self.run_pass(&mut running).await?;
            if started == 0 && running.is_empty() {
                // A drive that ended during the pass was skipped by it, and may have ended before it saw all events.
                if !self.is_busy() && ended_before == self.ended.load(Ordering::Acquire) {
                    return Ok(());
                }
                // The engine is also driven by others, which are still busy.
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            // At least one task ends before the next pass; the others may still run then.
            running.join_next().await;
        }
        Err(StoreError::Conflict)
    }
}

/// Increments the counter when dropped.
struct EndCounter(Arc<AtomicU64>);

impl Drop for EndCounter {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Release);
    }
}

/// When a failed delivery is retried; `None`: not at all.
fn retry_at(consumer: &dyn Consumer, attempt: i64, failure: &DeliveryFailure, now: i64) -> Option<i64> {
    if failure.for_good {
        return None;
    }
    consumer.retry_policy().pause_after(attempt, failure.retry_after).map(|pause| now + pause)
}
