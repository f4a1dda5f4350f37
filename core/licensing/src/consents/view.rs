//! Views of a consent.

use crate::records::RecordFilesView;
use crate::usage_changes::WithdrawalView;
use cairn_content::view::Time;
use cairn_store::licensing::ConsentRow;
use serde::Serialize;
use utoipa::ToSchema;

/// Somebody agrees to be shown.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Consent)]
pub struct ConsentView {
    /// Numeric id of the consent.
    pub id: i64,
    /// Name of the person who consents.
    pub person: String,
    /// `portrait`, `voice`, or a free word.
    pub kind: String,
    /// When they consented; null: they have not yet.
    pub given_at: Option<Time>,
    /// From when on it no longer holds.
    pub withdrawn_at: Option<Time>,
    /// The file that proves it.
    pub evidence: Option<String>,
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

impl From<&ConsentRow> for ConsentView {
    fn from(row: &ConsentRow) -> Self {
        let consent = row.consent.clone();
        Self {
            id: row.id,
            person: consent.person,
            kind: consent.kind,
            given_at: consent.given_at.map(Time),
            withdrawn_at: row.withdrawn_at.map(Time),
            evidence: consent.evidence,
            notes: consent.notes,
            version: row.version,
            created_at: Time(row.created_at),
            created_by: row.created_by.name.clone(),
            updated_at: Time(row.updated_at),
            updated_by: row.updated_by.name.clone(),
        }
    }
}

/// A consent with the files it is for.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = ConsentDetails)]
pub struct ConsentDetailsView {
    /// The consent itself.
    #[serde(flatten)]
    pub consent: ConsentView,
    /// The files it is for.
    #[serde(flatten)]
    pub files: RecordFilesView,
}

/// A consent that was withdrawn.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = WithdrawnConsent)]
pub struct WithdrawnConsentView {
    /// The consent after the withdrawal.
    #[serde(flatten)]
    pub consent: ConsentDetailsView,
    /// The files that it concerns.
    pub affected: WithdrawalView,
}
