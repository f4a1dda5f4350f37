//! Errors of an import.

use cairn_store::StoreError;

/// Why an archive cannot be imported. Each message is for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The archive is not one that Strapi 5 wrote, or not as it was written.
    #[error("{0}")]
    Archive(String),
    /// The archive's file cannot be read.
    #[error("the archive cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The database refused what was imported.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// Whoever received the content could not go on.
    #[error("{0}")]
    Stopped(String),
}

impl ImportError {
    /// An error of a member of the archive, with its path.
    pub(crate) fn in_member(path: &str, why: impl std::fmt::Display) -> Self {
        Self::Archive(format!("{path} in the archive: {why}"))
    }
}
