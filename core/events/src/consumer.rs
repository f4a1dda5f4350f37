//! Who hears of events.

use crate::Retry;
use cairn_store::events::Event;
use cairn_store::{StoreError, WriteTx};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;

/// What every consumer says of itself.
pub trait Consumer: Send + Sync + 'static {
    /// Its name, by which its position is kept: `audit`, `webhook:3`.
    fn name(&self) -> &str;

    /// Whether it also hears of what is kept from before it was there.
    fn hears_past(&self) -> bool {
        false
    }

    /// Whether it cares. Asked of every event; one that is not wanted costs nothing more.
    fn wants(&self, _event: &Event) -> bool {
        true
    }

    /// When what failed is tried again.
    fn retry(&self) -> Retry {
        Retry::default()
    }

    /// Whether later events of a key wait behind one that was given up, until somebody retries or discards it. They always
    /// wait behind one that is to be tried again.
    fn holds(&self) -> bool {
        false
    }

    /// How many events it gets at a time.
    fn batch(&self) -> usize {
        200
    }

    /// An event that more events in a row led to than this is not delivered to it: it is given up, so that a consumer that wakes itself comes
    /// to an end.
    fn deepest(&self) -> i64 {
        i64::MAX
    }
}

/// A consumer whose effects are rows of the same database: each event has them exactly once.
pub trait Inside: Consumer {
    /// Does what follows from the events, in order. An error undoes all of it; then they come one by one, and the one that
    /// fails is tried again later.
    fn apply(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), StoreError>;

    /// As [`Self::apply`], for one that can tell when an event is to be tried again, or that it is not: this is what is called.
    ///
    /// # Errors
    /// As [`Self::apply`]; all that was done is undone.
    fn hear(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), Unheard> {
        self.apply(tx, events).map_err(Unheard::Store)
    }

    /// Whether it has transactions of its own. Others that are equally far share theirs: what takes long in one of them is
    /// waited for by all.
    fn alone(&self) -> bool {
        false
    }

    /// Who its transactions belong to where they may take long: see [`cairn_store::Store::write_long`]. Asked of one that is alone.
    fn owner(&self) -> Option<&str> {
        None
    }

    /// An event was given up because of [`Consumer::deepest`], in this transaction: whoever is to know of it can be told.
    ///
    /// # Errors
    /// Where the database cannot be written.
    fn too_deep(&self, _tx: &mut WriteTx<'_>, _event: &Event, _now: i64) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Why a consumer did not take events.
#[derive(Debug)]
pub enum Unheard {
    /// An error of the database: where it says nothing of the event, the event is simply heard again.
    Store(StoreError),
    /// The event's own.
    Failed(Failure),
}

impl From<StoreError> for Unheard {
    fn from(e: StoreError) -> Self {
        Self::Store(e)
    }
}

/// A consumer whose effects are elsewhere: an event may come again, with the same id.
pub trait Outside: Consumer {
    /// Delivers one event. Events of different keys are delivered at the same time, those of one key in order.
    fn deliver<'a>(&'a self, event: &'a Event, attempt: i64) -> BoxFuture<'a, Result<(), Failure>>;
}

/// Why a delivery failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// For people.
    pub error: String,
    /// Not to be tried again before.
    pub retry_after: Option<Duration>,
    /// Not to be tried again at all.
    pub for_good: bool,
}

impl Failure {
    /// To be tried again.
    pub fn new(error: impl Into<String>) -> Self {
        Self { error: error.into(), retry_after: None, for_good: false }
    }

    /// Not to be tried again.
    pub fn for_good(error: impl Into<String>) -> Self {
        Self { for_good: true, ..Self::new(error) }
    }
}

/// A consumer of either kind.
#[derive(Clone)]
pub enum Subscriber {
    /// Effects in the database.
    Inside(Arc<dyn Inside>),
    /// Effects elsewhere.
    Outside(Arc<dyn Outside>),
}

impl Subscriber {
    /// What it says of itself.
    pub fn consumer(&self) -> &dyn Consumer {
        match self {
            Self::Inside(c) => &**c,
            Self::Outside(c) => &**c,
        }
    }
}
