//! Spans of time as policies have them, and the moments of a clock. It knows no host.

use std::time::Duration;

/// The longest span: a year.
const MAX_SPAN: Duration = Duration::from_secs(366 * 86_400);

/// A span in ISO 8601 that the clock can count (`PT2H`, `PT1H30M`, `PT45M`): hours, minutes and seconds, at least one second and at most a
/// year; none for anything else. Days and months are not among them: how long those are depends on the calendar.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.strip_prefix("PT")?;
    let mut seconds = 0_u64;
    for (unit, length) in [('H', 3_600), ('M', 60), ('S', 1)] {
        let Some((number, after)) = rest.split_once(unit) else { continue };
        let plain = !number.is_empty() && number.len() <= 9 && number.bytes().all(|b| b.is_ascii_digit());
        let number: u64 = if plain { number.parse().ok()? } else { return None };
        seconds = seconds.checked_add(number.checked_mul(length)?)?;
        rest = after;
    }
    let span = Duration::from_secs(seconds);
    (rest.is_empty() && !span.is_zero() && span <= MAX_SPAN).then_some(span)
}

/// The part of a span after which it is time to warn: `share` from 0 to 1. To the millisecond, and never beyond the span.
pub(crate) fn find_warning_span(span: Duration, share: f64) -> Duration {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 1.0 };
    let millis = (span.as_millis() as f64 * share).round();
    // In range: at most the milliseconds of a year.
    Duration::from_millis(millis as u64)
}

/// A moment so much later, in milliseconds since 1970.
pub(crate) fn add_span(start: i64, span: Duration) -> i64 {
    start.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read() {
        for (text, seconds) in [
            ("PT2H", 7_200),
            ("PT24H", 86_400),
            ("PT15M", 900),
            ("PT1H30M", 5_400),
            ("PT1H1M1S", 3_661),
            ("PT90M", 5_400),
        ] {
            assert_eq!(parse_duration(text), Some(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn what_no_clock_can_count_is_refused() {
        for text in [
            "",
            "PT",
            "P1D",
            "P1DT2H",
            "2H",
            "PT2",
            "PT-2H",
            "PT2.5H",
            "PT0S",
            "PT1M2H",
            "PT2H ",
            "pt2h",
            "PT+2H",
            "PT99999999999H",
            "PT9999999H",
            "PT2H2H",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn a_deadline_of_two_hours_warns_after_an_hour_and_a_half() {
        let span = parse_duration("PT2H").unwrap();
        let start = 1_800_000_000_000;
        assert_eq!(add_span(start, span) - start, 7_200_000);
        assert_eq!(add_span(start, find_warning_span(span, 0.75)) - start, 5_400_000);
        assert_eq!(find_warning_span(span, 7.0), span);
        assert_eq!(find_warning_span(span, -1.0), Duration::ZERO);
        assert_eq!(find_warning_span(span, f64::NAN), span);
        assert_eq!(add_span(i64::MAX, span), i64::MAX);
    }
}
