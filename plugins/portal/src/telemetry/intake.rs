//! Files of measurements come in: from a data logger by a route, or from the team by the page of a vehicle.

use crate::model::{RunStatus, TelemetryRun, Vehicle, VehicleStatus};
use crate::refusals::{wrong_field, wrong_state};
use crate::settings::Settings;
use crate::vehicles::vin::normalise_vin;
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use cairn_plugin::{files, run_transaction};
use serde::Deserialize;
use serde_json::{Value, json};

/// Most characters of a title.
const MAX_TITLE_CHARS: usize = 160;
const MEDIA_TYPE: &str = "text/csv";

/// A run that was received.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ReceivedRun {
    pub(crate) id: String,
    pub(crate) vehicle: String,
    pub(crate) status: RunStatus,
    /// The same file had been received for the vehicle before.
    pub(crate) is_repeated: bool,
}

/// Stores the body of a request as a run of a vehicle; a job reads it.
///
/// # Errors
/// `NotFound` for a vehicle that there is not; `Conflict` for one whose order is cancelled, and for a name that two have; `Invalid` for a
/// parameter that is wrong, and an empty body.
pub(crate) fn receive_run(request: &Request, locale: &str) -> Result<ReceivedRun> {
    let title = read_title(request.query("title").unwrap_or_default(), locale)?;
    let ran_at = match request.query("ranAt").filter(|at| !at.is_empty()) {
        Some(at) => Some(time::format(time::parse(at).map_err(|_| wrong_field("ranAt", "report-at", locale, None))?)),
        None => None,
    };
    let vehicle = find_named_vehicle(request.parameter("id"), locale)?;
    let no_body = || wrong_field("file", "telemetry-body", locale, None);
    let body = request.file().ok_or_else(no_body)?;
    let info = files::stat(body)?.filter(|info| info.size > 0).ok_or_else(no_body)?;
    let hash: String = info.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    let key = format!("{}/{hash}", vehicle.document_id);
    if let Some(known) = find_known(&key)? {
        return Ok(known.into_received(&vehicle.document_id));
    }
    let file = files::keep(body, &name_file(&vehicle), MEDIA_TYPE)?;
    let stored = run_transaction(|| {
        require_running(&vehicle.document_id, locale)?;
        data::create::<TelemetryRun>(&json!({
            "vehicle": vehicle.document_id, "title": title, "ranAt": ran_at, "file": { "documentId": file },
            "status": RunStatus::Processing, "contentKey": key,
        }))
    });
    match stored {
        Ok(created) => Ok(ReceivedRun {
            id: created.target.document_id,
            vehicle: vehicle.document_id,
            status: RunStatus::Processing,
            is_repeated: false,
        }),
        Err(error) => {
            files::delete(&[file])?;
            // The same file came twice at once.
            match find_known(&key)? {
                Some(known) if error.is_conflict("unique") => Ok(known.into_received(&vehicle.document_id)),
                _ => Err(error),
            }
        }
    }
}

/// A run of the same file.
struct KnownRun {
    id: String,
    status: RunStatus,
}

impl KnownRun {
    fn into_received(self, vehicle: &str) -> ReceivedRun {
        ReceivedRun { id: self.id, vehicle: vehicle.to_owned(), status: self.status, is_repeated: true }
    }
}

fn find_known(key: &str) -> Result<Option<KnownRun>> {
    let known = data::find::<TelemetryRun>().filter(json!({ "contentKey": { "$eq": key } })).fields(&["status"]);
    Ok(known.first()?.map(|run| KnownRun { id: run.document_id.clone(), status: run.status }))
}

fn read_title(text: &str, locale: &str) -> Result<String> {
    let title = text.trim();
    if title.chars().count() > MAX_TITLE_CHARS || title.chars().any(char::is_control) {
        return Err(wrong_field("title", "order-text", locale, Some(&json!({ "most": MAX_TITLE_CHARS }))));
    }
    if title.is_empty() { name_run() } else { Ok(title.to_owned()) }
}

/// The title of a run whose sender gave it none.
///
/// # Errors
/// What the host says.
pub(super) fn name_run() -> Result<String> {
    Ok(translate("telemetry.untitled", &Settings::load()?.language, None))
}

/// The vehicle that has this id, VIN or number of an order.
fn find_named_vehicle(name: &str, locale: &str) -> Result<Row<Vehicle>> {
    let name = name.trim();
    let unknown = || Error::NotFound(name.to_owned());
    if name.is_empty() {
        return Err(unknown());
    }
    let named = json!({ "$or": [
        { "documentId": { "$eq": name } }, { "orderNo": { "$eq": name } }, { "vin": { "$eq": normalise_vin(name) } },
    ] });
    let mut found = data::find::<Vehicle>().filter(named).all(2)?;
    let vehicle = found.pop().ok_or_else(unknown)?;
    if !found.is_empty() {
        return Err(wrong_state("telemetry-vehicle", locale));
    }
    if vehicle.status == VehicleStatus::Cancelled {
        return Err(wrong_state("vehicle-cancelled", locale));
    }
    Ok(vehicle)
}

/// Checks in the open transaction that nobody has cancelled the order.
fn require_running(vehicle: &str, locale: &str) -> Result<()> {
    let stored = data::find::<Vehicle>().lock().by_ids(&[vehicle])?.pop().flatten();
    let stored = stored.ok_or_else(|| Error::NotFound(vehicle.to_owned()))?;
    if stored.status == VehicleStatus::Cancelled { Err(wrong_state("vehicle-cancelled", locale)) } else { Ok(()) }
}

/// The name of a file in the media library.
fn name_file(vehicle: &Vehicle) -> String {
    let number = vehicle.order_no.as_deref().or(vehicle.vin.as_deref()).unwrap_or_default();
    let number: String = number.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(60).collect();
    if number.is_empty() { "telemetry.csv".to_owned() } else { format!("telemetry-{number}.csv") }
}

/// A run as the form of a vehicle's page has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunForm {
    #[serde(default)]
    title: String,
    #[serde(default)]
    file: Option<String>,
}

/// Adds a run with a file of the media library, with the permissions of whoever chose it; a job reads it.
///
/// # Errors
/// `Invalid` without a file, or with one that the person may not use; `Denied` for people who may not create runs.
pub(crate) fn add_run(vehicle: &str, form: &RunForm, locale: &str) -> Result<()> {
    let title = read_title(&form.title, locale)?;
    let file = form.file.as_deref().filter(|file| !file.is_empty());
    let file = file.ok_or_else(|| wrong_field("file", "no-file", locale, None))?;
    run_transaction(|| {
        require_running(vehicle, locale)?;
        let fields: Value = json!({
            "vehicle": vehicle, "title": title, "file": { "documentId": file }, "status": RunStatus::Processing,
        });
        Batch::new().as_caller().create::<TelemetryRun>(&fields)?.write().map(|_| ())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_its_vehicle() {
        let vehicle = |fields: Value| serde_json::from_value::<Vehicle>(fields).unwrap();
        let named = vehicle(json!({ "title": "Anna", "orderNo": "F22/104 é", "vin": "XL9AA11G1X0000001" }));
        assert_eq!(name_file(&named), "telemetry-F22-104--.csv");
        assert_eq!(name_file(&vehicle(json!({ "title": "Anna" }))), "telemetry.csv");
    }
}
