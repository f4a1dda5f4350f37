//! The delay that an entry began with, for entries that did not note it: the one with which its slots come when they do. It knows no host and
//! no time zones.

use crate::period::Period;
use crate::schedule::{Basis, Delay};
use crate::timetable::{Offsets, Series};
use chrono::{NaiveDateTime, TimeDelta};

/// Most months between two delays that are tried one by one.
const MAX_MONTHS: i32 = 60;
/// Series whose last slot delays are derived from; all slots are compared with what a delay gives.
const SOURCES: usize = 6;

/// A slot that is stored and still planned: every shift and pause since the entry has moved it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoredSlot {
    pub(crate) series: Series,
    pub(crate) number: u32,
    pub(crate) at: NaiveDateTime,
}

/// The delay that an entry began with: the one that gives its slots the times that they have, or else comes closest. Without slots it is
/// that of the journey. `now`: the delay of the journey; that of `basis` does not count.
pub(crate) fn infer_delay(basis: Basis, offsets: Offsets, stored: &[StoredSlot], now: Delay) -> Delay {
    let mut best = (i64::MAX, now);
    for delay in list_candidates(basis, offsets, stored, now) {
        let distance = measure(Basis { delay, ..basis }, offsets, stored, now, best.0);
        if distance < best.0 {
            best = (distance, delay);
        }
        if best.0 == 0 {
            break;
        }
    }
    best.1
}

/// By how many seconds the slots of an entry that began with a delay come at other times than they are stored with; no more than `most`.
fn measure(basis: Basis, offsets: Offsets, stored: &[StoredSlot], now: Delay, most: i64) -> i64 {
    let mut distance = 0_i64;
    for slot in stored {
        let due = basis.find_due(&slot.series, offsets, slot.number, now);
        let apart = due.map_or(i64::from(u32::MAX), |due| (due - slot.at).num_seconds().abs());
        distance = distance.saturating_add(apart);
        if distance >= most {
            return most;
        }
    }
    distance
}

/// Delays to try: first those where everything came before the entry or after it, then what lies between a stored slot and the time that it
/// would have if the plan had not been shifted since the entry.
fn list_candidates(basis: Basis, offsets: Offsets, stored: &[StoredSlot], now: Delay) -> Vec<Delay> {
    let pauses = [now.held, TimeDelta::zero()];
    let whole = [now.shift, Period::default()];
    let mut candidates: Vec<Delay> =
        whole.into_iter().flat_map(|shift| pauses.map(|held| Delay { shift, held })).collect();
    let mut derived: Vec<(bool, Delay)> = Vec::new();
    // A phase that was entered out of its window counts from the entry, whatever its window: as one that has none.
    for (held, counted) in pauses.into_iter().flat_map(|held| [Offsets::default(), offsets].map(|one| (held, one))) {
        let unshifted = Basis { delay: Delay { shift: now.shift, held }, ..basis };
        for slot in stored.chunk_by(|a, b| a.series == b.series).filter_map(<[_]>::last).take(SOURCES) {
            let Some(due) = unshifted.find_due(&slot.series, counted, slot.number, now) else { continue };
            for months in months_towards(now.shift.whole_months()) {
                let Some(day) = Period::months(months).add_to(due.date()) else { continue };
                let Ok(days) = i32::try_from((slot.at.date() - day).num_days()) else { continue };
                let since = Period::months(months).plus(Period::days(days));
                let Some(shift) = since.and_then(|since| now.shift.minus(since)) else { continue };
                // Of several that fit the slots, one without odd days.
                derived.push((days != 0, Delay { shift, held }));
            }
        }
    }
    derived.sort_by_key(|(is_odd, _)| *is_odd);
    candidates.extend(derived.into_iter().map(|(_, delay)| delay));
    candidates
}

