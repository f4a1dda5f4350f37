//! Views of a file's licensing state and of the reasons for it.

use super::{UnlinkedPolicy, UsageReason, UsageReasonKind, UsageStatus, UsageTimeline};
use cairn_content::view::Time;
use serde::Serialize;
use utoipa::ToSchema;

/// How a file stands.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RightsStanding)]
pub struct UsageStatusView {
    /// The state at the time of the request.
    pub status: UsageStatus,
    /// True if it is delivered to readers.
    pub delivered: bool,
    /// When it stands otherwise.
    pub next_change: Option<Time>,
    /// When the first of its licences ends.
    pub ends_at: Option<Time>,
    /// The file that is shown instead.
    pub fallback: Option<String>,
    /// Policy for it while nothing is linked to it.
    pub unknown: UnlinkedPolicy,
    /// Everything that prevents delivery, else what people should know.
    pub reasons: Vec<UsageReasonView>,
}

impl UsageStatusView {
    /// The state of a file at an instant, in milliseconds.
    pub(crate) fn from_timeline(timeline: &UsageTimeline, now: i64) -> Self {
        Self {
            status: timeline.status_at(now),
            delivered: timeline.is_deliverable_at(now),
            next_change: timeline.next_change(now).map(Time),
            ends_at: timeline.ends_at(now).map(Time),
            fallback: timeline.fallback_document().map(str::to_owned),
            unknown: timeline.unlinked_policy(),
            reasons: timeline.reasons_at(now).iter().map(UsageReason::to_view).collect(),
        }
    }
}

/// Why a file stands as it does.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StandingReason)]
pub struct UsageReasonView {
    /// The kind of the reason, for programs.
    pub reason: UsageReasonKind,
    /// Number of the licence that is the reason; null: it is none.
    pub right: Option<i64>,
    /// Number of the consent that is the reason; null: it is none.
    pub consent: Option<i64>,
    /// Holder of the licence, or the person who agrees.
    pub who: Option<String>,
    /// Since when it holds, where that has passed.
    pub since: Option<Time>,
    /// Until when it holds, where that is known.
    pub until: Option<Time>,
    /// As it was given.
    pub end: Option<LocalEndView>,
    /// The file from which it was derived.
    pub inherited_from: Option<String>,
    /// Sentence that states the reason, for people.
    pub message: String,
}

/// A day or a local time.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = LocalEnd)]
pub struct LocalEndView {
    /// `2026-12-31` or `2026-12-31T18:00`.
    pub local: String,
    /// `Europe/Amsterdam`.
    pub zone: Option<String>,
}
