//! The admin UI's own tools: npm's packages, the build, and the Node scripts that run them.

use crate::process::{root_command, run_checked};
use crate::{npm, paths};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// Sources of the build, below `admin-ui`.
const SOURCE_PATHS: [&str; 8] = [
    "src",
    "bundle",
    "index.html",
    "package.json",
    "package-lock.json",
    "postcss.config.js",
    "tsconfig.json",
    "vite.config.ts",
];

/// The admin UI's folder in the repository.
pub(crate) fn ui_folder() -> PathBuf {
    paths::repository_root().join("admin-ui")
}

/// The command for a tool of the packages, run in the admin UI's folder: `tool("vite/bin/vite.js")`.
pub(crate) fn package_tool(script: &str) -> Command {
    let mut node = root_command("node");
    node.current_dir(ui_folder()).arg(ui_folder().join("node_modules").join(script));
    node
}

/// Installs the packages the lock names, unless they are there. Returns an error if npm is missing or fails.
pub(crate) fn install_packages() -> Result<()> {
    npm::install_packages(&ui_folder())
}

/// Builds `admin-ui/dist`, unless nothing has changed since; returns the folder. Returns an error if a tool is missing or fails.
pub(crate) fn build_ui() -> Result<PathBuf> {
    install_packages()?;
    let dist = ui_folder().join("dist");
    let built = fs::metadata(dist.join("index.html")).and_then(|file| file.modified()).ok();
    let mut newest = SystemTime::UNIX_EPOCH;
    for source in SOURCE_PATHS {
        newest = newest.max(last_changed(&ui_folder().join(source)).with_context(|| format!("admin-ui/{source}"))?);
    }
    if built.is_none_or(|built| built < newest) {
        run_checked(package_tool("vite/bin/vite.js").args(["build", "--logLevel", "warn"]))?;
    }
    Ok(dist)
}

/// The latest change of a file, or of anything in a folder. A folder's own time shows what was removed from it.
fn last_changed(path: &Path) -> std::io::Result<SystemTime> {
    let mut newest = fs::metadata(path)?.modified()?;
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            newest = newest.max(last_changed(&entry?.path())?);
        }
    }
    Ok(newest)
}
