//! The rules of a definition.

use super::filters::condition;
use super::map;
use crate::model::{Effect, Rule};
use cairn_plugin::prelude::*;
use cairn_plugin::views::label_values;
use serde_json::{Value, json};

/// Tones of the triggers that rules wait for. None is better than another.
const TRIGGER_TONES: [(&str, &str); 5] = [
    ("phase-entered", "neutral"),
    ("phase-left", "neutral"),
    ("event", "neutral"),
    ("timer", "neutral"),
    ("shifted", "neutral"),
];

/// How often a rule applies.
const FREQUENCY_TONES: [(&str, &str); 3] =
    [("once-per-journey", "neutral"), ("once-per-entry", "neutral"), ("every", "neutral")];

/// `chosen`: the id of a definition; otherwise the newest active one.
pub(super) fn describe(chosen: &str) -> Result<Value> {
    let definitions = map::list_definitions(json!({}))?;
    let Some(definition) = definitions.iter().find(|one| one.document_id == chosen).or(definitions.first()) else {
        return Ok(json!({ "kind": "empty", "title": "t:map.empty", "text": "t:map.empty.hint" }));
    };
    let options = map::definition_options(&definitions);
    let of_definition = vec![condition("definition.documentId", "$eq", definition.document_id.as_str())];
    let effects = |state: &str| {
        json!({ "and": [
            condition("rule.definition.documentId", "$eq", definition.document_id.as_str()), condition("state", "$eq", state),
        ] })
    };
    let count = |label: &str, tone: &str, state: &str| json!({ "label": label, "tone": tone, "count": { "type": Effect::TYPE, "filters": effects(state) } });
    Ok(json!({ "kind": "stack", "show": [
        { "kind": "header", "title": "t:view.rules", "subtitle": "t:view.rules.hint" },
        {
            "kind": "filter-bar",
            "parameters": [{ "name": "definition", "label": "t:field.definition", "value": definition.document_id, "options": options }],
            "show": [
                { "kind": "stats", "items": [
                    count("t:stat.done", "success", "done"),
                    count("t:stat.unmet", "neutral", "unmet"),
                    count("t:stat.stopped", "danger", "stopped"),
                ] },
                {
                    "kind": "table", "type": Rule::TYPE, "label": map::format_definition(definition), "sort": ["createdAt:asc"],
                    "filters": { "and": of_definition },
                    "columns": [
                        { "field": "title", "label": "t:column.title" },
                        { "field": "on", "label": "t:column.on", "values": label_values("on", &TRIGGER_TONES) },
                        { "field": "phase", "label": "t:field.phase" },
                        { "field": "event", "label": "t:column.event" },
                        { "field": "frequency", "label": "t:column.frequency", "values": label_values("frequency", &FREQUENCY_TONES) },
                        { "field": "enabled", "label": "t:column.enabled" },
                    ],
                },
            ],
        },
    ] }))
}
