//! Mails to a real mail server, npm's `smtp-server`: the tests of `core/notify` and of the server that need one.

use super::Outcome;
use crate::database::{TEST_URL, isolate};
use crate::process::{cargo, command, tallied};
use crate::tally::Tally;
use crate::{need, paths};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// What the tests are run with.
const SERVER: &str = "smtp-server@3.21.6";
/// Tells the tests where it is.
const FOLDER: &str = "CAIRN_SMTP_SERVER";
/// Test programs with such tests, which are ignored otherwise.
const TESTS: [&str; 2] = ["notify", "mail"];

/// The tests, in schemas of the database of that URL, or on SQLite.
///
/// # Errors
/// When they cannot be started.
pub(super) fn run(url: Option<&str>) -> Result<Outcome> {
    if !need::present("node") || !need::present("npm") {
        return Ok(Outcome::LeftOut("node and npm are not installed on this machine".to_owned()));
    }
    let folder = match package() {
        Ok(folder) => folder,
        Err(error) => return Ok(Outcome::LeftOut(format!("{error:#}"))),
    };
    let mut tally = Tally::default();
    // As the rest of the suite is built: a package alone has other features, and is compiled anew.
    for test in TESTS {
        let mut run = cargo();
        isolate(&mut run).args(["test", "--workspace", "--test", test, "--", "--ignored"]);
        run.env(FOLDER, &folder).envs(url.map(|url| (TEST_URL, url)));
        tally += tallied(&mut run)?;
    }
    Ok(Outcome::Ran(tally))
}

/// The folder with the mail server in it; npm fetches it once.
fn package() -> Result<PathBuf> {
    let folder = paths::target().join("smtp-server");
    if !folder.join("node_modules/smtp-server/package.json").is_file() {
        std::fs::create_dir_all(&folder)?;
        let mut npm = command("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(&folder).arg(SERVER);
        if !npm.status().context("cannot start npm")?.success() {
            bail!("npm could not install {SERVER}");
        }
    }
    Ok(folder)
}
