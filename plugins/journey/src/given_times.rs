//! Times as people and other systems give them: instants, or days and local times in a definition's zone.

use crate::timetable::parse_hour;
use crate::zone::Zone;
use cairn_plugin::{Instant, Result, time};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime};

/// Years that a plan may be about.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

/// A time before its zone is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GivenTime {
    Instant(Instant),
    Local(NaiveDateTime),
}

impl GivenTime {
    /// Reads an instant such as `2026-01-15T10:00:00+01:00`, a day such as `2026-01-15` or a local time such as `2026-01-15T10:00`; `None`
    /// for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match time::parse(text) {
            Ok(instant) => {
                let year = DateTime::from_timestamp_millis(instant)?.year();
                YEARS.contains(&year).then_some(Self::Instant(instant))
            }
            Err(_) => parse_local(text).map(Self::Local),
        }
    }
}

/// The instants of times in a zone, in their order: one question to the host for all that are local.
///
/// # Errors
/// What the host says.
pub(crate) fn resolve_times(times: &[GivenTime], zone: Zone<'_>) -> Result<Vec<Instant>> {
    resolve(times, |local| zone.to_instants(local))
}

fn resolve(
    times: &[GivenTime],
    to_instants: impl FnOnce(&[NaiveDateTime]) -> Result<Vec<Instant>>,
) -> Result<Vec<Instant>> {
    let local: Vec<NaiveDateTime> = times
        .iter()
        .filter_map(|time| match time {
            GivenTime::Local(local) => Some(*local),
            GivenTime::Instant(_) => None,
        })
        .collect();
    let mut found = if local.is_empty() { Vec::new() } else { to_instants(&local)? }.into_iter();
    let resolved = times.iter().map_while(|time| match time {
        GivenTime::Instant(instant) => Some(*instant),
        GivenTime::Local(_) => found.next(),
    });
    Ok(resolved.collect())
}

/// A day such as `2026-01-15`, or a local time such as `2026-01-15T10:00`.
fn parse_local(text: &str) -> Option<NaiveDateTime> {
    let day = |text: &str| text.parse::<NaiveDate>().ok().filter(|day| YEARS.contains(&day.year()));
    match text.split_once(['T', ' ']) {
        None => Some(day(text)?.and_time(NaiveTime::MIN)),
        Some((date, hour)) => Some(day(date)?.and_time(parse_hour(hour)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_may_be_days_and_local_times() {
        for (text, read) in [
            ("2026-01-15", Some("2026-01-15 00:00:00")),
            (" 2026-01-15T10:00", Some("2026-01-15 10:00:00")),
            ("2026-01-15 10:00", Some("2026-01-15 10:00:00")),
            ("2026-02-30", None),
            ("15-01-2026", None),
            ("0026-01-15", None),
            ("0026-01-15T10:00:00Z", None),
            ("2026-01-15T25:00", None),
            ("", None),
        ] {
            let local = GivenTime::parse(text).map(|time| match time {
                GivenTime::Local(local) => local.to_string(),
                GivenTime::Instant(_) => panic!("{text}"),
            });
            assert_eq!(local.as_deref(), read, "{text}");
        }
        assert_eq!(GivenTime::parse("1970-01-01T01:00:01+01:00"), Some(GivenTime::Instant(1_000)));
    }

    #[test]
    fn many_times_need_one_question_to_the_host() {
        let mut times = vec![GivenTime::Instant(7)];
        times.extend((0..501).map(|minute| {
            let day = NaiveDate::default().and_time(NaiveTime::MIN);
            GivenTime::Local(day + chrono::TimeDelta::minutes(minute))
        }));
        times.push(GivenTime::Instant(8));
        let mut questions = 0;
        let resolved = resolve(&times, |local| {
            questions += 1;
            Ok(local.iter().map(|time| time.and_utc().timestamp_millis()).collect())
        });
        let resolved = resolved.unwrap();
        assert_eq!((questions, resolved.len()), (1, 503));
        assert_eq!((resolved[0], resolved[1], resolved[2], resolved[502]), (7, 0, 60_000, 8));
        assert_eq!(resolve(&times[..1], |_| panic!("nothing to ask")), Ok(vec![7]));
    }
}
