//! What is checked of a rule before it is stored, with the definition that it belongs to.

use crate::actions::Action;
use crate::hooks::find_chosen_item;
use crate::model::{Phase, Rule};
use crate::rules::{CompiledRule, MAX_RULES, RuleProblem, compile_rule, find_cycle};
use cairn_plugin::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;

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
    for (n, action) in compiled.actions.iter().enumerate() {
        if let Action::PublishItem { item } = action
            && find_chosen_item(item)?.is_none()
        {
            return wrong(&format!("actions[{n}].item"), "actions-item");
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
    let keys: Vec<String> = phases.into_values().collect();
    match find_cycle(&rules, &keys) {
        Some(_) => wrong("actions", "rules-cycle"),
        None => Ok(None),
    }
}
