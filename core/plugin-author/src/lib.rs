//! Tools for authors of plugins.
//!
//! * [`folder`] says which files of a plugin's folder are the plugin.
//! * [`new`] creates the folder of a plugin that builds and passes its own tests.
//! * [`sdk`] writes the guest library into such a folder: it is part of the program, so that no registry is needed for it.
//! * [`types`] writes content types as types of the plugin's language.

pub mod folder;
pub mod new;
pub mod sdk;
pub mod types;

use std::path::{Path, PathBuf};

/// The language of a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Rust, with the crate `cairn-plugin`.
    Rust,
    /// TypeScript, with the library of [`sdk`].
    TypeScript,
    /// Python, with the library of [`sdk`].
    Python,
}

impl Language {
    /// The language of the plugin in a folder; `None`: none of its files shows it.
    pub fn detect_in(folder: &Path) -> Option<Self> {
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
pub struct FileWriteError {
    /// Path of the file or folder.
    pub path: PathBuf,
    /// Error of the system.
    pub error: std::io::Error,
}

/// Writes a file where its content differs, with the folders it is in: an unchanged file retains its time, so that
/// nothing is built again because of it.
fn write_if_changed(path: &Path, content: &[u8]) -> Result<(), FileWriteError> {
    let at = |error| FileWriteError { path: path.to_owned(), error };
    if std::fs::read(path).ok().as_deref() == Some(content) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(at)?;
    }
    std::fs::write(path, content).map_err(at)
}
