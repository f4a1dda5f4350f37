//! Service of a vehicle, and the reminder of the next: by date or by mileage, whichever comes first.

use crate::messages::notify_staff;
use crate::model::{Link, ServiceRecord, Vehicle, VehicleStatus, of_vehicle};
use crate::payments::overdue::start_of_day;
use crate::preferences::delivery::mail_owners;
use crate::preferences::model::Topic;
use crate::refusals::refuse_field;
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The job of the reminder; its key is the vehicle's id.
pub(crate) const SERVICE_DUE_JOB: &str = "service-due";
/// Hour at which reminders are sent.
const HOUR: u32 = 8;

/// Payload of the job.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ServiceTask {
    vehicle: String,
}

/// A record as somebody writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenRecord {
    vehicle: Option<Link>,
    serviced_on: Option<String>,
    mileage: Option<i64>,
    next_on: Option<String>,
    next_mileage: Option<i64>,
}

/// The next service is after this one. Another date or mileage of it is reminded of again. When a record is deleted, the reminder is that of the
/// one before.
///
/// # Errors
/// What the host says.
pub(crate) fn decide_change(call: &Call, change: &Change) -> Result<Decision> {
    if change.action == Action::Delete {
        return note_deletion(&change.document_id).map(|()| Decision::Allow);
    }
    let Some(after) = change.after::<WrittenRecord>()? else { return Ok(Decision::Allow) };
    if after.vehicle.is_none() {
        return Ok(refuse_field("vehicle", "no-vehicle", call, None));
    }
    if change.action == Action::Update && change.touches("vehicle") {
        return Ok(refuse_field("vehicle", "other-vehicle", call, None));
    }
    if let (Some(serviced), Some(next)) = (&after.serviced_on, &after.next_on)
        && next <= serviced
    {
        return Ok(refuse_field("nextOn", "next-service", call, None));
    }
    if let (Some(mileage), Some(next)) = (after.mileage, after.next_mileage)
        && next <= mileage
    {
        return Ok(refuse_field("nextMileage", "next-service", call, None));
    }
    if change.action == Action::Update && change.touches("remindedAt") {
        return Ok(refuse_field("remindedAt", "kept", call, None));
    }
    let is_new = change.action == Action::Create || change.touches("nextOn") || change.touches("nextMileage");
    if is_new { Decision::amend(&json!({ "remindedAt": null })) } else { Ok(Decision::Allow) }
}

/// The last service of a vehicle: the one whose reminder counts.
fn find_last(vehicle: &str) -> Result<Option<Row<ServiceRecord>>> {
    data::find::<ServiceRecord>().filter(of_vehicle(vehicle)).sort("servicedOn:desc").sort("createdAt:desc").first()
}

/// A record is new or changed, or the mileage of a vehicle: the reminder follows.
///
/// # Errors
/// What the host says.
pub(crate) fn schedule_reminder(vehicle: &str) -> Result<()> {
    let Some(record) = find_last(vehicle)?.filter(|record| record.reminded_at.is_none()) else {
        return jobs::cancel(SERVICE_DUE_JOB, vehicle).map(|_| ());
    };
    let settings = Settings::load()?;
    let mileage = data::get::<Vehicle>(vehicle)?.and_then(|vehicle| vehicle.mileage);
    let is_near = is_near_mileage(&record, mileage, settings.service_kilometres);
    let day = match &record.next_on {
        Some(day) => start_of_day(day, -i64::from(settings.service_days), HOUR)?,
        None => None,
    };
    let due = if is_near { Some(time::now()) } else { day };
    match due {
        Some(at) => set_timer(vehicle, at),
        None => jobs::cancel(SERVICE_DUE_JOB, vehicle).map(|_| ()),
    }
}

fn set_timer(vehicle: &str, due: Instant) -> Result<()> {
    let task = ServiceTask { vehicle: vehicle.to_owned() };
    jobs::timer(SERVICE_DUE_JOB).key(vehicle).due(due).set(&task).map(|_| ())
}

/// A record is new or changed.
///
/// # Errors
/// What the host says.
pub(crate) fn note_record(id: &str) -> Result<()> {
    find_vehicle_of(id)?.map_or(Ok(()), |vehicle| schedule_reminder(&vehicle))
}

/// A record is about to be deleted. Which one is the last then is known with the commit: the job looks, and reminds of it or waits for its day.
fn note_deletion(id: &str) -> Result<()> {
    find_vehicle_of(id)?.map_or(Ok(()), |vehicle| set_timer(&vehicle, time::now()))
}

/// The id of the vehicle of a stored record.
fn find_vehicle_of(record: &str) -> Result<Option<String>> {
    let populate = json!({ "vehicle": { "fields": ["title"] } });
    let record = data::find::<ServiceRecord>().populate(populate).by_ids(&[record])?.pop().flatten();
    Ok(record.and_then(|record| record.fields.vehicle).map(|vehicle| vehicle.document_id))
}

/// True if a vehicle has nearly the mileage of the next service.
fn is_near_mileage(record: &ServiceRecord, mileage: Option<i64>, margin: i64) -> bool {
    matches!((record.next_mileage, mileage), (Some(next), Some(mileage)) if mileage >= next.saturating_sub(margin))
}

/// Reminds the owners of a vehicle of its next service, once.
///
/// # Errors
/// What the host says.
pub(crate) fn run_service_due(task: &ServiceTask) -> Result<()> {
    let id = task.vehicle.as_str();
    let settings = Settings::load()?;
    run_transaction(|| {
        let Some(vehicle) = data::find::<Vehicle>().lock().by_ids(&[id])?.pop().flatten() else { return Ok(()) };
        let Some(record) = find_last(id)?.filter(|record| record.reminded_at.is_none()) else { return Ok(()) };
        if vehicle.status == VehicleStatus::Cancelled {
            return Ok(());
        }
        let starts = match &record.next_on {
            Some(day) => start_of_day(day, -i64::from(settings.service_days), HOUR)?,
            None => None,
        };
        let is_due = starts.is_some_and(|at| at <= time::now());
        if !is_due && !is_near_mileage(&record, vehicle.mileage, settings.service_kilometres) {
            // The day of the next service, or the site's time zone, changed after the timer was set.
            return schedule_reminder(id);
        }
        data::update::<ServiceRecord>(&record.document_id, &json!({ "remindedAt": time::format(time::now()) }))?;
        let model = json!({ "vehicle": vehicle.title, "day": record.next_on, "mileage": record.next_mileage });
        let name = format!("service/{}/{}", record.document_id, time::now());
        mail_owners(&vehicle, &name, &record.document_id, Topic::Service, &model)?;
        let key = format!("{}/{}", record.document_id, time::now());
        notify_staff("service", &key, id, &json!({ "subject": record.title }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mileage_is_near_within_the_margin() {
        let record = |next: Option<i64>| -> ServiceRecord {
            serde_json::from_value(json!({ "title": "A", "servicedOn": "2026-01-01", "nextMileage": next })).unwrap()
        };
        let is_near = |next, mileage| is_near_mileage(&record(next), mileage, 1_000);
        assert!(is_near(Some(10_000), Some(9_000)) && is_near(Some(10_000), Some(12_000)));
        assert!(!is_near(Some(10_000), Some(8_999)) && !is_near(None, Some(9_000)) && !is_near(Some(10_000), None));
    }
}
