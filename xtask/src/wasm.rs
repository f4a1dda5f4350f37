//! `cargo xtask wasm`: the plugins of this repository as WebAssembly components, in `target/plugins/`.
//!
//! `core/plugin-build` compiles those in Rust: `cairn plugin build` does the same for authors. [`scripts`] builds those in TypeScript and
//! Python, with the tools that authors use as well.

pub(crate) mod scripts;

use crate::{paths, prerequisites};
use anyhow::{Context, Result};
use cairn_plugin_build::guests::{self, BuildOptions, BuiltCrates};
use cairn_plugin_build::{WasmToolchain, WasmToolchainSearch, sources, toolchain};
use std::path::{Path, PathBuf};

/// Options of the chore.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Build even if no source has changed
    #[arg(long)]
    force: bool,
}

/// Builds the components, unless they exist and their sources are unchanged. Returns an error if no compiler for WebAssembly can be found
/// or installed, or a plugin does not compile.
pub(crate) fn run(args: Args) -> Result<()> {
    for component in build_components(args.force)? {
        println!("{}", component.display());
    }
    Ok(())
}

/// Builds the components if need be, prints what it does, and returns their paths in the order of their names. Returns the
/// same errors as [`run`].
pub(crate) fn build_components(force: bool) -> Result<Vec<PathBuf>> {
    let out = paths::target_folder().join("plugins");
    let workspaces = list_workspaces()?;
    let now = sources::source_fingerprint(&source_folders())?;
    if !force && let Some(built) = sources::find_unchanged(&out, &now) {
        println!("xtask: the components in {} are up to date", out.display());
        return Ok(built);
    }
    let route = find_route()?;
    println!("xtask: building components {}", route.describe());
    sources::remove_note(&out)?;
    let mut built = Vec::new();
    let target = target_folder();
    let options = BuildOptions { target: Some(&target), crates: BuiltCrates::Workspace, locked: true, quiet: false };
    for workspace in &workspaces {
        built.extend(guests::build_workspace(workspace, &route, options, &out)?);
    }
    built.extend(scripts::build_plugins(&out)?);
    built.sort();
    sources::write_note(&out, &now, &built)?;
    Ok(built)
}

/// Builds the components of some crates of the repository's workspace of plugins, by their names, and prints nothing but what the compiler
/// complains about. Cargo decides whether anything is to be done. Returns the same errors as [`run`].
pub(crate) fn build_crates(names: &[&str]) -> Result<()> {
    let (workspace, out) = (paths::repository_root().join("plugins"), paths::target_folder().join("plugins"));
    let (route, target) = (find_route()?, target_folder());
    let options = BuildOptions { target: Some(&target), crates: BuiltCrates::Named(names), locked: true, quiet: true };
    guests::build_workspace(&workspace, &route, options, &out).map(drop)
}

/// The route to WebAssembly; where there is none, installs Debian's compiler and looks once more.
fn find_route() -> Result<WasmToolchain> {
    let rustc = std::env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from);
    match toolchain::find_toolchain(&rustc)? {
        WasmToolchainSearch::Route(route) => Ok(route),
        WasmToolchainSearch::Nothing { why } => {
            println!("xtask: the WebAssembly target of rustup is not available: {why}");
            prerequisites::install_packages(toolchain::DEBIAN_PACKAGES).context(toolchain::INSTALL_HINT)?;
            match toolchain::find_debian_toolchain(&rustc)? {
                WasmToolchainSearch::Route(route) => Ok(route),
                WasmToolchainSearch::Nothing { why } => anyhow::bail!("{why}; {}", toolchain::INSTALL_HINT),
            }
        }
    }
}

/// Cargo's target folder for code that runs inside plugins: its flags differ from those of the server.
pub(crate) fn target_folder() -> PathBuf {
    paths::target_folder().join("guests")
}

/// The folders whose files the components are built from.
fn source_folders() -> [PathBuf; 3] {
    // Plugins are compiled with the last one.
    let shared = paths::repository_root().join("core").join("contact-details");
    [paths::repository_root().join("plugins"), examples_folder(), shared]
}

/// Folders that may contain plugins.
fn plugin_parents() -> [PathBuf; 2] {
    [paths::repository_root().join("plugins").join("guests"), examples_folder()]
}

fn examples_folder() -> PathBuf {
    paths::repository_root().join("examples").join("plugins")
}

/// The cargo workspaces of code for plugins: that of the repository, and each example by itself. Returns an error if a
/// folder cannot be read.
pub(crate) fn list_workspaces() -> Result<Vec<PathBuf>> {
    let mut workspaces = vec![paths::repository_root().join("plugins")];
    let examples = examples_folder();
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
