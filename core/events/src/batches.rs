//! Batches: a change of two thousand entries is many requests and transactions, and one thing to its recipients. Its events have the same
//! [`cairn_store::events::Actor::batch`]; when no more follow, an event reports the end.
//!
//! Nobody can say whether a batch continues: a browser that is closed sends nothing. It ends when it has been quiet for a while.

use crate::{Consumer, JobEffect, JobHandler, JobOutcome, TransactionalConsumer};
use cairn_access::Clock;
use cairn_store::events::{BatchRow, DuplicatePolicy, Event, JobRow, NewEvent, NewJob};
use cairn_store::{Store, StoreError, WriteTx};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The event at the end of a batch. Its data: `batch`, the positions of the first and the last event (`first`, `last`),
/// and the number of `events`.
pub const BATCH_ENDED_EVENT: &str = "cairn.batch.ended";
/// The job that checks whether a batch has ended.
const END_BATCH_JOB: &str = "cairn.batch.end";
/// A batch ends when nothing has followed for so long, in milliseconds. Longer than a bulk request takes on a busy server.
const QUIET_MS: i64 = 10_000;
/// Duration in milliseconds after which a batch is reported in parts.
const MAX_BATCH_MS: i64 = 300_000;
/// Number of events after which a batch is reported in parts.
const MAX_BATCH_EVENTS: i64 = 10_000;

/// The consumer that records batches.
pub struct BatchConsumer;

impl Consumer for BatchConsumer {
    fn name(&self) -> &str {
        "batches"
    }

    fn wants_event(&self, event: &Event) -> bool {
        event.actor.batch.is_some() && event.event.name != BATCH_ENDED_EVENT
    }
}

impl TransactionalConsumer for BatchConsumer {
    fn apply_events(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), StoreError> {
        let mut batches: BTreeMap<&str, BatchRow> = BTreeMap::new();
        for event in events {
            let Some(batch) = event.actor.batch.as_deref() else { continue };
            let row = batches.entry(batch).or_insert_with(|| BatchRow {
                batch: batch.to_owned(),
                actor: event.actor.clone(),
                first_pos: event.pos,
                last_pos: event.pos,
                events: 0,
                first_at: event.at,
                last_at: event.at,
            });
            (row.last_pos, row.events, row.last_at) = (event.pos, row.events + 1, event.at);
        }
        for new_events in batches.into_values() {
            tx.batches().add_events(&new_events)?;
            match tx.reader().batches().get(&new_events.batch)? {
                Some(row) if row.events >= MAX_BATCH_EVENTS => drop(end_batch(tx, &row, new_events.last_at)?),
                _ => enqueue_check(tx, &new_events.batch, new_events.last_at)?,
            }
        }
        Ok(())
    }
}

/// Enqueues a check whether a batch has ended.
fn enqueue_check(tx: &mut WriteTx<'_>, batch: &str, at: i64) -> Result<(), StoreError> {
    let job = NewJob {
        name: END_BATCH_JOB.to_owned(),
        key: Some(batch.to_owned()),
        duplicate: DuplicatePolicy::Keep,
        lane: None,
        payload: json!({ "batch": batch }),
        due: at.saturating_add(QUIET_MS),
    };
    tx.jobs().enqueue(&job, at).map(drop)
}

/// Ends a batch. Returns `false` if more events followed meanwhile.
fn end_batch(tx: &mut WriteTx<'_>, row: &BatchRow, now: i64) -> Result<bool, StoreError> {
    if !tx.batches().finish(&row.batch, row.last_pos)? {
        return Ok(false);
    }
    let event = NewEvent {
        name: BATCH_ENDED_EVENT.to_owned(),
        key: format!("batch:{}", row.batch),
        content_type: None,
        document_id: None,
        locale: None,
        status: None,
        data: json!({ "batch": row.batch, "first": row.first_pos, "last": row.last_pos, "events": row.events }),
    };
    tx.events().emit(&row.actor, &event, now)?;
    Ok(true)
}

/// The events that an [`BATCH_ENDED_EVENT`] event is about: the batch, and the positions of the first and the last one.
pub(crate) fn batch_range(event: &Event) -> Option<(&str, i64, i64)> {
    let data = &event.event.data;
    Some((data["batch"].as_str()?, data["first"].as_i64()?, data["last"].as_i64()?))
}

/// The handler that checks whether a batch has ended, and reports it.
pub struct EndBatchHandler {
    /// Database of the tenant.
    pub store: Store,
    /// Source of the time.
    pub clock: Arc<dyn Clock>,
}

impl JobHandler for EndBatchHandler {
    fn name(&self) -> &'static str {
        END_BATCH_JOB
    }

    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        async move {
            let Some(batch) = job.payload["batch"].as_str() else {
                return JobOutcome::Dead("the job does not specify a batch".into());
            };
            let row = match self.store.read(|r| r.batches().get(batch)) {
                Ok(Some(row)) => row,
                Ok(None) => return JobOutcome::done(),
                Err(e) => return JobOutcome::failed(e),
            };
            let now = crate::unix_millis(self.clock.now());
            let over = row.last_at.saturating_add(QUIET_MS).min(row.first_at.saturating_add(MAX_BATCH_MS));
            if let Ok(left @ 1..) = u64::try_from(over - now) {
                return JobOutcome::Continue {
                    checkpoint: Json::Null,
                    after: Duration::from_millis(left),
                    effect: None,
                };
            }
            let effect: JobEffect = Arc::new(move |tx| {
                // Events that came since cause another check.
                if end_batch(tx, &row, now)? { Ok(()) } else { enqueue_check(tx, &row.batch, now) }
            });
            JobOutcome::Done(Some(effect))
        }
        .boxed()
    }
}
