//! How drafts stand to what is published.

use cairn_store::content::DocumentStatusRow;
use serde::Serialize;
use utoipa::ToSchema;

/// How a draft stands to what is published.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum EntryStatus {
    /// It was never published, or was taken off.
    #[default]
    Draft,
    /// It was saved after it was published.
    Modified,
    /// It is what is published; or its type has no drafts.
    Published,
}

pub(super) fn entry_status(row: &DocumentStatusRow) -> EntryStatus {
    match (row.draft, row.published, row.modified) {
        (true, true, true) => EntryStatus::Modified,
        (_, true, _) => EntryStatus::Published,
        _ => EntryStatus::Draft,
    }
}
