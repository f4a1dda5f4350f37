//! Views of the findings about an entry's files.

use crate::usage_timeline::{UsageReasonView, UsageStatus};
use serde::Serialize;
use utoipa::ToSchema;

/// Result of checking whether an entry may be published as far as its files go.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EntryCheck)]
pub struct EntryCheckView {
    /// Uid of the entry's content type.
    pub content_type: String,
    /// The entry's document id.
    pub document_id: String,
    /// Where its type is published.
    pub channel: Option<String>,
    /// True if none of its files prevents that.
    pub may_publish: bool,
    /// Files that it may not be published with.
    pub refused: Vec<FileFindingView>,
    /// Files that somebody should look at.
    pub warnings: Vec<FileFindingView>,
}

/// A file that an entry uses.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Finding)]
pub struct FileFindingView {
    /// The file's document id.
    pub document_id: String,
    /// Display name of the file, else its document id.
    pub name: String,
    /// Attributes of the entry in which it is used.
    pub attributes: Vec<String>,
    /// Its state at the time of the request.
    pub status: UsageStatus,
    /// Why it is listed here.
    pub reasons: Vec<UsageReasonView>,
}
