//! Listeners to the events of a tenant, and how events reach them.
//!
//! Events are read from the outbox by their position, so that it does not matter which node wrote them. While there are listeners, one task
//! polls for new events, and caches the last ones for all listeners; a listener that is further behind reads the outbox itself.

use crate::config;
use crate::tenant::Tenant;
use cairn_store::StoreError;
use cairn_store::events::Event;
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
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

/// The state that listeners watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveState {
    /// Position of the last event.
    pub last: i64,
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
    by_address: HashMap<IpAddr, usize>,
    total: usize,
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
    address: IpAddr,
}

/// The error for too many listeners, in all or from one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyListeners;

impl Default for LiveListeners {
    fn default() -> Self {
        let (state, _) = watch::channel(LiveState { last: 0, closed: false });
        Self { shared: Arc::new(SharedListeners { state, inner: Mutex::default() }) }
    }
}

impl LiveListeners {
    /// Closes all connections.
    pub(crate) fn close(&self) {
        self.shared.state.send_modify(|state| state.closed = true);
    }

    /// Registers a listener.
    pub fn add_listener(
        &self,
        tenant: &Arc<Tenant>,
        address: IpAddr,
        limits: &config::LiveConfig,
    ) -> Result<Result<Listener, TooManyListeners>, StoreError> {
        let last_position = tenant.content.store().read(|r| r.events().last_position())?;
        let mut inner = self.shared.inner.lock();
        let from_there = inner.by_address.get(&address).copied().unwrap_or(0);
        if inner.total >= limits.max_connections || from_there >= limits.max_connections_per_address {
            return Ok(Err(TooManyListeners));
        }
        inner.total += 1;
        *inner.by_address.entry(address).or_default() += 1;
        if !inner.looking {
            inner.looking = true;
            inner.kept.clear();
            inner.complete_after = last_position;
            self.shared.state.send_modify(|state| state.last = last_position);
            tokio::spawn(poll_events(self.shared.clone(), Arc::downgrade(tenant)));
        }
        Ok(Ok(Listener { shared: self.shared.clone(), address }))
    }
}

impl Listener {
    /// Signals new events, and the end.
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
        let mut inner = self.shared.inner.lock();
        inner.total = inner.total.saturating_sub(1);
        if let Some(n) = inner.by_address.get_mut(&self.address) {
            *n -= 1;
            if *n == 0 {
                inner.by_address.remove(&self.address);
            }
        }
    }
}

/// Polls for new events while there are listeners.
async fn poll_events(shared: Arc<SharedListeners>, tenant: Weak<Tenant>) {
    loop {
        tokio::time::sleep(EVENT_POLL_INTERVAL).await;
        let open = {
            let mut inner = shared.inner.lock();
            let open = tenant.upgrade().filter(|_| inner.total > 0);
            if open.is_none() {
                inner.looking = false;
                inner.kept.clear();
            }
            open
        };
        let Some(tenant) = open else { return };
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
            // Nothing is lost: it is looked for again.
            Err(error) => tracing::debug!(tenant = &*tenant.name, %error, "cannot check for new events"),
        }
    }
}
