//! GraphQL beside the answers that Strapi's plugin gave, with the cases of `core/server/tests/graphql-contract`.

use super::outcome::SuiteOutcome;
use super::shared::{SUITE_TOKENS, no_shared, scratch_server};
use crate::process::{root_command, run_counted};
use crate::{build, paths, prerequisites};
use anyhow::Result;

/// Runs the cases on the content types and fixtures of the conformance suite. Returns an error if they cannot be started, or the server does
/// not serve.
pub(super) fn run() -> Result<SuiteOutcome> {
    let Some(conformance) = paths::shared_folder("conformance") else { return Ok(no_shared("conformance")) };
    prerequisites::require_tools(&[prerequisites::NODE])?;
    let boot = scratch_server(&conformance, "graphql-contract", build::tested_server()?, None)?;
    boot.apply_settings(&conformance.join("cairn-settings.json"))?;
    let server = boot.start()?;
    let mut run = root_command("node");
    run.arg(paths::repository_root().join("core/server/tests/graphql-contract/run.mjs"))
        .env("BASE", &server.base)
        .env("FIXTURES", conformance.join("fixtures"))
        .envs(SUITE_TOKENS);
    let counts = run_counted(&mut run)?;
    server.stop()?;
    Ok(SuiteOutcome::Ran(counts))
}
