//! Computing working time. It is open at a moment if the clock of the calendar's zone shows a time in one of that day's spans, or in the rest
//! of a span of the day before: if a clock repeats an hour it is open in both, and an hour that it skips does not count. Time that is in two
//! spans counts once.

use super::Calendar;
use chrono::{DateTime, Days, NaiveDate, Offset, TimeZone};
use chrono_tz::Tz;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Clocks change at most once in this interval.
const OFFSET_STEP_MS: i64 = 6 * HOUR_MS;
/// Length of time that is computed at once.
const CHUNK_MS: i64 = 8 * 24 * HOUR_MS;
/// Longest range that is computed: 20 years.
const MAX_RANGE_MS: i64 = 20 * 366 * 24 * HOUR_MS;
/// Accepted moments: the years 1900 to 2300, in milliseconds.
const SUPPORTED_MS: std::ops::Range<i64> = -2_208_988_800_000..10_413_792_000_000;

/// Why a result cannot be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WorkingTimeError {
    /// A moment is out of range.
    #[error("expected a time between the years 1900 and 2299, in milliseconds since 1970")]
    Moment(&'static str),
    /// The end is before the start.
    #[error("the end is before the start")]
    Backwards,
    /// The moments are more than twenty years apart.
    #[error("the two times are more than 20 years apart")]
    TooLong,
    /// The following twenty years have less working time.
    #[error("the next 20 years do not contain that much working time")]
    NotReached,
}

impl WorkingTimeError {
    /// Name of the argument that it is about.
    pub fn argument_name(self) -> &'static str {
        match self {
            Self::Moment(field) => field,
            Self::Backwards | Self::TooLong => "end",
            Self::NotReached => "amount",
        }
    }
}

impl Calendar {
    /// True if it is open at a moment, in milliseconds since 1970. Returns an error for a moment that is out of range.
    pub fn is_open(&self, at: i64) -> Result<bool, WorkingTimeError> {
        check_moment("at", at)?;
        let mut open = false;
        self.each_span(at, at + 1, |_, _| {
            open = true;
            true
        });
        Ok(open)
    }

    /// The working time from one moment to another, in milliseconds. Returns an error for moments that are out of range or too far apart,
    /// and for an end before the start.
    pub fn working_time_between(&self, start: i64, end: i64) -> Result<u64, WorkingTimeError> {
        check_moment("start", start)?;
        check_moment("end", end)?;
        if end < start {
            return Err(WorkingTimeError::Backwards);
        }
        if end - start > MAX_RANGE_MS {
            return Err(WorkingTimeError::TooLong);
        }
        let mut sum = 0;
        self.each_span(start, end, |from, to| {
            sum += to.abs_diff(from);
            false
        });
        Ok(sum)
    }

    /// The first moment at which so much working time has passed, in milliseconds. Returns an error for a start that is out of range, and
    /// for more working time than the following twenty years have.
    pub fn add_working_time(&self, start: i64, amount: u64) -> Result<i64, WorkingTimeError> {
        check_moment("start", start)?;
        if amount == 0 {
            return Ok(start);
        }
        let (mut left, mut reached) = (amount, None);
        self.each_span(start, start + MAX_RANGE_MS, |from, to| {
            let length = to.abs_diff(from);
            if length < left {
                left -= length;
                return false;
            }
            reached = from.checked_add_unsigned(left);
            true
        });
        reached.ok_or(WorkingTimeError::NotReached)
    }

    /// The working time from the beginning of one day to that of another, in whole minutes.
    pub(super) fn working_minutes_on(&self, first: NaiveDate, end: NaiveDate) -> u64 {
        let mut sum = 0;
        self.each_span(day_start(self.zone, first), day_start(self.zone, end), |from, to| {
            sum += to.abs_diff(from);
            false
        });
        sum / MINUTE_MS.unsigned_abs()
    }

    /// Calls `f` with each stretch of opening time, in order, clipped to `start` and `end`, until it returns that it is enough.
    fn each_span(&self, start: i64, end: i64, mut f: impl FnMut(i64, i64) -> bool) {
        let mut at = start;
        while at < end {
            // In a stretch of one offset local days follow each other without gap or overlap.
            let offset = utc_offset_ms(self.zone, at);
            let until = same_offset_until(self.zone, at, end.min(at + CHUNK_MS));
            let (first_day, last_day) = (local_day(at, offset), local_day(until - 1, offset));
            // The day before may be open past midnight, so it comes first.
            let mut day = first_day.pred_opt().unwrap_or(first_day);
            while day <= last_day {
                let midnight = midnight_ms(day) - offset;
                for span in self.hours_on(day) {
                    // Spans overlap only where one passes midnight: time before `at` has been counted.
                    let from = (midnight + i64::from(span.from) * MINUTE_MS).max(at);
                    let to = (midnight + i64::from(span.to) * MINUTE_MS).min(until);
                    if from < to {
                        if f(from, to) {
                            return;
                        }
                        at = to;
                    }
                }
                let Some(next) = day.checked_add_days(Days::new(1)) else { return };
                day = next;
            }
            at = until;
        }
    }
}

