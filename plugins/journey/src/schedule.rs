//! When the slots of an entry are due: computed from what the entry began with and from all shifts and pauses together, so that several of
//! them move a slot by no more than their sum. It knows no host and no time zones.

use crate::period::Period;
use crate::timetable::{Occurrence, Offsets, Plan, Series, next_at_hour, shift_time};
use chrono::{NaiveDateTime, NaiveTime, TimeDelta};

/// Slots of one entry that are stored ahead, over all rows of the plan. Each that was due is followed by the next of its row.
const MAX_AHEAD: usize = 300;
/// Slots of one row that are stored ahead.
const MAX_ROW_AHEAD: usize = 60;

/// By how much a plan was shifted, and for how long its journey was paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Delay {
    pub(crate) shift: Period,
    pub(crate) held: TimeDelta,
}

/// Basis from which the slots of an entry are counted: when the phase was entered, and how much the plan was delayed then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Basis {
    /// Where the plan begins.
    pub(crate) anchor: NaiveDateTime,
    pub(crate) entered: NaiveDateTime,
    pub(crate) delay: Delay,
}

impl Basis {
    /// The occurrences of a series after that number as the entry saw them, without pauses: at most `limit`.
    pub(crate) fn occurrences(&self, series: &Series, offsets: Offsets, after: u32, limit: usize) -> Vec<Occurrence> {
        let plan = Plan { anchor: self.anchor, shift: self.delay.shift };
        // The plan knows nothing of pauses: it is asked as if there had been none, and what it says comes so much later.
        let Some(entered) = self.entered.checked_sub_signed(self.delay.held) else { return Vec::new() };
        series.occurrences(&plan, offsets, entered, after, limit)
    }

    /// When an occurrence is due: later by what the plan was shifted since the entry and by all pauses, at the next time of its hour where
    /// the pauses are no whole number of days. Not before the entry. `None` beyond the calendar.
    pub(crate) fn place(&self, at: NaiveDateTime, hour: NaiveTime, delay: Delay) -> Option<NaiveDateTime> {
        let later = shift_time(at, delay.shift.minus(self.delay.shift)?)?.checked_add_signed(delay.held)?;
        let is_at_hour = delay.held.is_zero() || later <= self.entered;
        Some(if is_at_hour { later.max(self.entered) } else { next_at_hour(later, hour) })
    }

    /// The occurrence of that number and when it is due.
    pub(crate) fn find_due(
        &self,
        series: &Series,
        offsets: Offsets,
        number: u32,
        delay: Delay,
    ) -> Option<NaiveDateTime> {
        let found = self.occurrences(series, offsets, number.checked_sub(1)?, 1);
        let found = found.first().filter(|one| one.number == number)?;
        self.place(found.at, series.time, delay)
    }

    /// When something is due that counts from the entry: so much later at an hour of the clock, and later by the pauses since the entry.
    /// Shifts of the plan do not move it. `None` beyond the calendar.
    pub(crate) fn find_timer_due(&self, offset: Period, hour: NaiveTime, held: TimeDelta) -> Option<NaiveDateTime> {
        let at = offset.add_to(self.entered.date())?.and_time(hour).max(self.entered);
        let pauses = held.checked_sub(&self.delay.held)?;
        if pauses.is_zero() { Some(at) } else { Some(next_at_hour(at.checked_add_signed(pauses)?, hour)) }
    }

    /// True if something that counts from the entry was due by a local time, until which there had been pauses of `held`. Pauses after that
    /// time would place it ahead again.
    pub(crate) fn has_passed(&self, offset: Period, hour: NaiveTime, held: TimeDelta, at: NaiveDateTime) -> bool {
        self.find_timer_due(offset, hour, held).is_none_or(|due| due <= at)
    }
}

