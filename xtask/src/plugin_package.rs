//! Plugins of the repository as packages, made and installed with the commands that operators use.

use crate::paths;
use crate::process::{root_command, run_checked, run_output};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Packs the plugin in a folder of the repository, with its manifest changed; signed, if a file with a key is given, which is made where it
/// is missing. Returns an error if it was not built or cannot be packed.
pub(crate) fn pack_plugin(
    binary: &Path,
    folder: &str,
    key: Option<&Path>,
    change: impl FnOnce(String) -> String,
) -> Result<PathBuf> {
    pack_changed_plugin(binary, folder, key, |copy| {
        let manifest = copy.join("plugin.toml");
        fs::write(&manifest, change(fs::read_to_string(&manifest)?))?;
        Ok(())
    })
}

/// Packs the plugin in a folder of the repository as [`pack_plugin`] does, with a change of any of its files, made in a copy of the folder.
/// Returns the same errors.
pub(crate) fn pack_changed_plugin(
    binary: &Path,
    folder: &str,
    key: Option<&Path>,
    change: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let id = Path::new(folder).file_name().and_then(|name| name.to_str()).context("a folder without a name")?;
    let (copy, out) =
        (paths::scratch_folder(&format!("plugin-{id}"))?, paths::scratch_folder(&format!("package-{id}"))?);
    run_checked(root_command("cp").args(["-R", "."]).arg(&copy).current_dir(paths::repository_root().join(folder)))?;
    let component = paths::target_folder().join(format!("plugins/{id}.wasm"));
    fs::copy(&component, copy.join("plugin.wasm")).with_context(|| component.display().to_string())?;
    change(&copy)?;
    let cairn = binary.display().to_string();
    let mut pack = root_command(&cairn);
    pack.args(["plugin", "pack"]).arg(&copy).arg("--out").arg(&out);
    if let Some(key) = key {
        if !key.exists() {
            run_checked(root_command(&cairn).args(["plugin", "key"]).arg(key))?;
        }
        pack.arg("--key").arg(key);
    }
    Ok(PathBuf::from(run_output(&mut pack)?.trim()))
}

/// Installs a package with all that it asks for. `options`: further options of `cairn plugin install`. Returns an error if it cannot be
/// installed.
pub(crate) fn install_package(binary: &Path, project: &Path, package: &Path, options: &[&str]) -> Result<()> {
    let mut install = root_command(&binary.display().to_string());
    install.args(["plugin", "install", "--yes"]).args(options).arg("--project").arg(project).arg(package);
    run_checked(&mut install)
}
