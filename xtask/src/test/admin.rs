//! The admin UI: that it builds, its lints, format and types, its unit tests, and its goals in a real browser against a
//! real server.

use super::applications::APPLICATIONS;
use super::outcome::{SuiteOutcome, is_ci};
use super::tier::Tier;
use crate::counts::TestCounts;
use crate::database::{TEST_DATABASE_VARIABLE, isolate_command};
use crate::process::{root_command, spawn_group};
use crate::{admin_ui, build, npm, paths, pdf, prerequisites, wasm};
use anyhow::{Result, bail};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Lines of a failed test's message that are kept: the first ones, the rest is the way to it.
const LINES_OF_A_FAILURE: usize = 12;
/// How often a file of browser tests is run at most.
const MAX_TRIES: usize = 3;
/// Files of browser tests that are run again after a failure. More have not failed by chance, not even on a slow machine.
const MAX_FILES_TO_REPEAT: usize = 8;

/// The build, lints, format, unused code, types, whether the API's types are those of the document, those for front ends, unit tests. Returns an error if a tool
/// cannot be started.
pub(super) fn unit_tests() -> Result<SuiteOutcome> {
    if let Some(why) = missing_tools()? {
        return Ok(why);
    }
    let mut tally = TestCounts::default();
    // The build comes before the suites that build the server, which would otherwise be compiled a second time.
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
    let mut front_end = admin_ui::package_tool("typescript/bin/tsc");
    front_end.arg("--project").arg(paths::repository_root().join("core/type-generator/tests/front-end"));
    tally += TestCounts::check("types for front ends", front_end.status()?.success());
    tally += run_vitest(&mut admin_ui::package_tool("vitest/vitest.mjs"), "admin-unit")?.into_counts("admin-unit");
    Ok(SuiteOutcome::Ran(tally))
}

/// The goals, those of an application or of the product itself, on projects in schemas of the database of that URL, or on SQLite. Files that fail are run again from the beginning, with a new
/// server: a single test would meet what its first try has written. Returns an error if a tool cannot be started, or the server or the admin
/// UI not be built.
pub(super) fn browser_goals(tier: Tier, url: Option<&str>, application: Option<&str>) -> Result<SuiteOutcome> {
    if let Some(why) = missing_tools()? {
        return Ok(why);
    }
    if !prerequisites::is_in_path("chromium")
        && let Err(error) = prerequisites::require_tools(&[prerequisites::CHROMIUM])
    {
        return if is_ci() { Err(error) } else { Ok(SuiteOutcome::LeftOut(format!("{error:#}"))) };
    }
    admin_ui::build_ui()?;
    // The goals include one that installs an example.
    wasm::build_components(false)?;
    let server = build::tested_server()?;
    // Applications make PDFs; of the product's own goals none does.
    let pdf_program = application.map(|_| pdf::build_program(false)).transpose()?;
    let selected = select_spec_files(tier, application)?;
    let run_files = |files: &[String], name: &str| {
        let mut run = admin_ui::package_tool("vitest/vitest.mjs");
        isolate_command(&mut run).env("CAIRN_BINARY", &server).envs(url.map(|url| (TEST_DATABASE_VARIABLE, url)));
        run.envs(pdf_program.iter().map(|program| (pdf::PROGRAM_VARIABLE, program)));
        run.args(["--config", "e2e/vitest.config.ts", "--passWithNoTests"]);
        run.arg(format!("--tags-filter={}", tags_filter(tier, url.is_some(), application)));
        run_vitest(run.args(files), name)
    };
    let mut report = run_files(&selected, "admin-goals")?;
    for attempt in 2..=MAX_TRIES {
        let failed_files = report.failed_files();
        if !(1..=MAX_FILES_TO_REPEAT).contains(&failed_files.len()) {
            break;
        }
        println!("\n== once more, each with a new server: {}", failed_files.join(", "));
        let repeated = run_files(&failed_files, &format!("admin-goals-{attempt}"))?;
        report.replace_repeated(repeated);
    }
    Ok(SuiteOutcome::Ran(report.into_counts("admin-goals")))
}

/// Returns the filter for the browser tests to run, by what a file is tagged with: an application's, or those of none; `full` not in the
/// gate; on PostgreSQL what depends on the database.
fn tags_filter(tier: Tier, postgres: bool, application: Option<&str>) -> String {
    let mut conditions = match application {
        Some(id) => vec![id.to_owned()],
        None => APPLICATIONS.iter().map(|application| format!("!{}", application.id)).collect(),
    };
    if tier == Tier::Gate {
        conditions.push("!full".to_owned());
    }
    if postgres {
        conditions.push("postgresql".to_owned());
    }
    conditions.join(" && ")
}

