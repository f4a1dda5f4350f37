//! What is asked, and what comes of it.

use serde_json::Value as Json;

/// How far a word may be from what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tolerance {
    /// Not at all.
    Off,
    /// One edit from 4 letters on, two from 8 on.
    #[default]
    Standard,
    /// One edit from 3 letters on, two from 6 on.
    Generous,
}

impl Tolerance {
    /// Edits that a word may be away. One with digits in it is what it is.
    pub(crate) fn edits(self, word: &str) -> u8 {
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
    /// A `facet` field.
    pub field: String,
    /// Most values, the most frequent first.
    pub limit: u32,
    /// As if the conditions of the filter on this field were not there.
    pub ignore_own_filter: bool,
}

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    /// Words. Where it is blank, everything that the filters let through.
    pub text: String,
    /// Entries of this locale, and those of none; `None`: of all.
    pub locale: Option<String>,
    /// A filter object as REST has it.
    pub filters: Option<Json>,
    /// What to count.
    pub facets: Vec<FacetRequest>,
    /// `price:desc`; by how well they fit where it is empty.
    pub sort: Vec<String>,
    /// Fields of the documents in the answer; all where it is empty.
    pub fields: Vec<String>,
    /// `text` fields in which to mark what was found.
    pub highlight: Vec<String>,
    /// How far a word may be from what was typed.
    pub tolerance: Tolerance,
    /// The last word may be unfinished.
    pub prefix: bool,
    /// Hits to leave out.
    pub start: u32,
    /// Most hits.
    pub limit: u32,
    /// Who asks: entries for everyone, and for any of these.
    pub audience: Vec<String>,
}

/// An entry that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Its id.
    pub id: String,
    /// How well it fits; to be compared within one answer only.
    pub score: f64,
    /// Its document, or the fields that were asked for.
    pub document: Json,
    /// Fields and fragments of them: HTML, escaped, with `mark` elements.
    pub highlights: Vec<(String, String)>,
}

/// Values of a field, the most frequent first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// The field.
    pub field: String,
    /// Values and how many entries have them.
    pub values: Vec<(String, u64)>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Results {
    /// What was found.
    pub hits: Vec<Hit>,
    /// In the order asked.
    pub facets: Vec<Facet>,
    /// How many there are.
    pub total: u64,
    /// A better spelling of the text, where there is one.
    pub suggestion: Option<String>,
}
