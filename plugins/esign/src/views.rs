//! The pages in the admin: envelopes by how they stand, one of them with what can be done with it, and those that wait for an approval.

mod envelope;
mod lists;

use crate::Esign;
use crate::approval::{approve, ask_for_approval};
use crate::approval_rules::{ApprovalFacts, find_rule_approver};
use crate::deadlines::{extend_envelope, remind_now};
use crate::drafts::{Editor, RecipientForm, save_recipients};
use crate::endings::void_envelope;
use crate::envelopes::{APPROVALS_PAGE, ENVELOPES_PAGE, admin_path, approval_path, require_envelope, require_visible};
use crate::model::Envelope;
use crate::person::Person;
use crate::sealing::retry_sealing;
use crate::sending::send_envelope;
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use cairn_plugin::{ActionRequest, ActionResult, ViewRequest};
use serde::Deserialize;
use serde_json::{Value, json};

/// The page on which an approver sees the fields on the pages.
const REVIEW_PAGE: &str = "/admin/plugins/esign/pages/review";
/// The page on which fields are placed.
const PLACE_PAGE: &str = "/admin/plugins/esign/pages/place";

impl Views for Esign {
    fn view(call: &Call, request: &ViewRequest) -> Result<Value> {
        let chosen =
            request.parameters.iter().find(|(name, _)| name == "envelope").map_or("", |(_, value)| value.as_str());
        match (request.view.as_str(), chosen) {
            ("envelopes", "") => Ok(lists::describe_envelopes()),
            ("approvals", "") => Ok(lists::describe_approvals(Person::of(call).as_ref())),
            ("envelopes" | "approvals", id) => {
                require_visible(id)?;
                envelope::describe(call, &require_envelope(id)?, request.view == "approvals")
            }
            (other, _) => Err(Error::NotFound(other.to_owned())),
        }
    }

    fn act(call: &Call, request: &ActionRequest) -> Result<ActionResult> {
        let unknown = || Error::NotFound(request.action.clone());
        let person = Person::of(call).ok_or_else(unknown)?;
        let form: ActionForm = request.values()?;
        match (request.view.as_str(), request.action.as_str()) {
            ("envelopes", "list") => return Ok(go_to(ENVELOPES_PAGE.to_owned(), None)),
            ("approvals", "list") => return Ok(go_to(APPROVALS_PAGE.to_owned(), None)),
            ("envelopes", "new") => return create_envelope(&form, &person),
            _ => {}
        }
        // A button of a list comes with a document, one of an envelope's page names it.
        let listed = request.document.as_ref().filter(|document| document.content_type == Envelope::TYPE);
        let id = listed.map(|document| document.document_id.clone()).or(form.envelope.clone()).ok_or_else(unknown)?;
        require_visible(&id)?;
        let locale = call.locale.as_str();
        let notice = match (request.view.as_str(), request.action.as_str()) {
            ("envelopes", "open") => return Ok(go_to(admin_path(&id), None)),
            ("approvals", "open") => return Ok(go_to(approval_path(&id), None)),
            ("envelopes", "place") => return Ok(go_to(format!("{PLACE_PAGE}?envelope={id}"), None)),
            ("approvals", "review") => return Ok(go_to(format!("{REVIEW_PAGE}?envelope={id}"), None)),
            ("approvals", "approve") => {
                approve(&id, &person, &form.digest, locale)?;
                "t:notice.done.approved".to_owned()
            }
            ("envelopes", "recipients") => {
                save_recipients(&id, &form.recipients, Editor { actor: &person.describe(), locale })?;
                "t:notice.done.saved".to_owned()
            }
            ("envelopes", "ask") => {
                ask_for_approval(&id, &person.name, locale)?;
                "t:notice.done.asked".to_owned()
            }
            ("envelopes", "send") => {
                send_envelope(&id, &person.into(), locale)?;
                "t:notice.done.sent".to_owned()
            }
            ("envelopes", "remind") => {
                remind_now(&id, &person, locale)?;
                "t:notice.done.reminded".to_owned()
            }
            ("envelopes", "extend") => {
                extend_envelope(&id, form.days, &person, locale)?;
                "t:notice.done.extended".to_owned()
            }
            ("envelopes", "void") => {
                void_envelope(&id, &form.reason, &person, locale)?;
                "t:notice.done.voided".to_owned()
            }
            ("envelopes", "retry") => {
                retry_sealing(&id, locale)?;
                "t:notice.done.retried".to_owned()
            }
            _ => return Err(unknown()),
        };
        let result = ActionResult::notice(notice);
        if listed.is_some() {
            return Ok(result);
        }
        result.with_view(&envelope::describe(call, &require_envelope(&id)?, request.view == "approvals")?)
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
    let approver = find_rule_approver(&settings.approval_rules, ApprovalFacts::default());
    let fields =
        json!({ "title": form.title.trim(), "owner": person.id, "ownerName": person.name, "approver": approver });
    let id = data::create::<Envelope>(&fields)?.target.document_id;
    Ok(go_to(admin_path(&id), None))
}

fn go_to(path: String, notice: Option<&str>) -> ActionResult {
    ActionResult { view: None, notice: notice.map(str::to_owned), navigate: Some(path) }
}

/// A button: its text is `action.<name>`.
fn describe_action(name: &str, icon: &str) -> Value {
    json!({ "id": name, "call": name, "label": format!("t:action.{name}"), "icon": icon })
}

/// A condition of a view.
fn build_condition(field: &str, operator: &str, value: impl Into<Value>) -> Value {
    json!({ "field": field, "operator": operator, "value": value.into() })
}
