//! `cargo xtask wasm`: the plugins of this repository as WebAssembly components, in `target/plugins/`.
//!
//! How those in Rust are compiled is `core/plugin-build`'s: `cairn plugin build` does the same for authors. [`scripts`] makes those in
//! TypeScript and Python, by the tools that authors have as well.

pub(crate) mod scripts;

use crate::{need, paths};
use anyhow::{Context, Result};
use cairn_plugin_build::{Found, Route, guests, route, sources};
use std::path::{Path, PathBuf};

/// Options of the chore.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Build even where no source has changed
    #[arg(long)]
    force: bool,
}

/// Builds the components, unless they are there and their sources are as they were.
///
/// # Errors
/// When no compiler for WebAssembly can be found or installed, or a plugin does not compile.
pub(crate) fn run(args: Args) -> Result<()> {
    for component in components(args.force)? {
        println!("{}", component.display());
    }
    Ok(())
}

/// Builds the components if need be, says what it does, and returns their paths in the order of their names.
///
/// # Errors
/// As [`run`].
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

/// The route; where none is there, Debian's compiler is installed and it is looked for once more.
fn find() -> Result<Route> {
    let rustc = std::env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from);
    match route::find(&rustc)? {
        Found::Route(route) => Ok(route),
        Found::Nothing { why } => {
            println!("xtask: no WebAssembly target of rustup's: {why}");
            need::install(route::DEBIAN_PACKAGES).context(route::WHAT_TO_TYPE)?;
            match route::debian(&rustc)? {
                Found::Route(route) => Ok(route),
                Found::Nothing { why } => anyhow::bail!("{why}; {}", route::WHAT_TO_TYPE),
            }
        }
    }
}

/// Cargo's target folder for code that runs inside plugins: other flags, so other files, than those of the server.
pub(crate) fn target() -> PathBuf {
    paths::target().join("guests")
}

/// The folders whose files make the components.
fn folders() -> [PathBuf; 2] {
    [paths::root().join("plugins"), examples()]
}

/// Folders that may have plugins in them.
fn shelves() -> [PathBuf; 2] {
    [paths::root().join("plugins").join("guests"), examples()]
}

fn examples() -> PathBuf {
    paths::root().join("examples").join("plugins")
}

/// The cargo workspaces of code for plugins: that of the repository's own, and each example by itself.
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
