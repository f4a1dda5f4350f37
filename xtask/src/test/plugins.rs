//! Code that runs inside plugins: it has cargo workspaces of its own, which the other suites do not see.

use super::lint;
use crate::process::tallied;
use crate::tally::Tally;
use crate::wasm::scripts::{self, Language};
use crate::{need, paths, wasm};
use anyhow::Result;
use std::iter;
use std::path::Path;
use std::process::Command;

/// Runs formatting, lints and native tests of each workspace; types and tests of each library and plugin in another language; then
/// builds all of it as components.
///
/// # Errors
/// When cargo cannot be started.
pub(super) fn run() -> Result<Tally> {
    need::tools(&[need::CC])?;
    let mut tally = Tally::default();
    for workspace in wasm::workspaces()? {
        println!("-- {}", workspace.strip_prefix(paths::root()).unwrap_or(&workspace).display());
        tally +=
            Tally::check("rustfmt of plugins", cargo(&workspace).args(["fmt", "--all", "--check"]).status()?.success());
        let mut build = cargo(&workspace);
        build.args(["build", "--quiet", "--locked", "--workspace", "--all-targets", "--target-dir"]);
        tally += lint::compile(build.arg(wasm::target()))?;
        let mut test = cargo(&workspace);
        test.args(["test", "--quiet", "--locked", "--workspace", "--no-fail-fast", "--target-dir"]).arg(wasm::target());
        tally += tallied(&mut test)?;
    }
    for language in Language::ALL {
        tally += in_language(language)?;
    }
    let built = wasm::components(false);
    if let Err(error) = &built {
        println!("xtask: {error:#}");
    }
    tally += Tally::check("components", built.is_ok());
    Ok(tally)
}

/// Checks types and runs unit tests of a library, and of each plugin that uses it.
fn in_language(language: Language) -> Result<Tally> {
    let mut tally = Tally::default();
    for folder in iter::once(language.library()).chain(scripts::folders(language)?) {
        println!("-- {}", folder.strip_prefix(paths::root()).unwrap_or(&folder).display());
        tally += Tally::check(
            format!("check of {}", folder.display()),
            language.tool()?.arg("check").arg(&folder).status()?.success(),
        );
        if folder.join(language.tests()).is_dir() {
            tally += tallied(language.tool()?.arg("test").arg(&folder))?;
        }
    }
    Ok(tally)
}

/// Cargo in a workspace, with the formatting settings of the repository around it.
fn cargo(workspace: &Path) -> Command {
    let mut cargo = crate::process::cargo();
    cargo.current_dir(workspace);
    cargo
}
