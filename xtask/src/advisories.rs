//! `cargo xtask advisories`: known holes (RustSec) in what the binaries have in them, the runtime of plugins first of all. `cargo audit`
//! knows them; a hole in anything that a lock file names is a failure.

use crate::counts::TestCounts;
use crate::process;
use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Lock files of all that is built: the server, the program that makes PDFs, and the library that plugins are written with.
const LOCK_FILES: [&str; 3] = ["Cargo.lock", "pdf/Cargo.lock", "plugins/Cargo.lock"];

/// How to get what looks.
const INSTALL_COMMAND: &str = "cargo install cargo-audit --locked";

/// Looks, and says what there is. Returns an error if there is a hole, or nothing to look with.
pub(crate) fn run() -> Result<()> {
    match check()? {
        Ok(tally) if tally.failed == 0 => {
            println!("{} lock files, no known vulnerabilities", tally.passed);
            Ok(())
        }
        Ok(tally) => bail!("known vulnerabilities in {} of {} lock files", tally.failed, LOCK_FILES.len()),
        Err(why) => bail!("{why}"),
    }
}

/// One check for each lock file; the inner error says why there is none to be had. Returns an error if `cargo audit` cannot be started.
pub(crate) fn check() -> Result<Result<TestCounts, String>> {
    let present = process::root_command("cargo").args(["audit", "--version"]).output();
    if !present.is_ok_and(|output| output.status.success()) {
        return Ok(Err(format!("cargo-audit is not installed: {INSTALL_COMMAND}")));
    }
    let mut tally = TestCounts::default();
    for file in LOCK_FILES {
        let mut audit = process::root_command("cargo");
        let output = audit.args(["audit", "--json", "--file", file]).output().context("cannot start cargo audit")?;
        let Some(holes) = list_advisories(&String::from_utf8_lossy(&output.stdout)) else {
            // The list of advisories comes over the network.
            let why = String::from_utf8_lossy(&output.stderr);
            return Ok(Err(format!(
                "cargo audit printed no result: {}",
                why.trim().lines().last().unwrap_or_default()
            )));
        };
        for hole in &holes {
            println!("{file}: {hole}");
        }
        tally += TestCounts::check("known vulnerabilities", holes.is_empty());
    }
    Ok(Ok(tally))
}

/// Lists the advisories in a report, a line each; nothing where it is no report.
fn list_advisories(report: &str) -> Option<Vec<String>> {
    let report: Value = serde_json::from_str(report).ok()?;
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let list = report["vulnerabilities"]["list"].as_array()?;
    let lines = list.iter().map(|found| {
        let (advisory, package) = (&found["advisory"], &found["package"]);
        let (id, title) = (text(&advisory["id"]), text(&advisory["title"]));
        format!("{id} in {} {}: {title}", text(&package["name"]), text(&package["version"]))
    });
    Some(lines.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn advisories_are_listed_with_id_crate_and_title() {
        let report = |list: Value| json!({ "vulnerabilities": { "found": true, "list": list } }).to_string();
        let found = json!({
            "advisory": { "id": "RUSTSEC-2026-0034", "title": "Sandbox escape", "package": "wasmtime" },
            "package": { "name": "wasmtime", "version": "48.0.8" },
        });
        let line = "RUSTSEC-2026-0034 in wasmtime 48.0.8: Sandbox escape";
        assert_eq!(list_advisories(&report(json!([found]))).unwrap(), [line]);
        assert_eq!(list_advisories(&report(json!([]))), Some(Vec::new()));
        // Offline, there is none, which is not the same as none found.
        for nothing in ["", "error: couldn't fetch advisory database", "{}", "{\"vulnerabilities\":{}}"] {
            assert_eq!(list_advisories(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn every_listed_lock_file_exists() {
        for file in LOCK_FILES {
            assert!(crate::paths::repository_root().join(file).is_file(), "{file}");
        }
    }
}
