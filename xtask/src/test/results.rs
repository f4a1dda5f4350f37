//! Results of the suites of a run.

use super::budgets;
use super::closing_lines::{SuiteUsage, UsageClock};
use super::outcome::SuiteOutcome;
use super::suite::Suite;
use super::tier::Tier;
use crate::counts::TestCounts;
use crate::database::SharedServers;
use serde::{Deserialize, Serialize};

/// Results of the suites of a run, and what each took.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct RunResults {
    /// Counts of all suites together; failures name their suite.
    pub(super) total: TestCounts,
    /// Each suite that ran, in the order of their ends.
    pub(super) usages: Vec<SuiteUsage>,
    /// Suites that did not run, and why.
    pub(super) left_out: Vec<String>,
}

impl RunResults {
    /// Runs a suite, and adds what it found.
    pub(super) fn run_suite(&mut self, suite: &Suite, tier: Tier, servers: &SharedServers) {
        let clock = UsageClock::start();
        let counts = match suite.run_until_it_passes(tier, servers) {
            Ok(SuiteOutcome::Ran(counts)) => counts,
            Ok(SuiteOutcome::LeftOut(why)) => {
                self.left_out.push(format!("{}: {why}", suite.title()));
                return;
            }
            Err(error) => {
                println!("== {}: {error:#}", suite.title());
                TestCounts::check(format!("{error:#}"), false)
            }
        };
        let usage = SuiteUsage::new(suite.title(), &counts, &clock, budgets::find_budget(tier, &suite.title()));
        println!("== {usage}");
        self.usages.push(usage);
        self.total += counts.in_suite(&suite.title());
    }

    /// Adds what other suites have found.
    pub(super) fn add(&mut self, others: Self) {
        self.total += others.total;
        self.usages.extend(others.usages);
        self.left_out.extend(others.left_out);
    }
}
