//! Instants and the local times of a zone, and later instants by its calendar.

use crate::FormatError;
use chrono::{DateTime, Datelike, Days, MappedLocalTime, Months, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// Longest gap that clocks skip, in minutes: where the date line moved, a whole day.
const MAX_GAP_MINUTES: i64 = 24 * 60;
/// Largest number in a duration.
const MAX_COUNT: u32 = 10_000_000;

/// Parses the name of a time zone, such as `Europe/Amsterdam`.
///
/// # Errors
/// Returns an error of `zone` for an unknown name.
pub(crate) fn parse_zone(zone: &str) -> Result<Tz, FormatError> {
    let shown = || zone.chars().take(64).collect::<String>();
    zone.parse().map_err(|_| {
        FormatError::new("zone", format!("unknown time zone {:?}; expected a name such as Europe/Amsterdam", shown()))
    })
}

/// The local time of an instant (milliseconds since 1970), as `2026-03-29T09:30:00`; with three more digits if it is not a whole second.
///
/// # Errors
/// Returns an error of `zone` for an unknown zone, and of `at` before the year 1 or after 9999.
pub fn to_local(zone: &str, at: i64) -> Result<String, FormatError> {
    let local = parse_instant("at", at)?.with_timezone(&parse_zone(zone)?).naive_local();
    check_year("at", local)?;
    Ok(local.format("%Y-%m-%dT%H:%M:%S%.f").to_string())
}

/// The instant (milliseconds since 1970) of a local time such as `2026-03-29T09:30`; seconds are optional. A time that clocks skip moves
/// forward by what they skip; of a time that comes twice it is the first.
///
/// # Errors
/// Returns an error of `zone` for an unknown zone, and of `local` for a text of another form, or beyond the years 1 to 9999.
pub fn to_instant(zone: &str, local: &str) -> Result<i64, FormatError> {
    let zone = parse_zone(zone)?;
    let time = NaiveDateTime::parse_from_str(local, "%Y-%m-%dT%H:%M")
        .or_else(|_| NaiveDateTime::parse_from_str(local, "%Y-%m-%dT%H:%M:%S%.f"));
    let time = time.map_err(|_| {
        let shown: String = local.chars().take(64).collect();
        FormatError::new("local", format!("{shown:?} is not a local time; expected the form 2026-03-29T09:30"))
    })?;
    check_year("local", time)?;
    Ok(resolve_local(zone, time).ok_or_else(|| far("local"))?.timestamp_millis())
}

/// The instant (milliseconds since 1970) that is later by an ISO 8601 duration (`P1D`, `P4M`, `PT36H`, `P1Y2DT12H`, `-P1W`). Years, months,
/// weeks and days are counted on the zone's calendar and keep the hour of the clock, where a month is too short for the day its last day is
/// taken; hours, minutes and seconds are elapsed time.
///
/// # Errors
/// Returns an error of `zone`, `start` or `duration`, also if the result is before the year 1 or after 9999.
pub fn add_duration(zone: &str, start: i64, duration: &str) -> Result<i64, FormatError> {
    let zone = parse_zone(zone)?;
    let span = CalendarSpan::parse(duration)?;
    let start = parse_instant("start", start)?;
    let end = span.add_to(zone, start).ok_or_else(|| far("duration"))?;
    check_year("duration", end.naive_utc())?;
    Ok(end.timestamp_millis())
}

/// A duration in ISO 8601: a part on the calendar, and elapsed time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct CalendarSpan {
    is_negative: bool,
    months: u32,
    days: u64,
    elapsed: TimeDelta,
}

