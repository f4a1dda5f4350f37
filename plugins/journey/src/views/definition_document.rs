//! The page of one definition in place of its form: its phases, plan and rules, the journeys that follow it, and its revisions.

use super::definitions::{describe_preview, describe_revisions, list_actions, list_revisions, status_badge};
use super::filters::condition;
use super::inspector::tone;
use crate::model::{Definition, DefinitionStatus, Journey, JourneyStatus, Phase, PlanRow, Rule};
use crate::revision_moves::RevisionMigration;
use cairn_plugin::prelude::*;
use cairn_plugin::views::label_values;
use serde_json::{Value, json};

/// Most blocks of a page.
const MAX_BLOCKS: usize = 50;
/// Choices for the end of a phase. None is better than another.
const ADVANCE_TONES: [(&str, &str); 3] = [("date", "neutral"), ("manual", "neutral"), ("event", "neutral")];
/// How often something is due.
const FREQUENCY_TONES: [(&str, &str); 4] =
    [("once", "neutral"), ("weekly", "neutral"), ("biweekly", "neutral"), ("monthly", "neutral")];

/// The page of a definition that the reader may see. `preview`: what moving its journeys would change.
///
/// # Errors
/// `NotFound`; what the host says.
pub(super) fn describe(call: &Call, id: &str, preview: Option<(&RevisionMigration, bool)>) -> Result<Value> {
    let definition = data::find::<Definition>().by_ids(&[id])?.pop().flatten();
    let definition = definition.ok_or_else(|| Error::NotFound(id.to_owned()))?;
    let own = |path: &str| condition(&format!("{path}.documentId"), "$eq", id);
    let running = json!({ "and": [own("definition"), condition("status", "$in", json!(["active", "paused"]))] });
    let revision = translate("definition.revision", &call.locale, Some(&json!({ "revision": definition.revision })));
    let mut show = vec![
        json!({
            "kind": "header", "title": definition.title, "subtitle": revision, "badge": status_badge(definition.status),
            "actions": list_actions(&definition, &list_revisions(&definition)?),
        }),
        json!({ "kind": "stats", "items": [
            { "label": "t:stat.running", "tone": "info", "count": { "type": Journey::TYPE, "filters": running } },
        ] }),
    ];
    if let Some((preview, past)) = preview {
        show.extend(describe_preview(call, &definition, preview, past));
    }
    let draft = definition.status == DefinitionStatus::Draft;
    let edit: &[&str] = if draft { &["title", "status", "key", "zone"] } else { &["title", "status"] };
    show.push(json!({
        "kind": "fields", "label": "t:group.definition", "document": { "type": Definition::TYPE, "documentId": id },
        "fields": ["title", "status", "key", "revision", "zone"], "edit": edit,
    }));
    let tabs = [
        ("phases", "t:journey.steps", phases_table(&own("definition"))),
        ("rows", "t:definitions.rows", rows_table(&own("phase.definition"))),
        ("rules", "t:tab.rules", rules_table(&own("definition"))),
        ("journeys", "t:tab.journeys", journeys_table(&own("definition"))),
        ("revisions", "t:definitions.revisions", describe_revisions(&definition)),
    ];
    let tabs = tabs.map(|(id, label, table)| json!({ "id": id, "label": label, "show": [table] }));
    show.push(json!({ "kind": "tabs", "items": tabs }));
    show.truncate(MAX_BLOCKS);
    let live = [Definition::TYPE, Phase::TYPE, PlanRow::TYPE, Rule::TYPE, Journey::TYPE];
    Ok(json!({ "kind": "stack", "live": live, "zone": definition.zone, "show": show }))
}

fn table(uid: &str, sort: &str, filter: &Value, columns: Value) -> Value {
    json!({
        "kind": "table", "type": uid, "sort": [sort], "filters": { "and": [filter] }, "columns": columns,
        "actions": [{ "id": "edit", "label": "t:action.edit" }],
    })
}

fn phases_table(filter: &Value) -> Value {
    let columns = json!([
        { "field": "order", "label": "t:column.order" },
        { "field": "title", "label": "t:column.title" },
        { "field": "windowFrom", "label": "t:column.windowFrom" },
        { "field": "windowTo", "label": "t:column.windowTo" },
        { "field": "advance", "label": "t:field.phaseEnd", "values": label_values("advance", &ADVANCE_TONES) },
    ]);
    table(Phase::TYPE, "order:asc", filter, columns)
}

/// The rows of the plan.
pub(super) fn rows_table(filter: &Value) -> Value {
    let columns = json!([
        { "field": "title", "label": "t:column.title" },
        { "field": "phase", "label": "t:field.phase" },
        { "field": "frequency", "label": "t:column.frequency", "values": label_values("rowFrequency", &FREQUENCY_TONES) },
        { "field": "localTime", "label": "t:column.localTime" },
        { "field": "items", "label": "t:column.items" },
        { "field": "item", "label": "t:column.item" },
        { "field": "ownContent", "label": "t:column.ownContent" },
    ]);
    table(PlanRow::TYPE, "createdAt:asc", filter, columns)
}

/// The rules.
pub(super) fn rules_table(filter: &Value) -> Value {
    let columns = json!([
        { "field": "title", "label": "t:column.title" },
        { "field": "phase", "label": "t:field.phase" },
        { "field": "enabled", "label": "t:column.enabled" },
    ]);
    table(Rule::TYPE, "createdAt:asc", filter, columns)
}

fn journeys_table(filter: &Value) -> Value {
    let statuses = [JourneyStatus::Active, JourneyStatus::Paused, JourneyStatus::Completed, JourneyStatus::Cancelled];
    let tones = statuses.map(|status| (status.as_str(), tone(status)));
    let mut table = table(
        Journey::TYPE,
        "updatedAt:desc",
        filter,
        json!([
            { "field": "title", "label": "t:field.title" },
            { "field": "customerName", "label": "t:field.customer" },
            { "field": "status", "label": "t:column.status", "values": label_values("status", &tones) },
            { "field": "currentPhase", "label": "t:field.phase" },
            { "field": "phaseEndsAt", "label": "t:field.phaseEndsAt" },
        ]),
    );
    table["actions"][0]["label"] = json!("t:action.open");
    table
}
