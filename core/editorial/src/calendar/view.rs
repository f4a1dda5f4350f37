//! The calendar of a range of days: `GET /admin/api/calendar`.

use super::{format_ms, upcoming};
use crate::owners::OwnerIndex;
use crate::service::{EditorialCaller, invalid_at, invalid_error};
use crate::{DocumentLabel, EditorialService};
use cairn_access::AdminCaller;
use cairn_content::Result;
use cairn_events::zone;
use cairn_store::Reader;
use cairn_store::editorial::{DocumentKey, NewSlot};
use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Longest range of one response, in days.
const MAX_DAYS: i64 = 400;
/// Largest number of entries in one response.
const MAX_ENTRIES: usize = 5_000;

/// Which part of the calendar is asked for.
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

/// One entry of the calendar.
struct CalendarRow {
    at: i64,
    kind: &'static str,
    content_type: Option<String>,
    document_id: Option<String>,
    locale: Option<String>,
    phase: Option<String>,
    owner: Option<i64>,
    team: Option<String>,
    title: Option<String>,
    more: Json,
}

impl CalendarRow {
    fn document_key(&self) -> Option<DocumentKey> {
        Some(DocumentKey {
            content_type: self.content_type.clone()?,
            document_id: self.document_id.clone()?,
            locale: self.locale.clone().unwrap_or_default(),
        })
    }
}

/// The moments at which a range of days begins and ends in a zone.
struct DayRange {
    zone: Tz,
    from: i64,
    to: i64,
}

fn resolve_days(range: &CalendarRange) -> Result<DayRange> {
    let day = |key: &'static str, text: &str| {
        let parsed = text.parse::<NaiveDate>();
        parsed.map_err(|_| invalid_at(key, format!("{key} must be a date, such as 2026-12-01")))
    };
    let (from, to) = (day("from", &range.from)?, day("to", &range.to)?);
    if to < from || (to - from).num_days() >= MAX_DAYS {
        return Err(invalid_at(
            "to",
            format!("to must not be before from, and the range must not exceed {MAX_DAYS} days"),
        ));
    }
    let zone =
        zone::parse_zone(range.zone.as_deref().unwrap_or("UTC")).map_err(|e| invalid_at("zone", e.to_string()))?;
    let end = to.checked_add_days(Days::new(1)).ok_or_else(|| invalid_at("to", "The date is out of range"))?;
    Ok(DayRange { zone, from: day_start(from, zone), to: day_start(end, zone) })
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
    /// Returns the calendar of a range of days, by day. Fails with 400 for a range that is invalid or contains too much.
    pub async fn list_calendar(&self, admin: &AdminCaller, range: &CalendarRange) -> Result<Json> {
        let days = resolve_days(range)?;
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
        let (mut entries, owners) = self.store().read(|r| {
            let mut entries = Vec::new();
            if kinds.contains(&"planned") {
                add_planned(r, range, &days, &mut entries)?;
            }
            if kinds.contains(&"scheduled") {
                for u in upcoming::upcoming_between(r, days.from, days.to, MAX_ENTRIES as i64 + 1)? {
                    let release = u.release.map(|(id, name)| json!({ "id": id, "name": name }));
                    let more = json!({ "action": u.action, "schedule": u.schedule, "release": release });
                    entries.push(document_row("scheduled", u.at, u.document, more));
                }
            }
            if kinds.contains(&"published") {
                let span = (days.from, days.to);
                let (ct, locale) = (range.content_type.as_deref(), range.locale.as_deref());
                let rows = r.published_between(span, ct, locale, MAX_ENTRIES as i64 + 1)?;
                let mut seen = HashSet::new();
                // The last of a day tells of all of them.
                for p in rows.into_iter().rev() {
                    let drafts = self.registry().by_uid(&p.content_type).is_some_and(|t| t.draft_publish);
                    let d = DocumentKey { content_type: p.content_type, document_id: p.document_id, locale: p.locale };
                    if drafts && seen.insert((d.clone(), local_day(p.at, days.zone))) {
                        entries.push(document_row("published", p.at, d, json!({ "by": p.actor.name })));
                    }
                }
            }
            Ok::<_, cairn_content::ContentError>((entries, OwnerIndex::load(r)?))
        })?;
        if entries.len() > MAX_ENTRIES {
            return Err(too_many());
        }
        let documents: Vec<DocumentKey> = entries.iter().filter_map(CalendarRow::document_key).collect();
        let labels = self.load_labels(&documents.iter().collect::<Vec<_>>(), &owners.phase_fields()).await?;
        for e in &mut entries {
            fill_labels(e, &labels, &owners);
        }
        let is =
            |wanted: &Option<String>, have: &Option<String>| wanted.as_ref().is_none_or(|w| have.as_ref() == Some(w));
        entries.retain(|e| {
            is(&range.phase, &e.phase)
                && is(&range.team, &e.team)
                && is(&range.content_type, &e.content_type)
                && (range.locale.is_none() || e.locale.is_none() || e.locale == range.locale)
                && owner.is_none_or(|o| e.owner == Some(o))
        });
        entries.sort_by(|a, b| (a.at, a.kind, &a.title).cmp(&(b.at, b.kind, &b.title)));
        let mut by_day: BTreeMap<String, Vec<Json>> = BTreeMap::new();
        for e in &entries {
            by_day.entry(local_day(e.at, days.zone)).or_default().push(entry_json(e, days.zone));
        }
        let days: Vec<Json> =
            by_day.into_iter().map(|(date, entries)| json!({ "date": date, "entries": entries })).collect();
        Ok(Json::Array(days))
    }
}

