//! Counting what test runners say at their end: cargo test, cargo nextest, and the shared Node runners.

use std::fmt;
use std::ops::AddAssign;

/// Tests that passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Passed.
    pub(crate) passed: u64,
    /// Failed, timed out, or could not be run.
    pub(crate) failed: u64,
}

impl Tally {
    /// One check that held, or did not.
    pub(crate) fn one(ok: bool) -> Self {
        Self { passed: u64::from(ok), failed: u64::from(!ok) }
    }

    /// What a runner's closing line counts; `None` for every other line.
    pub(crate) fn of_line(line: &str) -> Option<Self> {
        // Not where it is indented: there nextest shows what a failed test said, and counts it itself.
        if let Some(rest) = line.strip_prefix("test result:") {
            return Some(Self { passed: before(rest, "passed")?, failed: before(rest, "failed")? });
        }
        let line = line.trim();
        if line.starts_with("Summary [") && line.contains("run:") {
            let rest = line.split_once("run:")?.1;
            let failed: u64 = ["failed", "timed out", "exec failed"].iter().filter_map(|word| before(rest, word)).sum();
            return Some(Self { passed: before(rest, "passed").unwrap_or(0), failed });
        }
        // The Node runners print one such line per area as well ("filters: 3 passed, 0 failed"): only the bare one counts.
        let (passed, failed) = line.strip_suffix(" failed")?.split_once(" passed, ")?;
        Some(Self { passed: passed.parse().ok()?, failed: failed.parse().ok()? })
    }
}

/// The number in front of `word` in a list such as "ok. 5 passed; 0 failed" or "4 passed (1 slow), 1 timed out".
fn before(text: &str, word: &str) -> Option<u64> {
    text.split([',', ';', '.']).find_map(|part| {
        let part = part.split('(').next()?.trim();
        part.strip_suffix(word)?.trim_end().parse().ok()
    })
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_closing_lines_only() {
        let count = |line| Tally::of_line(line).map(|t| (t.passed, t.failed));
        assert_eq!(count("test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured"), Some((5, 0)));
        assert_eq!(count("test result: FAILED. 4 passed; 2 failed; 0 ignored"), Some((4, 2)));
        assert_eq!(
            count("     Summary [   0.112s] 5 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 2 skipped"),
            Some((3, 2))
        );
        assert_eq!(count("     Summary [   0.001s] 3/7 tests run: 2 passed, 1 failed, 0 skipped"), Some((2, 1)));
        assert_eq!(count("    test result: FAILED. 0 passed; 1 failed; 0 ignored"), None);
        assert_eq!(count("783 passed, 0 failed\n"), Some((783, 0)));
        assert_eq!(count("filters: 3 passed, 0 failed"), None);
        assert_eq!(count("14 of 15 cases whole"), None);
        assert_eq!(count("test model::parses ... ok"), None);
    }

    #[test]
    fn adds_up_and_prints_the_line_people_look_for() {
        let mut total = Tally::one(true);
        total += Tally { passed: 2, failed: 3 };
        total += Tally::one(false);
        assert_eq!(total.to_string(), "3 passed, 4 failed");
    }
}
