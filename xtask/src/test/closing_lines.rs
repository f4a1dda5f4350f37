//! The closing lines of a run: all that somebody needs who sees nothing else of it.

use super::results::RunResults;
use crate::counts::TestCounts;
use crate::paths;
use crate::process::{root_command, run_output};
use anyhow::Result;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::{Duration, Instant};

/// Lines that all failed and flaky tests together may take.
const MAX_LINES: usize = 60;
/// Characters of a line that are shown: an assertion may print two lists of thousands.
const MAX_LINE_CHARACTERS: usize = 400;
/// The fewest lines that a failed or flaky test is shown with: its name, and the end of what it said.
const MIN_TEST_LINES: usize = 4;

/// Measures what a suite takes, from its start.
pub(super) struct UsageClock {
    started: Instant,
    processor_at_start: Duration,
}

impl UsageClock {
    /// Starts to measure.
    pub(super) fn start() -> Self {
        Self { started: Instant::now(), processor_at_start: processor_time_of_children() }
    }
}

/// Processor time of all programs that were started and have ended. A database that goes on running is not among them.
fn processor_time_of_children() -> Duration {
    getrusage(UsageWho::RUSAGE_CHILDREN).map_or(Duration::ZERO, |usage| {
        let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
        Duration::from_micros(micros.try_into().unwrap_or_default())
    })
}

/// Time that a suite took, and its results.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SuiteUsage {
    title: String,
    passed: u64,
    failed: u64,
    wall: Duration,
    processor: Duration,
    /// Processor time that it may take; `None` outside of the gate.
    budget: Option<Duration>,
}

impl SuiteUsage {
    /// Measures what a suite with those results has taken until now, beside what it may take.
    pub(super) fn new(title: String, counts: &TestCounts, clock: &UsageClock, budget: Option<Duration>) -> Self {
        Self {
            title,
            passed: counts.passed,
            failed: counts.failed,
            wall: clock.started.elapsed(),
            processor: processor_time_of_children().saturating_sub(clock.processor_at_start),
            budget,
        }
    }

    fn is_over_budget(&self) -> bool {
        self.budget.is_some_and(|budget| self.processor > budget)
    }
}

impl fmt::Display for SuiteUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let budget = self.budget.map(|budget| format!(" of {}", budget.as_secs())).unwrap_or_default();
        write!(
            f,
            "{:5} passed {:3} failed {:6} s {:>12} s of processor time  {}",
            self.passed,
            self.failed,
            self.wall.as_secs(),
            format!("{}{budget}", self.processor.as_secs()),
            self.title
        )
    }
}

/// Prints what was left out, the table of suites, those over their budget, the slowest tests, what was flaky, what failed, and the totals as the
/// last line. `wall` is how long the whole run took: suites that ran beside one another took longer in sum.
pub(super) fn print_closing_lines(results: &RunResults, wall: Duration) {
    let RunResults { total, usages, left_out } = results;
    println!();
    for usage in usages {
        println!("{usage}");
    }
    let processor: Duration = usages.iter().map(|usage| usage.processor).sum();
    println!("together: {} s, {} s of processor time", wall.as_secs(), processor.as_secs());
    for usage in usages.iter().filter(|usage| usage.is_over_budget()) {
        println!("over its budget: {}", usage.title);
    }
    for (duration, name) in &total.slowest {
        println!("slow: {:6.1} s  {name}", duration.as_secs_f64());
    }
    for line in left_out {
        println!("left out: {line}");
    }
    for line in describe_tests(total) {
        println!("{line}");
    }
    println!("{total}");
}

/// The flaky and the failed tests, with as much of what they said as there is room for.
fn describe_tests(total: &TestCounts) -> Vec<String> {
    let count = total.flaky.len() + total.failures.len();
    let lines_per_test = MAX_LINES.checked_div(count).unwrap_or_default().max(MIN_TEST_LINES);
    let describe = |kind: &str, text: &str| shorten(&format!("{kind}: {text}"), lines_per_test);
    let flaky = total.flaky.iter().map(|text| describe("flaky", text));
    flaky.chain(total.failures.iter().map(|text| describe("failed", text))).flatten().collect()
}

/// The first line of a text and its last ones, `most` in all; of long lines the beginning.
fn shorten(text: &str, most: usize) -> Vec<String> {
    let mut lines = text.lines().map(|line| line.chars().take(MAX_LINE_CHARACTERS).collect::<String>());
    let mut kept: Vec<String> = lines.next().into_iter().collect();
    let rest: Vec<String> = lines.collect();
    kept.extend_from_slice(&rest[rest.len().saturating_sub(most.saturating_sub(1))..]);
    kept
}

/// Writes which commit has passed, where the tree is that commit and nothing else.
///
/// # Errors
/// The file cannot be written. A folder that is no clone is no error.
pub(super) fn note_verified_commit() -> Result<()> {
    let git = |arguments: &[&str]| run_output(root_command("git").args(arguments));
    let (Ok(changes), Ok(commit)) = (git(&["status", "--porcelain"]), git(&["rev-parse", "HEAD"])) else {
        return Ok(());
    };
    if changes.trim().is_empty() {
        std::fs::write(paths::target_folder().join("verified-commit"), commit)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suite_over_its_budget_is_told_from_one_within_it() {
        let usage = |seconds, budget: Option<u64>| SuiteUsage {
            title: "crash".to_owned(),
            passed: 1,
            failed: 0,
            wall: Duration::from_secs(9),
            processor: Duration::from_secs(seconds),
            budget: budget.map(Duration::from_secs),
        };
        assert!(usage(41, Some(40)).is_over_budget());
        assert!(!usage(40, Some(40)).is_over_budget() && !usage(4_000, None).is_over_budget());
        assert!(usage(41, Some(40)).to_string().contains(" 41 of 40 s of processor time  crash"));
        assert!(usage(41, None).to_string().contains(" 41 s of processor time  crash"));
    }

    #[test]
    fn tests_are_described_by_their_name_and_the_end_of_their_output() {
        let failure =
            |lines: usize| (0..lines).fold("a test".to_owned(), |text, line| format!("{text}\n    line {line}"));
        let one = describe_tests(&TestCounts { failures: vec![failure(30)], ..TestCounts::default() });
        assert_eq!((one.len(), one[0].as_str(), one[30].as_str()), (31, "failed: a test", "    line 29"));
        let flaky = vec![failure(30), failure(0)];
        let many = describe_tests(&TestCounts { flaky, failures: vec![failure(30); 18], ..TestCounts::default() });
        assert_eq!(many[..2], ["flaky: a test", "    line 27"]);
        assert!(many.len() <= MAX_LINES + 20, "{} lines", many.len());
        assert!(describe_tests(&TestCounts::default()).is_empty());
        let long = describe_tests(&TestCounts { failures: vec!["é".repeat(9_000)], ..TestCounts::default() });
        assert_eq!(long[0].chars().count(), MAX_LINE_CHARACTERS);
    }
}
