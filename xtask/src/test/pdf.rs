//! The program that makes PDFs: it is in a cargo workspace of its own, which the other suites do not see.

use super::lint;
use super::tier::Tier;
use crate::counts::TestCounts;
use crate::process::run_counted;
use crate::{paths, pdf, prerequisites};
use anyhow::Result;

/// Form, lints and tests; without those in a module `full` in the gate. Returns an error if cargo cannot be started, or what reads PDFs for the tests cannot be had.
pub(super) fn run(tier: Tier) -> Result<TestCounts> {
    prerequisites::require_tools(&[prerequisites::POPPLER, prerequisites::QPDF])?;
    let mut tally = TestCounts::default();
    let mut form = crate::process::cargo_command();
    form.current_dir(paths::repository_root().join("pdf"));
    tally += TestCounts::check("rustfmt of pdf", form.args(["fmt", "--all", "--check"]).status()?.success());
    tally += lint::compile_and_lint(pdf::cargo_command("build").arg("--all-targets"))?;
    let mut tests = pdf::cargo_command("test");
    tests.arg("--no-fail-fast");
    if tier == Tier::Gate {
        tests.args(["--", "--skip", "full::"]);
    }
    tally += run_counted(&mut tests)?;
    Ok(tally)
}
