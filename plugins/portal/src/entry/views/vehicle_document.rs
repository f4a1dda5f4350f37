//! The page of one vehicle in place of its form: how far it is, whom it belongs to, what belongs to it, and what has happened.

use super::fields::{column, condition};
use super::run_document::RUN_TONES;
use crate::model::{
    Access, Choice, Payment, Rating, ServiceRecord, ShareLink, StepReport, TelemetryRun, TimelineEntry, Vehicle,
    VehicleDocument, VehicleStatus,
};
use crate::production::steps::{Progress, Step, StepState};
use crate::surveys::model::SurveyResponse;
use cairn_plugin::prelude::*;
use cairn_plugin::views::label_values;
use serde_json::{Value, json};

const PAYMENT_TONES: [(&str, &str); 3] = [("open", "neutral"), ("overdue", "danger"), ("paid", "success")];
const CHOICE_TONES: [(&str, &str); 3] = [("proposed", "info"), ("confirmed", "success"), ("locked", "neutral")];
const SIGNATURE_TONES: [(&str, &str); 5] =
    [("sent", "info"), ("signed", "success"), ("declined", "danger"), ("expired", "warning"), ("withdrawn", "neutral")];

pub(super) const RESPONSE_TONES: [(&str, &str); 4] =
    [("open", "info"), ("answered", "success"), ("expired", "neutral"), ("declined", "warning")];

/// Describes the page.
///
/// # Errors
/// `NotFound` for a vehicle that does not exist; what the host says.
pub(super) fn describe(call: &Call, id: &str) -> Result<Value> {
    let vehicle = data::get::<Vehicle>(id)?.ok_or_else(|| Error::NotFound(id.to_owned()))?;
    let status = vehicle.status;
    let tone = match status {
        VehicleStatus::Ordered => "neutral",
        VehicleStatus::Production => "info",
        VehicleStatus::Delivered => "success",
        VehicleStatus::Cancelled => "danger",
    };
    let names: Vec<&str> =
        [&vehicle.model, &vehicle.order_no, &vehicle.vin].into_iter().filter_map(|text| text.as_deref()).collect();
    let mut header = json!({
        "kind": "header", "title": vehicle.title, "badge": { "label": format!("t:status.{}", status.name()), "tone": tone },
        "actions": list_actions(call, &vehicle),
    });
    if !names.is_empty() {
        header["subtitle"] = json!(names.join(" · "));
    }
    let document = json!({ "type": Vehicle::TYPE, "documentId": id });
    let left = json!({
        "kind": "fields", "label": "t:group.vehicle", "document": document,
        "fields": ["title", "model", "vin", "orderNo", "mileage", "orderedAt", "deliveredAt"], "edit": ["title", "model", "vin", "orderNo", "mileage"],
    });
    let right = json!({
        "kind": "fields", "label": "t:group.contract", "document": document,
        "fields": [{ "field": "contractAmount", "format": "money", "currencyField": "currency" }, "currency", "planComplete"],
        "edit": ["contractAmount", "currency", "planComplete"],
    });
    Ok(
        json!({ "kind": "stack", "live": [Vehicle::TYPE, Access::TYPE, VehicleDocument::TYPE, Payment::TYPE, Choice::TYPE, StepReport::TYPE, ShareLink::TYPE, TelemetryRun::TYPE], "show": [
        header,
        describe_steps(&vehicle.steps),
        { "kind": "columns", "items": [{ "show": [left] }, { "show": [right, describe_people(id)] }] },
        { "kind": "tabs", "items": describe_tabs(id, status == VehicleStatus::Cancelled) },
    ] }),
    )
}

