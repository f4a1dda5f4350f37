//! View of the plan: what is due, and what is late.

use super::filters::condition;
use super::map;
use super::phase_column::PhaseTitles;
use crate::model::{Journey, Slot};
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

/// Times are those of the newest definition that is in use: sites have theirs in one zone.
pub(super) fn describe(call: &Call) -> Result<Value> {
    let titles = PhaseTitles::load(&call.locale)?;
    let slots_table = |label: &str, filters: &[Value]| describe_slots(label, filters, &titles);
    let definitions = map::list_definitions(json!({}))?;
    let planned = vec![condition("status", "$eq", "planned"), condition("journey.status", "$eq", "active")];
    // A slot whose row has content is no gap; a list that is used up is one once the team was asked about it.
    let missing = json!({ "or": [
        { "and": [
            condition("planRow.item.documentId", "$null", true), condition("planRow.items.documentId", "$null", true),
        ] },
        condition("askedAt", "$notNull", true),
    ] });
    let empty: Vec<Value> =
        planned.iter().cloned().chain([condition("content.documentId", "$null", true), missing]).collect();
    let missed = vec![condition("status", "$eq", "missed"), condition("journey.status", "$eq", "active")];
    let overdue = vec![condition("status", "$eq", "active"), condition("overdueAt", "$notNull", true)];
    let count = |label: &str, tone: &str, uid: &str, filters: &[Value]| json!({ "label": label, "tone": tone, "count": { "type": uid, "filters": { "and": filters } } });
    let mut page = json!({ "kind": "stack", "show": [
        { "kind": "header", "title": "t:view.plan", "subtitle": "t:view.plan.hint" },
        { "kind": "stats", "items": [
            count("t:tab.upcoming", "info", Slot::TYPE, &planned),
            count("t:stat.withoutContent", "warning", Slot::TYPE, &empty),
            count("t:tab.missed", "danger", Slot::TYPE, &missed),
            count("t:tab.overdue", "warning", Journey::TYPE, &overdue),
        ] },
        { "kind": "tabs", "items": [
            { "id": "upcoming", "label": "t:tab.upcoming", "show": [
                { "kind": "text", "text": "t:plan.upcoming.hint" }, slots_table("t:tab.upcoming", &planned),
            ] },
            { "id": "empty", "label": "t:stat.withoutContent", "show": [
                { "kind": "text", "text": "t:plan.empty.hint" }, slots_table("t:stat.withoutContent", &empty),
            ] },
            { "id": "missed", "label": "t:tab.missed", "show": [
                { "kind": "text", "text": "t:plan.missed.hint" }, slots_table("t:tab.missed", &missed),
            ] },
            { "id": "overdue", "label": "t:tab.overdue", "show": [
                { "kind": "text", "text": "t:plan.overdue.hint" },
                {
                    "kind": "table", "type": Journey::TYPE, "label": "t:tab.overdue", "sort": ["phaseEndsAt:asc"], "filters": { "and": overdue },
                    "columns": [
                        { "field": "title", "label": "t:field.title" },
                        { "field": "customerName", "label": "t:field.customer" },
                        titles.describe_column("currentPhase"),
                        { "field": "phaseEndsAt", "label": "t:field.phaseEndsAt" },
                    ],
                },
            ] },
        ] },
    ] });
    if let Some(definition) = definitions.first() {
        page["zone"] = json!(definition.zone);
    }
    Ok(page)
}

fn describe_slots(label: &str, filters: &[Value], titles: &PhaseTitles) -> Value {
    json!({
        "kind": "table", "type": Slot::TYPE, "label": label, "sort": ["plannedAt:asc"], "filters": { "and": filters },
        "columns": [
            { "field": "plannedAt", "label": "t:column.plannedAt" },
            { "field": "title", "label": "t:column.title" },
            { "field": "journey", "label": "t:field.journey" },
            titles.describe_column("phase"),
            { "field": "content", "label": "t:column.content" },
        ],
    })
}
