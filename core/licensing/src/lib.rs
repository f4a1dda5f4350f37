//! Licensing of files: licences, releases, consents and embargoes, and their effect on whether a file may be delivered and whether
//! entries that use it may be published.
//!
//! [`UsageTimeline`] is the licensing state of one file over time, and all that delivery needs ([`load_timeline`]); [`LicensingService`] has the use cases.
//! What is stored about files' states ([`refresh_usage`]) only serves to report each change once: a file's state is computed from the records.

mod bulk;
mod check;
mod consents;
mod files;
mod gate;
mod input;
mod instants;
mod notices;
mod policy;
mod records;
mod reports;
mod service;
mod sweep;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod usage_changes;
mod usage_timeline;

pub use bulk::{LinkInput, LinkModeView, LinkedRecordsView};
pub use check::{EntryCheckView, FileFindingView};
pub use consents::{ConsentDetailsView, ConsentInput, ConsentView, WithdrawInput, WithdrawnConsentView};
pub use files::{EmbargoView, FileLicensingView, FileSettingsInput, FileSettingsView, ReportedFileView};
pub use gate::LicensingGate;
pub use input::read_input;
pub use policy::{LicensingPolicy, LicensingPolicyInput};
pub use records::{LicenceDetailsView, LicenceView, NamedFileView, RecordFilesView, RightInput};
pub use reports::UsageReport;
pub use service::LicensingService;
pub use sweep::{LicensingSweep, SWEEP_JOB};
pub use usage_changes::{
    AffectedFileView, CONSENT_WITHDRAWN_EVENT, EXPIRED_EVENT, EXPIRING_EVENT, PURGE_EVENT, RESTORED_EVENT,
    UsingEntryView, WithdrawalView, refresh_usage,
};
pub use usage_timeline::{
    LocalEndView, UnlinkedPolicy, UsageReason, UsageReasonKind, UsageReasonView, UsageStatus, UsageStatusView,
    UsageTimeline,
};

use cairn_store::licensing::LicensingFact;
use cairn_store::{Reader, Result};
use std::collections::HashMap;

/// The licensing state of a file over time. One statement, whatever is linked to it and to what it is derived from; a second one
/// where the tenant's policy names folders. A file that does not exist is treated like one that nothing is linked to. Returns an
/// error if the store fails.
pub fn load_timeline(reader: &Reader<'_>, document_id: &str) -> Result<UsageTimeline> {
    Ok(load_timelines(reader, &[document_id])?.remove(document_id).unwrap_or_default())
}

/// The licensing state of files over time, by document, with as many statements as for one. Files that do not exist are left out. Returns
/// an error if the store fails.
pub fn load_timelines(reader: &Reader<'_>, documents: &[&str]) -> Result<HashMap<String, UsageTimeline>> {
    if documents.is_empty() {
        return Ok(HashMap::new());
    }
    let (found, policy) = reader.licensing().get_facts(documents)?;
    let policy = LicensingPolicy::from_stored(policy.as_deref())?;
    let parents = if policy.folders.is_empty() { HashMap::new() } else { reader.folders().list_parents()? };
    let standing = |(document, facts): (String, Vec<LicensingFact>)| {
        let unlinked = policy.rule_for(&facts, &parents);
        let timeline = UsageTimeline::from_facts(&document, facts, unlinked, policy.notice_window_ms());
        (document, timeline)
    };
    Ok(found.into_iter().map(standing).collect())
}
