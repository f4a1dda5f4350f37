//! How often a route may be called.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::Duration;

/// Callers that are counted at a time; where there are more, those whose time is over are forgotten first.
const MAX_COUNTED_CALLERS: usize = 20_000;

/// A plugin, its route, and who is counted.
type RateKey = (String, String, String);

/// Requests by who made them.
#[derive(Default)]
pub(crate) struct RateCounters(Mutex<HashMap<RateKey, CountWindow>>);

/// Requests of one caller since a moment.
struct CountWindow {
    /// In milliseconds of the server's clock.
    began: i64,
    every: Duration,
    requests: u32,
}

impl CountWindow {
    /// Time until it ends; `None` if it has. One that began later than now is of a clock that was set back since.
    fn remaining(&self, now: i64) -> Option<Duration> {
        let since = Duration::from_millis(u64::try_from(now.checked_sub(self.began)?).ok()?);
        self.every.checked_sub(since).filter(|remaining| !remaining.is_zero())
    }
}

impl RateCounters {
    /// Counts a request at a time in milliseconds. Returns the time to wait where there were too many.
    pub(crate) fn count_request(&self, key: RateKey, limit: u32, every: Duration, now: i64) -> Result<(), Duration> {
        let mut counted = self.0.lock();
        if counted.len() >= MAX_COUNTED_CALLERS {
            counted.retain(|_, window| window.remaining(now).is_some());
            if counted.len() >= MAX_COUNTED_CALLERS {
                return Err(every);
            }
        }
        let window = counted.entry(key).or_insert(CountWindow { began: now, every, requests: 0 });
        let remaining = match window.remaining(now) {
            Some(remaining) => remaining,
            None => {
                *window = CountWindow { began: now, every, requests: 0 };
                every
            }
        };
        if window.requests >= limit {
            return Err(remaining);
        }
        window.requests += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_window_limits_each_caller_then_resets() {
        let (rates, now, minute) = (RateCounters::default(), 1_767_323_045_678, Duration::from_secs(60));
        let count =
            |caller: &str, at| rates.count_request(("crm".into(), "intake".into(), caller.into()), 2, minute, at);
        assert_eq!((count("a", now), count("a", now)), (Ok(()), Ok(())));
        assert_eq!(count("a", now + 30_000), Err(minute / 2));
        assert_eq!(count("b", now), Ok(()));
        assert_eq!(count("a", now + 60_000), Ok(()));
        // Nobody waits for a clock that was set back by an hour to come round again.
        assert_eq!((count("b", now), count("b", now)), (Ok(()), Err(minute)));
        assert_eq!(count("b", now - 3_600_000), Ok(()));
    }

    #[test]
    fn full_table_forgets_windows_by_their_own_length() {
        let (rates, minute) = (RateCounters::default(), Duration::from_secs(60));
        let count = |route: &str, caller: usize, every, at| {
            rates.count_request(("crm".into(), route.into(), caller.to_string()), 1, every, at)
        };
        assert_eq!(count("ask", 0, minute * 10, 0), Ok(()));
        for caller in 1..MAX_COUNTED_CALLERS {
            assert_eq!(count("read", caller, minute, 0), Ok(()));
        }
        assert_eq!(count("read", 0, minute, 59_999), Err(minute), "all of them still count");
        assert_eq!(count("read", 0, minute, 60_000), Ok(()));
        assert_eq!(count("ask", 0, minute * 10, 60_000), Err(minute * 9), "the longer window is not over");
    }
}
