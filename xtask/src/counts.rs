//! Counts of passed and failed tests from the output of test runners: cargo test, cargo nextest, and the shared Node runners.

use std::fmt;
use std::ops::AddAssign;

/// Number of failures that a [`TestCounts`] describes; further ones are only counted.
const MAX_FAILURES: usize = 40;
/// Lines of a panic that are shown with a failure.
const PANIC_LINES: usize = 4;

/// Counts of tests that passed and failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TestCounts {
    /// Number of tests that passed.
    pub(crate) passed: u64,
    /// Number of tests that failed, timed out, or could not be run.
    pub(crate) failed: u64,
    /// Names of failed tests, with their panics where the runner shows these.
    pub(crate) failures: Vec<String>,
}

impl TestCounts {
    /// The counts of a single check with that name.
    pub(crate) fn check(name: impl Into<String>, passed: bool) -> Self {
        let failures = if passed { Vec::new() } else { vec![name.into()] };
        Self { passed: u64::from(passed), failed: u64::from(!passed), failures }
    }

    /// The same, its failures preceded by the name of their suite.
    pub(crate) fn in_suite(mut self, suite: &str) -> Self {
        for failure in &mut self.failures {
            failure.insert_str(0, &format!("{suite}: "));
        }
        self
    }

    fn count(passed: u64, failed: u64) -> Self {
        Self { passed, failed, failures: Vec::new() }
    }

    /// Adds a failure to the list, unless it is listed already.
    pub(crate) fn add_failure(&mut self, failure: String) {
        if self.failures.len() < MAX_FAILURES && !self.failures.contains(&failure) {
            self.failures.push(failure);
        }
    }

    /// The counts in a runner's closing line; `None` for every other line.
    pub(crate) fn from_line(line: &str) -> Option<Self> {
        // Not where it is indented: there nextest shows what a failed test said, and counts it itself.
        if let Some(rest) = line.strip_prefix("test result:") {
            return Some(Self::count(number_before(rest, "passed")?, number_before(rest, "failed")?));
        }
        let line = line.trim();
        if line.starts_with("Summary [") && line.contains("run:") {
            let rest = line.split_once("run:")?.1;
            let failed: u64 =
                ["failed", "timed out", "exec failed"].iter().filter_map(|word| number_before(rest, word)).sum();
            return Some(Self::count(number_before(rest, "passed").unwrap_or(0), failed));
        }
        // The Node runners print one such line per area as well ("filters: 3 passed, 0 failed"): only the bare one counts.
        let (passed, failed) = line.strip_suffix(" failed")?.split_once(" passed, ")?;
        Some(Self::count(passed.parse().ok()?, failed.parse().ok()?))
    }
}

/// Reads a runner's output line by line: counts, names of failed tests, panics.
#[derive(Debug, Default)]
pub(crate) struct OutputReader {
    tally: TestCounts,
    /// The panic that is being read, and how many of its lines are still to come.
    panic: Option<(String, usize)>,
}

impl OutputReader {
    /// Parses the next line.
    pub(crate) fn read_line(&mut self, line: &str) {
        if let Some(counted) = TestCounts::from_line(line) {
            self.tally += counted;
        }
        let line = line.trim();
        if let Some((mut text, remaining)) = self.panic.take() {
            text.push_str("\n    ");
            text.push_str(line);
            self.end_or_continue_panic(text, remaining - 1);
        } else if line.starts_with("thread '") && line.contains(" panicked at ") {
            self.panic = Some((line.to_owned(), PANIC_LINES));
        }
        if let Some(name) = failed_test(line) {
            self.tally.add_failure(name.to_owned());
        }
    }

    /// The counts and failures of everything that was read.
    pub(crate) fn finish(mut self) -> TestCounts {
        if let Some((text, _)) = self.panic.take() {
            self.tally.add_failure(text);
        }
        // A test may panic on purpose: what it printed then is no failure.
        if self.tally.failed == 0 {
            self.tally.failures.clear();
        }
        self.tally
    }

    fn end_or_continue_panic(&mut self, text: String, remaining: usize) {
        if remaining == 0 {
            self.tally.add_failure(text);
        } else {
            self.panic = Some((text, remaining));
        }
    }
}

/// The name of a failed test in a line of cargo-nextest or of cargo's own runner.
fn failed_test(line: &str) -> Option<&str> {
    if let Some(name) = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED")) {
        return Some(name);
    }
    let (status, rest) = line.split_once(" [")?;
    let failed = matches!(status, "FAIL" | "TIMEOUT" | "ABORT" | "LEAK-FAIL") || status.starts_with("SIG");
    // "FAIL [   0.012s] (12/1931) cairn-store::all writes::a_row"
    let name = rest.split_once(']')?.1.trim_start();
    let name = name.strip_prefix('(').and_then(|counted| counted.split_once(") ")).map_or(name, |(_, name)| name);
    failed.then_some(name)
}

/// The number in front of `word` in a list such as "ok. 5 passed; 0 failed" or "4 passed (1 slow), 1 timed out".
fn number_before(text: &str, word: &str) -> Option<u64> {
    text.split([',', ';', '.']).find_map(|part| {
        let part = part.split('(').next()?.trim();
        part.strip_suffix(word)?.trim_end().parse().ok()
    })
}

impl AddAssign for TestCounts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        for failure in other.failures {
            self.add_failure(failure);
        }
    }
}

impl fmt::Display for TestCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_summary_lines_are_counted() {
        let count = |line| TestCounts::from_line(line).map(|t| (t.passed, t.failed));
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
    fn counts_are_added_and_printed_as_passed_and_failed() {
        let mut total = TestCounts::check("rustfmt", true);
        total += TestCounts::count(2, 3);
        total += TestCounts::check("clippy", false);
        assert_eq!(total.to_string(), "3 passed, 4 failed");
        assert_eq!(total.failures, ["clippy"]);
    }

    #[test]
    fn failed_tests_are_listed_with_their_panic() {
        let mut reader = OutputReader::default();
        for line in [
            "        PASS [   0.002s] ( 1/3) cairn-model fields::parses",
            "        FAIL [   1.234s] ( 2/3) cairn-server::http lists::an_order",
            "  stderr ───",
            "    thread 'lists::an_order' (12) panicked at core/server/tests/http/lists.rs:7:5:",
            "    assertion `left == right` failed",
            "      left: 1",
            "     right: 2",
            "    note: run with `RUST_BACKTRACE=1`",
            "     Summary [   0.112s] 3 tests run: 2 passed, 1 failed",
            "        FAIL [   1.234s] ( 2/3) cairn-server::http lists::an_order",
        ] {
            reader.read_line(line);
        }
        let tally = reader.finish();
        assert_eq!(tally.failures.len(), 2);
        assert_eq!(tally.failures[0], "cairn-server::http lists::an_order");
        assert!(tally.failures[1].contains("lists.rs:7:5") && tally.failures[1].contains("right: 2"));
        assert_eq!(failed_test("test rows::are_there ... FAILED"), Some("rows::are_there"));
        assert_eq!(failed_test("test rows::are_there ... ok"), None);
    }
}
