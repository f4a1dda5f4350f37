//! Reports: every source is asked for its pages, one after another. Only one page is in memory at a time.

use super::progress::SourceState;
use super::source::Source;
use super::{PersonalData, PersonalDataError};
use cairn_plugin_host::privacy::{DataSubject, PersonalRecord, PrivacyError, ReportPage};
use cairn_store::StoreError;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Largest number of pages of a source: one that always has another is ended.
const MAX_PAGES: usize = 10_000;

/// Records that a source has about a person, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceSummary {
    /// Id of the source: `plugin:crm`, `core:account`.
    pub source: String,
    /// `Done`, or why its data are missing.
    pub state: SourceState,
    /// Number of records.
    pub records: u64,
    /// Number of records of each kind.
    pub kinds: BTreeMap<String, u64>,
    /// Why its data are missing.
    pub problem: Option<String>,
}

impl SourceSummary {
    fn new(source: &Source) -> Self {
        let (state, kinds) = (SourceState::Done, BTreeMap::new());
        Self { source: source.to_id(), state, records: 0, kinds, problem: None }
    }

    fn count_page(&mut self, page: &ReportPage) {
        self.records += page.records.len() as u64;
        for record in &page.records {
            *self.kinds.entry(record.kind.clone()).or_default() += 1;
        }
    }
}

/// Why a source has no page.
pub(super) enum PageError {
    Missing(SourceState, String),
    Store(StoreError),
}

impl From<PrivacyError> for PageError {
    fn from(error: PrivacyError) -> Self {
        let text = error.to_string();
        match error {
            PrivacyError::NotRunning => Self::Missing(SourceState::Off, text),
            PrivacyError::NoPart => Self::Missing(SourceState::NoPart, text),
            PrivacyError::Failed(_) | PrivacyError::Busy => Self::Missing(SourceState::Failed, text),
            PrivacyError::Store(error) => Self::Store(error),
        }
    }
}

impl PersonalData {
    /// Counts what every source has about a person. Returns an error if the database fails; a source that fails is in the result.
    pub async fn summarise(&self, person: &DataSubject, locale: &str) -> Result<Vec<SourceSummary>, PersonalDataError> {
        let mut all = Vec::new();
        for source in self.list_sources()? {
            all.push(self.walk_source(&source, person, locale, |_| Ok(())).await?);
        }
        Ok(all)
    }

    /// Calls `visit` with every record of a source.
    pub(super) async fn walk_source(
        &self,
        source: &Source,
        person: &DataSubject,
        locale: &str,
        mut visit: impl FnMut(&PersonalRecord) -> std::io::Result<()>,
    ) -> Result<SourceSummary, PersonalDataError> {
        let mut summary = SourceSummary::new(source);
        let mut cursor: Option<Json> = None;
        for _ in 0..MAX_PAGES {
            let page = match self.report_page(source, person, cursor.as_ref(), locale).await {
                Ok(page) => page,
                Err(PageError::Store(error)) => return Err(error.into()),
                Err(PageError::Missing(state, problem)) => {
                    (summary.state, summary.problem) = (state, Some(problem));
                    return Ok(summary);
                }
            };
            summary.count_page(&page);
            page.records.iter().try_for_each(&mut visit)?;
            match page.next {
                Some(next) => cursor = Some(next),
                None => return Ok(summary),
            }
        }
        (summary.state, summary.problem) =
            (SourceState::Failed, Some(format!("it still has another page after {MAX_PAGES}")));
        Ok(summary)
    }

    async fn report_page(
        &self,
        source: &Source,
        person: &DataSubject,
        cursor: Option<&Json>,
        locale: &str,
    ) -> Result<ReportPage, PageError> {
        match source {
            Source::Plugin(id) => {
                let plugins = self.running_plugins().map_err(PageError::Store)?;
                Ok(plugins.report_personal_data(id, person, cursor, locale).await?)
            }
            Source::Core(core) => self.report_core(*core, person, cursor, locale).map_err(|error| match error {
                cairn_content::ContentError::Store(error) => PageError::Store(error),
                other => PageError::Missing(SourceState::Failed, other.to_string()),
            }),
        }
    }
}
