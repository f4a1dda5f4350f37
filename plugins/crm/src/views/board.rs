//! The deals of a pipeline by stage.

use super::{build_condition, list_pipelines};
use crate::deals::list_stages;
use crate::model::{Contact, Deal, Stage};
use crate::stage_rules::StageKind;
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

/// `chosen`: the key of a pipeline; otherwise the first.
pub(super) fn describe(chosen: &str) -> Result<Value> {
    let pipelines = list_pipelines()?;
    let Some(pipeline) = pipelines.iter().find(|pipeline| pipeline.key == chosen).or(pipelines.first()) else {
        return Ok(json!({ "kind": "empty", "title": "t:board.empty", "text": "t:board.empty.hint" }));
    };
    let options: Vec<Value> =
        pipelines.iter().map(|pipeline| json!({ "value": pipeline.key, "label": pipeline.name })).collect();
    let stages = list_stages(&pipeline.document_id)?;
    let of_pipeline = build_condition("pipeline.documentId", "$eq", pipeline.document_id.as_str());
    let board = match stages.as_slice() {
        [] => json!({ "kind": "empty", "title": "t:board.noStages" }),
        stages => json!({
            "kind": "kanban", "type": Deal::TYPE, "label": pipeline.name, "groupBy": "stage",
            "columns": stages.iter().map(describe_column).collect::<Vec<_>>(),
            "sum": { "field": "amount", "format": "money", "currencyField": "currency" },
            "order": "rank", "move": { "label": "t:board.move", "schema": move_schema() },
            "title": "title", "badges": ["eventDate", "amount", "ownerName"], "sort": ["eventDate:asc", "createdAt:asc"],
            "filters": { "and": [of_pipeline.clone(), build_condition("status", "$ne", "lost")] },
        }),
    };
    let lost = json!({
        "kind": "table", "type": Deal::TYPE, "label": "t:tab.lost", "sort": ["updatedAt:desc"],
        "filters": { "and": [of_pipeline, build_condition("status", "$eq", "lost")] },
        "columns": [
            { "field": "title", "label": "t:field.title" },
            { "field": "lostReason", "label": "t:field.lostReason" },
            { "field": "stage.name", "label": "t:field.stage" },
            { "field": "updatedAt", "label": "t:column.changed" },
        ],
    });
    Ok(json!({ "kind": "stack", "live": [Deal::TYPE], "show": [
        { "kind": "header", "title": "t:view.board", "subtitle": "t:view.board.hint" },
        {
            "kind": "filter-bar",
            "parameters": [{ "name": "pipeline", "label": "t:field.pipeline", "value": pipeline.key, "options": options }],
            "show": [{ "kind": "tabs", "items": [
                { "id": "board", "label": "t:tab.board", "show": [board] },
                { "id": "lost", "label": "t:tab.lost", "show": [lost] },
            ] }],
        },
    ] }))
}

fn describe_column(stage: &Row<Stage>) -> Value {
    let tone = match stage.kind {
        StageKind::Open => "neutral",
        StageKind::Won => "success",
        StageKind::Lost => "danger",
        StageKind::Post => "info",
    };
    json!({ "value": stage.document_id, "label": stage.name, "tone": tone })
}

/// Form with the fields that a stage can require of a deal; only those that a move lacks are asked for.
fn move_schema() -> Value {
    let packages = ["silver", "gold", "diamond", "platinum"];
    let packages = packages.map(|key| json!({ "const": key, "title": format!("t:package.{key}") }));
    json!({
        "type": "object",
        "order": [
            "moveReason", "lostReason", "contact", "amount", "packageWish", "eventDate", "eventVenue", "guests", "closeDate",
        ],
        "properties": {
            "moveReason": { "type": "string", "title": "t:field.moveReason", "format": "textarea", "maxLength": 500 },
            "lostReason": { "type": "string", "title": "t:field.lostReason", "format": "textarea", "maxLength": 500 },
            "contact": { "type": "string", "title": "t:field.contact", "format": "document", "contentType": Contact::TYPE },
            "amount": { "type": "number", "title": "t:field.amount", "minimum": 0 },
            "packageWish": { "type": "string", "title": "t:field.packageWish", "oneOf": packages },
            "eventDate": { "type": "string", "title": "t:field.eventDate", "format": "date" },
            "eventVenue": { "type": "string", "title": "t:field.eventVenue", "maxLength": 200 },
            "guests": { "type": "integer", "title": "t:field.guests", "minimum": 0, "maximum": 1_000_000 },
            "closeDate": { "type": "string", "title": "t:field.closeDate", "format": "date" },
        },
    })
}
