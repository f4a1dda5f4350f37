//! Turns: how many calls of plugins run at a time, in the process and of each plugin.
//!
//! Calls outside transactions wait in a lane of their kind, first for a turn of their plugin, then for one of the process. No plugin has
//! more than half of a lane, and a call that waits for its plugin's turn is not in the process's queue, which is served in the order of
//! arrival: a burst of one plugin makes that plugin's callers wait, nobody else's.
//!
//! Calls inside transactions have turns set aside for them, because the holder of a lane's turn may be waiting for the very
//! transaction. Such a turn belongs to the transaction: hooks that its writes trigger run on the same turn, so nobody waits for
//! a turn that an ancestor holds.
//!
//! Calls outside transactions that compute without pause take turns tick by tick, so that one processor is always left to requests that
//! have nothing to do with plugins.

use crate::contract::plugin_export::PluginExport;
use parking_lot::{Condvar, Mutex};
use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How deeply hooks may trigger hooks by their writes.
pub(crate) const MAX_HOOK_DEPTH: usize = 4;
/// Largest number of transactions of the process that run a plugin's call at the same time.
const MAX_TRANSACTIONS: usize = 16;
/// Nested calls in one transaction: an event handler or a lifecycle step, and the hooks that trigger each other by their writes.
const MAX_NESTED_CALLS: usize = 1 + MAX_HOOK_DEPTH;
/// Longest time that a transaction waits for its turn: as long as one may be open, since it may keep others from writing meanwhile.
const TRANSACTION_TURN_TIMEOUT: Duration = Duration::from_millis(500);
/// Shortest patience of a call outside transactions: the deadlines of hooks and policies are too short to wait in a queue.
const MIN_TURN_TIMEOUT: Duration = Duration::from_secs(1);
/// Shortest patience of a request to a route: a visitor would rather wait than type a form again.
const MIN_ROUTE_TURN_TIMEOUT: Duration = Duration::from_secs(30);
/// Largest number of requests to the routes of one plugin that wait at a time: each holds its body.
const MAX_WAITING_ROUTES: usize = 2_000;
/// When to try again after no turn was free.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A kind of call with a queue of its own: calls of one kind never take the turns of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    /// Requests to routes.
    Routes,
    /// Views and actions of the admin.
    Admin,
    /// Jobs and event deliveries.
    Jobs,
    /// Calls that a read or write waits for, and checks: over in milliseconds.
    Short,
}

const LANES: [Lane; 4] = [Lane::Routes, Lane::Admin, Lane::Jobs, Lane::Short];

impl Lane {
    /// The lane of an export; `None`: it runs inside a transaction.
    fn for_export(export: PluginExport) -> Option<Self> {
        match export {
            PluginExport::Route => Some(Self::Routes),
            PluginExport::View | PluginExport::Act => Some(Self::Admin),
            PluginExport::Job | PluginExport::Report => Some(Self::Jobs),
            PluginExport::Prepare | PluginExport::Policy | PluginExport::Check => Some(Self::Short),
            PluginExport::Before
            | PluginExport::Event
            | PluginExport::JobBatch
            | PluginExport::Step
            | PluginExport::Migrate
            | PluginExport::Erase => None,
        }
    }

    /// Largest number of calls at a time, of all plugins.
    const fn width(self) -> usize {
        match self {
            Self::Routes => 64,
            Self::Admin => 16,
            Self::Jobs | Self::Short => 32,
        }
    }

    /// Shortest time that a call waits for its turn.
    const fn min_timeout(self) -> Duration {
        match self {
            Self::Routes => MIN_ROUTE_TURN_TIMEOUT,
            Self::Admin | Self::Jobs | Self::Short => MIN_TURN_TIMEOUT,
        }
    }

    /// Largest number of simultaneous calls of a plugin that requests `concurrency`; at most half of the lane.
    fn plugin_share(self, concurrency: u16) -> usize {
        let half = self.width() / 2;
        match self {
            // Readers and writers wait for these calls, although they did not request the plugin.
            Self::Short => half,
            Self::Routes | Self::Admin | Self::Jobs => usize::from(concurrency).clamp(1, half),
        }
    }
}

/// Largest number of calls of a process at a time: nothing runs besides the lanes and the transactions, so an engine with
/// room for these has room for all.
pub(crate) const MAX_CALLS: usize = {
    let (mut calls, mut i) = (MAX_TRANSACTIONS * MAX_NESTED_CALLS, 0);
    while i < LANES.len() {
        calls += LANES[i].width();
        i += 1;
    }
    calls
};

/// The error of a call that got no turn in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoTurn {
    /// Time that it waited.
    pub(crate) waited: Duration,
    /// When to try again.
    pub(crate) retry_after: Duration,
}

