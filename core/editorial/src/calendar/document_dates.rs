//! Documents in the calendar that have a date of their own: one query per kind, with the rights of who looks.

use super::format_ms;
use super::range::{DayRange, resolve_days};
use crate::EditorialService;
use crate::labels::to_text;
use cairn_content::{CallerContext, Content, ContentError, ListRange, RequestContext, Result};
use cairn_model::{ContentType, FieldKind};
use cairn_query::{Action, Query, QueryTree};
use cairn_store::Reader;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use utoipa::ToSchema;

/// Largest number of documents of a kind in one response.
const MAX_DOCUMENTS: u32 = 300;

/// Documents of a content type that are in the calendar at the date of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct DatedKind {
    /// Uid of the content type.
    pub content_type: String,
    /// Attribute with the beginning: a date or a datetime.
    pub start: String,
    /// Attribute with the end, of the same kind.
    pub end: Option<String>,
    /// Attribute that they are called by; `None`: the title of the type.
    pub title: Option<String>,
    /// Only documents that match this REST filter object.
    pub filter: Option<Map<String, Json>>,
    /// No documents are read: somebody does not want to see them.
    pub hidden: bool,
}

/// Days of which documents are requested.
#[derive(Debug, Clone, Copy)]
pub struct DatedRange<'r> {
    /// The first day: `2026-12-01`.
    pub from: &'r str,
    /// The last day, included.
    pub to: &'r str,
    /// The zone whose days they are; `None`: UTC.
    pub zone: Option<&'r str>,
    /// Locale of the documents of localised types; `None`: the default locale.
    pub locale: Option<&'r str>,
}

/// A document in the calendar, at a date of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatedDocument {
    /// Stays the same in all locales.
    pub document_id: String,
    /// Null if its type is not localised.
    pub locale: Option<String>,
    /// Null if it has none, or the caller may not read it.
    pub title: Option<String>,
    /// The day on which it begins, in the zone that was asked for; it may be before the range.
    pub first_day: String,
    /// The day on which it ends; it may be after the range.
    pub last_day: String,
    /// Time of day at which it begins: `10:00`. Null: it takes whole days.
    pub time: Option<String>,
}

/// Documents of a kind in a range of days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatedDocuments {
    /// In the order in which they begin.
    pub documents: Vec<DatedDocument>,
    /// Number of later ones that are left out.
    pub more: u64,
}

impl EditorialService {
    /// Lists the documents of each kind that are in a range of days; `None` for kinds that the caller may not read, or of which they may not
    /// read the date.
    ///
    /// # Errors
    /// 400 for an invalid range.
    pub async fn list_dated_documents(
        &self,
        caller: &CallerContext<'_>,
        range: DatedRange<'_>,
        kinds: Vec<DatedKind>,
    ) -> Result<Vec<Option<DatedDocuments>>> {
        let days = resolve_days(range.from, range.to, range.zone)?;
        if kinds.is_empty() {
            return Ok(Vec::new());
        }
        let (content, access, actor) = (self.content.clone(), caller.access.clone(), caller.actor.clone());
        let (default_locale, locale) = (caller.default_locale.to_owned(), range.locale.map(str::to_owned));
        self.store()
            .read_long(move |r| {
                let caller = CallerContext { access: &access, actor: &actor, default_locale: &default_locale };
                let read = |kind: &DatedKind| read_kind(&content, r, caller, &days, locale.as_deref(), kind);
                kinds.iter().map(read).collect()
            })
            .await
    }
}

fn read_kind(
    content: &Content,
    r: &Reader<'_>,
    caller: CallerContext<'_>,
    days: &DayRange,
    locale: Option<&str>,
    kind: &DatedKind,
) -> Result<Option<DatedDocuments>> {
    let found = content.registry().by_uid(&kind.content_type);
    let Some(ct) = found.filter(|ct| caller.access.allows_action(ct.id, Action::Find)) else { return Ok(None) };
    let is_readable = |name: &str| {
        let attribute = ct.attributes.get(name);
        attribute.is_some_and(|(id, _)| caller.access.allows_attribute(ct, id, Action::Find))
    };
    if !is_readable(&kind.start) {
        return Ok(None);
    }
    if kind.hidden {
        return Ok(Some(DatedDocuments::default()));
    }
    let own_title = || ct.title_attribute().map(|id| ct.attributes[id].name.as_str());
    let columns = Columns {
        start: &kind.start,
        end: kind.end.as_deref().filter(|end| is_readable(end)),
        title: kind.title.as_deref().or_else(own_title).filter(|title| is_readable(title)),
        whole_days: ct.attributes.get(&kind.start).is_some_and(|(_, a)| matches!(a.kind, FieldKind::Date)),
    };
    let Some(query) = dated_query(ct, &columns, days, locale, kind.filter.as_ref()) else { return Ok(None) };
    let CallerContext { access, actor, default_locale } = caller;
    let context = RequestContext { access, content_type: ct.id, query: &query, default_locale, actor };
    let part = ListRange::Window { start: 0, limit: MAX_DOCUMENTS };
    let array = match content.rows_in(r, context, part) {
        // The filter names what the caller may not read.
        Err(ContentError::Refused(refusal)) => {
            tracing::debug!(content_type = %ct.uid, reason = %refusal.message, "documents are not in the calendar");
            return Ok(None);
        }
        array => array?,
    };
    let rows: Vec<Json> = serde_json::from_slice(&array).unwrap_or_default();
    let more = match rows.len() < MAX_DOCUMENTS as usize {
        true => 0,
        false => content.count_in(r, context)?.saturating_sub(rows.len() as u64),
    };
    let documents = rows.iter().filter_map(|row| dated_document(row, &columns, days.zone)).collect();
    Ok(Some(DatedDocuments { documents, more }))
}

