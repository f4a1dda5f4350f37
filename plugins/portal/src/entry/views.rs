//! The pages in the admin. They name what is shown; the host reads it with the permissions of who looks, and draws it.

mod board;
mod fields;
mod run_document;
mod survey_document;
mod tasks;
mod vehicle_document;

use crate::Portal;
use crate::access::invitations::invite_now;
use crate::access::transfer::{PersonForm, add_delegate, transfer_vehicle};
use crate::bodies::read_form;
use crate::model::{Access, ShareLink, StepReport, Vehicle};
use crate::production::changes::{advance_vehicle, move_vehicle, set_cancelled};
use crate::production::reports::discard_report;
use crate::refusals::wrong_field;
use crate::shares::revoke_as_staff;
use crate::telemetry::{RunForm, add_run};
use cairn_plugin::prelude::*;
use cairn_plugin::{ActionRequest, ActionResult, ViewRequest};
use serde::Deserialize;
use serde_json::Value;

/// The page for one document.
const VEHICLE_DOCUMENT: &str = "vehicle-document";
/// The page for one telemetry run.
const RUN_DOCUMENT: &str = "run-document";

impl Views for Portal {
    fn view(call: &Call, request: &ViewRequest) -> Result<Value> {
        match request.view.as_str() {
            "board" => Ok(board::describe()),
            "tasks" => Ok(tasks::describe()),
            VEHICLE_DOCUMENT => {
                let document = request.document.as_ref().map_or("", |document| document.document_id.as_str());
                vehicle_document::describe(call, document)
            }
            RUN_DOCUMENT => {
                run_document::describe(request.document.as_ref().map_or("", |document| document.document_id.as_str()))
            }
            "survey-document" => {
                let document = request.document.as_ref().map_or("", |document| document.document_id.as_str());
                survey_document::describe(call, document)
            }
            other => Err(Error::NotFound(other.to_owned())),
        }
    }

    /// The buttons of the pages, which need the permission to manage vehicles.
    fn act(call: &Call, request: &ActionRequest) -> Result<ActionResult> {
        let locale = call.locale.as_str();
        let document = request.document.as_ref().ok_or_else(|| Error::NotFound(request.action.clone()))?;
        let id = document.document_id.as_str();
        if request.view == "tasks" && request.action == "discard" {
            require_visible::<VisibleReport>(id)?;
            discard_report(id)?;
            return Ok(ActionResult::notice("t:notice.discarded"));
        }
        if request.view == "tasks" && request.action == "invite" {
            require_visible::<VisibleAccess>(id)?;
            return Ok(ActionResult::notice(invite_now(id, locale)?));
        }
        if request.view == VEHICLE_DOCUMENT && request.action == "revoke-share" {
            require_visible::<VisibleShare>(id)?;
            revoke_as_staff(id)?;
            return Ok(ActionResult::notice("t:notice.share-revoked"));
        }
        if document.content_type != Vehicle::TYPE || !matches!(request.view.as_str(), "board" | VEHICLE_DOCUMENT) {
            return Err(Error::NotFound(request.action.clone()));
        }
        require_visible::<VisibleVehicle>(id)?;
        let notice = match request.action.as_str() {
            "move" => {
                let form: MoveForm = read_form(request)?;
                let to = form.to.filter(|to| !to.is_empty());
                move_vehicle(id, &to.ok_or_else(|| wrong_field("to", "unknown-step", locale, None))?, locale)?;
                "t:notice.moved"
            }
            "advance" => {
                let form: AdvanceForm = read_form(request)?;
                advance_vehicle(id, (&form.step, &form.state), locale)?;
                "t:notice.moved"
            }
            "delegate" => {
                add_delegate(id, &read_form::<PersonForm>(request)?, locale)?;
                "t:notice.delegate"
            }
            "transfer" => {
                transfer_vehicle(id, &read_form::<PersonForm>(request)?, locale)?;
                "t:notice.transferred"
            }
            "telemetry" => {
                add_run(id, &read_form::<RunForm>(request)?, locale)?;
                "t:notice.telemetry"
            }
            "cancel" => {
                set_cancelled(id, true)?;
                "t:notice.cancelled"
            }
            "restore" => {
                set_cancelled(id, false)?;
                "t:notice.restored"
            }
            other => return Err(Error::NotFound(other.to_owned())),
        };
        let result = ActionResult::notice(notice);
        if request.view == VEHICLE_DOCUMENT {
            result.with_view(&vehicle_document::describe(call, id)?)
        } else {
            Ok(result)
        }
    }
}

/// The column of the board that a card is dragged to.
#[derive(Deserialize)]
struct MoveForm {
    #[serde(default)]
    to: Option<String>,
}

/// The step that the person saw, and what they said of it.
#[derive(Deserialize)]
struct AdvanceForm {
    #[serde(default)]
    step: String,
    #[serde(default)]
    state: String,
}

/// A document as far as it matters whether it can be seen.
#[derive(Deserialize)]
struct VisibleVehicle {}

impl Document for VisibleVehicle {
    const TYPE: &'static str = Vehicle::TYPE;
}

#[derive(Deserialize)]
struct VisibleAccess {}

impl Document for VisibleAccess {
    const TYPE: &'static str = Access::TYPE;
}

#[derive(Deserialize)]
struct VisibleShare {}

impl Document for VisibleShare {
    const TYPE: &'static str = ShareLink::TYPE;
}

#[derive(Deserialize)]
struct VisibleReport {}

impl Document for VisibleReport {
    const TYPE: &'static str = StepReport::TYPE;
}

/// Checks that the person of this call may read a document: whoever may manage vehicles manages those that they see.
fn require_visible<T: Document>(id: &str) -> Result<()> {
    let found = data::find::<T>().as_caller().fields(&["createdAt"]).by_ids(&[id])?.pop().flatten();
    found.map(|_| ()).ok_or_else(|| Error::NotFound(id.to_owned()))
}
