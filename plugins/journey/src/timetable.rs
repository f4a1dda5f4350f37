//! When phases begin and end, and when what is planned for them is due: in local times of the definition's zone, always counted from the
//! anchor. It knows no host and no time zones.

use crate::period::Period;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};

/// Occurrences that are looked at, however long ago a series began: two centuries of weeks.
const MAX_STEPS: u32 = 10_400;

/// From when to when a phase is planned, as offsets from the anchor; `None` where it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Offsets {
    pub(crate) from: Option<Period>,
    pub(crate) to: Option<Period>,
}

/// From when to when a phase is planned: the end is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Window {
    pub(crate) from: Option<NaiveDateTime>,
    pub(crate) to: Option<NaiveDateTime>,
}

/// Where the plan of a journey begins, and by how much it was moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) anchor: NaiveDateTime,
    pub(crate) shift: Period,
}

impl Plan {
    /// The window of a phase that lies ahead. It begins and ends at midnight, but what begins with the anchor begins at its hour.
    pub(crate) fn window(&self, offsets: Offsets) -> Window {
        Window {
            from: offsets.from.and_then(|offset| self.at(offset)),
            to: offsets.to.and_then(|offset| self.at(offset)),
        }
    }

    fn at(&self, offset: Period) -> Option<NaiveDateTime> {
        let offset = offset.plus(self.shift)?;
        if offset.is_zero() {
            return Some(self.anchor);
        }
        Some(offset.add_to(self.anchor.date())?.and_time(NaiveTime::MIN))
    }

    /// The first day of a series in a phase that was entered at a local time: the planned one while the phase's window is open, so that
    /// months are counted from the anchor; otherwise the day of the entry.
    pub(crate) fn base(&self, offsets: Offsets, entered: NaiveDateTime) -> Base {
        let window = self.window(offsets);
        let is_on_time =
            window.from.is_some_and(|from| from.date() <= entered.date()) && window.to.is_none_or(|to| entered < to);
        match offsets.from.and_then(|from| from.plus(self.shift)).filter(|_| is_on_time) {
            Some(offset) => Base { day: self.anchor.date(), offset },
            None => Base { day: entered.date(), offset: Period::default() },
        }
    }

    /// The phase whose window is open: the last one that has begun, or else the first. Windows by the order of their phases.
    pub(crate) fn find_open(&self, phases: &[Offsets], now: NaiveDateTime) -> Option<usize> {
        let has_begun = |offsets: &Offsets| self.window(*offsets).from.is_some_and(|from| from <= now);
        phases.iter().rposition(has_begun).or((!phases.is_empty()).then_some(0))
    }

    /// The first day of the last month of a phase; `None` where it has no end.
    pub(crate) fn last_month(&self, offsets: Offsets) -> Option<Base> {
        let offset = offsets.to?.plus(self.shift)?.plus(Period::months(-1))?;
        Some(Base { day: self.anchor.date(), offset })
    }
}

/// A day from which a series is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Base {
    day: NaiveDate,
    offset: Period,
}

/// How often something is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Frequency {
    #[default]
    Once,
    Weekly,
    Biweekly,
    Monthly,
}

impl Frequency {
    /// The time from one occurrence to the next; `None` where there is only one.
    const fn step(self) -> Option<Period> {
        match self {
            Self::Once => None,
            Self::Weekly => Some(Period::days(7)),
            Self::Biweekly => Some(Period::days(14)),
            Self::Monthly => Some(Period::months(1)),
        }
    }
}

/// Series of occurrences that are planned for a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Series {
    pub(crate) frequency: Frequency,
    /// Hour of the clock.
    pub(crate) time: NaiveTime,
    /// How long after the phase's beginning it begins.
    pub(crate) offset: Option<Period>,
    pub(crate) only_last_month: bool,
}

/// One time at which something is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Occurrence {
    /// Its number in the series, from 1.
    pub(crate) number: u32,
    pub(crate) at: NaiveDateTime,
}

impl Series {
    /// The occurrences in a phase that was entered at a local time, after that number: at most `limit`, in their order. What should have
    /// been before the entry is not made up for. What comes once without an offset comes with the entry.
    pub(crate) fn occurrences(
        &self,
        plan: &Plan,
        offsets: Offsets,
        entered: NaiveDateTime,
        after: u32,
        limit: usize,
    ) -> Vec<Occurrence> {
        let Some(step) = self.frequency.step() else {
            return if after == 0 && limit > 0 { self.single(plan, offsets, entered) } else { Vec::new() };
        };
        let end = plan.window(offsets).to;
        let base = if self.only_last_month { plan.last_month(offsets) } else { Some(plan.base(offsets, entered)) };
        let Some(base) = base else { return Vec::new() };
        let Some(first) = base.offset.plus(self.offset.unwrap_or_default()) else { return Vec::new() };
        let mut found = Vec::new();
        for n in after..MAX_STEPS {
            let Some(day) = first.plus(step.times(n)).and_then(|offset| offset.add_to(base.day)) else { break };
            let at = day.and_time(self.time);
            if found.len() == limit || end.is_some_and(|end| at >= end) {
                break;
            }
            if at >= entered {
                found.push(Occurrence { number: n + 1, at });
            }
        }
        found
    }

