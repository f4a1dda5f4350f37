//! Durations (`"20ms"`, `"14d"`) and sizes (`"64MiB"`): a whole number and a unit.

use std::time::Duration;

/// Form of a duration, for messages.
pub(crate) const DURATION_FORM: &str = "a whole number and a unit (ms, s, m, h or d), such as \"20ms\" or \"14d\"";
/// Form of a size, for messages.
pub(crate) const SIZE_FORM: &str = "a whole number and a unit (B, KiB, MiB or GiB), such as \"64MiB\"";

/// Milliseconds a unit of time has.
const TIME_UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
/// Bytes a unit of size has.
const SIZE_UNITS: [(&str, u64); 4] = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

/// A duration as the manifest writes it (`"20ms"`, `"14d"`), or `None` when it is not of the form or too long to count.
pub fn parse_duration(text: &str) -> Option<Duration> {
    parse_measure(text, &TIME_UNITS).map(Duration::from_millis)
}

/// A size in bytes, or `None` when it is not of the form or too large to count.
pub(crate) fn parse_size(text: &str) -> Option<u64> {
    parse_measure(text, &SIZE_UNITS)
}

/// As the manifest writes it, in the largest unit that fits without a rest.
pub(crate) fn format_duration(duration: Duration) -> String {
    format_in_unit(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX), &TIME_UNITS)
}

/// As the manifest writes it, in the largest unit that fits without a rest.
pub(crate) fn format_size(bytes: u64) -> String {
    format_in_unit(bytes, &SIZE_UNITS)
}

fn parse_measure(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

fn format_in_unit(amount: u64, units: &[(&str, u64)]) -> String {
    let fits = units.iter().rev().find(|(_, factor)| amount >= *factor && amount.is_multiple_of(*factor));
    match fits.or(units.first()) {
        Some((unit, factor)) => format!("{}{unit}", amount / factor),
        None => amount.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_parsed_and_formatted() {
        for (text, millis) in [("20ms", 20), ("2s", 2_000), ("1h", 3_600_000), ("14d", 1_209_600_000), ("0s", 0)] {
            assert_eq!(parse_duration(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for bad in ["", "20", "ms", "-2s", "1.5s", "2 s", "2S", "1w", "99999999999999999999d", "18446744073709551615d"]
        {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
        assert_eq!(format_duration(Duration::from_secs(90)), "90s");
        assert_eq!(format_duration(Duration::from_secs(7_200)), "2h");
        assert_eq!(format_duration(Duration::ZERO), "0ms");
    }

    #[test]
    fn sizes_are_parsed_and_formatted() {
        assert_eq!(parse_size("64MiB"), Some(64 << 20));
        assert_eq!(parse_size("1B"), Some(1));
        for bad in ["64", "64MB", "64mib", "MiB", "99999999999999999GiB"] {
            assert_eq!(parse_size(bad), None, "{bad}");
        }
        assert_eq!(format_size(256 << 10), "256KiB");
    }
}
