//! Views of one file: its licensing state with the records and settings behind it.

use crate::consents::ConsentView;
use crate::records::LicenceView;
use crate::usage_changes::AffectedFileView;
use crate::usage_timeline::{UnlinkedPolicy, UsageStatusView};
use cairn_content::view::Time;
use cairn_store::licensing::FileSettings;
use serde::Serialize;
use utoipa::ToSchema;

/// All that is said of a file.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssetRights)]
pub struct FileLicensingView {
    /// Its licensing state with the reasons.
    #[serde(flatten)]
    pub status: UsageStatusView,
    /// The file, and the entries that use it.
    #[serde(flatten)]
    pub file: AffectedFileView,
    /// Its licences, also those of the files it is derived from.
    pub rights: Vec<LicenceView>,
    /// Its consents, also those of the files it is derived from.
    pub consents: Vec<ConsentView>,
    /// Settings of this file alone.
    pub settings: FileSettingsView,
}

/// Settings of one file alone.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssetSettings)]
pub struct FileSettingsView {
    /// Not to be shown before; null: it has no embargo.
    pub embargo_until: Option<EmbargoView>,
    /// The file that is shown instead.
    pub fallback: Option<String>,
    /// Number of an admin user.
    pub owner: Option<i64>,
    /// Policy for it while nothing is linked to it.
    pub policy: Option<UnlinkedPolicy>,
}

impl From<&FileSettings> for FileSettingsView {
    fn from(settings: &FileSettings) -> Self {
        Self {
            embargo_until: settings.embargo_until.map(|at| EmbargoView {
                at: Time(at),
                local: settings.embargo_local.clone(),
                zone: settings.embargo_zone.clone(),
            }),
            fallback: settings.fallback.clone(),
            owner: settings.owner,
            policy: settings.policy.as_deref().and_then(UnlinkedPolicy::from_stored),
        }
    }
}

/// Not to be shown before.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Embargo)]
pub struct EmbargoView {
    /// The moment that it ends.
    pub at: Time,
    /// As it was given.
    pub local: Option<String>,
    /// Time zone of `local`.
    pub zone: Option<String>,
}

/// A file of a report.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = ReportedFile)]
pub struct ReportedFileView {
    /// Its licensing state with the reasons.
    #[serde(flatten)]
    pub status: UsageStatusView,
    /// The file, and the entries that use it.
    #[serde(flatten)]
    pub file: AffectedFileView,
}
