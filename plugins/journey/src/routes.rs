//! The routes: what customers read, and what people of the team decide about journeys.

use crate::Journeys;
use crate::bodies::read_body;
use crate::chosen_documents::DocumentPage;
use crate::explain::explain_journey;
use crate::external_events::receive_event;
use crate::holds::{cancel_journey, pause_journey, resume_journey};
use crate::journeys::require_visible;
use crate::me::{PlanRange, describe_journeys, describe_state, read_notice, set_notifications};
use crate::moves::move_journey;
use crate::person::name_of;
use crate::revision_moves::{migrate_journey, migrate_revision};
use crate::revisions::create_revision;
use crate::shifts::shift_journey;
use crate::simulation_requests::describe_simulation;
use crate::starts::start_journey;
use crate::undo::undo_move;
use cairn_plugin::Actor;
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

impl Routes for Journeys {
    fn handle(call: &Call, request: &Request) -> Result<Response> {
        let locale = call.locale.as_str();
        let id = request.parameter("id");
        match request.route.as_str() {
            "me" => {
                let customer = require_user(call)?;
                let range = PlanRange::read(request.query("past"), request.query("upcoming"), locale)?;
                let page = DocumentPage::read(request.query("documents"), request.query("documentsPage"), locale)?;
                return answer(200, &describe_journeys(customer, range, page, locale)?);
            }
            "notifications" => {
                let customer = require_user(call)?;
                return answer(200, &set_notifications(customer, id, &read_body(request)?)?);
            }
            "read-notice" => return answer(200, &read_notice(require_user(call)?, id)?),
            "start" => {
                let id = start_journey(&read_body(request)?, &name_of(call), locale)?;
                return answer(201, &describe_state(&id, locale)?);
            }
            "events" => {
                let received = receive_event(&read_body(request)?, locale)?;
                let status = if received.repeated { 200 } else { 202 };
                let data = json!({ "id": received.id, "journey": received.journey, "repeated": received.repeated });
                return answer(status, &json!({ "data": data }));
            }
            "revise" => {
                let created = create_revision(id, locale)?;
                return answer(201, &json!({ "data": created }));
            }
            "migrate-revision" => {
                let result = migrate_revision(id, &read_body(request)?, locale)?;
                let status = if result.stored { 202 } else { 200 };
                return answer(status, &json!({ "data": result }));
            }
            "simulate" => return answer(200, &describe_simulation(&read_body(request)?, locale)?),
            _ => require_visible(id)?,
        }
        match request.route.as_str() {
            "move" => drop(move_journey(id, &read_body(request)?, &name_of(call), locale)?),
            "pause" => pause_journey(id, locale)?,
            "resume" => resume_journey(id, locale)?,
            "cancel" => cancel_journey(id, locale)?,
            "undo" => undo_move(id, &name_of(call), locale)?,
            "migrate" => {
                return answer(200, &json!({ "data": migrate_journey(id, &read_body(request)?, locale)? }));
            }
            "shift" => return answer(200, &json!({ "data": shift_journey(id, &read_body(request)?, locale)? })),
            "explain" => return answer(200, &json!({ "data": explain_journey(id, locale)? })),
            other => return Err(Error::NotFound(other.to_owned())),
        }
        answer(200, &describe_state(id, locale)?)
    }
}

/// The id of the user of the content API who asks.
fn require_user(call: &Call) -> Result<&str> {
    match &call.actor {
        Actor::User(user) => Ok(&user.id),
        _ => Err(Error::Denied("only customers have journeys".to_owned())),
    }
}

/// A response that depends on the caller: no cache on the way may store it.
fn answer(status: u16, body: &Value) -> Result<Response> {
    Ok(Response::json(status, body)?.header("cache-control", "private, no-store"))
}
