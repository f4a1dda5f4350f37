//! One envelope: how it stands and what to do next, its draft's forms, its recipients and its audit trail.

use super::buttons::describe_action;
use crate::approval::is_asked_of;
use crate::audit::{check_trail, list_events};
use crate::audit_chain::{ChainFinding, LinkedEvent};
use crate::draft_approval::digest_approval;
use crate::draft_check::MAX_RECIPIENTS;
use crate::draft_document::document_limits;
use crate::envelope_state::{EnvelopeStatus, RecipientStatus, Role};
use crate::model::{Envelope, Field, Recipient};
use crate::person::Person;
use crate::sent_content::read_document_digest;
use crate::settings::Settings;
use cairn_plugin::Document;
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

/// Prefix of the references by which the plugin `crm` asks for contracts; the id of the quote follows.
const QUOTE_REFERENCE: &str = "crm/quote/";
/// Most items of a block of steps.
const MAX_STEPS: usize = 50;
/// Events that the page shows: the newest.
const MAX_EVENTS: usize = 50;

/// Page that shows an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// Its own, at the address of the document.
    Document,
    /// One of the page of all envelopes.
    Envelopes,
    /// One for who approves.
    Approvals,
}

/// The envelope on one of its pages.
pub(super) fn describe(call: &Call, envelope: &Row<Envelope>, page: Page) -> Result<Value> {
    let approval = page == Page::Approvals;
    let settings = Settings::load()?;
    let approver = envelope.required_approver(&settings);
    let (state, tone) = describe_state(envelope, approver);
    let offer = if approval { offer_approval(call, envelope, approver, &settings)? } else { None };
    let mut show = vec![json!({
        "kind": "header", "title": envelope.title, "badge": { "label": format!("t:state.{state}"), "tone": tone },
        "actions": describe_actions(envelope, approver, page, offer),
    })];
    if let Some(problem) = &envelope.problem {
        show.push(json!({ "kind": "text", "text": problem, "tone": "danger" }));
    }
    show.push(json!({ "kind": "text", "text": format!("t:next.{state}") }));
    if let Some(code) = envelope.document_problem.as_ref().filter(|_| envelope.status == EnvelopeStatus::Draft) {
        let text = translate(&format!("refused.document.{code}"), &call.locale, Some(&document_limits()));
        show.push(json!({ "kind": "text", "text": text, "tone": "danger" }));
    }
    let is_draft = envelope.status == EnvelopeStatus::Draft;
    if is_draft && !approval {
        show.extend(describe_draft(call, envelope));
    } else {
        show.extend(link_quote(envelope));
        show.extend(describe_facts(envelope, &settings));
        if !envelope.message.trim().is_empty() {
            show.push(json!({ "kind": "text", "text": envelope.message }));
        }
        if !envelope.recipients.is_empty() {
            show.push(describe_recipients(envelope, &settings));
        }
        if is_draft && !envelope.form_fields.is_empty() {
            show.push(describe_fields(call, envelope));
        }
        if let Some(document) = &envelope.document {
            show.push(json!({ "kind": "file", "file": document.document_id, "label": "t:field.document" }));
        }
        if let Some(sealed) = &envelope.sealed {
            show.push(json!({ "kind": "file", "file": sealed.document_id, "label": "t:field.sealed" }));
        }
    }
    let events = list_events(&envelope.document_id)?;
    if !events.is_empty() {
        show.extend(describe_trail(call, envelope, &events));
    }
    show.push(json!({ "kind": "text", "text": "t:legal" }));
    let mut stack = json!({ "kind": "stack", "show": show });
    // A draft's forms hold what somebody is typing.
    if !is_draft || approval {
        stack["live"] = json!([Envelope::TYPE, Recipient::TYPE]);
    }
    Ok(stack)
}

/// A link to the quote of which an envelope is the contract; none of any other.
fn link_quote(envelope: &Envelope) -> Option<Value> {
    let quote = find_quote(envelope.reference.as_deref()?)?;
    let document = json!({ "type": "plugin::crm.quote", "documentId": quote });
    Some(json!({ "kind": "document-link", "document": document, "label": "t:envelope.quote" }))
}

/// The id of the quote that a reference names.
fn find_quote(reference: &str) -> Option<&str> {
    reference.strip_prefix(QUOTE_REFERENCE)?.split('/').next().filter(|id| !id.is_empty())
}

