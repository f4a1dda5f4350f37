//! Reports of files by their licensing state.

use crate::desk::Rights;
use crate::files::shown_standing;
use crate::input::id;
use crate::policy::Policy;
use crate::standing::{Standing, State};
use cairn_content::Result;
use cairn_store::rights::POLICY;
use cairn_store::{Reader, StoreError};
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// Number of entries that are listed for each file.
const ENTRIES: usize = 20;
/// Number of files that are examined for one page.
const LOOKS: usize = 2_000;

/// The files that a report lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// Files with a licence that ends soon.
    Expiring,
    /// Files that nothing is linked to.
    Unknown,
    /// Files with a withdrawn consent.
    Withdrawn,
}

impl Report {
    /// Parses the name in an address.
    pub fn read(name: &str) -> Option<Self> {
        match name {
            "expiring" => Some(Self::Expiring),
            "unknown" => Some(Self::Unknown),
            "withdrawn" => Some(Self::Withdrawn),
            _ => None,
        }
    }

    fn has(self, standing: &Standing, now: i64) -> bool {
        match self {
            Self::Expiring => standing.at(now) == State::Expiring,
            Self::Unknown => !standing.is_linked(),
            Self::Withdrawn => true,
        }
    }
}

impl Rights {
    /// A page of a report, in the order of the documents, and the document to continue after.
    ///
    /// # Errors
    /// 400 where `after` is invalid.
    pub fn report(&self, report: Report, after: Option<&str>, limit: i64) -> Result<(Vec<Json>, Option<String>)> {
        let now = self.now();
        let after = after.filter(|after| !after.is_empty()).map(|after| id("after", after)).transpose()?;
        Ok(self.store().read(|r| page(r, report, after.as_deref().unwrap_or_default(), limit, now))?)
    }
}

fn page(
    r: &Reader<'_>,
    report: Report,
    after: &str,
    limit: i64,
    now: i64,
) -> Result<(Vec<Json>, Option<String>), StoreError> {
    let window = Policy::stored(r.setting(POLICY)?.map(|p| p.to_string()).as_deref())?.window();
    let wanted = limit.max(1) as usize;
    let (mut found, mut at, mut looked): (Vec<(String, Standing)>, _, _) = (Vec::new(), after.to_owned(), 0);
    // What is in the way of a full page is passed over, up to a limit: the page after goes on.
    let next = loop {
        let documents = match report {
            Report::Expiring => r.expiring_files(now, now.saturating_add(window), &at, limit)?,
            Report::Unknown => r.unlinked_files(&at, limit)?,
            Report::Withdrawn => r.withdrawn_files(now, &at, limit)?,
        };
        let mut standings = crate::standings(r, &documents.iter().map(String::as_str).collect::<Vec<_>>())?;
        let ended = documents.len() < wanted;
        looked += documents.len();
        let mut full = None;
        for document in documents {
            at.clone_from(&document);
            if let Some(standing) = standings.remove(&document).filter(|s| report.has(s, now)) {
                found.push((document, standing));
                if found.len() == wanted {
                    full = Some(at.clone());
                    break;
                }
            }
        }
        match full {
            Some(at) => break Some(at),
            None if ended => break None,
            None if looked >= LOOKS => break Some(at),
            None => {}
        }
    };
    let documents: Vec<&str> = found.iter().map(|(d, _)| d.as_str()).collect();
    if documents.is_empty() {
        return Ok((Vec::new(), next));
    }
    let names: HashMap<String, String> = r.file_names(&documents)?;
    let mut usages = r.file_usages(&documents, ENTRIES)?;
    let rows = found.iter().map(|(document, standing)| {
        let mut row = shown_standing(standing, now);
        let usages = usages.remove(document).unwrap_or_default();
        row["documentId"] = document.as_str().into();
        row["name"] = json!(names.get(document));
        row["entries"] = usages.entries.iter().map(crate::settle::entry).collect();
        row["entriesTotal"] = usages.total.into();
        row
    });
    Ok((rows.collect(), next))
}
