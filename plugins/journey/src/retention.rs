//! The end of what is no longer needed: events that were handled and effects that cannot happen again, some time after.

use crate::model::{Effect, EffectState, ExternalEvent, JourneyStatus, RuleFrequency};
use crate::settings::Settings;
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

/// The nightly job that deletes them.
pub(crate) const RETENTION_JOB: &str = "retention";
/// Documents of one type that are deleted in one slice of the job.
const SLICE: u32 = 100;
const DAY_MILLIS: i64 = 86_400_000;

/// Deletes the oldest events and effects that are older than the settings say, as many as a slice holds. Returns whether there may be more.
///
/// # Errors
/// What the host says.
pub(crate) fn delete_expired() -> Result<bool> {
    let days = i64::from(Settings::load()?.retention_days);
    let before = time::format(time::now().saturating_sub(days.saturating_mul(DAY_MILLIS)));
    let is_more = delete_slice::<ExternalEvent>(expired_events(&before))?;
    Ok(delete_slice::<Effect>(expired_effects(&before))? || is_more)
}

fn delete_slice<T: Document>(expired: Value) -> Result<bool> {
    let found = data::find::<T>().filter(expired).all(SLICE)?;
    let batch = found.iter().fold(Batch::new(), |batch, row| batch.delete::<T>(&row.document_id));
    batch.write()?;
    Ok(found.len() == SLICE as usize)
}

/// Events that were handled before that time. Those of journeys that are over have nobody left to handle them.
fn expired_events(before: &str) -> Value {
    json!({ "$or": [
        { "handledAt": { "$lt": before } },
        { "handledAt": { "$null": true }, "createdAt": { "$lt": before }, "journey": over() },
    ] })
}

/// Effects from before that time whose rule cannot do the same again: an effect that is stored is what keeps it from happening twice.
fn expired_effects(before: &str) -> Value {
    let is_repeatable = json!({ "$or": [
        { "state": { "$eq": EffectState::Unmet } },
        { "rule": { "frequency": { "$ne": RuleFrequency::OncePerJourney } } },
    ] });
    let is_single = json!({ "$or": [
        { "state": { "$eq": EffectState::Unmet } },
        { "rule": { "frequency": { "$eq": RuleFrequency::Every } } },
    ] });
    json!({ "at": { "$lt": before }, "$or": [
        { "journey": over() },
        // The entry that it belongs to does not come again.
        { "$and": [{ "entry": { "leftAt": { "$notNull": true } } }, is_repeatable] },
        // An event does not come again either. A timer, in contrast, is set again after each pause.
        { "$and": [{ "rule": { "on": { "$eq": "event" } } }, is_single] },
    ] })
}

fn over() -> Value {
    json!({ "status": { "$in": [JourneyStatus::Completed, JourneyStatus::Cancelled] } })
}
