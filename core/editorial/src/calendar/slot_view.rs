//! Slots and their rules as the admin API returns them.

use super::SlotStatus;
use super::input::parse_stored_rule;
use super::rule::Occurrence;
use cairn_content::view::Time;
use cairn_store::editorial::{SlotRow, SlotRuleRow};
use serde::Serialize;
use utoipa::ToSchema;

/// A place in the calendar for something to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Slot)]
pub struct SlotView {
    /// Number of the slot, by which pages go on.
    pub id: i64,
    /// The rule it comes from.
    pub rule: Option<i64>,
    /// Occurrence of the rule, by its local time.
    pub occurrence: Option<String>,
    /// Title of the content to make.
    pub title: String,
    /// Uid of a content type.
    pub content_type: Option<String>,
    /// Code of the locale that it is for.
    pub locale: Option<String>,
    /// Of the journey, free text.
    pub phase: Option<String>,
    /// Number of an admin user.
    pub owner: Option<i64>,
    /// Team that makes it, free text.
    pub team: Option<String>,
    /// Channel that it is made for, free text.
    pub channel: Option<String>,
    /// Free text, several lines.
    pub note: Option<String>,
    /// State of the slot.
    #[schema(value_type = SlotStatus)]
    pub status: String,
    /// The document that fills it.
    pub document_id: Option<String>,
    /// The moment in UTC.
    pub at: Time,
    /// As it was given.
    pub local_time: String,
    /// Time zone of `localTime`.
    pub zone: String,
    /// When it was planned.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
}

impl From<SlotRow> for SlotView {
    fn from(row: SlotRow) -> Self {
        let slot = row.slot;
        let (rule, occurrence) = slot.of.unzip();
        Self {
            id: row.id,
            rule,
            occurrence,
            title: slot.title,
            content_type: slot.content_type,
            locale: slot.locale,
            phase: slot.phase,
            owner: slot.owner,
            team: slot.team,
            channel: slot.channel,
            note: slot.note,
            status: slot.status,
            document_id: slot.document_id,
            at: Time(slot.at),
            local_time: slot.local,
            zone: slot.zone,
            created_at: Time(row.created_at),
            updated_at: Time(row.updated_at),
        }
    }
}

/// Slots that come again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SlotRule)]
pub struct SlotRuleView {
    /// Number of the rule, which its slots name.
    pub id: i64,
    /// Title of the content to make.
    pub title: String,
    /// Uid of a content type.
    pub content_type: Option<String>,
    /// Code of the locale that its slots are for.
    pub locale: Option<String>,
    /// Of the journey, free text.
    pub phase: Option<String>,
    /// Number of an admin user.
    pub owner: Option<i64>,
    /// Team of its slots, free text.
    pub team: Option<String>,
    /// Channel of its slots, free text.
    pub channel: Option<String>,
    /// Free text, several lines.
    pub note: Option<String>,
    /// The recurrence as an RRULE of RFC 5545.
    pub rule: String,
    /// The first local time.
    pub start: String,
    /// Time zone of `start` and `until`.
    pub zone: String,
    /// The last local time.
    pub until: Option<String>,
    /// When the next one is.
    pub next: Option<Time>,
    /// When the rule was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
}

impl SlotRuleView {
    /// A stored rule, with its next occurrence from now on.
    pub(super) fn new(row: SlotRuleRow, now: i64) -> Self {
        let rule = row.rule;
        let next = parse_stored_rule(&rule).map(|rule| rule.next_occurrences(now, 1)).unwrap_or_default();
        Self {
            id: row.id,
            title: rule.title,
            content_type: rule.content_type,
            locale: rule.locale,
            phase: rule.phase,
            owner: rule.owner,
            team: rule.team,
            channel: rule.channel,
            note: rule.note,
            rule: rule.rule,
            start: rule.start,
            zone: rule.zone,
            until: rule.until,
            next: next.first().map(|occurrence| Time(occurrence.at)),
            created_at: Time(row.created_at),
            updated_at: Time(row.updated_at),
        }
    }
}

/// Preview of the slots that a rule would bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SlotRulePreview {
    /// The recurrence as an RRULE of RFC 5545.
    pub rule: String,
    /// Time zone of the occurrences.
    pub zone: String,
    /// In the order of their times.
    pub occurrences: Vec<SlotOccurrence>,
}

/// One of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SlotOccurrence {
    /// By the rule, in its time zone.
    pub local_time: String,
    /// The moment in UTC.
    pub at: Time,
}

impl From<Occurrence> for SlotOccurrence {
    fn from(occurrence: Occurrence) -> Self {
        Self { local_time: occurrence.local, at: Time(occurrence.at) }
    }
}
