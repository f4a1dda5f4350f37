//! Checks of definitions, phases, plan rows and rules: a timer that comes at night is a bad moment to find out that it cannot be followed.

use crate::audience::DEFINITIONS_KEY;
use crate::content_gaps::schedule_check;
use crate::hooks::list_chosen_items;
use crate::journeys::{MAX_PHASES, find_same_phases};
use crate::local_texts::are_titles;
use crate::model::{Definition, DefinitionStatus, Item, Journey, JourneyStatus, Link, Phase, PlanRow, Rule};
use crate::period::Period;
use crate::phase_windows::{WindowProblem, find_window_problem};
use crate::rule_checks::find_rule_problem;
use crate::rules::{MAX_RULES, RuleProblem};
use crate::settings::is_recipient;
use crate::timetable::{Frequency, parse_hour};
use crate::zone::Zone;
use cairn_plugin::bindings::policies;
use cairn_plugin::data::or_default;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Longest title of a phase and short one in a language, in characters, as those of the fields without one.
const MAX_PHASE_TITLE: usize = 120;
const MAX_SHORT_TITLE: usize = 40;
/// Most items of the list of a row.
const MAX_ITEMS: usize = 100;

/// Fields that may change while journeys are on the way: texts, people, content, and what a rule does. All others move time.
fn free_fields(content_type: &str) -> &'static [&'static str] {
    match content_type {
        Definition::TYPE => &["title", "status"],
        Phase::TYPE => &["title", "shortTitle", "titles", "shortTitles", "owner"],
        PlanRow::TYPE => &["title", "item", "items", "ownContent", "mail", "dashboard", "late"],
        Rule::TYPE => &["title", "enabled", "actions"],
        _ => &[],
    }
}

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
    if change.action != Action::Delete
        && let Some((field, code)) = find_name_problem(change)?
    {
        return Ok(Decision::refuse_field(field, code, translate(&format!("refused.{code}"), &call.locale, None)));
    }
    if let Some(code) = find_use(change)? {
        return Ok(Decision::conflict("state", translate(&format!("refused.{code}"), &call.locale, None)));
    }
    if change.action != Action::Delete
        && let Some(problem) = find_window_problem(change)?
    {
        let WindowProblem { field, code, first, second } = problem;
        let arguments = json!({ "first": first, "second": second });
        let message = translate(&format!("refused.{code}"), &call.locale, Some(&arguments));
        return Ok(Decision::refuse_field(field, code, message));
    }
    if change.content_type == Phase::TYPE && is_in_rules(change)? {
        return Ok(Decision::conflict("state", translate("refused.phase-in-rules", &call.locale, None)));
    }
    let is_content = |field: &String| matches!(field.as_str(), "item" | "items" | "ownContent");
    if change.content_type == PlanRow::TYPE && change.action == Action::Update && change.changed.iter().any(is_content)
    {
        schedule_check()?;
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
        Phase::TYPE => {
            let phase = change.after::<PhaseFields>()?.unwrap_or_default();
            let owner = phase.owner.as_deref().unwrap_or_default();
            let is_nobody = is_set(change, "owner") && !owner.is_empty() && !is_recipient(owner);
            phase.find_problem().or_else(|| is_nobody.then_some(("owner", "owner")))
        }
        PlanRow::TYPE => {
            let row = change.after::<PlanRowFields>()?.unwrap_or_default();
            let is_chosen = ["item", "items", "phase"].iter().any(|field| is_set(change, field));
            match (row.find_problem(), &row.phase) {
                (None, Some(phase)) if is_chosen => find_item_problem(&row, &phase.document_id)?,
                (problem, _) => problem,
            }
        }
        _ => None,
    })
}

