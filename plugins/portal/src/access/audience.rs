//! Filters of what somebody sees: the read policy and the plugin's own routes use the same.

use super::seen::{Seen, SeenVehicle, select_seen};
use crate::consents::model::Consent;
use crate::model::{
    Access, Choice, DocumentKind, Payment, Rating, Role, RunStatus, ServiceRecord, ShareLink, TelemetryRun,
    TimelineEntry, Vehicle, VehicleDocument,
};
use crate::preferences::model::Preference;
use crate::settings::Settings;
use crate::surveys::model::SurveyResponse;
use cairn_plugin::bindings::policies;
use cairn_plugin::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Most vehicles of one person; older ones are not seen.
const MAX_VEHICLES: u32 = 100;

/// Most owners of one vehicle that get a mail or a survey.
const MAX_OWNERS: u32 = 20;

/// Name of everything that depends on a person's accesses, for invalidations of the read policy.
pub(crate) fn person_key(account: &str) -> String {
    format!("person:{account}")
}

/// Everything that a user of the content API sees now.
///
/// # Errors
/// What the host says.
pub(crate) fn find_seen(account: &str) -> Result<Seen> {
    let own = data::find::<Access>().filter(json!({ "account": { "documentId": { "$eq": account } } }));
    let accesses = own.populate(json!({ "vehicle": true })).sort("createdAt:desc").all(MAX_VEHICLES)?;
    Ok(select_seen(accesses, time::now(), Settings::load()?.cancelled_days))
}

/// The vehicle of that id, if it is theirs now.
///
/// # Errors
/// `NotFound` for one that does not exist, or is somebody else's.
pub(crate) fn require_seen(account: &str, vehicle: &str) -> Result<SeenVehicle> {
    let found = find_seen(account)?.vehicles.into_iter().find(|seen| seen.id() == vehicle && seen.is_current);
    found.ok_or_else(|| Error::NotFound(vehicle.to_owned()))
}

/// The filter of the documents of a type that somebody sees.
pub(crate) fn filter_for(uid: &str, seen: &[SeenVehicle], account: &str) -> Value {
    let within = |sees: &dyn Fn(&SeenVehicle) -> bool| {
        let ids: Vec<&str> = seen.iter().filter(|one| one.is_current && sees(one)).map(SeenVehicle::id).collect();
        of_vehicles(&ids)
    };
    match uid {
        Vehicle::TYPE => {
            let ids: Vec<&str> = seen.iter().filter(|one| one.is_current).map(SeenVehicle::id).collect();
            if ids.is_empty() { nothing() } else { json!({ "documentId": { "$in": ids } }) }
        }
        Access::TYPE => {
            let ids: Vec<&str> = seen.iter().map(|one| one.access.as_str()).collect();
            if ids.is_empty() { nothing() } else { json!({ "documentId": { "$in": ids } }) }
        }
        TimelineEntry::TYPE => within(&|one| one.scope.sees_timeline),
        Choice::TYPE => within(&|one| one.scope.sees_choices),
        ServiceRecord::TYPE => within(&|one| one.scope.sees_service),
        Payment::TYPE => list_accounts(seen, &|one| one.scope.sees_payments),
        VehicleDocument::TYPE => {
            let about_car = json!({ "$and": [
                within(&|one| one.scope.sees_documents), { "kind": { "$notIn": DocumentKind::PERSONAL } },
            ] });
            let about_owner = list_accounts(seen, &|one| one.scope.sees_documents);
            let about_owner = json!({ "$and": [about_owner, { "kind": { "$in": DocumentKind::PERSONAL } }] });
            any_of(vec![about_car, about_owner])
        }
        ShareLink::TYPE => list_accounts(seen, &|one| one.is_current && one.role == Role::Owner),
        TelemetryRun::TYPE => json!({ "$and": [
            within(&|one| one.scope.sees_timeline), { "status": { "$eq": RunStatus::Ready } },
        ] }),
        SurveyResponse::TYPE | Consent::TYPE => json!({ "customer": { "documentId": { "$eq": account } } }),
        Preference::TYPE => json!({ "account": { "documentId": { "$eq": account } } }),
        Rating::TYPE => json!({ "$and": [
            within(&|one| one.scope.sees_timeline), { "customer": { "documentId": { "$eq": account } } },
        ] }),
        _ => nothing(),
    }
}

