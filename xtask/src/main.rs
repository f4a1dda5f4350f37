//! Every chore of the repository: `cargo xtask <chore>`. One module per chore; `main` only reads the command line.
//!
//! To add one: a module with a `run` function, a variant in [`Chore`], a line in [`main`]; if it is a check that
//! has to hold on every commit, also a line in `test::plan`.
#![allow(clippy::print_stdout, reason = "chores talk to the person who typed them")]

mod admin_ui;
mod advisories;
mod api;
mod bench;
mod build;
mod crash;
mod database;
mod fuzz;
mod interrupt;
mod need;
mod npm;
mod paths;
mod pdf;
mod postgres;
mod process;
mod run;
mod s3;
mod sample;
mod server;
mod shots;
mod storm;
mod tally;
mod test;
mod tidy;
mod wasm;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Every chore of this repository")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Build Cairn, start it with the sample project, load the sample content once, stay until Ctrl-C
    Run(run::Args),
    /// Run all suites on all databases, or the one named: a crate of core/ (store, query …), lint, tidy, advisories, plugins, pdf, admin, e2e, mail, s3, conformance, client, crash
    Test(test::Args),
    /// Build the admin UI, the server with it and the program that makes PDFs: target/quick/cairn, or target/release/cairn
    Build(build::Args),
    /// Measure: in-process benches, then the load cases of the shared bench
    Bench(bench::Args),
    /// Kill the server (or PostgreSQL) during writes, again and again, and look for what is lost
    Crash(crash::Args),
    /// Send events to a receiver that behaves badly while the server is killed, and look for what is lost
    Storm(storm::Args),
    /// Build the plugins of plugins/ and examples/plugins/ to WebAssembly components in target/plugins/
    Wasm(wasm::Args),
    /// Build the program that makes PDFs: target/tools/cairn-pdf
    Pdf(pdf::Args),
    /// Start a throw-away PostgreSQL for tests run by hand and print how to use it; Ctrl-C removes it
    Postgres,
    /// Check the layout: who may know whom, where SQL may be, paths in the recipes, file sizes
    Tidy,
    /// Look for known holes (RustSec) in what the binaries are built from
    Advisories,
    /// Take a picture of each main screen, and let axe look at it
    Shots,
    /// Run the fuzz targets of fuzz/ for a while each
    Fuzz(fuzz::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().chore {
        Chore::Run(args) => run::run(args),
        Chore::Test(args) => test::run(args),
        Chore::Build(args) => build::run(args),
        Chore::Bench(args) => bench::run(args),
        Chore::Crash(args) => crash::run(args),
        Chore::Storm(args) => storm::run(args),
        Chore::Wasm(args) => wasm::run(args),
        Chore::Pdf(args) => pdf::run(args),
        Chore::Postgres => postgres::run(),
        Chore::Tidy => tidy::run(),
        Chore::Advisories => advisories::run(),
        Chore::Shots => shots::run(),
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
