//! Every chore of the repository: `cargo xtask <chore>`. One module per chore; `main` only reads the command line.
//!
//! To add one: a module with a `run` function, a variant in [`Chore`], a line in [`main`]; if it is a check that
//! has to hold on every commit, also a line in `test/plan.rs`.
#![allow(clippy::print_stdout, reason = "chores talk to the person who typed them")]

mod admin_ui;
mod advisories;
mod api;
mod bench;
mod build;
mod counts;
mod crash;
mod database;
mod fuzz;
mod interrupt;
mod npm;
mod paths;
mod pdf;
mod plugin_package;
mod portal;
mod postgres;
mod prerequisites;
mod process;
mod pyhanko;
mod run;
mod s3;
mod sample;
mod screenshots;
mod secret;
mod server;
mod steps;
mod test;
mod tidy;
mod wasm;
mod webhook_chaos;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Build, run, test and measure Cairn")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Build Cairn, start it with the sample project, load the sample content once, and run until Ctrl-C
    Run(run::Args),
    /// Start the customers' site of Donkervoort with its Cairn, and run until Ctrl-C
    Portal(portal::Args),
    /// Run all test suites on all databases, or one suite: a crate of core/ (store, query …), lint, tidy, advisories, plugins, pdf, admin, e2e, mail, s3, conformance, client, crash
    Test(test::Args),
    /// Build the server with the admin UI, and the program that makes PDFs: target/quick/cairn, or target/release/cairn
    Build(build::Args),
    /// Run the in-process benches, then the load cases of the shared bench
    Bench(bench::Args),
    /// Kill the server (or PostgreSQL) repeatedly during writes, and check for lost data
    Crash(crash::Args),
    /// Send events to an unreliable receiver while the server is killed, and check for lost events
    Storm(webhook_chaos::Args),
    /// Build the plugins in plugins/ and examples/plugins/ as WebAssembly components in target/plugins/
    Wasm(wasm::Args),
    /// Build the program that makes PDFs: target/tools/cairn-pdf
    Pdf(pdf::Args),
    /// Start a temporary PostgreSQL for manual tests and print how to use it; Ctrl-C deletes it
    Postgres,
    /// Check the code layout: dependencies between crates, where SQL may be, paths in the recipes, file sizes
    Tidy,
    /// Check the dependencies of the binaries for known vulnerabilities (RustSec)
    Advisories,
    /// Take the screenshots of the documentation, or check each screen of the admin, the applications and the customers' site with axe
    Shots(screenshots::Args),
    /// Run each fuzz target in fuzz/ for a while
    Fuzz(fuzz::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().chore {
        Chore::Run(args) => run::run(args),
        Chore::Portal(args) => portal::run(args),
        Chore::Test(args) => test::run(args),
        Chore::Build(args) => build::run(args),
        Chore::Bench(args) => bench::run(args),
        Chore::Crash(args) => crash::run(args),
        Chore::Storm(args) => webhook_chaos::run(args),
        Chore::Wasm(args) => wasm::run(args),
        Chore::Pdf(args) => pdf::run(args),
        Chore::Postgres => postgres::run(),
        Chore::Tidy => tidy::run(),
        Chore::Advisories => advisories::run(),
        Chore::Shots(args) => screenshots::run(&args),
        Chore::Fuzz(args) => fuzz::run(args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
