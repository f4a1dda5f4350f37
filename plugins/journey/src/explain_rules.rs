//! Why a rule did something in a journey, or why it did not.

use crate::explain::Reason;
use crate::journeys::LoadedJourney;
use crate::model::{Effect, EffectState, Entry, RuleFrequency};
use crate::open_entry::OpenEntry;
use crate::rule_jobs::{find_timer_state, list_rules};
use crate::rules::{CompiledRule, Trigger};
use cairn_plugin::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

/// Most effects that are looked at; the newest.
const MAX_EFFECTS: u32 = 500;

/// A rule.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainedRule {
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) frequency: RuleFrequency,
    pub(crate) reason: Reason,
    /// When it was last run.
    pub(crate) at: Option<String>,
    /// When its timer comes.
    pub(crate) due_at: Option<String>,
    /// How often it did what it says.
    pub(crate) times: usize,
    /// The comparisons of the last run.
    pub(crate) trace: Value,
    /// Outcomes of its actions then.
    pub(crate) results: Value,
}

/// Explains the rules of a journey. `entries`: all of it; `reason`: the text of a code.
///
/// # Errors
/// What the host says.
pub(crate) fn explain_rules(
    journey: &LoadedJourney,
    entries: &[Row<Entry>],
    reason: impl Fn(&'static str) -> Reason,
) -> Result<Vec<ExplainedRule>> {
    let rules = list_rules(journey)?;
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let effects = data::find::<Effect>()
        .filter(json!({ "journey": { "documentId": { "$eq": journey.id() } } }))
        .populate(json!({ "rule": { "fields": ["key"] } }))
        .sort("at:desc")
        .all(MAX_EFFECTS)?;
    let open = OpenEntry::find(journey)?;
    let due = find_due(journey, open.as_ref(), &rules)?;
    rules
        .iter()
        .zip(due)
        .map(|(rule, due)| {
            let own: Vec<&Row<Effect>> = effects
                .iter()
                .filter(|effect| {
                    // The same rule of another revision counts as well.
                    effect.rule.as_ref().is_some_and(|own| own.document_id == rule.id || own.key == rule.key)
                })
                .collect();
            let done = own.iter().filter(|effect| effect.state == EffectState::Done).count();
            let last_effect = find_last(&own);
            let code = match last_effect.map(|effect| effect.state) {
                _ if !rule.enabled => "rule-disabled",
                Some(EffectState::Done) => "rule-done",
                Some(EffectState::Unmet) => "rule-unmet",
                Some(EffectState::Stopped) => "rule-stopped",
                None => waiting_code(journey, entries, open.as_ref(), rule, due)?,
            };
            Ok(ExplainedRule {
                key: rule.key.clone(),
                title: rule.title.clone(),
                frequency: rule.frequency,
                reason: reason(code),
                at: last_effect.map(|effect| effect.at.clone()),
                due_at: due.filter(|due| *due > time::now()).map(time::format),
                times: done,
                trace: last_effect.map_or_else(|| json!([]), |effect| effect.trace.clone()),
                results: last_effect.map_or_else(|| json!([]), |effect| effect.results.clone()),
            })
        })
        .collect()
}

/// The last run of a rule; of several at one time one that did something.
fn find_last<'a>(effects: &[&'a Row<Effect>]) -> Option<&'a Row<Effect>> {
    effects.iter().copied().max_by_key(|effect| (effect.at.clone(), effect.state != EffectState::Unmet))
}

/// When the timers of rules come in the entry that the journey is in: one question to the host for all of them.
fn find_due(
    journey: &LoadedJourney,
    open: Option<&OpenEntry<'_>>,
    rules: &[CompiledRule],
) -> Result<Vec<Option<Instant>>> {
    let local = |rule: &CompiledRule| match (open, &rule.trigger) {
        (Some(open), Trigger::Timer { phase, offset, hour }) if *phase == open.phase.key => {
            open.basis.find_timer_due(*offset, *hour, journey.delay().held)
        }
        _ => None,
    };
    let local: Vec<_> = rules.iter().map(local).collect();
    let known: Vec<_> = local.iter().copied().flatten().collect();
    let mut instants = journey.zone().to_instants(&known)?.into_iter();
    Ok(local.into_iter().map(|due| due.and_then(|_| instants.next())).collect())
}

/// Why a rule has not been run.
fn waiting_code(
    journey: &LoadedJourney,
    entries: &[Row<Entry>],
    open: Option<&OpenEntry<'_>>,
    rule: &CompiledRule,
    due: Option<Instant>,
) -> Result<&'static str> {
    let Trigger::Timer { phase, .. } = &rule.trigger else {
        return Ok(match rule.trigger {
            Trigger::Event { .. } => "rule-no-event",
            Trigger::Shifted(_) => "rule-no-shift",
            _ => "rule-no-phase",
        });
    };
    if let (Some(due), Some(open)) = (due, open) {
        let is_dead = due <= time::now() && find_timer_state(&open.row.document_id, rule)?.as_deref() == Some("dead");
        return Ok(if is_dead { "rule-failed" } else { "rule-timer" });
    }
    let phase = journey.phases.iter().find(|own| own.key == *phase).map(|phase| phase.document_id.as_str());
    let was_there = entries.iter().any(|entry| entry.phase.as_ref().map(|own| own.document_id.as_str()) == phase);
    Ok(if was_there { "rule-left" } else { "rule-no-phase" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_run_counts_and_of_two_at_once_the_one_that_did_something() {
        let effect = |id: &str, state: &str, at: &str| -> Row<Effect> {
            serde_json::from_value(json!({ "documentId": id, "state": state, "at": at, "occurrence": "x" })).unwrap()
        };
        let effects = [
            effect("a", "unmet", "2026-01-05T09:00:00.000Z"),
            effect("b", "done", "2026-01-05T09:00:00.000Z"),
            effect("c", "unmet", "2026-01-04T09:00:00.000Z"),
        ];
        let last_id =
            |effects: &[Row<Effect>]| find_last(&effects.iter().collect::<Vec<_>>()).map(|one| one.document_id.clone());
        assert_eq!(last_id(&effects).as_deref(), Some("b"));
        assert_eq!(last_id(&effects[2..]).as_deref(), Some("c"));
        assert_eq!(last_id(&[]), None);
    }
}
