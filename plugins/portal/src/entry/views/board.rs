//! The vehicles by step.

use super::fields::{column, condition};
use crate::model::{Choice, Payment, Vehicle};
use crate::production::steps::Step;
use cairn_plugin::Document;
use serde_json::{Value, json};

pub(super) fn describe() -> Value {
    let columns = Step::ALL.map(|step| json!({ "value": step.name(), "label": format!("t:step.{}", step.name()) }));
    let count = |label: &str, tone: &str, uid: &str, filters: Vec<Value>| json!({ "label": format!("t:stat.{label}"), "tone": tone, "count": { "type": uid, "filters": { "and": filters } } });
    let of_status = |status: &str| vec![condition("status", "$eq", status)];
    json!({ "kind": "stack", "live": [Vehicle::TYPE], "show": [
        { "kind": "header", "title": "t:view.board", "subtitle": "t:view.board.hint" },
        { "kind": "stats", "items": [
            count("ordered", "neutral", Vehicle::TYPE, of_status("ordered")),
            count("production", "info", Vehicle::TYPE, of_status("production")),
            count("overdue", "warning", Payment::TYPE, vec![condition("state", "$eq", "overdue")]),
            count("choices", "info", Choice::TYPE, of_status("proposed")),
        ] },
        {
            "kind": "kanban", "type": Vehicle::TYPE, "label": "t:group.board", "groupBy": "step", "columns": columns, "title": "title",
            "badges": ["model", "orderNo"], "sort": ["orderedAt:asc", "title:asc"],
            "filters": { "and": [condition("status", "$in", json!(["ordered", "production"]))] },
            "move": { "call": "move", "label": "t:action.move", "confirm": "t:action.move.sure" },
        },
        {
            "kind": "table", "type": Vehicle::TYPE, "label": "t:stat.delivered", "sort": ["deliveredAt:desc"],
            "filters": { "and": of_status("delivered") },
            "columns": [column("title", "title"), column("model", "model"), column("vin", "vin"), column("deliveredAt", "deliveredAt")],
        },
    ] })
}
