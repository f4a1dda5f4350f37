//! Actions that a customer can take next: documents to sign, choices to confirm, payments to make, steps to rate.

use crate::access::seen::SeenVehicle;
use crate::choices::decision::is_locked;
use crate::documents::own_signatures::OwnSignatures;
use crate::model::{Choice, ChoiceStatus, Link, Payment, PaymentState, Rating, Signature, VehicleDocument};
use crate::production::steps::Step;
use crate::ratings::closes_at;
use cairn_plugin::{Instant, Row, time};
use serde_json::{Value, json};

/// Everything that actions follow from.
pub(crate) struct Parts<'a> {
    pub(crate) vehicles: &'a [SeenVehicle],
    pub(crate) documents: &'a [Row<VehicleDocument>],
    pub(crate) signed: &'a OwnSignatures,
    pub(crate) payments: &'a [Row<Payment>],
    pub(crate) choices: &'a [Row<Choice>],
    pub(crate) ratings: &'a [Row<Rating>],
    pub(crate) rating_days: u32,
}

/// The id of the vehicle that a part belongs to.
pub(crate) fn id_of(link: Option<&Link>) -> &str {
    link.map_or("", |vehicle| vehicle.document_id.as_str())
}

/// The open actions, the most urgent first. Nothing can be done about an order that was cancelled, or a vehicle that is no longer theirs.
pub(crate) fn list_actions(parts: &Parts<'_>, now: Instant) -> Vec<Value> {
    let is_open = |link: Option<&Link>| {
        parts.vehicles.iter().any(|seen| seen.id() == id_of(link) && seen.is_current && !seen.is_cancelled())
    };
    let action = |kind: &str, vehicle: &str, id: Option<&str>, title: &str, due: Option<&str>| json!({ "kind": kind, "vehicle": vehicle, "documentId": id, "title": title, "due": due });
    let is_to_sign = |row: &&Row<VehicleDocument>| row.signature == Some(Signature::Sent) && !parts.signed.contain(row);
    let documents = parts.documents.iter().filter(is_to_sign).filter(|row| is_open(row.vehicle.as_ref()));
    let sign =
        documents.map(|row| action("sign", id_of(row.vehicle.as_ref()), Some(&row.document_id), &row.title, None));
    let is_choosable = |row: &&Row<Choice>| row.status == ChoiceStatus::Proposed && !is_locked(row, now);
    let choices = parts.choices.iter().filter(is_choosable).filter(|row| is_open(row.vehicle.as_ref()));
    let choose = choices.map(|row| {
        action("choose", id_of(row.vehicle.as_ref()), Some(&row.document_id), &row.title, Some(&row.deadline))
    });
    let payments = parts.payments.iter().filter(|row| row.state != PaymentState::Paid && is_open(row.vehicle.as_ref()));
    let pay = payments.map(|row| {
        let mut pay = action("pay", id_of(row.vehicle.as_ref()), Some(&row.document_id), &row.title, Some(&row.due_on));
        pay["overdue"] = json!(row.state == PaymentState::Overdue);
        pay["amount"] = json!(row.amount);
        pay
    });
    let mut actions: Vec<Value> = sign.chain(choose).chain(pay).collect();
    for seen in parts.vehicles.iter().filter(|seen| seen.is_current && !seen.is_cancelled() && seen.scope.sees_timeline)
    {
        for step in Step::ALL {
            let Some(closes) = closes_at(&seen.vehicle.steps, step, parts.rating_days).filter(|at| *at > now) else {
                continue;
            };
            let is_rated = parts.ratings.iter().any(|row| row.step == step && id_of(row.vehicle.as_ref()) == seen.id());
            if !is_rated {
                let mut rate = action("rate", seen.id(), None, &seen.vehicle.title, Some(&time::format(closes)));
                rate["step"] = json!(step);
                actions.push(rate);
            }
        }
    }
    sort_actions(&mut actions);
    actions
}

/// Puts the most urgent first. Days and times have the order of their texts; what has no day, such as a signature, comes first.
pub(crate) fn sort_actions(actions: &mut [Value]) {
    actions.sort_by_key(|action| action["due"].as_str().unwrap_or_default().to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::seen::select_seen;

    const NOW: &str = "2026-06-01T12:00:00.000Z";

    fn rows<T: serde::de::DeserializeOwned>(rows: Value) -> Vec<T> {
        serde_json::from_value(rows).unwrap()
    }

    fn list(vehicle: Value, access: Value) -> Vec<String> {
        let now = time::parse(NOW).unwrap();
        let mut own = json!({ "documentId": "a", "role": "owner", "vehicle": vehicle });
        for (name, value) in access.as_object().unwrap() {
            own[name] = value.clone();
        }
        let seen = select_seen(rows(json!([own])), now, 90);
        let of = json!({ "documentId": "v" });
        let documents = rows(json!([
            { "documentId": "d1", "vehicle": of, "kind": "contract", "title": "Contract", "signature": "sent" },
            { "documentId": "d2", "vehicle": of, "kind": "contract", "title": "Old", "signature": "signed" },
            { "documentId": "d3", "vehicle": { "documentId": "other" }, "kind": "contract", "title": "X", "signature": "sent" },
        ]));
        let payments = rows(json!([
            { "documentId": "p1", "vehicle": of, "title": "Late", "amount": 1, "dueOn": "2026-05-01", "state": "overdue" },
            { "documentId": "p2", "vehicle": of, "title": "Paid", "amount": 1, "dueOn": "2026-04-01", "state": "paid" },
        ]));
        let choices = rows(json!([
            { "documentId": "c1", "vehicle": of, "title": "Leather", "status": "proposed", "deadline": "2026-07-01T00:00:00.000Z" },
            { "documentId": "c2", "vehicle": of, "title": "Gone", "status": "proposed", "deadline": NOW },
            { "documentId": "c3", "vehicle": of, "title": "Done", "status": "confirmed", "deadline": "2026-07-01T00:00:00.000Z" },
        ]));
        let ratings = rows(json!([{ "documentId": "r", "vehicle": of, "step": "ontwerp", "score": 8 }]));
        let parts = Parts {
            vehicles: &seen.vehicles,
            documents: &documents,
            signed: &OwnSignatures::default(),
            payments: &payments,
            choices: &choices,
            ratings: &ratings,
            rating_days: 30,
        };
        let name = |action: &Value| {
            let of = action["documentId"].as_str().or(action["step"].as_str()).unwrap_or_default();
            format!("{} {of}", action["kind"].as_str().unwrap())
        };
        list_actions(&parts, now).iter().map(name).collect()
    }

    fn vehicle(status: &str) -> Value {
        let done = json!({ "startedAt": "2026-05-20T00:00:00.000Z", "doneAt": "2026-05-20T00:00:00.000Z" });
        let cancelled = (status == "cancelled").then_some(NOW);
        json!({
            "documentId": "v", "title": "F22", "status": status, "steps": { "ontwerp": done, "engineering": done }, "cancelledAt": cancelled,
        })
    }

    #[test]
    fn what_is_open_is_named_and_the_most_urgent_is_first() {
        assert_eq!(list(vehicle("production"), json!({})), ["sign d1", "pay p1", "rate engineering", "choose c1"]);
    }

    #[test]
    fn nothing_is_to_do_for_what_is_cancelled_or_no_longer_theirs() {
        assert!(list(vehicle("cancelled"), json!({})).is_empty());
        assert!(list(vehicle("production"), json!({ "endsAt": "2026-05-01T00:00:00.000Z" })).is_empty());
    }
}