/// How it stands, as a key of the texts, and its tone.
fn describe_state(envelope: &Envelope, approver: &str) -> (&'static str, &'static str) {
    match envelope.status {
        EnvelopeStatus::Draft if approver.is_empty() => ("draft", "neutral"),
        EnvelopeStatus::Draft if envelope.approved_at.is_some() => ("approved", "info"),
        EnvelopeStatus::Draft if envelope.approval_asked_at.is_some() => ("asked", "info"),
        EnvelopeStatus::Draft => ("unapproved", "neutral"),
        EnvelopeStatus::Sent => ("sent", "info"),
        EnvelopeStatus::InProgress => ("inProgress", "info"),
        EnvelopeStatus::Completing if envelope.problem.is_some() => ("stuck", "danger"),
        EnvelopeStatus::Completing => ("completing", "info"),
        EnvelopeStatus::Completed => ("completed", "success"),
        EnvelopeStatus::Declined => ("declined", "warning"),
        EnvelopeStatus::Expired => ("expired", "warning"),
        EnvelopeStatus::Voided => ("voided", "neutral"),
    }
}

/// Describes the actions that the state of an envelope permits.
fn describe_actions(envelope: &Row<Envelope>, approver: &str, page: Page, offer: Option<String>) -> Vec<Value> {
    let approval = page == Page::Approvals;
    let mut actions = Vec::new();
    match envelope.status {
        EnvelopeStatus::Draft if approval => {
            actions.extend(offer.iter().map(|_| describe_action("approve", "check")));
            actions.push(describe_action("review", "file"));
        }
        _ if approval => {}
        EnvelopeStatus::Draft => {
            if !approver.is_empty() && envelope.approved_at.is_none() {
                actions.push(describe_action("ask", "bell"));
            }
            actions.push(describe_action("send", "mail"));
        }
        EnvelopeStatus::Sent | EnvelopeStatus::InProgress => {
            let mut remind = describe_action("remind", "mail");
            remind["confirm"] = json!("t:action.remind.sure");
            actions.extend([remind, describe_extend(), describe_void()]);
        }
        EnvelopeStatus::Expired => actions.extend([describe_extend(), describe_void()]),
        EnvelopeStatus::Completing => actions.extend([describe_action("retry", "tools"), describe_void()]),
        EnvelopeStatus::Completed | EnvelopeStatus::Declined | EnvelopeStatus::Voided => {}
    }
    // The page of a document has a way back of its own.
    if page != Page::Document {
        actions.push(describe_action("list", "list"));
    }
    for action in &mut actions {
        action["values"] = json!({ "envelope": envelope.document_id, "digest": offer.as_deref().unwrap_or_default() });
    }
    actions
}

/// The digest of what is shown, if whoever looks was asked to approve it; only that is approved.
fn offer_approval(
    call: &Call,
    envelope: &Row<Envelope>,
    approver: &str,
    settings: &Settings,
) -> Result<Option<String>> {
    if !Person::of(call).is_some_and(|person| is_asked_of(envelope, approver, &person)) {
        return Ok(None);
    }
    let sha256 = read_document_digest(envelope)?;
    Ok(sha256.map(|sha256| digest_approval(envelope, &sha256, settings.expiry_days)))
}

fn describe_extend() -> Value {
    let mut action = describe_action("extend", "clock");
    action["schema"] = json!({ "type": "object", "required": ["days"], "properties": {
        "days": { "type": "integer", "title": "t:field.days", "minimum": 1, "maximum": 365, "default": 14 },
    } });
    action
}

fn describe_void() -> Value {
    let mut action = describe_action("void", "flag");
    action["tone"] = json!("danger");
    action["schema"] = json!({ "type": "object", "required": ["reason"], "properties": {
        "reason": { "type": "string", "title": "t:field.reason", "description": "t:field.reason.hint", "minLength": 1, "maxLength": 1000 },
    } });
    action
}