/// Calls that may compute at a time: on all processors but one.
fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, |all| all.get().saturating_sub(1)).max(1)
}

/// The turns of a process.
#[derive(Debug)]
pub(crate) struct ProcessTurns {
    lanes: [Arc<Semaphore>; LANES.len()],
    computing: Arc<Semaphore>,
    inside: TransactionTurns,
}

impl Default for ProcessTurns {
    fn default() -> Self {
        Self {
            lanes: LANES.map(|lane| Arc::new(Semaphore::new(lane.width()))),
            computing: Arc::new(Semaphore::new(processors())),
            inside: TransactionTurns { free: Mutex::new(MAX_TRANSACTIONS), freed: Condvar::new() },
        }
    }
}

impl ProcessTurns {
    /// Waits for the turn of this thread's transaction; nested calls use the one it has. Returns an error if no turn was free in time, or
    /// calls are nested deeper than hooks can trigger each other.
    pub(crate) fn take_for_transaction(&self) -> Result<TransactionTurn<'_>, NoTurn> {
        self.inside.take(TRANSACTION_TURN_TIMEOUT)
    }

    /// Free turns: in each lane, and inside transactions. For tests.
    #[cfg(test)]
    fn free_turns(&self) -> ([usize; LANES.len()], usize) {
        (self.lanes.each_ref().map(|lane| lane.available_permits()), *self.inside.free.lock())
    }
}

/// The turns of a plugin that runs.
#[derive(Debug)]
pub(crate) struct PluginTurns {
    lanes: [Arc<Semaphore>; LANES.len()],
    waiting_routes: Semaphore,
    computing: Arc<Semaphore>,
}

impl PluginTurns {
    /// `concurrency`: how many routes, views and actions, and jobs of the plugin may run at a time, each.
    pub(crate) fn new(concurrency: u16) -> Self {
        Self {
            lanes: LANES.map(|lane| Arc::new(Semaphore::new(lane.plugin_share(concurrency)))),
            waiting_routes: Semaphore::new(MAX_WAITING_ROUTES),
            // Half of the processors there are for all, as of the lanes: however many of its calls compute, another plugin gets its turn.
            computing: Arc::new(Semaphore::new((processors() / 2).max(1))),
        }
    }

    /// The turns in which one of its calls computes.
    pub(crate) fn computing(&self, process: &ProcessTurns) -> ComputeTurns {
        ComputeTurns { own: self.computing.clone(), process: process.computing.clone(), held: Arc::default() }
    }

    /// Waits for a turn of this plugin and of the process, for as long as the call itself may take, or as calls of its lane wait at least.
    /// When dropped, the turn is passed on; a wait that is given up leaves the queue. Returns an error if no turn was free in time, or too
    /// many requests wait already.
    pub(crate) async fn take(
        &self,
        process: &ProcessTurns,
        export: PluginExport,
        deadline: Duration,
    ) -> Result<Turn, NoTurn> {
        let Some(lane) = Lane::for_export(export) else { return Ok(Turn::default()) };
        let (own, all) = (self.lanes[lane as usize].clone(), process.lanes[lane as usize].clone());
        let patience = deadline.max(lane.min_timeout());
        let _waiting = match lane {
            Lane::Routes => match self.waiting_routes.try_acquire() {
                Ok(place) => Some(place),
                Err(_) => return Err(NoTurn { waited: Duration::ZERO, retry_after: RETRY_AFTER }),
            },
            Lane::Admin | Lane::Jobs | Lane::Short => None,
        };
        let both = async {
            let own = own.acquire_owned().await.ok();
            (own, all.acquire_owned().await.ok())
        };
        match tokio::time::timeout(patience, both).await {
            Ok((own, process)) => Ok(Turn { _process: process, _own: own }),
            Err(_) => Err(NoTurn { waited: patience, retry_after: RETRY_AFTER }),
        }
    }
}

/// Permission to run one call; released when dropped.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    _process: Option<OwnedSemaphorePermit>,
    _own: Option<OwnedSemaphorePermit>,
}

/// The turns in which one call computes, each for one tick.
#[derive(Debug, Clone)]
pub(crate) struct ComputeTurns {
    own: Arc<Semaphore>,
    process: Arc<Semaphore>,
    held: Arc<Mutex<Option<Turn>>>,
}

impl ComputeTurns {
    /// Releases its turn, lets others go first, and waits for the next one.
    pub(crate) async fn next(self) {
        self.give_back();
        // To the end of the queue, behind what sockets bring meanwhile: a task that merely wakes itself would be run again before those are
        // looked at.
        tokio::task::yield_now().await;
        let own = self.own.acquire_owned().await.ok();
        let process = self.process.acquire_owned().await.ok();
        *self.held.lock() = Some(Turn { _process: process, _own: own });
    }

