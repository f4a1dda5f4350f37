//! `cargo xtask tidy`: the rules of the house that neither the compiler nor clippy knows.
//!
//! A rule is a function from nothing to the list of its problems; to add one, write it in a file here and name it
//! in [`TIDY_RULES`].

mod circles;
mod comments;
mod crates;
mod dependencies;
mod doc_comments;
mod doc_tests;
mod files;
mod names;
mod problems;
mod recipes;
mod sql;

pub(crate) use dependencies::{DependencyEdge, load_edges};

use crate::counts::TestCounts;
use anyhow::{Result, bail};
use problems::TidyProblems;

/// Finds the problems; fails where it cannot look.
type TidyRule = fn() -> Result<TidyProblems>;

/// The rules, each with what it says.
const TIDY_RULES: [(&str, TidyRule); 16] = [
    ("crates depend only on crates below them", dependencies::check_directions),
    ("a database driver, web framework, hash or codec is used by one crate only", dependencies::check_owners),
    ("SQL is in core/store only", sql::sql_outside_store),
    ("every crate has a README and a line in docs/architecture.md", crates::undescribed),
    ("paths in the recipes exist", recipes::missing_paths),
    ("no file contains a path of somebody's machine", files::machine_paths),
    ("examples in doc comments are run", doc_tests::switched_off),
    ("doc comments begin with a noun or verb phrase", doc_comments::vague_beginnings),
    ("comments begin with their subject", comments::comments_without_subject),
    ("packages have the frame kit as it is now", files::outdated_kits),
    ("no source file is longer than 700 lines", files::long_files),
    ("files that all use each other are three at most", circles::large_circles),
    ("a type name is defined in two files at most", names::repeated_type_names),
    ("types and files are not called by a participle or pronoun", names::words_that_name_nothing),
    ("below the routes, results are typed", names::untyped_results),
    ("each suite of the gate has a budget, and together they fit into it", crate::test::check_budgets),
];

/// Runs the rules and prints what they find. Returns an error if a rule is broken or cannot be checked.
pub(crate) fn run() -> Result<()> {
    let tally = check_rules()?;
    println!("tidy: {tally}");
    if tally.failed > 0 {
        bail!("the tree is not tidy");
    }
    Ok(())
}

/// Runs the rules and prints what they find; one check each. Returns an error if a rule cannot be checked.
pub(crate) fn check_rules() -> Result<TestCounts> {
    let mut tally = TestCounts::default();
    for (rule, check) in TIDY_RULES {
        let problems = check()?;
        if !problems.is_empty() {
            println!("tidy: {rule}:");
            for problem in &problems {
                println!("    {problem}");
            }
        }
        tally += TestCounts::check(format!("tidy: {rule}"), problems.is_empty());
    }
    Ok(tally)
}