/// Slots of one row that are stored ahead, in a phase with so many rows. Of an open phase there is one.
pub(crate) fn count_ahead(offsets: Offsets, rows: usize) -> usize {
    if offsets.to.is_none() { 1 } else { (MAX_AHEAD / rows.max(1)).clamp(1, MAX_ROW_AHEAD) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timetable::Frequency;

    const NINE: NaiveTime = NaiveTime::from_hms_opt(9, 0, 0).unwrap();

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap()
    }

    fn delay(shift: &str, seconds: i64) -> Delay {
        Delay { shift: Period::read(shift).unwrap(), held: TimeDelta::seconds(seconds) }
    }

    fn series(frequency: Frequency) -> Series {
        Series { frequency, time: NINE, offset: None, only_last_month: false }
    }

    /// The assembly of a car that was ordered on 15 January 2026.
    const ASSEMBLY: Offsets = Offsets { from: Some(Period::months(8)), to: Some(Period::months(16)) };

    fn basis() -> Basis {
        Basis { anchor: at("2026-01-15T10:00"), entered: at("2026-09-15T00:00"), delay: Delay::default() }
    }

    #[test]
    fn pauses_are_rounded_together() {
        let due = |seconds| basis().find_due(&series(Frequency::Biweekly), ASSEMBLY, 2, delay("", seconds));
        assert_eq!(due(0), Some(at("2026-09-29T09:00")));
        // Pauses of one second, of three, and of a day in total round up to the same day, counted once.
        assert_eq!((due(1), due(3)), (Some(at("2026-09-30T09:00")), Some(at("2026-09-30T09:00"))));
        assert_eq!(due(86_400), Some(at("2026-09-30T09:00")));
        assert_eq!(due(86_401), Some(at("2026-10-01T09:00")));
        // Twenty days over the end of summer time keep the hour.
        assert_eq!(
            basis().find_due(&series(Frequency::Biweekly), ASSEMBLY, 3, delay("", 20 * 86_400)),
            Some(at("2026-11-02T09:00"))
        );
    }

    #[test]
    fn what_a_series_adds_later_follows_its_shifts() {
        let biweekly = series(Frequency::Biweekly);
        let due = |number, shift| basis().find_due(&biweekly, ASSEMBLY, number, delay(shift, 0));
        assert_eq!(due(4, "P3D"), Some(at("2026-10-30T09:00")));
        assert_eq!(due(5, "P3D"), Some(at("2026-11-13T09:00")));
        // The plan ends as much later, so there are as many as before.
        assert_eq!(due(18, "P1M"), Some(at("2027-06-11T09:00")));
        assert_eq!(due(19, "P1M"), None);
        let monthly = series(Frequency::Monthly);
        let basis = Basis { anchor: at("2026-08-31T10:00"), entered: at("2026-12-31T00:00"), delay: Delay::default() };
        let phase = Offsets { from: Some(Period::months(4)), to: Some(Period::months(8)) };
        let due = |number| basis.find_due(&monthly, phase, number, delay("P1M", 0));
        assert_eq!((due(1), due(2)), (Some(at("2027-01-31T09:00")), Some(at("2027-02-28T09:00"))));
    }

    #[test]
    fn an_entry_after_a_pause_and_a_shift_is_planned_as_without_them() {
        let delayed = Basis { entered: at("2026-10-25T00:00"), delay: delay("P30D", 10 * 86_400), ..basis() };
        let due = |number| delayed.find_due(&series(Frequency::Biweekly), ASSEMBLY, number, delayed.delay);
        assert_eq!((due(1), due(2)), (Some(at("2026-10-25T09:00")), Some(at("2026-11-08T09:00"))));
        let once = series(Frequency::Once);
        assert_eq!(delayed.find_due(&once, ASSEMBLY, 1, delayed.delay), Some(delayed.entered));
        assert_eq!(delayed.find_due(&once, ASSEMBLY, 2, delayed.delay), None);
        assert_eq!(delayed.find_due(&once, ASSEMBLY, 0, delayed.delay), None);
    }

    #[test]
    fn timers_count_from_the_entry_and_keep_their_hour() {
        let due =
            |basis: Basis, days, seconds| basis.find_timer_due(Period::days(days), NINE, TimeDelta::seconds(seconds));
        assert_eq!(due(basis(), 42, 0), Some(at("2026-10-27T09:00")));
        assert_eq!(due(basis(), 0, 0), Some(at("2026-09-15T09:00")));
        assert_eq!(due(basis(), 42, 86_400), Some(at("2026-10-28T09:00")));
        // Pauses before the entry and shifts count for nothing.
        let later = Basis { delay: delay("P30D", 3), entered: at("2026-09-15T12:00"), ..basis() };
        assert_eq!(due(later, 1, 3), Some(at("2026-09-16T09:00")));
        assert_eq!(due(later, 0, 3), Some(at("2026-09-15T12:00")));
    }

    #[test]
    fn what_had_passed_stays_so_however_long_the_pauses_after_it() {
        let revised = at("2026-10-01T12:00");
        let (entry, held) = (basis(), TimeDelta::seconds(3_600));
        let passed = |days| entry.has_passed(Period::days(days), NINE, held, revised);
        // Of the sixteenth day, it is the pause before that which counts: it comes a day later.
        assert_eq!([14, 15, 16, 17].map(passed), [true, true, false, false]);
        let due = entry.find_timer_due(Period::days(14), NINE, held + TimeDelta::days(5));
        assert!(due.is_some_and(|due| due > revised), "{due:?}");
    }

    #[test]
    fn many_rows_are_planned_less_far_ahead() {
        let open = Offsets { to: None, ..ASSEMBLY };
        assert_eq!(
            [count_ahead(ASSEMBLY, 1), count_ahead(ASSEMBLY, 11), count_ahead(ASSEMBLY, 500), count_ahead(open, 2)],
            [60, 27, 1, 1]
        );
    }
}
