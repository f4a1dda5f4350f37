//! Creating documents that refer to each other in one call: their ids are there before they are.

use super::find::json;
use super::row::Document;
use crate::bindings::data::{self as raw, IdentifiedCreate, Written};
use crate::bindings::random;
use crate::{Authority, Result, Status};
use serde::Serialize;

/// An id for a document that is yet to be created.
#[must_use]
pub fn new_id() -> String {
    random::new_id()
}

/// A document to create with an id from [`new_id`].
#[derive(Debug, Clone)]
pub struct NewDocument(IdentifiedCreate);

impl NewDocument {
    /// A published document in the default locale.
    ///
    /// # Errors
    /// Where `fields` is no JSON.
    pub fn new<T: Document>(id: &str, fields: &impl Serialize) -> Result<Self> {
        let (id, content_type, data) = (id.to_owned(), T::TYPE.to_owned(), json(fields)?);
        Ok(Self(IdentifiedCreate { id, content_type, data, locale: None, status: Status::Published }))
    }

    /// As a draft. A type without drafts has only what is published.
    #[must_use]
    pub fn draft(mut self) -> Self {
        self.0.status = Status::Draft;
        self
    }

    /// In this locale.
    #[must_use]
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        self.0.locale = Some(locale.into());
        self
    }
}

/// Creates documents together or not at all, in their order, in one call. Later ones may be related to those before them. Of none the
/// host is not asked.
///
/// # Errors
/// What the host says: `Invalid` with the fields that are wrong, `Conflict` for what has to be unique, the ids too.
pub fn create_with_ids(documents: impl IntoIterator<Item = NewDocument>, rights: Authority) -> Result<Vec<Written>> {
    let creates: Vec<IdentifiedCreate> = documents.into_iter().map(|document| document.0).collect();
    if creates.is_empty() { Ok(Vec::new()) } else { raw::create_with_id(&creates, rights) }
}
