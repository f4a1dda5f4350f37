//! Types of documents that belong to a vehicle.

use super::{Amount, Link, content_type};
use crate::production::steps::Step;
use cairn_plugin::data::or_default;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// News about a vehicle.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TimelineEntry {
    #[serde(default)]
    pub(crate) vehicle: Option<Link>,
    #[serde(default)]
    pub(crate) step: Option<Step>,
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) body: Option<String>,
    #[serde(default)]
    pub(crate) photos: Value,
    #[serde(default)]
    pub(crate) films: Value,
    #[serde(default)]
    pub(crate) published_at: Option<String>,
}
content_type!(TimelineEntry, "plugin::portal.timeline-entry");

/// A document of a vehicle.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VehicleDocument {
    #[serde(default)]
    pub(crate) vehicle: Option<Link>,
    pub(crate) kind: DocumentKind,
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) number: Option<String>,
    #[serde(default)]
    pub(crate) issued_on: Option<String>,
    #[serde(default)]
    pub(crate) amount: Option<Amount>,
    #[serde(default)]
    pub(crate) file: Value,
    #[serde(default)]
    pub(crate) envelope: Option<String>,
    #[serde(default)]
    pub(crate) signature: Option<Signature>,
    #[serde(default)]
    pub(crate) signed_at: Option<String>,
    #[serde(default)]
    pub(crate) erased_at: Option<String>,
}
content_type!(VehicleDocument, "plugin::portal.document");

/// Kinds of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DocumentKind {
    Contract,
    Invoice,
    Specification,
    Schedule,
    Manual,
}

impl DocumentKind {
    /// Kinds that are about the customer and not about the car: a later owner does not see them, and the accounts have to be kept.
    pub(crate) const PERSONAL: [Self; 2] = [Self::Contract, Self::Invoice];

    /// The end of the key of its text.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::Invoice => "invoice",
            Self::Specification => "specification",
            Self::Schedule => "schedule",
            Self::Manual => "manual",
        }
    }
}

/// How far the signing of a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Signature {
    Sent,
    Signed,
    Declined,
    Expired,
    Withdrawn,
}

/// A part of the contract's amount.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Payment {
    #[serde(default)]
    pub(crate) vehicle: Option<Link>,
    pub(crate) title: String,
    pub(crate) amount: Amount,
    pub(crate) due_on: String,
    #[serde(default)]
    pub(crate) paid_on: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) state: PaymentState,
    #[serde(default)]
    pub(crate) erased_at: Option<String>,
}
content_type!(Payment, "plugin::portal.payment");

/// How a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PaymentState {
    #[default]
    Open,
    Overdue,
    Paid,
}

/// Something that the customer chooses.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Choice {
    #[serde(default)]
    pub(crate) vehicle: Option<Link>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) group: String,
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) options: Vec<String>,
    #[serde(default)]
    pub(crate) option: Option<String>,
    #[serde(default)]
    pub(crate) note: Option<String>,
    #[serde(default)]
    pub(crate) picture: Value,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) status: ChoiceStatus,
    pub(crate) deadline: String,
    #[serde(default)]
    pub(crate) confirmed_at: Option<String>,
}
content_type!(Choice, "plugin::portal.choice");

/// How a choice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ChoiceStatus {
    #[default]
    Proposed,
    Confirmed,
    /// The deadline is over.
    Locked,
}

/// Maintenance of a vehicle.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServiceRecord {
    #[serde(default)]
    pub(crate) vehicle: Option<Link>,
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
    pub(crate) serviced_on: String,
    #[serde(default)]
    pub(crate) mileage: Option<i64>,
    #[serde(default)]
    pub(crate) next_on: Option<String>,
    #[serde(default)]
    pub(crate) next_mileage: Option<i64>,
    #[serde(default)]
    pub(crate) reminded_at: Option<String>,
}
content_type!(ServiceRecord, "plugin::portal.service-record");

/// A customer's opinion on a step.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rating {
    #[serde(default)]
    pub(crate) vehicle: Option<Link>,
    pub(crate) step: Step,
    pub(crate) score: i64,
    #[serde(default)]
    pub(crate) text: Option<String>,
    #[serde(default)]
    pub(crate) rated_at: Option<String>,
}
content_type!(Rating, "plugin::portal.rating");