/// The forms of a draft, in the order in which they are filled in.
fn describe_draft(call: &Call, envelope: &Row<Envelope>) -> Vec<Value> {
    let about = json!({
        "kind": "form", "label": "t:step.document", "type": Envelope::TYPE, "documentId": envelope.document_id, "sections": [
            { "fields": ["title", "document", "message", "language", "senderEmail", "kind", "amount", "approver", "remindDays"] },
        ],
    });
    let recipient = |to: &Row<Recipient>| json!({ "name": to.name, "email": to.email, "role": to.role, "group": to.group, "language": to.language.as_deref().unwrap_or("") });
    let role = |role: Role| json!({ "const": role.name(), "title": format!("t:role.{}", role.name()) });
    let item = json!({ "type": "object", "title": "t:field.recipient", "required": ["name", "email", "role", "group"],
    "order": ["name", "email", "role", "group", "language"], "properties": {
        "name": { "type": "string", "title": "t:field.name", "maxLength": 120 },
        "email": { "type": "string", "title": "t:field.email", "maxLength": 254 },
        "role": { "type": "string", "title": "t:field.role", "oneOf": [role(Role::Signer), role(Role::Cc)], "default": "signer" },
        "group": { "type": "integer", "title": "t:field.group", "description": "t:field.group.hint", "minimum": 1, "maximum": 20, "default": 1 },
        "language": { "type": "string", "title": "t:field.language", "default": "", "oneOf": [
            { "const": "", "title": "t:language.envelope" }, { "const": "nl", "title": "Nederlands" }, { "const": "en", "title": "English" },
        ] },
    } });
    let recipients = json!({
        "kind": "form", "label": "t:step.recipients", "call": "recipients", "submit": "t:action.save",
        "schema": { "type": "object", "properties": {
            "recipients": { "type": "array", "title": "t:field.recipients", "items": item, "maxItems": MAX_RECIPIENTS },
        } },
        "values": { "envelope": envelope.document_id, "recipients": envelope.recipients.iter().map(recipient).collect::<Vec<_>>() },
    });
    let count = json!({ "fields": envelope.form_fields.len() });
    let text = translate("step.fields.text", &call.locale, Some(&count));
    let mut actions = vec![describe_action("place", "signature")];
    for action in &mut actions {
        action["values"] = json!({ "envelope": envelope.document_id });
    }
    vec![about, recipients, json!({ "kind": "text", "text": text }), json!({ "kind": "actions", "items": actions })]
}

/// The fields on the pages, for who approves them.
fn describe_fields(call: &Call, envelope: &Row<Envelope>) -> Value {
    let item = |field: &Row<Field>| {
        let name = envelope.find_recipient(field.recipient_id()).map_or("", |to| to.name.as_str());
        let kind = translate(&format!("fieldType.{}", field.kind.name()), &call.locale, None);
        let label = if field.label.trim().is_empty() { kind } else { format!("{kind}: {}", field.label.trim()) };
        let about = json!({ "page": field.page, "name": name });
        json!({ "label": label, "state": "waiting", "text": translate("review.field", &call.locale, Some(&about)) })
    };
    json!({ "kind": "steps", "label": "t:review.fields", "items": envelope.form_fields.iter().take(MAX_STEPS).map(item).collect::<Vec<_>>() })
}

/// Known facts of an envelope, by subject; what it does not have is left out.
fn describe_facts(envelope: &Envelope, settings: &Settings) -> Vec<Value> {
    let is_draft = envelope.status == EnvelopeStatus::Draft;
    let amount = envelope.facts.amount.map(|amount| amount.to_string());
    let expiry_days = is_draft.then(|| settings.expiry_days.to_string());
    let remind_days = envelope.remind_days.unwrap_or(settings.remind_days).to_string();
    let some = |text: &str| Some(text.to_owned());
    let groups: [(&str, Vec<Fact<'_>>); 4] = [
        (
            "about",
            vec![
                ("kind", some(&envelope.facts.kind), "text"),
                ("amount", amount, "text"),
                ("template", some(&envelope.facts.template), "text"),
                ("language", some(name_language(envelope.language_of(None, settings))), "text"),
                ("expiryDays", expiry_days, "text"),
                ("remindDays", Some(remind_days), "text"),
            ],
        ),
        (
            "people",
            vec![
                ("ownerName", some(&envelope.owner_name), "text"),
                ("senderName", some(&envelope.sender_name), "text"),
                ("senderEmail", envelope.sender_email.clone(), "text"),
                ("approvedByName", some(&envelope.approved_by_name), "text"),
            ],
        ),
        (
            "times",
            vec![
                ("approvedAt", envelope.approved_at.clone(), "datetime"),
                ("sentAt", envelope.sent_at.clone(), "datetime"),
                ("expiresAt", envelope.expires_at.clone(), "datetime"),
                ("completedAt", envelope.completed_at.clone(), "datetime"),
                ("endedBy", envelope.ended_by.clone(), "text"),
                ("endReason", envelope.end_reason.clone(), "text"),
            ],
        ),
        (
            "evidence",
            vec![
                ("sealedBy", envelope.sealed_by.clone(), "text"),
                ("sha256Original", envelope.sha256_original.clone(), "code"),
                ("sha256Final", envelope.sha256_final.clone(), "code"),
            ],
        ),
    ];
    groups.into_iter().filter_map(|(group, facts)| describe_fields_of(group, facts)).collect()
}

/// The name of a field, as the texts have it, its value and the format of that.
type Fact<'a> = (&'a str, Option<String>, &'a str);

/// A group of names and values; none where all are empty.
pub(super) fn describe_fields_of(group: &str, facts: Vec<Fact<'_>>) -> Option<Value> {
    let item = |(field, value, format): Fact<'_>| {
        let value = value.filter(|value| !value.is_empty())?;
        Some(json!({ "label": format!("t:field.{field}"), "value": value, "format": format }))
    };
    let items: Vec<Value> = facts.into_iter().filter_map(item).collect();
    (!items.is_empty()).then(|| json!({ "kind": "fields", "label": format!("t:group.{group}"), "items": items }))
}

