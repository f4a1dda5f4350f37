//! Turns of the items of a plan row's list: the first slot of a journey shows the first item, the next one the second, also where a phase is
//! entered late, again, or in another revision. What was skipped takes no turn.

use crate::model::{PlanRow, Slot, SlotStatus, origin_of};
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

/// States of slots that take a turn.
const TAKING: [SlotStatus; 3] = [SlotStatus::Planned, SlotStatus::Published, SlotStatus::Missed];

/// A slot among those of a journey.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn<'a> {
    pub(crate) journey: &'a str,
    /// The id by which its row is known in all revisions.
    pub(crate) row: &'a str,
    pub(crate) planned_at: &'a str,
    pub(crate) status: SlotStatus,
}

impl Turn<'_> {
    /// The number of its turn among these slots, counted from 1.
    pub(crate) fn number_among(&self, others: &[Turn<'_>]) -> u32 {
        let comes_before = |other: &&Turn<'_>| {
            other.journey == self.journey
                && other.row == self.row
                && TAKING.contains(&other.status)
                && other.planned_at < self.planned_at
        };
        u32::try_from(others.iter().filter(comes_before).count()).unwrap_or(u32::MAX - 1) + 1
    }
}

/// The number of the turn of a slot, counted from 1.
///
/// # Errors
/// What the host says.
pub(crate) fn find_turn(journey: &str, slot: &Slot, row: &Row<PlanRow>) -> Result<u32> {
    // Only a list has turns.
    if row.items.is_empty() {
        return Ok(slot.occurrence);
    }
    let before = data::find::<Slot>()
        .filter(json!({ "journey": { "documentId": { "$eq": journey } }, "plannedAt": { "$lt": slot.planned_at } }))
        .filter(taking_turns_of(&[origin_of(&row.origin, &row.document_id)]))
        .count()?;
    Ok(u32::try_from(before).unwrap_or(u32::MAX - 1) + 1)
}

/// The filter of slots that take a turn of one of these rows.
pub(crate) fn taking_turns_of(origins: &[&str]) -> Value {
    json!({ "status": { "$in": TAKING }, "$or": [
        { "planRow": { "documentId": { "$in": origins } } }, { "planRow": { "origin": { "$in": origins } } },
    ] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_counted_for_each_journey_and_row() {
        let turn = |journey, row, planned_at, status| Turn { journey, row, planned_at, status };
        let all = [
            turn("a", "r", "2026-01-01", SlotStatus::Published),
            turn("a", "r", "2026-01-15", SlotStatus::Skipped),
            turn("a", "r", "2026-02-01", SlotStatus::Missed),
            turn("a", "other", "2026-01-02", SlotStatus::Published),
            turn("b", "r", "2026-01-03", SlotStatus::Published),
            turn("a", "r", "2026-02-15", SlotStatus::Planned),
        ];
        assert_eq!(all.map(|one| one.number_among(&all)), [1, 2, 2, 1, 1, 3]);
    }
}