/// Zero and the months from there to a number of them.
fn months_towards(months: i32) -> impl Iterator<Item = i32> {
    (0..=months.abs().min(MAX_MONTHS)).map(move |one| one * months.signum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timetable::Frequency;
    use chrono::NaiveTime;

    const NINE: NaiveTime = NaiveTime::from_hms_opt(9, 0, 0).unwrap();
    /// The assembly of a car that was ordered on 15 January 2026.
    const ASSEMBLY: Offsets = Offsets { from: Some(Period::months(8)), to: Some(Period::months(16)) };

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap()
    }

    fn delay(shift: &str, seconds: i64) -> Delay {
        Delay { shift: Period::read(shift).unwrap(), held: TimeDelta::seconds(seconds) }
    }

    fn series(frequency: Frequency) -> Series {
        Series { frequency, time: NINE, offset: None, only_last_month: false }
    }

    fn basis(entered: &str, delay: Delay) -> Basis {
        Basis { anchor: at("2026-01-15T10:00"), entered: at(entered), delay }
    }

    /// The slots of an entry as they are stored after all shifts and pauses until now.
    fn store(real: Basis, series: Series, numbers: std::ops::Range<u32>, now: Delay) -> Vec<StoredSlot> {
        let slot = |number| real.find_due(&series, ASSEMBLY, number, now).map(|at| StoredSlot { series, number, at });
        numbers.filter_map(slot).collect()
    }

    /// The noted delay gives the slots their times, now and after a later shift.
    fn assert_explained(real: Basis, stored: &[StoredSlot], now: Delay) {
        let unnoted = Basis { delay: Delay::default(), ..real };
        let inferred = Basis { delay: infer_delay(unnoted, ASSEMBLY, stored, now), ..real };
        let later = Delay { shift: now.shift.plus(Period::days(21)).unwrap(), ..now };
        assert!(!stored.is_empty(), "{real:?}");
        for slot in stored {
            for now in [now, later] {
                let due = |basis: Basis| basis.find_due(&slot.series, ASSEMBLY, slot.number, now);
                assert_eq!(due(inferred), due(real), "{real:?} {now:?} {slot:?}: {:?}", inferred.delay);
            }
        }
    }

    #[test]
    fn what_came_before_the_entry_or_after_it_is_told_apart() {
        let biweekly = series(Frequency::Biweekly);
        for (began, now) in [
            (delay("", 0), delay("P30D", 0)),
            (delay("P30D", 0), delay("P30D", 0)),
            (delay("", 0), delay("P30D", 5 * 86_400)),
            (delay("P30D", 5 * 86_400), delay("P30D", 5 * 86_400)),
        ] {
            let entered = if began == Delay::default() { "2026-09-15T00:00" } else { "2026-10-25T00:00" };
            let real = basis(entered, began);
            assert_explained(real, &store(real, biweekly, 2..6, now), now);
        }
    }

    #[test]
    fn shifts_in_different_phases_are_told_apart() {
        // Entered long before its window, so that its slots are counted from the entry: one shift came before it, others after.
        for (began, now) in [
            (delay("P30D", 0), delay("P44D", 0)),
            (delay("P1M", 0), delay("P3M", 0)),
            (delay("P14D", 0), delay("P1M14D", 0)),
            (delay("P30D", 3 * 86_400), delay("P51D", 3 * 86_400)),
            (delay("P30D", 0), delay("P51D", 3 * 86_400)),
            (delay("P60D", 0), delay("P30D", 0)),
        ] {
            for frequency in [Frequency::Biweekly, Frequency::Monthly] {
                let real = basis("2026-03-31T12:00", began);
                assert_explained(real, &store(real, series(frequency), 2..6, now), now);
            }
        }
    }

    #[test]
    fn what_comes_once_tells_the_delay_as_well() {
        let once = Series { offset: Some(Period::days(60)), ..series(Frequency::Once) };
        for (began, now) in [(delay("P30D", 0), delay("P51D", 0)), (delay("", 0), delay("P2M", 0))] {
            let real = basis("2026-03-31T12:00", began);
            assert_explained(real, &store(real, once, 1..2, now), now);
        }
    }

    #[test]
    fn without_slots_the_delay_is_that_of_the_journey() {
        let now = delay("P30D", 7);
        assert_eq!(infer_delay(basis("2026-03-31T12:00", Delay::default()), ASSEMBLY, &[], now), now);
    }

    #[test]
    fn delays_that_no_slot_can_tell_are_found_in_bounded_time() {
        let strange: Vec<_> = (1..40)
            .map(|number| StoredSlot { series: series(Frequency::Weekly), number, at: at("2020-01-01T00:00") })
            .collect();
        let now = delay("P1200M", 0);
        let found = list_candidates(basis("2026-03-31T12:00", Delay::default()), ASSEMBLY, &strange, now);
        assert!(found.len() <= 4 + 4 * SOURCES * 61, "{}", found.len());
        infer_delay(basis("2026-03-31T12:00", Delay::default()), ASSEMBLY, &strange, now);
    }
}
