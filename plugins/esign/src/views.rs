//! The pages in the admin: envelopes by how they stand, one of them with what can be done with it, those that wait for an approval, and a request.

mod buttons;
mod envelope_document;
mod lists;
mod request_document;

use crate::Esign;
use crate::approval::{approve, ask_for_approval};
use crate::approval_rules::{ApprovalFacts, find_rule_approver};
use crate::deadlines::{extend_envelope, remind_now};
use crate::draft_forms::RecipientForm;
use crate::drafts::{Editor, save_recipients};
use crate::endings::void_envelope;
use crate::envelopes::{APPROVALS_PAGE, ENVELOPES_PAGE, admin_path, approval_path, require_envelope, require_visible};
use crate::model::{Envelope, Request};
use crate::person::Person;
use crate::sealing::retry_sealing;
use crate::sending::send_envelope;
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use cairn_plugin::{ActionRequest, ActionResult, ViewRequest};
use envelope_document::Page;
use serde::Deserialize;
use serde_json::{Value, json};

/// The page on which an approver sees the fields on the pages.
const REVIEW_PAGE: &str = "/admin/plugins/esign/pages/review";
/// The page on which fields are placed.
const PLACE_PAGE: &str = "/admin/plugins/esign/pages/place";

impl Views for Esign {
    fn view(call: &Call, request: &ViewRequest) -> Result<Value> {
        let document = request.document.as_ref().map_or("", |document| document.document_id.as_str());
        let chosen = request.parameters.iter().find(|(name, _)| name == "envelope").map_or("", |(_, value)| value);
        match (request.view.as_str(), chosen) {
            ("envelope", _) => {
                require_visible::<Envelope>(document)?;
                envelope_document::describe(call, &require_envelope(document)?, Page::Document)
            }
            ("request", _) => {
                require_visible::<Request>(document)?;
                request_document::describe(document)
            }
            ("envelopes", "") => Ok(lists::describe_envelopes()),
            ("approvals", "") => Ok(lists::describe_approvals(Person::of(call).as_ref())),
            // Notices of earlier versions lead there.
            ("envelopes", id) => {
                require_visible::<Envelope>(id)?;
                envelope_document::describe(call, &require_envelope(id)?, Page::Envelopes)
            }
            ("approvals", id) => {
                require_visible::<Envelope>(id)?;
                envelope_document::describe(call, &require_envelope(id)?, Page::Approvals)
            }
            (other, _) => Err(Error::NotFound(other.to_owned())),
        }
    }

    fn act(call: &Call, request: &ActionRequest) -> Result<ActionResult> {
        let unknown = || Error::NotFound(request.action.clone());
        let person = Person::of(call).ok_or_else(unknown)?;
        let form: ActionForm = request.values()?;
        // A document's own page has what the page of all of them has.
        let page = match request.view.as_str() {
            "envelope" => Page::Document,
            "envelopes" => Page::Envelopes,
            "approvals" => Page::Approvals,
            "request" => return request_document::act(request),
            _ => return Err(unknown()),
        };
        let is_approval = page == Page::Approvals;
        match (is_approval, request.action.as_str()) {
            (false, "list") => return Ok(go_to(ENVELOPES_PAGE.to_owned())),
            (true, "list") => return Ok(go_to(APPROVALS_PAGE.to_owned())),
            (false, "new") if page == Page::Envelopes => return create_envelope(&form, &person),
            _ => {}
        }
        // A button of a list comes with a document, one of an envelope's page names it.
        let named = request.document.as_ref().filter(|document| document.content_type == Envelope::TYPE);
        let is_listed = named.is_some() && page != Page::Document;
        let id = named.map(|document| document.document_id.clone()).or(form.envelope.clone()).ok_or_else(unknown)?;
        require_visible::<Envelope>(&id)?;
        let locale = call.locale.as_str();
        let notice = match (is_approval, request.action.as_str()) {
            (false, "open") => return Ok(go_to(admin_path(&id))),
            (true, "open") => return Ok(go_to(approval_path(&id))),
            (false, "place") => return Ok(go_to(format!("{PLACE_PAGE}?envelope={id}"))),
            (true, "review") => return Ok(go_to(format!("{REVIEW_PAGE}?envelope={id}"))),
            (true, "approve") => {
                approve(&id, &person, &form.digest, locale)?;
                "t:notice.done.approved"
            }
            (false, "recipients") => {
                save_recipients(&id, &form.recipients, Editor { actor: &person.describe(), locale })?;
                "t:notice.done.saved"
            }
            (false, "ask") => {
                ask_for_approval(&id, &person.name, locale)?;
                "t:notice.done.asked"
            }
            (false, "send") => {
                send_envelope(&id, &person.into(), locale)?;
                "t:notice.done.sent"
            }
            (false, "remind") => {
                remind_now(&id, &person, locale)?;
                "t:notice.done.reminded"
            }
            (false, "extend") => {
                extend_envelope(&id, form.days, &person, locale)?;
                "t:notice.done.extended"
            }
            (false, "void") => {
                void_envelope(&id, &form.reason, &person, locale)?;
                "t:notice.done.voided"
            }
            (false, "retry") => {
                retry_sealing(&id, locale)?;
                "t:notice.done.retried"
            }
            _ => return Err(unknown()),
        };
        let result = ActionResult::notice(notice);
        if is_listed {
            return Ok(result);
        }
        result.with_view(&envelope_document::describe(call, &require_envelope(&id)?, page)?)
    }
}

/// Values that buttons and forms hand over.
#[derive(Deserialize)]
struct ActionForm {
    envelope: Option<String>,
    #[serde(default)]
    title: String,
    #[serde(default)]
    reason: String,
    days: Option<u32>,
    /// Digest of what an approver was shown.
    #[serde(default)]
    digest: String,
    #[serde(default)]
    recipients: Vec<RecipientForm>,
}

fn create_envelope(form: &ActionForm, person: &Person) -> Result<ActionResult> {
    let settings = Settings::load()?;
    let approver = find_rule_approver(&settings.approval_rules, &ApprovalFacts::default());
    let fields =
        json!({ "title": form.title.trim(), "owner": person.id, "ownerName": person.name, "approver": approver });
    let id = data::create::<Envelope>(&fields)?.target.document_id;
    Ok(go_to(admin_path(&id)))
}

fn go_to(path: String) -> ActionResult {
    ActionResult { view: None, notice: None, navigate: Some(path) }
}
