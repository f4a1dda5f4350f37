//! The packages of `clients`: their unit tests; of the JavaScript client its calls to a real server, and what the compiler accepts and refuses in the
//! sample projects.

use super::admin::missing_tools;
use super::outcome::SuiteOutcome;
use crate::database::isolate_command;
use crate::process::{root_command, run_counted};
use crate::{build, npm, paths};
use anyhow::Result;

/// Runs the tests. Returns an error if they cannot be started, or the server cannot be built.
pub(super) fn run() -> Result<SuiteOutcome> {
    if let Some(why) = missing_tools()? {
        return Ok(why);
    }
    let package = paths::repository_root().join("clients/javascript");
    npm::install_packages(&package)?;
    npm::install_packages(&paths::repository_root().join("clients/preview"))?;
    let mut tests = root_command("node");
    isolate_command(&mut tests).arg(package.join("test/run.mjs")).env("CAIRN_BINARY", build::tested_server()?);
    Ok(SuiteOutcome::Ran(run_counted(&mut tests)?))
}
