//! Notices between the nodes on one database: which types a commit touched, by `NOTIFY` after it. A missed notice costs time, not
//! correctness: every node also compares the counters of `cairn_changes` now and then.
//!
//! The notice is sent outside of the transaction: PostgreSQL lets transactions that notify commit one at a time only.

use super::connector::CONNECT_TIMEOUT;
use super::error::failed;
use super::follower::ChangeFollower;
use super::options::Server;
use crate::Result;
use crate::connection::Connection;
use futures_util::FutureExt;
use parking_lot::Mutex;
use sqlx::postgres::{PgListener, PgPoolOptions};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

const CHANNEL: &str = "cairn";
/// Longest list of types in a notice, in bytes (PostgreSQL allows 8,000); a longer one is sent as "anything".
const LONGEST: usize = 6_000;
/// How long a listener waits before it checks whether it is still needed, and before it connects again.
const BREATH: Duration = Duration::from_millis(500);

/// The open stores by schema.
type FollowersBySchema = HashMap<String, Vec<Weak<dyn ChangeFollower>>>;
/// Schema and touched types.
type Notice = (String, Vec<String>);

/// The sender and the listener, started with the first store.
pub(super) struct Notices {
    /// Distinguishes our own notices from those of other nodes.
    node: u64,
    speaking: OnceLock<Sender<Notice>>,
    stores: Arc<Mutex<FollowersBySchema>>,
}

impl Notices {
    pub(super) fn new() -> Self {
        Self { node: rand::random(), speaking: OnceLock::new(), stores: Arc::default() }
    }

    /// Subscribes the store to changes of its schema.
    pub(super) fn subscribe(&self, server: &Arc<Server>, schema: &str, store: Weak<dyn ChangeFollower>) {
        let mut stores = self.stores.lock();
        let own = stores.entry(schema.to_owned()).or_default();
        own.retain(|s| s.strong_count() > 0);
        own.push(store);
        drop(stores);
        self.speaking.get_or_init(|| {
            let (sender, receiver) = channel();
            let (speaker, listener) = (Arc::downgrade(server), Arc::downgrade(server));
            let (node, stores) = (self.node, self.stores.clone());
            start("cairn-notify", move || send_notices(&speaker, node, &receiver));
            start("cairn-listen", move || listen(&listener, node, &stores));
            sender
        });
    }

    /// Notifies the other nodes, soon.
    pub(super) fn send_notice(&self, schema: &str, types: &[&str]) {
        if let Some(sender) = self.speaking.get() {
            let _ = sender.send((schema.to_owned(), types.iter().map(|&t| t.to_owned()).collect()));
        }
    }
}

fn start(name: &str, work: impl FnOnce() + Send + 'static) {
    if let Err(error) = std::thread::Builder::new().name(name.into()).spawn(work) {
        tracing::error!(%error, "cannot start notices between nodes; polling for changes instead");
    }
}

/// Sends the notices that were collected while the last one was being sent.
fn send_notices(server: &Weak<Server>, node: u64, notices: &Receiver<Notice>) {
    let mut connection: Option<Connection> = None;
    while let Ok(first) = notices.recv() {
        let mut gathered: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut add = |(schema, types): Notice| gathered.entry(schema).or_default().extend(types);
        add(first);
        while let Ok(next) = notices.try_recv() {
            add(next);
        }
        for (schema, types) in gathered {
            let list = types.into_iter().collect::<Vec<_>>().join(",");
            let list = if list.len() > LONGEST { "*".to_owned() } else { list };
            let payload = format!("{node:016x} {schema} {list}");
            let result = connected(server, &mut connection).and_then(|c| {
                c.query("notifying other nodes", "SELECT pg_notify(?1, ?2)", [CHANNEL, &payload], |_| Ok(()))
            });
            if let Err(error) = result {
                tracing::debug!(%error, "a notice was not sent; other nodes find the change by polling");
                connection = None;
            }
        }
    }
}

fn connected<'c>(server: &Weak<Server>, connection: &'c mut Option<Connection>) -> Result<&'c Connection> {
    let stands = |c: &Connection| matches!(c, Connection::Postgres(s) if !s.is_broken());
    if !connection.as_ref().is_some_and(stands) {
        let server = server.upgrade().ok_or(crate::StoreError::Closed)?;
        *connection = Some(Connection::Postgres(Box::new(server.writers.session()?)));
    }
    connection.as_ref().ok_or(crate::StoreError::Closed)
}

