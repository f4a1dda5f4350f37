//! Vehicles and the reports of their production steps.

use super::{Amount, Link, content_type};
use crate::production::steps::{Progress, Step, StepState};
use cairn_plugin::data::or_default;
use serde::{Deserialize, Serialize};

/// A car that was ordered.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Vehicle {
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) model: Option<String>,
    #[serde(default)]
    pub(crate) vin: Option<String>,
    #[serde(default)]
    pub(crate) order_no: Option<String>,
    #[serde(default)]
    pub(crate) source: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) status: VehicleStatus,
    /// The first step that is not done, or the last.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) step: Step,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) steps: Progress,
    #[serde(default)]
    pub(crate) contract_amount: Option<Amount>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) currency: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) plan_complete: bool,
    #[serde(default)]
    pub(crate) mileage: Option<i64>,
    #[serde(default)]
    pub(crate) created_at: Option<String>,
    #[serde(default)]
    pub(crate) ordered_at: Option<String>,
    #[serde(default)]
    pub(crate) delivered_at: Option<String>,
    #[serde(default)]
    pub(crate) cancelled_at: Option<String>,
    /// How often it was sold.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) ownership: i64,
}
content_type!(Vehicle, "plugin::portal.vehicle");

/// How far a vehicle is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum VehicleStatus {
    /// No step has begun.
    #[default]
    Ordered,
    Production,
    Delivered,
    /// The order was withdrawn: it can be read for some time, and nothing of it changes.
    Cancelled,
}

impl VehicleStatus {
    /// The end of the keys of its texts.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Production => "production",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A step that another system reported.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StepReport {
    #[serde(default)]
    pub(crate) vehicle: Option<Link>,
    pub(crate) report_id: String,
    pub(crate) step: Step,
    pub(crate) state: StepState,
    pub(crate) at: String,
    pub(crate) outcome: ReportOutcome,
}
content_type!(StepReport, "plugin::portal.step-report");

/// Outcome of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ReportOutcome {
    Applied,
    /// A step before it is missing; it counts once that is there.
    Held,
    /// Somebody decided that it does not count.
    Discarded,
}
