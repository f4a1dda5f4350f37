//! The crates' own tests, by cargo-nextest where it is installed, else by cargo.

use super::tier::Tier;
use crate::counts::TestCounts;
use crate::database::{TEST_DATABASE_VARIABLE, isolate_command};
use crate::process::{cargo_command, run_counted, run_output};
use crate::{paths, pdf, prerequisites, pyhanko, wasm};
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crates of `core/` whose tests open a store.
pub(super) const WITH_STORE: [&str; 12] = [
    "cairn-store",
    "cairn-access",
    "cairn-content",
    "cairn-events",
    "cairn-settings",
    "cairn-notify",
    "cairn-editorial",
    "cairn-library",
    "cairn-licensing",
    "cairn-plugin-host",
    "cairn-plugin-test",
    "cairn-server",
];

/// Of those the module of tests that open no store: they build new plugins from their templates, which takes minutes and is the same on
/// every database.
const WITHOUT_STORE: &str = "plugin_author::";

/// The tests of those crates, or of all where none is named, with doc tests, on SQLite.
///
/// One crate is built alone; several with the whole workspace, whose features they share with every other run. Returns an error if
/// cargo cannot be started.
pub(super) fn on_sqlite(tier: Tier, packages: &[&str]) -> Result<TestCounts> {
    prerequisites::require_tools(&[prerequisites::CC])?;
    prepare_guests(tier, packages)?;
    if !prerequisites::is_in_path("cargo-nextest") {
        let which: Vec<&str> = match packages {
            [] => vec!["--workspace"],
            packages => packages.iter().flat_map(|package| ["--package", package]).collect(),
        };
        let mut cargo = cargo_command();
        cargo.args(["test", "--no-fail-fast"]).args(which).arg("--").args(skipped_names(tier));
        return run_counted(isolate_command(&mut cargo));
    }
    let which: &[&str] = match packages {
        [package] => &["--package", package],
        _ => &["--workspace"],
    };
    let mut nextest = nextest(tier.sqlite_profile());
    nextest.args(which).args(["-E", &nextest_filter(packages)]);
    // Nextest runs each test in its own process; doc tests are left to cargo.
    let mut tally = run_counted(&mut nextest)?;
    if packages != ["xtask"] {
        tally += run_counted(
            isolate_command(&mut cargo_command()).args(["test", "--quiet", "--doc", "--no-fail-fast"]).args(which),
        )?;
    }
    Ok(tally)
}

/// The tests of an application, on the PostgreSQL database of that URL or on SQLite. Returns an error if cargo cannot be started, or what the
/// tests use not be built.
pub(super) fn run_application(tier: Tier, id: &str, url: Option<&str>) -> Result<TestCounts> {
    prerequisites::require_tools(&[prerequisites::CC])?;
    prepare_guests(tier, &[])?;
    let mut command = if prerequisites::is_in_path("cargo-nextest") {
        let mut nextest = nextest(tier.sqlite_profile());
        nextest.args(["--workspace", "-E", &format!("test(/(^|::)applications::{id}::/)")]);
        nextest
    } else {
        let mut cargo = cargo_command();
        isolate_command(&mut cargo).args(["test", "--no-fail-fast", "--workspace", "--"]);
        cargo.arg(format!("applications::{id}::")).args(skipped_names(tier));
        cargo
    };
    run_counted(command.envs(url.map(|url| (TEST_DATABASE_VARIABLE, url))))
}

/// The tests of those packages, or of all where none is named, without those of the applications, as nextest is told.
fn nextest_filter(packages: &[&str]) -> String {
    let named = packages.iter().map(|package| format!("package(={package})")).collect::<Vec<_>>().join(" | ");
    let named = if named.is_empty() { "all()" } else { &named };
    format!("({named}) - test(/(^|::)applications::/)")
}

/// Arguments by which `cargo test`, which does not know `.config/nextest.toml`, leaves out tests.
fn skipped_names(tier: Tier) -> &'static [&'static str] {
    match tier {
        Tier::Gate => &["--skip", "full::"],
        Tier::Full => &[],
    }
}

/// The plugins that tests of the host and the server run, what makes and reads PDFs, and in full runs what else verifies them.
fn prepare_guests(tier: Tier, packages: &[&str]) -> Result<()> {
    let runs = |names: &[&str]| packages.is_empty() || packages.iter().any(|package| names.contains(package));
    if runs(&["cairn-plugin-host", "cairn-plugin-test", "cairn-server"]) {
        wasm::build_components(false)?;
    }
    if runs(&["cairn-plugin-host", "cairn-plugin-test", "cairn-server"]) {
        prerequisites::require_tools(&[prerequisites::POPPLER, prerequisites::QPDF, prerequisites::OPENSSL])?;
        pdf::build_program(false)?;
    }
    if runs(&["cairn-server"]) {
        prerequisites::require_tools(&[prerequisites::CURL])?;
    }
    if tier == Tier::Full && runs(&["cairn-plugin-host"]) {
        pyhanko::fetch_program()?;
    }
    Ok(())
}

