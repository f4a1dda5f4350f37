//! Checks of definitions, phases, plan rows and rules: a timer that comes at night is a bad moment to find out that it cannot be followed.

use crate::audience::DEFINITIONS_KEY;
use crate::hooks::find_chosen_item;
use crate::model::{Definition, Journey, Link, Phase, PlanRow, Rule};
use crate::period::Period;
use crate::rule_checks::find_rule_problem;
use crate::rules::{MAX_RULES, RuleProblem};
use crate::timetable::{Frequency, parse_hour};
use crate::zone::Zone;
use cairn_plugin::bindings::policies;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;

/// Fields that may change while journeys are on the way.
const FREE_FIELDS: [&str; 8] = ["title", "shortTitle", "status", "owner", "item", "mail", "dashboard", "enabled"];

/// A change of a definition, a phase, a plan row or a rule.
///
/// # Errors
/// What the host says.
pub(crate) fn decide_change(call: &Call, change: &Change) -> Result<Decision> {
    let problem = match change.action {
        Action::Delete => None,
        _ if change.content_type == Rule::TYPE => find_rule_problem(change)?,
        _ => find_problem(change)?.map(|(field, code)| RuleProblem { path: field.to_owned(), code }),
    };
    if let Some(RuleProblem { path, code }) = problem {
        return Ok(Decision::refuse_field(path, code, translate(&format!("refused.{code}"), &call.locale, None)));
    }
    if change.content_type == Phase::TYPE && is_in_rules(change)? {
        return Ok(Decision::conflict("state", translate("refused.phase-in-rules", &call.locale, None)));
    }
    let is_free =
        change.action != Action::Delete && change.changed.iter().all(|field| FREE_FIELDS.contains(&field.as_str()));
    if !is_free && is_in_use(change)? {
        return Ok(Decision::conflict("state", translate("refused.definition-in-use", &call.locale, None)));
    }
    policies::invalidate(&[DEFINITIONS_KEY.to_owned()])?;
    Ok(Decision::Allow)
}

/// The first field that is wrong, and the code of the reason.
fn find_problem(change: &Change) -> Result<Option<(&'static str, &'static str)>> {
    Ok(match change.content_type.as_str() {
        Definition::TYPE => {
            let definition = change.after::<DefinitionFields>()?.unwrap_or_default();
            let zone = definition.zone.unwrap_or_default();
            let is_zone = match Zone(&zone).local(time::now()) {
                Err(Error::Invalid(_)) => false,
                local => local.map(|_| true)?,
            };
            (!is_zone).then_some(("zone", "zone"))
        }
        Phase::TYPE => change.after::<PhaseFields>()?.unwrap_or_default().find_problem(),
        PlanRow::TYPE => {
            let row = change.after::<PlanRowFields>()?.unwrap_or_default();
            let is_chosen = change.changed.iter().any(|field| matches!(field.as_str(), "item" | "phase"));
            match (row.find_problem(), &row.item, &row.phase) {
                (None, Some(item), Some(phase)) if is_chosen => {
                    let is_fitting =
                        find_chosen_item(&item.document_id)?.is_some_and(|item| item.is_for(&phase.document_id, None));
                    (!is_fitting).then_some(("item", "other-phase"))
                }
                (problem, ..) => problem,
            }
        }
        _ => None,
    })
}

#[derive(Debug, Default, Deserialize)]
struct DefinitionFields {
    zone: Option<String>,
}

/// The fields of a phase that have to fit each other.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhaseFields {
    window_from: Option<String>,
    window_to: Option<String>,
    advance: Option<String>,
    definition: Option<Link>,
}

impl PhaseFields {
    fn find_problem(&self) -> Option<(&'static str, &'static str)> {
        let text = |field: &Option<String>| field.as_deref().map(str::trim).unwrap_or_default().to_owned();
        let (from, to) = (text(&self.window_from), text(&self.window_to));
        let is_offset = |text: &str| text.is_empty() || (!text.starts_with('-') && Period::parse(text).is_some());
        if !is_offset(&from) {
            return Some(("windowFrom", "offset"));
        }
        if !is_offset(&to) {
            return Some(("windowTo", "offset"));
        }
        // Any day does: what is later after one anchor is later after all of those that matter.
        let day = chrono::NaiveDate::default();
        let end = Period::parse(&to).and_then(|to| to.add_to(day));
        if let (Some(from), Some(end)) = (Period::parse(&from).and_then(|from| from.add_to(day)), end)
            && end <= from
        {
            return Some(("windowTo", "window-reversed"));
        }
        if self.advance.as_deref() == Some("date") && to.is_empty() {
            return Some(("windowTo", "window-open"));
        }
        self.definition.is_none().then_some(("definition", "no-definition"))
    }
}

/// The fields of a plan row that have to fit each other.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlanRowFields {
    frequency: Option<Frequency>,
    local_time: Option<String>,
    offset: Option<String>,
    phase: Option<Link>,
    item: Option<Link>,
}

