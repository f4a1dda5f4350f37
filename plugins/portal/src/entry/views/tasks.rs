//! Everything that needs attention: reports that are held, payments that are overdue, choices that nobody confirmed, and people without an account, invited or not.

use super::fields::{column, condition};
use crate::model::{Access, Choice, Payment, StepReport};
use cairn_plugin::Document;
use cairn_plugin::views::label_values;
use serde_json::{Value, json};

const INVITATION_TONES: [(&str, &str); 5] =
    [("due", "info"), ("sent", "success"), ("password", "warning"), ("blocked", "danger"), ("refused", "danger")];

pub(super) fn describe() -> Value {
    let table = |uid: &str, label: &str, sort: &str, filters: Vec<Value>, columns: Vec<Value>| {
        json!({
            "kind": "table", "type": uid, "label": format!("t:tasks.{label}"), "sort": [sort], "filters": { "and": filters },
            "columns": columns,
        })
    };
    let vehicle = || column("vehicle", "vehicle");
    let mut held = table(
        StepReport::TYPE,
        "held",
        "createdAt:asc",
        vec![condition("outcome", "$eq", "held")],
        vec![
            vehicle(),
            column("step", "step"),
            column("state", "state"),
            column("missing", "missing"),
            column("at", "at"),
        ],
    );
    held["actions"] = json!([{
        "id": "discard", "call": "discard", "label": "t:action.discard", "confirm": "t:action.discard.sure",
    }]);
    let overdue = table(
        Payment::TYPE,
        "overdue",
        "dueOn:asc",
        vec![condition("state", "$eq", "overdue")],
        vec![
            vehicle(),
            column("title", "title"),
            json!({ "field": "amount", "label": "t:column.amount", "format": "money" }),
            column("dueOn", "dueOn"),
        ],
    );
    let choices = table(
        Choice::TYPE,
        "choices",
        "deadline:asc",
        vec![condition("status", "$eq", "proposed")],
        vec![
            vehicle(),
            column("title", "title"),
            column("option", "option"),
            json!({ "field": "deadline", "label": "t:column.deadline", "format": "countdown" }),
        ],
    );
    let mut invited = table(
        Access::TYPE,
        "invited",
        "invitedAt:asc",
        vec![condition("waitsSince", "$notNull", true), condition("invitation", "$eq", "sent")],
        vec![
            vehicle(),
            column("name", "name"),
            column("email", "email"),
            column("role", "role"),
            column("invitedAt", "invitedAt"),
        ],
    );
    invited["actions"] = json!([{
        "id": "invite", "call": "invite", "label": "t:action.invite-again", "confirm": "t:action.invite-again.sure",
    }]);
    let others = ["due", "password", "blocked", "refused"];
    let mut people = table(
        Access::TYPE,
        "people",
        "waitsSince:asc",
        vec![
            condition("waitsSince", "$notNull", true),
            json!({ "or": [condition("invitation", "$null", true), condition("invitation", "$in", json!(others))] }),
        ],
        vec![
            vehicle(),
            column("name", "name"),
            column("email", "email"),
            column("role", "role"),
            column("waitsSince", "waitsSince"),
            json!({
                "field": "invitation", "label": "t:column.invitation",
                "values": label_values("invitation", &INVITATION_TONES),
            }),
        ],
    );
    people["actions"] = json!([{
        "id": "invite", "call": "invite", "label": "t:action.invite", "confirm": "t:action.invite.sure",
    }]);
    json!({ "kind": "stack", "live": [StepReport::TYPE, Payment::TYPE, Choice::TYPE, Access::TYPE], "show": [
        { "kind": "header", "title": "t:view.tasks", "subtitle": "t:view.tasks.hint" }, held, overdue, choices, invited, people,
    ] })
}
