//! Views of files with the entries that use them, and of the effects of a withdrawal.

use cairn_content::view::Time;
use cairn_store::licensing::{FileUsage, FileUsages};
use serde::Serialize;
use utoipa::ToSchema;

/// Effect of a withdrawal on files.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Withdrawal)]
pub struct WithdrawalView {
    /// The number of the consent.
    pub consent: i64,
    /// Kind of use that the person had consented to: `portrait`, `voice`, ….
    pub kind: String,
    /// From when on it no longer holds.
    pub withdrawn_at: Time,
    /// The first of the files that stand otherwise now.
    pub assets: Vec<AffectedFileView>,
    /// How many files there are in all.
    pub assets_total: i64,
}

/// A file with the entries that use it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HitFile)]
pub struct AffectedFileView {
    /// The file's document id.
    pub document_id: String,
    /// Display name of the file.
    pub name: Option<String>,
    /// The first of them.
    pub entries: Vec<UsingEntryView>,
    /// How many entries there are in all.
    pub entries_total: i64,
}

impl AffectedFileView {
    pub(crate) fn from_usages(document_id: &str, name: Option<String>, usages: &FileUsages) -> Self {
        Self {
            document_id: document_id.to_owned(),
            name,
            entries: usages.entries.iter().map(UsingEntryView::from).collect(),
            entries_total: usages.total as i64,
        }
    }
}

/// An entry that uses a file.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UsingEntry)]
pub struct UsingEntryView {
    /// Uid of the entry's content type.
    pub content_type: String,
    /// The entry's document id.
    pub document_id: String,
    /// Null where the type is not localised.
    pub locale: Option<String>,
    /// True if its published version uses it.
    pub published: bool,
}

impl From<&FileUsage> for UsingEntryView {
    fn from(usage: &FileUsage) -> Self {
        Self {
            content_type: usage.content_type.clone(),
            document_id: usage.document_id.clone(),
            locale: (!usage.locale.is_empty()).then(|| usage.locale.clone()),
            published: usage.published,
        }
    }
}