fn check_moment(field: &'static str, at: i64) -> Result<(), WorkingTimeError> {
    if SUPPORTED_MS.contains(&at) { Ok(()) } else { Err(WorkingTimeError::Moment(field)) }
}

/// Offset of a zone's clock from UTC, in milliseconds.
fn utc_offset_ms(zone: Tz, at: i64) -> i64 {
    // Whole seconds: no offset changes within one.
    let moment = DateTime::from_timestamp(at.div_euclid(1_000), 0).unwrap_or_default();
    i64::from(zone.offset_from_utc_datetime(&moment.naive_utc()).fix().local_minus_utc()) * 1_000
}

/// The first moment after `at`, and at or before `end`, from which the offset may differ.
fn same_offset_until(zone: Tz, at: i64, end: i64) -> i64 {
    let own = utc_offset_ms(zone, at);
    let mut same = at;
    while same < end {
        let next = (same + OFFSET_STEP_MS).min(end);
        if utc_offset_ms(zone, next) == own {
            same = next;
            continue;
        }
        let (mut before, mut after) = (same, next);
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            match utc_offset_ms(zone, middle) == own {
                true => before = middle,
                false => after = middle,
            }
        }
        return after;
    }
    end
}

/// The first moment at which the clock of a zone shows that day.
fn day_start(zone: Tz, day: NaiveDate) -> i64 {
    let midnight = midnight_ms(day);
    // Offsets are shorter than a day, so the day before is still going on at that moment.
    let mut at = midnight - 24 * HOUR_MS;
    let end = midnight + 48 * HOUR_MS;
    while at < end {
        let until = same_offset_until(zone, at, end);
        let start = (midnight - utc_offset_ms(zone, at)).max(at);
        if start < until {
            return start;
        }
        at = until;
    }
    end
}

fn local_day(at: i64, offset: i64) -> NaiveDate {
    DateTime::from_timestamp_millis(at + offset).unwrap_or_default().date_naive()
}

/// The beginning of a day as if it were in UTC, in milliseconds.
fn midnight_ms(day: NaiveDate) -> i64 {
    day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis()
}

#[cfg(test)]
mod tests {
    use super::super::read_calendar;
    use super::*;
    use serde_json::json;

    fn at(text: &str) -> i64 {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
    }

