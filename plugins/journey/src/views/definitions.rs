//! The revisions of a definition: which journeys follow which, the next one by a button, and the dry run of moving journeys to it.

use super::definition_document::{rows_table, rules_table};
use super::filters::condition;
use super::map;
use crate::journeys::list_phases;
use crate::model::{Definition, DefinitionStatus, Journey};
use crate::revision_moves::{MigrationResult, RevisionMigration};
use cairn_plugin::prelude::*;
use cairn_plugin::views::label_values;
use serde_json::{Value, json};

/// Journeys of a dry run that are shown.
const MAX_SHOWN: usize = 30;
/// Slots of a dry run that are shown for each journey.
const MAX_SLOTS: usize = 20;
/// The states of a definition.
const STATUS_TONES: [(&str, &str); 3] = [("draft", "neutral"), ("active", "success"), ("retired", "neutral")];

/// `chosen`: the id of a definition; otherwise the newest active one. `preview`: what moving its journeys would change.
pub(super) fn describe(call: &Call, chosen: &str, preview: Option<(&RevisionMigration, bool)>) -> Result<Value> {
    let definitions = map::list_definitions(json!({}))?;
    let Some(definition) = definitions.iter().find(|one| one.document_id == chosen).or(definitions.first()) else {
        return Ok(json!({ "kind": "empty", "title": "t:map.empty", "text": "t:map.empty.hint" }));
    };
    let options = map::definition_options(&definitions);
    let running = json!({ "and": [
        condition("definition.documentId", "$eq", definition.document_id.as_str()),
        condition("status", "$in", json!(["active", "paused"])),
    ] });
    let mut show = vec![
        json!({ "kind": "stats", "items": [
            { "label": "t:stat.running", "tone": "info", "count": { "type": Journey::TYPE, "filters": running } },
        ] }),
        json!({ "kind": "actions", "items": list_actions(definition, &definitions) }),
    ];
    if let Some((preview, past)) = preview {
        show.extend(describe_preview(call, definition, preview, past));
    }
    show.push(describe_revisions(definition));
    let own = |path: &str| condition(&format!("{path}.documentId"), "$eq", definition.document_id.as_str());
    show.push(json!({ "kind": "tabs", "items": [
        { "id": "phases", "label": "t:journey.steps", "show": [describe_phases(call, definition)?] },
        { "id": "rows", "label": "t:definitions.rows", "show": [rows_table(&own("phase.definition"))] },
        { "id": "rules", "label": "t:tab.rules", "show": [rules_table(&own("definition"))] },
    ] }));
    Ok(json!({ "kind": "stack", "live": [Definition::TYPE, Journey::TYPE], "zone": definition.zone, "show": [
        { "kind": "header", "title": "t:view.definitions", "subtitle": "t:view.definitions.hint" },
        {
            "kind": "filter-bar",
            "parameters": [{ "name": "definition", "label": "t:field.definition", "value": definition.document_id, "options": options }],
            "show": show,
        },
    ] }))
}

/// The revisions of a definition.
pub(super) fn describe_revisions(definition: &Row<Definition>) -> Value {
    json!({
        "kind": "table", "type": Definition::TYPE, "label": "t:definitions.revisions", "sort": ["revision:desc"],
        "filters": { "and": [condition("key", "$eq", definition.key.as_str())] },
        "columns": [
            { "field": "revision", "label": "t:column.revision" },
            { "field": "title", "label": "t:column.title" },
            { "field": "status", "label": "t:column.status", "values": label_values("definitionStatus", &STATUS_TONES) },
        ],
        "actions": [{ "id": "edit", "label": "t:action.edit" }],
    })
}

/// The state of a definition in words.
pub(super) fn status_badge(status: DefinitionStatus) -> Value {
    let name = json!(status);
    label_values("definitionStatus", &STATUS_TONES)[name.as_str().unwrap_or_default()].clone()
}

/// The revisions of a definition, with itself.
///
/// # Errors
/// What the host says.
pub(super) fn list_revisions(definition: &Row<Definition>) -> Result<Vec<Row<Definition>>> {
    map::list_definitions(json!({ "key": { "$eq": definition.key } }))
}

