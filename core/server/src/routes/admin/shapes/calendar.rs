//! The content calendar.

use crate::openapi::response_types::Time;
use crate::routes::admin::publishing::TimedAction;
use cairn_editorial::calendar::SlotStatus;
use utoipa::ToSchema;

/// A day on which there is something.
#[derive(ToSchema)]
pub(crate) struct CalendarDay {
    /// The day, in the requested zone: `2026-12-01`.
    date: String,
    entries: Vec<CalendarEntry>,
}

/// Something that is planned, scheduled or was published.
#[derive(ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum CalendarEntry {
    Planned(PlannedEntry),
    Scheduled(ScheduledEntry),
    Published(PublishedEntry),
}

/// What every entry has.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct CalendarItem {
    at: Time,
    /// In the zone that was asked for.
    local_time: String,
    title: Option<String>,
    content_type: Option<String>,
    document_id: Option<String>,
    locale: Option<String>,
    phase: Option<String>,
    /// Number of an admin user.
    owner: Option<i64>,
    team: Option<String>,
}

/// A slot, or an occurrence of a rule.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct PlannedEntry {
    #[serde(flatten)]
    item: CalendarItem,
    /// Null for an occurrence that no slot stands for.
    slot: Option<i64>,
    /// The rule it comes from.
    rule: Option<i64>,
    /// Which occurrence of the rule, by its local time.
    occurrence: Option<String>,
    status: SlotStatus,
    channel: Option<String>,
    /// The zone of its time.
    slot_zone: String,
}

/// Something is done with a document then.
#[derive(ToSchema)]
pub(crate) struct ScheduledEntry {
    #[serde(flatten)]
    item: CalendarItem,
    action: TimedAction,
    /// By this schedule,
    schedule: Option<i64>,
    /// or with this release.
    release: Option<CalendarRelease>,
}

/// A document was published then.
#[derive(ToSchema)]
pub(crate) struct PublishedEntry {
    #[serde(flatten)]
    item: CalendarItem,
    /// Name of the actor who published it.
    by: Option<String>,
}

/// The release that a document is in.
#[derive(ToSchema)]
pub(crate) struct CalendarRelease {
    id: i64,
    name: String,
}

/// A place in the calendar for something to be made.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Slot {
    id: i64,
    /// The rule it comes from.
    rule: Option<i64>,
    /// Which occurrence of it, by its local time.
    occurrence: Option<String>,
    title: String,
    content_type: Option<String>,
    locale: Option<String>,
    phase: Option<String>,
    /// Number of an admin user.
    owner: Option<i64>,
    team: Option<String>,
    channel: Option<String>,
    note: Option<String>,
    status: SlotStatus,
    /// The document that fills it.
    document_id: Option<String>,
    at: Time,
    /// As it was given.
    local_time: String,
    zone: String,
    created_at: Time,
    updated_at: Time,
}

/// Slots that come again and again.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct SlotRule {
    id: i64,
    title: String,
    content_type: Option<String>,
    locale: Option<String>,
    phase: Option<String>,
    /// Number of an admin user.
    owner: Option<i64>,
    team: Option<String>,
    channel: Option<String>,
    note: Option<String>,
    /// The recurrence as an RRULE of RFC 5545.
    rule: String,
    /// The first local time.
    start: String,
    zone: String,
    /// The last local time.
    until: Option<String>,
    /// When the next one is.
    next: Option<Time>,
    created_at: Time,
    updated_at: Time,
}

/// What a rule would bring.
#[derive(ToSchema)]
pub(crate) struct SlotRulePreview {
    /// The recurrence as an RRULE of RFC 5545.
    rule: String,
    zone: String,
    occurrences: Vec<SlotOccurrence>,
}

/// One of a rule.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct SlotOccurrence {
    local_time: String,
    at: Time,
}
