//! `cargo xtask build`: the server binary, with the admin UI in it, and the program that makes PDFs: in it too where it is optimised, else beside it.

use crate::{admin_ui, need, paths, pdf, process};
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

/// Builds the admin UI, what makes PDFs and the server, and returns the server's path.
///
/// # Errors
/// When a tool is missing or a build fails.
pub(crate) fn whole(release: bool) -> Result<PathBuf> {
    if release {
        pdf::pack()?;
        return with_admin_ui(true);
    }
    let server = with_admin_ui(false)?;
    pdf::beside(&server)?;
    Ok(server)
}

/// Builds the admin UI and the server, and returns the server's path. In a debug build what makes PDFs is left to [`pdf::beside`].
///
/// # Errors
/// As [`whole`].
pub(crate) fn with_admin_ui(release: bool) -> Result<PathBuf> {
    admin_ui::build()?;
    server(release)
}

/// Builds the server, with the admin UI as it was built last, if it was, and returns the binary's path. For chores that do not
/// look at the admin: they need no Node.
///
/// # Errors
/// When the compiler is missing or the build fails.
pub(crate) fn server(release: bool) -> Result<PathBuf> {
    let release_only: &[&str] = if release { &["--release"] } else { &[] };
    binary(&["--package", "cairn-server"], release_only, if release { "release" } else { "debug" })
}

/// The server as the workspace's tests have built it. Alone it needs fewer features of its dependencies, so that the engine of plugins
/// and much else would be compiled a second time; a test beside it, the smallest there is, keeps them as they are.
///
/// # Errors
/// As [`server`].
pub(crate) fn tested_server() -> Result<PathBuf> {
    binary(&["--workspace"], &["--test", SMALLEST_TEST], "debug")
}

/// A test program of the server.
const SMALLEST_TEST: &str = "projects";

fn binary(packages: &[&str], more: &[&str], profile: &str) -> Result<PathBuf> {
    need::tools(&[need::CC])?;
    process::check(process::cargo().arg("build").args(packages).args(["--bin", "cairn"]).args(more))?;
    Ok(paths::target().join(profile).join("cairn"))
}
