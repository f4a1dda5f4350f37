//! Times that users enter: local, in a named zone.

use cairn_content::ContentError;
use cairn_events::zone::{self, Fold};
use chrono::{DateTime, Utc};

/// The latest time that something can be scheduled for.
const LAST_MOMENT: &str = "9999-12-31T23:59:59Z";

/// A time as a user entered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedTime {
    /// `2026-03-29T09:30`; seconds may follow.
    pub local_time: String,
    /// Name of the time zone: `Europe/Amsterdam`.
    pub zone: String,
    /// Choice between both moments, if the clock shows the time twice.
    pub fold: Option<Fold>,
}

impl RequestedTime {
    /// Resolves it to a moment in milliseconds.
    ///
    /// # Errors
    /// Returns an error for an unknown zone or invalid time, one that the clock skips or shows twice, and one that is not in the future.
    pub fn resolve(&self, now: DateTime<Utc>) -> Result<i64, ContentError> {
        let zone = zone::parse_zone(&self.zone).map_err(|e| ContentError::validation(e.to_string()))?;
        let at = zone::resolve_local_time(&self.local_time, zone, self.fold)
            .map_err(|e| ContentError::validation(e.to_string()))?;
        if at <= now {
            let local_now = now.with_timezone(&zone).format("%Y-%m-%dT%H:%M");
            let message = format!(
                "{} in {} is in the past: it is now {local_now} there. Choose a later time",
                self.local_time, self.zone
            );
            return Err(ContentError::validation(message));
        }
        if LAST_MOMENT.parse::<DateTime<Utc>>().is_ok_and(|last_moment| at > last_moment) {
            return Err(ContentError::validation(format!("{} is too far in the future", self.local_time)));
        }
        Ok(cairn_events::unix_millis(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_times_are_rejected_with_an_explanation() {
        let now: DateTime<Utc> = "2026-03-28T12:00:00Z".parse().unwrap();
        let at = |local: &str, zone: &str, fold| {
            let when = RequestedTime { local_time: local.into(), zone: zone.into(), fold };
            when.resolve(now).map_err(|e| e.to_string())
        };
        let ams = "Europe/Amsterdam";
        assert_eq!(at("2026-03-28T13:01", ams, None), Ok(now.timestamp_millis() + 60_000));
        let passed = at("2026-03-28T13:00", ams, None).unwrap_err();
        assert!(passed.contains("it is now 2026-03-28T13:00 there"), "{passed}");
        assert!(at("2026-03-29T02:30", ams, None).unwrap_err().contains("does not exist"));
        assert!(at("2026-10-25T02:30", ams, None).unwrap_err().contains("occurs twice"));
        assert!(at("2026-10-25T02:30", ams, Some(Fold::Later)).is_ok());
        assert!(at("2026-10-25T02:30", "Mars", None).unwrap_err().contains("not a time zone"));
        assert!(at("+99999-01-01T00:00", ams, None).is_err());
        assert!(at("soon", ams, None).is_err());
    }
}
