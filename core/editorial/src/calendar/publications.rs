//! Publications by the history: newest first, so that a great import does not hide what came after it.

use super::range::{document_item, document_key, fill_labels, local_day};
use super::{CalendarEntry, PublishedEntry};
use crate::EditorialService;
use crate::owners::OwnerIndex;
use cairn_content::{ContentError, Result};
use cairn_store::Reader;
use cairn_store::editorial::{DocumentKey, PublicationFilter, PublishedRow};
use chrono_tz::Tz;
use std::collections::HashSet;

/// Rows of the history that are read at a time for the latest publications.
const PAGE_SIZE: usize = 100;
/// Pages that are read at most: a caller who may see only some entries of a type gets what is in these.
const MAX_PAGES: usize = 20;

/// Publications of a range of days.
pub(super) struct RangePublications {
    /// Newest first.
    pub(super) entries: Vec<CalendarEntry>,
    /// The time of the oldest that is listed, if older ones were left out.
    pub(super) cut_at: Option<i64>,
}

/// At most `limit` publications, newest first. The last publication of a document on a day stands for all of that day.
pub(super) fn list_in_range(
    r: &Reader<'_>,
    filter: &PublicationFilter,
    zone: Tz,
    limit: usize,
) -> Result<RangePublications> {
    let mut rows = r.history().list_publications(filter, limit as i64 + 1)?;
    let cut_at = (rows.len() > limit).then(|| {
        rows.truncate(limit);
        rows.last().map_or(filter.to, |oldest| oldest.at)
    });
    let mut seen_days = HashSet::new();
    let entries = rows.into_iter().filter_map(|row| {
        let (at, d, by) = published_document(row);
        seen_days.insert((d.clone(), local_day(at, zone))).then(|| published_entry(at, d, by, zone))
    });
    Ok(RangePublications { entries: entries.collect(), cut_at })
}

fn published_document(row: PublishedRow) -> (i64, DocumentKey, Option<String>) {
    let d = DocumentKey { content_type: row.content_type, document_id: row.document_id, locale: row.locale };
    (row.at, d, row.actor.name)
}

fn published_entry(at: i64, d: DocumentKey, by: Option<String>, zone: Tz) -> CalendarEntry {
    CalendarEntry::Published(PublishedEntry { item: document_item(at, d, zone), by })
}

impl EditorialService {
    /// Uids of the types whose documents are published: those with drafts, of `readable` if the caller may not read every type.
    pub(super) fn published_types(&self, readable: Option<&[String]>) -> Vec<String> {
        let types = self.registry().types().iter().filter(|ct| ct.is_api() && ct.draft_publish);
        let uids = types.map(|ct| ct.uid.clone());
        uids.filter(|uid| readable.is_none_or(|readable| readable.contains(uid))).collect()
    }

    /// Lists the documents that were published last since a moment, newest first, each once. `readable`: uids of the types that the caller
    /// may read, `None` for all; `keep_readable` keeps the entries that the caller may see.
    ///
    /// # Errors
    /// Errors of the database, and those of `keep_readable`.
    pub async fn list_latest_publications<E: From<ContentError>>(
        &self,
        since: i64,
        readable: Option<&[String]>,
        limit: usize,
        keep_readable: impl Fn(Vec<CalendarEntry>) -> Result<Vec<CalendarEntry>, E> + Send,
    ) -> Result<Vec<CalendarEntry>, E> {
        let mut filter = PublicationFilter {
            from: since,
            to: i64::MAX,
            content_types: Some(self.published_types(readable)),
            ..PublicationFilter::default()
        };
        let mut latest = Vec::new();
        let mut seen = HashSet::new();
        for _ in 0..MAX_PAGES {
            let list = |r: &Reader<'_>| r.history().list_publications(&filter, PAGE_SIZE as i64);
            let rows = self.store().read(list).map_err(ContentError::from)?;
            let is_last = rows.len() < PAGE_SIZE;
            filter.before = rows.last().map(|row| (row.at, row.id));
            let entries = rows.into_iter().filter_map(|row| {
                let (at, d, by) = published_document(row);
                seen.insert(d.clone()).then(|| published_entry(at, d, by, Tz::UTC))
            });
            latest.extend(keep_readable(entries.collect())?);
            if is_last || latest.len() >= limit {
                break;
            }
        }
        latest.truncate(limit);
        let owners = self.store().read(OwnerIndex::load).map_err(ContentError::from)?;
        let documents: Vec<DocumentKey> = latest.iter().filter_map(|e| document_key(e.item())).collect();
        let labels = self.load_labels(&documents.iter().collect::<Vec<_>>(), &owners.phase_fields()).await?;
        for entry in &mut latest {
            fill_labels(entry, &labels, &owners);
        }
        Ok(latest)
    }
}
