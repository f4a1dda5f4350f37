//! The calendar of a range of days: `GET /admin/api/calendar`.

use super::{Calendar, CalendarDay, CalendarEntry, CalendarItem, CalendarRelease, PlannedEntry, ScheduledEntry};
use super::{publications, upcoming};
use crate::owners::OwnerIndex;
use crate::service::{EditorialCaller, invalid_at, invalid_error};
use crate::{DocumentLabel, EditorialService};
use cairn_access::AdminCaller;
use cairn_content::Result;
use cairn_content::view::Time;
use cairn_events::zone;
use cairn_store::Reader;
use cairn_store::editorial::{DocumentKey, NewSlot, PublicationFilter};
use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

/// Longest range of one response, in days.
const MAX_DAYS: i64 = 400;
/// Largest number of entries in one response.
const MAX_ENTRIES: usize = 5_000;

/// Range of the calendar that is requested, and filters of its entries.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct CalendarRange {
    /// The first day: `2026-12-01`.
    #[param(required)]
    pub from: String,
    /// The last day, included: `2026-12-31`.
    #[param(required)]
    pub to: String,
    /// The zone whose days they are; UTC where none is given.
    pub zone: Option<String>,
    /// `planned`, `scheduled`, `published`, separated by commas; without it all.
    pub kinds: Option<String>,
    /// Of this phase.
    pub phase: Option<String>,
    /// Number of an admin user, or `me`.
    pub owner: Option<String>,
    /// Only what is assigned to this team.
    pub team: Option<String>,
    /// Uid of a content type.
    pub content_type: Option<String>,
    /// Of this locale.
    pub locale: Option<String>,
    /// Cancelled slots as well.
    pub cancelled: Option<bool>,
}

/// A range of days in a zone, with the moments at which it begins and ends.
pub(super) struct DayRange {
    pub(super) zone: Tz,
    /// The first day.
    pub(super) first: NaiveDate,
    /// The last day, included.
    pub(super) last: NaiveDate,
    pub(super) from: i64,
    pub(super) to: i64,
}

pub(super) fn resolve_days(from: &str, to: &str, zone: Option<&str>) -> Result<DayRange> {
    let day = |key: &'static str, text: &str| {
        let parsed = text.parse::<NaiveDate>();
        parsed.map_err(|_| invalid_at(key, format!("{key} must be a date, such as 2026-12-01")))
    };
    let (from, to) = (day("from", from)?, day("to", to)?);
    if to < from || (to - from).num_days() >= MAX_DAYS {
        return Err(invalid_at(
            "to",
            format!("to must not be before from, and the range must not exceed {MAX_DAYS} days"),
        ));
    }
    let zone = zone::parse_zone(zone.unwrap_or("UTC")).map_err(|e| invalid_at("zone", e.to_string()))?;
    let end = to.checked_add_days(Days::new(1)).ok_or_else(|| invalid_at("to", "The date is out of range"))?;
    Ok(DayRange { zone, first: from, last: to, from: day_start(from, zone), to: day_start(end, zone) })
}

/// When a day begins; right after the gap if the clock skips midnight.
fn day_start(day: NaiveDate, zone: Tz) -> i64 {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    let minutes = (0..=26 * 60).map(|n| midnight + chrono::TimeDelta::minutes(n));
    let found = minutes.map(|t| zone.from_local_datetime(&t)).find_map(|t| t.earliest());
    found.map_or_else(|| Utc.from_utc_datetime(&midnight).timestamp_millis(), |t| t.timestamp_millis())
}

fn too_many() -> cairn_content::ContentError {
    invalid_error(format!(
        "The calendar would show more than {MAX_ENTRIES} entries: request fewer days, or filter by phase, owner, team, type or locale"
    ))
}

