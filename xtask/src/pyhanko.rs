//! pyHanko, from PyPI: another's verdict on the seals of PDFs.

use crate::process::root_command;
use crate::{paths, prerequisites};
use anyhow::{Context, Result, bail};

/// The packages that bring the program.
const PYHANKO_PACKAGES: [&str; 2] = ["pyHanko==0.38.0", "pyhanko-cli==0.6.0"];

/// Has pip fetch it, once, to where tests look for it: `target/tools/pyhanko`. Returns an error if it is not there and cannot be fetched.
pub(crate) fn fetch_program() -> Result<()> {
    let folder = paths::target_folder().join("tools/pyhanko");
    if folder.join("pyhanko/cli").is_dir() {
        return Ok(());
    }
    if !prerequisites::is_in_path("python3") {
        bail!("python3 is not installed on this machine");
    }
    let mut pip = root_command("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
    if !pip.arg(&folder).args(PYHANKO_PACKAGES).status().context("cannot start python3")?.success() {
        bail!("pip could not install {}", PYHANKO_PACKAGES.join(" and "));
    }
    Ok(())
}
