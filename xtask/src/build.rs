//! `cargo xtask build`: the server binary, with the admin UI in it.

use crate::{admin_ui, need, paths, process};
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
/// When a tool is missing or a build fails.
pub(crate) fn run(args: Args) -> Result<()> {
    println!("{}", whole(args.release)?.display());
    Ok(())
}

/// Builds the admin UI, then the server with it, and returns the binary's path.
///
/// # Errors
/// When a tool is missing or a build fails.
pub(crate) fn whole(release: bool) -> Result<PathBuf> {
    admin_ui::build()?;
    server(release)
}

/// Builds the server, with the admin UI as it was built last, if it was, and returns the binary's path. For chores that do not
/// look at the admin: they need no Node.
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
