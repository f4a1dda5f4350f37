//! The plugin's content types, as far as the code reads them.

mod amount;
mod parts;
mod people;
mod share_link;
mod telemetry_run;
mod vehicle;

pub(crate) use amount::Amount;
pub(crate) use cairn_plugin::data::Link;
pub(crate) use parts::{
    Choice, ChoiceStatus, DocumentKind, Payment, PaymentState, Rating, ServiceRecord, Signature, TimelineEntry,
    VehicleDocument,
};
pub(crate) use people::{Access, Account, Invitation, Role, Scope};
pub(crate) use share_link::ShareLink;
pub(crate) use telemetry_run::{ChannelFigures, RunStatus, TelemetryRun};
pub(crate) use vehicle::{ReportOutcome, StepReport, Vehicle, VehicleStatus};

macro_rules! content_type {
    ($type:ty, $uid:literal) => {
        impl cairn_plugin::Document for $type {
            const TYPE: &'static str = $uid;
        }
    };
}
pub(crate) use content_type;

/// The filter of what belongs to a vehicle.
pub(crate) fn of_vehicle(vehicle: &str) -> serde_json::Value {
    serde_json::json!({ "vehicle": { "documentId": { "$eq": vehicle } } })
}
