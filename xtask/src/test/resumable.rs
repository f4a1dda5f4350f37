//! Resumable uploads by npm's `tus-js-client`, with the server killed while they are in progress.

use super::outcome::SuiteOutcome;
use crate::database::{DATABASE_VARIABLE, isolate_command};
use crate::process::{root_command, run_counted};
use crate::server::{ServerCommand, free_address};
use crate::{build, paths, prerequisites};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// Package of the client that uploads, with its version.
const CLIENT_PACKAGE: &str = "tus-js-client@4.3.1";
/// Token of the scratch project; opens only the server that is started here.
const SCRATCH_TOKEN: &str = "full-0123456789abcdef0123456789abcdef";

/// Runs the uploads, in a schema of the database of that URL, or on SQLite. Returns an error if they cannot be started.
pub(super) fn run(url: Option<&str>) -> Result<SuiteOutcome> {
    if !prerequisites::is_in_path("node") || !prerequisites::is_in_path("npm") {
        return Ok(SuiteOutcome::LeftOut("node and npm are not installed on this machine".to_owned()));
    }
    let modules = match fetch_package() {
        Ok(folder) => folder,
        Err(error) => return Ok(SuiteOutcome::LeftOut(format!("{error:#}"))),
    };
    let binary = build::tested_server()?;
    let project = paths::scratch_folder("tus")?;
    let source = paths::repository_root().join("xtask/crash-project");
    paths::copy_dir(&source.join("content-types"), &project.join("content-types"))?;
    let mut env = vec![("CRASH_TOKEN".to_owned(), SCRATCH_TOKEN.to_owned())];
    env.extend(url.map(|url| (DATABASE_VARIABLE.to_owned(), format!("{url}?schema=tus_{:x}", rand::random::<u64>()))));
    let log = Some(project.join("cairn.log"));
    let boot = ServerCommand {
        binary: binary.clone(),
        project: project.clone(),
        listen: free_address()?,
        env: env.clone(),
        log,
    };
    boot.apply_settings(&source.join("settings.json"))?;
    let mut run = root_command("node");
    isolate_command(&mut run).arg(paths::repository_root().join("xtask/tus/resumable.mjs")).envs(env);
    run.env("BINARY", binary).env("PROJECT", project).env("LISTEN", &boot.listen);
    Ok(SuiteOutcome::Ran(run_counted(run.env("TOKEN", SCRATCH_TOKEN).env("MODULES", modules))?))
}

/// The folder with the client in it; npm downloads it once.
fn fetch_package() -> Result<PathBuf> {
    let folder = paths::target_folder().join("tus-js-client");
    if !folder.join("node_modules/tus-js-client/package.json").is_file() {
        std::fs::create_dir_all(&folder)?;
        let mut npm = root_command("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(&folder).arg(CLIENT_PACKAGE);
        if !npm.status().context("cannot start npm")?.success() {
            bail!("npm could not install {CLIENT_PACKAGE}");
        }
    }
    Ok(folder)
}
