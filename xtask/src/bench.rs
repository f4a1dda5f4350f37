//! `cargo xtask bench`: benches inside the process, then the load cases of the shared bench against a release build; with
//! `--scale` the same requests on few entries and on many, with `--files` files in and out, with `--plugins`
//! what plugins cost, with `--under-attack` what others notice of a plugin that does its worst, with `--relevance` how much of what people
//! look for is found, with `--searches` how long that takes in a knowledge base, with `--applications` what people wait for in the others, with
//! `--portal` what customers wait for on their site, with `--timers` how late the timers of a plugin are, with `--callers` what it costs that
//! each caller may see something else, with `--upgrades` what others notice of the upgrade of a plugin, with `--graphql` what a GraphQL query
//! costs beside REST, and with `--budget` what has grown since the last time.

mod applications;
mod attack;
mod budget;
mod callers;
mod connection;
mod files;
mod graphql;
mod options;
mod others;
mod peers;
mod plugins;
mod portal;
mod scale;
mod searches;
mod table;
mod timers;
mod upgrades;

use crate::build::Profile;
use crate::process::{cargo_command, run_checked, run_output};
use crate::{build, paths, prerequisites};
use anyhow::{Result, bail};
use budget::BudgetArgs;
pub(crate) use options::Args;
use options::{BenchPart, DEFAULT_DURATION, DEFAULT_REPEAT};
use peers::{ScriptRunner, StopGuard, peers_folder, read_word};
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use table::markdown_table;

/// Runs what there is and says what there is not. Returns an error if a bench fails or a tool is missing.
pub(crate) fn run(args: Args) -> Result<()> {
    if args.scale {
        return scale::run(&args);
    }
    if args.files {
        return files::run();
    }
    if args.plugins {
        return plugins::run();
    }
    if args.under_attack {
        return attack::run(&args);
    }
    if args.searches {
        return searches::run(&args);
    }
    if args.applications {
        return applications::run(&args);
    }
    if args.portal {
        return portal::run(&args);
    }
    if args.timers {
        return timers::run(&args);
    }
    if args.callers {
        return callers::run(&args);
    }
    if args.upgrades {
        return upgrades::run(&args);
    }
    if args.graphql {
        return graphql::run(&args);
    }
    if args.budget {
        let Args { binary, repeat, duration, .. } = args;
        if let Err(why) = budget::run(&BudgetArgs { binary, repeat, duration })? {
            println!("left out: the budget ({why})");
        }
        return Ok(());
    }
    if args.relevance {
        return run_checked(cargo_command().args([
            "bench",
            "--quiet",
            "--package",
            "cairn-search",
            "--bench",
            "relevance",
        ]));
    }
    if args.only != Some(BenchPart::Load) {
        cargo_benches()?;
    }
    if args.only == Some(BenchPart::Inside) {
        return Ok(());
    }
    let Some(bench) = paths::shared_folder("bench") else {
        println!("left out: the load cases (bench/ is neither in $CAIRN_SHARED nor in ../shared)");
        return Ok(());
    };
    load_benches(&args, &bench)
}

/// Runs `cargo xtask bench --budget` as it is run without further options. The inner error says why it is left out. Returns an error if it
/// fails.
pub(crate) fn run_budget() -> Result<Result<(), String>> {
    budget::run(&BudgetArgs { binary: None, repeat: DEFAULT_REPEAT, duration: DEFAULT_DURATION })
}

/// `cargo bench` of every crate that has benches.
fn cargo_benches() -> Result<()> {
    let metadata = run_output(cargo_command().args(["metadata", "--format-version=1", "--no-deps"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let mut exists = false;
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let targets = package["targets"].as_array().into_iter().flatten();
        let benches: Vec<_> = targets.filter(|t| t["kind"][0] == "bench").filter_map(|t| t["name"].as_str()).collect();
        let name = package["name"].as_str().unwrap_or_default();
        for bench in benches {
            exists = true;
            println!("== {name}: {bench}");
            run_checked(cargo_command().args(["bench", "--quiet", "--package", name, "--bench", bench]))?;
        }
    }
    if !exists {
        println!("left out: in-process benches (no crate has any)");
    }
    Ok(())
}

fn load_benches(args: &Args, bench: &Path) -> Result<()> {
    prerequisites::require_tools(&[prerequisites::NODE, prerequisites::CURL, prerequisites::WRK])?;
    let peers = peers_folder()?;
    let strapi = peers.join("strapi/start.sh");
    if args.compare && !strapi.is_file() {
        bail!("Strapi not found in {}; install it with {}", peers.display(), bench.join("peers.sh install").display());
    }
    let binary = build::build_server(Profile::Release)?;
    let cairn = ScriptRunner { script: bench.join("cairn.sh"), peers: &peers, cached: args.cached };
    run_checked(cairn.verb_command("start").arg(binary))?;
    let stop = StopGuard(&cairn);
    run_checked(&mut cairn.verb_command("seed"))?;
    println!("# response cache {}", if args.cached { "as configured" } else { "off" });
    let result = if args.compare { compare_with_strapi(args, bench, &peers) } else { run_cases(args, bench, &peers) };
    drop(stop);
    result
}

/// The load cases against Cairn alone.
fn run_cases(args: &Args, bench: &Path, peers: &Path) -> Result<()> {
    let mut load = Command::new(bench.join("load.sh"));
    load.args(&args.cases)
        .env("BASE", "http://127.0.0.1:1338")
        .env("TOKEN", read_word(&peers.join("cairn.token"))?)
        .env("SERVER_PID", read_word(&peers.join("cairn.pid"))?)
        .env("REPEAT", args.repeat.to_string())
        .env("DURATION", args.duration.to_string());
    let rows = run_output(&mut load)?;
    print!("{}", markdown_table(&["case", "requests/s", "p50 ms", "p99 ms", "CPU ms per request"], &rows));
    Ok(())
}

/// The load cases against Strapi and Cairn alternately.
fn compare_with_strapi(args: &Args, bench: &Path, peers: &Path) -> Result<()> {
    let strapi = ScriptRunner { script: bench.join("peers.sh"), peers, cached: true };
    run_checked(&mut strapi.verb_command("start"))?;
    let stop = StopGuard(&strapi);
    let articles = crate::api::Api::new("http://127.0.0.1:1337", None).get("/api/articles?pagination[pageSize]=1")?;
    if articles.body["meta"]["pagination"]["total"] == 0 {
        run_checked(&mut strapi.verb_command("seed"))?;
    }
    let mut compare = Command::new(bench.join("compare.sh"));
    compare.args(&args.cases).env("ROUNDS", args.repeat.to_string()).env("DURATION", args.duration.to_string());
    for (side, name, base) in [("A", "strapi", "http://127.0.0.1:1337"), ("B", "cairn", "http://127.0.0.1:1338")] {
        compare.env(format!("BASE_{side}"), base);
        compare.env(format!("TOKEN_{side}"), read_word(&peers.join(format!("{name}.token")))?);
        compare.env(format!("{side}_SERVER_PID"), read_word(&peers.join(format!("{name}.pid")))?);
    }
    let rows = run_output(&mut compare)?;
    drop(stop);
    let (head, rows) = rows.split_once('\n').unwrap_or((&rows, ""));
    println!("# A: Strapi, B: Cairn");
    print!("{}", markdown_table(&head.split('\t').collect::<Vec<_>>(), rows));
    Ok(())
}
