//! Consequences of events: of other plugins, of accounts, and of what was written here.

use crate::Portal;
use crate::access::accounts::{note_access, note_account};
use crate::choices::deadline::note_choice;
use crate::documents::envelopes::note_envelope;
use crate::model::{Access, Choice, Payment, ServiceRecord, Vehicle};
use crate::payments::overdue::note_payment;
use crate::service::{note_record, schedule_reminder};
use crate::telemetry::note_run;
use crate::vehicles::won_deals::note_won_deal;
use cairn_plugin::prelude::*;
use serde::Deserialize;

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
            other => Err(Error::NotFound(other.to_owned())),
        }
    }
}
