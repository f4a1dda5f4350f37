//! Checks whether this process's caches are current, before they are used: several nodes write to one database, and a notice takes a
//! moment. One query serves every caller that began to wait before it was sent, so that under load its cost is shared (etcd's ReadIndex is
//! the model). Nobody gets an old response after a new one, from whichever node.

use super::follower::ChangeFollower;
use super::pool::Pool;
use super::session::Session;
use crate::connection::Connection;
use crate::{Result, StoreError};
use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock, Weak};
use tokio::sync::oneshot;

/// A waiting caller, with the store that it wants to read from.
type FreshnessWaiter = (Arc<dyn ChangeFollower>, oneshot::Sender<Result<()>>);

/// The thread that queries the database, started on first use.
#[derive(Default)]
pub(super) struct Freshness {
    questions: OnceLock<Option<Sender<FreshnessWaiter>>>,
}

impl Freshness {
    /// Returns once this store's counters include everything that was committed before the call. Returns an error if the database does not
    /// respond: caches may be stale.
    pub(super) async fn wait(&self, pool: &Arc<Pool>, store: Arc<dyn ChangeFollower>) -> Result<()> {
        let questions = self.questions.get_or_init(|| {
            let (sender, receiver) = channel();
            let pool = Arc::downgrade(pool);
            let thread = std::thread::Builder::new().name("cairn-fresh".into()).spawn(move || work(&pool, &receiver));
            thread.inspect_err(|error| tracing::error!(%error, "caches are disabled")).ok()?;
            Some(sender)
        });
        let (answer, answer_receiver) = oneshot::channel();
        let is_sent = questions.as_ref().is_some_and(|q| q.send((store, answer)).is_ok());
        if !is_sent {
            return Err(StoreError::Closed);
        }
        answer_receiver.await.unwrap_or(Err(StoreError::Closed))
    }
}

/// A connection, and what was visible when each schema's counters were last compared.
struct FreshnessProbe {
    connection: Connection,
    visible: HashMap<String, String>,
}

fn work(pool: &Weak<Pool>, questions: &Receiver<FreshnessWaiter>) {
    let mut asking: Option<FreshnessProbe> = None;
    while let Ok(first) = questions.recv() {
        let mut all = vec![first];
        all.extend(questions.try_iter());
        let mut checked: Vec<(*const (), bool)> = Vec::new();
        // The visible changes are read once for all schemas.
        let visible = connected(pool, &mut asking).and_then(|asking| look(&asking.connection));
        if visible.is_err() {
            asking = None;
        }
        for (store, answer) in all {
            let address = Arc::as_ptr(&store).cast::<()>();
            let known = checked.iter().find(|(s, _)| *s == address).map(|(_, fine)| *fine);
            let fine = known.unwrap_or_else(|| {
                let fine = match (&visible, &mut asking) {
                    (Ok(visible), Some(asking)) => compare(asking, &*store, visible).is_ok(),
                    _ => false,
                };
                checked.push((address, fine));
                fine
            });
            let unknown = || StoreError::Unavailable("cannot tell whether cached data is still current".into());
            let _ = answer.send(if fine { Ok(()) } else { Err(unknown()) });
        }
    }
}

fn connected<'a>(pool: &Weak<Pool>, asking: &'a mut Option<FreshnessProbe>) -> Result<&'a FreshnessProbe> {
    let broken = |a: &FreshnessProbe| matches!(&a.connection, Connection::Postgres(s) if s.is_broken());
    if asking.as_ref().is_none_or(broken) {
        let pool = pool.upgrade().ok_or(StoreError::Closed)?;
        let session: Session = pool.session()?;
        *asking = Some(FreshnessProbe { connection: Connection::Postgres(Box::new(session)), visible: HashMap::new() });
    }
    asking.as_ref().ok_or(StoreError::Closed)
}

/// The visible transactions, as text: nothing was committed while it stays the same. Empty if the database does not report it.
fn look(connection: &Connection) -> Result<String> {
    let sql = "SELECT CAST(pg_current_snapshot() AS text)";
    match connection.query_first("checking for commits", sql, (), |r| r.get(0)) {
        Ok(visible) => Ok(visible.unwrap_or_default()),
        // Distributed engines have no such function: there the counters are compared every time.
        Err(StoreError::Database { .. }) => Ok(String::new()),
        Err(e) => Err(e),
    }
}

fn compare(asking: &mut FreshnessProbe, store: &dyn ChangeFollower, visible: &str) -> Result<()> {
    let schema = store.schema();
    if !visible.is_empty() && asking.visible.get(schema).is_some_and(|v| v == visible) {
        return Ok(());
    }
    if let Connection::Postgres(session) = &asking.connection {
        session.enter(schema)?;
    }
    store.compare_changes(&asking.connection)?;
    asking.visible.insert(schema.to_owned(), visible.to_owned());
    Ok(())
}