/// The next revision, and the way of journeys to one of the others.
pub(super) fn list_actions(definition: &Row<Definition>, definitions: &[Row<Definition>]) -> Vec<Value> {
    let values = json!({ "definition": definition.document_id });
    let mut items = vec![json!({
        "id": "revise", "call": "revise", "label": "t:action.revise", "icon": "list-checks", "values": values,
        "confirm": "t:action.revise.sure",
    })];
    let options: Vec<Value> = definitions
        .iter()
        .filter(|one| one.key == definition.key && one.document_id != definition.document_id)
        .filter(|one| one.status != DefinitionStatus::Retired)
        .map(|one| json!({ "const": one.revision.to_string(), "title": map::format_definition(one) }))
        .collect();
    if let Some(first) = options.first().map(|option| option["const"].clone()) {
        items.push(json!({
            "id": "preview-migration", "call": "preview-migration", "label": "t:action.migrate", "icon": "flag", "values": values,
            "schema": { "type": "object", "order": ["revision", "past"], "required": ["revision"], "properties": {
                "revision": { "type": "string", "title": "t:column.revision", "oneOf": options, "default": first },
                "past": { "type": "boolean", "title": "t:field.past", "default": false },
            } },
        }));
    }
    items
}

/// The phases with their windows.
fn describe_phases(call: &Call, definition: &Row<Definition>) -> Result<Value> {
    let phases = list_phases(&definition.document_id)?;
    if phases.is_empty() {
        return Ok(json!({ "kind": "empty", "title": "t:map.noPhases", "text": "t:map.noPhases.hint" }));
    }
    let end = |text: &str| if text.is_empty() { "…".to_owned() } else { text.to_owned() };
    let items: Vec<Value> = phases
        .iter()
        .map(|phase| {
            let window = format!("{} – {}", end(&phase.window_from), end(&phase.window_to));
            json!({ "label": phase.title_in(&call.locale), "value": window })
        })
        .collect();
    Ok(json!({ "kind": "fields", "items": items }))
}

pub(super) fn describe_preview(
    call: &Call,
    definition: &Row<Definition>,
    preview: &RevisionMigration,
    past: bool,
) -> Vec<Value> {
    let arguments = json!({ "count": preview.journeys, "revision": preview.revision });
    let summary = translate("migration.preview", &call.locale, Some(&arguments));
    let mut show = vec![json!({ "kind": "text", "text": summary, "tone": "info" })];
    for left in preview.left.iter().take(MAX_SHOWN) {
        show.push(json!({ "kind": "text", "text": format!("{}: {}", left.title, left.reason), "tone": "warning" }));
    }
    show.extend(preview.results.iter().take(MAX_SHOWN).map(describe_result));
    let values = json!({
        "definition": definition.document_id, "revision": preview.revision.to_string(), "past": past,
    });
    show.push(json!({ "kind": "actions", "items": [{
        "id": "migrate", "call": "migrate", "label": "t:action.migrateNow", "icon": "check", "tone": "success", "values": values,
        "confirm": "t:action.migrateNow.sure",
    }] }));
    show
}

/// Changes to one journey: what would be made, moved and dropped.
fn describe_result(result: &MigrationResult) -> Value {
    let time = |label: String, value: &Option<String>| json!({ "label": label, "value": value, "format": "datetime" });
    let mut items = Vec::new();
    if result.phase_ends_at.before != result.phase_ends_at.after {
        items.push(json!({
            "label": "t:field.phaseEndsAt", "value": result.phase_ends_at.after, "format": "datetime",
        }));
    }
    for slot in result.moved.iter().take(MAX_SLOTS) {
        items.push(time(format!("→ {} ({})", slot.title, slot.occurrence), &Some(slot.after.clone())));
    }
    for (sign, slots) in [("+", &result.made), ("−", &result.dropped), ("…", &result.past)] {
        for slot in slots.iter().take(MAX_SLOTS) {
            items.push(time(format!("{sign} {} ({})", slot.title, slot.occurrence), &Some(slot.at.clone())));
        }
    }
    if items.is_empty() {
        items.push(json!({ "label": "t:migration.changes", "value": "t:migration.nothing" }));
    }
    json!({ "kind": "fields", "label": result.title, "items": items })
}
