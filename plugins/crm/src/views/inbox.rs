//! Leads, the most urgent first.

use super::document_parts::describe_owner;
use super::filters::build_condition;
use super::tones::{CLOCK_TONES, LEAD_TONES};
use super::{lead_contact, stuck_inquiries};
use crate::model::{Lead, LeadStatus};
use crate::person::Person;
use cairn_plugin::data::AllFields;
use cairn_plugin::prelude::*;
use cairn_plugin::views::label_values;
use serde_json::{Value, json};

/// Kinds of activities that can be recorded here.
pub(super) const RECORDABLE: [&str; 4] = ["call", "email", "meeting", "note"];

pub(super) fn describe(call: &Call) -> Result<Value> {
    let me = Person::of(call).map(|person| person.id).unwrap_or_default();
    let unanswered = vec![
        build_condition("status", "$in", json!(["new", "working", "qualified"])),
        build_condition("firstResponseAt", "$null", true),
    ];
    let late = vec![build_condition("slaState", "$eq", "breached"), build_condition("firstResponseAt", "$null", true)];
    let open = build_condition("status", "$in", json!(["new", "working", "qualified"]));
    let mine = vec![open.clone(), build_condition("owner", "$eq", me)];
    let answered = vec![open, build_condition("firstResponseAt", "$notNull", true)];
    let matches =
        vec![build_condition("possibleContact.documentId", "$notNull", true), build_condition("status", "$ne", "spam")];
    let mut show = vec![json!({ "kind": "header", "title": "t:view.inbox", "subtitle": "t:view.inbox.hint" })];
    show.extend(stuck_inquiries::describe(call)?);
    let Value::Array(rest) = json!([
        { "kind": "stats", "items": [
            describe_count("t:stat.unanswered", &unanswered, "info"),
            describe_count("t:stat.late", &late, "danger"),
            describe_count("t:stat.mine", &mine, "neutral"),
        ] },
        { "kind": "tabs", "items": [
            { "id": "unanswered", "label": "t:tab.unanswered", "show": describe_unanswered(&unanswered)? },
            { "id": "answered", "label": "t:tab.answered", "show": [describe_table("t:tab.answered", &answered, "createdAt:desc")] },
            { "id": "mine", "label": "t:tab.mine", "show": [describe_table("t:tab.mine", &mine, "createdAt:desc")] },
            { "id": "matches", "label": "t:tab.matches", "show": [describe_matches(&matches)] },
            { "id": "spam", "label": "t:tab.spam", "show": [describe_spam_table()] },
        ] },
    ]) else {
        return Ok(Value::Null);
    };
    show.extend(rest);
    Ok(json!({ "kind": "stack", "live": [Lead::TYPE], "show": show }))
}

/// The leads to answer: by their deadlines, and those that have none after them. The database puts what has no deadline first.
fn describe_unanswered(filters: &[Value]) -> Result<Vec<Value>> {
    let with = |condition: Value| {
        let mut all = filters.to_vec();
        all.push(condition);
        all
    };
    let timed = with(build_condition("slaDueAt", "$notNull", true));
    let mut show = vec![describe_table("t:tab.unanswered", &timed, "slaDueAt:asc")];
    let untimed = json!({ "status": { "$in": LeadStatus::OPEN }, "firstResponseAt": { "$null": true }, "slaDueAt": { "$null": true } });
    let has_untimed = match data::find::<AllFields<Lead>>().as_caller().filter(untimed).fields(&["createdAt"]).first() {
        Ok(found) => found.is_some(),
        // A caller who may not read leads sees an empty table.
        Err(Error::Denied(_) | Error::Invalid(_)) => false,
        Err(error) => return Err(error),
    };
    if has_untimed {
        let untimed = with(build_condition("slaDueAt", "$null", true));
        show.push(describe_table("t:inbox.untimed", &untimed, "createdAt:asc"));
    }
    Ok(show)
}