impl CalendarSpan {
    fn parse(text: &str) -> Result<Self, FormatError> {
        let error = || {
            let shown: String = text.chars().take(64).collect();
            let expected = "expected an ISO 8601 duration of whole numbers such as P1D, P4M or PT36H";
            FormatError::new("duration", format!("{shown:?} is not a duration; {expected}"))
        };
        let (is_negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let rest = rest.strip_prefix('P').ok_or_else(error)?;
        let (date, time) = rest.split_once('T').map_or((rest, None), |(date, time)| (date, Some(time)));
        if rest.is_empty() || time == Some("") {
            return Err(error());
        }
        let [years, months, weeks, days] = read_counts(date, ['Y', 'M', 'W', 'D']).ok_or_else(error)?;
        let [hours, minutes, seconds] = read_counts(time.unwrap_or_default(), ['H', 'M', 'S']).ok_or_else(error)?;
        let elapsed = i64::from(hours) * 3_600 + i64::from(minutes) * 60 + i64::from(seconds);
        Ok(Self {
            is_negative,
            months: years * 12 + months,
            days: u64::from(weeks) * 7 + u64::from(days),
            elapsed: TimeDelta::seconds(elapsed),
        })
    }

    /// `None` beyond what can be counted.
    fn add_to(self, zone: Tz, start: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut at = start;
        // A start that comes twice stays the one it is, unless the date changes.
        if self.months > 0 || self.days > 0 {
            let local = start.with_timezone(&zone).naive_local();
            let (months, days) = (Months::new(self.months), Days::new(self.days));
            let moved = match self.is_negative {
                false => local.checked_add_months(months)?.checked_add_days(days)?,
                true => local.checked_sub_months(months)?.checked_sub_days(days)?,
            };
            at = resolve_local(zone, moved)?;
        }
        if self.is_negative { at.checked_sub_signed(self.elapsed) } else { at.checked_add_signed(self.elapsed) }
    }
}

/// Numbers with these units, each at most once and in this order; 0 for those that are missing.
fn read_counts<const N: usize>(text: &str, units: [char; N]) -> Option<[u32; N]> {
    let mut counts = [0; N];
    let mut rest = text;
    for (count, unit) in counts.iter_mut().zip(units) {
        let Some((number, after)) = rest.split_once(unit) else { continue };
        let is_plain = (1..=8).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        *count = number.parse().ok().filter(|count| is_plain && *count <= MAX_COUNT)?;
        rest = after;
    }
    rest.is_empty().then_some(counts)
}

/// `None` beyond what can be counted.
fn resolve_local(zone: Tz, time: NaiveDateTime) -> Option<DateTime<Utc>> {
    let resolved = match zone.from_local_datetime(&time) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => Some(at),
        // Within a gap the offset from before it applies, so the time moves on by the length of the gap.
        MappedLocalTime::None => (1..=MAX_GAP_MINUTES)
            .map(TimeDelta::minutes)
            .find_map(|span| Some(zone.from_local_datetime(&time.checked_sub_signed(span)?).latest()? + span)),
    };
    resolved.map(|at| at.with_timezone(&Utc))
}

fn parse_instant(field: &'static str, at: i64) -> Result<DateTime<Utc>, FormatError> {
    DateTime::from_timestamp_millis(at).ok_or_else(|| far(field))
}

fn check_year(field: &'static str, time: NaiveDateTime) -> Result<(), FormatError> {
    if (1..=9_999).contains(&time.year()) { Ok(()) } else { Err(far(field)) }
}

