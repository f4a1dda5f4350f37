//! The deals of a pipeline by stage.

use super::{build_condition, list_pipelines};
use crate::deals::list_stages;
use crate::model::Deal;
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
            "columns": stages.iter().map(|stage| stage.document_id.as_str()).collect::<Vec<_>>(),
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
    Ok(json!({ "kind": "stack", "show": [
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
