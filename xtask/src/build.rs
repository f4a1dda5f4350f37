//! `cargo xtask build`: the server binary.

use crate::{need, paths, process};
use anyhow::Result;
use std::path::PathBuf;

/// Options of the chore.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Optimised, as it is shipped
    #[arg(long)]
    release: bool,
}

/// Builds and says where the binary is.
///
/// # Errors
/// When the compiler is missing or the build fails.
pub(crate) fn run(args: Args) -> Result<()> {
    println!("{}", server(args.release)?.display());
    Ok(())
}

/// Builds the server and returns the binary's path.
///
/// # Errors
/// When the compiler is missing or the build fails.
pub(crate) fn server(release: bool) -> Result<PathBuf> {
    need::tools(&[need::CC])?;
    let mut cargo = process::cargo();
    cargo.args(["build", "--package", "cairn-server", "--bin", "cairn"]);
    if release {
        cargo.arg("--release");
    }
    process::check(&mut cargo)?;
    Ok(paths::target().join(if release { "release" } else { "debug" }).join("cairn"))
}
