//! The crates' own tests, by cargo-nextest where it is installed, else by cargo.

use crate::database::{TEST_URL, isolate};
use crate::process::{cargo, output, tallied};
use crate::tally::Tally;
use crate::{need, paths, pdf, wasm};
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crates of `core/` whose tests open a store.
pub(super) const WITH_STORE: [&str; 11] = [
    "cairn-store",
    "cairn-access",
    "cairn-content",
    "cairn-events",
    "cairn-notify",
    "cairn-editorial",
    "cairn-library",
    "cairn-rights",
    "cairn-plugin-host",
    "cairn-plugin-test",
    "cairn-server",
];

/// Of those the test program that opens no store: it builds new plugins from their templates, which takes minutes and is the same on
/// every database.
const WITHOUT_STORE: &str = "plugin_author";

/// The tests of those crates, or of all where none is named, with doc tests, on SQLite.
///
/// One crate is built alone; several with the whole workspace, whose features they share with every other run.
///
/// # Errors
/// When cargo cannot be started.
pub(super) fn on_sqlite(packages: &[&str]) -> Result<Tally> {
    need::tools(&[need::CC])?;
    prepare_guests(packages)?;
    if !need::present("cargo-nextest") {
        let which: Vec<&str> = match packages {
            [] => vec!["--workspace"],
            packages => packages.iter().flat_map(|package| ["--package", package]).collect(),
        };
        return tallied(isolate(&mut cargo()).args(["test", "--no-fail-fast"]).args(which));
    }
    let which: &[&str] = match packages {
        [package] => &["--package", package],
        _ => &["--workspace"],
    };
    let mut nextest = nextest();
    nextest.args(which);
    if packages.len() > 1 {
        nextest.args(["-E", &filter(packages)]);
    }
    // One process a test; doc tests are left to cargo.
    let mut tally = tallied(&mut nextest)?;
    if packages != ["xtask"] {
        tally += tallied(isolate(&mut cargo()).args(["test", "--quiet", "--doc", "--no-fail-fast"]).args(which))?;
    }
    Ok(tally)
}

/// The tests of those packages, as nextest is told.
fn filter(packages: &[&str]) -> String {
    packages.iter().map(|package| format!("package(={package})")).collect::<Vec<_>>().join(" | ")
}

/// The plugins that tests of the host and the server run, and what makes and reads PDFs.
fn prepare_guests(packages: &[&str]) -> Result<()> {
    let runs = |names: &[&str]| packages.is_empty() || packages.iter().any(|package| names.contains(package));
    if runs(&["cairn-plugin-host", "cairn-plugin-test", "cairn-server"]) {
        wasm::components(false)?;
    }
    if runs(&["cairn-plugin-host", "cairn-plugin-test"]) {
        need::tools(&[need::POPPLER])?;
        pdf::program(false)?;
    }
    Ok(())
}

/// cargo-nextest with half as many tests again as there are cores: they wait for servers, databases and clocks part of their time.
fn nextest() -> Command {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = cores.div_ceil(2).saturating_add(cores).to_string();
    let mut nextest = cargo();
    isolate(&mut nextest).args(["nextest", "run", "--no-fail-fast", "--no-tests=pass", "--test-threads", &threads]);
    nextest
}

/// The tests of those crates on the PostgreSQL database of that URL, each store in a schema of its own.
///
/// What is built is the whole workspace, as on SQLite: a part of it alone could need other features of its
/// dependencies, and all of them to be compiled again.
///
/// # Errors
/// When cargo cannot be started, or does not build.
pub(super) fn on_postgres(packages: &[&str], url: &str) -> Result<Tally> {
    need::tools(&[need::CC])?;
    if need::present("cargo-nextest") {
        let mut nextest = nextest();
        let which = format!("({}) - binary(={WITHOUT_STORE})", filter(packages));
        nextest.env(TEST_URL, url).args(["--workspace", "-E", &which]);
        return tallied(&mut nextest);
    }
    let mut tally = Tally::default();
    for test in executables(packages)? {
        println!("     Running {}", test.program.display());
        let mut run = Command::new(&test.program);
        run.current_dir(&test.folder).env("CARGO_MANIFEST_DIR", &test.folder);
        tally += tallied(isolate(&mut run).env(TEST_URL, url))?;
    }
    Ok(tally)
}

/// A test program and the folder of its crate.
struct Executable {
    program: PathBuf,
    folder: PathBuf,
}

/// The test programs of the packages, built.
fn executables(packages: &[&str]) -> Result<Vec<Executable>> {
    let messages =
        output(cargo().args(["test", "--workspace", "--no-run", "--message-format=json-render-diagnostics"]))?;
    Ok(messages.lines().filter_map(|line| executable(line, packages)).collect())
}

/// The test program that a message of cargo names.
fn executable(message: &str, packages: &[&str]) -> Option<Executable> {
    let message: Value = serde_json::from_str(message).ok()?;
    if message["profile"]["test"] != true {
        return None;
    }
    let folder = Path::new(message["manifest_path"].as_str()?).parent()?.to_owned();
    let ours = packages.iter().any(|name| folder == paths::root().join("core").join(name.trim_start_matches("cairn-")));
    let ours = ours && message["target"]["name"] != WITHOUT_STORE;
    ours.then(|| Some(Executable { program: message["executable"].as_str()?.into(), folder })).flatten()
}

/// The package of a folder of `core/`.
///
/// # Errors
/// When there is no such folder.
pub(super) fn package(folder: &str) -> Result<String> {
    let known = !folder.contains(['/', '.']) && paths::root().join("core").join(folder).join("Cargo.toml").is_file();
    known.then(|| format!("cairn-{folder}")).with_context(|| {
        format!("no suite {folder}: use a crate of core/, xtask, lint, tidy, mail, s3, conformance, client or crash")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_programs_are_found_in_what_cargo_says() {
        let message = |folder: &str, test: bool| {
            let manifest = paths::root().join("core").join(folder).join("Cargo.toml");
            serde_json::json!({ "manifest_path": manifest, "profile": { "test": test }, "executable": "x" }).to_string()
        };
        assert!(executable(&message("store", true), &WITH_STORE).is_some());
        assert!(executable(&message("store", false), &WITH_STORE).is_none());
        assert!(executable(&message("model", true), &WITH_STORE).is_none());
        assert!(executable("Compiling", &WITH_STORE).is_none());
    }

    #[test]
    fn a_package_is_a_folder_of_core() {
        assert_eq!(package("store").unwrap(), "cairn-store");
        assert!(package("no-such-crate").is_err());
        assert!(package("../xtask").is_err());
        assert!(WITH_STORE.iter().all(|name| package(name.trim_start_matches("cairn-")).is_ok()));
    }
}
