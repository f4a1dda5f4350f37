//! Feeds of leads, deals and contacts.

use super::filters::build_condition;
use crate::model::{Activity, Deal, Lead, Quote};
use cairn_plugin::prelude::*;
use cairn_plugin::views::label_values;
use serde_json::{Value, json};

/// Kinds of activities in which somebody talked to the customer, and how they are shown.
const TALKS: [(&str, &str); 5] =
    [("call", "info"), ("email", "info"), ("meeting", "info"), ("whatsapp", "info"), ("sms", "info")];

/// Feed of the activities that a condition finds.
pub(super) fn describe(condition: &Value) -> Value {
    json!({ "kind": "feed", "label": "t:view.feed", "sources": describe_activities(condition), "empty": "t:feed.empty" })
}

/// Feed of a contact: activities with the person, and all leads, deals and quotes of theirs.
pub(super) fn describe_of_contact(contact: &str) -> Value {
    let of_contact = |path: &str| build_condition(&format!("{path}.documentId"), "$eq", contact);
    let of_theirs = json!({ "or": [of_contact("contact"), of_contact("lead.contact"), of_contact("deal.contact")] });
    let source = |content_type: &str, date: &str, label: &str, icon: &str| {
        json!({
            "type": content_type, "date": date, "label": label, "icon": icon, "tone": "success",
            "filters": { "and": [of_contact("contact")] },
        })
    };
    let mut sources = describe_activities(&of_theirs);
    sources.extend([
        source(Lead::TYPE, "createdAt", "t:feed.lead", "bell"),
        source(Deal::TYPE, "createdAt", "t:feed.deal", "kanban"),
        source(Quote::TYPE, "sentAt", "t:feed.quote", "file"),
    ]);
    json!({ "kind": "feed", "label": "t:view.feed", "sources": sources, "empty": "t:feed.empty" })
}

/// The activities that a condition finds: talks, notes, what the plugin did, and tasks from when they are done.
fn describe_activities(condition: &Value) -> Vec<Value> {
    let source = |date: &str, kinds: &[&str], icon: &str| {
        json!({
            "type": Activity::TYPE, "date": date, "title": "subject", "text": "body", "icon": icon,
            "filters": { "and": [condition, build_condition("kind", "$in", json!(kinds))] },
            "details": [{ "field": "authorName" }],
        })
    };
    let mut talks = source("at", &TALKS.map(|(kind, _)| kind), "message");
    talks["tone"] = json!("info");
    talks["details"] =
        json!([{ "field": "kind", "values": label_values("activity", &TALKS) }, { "field": "authorName" }]);
    let mut done = source("doneAt", &["task"], "check");
    done["label"] = json!("t:feed.taskDone");
    done["details"] = json!([{ "field": "assigneeName" }]);
    vec![talks, source("at", &["note"], "book"), source("at", &["system"], "clock"), done]
}
