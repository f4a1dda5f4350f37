//! Code that runs inside plugins: it has cargo workspaces of its own, which the other suites do not see.

use super::lint;
use crate::counts::TestCounts;
use crate::process::run_counted;
use crate::wasm::scripts::{self, ScriptLanguage};
use crate::{paths, prerequisites, wasm};
use anyhow::Result;
use std::iter;
use std::path::Path;
use std::process::Command;

/// Runs formatting, lints and native tests of each workspace; types and tests of each library and plugin in another language; then
/// builds all of it as components. Returns an error if cargo cannot be started.
pub(super) fn run() -> Result<TestCounts> {
    prerequisites::require_tools(&[prerequisites::CC])?;
    let mut tally = TestCounts::default();
    for workspace in wasm::list_workspaces()? {
        println!("-- {}", workspace.strip_prefix(paths::repository_root()).unwrap_or(&workspace).display());
        tally += TestCounts::check(
            "rustfmt of plugins",
            workspace_cargo(&workspace).args(["fmt", "--all", "--check"]).status()?.success(),
        );
        let mut build = workspace_cargo(&workspace);
        build.args(["build", "--quiet", "--locked", "--workspace", "--all-targets", "--target-dir"]);
        tally += lint::compile_and_lint(build.arg(wasm::target_folder()))?;
        let mut test = workspace_cargo(&workspace);
        test.args(["test", "--quiet", "--locked", "--workspace", "--no-fail-fast", "--target-dir"])
            .arg(wasm::target_folder());
        tally += run_counted(&mut test)?;
    }
    for language in ScriptLanguage::ALL {
        tally += in_language(language)?;
    }
    let built = wasm::build_components(false);
    if let Err(error) = &built {
        println!("xtask: {error:#}");
    }
    tally += TestCounts::check("components", built.is_ok());
    Ok(tally)
}

/// Checks types and runs unit tests of a library, and of each plugin that uses it.
fn in_language(language: ScriptLanguage) -> Result<TestCounts> {
    let mut tally = TestCounts::default();
    for folder in iter::once(language.library_folder()).chain(scripts::plugin_folders(language)?) {
        println!("-- {}", folder.strip_prefix(paths::repository_root()).unwrap_or(&folder).display());
        tally += TestCounts::check(
            format!("check of {}", folder.display()),
            language.build_tool()?.arg("check").arg(&folder).status()?.success(),
        );
        if folder.join(language.test_folder()).is_dir() {
            tally += run_counted(language.build_tool()?.arg("test").arg(&folder))?;
        }
    }
    Ok(tally)
}

/// Cargo in a workspace, with the formatting settings of the repository around it.
fn workspace_cargo(workspace: &Path) -> Command {
    let mut cargo = crate::process::cargo_command();
    cargo.current_dir(workspace);
    cargo
}
