//! The files of a plugin's folder that belong to the plugin: sources, notes and the output of builds do not.

use cairn_plugin_package::component::COMPONENT;
use cairn_plugin_package::package::{PackageFiles, is_packed};
use std::path::{Path, PathBuf};

/// A file or folder that cannot be read, or that no plugin may have.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", path.display())]
pub struct FolderReadError {
    /// Path of the file or folder.
    pub path: PathBuf,
    /// Reason, for people.
    pub why: String,
}

/// All files of the plugin, with the component where it is built. Links are left out, wherever they lead.
///
/// # Errors
/// What cannot be read, and what a package may not have.
pub fn read_files(folder: &Path) -> Result<PackageFiles, FolderReadError> {
    let mut files = PackageFiles::new();
    add_files(&mut files, folder, folder, &|_| true)?;
    Ok(files)
}

/// As [`read_files`], without the component, which may be large and be elsewhere. Returns the same errors as [`read_files`].
pub fn read_files_without_component(folder: &Path) -> Result<PackageFiles, FolderReadError> {
    let mut files = PackageFiles::new();
    add_files(&mut files, folder, folder, &|name| name != COMPONENT)?;
    Ok(files)
}

fn add_files(
    files: &mut PackageFiles,
    root: &Path,
    folder: &Path,
    is_included: &dyn Fn(&str) -> bool,
) -> Result<(), FolderReadError> {
    let at = |path: &Path, why: &dyn std::fmt::Display| FolderReadError { path: path.to_owned(), why: why.to_string() };
    for entry in std::fs::read_dir(folder).map_err(|e| at(folder, &e))? {
        let path = entry.map_err(|e| at(folder, &e))?.path();
        let within = path.strip_prefix(root).unwrap_or(&path);
        let Some(name) = within.to_str() else { return Err(at(&path, &"the file name is not valid UTF-8")) };
        let kind = path.symlink_metadata().map_err(|e| at(&path, &e))?;
        if kind.is_dir() && is_packed(&format!("{name}/x")) {
            add_files(files, root, &path, is_included)?;
        } else if kind.is_file() && is_packed(name) && is_included(name) {
            let content = std::fs::read(&path).map_err(|e| at(&path, &e))?;
            files.add(name, content).map_err(|e| at(&path, &e))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn read_files_skips_sources_and_symlinks() {
        let dir = tempfile::tempdir().unwrap();
        let create_file = |name: &str| {
            let place = dir.path().join(name);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, "x").unwrap();
        };
        for name in
            ["plugin.toml", "plugin.wasm", "locales/en.json", "src/lib.rs", ".cairn/sdk/x", "target/plugin.toml"]
        {
            create_file(name);
        }
        std::os::unix::fs::symlink("/etc", dir.path().join("templates")).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", dir.path().join("LICENSE")).unwrap();
        let names = |files: &PackageFiles| files.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
        assert_eq!(names(&read_files(dir.path()).unwrap()), ["locales/en.json", "plugin.toml", "plugin.wasm"]);
        assert_eq!(names(&read_files_without_component(dir.path()).unwrap()), ["locales/en.json", "plugin.toml"]);
    }

    #[test]
    fn invalid_and_missing_paths_are_named_in_the_error() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("locales")).unwrap();
        fs::write(dir.path().join("locales/en .json"), "{}").unwrap();
        let error = read_files(dir.path()).unwrap_err().to_string();
        assert!(error.contains("locales/en .json"), "{error}");
        assert!(read_files(&dir.path().join("nowhere")).unwrap_err().to_string().contains("nowhere"));
    }
}
