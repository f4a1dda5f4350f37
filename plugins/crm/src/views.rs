//! The pages in the admin. They name what is shown; the host reads it with the rights of who looks, and draws it.

mod board;
mod dashboard;
mod inbox;

use crate::Crm;
use crate::activities::record_activity;
use crate::leads::{mark_as_spam, qualify_lead, require_visible, restore_lead, take_lead};
use crate::model::{Lead, Pipeline};
use crate::person::Person;
use cairn_plugin::prelude::*;
use cairn_plugin::{ActionRequest, ActionResult, ViewRequest};
use serde::Deserialize;
use serde_json::{Value, json};

/// Pipelines that a view offers.
const MAX_PIPELINES: u32 = 100;

impl Views for Crm {
    fn view(call: &Call, request: &ViewRequest) -> Result<Value> {
        let parameter = |wanted: &str| {
            request.parameters.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value.as_str())
        };
        match request.view.as_str() {
            "inbox" => inbox::describe(call),
            "board" => board::describe(parameter("pipeline")),
            "dashboard" => dashboard::describe(call, parameter("pipeline"), parameter("days")),
            other => Err(Error::NotFound(other.to_owned())),
        }
    }

    fn act(call: &Call, request: &ActionRequest) -> Result<ActionResult> {
        let lead = request.document.as_ref().filter(|document| document.content_type == Lead::TYPE);
        let (Some(lead), Some(person)) = (lead.map(|lead| lead.document_id.as_str()), Person::of(call)) else {
            return Err(Error::NotFound(request.action.clone()));
        };
        require_visible(lead)?;
        match (request.view.as_str(), request.action.as_str()) {
            ("inbox", "record") => record_contact(call, request, lead, &person),
            ("inbox", "take") => {
                take_lead(lead, &person)?;
                Ok(ActionResult::notice("t:notice.taken"))
            }
            ("inbox", "qualify") => {
                let qualified = qualify_lead(lead, &person, &call.locale)?;
                let text = if qualified.already { "t:notice.qualifiedBefore" } else { "t:notice.qualified" };
                Ok(ActionResult::notice(text))
            }
            ("inbox", "spam") => {
                mark_as_spam(lead, &person, &call.locale)?;
                Ok(ActionResult::notice("t:notice.spam"))
            }
            ("inbox", "restore") => {
                restore_lead(lead, &person, &call.locale)?;
                Ok(ActionResult::notice("t:notice.restored"))
            }
            (_, other) => Err(Error::NotFound(other.to_owned())),
        }
    }
}

/// What somebody fills in about a call, mail, meeting or note.
#[derive(Deserialize)]
struct ActivityForm {
    kind: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: String,
}

fn record_contact(call: &Call, request: &ActionRequest, lead: &str, person: &Person) -> Result<ActionResult> {
    let recorded: ActivityForm = request.values()?;
    if !inbox::RECORDABLE.contains(&recorded.kind.as_str()) {
        return Err(Error::field("kind", "kind", translate("wrong.kind", &call.locale, None)));
    }
    let subject = match recorded.subject.trim() {
        "" => translate(&format!("activity.{}", recorded.kind), &call.locale, None),
        subject => subject.to_owned(),
    };
    record_activity(lead, &recorded.kind, &subject, recorded.body.trim(), person)?;
    Ok(ActionResult::notice("t:notice.recorded"))
}

/// The pipelines, in their order.
fn list_pipelines() -> Result<Vec<Row<Pipeline>>> {
    data::find::<Pipeline>().sort("order:asc").sort("name:asc").all(MAX_PIPELINES)
}

/// A condition of a view.
fn build_condition(field: &str, operator: &str, value: impl Into<Value>) -> Value {
    json!({ "field": field, "operator": operator, "value": value.into() })
}
