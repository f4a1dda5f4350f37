//! The routes: what customers read and decide, and what programs send.

use crate::Portal;
use crate::bodies::read_body;
use crate::choices::confirmation::{ConfirmRequest, confirm_choice};
use crate::dashboard::me::describe_me;
use crate::dashboard::pages::Page;
use crate::dashboard::vehicle::describe_own;
use crate::documents::describe_documents;
use crate::production::reports::receive_report;
use crate::ratings::rate_step;
use crate::shares::{create_share, list_shares, respond_shared, revoke_share};
use crate::telemetry::{describe_run, describe_runs, receive_run};
use crate::theme::respond_theme;
use crate::timeline::describe_timeline;
use crate::vehicles::orders::receive_order;
use cairn_plugin::Actor;
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

impl Routes for Portal {
    fn handle(call: &Call, request: &Request) -> Result<Response> {
        let locale = call.locale.as_str();
        let id = request.parameter("id");
        match request.route.as_str() {
            "theme" => respond_theme(request),
            "me" => answer(200, &describe_me(require_user(call)?, locale)?),
            "vehicle" => answer(200, &describe_own(require_user(call)?, id, locale)?),
            "timeline" => answer(200, &describe_timeline(require_user(call)?, id, Page::read(request, locale)?)?),
            "documents" => answer(200, &describe_documents(require_user(call)?, id, Page::read(request, locale)?)?),
            "confirm" => {
                let wish = ConfirmRequest::read(request)?;
                answer(200, &confirm_choice(require_user(call)?, id, &wish, locale)?)
            }
            "rate" => {
                let (is_new, rating) = rate_step(require_user(call)?, id, &read_body(request)?, locale)?;
                answer(if is_new { 201 } else { 200 }, &rating)
            }
            "orders" => {
                let received = receive_order(&read_body(request)?, locale)?;
                let data =
                    json!({ "vehicle": received.vehicle, "orderNo": received.order_no, "isNew": received.is_new });
                answer(if received.is_new { 201 } else { 200 }, &json!({ "data": data }))
            }
            "steps" => {
                let received = receive_report(&read_body(request)?, locale)?;
                let data = json!({
                    "id": received.id, "vehicle": received.vehicle, "outcome": received.outcome, "missing": received.missing,
                    "isRepeated": received.is_repeated,
                });
                answer(if received.is_repeated { 200 } else { 202 }, &json!({ "data": data }))
            }
            "share" => answer(201, &create_share(require_user(call)?, id, &read_body(request)?, locale)?),
            "shares" => answer(200, &list_shares(require_user(call)?, id)?),
            "revoke-share" => answer(200, &revoke_share(require_user(call)?, id)?),
            "shared" => respond_shared(request.parameter("token")),
            "telemetry-upload" => {
                let received = receive_run(request, locale)?;
                let data = json!({
                    "id": received.id, "vehicle": received.vehicle, "status": received.status, "isRepeated": received.is_repeated,
                });
                answer(if received.is_repeated { 200 } else { 202 }, &json!({ "data": data }))
            }
            "telemetry-runs" => answer(200, &describe_runs(require_user(call)?, id, Page::read(request, locale)?)?),
            "telemetry-run" => answer(200, &describe_run(require_user(call)?, id)?),
            other => Err(Error::NotFound(other.to_owned())),
        }
    }
}

/// The id of the user of the content API who calls.
fn require_user(call: &Call) -> Result<&str> {
    match &call.actor {
        Actor::User(user) => Ok(&user.id),
        _ => Err(Error::Denied("only customers have vehicles".to_owned())),
    }
}

/// A response that depends on the caller: no cache on the way may store it.
fn answer(status: u16, body: &Value) -> Result<Response> {
    Ok(Response::json(status, body)?.header("cache-control", "private, no-store"))
}
