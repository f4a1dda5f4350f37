//! The location of a database.

use crate::{PostgresOptions, Result, sqlite};
use std::path::{Path, PathBuf};

/// The location of a database.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file; created with its folder if it does not exist.
    Sqlite(PathBuf),
    /// A schema of a PostgreSQL database; created if it does not exist.
    Postgres(PostgresOptions),
}

impl Database {
    /// Parses a URL: `sqlite:<path>` (relative to `base`) or `postgres://…` (see [`PostgresOptions::parse`]).
    ///
    /// # Errors
    /// Says what is wrong with the URL, without user and password.
    pub fn parse(url: &str, base: &Path) -> Result<Self, String> {
        match url.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(base.join(path))),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(PostgresOptions::parse(url, None, None)?)),
            _ => Err(format!(
                "expected sqlite:<path> or postgres://user:password@host:port/database, not {:?}",
                url.split(':').next().unwrap_or_default()
            )),
        }
    }
}

impl std::fmt::Display for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{}", path.display()),
            Self::Postgres(options) => write!(f, "{options:?}"),
        }
    }
}

impl Database {
    /// True if the database exists. Blocks.
    pub fn exists(&self) -> Result<bool> {
        match self {
            Self::Sqlite(path) => Ok(path.exists()),
            Self::Postgres(options) => options.exists(),
        }
    }

    /// Deletes the database with all its data, for good. A database that does not exist is not an error. Blocks.
    pub fn erase(&self) -> Result<()> {
        match self {
            Self::Sqlite(path) => sqlite::erase_files(path),
            Self::Postgres(options) => options.erase(),
        }
    }
}
