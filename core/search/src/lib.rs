//! Full-text indexes. An [`FullTextIndex`], in files or in memory, is built from what a database stores: it can be dropped and rebuilt at any time.
//!
//! A search names an audience, and everything in its result (hits, counts, facets, scores, suggestions) is computed from the entries that
//! this audience may find, and from nothing else.

mod analysis;
mod collect;
mod compounds;
mod definition;
mod entry;
mod error;
mod filter;
mod highlight;
mod index;
mod parts;
mod request;
mod search;
mod statistics;
mod suggest;
mod synonyms;
mod text;
mod verbs;

pub use definition::{IndexDefinition, SearchFieldKind};
pub use entry::{EntryChange, IndexEntry};
pub use error::{SearchError, SearchProblem};
pub use index::{FullTextIndex, IndexLocation, IndexProgress, IndexTransaction};
pub use request::{Facet, FacetRequest, SearchHit, SearchRequest, SearchResults, Tolerance};
pub use synonyms::Synonyms;

/// Longest text of a search, in bytes.
pub const MAX_TEXT: usize = 1_000;
/// Largest number of words of a search.
pub const MAX_WORDS: usize = 32;
/// Largest number of hits of one result.
pub const MAX_LIMIT: u32 = 100;
/// Position of the last hit that can be requested.
pub const MAX_WINDOW: u32 = 10_000;
/// Largest number of facets of one request.
pub const MAX_FACETS: usize = 16;
/// Largest number of values of one facet.
pub const MAX_FACET_VALUES: u32 = 1_000;
/// Largest number of keys to sort by.
pub const MAX_SORT: usize = 4;
/// Largest number of names in an audience.
pub const MAX_AUDIENCE: usize = 1_000;
/// Longest id of an entry, name in an audience and value of a `keyword` or `facet`, in bytes.
pub const MAX_TERM: usize = 1_000;
/// Largest number of values in one field of an entry.
pub const MAX_VALUES: usize = 1_000;
/// Largest number of conditions of one filter, nested ones included.
pub const MAX_CONDITIONS: usize = 200;
/// Deepest nesting of a filter.
pub const MAX_DEPTH: usize = 16;
/// Largest number of values of one `$in`.
pub const MAX_LIST: usize = 500;
