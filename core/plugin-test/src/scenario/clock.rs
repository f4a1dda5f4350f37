//! Times in a test: when it starts, and of when a preview is.

use chrono::{DateTime, Datelike, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;
use std::ops::RangeInclusive;

/// Years of such times: those in which the certificates of its sealing profiles are valid.
const YEARS: RangeInclusive<i32> = 1976..=4000;

/// Reads `clock`.
pub(super) fn read_start<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    read_named(reader, "clock").map(Some)
}

/// Reads `at` of a preview.
pub(super) fn read_time<'de, D: Deserializer<'de>>(reader: D) -> Result<DateTime<Utc>, D::Error> {
    read_named(reader, "at")
}

fn read_named<'de, D: Deserializer<'de>>(reader: D, name: &str) -> Result<DateTime<Utc>, D::Error> {
    let value = Json::deserialize(reader)?;
    let time = value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    let time = time.ok_or_else(|| {
        let example = "2026-03-27T16:00:00+01:00";
        D::Error::custom(format!("{name} must be a time with its offset, in quotes, such as \"{example}\""))
    })?;
    let time = time.with_timezone(&Utc);
    if !YEARS.contains(&time.year()) {
        return Err(D::Error::custom(format!("{name} must be in the years {} to {}", YEARS.start(), YEARS.end())));
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_access::format_iso;

    #[derive(Debug, Deserialize)]
    struct File {
        #[serde(default, deserialize_with = "read_start")]
        clock: Option<DateTime<Utc>>,
    }

    fn read(text: &str) -> Result<Option<String>, String> {
        toml::from_str(text).map(|file: File| file.clock.map(format_iso)).map_err(|e| e.to_string())
    }

    #[test]
    fn clock_is_read_with_its_offset() {
        for (text, time) in [
            ("clock = \"2026-03-27T16:00:00+01:00\"", "2026-03-27T15:00:00.000Z"),
            ("clock = \"1976-01-01T00:00:00Z\"", "1976-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(read(text), Ok(Some(time.to_owned())), "{text}");
        }
        assert_eq!(read(""), Ok(None));
    }

    #[test]
    fn invalid_clocks_are_reported() {
        for text in ["\"2026-03-27T16:00:00\"", "\"27 March\"", "\"\"", "7", "2026-03-27T16:00:00Z", "[]"] {
            let error = read(&format!("clock = {text}")).unwrap_err();
            assert!(error.contains("clock must be a time with its offset, in quotes"), "{text}: {error}");
        }
        for text in ["\"1975-12-31T23:59:59Z\"", "\"4001-01-01T00:00:00Z\""] {
            let error = read(&format!("clock = {text}")).unwrap_err();
            assert!(error.contains("clock must be in the years 1976 to 4000"), "{text}: {error}");
        }
    }
}
