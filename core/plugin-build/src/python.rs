//! A Python environment with the packages that building a plugin needs.

use crate::tools::{PYTHON_PACKAGES, ToolStatus, VENV_PACKAGES, is_installed, program_version};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Lowest version of Python that the tool runs on.
const MIN_PYTHON_VERSION: (u32, u32) = (3, 11);

/// The result of preparing an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Environment {
    /// The environment is ready; contains the path of its Python.
    Ready(PathBuf),
    /// There is none, and it cannot be created without these tools.
    Missing(ToolStatus),
}

/// The Python of the folder `place`, which has the packages of a `requirements.txt`. The environment is created where it does not exist, or
/// was created for other packages. Returns an error if Python is too old, or the packages cannot be installed.
pub fn ensure_environment(requirements: &Path, place: &Path) -> Result<Environment> {
    let required = std::fs::read(requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
    let (python, note) = (place.join("bin").join("python"), place.join("requirements.txt"));
    if std::fs::read(&note).is_ok_and(|installed| installed == required) && python.exists() {
        return Ok(Environment::Ready(python));
    }
    if !is_installed("python3") {
        let subject = "Python 3.11 or later, with the venv module";
        return Ok(Environment::Missing(ToolStatus::Missing { what: subject, packages: PYTHON_PACKAGES }));
    }
    let found = program_version(Command::new("python3").arg("--version"))?;
    if found < MIN_PYTHON_VERSION {
        bail!(
            "Python {}.{} is installed, but plugins in Python need 3.11 or later: https://www.python.org",
            found.0,
            found.1
        );
    }
    // The note is removed first: an environment is complete only when its note is written.
    if note.exists() {
        std::fs::remove_file(&note).with_context(|| format!("cannot remove {}", note.display()))?;
    }
    let mut make = Command::new("python3");
    make.args(["-m", "venv", "--clear"]).arg(place).stdin(Stdio::null());
    let output = make.output().context("cannot start python3")?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stdout);
        // Debian has the module in a package of its own, and says so there.
        if message.contains("ensurepip") || message.contains("python3-venv") {
            let what = "Python's venv module";
            return Ok(Environment::Missing(ToolStatus::Missing { what, packages: VENV_PACKAGES }));
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("`python3 -m venv {}` failed with {}: {message}{errors}", place.display(), output.status);
    }
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(requirements);
    let status = install.stdin(Stdio::null()).status().context("cannot start the Python of the new environment")?;
    if !status.success() {
        bail!("pip could not install the packages for {} ({status})", requirements.display());
    }
    std::fs::write(&note, required).with_context(|| format!("cannot write {}", note.display()))?;
    Ok(Environment::Ready(python))
}

/// The command for the tool of the library in a folder, run by a Python that has its packages: `build`, `check` and `test`.
pub fn tool_command(python: &Path, library: &Path) -> Command {
    let mut command = Command::new(python);
    command.env("PYTHONDONTWRITEBYTECODE", "1").arg(library.join("cairn_plugin_py.py"));
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments_with_unchanged_requirements_are_reused() {
        let dir = tempfile::tempdir().unwrap();
        let (requirements, place) = (dir.path().join("requirements.txt"), dir.path().join("venv"));
        std::fs::write(&requirements, "x==1").unwrap();
        std::fs::create_dir_all(place.join("bin")).unwrap();
        std::fs::write(place.join("bin/python"), "").unwrap();
        std::fs::write(place.join("requirements.txt"), "x==1").unwrap();
        let environment = Environment::Ready(place.join("bin/python"));
        assert_eq!(ensure_environment(&requirements, &place).unwrap(), environment);
        assert!(ensure_environment(&dir.path().join("gone.txt"), &place).unwrap_err().to_string().contains("gone.txt"));
    }
}
