//! `cargo xtask wasm`: the plugins of this repository as WebAssembly components, in `target/plugins/`.
//!
//! `core/plugin-build` compiles those in Rust: `cairn plugin build` does the same for authors. [`scripts`] builds those in TypeScript and
//! Python, with the tools that authors use as well.

pub(crate) mod scripts;

use crate::{need, paths};
use anyhow::{Context, Result};
use cairn_plugin_build::{Found, Route, guests, route, sources};
use std::path::{Path, PathBuf};

/// Options of the chore.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Build even if no source has changed
    #[arg(long)]
    force: bool,
}

/// Builds the components, unless they exist and their sources are unchanged.
///
/// # Errors
/// When no compiler for WebAssembly can be found or installed, or a plugin does not compile.
pub(crate) fn run(args: Args) -> Result<()> {
    for component in components(args.force)? {
        println!("{}", component.display());
    }
    Ok(())
}

/// Builds the components if need be, prints what it does, and returns their paths in the order of their names.
///
/// # Errors
/// The same as those of [`run`].
pub(crate) fn components(force: bool) -> Result<Vec<PathBuf>> {
    let out = paths::target().join("plugins");
    let workspaces = workspaces()?;
    let now = sources::fingerprint(&folders())?;
    if !force && let Some(built) = sources::unchanged(&out, &now) {
        println!("xtask: the components in {} are up to date", out.display());
        return Ok(built);
    }
    let route = find()?;
    println!("xtask: building components {}", route.describe());
    sources::forget(&out)?;
    let mut built = Vec::new();
    for workspace in &workspaces {
        built.extend(guests::build(workspace, &route, &target(), &out)?);
    }
    built.extend(scripts::build(&out)?);
    built.sort();
    sources::remember(&out, &now, &built)?;
    Ok(built)
}

/// The route to WebAssembly; where there is none, installs Debian's compiler and looks once more.
fn find() -> Result<Route> {
    let rustc = std::env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from);
    match route::find(&rustc)? {
        Found::Route(route) => Ok(route),
        Found::Nothing { why } => {
            println!("xtask: the WebAssembly target of rustup is not available: {why}");
            need::install(route::DEBIAN_PACKAGES).context(route::WHAT_TO_TYPE)?;
            match route::debian(&rustc)? {
                Found::Route(route) => Ok(route),
                Found::Nothing { why } => anyhow::bail!("{why}; {}", route::WHAT_TO_TYPE),
            }
        }
    }
}

/// Cargo's target folder for code that runs inside plugins: its flags differ from those of the server.
pub(crate) fn target() -> PathBuf {
    paths::target().join("guests")
}

/// The folders whose files the components are built from.
fn folders() -> [PathBuf; 2] {
    [paths::root().join("plugins"), examples()]
}

/// Folders that may contain plugins.
fn shelves() -> [PathBuf; 2] {
    [paths::root().join("plugins").join("guests"), examples()]
}

fn examples() -> PathBuf {
    paths::root().join("examples").join("plugins")
}

/// The cargo workspaces of code for plugins: that of the repository, and each example by itself.
///
/// # Errors
/// When a folder cannot be read.
pub(crate) fn workspaces() -> Result<Vec<PathBuf>> {
    let mut workspaces = vec![paths::root().join("plugins")];
    let examples = examples();
    let folder = std::fs::read_dir(&examples).with_context(|| format!("cannot read {}", examples.display()))?;
    for entry in folder {
        let path = entry?.path();
        if is_workspace(&path) {
            workspaces.push(path);
        }
    }
    workspaces.sort();
    Ok(workspaces)
}

fn is_workspace(folder: &Path) -> bool {
    folder.join("Cargo.toml").is_file()
}
