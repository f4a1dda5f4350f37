//! Packages of npm, for folders that have a `package.json` and a lock of it.

use crate::need;
use crate::process::{check, command};
use anyhow::Result;
use std::fs;
use std::path::Path;

/// Whether Node and npm are here.
pub(crate) fn present() -> bool {
    need::present("node") && need::present("npm")
}

/// Installs the packages that the lock of a folder names, unless they are there.
///
/// # Errors
/// When npm is missing or fails.
pub(crate) fn packages(folder: &Path) -> Result<()> {
    need::tools(&[need::NODE, need::NPM])?;
    let lock = fs::read(folder.join("package-lock.json"))?;
    let noted = folder.join("node_modules/.cairn-lock");
    if fs::read(&noted).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let mut npm = command("npm");
    // Not `npm ci`: it insists on entries for the optional packages of all other systems, which a registry may not have.
    npm.current_dir(folder).args(["install", "--no-save", "--no-audit", "--no-fund"]);
    check(&mut npm)?;
    fs::write(noted, lock)?;
    Ok(())
}
