//! Conditions of attributes: `conditions.visible`, as Strapi has it. A condition that cannot be evaluated is as none, so that no field is
//! hidden that somebody needs.

use super::report::SchemaSite;
use crate::content_type::Attribute;
use crate::validate::{check_rule, rule_variables};
use serde_json::{Map, Value as Json};
use std::collections::{HashMap, HashSet};

/// Kinds whose values a condition cannot compare: links, components, and what nobody may see.
const INCOMPARABLE_KINDS: [&str; 5] = ["relation", "media", "component", "dynamiczone", "password"];

/// Reads the condition of an attribute; `siblings`: all attributes as in the file.
pub(super) fn read_condition(
    raw: &Map<String, Json>,
    siblings: &Map<String, Json>,
    site: &SchemaSite<'_>,
) -> Option<Json> {
    let conditions = site.optional_object(raw, "conditions")?;
    let rule = conditions.get("visible").filter(|rule| !rule.is_null())?;
    let checked = check_rule(rule).and_then(|()| {
        rule_variables(rule).into_iter().try_for_each(|name| match siblings.get(name) {
            None => Err(format!("attribute `{name}` not found")),
            Some(sibling) => match sibling["type"].as_str() {
                Some(kind) if INCOMPARABLE_KINDS.contains(&kind) => {
                    Err(format!("`{name}` is a {kind}, which a condition cannot compare"))
                }
                _ => Ok(()),
            },
        })
    });
    if let Err(problem) = checked {
        site.at_key("conditions")
            .at_key("visible")
            .report_tolerated(format!("{problem}; the attribute is always visible"));
        return None;
    }
    Some(rule.clone())
}

/// Reports attributes whose conditions lead back to themselves: once hidden, they can only be shown again by a program.
pub(super) fn check_circles(attributes: &[Attribute], site: &SchemaSite<'_>) {
    let uses: HashMap<&str, Vec<&str>> =
        attributes.iter().filter_map(|a| Some((a.name.as_str(), rule_variables(a.visible_if.as_ref()?)))).collect();
    for name in attributes.iter().map(|a| a.name.as_str()).filter(|name| uses.contains_key(name)) {
        if reaches_itself(name, &uses) {
            site.at_key("attributes").at_key(name).at_key("conditions").at_key("visible").report_tolerated(
                "depends on itself, directly or through other conditions: once hidden, the attribute cannot be shown again",
            );
        }
    }
}

fn reaches_itself<'a>(name: &'a str, uses: &HashMap<&'a str, Vec<&'a str>>) -> bool {
    let mut seen: HashSet<&str> = HashSet::new();
    let mut open = vec![name];
    while let Some(next) = open.pop() {
        for used in uses.get(next).into_iter().flatten() {
            if *used == name {
                return true;
            }
            if seen.insert(used) {
                open.push(used);
            }
        }
    }
    false
}
