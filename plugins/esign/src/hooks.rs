//! Decisions about what people or other programs write. Drafts can be changed; what was sent is changed by the plugin's own routes only.
//! The plugin's own writes do not come by here.

use crate::Esign;
use crate::approval_rules::{ApprovalFacts, find_rule_approver, is_approver, normalise_approver};
use crate::audit::Trail;
use crate::draft_approval::{end_approval, no_approval, note_ended_approval};
use crate::draft_check::is_same_person;
use crate::draft_document::start_inspection;
use crate::drafts::delete_parts;
use crate::envelope_state::EnvelopeStatus;
use crate::envelopes::require_envelope_locked;
use crate::model::{AuditEvent, Envelope, Link, Recipient};
use crate::person::{Person, describe_actor};
use crate::recipient_name::find_name_problem;
use crate::requests::{decide_request, fail_request_of_draft};
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Fields that people may write in a draft.
const ENVELOPE_FIELDS: [&str; 9] =
    ["title", "message", "language", "document", "senderEmail", "kind", "amount", "approver", "remindDays"];
const RECIPIENT_FIELDS: [&str; 6] = ["envelope", "name", "email", "role", "group", "language"];
const FIELD_FIELDS: [&str; 10] =
    ["envelope", "recipient", "type", "label", "required", "page", "x", "y", "width", "height"];

impl Hooks for Esign {
    fn before(call: &Call, hook: &str, changes: &[Change]) -> Result<Vec<Decision>> {
        let decide = match hook {
            "envelopes" => decide_envelope,
            "parts" => decide_part,
            "requests" => decide_request,
            "records" => decide_record,
            other => return Err(Error::NotFound(other.to_owned())),
        };
        changes.iter().map(|change| decide(call, change)).collect()
    }
}

fn decide_envelope(call: &Call, change: &Change) -> Result<Decision> {
    let before: Option<Envelope> = change.before()?;
    if before.as_ref().is_some_and(|envelope| envelope.status != EnvelopeStatus::Draft) {
        // A sent envelope refuses even an update without changed fields: relations written from this side do not count as changes.
        return Ok(conflict(call, "sentStays"));
    }
    match change.action {
        Action::Create | Action::Update => {
            let fields: Map<String, Value> = change.after()?.unwrap_or_default();
            if let Some(kept) = find_kept(change, &fields, &ENVELOPE_FIELDS) {
                return Ok(refuse(call, &kept, "kept"));
            }
            if change.touches("document") {
                start_inspection(&change.document_id)?;
            }
            let facts: ApprovalFacts = serde_json::from_value(Value::Object(fields.clone()))?;
            let stored = fields.get("approver").and_then(Value::as_str).unwrap_or_default();
            let named = normalise_approver(stored);
            if change.touches("approver") && !named.is_empty() && !is_approver(&named) {
                return Ok(refuse(call, "approver", "ruleApprover"));
            }
            let settings = Settings::load()?;
            let mut amended = Map::new();
            if change.touches("approver") && named != stored {
                amended.insert("approver".to_owned(), json!(named));
            }
            if let Some(asked) = find_rule_approver(&settings.approval_rules, &facts) {
                let has_named = before.as_ref().is_some_and(|draft| !draft.approver.is_empty());
                let is_weakened = !named.is_empty() || has_named;
                if change.touches("approver") && named != asked && is_weakened {
                    let text = translate("refused.approverRule", &call.locale, Some(&json!({ "approver": asked })));
                    return Ok(Decision::refuse_field("approver", "approverRule", text));
                }
                if named != asked {
                    amended.insert("approver".to_owned(), json!(asked));
                }
            }
            if change.action == Action::Create {
                let (id, name) = Person::of(call).map(|person| (person.id, person.name)).unzip();
                amended.extend([("owner".to_owned(), json!(id)), ("ownerName".to_owned(), json!(name))]);
            } else if !change.changed.is_empty() && before.is_some_and(|envelope| envelope.approval_digest.is_some()) {
                let envelope = require_envelope_locked(&change.document_id)?;
                let mut trail = Trail::of(&envelope);
                note_ended_approval(&mut trail, &envelope, &describe_actor(call))?;
                for fields in [trail.write_events()?, no_approval()] {
                    amended.extend(fields.as_object().cloned().unwrap_or_default());
                }
            }
            if amended.is_empty() { Ok(Decision::Allow) } else { Decision::amend(&Value::Object(amended)) }
        }
        Action::Delete => {
            fail_request_of_draft(&change.document_id, &describe_actor(call))?;
            delete_parts(&change.document_id)?;
            Ok(Decision::Allow)
        }
        _ => Ok(Decision::Allow),
    }
}

