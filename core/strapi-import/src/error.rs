//! Errors of an import.

use crate::source::ImportSource;
use cairn_store::StoreError;

/// A reason why an archive or database cannot be imported. Messages are for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The archive was not written by Strapi 4 or 5, or has been damaged since.
    #[error("{0}")]
    Archive(String),
    /// The database is not of Strapi 4 or 5, or has something that cannot be read; or its uploads folder.
    #[error("{0}")]
    Database(String),
    /// The archive is of Strapi 4: it is read in another way.
    #[error("the archive is of Strapi {0:?}, whose rows have no document ids")]
    FormerVersion(String),
    /// The archive's file cannot be read.
    #[error("the archive cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The database refused what was imported.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The receiver of the content could not continue.
    #[error("{0}")]
    Stopped(String),
}

impl ImportError {
    /// An error of a member of the archive, with its path.
    pub(crate) fn in_member(path: &str, why: impl std::fmt::Display) -> Self {
        Self::Archive(format!("{path} in the archive: {why}"))
    }

    /// An error of a file: a member of an archive, or a file of the uploads folder.
    pub(crate) fn in_file(source: ImportSource, path: &str, why: impl std::fmt::Display) -> Self {
        match source {
            ImportSource::Archive => Self::in_member(path, why),
            ImportSource::Database => Self::Database(format!("{path}: {why}")),
        }
    }
}
