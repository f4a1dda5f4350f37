//! The journeys of a definition by phase.

use super::filters::condition;
use super::move_form::{move_schema, reason_schema};
use super::phase_column::PhaseTitles;
use crate::journeys::list_phases;
use crate::messages::shorten;
use crate::model::{Definition, DefinitionStatus, Journey, JourneyStatus, Phase, StartRequest, StartStatus, User};
use crate::recipients::reach;
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Most definitions to choose from.
const MAX_DEFINITIONS: u32 = 100;
/// Most accounts that a form offers.
const MAX_ACCOUNTS: u32 = 500;
/// Phases that are named of those of which nobody hears.
const MAX_NAMED: usize = 3;

/// `chosen`: the id of a definition; otherwise the one with which the last journey was started.
pub(super) fn describe(call: &Call, chosen: &str) -> Result<Value> {
    let definitions = list_definitions(json!({ "status": { "$ne": DefinitionStatus::Draft } }))?;
    let usual = find_usual(&definitions)?;
    let named = definitions.iter().find(|one| one.document_id == chosen);
    let Some(definition) = named.or(usual).or(definitions.first()) else {
        return Ok(json!({ "kind": "empty", "title": "t:map.empty", "text": "t:map.empty.hint" }));
    };
    let phases = list_phases(&definition.document_id)?;
    let options = definition_options(&definitions);
    let running = [
        condition("definition.documentId", "$eq", definition.document_id.as_str()),
        condition("status", "$in", json!(["active", "paused"])),
    ];
    let active = [running[0].clone(), condition("status", "$eq", "active")];
    let count = |label: &str, tone: &str, extra_condition: Value| {
        let conditions: Vec<Value> = running.iter().cloned().chain([extra_condition]).collect();
        json!({ "label": label, "tone": tone, "count": { "type": Journey::TYPE, "filters": { "and": conditions } } })
    };
    let targets: Vec<(&str, &str)> =
        phases.iter().map(|phase| (phase.key.as_str(), phase.title_in(&call.locale))).collect();
    let board = match phases.as_slice() {
        [] => json!({ "kind": "empty", "title": "t:map.noPhases", "text": "t:map.noPhases.hint" }),
        phases => json!({
            "kind": "kanban", "type": Journey::TYPE, "label": format_definition(definition), "groupBy": "currentPhase", "status": "published",
            "columns": phases.iter().map(|phase| json!({ "value": phase.document_id, "label": phase.title_in(&call.locale) })).collect::<Vec<_>>(),
            "move": { "call": "move", "label": "t:action.move", "schema": reason_schema() },
            "title": "title", "badges": ["customerName", { "field": "phaseEndsAt", "format": "countdown" }], "sort": ["phaseEndsAt:asc", "title:asc"],
            "filters": { "and": active },
            "actions": [
                { "id": "move", "call": "move", "label": "t:action.move", "icon": "flag", "schema": move_schema(&targets) },
                { "id": "pause", "call": "pause", "label": "t:action.pause", "icon": "clock", "confirm": "t:action.pause.sure" },
            ],
        }),
    };
    let mut blocks: Vec<Value> = describe_unheard(call, &phases)?.into_iter().collect();
    blocks.extend([
        json!({ "kind": "stats", "items": [
            count("t:stat.active", "info", condition("status", "$eq", "active")),
            count("t:stat.paused", "neutral", condition("status", "$eq", "paused")),
            count("t:stat.overdue", "warning", condition("overdueAt", "$notNull", true)),
        ] }),
        board,
    ]);
    blocks.extend(describe_paused(call, &definition.document_id)?);
    let mut page = json!({ "kind": "stack", "live": [Journey::TYPE], "zone": definition.zone, "show": [
        { "kind": "header", "title": "t:view.map", "subtitle": "t:view.map.hint", "actions": [
            { "id": "start", "call": "start", "label": "t:action.start", "icon": "route", "schema": start_schema(&definitions, named.or(usual))? },
        ] },
        {
            "kind": "filter-bar",
            "parameters": [{ "name": "definition", "label": "t:field.definition", "value": definition.document_id, "options": options }],
            "show": blocks,
        },
    ] });
    if let (Some(waiting), Some(show)) = (describe_waiting()?, page["show"].as_array_mut()) {
        show.push(waiting);
    }
    Ok(page)
}

