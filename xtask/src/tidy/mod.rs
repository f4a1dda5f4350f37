//! `cargo xtask tidy`: the rules of the house that neither the compiler nor clippy knows.
//!
//! A rule is a function from nothing to the list of its problems; to add one, write it in a file here and name it
//! in [`RULES`].

mod crates;
mod dependencies;
mod doc_tests;
mod files;
mod recipes;
mod sql;

pub(crate) use dependencies::{Edge, edges};

use crate::tally::Tally;
use anyhow::{Result, bail};

/// What breaks a rule, one line each; empty when nothing does.
type Problems = Vec<String>;
/// Finds the problems; fails where it cannot look.
type Rule = fn() -> Result<Problems>;

/// The rules, each with what it says.
const RULES: [(&str, Rule); 8] = [
    ("crates depend only on crates below them", dependencies::directions),
    ("a database driver, web framework, hash or codec is used by one crate only", dependencies::owners),
    ("SQL is in core/store only", sql::elsewhere),
    ("every crate has a README and a line in docs/architecture.md", crates::undescribed),
    ("paths in the recipes exist", recipes::paths),
    ("no file contains a path of somebody's machine", files::machine_paths),
    ("examples in doc comments are run", doc_tests::switched_off),
    ("no source file is longer than 700 lines", files::long),
];

/// Runs the rules and prints what they find.
///
/// # Errors
/// When a rule is broken or cannot be checked.
pub(crate) fn run() -> Result<()> {
    let tally = check()?;
    println!("tidy: {tally}");
    if tally.failed > 0 {
        bail!("the tree is not tidy");
    }
    Ok(())
}

/// Runs the rules and prints what they find; one check each.
///
/// # Errors
/// When a rule cannot be checked.
pub(crate) fn check() -> Result<Tally> {
    let mut tally = Tally::default();
    for (rule, check) in RULES {
        let problems = check()?;
        if !problems.is_empty() {
            println!("tidy: {rule}:");
            for problem in &problems {
                println!("    {problem}");
            }
        }
        tally += Tally::check(format!("tidy: {rule}"), problems.is_empty());
    }
    Ok(tally)
}
