//! Traits of event consumers.

use crate::RetryPolicy;
use cairn_store::events::Event;
use cairn_store::{StoreError, WriteTx};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;

/// The properties of every consumer.
pub trait Consumer: Send + Sync + 'static {
    /// Its name, under which its position is stored: `audit`, `webhook:3`.
    fn name(&self) -> &str;

    /// True if it also receives retained events from before it existed.
    fn receives_past_events(&self) -> bool {
        false
    }

    /// True if it wants an event. Called for every event; one that is not wanted costs nothing more.
    fn wants_event(&self, _event: &Event) -> bool {
        true
    }

    /// When failed deliveries are retried.
    fn retry_policy(&self) -> RetryPolicy {
        RetryPolicy::default()
    }

    /// True if later events with a key wait behind one that was given up, until somebody retries or discards it. They always wait behind
    /// one that will be retried.
    fn holds_key_after_dead(&self) -> bool {
        false
    }

    /// Number of events that it gets at a time.
    fn batch_size(&self) -> usize {
        200
    }

    /// Largest number of events in a row that may lead to an event that is delivered to it. One beyond that is given up, so that a consumer
    /// that triggers itself comes to an end.
    fn max_cause_depth(&self) -> i64 {
        i64::MAX
    }
}

/// A consumer whose effects are rows of the same database: each event takes effect exactly once.
pub trait TransactionalConsumer: Consumer {
    /// Applies the events, in order. An error rolls all of it back; then they are delivered one by one, and the one
    /// that fails is retried later.
    fn apply_events(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), StoreError>;

    /// Does the same as [`Self::apply_events`], for a consumer that can say when an event has to be retried, or that it must not be: this is
    /// the method that is called.
    ///
    /// # Errors
    /// The same errors as [`Self::apply_events`]; everything is rolled back.
    fn handle_events(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), DeliveryError> {
        self.apply_events(tx, events).map_err(DeliveryError::Store)
    }

    /// True if it needs separate transactions. Other consumers at the same position share theirs: if one of them
    /// takes long, all wait for it.
    fn needs_own_transaction(&self) -> bool {
        false
    }

    /// Owner of its transactions if they may take long: see [`cairn_store::Store::write_long`]. Called for a consumer that is alone.
    fn transaction_owner(&self) -> Option<&str> {
        None
    }

    /// Called when an event was given up because of [`Consumer::max_cause_depth`], in this transaction, to notify somebody. Returns an
    /// error if the database cannot be written.
    fn on_too_deep(&self, _tx: &mut WriteTx<'_>, _event: &Event, _now: i64) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Why a consumer did not accept events.
#[derive(Debug)]
pub enum DeliveryError {
    /// An error of the database: unless it is about the event, the event is simply delivered again.
    Store(StoreError),
    /// An error about the event itself.
    Failed(DeliveryFailure),
}

impl From<StoreError> for DeliveryError {
    fn from(e: StoreError) -> Self {
        Self::Store(e)
    }
}

/// A consumer whose effects are elsewhere: an event may be repeated, with the same id.
pub trait ExternalConsumer: Consumer {
    /// Delivers one event. Events with different keys are delivered concurrently, those with one key in order.
    fn deliver_event<'a>(&'a self, event: &'a Event, attempt: i64) -> BoxFuture<'a, Result<(), DeliveryFailure>>;
}

/// Why a delivery failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryFailure {
    /// Error message for people.
    pub error: String,
    /// Earliest time of the next attempt.
    pub retry_after: Option<Duration>,
    /// True if no further attempt is made.
    pub for_good: bool,
}

impl DeliveryFailure {
    /// A failure that will be retried.
    pub fn new(error: impl Into<String>) -> Self {
        Self { error: error.into(), retry_after: None, for_good: false }
    }

    /// A failure that will not be retried.
    pub fn for_good(error: impl Into<String>) -> Self {
        Self { for_good: true, ..Self::new(error) }
    }
}

/// A consumer of either kind.
#[derive(Clone)]
pub enum Subscriber {
    /// Its effects are in the database.
    Transactional(Arc<dyn TransactionalConsumer>),
    /// Its effects are elsewhere.
    External(Arc<dyn ExternalConsumer>),
}

impl Subscriber {
    /// The properties of the consumer.
    pub fn consumer(&self) -> &dyn Consumer {
        match self {
            Self::Transactional(c) => &**c,
            Self::External(c) => &**c,
        }
    }
}
