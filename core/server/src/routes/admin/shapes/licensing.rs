//! Rights of files.

use crate::openapi::response_types::Time;
use cairn_licensing::{UnlinkedPolicy, UsageReasonKind, UsageStatus};
use utoipa::ToSchema;

/// A licence or a release.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct AssetRight {
    id: i64,
    holder: String,
    /// `owned`, `licensed`, `cc-by`, `cc0`, `model-release`, or a free word.
    licence: String,
    owned: bool,
    /// None: all. So with the next two.
    channels: Vec<String>,
    territories: Vec<String>,
    products: Vec<String>,
    /// A day or a local time.
    start: Option<String>,
    /// A day, with whose end it ends, or a local time.
    end: Option<String>,
    /// Time zone of `start` and `end`.
    zone: Option<String>,
    starts_at: Option<Time>,
    ends_at: Option<Time>,
    /// The file that proves it.
    evidence: Option<String>,
    /// Digits, with a point.
    cost: Option<String>,
    currency: Option<String>,
    notes: Option<String>,
    /// Give it back when it is changed.
    version: i64,
    created_at: Time,
    created_by: Option<String>,
    updated_at: Time,
    updated_by: Option<String>,
}

/// A licence with the files it is for.
#[derive(ToSchema)]
pub(crate) struct AssetRightDetails {
    #[serde(flatten)]
    right: AssetRight,
    #[serde(flatten)]
    files: RecordFiles,
}

/// The files that something is for.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct RecordFiles {
    /// The first of them.
    assets: Vec<NamedFile>,
    assets_total: i64,
}

/// A file that a record is for.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct NamedFile {
    document_id: String,
    name: Option<String>,
}

/// Somebody agrees to be shown.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Consent {
    id: i64,
    person: String,
    /// `portrait`, `voice`, or a free word.
    kind: String,
    given_at: Option<Time>,
    withdrawn_at: Option<Time>,
    /// The file that proves it.
    evidence: Option<String>,
    notes: Option<String>,
    /// Give it back when it is changed.
    version: i64,
    created_at: Time,
    created_by: Option<String>,
    updated_at: Time,
    updated_by: Option<String>,
}

/// A consent with the files it is for.
#[derive(ToSchema)]
pub(crate) struct ConsentDetails {
    #[serde(flatten)]
    consent: Consent,
    #[serde(flatten)]
    files: RecordFiles,
}

/// A consent that was withdrawn.
#[derive(ToSchema)]
pub(crate) struct WithdrawnConsent {
    #[serde(flatten)]
    consent: ConsentDetails,
    affected: Withdrawal,
}

/// What a withdrawal hit.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Withdrawal {
    /// The number of the consent.
    consent: i64,
    kind: String,
    withdrawn_at: Time,
    /// The first of the files that stand otherwise now.
    assets: Vec<HitFile>,
    assets_total: i64,
}

/// A file with the entries that use it.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct HitFile {
    document_id: String,
    name: Option<String>,
    /// The first of them.
    entries: Vec<UsingEntry>,
    entries_total: i64,
}

/// An entry that uses a file.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct UsingEntry {
    content_type: String,
    document_id: String,
    locale: Option<String>,
    published: bool,
}

/// How a file stands.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct RightsStanding {
    status: UsageStatus,
    /// Whether it is delivered to readers.
    delivered: bool,
    /// When it stands otherwise.
    next_change: Option<Time>,
    ends_at: Option<Time>,
    /// The file that is shown instead.
    fallback: Option<String>,
    /// What it means that nothing is linked to it.
    unknown: UnlinkedPolicy,
    reasons: Vec<StandingReason>,
}

/// Why a file stands as it does.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct StandingReason {
    reason: UsageReasonKind,
    /// Number of the licence that is the reason; null: it is none.
    right: Option<i64>,
    /// Number of the consent that is the reason; null: it is none.
    consent: Option<i64>,
    /// Who holds it, or agrees.
    who: Option<String>,
    since: Option<Time>,
    until: Option<Time>,
    /// As it was given.
    end: Option<LocalEnd>,
    /// The file from which it was derived.
    inherited_from: Option<String>,
    /// Sentence that states the reason, for people.
    message: String,
}

/// A day or a local time.
#[derive(ToSchema)]
pub(crate) struct LocalEnd {
    local: String,
    zone: Option<String>,
}

/// All that is said of a file.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct AssetRights {
    #[serde(flatten)]
    standing: RightsStanding,
    #[serde(flatten)]
    file: HitFile,
    rights: Vec<AssetRight>,
    consents: Vec<Consent>,
    settings: AssetSettings,
}

/// What is said of one file alone.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct AssetSettings {
    embargo_until: Option<Embargo>,
    /// The file that is shown instead.
    fallback: Option<String>,
    /// Number of an admin user.
    owner: Option<i64>,
    /// What it means that nothing is linked to it.
    policy: Option<UnlinkedPolicy>,
}

/// Not to be shown before.
#[derive(ToSchema)]
pub(crate) struct Embargo {
    at: Time,
    /// As it was given.
    local: Option<String>,
    zone: Option<String>,
}

/// What was linked.
#[derive(ToSchema)]
pub(crate) struct LinkedRights {
    rights: Vec<i64>,
    consents: Vec<i64>,
    /// How many files.
    assets: u32,
    mode: LinkMode,
}

/// How they are linked.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum LinkMode {
    /// To those there are.
    Add,
    /// In the place of those there are.
    Set,
    Remove,
}

/// A file of a report.
#[derive(ToSchema)]
pub(crate) struct ReportedFile {
    #[serde(flatten)]
    standing: RightsStanding,
    #[serde(flatten)]
    file: HitFile,
}

/// Whether an entry may be published as far as its files go.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct EntryCheck {
    content_type: String,
    document_id: String,
    /// Where its type is published.
    channel: Option<String>,
    may_publish: bool,
    /// Files that it may not be published with.
    refused: Vec<RightsFinding>,
    /// Files that somebody should look at.
    warnings: Vec<RightsFinding>,
}

/// A file that an entry uses.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[schema(as = Finding)]
pub(crate) struct RightsFinding {
    document_id: String,
    name: String,
    /// Attributes of the entry in which it is used.
    attributes: Vec<String>,
    status: UsageStatus,
    reasons: Vec<StandingReason>,
}