/// Returns the files of browser tests that a run can need, by the tags in their first lines. The filter of tags decides; without a list,
/// vitest loads every file of the folder to read its tags, which takes longer than the tests of an application.
fn select_spec_files(tier: Tier, application: Option<&str>) -> Result<Vec<String>> {
    let mut selected = Vec::new();
    for entry in std::fs::read_dir(admin_ui::ui_folder().join("e2e"))? {
        let file = entry?.path().display().to_string();
        if file.ends_with(".spec.ts") && may_be_needed(&std::fs::read_to_string(&file)?, tier, application) {
            selected.push(file);
        }
    }
    selected.sort();
    Ok(selected)
}

/// True if the tags in the first lines of a file of browser tests do not keep it out of a run.
fn may_be_needed(text: &str, tier: Tier, application: Option<&str>) -> bool {
    let tags: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("// @module-tag ")).map(str::trim).collect();
    let is_of_run = match application {
        Some(id) => tags.contains(&id),
        None => !APPLICATIONS.iter().any(|application| tags.contains(&application.id)),
    };
    is_of_run && (tier == Tier::Full || !tags.contains(&"full"))
}

/// Why nothing can be run here; a failure where nobody would read it.
pub(super) fn missing_tools() -> Result<Option<SuiteOutcome>> {
    if npm::is_installed() {
        return Ok(None);
    }
    if is_ci() {
        bail!("testing the admin UI requires Node and npm, which are not installed on this machine");
    }
    Ok(Some(SuiteOutcome::LeftOut("node and npm are not installed on this machine".to_owned())))
}

/// True if `schema.gen.ts` is what the server's document makes of it.
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

/// Report of a run of vitest.
#[derive(Debug, Default)]
pub(super) struct VitestReport {
    /// The tests of each file, by its path.
    files: BTreeMap<String, Vec<VitestTest>>,
    /// True if vitest itself ended without an error.
    ended_well: bool,
    /// Tests that failed before they were repeated.
    flaky: Vec<String>,
}

/// A test in a report of vitest.
#[derive(Debug, Clone)]
struct VitestTest {
    name: String,
    /// `None` if it was skipped.
    passed: Option<bool>,
    /// The first lines of its error; of a test that passed, of the tries before.
    message: String,
    duration: Duration,
}

impl VitestReport {
    /// Reads the report of a run. Returns an error if it is missing or no JSON.
    fn read(report: &Path, ended_well: bool) -> Result<Self> {
        Ok(Self::from_json(&serde_json::from_slice(&std::fs::read(report)?)?, ended_well))
    }

    fn from_json(report: &Value, ended_well: bool) -> Self {
        let mut files = BTreeMap::new();
        for file in report["testResults"].as_array().into_iter().flatten() {
            let path = file["name"].as_str().unwrap_or_default().to_owned();
            let mut tests: Vec<_> = file["assertionResults"].as_array().into_iter().flatten().map(read_test).collect();
            // A file that cannot be run has no tests that failed, and is one failure.
            if file["status"] == "failed" && tests.iter().all(|test| test.passed != Some(false)) {
                let message = first_lines(file["message"].as_str().unwrap_or_default());
                tests.push(VitestTest { name: path.clone(), passed: Some(false), message, duration: Duration::ZERO });
            }
            files.insert(path, tests);
        }
        Self { files, ended_well, flaky: Vec::new() }
    }

    /// The files with a test that failed.
    fn failed_files(&self) -> Vec<String> {
        let has_failed = |tests: &[VitestTest]| tests.iter().any(|test| test.passed == Some(false));
        self.files.iter().filter(|(_, tests)| has_failed(tests)).map(|(path, _)| path.clone()).collect()
    }

    /// Puts files that were run again in place of what they were, and lists their tests that failed only the first time.
    fn replace_repeated(&mut self, repeated: Self) {
        self.ended_well = repeated.ended_well;
        for (path, tests) in repeated.files {
            let before = self.files.insert(path, tests.clone()).unwrap_or_default();
            for test in before.iter().filter(|test| test.passed == Some(false)) {
                if !tests.iter().any(|again| again.name == test.name && again.passed == Some(false)) {
                    self.flaky.push(format!("{}: {}", test.name, test.message));
                }
            }
        }
    }

    /// The counts; a run that broke off is a failure, whatever it counted.
    pub(super) fn into_counts(self, name: &str) -> TestCounts {
        let mut counts = TestCounts::default();
        for test in self.files.values().flatten() {
            match test.passed {
                Some(true) => {
                    counts.passed += 1;
                    counts.add_duration(test.duration, &test.name);
                    if !test.message.is_empty() {
                        counts.add_flaky(format!("{}: {}", test.name, test.message));
                    }
                }
                Some(false) => {
                    counts.failed += 1;
                    counts.add_failure(format!("{}: {}", test.name, test.message));
                }
                None => {}
            }
        }
        for name in self.flaky {
            counts.add_flaky(name);
        }
        if (!self.ended_well && counts.failed == 0) || counts.passed + counts.failed == 0 {
            counts += TestCounts::check(format!("{name} ended early"), false);
        }
        counts
    }
}