/// Adds the slots of the range, and the occurrences of rules that no slot replaces.
fn add_planned(r: &Reader<'_>, range: &CalendarRange, days: &DayRange, entries: &mut Vec<CalendarRow>) -> Result<()> {
    let slots = r.slots_between(days.from, days.to, MAX_ENTRIES as i64 + 1)?;
    for s in slots {
        if s.slot.status == "cancelled" && range.cancelled != Some(true) {
            continue;
        }
        entries.push(slot_row(Some(s.id), &s.slot));
    }
    for slot in super::due_occurrences(r, days.from, days.to, MAX_ENTRIES + 1)? {
        entries.push(slot_row(None, &slot));
    }
    Ok(())
}

fn slot_row(id: Option<i64>, s: &NewSlot) -> CalendarRow {
    CalendarRow {
        at: s.at,
        kind: "planned",
        content_type: s.content_type.clone(),
        document_id: s.document_id.clone(),
        locale: s.locale.clone(),
        phase: s.phase.clone(),
        owner: s.owner,
        team: s.team.clone(),
        title: Some(s.title.clone()),
        more: json!({
            "slot": id, "rule": s.of.as_ref().map(|(rule, _)| rule), "occurrence": s.of.as_ref().map(|(_, o)| o),
            "status": s.status, "channel": s.channel, "slotZone": s.zone,
        }),
    }
}

fn document_row(kind: &'static str, at: i64, d: DocumentKey, more: Json) -> CalendarRow {
    CalendarRow {
        at,
        kind,
        content_type: Some(d.content_type),
        document_id: Some(d.document_id),
        locale: (!d.locale.is_empty()).then_some(d.locale),
        phase: None,
        owner: None,
        team: None,
        title: None,
        more,
    }
}

/// Adds the values of the document and its owner.
fn fill_labels(e: &mut CalendarRow, labels: &HashMap<DocumentKey, DocumentLabel>, owners: &OwnerIndex) {
    let label = e.document_key().and_then(|d| labels.get(&d));
    if e.kind != "planned" {
        e.title = label.and_then(|l| l.title.clone());
    }
    if e.phase.is_none() {
        e.phase = label.and_then(|l| l.phase.clone());
    }
    if let Some(owner) = owners.find_owner(e.content_type.as_deref(), e.phase.as_deref()) {
        e.owner = e.owner.or(owner.admin_user);
        e.team = e.team.take().or_else(|| owner.team.clone());
    }
}

fn local_day(at: i64, zone: Tz) -> String {
    let local = DateTime::from_timestamp_millis(at).map(|t| t.with_timezone(&zone));
    local.map(|t| t.format("%Y-%m-%d").to_string()).unwrap_or_default()
}

fn entry_json(e: &CalendarRow, zone: Tz) -> Json {
    let local =
        DateTime::from_timestamp_millis(e.at).map(|t| t.with_timezone(&zone).format("%Y-%m-%dT%H:%M").to_string());
    let mut json = json!({
        "kind": e.kind, "at": format_ms(e.at), "localTime": local, "title": e.title, "contentType": e.content_type,
        "documentId": e.document_id, "locale": e.locale, "phase": e.phase, "owner": e.owner, "team": e.team,
    });
    if let (Some(json), Some(more)) = (json.as_object_mut(), e.more.as_object()) {
        json.extend(more.clone());
    }
    json
}
