//! The journeys of a definition by phase.

use super::{JOURNEY, condition, move_schema, reason_schema};
use crate::journeys::list_phases;
use crate::model::{Definition, DefinitionStatus, Journey, JourneyStatus, StartRequest};
use crate::start_requests::StartStatus;
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

/// Most definitions to choose from.
const MAX_DEFINITIONS: u32 = 100;

/// `chosen`: the id of a definition; otherwise the newest active one.
pub(super) fn describe(chosen: &str) -> Result<Value> {
    let definitions = list_definitions(json!({ "status": { "$ne": DefinitionStatus::Draft } }))?;
    let Some(definition) = definitions.iter().find(|one| one.document_id == chosen).or(definitions.first()) else {
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
        json!({ "label": label, "tone": tone, "count": { "type": JOURNEY, "filters": { "and": conditions } } })
    };
    let targets: Vec<(&str, &str)> = phases.iter().map(|phase| (phase.key.as_str(), phase.title.as_str())).collect();
    let board = match phases.as_slice() {
        [] => json!({ "kind": "empty", "title": "t:map.noPhases", "text": "t:map.noPhases.hint" }),
        phases => json!({
            "kind": "kanban", "type": JOURNEY, "label": format_definition(definition), "groupBy": "currentPhase", "status": "published",
            "columns": phases.iter().map(|phase| json!({ "value": phase.document_id, "label": phase.title })).collect::<Vec<_>>(),
            "move": { "call": "move", "label": "t:action.move", "schema": reason_schema() },
            "title": "title", "badges": ["customerName", "status", "phaseEndsAt"], "sort": ["phaseEndsAt:asc", "title:asc"],
            "filters": { "and": active },
            "actions": [
                { "id": "move", "call": "move", "label": "t:action.move", "icon": "flag", "schema": move_schema(&targets) },
                { "id": "pause", "call": "pause", "label": "t:action.pause", "icon": "clock", "confirm": "t:action.pause.sure" },
            ],
        }),
    };
    let mut blocks = vec![
        json!({ "kind": "stats", "items": [
            count("t:stat.active", "info", condition("status", "$eq", "active")),
            count("t:stat.paused", "neutral", condition("status", "$eq", "paused")),
            count("t:stat.overdue", "warning", condition("overdueAt", "$notNull", true)),
        ] }),
        board,
    ];
    blocks.extend(describe_paused(&definition.document_id)?);
    let mut page = json!({ "kind": "stack", "live": [JOURNEY], "show": [
        { "kind": "header", "title": "t:view.map", "subtitle": "t:view.map.hint", "actions": [
            { "id": "start", "call": "start", "label": "t:action.start", "icon": "route", "schema": start_schema(&definitions) },
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

/// The paused journeys of a definition, with what can be done with them; none where none is paused. A menu is the same on all cards of a board,
/// and those of the others have nothing to resume.
fn describe_paused(definition: &str) -> Result<Option<Value>> {
    let of_definition = json!({ "definition": { "documentId": { "$eq": definition } } });
    let paused =
        data::find::<Journey>().filter(of_definition).filter(json!({ "status": JourneyStatus::Paused })).count()?;
    let column = |field: &str, label: &str| json!({ "field": field, "label": format!("t:field.{label}") });
    let table = json!({
        "kind": "table", "type": JOURNEY, "label": "t:stat.paused", "sort": ["pausedAt:asc"],
        "filters": { "and": [
            condition("definition.documentId", "$eq", definition), condition("status", "$eq", "paused"),
        ] },
        "columns": [
            column("title", "title"), column("customerName", "customer"), column("currentPhase", "phase"),
            column("pausedAt", "pausedAt"),
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

/// The form to start a journey.
fn start_schema(definitions: &[Row<Definition>]) -> Value {
    let active = definitions.iter().filter(|one| one.status == DefinitionStatus::Active);
    let options: Vec<Value> =
        active.map(|one| json!({ "const": one.document_id, "title": format_definition(one) })).collect();
    let first = options.first().map(|option| option["const"].clone());
    let languages = json!([
        { "const": "", "title": "t:field.language.site" }, { "const": "nl", "title": "Nederlands" }, { "const": "en", "title": "English" },
    ]);
    let order = ["customer", "title", "definition", "anchorAt", "language", "mailOptOut"];
    json!({ "type": "object", "order": order, "properties": {
        "customer": { "type": "string", "title": "t:field.customer", "description": "t:field.customer.hint", "maxLength": 254 },
        "title": { "type": "string", "title": "t:field.title", "description": "t:field.title.hint", "maxLength": 160 },
        "definition": { "type": "string", "title": "t:field.definition", "oneOf": options, "default": first.unwrap_or_default() },
        "anchorAt": { "type": "string", "title": "t:field.anchorAt", "description": "t:field.anchorAt.hint", "format": "date" },
        "language": { "type": "string", "title": "t:field.language", "oneOf": languages, "default": "" },
        "mailOptOut": { "type": "boolean", "title": "t:field.mailOptOut", "default": false },
    } })
}
