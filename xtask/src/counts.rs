//! Counts of passed and failed tests from the output of test runners: cargo test, cargo nextest, and the shared Node runners.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::ops::AddAssign;
use std::time::Duration;

/// Number of failures that a [`TestCounts`] describes; further ones are only counted.
const MAX_FAILURES: usize = 40;
/// Lines of a failed test's output that are kept: the last ones.
const OUTPUT_LINES: usize = 30;
/// Number of tests that a [`TestCounts`] lists as the slowest.
const SLOWEST_TESTS: usize = 10;

/// Counts of tests that passed and failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TestCounts {
    /// Number of tests that passed.
    pub(crate) passed: u64,
    /// Number of tests that failed, timed out, or could not be run.
    pub(crate) failed: u64,
    /// Names of failed tests, each followed by the last lines of its output where the runner shows these.
    pub(crate) failures: Vec<String>,
    /// Names of tests that failed, and passed when they were tried again. They count as passed.
    pub(crate) flaky: Vec<String>,
    /// The slowest tests that passed, the slowest first.
    pub(crate) slowest: Vec<(Duration, String)>,
}

impl TestCounts {
    /// The counts of a single check with that name.
    pub(crate) fn check(name: impl Into<String>, passed: bool) -> Self {
        let failures = if passed { Vec::new() } else { vec![name.into()] };
        Self { passed: u64::from(passed), failed: u64::from(!passed), failures, ..Self::default() }
    }

    /// The same, its failures and flaky tests preceded by the name of their suite.
    pub(crate) fn in_suite(mut self, suite: &str) -> Self {
        for name in self.failures.iter_mut().chain(&mut self.flaky) {
            name.insert_str(0, &format!("{suite}: "));
        }
        self
    }

    fn count(passed: u64, failed: u64) -> Self {
        Self { passed, failed, ..Self::default() }
    }

    /// Adds a failure to the list, unless it is listed already.
    pub(crate) fn add_failure(&mut self, failure: String) {
        if self.failures.len() < MAX_FAILURES && !self.failures.contains(&failure) {
            self.failures.push(failure);
        }
    }

    /// Adds a test to the flaky ones, unless it is listed already.
    pub(crate) fn add_flaky(&mut self, name: String) {
        if self.flaky.len() < MAX_FAILURES && !self.flaky.contains(&name) {
            self.flaky.push(name);
        }
    }

    /// Adds a test to the slowest ones, if it is one of them.
    pub(crate) fn add_duration(&mut self, duration: Duration, name: &str) {
        let place = self.slowest.partition_point(|(longer, _)| *longer >= duration);
        if place < SLOWEST_TESTS {
            self.slowest.insert(place, (duration, name.to_owned()));
            self.slowest.truncate(SLOWEST_TESTS);
        }
    }

