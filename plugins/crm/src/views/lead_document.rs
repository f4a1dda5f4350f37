//! The page of a lead: who asks, for what, and what has been done about it.

use super::document_parts::{Shown, describe_columns, describe_package_wish, describe_person, describe_tasks};
use super::inbox::describe_actions;
use super::tones::{CLOCK_TONES, LEAD_TONES, find_tone};
use super::{feeds, lead_contact};
use crate::inquiry::PACKAGE_FIELD;
use crate::model::{Activity, Lead};
use cairn_plugin::data::AllFields;
use cairn_plugin::prelude::*;
use cairn_plugin::views::label_values;
use serde_json::{Value, json};

/// Describes the page.
///
/// # Errors
/// What the host says.
pub(super) fn describe(call: &Call, lead: &str) -> Result<Value> {
    let shown = Shown::find::<Lead>(lead, json!({}))?;
    let status = if shown.has("status") { shown.text("status") } else { "new" };
    let badge = json!({ "label": format!("t:leadStatus.{status}"), "tone": find_tone(&LEAD_TONES, status) });
    let mut header = json!({ "kind": "header", "title": shown.text("name"), "badge": badge });
    let actions = describe_actions_of(status);
    if actions.as_array().is_some_and(|actions| !actions.is_empty()) {
        header["actions"] = actions;
    }
    let mut show = vec![header];
    show.extend(lead_contact::describe(call, lead)?);
    show.extend(describe_unknown_package(call, lead, &shown)?);
    let person = ["name", "email", "phone", "company", "language"];
    let event =
        vec![json!("eventDate"), json!("eventVenue"), json!("guests"), describe_package_wish()?, json!("message")];
    let clock = json!({ "field": "slaState", "values": label_values("sla", &CLOCK_TONES) });
    let due = json!({ "field": "slaDueAt", "format": "countdown", "stoppedBy": "firstResponseAt" });
    let followed = vec![
        describe_person("owner"),
        json!("pipeline"),
        clock,
        due,
        json!("firstResponseAt"),
        json!("convertedDeal"),
        json!("duplicateOf"),
    ];
    let origin = ["source", "form", "receivedAt", "repeats", "consentMarketing", "consentAt", "consentText"];
    let mut who: Vec<Value> = person.iter().map(|field| json!(field)).collect();
    who.push(json!("contact"));
    let left = vec![
        shown.describe_group("t:page.lead.person", who, &person),
        shown.describe_group("t:page.event", event, &["eventDate", "eventVenue", "guests", "message"]),
        shown.describe_group("t:page.followUp", followed, &["owner"]),
        shown.describe_group("t:page.lead.origin", origin.map(|field| json!(field)).to_vec(), &[]),
    ];
    let of_lead = shown.build_link("lead");
    let right = vec![describe_tasks(&of_lead), feeds::describe(&of_lead)];
    show.push(describe_columns(left, right));
    Ok(json!({ "kind": "stack", "live": [Lead::TYPE, Activity::TYPE], "show": show }))
}

/// Says which package the form wished for that is not stored, until somebody has chosen one; nothing for whoever may not read that field.
fn describe_unknown_package(call: &Call, lead: &str, shown: &Shown) -> Result<Option<Value>> {
    if shown.has(PACKAGE_FIELD) || !shown.is_readable(PACKAGE_FIELD) {
        return Ok(None);
    }
    // The rest of what the form sent is private: nobody reads it with their own rights.
    let found = data::find::<AllFields<Lead>>().fields(&["extra"]).by_ids(&[lead])?.pop().flatten();
    let extra = found.as_ref().and_then(|row| row.fields.fields.get("extra"));
    let Some(wish) = extra.and_then(|extra| extra.get(PACKAGE_FIELD)).and_then(Value::as_str) else { return Ok(None) };
    let hint = translate("page.lead.unknownPackage", &call.locale, Some(&json!({ "package": wish })));
    Ok(Some(json!({ "kind": "text", "text": hint, "tone": "warning" })))
}

/// Actions on a lead of that status.
fn describe_actions_of(status: &str) -> Value {
    match status {
        "spam" => json!([{ "id": "restore", "call": "restore", "label": "t:action.restore", "icon": "check" }]),
        "converted" | "unqualified" => json!([]),
        _ => describe_actions(),
    }
}
