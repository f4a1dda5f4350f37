//! The rows behind rights of files: licences, consents, what is said of one file, how files stood when it was last told; and who uses
//! files.
//!
//! Times are milliseconds since 1970 in UTC and are given by the caller. Every write tells the caches that files changed.

mod consents;
mod links;
mod records;
mod reports;
mod settings;
mod standings;
mod told;
mod usages;

pub use consents::{ConsentRow, NewConsent};
pub use links::{LinkMode, Record};
pub use records::{NewRight, RightRow};
pub use settings::FileSettings;
pub use standings::{POLICY, RightsFact, RightsFacts};
pub use told::Told;
pub use usages::{FileUsage, FileUsages};

#[cfg(test)]
mod tests;

use serde_json::Value as Json;

/// Whose files nothing is linked to: ancestors further away count no more, and no cycle goes on for ever.
const DEPTH: i64 = 32;

fn list(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}

fn list_json(list: &[String]) -> String {
    Json::from(list).to_string()
}
