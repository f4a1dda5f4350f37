//! Fate of the slots of one plan row when a journey is moved to another revision of its definition. It knows no host.

use crate::model::SlotStatus;
use cairn_plugin::Instant;
use std::collections::BTreeSet;

/// A slot that is stored for an entry and a row, whichever revision the row is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoredSlot {
    pub(crate) number: u32,
    pub(crate) at: Instant,
    pub(crate) status: SlotStatus,
    /// Its row comes as often as the new one: occurrences of the same number are the same.
    pub(crate) is_same_series: bool,
}

/// How the slots of a row are settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SettlementTerms {
    pub(crate) now: Instant,
    /// Neither the row nor the window of its phase has changed: what is planned stays when it is.
    pub(crate) is_unchanged: bool,
    /// Slots that the new revision has in the past are sent as well.
    pub(crate) is_past_wanted: bool,
    /// Slots that are stored ahead; none are made beyond it, and those that are planned stay.
    pub(crate) limit: usize,
}

/// Settlement of a row: positions among the stored slots, and numbers of occurrences, with their times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RowSettlement {
    pub(crate) kept: Vec<(usize, Instant)>,
    pub(crate) made: Vec<(u32, Instant)>,
    pub(crate) dropped: Vec<usize>,
    /// Occurrences that would have been before now, and are not made up for.
    pub(crate) past: Vec<(u32, Instant)>,
}