/// Receives notices on a runtime of its own, until the server's options are dropped.
fn listen(server: &Weak<Server>, node: u64, stores: &Mutex<FollowersBySchema>) {
    let own = format!("{node:016x}");
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        tracing::error!("cannot listen for notices between nodes; polling for changes instead");
        return;
    };
    // For the primary's position in the log, if there is a replica.
    let mut connection: Option<Connection> = None;
    let mut listener: Option<PgListener> = None;
    let mut was_connected = false;
    while server.strong_count() > 0 {
        let heard = runtime.block_on(receive(server, &mut listener)).and_then(|notices| {
            // Notices since the last connection ended were missed. Before the first connection, the store read the counters itself, and the poll
            // continues from there.
            if notices.is_first && std::mem::replace(&mut was_connected, true) {
                for store in stores.lock().values().flatten().filter_map(Weak::upgrade) {
                    store.apply_notice(None);
                }
            }
            let others = notices.payloads.iter().any(|payload| !payload.starts_with(&own));
            if others && let Some(replica) = server.upgrade().and_then(|s| s.replica.clone()) {
                // The replica's required position is noted before the counters move: later reads must be as new as the counters.
                replica.note_write(connected(server, &mut connection)?)?;
            }
            Ok(notices.payloads)
        });
        match heard {
            Ok(payloads) => payloads.iter().for_each(|payload| dispatch_notice(payload, &own, stores)),
            Err(error) => {
                tracing::debug!(%error, "notices cannot be received; polling for changes until they can");
                runtime.block_on(async { listener = None });
                std::thread::sleep(BREATH);
            }
        }
    }
    // The listener's connection is returned by a task, which needs the runtime.
    runtime.block_on(async { drop(listener) });
}

/// Notices that arrived within a [`BREATH`].
struct ReceivedNotices {
    /// True if listening has only begun.
    is_first: bool,
    payloads: Vec<String>,
}

async fn receive(server: &Weak<Server>, listener: &mut Option<PgListener>) -> Result<ReceivedNotices> {
    let doing = "listening";
    let is_first = listener.is_none();
    if is_first {
        let server = server.upgrade().ok_or(crate::StoreError::Closed)?;
        let options = server.writers.connector().options().clone();
        // The pool has one connection, which stays open.
        let pool = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
        let pool = pool.acquire_timeout(CONNECT_TIMEOUT).connect_lazy_with(options);
        let mut new = PgListener::connect_with(&pool).await.map_err(|e| failed(doing, &e))?;
        // Eager reconnection is off: a lost connection is reported, and missed notices are caught up with, before another takes its place.
        new.eager_reconnect(false);
        new.listen(CHANNEL).await.map_err(|e| failed(doing, &e))?;
        *listener = Some(new);
        return Ok(ReceivedNotices { is_first, payloads: Vec::new() });
    }
    let listening = listener.as_mut().ok_or(crate::StoreError::Closed)?;
    let mut payloads = Vec::new();
    let Ok(first) = tokio::time::timeout(BREATH, listening.try_recv()).await else {
        return Ok(ReceivedNotices { is_first, payloads });
    };
    let closed_error = || crate::StoreError::Unavailable("the connection that listens for notices was closed".into());
    payloads.push(first.map_err(|e| failed(doing, &e))?.ok_or_else(closed_error)?.payload().to_owned());
    // Further notices that have arrived are read without waiting.
    while let Some(next) = listening.try_recv().now_or_never() {
        let Ok(Some(next)) = next else {
            *listener = None;
            break;
        };
        payloads.push(next.payload().to_owned());
    }
    Ok(ReceivedNotices { is_first, payloads })
}

fn dispatch_notice(payload: &str, own: &str, stores: &Mutex<FollowersBySchema>) {
    let mut parts = payload.splitn(3, ' ');
    let (Some(from), Some(schema), Some(types)) = (parts.next(), parts.next(), parts.next()) else { return };
    if from == own {
        return;
    }
    let stores: Vec<Arc<dyn ChangeFollower>> =
        stores.lock().get(schema).into_iter().flatten().filter_map(Weak::upgrade).collect();
    let list: Vec<&str> = types.split(',').collect();
    for store in stores {
        store.apply_notice((types != "*").then_some(&list));
    }
}
