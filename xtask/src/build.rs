//! `cargo xtask build`: the server binary with the admin UI in it, and the program that makes PDFs: inside the binary where
//! it is optimised, else beside it.

use crate::{admin_ui, paths, pdf, prerequisites, process};
use anyhow::Result;
use std::path::PathBuf;

/// How a chore compiles the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Compiled as quickly as possible: the profile `quick` of the workspace's `Cargo.toml`.
    Quick,
    /// Optimised, as it is released.
    Release,
}

impl Profile {
    /// The optimised profile where `release` is set, else the quick one.
    pub(crate) fn new(release: bool) -> Self {
        if release { Self::Release } else { Self::Quick }
    }

    /// Name of the profile, and of its folder in the target folder.
    fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Release => "release",
        }
    }
}

/// Options of the chore.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Build the optimised release build
    #[arg(long)]
    release: bool,
}

/// Builds everything and prints the path of the binary. Returns an error if a tool is missing or a build fails.
pub(crate) fn run(args: Args) -> Result<()> {
    println!("{}", build_all(Profile::new(args.release))?.display());
    Ok(())
}

/// Builds the admin UI, the program that makes PDFs and the server, and returns the server's path. Returns an error if a tool is
/// missing or a build fails.
pub(crate) fn build_all(profile: Profile) -> Result<PathBuf> {
    match profile {
        Profile::Release => {
            pdf::pack_program()?;
            with_admin_ui(profile)
        }
        Profile::Quick => {
            let server = with_admin_ui(profile)?;
            pdf::copy_beside(&server)?;
            Ok(server)
        }
    }
}

/// Builds the admin UI and the server, and returns the server's path. Where it is not optimised, the program that makes
/// PDFs is left to [`pdf::copy_beside`]. Returns the same errors as [`build_all`].
fn with_admin_ui(profile: Profile) -> Result<PathBuf> {
    admin_ui::build_ui()?;
    build_server(profile)
}

/// Builds the server, with the admin UI as it was last built, if at all, and returns the binary's path. For chores that do not
/// use the admin: they need no Node. Returns an error if the compiler is missing or the build fails.
pub(crate) fn build_server(profile: Profile) -> Result<PathBuf> {
    build_binary(&["--package", "cairn-server", "--profile", profile.name()], profile.name())
}

/// Builds the server with the features that the workspace's tests have. Alone it needs fewer features of its dependencies, so that the
/// engine of plugins and much else would be compiled a second time; the smallest test beside it keeps the features as they are. Returns the
/// same errors as [`build_server`].
pub(crate) fn tested_server() -> Result<PathBuf> {
    build_binary(&["--workspace", "--test", SMALLEST_TEST], "debug")
}

/// A test program of `cairn-model`, which has little to link.
const SMALLEST_TEST: &str = "change_rights";

fn build_binary(options: &[&str], folder: &str) -> Result<PathBuf> {
    prerequisites::require_tools(&[prerequisites::CC])?;
    process::run_checked(process::cargo_command().args(["build", "--bin", "cairn"]).args(options))?;
    Ok(paths::target_folder().join(folder).join("cairn"))
}

/// Where a build in a profile leaves the server.
pub(crate) fn binary_path(profile: Profile) -> PathBuf {
    paths::target_folder().join(profile.name()).join("cairn")
}
