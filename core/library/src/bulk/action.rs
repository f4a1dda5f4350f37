//! Actions on many files at a time.

use serde::{Deserialize, Serialize};

/// Largest number of files that are changed at a time.
pub const MAX_BULK_FILES: usize = 1_000;

/// Action to perform on many files.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(tag = "action", rename_all = "lowercase", deny_unknown_fields)]
#[schema(as = BulkAction)]
pub enum BulkAction {
    /// Put into a folder; 0 is the root.
    Move {
        /// Document ids of the files, at most 1,000.
        ids: Vec<String>,
        /// Numeric id of the folder; 0 is the root.
        folder: i64,
    },
    /// Add tags to files.
    Tag {
        /// Document ids of the files, at most 1,000.
        ids: Vec<String>,
        /// Tags to add, at most 20.
        tags: Vec<String>,
    },
    /// Tags taken from them.
    Untag {
        /// Document ids of the files, at most 1,000.
        ids: Vec<String>,
        /// Tags to remove, at most 20.
        tags: Vec<String>,
    },
    /// Made private, or public.
    Private {
        /// Document ids of the files, at most 1,000.
        ids: Vec<String>,
        /// True if they are private.
        private: bool,
    },
    /// Put into the trash.
    Trash {
        /// Document ids of the files, at most 1,000.
        ids: Vec<String>,
    },
    /// Brought back from the trash, into the entries that showed them.
    Restore {
        /// Document ids of the files, at most 1,000.
        ids: Vec<String>,
    },
}

impl BulkAction {
    pub(super) fn document_ids(&self) -> &[String] {
        match self {
            Self::Move { ids, .. }
            | Self::Tag { ids, .. }
            | Self::Untag { ids, .. }
            | Self::Private { ids, .. }
            | Self::Trash { ids }
            | Self::Restore { ids } => ids,
        }
    }
}