/// The actions on a vehicle as it stands.
fn list_actions(call: &Call, vehicle: &Vehicle) -> Vec<Value> {
    let mut actions = Vec::new();
    if vehicle.status == VehicleStatus::Cancelled {
        actions.push(json!({ "id": "restore", "call": "restore", "label": "t:action.restore", "icon": "check", "confirm": "t:action.restore.sure" }));
        return actions;
    }
    if let Some(step) = vehicle.steps.open_step() {
        let name = translate(&format!("step.{}", step.name()), &call.locale, None);
        let state = vehicle.steps.next_state(step);
        let key = if state == StepState::Started { "action.start" } else { "action.finish" };
        let label = translate(key, &call.locale, Some(&json!({ "step": name })));
        actions.push(json!({ "id": "advance", "call": "advance", "values": { "step": step, "state": state }, "label": label, "icon": "flag", "confirm": "t:action.advance.sure" }));
    }
    actions.push(json!({ "id": "delegate", "call": "delegate", "label": "t:action.delegate", "icon": "users", "schema": delegate_schema() }));
    actions.push(json!({
        "id": "transfer", "call": "transfer", "label": "t:action.transfer", "icon": "users", "confirm": "t:action.transfer.sure",
        "schema": { "type": "object", "required": ["name", "email"], "properties": person_properties(), "order": ["name", "email", "language"] },
    }));
    actions.push(
        json!({ "id": "cancel", "call": "cancel", "label": "t:action.cancel", "confirm": "t:action.cancel.sure" }),
    );
    actions
}

fn person_properties() -> Value {
    json!({
        "name": { "type": "string", "title": "t:field.name", "maxLength": 160 },
        "email": { "type": "string", "title": "t:field.email", "format": "email", "maxLength": 254 },
        "language": { "type": "string", "title": "t:field.language", "oneOf": [{ "const": "nl", "title": "Nederlands" }, { "const": "en", "title": "English" }] },
    })
}

fn delegate_schema() -> Value {
    let mut properties = person_properties();
    properties["endsOn"] =
        json!({ "type": "string", "title": "t:field.endsOn", "description": "t:field.endsOn.hint", "format": "date" });
    for part in ["Timeline", "Documents", "Payments", "Choices", "Service"] {
        properties[format!("sees{part}")] =
            json!({ "type": "boolean", "title": format!("t:field.sees{part}"), "default": part == "Timeline" });
    }
    json!({
        "type": "object", "required": ["name", "email"], "properties": properties,
        "order": ["name", "email", "language", "endsOn", "seesTimeline", "seesDocuments", "seesPayments", "seesChoices", "seesService"],
    })
}

fn describe_steps(steps: &Progress) -> Value {
    let items = Step::ALL.map(|step| {
        let times = steps.times(step);
        let state = match times.status() {
            "done" => "done",
            "active" => "current",
            _ => "waiting",
        };
        let mut item = json!({ "label": format!("t:step.{}", step.name()), "state": state });
        if let Some(at) = times.done_at.as_ref().or(times.started_at.as_ref()) {
            item["at"] = json!(at);
        }
        item
    });
    json!({ "kind": "steps", "label": "t:group.steps", "items": items })
}

fn own(id: &str) -> Value {
    json!({ "and": [condition("vehicle.documentId", "$eq", id)] })
}

fn describe_people(id: &str) -> Value {
    json!({
        "kind": "table", "type": Access::TYPE, "label": "t:group.people", "sort": ["createdAt:asc"], "filters": own(id),
        "columns": [column("name", "name"), column("email", "email"), column("role", "role"), column("endsAt", "endsAt")],
    })
}

