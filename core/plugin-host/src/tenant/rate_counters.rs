//! How often a route may be called.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Callers that are counted at a time; where there are more, those whose time is over are forgotten first.
const MAX_COUNTED_CALLERS: usize = 20_000;

/// A plugin, its route, and who is counted.
type RateKey = (String, String, String);

/// Requests by who made them.
#[derive(Default)]
pub(crate) struct RateCounters(Mutex<HashMap<RateKey, (Instant, u32)>>);

impl RateCounters {
    /// Counts a request; the time to wait where there were too many.
    pub(crate) fn count_request(
        &self,
        key: RateKey,
        limit: u32,
        every: Duration,
        now: Instant,
    ) -> Result<(), Duration> {
        let mut counted = self.0.lock();
        if counted.len() >= MAX_COUNTED_CALLERS {
            counted.retain(|_, (since, _)| now.duration_since(*since) < every);
            if counted.len() >= MAX_COUNTED_CALLERS {
                return Err(every);
            }
        }
        let (since, n) = counted.entry(key).or_insert((now, 0));
        if now.duration_since(*since) >= every {
            (*since, *n) = (now, 0);
        }
        if *n >= limit {
            return Err(every.saturating_sub(now.duration_since(*since)));
        }
        *n += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_window_limits_each_caller_then_resets() {
        let (rates, now, minute) = (RateCounters::default(), Instant::now(), Duration::from_secs(60));
        let count =
            |caller: &str, at| rates.count_request(("crm".into(), "intake".into(), caller.into()), 2, minute, at);
        assert_eq!((count("a", now), count("a", now)), (Ok(()), Ok(())));
        assert_eq!(count("a", now + minute / 2), Err(minute / 2));
        assert_eq!(count("b", now), Ok(()));
        assert_eq!(count("a", now + minute), Ok(()));
    }
}
