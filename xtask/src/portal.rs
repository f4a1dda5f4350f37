//! `cargo xtask portal`: the customers' site of the sample beside Donkervoort's Cairn, alone. `cargo xtask run` starts them beside its other
//! servers.

pub(crate) mod site;

use crate::build::{self, Profile};
use crate::sample::site::{Credentials, SharedServers, start_portal_sample, stop_sites};
use crate::secret::read_or_create_secret;
use crate::server::ServerCommand;
use crate::steps::Steps;
use crate::{interrupt, paths};
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;

/// Options of the chore.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run the optimised build
    #[arg(long)]
    release: bool,
    /// Use this binary instead of building one
    #[arg(long, conflicts_with = "release")]
    binary: Option<PathBuf>,
    /// Show everything that the compiler, npm and the servers say
    #[arg(short, long)]
    verbose: bool,
}

/// Starts Donkervoort's Cairn and the site, says who can sign in, and runs until Ctrl-C. Returns an error if a step fails.
pub(crate) fn run(args: Args) -> Result<()> {
    let project = paths::repository_root();
    let data = project.join("data");
    fs::create_dir_all(&data)?;
    let steps = Steps::new("portal.log", args.verbose)?;
    let binary = match args.binary {
        Some(binary) => binary.canonicalize().with_context(|| binary.display().to_string())?,
        None => {
            steps.run_compilation("Building the server", None, || build::build_server(Profile::new(args.release)))?
        }
    };
    let token = read_or_create_secret(&data.join("sample.token"))?;
    let password = read_or_create_secret(&data.join("sample.password"))?;
    let interrupted = interrupt::listen_for_signal()?;
    let env =
        vec![("CAIRN_SAMPLE_TOKEN".to_owned(), token.clone()), ("CAIRN_SAMPLE_PASSWORD".to_owned(), password.clone())];
    let log = (!args.verbose).then(|| data.join("server.log"));
    // Of the sample project only its place is used: it is not started.
    let main = ServerCommand { binary, project: project.to_owned(), listen: String::new(), env, log };
    let servers = SharedServers::default();
    let started = start_portal_sample(&main, &Credentials { token, password }, &steps, &servers);
    if started.is_ok() {
        println!("Ctrl-C stops both.");
        let _ = interrupted.recv();
        println!("Stopping");
    }
    started.and(stop_sites(&servers))
}
