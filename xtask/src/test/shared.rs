//! The suites of the shared material: conformance with Strapi's recorded answers, and Strapi's own client.

use super::outcome::SuiteOutcome;
use crate::api::Api;
use crate::database::{DATABASE_VARIABLE, isolate_command};
use crate::process::{root_command, run_counted};
use crate::server::{ServerCommand, free_address};
use crate::{build, paths, prerequisites};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The official client's version that `client-smoke.mjs` is run with.
const CLIENT_PACKAGE: &str = "@strapi/client@1.6.2";
/// The tokens the suites send. They open only servers that are started here, on a scratch project.
pub(super) const SUITE_TOKENS: [(&str, &str); 2] =
    [("FULL_TOKEN", "full-0123456789abcdef0123456789abcdef"), ("READ_TOKEN", "read-0123456789abcdef0123456789abcdef")];

/// The conformance run, in a schema of the database of that URL, or on SQLite; with more variables for the server. Returns an error if
/// it cannot be started.
pub(super) fn run_conformance(url: Option<&str>, extra_env: &[(&str, String)]) -> Result<SuiteOutcome> {
    let Some(suite) = paths::shared_folder("conformance") else { return Ok(no_shared("conformance")) };
    prerequisites::require_tools(&[prerequisites::NODE, prerequisites::CURL])?;
    let binary = build::tested_server()?;
    let address = free_address()?;
    let port = address.rsplit(':').next().unwrap_or_default();
    let mut run = Command::new(suite.join("run-cairn.sh"));
    isolate_command(&mut run)
        .arg(binary)
        .env("PORT", port)
        .envs(SUITE_TOKENS)
        .envs(schema_variable(url, "conformance"));
    run.envs(extra_env.iter().map(|(name, value)| (*name, value)));
    Ok(SuiteOutcome::Ran(run_counted(&mut run)?))
}

/// The client's run, as [`run_conformance`]. Returns an error if it cannot be started, or the server does not serve.
pub(super) fn run_client(url: Option<&str>) -> Result<SuiteOutcome> {
    let Some(suite) = paths::shared_folder("conformance") else { return Ok(no_shared("conformance")) };
    prerequisites::require_tools(&[prerequisites::NODE, prerequisites::NPM])?;
    let package = match client_package() {
        Ok(package) => package,
        Err(error) => return Ok(SuiteOutcome::LeftOut(format!("{error:#}"))),
    };
    let boot = scratch_server(&suite, "client", build::tested_server()?, url)?;
    boot.apply_settings(&suite.join("cairn-settings.json"))?;
    let server = boot.start()?;
    // A clearer failure than thirteen unreachable steps.
    let token = Api::new(&server.base, Some(SUITE_TOKENS[0].1)).get("/api/books")?;
    if !token.is_ok() {
        bail!("the scratch server returns {} for the full-access token", token.status);
    }
    let mut run = Command::new("node");
    run.arg(suite.join("client-smoke.mjs")).env("BASE", &server.base).env("CLIENT_DIR", package).envs(SUITE_TOKENS);
    let tally = run_counted(&mut run)?;
    server.stop()?;
    Ok(SuiteOutcome::Ran(tally))
}

/// The folder with the official client in it; npm fetches it once.
fn client_package() -> Result<PathBuf> {
    let dir = paths::target_folder().join("strapi-client");
    if !dir.join("node_modules/@strapi/client/package.json").is_file() {
        std::fs::create_dir_all(&dir)?;
        let mut npm = root_command("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(&dir).arg(CLIENT_PACKAGE);
        let status = npm.status().context("cannot start npm")?;
        if !status.success() {
            bail!("npm could not install {CLIENT_PACKAGE}");
        }
    }
    Ok(dir)
}

/// A server on a scratch project of that name with the conformance suite's content types, as `run-cairn.sh` makes it.
pub(super) fn scratch_server(suite: &Path, name: &str, binary: PathBuf, url: Option<&str>) -> Result<ServerCommand> {
    let project = paths::scratch_folder(name)?;
    paths::copy_dir(&suite.join("src"), &project.join("src"))?;
    let mut env = SUITE_TOKENS.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    env.extend(schema_variable(url, name));
    let log = Some(project.join("cairn.log"));
    Ok(ServerCommand { binary, project, listen: free_address()?, env, log })
}

/// Environment variable by which `cairn` uses a new schema of the database, whose name begins so; nothing where it is to make its own file.
fn schema_variable(url: Option<&str>, schema: &str) -> Option<(String, String)> {
    url.map(|url| (DATABASE_VARIABLE.to_owned(), format!("{url}?schema={schema}_{:x}", rand::random::<u64>())))
}

pub(super) fn no_shared(folder: &str) -> SuiteOutcome {
    SuiteOutcome::LeftOut(format!("{folder}/ is neither in $CAIRN_SHARED nor in ../shared"))
}
