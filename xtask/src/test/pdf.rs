//! The program that makes PDFs: it is in a cargo workspace of its own, which the other suites do not see.

use super::lint;
use crate::process::tallied;
use crate::tally::Tally;
use crate::{need, paths, pdf};
use anyhow::Result;

/// Form, lints and tests.
///
/// # Errors
/// When cargo cannot be started, or what reads PDFs for the tests cannot be had.
pub(super) fn run() -> Result<Tally> {
    need::tools(&[need::POPPLER])?;
    let mut tally = Tally::default();
    let mut form = crate::process::cargo();
    form.current_dir(paths::root().join("pdf"));
    tally += Tally::check("rustfmt of pdf", form.args(["fmt", "--all", "--check"]).status()?.success());
    tally += lint::compile(pdf::cargo("build").arg("--all-targets"))?;
    tally += tallied(pdf::cargo("test").arg("--no-fail-fast"))?;
    Ok(tally)
}
