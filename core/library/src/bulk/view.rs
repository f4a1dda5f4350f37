//! The view of a change of many files.

use super::action::BulkAction;
use serde::Serialize;
use utoipa::ToSchema;

/// Outcome of an action on many files, and how to undo it.
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
    /// Number of links that led to the files brought back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub links: Option<u32>,
    /// Number of those links that are there again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub restored_links: Option<u32>,
    /// Requests to the same route, one after the other.
    pub undo: Vec<BulkAction>,
}
