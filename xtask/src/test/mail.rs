//! Mails to a real mail server, npm's `smtp-server`: the tests of `core/notify` and of the server that need one.

use super::outcome::SuiteOutcome;
use crate::counts::TestCounts;
use crate::database::{TEST_DATABASE_VARIABLE, isolate_command};
use crate::process::{cargo_command, root_command, run_counted};
use crate::{paths, prerequisites};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// Package that the tests are run with.
const SERVER_PACKAGE: &str = "smtp-server@3.21.6";
/// Tells the tests where it is.
const FOLDER_VARIABLE: &str = "CAIRN_SMTP_SERVER";
/// Test programs with such tests, which are ignored otherwise, and the beginning of these tests' names.
const TESTS: [(&str, &str); 2] = [("notify", ""), ("program", "mail::")];

/// The tests, in schemas of the database of that URL, or on SQLite. Returns an error if they cannot be started.
pub(super) fn run(url: Option<&str>) -> Result<SuiteOutcome> {
    if !prerequisites::is_in_path("node") || !prerequisites::is_in_path("npm") {
        return Ok(SuiteOutcome::LeftOut("node and npm are not installed on this machine".to_owned()));
    }
    let folder = match fetch_package() {
        Ok(folder) => folder,
        Err(error) => return Ok(SuiteOutcome::LeftOut(format!("{error:#}"))),
    };
    let mut tally = TestCounts::default();
    // The whole workspace is built, as for the other suites: a package alone has other features, and is compiled anew.
    for (program, names) in TESTS {
        let mut run = cargo_command();
        isolate_command(&mut run).args(["test", "--workspace", "--test", program, "--", "--ignored", names]);
        run.env(FOLDER_VARIABLE, &folder).envs(url.map(|url| (TEST_DATABASE_VARIABLE, url)));
        tally += run_counted(&mut run)?;
    }
    Ok(SuiteOutcome::Ran(tally))
}

/// The folder with the mail server in it; npm fetches it once.
fn fetch_package() -> Result<PathBuf> {
    let folder = paths::target_folder().join("smtp-server");
    if !folder.join("node_modules/smtp-server/package.json").is_file() {
        std::fs::create_dir_all(&folder)?;
        let mut npm = root_command("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(&folder).arg(SERVER_PACKAGE);
        if !npm.status().context("cannot start npm")?.success() {
            bail!("npm could not install {SERVER_PACKAGE}");
        }
    }
    Ok(folder)
}
