//! Tools a chore needs that are not Rust: installed from Debian when root, else the command to type is printed.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program and the Debian packages that bring it.
pub(crate) struct Tool {
    program: &'static str,
    packages: &'static [&'static str],
}

/// The C compiler, for the bundled SQLite.
pub(crate) const CC: Tool = Tool { program: "cc", packages: &["build-essential"] };
/// Node with npm, for the conformance runner, the official client and the bench's seeder.
pub(crate) const NODE: Tool = Tool { program: "node", packages: &["nodejs", "npm"] };
/// npm, where Node came without it.
pub(crate) const NPM: Tool = Tool { program: "npm", packages: &["npm"] };
/// pdfinfo and pdftotext, which read what is made.
pub(crate) const POPPLER: Tool = Tool { program: "pdftotext", packages: &["poppler-utils"] };
/// qpdf, which checks what is sealed.
pub(crate) const QPDF: Tool = Tool { program: "qpdf", packages: &["qpdf"] };
/// openssl, a time-stamp authority for tests.
pub(crate) const OPENSSL: Tool = Tool { program: "openssl", packages: &["openssl"] };
/// curl, which the shared scripts use.
pub(crate) const CURL: Tool = Tool { program: "curl", packages: &["curl"] };
/// Debian's browser, for screenshots.
pub(crate) const CHROMIUM: Tool = Tool { program: "chromium", packages: &["chromium"] };
/// wrk, the load generator.
pub(crate) const WRK: Tool = Tool { program: "wrk", packages: &["wrk"] };

/// Sees to it that the tools are there.
///
/// # Errors
/// When one is missing and cannot be installed; says what to type.
pub(crate) fn require_tools(tools: &[Tool]) -> Result<()> {
    let packages: Vec<&str> =
        tools.iter().filter(|t| !is_in_path(t.program)).flat_map(|t| t.packages).copied().collect();
    if packages.is_empty() { Ok(()) } else { install_packages(&packages) }
}

/// Debian's PostgreSQL, without the cluster that its package makes and starts where nobody says otherwise.
///
/// # Errors
/// When it cannot be installed; says what to type.
pub(crate) fn require_postgres() -> Result<()> {
    let folder = Path::new("/etc/postgresql-common/createcluster.d");
    let setting = folder.join("cairn-xtask.conf");
    // An existing `createcluster.conf` already says which cluster to create.
    let needs_setting = is_root() && !folder.with_file_name("createcluster.conf").exists();
    if needs_setting {
        std::fs::create_dir_all(folder)?;
        std::fs::write(&setting, "create_main_cluster = false\n")?;
    }
    let result = install_packages(&["postgresql"]);
    if needs_setting {
        std::fs::remove_file(&setting)?;
    }
    result
}

/// Installs Debian packages.
///
/// # Errors
/// When they cannot be installed; says what to type.
pub(crate) fn install_packages(packages: &[&str]) -> Result<()> {
    let line = format!("apt-get install --yes --no-install-recommends {}", packages.join(" "));
    if !is_root() || !is_in_path("apt-get") {
        bail!("not installed on this machine; install with:\n    sudo {line}");
    }
    println!("xtask: {line}");
    let apt = |args: &[&str]| {
        Command::new("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive").status().context("apt-get")
    };
    apt(&["update", "--quiet"])?;
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(packages);
    if !apt(&install)?.success() {
        bail!("cannot install; run:\n    {line}");
    }
    Ok(())
}

fn is_root() -> bool {
    nix::unistd::Uid::effective().is_root()
}

/// True if a program is in the PATH.
pub(crate) fn is_in_path(program: &str) -> bool {
    find_in_path(program).is_some()
}

/// The program of that name in `PATH`.
pub(crate) fn find_in_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}