/// The filter of what is about the owners of vehicles: each of it belongs to whoever owned the vehicle when it was written.
fn list_accounts(seen: &[SeenVehicle], sees: &dyn Fn(&SeenVehicle) -> bool) -> Value {
    let mut by_ownership: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    for one in seen.iter().filter(|one| sees(one)) {
        by_ownership.entry(one.ownership).or_default().push(one.id());
    }
    let filter = |(ownership, ids): (&i64, &Vec<&str>)| json!({ "$and": [of_vehicles(ids), { "ownership": { "$eq": ownership } }] });
    any_of(by_ownership.iter().map(filter).collect())
}

fn of_vehicles(ids: &[&str]) -> Value {
    if ids.is_empty() { nothing() } else { json!({ "vehicle": { "documentId": { "$in": ids } } }) }
}

fn any_of(mut filters: Vec<Value>) -> Value {
    match filters.len() {
        0 => nothing(),
        1 => filters.remove(0),
        _ => json!({ "$or": filters }),
    }
}

/// The filter that no document fits.
pub(crate) fn nothing() -> Value {
    json!({ "documentId": { "$null": true } })
}

/// How often a vehicle was sold: what is written now about its owner belongs to that time.
///
/// # Errors
/// What the host says.
pub(crate) fn find_ownership(vehicle: &str) -> Result<i64> {
    Ok(data::get::<Vehicle>(vehicle)?.map_or(0, |vehicle| vehicle.ownership))
}

/// Whoever sees these vehicles, or did, sees the change with its commit.
///
/// # Errors
/// What the host says.
pub(crate) fn invalidate_vehicle(vehicle: &str) -> Result<()> {
    let of_vehicle = data::find::<Access>().filter(crate::model::of_vehicle(vehicle));
    let accesses = of_vehicle.populate(json!({ "account": { "fields": ["username"] } })).all(1_000)?;
    invalidate(accesses.iter().filter_map(|access| access.account.as_ref()).map(|account| account.document_id.as_str()))
}

/// These people see a change with its commit.
///
/// # Errors
/// What the host says.
pub(crate) fn invalidate<'a>(accounts: impl Iterator<Item = &'a str>) -> Result<()> {
    let keys: Vec<String> = accounts.collect::<BTreeSet<_>>().into_iter().map(person_key).collect();
    if keys.is_empty() { Ok(()) } else { policies::invalidate(&keys) }
}

/// True for somebody to whom a vehicle belongs now. `ownership`: that of the vehicle.
pub(crate) fn is_current_owner(access: &Access, ownership: i64, now: Instant) -> bool {
    let is_before = |at: &Option<String>| at.as_deref().and_then(|at| time::parse(at).ok()).is_some_and(|at| at <= now);
    access.role == Role::Owner
        && access.ownership == ownership
        && !is_before(&access.ends_at)
        && (access.starts_at.is_none() || is_before(&access.starts_at))
}

