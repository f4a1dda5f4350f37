//! Packages and scripts of npm, for plugins in TypeScript.

use crate::tools::{NODE_PACKAGES, ToolStatus, is_installed, program_version};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::{Command, Stdio};

/// The first version of Node.js that the library runs on.
const MIN_NODE_VERSION: (u32, u32) = (20, 19);
/// Kept beside the packages: what they were installed for.
const INSTALLED_NOTE: &str = "node_modules/.cairn-installed";

/// Checks that Node.js and npm are here, and new enough. Returns an error if Node.js is there, but does not run or is too old.
pub fn check_tools() -> Result<ToolStatus> {
    if !is_installed("node") || !is_installed("npm") {
        return Ok(ToolStatus::Missing { what: "Node.js 20.19 or later, with npm", packages: NODE_PACKAGES });
    }
    let found = program_version(Command::new("node").arg("--version"))?;
    if found < MIN_NODE_VERSION {
        bail!(
            "Node.js {}.{} is installed, but plugins in TypeScript need 20.19 or later: https://nodejs.org",
            found.0,
            found.1
        );
    }
    Ok(ToolStatus::Ready)
}

/// Installs what the `package.json` of a folder names, unless that was done since it, or one of `also`, has changed. Returns an error if a
/// file cannot be read, or npm fails.
pub fn install_packages(folder: &Path, also: &[&Path]) -> Result<()> {
    let own = folder.join("package.json");
    let mut manifests = Vec::new();
    for file in std::iter::once(own.as_path()).chain(also.iter().copied()) {
        manifests.extend(std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    let note = folder.join(INSTALLED_NOTE);
    if std::fs::read(&note).is_ok_and(|installed| installed == manifests) {
        return Ok(());
    }
    run_npm(folder, &["install", "--no-audit", "--no-fund"])?;
    std::fs::create_dir_all(folder.join("node_modules"))?;
    std::fs::write(&note, manifests).with_context(|| format!("cannot write {}", note.display()))
}

/// Runs a script of the folder's `package.json`; what it says goes to where this process's goes. Returns an error if it fails.
pub fn run_script(folder: &Path, name: &str) -> Result<()> {
    run_npm(folder, &["run", "--silent", name])
}

fn run_npm(folder: &Path, args: &[&str]) -> Result<()> {
    let text = format!("npm {}", args.join(" "));
    let ran = Command::new("npm").args(args).current_dir(folder).stdin(Stdio::null()).status();
    let status = ran.with_context(|| format!("cannot start `{text}`"))?;
    if !status.success() {
        bail!("`{text}` in {} failed with {status}", folder.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unchanged_packages_are_not_installed_again() {
        let dir = tempfile::tempdir().unwrap();
        let library = dir.path().join("library.json");
        std::fs::write(dir.path().join("package.json"), "one").unwrap();
        std::fs::write(&library, "two").unwrap();
        std::fs::create_dir(dir.path().join("node_modules")).unwrap();
        std::fs::write(dir.path().join(INSTALLED_NOTE), "onetwo").unwrap();
        // npm would complain: neither is JSON.
        install_packages(dir.path(), &[&library]).unwrap();
        let error = install_packages(dir.path(), &[&dir.path().join("gone.json")]).unwrap_err();
        assert!(error.to_string().contains("gone.json"), "{error}");
    }
}
