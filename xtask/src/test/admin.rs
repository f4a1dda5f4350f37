//! The admin UI: that it builds, its lints, format and types, its unit tests, and its goals in a real browser against a
//! real server.

use super::{SuiteOutcome, is_ci};
use crate::counts::TestCounts;
use crate::database::{TEST_DATABASE_VARIABLE, isolate_command};
use crate::process::root_command;
use crate::{admin_ui, build, npm, paths, prerequisites, wasm};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// Lines of a failed goal's message that the closing lines show.
const LINES_OF_A_FAILURE: usize = 4;

/// The build, lints, format, unused code, types, whether the API's types are those of the document, unit tests. Returns an error if a tool
/// cannot be started.
pub(super) fn unit_tests() -> Result<SuiteOutcome> {
    if let Some(why) = missing_tools()? {
        return Ok(why);
    }
    let mut tally = TestCounts::default();
    // Before the suites that build the server: built afterwards, it would be compiled a second time.
    tally += TestCounts::check(
        "build of the admin UI",
        admin_ui::build_ui().inspect_err(|error| println!("{error:#}")).is_ok(),
    );
    let mut lint = admin_ui::package_tool("oxlint/bin/oxlint");
    tally += TestCounts::check("oxlint", lint.args(["--deny-warnings", "src", "e2e", "bundle"]).status()?.success());
    let mut format = admin_ui::package_tool("@biomejs/biome/bin/biome");
    tally += TestCounts::check("format of the admin UI", format.arg("format").status()?.success());
    tally += TestCounts::check("knip", admin_ui::package_tool("knip/bin/knip.js").status()?.success());
    tally += TestCounts::check(
        "types of the admin UI",
        admin_ui::package_tool("typescript/bin/tsc").arg("--noEmit").status()?.success(),
    );
    tally += TestCounts::check("types of the API", are_api_types_current()?);
    tally += run_vitest(&mut admin_ui::package_tool("vitest/vitest.mjs"), "admin-unit")?;
    Ok(SuiteOutcome::Ran(tally))
}

/// The goals, on projects in schemas of the database of that URL, or on SQLite. Returns an error if a tool cannot be started, or the server
/// or the admin UI not be built.
pub(super) fn browser_goals(url: Option<&str>) -> Result<SuiteOutcome> {
    if let Some(why) = missing_tools()? {
        return Ok(why);
    }
    if !prerequisites::is_in_path("chromium")
        && let Err(error) = prerequisites::require_tools(&[prerequisites::CHROMIUM])
    {
        return if is_ci() { Err(error) } else { Ok(SuiteOutcome::LeftOut(format!("{error:#}"))) };
    }
    admin_ui::build_ui()?;
    // One goal installs an example.
    wasm::build_components(false)?;
    let mut run = admin_ui::package_tool("vitest/vitest.mjs");
    isolate_command(&mut run)
        .env("CAIRN_BINARY", build::tested_server()?)
        .envs(url.map(|url| (TEST_DATABASE_VARIABLE, url)));
    run.args(["--config", "e2e/vitest.config.ts"]);
    Ok(SuiteOutcome::Ran(run_vitest(&mut run, "admin-goals")?))
}

/// Why nothing can be run here; a failure where nobody would read it.
fn missing_tools() -> Result<Option<SuiteOutcome>> {
    if npm::is_installed() {
        return Ok(None);
    }
    if is_ci() {
        bail!("testing the admin UI requires Node and npm, which are not installed on this machine");
    }
    Ok(Some(SuiteOutcome::LeftOut("node and npm are not installed on this machine".to_owned())))
}

/// Whether `schema.gen.ts` is what the server's document makes of it.
fn are_api_types_current() -> Result<bool> {
    let same = root_command("npm")
        .current_dir(admin_ui::ui_folder())
        .args(["run", "--silent", "types:check"])
        .status()?
        .success();
    if !same {
        println!("admin-ui/src/api/schema.gen.ts does not match the server's document; update it with `npm run types`");
    }
    Ok(same)
}

/// Runs vitest once and counts by its report; a run that breaks off is a failure, whatever it counted.
fn run_vitest(command: &mut Command, name: &str) -> Result<TestCounts> {
    let report = paths::scratch_folder(name)?.join("report.json");
    command.args(["run", "--reporter=default", "--reporter=json"]);
    command.arg(format!("--outputFile.json={}", report.display()));
    let ended_well = command.status().context("cannot start vitest")?.success();
    let mut tally = count_report(&report).unwrap_or_default();
    if !ended_well && tally.failed == 0 {
        tally += TestCounts::check(format!("{name} ended early"), false);
    }
    Ok(tally)
}

/// What vitest's report counts. A file that could not be run has no tests, and is one failure.
fn count_report(report: &Path) -> Result<TestCounts> {
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(report)?)?;
    let number = |name: &str| report[name].as_u64().unwrap_or_default();
    let mut tally =
        TestCounts { passed: number("numPassedTests"), failed: number("numFailedTests"), ..TestCounts::default() };
    for file in report["testResults"].as_array().into_iter().flatten() {
        let tests = file["assertionResults"].as_array().into_iter().flatten();
        for test in tests.filter(|test| test["status"] == "failed") {
            let message = test["failureMessages"][0].as_str().unwrap_or_default();
            let name = test["fullName"].as_str().unwrap_or_default();
            tally.add_failure(format!(
                "{name}: {}",
                message.lines().take(LINES_OF_A_FAILURE).collect::<Vec<_>>().join("\n    ")
            ));
        }
    }
    Ok(tally)
}
