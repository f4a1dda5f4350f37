//! Lines of the ledger, as they are stored.

use crate::model::content_type;
use serde::{Deserialize, Serialize};

/// A consent that was given or withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Consent {
    pub(crate) key: String,
    /// Version of the text that the customer has read.
    pub(crate) text_version: u32,
    pub(crate) is_given: bool,
    #[serde(default)]
    pub(crate) at: Option<String>,
    #[serde(default)]
    pub(crate) source: Option<Source>,
    /// Position in the ledger of its customer, from 1 on.
    #[serde(default)]
    pub(crate) number: Option<i64>,
}
content_type!(Consent, "plugin::portal.consent");

/// Origin of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Source {
    /// The customer in the portal.
    Portal,
    /// Somebody of the team, for the customer.
    Staff,
    /// A program that brought it from elsewhere.
    Import,
}
