//! Listeners to the events of a tenant, and how events reach them.
//!
//! Events are read from the outbox by their position, so that it does not matter which node wrote them. While there are listeners, one task
//! polls for new events, and caches the last ones for all listeners; a listener that is further behind reads the outbox itself. The same task
//! notices when callers may have changed, so that listeners look again who they are at once.

use crate::config;
use crate::tenant::Tenant;
use cairn_access::{Caller, CallerKind, CallersVersion, ClientNetwork};
use cairn_store::StoreError;
use cairn_store::events::Event;
use parking_lot::Mutex;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::watch;

/// How often the outbox is polled for new events.
const EVENT_POLL_INTERVAL: Duration = Duration::from_millis(200);
/// Number of events that are cached for all listeners.
const EVENT_BUFFER_CAPACITY: usize = 2_000;
/// Events read at a time.
const EVENT_PAGE_SIZE: i64 = 500;

/// The part of all connections that only admins may use: one of so many.
const ADMIN_PARTS: usize = 10;
/// The part that callers who are not signed in leave to others, besides that of admins.
const SIGNED_IN_PARTS: usize = 5;
/// The part that a network around the one of a client may use, a /24 of IPv4 or a /48 of IPv6.
const WIDER_NETWORK_PARTS: usize = 4;

/// The state that listeners watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveState {
    /// Position of the last event.
    pub last: i64,
    /// State of what callers are read from.
    pub callers: CallersVersion,
    /// True if the server is stopping.
    pub closed: bool,
}

/// The listeners of one tenant.
pub struct LiveListeners {
    shared: Arc<SharedListeners>,
}

struct SharedListeners {
    state: watch::Sender<LiveState>,
    inner: Mutex<ListenersInner>,
}

#[derive(Default)]
struct ListenersInner {
    open: OpenListeners,
    /// True if the polling task is running.
    looking: bool,
    /// Last events, without gaps.
    kept: VecDeque<Arc<Event>>,
    /// Position after which `kept` has every event.
    complete_after: i64,
}

/// A registered listener; dropping it ends the registration.
pub struct Listener {
    shared: Arc<SharedListeners>,
    client: ListeningClient,
}

/// Rank of a listener, by the room that there is for such callers. Each rank leaves some of it to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum ListenerRank {
    Public,
    SignedIn,
    Admin,
}

/// Rank and network of a listener, which count towards limits.
#[derive(Debug, Clone, Copy)]
struct ListeningClient {
    rank: ListenerRank,
    network: ClientNetwork,
}

impl ListeningClient {
    fn new(caller: &Caller, address: IpAddr) -> Self {
        let rank = match &caller.kind {
            CallerKind::Public => ListenerRank::Public,
            CallerKind::User(_) | CallerKind::Token { .. } => ListenerRank::SignedIn,
            CallerKind::Admin { .. } => ListenerRank::Admin,
        };
        Self { rank, network: ClientNetwork::from_address(address) }
    }

    /// The network in which it is counted. Admins have counts of their own: others in their network take nothing from them.
    fn counted_network(self) -> (bool, ClientNetwork) {
        (self.rank == ListenerRank::Admin, self.network)
    }
}

/// The error for too many listeners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooManyListeners {
    /// From the client's network.
    FromNetwork,
    /// In all, for callers such as this.
    InAll,
}

/// Numbers of the open connections.
#[derive(Default)]
struct OpenListeners {
    /// By rank.
    by_rank: HashMap<ListenerRank, usize>,
    /// By network, those of admins apart.
    by_network: HashMap<(bool, ClientNetwork), usize>,
    /// By the network around those, without admins.
    by_wider_network: HashMap<ClientNetwork, usize>,
}

impl OpenListeners {
    fn total(&self) -> usize {
        self.by_rank.values().sum()
    }

