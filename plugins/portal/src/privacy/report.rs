//! The report of a person's data.

use super::{access_filter, account_of};
use crate::access::audience::filter_for;
use crate::access::seen::{SeenVehicle, select_seen};
use crate::model::{
    Access, Choice, Payment, Rating, Role, ServiceRecord, ShareLink, TelemetryRun, TimelineEntry, Vehicle, VehicleDocument,
};
use cairn_plugin::prelude::*;
use cairn_plugin::{KindCursor, KindReport, Person, ReportPage};
use serde_json::json;

/// Contents of a report: ten kinds of documents, without keys that say nothing about the person.
const REPORT: KindReport<'static> = KindReport {
    kinds: 10,
    left_out: &["source", "version", "personKey", "erasedAt", "tokenHash", "contentKey", "points"],
};
/// Positions of kinds of documents in a report.
const SHARES: usize = 8;
const TELEMETRY: usize = 9;
/// Most vehicles of a person.
const MAX_VEHICLES: u32 = 200;

/// A page of a report: accesses, and what the person sees of the vehicles that they own, or owned.
///
/// # Errors
/// What the host says.
pub(super) fn report_page(person: &Person, cursor: &KindCursor) -> Result<ReportPage> {
    if cursor.kind == 0 {
        return REPORT.list::<Access>("access", "name", access_filter(person), cursor);
    }
    if cursor.kind == 7 {
        let ratings =
            account_of(person).map_or_else(crate::access::audience::nothing, |account| json!({ "customer": account }));
        return REPORT.list::<Rating>("rating", "step", ratings, cursor);
    }
    if cursor.kind == SHARES {
        let own =
            account_of(person).map_or_else(crate::access::audience::nothing, |account| json!({ "customer": account }));
        return REPORT.list::<ShareLink>("share", "message", own, cursor);
    }
    let account = person.user.as_deref().unwrap_or_default();
    let owned = list_owned(person)?;
    let filter = |uid: &str| filter_for(uid, &owned, account);
    match cursor.kind {
        1 => REPORT.list::<Vehicle>("vehicle", "title", filter(Vehicle::TYPE), cursor),
        2 => REPORT.list::<TimelineEntry>("timeline", "title", filter(TimelineEntry::TYPE), cursor),
        3 => REPORT.list::<VehicleDocument>("document", "title", filter(VehicleDocument::TYPE), cursor),
        4 => REPORT.list::<Payment>("payment", "title", filter(Payment::TYPE), cursor),
        5 => {
            let confirmed = account_of(person).map(|account| json!({ "confirmedBy": account }));
            let own = std::iter::once(filter(Choice::TYPE)).chain(confirmed).collect::<Vec<_>>();
            REPORT.list::<Choice>("choice", "title", json!({ "$or": own }), cursor)
        }
        TELEMETRY => REPORT.list::<TelemetryRun>("telemetry", "title", filter(TelemetryRun::TYPE), cursor),
        _ => REPORT.list::<ServiceRecord>("service", "title", filter(ServiceRecord::TYPE), cursor),
    }
}

/// The vehicles that a person owns, or owned. What a delegate sees is about somebody else.
fn list_owned(person: &Person) -> Result<Vec<SeenVehicle>> {
    let accesses = data::find::<Access>().filter(access_filter(person)).filter(json!({ "role": Role::Owner }));
    let accesses = accesses.populate(json!({ "vehicle": true })).all(MAX_VEHICLES)?;
    // Also of an order that was cancelled long ago.
    Ok(select_seen(accesses, time::now(), u32::MAX).vehicles)
}