/// The definition that a new journey most likely follows: the one of the journey that was started last, in its newest active revision; or the
/// only one that there is.
fn find_usual(definitions: &[Row<Definition>]) -> Result<Option<&Row<Definition>>> {
    let active: Vec<&Row<Definition>> =
        definitions.iter().filter(|one| one.status == DefinitionStatus::Active).collect();
    if let [only] = active.as_slice() {
        return Ok(Some(only));
    }
    let newest = data::find::<Journey>().populate(json!({ "definition": true })).sort("createdAt:desc").first()?;
    let key = newest.and_then(|journey| journey.fields.definition).map(|definition| definition.fields.key);
    Ok(key.and_then(|key| active.into_iter().filter(|one| one.key == key).max_by_key(|one| one.revision)))
}

/// The phases of which nobody on the team hears; none where somebody hears of each, or nobody knows.
fn describe_unheard(call: &Call, phases: &[Row<Phase>]) -> Result<Option<Value>> {
    let staff = Settings::load()?.staff;
    let owners: BTreeSet<&str> =
        phases.iter().map(|phase| phase.owner.as_str()).chain([staff.as_str()]).filter(|one| !one.is_empty()).collect();
    let reached = match reach(&owners.into_iter().collect::<Vec<_>>()) {
        // The operator did not grant to look people up.
        Err(Error::Denied(_)) => return Ok(None),
        reached => reached?,
    };
    let is_unheard = |recipient: &str| recipient.is_empty() || reached.get(recipient) == Some(&false);
    if !is_unheard(&staff) {
        return Ok(None);
    }
    let unheard: Vec<&str> =
        phases.iter().filter(|phase| is_unheard(&phase.owner)).map(|phase| phase.title_in(&call.locale)).collect();
    if unheard.is_empty() {
        return Ok(None);
    }
    let named: Vec<&str> = unheard.iter().take(MAX_NAMED).copied().collect();
    let arguments = json!({
        "phases": named.join(", "), "more": unheard.len().saturating_sub(MAX_NAMED), "staff": if staff.is_empty() { "–" } else { &staff },
    });
    let text = translate("map.unheard", &call.locale, Some(&arguments));
    Ok(Some(json!({ "kind": "text", "text": text, "tone": "warning" })))
}

/// The paused journeys of a definition, with what can be done with them; none where none is paused. A menu is the same on all cards of a board,
/// and those of the others have nothing to resume.
fn describe_paused(call: &Call, definition: &str) -> Result<Option<Value>> {
    let of_definition = json!({ "definition": { "documentId": { "$eq": definition } } });
    let paused =
        data::find::<Journey>().filter(of_definition).filter(json!({ "status": JourneyStatus::Paused })).count()?;
    let column = |field: &str, label: &str| json!({ "field": field, "label": format!("t:field.{label}") });
    let table = json!({
        "kind": "table", "type": Journey::TYPE, "label": "t:stat.paused", "sort": ["pausedAt:asc"],
        "filters": { "and": [
            condition("definition.documentId", "$eq", definition), condition("status", "$eq", "paused"),
        ] },
        "columns": [
            column("title", "title"), column("customerName", "customer"),
            PhaseTitles::load(&call.locale)?.describe_column("currentPhase"), column("pausedAt", "pausedAt"),
        ],
        "actions": [
            { "id": "resume", "call": "resume", "label": "t:action.resume", "icon": "check", "confirm": "t:action.resume.sure" },
        ],
    });
    Ok((paused > 0).then_some(table))
}

/// The journeys that wait for their customer's account; none where nobody waits.
fn describe_waiting() -> Result<Option<Value>> {
    let waiting = data::find::<StartRequest>().filter(json!({ "status": StartStatus::Waiting })).count()?;
    let column = |field: &str, label: &str| json!({ "field": field, "label": format!("t:field.{label}") });
    let table = json!({
        "kind": "table", "type": StartRequest::TYPE, "label": "t:map.waiting", "sort": ["createdAt:asc"],
        "filters": { "and": [condition("status", "$eq", "waiting")] },
        "columns": [
            column("title", "title"), column("customerName", "customer"), column("email", "email"),
            column("anchorAt", "anchorAt"), column("problem", "problem"),
        ],
    });
    Ok((waiting > 0).then_some(table))
}

