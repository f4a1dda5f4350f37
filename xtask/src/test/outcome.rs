//! Outcomes of suites.

use crate::counts::TestCounts;

/// The result of a suite.
pub(super) enum SuiteOutcome {
    Ran(TestCounts),
    LeftOut(String),
}

/// True if nobody is there to read which suites were left out.
pub(super) fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}
