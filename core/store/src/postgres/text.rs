//! PostgreSQL's binary forms → the canonical text of a column: what SQLite stores as text.

use std::fmt::Write;

/// Days from 1970-01-01 to PostgreSQL's first day, 2000-01-01.
const EPOCH_DAYS: i64 = 10_957;
const DAY_US: i64 = 86_400_000_000;

/// Year, month and day of a number of days since 1970-01-01, after Howard Hinnant's `civil_from_days`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
fn civil(days: i64) -> (i64, u32, u32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = (doy - (153 * mp + 2) / 5 + 1) as u32;
    let month = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
    (yoe + era * 400 + i64::from(month <= 2), month, day)
}

fn write_date(out: &mut String, days: i64) {
    let (year, month, day) = civil(days);
    let _ = write!(out, "{year:04}-{month:02}-{day:02}");
}

fn write_time(out: &mut String, us: i64) {
    let ms = us / 1_000;
    let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    let _ = write!(out, "{h:02}:{m:02}:{s:02}.{:03}", ms % 1_000);
}

/// Formats microseconds since 2000-01-01 as `2020-01-02T03:04:05.000Z`.
pub(crate) fn timestamp(us: i64) -> String {
    let mut out = String::with_capacity(24);
    write_date(&mut out, us.div_euclid(DAY_US).saturating_add(EPOCH_DAYS));
    out.push('T');
    write_time(&mut out, us.rem_euclid(DAY_US));
    out.push('Z');
    out
}

/// Formats days since 2000-01-01 as `2020-01-02`.
pub(crate) fn date(days: i32) -> String {
    let mut out = String::with_capacity(10);
    write_date(&mut out, i64::from(days) + EPOCH_DAYS);
    out
}

/// Formats microseconds since midnight as `03:04:05.000`.
pub(crate) fn time(us: i64) -> String {
    let mut out = String::with_capacity(12);
    write_time(&mut out, us);
    out
}

/// The canonical text of a `numeric`: no exponent, no superfluous zeros. `None` if it is not a number (NaN, infinities, malformed bytes).
/// The binary form: digits in base 10,000, the weight of the first, a sign and the number of digits after the point.
pub(crate) fn numeric(bytes: &[u8]) -> Option<String> {
    let word = |i: usize| Some(i16::from_be_bytes(bytes.get(2 * i..2 * i + 2)?.try_into().ok()?));
    let (count, weight, sign) = (word(0)?, i32::from(word(1)?), word(2)? as u16);
    if sign != 0 && sign != 0x4000 {
        return None;
    }
    let digit = |place: i32| -> Option<i16> {
        let i = weight - place;
        if i < 0 || i >= i32::from(count) { Some(0) } else { word(4 + i as usize) }
    };
    let mut whole = String::new();
    for place in (0..=weight.max(0)).rev() {
        let _ = write!(whole, "{:04}", digit(place)?);
    }
    let mut fraction = String::new();
    let last_place = weight - i32::from(count) + 1;
    for place in (last_place.min(0)..0).rev() {
        let _ = write!(fraction, "{:04}", digit(place)?);
    }
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let mut out = String::with_capacity(whole.len() + fraction.len() + 3);
    if sign != 0 && !(whole.is_empty() && fraction.is_empty()) {
        out.push('-');
    }
    out.push_str(if whole.is_empty() { "0" } else { whole });
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_dates_and_times_are_decoded() {
        assert_eq!(timestamp(0), "2000-01-01T00:00:00.000Z");
        assert_eq!(timestamp(-1_000), "1999-12-31T23:59:59.999Z");
        assert_eq!(timestamp(631_249_445_678_000), "2020-01-02T03:04:05.678Z");
        assert_eq!(
            (date(-10_957), date(59), date(-730_119)),
            ("1970-01-01".into(), "2000-02-29".into(), "0001-01-01".into())
        );
        assert_eq!(time(86_399_999_000), "23:59:59.999");
    }

    #[test]
    fn numeric_values_are_decoded() {
        let form = |weight: i16, sign: u16, digits: &[i16]| {
            let head = [digits.len() as i16, weight, sign as i16, 0];
            head.iter().chain(digits).flat_map(|w| w.to_be_bytes()).collect::<Vec<u8>>()
        };
        assert_eq!(numeric(&form(0, 0, &[])).as_deref(), Some("0"));
        assert_eq!(numeric(&form(0, 0x4000, &[12, 5000])).as_deref(), Some("-12.5"));
        assert_eq!(numeric(&form(-1, 0, &[25])).as_deref(), Some("0.0025"));
        assert_eq!(numeric(&form(-2, 0, &[1])).as_deref(), Some("0.00000001"));
        assert_eq!(numeric(&form(1, 0, &[1])).as_deref(), Some("10000"));
        assert_eq!(numeric(&form(5, 0, &[1])).as_deref(), Some("100000000000000000000"));
        assert_eq!(numeric(&form(0, 0xC000, &[])), None);
        assert_eq!(numeric(&[0, 1]), None);
    }
}
