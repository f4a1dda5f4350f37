//! Days of the calendar as the admin API returns them.

use super::SlotStatus;
use crate::schedules::TimedAction;
use cairn_content::view::Time;
use serde::Serialize;
use utoipa::ToSchema;

/// A part of the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The days on which there is something.
    pub days: Vec<CalendarDay>,
    /// Publications before this moment are left out, as there are too many; `None`: there are no more.
    pub published_from: Option<Time>,
}

/// A day on which there is something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CalendarDay {
    /// The day, in the requested zone: `2026-12-01`.
    pub date: String,
    /// In the order of their times.
    pub entries: Vec<CalendarEntry>,
}

/// Something that is planned, scheduled or was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum CalendarEntry {
    /// By a slot or a rule.
    Planned(PlannedEntry),
    /// By a schedule or a release.
    Scheduled(ScheduledEntry),
    /// At that moment; the last time of a day stands for all of it.
    Published(PublishedEntry),
}

impl CalendarEntry {
    /// Returns the fields that it has in common with the others.
    pub fn item(&self) -> &CalendarItem {
        match self {
            Self::Planned(entry) => &entry.item,
            Self::Scheduled(entry) => &entry.item,
            Self::Published(entry) => &entry.item,
        }
    }

    /// Mutable access to [`Self::item`].
    pub(super) fn item_mut(&mut self) -> &mut CalendarItem {
        match self {
            Self::Planned(entry) => &mut entry.item,
            Self::Scheduled(entry) => &mut entry.item,
            Self::Published(entry) => &mut entry.item,
        }
    }

    /// The value of `kind`.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Planned(_) => "planned",
            Self::Scheduled(_) => "scheduled",
            Self::Published(_) => "published",
        }
    }
}

/// Fields that every entry of the calendar has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CalendarItem {
    /// The moment in UTC.
    pub at: Time,
    /// In the zone that was asked for.
    pub local_time: String,
    /// Title of the slot or document; null if the document has none.
    pub title: Option<String>,
    /// Uid of the document's type.
    pub content_type: Option<String>,
    /// Null for a slot that no document fills.
    pub document_id: Option<String>,
    /// Null if its type is not localised.
    pub locale: Option<String>,
    /// Phase of the slot, else of the document.
    pub phase: Option<String>,
    /// Number of an admin user.
    pub owner: Option<i64>,
    /// Team of the slot, else of its owner.
    pub team: Option<String>,
}

/// A slot, or an occurrence of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlannedEntry {
    /// Fields that every entry has.
    #[serde(flatten)]
    pub item: CalendarItem,
    /// Null for an occurrence that no slot stands for.
    pub slot: Option<i64>,
    /// The rule it comes from.
    pub rule: Option<i64>,
    /// Occurrence of the rule, by its local time.
    pub occurrence: Option<String>,
    /// State of the slot.
    #[schema(value_type = SlotStatus)]
    pub status: String,
    /// Channel that it is made for, free text.
    pub channel: Option<String>,
    /// The zone of its time.
    pub slot_zone: String,
}

/// Something is done with a document then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ScheduledEntry {
    /// Fields that every entry has.
    #[serde(flatten)]
    pub item: CalendarItem,
    /// Action on the document.
    #[schema(value_type = TimedAction)]
    pub action: String,
    /// By this schedule,
    pub schedule: Option<i64>,
    /// or with this release.
    pub release: Option<CalendarRelease>,
}

/// A document was published then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PublishedEntry {
    /// Fields that every entry has.
    #[serde(flatten)]
    pub item: CalendarItem,
    /// Name of the actor who published it.
    pub by: Option<String>,
}

/// The release that a document is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CalendarRelease {
    /// Number of the release.
    pub id: i64,
    /// Its present name.
    pub name: String,
}
