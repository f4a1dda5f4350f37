//! What the author of a plugin is given.
//!
//! * [`folder`] says which files of a plugin's folder are the plugin.
//! * [`new`] makes the folder of a plugin that builds and passes its own tests.
//! * [`sdk`] writes the guest library into such a folder: it comes with the program, so that no registry is needed for it.
//! * [`types`] writes content types as types of the plugin's language.

pub mod folder;
pub mod new;
pub mod sdk;
pub mod types;

use std::path::{Path, PathBuf};

/// What a plugin is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Rust, with the crate `cairn-plugin`.
    Rust,
    /// TypeScript.
    TypeScript,
    /// Python.
    Python,
}

impl Language {
    /// What the plugin in a folder is written in; `None`: it has none of the files that say so.
    pub fn of(folder: &Path) -> Option<Self> {
        let has = |name: &str| folder.join(name).is_file();
        match () {
            () if has("Cargo.toml") => Some(Self::Rust),
            () if has("package.json") => Some(Self::TypeScript),
            () if has("pyproject.toml") || has("src/main.py") => Some(Self::Python),
            () => None,
        }
    }
}

/// A file or folder that could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {error}", path.display())]
pub struct Unwritten {
    /// Which.
    pub path: PathBuf,
    /// Why.
    pub error: std::io::Error,
}

/// Writes a file whose content differs, with the folders it is in: one that is as it was keeps its time, so that nothing is
/// built again for it.
fn write(path: &Path, content: &[u8]) -> Result<(), Unwritten> {
    let at = |error| Unwritten { path: path.to_owned(), error };
    if std::fs::read(path).ok().as_deref() == Some(content) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(at)?;
    }
    std::fs::write(path, content).map_err(at)
}