    /// Releases its turn while the call waits for something.
    pub(crate) fn give_back(&self) {
        *self.held.lock() = None;
    }
}

/// The turns of transactions.
#[derive(Debug)]
struct TransactionTurns {
    free: Mutex<usize>,
    freed: Condvar,
}

thread_local! {
    /// Number of nested calls in this thread's transaction.
    static WITHIN: Cell<usize> = const { Cell::new(0) };
}

impl TransactionTurns {
    fn take(&self, patience: Duration) -> Result<TransactionTurn<'_>, NoTurn> {
        let within = WITHIN.get();
        if within >= MAX_NESTED_CALLS {
            return Err(NoTurn { waited: Duration::ZERO, retry_after: RETRY_AFTER });
        }
        if within == 0 {
            let until = Instant::now() + patience;
            let mut free = self.free.lock();
            while *free == 0 {
                if self.freed.wait_until(&mut free, until).timed_out() && *free == 0 {
                    return Err(NoTurn { waited: patience, retry_after: RETRY_AFTER });
                }
            }
            *free -= 1;
        }
        WITHIN.set(within + 1);
        Ok(TransactionTurn { of: self, within, _here: std::marker::PhantomData })
    }
}

/// Permission to run one call inside the transaction of this thread.
pub(crate) struct TransactionTurn<'a> {
    of: &'a TransactionTurns,
    within: usize,
    /// It must be dropped on the thread that it was taken on.
    _here: std::marker::PhantomData<*const ()>,
}

