//! Parts of lists that programs read.

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListRange {
    /// From a position on (0: the first), in the order of the query.
    Window {
        /// Number of entries to skip.
        start: u64,
        /// Largest number of entries.
        limit: u32,
    },
    /// Behind a row, in the order of numeric ids, whatever order the query has: every page takes the same time.
    After {
        /// Numeric id of that row; 0: from the beginning.
        number: i64,
        /// Largest number of entries.
        limit: u32,
    },
}