/// The people to whom a vehicle belongs now, with their accounts. `ownership`: that of the vehicle.
///
/// # Errors
/// What the host says.
pub(crate) fn list_owners(vehicle: &str, ownership: i64, now: Instant) -> Result<Vec<Row<Access>>> {
    let owners = json!({ "role": Role::Owner, "ownership": ownership });
    let owners = data::find::<Access>().filter(crate::model::of_vehicle(vehicle)).filter(owners);
    let populate = json!({ "account": { "fields": ["username", "email", "blocked"] } });
    let mut owners = owners.populate(populate).sort("createdAt:asc").all(MAX_OWNERS)?;
    owners.retain(|access| is_current_owner(access, ownership, now));
    Ok(owners)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scope;

    fn seen(vehicle: &str, scope: Scope, ownership: i64, is_current: bool) -> SeenVehicle {
        let vehicle = serde_json::from_value(json!({ "documentId": vehicle, "title": "F22" })).unwrap();
        SeenVehicle {
            vehicle,
            access: "a".to_owned(),
            name: String::new(),
            role: Role::Owner,
            scope,
            ownership,
            is_current,
            until_day: None,
        }
    }

    #[test]
    fn without_a_vehicle_nothing_is_seen() {
        for uid in [Vehicle::TYPE, Access::TYPE, TimelineEntry::TYPE, Choice::TYPE, ServiceRecord::TYPE, Payment::TYPE]
        {
            assert_eq!(filter_for(uid, &[], "anna"), nothing(), "{uid}");
        }
        assert_eq!(filter_for(ShareLink::TYPE, &[], "anna"), nothing());
        assert_eq!(filter_for(TelemetryRun::TYPE, &[], "anna")["$and"][0], nothing());
        assert!(filter_for(VehicleDocument::TYPE, &[], "anna").to_string().matches("$null").count() == 2);
        let one = [seen("v", Scope::ALL, 0, true)];
        assert_eq!(filter_for("plugin::portal.step-report", &one, "anna"), nothing());
    }

    #[test]
    fn a_scope_hides_what_it_does_not_name() {
        let none = [seen("v", Scope::default(), 0, true)];
        for uid in [TimelineEntry::TYPE, Choice::TYPE, ServiceRecord::TYPE, Payment::TYPE] {
            assert_eq!(filter_for(uid, &none, "anna"), nothing(), "{uid}");
        }
        assert_eq!(filter_for(Vehicle::TYPE, &none, "anna")["documentId"]["$in"], json!(["v"]));
    }

    #[test]
    fn links_are_for_those_who_own_the_vehicle_now() {
        let owned = seen("v", Scope::ALL, 2, true);
        let links = filter_for(ShareLink::TYPE, std::slice::from_ref(&owned), "anna");
        assert_eq!(links["$and"][1], json!({ "ownership": { "$eq": 2 } }));
        let delegate = SeenVehicle { role: Role::Delegate, ..owned };
        assert_eq!(filter_for(ShareLink::TYPE, &[delegate], "anna"), nothing());
        assert_eq!(filter_for(ShareLink::TYPE, &[seen("v", Scope::ALL, 0, false)], "anna"), nothing());
    }

    #[test]
    fn telemetry_is_seen_with_the_timeline_once_it_is_ready() {
        let timeline = Scope { sees_timeline: true, ..Scope::default() };
        let runs = filter_for(TelemetryRun::TYPE, &[seen("v", timeline, 0, true)], "anna");
        assert_eq!(runs["$and"][1], json!({ "status": { "$eq": "ready" } }));
        assert_eq!(runs["$and"][0], of_vehicles(&["v"]));
        let none = filter_for(TelemetryRun::TYPE, &[seen("v", Scope::default(), 0, true)], "anna");
        assert_eq!(none["$and"][0], nothing());
    }

    #[test]
    fn a_former_owner_sees_only_what_was_about_them() {
        let former = [seen("v", Scope::ALL, 0, false)];
        for uid in [Vehicle::TYPE, TimelineEntry::TYPE, Choice::TYPE, ServiceRecord::TYPE] {
            assert_eq!(filter_for(uid, &former, "anna"), nothing(), "{uid}");
        }
        let payments = filter_for(Payment::TYPE, &former, "anna");
        assert_eq!(payments["$and"][1], json!({ "ownership": { "$eq": 0 } }));
        let documents = filter_for(VehicleDocument::TYPE, &former, "anna");
        assert_eq!(documents["$or"][0]["$and"][0], nothing());
        assert_eq!(documents["$or"][1]["$and"][1], json!({ "kind": { "$in": ["contract", "invoice"] } }));
    }

    #[test]
    fn the_next_owner_sees_nothing_about_the_one_before() {
        let next = [seen("v", Scope::ALL, 1, true), seen("w", Scope::ALL, 0, true)];
        let payments = filter_for(Payment::TYPE, &next, "bram");
        let of = |id: &str, ownership: i64| json!({ "$and": [{ "vehicle": { "documentId": { "$in": [id] } } }, { "ownership": { "$eq": ownership } }] });
        assert_eq!(payments["$or"], json!([of("w", 0), of("v", 1)]));
    }
}
