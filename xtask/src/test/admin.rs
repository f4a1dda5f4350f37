//! The admin UI: that it builds, its lints, format and types, its unit tests, and its goals in a real browser against a
//! real server.

use super::{Outcome, ci};
use crate::database::{TEST_URL, isolate};
use crate::process::command;
use crate::tally::Tally;
use crate::{admin_ui, build, need, npm, paths, wasm};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// Lines of a failed goal's message that the closing lines show.
const LINES_OF_A_FAILURE: usize = 4;

/// The build, lints, format, unused code, types, whether the API's types are those of the document, unit tests.
///
/// # Errors
/// When a tool cannot be started.
pub(super) fn unit() -> Result<Outcome> {
    if let Some(why) = missing()? {
        return Ok(why);
    }
    let mut tally = Tally::default();
    // Before the suites that build the server: built afterwards, it would be compiled a second time.
    tally +=
        Tally::check("build of the admin UI", admin_ui::build().inspect_err(|error| println!("{error:#}")).is_ok());
    let mut lint = admin_ui::tool("oxlint/bin/oxlint");
    tally += Tally::check("oxlint", lint.args(["--deny-warnings", "src", "e2e", "bundle"]).status()?.success());
    let mut format = admin_ui::tool("@biomejs/biome/bin/biome");
    tally += Tally::check("format of the admin UI", format.arg("format").status()?.success());
    tally += Tally::check("knip", admin_ui::tool("knip/bin/knip.js").status()?.success());
    tally +=
        Tally::check("types of the admin UI", admin_ui::tool("typescript/bin/tsc").arg("--noEmit").status()?.success());
    tally += Tally::check("types of the API", types_are_of_the_document()?);
    tally += vitest(&mut admin_ui::tool("vitest/vitest.mjs"), "admin-unit")?;
    Ok(Outcome::Ran(tally))
}

/// The goals, on projects in schemas of the database of that URL, or on SQLite.
///
/// # Errors
/// When a tool cannot be started, or the server or the admin UI not be built.
pub(super) fn goals(url: Option<&str>) -> Result<Outcome> {
    if let Some(why) = missing()? {
        return Ok(why);
    }
    if !need::present("chromium")
        && let Err(error) = need::tools(&[need::CHROMIUM])
    {
        return if ci() { Err(error) } else { Ok(Outcome::LeftOut(format!("{error:#}"))) };
    }
    admin_ui::build()?;
    // One goal installs an example.
    wasm::components(false)?;
    let mut run = admin_ui::tool("vitest/vitest.mjs");
    isolate(&mut run).env("CAIRN_BINARY", build::tested_server()?).envs(url.map(|url| (TEST_URL, url)));
    run.args(["--config", "e2e/vitest.config.ts"]);
    Ok(Outcome::Ran(vitest(&mut run, "admin-goals")?))
}

/// Why nothing can be run here; a failure where nobody would read it.
fn missing() -> Result<Option<Outcome>> {
    if npm::present() {
        return Ok(None);
    }
    if ci() {
        bail!("testing the admin UI requires Node and npm, which are not installed on this machine");
    }
    Ok(Some(Outcome::LeftOut("node and npm are not installed on this machine".to_owned())))
}

/// Whether `schema.gen.ts` is what the server's document makes of it.
fn types_are_of_the_document() -> Result<bool> {
    let same =
        command("npm").current_dir(admin_ui::folder()).args(["run", "--silent", "types:check"]).status()?.success();
    if !same {
        println!("admin-ui/src/api/schema.gen.ts does not match the server's document; update it with `npm run types`");
    }
    Ok(same)
}

/// Runs vitest once and counts by its report; a run that breaks off is a failure, whatever it counted.
fn vitest(command: &mut Command, name: &str) -> Result<Tally> {
    let report = paths::scratch(name)?.join("report.json");
    command.args(["run", "--reporter=default", "--reporter=json"]);
    command.arg(format!("--outputFile.json={}", report.display()));
    let ended_well = command.status().context("cannot start vitest")?.success();
    let mut tally = counted(&report).unwrap_or_default();
    if !ended_well && tally.failed == 0 {
        tally += Tally::check(format!("{name} ended early"), false);
    }
    Ok(tally)
}

/// What vitest's report counts. A file that could not be run has no tests, and is one failure.
fn counted(report: &Path) -> Result<Tally> {
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(report)?)?;
    let number = |name: &str| report[name].as_u64().unwrap_or_default();
    let mut tally = Tally { passed: number("numPassedTests"), failed: number("numFailedTests"), ..Tally::default() };
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
