//! Envelopes by how they stand, and drafts that wait for an approval.

use super::buttons::describe_action;
use crate::model::Envelope;
use crate::person::Person;
use cairn_plugin::Document;
use cairn_plugin::views::label_values;
use serde_json::{Value, json};

/// The statuses that a list of envelopes shows, and what each says.
const STATUS_TONES: [(&str, &str); 5] =
    [("sent", "info"), ("inProgress", "info"), ("declined", "warning"), ("expired", "warning"), ("voided", "neutral")];

/// The envelopes in tabs: what is to be done comes first.
pub(super) fn describe_envelopes() -> Value {
    let with_status = |statuses: &[&str]| build_condition("status", "$in", json!(statuses));
    let tab = |id: &str, statuses: &[&str], sort: &str, actions: Vec<Value>, columns: &[&str]| {
        json!({ "id": id, "label": format!("t:tab.{id}"), "show": [
            { "kind": "text", "text": format!("t:tab.{id}.hint") },
            describe_table(&format!("t:tab.{id}"), &[with_status(statuses)], sort, actions, columns),
        ] })
    };
    let open = || describe_action("open", "file");
    let remind = || describe_action("remind", "mail");
    json!({ "kind": "stack", "show": [
        { "kind": "header", "title": "t:view.envelopes", "subtitle": "t:view.envelopes.hint", "actions": [describe_new()] },
        { "kind": "tabs", "items": [
            tab("waiting", &["sent", "inProgress"], "expiresAt:asc", vec![open(), remind()], &["title", "status", "expiresAt", "senderName"]),
            tab("drafts", &["draft"], "updatedAt:desc", vec![open()], &["title", "ownerName", "approvedAt", "updatedAt"]),
            tab("completing", &["completing"], "updatedAt:asc", vec![open(), describe_action("retry", "tools")], &["title", "problem", "updatedAt"]),
            tab("completed", &["completed"], "completedAt:desc", vec![open()], &["title", "completedAt", "senderName"]),
            tab("ended", &["declined", "expired", "voided"], "updatedAt:desc", vec![open()], &["title", "status", "endedBy", "endReason"]),
        ] },
    ] })
}

fn describe_new() -> Value {
    json!({
        "id": "new", "call": "new", "label": "t:action.new", "icon": "file", "schema": {
            "type": "object", "required": ["title"], "properties": {
                "title": { "type": "string", "title": "t:field.title", "minLength": 1, "maxLength": 200 },
            },
        },
    })
}

/// Drafts that this person was asked to approve; of nobody, all of them.
pub(super) fn describe_approvals(person: Option<&Person>) -> Value {
    let mut waiting = vec![
        build_condition("status", "$in", json!(["draft"])),
        build_condition("approvalAskedAt", "$notNull", true),
        build_condition("approvedAt", "$null", true),
    ];
    if let Some(person) = person {
        let roles = person.roles.iter().map(|role| format!("role:{role}"));
        let meant: Vec<String> = roles.chain([person.id.clone()]).collect();
        waiting.push(build_condition("approver", "$in", json!(meant)));
        // People may not approve what they drafted or requested themselves.
        waiting.extend(["owner", "requestedBy"].map(|field| build_condition(field, "$ne", person.id.as_str())));
    }
    let columns = ["title", "ownerName", "approvalAskedAt"];
    let table = describe_table(
        "t:view.approvals",
        &waiting,
        "approvalAskedAt:asc",
        vec![describe_action("open", "file")],
        &columns,
    );
    json!({ "kind": "stack", "show": [
        { "kind": "header", "title": "t:view.approvals", "subtitle": "t:view.approvals.hint" },
        table,
    ] })
}

fn describe_table(label: &str, filters: &[Value], sort: &str, actions: Vec<Value>, columns: &[&str]) -> Value {
    let describe_column = |field: &&str| {
        let mut column = json!({ "field": field, "label": format!("t:field.{field}") });
        if *field == "status" {
            column["values"] = label_values("state", &STATUS_TONES);
        }
        column
    };
    let columns: Vec<Value> = columns.iter().map(describe_column).collect();
    json!({
        "kind": "table", "type": Envelope::TYPE, "label": label, "sort": [sort], "filters": { "and": filters }, "columns": columns,
        "actions": actions,
    })
}

/// A condition of a view.
fn build_condition(field: &str, operator: &str, value: impl Into<Value>) -> Value {
    json!({ "field": field, "operator": operator, "value": value.into() })
}