fn describe_tabs(id: &str, is_cancelled: bool) -> Value {
    let table = |uid: &str, sort: &str, columns: Vec<Value>| json!([{ "kind": "table", "type": uid, "sort": [sort], "filters": own(id), "columns": columns }]);
    let with_values = |field: &str, label: &str, values: Value| json!({ "field": field, "label": format!("t:column.{label}"), "values": values });
    let money = json!({ "field": "amount", "label": "t:column.amount", "format": "money" });
    json!([
        { "id": "timeline", "label": "t:tab.timeline", "show": table(TimelineEntry::TYPE, "createdAt:desc", vec![column("title", "title"), column("step", "step"), column("publishedAt", "publishedAt")]) },
        { "id": "documents", "label": "t:tab.documents", "show": table(VehicleDocument::TYPE, "issuedOn:desc", vec![
            column("title", "title"), column("kind", "kind"), column("issuedOn", "issuedOn"),
            with_values("signature", "signature", label_values("signature", &SIGNATURE_TONES)),
        ]) },
        { "id": "payments", "label": "t:tab.payments", "show": table(Payment::TYPE, "dueOn:asc", vec![
            column("title", "title"), money, column("dueOn", "dueOn"), with_values("state", "state", label_values("paymentState", &PAYMENT_TONES)),
        ]) },
        { "id": "choices", "label": "t:tab.choices", "show": table(Choice::TYPE, "deadline:asc", vec![
            column("title", "title"), column("option", "option"), column("deadline", "deadline"),
            with_values("status", "status", label_values("choiceStatus", &CHOICE_TONES)),
        ]) },
        { "id": "service", "label": "t:tab.service", "show": table(ServiceRecord::TYPE, "servicedOn:desc", vec![
            column("title", "title"), column("servicedOn", "servicedOn"), column("mileage", "mileage"), column("nextOn", "nextOn"), column("nextMileage", "nextMileage"),
        ]) },
        { "id": "ratings", "label": "t:tab.ratings", "show": table(Rating::TYPE, "ratedAt:desc", vec![column("step", "step"), column("score", "score"), column("text", "text"), column("ratedAt", "ratedAt")]) },
        { "id": "surveys", "label": "t:tab.surveys", "show": table(SurveyResponse::TYPE, "sentAt:desc", vec![
            column("survey", "survey"), column("customer", "customer"),
            with_values("state", "state", label_values("responseState", &RESPONSE_TONES)), column("sentAt", "sentAt"), column("answeredAt", "answeredAt"),
        ]) },
        { "id": "reports", "label": "t:tab.reports", "show": table(StepReport::TYPE, "createdAt:desc", vec![
            column("step", "step"), column("state", "state"), column("at", "at"), column("outcome", "outcome"), column("sender", "sender"),
        ]) },
        { "id": "telemetry", "label": "t:tab.telemetry", "show": describe_telemetry(id, is_cancelled) },
        { "id": "shares", "label": "t:tab.shares", "show": [{
            "kind": "table", "type": ShareLink::TYPE, "sort": ["createdAt:desc"], "filters": own(id),
            "columns": [column("message", "message"), column("createdAt", "createdAt"), column("endsAt", "endsAt"), column("revokedAt", "revokedAt"), column("views", "views")],
            "actions": [{ "id": "revoke-share", "call": "revoke-share", "label": "t:action.revoke-share", "confirm": "t:action.revoke-share.sure" }],
        }] },
    ])
}

/// The runs of a vehicle, and the button that adds one.
fn describe_telemetry(id: &str, is_cancelled: bool) -> Value {
    let status =
        json!({ "field": "status", "label": "t:column.status", "values": label_values("runStatus", &RUN_TONES) });
    let runs = json!({
        "kind": "table", "type": TelemetryRun::TYPE, "sort": ["createdAt:desc"], "filters": own(id),
        "columns": [column("title", "title"), column("ranAt", "ranAt"), status, column("rows", "rows"), column("message", "message")],
    });
    if is_cancelled {
        return json!([runs]);
    }
    let add = json!({
        "id": "telemetry", "call": "telemetry", "label": "t:action.telemetry", "icon": "chart",
        "schema": { "type": "object", "required": ["file"], "properties": {
            "file": { "type": "string", "title": "t:field.telemetryFile", "description": "t:field.telemetryFile.hint", "format": "file", "accepts": ["file"] },
            "title": { "type": "string", "title": "t:field.telemetryTitle", "maxLength": 160 },
        }, "order": ["file", "title"] },
    });
    json!([{ "kind": "actions", "items": [add] }, runs])
}
