//! Full-text indexes. An [`Index`] is files, or memory, made of what a database keeps: it can be thrown away and made again at any time.
//!
//! Who searches names an audience, and everything that an answer says (hits, counts, facets, scores, suggestions) is made of the entries
//! which that audience may find, and of nothing else.

mod analysis;
mod collect;
mod definition;
mod entry;
mod error;
mod filter;
mod highlight;
mod index;
mod request;
mod search;
mod statistics;
mod suggest;
mod synonyms;
mod text;

pub use definition::{Definition, FieldKind};
pub use entry::{Change, Entry};
pub use error::{Problem, SearchError};
pub use index::{Index, Mark, Place, Writing};
pub use request::{Facet, FacetRequest, Hit, Request, Results, Tolerance};
pub use synonyms::Synonyms;

/// Longest text that is searched for, in bytes.
pub const MAX_TEXT: usize = 1_000;
/// Most words that are searched for.
pub const MAX_WORDS: usize = 32;
/// Most hits of one answer.
pub const MAX_LIMIT: u32 = 100;
/// The last hit that can be asked for.
pub const MAX_WINDOW: u32 = 10_000;
/// Most facets of one request.
pub const MAX_FACETS: usize = 16;
/// Most values of one facet.
pub const MAX_FACET_VALUES: u32 = 1_000;
/// Most keys to sort by.
pub const MAX_SORT: usize = 4;
/// Most names in an audience.
pub const MAX_AUDIENCE: usize = 1_000;
/// Longest id of an entry, name in an audience and value of a `keyword` or `facet`, in bytes.
pub const MAX_TERM: usize = 1_000;
/// Most values in one field of an entry.
pub const MAX_VALUES: usize = 1_000;
/// Most conditions of one filter, those inside others included.
pub const MAX_CONDITIONS: usize = 200;
/// Deepest filter.
pub const MAX_DEPTH: usize = 16;
/// Most values of one `$in`.
pub const MAX_LIST: usize = 500;
