//! Routes for people of the team, for programs and for the page on which fields are placed. The admin's pages do the same.

use crate::approval::{approve, ask_for_approval};
use crate::audit::{check_trail, list_events};
use crate::audit_chain::ChainFinding;
use crate::deadlines::{extend_envelope, remind_now};
use crate::document_fields::take_marks;
use crate::draft_document::inspect_document;
use crate::draft_forms::FieldForm;
use crate::drafts::{Editor, save_document, save_fields};
use crate::endings::void_envelope;
use crate::envelope_state::{EnvelopeStatus, Role};
use crate::envelopes::{require_envelope, require_visible};
use crate::model::{Envelope, Field, Recipient};
use crate::page_pictures::{MAX_PICTURE, find_picture};
use crate::person::{Person, describe_actor};
use crate::sealing::retry_sealing;
use crate::sending::send_envelope;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_plugin::files;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

/// Answers a request of the team.
///
/// # Errors
/// What they are told.
pub(crate) fn serve_staff(call: &Call, request: &Request) -> Result<Response> {
    let (id, locale) = (request.parameter("id"), call.locale.as_str());
    require_visible::<Envelope>(id)?;
    // The routes let in admin tokens too: programs prepare drafts, but who sends and approves is a person.
    let person =
        || Person::of(call).ok_or_else(|| Error::Denied("only people send, approve and end envelopes".to_owned()));
    let actor = describe_actor(call);
    let by = Editor { actor: &actor, locale };
    match request.route.as_str() {
        "ask" => {
            let person = person()?;
            ask_for_approval(id, &person.name, locale)?;
        }
        "send" => send_envelope(id, &person()?.into(), locale)?,
        "approve" => approve(id, &person()?, &read_options(request)?.digest, locale)?,
        "void" => void_envelope(id, &read_options(request)?.reason, &person()?, locale)?,
        "extend" => drop(extend_envelope(id, read_options(request)?.days, &person()?, locale)?),
        "remind" => remind_now(id, &person()?, locale)?,
        "retry" => retry_sealing(id, locale)?,
        "marks" => drop(take_marks(id, by)?),
        "save-document" => save_document(id, request.query("name").unwrap_or_default(), request.bytes(), by)?,
        "save-fields" => {
            let FieldsRequest { fields } = request.json()?;
            save_fields(id, &fields, by)?;
        }
        "draft" | "review" => return describe_draft(id, locale),
        "draft-page" | "review-page" => return show_page(id, request, locale),
        "audit" => return describe_audit(id),
        other => return Err(Error::NotFound(other.to_owned())),
    }
    let envelope = require_envelope(id)?;
    let data = json!({
        "documentId": id, "status": envelope.status, "expiresAt": envelope.expires_at, "approvedAt": envelope.approved_at,
    });
    Response::json(200, &json!({ "data": data }))
}

/// Options to end, extend or approve an envelope.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    #[serde(default)]
    reason: String,
    days: Option<u32>,
    /// Digest of what an approver was shown.
    #[serde(default)]
    digest: String,
}

fn read_options(request: &Request) -> Result<Options> {
    if request.bytes().is_empty() { Ok(Options::default()) } else { request.json() }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldsRequest {
    fields: Vec<FieldForm>,
}

/// Describes a draft for the page that places fields.
fn describe_draft(id: &str, locale: &str) -> Result<Response> {
    let envelope = require_envelope(id)?;
    let document = inspect_document(&envelope, locale)?;
    let signer =
        |to: &Row<Recipient>| json!({ "id": to.document_id, "name": to.name, "email": to.email, "group": to.group });
    let signers = envelope.recipients.iter().filter(|to| to.role == Role::Signer).map(signer);
    let field = |field: &Row<Field>| {
        json!({
            "recipient": field.recipient_id(), "type": field.kind, "label": field.label, "required": field.is_required(), "page": field.page,
            "x": field.x, "y": field.y, "width": field.width, "height": field.height,
        })
    };
    let pages = document.pages.iter().map(|page| json!({ "width": page.width, "height": page.height }));
    let data = json!({
        "documentId": id, "title": envelope.title, "status": envelope.status, "pages": pages.collect::<Vec<Value>>(),
        "signers": signers.collect::<Vec<Value>>(), "fields": envelope.form_fields.iter().map(field).collect::<Vec<Value>>(),
    });
    Response::json(200, &json!({ "data": data }))
}

/// The picture of a page, as a data URL: pages of the admin load no pictures from routes.
fn show_page(id: &str, request: &Request, locale: &str) -> Result<Response> {
    let number: u32 = request.parameter("page").parse().map_err(|_| Error::NotFound(String::new()))?;
    let envelope = require_envelope(id)?;
    let sha256 = match (envelope.status, &envelope.sha256_original) {
        (EnvelopeStatus::Draft, _) | (_, None) => inspect_document(&envelope, locale)?.sha256,
        (_, Some(known)) => known.clone(),
    };
    let picture = files::read_all(&find_picture(&envelope, &sha256, number)?, MAX_PICTURE)?;
    let url = format!("data:image/png;base64,{}", STANDARD.encode(picture));
    Response::json(200, &json!({ "data": { "page": number, "picture": url } }))
}

/// The audit trail, and whether it is intact.
fn describe_audit(id: &str) -> Result<Response> {
    let envelope = require_envelope(id)?;
    let events = list_events(id)?;
    let (intact, broken_at) = match check_trail(&envelope, &events) {
        ChainFinding::Intact => (true, None),
        ChainFinding::Broken(seq) => (false, Some(seq)),
    };
    let data = json!({
        "envelope": id, "title": envelope.title, "status": envelope.status, "head": envelope.audit_head, "count": envelope.audit_count,
        "intact": intact, "brokenAt": broken_at, "events": events, "sha256Original": envelope.sha256_original, "sha256Final": envelope.sha256_final,
    });
    Response::json(200, &json!({ "data": data }))
}
