//! Signposts: every crate has a README and a line in `docs/architecture.md`.

use super::problems::TidyProblems;
use crate::paths;
use anyhow::{Context, Result};
use std::fs;

/// The page with a line for each crate.
const ARCHITECTURE: &str = "docs/architecture.md";

/// Finds the crates of `core/`, and `xtask`, that have no README or no line in [`ARCHITECTURE`]. Returns an error if a folder or the
/// page cannot be read.
pub(super) fn undescribed() -> Result<TidyProblems> {
    let root = paths::repository_root();
    let mut folders = vec!["xtask".to_owned()];
    for entry in fs::read_dir(root.join("core")).context("core")? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            folders.push(format!("core/{}", entry.file_name().to_string_lossy()));
        }
    }
    folders.sort();
    let architecture = fs::read_to_string(root.join(ARCHITECTURE)).context(ARCHITECTURE)?;
    let mut problems = Vec::new();
    for folder in folders {
        if !root.join(&folder).join("README.md").is_file() {
            problems.push(format!("{folder} has no README.md"));
        }
        if !has_line(&architecture, &folder) {
            problems.push(format!("{folder} is not listed in {ARCHITECTURE}"));
        }
    }
    Ok(problems)
}

/// True if the table of crates has a row for that folder.
fn has_line(architecture: &str, folder: &str) -> bool {
    let row = format!("| `{folder}` |");
    architecture.lines().any(|line| line.starts_with(&row))
}

#[cfg(test)]
mod tests {
    use super::has_line;

    #[test]
    fn crate_requires_its_own_table_row() {
        let page = "| crate | question |\n| `core/store` | How is data stored? |\nsee `core/query`";
        assert!(has_line(page, "core/store"));
        assert!(!has_line(page, "core/query") && !has_line(page, "core/stor"));
    }
}
