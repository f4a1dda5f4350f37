//! Records of Cairn's own sources in reports and erasures: how each is made, how many there are at a time, and who erases them.

use super::texts::Text;
use cairn_access::format_iso;
use cairn_plugin_host::privacy::{PersonalRecord, RetainedRecord};
use cairn_store::events::Actor;
use chrono::DateTime;
use serde_json::Value as Json;

/// Records of a page, and rows of a step.
pub(super) const PAGE_SIZE: i64 = 200;

/// Returns the actor that erases Cairn's own data, as the history and the audit log name it.
pub(super) fn erasing_actor() -> Actor {
    Actor::system("personal data")
}

pub(super) fn new_record(kind: Text, title: String, data: Json, locale: &str) -> PersonalRecord {
    PersonalRecord { kind: kind.in_language(locale), title, data }
}

pub(super) fn retain(kind: Text, title: String, reason: Text, locale: &str) -> RetainedRecord {
    RetainedRecord { kind: kind.in_language(locale), title, reason: reason.in_language(locale), until: None }
}

pub(super) fn format_ms(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).map(format_iso).unwrap_or_default()
}
