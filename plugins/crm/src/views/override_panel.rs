//! Panel beside a deal, for those who may: the way past a rule of a stage.

use crate::deal_moves::override_rule;
use crate::deals::{find_stages, list_stages};
use crate::model::{DealChange, Stage};
use crate::person::Person;
use crate::stage_rules::StageKind;
use crate::subject::Subject;
use cairn_plugin::prelude::*;
use cairn_plugin::{ActionRequest, ActionResult};
use serde::Deserialize;
use serde_json::{Value, json};

/// The stages that the deal may enter only by somebody's decision.
pub(super) fn describe(deal: &str) -> Result<Value> {
    Subject::Deal(deal).require_visible()?;
    let related = json!({ "fields": ["createdAt"] });
    let found =
        data::find::<DealChange>().populate(json!({ "stage": related, "pipeline": related })).by_ids(&[deal])?;
    let nothing = json!({ "kind": "text", "text": "t:override.nothing" });
    let Some(deal) = found.into_iter().next().flatten() else { return Ok(nothing) };
    let (Some(pipeline), Some(stage)) = (&deal.pipeline, &deal.stage) else { return Ok(nothing) };
    // A contract that is not signed keeps a deal from any stage that wins it.
    let is_ruled = |stage: &Row<Stage>| stage.entry_rule.is_some() || stage.kind == StageKind::Won;
    let order = find_stages(&[&stage.document_id])?.pop().flatten().map(|stage| stage.order);
    let stages: Vec<Value> = list_stages(&pipeline.document_id)?
        .iter()
        .filter(|stage| is_ruled(stage) && order.is_none_or(|order| stage.order > order))
        .map(|stage| json!({ "const": stage.document_id, "title": stage.name }))
        .collect();
    if stages.is_empty() {
        return Ok(nothing);
    }
    let first = stages[0]["const"].clone();
    let schema = json!({ "type": "object", "required": ["stage", "reason"], "order": ["stage", "reason"], "properties": {
        "stage": { "type": "string", "title": "t:field.stage", "oneOf": stages, "default": first },
        "reason": { "type": "string", "title": "t:field.overrideReason", "format": "textarea", "maxLength": 500 },
    } });
    Ok(json!({ "kind": "stack", "show": [
        { "kind": "text", "text": "t:override.hint" },
        { "kind": "actions", "items": [
            { "id": "override", "call": "override", "label": "t:action.override", "icon": "flag", "tone": "warning", "schema": schema },
        ] },
    ] }))
}

/// Decision of the person to move the deal on.
#[derive(Deserialize)]
struct OverrideForm {
    #[serde(default)]
    stage: String,
    #[serde(default)]
    reason: String,
}

/// Moves the deal on.
///
/// # Errors
/// What the person is told.
pub(super) fn act(call: &Call, request: &ActionRequest, deal: &str, person: &Person) -> Result<ActionResult> {
    Subject::Deal(deal).require_visible()?;
    let OverrideForm { stage, reason } = request.values()?;
    override_rule(deal, &stage, &reason, person, &call.locale)?;
    ActionResult::notice("t:notice.override").with_view(&describe(deal)?)
}