/// The name of a language of recipients, in itself.
pub(super) fn name_language(language: &str) -> &'static str {
    if language == "nl" { "Nederlands" } else { "English" }
}

/// The recipients as steps, in their order.
fn describe_recipients(envelope: &Row<Envelope>, settings: &Settings) -> Value {
    let current = envelope.current_group();
    let step = |to: &Row<Recipient>| {
        let state = match (to.status, to.role) {
            (RecipientStatus::Signed, _) => "done",
            (RecipientStatus::Declined | RecipientStatus::Bounced, _) => "failed",
            (RecipientStatus::Expired, _) => "skipped",
            (_, Role::Cc) if envelope.status == EnvelopeStatus::Completed => "done",
            (_, Role::Signer) if envelope.status.is_open() && Some(to.group) == current => "current",
            _ => "waiting",
        };
        let at = to.signed_at.as_ref().or(to.viewed_at.as_ref()).or(to.notified_at.as_ref());
        let language = name_language(envelope.language_of(Some(to), settings));
        let label = format!("{}. {} <{}> · {language}", to.group, to.name, to.email);
        let mut step = json!({ "label": label, "state": state });
        let status = if to.role == Role::Cc { "cc" } else { to.status.name() };
        step["text"] = json!(format!("t:recipient.{status}"));
        if let Some(at) = at {
            step["at"] = json!(at);
        }
        step
    };
    json!({ "kind": "steps", "label": "t:field.recipients", "items": envelope.recipients.iter().map(step).collect::<Vec<_>>() })
}

/// The newest events, and whether the chain is intact.
fn describe_trail(call: &Call, envelope: &Row<Envelope>, events: &[LinkedEvent]) -> Vec<Value> {
    let (key, tone, seq) = match check_trail(envelope, events) {
        ChainFinding::Intact => ("trail.intact", "success", 0),
        ChainFinding::Broken(seq) => ("trail.broken", "danger", seq),
    };
    let about = json!({ "seq": seq, "count": events.len(), "head": envelope.audit_head });
    let finding = json!({ "kind": "text", "text": translate(key, &call.locale, Some(&about)), "tone": tone });
    let item = |event: &LinkedEvent| {
        let event = &event.event;
        // The trail names what the plugin did by itself in one word for all languages.
        let actor = if event.actor == "system" { "t:trail.system" } else { event.actor.as_str() };
        json!({
            "label": format!("{}. {}", event.seq, translate(&format!("event.{}", event.kind), &call.locale, None)), "state": "done",
            "text": actor, "at": event.at,
        })
    };
    let newest: Vec<Value> = events.iter().rev().take(MAX_EVENTS).map(item).collect();
    vec![finding, json!({ "kind": "steps", "label": "t:trail", "items": newest })]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contract_of_the_crm_leads_to_its_quote() {
        assert_eq!(find_quote("crm/quote/q1/2/0011"), Some("q1"));
        for other in ["crm/quote/", "crm/quote//1", "shop/order/1", "crm/quotes/q1", ""] {
            assert_eq!(find_quote(other), None, "{other}");
        }
    }
}
