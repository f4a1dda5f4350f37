//! Checks of a rule before it is stored, with the definition that it belongs to.

use crate::actions::{Action, names_event};
use crate::conditions::{Comparison, Operator};
use crate::hooks::find_chosen_item;
use crate::model::{ItemAudience, Phase, Rule};
use crate::rules::{CompiledRule, MAX_RULES, RuleProblem, Trigger, compile_rule, find_cycle, join};
use cairn_plugin::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The states that a journey can be in.
const STATES: [&str; 4] = ["active", "paused", "completed", "cancelled"];
/// Fields whose change leaves a rule as sound as it was: what earlier versions stored can still be switched off.
const HARMLESS_FIELDS: [&str; 2] = ["title", "enabled"];

/// The first field of a rule that is wrong.
///
/// # Errors
/// What the host says.
pub(crate) fn find_rule_problem(change: &Change) -> Result<Option<RuleProblem>> {
    let wrong = |path: &str, code| Ok(Some(RuleProblem { path: path.to_owned(), code }));
    let rule = change.after::<Rule>()?.unwrap_or_default();
    let Some(definition) = &rule.definition else { return wrong("definition", "no-rule-definition") };
    let of_definition = json!({ "definition": { "documentId": { "$eq": definition.document_id } } });
    let phases = data::find::<Phase>().filter(of_definition.clone()).fields(&["key", "title"]).all(100)?;
    let phases: BTreeMap<String, String> =
        phases.into_iter().map(|phase| (phase.document_id.clone(), phase.fields.key)).collect();
    let compiled = match compile_rule(&change.document_id, &rule, &phases) {
        Ok(compiled) => compiled,
        Err(problem) => return Ok(Some(problem)),
    };
    let keys: Vec<String> = phases.values().cloned().collect();
    let is_harmless = change.action == cairn_plugin::Action::Update
        && change.changed.iter().all(|field| HARMLESS_FIELDS.contains(&field.as_str()));
    if !is_harmless && let Some(problem) = find_futile_part(&rule, &compiled, &keys) {
        return Ok(Some(problem));
    }
    for (n, action) in compiled.actions.iter().enumerate() {
        if let Action::PublishItem { item } = action {
            let code = match find_chosen_item(item)? {
                None => "actions-item",
                // An item for slots is shown only to customers whose slots publish it, and a rule is no slot.
                Some(item) if item.audience == ItemAudience::Slot => "actions-item-slot",
                Some(_) => continue,
            };
            return wrong(&format!("actions[{n}].item"), code);
        }
    }
    let others = data::find::<Rule>()
        .filter(of_definition)
        .filter(json!({ "documentId": { "$ne": change.document_id } }))
        .populate(json!({ "phase": { "fields": ["key"] } }))
        .all(MAX_RULES)?;
    if others.len() >= MAX_RULES as usize {
        return wrong("definition", "rules-many");
    }
    let mut rules: Vec<CompiledRule> =
        others.iter().filter_map(|rule| compile_rule(&rule.document_id, rule, &phases).ok()).collect();
    rules.push(compiled);
    match find_cycle(&rules, &keys) {
        Some(_) => wrong("actions", "rules-cycle"),
        None => Ok(None),
    }
}

/// The first part of a rule that can be evaluated and yet never does what it says: a comparison with what no journey has, or an event where
/// none comes. Rules that were stored before this was checked run as they did.
fn find_futile_part(rule: &Rule, compiled: &CompiledRule, phases: &[String]) -> Option<RuleProblem> {
    let wrong = |path: String, code| Some(RuleProblem { path, code });
    // A shift tells by how much, as an event does.
    let has_event = matches!(compiled.trigger, Trigger::Event { .. } | Trigger::Shifted(_));
    if !matches!(compiled.trigger, Trigger::Event { .. }) && !rule.event.trim().is_empty() {
        return wrong("event".to_owned(), "rule-event");
    }
    for comparison in compiled.condition.comparisons() {
        if let Some(code) = find_futile_comparison(comparison, phases, has_event) {
            return wrong(join("conditions", &comparison.path), code);
        }
    }
    for (n, action) in compiled.actions.iter().enumerate().filter(|_| !has_event) {
        if let Some((field, _)) = action.texts().into_iter().find(|(_, text)| names_event(text)) {
            return wrong(format!("actions[{n}].{field}"), "actions-event");
        }
    }
    None
}

