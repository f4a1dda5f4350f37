//! Local times in named time zones.

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// Why a local time is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// The time zone is unknown.
    #[error("{0:?} is not a time zone; expected a name such as \"Europe/Amsterdam\"")]
    Zone(String),
    /// It does not have the form `2026-03-29T09:30`.
    #[error("{0:?} is not a valid local time; expected the form 2026-03-29T09:30")]
    Form(String),
    /// The clock skips it.
    #[error(
        "{local} does not exist in {zone}: the clock changes from {before} to {after} that night. Choose a time until \
         {before}, or {after} and later"
    )]
    Gap {
        /// The local time in the request.
        local: String,
        /// Name of the time zone.
        zone: String,
        /// The last local time before the gap.
        before: String,
        /// The first one after it.
        after: String,
    },
    /// The clock shows it twice.
    #[error("{local} occurs twice in {zone}: choose \"earlier\" ({earlier}) or \"later\" ({later})")]
    Twice {
        /// The local time in the request.
        local: String,
        /// Name of the time zone.
        zone: String,
        /// The first, in UTC.
        earlier: String,
        /// The second, in UTC.
        later: String,
    },
}

/// Moment that is meant if a local time occurs twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// The first of both.
    Earlier,
    /// The second of both.
    Later,
}

/// Parses a name of the time zone database.
///
/// # Errors
/// Returns [`ZoneError::Zone`] for an unknown name.
pub fn parse_zone(name: &str) -> Result<Tz, ZoneError> {
    name.parse().map_err(|_| ZoneError::Zone(name.chars().take(64).collect()))
}

/// Resolves a local time, `2026-03-29T09:30` (seconds may follow), in a zone.
///
/// # Errors
/// Returns an error if it is not a time, if the clock skips it, or if it occurs twice and `fold` does not say which one is meant.
pub fn resolve_local_time(local: &str, zone: Tz, fold: Option<Fold>) -> Result<DateTime<Utc>, ZoneError> {
    let forms = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
    let time = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(local, form).ok());
    let time = time.ok_or_else(|| ZoneError::Form(local.chars().take(64).collect()))?;
    match (zone.from_local_datetime(&time), fold) {
        (LocalResult::Single(t), _) | (LocalResult::Ambiguous(t, _), Some(Fold::Earlier)) => Ok(t.with_timezone(&Utc)),
        (LocalResult::Ambiguous(_, t), Some(Fold::Later)) => Ok(t.with_timezone(&Utc)),
        (LocalResult::Ambiguous(earlier, later), None) => Err(ZoneError::Twice {
            local: local.to_owned(),
            zone: zone.name().to_owned(),
            earlier: earlier.with_timezone(&Utc).format("%H:%M UTC").to_string(),
            later: later.with_timezone(&Utc).format("%H:%M UTC").to_string(),
        }),
        (LocalResult::None, _) => {
            let edge = |step: i64| {
                (0..=26 * 60)
                    .map(|n| time + TimeDelta::minutes(step * n))
                    .find_map(|t| zone.from_local_datetime(&t).earliest().map(|_| t.format("%H:%M").to_string()))
                    .unwrap_or_default()
            };
            let before = NaiveDateTime::parse_from_str(&format!("2000-01-01 {}", edge(-1)), "%Y-%m-%d %H:%M");
            // The last minute before it plus one is what the clock is set from.
            let before = before.map_or_else(|_| edge(-1), |t| (t + TimeDelta::minutes(1)).format("%H:%M").to_string());
            Err(ZoneError::Gap { local: local.to_owned(), zone: zone.name().to_owned(), before, after: edge(1) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve_in_amsterdam(local: &str, fold: Option<Fold>) -> Result<String, String> {
        let zone = parse_zone("Europe/Amsterdam").unwrap();
        resolve_local_time(local, zone, fold).map(|t| t.to_rfc3339()).map_err(|e| e.to_string())
    }

    #[test]
    fn local_times_in_gaps_and_folds_are_resolved_or_refused() {
        assert_eq!(resolve_in_amsterdam("2026-07-01T09:30", None).unwrap(), "2026-07-01T07:30:00+00:00");
        assert_eq!(resolve_in_amsterdam("2026-01-01T09:30:15", None).unwrap(), "2026-01-01T08:30:15+00:00");
        let gap = resolve_in_amsterdam("2026-03-29T02:30", None).unwrap_err();
        assert!(gap.contains("does not exist") && gap.contains("from 02:00 to 03:00"), "{gap}");
        let twice = resolve_in_amsterdam("2026-10-25T02:30", None).unwrap_err();
        assert!(twice.contains("00:30 UTC") && twice.contains("01:30 UTC"), "{twice}");
        assert_eq!(resolve_in_amsterdam("2026-10-25T02:30", Some(Fold::Earlier)).unwrap(), "2026-10-25T00:30:00+00:00");
        assert_eq!(resolve_in_amsterdam("2026-10-25T02:30", Some(Fold::Later)).unwrap(), "2026-10-25T01:30:00+00:00");
        for bad in ["", "2026-13-01T00:00", "tomorrow", "2026-02-30T10:00", "2026-01-01T25:00"] {
            assert!(resolve_in_amsterdam(bad, None).unwrap_err().contains("not a valid local time"), "{bad}");
        }
        assert!(parse_zone("Europe/Atlantis").is_err());
    }
}
