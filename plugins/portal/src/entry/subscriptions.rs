//! Consequences of events: of other plugins, of accounts, and of what was written here.

use crate::Portal;
use crate::access::accounts::{note_access, note_account};
use crate::choices::deadline::note_choice;
use crate::documents::envelopes::note_envelope;
use crate::documents::note_document;
use crate::model::{Access, Choice, Payment, ServiceRecord, Vehicle, VehicleDocument};
use crate::payments::overdue::note_payment;
use crate::service::{note_record, schedule_reminder};
use crate::surveys::triggers::follow_vehicle;
use crate::telemetry::note_run;
use crate::vehicles::won_deals::note_won_deal;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::json;

/// The document that an event is about.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChangedDocument {
    content_type: String,
    document_id: String,
}

impl Events for Portal {
    fn one(_call: &Call, subscription: &str, event: &Event) -> Result<()> {
        match subscription {
            "won-deals" => note_won_deal(event),
            "envelopes" => note_envelope(event),
            "accounts" => note_account(&event.document_id()),
            "telemetry" => note_run(&event.document_id()),
            "changes" => {
                let changed: ChangedDocument = event.data()?;
                let id = changed.document_id.as_str();
                match changed.content_type.as_str() {
                    Access::TYPE => note_access(id),
                    Payment::TYPE => note_payment(id),
                    Choice::TYPE => note_choice(id),
                    ServiceRecord::TYPE => note_record(id),
                    Vehicle::TYPE => schedule_reminder(id),
                    other => Err(Error::NotFound(other.to_owned())),
                }
            }
            "owners" => {
                let changed: ChangedDocument = event.data()?;
                if changed.content_type == VehicleDocument::TYPE {
                    return note_document(&changed.document_id);
                }
                match find_vehicle_of(&changed)? {
                    Some(vehicle) => follow_vehicle(&vehicle),
                    None => Ok(()),
                }
            }
            other => Err(Error::NotFound(other.to_owned())),
        }
    }
}

/// The vehicle that a changed document is, or belongs to; none for one that is gone.
fn find_vehicle_of(changed: &ChangedDocument) -> Result<Option<String>> {
    let (id, populate) = (changed.document_id.as_str(), json!({ "vehicle": { "fields": ["title"] } }));
    Ok(match changed.content_type.as_str() {
        Vehicle::TYPE => Some(id.to_owned()),
        Access::TYPE => {
            let access = data::find::<Access>().populate(populate).by_ids(&[id])?.pop().flatten();
            access.and_then(|access| access.fields.vehicle).map(|vehicle| vehicle.document_id)
        }
        ServiceRecord::TYPE => {
            let record = data::find::<ServiceRecord>().populate(populate).by_ids(&[id])?.pop().flatten();
            record.and_then(|record| record.fields.vehicle).map(|vehicle| vehicle.document_id)
        }
        other => return Err(Error::NotFound(other.to_owned())),
    })
}
