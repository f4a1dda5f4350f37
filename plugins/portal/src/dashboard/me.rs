//! Everything that a customer sees, in one response: a fixed number of queries, however many vehicles there are.

use super::actions::{Parts, id_of, list_actions, sort_actions};
use super::parts::{
    describe_choice, describe_document, describe_entry, describe_payment, describe_service, list_choices_of,
    list_documents_of, list_entries_of, list_payments_of, list_ratings_of, list_services_of,
};
use super::vehicle::{StepNames, describe_vehicle};
use crate::access::audience::{filter_for, find_seen};
use crate::access::invitations::claim_accesses;
use crate::documents::own_signatures::OwnSignatures;
use crate::model::{Choice, Link, Payment, Rating, ServiceRecord, TimelineEntry, VehicleDocument};
use crate::settings::Settings;
use crate::surveys::responses::{describe_response, list_actions as list_survey_actions, list_open};
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

/// Most of each in a response. All of them are in the lists of a vehicle.
const MAX_ENTRIES: u32 = 20;
const MAX_DOCUMENTS: u32 = 100;
const MAX_PAYMENTS: u32 = 300;
const MAX_CHOICES: u32 = 200;
const MAX_SERVICES: u32 = 50;
const MAX_RATINGS: u32 = 500;

/// The dashboard of a user of the content API.
///
/// # Errors
/// What the host says.
pub(crate) fn describe_me(account: &str, locale: &str) -> Result<Value> {
    let mut seen = find_seen(account)?.vehicles;
    // The address of whoever comes from their invitation has just been verified.
    if seen.is_empty() && claim_accesses(account)? {
        seen = find_seen(account)?.vehicles;
    }
    let now = time::now();
    let name = seen.iter().map(|one| one.name.as_str()).find(|name| !name.is_empty()).unwrap_or_default();
    if seen.is_empty() {
        return Ok(describe(name, json!({}), Vec::new()));
    }
    let filter = |uid: &str| filter_for(uid, &seen, account);
    let entries = list_entries_of(filter(TimelineEntry::TYPE)).all(MAX_ENTRIES)?;
    let documents = list_documents_of(filter(VehicleDocument::TYPE)).all(MAX_DOCUMENTS)?;
    let payments = list_payments_of(filter(Payment::TYPE)).all(MAX_PAYMENTS)?;
    let choices = list_choices_of(filter(Choice::TYPE)).all(MAX_CHOICES)?;
    let services = list_services_of(filter(ServiceRecord::TYPE)).all(MAX_SERVICES)?;
    let ratings = list_ratings_of(filter(Rating::TYPE)).all(MAX_RATINGS)?;
    let settings = Settings::load()?;
    let signed = OwnSignatures::find(account, &documents)?;
    let parts = Parts {
        vehicles: &seen,
        documents: &documents,
        signed: &signed,
        payments: &payments,
        choices: &choices,
        ratings: &ratings,
        rating_days: settings.rating_days,
    };
    let surveys = list_open(account, &seen, now)?;
    let mut actions = list_actions(&parts, now);
    actions.extend(list_survey_actions(&surveys));
    sort_actions(&mut actions);
    let names = StepNames::new(locale);
    let of = |link: Option<&Link>, mut described: Value| {
        described["vehicle"] = json!(id_of(link));
        described
    };
    let own = |link: Option<&Link>, id: &str| id_of(link) == id;
    let vehicles: Vec<Value> = seen
        .iter()
        .map(|one| {
            let paid = payments.iter().filter(|row| own(row.vehicle.as_ref(), one.id()));
            let rated = ratings.iter().filter(|row| own(row.vehicle.as_ref(), one.id()));
            describe_vehicle(one, &paid.collect::<Vec<_>>(), &rated.collect::<Vec<_>>(), &names, settings.rating_days)
        })
        .collect();
    let parts = json!({
        "vehicles": vehicles,
        "timeline": entries.iter().map(|row| of(row.vehicle.as_ref(), describe_entry(row))).collect::<Vec<_>>(),
        "documents": documents.iter().map(|row| of(row.vehicle.as_ref(), describe_document(row, &signed))).collect::<Vec<_>>(),
        "payments": payments.iter().map(|row| of(row.vehicle.as_ref(), describe_payment(row))).collect::<Vec<_>>(),
        "choices": choices.iter().map(|row| of(row.vehicle.as_ref(), describe_choice(row, now))).collect::<Vec<_>>(),
        "service": services.iter().map(|row| of(row.vehicle.as_ref(), describe_service(row))).collect::<Vec<_>>(),
        "surveys": surveys.iter().map(|row| describe_response(row, true, locale)).collect::<Vec<_>>(),
    });
    Ok(describe(name, parts, actions))
}

/// The response; what is missing among the parts is empty.
fn describe(name: &str, parts: Value, actions: Vec<Value>) -> Value {
    let mut data = json!({ "name": name, "actions": actions });
    // Messages and events have a place of their own already: programs that read this need not change when they come.
    for list in ["vehicles", "timeline", "documents", "payments", "choices", "service", "surveys", "messages", "events"]
    {
        data[list] = parts.get(list).cloned().unwrap_or_else(|| json!([]));
    }
    json!({ "data": data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_without_a_vehicle_has_every_list_empty() {
        let data = &describe("", json!({}), Vec::new())["data"];
        for list in [
            "vehicles",
            "timeline",
            "documents",
            "payments",
            "choices",
            "service",
            "surveys",
            "actions",
            "messages",
            "events",
        ] {
            assert_eq!(data[list], json!([]), "{list}");
        }
    }
}