fn describe_count(label: &str, filters: &[Value], tone: &str) -> Value {
    json!({ "label": label, "tone": tone, "count": { "type": Lead::TYPE, "filters": { "and": filters } } })
}

fn describe_table(label: &str, filters: &[Value], sort: &str) -> Value {
    json!({
        "kind": "table", "type": Lead::TYPE, "label": label, "filters": { "and": filters }, "sort": [sort],
        // What somebody needs for a call stands first, and fits beside the navigation on a common screen.
        "columns": [
            { "field": "name", "label": "t:field.name", "width": 180 },
            { "field": "slaDueAt", "label": "t:column.due", "format": "countdown", "stoppedBy": "firstResponseAt" },
            { "field": "phone", "label": "t:field.phone", "width": 150 },
            with_width(describe_owner("owner"), 140),
            { "field": "pipeline.name", "label": "t:field.pipeline", "width": 150 },
            { "field": "eventDate", "label": "t:field.eventDate" },
            { "field": "slaState", "label": "t:column.sla", "values": label_values("sla", &CLOCK_TONES) },
            { "field": "email", "label": "t:field.email" },
            { "field": "possibleContact.name", "label": "t:field.possibleContact" },
            { "field": "status", "label": "t:field.status", "values": label_values("leadStatus", &LEAD_TONES) },
        ],
        "actions": describe_actions(),
    })
}

fn with_width(mut column: Value, width: u32) -> Value {
    column["width"] = json!(width);
    column
}

/// Leads with the phone number of a contact of another address.
fn describe_matches(filters: &[Value]) -> Value {
    json!({
        "kind": "table", "type": Lead::TYPE, "label": "t:tab.matches", "filters": { "and": filters }, "sort": ["createdAt:desc"],
        "columns": [
            { "field": "name", "label": "t:field.name" },
            { "field": "email", "label": "t:field.email" },
            { "field": "phone", "label": "t:field.phone" },
            { "field": "possibleContact.name", "label": "t:field.possibleContact" },
            { "field": "possibleContact.email", "label": "t:field.possibleEmail" },
        ],
        "actions": lead_contact::describe_actions(),
    })
}

fn describe_spam_table() -> Value {
    json!({
        "kind": "table", "type": Lead::TYPE, "label": "t:tab.spam", "filters": { "and": [build_condition("status", "$eq", "spam")] },
        "sort": ["createdAt:desc"],
        "columns": [
            { "field": "name", "label": "t:field.name" },
            { "field": "email", "label": "t:field.email" },
            { "field": "message", "label": "t:field.message" },
            { "field": "createdAt", "label": "t:column.received" },
        ],
        "actions": [{ "id": "restore", "call": "restore", "label": "t:action.restore", "icon": "check" }],
    })
}

/// Actions on a lead that somebody has to answer.
pub(super) fn describe_actions() -> Value {
    let kinds: Vec<Value> =
        RECORDABLE.iter().map(|kind| json!({ "const": kind, "title": format!("t:activity.{kind}") })).collect();
    let schema = json!({ "type": "object", "order": ["kind", "subject", "body"], "properties": {
        "kind": { "type": "string", "title": "t:field.kind", "oneOf": kinds, "default": "call" },
        "subject": { "type": "string", "title": "t:field.subject", "maxLength": 200 },
        "body": { "type": "string", "title": "t:field.body", "format": "textarea", "maxLength": 20_000 },
    } });
    json!([
        { "id": "record", "call": "record", "label": "t:action.record", "icon": "phone", "schema": schema },
        { "id": "take", "call": "take", "label": "t:action.take", "icon": "user" },
        { "id": "qualify", "call": "qualify", "label": "t:action.qualify", "icon": "check", "tone": "success" },
        { "id": "spam", "call": "spam", "label": "t:action.spam", "icon": "flag", "tone": "danger", "confirm": "t:action.spam.sure" },
    ])
}
