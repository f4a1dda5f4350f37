//! Form and lints of the workspace.

use crate::counts::TestCounts;
use crate::process::{self, cargo_command};
use anyhow::{Context, Result};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// Arguments with which every target of the workspace is compiled.
const ALL_TARGETS: [&str; 2] = ["--workspace", "--all-targets"];

/// Set by `.ci/run-cached` where the target folder holds what was built for earlier commits.
const BUILD_CACHE: &str = "CAIRN_BUILD_CACHE";
/// Name of the check that fails where something does not compile.
const COMPILATION: &str = "compilation";

/// Form, and lints without anything that could be run afterwards. Returns an error if cargo cannot be started.
pub(super) fn lint_alone() -> Result<TestCounts> {
    let mut tally = check_format()?;
    let mut clippy = cargo_command();
    clippy.args(["clippy", "--quiet"]).args(ALL_TARGETS).args(["--", "-D", "warnings"]);
    tally += TestCounts::check("clippy", clippy.status()?.success());
    Ok(tally)
}

/// Form, then everything compiled as the suites run it, linted on the way. What each crate took is in `target/cargo-timings` afterwards.
/// Returns an error if cargo cannot be started.
pub(super) fn while_compiling() -> Result<TestCounts> {
    let mut tally = check_format()?;
    let compile = || compile_and_lint(cargo_command().args(["build", "--timings"]).args(ALL_TARGETS));
    let mut compiled = compile()?;
    if std::env::var_os(BUILD_CACHE).is_some() && compiled.failures.iter().any(|failure| failure == COMPILATION) {
        println!("xtask: what was built for earlier commits may be damaged, and is built anew");
        process::run_checked(cargo_command().args(["clean", "--quiet", "--profile", "dev"]))?;
        compiled = compile()?;
    }
    tally += compiled;
    Ok(tally)
}

/// Compiles, after [`process::enable_compile_lints`], and counts twice: that it compiles, and that nothing was found. What is found keeps
/// no suite from running. Returns an error if cargo cannot be started.
pub(super) fn compile_and_lint(build: &mut Command) -> Result<TestCounts> {
    build.arg("--message-format=json-diagnostic-rendered-ansi").stdout(Stdio::piped());
    let mut child = build.spawn().context("cannot start cargo build")?;
    let mut found = 0_u64;
    for line in child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines()) {
        if let Some(text) = parse_finding(&line?) {
            println!("{text}");
            found += 1;
        }
    }
    let mut tally = TestCounts::check(COMPILATION, child.wait()?.success());
    tally += TestCounts::check(format!("clippy: {found} warnings"), found == 0);
    Ok(tally)
}

fn check_format() -> Result<TestCounts> {
    Ok(TestCounts::check("rustfmt", process::cargo_command().args(["fmt", "--all", "--check"]).status()?.success()))
}

/// Returns the finding in a message of cargo's, as a person reads it.
fn parse_finding(line: &str) -> Option<String> {
    let message: Value = serde_json::from_str(line).ok()?;
    let diagnostic = (message["reason"] == "compiler-message").then(|| &message["message"])?;
    let counts =
        matches!(diagnostic["level"].as_str()?, "warning" | "error") && !diagnostic["spans"].as_array()?.is_empty();
    counts.then(|| diagnostic["rendered"].as_str().map(str::to_owned)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn diagnostics_with_a_code_location_are_findings() {
        let line = |level: &str, spans: Value| {
            let message = json!({ "level": level, "spans": spans, "rendered": "unused variable" });
            json!({ "reason": "compiler-message", "message": message }).to_string()
        };
        assert_eq!(parse_finding(&line("warning", json!([{}]))).as_deref(), Some("unused variable"));
        assert!(parse_finding(&line("error", json!([{}]))).is_some());
        // The closing line of a crate: how many there were.
        assert_eq!(parse_finding(&line("warning", json!([]))), None);
        assert_eq!(parse_finding(&line("note", json!([{}]))), None);
        assert_eq!(parse_finding(&json!({ "reason": "build-finished", "success": true }).to_string()), None);
        assert_eq!(parse_finding("   Compiling cairn-model"), None);
    }
}