/// Settles the slots of a row. `occurrences`: those of the new revision, by their numbers, in their order.
pub(crate) fn settle_row(
    stored: &[StoredSlot],
    occurrences: &[(u32, Instant)],
    terms: SettlementTerms,
) -> RowSettlement {
    let is_done = |slot: &&StoredSlot| slot.status != SlotStatus::Planned;
    let done: BTreeSet<u32> =
        stored.iter().filter(is_done).filter(|slot| slot.is_same_series).map(|slot| slot.number).collect();
    // Slots of an earlier frequency that are over cover the occurrences of the new one until then.
    let last_other = stored.iter().filter(is_done).filter(|slot| !slot.is_same_series).map(|slot| slot.at).max();
    let find_planned = |number: u32| {
        let is_planned = |slot: &StoredSlot| slot.status == SlotStatus::Planned && slot.is_same_series;
        stored.iter().position(|slot| is_planned(slot) && slot.number == number)
    };
    let mut settled = RowSettlement::default();
    let mut ahead = 0;
    for (number, due) in occurrences.iter().copied() {
        if done.contains(&number) {
            continue;
        }
        let planned = find_planned(number);
        // A pause may have placed it later than the plan alone does.
        let due = match planned {
            Some(slot) if terms.is_unchanged => stored[slot].at.max(due),
            _ => due,
        };
        if due <= terms.now {
            if planned.is_none() && last_other.is_some_and(|last| due <= last) {
                continue;
            }
            // A slot that is due and only waits for its job is left to that job.
            let is_waiting = planned.is_some() && terms.is_unchanged;
            if !terms.is_past_wanted && !is_waiting {
                settled.past.push((number, due));
                continue;
            }
        } else if planned.is_none() && ahead >= terms.limit {
            continue;
        } else {
            ahead += 1;
        }
        match planned {
            Some(slot) => settled.kept.push((slot, due)),
            None => settled.made.push((number, due)),
        }
    }
    let is_left =
        |n: &usize| stored[*n].status == SlotStatus::Planned && !settled.kept.iter().any(|(kept, _)| kept == n);
    settled.dropped = (0..stored.len()).filter(is_left).collect();
    settled
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = 100;

    fn terms() -> SettlementTerms {
        SettlementTerms { now: NOW, is_unchanged: false, is_past_wanted: false, limit: 3 }
    }

    fn slot(number: u32, at: Instant, status: SlotStatus) -> StoredSlot {
        StoredSlot { number, at, status, is_same_series: true }
    }

    fn stored() -> [StoredSlot; 4] {
        [
            slot(1, 50, SlotStatus::Published),
            slot(2, 90, SlotStatus::Missed),
            slot(3, 130, SlotStatus::Planned),
            slot(4, 170, SlotStatus::Planned),
        ]
    }

    #[test]
    fn what_has_not_changed_is_kept_and_nothing_is_made() {
        let terms = SettlementTerms { is_unchanged: true, ..terms() };
        let settled = settle_row(&stored(), &[(1, 50), (2, 90), (3, 130), (4, 170)], terms);
        assert_eq!(settled, RowSettlement { kept: vec![(2, 130), (3, 170)], ..RowSettlement::default() });
        // A pause had placed the third later than the plan does.
        let settled = settle_row(&stored(), &[(1, 50), (2, 90), (3, 95), (4, 170)], terms);
        assert_eq!(settled.kept, [(2, 130), (3, 170)]);
    }

    #[test]
    fn what_was_sent_is_not_sent_again_and_what_has_passed_only_if_wanted() {
        let later = [(1, 110), (2, 150), (3, 190), (4, 230)];
        assert_eq!(settle_row(&stored(), &later, terms()).kept, [(2, 190), (3, 230)]);
        let sooner = [(1, 10), (2, 50), (3, 90), (4, 130), (5, 170)];
        let settled = settle_row(&stored(), &sooner, terms());
        assert_eq!((settled.kept, settled.made), (vec![(3, 130)], vec![(5, 170)]));
        assert_eq!((settled.dropped, settled.past), (vec![2], vec![(3, 90)]));
        let wanted = settle_row(&stored(), &sooner, SettlementTerms { is_past_wanted: true, ..terms() });
        assert_eq!((wanted.kept, wanted.past), (vec![(2, 90), (3, 130)], Vec::new()));
    }

    #[test]
    fn another_frequency_goes_on_from_now() {
        let weekly: Vec<(u32, Instant)> = (1..=9).map(|n| (n, Instant::from(n) * 20)).collect();
        let other = stored().map(|slot| StoredSlot { is_same_series: false, ..slot });
        let settled = settle_row(&other, &weekly, terms());
        assert_eq!((settled.made, settled.dropped), (vec![(6, 120), (7, 140), (8, 160)], vec![2, 3]));
        // Occurrences before the last slot that was sent are covered by it.
        assert_eq!(settled.past, [(5, 100)]);
        let settled = settle_row(&other, &[], terms());
        assert_eq!(settled.dropped, [2, 3]);
    }

    #[test]
    fn a_frequency_that_changed_before_is_no_reason_to_drop_what_is_planned() {
        let mut stored = stored();
        stored[0].is_same_series = false;
        // The first was one of two weeks: the first of the weekly ones before it is covered, and not the third.
        let weekly = [(1, 40), (2, 90), (3, 130), (4, 170)];
        let settled = settle_row(&stored, &weekly, terms());
        assert_eq!(settled, RowSettlement { kept: vec![(2, 130), (3, 170)], ..RowSettlement::default() });
    }

    #[test]
    fn rows_that_are_added_take_nothing_from_what_is_planned() {
        let ahead = [(1, 50), (2, 90), (3, 130), (4, 170), (5, 210), (6, 250)];
        let settled = settle_row(&stored(), &ahead, SettlementTerms { limit: 1, ..terms() });
        assert_eq!((settled.kept, settled.made), (vec![(2, 130), (3, 170)], Vec::new()));
        assert_eq!(settled.dropped, [0; 0]);
        let settled = settle_row(&stored(), &ahead, terms());
        assert_eq!((settled.kept, settled.made), (vec![(2, 130), (3, 170)], vec![(5, 210)]));
    }

    #[test]
    fn what_is_due_and_waits_for_its_job_stays() {
        let waiting = [slot(1, 50, SlotStatus::Published), slot(2, NOW, SlotStatus::Planned)];
        let terms = SettlementTerms { is_unchanged: true, ..terms() };
        let settled = settle_row(&waiting, &[(1, 50), (2, NOW)], terms);
        assert_eq!(settled, RowSettlement { kept: vec![(1, NOW)], ..RowSettlement::default() });
        // Of a row that has changed it does not.
        let settled = settle_row(&waiting, &[(1, 50), (2, NOW)], SettlementTerms { is_unchanged: false, ..terms });
        assert_eq!((settled.dropped, settled.past), (vec![1], vec![(2, NOW)]));
    }
}
