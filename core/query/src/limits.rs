//! What a query may cost. A request of a few bytes must not be able to occupy a core, however it is spelled.

/// Limits of one query; [`Limits::default`] has the documented values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Levels of nesting in one `filters`: logical operators and relations alike.
    pub filter_depth: usize,
    /// Comparisons in all `filters` of a request together.
    pub filter_leaves: usize,
    /// Values in one list: `$in`, `$notIn`, a list of locales.
    pub in_values: usize,
    /// Sort keys in one `sort`.
    pub sort_keys: usize,
    /// Levels of populated attributes below the entry.
    pub populate_depth: usize,
    /// Populated relations, components and fragments of a request together.
    pub populate_nodes: usize,
    /// `pageSize` and `limit` where none is given.
    pub page_size_default: u64,
    /// The largest `pageSize` and `limit`; more is this.
    pub page_size_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            filter_depth: 10,
            filter_leaves: 100,
            in_values: 1000,
            sort_keys: 20,
            populate_depth: 8,
            populate_nodes: 500,
            page_size_default: 25,
            page_size_max: 100,
        }
    }
}