    fn single(&self, plan: &Plan, offsets: Offsets, entered: NaiveDateTime) -> Vec<Occurrence> {
        let at = match (self.only_last_month, self.offset) {
            (true, offset) => plan
                .last_month(offsets)
                .and_then(|base| base.offset.plus(offset.unwrap_or_default())?.add_to(base.day))
                .map(|day| day.and_time(self.time)),
            (false, Some(offset)) => offset.add_to(entered.date()).map(|day| day.and_time(self.time)),
            (false, None) => Some(entered),
        };
        at.into_iter().map(|at| Occurrence { number: 1, at: at.max(entered) }).collect()
    }
}

/// A local time so much later, at the same hour of the clock; `None` beyond the calendar.
pub(crate) fn shift_time(at: NaiveDateTime, by: Period) -> Option<NaiveDateTime> {
    Some(by.add_to(at.date())?.and_time(at.time()))
}

/// The first local time not before `at` with this hour of the clock.
pub(crate) fn next_at_hour(at: NaiveDateTime, hour: NaiveTime) -> NaiveDateTime {
    let same_day = at.date().and_time(hour);
    if same_day >= at { same_day } else { at.date().succ_opt().unwrap_or(at.date()).and_time(hour) }
}

/// Parses an hour of the clock such as `09:00`; also with seconds, as stored times have.
pub(crate) fn parse_hour(text: &str) -> Option<NaiveTime> {
    let is_plain = matches!(text.len(), 5 | 8 | 12) && text.is_ascii();
    is_plain.then(|| NaiveTime::parse_from_str(text.get(..5)?, "%H:%M").ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NINE: NaiveTime = NaiveTime::from_hms_opt(9, 0, 0).unwrap();

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap()
    }

    fn offsets(from: &str, to: &str) -> Offsets {
        Offsets { from: Period::parse(from), to: Period::parse(to) }
    }

    fn plan(anchor: &str) -> Plan {
        Plan { anchor: at(anchor), shift: Period::default() }
    }

    fn series(frequency: Frequency) -> Series {
        Series { frequency, time: NINE, offset: None, only_last_month: false }
    }

    /// The seven phases of the seed.
    fn seeded_phases() -> [Offsets; 7] {
        [
            ("P0D", "P7D"),
            ("P7D", "P4M"),
            ("P4M", "P8M"),
            ("P8M", "P16M"),
            ("P16M", "P20M"),
            ("P20M", "P24M"),
            ("P24M", ""),
        ]
        .map(|(from, to)| offsets(from, to))
    }

    fn all_days(series: &Series, plan: &Plan, phase: Offsets) -> Vec<String> {
        let entered = plan.window(phase).from.unwrap();
        let found = series.occurrences(plan, phase, entered, 0, 100);
        assert!(found.iter().all(|one| one.at.time() == NINE || series.frequency == Frequency::Once));
        found.iter().map(|one| one.at.date().to_string()).collect()
    }

    #[test]
    fn windows_are_counted_from_the_anchor() {
        for (anchor, ends) in [
            ("2026-01-15T10:00", ["2026-01-22", "2026-05-15", "2026-09-15", "2027-05-15", "2027-09-15", "2028-01-15"]),
            ("2026-08-31T10:00", ["2026-09-07", "2026-12-31", "2027-04-30", "2027-12-31", "2028-04-30", "2028-08-31"]),
            ("2024-02-29T10:00", ["2024-03-07", "2024-06-29", "2024-10-29", "2025-06-29", "2025-10-29", "2026-02-28"]),
        ] {
            let plan = plan(anchor);
            let windows = seeded_phases().map(|phase| plan.window(phase));
            assert_eq!(windows[0].from, Some(plan.anchor));
            assert_eq!(windows[6].to, None);
            for (n, end) in ends.iter().enumerate() {
                assert_eq!(windows[n].to, Some(at(&format!("{end}T00:00"))), "{anchor}, phase {n}");
                assert_eq!(windows[n].to, windows[n + 1].from, "{anchor}, phase {n}");
            }
        }
    }

    #[test]
    fn series_have_as_many_occurrences_as_their_window_holds() {
        let phases = seeded_phases();
        for anchor in ["2026-01-15T10:00", "2026-08-31T10:00", "2024-02-29T10:00"] {
            let plan = plan(anchor);
            let count = |frequency, phase: usize| all_days(&series(frequency), &plan, phases[phase]).len();
            assert_eq!(count(Frequency::Monthly, 1), 4, "{anchor}");
            assert_eq!(count(Frequency::Monthly, 2), 4, "{anchor}");
            assert_eq!(count(Frequency::Biweekly, 3), 18, "{anchor}");
            assert_eq!(count(Frequency::Once, 0), 1, "{anchor}");
            let last_month_series = Series { only_last_month: true, ..series(Frequency::Weekly) };
            assert_eq!(all_days(&last_month_series, &plan, phases[5]).len(), 5, "{anchor}");
        }
        let last_month_series = Series { only_last_month: true, ..series(Frequency::Weekly) };
        let expected = ["2027-12-15", "2027-12-22", "2027-12-29", "2028-01-05", "2028-01-12"];
        assert_eq!(all_days(&last_month_series, &plan("2026-01-15T10:00"), phases[5]), expected);
        let clamped = ["2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31"];
        assert_eq!(all_days(&series(Frequency::Monthly), &plan("2026-08-31T10:00"), phases[2]), clamped);
    }

    #[test]
    fn open_phases_give_what_is_asked_for_and_go_on_from_there() {
        let (plan, phase) = (plan("2026-01-15T10:00"), seeded_phases()[6]);
        let monthly = series(Frequency::Monthly);
        let entered = plan.window(phase).from.unwrap();
        let first = monthly.occurrences(&plan, phase, entered, 0, 1);
        assert_eq!(first, [Occurrence { number: 1, at: at("2028-01-15T09:00") }]);
        let later = monthly.occurrences(&plan, phase, entered, 114, 1);
        assert_eq!(later, [Occurrence { number: 115, at: at("2037-07-15T09:00") }]);
    }

    #[test]
    fn what_was_before_the_entry_is_not_made_up_for() {
        let (plan, phases) = (plan("2026-01-15T10:00"), seeded_phases());
        let late = at("2026-07-01T12:00");
        let days = |phase: Offsets, entered| {
            let found = series(Frequency::Monthly).occurrences(&plan, phase, entered, 0, 100);
            found.iter().map(|one| (one.number, one.at.to_string())).collect::<Vec<_>>()
        };
        // In its window, by the plan; before it, from the entry on; after it, nothing.
        assert_eq!(days(phases[2], late), [(3, "2026-07-15 09:00:00".into()), (4, "2026-08-15 09:00:00".into())]);
        let early = days(phases[3], at("2026-07-31T08:00"));
        assert_eq!((early.len(), early[1].1.as_str()), (10, "2026-08-31 09:00:00"));
        assert_eq!(early[2].1, "2026-09-30 09:00:00");
        assert_eq!(days(phases[1], late), []);
    }

    #[test]
    fn shifts_move_windows_that_lie_ahead() {
        let shifted = Plan { shift: Period::days(30), ..plan("2026-01-15T10:00") };
        let window = shifted.window(seeded_phases()[3]);
        assert_eq!((window.from, window.to), (Some(at("2026-10-15T00:00")), Some(at("2027-06-14T00:00"))));
        assert_eq!(shift_time(at("2027-03-27T09:00"), Period::days(1)), Some(at("2027-03-28T09:00")));
        assert_eq!(shift_time(at("2027-01-31T09:00"), Period::months(1)), Some(at("2027-02-28T09:00")));
    }

    #[test]
    fn once_comes_with_the_entry_or_so_much_later() {
        let (plan, phase) = (plan("2026-01-15T10:00"), seeded_phases()[0]);
        let once = series(Frequency::Once);
        assert_eq!(once.occurrences(&plan, phase, plan.anchor, 0, 9)[0].at, plan.anchor);
        let later = Series { offset: Period::parse("P3D"), ..once };
        assert_eq!(later.occurrences(&plan, phase, plan.anchor, 0, 9)[0].at, at("2026-01-18T09:00"));
        let today = Series { offset: Period::parse("P0D"), ..once };
        assert_eq!(today.occurrences(&plan, phase, plan.anchor, 0, 9)[0].at, plan.anchor);
        let never = Series { only_last_month: true, ..series(Frequency::Weekly) };
        assert_eq!(never.occurrences(&plan, seeded_phases()[6], plan.anchor, 0, 9), []);
    }

    #[test]
    fn hours_are_parsed_and_found_again() {
        assert_eq!(parse_hour("09:00"), Some(NINE));
        assert_eq!(parse_hour("09:00:00.000"), Some(NINE));
        for bad in ["", "9:00", "24:00", "09.00", "nine!", "09:60"] {
            assert_eq!(parse_hour(bad), None, "{bad}");
        }
        assert_eq!(next_at_hour(at("2026-01-15T08:00"), NINE), at("2026-01-15T09:00"));
        assert_eq!(next_at_hour(at("2026-01-15T09:00"), NINE), at("2026-01-15T09:00"));
        assert_eq!(next_at_hour(at("2026-01-15T09:01"), NINE), at("2026-01-16T09:00"));
    }
}
