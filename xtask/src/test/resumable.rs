//! Resumable uploads by npm's `tus-js-client`, with the server killed while they are in progress.

use super::Outcome;
use crate::database::{URL, isolate};
use crate::process::{command, tallied};
use crate::server::{Boot, free_address};
use crate::{build, need, paths};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// Package of the client that uploads, with its version.
const CLIENT: &str = "tus-js-client@4.3.1";
/// Token of the scratch project; opens only the server that is started here.
const TOKEN: &str = "full-0123456789abcdef0123456789abcdef";

/// Runs the uploads, in a schema of the database of that URL, or on SQLite.
///
/// # Errors
/// When they cannot be started.
pub(super) fn run(url: Option<&str>) -> Result<Outcome> {
    if !need::present("node") || !need::present("npm") {
        return Ok(Outcome::LeftOut("node and npm are not installed on this machine".to_owned()));
    }
    let modules = match package() {
        Ok(folder) => folder,
        Err(error) => return Ok(Outcome::LeftOut(format!("{error:#}"))),
    };
    let binary = build::tested_server()?;
    let project = paths::scratch("tus")?;
    let given = paths::root().join("xtask/crash-project");
    paths::copy_dir(&given.join("content-types"), &project.join("content-types"))?;
    let mut env = vec![("CRASH_TOKEN".to_owned(), TOKEN.to_owned())];
    env.extend(url.map(|url| (URL.to_owned(), format!("{url}?schema=tus_{:x}", rand::random::<u64>()))));
    let log = Some(project.join("cairn.log"));
    let boot =
        Boot { binary: binary.clone(), project: project.clone(), listen: free_address()?, env: env.clone(), log };
    boot.apply(&given.join("settings.json"))?;
    let mut run = command("node");
    isolate(&mut run).arg(paths::root().join("xtask/tus/resumable.mjs")).envs(env);
    run.env("BINARY", binary).env("PROJECT", project).env("LISTEN", &boot.listen);
    Ok(Outcome::Ran(tallied(run.env("TOKEN", TOKEN).env("MODULES", modules))?))
}

/// The folder with the client in it; npm downloads it once.
fn package() -> Result<PathBuf> {
    let folder = paths::target().join("tus-js-client");
    if !folder.join("node_modules/tus-js-client/package.json").is_file() {
        std::fs::create_dir_all(&folder)?;
        let mut npm = command("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(&folder).arg(CLIENT);
        if !npm.status().context("cannot start npm")?.success() {
            bail!("npm could not install {CLIENT}");
        }
    }
    Ok(folder)
}
