//! Limits on the cost of a query. A request of a few bytes must not be able to occupy a core, however it is written.

/// Limits of one query; [`QueryLimits::default`] has the documented values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryLimits {
    /// Depth of one `filters`: logical operators and relations alike.
    pub filter_depth: usize,
    /// Number of comparisons in all `filters` of a request together.
    pub filter_leaves: usize,
    /// Number of values in one list: `$in`, `$notIn`, a list of locales.
    pub in_values: usize,
    /// Number of sort keys in one `sort`.
    pub sort_keys: usize,
    /// Depth of populated attributes below the entry. Strapi reads ten levels in brackets, and any number in names with dots; what a deep
    /// query costs is bounded by `populate_nodes`, which are its statements, and by the size of the response.
    pub populate_depth: usize,
    /// Number of populated relations, components and fragments of a request together.
    pub populate_nodes: usize,
    /// Default of `pageSize` and `limit`.
    pub page_size_default: u64,
    /// Largest `pageSize` and `limit`; greater values are reduced to it.
    pub page_size_max: u64,
}

impl Default for QueryLimits {
    fn default() -> Self {
        Self {
            filter_depth: 10,
            filter_leaves: 100,
            in_values: 1000,
            sort_keys: 20,
            populate_depth: 20,
            populate_nodes: 500,
            page_size_default: 25,
            page_size_max: 100,
        }
    }
}
