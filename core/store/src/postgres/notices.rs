//! Notices between the nodes on one database: which types a commit touched, by `NOTIFY` after it. A missed notice costs time, not
//! correctness: every node also compares the counters of `cairn_changes` now and then.
//!
//! The notice is sent outside of the transaction: PostgreSQL lets transactions that notify commit one at a time only.

use super::options::Server;
use super::session::Session;
use crate::Result;
use crate::connection::Connection;
use crate::database::{Backend, Inner};
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

const CHANNEL: &str = "cairn";
/// Longest list of types in a notice, in bytes (PostgreSQL allows 8,000); a longer one is sent as "anything".
const LONGEST: usize = 6_000;
/// How long a listener waits before it checks whether it is still needed, and before it connects again.
const BREATH: Duration = Duration::from_millis(500);

/// Schema and touched types.
type Notice = (String, Vec<String>);

/// The sender and the listener, started with the first store.
pub(super) struct Notices {
    /// Distinguishes our own notices from those of other nodes.
    node: u64,
    speaking: OnceLock<Sender<Notice>>,
    stores: Arc<Mutex<HashMap<String, Vec<Weak<Inner>>>>>,
}

impl Notices {
    pub(super) fn new() -> Self {
        Self { node: rand::random(), speaking: OnceLock::new(), stores: Arc::default() }
    }

    /// Subscribes the store to changes of its schema.
    pub(super) fn subscribe(&self, server: &Arc<Server>, schema: &str, store: &Arc<Inner>) {
        let mut stores = self.stores.lock();
        let own = stores.entry(schema.to_owned()).or_default();
        own.retain(|s| s.strong_count() > 0);
        own.push(Arc::downgrade(store));
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
            let sent = connected(server, &mut connection).and_then(|(c, _)| {
                c.query("notifying other nodes", "SELECT pg_notify(?1, ?2)", [CHANNEL, &payload], |_| Ok(()))
            });
            if let Err(error) = sent {
                tracing::debug!(%error, "a notice was not sent; other nodes find the change by polling");
                connection = None;
            }
        }
    }
}

fn connected<'c>(
    server: &Weak<Server>,
    connection: &'c mut Option<Connection>,
) -> Result<(&'c Connection, &'c Session)> {
    let stands = |c: &Connection| matches!(c, Connection::Postgres(s) if !s.has_ended());
    if !connection.as_ref().is_some_and(stands) {
        let server = server.upgrade().ok_or(crate::StoreError::Closed)?;
        *connection = Some(Connection::Postgres(Box::new(server.writers.session()?)));
    }
    match connection.as_ref() {
        Some(c @ Connection::Postgres(s)) => Ok((c, s)),
        _ => Err(crate::StoreError::Closed),
    }
}

fn listen(server: &Weak<Server>, node: u64, stores: &Mutex<HashMap<String, Vec<Weak<Inner>>>>) {
    let own = format!("{node:016x}");
    let mut connection: Option<Connection> = None;
    let (mut listening, mut again) = (false, false);
    while server.strong_count() > 0 {
        let heard = connected(server, &mut connection).and_then(|(c, s)| {
            if !std::mem::replace(&mut listening, true) {
                s.simple("listening", &format!("LISTEN {CHANNEL}"))?;
                // All notices since the last connection ended were missed. Before the first connection, the store
                // read the counters itself, and the poll continues from there.
                if std::mem::replace(&mut again, true) {
                    for store in stores.lock().values().flatten().filter_map(Weak::upgrade) {
                        apply_notice(&store, None);
                    }
                }
            }
            let notices = s.wait_for_notifications(BREATH)?;
            let others = notices.iter().any(|n| !n.payload().starts_with(&own));
            if others && let Some(replica) = server.upgrade().and_then(|s| s.replica.clone()) {
                // Before the counters move: what is read from then on has to be as new as they are.
                replica.note_write(c)?;
            }
            Ok(notices)
        });
        match heard {
            Ok(notices) => notices.iter().for_each(|n| dispatch_notice(n.payload(), &own, stores)),
            Err(error) => {
                tracing::debug!(%error, "notices cannot be received; polling for changes until they can");
                connection = None;
                listening = false;
                std::thread::sleep(BREATH);
            }
        }
    }
}

fn dispatch_notice(payload: &str, own: &str, stores: &Mutex<HashMap<String, Vec<Weak<Inner>>>>) {
    let mut parts = payload.splitn(3, ' ');
    let (Some(from), Some(schema), Some(types)) = (parts.next(), parts.next(), parts.next()) else { return };
    if from == own {
        return;
    }
    let stores: Vec<Arc<Inner>> = stores.lock().get(schema).into_iter().flatten().filter_map(Weak::upgrade).collect();
    let list: Vec<&str> = types.split(',').collect();
    for store in stores {
        apply_notice(&store, (types != "*").then_some(&list));
    }
}

fn apply_notice(store: &Inner, types: Option<&[&str]>) {
    if let Backend::Postgres(backend) = &store.backend {
        backend.apply_notice(store, types);
    }
}
