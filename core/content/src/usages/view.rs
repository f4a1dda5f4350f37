//! The view of a usage of a document.

use serde::Serialize;
use utoipa::ToSchema;

/// An entry that links to another.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EntryUsage)]
pub struct DocumentUsageView {
    /// Uid of the entry's content type.
    pub content_type: String,
    /// Display name of the content type.
    pub type_name: String,
    /// The entry's document id.
    pub document_id: String,
    /// `null` where the type is not localised.
    pub locale: Option<String>,
    /// The version of the entry that links.
    pub status: DocumentUsageStatus,
    /// Where in it: the attribute, with places in lists and components before it.
    pub path: String,
    /// Title of the entry.
    pub title: Option<String>,
}

/// In which version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = EntryUsageStatus)]
pub enum DocumentUsageStatus {
    /// In the draft.
    Draft,
    /// In the published version.
    Published,
}