impl Drop for TransactionTurn<'_> {
    fn drop(&mut self) {
        WITHIN.set(self.within);
        if self.within == 0 {
            *self.of.free.lock() += 1;
            self.of.freed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    const NOW: Duration = Duration::ZERO;

    fn take_now(plugin: &PluginTurns, process: &ProcessTurns, export: PluginExport) -> Option<Turn> {
        // Tokio has a task give way after so many turns.
        tokio::task::unconstrained(plugin.take(process, export, NOW)).now_or_never().and_then(Result::ok)
    }

    #[tokio::test]
    async fn plugin_turns_equal_concurrency_up_to_half_a_lane() {
        let process = ProcessTurns::default();
        for (concurrency, expected) in [(1, 1), (8, 8), (256, 32)] {
            let plugin = PluginTurns::new(concurrency);
            let turns: Vec<_> = std::iter::from_fn(|| take_now(&plugin, &process, PluginExport::Route)).collect();
            assert_eq!(turns.len(), expected);
            // Turns of the plugin's other lanes, and of other plugins in this lane, are still free.
            assert!(take_now(&plugin, &process, PluginExport::View).is_some());
            assert!(take_now(&plugin, &process, PluginExport::Prepare).is_some());
            assert!(take_now(&PluginTurns::new(1), &process, PluginExport::Route).is_some());
        }
        assert_eq!(process.free_turns(), ([64, 16, 32, 32], MAX_TRANSACTIONS));
    }

    #[tokio::test]
    async fn calls_waiting_for_their_plugin_do_not_block_others() {
        let process = Arc::new(ProcessTurns::default());
        let plugins: Vec<_> = (0..2).map(|_| Arc::new(PluginTurns::new(256))).collect();
        let mut turns = Vec::new();
        for plugin in &plugins {
            turns.extend(std::iter::from_fn(|| take_now(plugin, &process, PluginExport::Route)));
        }
        assert_eq!((turns.len(), process.free_turns().0[0]), (64, 0));
        // A burst of 300 more calls of the first plugin, and then one of another.
        let long = Duration::from_secs(3_600);
        let mut burst: Vec<_> =
            (0..300).map(|_| plugins[0].take(&process, PluginExport::Route, long).boxed()).collect();
        assert!(burst.iter_mut().all(|waiting| waiting.now_or_never().is_none()));
        let other = PluginTurns::new(1);
        let mut waiting = other.take(&process, PluginExport::Route, long).boxed();
        assert!((&mut waiting).now_or_never().is_none());
        // The first turn that is given back is theirs.
        turns.pop();
        let turn = waiting.await.unwrap();
        assert_eq!(process.free_turns().0[0], 0);
        drop((turns, burst, turn));
        assert_eq!(process.free_turns().0[0], 64);
    }

    #[tokio::test]
    async fn calls_without_a_turn_in_time_get_a_retry_after() {
        let process = ProcessTurns::default();
        let plugin = PluginTurns::new(1);
        let turn = plugin.take(&process, PluginExport::View, NOW).await.unwrap();
        let refused = plugin.take(&process, PluginExport::View, NOW).await.unwrap_err();
        assert_eq!(refused, NoTurn { waited: MIN_TURN_TIMEOUT, retry_after: RETRY_AFTER });
        // A caller that timed out holds no turn.
        drop(turn);
        assert_eq!(process.free_turns(), ([64, 16, 32, 32], MAX_TRANSACTIONS));
        assert!(plugin.take(&process, PluginExport::View, NOW).await.is_ok());
    }

    #[tokio::test]
    async fn requests_wait_for_longer_and_so_many_at_most() {
        assert_eq!(Lane::Routes.min_timeout(), Duration::from_secs(30));
        let process = ProcessTurns::default();
        let plugin = PluginTurns::new(1);
        let turn = plugin.take(&process, PluginExport::Route, NOW).await.unwrap();
        let take = || tokio::task::unconstrained(plugin.take(&process, PluginExport::Route, NOW)).boxed();
        let mut waiting: Vec<_> = (0..MAX_WAITING_ROUTES).map(|_| take()).collect();
        assert!(waiting.iter_mut().all(|waiting| waiting.now_or_never().is_none()));
        let refused = take().now_or_never().unwrap().unwrap_err();
        assert_eq!(refused, NoTurn { waited: Duration::ZERO, retry_after: RETRY_AFTER });
        // The first in the queue has the turn that is given back, and leaves room for another to wait.
        drop(turn);
        let turn = (&mut waiting[0]).now_or_never().unwrap().unwrap();
        assert!(take().now_or_never().is_none());
        drop((turn, waiting));
        assert!(take().now_or_never().unwrap().is_ok());
    }

    #[test]
    fn nested_calls_share_the_turn_of_their_transaction() {
        let inside = TransactionTurns { free: Mutex::new(1), freed: Condvar::new() };
        let first = inside.take(NOW).unwrap();
        let mut nested: Vec<_> = (1..MAX_NESTED_CALLS).map(|_| inside.take(NOW).unwrap()).collect();
        // Deeper than hooks can be, and another thread's transaction.
        assert!(inside.take(NOW).is_err());
        std::thread::scope(|s| assert!(s.spawn(|| inside.take(NOW).is_err()).join().unwrap()));
        while nested.pop().is_some() {}
        assert_eq!(*inside.free.lock(), 0);
        std::thread::scope(|s| {
            let waiting = s.spawn(|| inside.take(Duration::from_secs(60)).is_ok());
            drop(first);
            assert!(waiting.join().unwrap());
        });
        assert_eq!((*inside.free.lock(), WITHIN.get()), (1, 0));
    }

    #[test]
    fn panics_release_the_turn() {
        let inside = TransactionTurns { free: Mutex::new(1), freed: Condvar::new() };
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _turn = inside.take(NOW).unwrap();
            panic!("in a hook");
        }));
        assert!(caught.is_err());
        assert_eq!((*inside.free.lock(), WITHIN.get()), (1, 0));
    }

    #[tokio::test]
    async fn computing_calls_take_turns_and_leave_room_for_others() {
        let process = ProcessTurns::default();
        let (spinning, other) = (PluginTurns::new(8), PluginTurns::new(8));
        let own = (processors() / 2).max(1);
        let all: Vec<ComputeTurns> = (0..own + 3).map(|_| spinning.computing(&process)).collect();
        let mut waiting = Vec::new();
        for turns in &all {
            let mut next = Box::pin(tokio::task::unconstrained(turns.clone().next()));
            // The first time it lets others go first.
            assert!(futures_util::poll!(&mut next).is_pending());
            if futures_util::poll!(&mut next).is_pending() {
                waiting.push(next);
            }
        }
        // The plugin gets only its own share, however many of its calls compute.
        assert_eq!(waiting.len(), 3);
        let turns = other.computing(&process);
        let mut next = Box::pin(tokio::task::unconstrained(turns.clone().next()));
        assert!(futures_util::poll!(&mut next).is_pending());
        // If the machine has a free turn, the other plugin gets it, ahead of earlier calls that wait for their own plugin.
        let has_one = futures_util::poll!(&mut next).is_ready();
        assert_eq!(has_one, processors() > own);
        all[0].give_back();
        assert!(has_one || futures_util::poll!(&mut next).is_ready());
        turns.give_back();
        drop(turns);
        // A call that is dropped while it waits leaves the queue.
        drop(waiting.remove(0));
        assert!(futures_util::poll!(&mut waiting[0]).is_ready());
        drop((waiting, all));
        assert_eq!(process.computing.available_permits(), processors());
    }
}
