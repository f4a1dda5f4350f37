//! Reports of files by their licensing state.

use crate::files::ReportedFileView;
use crate::input::check_document_id;
use crate::policy::LicensingPolicy;
use crate::service::LicensingService;
use crate::usage_changes::AffectedFileView;
use crate::usage_timeline::{UsageStatus, UsageStatusView, UsageTimeline};
use cairn_content::Result;
use cairn_store::licensing::POLICY_SETTING;
use cairn_store::{Reader, StoreError};
use std::collections::HashMap;

/// Number of entries that are listed for each file.
const MAX_ENTRIES_PER_FILE: usize = 20;
/// Number of files that are examined for one page.
const MAX_SCANNED_FILES: usize = 2_000;

/// The files that a report lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsageReport {
    /// Files with a licence that ends soon.
    Expiring,
    /// Files that nothing is linked to.
    Unknown,
    /// Files with a withdrawn consent.
    Withdrawn,
}

impl UsageReport {
    /// Parses the name in an address.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "expiring" => Some(Self::Expiring),
            "unknown" => Some(Self::Unknown),
            "withdrawn" => Some(Self::Withdrawn),
            _ => None,
        }
    }

    fn includes_file(self, timeline: &UsageTimeline, now: i64) -> bool {
        match self {
            Self::Expiring => timeline.status_at(now) == UsageStatus::Expiring,
            Self::Unknown => !timeline.is_linked(),
            Self::Withdrawn => true,
        }
    }
}

impl LicensingService {
    /// A page of a report, in the order of the documents, and the document to continue after. Fails with 400 if `after` is invalid.
    pub fn list_report(
        &self,
        report: UsageReport,
        after: Option<&str>,
        limit: i64,
    ) -> Result<(Vec<ReportedFileView>, Option<String>)> {
        let now = self.now();
        let after =
            after.filter(|after| !after.is_empty()).map(|after| check_document_id("after", after)).transpose()?;
        Ok(self.store().read(|r| report_page(r, report, after.as_deref().unwrap_or_default(), limit, now))?)
    }
}

fn report_page(
    r: &Reader<'_>,
    report: UsageReport,
    after: &str,
    limit: i64,
    now: i64,
) -> Result<(Vec<ReportedFileView>, Option<String>), StoreError> {
    let window = LicensingPolicy::from_stored(r.settings().get(POLICY_SETTING)?.map(|p| p.to_string()).as_deref())?
        .notice_window_ms();
    let page_size = limit.max(1) as usize;
    let (mut found, mut at, mut scanned_count): (Vec<(String, UsageTimeline)>, _, _) =
        (Vec::new(), after.to_owned(), 0);
    // Files that are not reported are skipped to fill the page, up to a limit: the next page continues.
    let next = loop {
        let documents = match report {
            UsageReport::Expiring => r.licensing().list_expiring_files(now, now.saturating_add(window), &at, limit)?,
            UsageReport::Unknown => r.licensing().list_unlinked_files(&at, limit)?,
            UsageReport::Withdrawn => r.licensing().list_withdrawn_files(now, &at, limit)?,
        };
        let mut standings = crate::load_timelines(r, &documents.iter().map(String::as_str).collect::<Vec<_>>())?;
        let is_last = documents.len() < page_size;
        scanned_count += documents.len();
        let mut full = None;
        for document in documents {
            at.clone_from(&document);
            if let Some(timeline) = standings.remove(&document).filter(|s| report.includes_file(s, now)) {
                found.push((document, timeline));
                if found.len() == page_size {
                    full = Some(at.clone());
                    break;
                }
            }
        }
        match full {
            Some(at) => break Some(at),
            None if is_last => break None,
            None if scanned_count >= MAX_SCANNED_FILES => break Some(at),
            None => {}
        }
    };
    let documents: Vec<&str> = found.iter().map(|(d, _)| d.as_str()).collect();
    if documents.is_empty() {
        return Ok((Vec::new(), next));
    }
    let names: HashMap<String, String> = r.assets().find_names(&documents)?;
    let mut usages = r.assets().find_usages(&documents, MAX_ENTRIES_PER_FILE)?;
    let rows = found.iter().map(|(document, usage_timeline)| {
        let usages = usages.remove(document).unwrap_or_default();
        ReportedFileView {
            status: UsageStatusView::from_timeline(usage_timeline, now),
            file: AffectedFileView::from_usages(document, names.get(document).cloned(), &usages),
        }
    });
    Ok((rows.collect(), next))
}
