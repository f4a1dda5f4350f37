//! How much processor time each suite of the gate may take: one table, so that a suite that grows has to take its time from another one.

use super::plan::plan_suites;
use super::suite::Suite;
use super::tier::Tier;
use anyhow::Result;
use std::time::Duration;

/// Processor time of the whole gate from nothing, in seconds: 36 minutes on two cores.
const GATE_SECONDS: u64 = 2 * 36 * 60;

/// Processor time that an application may take, in seconds.
pub(super) const APPLICATION_SECONDS: u64 = 90;

/// Processor time from nothing, in seconds, by the title of a suite: what it took on the machines of the table in `docs/contributors.md`, and
/// room for a slower day.
const SUITE_SECONDS: [(&str, u64); 23] = [
    ("tidy", 70),
    ("the admin UI", 210),
    ("rustfmt, compilation and clippy", 1_480),
    ("plugins, natively and as components", 280),
    ("the program that makes PDFs", 290),
    ("the crates' tests", 750),
    ("the crates' tests on PostgreSQL", 220),
    ("the CRM", APPLICATION_SECONDS),
    ("e-signing", APPLICATION_SECONDS),
    ("the journey", APPLICATION_SECONDS),
    ("the knowledge base", APPLICATION_SECONDS),
    ("the customer portal", APPLICATION_SECONDS),
    ("the applications together", 60),
    ("the admin UI in a browser", 150),
    ("the customers' site", APPLICATION_SECONDS),
    ("mail to a real server", 30),
    ("files in a real object store, conformance on it included", 45),
    ("uploads in pieces, with the server killed", 30),
    ("conformance with Strapi's recorded answers", 30),
    ("Strapi's own JavaScript client", 20),
    ("the JavaScript client", 30),
    ("crash", 40),
    ("crash on PostgreSQL", 40),
];

/// Returns the processor time that a suite of that title may take in the gate; `None` for suites that are not in it.
pub(super) fn find_budget(tier: Tier, title: &str) -> Option<Duration> {
    let seconds = SUITE_SECONDS.iter().find(|(suite, _)| *suite == title)?.1;
    (tier == Tier::Gate).then(|| Duration::from_secs(seconds))
}

/// Suites of the gate without a budget, budgets without a suite, and a sum that is more than the gate has. Returns an error if the gate
/// cannot be planned.
pub(crate) fn check_budgets() -> Result<Vec<String>> {
    let suites: Vec<String> = plan_suites(Tier::Gate, None, None)?.iter().map(Suite::title).collect();
    Ok(find_problems(&suites, &SUITE_SECONDS, GATE_SECONDS))
}

fn find_problems(suites: &[String], budgets: &[(&str, u64)], gate: u64) -> Vec<String> {
    let without_budget = suites
        .iter()
        .filter(|suite| budgets.iter().all(|(title, _)| title != suite))
        .map(|suite| format!("{suite}: no budget; give it one in xtask/src/test/budgets.rs"));
    let without_suite = budgets
        .iter()
        .filter(|(title, _)| suites.iter().all(|suite| suite != title))
        .map(|(title, _)| format!("{title}: a budget, and no such suite in the gate"));
    let mut problems: Vec<String> = without_budget.chain(without_suite).collect();
    let sum: u64 = budgets.iter().map(|(_, seconds)| seconds).sum();
    if sum > gate {
        problems.push(format!("the suites together have {sum} s, the gate {gate} s: take the time from another suite"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_suite_has_a_budget_and_the_sum_fits() {
        assert_eq!(check_budgets().unwrap(), Vec::<String>::new());
        let suites = ["tidy".to_owned(), "crash".to_owned()];
        assert_eq!(find_problems(&suites, &[("tidy", 60), ("crash", 40)], 100), Vec::<String>::new());
        let problems = find_problems(&suites, &[("tidy", 60), ("browser", 41)], 100);
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems[0].starts_with("crash: no budget") && problems[2].contains("101 s"), "{problems:?}");
    }

    #[test]
    fn budgets_are_those_of_the_gate() {
        assert_eq!(find_budget(Tier::Gate, "crash"), Some(Duration::from_secs(40)));
        assert_eq!(find_budget(Tier::Full, "crash"), None);
        assert_eq!(find_budget(Tier::Gate, "cairn-store's tests"), None);
    }
}
