//! Upcoming publications and unpublications: by schedules, and by releases.

use cairn_content::Result;
use cairn_store::Reader;
use cairn_store::editorial::{DocumentKey, ReleaseFilter, ReleaseState, ScheduleFilter, ScheduleState};

/// Items of a release that are read at a time.
const ITEM_PAGE_SIZE: i64 = 500;

/// A scheduled change of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UpcomingChange {
    pub(super) document: DocumentKey,
    /// `publish` or `unpublish`.
    pub(super) action: String,
    pub(super) at: i64,
    /// Numeric id of the schedule.
    pub(super) schedule: Option<i64>,
    /// Numeric id and name of the release.
    pub(super) release: Option<(i64, String)>,
}

/// Lists the changes scheduled from one moment to before another, at most `limit` schedules and releases each.
pub(super) fn upcoming_between(r: &Reader<'_>, from: i64, to: i64, limit: i64) -> Result<Vec<UpcomingChange>> {
    let (from, to) = (Some(from), Some(to));
    let filter = ScheduleFilter { state: Some(ScheduleState::Waiting), from, to, ..ScheduleFilter::default() };
    let mut all: Vec<UpcomingChange> = r
        .schedules()
        .list(&filter, limit)?
        .into_iter()
        .map(|row| UpcomingChange {
            document: DocumentKey {
                content_type: row.schedule.content_type,
                document_id: row.schedule.document_id,
                locale: row.schedule.locale,
            },
            action: row.schedule.action,
            at: row.schedule.due,
            schedule: Some(row.id),
            release: None,
        })
        .collect();
    let filter = ReleaseFilter { state: Some(ReleaseState::Scheduled), from, to, ..ReleaseFilter::default() };
    for release in r.releases().list(&filter, limit)? {
        let Some(when) = &release.when else { continue };
        let mut after = 0;
        while (all.len() as i64) < 2 * limit {
            let items = r.releases().list_items(release.id, after, ITEM_PAGE_SIZE)?;
            let is_last = (items.len() as i64) < ITEM_PAGE_SIZE;
            after = items.last().map_or(after, |item| item.id);
            all.extend(items.into_iter().map(|row| UpcomingChange {
                document: DocumentKey {
                    content_type: row.item.content_type,
                    document_id: row.item.document_id,
                    locale: row.item.locale,
                },
                action: row.item.action,
                at: when.due,
                schedule: None,
                release: Some((release.id, release.name.clone())),
            }));
            if is_last {
                break;
            }
        }
    }
    Ok(all)
}