fn far(field: &'static str) -> FormatError {
    FormatError::new(field, "expected a time between the years 1 and 9999, in milliseconds since 1970")
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    const ZONE: &str = "Europe/Amsterdam";

    fn parse(text: &str) -> i64 {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
    }

    fn show(at: i64) -> String {
        DateTime::from_timestamp_millis(at).unwrap().format("%Y-%m-%dT%H:%MZ").to_string()
    }

    #[test]
    fn local_times_in_gaps_move_forward_and_twice_shown_ones_are_the_first() {
        for (zone, local, instant) in [
            (ZONE, "2026-01-15T09:00", "2026-01-15T08:00Z"),
            (ZONE, "2026-07-15T09:00:00", "2026-07-15T07:00Z"),
            (ZONE, "2026-03-29T02:30", "2026-03-29T01:30Z"),
            (ZONE, "2026-10-25T02:30", "2026-10-25T00:30Z"),
            // The whole day was skipped, and half an hour.
            ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T22:00Z"),
            ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45Z"),
        ] {
            assert_eq!(show(to_instant(zone, local).unwrap()), instant, "{zone} {local}");
        }
        assert_eq!(to_local(ZONE, parse("2026-03-29T01:30:00Z")).unwrap(), "2026-03-29T03:30:00");
        assert_eq!(to_local(ZONE, parse("2026-03-29T01:30:00.250Z")).unwrap(), "2026-03-29T03:30:00.250");
        assert_eq!(to_instant(ZONE, "2026-03-29T03:30:00.250").unwrap(), parse("2026-03-29T01:30:00.250Z"));
    }

    #[test]
    fn days_keep_the_hour_of_the_clock_and_hours_are_elapsed() {
        for (start, duration, end) in [
            ("2027-03-28T14:00:00+02:00", "-PT24H", "2027-03-27T12:00Z"),
            ("2027-03-28T14:00:00+02:00", "-P1D", "2027-03-27T13:00Z"),
            ("2026-08-31T10:00:00+02:00", "P4M", "2026-12-31T09:00Z"),
            ("2026-08-31T10:00:00+02:00", "P6M", "2027-02-28T09:00Z"),
            ("2024-02-29T10:00:00+01:00", "P2Y", "2026-02-28T09:00Z"),
            ("2026-10-24T12:00:00+02:00", "P1W1DT1H", "2026-11-01T12:00Z"),
            // The second of both, which has no date that changes.
            ("2026-10-25T02:30:00+01:00", "PT0S", "2026-10-25T01:30Z"),
        ] {
            assert_eq!(show(add_duration(ZONE, parse(start), duration).unwrap()), end, "{start} {duration}");
        }
    }

    #[test]
    fn invalid_arguments_are_named() {
        for duration in
            ["", "P", "PT", "1D", "P1", "PD", "P1DT", "P-1D", "P1.5D", "P1D1Y", "P1H", "PT1D", "P99999999Y", "P1D "]
        {
            assert_eq!(add_duration(ZONE, 0, duration).unwrap_err().field, "duration", "{duration}");
        }
        assert_eq!(add_duration(ZONE, i64::MAX, "P1D").unwrap_err().field, "start");
        for duration in ["P9000Y", "-P2000Y", "P10000000M", "-P10000000W"] {
            assert_eq!(add_duration(ZONE, 0, duration).unwrap_err().field, "duration", "{duration}");
        }
        for local in
            ["", "2026-03-29", "2026-02-30T10:00", "2026-03-29T25:00", "2026-03-29T10:00Z", "20000-01-01T00:00"]
        {
            assert_eq!(to_instant(ZONE, local).unwrap_err().field, "local", "{local}");
        }
        assert_eq!(to_instant("Europe/Atlantis", "2026-03-29T10:00").unwrap_err().field, "zone");
        assert_eq!(to_local(ZONE, i64::MIN).unwrap_err().field, "at");
        assert_eq!(to_local("", 0).unwrap_err().field, "zone");
    }

    /// The rules once more, by looking at every minute of three days.
    fn resolve_slowly(zone: Tz, local: NaiveDateTime) -> i64 {
        let first = local.and_utc() - TimeDelta::days(2);
        let minutes = (0..4 * 24 * 60).map(|minute| first + TimeDelta::minutes(minute));
        let clock = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local();
        if let Some(at) = minutes.clone().find(|at| clock(*at) == local) {
            return at.timestamp_millis();
        }
        // The last minute before the jump: what the clock then skips is added to the time.
        let last_before = minutes.clone().rfind(|at| clock(*at) < local).unwrap();
        (last_before + (local - clock(last_before))).timestamp_millis()
    }

    /// Numbers below a limit, the same in every run.
    fn random_numbers(mut seed: u64) -> impl FnMut(u64) -> u64 {
        move |below| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        }
    }

    /// The date that is so many months later or earlier, by counting each of them; then as many days, each by itself.
    fn step_slowly(start: NaiveDateTime, months: u64, days: u64, is_negative: bool) -> NaiveDateTime {
        let (mut year, mut month) = (start.year(), start.month());
        for _ in 0..months {
            (year, month) = match (is_negative, month) {
                (false, 12) => (year + 1, 1),
                (false, _) => (year, month + 1),
                (true, 1) => (year - 1, 12),
                (true, _) => (year, month - 1),
            };
        }
        let mut date = (1..=start.day()).rev().find_map(|day| NaiveDate::from_ymd_opt(year, month, day)).unwrap();
        for _ in 0..days {
            date = if is_negative { date.pred_opt().unwrap() } else { date.succ_opt().unwrap() };
        }
        date.and_time(start.time())
    }

    #[test]
    fn random_durations_agree_with_a_slow_implementation() {
        let zones = [ZONE, "Australia/Lord_Howe", "America/New_York", "Asia/Kolkata", "Pacific/Apia"];
        // The Sundays on which clocks change, the ends of months, and the day that Samoa skipped.
        let days = ["2026-03-29", "2026-10-25", "2026-04-05", "2026-11-01", "2024-02-29", "2026-01-31", "2011-12-30"];
        let mut next = random_numbers(0x2027);
        for _ in 0..1_000 {
            let zone = zones[usize::try_from(next(5)).unwrap()];
            let day: NaiveDate = days[usize::try_from(next(7)).unwrap()].parse().unwrap();
            let start = day.and_time(chrono::NaiveTime::MIN).and_utc()
                + TimeDelta::minutes(i64::try_from(next(2_880)).unwrap());
            let (months, days, minutes, is_negative) = (next(30), next(60), next(3_000), next(2) == 1);
            let sign = if is_negative { "-" } else { "" };
            let duration = format!("{sign}P{months}M{days}DT{minutes}M");
            let parsed: Tz = zone.parse().unwrap();
            let mut expected = start.timestamp_millis();
            if months > 0 || days > 0 {
                expected = resolve_slowly(
                    parsed,
                    step_slowly(start.with_timezone(&parsed).naive_local(), months, days, is_negative),
                );
            }
            let elapsed = i64::try_from(minutes).unwrap() * 60_000;
            expected += if is_negative { -elapsed } else { elapsed };
            let found = add_duration(zone, start.timestamp_millis(), &duration).unwrap();
            assert_eq!(found, expected, "{zone} {start} {duration}");
        }
    }

    #[test]
    fn random_local_times_agree_with_a_slow_implementation() {
        // Minutes within two hours of a change of the clock, in zones whose clocks change by an hour, half an hour and not at all.
        let changes =
            ["2026-03-29T02:00", "2026-10-25T02:00", "2026-10-04T02:00", "2026-04-05T02:00", "2027-03-28T02:00"];
        let zones = [ZONE, "Australia/Lord_Howe", "America/New_York", "Asia/Kolkata"];
        let mut next = random_numbers(0x2026);
        for _ in 0..2_000 {
            let zone = zones[usize::try_from(next(4)).unwrap()];
            let change = changes[usize::try_from(next(5)).unwrap()];
            let change = NaiveDateTime::parse_from_str(change, "%Y-%m-%dT%H:%M").unwrap();
            let local = change + TimeDelta::minutes(i64::try_from(next(240)).unwrap() - 120);
            let text = local.format("%Y-%m-%dT%H:%M").to_string();
            let expected = resolve_slowly(zone.parse().unwrap(), local);
            assert_eq!(to_instant(zone, &text).unwrap(), expected, "{zone} {text}");
        }
    }
}
