//! A large project of a real Strapi, and a small one of Strapi 4, imported with `core/server/tests/import`.

use super::outcome::SuiteOutcome;
use crate::process::{root_command, run_counted};
use crate::{build, npm, paths};
use anyhow::Result;

/// Runs the imports. Returns an error if they cannot be started.
pub(super) fn run() -> Result<SuiteOutcome> {
    if !npm::is_installed() {
        return Ok(SuiteOutcome::LeftOut("node and npm are not installed on this machine".to_owned()));
    }
    let root = paths::repository_root();
    let mut run = root_command("node");
    run.arg(root.join("core/server/tests/import/run.mjs"))
        .env("BINARY", build::tested_server()?)
        .env("FIXTURES", root.join("core/strapi-import/tests/fixtures"))
        .env("STRAPI", paths::target_folder().join("strapi-import"))
        .env("STRAPI4", paths::target_folder().join("strapi4-import"))
        .env("PROJECTS", paths::scratch_folder("strapi-import")?);
    Ok(SuiteOutcome::Ran(run_counted(&mut run)?))
}
