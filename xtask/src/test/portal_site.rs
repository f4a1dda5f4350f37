//! The customers' site of `examples/portal`: that it builds, its unit tests, and its pages in a real browser against a real Cairn. In full runs
//! also the proof of what the portal promises about other people's data, with all plugins: it takes some minutes.

use super::admin::{missing_tools, run_vitest};
use super::{SuiteOutcome, Tier, is_ci};
use crate::counts::TestCounts;
use crate::database::isolate_command;
use crate::process::root_command;
use crate::{build, pdf, portal, prerequisites, wasm};
use anyhow::Result;
use std::process::Command;

/// Plugins that the tests install.
const PLUGINS: [&str; 2] = ["portal", "knowledge-base"];

/// Plugins that the proof installs besides: all that know customers.
const PLUGINS_OF_PROOF: [&str; 3] = ["crm", "esign", "journey"];

/// Runs the tests; in the gate without those that are tagged `full`, which sweep over all languages, schemes and widths. Returns an error if a
/// tool cannot be started, or the site, its plugins or the server not be built.
pub(super) fn run(tier: Tier) -> Result<SuiteOutcome> {
    if let Some(why) = missing_tools()? {
        return Ok(why);
    }
    if !prerequisites::is_in_path("chromium")
        && let Err(error) = prerequisites::require_tools(&[prerequisites::CHROMIUM])
    {
        return if is_ci() { Err(error) } else { Ok(SuiteOutcome::LeftOut(format!("{error:#}"))) };
    }
    portal::build_site()?;
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
    if tier == Tier::Full {
        wasm::build_crates(&PLUGINS_OF_PROOF)?;
        let mut proof = site_tool("node_modules/vitest/vitest.mjs");
        isolate_command(&mut proof).env("CAIRN_BINARY", build::tested_server()?);
        proof.env("CAIRN_PLUGINS_PDF", pdf::build_program(false)?).args(["--config", "proof/vitest.config.ts"]);
        counts += run_vitest(&mut proof, "site-proof")?.into_counts("site-proof");
    }
    Ok(SuiteOutcome::Ran(counts))
}

/// A script of the site's packages.
fn site_tool(script: &str) -> Command {
    let mut node = root_command("node");
    node.current_dir(portal::site_folder()).arg(script);
    node
}