impl EditorialService {
    /// Returns the calendar of a range of days, by day. Of too many publications the oldest are left out, which the result says. `readable`:
    /// uids of the types that the caller may read, `None` for all.
    ///
    /// # Errors
    /// 400 for a range that is invalid or for which too much is planned.
    pub async fn list_calendar(
        &self,
        admin: &AdminCaller,
        range: &CalendarRange,
        readable: Option<&[String]>,
    ) -> Result<Calendar> {
        let days = resolve_days(&range.from, &range.to, range.zone.as_deref())?;
        let kinds: Vec<&str> = match range.kinds.as_deref() {
            None | Some("") => vec!["planned", "scheduled", "published"],
            Some(kinds) => kinds.split(',').map(str::trim).collect(),
        };
        if let Some(unknown) = kinds.iter().find(|k| !["planned", "scheduled", "published"].contains(*k)) {
            let unknown: String = unknown.chars().take(40).collect();
            return Err(invalid_at(
                "kinds",
                format!("{unknown:?} is not a valid status; use planned, scheduled or published"),
            ));
        }
        let owner = match range.owner.as_deref() {
            None => None,
            Some("me") => Some(EditorialCaller::new(admin, &admin.actor.clone().into()).require_person()?),
            Some(id) => {
                Some(id.parse().map_err(|_| invalid_at("owner", "owner must be the id of an admin user, or me"))?)
            }
        };
        let mut types = self.published_types(readable);
        types.retain(|uid| range.content_type.as_ref().is_none_or(|one| one == uid));
        let publications = PublicationFilter {
            from: days.from,
            to: days.to,
            content_types: Some(types),
            locale: range.locale.clone(),
            before: None,
        };
        let (mut entries, cut_at, owners) = self.store().read(|r| {
            let (mut entries, mut cut_at) = (Vec::new(), None);
            if kinds.contains(&"planned") {
                add_planned(r, range, &days, &mut entries)?;
            }
            if kinds.contains(&"scheduled") {
                for u in upcoming::upcoming_between(r, days.from, days.to, MAX_ENTRIES as i64 + 1)? {
                    entries.push(CalendarEntry::Scheduled(ScheduledEntry {
                        item: document_item(u.at, u.document, days.zone),
                        action: u.action,
                        schedule: u.schedule,
                        release: u.release.map(|(id, name)| CalendarRelease { id, name }),
                    }));
                }
            }
            if entries.len() > MAX_ENTRIES {
                return Err(too_many());
            }
            if kinds.contains(&"published") {
                let limit = MAX_ENTRIES - entries.len();
                let found = publications::list_in_range(r, &publications, days.zone, limit)?;
                entries.extend(found.entries);
                cut_at = found.cut_at;
            }
            Ok::<_, cairn_content::ContentError>((entries, cut_at, OwnerIndex::load(r)?))
        })?;
        let documents: Vec<DocumentKey> = entries.iter().filter_map(|e| document_key(e.item())).collect();
        let labels = self.load_labels(&documents.iter().collect::<Vec<_>>(), &owners.phase_fields()).await?;
        for e in &mut entries {
            fill_labels(e, &labels, &owners);
        }
        let is =
            |filter: &Option<String>, have: &Option<String>| filter.as_ref().is_none_or(|w| have.as_ref() == Some(w));
        entries.retain(|e| {
            let e = e.item();
            is(&range.phase, &e.phase)
                && is(&range.team, &e.team)
                && is(&range.content_type, &e.content_type)
                && (range.locale.is_none() || e.locale.is_none() || e.locale == range.locale)
                && owner.is_none_or(|o| e.owner == Some(o))
        });
        entries.sort_by(|a, b| {
            let (a_item, b_item) = (a.item(), b.item());
            (a_item.at, a.kind(), &a_item.title).cmp(&(b_item.at, b.kind(), &b_item.title))
        });
        let mut by_day: BTreeMap<String, Vec<CalendarEntry>> = BTreeMap::new();
        for e in entries {
            by_day.entry(local_day(e.item().at.0, days.zone)).or_default().push(e);
        }
        let days = by_day.into_iter().map(|(date, entries)| CalendarDay { date, entries }).collect();
        Ok(Calendar { days, published_from: cut_at.map(Time) })
    }
}

/// Adds the slots of the range, and the occurrences of rules that no slot replaces.
fn add_planned(r: &Reader<'_>, range: &CalendarRange, days: &DayRange, entries: &mut Vec<CalendarEntry>) -> Result<()> {
    let slots = r.calendar().list_slots_between(days.from, days.to, MAX_ENTRIES as i64 + 1)?;
    for s in slots {
        if s.slot.status == "cancelled" && range.cancelled != Some(true) {
            continue;
        }
        entries.push(planned_entry(Some(s.id), s.slot, days.zone));
    }
    for slot in super::due_occurrences(r, days.from, days.to, MAX_ENTRIES + 1)? {
        entries.push(planned_entry(None, slot, days.zone));
    }
    Ok(())
}

fn planned_entry(id: Option<i64>, s: NewSlot, zone: Tz) -> CalendarEntry {
    let (rule, occurrence) = s.of.unzip();
    CalendarEntry::Planned(PlannedEntry {
        item: CalendarItem {
            at: Time(s.at),
            local_time: local_time(s.at, zone),
            title: Some(s.title),
            content_type: s.content_type,
            document_id: s.document_id,
            locale: s.locale,
            phase: s.phase,
            owner: s.owner,
            team: s.team,
        },
        slot: id,
        rule,
        occurrence,
        status: s.status,
        channel: s.channel,
        slot_zone: s.zone,
    })
}

pub(super) fn document_item(at: i64, d: DocumentKey, zone: Tz) -> CalendarItem {
    CalendarItem {
        at: Time(at),
        local_time: local_time(at, zone),
        title: None,
        content_type: Some(d.content_type),
        document_id: Some(d.document_id),
        locale: (!d.locale.is_empty()).then_some(d.locale),
        phase: None,
        owner: None,
        team: None,
    }
}

pub(super) fn document_key(item: &CalendarItem) -> Option<DocumentKey> {
    Some(DocumentKey {
        content_type: item.content_type.clone()?,
        document_id: item.document_id.clone()?,
        locale: item.locale.clone().unwrap_or_default(),
    })
}

/// Adds the values of the document and its owner.
pub(super) fn fill_labels(e: &mut CalendarEntry, labels: &HashMap<DocumentKey, DocumentLabel>, owners: &OwnerIndex) {
    let is_planned = matches!(e, CalendarEntry::Planned(_));
    let item = e.item_mut();
    let label = document_key(item).and_then(|d| labels.get(&d));
    if !is_planned {
        item.title = label.and_then(|l| l.title.clone());
    }
    if item.phase.is_none() {
        item.phase = label.and_then(|l| l.phase.clone());
    }
    if let Some(owner) = owners.find_owner(item.content_type.as_deref(), item.phase.as_deref()) {
        item.owner = item.owner.or(owner.admin_user);
        item.team = item.team.take().or_else(|| owner.team.clone());
    }
}

pub(super) fn local_day(at: i64, zone: Tz) -> String {
    format_local(at, zone, "%Y-%m-%d")
}

fn local_time(at: i64, zone: Tz) -> String {
    format_local(at, zone, "%Y-%m-%dT%H:%M")
}

/// Formats a moment as the clock of a zone shows it.
fn format_local(at: i64, zone: Tz, format: &str) -> String {
    let local = DateTime::from_timestamp_millis(at).map(|t| t.with_timezone(&zone));
    local.map(|t| t.format(format).to_string()).unwrap_or_default()
}