    /// Counts a listener, if there is room for it.
    fn add(&mut self, client: ListeningClient, limits: &config::LiveConfig) -> Result<(), TooManyListeners> {
        let (all, in_network) = (limits.max_connections, limits.max_connections_per_address);
        let count = |rank: ListenerRank| self.by_rank.get(&rank).copied().unwrap_or(0);
        let (public, others) = (count(ListenerRank::Public), count(ListenerRank::SignedIn));
        // Of a single connection there is no part to leave.
        let for_admins = (all / ADMIN_PARTS).max(1).min(all.saturating_sub(1));
        let for_others = all - for_admins;
        let has_room = match client.rank {
            ListenerRank::Admin => true,
            ListenerRank::SignedIn => public + others < for_others,
            ListenerRank::Public => public + others < for_others && public < for_others - all / SIGNED_IN_PARTS,
        };
        let in_wider_network = (all / WIDER_NETWORK_PARTS).max(in_network);
        let from_network = self.by_network.get(&client.counted_network()).copied().unwrap_or(0);
        let from_wider_network = self.by_wider_network.get(&client.network.widen()).copied().unwrap_or(0);
        let is_admin = client.rank == ListenerRank::Admin;
        if from_network >= in_network || (!is_admin && from_wider_network >= in_wider_network) {
            return Err(TooManyListeners::FromNetwork);
        }
        if !has_room || self.total() >= all {
            return Err(TooManyListeners::InAll);
        }
        *self.by_rank.entry(client.rank).or_default() += 1;
        *self.by_network.entry(client.counted_network()).or_default() += 1;
        if !is_admin {
            *self.by_wider_network.entry(client.network.widen()).or_default() += 1;
        }
        Ok(())
    }

    fn remove(&mut self, client: ListeningClient) {
        decrement(&mut self.by_rank, client.rank);
        decrement(&mut self.by_network, client.counted_network());
        if client.rank != ListenerRank::Admin {
            decrement(&mut self.by_wider_network, client.network.widen());
        }
    }
}

/// Counts one less; a count of none is not stored.
fn decrement<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: K) {
    if let Entry::Occupied(mut count) = counts.entry(key) {
        *count.get_mut() -= 1;
        if *count.get() == 0 {
            count.remove();
        }
    }
}

impl Default for LiveListeners {
    fn default() -> Self {
        let (state, _) = watch::channel(LiveState { last: 0, callers: CallersVersion::default(), closed: false });
        Self { shared: Arc::new(SharedListeners { state, inner: Mutex::default() }) }
    }
}

impl LiveListeners {
    /// Closes all connections.
    pub(crate) fn close(&self) {
        self.shared.state.send_modify(|state| state.closed = true);
    }

    /// Registers a listener: a caller at an address.
    pub fn add_listener(
        &self,
        tenant: &Arc<Tenant>,
        caller: &Caller,
        address: IpAddr,
        limits: &config::LiveConfig,
    ) -> Result<Result<Listener, TooManyListeners>, StoreError> {
        let last_position = tenant.content.store().read(|r| r.events().last_position())?;
        let mut inner = self.shared.inner.lock();
        let client = ListeningClient::new(caller, address);
        if let Err(too_many) = inner.open.add(client, limits) {
            return Ok(Err(too_many));
        }
        if !inner.looking {
            inner.looking = true;
            inner.kept.clear();
            inner.complete_after = last_position;
            self.shared.state.send_modify(|state| state.last = last_position);
            tokio::spawn(poll_events(self.shared.clone(), Arc::downgrade(tenant)));
        }
        Ok(Ok(Listener { shared: self.shared.clone(), client }))
    }
}

impl Listener {
    /// Signals new events, changes of callers, and the end.
    pub fn watch_state(&self) -> watch::Receiver<LiveState> {
        self.shared.state.subscribe()
    }

    /// Events after a position, in order; not necessarily all of them.
    pub fn events_after(&self, tenant: &Tenant, pos: i64) -> Result<Vec<Arc<Event>>, StoreError> {
        {
            let inner = self.shared.inner.lock();
            if pos >= inner.complete_after {
                let from = inner.kept.partition_point(|e| e.pos <= pos);
                return Ok(inner.kept.iter().skip(from).take(EVENT_PAGE_SIZE as usize).cloned().collect());
            }
        }
        let events = tenant.content.store().read(|r| r.events().list_after(pos, EVENT_PAGE_SIZE))?;
        Ok(events.into_iter().map(Arc::new).collect())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.shared.inner.lock().open.remove(self.client);
    }
}