    /// The counts in a runner's closing line; `None` for every other line.
    pub(crate) fn from_line(line: &str) -> Option<Self> {
        // Indented lines are left out: nextest prints the output of failed tests there, and counts the tests itself.
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

/// The last lines of a text.
#[derive(Debug, Default)]
struct LastLines(VecDeque<String>);

impl LastLines {
    /// Adds a line, unless it is empty or a heading of a test runner.
    fn push(&mut self, line: &str) {
        let line = line.trim();
        let says_nothing = line.is_empty()
            || matches!(line, "running 1 test" | "failures:")
            || line.ends_with("───")
            || line.starts_with("note: run with `RUST_BACKTRACE");
        if says_nothing {
            return;
        }
        if self.0.len() == OUTPUT_LINES {
            self.0.pop_front();
        }
        self.0.push_back(line.to_owned());
    }

    /// The lines below a name.
    fn below(&self, name: &str) -> String {
        self.0.iter().fold(name.to_owned(), |text, line| text + "\n    " + line)
    }
}

/// Reads a runner's output line by line: counts, the output of failed tests, which tests passed at a later try.
#[derive(Debug, Default)]
pub(crate) struct OutputReader {
    tally: TestCounts,
    /// Output of the tests whose latest try failed.
    failing: BTreeMap<String, LastLines>,
    /// The test whose output is being read.
    current: Option<String>,
    /// True if cargo-nextest has summed up: it then lists its failed tests once more, without their output.
    summed_up: bool,
    /// Last lines of a runner's output that name no failed test.
    last_lines: LastLines,
}

impl OutputReader {
    /// Parses the next line.
    pub(crate) fn read_line(&mut self, line: &str) {
        self.last_lines.push(line);
        if let Some(counted) = TestCounts::from_line(line) {
            self.tally += counted;
            self.current = None;
            self.summed_up |= line.trim_start().starts_with("Summary [");
        } else if let Some(status) = TestStatus::from_line(line) {
            self.current = None;
            self.note_status(&status);
        } else if let Some(name) = output_heading(line) {
            self.current = Some(name.to_owned());
        } else if let Some(output) = self.current.as_ref().and_then(|name| self.failing.get_mut(name)) {
            output.push(line);
        }
    }

    fn note_status(&mut self, status: &TestStatus<'_>) {
        if self.summed_up {
            // The summary lists failed and flaky tests only; a failure whose reason has an unknown name must not be hidden.
            if !status.passed {
                self.failing.entry(status.name.to_owned()).or_default();
            }
            return;
        }
        if let Some(duration) = status.duration.filter(|_| status.passed) {
            self.tally.add_duration(duration, status.name);
        }
        if !status.passed {
            self.failing.insert(status.name.to_owned(), LastLines::default());
            self.current = Some(status.name.to_owned());
        } else if let Some(output) = self.failing.remove(status.name) {
            self.tally.add_flaky(output.below(status.name));
        }
    }

    /// The counts and failures of everything that was read, from a runner that failed: `how` it ended, with its last lines, is a failure of
    /// its own if it counted none.
    pub(crate) fn finish_failed(mut self, how: &str) -> TestCounts {
        if self.tally.failed == 0 {
            self.tally.failed = 1;
            self.tally.add_failure(self.last_lines.below(how));
            return self.tally;
        }
        self.finish()
    }

    /// The counts and failures of everything that was read.
    pub(crate) fn finish(mut self) -> TestCounts {
        // Output of a passing test may look like a failure.
        if self.tally.failed > 0 {
            for (name, output) in &self.failing {
                self.tally.add_failure(output.below(name));
            }
            if self.failing.is_empty() {
                self.tally.add_failure(self.last_lines.below("a runner that names no test, its last lines"));
            }
        }
        self.tally
    }
}

/// Result of one try of a test, as a runner reports it.
#[derive(Debug, PartialEq, Eq)]
struct TestStatus<'a> {
    name: &'a str,
    passed: bool,
    duration: Option<Duration>,
}

impl<'a> TestStatus<'a> {
    /// Reads a line of cargo-nextest or of cargo's own runner; `None` where it is no such line.
    fn from_line(line: &'a str) -> Option<Self> {
        // Indented lines are left out: nextest prints the output of tests there.
        if let Some((name, result)) = line.trim_end().strip_prefix("test ").and_then(|rest| rest.rsplit_once(" ... ")) {
            let passed = match result {
                "ok" => true,
                "FAILED" => false,
                _ => return None,
            };
            return Some(Self { name, passed, duration: None });
        }
        // "FAIL [   0.012s] (12/1931) cairn-store::all writes::a_row", "TRY 2 PASS [   0.012s] cairn-store …"
        let (status, rest) = line.trim().split_once(" [")?;
        let status = match status.strip_prefix("TRY ") {
            Some(tried) => tried.split_once(' ')?.1,
            None => status,
        };
        let passed = match status {
            "PASS" | "LEAK" => true,
            // Told by its tries.
            status if status.starts_with("FLAKY") => return None,
            // FAIL, and why: TIMEOUT, ABORT, a signal, XFAIL where it could not be started, and short forms of these where it is tried again.
            status if status.bytes().all(|byte| byte.is_ascii_uppercase() || b"+- ".contains(&byte)) => false,
            _ => return None,
        };
        // Of a test that still runs: "SLOW [> 60.000s]".
        let (duration, name) = rest.split_once(']')?;
        let duration = Duration::try_from_secs_f64(duration.trim().strip_suffix('s')?.parse().ok()?).ok()?;
        let name = name.trim_start();
        let name =
            name.strip_prefix('(').and_then(|counted| counted.split_once(") ")).map_or(name, |(_, name)| name.trim());
        Some(Self { name, passed, duration: Some(duration) })
    }
}

/// The test whose output follows a line of cargo's own runner.
fn output_heading(line: &str) -> Option<&str> {
    line.trim_end().strip_prefix("---- ")?.strip_suffix(" stdout ----")
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
        for name in other.flaky {
            self.add_flaky(name);
        }
        for (duration, name) in other.slowest {
            self.add_duration(duration, &name);
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

    fn read(lines: &[&str]) -> TestCounts {
        let mut reader = OutputReader::default();
        for line in lines {
            reader.read_line(line);
        }
        reader.finish()
    }

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
    fn failed_tests_are_listed_with_their_output() {
        let tally = read(&[
            "        PASS [   0.002s] ( 1/3) cairn-model fields::parses",
            "  TRY 1 FAIL [   1.234s] ( 2/3) cairn-server::http lists::an_order",
            "  stderr ───",
            "    the first try",
            "  TRY 2 FAIL [   1.234s] ( 2/3) cairn-server::http lists::an_order",
            "  stdout ───",
            "",
            "    running 1 test",
            "    test lists::an_order ... FAILED",
            "  stderr ───",
            "    thread 'lists::an_order' (12) panicked at core/server/tests/http/lists.rs:7:5:",
            "    assertion `left == right` failed",
            "      left: 1",
            "     right: 2",
            "     Summary [   0.112s] 3 tests run: 2 passed, 1 failed",
            "  TRY 2 FAIL [   1.234s] ( 2/3) cairn-server::http lists::an_order",
            "error: test run failed",
        ]);
        assert_eq!((tally.passed, tally.failed, tally.flaky.len()), (2, 1, 0));
        let [failure] = tally.failures.as_slice() else { panic!("{:?}", tally.failures) };
        assert!(failure.starts_with("cairn-server::http lists::an_order\n"), "{failure}");
        assert!(failure.contains("lists.rs:7:5") && failure.ends_with("right: 2"), "{failure}");
        assert!(!failure.contains("the first try"), "{failure}");
    }

    #[test]
    fn runners_that_fail_without_a_failed_test_are_listed_with_their_last_lines() {
        let mut reader = OutputReader::default();
        let lines =
            ["PASS [   0.002s] ( 1/1) cairn-model fields::parses", "error: No space left on device (os error 28)"];
        lines.iter().for_each(|line| reader.read_line(line));
        let tally = reader.finish_failed("cargo nextest ended with exit status: 101");
        let [failure] = tally.failures.as_slice() else { panic!("{:?}", tally.failures) };
        assert_eq!(tally.failed, 1);
        assert!(failure.starts_with("cargo nextest ended with") && failure.contains("No space left"), "{failure}");
    }

    #[test]
    fn failures_of_cargo_are_listed_with_their_output() {
        let tally = read(&[
            "test rows::are_there ... FAILED",
            "test rows::are_gone ... ok",
            "---- rows::are_there stdout ----",
            "thread 'rows::are_there' panicked at a.rs:7:5:",
            "nothing is there",
            "failures:",
            "    rows::are_there",
            "test result: FAILED. 1 passed; 1 failed; 0 ignored",
        ]);
        let [failure] = tally.failures.as_slice() else { panic!("{:?}", tally.failures) };
        assert!(failure.starts_with("rows::are_there\n") && failure.contains("nothing is there"), "{failure}");
    }

    #[test]
    fn runners_without_names_are_quoted() {
        let tally = read(&["books: an answer differs", "11 passed, 2 failed"]);
        assert!(tally.failures[0].contains("books: an answer differs"), "{:?}", tally.failures);
    }

    #[test]
    fn tests_that_pass_at_a_later_try_are_flaky_and_not_failed() {
        let tally = read(&[
            "  TRY 1 FAIL [   1.234s] (1/2) cairn-server::http lists::an_order",
            "    thread 'lists::an_order' (12) panicked at core/server/tests/http/lists.rs:7:5:",
            "  TRY 2 SLOW [>  2.000s] (─────) cairn-server::http lists::a_page",
            "  TRY 2 PASS [   1.234s] (1/2) cairn-server::http lists::an_order",
            "     Summary [   0.112s] 2 tests run: 2 passed (1 flaky), 0 skipped",
            "   FLAKY 2/3 [   1.234s] (1/2) cairn-server::http lists::an_order",
        ]);
        assert_eq!((tally.passed, tally.failed, tally.failures.len()), (2, 0, 0));
        let [flaky] = tally.in_suite("crates").flaky.try_into().unwrap();
        assert!(flaky.starts_with("crates: cairn-server::http lists::an_order\n"), "{flaky}");
        assert!(flaky.contains("lists.rs:7:5"), "{flaky}");
    }

    #[test]
    fn tests_that_hang_or_crash_are_failures() {
        let tally = read(&[
            "  TRY 1 SLOW [>  2.000s] (─────) cairn-server::http lists::hangs",
            "TRY 1 TRMNTG [>  6.000s] (─────) cairn-server::http lists::hangs",
            "   TRY 1 TMT [   6.006s] (1/2) cairn-server::http lists::hangs",
            "TRY 1 SIGABRT [   6.006s] (1/2) cairn-server::http lists::crashes",
            "     Summary [  18.071s] 2 tests run: 0 passed, 1 failed, 1 timed out, 0 skipped",
            "   TRY 1 TMT [   6.006s] (1/2) cairn-server::http lists::hangs",
        ]);
        assert_eq!((tally.failed, tally.flaky.len()), (2, 0));
        assert_eq!(tally.failures, ["cairn-server::http lists::crashes", "cairn-server::http lists::hangs"]);
    }

    #[test]
    fn only_the_slowest_tests_are_kept() {
        let mut tally = TestCounts::default();
        for seconds in [3, 1, 2, 5, 4, 9, 8, 7, 6, 10, 11, 0] {
            tally.add_duration(Duration::from_secs(seconds), &seconds.to_string());
        }
        let names: Vec<&str> = tally.slowest.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["11", "10", "9", "8", "7", "6", "5", "4", "3", "2"]);
        assert_eq!(
            TestStatus::from_line("        PASS [   1.500s] (  2/33) cairn-model fields::parses"),
            Some(TestStatus {
                name: "cairn-model fields::parses",
                passed: true,
                duration: Some(Duration::from_millis(1500))
            })
        );
    }
}