impl PlanRowFields {
    fn find_problem(&self) -> Option<(&'static str, &'static str)> {
        if parse_hour(self.local_time.as_deref().unwrap_or_default()).is_none() {
            return Some(("localTime", "hour"));
        }
        let offset = self.offset.as_deref().map(str::trim).unwrap_or_default();
        if !offset.is_empty() && (offset.starts_with('-') || Period::parse(offset).is_none()) {
            return Some(("offset", "offset"));
        }
        if self.frequency.is_none() {
            return Some(("frequency", "frequency"));
        }
        self.phase.is_none().then_some(("phase", "no-phase-chosen"))
    }
}

/// True if a change takes a phase away from rules that name it: one that was about this phase would be about any.
fn is_in_rules(change: &Change) -> Result<bool> {
    let is_gone = change.action == Action::Delete
        || (change.action == Action::Update
            && change.changed.iter().any(|field| matches!(field.as_str(), "key" | "definition")));
    let Some(before) = change.before::<PhaseNames>()?.filter(|_| is_gone) else { return Ok(false) };
    let Some(definition) = before.definition else { return Ok(false) };
    let rules = data::find::<Rule>()
        .filter(json!({ "definition": { "documentId": { "$eq": definition.document_id } } }))
        .populate(json!({ "phase": { "fields": ["key"] } }))
        .all(MAX_RULES)?;
    Ok(rules.iter().any(|rule| rule.names_phase(&change.document_id, &before.key)))
}

/// The names of a phase.
#[derive(Debug, Deserialize)]
struct PhaseNames {
    key: String,
    definition: Option<Link>,
}

/// True if journeys follow a definition that a change is about: the one that it belongs to, or the one that it joins.
fn is_in_use(change: &Change) -> Result<bool> {
    let mut definitions: BTreeSet<String> = BTreeSet::new();
    match change.content_type.as_str() {
        Definition::TYPE => definitions.extend([change.document_id.clone()]),
        Phase::TYPE | Rule::TYPE => {
            let sides = [change.before::<PhaseFields>()?, change.after::<PhaseFields>()?];
            let links = sides.into_iter().flatten().filter_map(|phase| phase.definition);
            definitions.extend(links.map(|link| link.document_id));
        }
        _ => {
            let sides = [change.before::<PlanRowFields>()?, change.after::<PlanRowFields>()?];
            let links = sides.into_iter().flatten().filter_map(|row| row.phase);
            let phases: BTreeSet<String> = links.map(|link| link.document_id).collect();
            let found = data::find::<Phase>()
                .filter(json!({ "documentId": { "$in": phases } }))
                .populate(json!({ "definition": { "fields": ["key"] } }))
                .all(2)?;
            definitions.extend(
                found.iter().filter_map(|phase| phase.definition.as_ref()).map(|link| link.document_id.clone()),
            );
        }
    }
    if definitions.is_empty() {
        return Ok(false);
    }
    Ok(data::find::<Journey>().filter(json!({ "definition": { "documentId": { "$in": definitions } } })).count()? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_that_no_calendar_can_follow_are_refused() {
        let problem = |json: &str| serde_json::from_str::<PhaseFields>(json).unwrap().find_problem();
        let link = r#""definition":{"documentId":"d"}"#;
        for (fields, found) in [
            (r#""windowFrom":"P7D","windowTo":"P4M","advance":"date""#, None),
            (r#""windowFrom":"P24M""#, None),
            (r#""windowFrom":"PT4H","windowTo":"P4M""#, Some(("windowFrom", "offset"))),
            (r#""windowFrom":"P7D","windowTo":"-P4M""#, Some(("windowTo", "offset"))),
            (r#""windowFrom":"P4M","windowTo":"P4M""#, Some(("windowTo", "window-reversed"))),
            (r#""windowFrom":"P40D","windowTo":"P1M""#, Some(("windowTo", "window-reversed"))),
            (r#""windowFrom":"P4M","advance":"date""#, Some(("windowTo", "window-open"))),
        ] {
            assert_eq!(problem(&format!("{{{fields},{link}}}")), found, "{fields}");
        }
        assert_eq!(problem("{}"), Some(("definition", "no-definition")));
    }

    #[test]
    fn plan_rows_have_an_hour_and_a_phase() {
        let problem = |json: &str| serde_json::from_str::<PlanRowFields>(json).unwrap().find_problem();
        let row = |extra_fields: &str| format!(r#"{{"frequency":"once","phase":{{"documentId":"p"}}{extra_fields}}}"#);
        assert_eq!(problem(&row(r#","localTime":"09:00""#)), None);
        assert_eq!(problem(&row(r#","localTime":"9 uur""#)), Some(("localTime", "hour")));
        assert_eq!(problem(&row(r#","localTime":"09:00","offset":"soon""#)), Some(("offset", "offset")));
        assert_eq!(problem(r#"{"localTime":"09:00","frequency":"weekly"}"#), Some(("phase", "no-phase-chosen")));
    }
}