/// Polls for new events, and for changes of callers, while there are listeners.
async fn poll_events(shared: Arc<SharedListeners>, tenant: Weak<Tenant>) {
    loop {
        tokio::time::sleep(EVENT_POLL_INTERVAL).await;
        let open = {
            let mut inner = shared.inner.lock();
            let open = tenant.upgrade().filter(|_| inner.open.total() > 0);
            if open.is_none() {
                inner.looking = false;
                inner.kept.clear();
            }
            open
        };
        let Some(tenant) = open else { return };
        let callers = tenant.access.callers_version();
        shared.state.send_if_modified(|state| std::mem::replace(&mut state.callers, callers) != callers);
        let known = shared.state.borrow().last;
        let found = tenant.content.store().read(|r| r.events().list_after(known, EVENT_PAGE_SIZE));
        match found {
            Ok(events) => {
                let Some(last_position) = events.last().map(|e| e.pos) else { continue };
                {
                    let mut inner = shared.inner.lock();
                    inner.kept.extend(events.into_iter().map(Arc::new));
                    while inner.kept.len() > EVENT_BUFFER_CAPACITY {
                        if let Some(event) = inner.kept.pop_front() {
                            inner.complete_after = event.pos;
                        }
                    }
                }
                shared.state.send_modify(|state| state.last = last_position);
            }
            // No event is lost: the next round looks for it again.
            Err(error) => tracing::debug!(tenant = &*tenant.name, %error, "cannot check for new events"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(rank: ListenerRank, address: &str) -> ListeningClient {
        ListeningClient { rank, network: ClientNetwork::from_address(address.parse().unwrap()) }
    }

    /// Adds as many as there is room for, each with the address that `address` makes for its number; what stopped it, and how many there were.
    fn fill(
        open: &mut OpenListeners,
        rank: ListenerRank,
        address: impl Fn(usize) -> String,
    ) -> (usize, Option<TooManyListeners>) {
        let limits = config::LiveConfig::default();
        for n in 0..2_000 {
            if let Err(too_many) = open.add(client(rank, &address(n)), &limits) {
                return (n, Some(too_many));
            }
        }
        (2_000, None)
    }

    #[test]
    fn one_network_never_has_all_connections() {
        let mut open = OpenListeners::default();
        let from_network = Some(TooManyListeners::FromNetwork);
        assert_eq!(fill(&mut open, ListenerRank::Public, |_| "198.51.100.1".into()), (50, from_network));
        let block = |n: usize| format!("198.51.100.{}", 2 + n / 50);
        assert_eq!(fill(&mut open, ListenerRank::Public, block), (200, from_network));
        let slash_64 = |n: usize| format!("2001:db8:1:1::{n:x}");
        assert_eq!(fill(&mut open, ListenerRank::Public, slash_64), (50, from_network));
        let slash_48 = |n: usize| format!("2001:db8:1:{n:x}::1");
        assert_eq!(fill(&mut open, ListenerRank::Public, |n| slash_48(n + 2)), (200, from_network));
        let limits = config::LiveConfig::default();
        for elsewhere in ["203.0.113.7", "2001:db8:2::1"] {
            assert_eq!(open.add(client(ListenerRank::Public, elsewhere), &limits), Ok(()));
        }
    }

    #[test]
    fn strangers_leave_connections_to_users_and_all_leave_some_to_admins() {
        let mut open = OpenListeners::default();
        let everywhere = |n: usize| format!("10.{}.{}.1", n / 256, n % 256);
        let in_all = Some(TooManyListeners::InAll);
        assert_eq!(fill(&mut open, ListenerRank::Public, everywhere), (700, in_all));
        assert_eq!(fill(&mut open, ListenerRank::SignedIn, everywhere), (200, in_all));
        // Connections of others in an admin's network do not count towards the limit of admins there.
        let limits = config::LiveConfig::default();
        assert_eq!(fill(&mut open, ListenerRank::Admin, |_| everywhere(0)), (50, Some(TooManyListeners::FromNetwork)));
        assert_eq!(fill(&mut open, ListenerRank::Admin, |n| everywhere(1 + n)), (50, in_all));
        assert_eq!(open.total(), limits.max_connections);
        // A closed connection makes room for one of its rank, and leaves no count behind.
        open.remove(client(ListenerRank::Public, &everywhere(0)));
        assert_eq!(open.add(client(ListenerRank::Public, &everywhere(0)), &limits), Ok(()));
        for (rank, count) in [(ListenerRank::Public, 700), (ListenerRank::SignedIn, 200)] {
            (0..count).for_each(|n| open.remove(client(rank, &everywhere(n))));
        }
        assert_eq!((open.total(), open.by_wider_network.len()), (100, 0));
    }

    #[test]
    fn a_single_connection_is_for_everybody() {
        let limits = config::LiveConfig { max_connections: 1, ..config::LiveConfig::default() };
        assert_eq!(OpenListeners::default().add(client(ListenerRank::Public, "203.0.113.7"), &limits), Ok(()));
    }
}
