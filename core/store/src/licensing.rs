//! The rows behind licensing: licences, consents, the settings of single files, the last reported state of files, and usages of files.
//!
//! Times are milliseconds since 1970 in UTC and are passed by the caller. Every write notifies the caches that files changed.

mod consents;
mod facts;
mod links;
mod records;
mod reports;
mod settings;
mod usage_status;
mod usages;

pub use consents::{ConsentRow, NewConsent};
pub use facts::{LicensingFact, LicensingFacts, POLICY_SETTING};
pub use links::{LinkMode, RecordKind};
pub use records::{LicenceRow, NewLicence};
pub use settings::FileSettings;
pub use usage_status::UsageStatusRow;
pub use usages::{FileUsage, FileUsages};

#[cfg(test)]
mod tests;

use serde_json::Value as Json;

/// Number of generations of ancestors that apply to a derived file; bounds cycles too.
const MAX_ANCESTOR_DEPTH: i64 = 32;

fn parse_list(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}

fn list_json(list: &[String]) -> String {
    Json::from(list).to_string()
}
