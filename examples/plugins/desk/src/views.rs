//! The admin's views. They only name what is shown and how: the host reads, checks permissions and draws.

use crate::Desk;
use crate::agents;
use crate::calls::MINUTES;
use crate::model::{Account, Message, Settings, Ticket};
use cairn_plugin::prelude::*;
use cairn_plugin::{ActionRequest, ActionResult, ViewRequest, look};
use serde_json::{Value, json};

const BOARD: &str = include_str!("../views/board.json");
const NUMBERS: &str = include_str!("../views/numbers.json");

impl Views for Desk {
    fn view(_call: &Call, request: &ViewRequest) -> Result<Value> {
        match request.view.as_str() {
            "board" => Ok(serde_json::from_str(BOARD)?),
            "numbers" => Ok(serde_json::from_str(NUMBERS)?),
            "agents" => show_agents(),
            "conversation" => match &request.document {
                Some(ticket) => show_conversation(&ticket.document_id),
                None => Err(Error::NotFound(String::new())),
            },
            other => Err(Error::NotFound(other.to_owned())),
        }
    }

    fn act(call: &Call, request: &ActionRequest) -> Result<ActionResult> {
        crate::actions::act(call, request)
    }
}

fn show_conversation(ticket: &str) -> Result<Value> {
    let found = data::find::<Ticket>().as_caller().by_ids(&[ticket])?.pop().flatten();
    let has_call = found.is_some_and(|ticket| ticket.call_at.is_some());
    Ok(describe_conversation(ticket, has_call, &look().zone))
}

/// The messages of a ticket, and the buttons to write one and to plan a call.
fn describe_conversation(ticket: &str, has_call: bool, zone: &str) -> Value {
    let source = |direction: &str, icon: &str, tone: &str| {
        json!({
            "type": Message::TYPE, "date": "at", "title": "author", "text": "text", "icon": icon, "tone": tone,
            "label": format!("t:direction.{direction}"),
            "filters": { "and": [
                { "field": "ticket.documentId", "operator": "$eq", "value": ticket },
                { "field": "direction", "operator": "$eq", "value": direction },
            ] },
        })
    };
    let write = |call: &str, icon: &str| {
        let text = json!({ "type": "string", "title": "t:field.text", "minLength": 1, "maxLength": 10_000 });
        json!({
            "id": call, "call": call, "label": format!("t:action.{call}"), "icon": icon,
            "schema": { "type": "object", "required": ["text"], "properties": { "text": text } },
        })
    };
    let plan = json!({
        "id": "plan-call", "call": "plan-call", "icon": "phone",
        "label": if has_call { "t:action.moveCall" } else { "t:action.planCall" },
        "schema": {
            "type": "object", "required": ["day", "time", "minutes", "zone"], "order": ["day", "time", "minutes", "zone"],
            "properties": {
                "day": { "type": "string", "title": "t:field.day", "format": "date" },
                "time": { "type": "string", "title": "t:field.time", "format": "time" },
                "minutes": { "type": "integer", "title": "t:field.minutes", "default": 30, "minimum": MINUTES.0, "maximum": MINUTES.1 },
                "zone": { "type": "string", "title": "t:field.zone", "default": zone },
            },
        },
    });
    let cancel = json!({
        "id": "cancel-call", "call": "cancel-call", "label": "t:action.cancelCall", "tone": "danger",
        "confirm": "t:action.cancelCall.sure",
    });
    let mut actions = vec![write("answer", "mail"), write("note", "note"), plan];
    if has_call {
        actions.push(cancel);
    }
    json!({
        "kind": "stack", "live": [Message::TYPE, Ticket::TYPE], "show": [
            { "kind": "actions", "items": actions },
            { "kind": "feed", "empty": "t:conversation.empty", "sources": [
                source("in", "user", "neutral"), source("out", "mail", "info"), source("note", "note", "warning"),
            ] },
        ],
    })
}

fn show_agents() -> Result<Value> {
    Ok(describe_agents(&agents::list()?, &settings::<Settings>()?.groups))
}

fn describe_agents(ids: &[String], groups: &[String]) -> Value {
    let user = json!({ "type": "string", "title": "t:field.user", "format": "document", "contentType": Account::TYPE });
    let mut properties = json!({ "user": user });
    if groups.len() > 1 {
        properties["group"] = json!({ "type": "string", "title": "t:field.group", "enum": groups });
    }
    let schema =
        json!({ "type": "object", "required": ["user"], "order": ["user", "group"], "properties": properties });
    let add = json!({ "id": "add", "call": "add", "label": "t:action.addAgent", "icon": "plus", "schema": schema });
    let list = match ids {
        [] => json!({ "kind": "empty", "title": "t:agents.none", "text": "t:agents.hint" }),
        ids => json!({
            "kind": "table", "type": Account::TYPE, "sort": ["username:asc"],
            "columns": [{ "field": "username" }, { "field": "email" }],
            "filters": { "and": [{ "field": "documentId", "operator": "$in", "value": ids }] },
            "actions": [{ "id": "remove", "call": "remove", "label": "t:action.removeAgent", "tone": "danger", "confirm": "t:action.removeAgent.sure" }],
        }),
    };
    json!({ "kind": "stack", "show": [{ "kind": "header", "title": "t:view.agents", "actions": [add] }, list] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_views_of_files_are_stacks() {
        for text in [BOARD, NUMBERS] {
            let view: Value = serde_json::from_str(text).unwrap();
            assert_eq!(view["kind"], "stack");
        }
    }

    #[test]
    fn every_column_of_the_board_is_a_stage() {
        let view: Value = serde_json::from_str(BOARD).unwrap();
        let board = view["show"].as_array().unwrap().iter().find(|block| block["kind"] == "kanban").unwrap();
        let columns: Vec<_> =
            board["columns"].as_array().unwrap().iter().map(|column| column["value"].clone()).collect();
        assert_eq!(json!(columns), json!(["new", "open", "waiting", "solved"]));
    }

    #[test]
    fn a_call_is_cancelled_only_where_one_is_planned() {
        let calls = |has_call: bool| -> Vec<String> {
            let view = describe_conversation("t", has_call, "Europe/Amsterdam");
            let items = view["show"][0]["items"].as_array().unwrap();
            items[2..].iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(calls(false), ["t:action.planCall"]);
        assert_eq!(calls(true), ["t:action.moveCall", "t:action.cancelCall"]);
    }

    #[test]
    fn a_group_is_asked_for_only_where_there_are_several() {
        let properties = |groups: &[&str]| {
            let groups: Vec<String> = groups.iter().map(|&group| group.to_owned()).collect();
            describe_agents(&[], &groups)["show"][0]["actions"][0]["schema"]["properties"].clone()
        };
        assert_eq!(properties(&["agents"]).get("group"), None);
        assert_eq!(properties(&["agents", "billing"])["group"]["enum"], json!(["agents", "billing"]));
    }
}
