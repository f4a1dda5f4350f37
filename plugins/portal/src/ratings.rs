//! Ratings of production steps: one of each customer for each step that is done, until it closes.

use crate::access::audience::require_seen;
use crate::model::{Rating, Vehicle, of_vehicle};
use crate::production::steps::{Progress, Step};
use crate::refusals::{refuse_state, wrong_field, wrong_state};
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use cairn_plugin::{events, run_transaction};
use serde::Deserialize;
use serde_json::{Value, json};

const DAY_MILLIS: i64 = 86_400_000;
/// Highest score.
const MAX_SCORE: i64 = 10;
/// Most characters of a text.
const MAX_TEXT_CHARS: usize = 2_000;

/// The body that a customer sends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RatingRequest {
    step: String,
    score: i64,
    #[serde(default)]
    text: Option<String>,
}

/// When a step that is done can no longer be rated; none for one that is not done.
pub(crate) fn closes_at(steps: &Progress, step: Step, rating_days: u32) -> Option<Instant> {
    let done = time::parse(steps.done_at(step)?).ok()?;
    Some(done.saturating_add(i64::from(rating_days).saturating_mul(DAY_MILLIS)))
}

/// Stores a customer's opinion on a step, or changes it. Returns true with it if it is new.
///
/// # Errors
/// `NotFound` for a vehicle that does not exist, is somebody else's, or whose timeline is not in the caller's scope; `Invalid` for a step that
/// there is not and a score from outside 0 to 10; `Conflict` for a step that is not done, or closed, and of an order that was cancelled.
pub(crate) fn rate_step(account: &str, vehicle: &str, request: &RatingRequest, locale: &str) -> Result<(bool, Value)> {
    let seen = require_seen(account, vehicle)?;
    if !seen.scope.sees_timeline {
        return Err(Error::NotFound(vehicle.to_owned()));
    }
    if seen.is_cancelled() {
        return Err(wrong_state("vehicle-cancelled", locale));
    }
    let step = Step::find(&request.step).ok_or_else(|| wrong_field("step", "unknown-step", locale, None))?;
    if !(0..=MAX_SCORE).contains(&request.score) {
        return Err(wrong_field("score", "score", locale, Some(&json!({ "most": MAX_SCORE }))));
    }
    let text = request.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.chars().count() > MAX_TEXT_CHARS) {
        return Err(wrong_field("text", "long-text", locale, Some(&json!({ "most": MAX_TEXT_CHARS }))));
    }
    let days = Settings::load()?.rating_days;
    run_transaction(|| {
        require_seen(account, vehicle)?;
        let stored = data::find::<Vehicle>().lock().by_ids(&[vehicle])?.pop().flatten();
        let stored = stored.ok_or_else(|| Error::NotFound(vehicle.to_owned()))?;
        let now = time::now();
        let closes = closes_at(&stored.steps, step, days).ok_or_else(|| wrong_state("step-not-done", locale))?;
        if closes <= now {
            return Err(wrong_state("rating-closed", locale));
        }
        let own = json!({ "customer": { "documentId": { "$eq": account } }, "step": { "$eq": step } });
        let before = data::find::<Rating>().filter(of_vehicle(vehicle)).filter(own).first()?;
        let at = time::format(now);
        let mut fields = json!({ "score": request.score, "text": text, "ratedAt": at });
        let id = match &before {
            Some(rating) => data::update::<Rating>(&rating.document_id, &fields)?.target.document_id,
            None => {
                fields["vehicle"] = json!(vehicle);
                fields["customer"] = json!(account);
                fields["step"] = json!(step);
                data::create::<Rating>(&fields)?.target.document_id
            }
        };
        let is_changed = before.as_ref().is_none_or(|before| before.score != request.score);
        if is_changed {
            let told = json!({ "vehicle": vehicle, "step": step, "score": request.score });
            events::publish("portal.rating.given", &id, &told)?;
        }
        let answer = json!({ "data": {
            "documentId": id, "step": step, "score": request.score, "text": text, "ratedAt": at, "closesAt": time::format(closes),
        } });
        Ok((before.is_none(), answer))
    })
}

/// Ratings are given by customers, and reports by other systems: nobody else writes them.
///
/// # Errors
/// Never.
pub(crate) fn decide_record(call: &Call, change: &Change) -> Result<Decision> {
    if change.action == Action::Update && change.changed.is_empty() {
        return Ok(Decision::Allow);
    }
    Ok(refuse_state("kept-record", call))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_can_be_rated_for_some_days_after_it_is_done() {
        let steps: Progress = serde_json::from_value(
            json!({ "ontwerp": { "startedAt": "2026-01-01T00:00:00.000Z", "doneAt": "2026-01-31T12:00:00.000Z" } }),
        )
        .unwrap();
        assert_eq!(closes_at(&steps, Step::Ontwerp, 30), time::parse("2026-03-02T12:00:00.000Z").ok());
        assert_eq!(closes_at(&steps, Step::Engineering, 30), None);
    }
}
