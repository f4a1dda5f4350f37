//! Kinds of new plugins, the parts that each has, and why there may be none.

use crate::types::TypesError;
use crate::{FileWriteError, Language};
use std::path::PathBuf;

/// Kind of a new plugin: the work that its starter does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StarterKind {
    /// Decides before a document is stored.
    Hook,
    /// Answers a request.
    Route,
    /// Hears of documents that were stored, and works in the background.
    Jobs,
    /// All of these; in Python all but hooks, which are not for it.
    Full,
}

/// Exports that a starter has.
#[derive(Debug, Clone, Copy)]
pub(super) struct StarterParts {
    pub(super) hooks: bool,
    pub(super) jobs: bool,
    pub(super) routes: bool,
}

impl StarterParts {
    pub(super) fn for_kind(language: Language, kind: StarterKind) -> Result<Self, NewError> {
        let has = |part| kind == part || kind == StarterKind::Full;
        match (language, kind) {
            // An instance of Python alone takes most of a hook's time.
            (Language::Python, StarterKind::Hook) => Err(NewError::NoHooks),
            (Language::Python, _) => {
                Ok(Self { hooks: false, jobs: has(StarterKind::Jobs), routes: has(StarterKind::Route) })
            }
            _ => Ok(Self {
                hooks: has(StarterKind::Hook),
                jobs: has(StarterKind::Jobs),
                routes: has(StarterKind::Route),
            }),
        }
    }
}

/// Why there is no new plugin.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    /// The folder has something in it.
    #[error("{} is not empty: use a folder that does not exist yet", .0.display())]
    NotEmpty(PathBuf),
    /// Its name is no id.
    #[error("{id:?} is not a valid plugin id: {why}")]
    Id {
        /// The id that was asked for.
        id: String,
        /// Description of a valid id.
        why: String,
    },
    /// Python answers no hooks.
    #[error("plugins in Python cannot have hooks: use --lang rust or --lang ts, or another --kind")]
    NoHooks,
    /// A file could not be written.
    #[error(transparent)]
    Unwritten(#[from] FileWriteError),
    /// Its types could not be written.
    #[error(transparent)]
    Types(#[from] TypesError),
}
