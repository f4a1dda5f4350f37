//! When failed attempts are retried.

use std::time::Duration;

/// Longer and longer pauses, with jitter, up to a number of attempts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// The pause after the first failure.
    pub first_pause: Duration,
    /// Factor by which each further pause is longer.
    pub factor: f64,
    /// Largest pause between two attempts.
    pub max_pause: Duration,
    /// Number of attempts after which it is given up.
    pub attempts: i64,
}

impl Default for RetryPolicy {
    /// 2 s, doubled up to an hour, 14 attempts: about 5 hours.
    fn default() -> Self {
        Self { first_pause: Duration::from_secs(2), factor: 2.0, max_pause: Duration::from_secs(3_600), attempts: 14 }
    }
}

impl RetryPolicy {
    /// How long to wait after the `attempt`-th attempt (from 1 on) failed, in milliseconds: `None` for no more. `requested`: the pause that the
    /// other side requested, which is respected up to the longest pause.
    pub fn pause_after(&self, attempt: i64, requested: Option<Duration>) -> Option<i64> {
        if attempt >= self.attempts {
            return None;
        }
        let power = i32::try_from(attempt.max(1) - 1).unwrap_or(i32::MAX);
        let pause = (self.first_pause.as_secs_f64() * self.factor.powi(power)).min(self.max_pause.as_secs_f64());
        // Of many that failed together not all come back together.
        let pause = pause * rand::random_range(0.8..1.2);
        let requested = requested.map_or(0.0, |a| a.min(self.max_pause).as_secs_f64());
        Some((pause.max(requested) * 1_000.0) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_maximum_until_attempts_end() {
        let retry = RetryPolicy {
            first_pause: Duration::from_secs(1),
            factor: 3.0,
            max_pause: Duration::from_secs(20),
            attempts: 6,
        };
        for (attempt, seconds) in [(1, 1.0), (2, 3.0), (3, 9.0), (4, 20.0), (5, 20.0)] {
            let pause = retry.pause_after(attempt, None).unwrap() as f64 / 1_000.0;
            assert!((0.79..1.21).contains(&(pause / seconds)), "{attempt}: {pause}");
        }
        assert_eq!(retry.pause_after(6, None), None);
        assert_eq!(retry.pause_after(1, Some(Duration::from_secs(7))), Some(7_000));
        assert!(retry.pause_after(1, Some(Duration::from_secs(7_000))).unwrap() <= 20_000);
        // Numbers that no table holds.
        assert!(RetryPolicy { attempts: i64::MAX, ..retry }.pause_after(i64::MAX - 1, None).unwrap() <= 24_000);
    }
}