/// Finds a field that was written and is not for people to write, apart from defaults.
fn find_kept(change: &Change, fields: &Map<String, Value>, free: &[&str]) -> Option<String> {
    let is_default = |field: &str| {
        let value = fields.get(field).unwrap_or(&Value::Null);
        let is_first = matches!((field, value.as_str()), ("status", Some("draft" | "waiting")));
        value.is_null() || *value == json!(0) || *value == json!([]) || is_first
    };
    let is_kept =
        |field: &&String| !free.contains(&field.as_str()) && (change.action == Action::Update || !is_default(field));
    change.changed.iter().find(is_kept).cloned()
}

/// The envelope that a recipient or field is of.
#[derive(Deserialize)]
struct Part {
    envelope: Option<Link>,
}

fn decide_part(call: &Call, change: &Change) -> Result<Decision> {
    let before: Option<Part> = change.before()?;
    let after: Option<Part> = change.after()?;
    if change.action == Action::Update && change.changed.is_empty() {
        return Ok(Decision::Allow);
    }
    if change.action == Action::Update && change.touches("envelope") {
        return Ok(refuse(call, "envelope", "kept"));
    }
    let of = before.or(after).and_then(|part| part.envelope);
    let Some(link) = of else {
        // A part that belongs to no envelope may be deleted.
        return Ok(if change.action == Action::Delete {
            Decision::Allow
        } else {
            refuse(call, "envelope", "envelope")
        });
    };
    // The lock waits for a sending in progress, which holds it: nothing is added to an envelope that has been checked.
    let known = ["status", "approvalDigest", "approvedByName", "approvedAt", "auditHead", "auditCount"];
    let envelope = data::find::<Envelope>().fields(&known).lock();
    match envelope.by_ids(&[&link.document_id])?.pop().flatten() {
        None if change.action != Action::Delete => return Ok(refuse(call, "envelope", "envelope")),
        Some(envelope) if envelope.status != EnvelopeStatus::Draft => return Ok(conflict(call, "sentStays")),
        Some(envelope) => end_approval(&envelope, &describe_actor(call))?,
        None => {}
    }
    if change.action == Action::Delete {
        return Ok(Decision::Allow);
    }
    let fields: Map<String, Value> = change.after()?.unwrap_or_default();
    let free: &[&str] = if change.content_type == Recipient::TYPE { &RECIPIENT_FIELDS } else { &FIELD_FIELDS };
    if let Some(kept) = find_kept(change, &fields, free) {
        return Ok(refuse(call, &kept, "kept"));
    }
    if change.content_type == Recipient::TYPE {
        return decide_recipient(call, change, &fields, &link.document_id);
    }
    Ok(Decision::Allow)
}

/// A name can be read, and one person is in a group once. Several people may share an address.
fn decide_recipient(call: &Call, change: &Change, fields: &Map<String, Value>, envelope: &str) -> Result<Decision> {
    let text = |field: &str| fields.get(field).and_then(Value::as_str).unwrap_or_default();
    if let Some(problem) = find_name_problem(text("name")).filter(|_| change.touches("name")) {
        return Ok(refuse(call, "name", problem));
    }
    let own = (text("name"), text("email"));
    let group = fields.get("group").and_then(Value::as_i64).unwrap_or(1);
    let others = json!({ "envelope": { "documentId": envelope } });
    let others = data::find::<Recipient>().filter(others).fields(&["name", "email", "group"]).all(100)?;
    let is_same = |other: &&Row<Recipient>| {
        other.document_id != change.document_id
            && other.group == group
            && is_same_person((&other.name, &other.email), own)
    };
    Ok(if others.iter().any(|other| is_same(&other)) { refuse(call, "email", "sameAddress") } else { Decision::Allow })
}

/// Audit events, pictures of pages and links are the plugin's own.
fn decide_record(call: &Call, change: &Change) -> Result<Decision> {
    Ok(conflict(call, if change.content_type == AuditEvent::TYPE { "events" } else { "pages" }))
}

fn refuse(call: &Call, field: &str, code: &str) -> Decision {
    Decision::refuse_field(field, code, translate(&format!("refused.{code}"), &call.locale, None))
}

fn conflict(call: &Call, code: &str) -> Decision {
    Decision::conflict("state", translate(&format!("conflict.{code}"), &call.locale, None))
}
