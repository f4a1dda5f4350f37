//! One vehicle as its customer sees it.

use super::parts::{
    describe_choice, describe_payment, describe_service, list_choices_of, list_payments_of, list_ratings_of,
    list_services_of,
};
use crate::access::audience::{filter_for, require_seen};
use crate::access::seen::SeenVehicle;
use crate::model::{Access, Choice, Payment, PaymentState, Rating, Role, ServiceRecord, of_vehicle};
use crate::payments::plan::add_up;
use crate::production::steps::Step;
use crate::ratings::closes_at;
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

/// Most of each in a response.
const MAX_PARTS: u32 = 500;
/// Most people of a vehicle.
const MAX_PEOPLE: u32 = 100;

/// The steps' names in a language.
pub(crate) struct StepNames([String; 5]);

impl StepNames {
    /// Reads them.
    pub(crate) fn new(locale: &str) -> Self {
        Self(Step::ALL.map(|step| translate(&format!("step.{}", step.name()), locale, None)))
    }

    fn of(&self, step: Step) -> &str {
        let number = Step::ALL.iter().position(|known| *known == step).unwrap_or_default();
        &self.0[number]
    }
}

/// A vehicle with its steps and, for those who see payments, its contract. Of one that is no longer theirs, what it was called.
pub(crate) fn describe_vehicle(
    seen: &SeenVehicle,
    payments: &[&Row<Payment>],
    ratings: &[&Row<Rating>],
    names: &StepNames,
    rating_days: u32,
) -> Value {
    let vehicle = &seen.vehicle;
    let mut described = json!({
        "documentId": vehicle.document_id, "title": vehicle.title, "model": vehicle.model, "role": seen.role,
        "until": seen.until_day,
    });
    if !seen.is_current {
        return described;
    }
    let steps = Step::ALL.map(|step| {
        let times = vehicle.steps.times(step);
        let rating = ratings.iter().find(|row| row.step == step);
        json!({
            "key": step, "title": names.of(step), "status": times.status(), "startedAt": times.started_at, "doneAt": times.done_at,
            "rating": rating.map(|row| json!({ "score": row.score, "text": row.text, "ratedAt": row.rated_at })),
            "ratingClosesAt": closes_at(&vehicle.steps, step, rating_days).map(time::format),
        })
    });
    let more = json!({
        "vin": vehicle.vin, "orderNo": vehicle.order_no, "status": vehicle.status, "step": vehicle.step, "steps": steps,
        "mileage": vehicle.mileage, "orderedAt": vehicle.ordered_at, "deliveredAt": vehicle.delivered_at,
        "cancelledAt": vehicle.cancelled_at, "scope": seen.scope,
    });
    if let (Some(fields), Value::Object(more)) = (described.as_object_mut(), more) {
        fields.extend(more);
    }
    // The contract of the first owner is not for later owners to see.
    if seen.scope.sees_payments && seen.ownership == 0 {
        let paid = add_up(payments.iter().filter(|row| row.state == PaymentState::Paid).map(|row| row.amount));
        described["contract"] = json!({
            "amount": vehicle.contract_amount, "currency": vehicle.currency, "paid": paid, "isComplete": vehicle.plan_complete,
        });
    }
    described
}

/// A vehicle with everything that belongs to it, but for the lists that have pages.
///
/// # Errors
/// `NotFound` for one that does not exist or is somebody else's.
pub(crate) fn describe_own(account: &str, id: &str, locale: &str) -> Result<Value> {
    let seen = [require_seen(account, id)?];
    let filter = |uid: &str| filter_for(uid, &seen, account);
    let payments = list_payments_of(filter(Payment::TYPE)).all(MAX_PARTS)?;
    let choices = list_choices_of(filter(Choice::TYPE)).all(MAX_PARTS)?;
    let services = list_services_of(filter(ServiceRecord::TYPE)).all(MAX_PARTS)?;
    let ratings = list_ratings_of(filter(Rating::TYPE)).all(MAX_PARTS)?;
    let now = time::now();
    let (paid, rated) = (payments.iter().collect::<Vec<_>>(), ratings.iter().collect::<Vec<_>>());
    let days = Settings::load()?.rating_days;
    let mut data = describe_vehicle(&seen[0], &paid, &rated, &StepNames::new(locale), days);
    data["payments"] = payments.iter().map(describe_payment).collect();
    data["choices"] = choices.iter().map(|row| describe_choice(row, now)).collect();
    let describe_fully = |row: &Row<ServiceRecord>| {
        let mut service = describe_service(row);
        service["description"] = json!(row.description);
        service
    };
    data["service"] = services.iter().map(describe_fully).collect();
    if seen[0].role == Role::Owner {
        data["people"] = list_people(id, seen[0].ownership, now)?.into();
    }
    Ok(json!({ "data": data }))
}

/// The people who see a vehicle now: an owner knows whom they share it with.
fn list_people(vehicle: &str, ownership: i64, now: Instant) -> Result<Vec<Value>> {
    let people = data::find::<Access>()
        .filter(of_vehicle(vehicle))
        .filter(json!({ "ownership": ownership }))
        .sort("createdAt:asc")
        .all(MAX_PEOPLE)?;
    let is_over = |access: &Row<Access>| {
        access.ends_at.as_deref().and_then(|at| time::parse(at).ok()).is_some_and(|at| at <= now)
    };
    let describe = |access: &Row<Access>| json!({ "name": access.name, "role": access.role, "endsAt": access.ends_at, "scope": access.scope });
    Ok(people.iter().filter(|access| !is_over(access)).map(describe).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::seen::select_seen;

    fn describe(access: Value) -> Value {
        let mut own = json!({
            "documentId": "a", "role": "owner",
            "vehicle": { "documentId": "v", "title": "F22", "vin": "XL9AA11G1X0000001", "contractAmount": 1000.5, "currency": "EUR" },
        });
        for (name, value) in access.as_object().unwrap() {
            own[name] = value.clone();
        }
        let now = time::parse("2026-06-01T12:00:00.000Z").unwrap();
        let seen = select_seen(serde_json::from_value(json!([own])).unwrap(), now, 90);
        let names = StepNames(Step::ALL.map(|step| step.name().to_owned()));
        describe_vehicle(&seen.vehicles[0], &[], &[], &names, 30)
    }

    #[test]
    fn owners_see_the_contract_and_delegates_only_with_the_scope() {
        assert_eq!(describe(json!({}))["contract"]["amount"], json!(1000.5));
        let delegate = describe(json!({ "role": "delegate", "seesTimeline": true }));
        assert_eq!((delegate.get("contract"), &delegate["steps"][0]["status"]), (None, &json!("todo")));
        let later = describe(
            json!({ "ownership": 1, "vehicle": { "documentId": "v", "title": "F22", "vin": "XL9AA11G1X0000001", "contractAmount": 1000.5, "ownership": 1 } }),
        );
        assert_eq!((later.get("contract"), &later["vin"]), (None, &json!("XL9AA11G1X0000001")));
    }

    #[test]
    fn of_a_vehicle_that_was_sold_only_its_name_is_left() {
        let former = describe(json!({ "endsAt": "2026-05-01T00:00:00.000Z" }));
        assert_eq!(former["until"], "2026-05-01");
        for hidden in ["vin", "steps", "contract", "mileage", "status"] {
            assert!(former.get(hidden).is_none(), "{hidden}");
        }
    }
}
