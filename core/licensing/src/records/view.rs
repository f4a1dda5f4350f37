//! Views of a licence, and of the files of a record.

use super::OWNED_LICENCE;
use cairn_content::view::Time;
use cairn_store::licensing::LicenceRow;
use serde::Serialize;
use utoipa::ToSchema;

/// A licence or a release.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssetRight)]
pub struct LicenceView {
    /// Numeric id of the licence.
    pub id: i64,
    /// Name of the holder.
    pub holder: String,
    /// `owned`, `licensed`, `cc-by`, `cc0`, `model-release`, or a free word.
    pub licence: String,
    /// True if the files belong to the tenant.
    pub owned: bool,
    /// None: all. So with the next two.
    pub channels: Vec<String>,
    /// Territories it is for; none: all.
    pub territories: Vec<String>,
    /// Products it is for; none: all.
    pub products: Vec<String>,
    /// A day or a local time.
    pub start: Option<String>,
    /// A day, with whose end it ends, or a local time.
    pub end: Option<String>,
    /// Time zone of `start` and `end`.
    pub zone: Option<String>,
    /// The moment that `start` means.
    pub starts_at: Option<Time>,
    /// The moment that `end` means.
    pub ends_at: Option<Time>,
    /// The file that proves it.
    pub evidence: Option<String>,
    /// Digits, with a point.
    pub cost: Option<String>,
    /// Three letters, such as `EUR`.
    pub currency: Option<String>,
    /// Notes, free text.
    pub notes: Option<String>,
    /// Give it back when it is changed.
    pub version: i64,
    /// Time of the creation.
    pub created_at: Time,
    /// Name of the person who created it.
    pub created_by: Option<String>,
    /// Time of the last change.
    pub updated_at: Time,
    /// Name of the person who changed it last.
    pub updated_by: Option<String>,
}

impl From<&LicenceRow> for LicenceView {
    fn from(row: &LicenceRow) -> Self {
        let licence = row.licence.clone();
        Self {
            id: row.id,
            owned: licence.licence == OWNED_LICENCE,
            holder: licence.holder,
            licence: licence.licence,
            channels: licence.channels,
            territories: licence.territories,
            products: licence.products,
            start: licence.start_local,
            end: licence.end_local,
            zone: licence.zone,
            starts_at: licence.starts_at.map(Time),
            ends_at: licence.ends_at.map(Time),
            evidence: licence.evidence,
            cost: licence.cost,
            currency: licence.currency,
            notes: licence.notes,
            version: row.version,
            created_at: Time(row.created_at),
            created_by: row.created_by.name.clone(),
            updated_at: Time(row.updated_at),
            updated_by: row.updated_by.name.clone(),
        }
    }
}

/// A licence with the files it is for.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = AssetRightDetails)]
pub struct LicenceDetailsView {
    /// The licence itself.
    #[serde(flatten)]
    pub licence: LicenceView,
    /// The files it is for.
    #[serde(flatten)]
    pub files: RecordFilesView,
}

/// The files that something is for.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RecordFiles)]
pub struct RecordFilesView {
    /// The first of them.
    pub assets: Vec<NamedFileView>,
    /// How many files there are in all.
    pub assets_total: i64,
}

/// A file that a record is for.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NamedFile)]
pub struct NamedFileView {
    /// The file's document id.
    pub document_id: String,
    /// Display name of the file.
    pub name: Option<String>,
}
