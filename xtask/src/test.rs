//! `cargo xtask test`: everything that has to hold on a commit, and the sum of it in the last line.
//!
//! A suite of the shared material that is not there is left out and named; every other trouble is a failure.

use crate::api::Api;
use crate::process::{cargo, command, tallied};
use crate::server::{Boot, free_address};
use crate::tally::Tally;
use crate::{build, crash, need, paths, tidy};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The official client's version that `client-smoke.mjs` is run with.
const CLIENT: &str = "@strapi/client@1.6.2";
/// Rounds of the crash test that run with every `cargo xtask test`.
const CRASH_ROUNDS: u32 = 10;
/// The tokens the shared suites send. They open only servers that are started here, on a scratch project.
const TOKENS: [(&str, &str); 2] =
    [("FULL_TOKEN", "full-0123456789abcdef0123456789abcdef"), ("READ_TOKEN", "read-0123456789abcdef0123456789abcdef")];

/// Options of the chore.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// One suite instead of all: a crate of core/ (store, query …), xtask, lint, tidy, conformance, client or crash
    suite: Option<String>,
}

/// A suite by name.
enum Suite {
    Lint,
    Tidy,
    Workspace,
    Crate(String),
    Conformance,
    Client,
    Crash,
}

/// How a suite went.
enum Outcome {
    Ran(Tally),
    LeftOut(String),
}

/// Runs the suites and prints the sum.
///
/// # Errors
/// When something failed.
pub(crate) fn run(args: Args) -> Result<()> {
    let mut total = Tally::default();
    let mut left_out = Vec::new();
    for suite in plan(args.suite.as_deref())? {
        println!("\n== {}", suite.title());
        match suite.run() {
            Ok(Outcome::Ran(tally)) => {
                println!("== {}: {tally}", suite.title());
                total += tally;
            }
            Ok(Outcome::LeftOut(why)) => left_out.push(format!("{}: {why}", suite.title())),
            Err(error) => {
                println!("== {}: {error:#}", suite.title());
                total += Tally::one(false);
            }
        }
    }
    println!();
    for line in left_out {
        println!("left out: {line}");
    }
    println!("{total}");
    if total.failed > 0 {
        bail!("the tests failed");
    }
    Ok(())
}

/// The suites to run, cheapest first.
fn plan(name: Option<&str>) -> Result<Vec<Suite>> {
    Ok(match name {
        None => vec![Suite::Lint, Suite::Tidy, Suite::Workspace, Suite::Conformance, Suite::Client, Suite::Crash],
        Some("lint") => vec![Suite::Lint],
        Some("tidy") => vec![Suite::Tidy],
        Some("conformance") => vec![Suite::Conformance],
        Some("client") => vec![Suite::Client],
        Some("crash") => vec![Suite::Crash],
        Some("xtask") => vec![Suite::Crate("xtask".to_owned())],
        Some(name)
            if !name.contains(['/', '.']) && paths::root().join("core").join(name).join("Cargo.toml").is_file() =>
        {
            vec![Suite::Crate(format!("cairn-{name}"))]
        }
        Some(other) => bail!("no suite {other}: a crate of core/, xtask, lint, tidy, conformance, client or crash"),
    })
}

impl Suite {
    fn title(&self) -> String {
        match self {
            Self::Lint => "rustfmt and clippy".to_owned(),
            Self::Tidy => "tidy".to_owned(),
            Self::Workspace => "the crates' tests".to_owned(),
            Self::Crate(name) => format!("{name}'s tests"),
            Self::Conformance => "conformance with Strapi's recorded answers".to_owned(),
            Self::Client => "Strapi's own JavaScript client".to_owned(),
            Self::Crash => format!("crash, {CRASH_ROUNDS} rounds"),
        }
    }

    fn run(&self) -> Result<Outcome> {
        Ok(match self {
            Self::Lint => Outcome::Ran(lint()?),
            Self::Tidy => Outcome::Ran(tidy::check()?),
            Self::Workspace => Outcome::Ran(crates(&["--workspace"])?),
            Self::Crate(name) => Outcome::Ran(crates(&["--package", name])?),
            Self::Conformance => conformance()?,
            Self::Client => client()?,
            Self::Crash => {
                crash::rounds(&build::server(false)?, CRASH_ROUNDS, crash::CLIENTS)?;
                Outcome::Ran(Tally::one(true))
            }
        })
    }
}

fn lint() -> Result<Tally> {
    let mut tally = Tally::default();
    tally += Tally::one(cargo().args(["fmt", "--all", "--check"]).status()?.success());
    let mut clippy = cargo();
    clippy.args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    tally += Tally::one(clippy.status()?.success());
    Ok(tally)
}

/// cargo-nextest where it is installed (one process a test; it leaves doc tests to cargo), else cargo test.
fn crates(which: &[&str]) -> Result<Tally> {
    need::tools(&[need::CC])?;
    if !need::present("cargo-nextest") {
        return tallied(cargo().args(["test", "--no-fail-fast"]).args(which));
    }
    let mut tally = tallied(cargo().args(["nextest", "run", "--no-fail-fast", "--no-tests=pass"]).args(which))?;
    if which != ["--package", "xtask"] {
        tally += tallied(cargo().args(["test", "--quiet", "--doc", "--no-fail-fast"]).args(which))?;
    }
    Ok(tally)
}

fn conformance() -> Result<Outcome> {
    let Some(suite) = paths::shared("conformance") else { return Ok(no_shared("conformance")) };
    need::tools(&[need::NODE, need::CURL])?;
    let binary = build::server(false)?;
    let address = free_address()?;
    let port = address.rsplit(':').next().unwrap_or_default();
    let mut run = Command::new(suite.join("run-cairn.sh"));
    run.arg(binary).env("PORT", port).envs(TOKENS);
    Ok(Outcome::Ran(tallied(&mut run)?))
}

fn client() -> Result<Outcome> {
    let Some(suite) = paths::shared("conformance") else { return Ok(no_shared("conformance")) };
    need::tools(&[need::NODE, need::NPM])?;
    let package = match client_package() {
        Ok(package) => package,
        Err(error) => return Ok(Outcome::LeftOut(format!("{error:#}"))),
    };
    let boot = scratch_server(&suite, build::server(false)?)?;
    boot.apply(&suite.join("cairn-settings.json"))?;
    let server = boot.start()?;
    // A clearer failure than thirteen unreachable steps.
    let token = Api::new(&server.base, Some(TOKENS[0].1)).get("/api/books")?;
    if !token.ok() {
        bail!("the scratch server answers {} to the full-access token", token.status);
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
fn scratch_server(suite: &Path, binary: PathBuf) -> Result<Boot> {
    let project = paths::scratch("client")?;
    paths::copy_dir(&suite.join("src"), &project.join("src"))?;
    let env = TOKENS.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let log = Some(project.join("cairn.log"));
    Ok(Boot { binary, project, listen: free_address()?, env, log })
}

fn no_shared(folder: &str) -> Outcome {
    Outcome::LeftOut(format!("{folder}/ is neither in $CAIRN_SHARED nor in ../shared"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_is_a_word_or_a_crate_of_core() {
        assert!(matches!(plan(Some("store")).unwrap()[..], [Suite::Crate(ref name)] if name == "cairn-store"));
        assert!(matches!(plan(Some("crash")).unwrap()[..], [Suite::Crash]));
        assert_eq!(plan(None).unwrap().len(), 6);
        assert!(plan(Some("no-such-crate")).is_err());
        assert!(plan(Some("../xtask")).is_err());
    }
}