/// The first item of a row that is not for its phase.
fn find_item_problem(row: &PlanRowFields, phase: &str) -> Result<Option<(&'static str, &'static str)>> {
    let named: Vec<(&'static str, &str)> = row
        .item
        .iter()
        .map(|item| ("item", item.document_id.as_str()))
        .chain(row.items.iter().map(|item| ("items", item.document_id.as_str())))
        .collect();
    if named.is_empty() {
        return Ok(None);
    }
    let phase = find_same_phases(phase)?;
    let ids: Vec<&str> = named.iter().map(|(_, id)| *id).collect();
    let is_fitting = |item: &Option<Row<Item>>| item.as_ref().is_some_and(|item| item.is_for(&phase, None));
    let wrong = list_chosen_items(&ids)?.iter().position(|item| !is_fitting(item));
    Ok(wrong.and_then(|place| named.get(place)).map(|(field, _)| (*field, "other-phase")))
}

/// True if a field gets its value with this change.
fn is_set(change: &Change, field: &str) -> bool {
    change.action == Action::Create || change.changed.iter().any(|changed| changed == field)
}

/// A key that no program could write down, or a name or a place that another one has: the database would say so too, but of another field.
fn find_name_problem(change: &Change) -> Result<Option<(&'static str, &'static str)>> {
    if change.content_type == PlanRow::TYPE {
        return Ok(is_set(change, "origin")
            .then(|| change.after::<Origin>())
            .transpose()?
            .flatten()
            .and_then(Origin::find_problem));
    }
    let names = change.after::<Names>()?.unwrap_or_default();
    let key = names.key.as_deref().unwrap_or_default();
    if is_set(change, "key") && !is_key(key) {
        return Ok(Some(("key", "key")));
    }
    if change.content_type == Rule::TYPE
        && is_set(change, "origin")
        && names.origin.as_deref().is_some_and(|origin| !origin.is_empty())
    {
        return Ok(Some(("origin", "kept")));
    }
    let is_other = json!({ "$ne": change.document_id });
    if change.content_type == Definition::TYPE {
        let (key, revision) = (json!({ "$eq": key }), json!({ "$eq": names.revision }));
        let same = json!({ "key": key, "revision": revision, "documentId": is_other });
        let is_new = is_set(change, "key") || is_set(change, "revision");
        let is_taken = is_new && data::find::<Definition>().filter(same).count()? > 0;
        return Ok(is_taken.then_some(("revision", "revision-taken")));
    }
    let Some(definition) =
        names.definition.filter(|_| is_set(change, "key") || is_set(change, "definition") || is_set(change, "order"))
    else {
        return Ok(None);
    };
    let siblings = json!({ "definition": { "documentId": { "$eq": definition.document_id } }, "documentId": is_other });
    if change.content_type == Rule::TYPE {
        let same = data::find::<Rule>().filter(siblings).filter(json!({ "key": { "$eq": key } }));
        return Ok((same.count()? > 0).then_some(("key", "key-taken")));
    }
    let phases = data::find::<Phase>().filter(siblings).fields(&["title", "key", "order"]).all(MAX_PHASES)?;
    if phases.iter().any(|phase| phase.key == key) {
        return Ok(Some(("key", "key-taken")));
    }
    if phases.iter().any(|phase| Some(phase.order) == names.order) {
        return Ok(Some(("order", "order-taken")));
    }
    let is_full = is_set(change, "definition") && phases.len() >= MAX_PHASES as usize;
    Ok(is_full.then_some(("definition", "phases-many")))
}

/// True for a key that addresses, groups and programs can have: small letters, digits, `-`, `_` and `.`, beginning with a letter or a digit.
fn is_key(key: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    key.starts_with(is_plain) && key.chars().all(|c| is_plain(c) || matches!(c, '-' | '_' | '.'))
}

/// The names of a definition, a phase or a rule.
#[derive(Debug, Default, Deserialize)]
struct Names {
    key: Option<String>,
    revision: Option<u32>,
    order: Option<i64>,
    definition: Option<Link>,
    origin: Option<String>,
}

/// Source that a row was copied from: only the plugin copies.
#[derive(Debug, Deserialize)]
struct Origin {
    origin: Option<String>,
}

impl Origin {
    fn find_problem(self) -> Option<(&'static str, &'static str)> {
        self.origin.is_some_and(|origin| !origin.is_empty()).then_some(("origin", "kept"))
    }
}

#[derive(Debug, Default, Deserialize)]
struct DefinitionFields {
    zone: Option<String>,
    status: Option<DefinitionStatus>,
}

/// The fields of a phase that have to fit each other.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhaseFields {
    window_from: Option<String>,
    window_to: Option<String>,
    advance: Option<String>,
    definition: Option<Link>,
    owner: Option<String>,
    #[serde(default)]
    titles: Value,
    #[serde(default)]
    short_titles: Value,
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
        // The day is arbitrary: what is later after one anchor is later after every anchor that matters.
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
        if !are_titles(&self.titles, MAX_PHASE_TITLE) {
            return Some(("titles", "titles"));
        }
        if !are_titles(&self.short_titles, MAX_SHORT_TITLE) {
            return Some(("shortTitles", "titles"));
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
    #[serde(default, deserialize_with = "or_default")]
    items: Vec<Link>,
    own_content: Option<bool>,
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
        if self.items.len() > MAX_ITEMS {
            return Some(("items", "items-many"));
        }
        if self.own_content == Some(true) && (self.item.is_some() || !self.items.is_empty()) {
            return Some(("ownContent", "own-content"));
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

/// Why journeys are in the way of a change: those of the definition that it belongs to, or of the one that it joins. What was cancelled is in
/// nobody's way, and what is completed only in that of a change which would take its phases from it.
fn find_use(change: &Change) -> Result<Option<&'static str>> {
    if change.content_type == Definition::TYPE && change.action == Action::Update && is_set(change, "status") {
        let status = change.after::<DefinitionFields>()?.and_then(|definition| definition.status);
        let of_definition = json!({ "definition": { "documentId": { "$eq": change.document_id } } });
        let running = json!({ "status": { "$in": [JourneyStatus::Active, JourneyStatus::Paused] } });
        if status == Some(DefinitionStatus::Draft)
            && data::find::<Journey>().filter(of_definition).filter(running).count()? > 0
        {
            return Ok(Some("definition-running"));
        }
    }
    let is_new_rule = change.content_type == Rule::TYPE && change.action == Action::Create;
    let free = free_fields(&change.content_type);
    let is_free = change.action != Action::Delete && change.changed.iter().all(|field| free.contains(&field.as_str()));
    if is_free || is_new_rule {
        return Ok(None);
    }
    let definitions = list_definitions(change)?;
    if definitions.is_empty() {
        return Ok(None);
    }
    let is_delete = change.action == Action::Delete;
    let moves = |field: &String| matches!(field.as_str(), "key" | "order" | "definition");
    let takes_phases = matches!(change.content_type.as_str(), Phase::TYPE | Definition::TYPE)
        && (is_delete || (change.action == Action::Update && change.changed.iter().any(moves)));
    let running = [JourneyStatus::Active, JourneyStatus::Paused];
    let status = if is_delete && change.content_type == Definition::TYPE {
        json!({ "$notNull": true })
    } else if takes_phases {
        json!({ "$ne": JourneyStatus::Cancelled })
    } else {
        json!({ "$in": running })
    };
    let followed = json!({ "definition": { "documentId": { "$in": definitions } }, "status": status });
    if data::find::<Journey>().filter(followed).count()? == 0 {
        return Ok(None);
    }
    let code = match change.content_type.as_str() {
        Definition::TYPE if is_delete => "definition-kept",
        Rule::TYPE if is_delete => "rule-in-use",
        _ => "definition-in-use",
    };
    Ok(Some(code))
}

/// The definitions that a change is about.
fn list_definitions(change: &Change) -> Result<BTreeSet<String>> {
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
    Ok(definitions)
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
    fn keys_can_stand_in_addresses_and_groups() {
        for key in ["order", "design-engineering", "2e_fase", "a.b"] {
            assert!(is_key(key), "{key}");
        }
        for key in ["", "Fase Één / ✓", "Order", "-a", ".a", "a b", "a/b", "é"] {
            assert!(!is_key(key), "{key}");
        }
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
