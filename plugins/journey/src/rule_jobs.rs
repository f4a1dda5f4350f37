//! Jobs of a definition's rules: one for each time that something has happened that rules listen to, and timers.

use crate::journeys::LoadedJourney;
use crate::model::Rule;
use crate::open_entry::OpenEntry;
use crate::rules::{CompiledRule, MAX_RULES, Occasion, OccasionKind, Trigger, compile_rule};
use cairn_plugin::jobs::{job, timer};
use cairn_plugin::prelude::*;
use cairn_plugin::warn;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;

/// The job of what has happened; the key is its id.
pub(crate) const RULES_JOB: &str = "rules";
/// The job of a rule's timer; the key is the ids of entry and rule.
pub(crate) const RULE_TIMER_JOB: &str = "rule-timer";

/// Payload of the jobs of rules.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RuleTask {
    pub(crate) journey: String,
    pub(crate) occasion: Occasion,
    /// The rule of a timer; otherwise all that listen.
    #[serde(default)]
    pub(crate) rule: Option<String>,
}

/// The rules of a definition.
///
/// # Errors
/// What the host says.
pub(crate) fn list_rules(journey: &LoadedJourney) -> Result<Vec<CompiledRule>> {
    let rules = data::find::<Rule>()
        .filter(json!({ "definition": { "documentId": { "$eq": journey.definition.document_id } } }))
        .populate(json!({ "phase": { "fields": ["key"] } }))
        .sort("createdAt:asc")
        .all(MAX_RULES)?;
    let phases: BTreeMap<String, String> =
        journey.phases.iter().map(|phase| (phase.document_id.clone(), phase.key.clone())).collect();
    let compile = |rule: &Row<Rule>| match compile_rule(&rule.document_id, rule, &phases) {
        Ok(rule) => Some(rule),
        Err(problem) => {
            warn!(rule = rule.document_id.as_str(); "a rule cannot be followed: {} ({})", problem.path, problem.code);
            None
        }
    };
    Ok(rules.iter().filter_map(compile).collect())
}

/// Runs the rules that listen to what has happened, after the open transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn announce(journey: &str, rules: &[CompiledRule], occasion: Occasion) -> Result<()> {
    if !rules.iter().any(|rule| rule.listens_to(&occasion)) {
        return Ok(());
    }
    let task = RuleTask { journey: journey.to_owned(), occasion, rule: None };
    job(RULES_JOB).key(rules_job_key(journey, &task.occasion)).lane(journey).set(&task).map(drop)
}

/// The key of the job that runs the rules of what has happened.
pub(crate) fn rules_job_key(journey: &str, occasion: &Occasion) -> String {
    format!("{journey}/{}", occasion.id())
}

/// Sets the timers of the rules of the entry that a journey is in; also of those that are switched off, which may be on by then. Those that
/// had passed when the journey was moved to the revision of the rules are not set, unless the past was wanted.
///
/// # Errors
/// What the host says.
pub(crate) fn set_rule_timers(journey: &LoadedJourney, rules: &[CompiledRule], chain: u32) -> Result<()> {
    let Some(open) = OpenEntry::find(journey)? else { return Ok(()) };
    let held = journey.delay().held;
    let revised = match open.row.revised()? {
        Some((at, held)) => Some((journey.zone().local(at)?, held)),
        None => None,
    };
    let due = |rule: &CompiledRule| match &rule.trigger {
        Trigger::Timer { phase, offset, hour } if *phase == open.phase.key => {
            let is_past = revised.is_some_and(|(at, held)| open.basis.has_passed(*offset, *hour, held, at));
            open.basis.find_timer_due(*offset, *hour, held).filter(|_| !is_past).map(|due| (rule.id.clone(), due))
        }
        _ => None,
    };
    let found: Vec<_> = rules.iter().filter_map(due).collect();
    let local: Vec<_> = found.iter().map(|(_, due)| *due).collect();
    // A rule that was written later is not about what was before it.
    let is_ahead = |rule: &str, due: Instant| {
        let written = rules.iter().find(|own| own.id == rule).and_then(|own| own.created_at.as_deref());
        let written = written.and_then(|at| time::parse(at).ok());
        written.is_none_or(|written| due >= written)
    };
    let timers: Result<Vec<_>> = found
        .iter()
        .zip(journey.zone().to_instants(&local)?)
        .filter(|((rule, _), due)| is_ahead(rule, *due))
        .map(|((rule, _), due)| {
            let occasion = Occasion::of_entry(OccasionKind::Timer, &open.phase.key, &open.row.document_id, chain);
            let task = RuleTask { journey: journey.id().to_owned(), occasion, rule: Some(rule.clone()) };
            timer(RULE_TIMER_JOB).key(timer_key(&open.row.document_id, rule)).due(due).lane(journey.id()).with(&task)
        })
        .collect();
    jobs::set_all(&timers?).map(drop)
}

fn timer_key(entry: &str, rule: &str) -> String {
    format!("{entry}/{rule}")
}

/// State of the timer of a rule in an entry, if there is one.
///
/// # Errors
/// What the host says.
pub(crate) fn find_timer_state(entry: &str, rule: &CompiledRule) -> Result<Option<String>> {
    Ok(jobs::inspect(RULE_TIMER_JOB, &timer_key(entry, &rule.id))?.map(|job| job.state))
}

/// Cancels the timers of an entry's rules.
///
/// # Errors
/// What the host says.
pub(crate) fn cancel_rule_timers(entry: &str, rules: &[CompiledRule]) -> Result<()> {
    let is_timer = |rule: &&CompiledRule| matches!(rule.trigger, Trigger::Timer { .. });
    let keys: Vec<String> = rules.iter().filter(is_timer).map(|rule| timer_key(entry, &rule.id)).collect();
    jobs::cancel_all(RULE_TIMER_JOB, &keys.iter().map(String::as_str).collect::<Vec<_>>()).map(drop)
}