/// cargo-nextest by that profile of `.config/nextest.toml`, with half as many tests again as there are cores: they wait for servers, databases
/// and clocks part of their time.
fn nextest(profile: &str) -> Command {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = cores.div_ceil(2).saturating_add(cores).to_string();
    let mut nextest = cargo_command();
    isolate_command(&mut nextest).args([
        "nextest",
        "run",
        "--profile",
        profile,
        "--no-fail-fast",
        "--no-tests=pass",
        "--test-threads",
        &threads,
    ]);
    // The closing lines show the end of what a failed test said: the panic, not the way to it.
    nextest.env("RUST_BACKTRACE", "0");
    nextest
}

/// The tests of those crates on the PostgreSQL database of that URL, each store in a schema of its own.
///
/// What is built is the whole workspace, as on SQLite: a part of it alone could need other features of its
/// dependencies, and all of them to be compiled again. Returns an error if cargo cannot be started, or does not build.
pub(super) fn on_postgres(tier: Tier, packages: &[&str], url: &str) -> Result<TestCounts> {
    prerequisites::require_tools(&[prerequisites::CC])?;
    if prerequisites::is_in_path("cargo-nextest") {
        let mut nextest = nextest(match tier {
            Tier::Gate => "gate-postgres",
            Tier::Full => "full",
        });
        let which = format!("{} - test(/^{WITHOUT_STORE}/)", nextest_filter(packages));
        nextest.env(TEST_DATABASE_VARIABLE, url).args(["--workspace", "-E", &which]);
        return run_counted(&mut nextest);
    }
    let mut tally = TestCounts::default();
    for test in build_executables(packages)? {
        println!("     Running {}", test.program.display());
        let mut run = Command::new(&test.program);
        run.current_dir(&test.folder).env("CARGO_MANIFEST_DIR", &test.folder);
        run.args(skipped_names(tier)).args(["--skip", WITHOUT_STORE]);
        tally += run_counted(isolate_command(&mut run).env(TEST_DATABASE_VARIABLE, url))?;
    }
    Ok(tally)
}

/// A test program and the folder of its crate.
struct TestExecutable {
    program: PathBuf,
    folder: PathBuf,
}

/// The test programs of the packages, built.
fn build_executables(packages: &[&str]) -> Result<Vec<TestExecutable>> {
    let messages = run_output(cargo_command().args([
        "test",
        "--workspace",
        "--no-run",
        "--message-format=json-render-diagnostics",
    ]))?;
    Ok(messages.lines().filter_map(|line| parse_executable(line, packages)).collect())
}

/// The test program that a message of cargo names.
fn parse_executable(message: &str, packages: &[&str]) -> Option<TestExecutable> {
    let message: Value = serde_json::from_str(message).ok()?;
    if message["profile"]["test"] != true {
        return None;
    }
    let folder = Path::new(message["manifest_path"].as_str()?).parent()?.to_owned();
    let is_core_test = packages
        .iter()
        .any(|name| folder == paths::repository_root().join("core").join(name.trim_start_matches("cairn-")));
    is_core_test.then(|| Some(TestExecutable { program: message["executable"].as_str()?.into(), folder })).flatten()
}

/// The package of a folder of `core/`. Returns an error if there is no such folder.
pub(super) fn package_name(folder: &str) -> Result<String> {
    let known =
        !folder.contains(['/', '.']) && paths::repository_root().join("core").join(folder).join("Cargo.toml").is_file();
    known.then(|| format!("cairn-{folder}")).with_context(|| {
        format!("no suite {folder}: use a crate of core/, xtask, lint, tidy, mail, s3, conformance, client or crash")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_executables_are_parsed_from_cargo_messages() {
        let message = |folder: &str, test: bool| {
            let manifest = paths::repository_root().join("core").join(folder).join("Cargo.toml");
            serde_json::json!({ "manifest_path": manifest, "profile": { "test": test }, "executable": "x" }).to_string()
        };
        assert!(parse_executable(&message("store", true), &WITH_STORE).is_some());
        assert!(parse_executable(&message("store", false), &WITH_STORE).is_none());
        assert!(parse_executable(&message("model", true), &WITH_STORE).is_none());
        assert!(parse_executable("Compiling", &WITH_STORE).is_none());
    }

    #[test]
    fn package_names_come_from_folders_of_core() {
        assert_eq!(package_name("store").unwrap(), "cairn-store");
        assert!(package_name("no-such-crate").is_err());
        assert!(package_name("../xtask").is_err());
        assert!(WITH_STORE.iter().all(|name| package_name(name.trim_start_matches("cairn-")).is_ok()));
    }
}
