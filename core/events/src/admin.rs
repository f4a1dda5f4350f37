//! Operators' actions on consumers and jobs: stop and resume, deliver again, give up with a reason. Each is recorded as an event,
//! and so in the audit log.

use cairn_store::events::{Actor, ConsumerRow, ConsumerState, DeliveryFilter, DeliveryState, EventFilter, NewEvent};
use cairn_store::{Reader, StoreError, WriteTx};
use serde_json::{Value as Json, json};

/// Largest number of events of one replay.
pub const MAX_REPLAYED_EVENTS: i64 = 100_000;
/// Consumers that nobody may stop, and whose deliveries cannot be discarded.
const PROTECTED_CONSUMERS: &[&str] = &["audit", "batches"];
/// Longest reason, in characters.
const MAX_REASON_CHARS: usize = 500;

/// Why an action was refused.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// There is no such consumer, delivery or job.
    #[error("Not Found")]
    NotFound,
    /// The action is impossible; contains the reason.
    #[error("{0}")]
    Refused(String),
    /// The database returned an error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// State of a consumer, with its backlog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerOverview {
    /// The stored consumer.
    pub row: ConsumerRow,
    /// Number of events that it has not received yet.
    pub lag: i64,
    /// Time of the first of these, in milliseconds.
    pub behind_since: Option<i64>,
    /// Number of waiting deliveries.
    pub waiting: i64,
    /// Number of dead deliveries.
    pub dead: i64,
    /// Number of discarded deliveries.
    pub discarded: i64,
}

/// Lists the state of all consumers, by name. Returns an error if the database cannot be read.
pub fn list_consumers(reader: &Reader<'_>) -> Result<Vec<ConsumerOverview>, StoreError> {
    let (last_position, counts) = (reader.events().last_position()?, reader.deliveries().count_by_state()?);
    let count = |name: &str, state| counts.iter().find(|(n, s, _)| n == name && *s == state).map_or(0, |(_, _, n)| *n);
    let overview = |row: ConsumerRow| {
        let lag = (last_position - row.position).max(0);
        let first = if lag > 0 { reader.events().list_after(row.position, 1)? } else { Vec::new() };
        Ok(ConsumerOverview {
            lag,
            behind_since: first.first().map(|e| e.at),
            waiting: count(&row.name, DeliveryState::Waiting),
            dead: count(&row.name, DeliveryState::Dead),
            discarded: count(&row.name, DeliveryState::Discarded),
            row,
        })
    };
    reader.consumers().list()?.into_iter().map(overview).collect()
}

/// Stops a consumer, or resumes it at its position. Returns an error for an unknown consumer, one that Cairn needs, and a
/// webhook that is disabled.
pub fn set_paused(
    tx: &mut WriteTx<'_>,
    consumer: &str,
    paused: bool,
    actor: &Actor,
    now: i64,
) -> Result<(), AdminError> {
    let row = find_consumer(tx, consumer)?;
    if PROTECTED_CONSUMERS.contains(&consumer) {
        return Err(AdminError::Refused(format!("{consumer} cannot be stopped: every event passes through it")));
    }
    let (state, reason, suffix) = match paused {
        true => (
            ConsumerState::Paused,
            Some(format!("stopped by {}", actor.name.as_deref().unwrap_or("an operator"))),
            "paused",
        ),
        false => (ConsumerState::Active, None, "resumed"),
    };
    if let Some(id) = consumer.strip_prefix("webhook:").and_then(|id| id.parse().ok())
        && tx.reader().webhooks().get(id)?.is_some_and(|w| !w.webhook.enabled)
    {
        return Err(AdminError::Refused("This webhook is disabled: enable the webhook".to_owned()));
    }
    // A consumer that Cairn stopped keeps its reason.
    if row.state == state || (paused && row.state == ConsumerState::Disabled) {
        return Ok(());
    }
    tx.consumers().set_state(consumer, state, reason.as_deref())?;
    emit_consumer_event(tx, actor, &format!("cairn.consumer.{suffix}"), consumer, json!({}), now)
}

/// Delivers at once what was given up or waits: one delivery, or all of a consumer. Returns their number. Returns an error for an unknown
/// consumer or delivery.
pub fn retry_deliveries(
    tx: &mut WriteTx<'_>,
    consumer: &str,
    id: Option<i64>,
    actor: &Actor,
    now: i64,
) -> Result<usize, AdminError> {
    find_consumer(tx, consumer)?;
    let n = tx.deliveries().retry(consumer, id, now)?;
    if id.is_some() && n == 0 {
        return Err(AdminError::NotFound);
    }
    emit_consumer_event(tx, actor, "cairn.delivery.retried", consumer, json!({ "deliveries": n, "id": id }), now)?;
    Ok(n)
}

