//! The content calendar: what is planned, scheduled and published on each day.
//!
//! Slots are planned entries: single ones, and those that a rule generates ([`rule`]). An occurrence of a rule is not stored until somebody
//! moves, fills or cancels it; from then on a slot replaces it.

mod document_dates;
mod input;
mod publications;
mod range;
pub mod rule;
mod slot_view;
mod slots;
#[cfg(test)]
mod tests;
mod upcoming;
mod view;

pub use document_dates::{DatedDocument, DatedDocuments, DatedKind, DatedRange};
pub use input::{RuleInput, SlotInput, SlotStatus};
pub use range::CalendarRange;
pub use slot_view::{SlotOccurrence, SlotRulePreview, SlotRuleView, SlotView};
pub use view::{
    Calendar, CalendarDay, CalendarEntry, CalendarItem, CalendarRelease, PlannedEntry, PublishedEntry, ScheduledEntry,
};

use cairn_store::editorial::NewSlot;
use cairn_store::{Reader, StoreError};
use std::collections::HashSet;

/// Formats milliseconds as an ISO time in UTC.
pub(crate) fn format_ms(ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(ms).map(cairn_access::format_iso).unwrap_or_default()
}

/// Occurrences of rules from one moment to before another that no slot replaces.
pub(crate) fn due_occurrences(r: &Reader<'_>, from: i64, to: i64, limit: usize) -> Result<Vec<NewSlot>, StoreError> {
    let replaced: HashSet<(i64, String)> = r.calendar().list_replaced_occurrences()?.into_iter().collect();
    let mut all = Vec::new();
    for row in r.calendar().list_rules()? {
        let rule = match input::parse_stored_rule(&row.rule) {
            Ok(rule) => rule,
            // Of a zone that is no more: the others are followed all the same.
            Err(error) => {
                tracing::warn!(rule = row.id, %error, "Cannot expand a slot rule");
                continue;
            }
        };
        for o in rule.occurrences_between(from, to, limit.saturating_sub(all.len())) {
            if !replaced.contains(&(row.id, o.local.clone())) {
                all.push(slots::slot_from_occurrence(row.id, &row.rule, &o));
            }
        }
        if all.len() >= limit {
            break;
        }
    }
    Ok(all)
}
