//! One signature request: how it stands, what it asks for, and the envelope that became of it.

use super::buttons::describe_action;
use super::envelope_document::{describe_fields_of, name_language};
use crate::draft_forms::RecipientForm;
use crate::envelope_state::Role;
use crate::envelopes::require_visible;
use crate::model::{Envelope, Request, RequestStatus};
use crate::request_job::start_request;
use crate::settings::{Settings, pick_language};
use cairn_plugin::prelude::*;
use cairn_plugin::{ActionRequest, ActionResult, Document};
use serde_json::{Value, json};

/// A request, and whether its draft waits for an approval.
struct ShownRequest {
    request: Row<Request>,
    envelope: Option<Row<Envelope>>,
}

/// The page of a request.
pub(super) fn describe(id: &str) -> Result<Value> {
    let populate = json!({ "document": true, "envelope": { "fields": ["createdAt"] } });
    let found = data::find::<Request>().populate(populate).by_ids(&[id])?.pop().flatten();
    let request = found.ok_or_else(|| Error::NotFound(id.to_owned()))?;
    let envelope = match &request.envelope {
        Some(envelope) => data::get::<Envelope>(&envelope.document_id)?,
        None => None,
    };
    Ok(describe_request(&ShownRequest { request, envelope }, &Settings::load()?))
}

/// Does what a button of the page says.
pub(super) fn act(action: &ActionRequest) -> Result<ActionResult> {
    let unknown = || Error::NotFound(action.action.clone());
    let id = action.document.as_ref().filter(|document| document.content_type == Request::TYPE);
    let id = id.map(|document| document.document_id.as_str()).ok_or_else(unknown)?;
    require_visible::<Request>(id)?;
    match action.action.as_str() {
        "retry" => start_request(id)?,
        _ => return Err(unknown()),
    }
    ActionResult::notice("t:notice.done.retried").with_view(&describe(id)?)
}

fn describe_request(shown: &ShownRequest, settings: &Settings) -> Value {
    let request = &shown.request;
    let (state, tone) = shown.state();
    let mut header = json!({
        "kind": "header", "title": request.title, "subtitle": request.reference,
        "badge": { "label": format!("t:request.{state}"), "tone": tone },
    });
    if request.status == RequestStatus::Pending {
        header["actions"] = json!([describe_action("retry", "tools")]);
    }
    let mut show = vec![header, json!({ "kind": "text", "text": format!("t:request.{state}.next") })];
    let problems = [(&request.problem, "warning"), (&request.seal_problem, "danger")];
    for (problem, tone) in problems.into_iter().filter_map(|(problem, tone)| Some((problem.as_ref()?, tone))) {
        show.push(json!({ "kind": "text", "text": problem, "tone": tone }));
    }
    if shown.envelope.is_some() {
        let id = request.envelope.as_ref().map_or("", |envelope| envelope.document_id.as_str());
        let document = json!({ "type": Envelope::TYPE, "documentId": id });
        show.push(json!({ "kind": "document-link", "document": document, "label": "t:request.envelope" }));
    }
    let amount = request.facts.amount.map(|amount| amount.to_string());
    let language = pick_language(&[request.language.as_deref(), Some(&settings.language)]);
    let some = |text: &str| Some(text.to_owned());
    show.extend(describe_fields_of(
        "about",
        vec![
            ("kind", some(&request.facts.kind), "text"),
            ("amount", amount, "text"),
            ("template", some(&request.facts.template), "text"),
            ("language", some(name_language(language)), "text"),
            ("createdAt", request.created_at.clone(), "datetime"),
        ],
    ));
    show.extend(describe_fields_of(
        "people",
        vec![
            ("owner", some(&request.owner_name), "text"),
            ("senderName", some(&request.sender_name), "text"),
            ("senderEmail", request.sender_email.clone(), "text"),
        ],
    ));
    if !request.message.trim().is_empty() {
        show.push(json!({ "kind": "text", "text": request.message }));
    }
    let step = |to: &RecipientForm| {
        let language = pick_language(&[to.language.as_deref(), Some(language)]);
        let label = format!("{}. {} <{}> · {}", to.group.unwrap_or(1), to.name, to.email, name_language(language));
        let role = if to.role == Role::Cc { "t:role.cc" } else { "t:role.signer" };
        let state = if request.status == RequestStatus::Failed { "skipped" } else { "waiting" };
        json!({ "label": label, "state": state, "text": role })
    };
    // Of a request that was sent, the envelope says how far its recipients are.
    if request.status != RequestStatus::Sent && !request.recipients.is_empty() {
        let items: Vec<Value> = request.recipients.iter().map(step).collect();
        show.push(json!({ "kind": "steps", "label": "t:field.recipients", "items": items }));
    }
    if let Some(document) = &request.document {
        show.push(json!({ "kind": "file", "file": document.document_id, "label": "t:field.document" }));
    }
    json!({ "kind": "stack", "live": [Request::TYPE, Envelope::TYPE], "show": show })
}

impl ShownRequest {
    /// How it stands, as a key of the texts, and its tone.
    fn state(&self) -> (&'static str, &'static str) {
        let is_asked = self
            .envelope
            .as_ref()
            .is_some_and(|envelope| envelope.approval_asked_at.is_some() && envelope.approved_at.is_none());
        match self.request.status {
            RequestStatus::Sent => ("sent", "success"),
            RequestStatus::Failed => ("failed", "danger"),
            RequestStatus::Pending if self.request.seal_problem.is_some() => ("noKey", "danger"),
            RequestStatus::Pending if is_asked => ("asked", "info"),
            RequestStatus::Pending => ("pending", "info"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(request: Value, envelope: Option<Value>) -> ShownRequest {
        let parse = |json: Value| serde_json::from_value(json).unwrap();
        ShownRequest { request: parse(request), envelope: envelope.map(|json| serde_json::from_value(json).unwrap()) }
    }

    #[test]
    fn a_request_says_what_it_waits_for() {
        let pending = json!({ "documentId": "r", "status": "pending", "envelope": { "documentId": "e" } });
        let draft = json!({ "documentId": "e", "approvalAskedAt": "2026-01-05T09:00:00.000Z" });
        assert_eq!(shown(pending.clone(), None).state().0, "pending");
        assert_eq!(shown(pending.clone(), Some(draft)).state().0, "asked");
        let mut waiting = pending;
        waiting["sealProblem"] = json!("no key");
        assert_eq!(shown(waiting, None).state().0, "noKey");
        assert_eq!(shown(json!({ "documentId": "r", "status": "failed" }), None).state().0, "failed");
    }
}