/// A test of a report.
fn read_test(test: &Value) -> VitestTest {
    let passed = match test["status"].as_str() {
        Some("passed") => Some(true),
        Some("failed") => Some(false),
        _ => None,
    };
    VitestTest {
        name: test["fullName"].as_str().unwrap_or_default().to_owned(),
        passed,
        message: first_lines(test["failureMessages"][0].as_str().unwrap_or_default()),
        duration: Duration::from_secs_f64(test["duration"].as_f64().unwrap_or_default().max(0.0) / 1000.0),
    }
}

/// As much of a message as the closing lines show.
fn first_lines(message: &str) -> String {
    message.lines().take(LINES_OF_A_FAILURE).collect::<Vec<_>>().join("\n    ")
}

/// Runs vitest once. A run without a report has no files and has not ended well. Returns an error if it cannot be started.
pub(super) fn run_vitest(command: &mut Command, name: &str) -> Result<VitestReport> {
    let report = paths::scratch_folder(name)?.join("report.json");
    command.args(["run", "--reporter=default", "--reporter=json"]);
    command.arg(format!("--outputFile.json={}", report.display()));
    let (mut vitest, _guard) = spawn_group(command)?;
    let ended_well = vitest.wait()?.success();
    Ok(VitestReport::read(&report, ended_well).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn report(tests: &[(&str, &str)], ended_well: bool) -> VitestReport {
        let results: Vec<_> = tests
            .iter()
            .map(|(name, status)| {
                let messages: &[&str] = if *status == "failed" { &["timed out\nat line 1"] } else { &[] };
                json!({ "fullName": name, "status": status, "failureMessages": messages, "duration": 1.5 })
            })
            .collect();
        let status = if ended_well { "passed" } else { "failed" };
        let file = json!({ "name": "/e2e/a.spec.ts", "status": status, "assertionResults": results });
        VitestReport::from_json(&json!({ "testResults": [file] }), ended_well)
    }

    #[test]
    fn browser_tests_are_selected_by_tags() {
        let others: String = APPLICATIONS.iter().map(|application| format!("!{} && ", application.id)).collect();
        assert_eq!(tags_filter(Tier::Gate, false, None), format!("{others}!full"));
        assert_eq!(tags_filter(Tier::Full, true, None), format!("{others}postgresql"));
        assert_eq!(tags_filter(Tier::Gate, false, Some("crm")), "crm && !full");
    }

    #[test]
    fn spec_files_are_selected_by_their_first_lines() {
        let is_needed = |text: &str| {
            [(Tier::Gate, None), (Tier::Full, None), (Tier::Gate, Some("crm")), (Tier::Full, Some("crm"))]
                .map(|(tier, application)| may_be_needed(text, tier, application))
        };
        assert_eq!(is_needed("import"), [true, true, false, false]);
        assert_eq!(is_needed("// @module-tag postgresql\nimport"), [true, true, false, false]);
        assert_eq!(is_needed("// @module-tag full\nimport"), [false, true, false, false]);
        assert_eq!(is_needed("// @module-tag crm\nimport"), [false, false, true, true]);
        assert_eq!(is_needed("// @module-tag crm\n// @module-tag full\n"), [false, false, false, true]);
        assert_eq!(is_needed("import\n// @module-tag full"), [true, true, false, false]);
    }

    #[test]
    fn tests_that_pass_when_repeated_are_flaky() {
        let mut first = report(&[("saves", "failed"), ("deletes", "failed"), ("lists", "passed")], false);
        assert_eq!(first.failed_files(), ["/e2e/a.spec.ts"]);
        first.replace_repeated(report(&[("saves", "passed"), ("deletes", "failed"), ("lists", "passed")], false));
        let counts = first.into_counts("goals");
        assert_eq!((counts.passed, counts.failed), (2, 1));
        assert_eq!(counts.flaky, ["saves: timed out\n    at line 1"]);
        assert_eq!(counts.failures, ["deletes: timed out\n    at line 1"]);
    }

    #[test]
    fn runs_that_break_off_are_failures() {
        assert_eq!(report(&[("saves", "passed")], false).into_counts("goals").failed, 1);
        assert_eq!(report(&[("saves", "passed"), ("lists", "pending")], true).into_counts("goals").failed, 0);
        assert_eq!(report(&[], false).into_counts("goals").failures, ["/e2e/a.spec.ts: "]);
        assert_eq!(VitestReport::default().into_counts("goals").failures, ["goals ended early"]);
    }
}
