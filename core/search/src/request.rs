//! Requests and results of searches.

use serde_json::Value as Json;

/// How far a word may differ from what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tolerance {
    /// No difference at all.
    Off,
    /// One edit in words of 4 letters and more, two from 8 letters on.
    #[default]
    Standard,
    /// One edit in words of 3 letters and more, two from 6 letters on.
    Generous,
}

impl Tolerance {
    /// The number of edits by which a word may differ; 0 for one with digits in it.
    pub(crate) fn max_edits(self, word: &str) -> u8 {
        let letters = word.chars().count();
        if letters > 40 || word.chars().any(|c| c.is_ascii_digit()) {
            return 0;
        }
        match (self, letters) {
            (Self::Off, _) => 0,
            (Self::Standard, 8..) | (Self::Generous, 6..) => 2,
            (Self::Standard, 4..) | (Self::Generous, 3..) => 1,
            _ => 0,
        }
    }
}

/// A facet to count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetRequest {
    /// Name of a `facet` field.
    pub field: String,
    /// Largest number of values, the most frequent first.
    pub limit: u32,
    /// True if conditions of the filter on this field are ignored for the counts.
    pub ignore_own_filter: bool,
}

/// A search of an index.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SearchRequest {
    /// Words to find. Where it is blank, everything that the filters permit.
    pub text: String,
    /// Finds entries of this locale, and those of none; `None`: of all locales.
    pub locale: Option<String>,
    /// Filter object, as in REST.
    pub filters: Option<Json>,
    /// Facets to count.
    pub facets: Vec<FacetRequest>,
    /// Order such as `price:desc`; by relevance where it is empty.
    pub sort: Vec<String>,
    /// Fields of the documents in the result; all where it is empty.
    pub fields: Vec<String>,
    /// `text` fields in which matches are marked.
    pub highlight: Vec<String>,
    /// How far a word may differ from what was typed.
    pub tolerance: Tolerance,
    /// True if the last word may be incomplete.
    pub prefix: bool,
    /// Number of hits to skip.
    pub start: u32,
    /// Largest number of hits to return.
    pub limit: u32,
    /// Audience of the caller: finds entries for everyone, and for any of these.
    pub audience: Vec<String>,
}

/// An entry that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchHit {
    /// Id of the entry.
    pub id: String,
    /// Relevance; comparable within one result only.
    pub score: f64,
    /// Document of the entry, or the requested fields of it.
    pub document: Json,
    /// Fields with fragments of them: HTML, escaped, with `mark` elements.
    pub highlights: Vec<(String, String)>,
}

/// Values of a field, the most frequent first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// Name of the field.
    pub field: String,
    /// Values, each with its number of entries.
    pub values: Vec<(String, u64)>,
}

/// The result of a search.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SearchResults {
    /// Hits of this page, in order.
    pub hits: Vec<SearchHit>,
    /// Counted facets, in the order of the request.
    pub facets: Vec<Facet>,
    /// Number of all hits.
    pub total: u64,
    /// A better spelling of the text, where there is one.
    pub suggestion: Option<String>,
}
