//! The view of a usage of a file.

use cairn_content::{DocumentUsageStatus, DocumentUsageView};
use cairn_store::content::Usage;
use serde::Serialize;
use utoipa::ToSchema;

/// An entry that shows a file.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssetUsage)]
pub struct AssetUsageView {
    /// The file's document id.
    pub file: String,
    /// Uid of the entry's content type.
    pub content_type: String,
    /// Display name of the content type.
    pub type_name: String,
    /// The entry's document id.
    pub document_id: String,
    /// Null where the type is not localised.
    pub locale: Option<String>,
    /// The version of the entry that shows it.
    pub status: AssetUsageStatus,
    /// The attribute, with that of the component it is in.
    pub path: String,
    /// Kind of the usage: linked, or named in a text.
    pub kind: AssetUsageKind,
    /// Title of the entry.
    pub title: Option<String>,
}

impl AssetUsageView {
    pub(crate) fn from_usage(usage: &Usage, entry: DocumentUsageView) -> Self {
        Self {
            file: usage.target.clone(),
            content_type: entry.content_type,
            type_name: entry.type_name,
            document_id: entry.document_id,
            locale: entry.locale,
            status: entry.status.into(),
            path: entry.path,
            kind: if usage.mentioned { AssetUsageKind::Text } else { AssetUsageKind::Link },
            title: entry.title,
        }
    }
}

/// In which version of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AssetUsageStatus {
    /// In the draft.
    Draft,
    /// In the published version.
    Published,
}

impl From<DocumentUsageStatus> for AssetUsageStatus {
    fn from(status: DocumentUsageStatus) -> Self {
        match status {
            DocumentUsageStatus::Draft => Self::Draft,
            DocumentUsageStatus::Published => Self::Published,
        }
    }
}

/// How an entry names a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AssetUsageKind {
    /// By a media attribute.
    Link,
    /// By its address in a text.
    Text,
}
