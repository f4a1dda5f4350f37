//! The program that makes PDFs: it is in a cargo workspace of its own, which the other suites do not see.

use super::lint;
use crate::counts::TestCounts;
use crate::process::run_counted;
use crate::{paths, pdf, prerequisites};
use anyhow::Result;

/// Form, lints and tests. Returns an error if cargo cannot be started, or what reads PDFs for the tests cannot be had.
pub(super) fn run() -> Result<TestCounts> {
    prerequisites::require_tools(&[prerequisites::POPPLER])?;
    let mut tally = TestCounts::default();
    let mut form = crate::process::cargo_command();
    form.current_dir(paths::repository_root().join("pdf"));
    tally += TestCounts::check("rustfmt of pdf", form.args(["fmt", "--all", "--check"]).status()?.success());
    tally += lint::compile_and_lint(pdf::cargo_command("build").arg("--all-targets"))?;
    tally += run_counted(pdf::cargo_command("test").arg("--no-fail-fast"))?;
    Ok(tally)
}
