//! Attempts to make a lead of an inquiry, and the pauses between them. It knows no host.

use serde::{Deserialize, Serialize};

/// Pause after the first attempt, and the longest one, in milliseconds.
const FIRST_PAUSE_MS: i64 = 10_000;
const MAX_PAUSE_MS: i64 = 900_000;

/// Attempts so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Attempts {
    pub(crate) count: u32,
    /// Time before which there is no other.
    pub(crate) next: i64,
    /// Problem of the last one; empty where none has ended with one.
    pub(crate) problem: String,
}

impl Attempts {
    /// Notes an attempt that begins now.
    pub(super) fn note_try(&mut self, now: i64) {
        let pause = FIRST_PAUSE_MS.saturating_mul(2_i64.saturating_pow(self.count));
        self.next = now.saturating_add(pause.min(MAX_PAUSE_MS));
        self.count = self.count.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_quarter_of_an_hour() {
        let mut attempts = Attempts::default();
        let mut pauses = Vec::new();
        for _ in 0..100 {
            attempts.note_try(1_000);
            pauses.push((attempts.next - 1_000) / 1_000);
        }
        assert_eq!(pauses[..4], [10, 20, 40, 80]);
        assert!(pauses[20..].iter().all(|pause| *pause == 900), "{pauses:?}");
        assert_eq!(attempts.count, 100);
    }
}