/// Attributes that are read of a kind, as far as the caller may.
struct Columns<'k> {
    start: &'k str,
    end: Option<&'k str>,
    title: Option<&'k str>,
    whole_days: bool,
}

/// Documents that begin in the range or last into it; `None` for a filter that is nested too deeply.
fn dated_query(
    ct: &ContentType,
    columns: &Columns<'_>,
    days: &DayRange,
    locale: Option<&str>,
    filter: Option<&Map<String, Json>>,
) -> Option<Query> {
    let Columns { start, end, title, whole_days } = *columns;
    // The last day belongs to the range; the moment after it does not.
    let (from, to, before, after) = match whole_days {
        true => (days.first.to_string(), days.last.to_string(), "$lte", "$gte"),
        false => (format_ms(days.from), format_ms(days.to), "$lt", "$gt"),
    };
    let lasts = match end {
        Some(end) => json!({ "$or": [{ start: { "$gte": from } }, { end: { after: from } }] }),
        None => json!({ start: { "$gte": from } }),
    };
    let mut conditions = vec![json!({ start: { before: to } }), lasts];
    conditions.extend(filter.cloned().map(Json::Object));
    let fields: Vec<&str> = [Some(start), end, title, ct.localized.then_some("locale")].into_iter().flatten().collect();
    let mut query = json!({ "filters": { "$and": conditions }, "sort": [format!("{start}:asc")], "fields": fields });
    if ct.draft_publish {
        query["status"] = json!("draft");
    }
    if let Some(locale) = locale.filter(|_| ct.localized) {
        query["locale"] = json!(locale);
    }
    QueryTree::from_json(query).map(Query::from)
}

fn dated_document(row: &Json, columns: &Columns<'_>, zone: Tz) -> Option<DatedDocument> {
    let start = row[columns.start].as_str()?;
    let end = columns.end.and_then(|end| row[end].as_str());
    let (first_day, last_day, time) = match columns.whole_days {
        true => {
            let first: NaiveDate = start.parse().ok()?;
            let last = end.and_then(|end| end.parse::<NaiveDate>().ok()).map_or(first, |last| last.max(first));
            (first, last, None)
        }
        false => {
            let first: DateTime<Utc> = start.parse().ok()?;
            let end = end.and_then(|end| end.parse::<DateTime<Utc>>().ok()).filter(|end| *end > first);
            // An end at midnight is not on the day that begins then.
            let last = end.map_or(first, |end| end - TimeDelta::milliseconds(1));
            let local = first.with_timezone(&zone);
            (local.date_naive(), last.with_timezone(&zone).date_naive(), Some(local.format("%H:%M").to_string()))
        }
    };
    Some(DatedDocument {
        document_id: row["documentId"].as_str()?.to_owned(),
        locale: row["locale"].as_str().map(str::to_owned),
        title: columns.title.and_then(|title| to_text(&row[title])),
        first_day: first_day.to_string(),
        last_day: last_day.to_string(),
        time,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const AMSTERDAM: Tz = Tz::Europe__Amsterdam;

    fn placed(start: &str, end: Option<&str>, whole_days: bool) -> (String, String, Option<String>) {
        let columns = Columns { start: "start", end: Some("end"), title: Some("title"), whole_days };
        let row = json!({ "documentId": "a", "start": start, "end": end, "title": "" });
        let DatedDocument { first_day, last_day, time, .. } = dated_document(&row, &columns, AMSTERDAM).unwrap();
        (first_day, last_day, time)
    }

    fn place(first: &str, last: &str, time: Option<&str>) -> (String, String, Option<String>) {
        (first.to_owned(), last.to_owned(), time.map(str::to_owned))
    }

    #[test]
    fn moments_are_on_the_days_of_the_zone() {
        assert_eq!(placed("2026-06-30T22:30:00.000Z", None, false), place("2026-07-01", "2026-07-01", Some("00:30")));
        let overnight = placed("2026-06-30T18:00:00.000Z", Some("2026-07-01T23:00:00.000Z"), false);
        assert_eq!(overnight, place("2026-06-30", "2026-07-02", Some("20:00")));
        // An end at midnight, and an end before the beginning.
        let evening = placed("2026-06-30T18:00:00.000Z", Some("2026-06-30T22:00:00.000Z"), false);
        assert_eq!(evening, place("2026-06-30", "2026-06-30", Some("20:00")));
        let backwards = placed("2026-06-30T18:00:00.000Z", Some("2026-06-01T00:00:00.000Z"), false);
        assert_eq!(backwards, place("2026-06-30", "2026-06-30", Some("20:00")));
    }

    #[test]
    fn dates_take_whole_days_in_every_zone() {
        assert_eq!(placed("2026-06-30", None, true), place("2026-06-30", "2026-06-30", None));
        assert_eq!(placed("2026-06-30", Some("2026-07-02"), true), place("2026-06-30", "2026-07-02", None));
        assert_eq!(placed("2026-06-30", Some("2026-06-02"), true), place("2026-06-30", "2026-06-30", None));
    }
}