    fn office() -> Calendar {
        let day = json!(["09:00-12:30", "13:00-17:00"]);
        let json = json!({
            "zone": "Europe/Amsterdam",
            "hours": { "monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day },
            "holidays": [{ "date": "12-25" }, { "date": "2026-12-24", "hours": ["09:00-13:00"] }],
        });
        read_calendar("office", &json).unwrap()
    }

    #[test]
    fn working_time_follows_week_hours_and_holidays() {
        let office = office();
        // Friday 16:00 and two hours: Monday 10:00.
        assert_eq!(
            office.add_working_time(at("2026-11-20T16:00:00+01:00"), 2 * HOUR_MS as u64),
            Ok(at("2026-11-23T10:00:00+01:00"))
        );
        // A single hour ends when the office closes, not when it opens again.
        assert_eq!(
            office.add_working_time(at("2026-11-20T16:00:00+01:00"), HOUR_MS as u64),
            Ok(at("2026-11-20T17:00:00+01:00"))
        );
        assert_eq!(office.add_working_time(at("2026-11-21T12:00:00+01:00"), 0), Ok(at("2026-11-21T12:00:00+01:00")));
        // Christmas Eve until 13:00, Christmas, the weekend.
        let (from, to) = (at("2026-12-24T00:00:00+01:00"), at("2026-12-29T00:00:00+01:00"));
        assert_eq!(office.working_time_between(from, to), Ok((4 * HOUR_MS + 7 * HOUR_MS + HOUR_MS / 2) as u64));
        for (moment, open) in [
            ("2026-11-20T09:00:00+01:00", true),
            ("2026-11-20T08:59:59.999+01:00", false),
            ("2026-11-20T12:30:00+01:00", false),
            ("2026-11-20T16:59:59.999+01:00", true),
            ("2026-11-20T17:00:00+01:00", false),
            ("2026-12-25T10:00:00+01:00", false),
        ] {
            assert_eq!(office.is_open(at(moment)), Ok(open), "{moment}");
        }
    }

    #[test]
    fn repeated_hour_counts_twice_and_skipped_hour_not_at_all() {
        let night = json!({ "zone": "Europe/Amsterdam", "hours": { "sunday": ["01:00-04:00"] } });
        let night = read_calendar("night", &night).unwrap();
        let day = |from: &str, to: &str| night.working_time_between(at(from), at(to)).unwrap() / HOUR_MS as u64;
        assert_eq!(day("2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"), 4);
        assert_eq!(day("2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"), 2);
        assert_eq!(day("2026-03-22T00:00:00+01:00", "2026-03-23T00:00:00+01:00"), 3);
    }

    #[test]
    fn night_shifts_belong_to_the_day_they_begin_on() {
        let shift = json!(["22:00-06:00"]);
        let night = json!({
            "zone": "Europe/Amsterdam",
            "hours": { "wednesday": shift, "thursday": shift, "friday": shift },
            "holidays": [
                { "date": "2026-11-20", "name": "No shift" }, { "date": "2026-11-28", "name": "Saturday" },
                { "date": "2026-12-03", "hours": ["04:00-08:00"] },
            ],
        });
        let night = read_calendar("night", &night).unwrap();
        let hours = |from: &str, to: &str| night.working_time_between(at(from), at(to)).unwrap() / HOUR_MS as u64;
        // Thursday's shift until Friday morning; none of Friday's, not even on Saturday morning.
        assert_eq!(hours("2026-11-19T12:00:00+01:00", "2026-11-20T12:00:00+01:00"), 8);
        assert_eq!(hours("2026-11-20T12:00:00+01:00", "2026-11-22T00:00:00+01:00"), 0);
        // Saturday is a holiday, which leaves the shift of Friday as it is.
        assert_eq!(hours("2026-11-27T12:00:00+01:00", "2026-11-29T00:00:00+01:00"), 8);
        // The shift of Wednesday and the hours of the holiday overlap for two hours.
        assert_eq!(hours("2026-12-02T12:00:00+01:00", "2026-12-03T12:00:00+01:00"), 10);
        assert_eq!(
            night.add_working_time(at("2026-12-02T12:00:00+01:00"), 9 * HOUR_MS as u64),
            Ok(at("2026-12-03T07:00:00+01:00"))
        );
        assert_eq!(night.is_open(at("2026-11-28T05:59:59.999+01:00")), Ok(true));
        assert_eq!(night.is_open(at("2026-11-28T06:00:00+01:00")), Ok(false));
        assert_eq!(night.is_open(at("2026-11-21T05:00:00+01:00")), Ok(false));
    }

    #[test]
    fn night_shift_over_a_change_of_the_clock_has_the_time_that_passes() {
        let shift = json!({ "zone": "Europe/Amsterdam", "hours": { "saturday": ["22:00-06:00"] } });
        let night = read_calendar("night", &shift).unwrap();
        for (start, hours, end) in [
            ("2026-03-28T12:00:00+01:00", 7, "2026-03-29T06:00:00+02:00"),
            ("2026-10-24T12:00:00+02:00", 9, "2026-10-25T06:00:00+01:00"),
            ("2026-11-07T12:00:00+01:00", 8, "2026-11-08T06:00:00+01:00"),
        ] {
            assert_eq!(night.working_time_between(at(start), at(end)), Ok(hours * HOUR_MS as u64), "{start}");
            assert_eq!(night.add_working_time(at(start), hours * HOUR_MS as u64), Ok(at(end)), "{start}");
        }
    }

    #[test]
    fn unreachable_or_out_of_range_times_fail_quickly() {
        let office = office();
        let never = read_calendar("never", &json!({ "zone": "UTC", "hours": {} })).unwrap();
        let now = at("2026-11-20T09:00:00+01:00");
        assert_eq!(never.add_working_time(now, 1), Err(WorkingTimeError::NotReached));
        assert_eq!(office.add_working_time(now, u64::MAX), Err(WorkingTimeError::NotReached));
        assert_eq!(office.working_time_between(now, now - 1), Err(WorkingTimeError::Backwards));
        assert_eq!(office.working_time_between(now, now + 2 * MAX_RANGE_MS), Err(WorkingTimeError::TooLong));
        assert_eq!(office.is_open(i64::MAX), Err(WorkingTimeError::Moment("at")));
        assert_eq!(office.is_open(i64::MIN), Err(WorkingTimeError::Moment("at")));
        assert_eq!(office.add_working_time(i64::MAX, 1), Err(WorkingTimeError::Moment("start")));
        let began = std::time::Instant::now();
        for _ in 0..10 {
            assert!(office.working_time_between(now, now + MAX_RANGE_MS).unwrap() > 0);
        }
        assert!(began.elapsed() < std::time::Duration::from_secs(60), "{:?}", began.elapsed());
    }
}
