//! The view of a change of many files.

use super::BulkAction;
use serde::Serialize;
use utoipa::ToSchema;

/// What was done with many files, and how to undo it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BulkDone)]
pub struct BulkOutcomeView {
    /// How many files are different now.
    pub changed: u32,
    /// Of files put into the trash: which.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub trashed: Option<Vec<String>>,
    /// Of files brought back: how many links there were to them,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub links: Option<u32>,
    /// and how many of those there are again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub restored_links: Option<u32>,
    /// Requests to the same route, one after the other.
    pub undo: Vec<BulkAction>,
}
