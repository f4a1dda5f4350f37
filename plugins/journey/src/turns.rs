//! Turns of the items of a plan row's list: each slot of a journey shows the next item that has not had its turn, also where a phase is entered
//! late, again, or in another revision. A slot that is over keeps the item whose turn it was, so a list can be changed at any time: what is added
//! or removed decides about the slots that follow. What was skipped takes no turn.

use crate::model::{Link, PlanRow, Slot, SlotStatus, origin_of};
use cairn_plugin::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// States of slots that take a turn.
const TAKING: [SlotStatus; 3] = [SlotStatus::Planned, SlotStatus::Published, SlotStatus::Missed];
/// Slots of a row in one journey that have had an item of its list: as many as a list has, with room for those that were removed from it.
const MAX_TAKEN: u32 = 500;

/// A slot among those of a journey.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn<'a> {
    pub(crate) journey: &'a str,
    /// The id by which its row is known in all revisions.
    pub(crate) row: &'a str,
    pub(crate) planned_at: &'a str,
    pub(crate) status: SlotStatus,
    /// Id of the item whose turn it was; empty before that, and where the list had none left.
    pub(crate) item: &'a str,
}

impl Turn<'_> {
    /// The content that the row has for this slot, which is still planned, among these others.
    pub(crate) fn find_content<'r>(&self, row: &'r PlanRow, others: &[Turn<'_>]) -> Option<&'r Link> {
        let of_list = others.iter().filter(|other| other.journey == self.journey && other.row == self.row);
        let taken = of_list.clone().map(|other| other.item).filter(|item| !item.is_empty()).collect();
        let is_before = |other: &&Turn<'_>| other.status == SlotStatus::Planned && other.planned_at < self.planned_at;
        row.content_after(&taken, of_list.filter(is_before).count())
    }

    /// The number of its turn among these slots, counted from 1, as versions before 0.6 counted.
    pub(crate) fn number_among(&self, others: &[Turn<'_>]) -> usize {
        let comes_before = |other: &&Turn<'_>| {
            other.journey == self.journey
                && other.row == self.row
                && TAKING.contains(&other.status)
                && other.planned_at < self.planned_at
        };
        others.iter().filter(comes_before).count() + 1
    }
}

/// How far the list of a row is in one journey, at one of its slots.
#[derive(Debug, Default)]
pub(crate) struct ListProgress {
    /// Ids of the items that have had their turn.
    pub(crate) taken: BTreeSet<String>,
    /// Slots before this one that are still planned.
    pub(crate) waiting: usize,
}

impl ListProgress {
    /// Reads it for a slot.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn read(journey: &str, slot: &Row<Slot>, row: &Row<PlanRow>) -> Result<Self> {
        // A row without a list has no turns.
        if row.items.is_empty() {
            return Ok(Self::default());
        }
        let of_list = || {
            let others =
                json!({ "journey": { "documentId": { "$eq": journey } }, "documentId": { "$ne": slot.document_id } });
            data::find::<Slot>().filter(others).filter(taking_turns_of(&[origin_of(&row.origin, &row.document_id)]))
        };
        let taken =
            of_list().filter(json!({ "turnItem": { "$notNull": true } })).sort("plannedAt:desc").all(MAX_TAKEN)?;
        let waiting = json!({ "status": SlotStatus::Planned, "plannedAt": { "$lt": slot.planned_at } });
        Ok(Self {
            taken: taken.into_iter().map(|other| other.fields.turn_item).collect(),
            waiting: usize::try_from(of_list().filter(waiting).count()?).unwrap_or(usize::MAX),
        })
    }

    /// The item of the list whose turn it is so many slots later; `None` behind its end.
    pub(crate) fn next_item<'r>(&self, row: &'r PlanRow, later: usize) -> Option<&'r Link> {
        row.item_after(&self.taken(), self.waiting.saturating_add(later))
    }

    /// The content that the row has so many slots later.
    pub(crate) fn next_content<'r>(&self, row: &'r PlanRow, later: usize) -> Option<&'r Link> {
        row.content_after(&self.taken(), self.waiting.saturating_add(later))
    }

    fn taken(&self) -> BTreeSet<&str> {
        self.taken.iter().map(String::as_str).collect()
    }
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

    const fn turn<'a>(
        journey: &'a str,
        row: &'a str,
        planned_at: &'a str,
        status: SlotStatus,
        item: &'a str,
    ) -> Turn<'a> {
        Turn { journey, row, planned_at, status, item }
    }

    #[test]
    fn turns_are_counted_for_each_journey_and_row() {
        let all = [
            turn("a", "r", "2026-01-01", SlotStatus::Published, ""),
            turn("a", "r", "2026-01-15", SlotStatus::Skipped, ""),
            turn("a", "r", "2026-02-01", SlotStatus::Missed, ""),
            turn("a", "other", "2026-01-02", SlotStatus::Published, ""),
            turn("b", "r", "2026-01-03", SlotStatus::Published, ""),
            turn("a", "r", "2026-02-15", SlotStatus::Planned, ""),
        ];
        assert_eq!(all.map(|one| one.number_among(&all)), [1, 2, 2, 1, 1, 3]);
    }

    #[test]
    fn slots_take_what_has_not_had_its_turn() {
        let row = |items: &str| -> PlanRow {
            let items: Vec<Value> = items.chars().map(|item| json!({ "documentId": item })).collect();
            serde_json::from_value(json!({ "title": "R", "items": items })).unwrap()
        };
        let all = [
            turn("j", "r", "2026-01-01", SlotStatus::Published, "a"),
            turn("j", "r", "2026-01-15", SlotStatus::Missed, "b"),
            turn("j", "r", "2026-02-01", SlotStatus::Planned, ""),
            turn("j", "r", "2026-02-15", SlotStatus::Planned, ""),
            // Published ahead of its time.
            turn("j", "r", "2026-03-01", SlotStatus::Published, "e"),
            turn("k", "r", "2026-01-01", SlotStatus::Published, "c"),
        ];
        let shown = |items: &str| {
            let row = row(items);
            [2, 3].map(|n: usize| all[n].find_content(&row, &all).map(|item| item.document_id.clone()))
        };
        let some = |items: [&str; 2]| items.map(|item| Some(item.to_owned()));
        assert_eq!(shown("abcdef"), some(["c", "d"]));
        // Items that were not shown keep their order, whatever becomes of those that were.
        assert_eq!((shown("cdef"), shown("bcdef")), (some(["c", "d"]), some(["c", "d"])));
        assert_eq!(shown("axbcd"), some(["x", "c"]));
        assert_eq!(shown("abc"), [Some("c".to_owned()), None]);
    }
}