fn find_futile_comparison(comparison: &Comparison, phases: &[String], has_event: bool) -> Option<&'static str> {
    let Comparison { field, operator, value, .. } = comparison;
    if matches!(operator, Operator::In | Operator::NotIn) && value.as_array().is_some_and(Vec::is_empty) {
        return Some("conditions-list");
    }
    if field.starts_with("event.") && !has_event {
        return Some("conditions-event");
    }
    if matches!(operator, Operator::Null | Operator::NotNull) {
        return None;
    }
    let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let is_whole = matches!(operator, Operator::Eq | Operator::Ne | Operator::In | Operator::NotIn);
    let is_known = |known: &dyn Fn(&str) -> bool| {
        values.iter().all(|value| value.as_str().is_some_and(|text| !is_whole || known(text)))
    };
    match field.as_str() {
        "shiftDays" if !values.iter().all(Value::is_number) => Some("conditions-number"),
        "phase" if !is_known(&|text| phases.iter().any(|phase| phase == text)) => Some("conditions-phase"),
        "status" if !is_known(&|text| STATES.contains(&text)) => Some("conditions-status"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(fields: Value) -> Option<(String, &'static str)> {
        let mut rule = json!({
            "title": "R", "key": "r", "on": "phase-entered", "localTime": "09:00", "offset": "P1D",
            "actions": [{ "do": "notify-team", "text": "x" }],
        });
        rule.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let rule: Rule = serde_json::from_value(rule).unwrap();
        let phases: BTreeMap<String, String> =
            ["order", "assembly"].iter().map(|key| ((*key).to_owned(), (*key).to_owned())).collect();
        let compiled = compile_rule("id", &rule, &phases).unwrap();
        let keys: Vec<String> = phases.into_values().collect();
        find_futile_part(&rule, &compiled, &keys).map(|found| (found.path, found.code))
    }

    #[test]
    fn parts_that_can_never_apply_are_named() {
        for (fields, path, code) in [
            (json!({ "conditions": { "phase": "nowhere" } }), "conditions.phase", "conditions-phase"),
            (
                json!({ "conditions": { "$or": [{ "language": "nl" }, { "phase": { "$in": ["order", "nowhere"] } }] } }),
                "conditions.$or[1].phase.$in",
                "conditions-phase",
            ),
            (json!({ "conditions": { "phase": { "$ne": 3 } } }), "conditions.phase.$ne", "conditions-phase"),
            (json!({ "conditions": { "phase": { "$in": [] } } }), "conditions.phase.$in", "conditions-list"),
            (
                json!({ "conditions": { "variables": { "colour": { "$notIn": [] } } } }),
                "conditions.variables.colour.$notIn",
                "conditions-list",
            ),
            (json!({ "conditions": { "shiftDays": "30" } }), "conditions.shiftDays", "conditions-number"),
            (
                json!({ "conditions": { "shiftDays": { "$gt": "30" } } }),
                "conditions.shiftDays.$gt",
                "conditions-number",
            ),
            (
                json!({ "conditions": { "shiftDays": { "$contains": "3" } } }),
                "conditions.shiftDays.$contains",
                "conditions-number",
            ),
            (json!({ "conditions": { "status": "done" } }), "conditions.status", "conditions-status"),
            (
                json!({ "conditions": { "$not": { "event": { "days": { "$gt": 2 } } } } }),
                "conditions.$not.event.days.$gt",
                "conditions-event",
            ),
            (json!({ "event": "part.late" }), "event", "rule-event"),
            (
                json!({ "actions": [{ "do": "notify-customer", "subject": "x", "text": "{event.days} days" }] }),
                "actions[0].text",
                "actions-event",
            ),
            (
                json!({ "actions": [{ "do": "set-variable", "name": "late", "value": "{event.days}" }] }),
                "actions[0].value",
                "actions-event",
            ),
        ] {
            assert_eq!(find(fields.clone()), Some((path.to_owned(), code)), "{fields}");
        }
    }

    #[test]
    fn what_can_apply_is_kept() {
        for fields in [
            json!({ "conditions": { "phase": { "$in": ["order", "assembly"] }, "shiftDays": { "$gte": 14 } } }),
            json!({ "conditions": { "phase": { "$startsWith": "ass" }, "status": { "$ne": "paused" } } }),
            json!({ "conditions": { "variables": { "days": { "$null": true } } } }),
            json!({
                "on": "event", "event": "part.late", "conditions": { "event": { "days": { "$gt": 2 } } },
                "actions": [{ "do": "set-variable", "name": "late", "value": "{event.days}" }],
            }),
        ] {
            assert_eq!(find(fields.clone()), None, "{fields}");
        }
    }
}
