//! The program that makes PDFs: it is in a cargo workspace of its own, which the other suites do not see.

use crate::process::tallied;
use crate::tally::Tally;
use crate::{need, paths, pdf};
use anyhow::Result;

/// Form and tests.
///
/// # Errors
/// When cargo cannot be started, or what reads PDFs for the tests cannot be had.
pub(super) fn run() -> Result<Tally> {
    need::tools(&[need::POPPLER])?;
    let mut tally = Tally::default();
    let mut form = crate::process::cargo();
    form.current_dir(paths::root().join("pdf"));
    tally += Tally::one(form.args(["fmt", "--all", "--check"]).status()?.success());
    tally += tallied(pdf::cargo("test").arg("--no-fail-fast"))?;
    Ok(tally)
}

/// Lints.
///
/// # Errors
/// When cargo cannot be started.
pub(super) fn lints() -> Result<Tally> {
    Ok(Tally::one(pdf::cargo("clippy").args(["--all-targets", "--", "-D", "warnings"]).status()?.success()))
}
