//! `cargo xtask bench --portal`: how long customers wait for their overview, by the API and on the site of `examples/portal`, when there are a
//! thousand of them; how soon an open overview shows a change; and when the largest part of a page is painted on a slow machine.
//!
//! The site's own folder has the bench, `proof/speed`: it asks as browsers do, and needs one.

use super::options::Args;
use crate::build::{self, Profile};
use crate::database::isolate_command;
use crate::portal::site;
use crate::process::{root_command, run_checked};
use crate::{prerequisites, wasm};
use anyhow::Result;

/// Plugins of the server that is measured, by their crates.
const PLUGINS: [&str; 5] = ["crm", "esign", "journey", "knowledge-base", "portal"];

/// Measures it. Returns an error if a tool is missing, something cannot be built, or a figure is beyond its limit.
pub(super) fn run(args: &Args) -> Result<()> {
    prerequisites::require_tools(&[prerequisites::NODE, prerequisites::NPM, prerequisites::CHROMIUM])?;
    site::build_site()?;
    wasm::build_crates(&PLUGINS)?;
    let binary = match &args.binary {
        Some(binary) => binary.canonicalize()?,
        None => build::build_server(Profile::Release)?,
    };
    let mut bench = root_command("node");
    bench.current_dir(site::site_folder()).arg("node_modules/vitest/vitest.mjs");
    bench.args(["run", "--config", "proof/speed.config.ts"]);
    run_checked(isolate_command(&mut bench).env("CAIRN_BINARY", binary))
}