/// A definition as people choose it: its title and revision.
pub(super) fn format_definition(definition: &Row<Definition>) -> String {
    format!("{} ({})", definition.title, definition.revision)
}

/// Values and labels of a filter by definition.
pub(super) fn definition_options(definitions: &[Row<Definition>]) -> Vec<Value> {
    definitions.iter().map(|one| json!({ "value": one.document_id, "label": format_definition(one) })).collect()
}

/// The definitions to choose from, active ones first.
pub(super) fn list_definitions(filter: Value) -> Result<Vec<Row<Definition>>> {
    data::find::<Definition>()
        .filter(filter)
        .sort("status:asc")
        .sort("title:asc")
        .sort("revision:desc")
        .all(MAX_DEFINITIONS)
}

/// The field for the customer: chosen among the accounts that the reader may see, with a search, where a list holds them; otherwise typed.
fn customer_property() -> Result<Value> {
    let typed =
        |hint: &str| json!({ "type": "string", "title": "t:field.customer", "description": hint, "maxLength": 254 });
    let accounts = data::find::<User>()
        .as_caller()
        .filter(json!({ "blocked": { "$ne": true } }))
        .fields(&["username", "email"])
        .sort("username:asc")
        .all(MAX_ACCOUNTS + 1);
    let accounts = match accounts {
        // A caller who may not read accounts, or not these fields of them, types the customer instead.
        Err(Error::Denied(_) | Error::Invalid(_)) => return Ok(typed("t:field.customer.unseen")),
        accounts => accounts?,
    };
    if accounts.is_empty() || accounts.len() > MAX_ACCOUNTS as usize {
        return Ok(typed("t:field.customer.hint"));
    }
    let describe = |account: &Row<User>| {
        let title = format!("{} ({})", shorten(&account.username, 80), shorten(&account.email, 120));
        json!({ "const": account.document_id, "title": title })
    };
    let options: Vec<Value> = accounts.iter().map(describe).collect();
    Ok(json!({
        "type": "string", "title": "t:field.customer", "description": "t:field.customer.search", "oneOf": options,
    }))
}

/// The form to start a journey. `usual`: the definition that it most likely follows; without one, somebody has to choose.
fn start_schema(definitions: &[Row<Definition>], usual: Option<&Row<Definition>>) -> Result<Value> {
    let active = definitions.iter().filter(|one| one.status == DefinitionStatus::Active);
    let options: Vec<Value> =
        active.map(|one| json!({ "const": one.document_id, "title": format_definition(one) })).collect();
    let mut definition = json!({ "type": "string", "title": "t:field.definition", "oneOf": options });
    if let Some(usual) = usual.filter(|one| one.status == DefinitionStatus::Active) {
        definition["default"] = json!(usual.document_id);
    }
    let languages = json!([
        { "const": "", "title": "t:field.language.site" }, { "const": "nl", "title": "Nederlands" }, { "const": "en", "title": "English" },
    ]);
    let order = ["customer", "name", "title", "definition", "anchorAt", "language", "mailOptOut"];
    let required = ["customer", "title", "definition"];
    Ok(json!({ "type": "object", "order": order, "required": required, "properties": {
        "customer": customer_property()?,
        "name": { "type": "string", "title": "t:field.name", "description": "t:field.name.hint", "maxLength": 160 },
        "title": { "type": "string", "title": "t:field.title", "description": "t:field.title.hint", "maxLength": 160 },
        "definition": definition,
        "anchorAt": { "type": "string", "title": "t:field.anchorAt", "description": "t:field.anchorAt.hint", "format": "date" },
        "language": { "type": "string", "title": "t:field.language", "oneOf": languages, "default": "" },
        "mailOptOut": { "type": "boolean", "title": "t:field.mailOptOut", "default": false },
    } }))
}
