//! The page of an activity: a call, mail, meeting, note or task.

use super::document_parts::{Shown, describe_person};
use crate::model::Activity;
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use cairn_plugin::{ActionRequest, ActionResult};
use serde_json::{Value, json};

/// Describes the page.
///
/// # Errors
/// What the host says.
pub(super) fn describe(activity: &str) -> Result<Value> {
    let shown = Shown::find::<Activity>(activity, json!({}))?;
    let kind = if shown.has("kind") { shown.text("kind") } else { "note" };
    let is_task = kind == "task";
    let badge = match (is_task, shown.has("doneAt")) {
        (true, true) => json!({ "label": "t:task.done", "tone": "success" }),
        (true, false) => json!({ "label": "t:task.open", "tone": "info" }),
        (false, _) => json!({ "label": format!("t:activity.{kind}"), "tone": "neutral" }),
    };
    let mut header = json!({ "kind": "header", "title": shown.text("subject"), "badge": badge });
    if is_task && !shown.has("doneAt") {
        header["actions"] = json!([{ "id": "finish", "call": "finish", "label": "t:action.finish", "icon": "check", "tone": "success" }]);
    }
    let about = ["lead", "contact", "deal"].map(|field| json!(field)).to_vec();
    let (facts, editable) = if is_task {
        (vec![json!("dueAt"), describe_person("assignee"), json!("doneAt")], vec!["dueAt", "assignee"])
    } else {
        (vec![json!("at"), json!("direction"), describe_person("author")], vec!["at", "direction"])
    };
    let texts = ["subject", "body"];
    Ok(json!({ "kind": "stack", "live": [Activity::TYPE], "show": [
        header,
        shown.describe_group("t:page.activity.text", texts.map(|field| json!(field)).to_vec(), &texts),
        shown.describe_group("t:page.activity.facts", facts, &editable),
        shown.describe_group("t:page.activity.about", about, &[]),
    ] }))
}

/// Notes that a task is done, with the rights of who says so.
///
/// # Errors
/// What the person is told.
pub(super) fn finish(request: &ActionRequest, task: &str) -> Result<ActionResult> {
    if request.action != "finish" {
        return Err(Error::NotFound(request.action.clone()));
    }
    Batch::new().as_caller().update::<Activity>(task, &json!({ "doneAt": time::format(time::now()) }))?.write()?;
    Ok(ActionResult::notice("t:notice.finished"))
}
