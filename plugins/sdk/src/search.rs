//! Full-text indexes of the manifest (`[[index]]`). What is put joins the open transaction, and is found from its commit on.

use crate::bindings::search as raw;
pub use crate::bindings::search::Tolerance;
use crate::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An entry, which takes the place of one with its id. Everybody may find it until it is [`Entry::only_for`] somebody.
#[derive(Debug, Clone)]
#[must_use = "an entry is nothing until it is put"]
pub struct Entry(raw::Entry);

/// An entry with a document that fits the index's fields.
///
/// # Errors
/// A document that is no JSON.
pub fn entry(id: impl Into<String>, document: &impl Serialize) -> Result<Entry> {
    let document = serde_json::to_string(document)?;
    Ok(Entry(raw::Entry { id: id.into(), locale: None, document, audience: Vec::new() }))
}

impl Entry {
    /// The language it is in.
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        self.0.locale = Some(locale.into());
        self
    }

    /// Restricts it to those who may find it: `user:<id>`, `role:<name>`, `group:<name>`, or names that only the plugin knows.
    pub fn only_for<S: Into<String>>(mut self, audience: impl IntoIterator<Item = S>) -> Self {
        self.0.audience.extend(audience.into_iter().map(Into::into));
        self
    }
}

/// Puts entries into an index, or into what [`begin_rebuild`] named.
///
/// # Errors
/// What the host says.
pub fn put(index: &str, entries: impl IntoIterator<Item = Entry>) -> Result<()> {
    let entries: Vec<raw::Entry> = entries.into_iter().map(|entry| entry.0).collect();
    raw::put(index, &entries)
}

/// Takes entries out of an index.
///
/// # Errors
/// What the host says.
pub fn remove<S: Into<String>>(index: &str, ids: impl IntoIterator<Item = S>) -> Result<()> {
    let ids: Vec<String> = ids.into_iter().map(Into::into).collect();
    raw::remove(index, &ids)
}

/// The name of an empty copy to [`put`] into, beside the one that is searched. What is put into the index itself meanwhile is in both.
///
/// # Errors
/// What the host says.
pub fn begin_rebuild(index: &str) -> Result<String> {
    raw::begin_rebuild(index)
}

/// Puts what was rebuilt in the place of what was searched so far, at one stroke.
///
/// # Errors
/// What the host says; a conflict where nothing is being rebuilt.
pub fn finish_rebuild(index: &str) -> Result<()> {
    raw::finish_rebuild(index)
}

/// Groups of words that find each other, in the place of those that the locale had.
///
/// # Errors
/// What the host says.
pub fn set_synonyms(index: &str, locale: &str, groups: &[Vec<String>]) -> Result<()> {
    raw::set_synonyms(index, locale, groups)
}

/// A search for a text in an index: the first twenty entries that fit best, one slip of a key forgiven from four letters on.
pub fn search(index: impl Into<String>, text: impl Into<String>) -> Search {
    Search(raw::Request {
        index: index.into(),
        text: text.into(),
        locale: None,
        filters: None,
        facets: Vec::new(),
        sort: Vec::new(),
        fields: Vec::new(),
        highlight: Vec::new(),
        typo_tolerance: Tolerance::Standard,
        prefix: false,
        start: 0,
        limit: 20,
        audience: Vec::new(),
    })
}

/// A search in the making.
#[derive(Debug, Clone)]
#[must_use = "a search finds nothing until it is run"]
pub struct Search(raw::Request);

impl Search {
    /// Entries of this locale, and those of none.
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        self.0.locale = Some(locale.into());
        self
    }

    /// Only what fits a filter, as REST has it: `json!({ "topic": { "$in": ["a", "b"] } })`.
    pub fn filter(mut self, filters: &serde_json::Value) -> Self {
        self.0.filters = Some(filters.to_string());
        self
    }

    /// Counts the values of a `facet` field; `ignore_own_filter`: as if the filter said nothing of it.
    pub fn facet(mut self, field: impl Into<String>, limit: u32, ignore_own_filter: bool) -> Self {
        self.0.facets.push(raw::FacetRequest { field: field.into(), limit, ignore_own_filter });
        self
    }

    /// One more key to sort by, `price:desc`; without any the best come first.
    pub fn sort(mut self, key: impl Into<String>) -> Self {
        self.0.sort.push(key.into());
        self
    }

    /// One more field of the documents; without any all of them come.
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.0.fields.push(field.into());
        self
    }

    /// One more `text` field to mark matches in.
    pub fn highlight(mut self, field: impl Into<String>) -> Self {
        self.0.highlight.push(field.into());
        self
    }

    /// How far words may be from what was typed.
    pub fn tolerance(mut self, tolerance: Tolerance) -> Self {
        self.0.typo_tolerance = tolerance;
        self
    }

    /// The last word may be unfinished: for searches while somebody types.
    pub fn unfinished(mut self) -> Self {
        self.0.prefix = true;
        self
    }

    /// Leaves out so many, and gives at most so many.
    pub fn page(mut self, start: u32, limit: u32) -> Self {
        (self.0.start, self.0.limit) = (start, limit);
        self
    }

    /// For these too, beside whom the call is for.
    pub fn audience<S: Into<String>>(mut self, audience: impl IntoIterator<Item = S>) -> Self {
        self.0.audience.extend(audience.into_iter().map(Into::into));
        self
    }

    /// Runs it. Not in hooks and event handlers, nor while a transaction is open.
    ///
    /// # Errors
    /// What the host says, or documents that do not fit `T`.
    pub fn run<T: DeserializeOwned>(self) -> Result<Results<T>> {
        let answer = raw::query(&[self.0]).pop();
        let results = answer.unwrap_or_else(|| Err(Error::Internal("a search without an answer".to_owned())))?;
        let hit = |hit: raw::Hit| {
            let document = serde_json::from_str(&hit.document)?;
            Ok(Hit { id: hit.id, score: hit.score, document, highlights: hit.highlights })
        };
        Ok(Results {
            hits: results.hits.into_iter().map(hit).collect::<Result<_>>()?,
            facets: results.facets.into_iter().map(|facet| (facet.field, facet.values)).collect(),
            total: results.total,
            suggestion: results.suggestion,
        })
    }
}

/// Results of a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Results<T> {
    /// The best first, or in the order asked for.
    pub hits: Vec<Hit<T>>,
    /// Fields and their values with how many there are, the most frequent first.
    pub facets: Vec<(String, Vec<(String, u64)>)>,
    /// How many there are altogether.
    pub total: u64,
    /// A better spelling of the text, where there is one.
    pub suggestion: Option<String>,
}

/// An entry that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit<T> {
    /// Its id.
    pub id: String,
    /// How well it fits, among those of one answer.
    pub score: f64,
    /// Its document.
    pub document: T,
    /// Fields and fragments of them: HTML, escaped, with `mark` elements.
    pub highlights: Vec<(String, String)>,
}
