//! The customers' site of `examples/portal`: that it builds, its unit tests, its pages in a real browser against a real Cairn, and the story of a
//! customer from the order to the signed contract, with all plugins. In full runs also that story on PostgreSQL and with a server that is killed
//! on the way, and the proof of what the portal promises about other people's data: it takes some minutes.

use super::admin::{missing_tools, run_vitest};
use super::outcome::{SuiteOutcome, is_ci};
use super::tier::Tier;
use crate::counts::TestCounts;
use crate::database::{DatabaseUnavailable, SharedServers, TEST_DATABASE_VARIABLE, isolate_command};
use crate::portal::site;
use crate::process::root_command;
use crate::{build, pdf, prerequisites, wasm};
use anyhow::Result;
use std::process::Command;

/// Plugins that the tests install: all that know customers.
const PLUGINS: [&str; 5] = ["portal", "knowledge-base", "crm", "esign", "journey"];

/// Runs the tests; in the gate without those that are tagged `full`. Returns an error if a tool cannot be started, PostgreSQL does not work, or the
/// site, its plugins or the server cannot be built.
pub(super) fn run(tier: Tier, servers: &SharedServers) -> Result<SuiteOutcome> {
    if let Some(why) = missing_tools()? {
        return Ok(why);
    }
    if !prerequisites::is_in_path("chromium")
        && let Err(error) = prerequisites::require_tools(&[prerequisites::CHROMIUM])
    {
        return if is_ci() { Err(error) } else { Ok(SuiteOutcome::LeftOut(format!("{error:#}"))) };
    }
    site::build_site()?;
    wasm::build_crates(&PLUGINS)?;
    let mut counts = TestCounts::default();
    let mut types = site_tool("node_modules/typescript/bin/tsc");
    counts += TestCounts::check("types of the customers' site", types.arg("--noEmit").status()?.success());
    let mut unit = site_tool("node_modules/vitest/vitest.mjs");
    counts += run_vitest(&mut unit, "site-unit")?.into_counts("site-unit");
    let mut pages = site_tool("node_modules/vitest/vitest.mjs");
    isolate_command(&mut pages).env("CAIRN_BINARY", build::tested_server()?);
    pages.args(["--config", "e2e/vitest.config.ts"]);
    if tier == Tier::Gate {
        pages.arg("--tags-filter=!full");
    }
    counts += run_vitest(&mut pages, "site-pages")?.into_counts("site-pages");
    let mut proof = site_tool("node_modules/vitest/vitest.mjs");
    isolate_command(&mut proof).env("CAIRN_BINARY", build::tested_server()?);
    proof.env(pdf::PROGRAM_VARIABLE, pdf::build_program(false)?).args(["--config", "proof/vitest.config.ts"]);
    match tier {
        Tier::Gate => {
            proof.arg("--tags-filter=!full");
        }
        Tier::Full => match servers.quick_cluster() {
            Ok(cluster) => {
                proof.env(TEST_DATABASE_VARIABLE, cluster.url());
            }
            Err(DatabaseUnavailable::NotHere(_)) if !is_ci() => {}
            Err(DatabaseUnavailable::NotHere(error) | DatabaseUnavailable::Broken(error)) => return Err(error),
        },
    }
    counts += run_vitest(&mut proof, "site-proof")?.into_counts("site-proof");
    Ok(SuiteOutcome::Ran(counts))
}

/// A script of the site's packages.
fn site_tool(script: &str) -> Command {
    let mut node = root_command("node");
    node.current_dir(site::site_folder()).arg(script);
    node
}
