//! The suites of the shared material: conformance with Strapi's recorded answers, and Strapi's own client.

use super::Outcome;
use crate::api::Api;
use crate::database::{URL, isolate};
use crate::process::{command, tallied};
use crate::server::{Boot, free_address};
use crate::{build, need, paths};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The official client's version that `client-smoke.mjs` is run with.
const CLIENT: &str = "@strapi/client@1.6.2";
/// The tokens the suites send. They open only servers that are started here, on a scratch project.
const TOKENS: [(&str, &str); 2] =
    [("FULL_TOKEN", "full-0123456789abcdef0123456789abcdef"), ("READ_TOKEN", "read-0123456789abcdef0123456789abcdef")];

/// The conformance run, in a schema of the database of that URL, or on SQLite; with more variables for the server.
///
/// # Errors
/// When it cannot be started.
pub(super) fn conformance(url: Option<&str>, more: &[(&str, String)]) -> Result<Outcome> {
    let Some(suite) = paths::shared("conformance") else { return Ok(no_shared("conformance")) };
    need::tools(&[need::NODE, need::CURL])?;
    let binary = build::tested_server()?;
    let address = free_address()?;
    let port = address.rsplit(':').next().unwrap_or_default();
    let mut run = Command::new(suite.join("run-cairn.sh"));
    isolate(&mut run).arg(binary).env("PORT", port).envs(TOKENS).envs(database(url, "conformance"));
    run.envs(more.iter().map(|(name, value)| (*name, value)));
    Ok(Outcome::Ran(tallied(&mut run)?))
}

/// The client's run, as [`conformance`].
///
/// # Errors
/// When it cannot be started, or the server does not serve.
pub(super) fn client(url: Option<&str>) -> Result<Outcome> {
    let Some(suite) = paths::shared("conformance") else { return Ok(no_shared("conformance")) };
    need::tools(&[need::NODE, need::NPM])?;
    let package = match client_package() {
        Ok(package) => package,
        Err(error) => return Ok(Outcome::LeftOut(format!("{error:#}"))),
    };
    let boot = scratch_server(&suite, build::tested_server()?, url)?;
    boot.apply(&suite.join("cairn-settings.json"))?;
    let server = boot.start()?;
    // A clearer failure than thirteen unreachable steps.
    let token = Api::new(&server.base, Some(TOKENS[0].1)).get("/api/books")?;
    if !token.ok() {
        bail!("the scratch server returns {} for the full-access token", token.status);
    }
    let mut run = Command::new("node");
    run.arg(suite.join("client-smoke.mjs")).env("BASE", &server.base).env("CLIENT_DIR", package).envs(TOKENS);
    let tally = tallied(&mut run)?;
    server.stop()?;
    Ok(Outcome::Ran(tally))
}

/// The folder with the official client in it; npm fetches it once.
fn client_package() -> Result<PathBuf> {
    let dir = paths::target().join("strapi-client");
    if !dir.join("node_modules/@strapi/client/package.json").is_file() {
        std::fs::create_dir_all(&dir)?;
        let mut npm = command("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(&dir).arg(CLIENT);
        let status = npm.status().context("cannot start npm")?;
        if !status.success() {
            bail!("npm could not install {CLIENT}");
        }
    }
    Ok(dir)
}

/// A server on a scratch project with the conformance suite's content types, as `run-cairn.sh` makes it.
fn scratch_server(suite: &Path, binary: PathBuf, url: Option<&str>) -> Result<Boot> {
    let project = paths::scratch("client")?;
    paths::copy_dir(&suite.join("src"), &project.join("src"))?;
    let mut env = TOKENS.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    env.extend(database(url, "client"));
    let log = Some(project.join("cairn.log"));
    Ok(Boot { binary, project, listen: free_address()?, env, log })
}

/// What tells `cairn` to use that schema of the database; nothing where it is to make its own file. The cluster is as
/// old as the run, so that the schema is not there yet.
fn database(url: Option<&str>, schema: &str) -> Option<(String, String)> {
    url.map(|url| (URL.to_owned(), format!("{url}?schema={schema}")))
}

fn no_shared(folder: &str) -> Outcome {
    Outcome::LeftOut(format!("{folder}/ is neither in $CAIRN_SHARED nor in ../shared"))
}
