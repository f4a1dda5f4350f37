//! Packages of npm, for folders that have a `package.json` and a lock of it.

use crate::prerequisites;
use crate::process::{root_command, run_checked};
use anyhow::Result;
use std::fs;
use std::path::Path;

/// True if Node and npm are here.
pub(crate) fn is_installed() -> bool {
    prerequisites::is_in_path("node") && prerequisites::is_in_path("npm")
}

/// Installs the packages that the lock of a folder names, unless they are there. Returns an error if npm is missing or fails.
pub(crate) fn install_packages(folder: &Path) -> Result<()> {
    prerequisites::require_tools(&[prerequisites::NODE, prerequisites::NPM])?;
    let lock = fs::read(folder.join("package-lock.json"))?;
    let noted = folder.join("node_modules/.cairn-lock");
    if fs::read(&noted).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let mut npm = root_command("npm");
    // The command `npm ci` insists on entries for the optional packages of all other systems, which a registry may not have.
    npm.current_dir(folder).args(["install", "--no-save", "--no-audit", "--no-fund"]);
    run_checked(&mut npm)?;
    fs::write(noted, lock)?;
    Ok(())
}
