//! From the days and local times that people write to moments.

use cairn_events::zone::{self, Fold, ZoneError};
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// Longest gap of a clock that is looked past, in minutes: some places have left out a whole day.
const MAX_GAP_MINUTES: i64 = 49 * 60;
/// Years that a time can be in.
const SUPPORTED_YEARS: std::ops::RangeInclusive<&str> = "1900"..="9998";

/// End of a span that a time stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SpanEdge {
    /// A day means its first moment.
    Start,
    /// A day means its last moment: the first of the next one.
    End,
}

/// The moment of a day (`2026-12-31`) or a local time (`2026-12-31T18:00`) in a zone, in milliseconds. Of a time that comes twice, the one that
/// makes the span shorter: nobody gets a right that may not be meant.
pub(crate) fn resolve_instant(local: &str, zone: Tz, edge: SpanEdge) -> Result<i64, String> {
    if !local.get(..4).is_some_and(|year| SUPPORTED_YEARS.contains(&year)) {
        return Err(form_message(local));
    }
    if local.len() == 10 {
        let day = NaiveDate::parse_from_str(local, "%Y-%m-%d").map_err(|_| form_message(local))?;
        let day = match edge {
            SpanEdge::Start => Some(day),
            SpanEdge::End => day.checked_add_days(Days::new(1)),
        };
        let first = day.and_then(|day| first_moment(day.and_time(Default::default()), zone));
        return first.map(|t| t.timestamp_millis()).ok_or_else(|| form_message(local));
    }
    let fold = match edge {
        SpanEdge::Start => Fold::Later,
        SpanEdge::End => Fold::Earlier,
    };
    match zone::resolve_local_time(local, zone, Some(fold)) {
        Ok(t) => Ok(t.timestamp_millis()),
        Err(ZoneError::Form(_)) => Err(form_message(local)),
        Err(other) => Err(other.to_string()),
    }
}

/// The first moment at which a clock shows this time or, where it skips it, a later one.
fn first_moment(time: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    (0..=MAX_GAP_MINUTES)
        .filter_map(|n| time.checked_add_signed(TimeDelta::minutes(n)))
        .find_map(|t| zone.from_local_datetime(&t).earliest())
        .map(|t| t.with_timezone(&Utc))
}

/// The moment of a time with its offset (`2026-12-31T18:00:00Z`), or of the first moment of a day in UTC.
pub(crate) fn parse_moment(text: &str) -> Result<i64, String> {
    if text.len() == 10 {
        return resolve_instant(text, Tz::UTC, SpanEdge::Start);
    }
    let in_reach = text.get(..4).is_some_and(|year| SUPPORTED_YEARS.contains(&year));
    let time = DateTime::parse_from_rfc3339(text).ok().filter(|_| in_reach);
    time.map(|t| t.timestamp_millis()).ok_or_else(|| {
        format!("{:?} is not a valid time; expected the form 2026-03-29T09:30:00Z or 2026-03-29", shorten_text(text))
    })
}

fn form_message(local: &str) -> String {
    format!(
        "{:?} is not a valid day or local time; expected the form 2026-03-29 or 2026-03-29T09:30",
        shorten_text(local)
    )
}

fn shorten_text(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(local: &str, zone: &str, edge: SpanEdge) -> Result<String, String> {
        let ms = resolve_instant(local, zone.parse().unwrap(), edge)?;
        Ok(DateTime::from_timestamp_millis(ms).unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string())
    }

    #[test]
    fn days_begin_and_end_at_local_midnight() {
        let ams = "Europe/Amsterdam";
        assert_eq!(resolve("2026-12-31", ams, SpanEdge::End).unwrap(), "2026-12-31T23:00:00Z");
        assert_eq!(resolve("2026-07-31", ams, SpanEdge::End).unwrap(), "2026-07-31T22:00:00Z");
        // The days on which the clock changes.
        assert_eq!(resolve("2026-03-29", ams, SpanEdge::Start).unwrap(), "2026-03-28T23:00:00Z");
        assert_eq!(resolve("2026-03-29", ams, SpanEdge::End).unwrap(), "2026-03-29T22:00:00Z");
        assert_eq!(resolve("2026-10-25", ams, SpanEdge::Start).unwrap(), "2026-10-24T22:00:00Z");
        assert_eq!(resolve("2026-10-25", ams, SpanEdge::End).unwrap(), "2026-10-25T23:00:00Z");
        assert_eq!(resolve("2026-12-31", "Pacific/Kiritimati", SpanEdge::End).unwrap(), "2026-12-31T10:00:00Z");
        assert_eq!(resolve("2026-12-31", "Asia/Kathmandu", SpanEdge::End).unwrap(), "2026-12-31T18:15:00Z");
        assert_eq!(resolve("2028-02-29", "UTC", SpanEdge::End).unwrap(), "2028-03-01T00:00:00Z");
    }

    #[test]
    fn skipped_and_repeated_midnights_are_resolved() {
        // At midnight the clock went to one: the day begins there.
        assert_eq!(resolve("2018-11-04", "America/Sao_Paulo", SpanEdge::Start).unwrap(), "2018-11-04T03:00:00Z");
        assert_eq!(resolve("2018-11-03", "America/Sao_Paulo", SpanEdge::End).unwrap(), "2018-11-04T03:00:00Z");
        // At midnight it went back by an hour: the day is over when it is midnight for the last time.
        assert_eq!(resolve("2018-02-17", "America/Sao_Paulo", SpanEdge::End).unwrap(), "2018-02-18T03:00:00Z");
        // At one it went back to midnight: the day before is over by the first.
        assert_eq!(resolve("2026-10-31", "America/Havana", SpanEdge::End).unwrap(), "2026-11-01T04:00:00Z");
        // A day that never was.
        assert_eq!(resolve("2011-12-29", "Pacific/Apia", SpanEdge::End).unwrap(), "2011-12-30T10:00:00Z");
        assert_eq!(resolve("2011-12-30", "Pacific/Apia", SpanEdge::End).unwrap(), "2011-12-30T10:00:00Z");
    }

    #[test]
    fn local_times_resolve_to_the_shorter_span() {
        let ams = "Europe/Amsterdam";
        assert_eq!(resolve("2026-12-31T18:00", ams, SpanEdge::End).unwrap(), "2026-12-31T17:00:00Z");
        // Twice: the shorter right.
        assert_eq!(resolve("2026-10-25T02:30", ams, SpanEdge::Start).unwrap(), "2026-10-25T01:30:00Z");
        assert_eq!(resolve("2026-10-25T02:30", ams, SpanEdge::End).unwrap(), "2026-10-25T00:30:00Z");
        assert!(resolve("2026-03-29T02:30", ams, SpanEdge::End).unwrap_err().contains("does not exist"));
        let far = ["+262142-12-31", "0001-01-01", "9999-12-31", "-001-01-01"];
        for bad in
            ["", "soon", "2026-02-30", "2026-2-3", "2026-12-31T", "2026-12-31 10:00", "éééé-12-31"].iter().chain(&far)
        {
            assert!(resolve(bad, ams, SpanEdge::End).unwrap_err().contains("not a valid day"), "{bad}");
        }
    }

    #[test]
    fn moments_are_parsed_from_days_and_rfc_3339() {
        assert_eq!(parse_moment("2026-01-01").unwrap(), 1_767_225_600_000);
        assert_eq!(parse_moment("2026-01-01T01:00:00+01:00").unwrap(), 1_767_225_600_000);
        for bad in ["", "2026-01-01T00:00", "x", "9999-12-31", "éé"] {
            assert!(parse_moment(bad).is_err(), "{bad}");
        }
    }
}
