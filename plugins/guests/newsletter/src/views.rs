//! Views of the desk.

use crate::{Newsletter, desk};
use cairn_plugin::prelude::*;
use cairn_plugin::{ActionRequest, ActionResult, ViewRequest};
use serde::Deserialize;
use serde_json::{Value, json};

const TYPE: &str = "plugin::newsletter.subscriber";

#[derive(Deserialize)]
struct Invitation {
    email: String,
}

impl Views for Newsletter {
    fn view(_call: &Call, _request: &ViewRequest) -> Result<Value> {
        let number = |label: &str, confirmed: bool| {
            let filters = json!({ "and": [{ "field": "confirmed", "operator": "$eq", "value": confirmed }] });
            json!({ "label": label, "count": { "type": TYPE, "filters": filters } })
        };
        let schema = json!({ "type": "object", "properties": { "email": { "type": "string", "title": "E-mail" } } });
        let invite = json!({ "id": "invite", "call": "invite", "label": "t:view.invite", "schema": schema });
        Ok(json!({ "kind": "stack", "show": [
            { "kind": "header", "title": "t:view.board", "actions": [invite] },
            { "kind": "stats", "items": [number("t:view.confirmed", true), number("t:view.waiting", false)] },
            { "kind": "chart", "mark": "pie", "type": TYPE, "groupBy": "language" },
            { "kind": "table", "type": TYPE, "columns": [{ "field": "email" }, { "field": "confirmed" }], "sort": ["createdAt:desc"] },
        ] }))
    }

    fn act(call: &Call, request: &ActionRequest) -> Result<ActionResult> {
        let invitation: Invitation = request.values()?;
        desk::ask(call, &invitation.email, "en")?;
        Ok(ActionResult::notice("t:view.invited"))
    }
}
