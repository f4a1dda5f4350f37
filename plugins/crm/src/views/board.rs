//! The deals of a pipeline by stage.

use super::amounts;
use super::filters::build_condition;
use super::pipelines::list_pipelines;
use super::tones::CLOCK_TONES;
use crate::deals::list_stages;
use crate::model::{Contact, Deal, Stage};
use crate::money::write_decimal;
use crate::packages::list_packages;
use crate::stage_rules::StageKind;
use crate::subject::Subject;
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use cairn_plugin::views::label_values;
use cairn_plugin::{ActionRequest, ActionResult, format_money};
use serde::Deserialize;
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
            "order": "rank", "move": { "label": "t:board.move", "schema": move_schema()? },
            "actions": [describe_amount_action()], "title": "title", "badges": describe_badges(), "sort": ["eventDate:asc", "createdAt:asc"],
            "filters": { "and": [of_pipeline.clone(), build_condition("status", "$ne", "lost")] },
        }),
    };
    let lost = json!({
        "kind": "table", "type": Deal::TYPE, "label": "t:tab.lost", "sort": ["updatedAt:desc"],
        "filters": { "and": [of_pipeline, build_condition("status", "$eq", "lost")] },
        "columns": [
            { "field": "title", "label": "t:field.title" },
            { "field": "lostReason", "label": "t:field.lostReason" },
            { "field": "amount", "label": "t:field.amount", "format": "money", "currencyField": "currency" },
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

/// Fields of a card beside its title: when, how much, who looks after it, and how the clock of its stage stands.
fn describe_badges() -> Value {
    json!([
        "eventDate",
        { "field": "amount", "format": "money", "currencyField": "currency" },
        "ownerName",
        { "field": "slaState", "values": label_values("sla", &CLOCK_TONES) },
    ])
}

/// The button of a deal for its amount.
pub(super) fn describe_amount_action() -> Value {
    let schema = json!({
        "type": "object", "required": ["amount"], "properties": { "amount": amounts::describe_field("t:field.amount") },
    });
    json!({ "id": "amount", "call": "amount", "label": "t:action.amount", "icon": "coin", "schema": schema })
}

/// Form with an amount, as somebody filled it in.
#[derive(Deserialize)]
struct AmountForm {
    #[serde(default)]
    amount: String,
}

/// Does what a button of a card asks.
///
/// # Errors
/// What the person is told.
pub(super) fn act(call: &Call, request: &ActionRequest, id: &str) -> Result<ActionResult> {
    if request.action != "amount" {
        return Err(Error::NotFound(request.action.clone()));
    }
    Subject::Deal(id).require_visible()?;
    let form: AmountForm = request.values()?;
    let deal = data::get::<Deal>(id)?.ok_or_else(|| Error::NotFound(id.to_owned()))?;
    let currency = deal.currency.as_deref().unwrap_or("EUR");
    let amount = amounts::read_field(&form.amount, "amount", currency, &call.locale)?
        .map_err(|problem| Error::Invalid(vec![problem]))?;
    let value: Value = serde_json::from_str(&write_decimal(amount))?;
    // A caller who may see the board may still lack permission to update deals: the write checks it.
    Batch::new().as_caller().update::<Deal>(id, &json!({ "amount": value }))?.write()?;
    let money = format_money(&write_decimal(amount), currency, &call.locale)?;
    let arguments = json!({ "title": deal.title, "amount": money });
    Ok(ActionResult::notice(translate("notice.amount", &call.locale, Some(&arguments))))
}

/// Form with the fields that a stage can require of a deal; only those that a move lacks are asked for. The amount is none of them: it is
/// typed where it is read as people write it.
fn move_schema() -> Result<Value> {
    let packages = list_packages()?;
    let choices: Vec<Value> =
        packages.iter().map(|package| json!({ "const": package.key, "title": package.name })).collect();
    let mut wish = json!({ "type": "string", "title": "t:field.packageWish" });
    if !choices.is_empty() {
        wish["oneOf"] = json!(choices);
    }
    Ok(json!({
        "type": "object",
        "order": [
            "moveReason", "lostReason", "contact", "packageWish", "eventDate", "eventVenue", "guests", "closeDate",
        ],
        "properties": {
            "moveReason": { "type": "string", "title": "t:field.moveReason", "format": "textarea", "maxLength": 500 },
            "lostReason": { "type": "string", "title": "t:field.lostReason", "format": "textarea", "maxLength": 500 },
            "contact": { "type": "string", "title": "t:field.contact", "format": "document", "contentType": Contact::TYPE },
            "packageWish": wish,
            "eventDate": { "type": "string", "title": "t:field.eventDate", "format": "date" },
            "eventVenue": { "type": "string", "title": "t:field.eventVenue", "maxLength": 200 },
            "guests": { "type": "integer", "title": "t:field.guests", "minimum": 0, "maximum": 1_000_000 },
            "closeDate": { "type": "string", "title": "t:field.closeDate", "format": "date" },
        },
    }))
}