/// Discards deliveries, with a reason: one, or all dead ones of a consumer. Returns their number. Returns an error for an unknown consumer
/// or delivery, and if the reason is missing or too long.
pub fn discard_deliveries(
    tx: &mut WriteTx<'_>,
    consumer: &str,
    id: Option<i64>,
    reason: &str,
    actor: &Actor,
    now: i64,
) -> Result<usize, AdminError> {
    find_consumer(tx, consumer)?;
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > MAX_REASON_CHARS {
        return Err(AdminError::Refused(format!(
            "reason: a reason of at most {MAX_REASON_CHARS} characters is required"
        )));
    }
    if PROTECTED_CONSUMERS.contains(&consumer) {
        return Err(AdminError::Refused(format!("Deliveries of {consumer} cannot be discarded; retry them instead")));
    }
    let n = tx.deliveries().discard(consumer, id, reason, now)?;
    if id.is_some() && n == 0 {
        return Err(AdminError::NotFound);
    }
    emit_consumer_event(
        tx,
        actor,
        "cairn.delivery.discarded",
        consumer,
        json!({ "deliveries": n, "id": id, "reason": reason }),
        now,
    )?;
    Ok(n)
}

/// Delivers retained events once more. Returns their number.
///
/// # Errors
/// Returns an error for an unknown consumer, for one that must not receive an event twice, and for a filter of more
/// than [`MAX_REPLAYED_EVENTS`] events.
pub fn replay_events(
    tx: &mut WriteTx<'_>,
    consumer: &str,
    filter: &EventFilter,
    actor: &Actor,
    now: i64,
) -> Result<usize, AdminError> {
    find_consumer(tx, consumer)?;
    if PROTECTED_CONSUMERS.contains(&consumer) {
        return Err(AdminError::Refused(format!("{consumer} must not receive an event twice")));
    }
    let n = tx.deliveries().replay_events(consumer, filter, now, MAX_REPLAYED_EVENTS)?;
    let data = json!({
        "events": n, "name": filter.name, "contentType": filter.content_type, "key": filter.key, "from": filter.from, "to": filter.to,
    });
    emit_consumer_event(tx, actor, "cairn.delivery.replayed", consumer, data, now)?;
    Ok(n)
}

/// Runs a dead or waiting job at once, with the full number of attempts. Returns an error for an unknown job, one that is running or ended,
/// and if another with its name and key waits.
pub fn retry_job(tx: &mut WriteTx<'_>, id: i64, actor: &Actor, now: i64) -> Result<(), AdminError> {
    let job = tx.reader().jobs().get(id)?.ok_or(AdminError::NotFound)?;
    match tx.jobs().retry(id, now) {
        Ok(true) => emit_job_event(tx, actor, "retried", id, &job.name, now),
        Ok(false) => Err(AdminError::Refused(format!(
            "The job is {}: only waiting and dead jobs can be retried",
            job.state.as_str()
        ))),
        Err(StoreError::Unique) => {
            Err(AdminError::Refused("Another job with the same name and key is already waiting".to_owned()))
        }
        Err(e) => Err(e.into()),
    }
}

/// Cancels a dead or waiting job. Returns an error for an unknown job, and one that is running or ended.
pub fn cancel_job(tx: &mut WriteTx<'_>, id: i64, actor: &Actor, now: i64) -> Result<(), AdminError> {
    let job = tx.reader().jobs().get(id)?.ok_or(AdminError::NotFound)?;
    if !tx.jobs().cancel(id, now)? {
        let state = job.state.as_str();
        return Err(AdminError::Refused(format!("The job is {state}: only waiting and dead jobs can be cancelled")));
    }
    emit_job_event(tx, actor, "cancelled", id, &job.name, now)
}

/// A filter for the deliveries of a consumer.
pub fn delivery_filter(consumer: &str, state: Option<DeliveryState>, after: Option<i64>) -> DeliveryFilter {
    DeliveryFilter { consumer: Some(consumer.to_owned()), state, after }
}

fn find_consumer(tx: &WriteTx<'_>, consumer: &str) -> Result<ConsumerRow, AdminError> {
    tx.reader().consumers().list()?.into_iter().find(|row| row.name == consumer).ok_or(AdminError::NotFound)
}

fn emit_consumer_event(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    name: &str,
    consumer: &str,
    mut data: Json,
    now: i64,
) -> Result<(), AdminError> {
    data["consumer"] = json!(consumer);
    emit_event(tx, actor, name, format!("consumer:{consumer}"), data, now)
}

fn emit_job_event(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    suffix: &str,
    id: i64,
    job: &str,
    now: i64,
) -> Result<(), AdminError> {
    emit_event(tx, actor, &format!("cairn.job.{suffix}"), format!("job:{id}"), json!({ "id": id, "job": job }), now)
}

fn emit_event(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    name: &str,
    key: String,
    data: Json,
    now: i64,
) -> Result<(), AdminError> {
    let (name, content_type, document_id) = (name.to_owned(), None, None);
    let event = NewEvent { name, key, content_type, document_id, locale: None, status: None, data };
    Ok(tx.events().emit(actor, &event, now)?)
}
