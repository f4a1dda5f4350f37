//! Writing documents.

use super::find::json;
use super::row::Document;
use crate::bindings::data::{self as raw, Transition, WriteOp, Written};
use crate::{Authority, DocumentRef, Error, Result, Status};
use serde::Serialize;

/// Creates a document.
///
/// # Errors
/// What the host says: `Invalid` with the fields that are wrong, `Conflict` for what has to be unique.
pub fn create<T: Document>(fields: &impl Serialize) -> Result<Written> {
    only(Batch::new().create::<T>(fields)?)
}

/// Changes fields of a document; what is not named stays.
///
/// # Errors
/// What the host says: `NotFound`, `Invalid` with the fields that are wrong.
pub fn update<T: Document>(id: &str, fields: &impl Serialize) -> Result<Written> {
    only(Batch::new().update::<T>(id, fields)?)
}

/// Creates a document, or changes the one that has this key: `key` names the fields of a unique key of the manifest, with their
/// values. [`Written::created`] tells which.
///
/// # Errors
/// What the host says: `Invalid` where the key is not declared.
pub fn upsert<T: Document>(key: &impl Serialize, create: &impl Serialize, update: &impl Serialize) -> Result<Written> {
    only(Batch::new().upsert::<T>(key, create, update)?)
}

/// Deletes a document, with all its locales.
///
/// # Errors
/// What the host says: `NotFound`.
pub fn delete<T: Document>(id: &str) -> Result<Written> {
    only(Batch::new().delete::<T>(id))
}

/// Writes that happen together or not at all, in their order, in one call.
#[derive(Debug, Clone)]
#[must_use = "a batch does nothing until it is written"]
pub struct Batch {
    writes: Vec<WriteOp>,
    status: Status,
    locale: Option<String>,
    rights: Authority,
}

impl Default for Batch {
    fn default() -> Self {
        Self::new()
    }
}

impl Batch {
    /// An empty one.
    pub fn new() -> Self {
        Self { writes: Vec::new(), status: Status::Published, locale: None, rights: Authority::Plugin }
    }

    /// Writes what is added from here on as a draft. A type without drafts has only what is published.
    pub fn drafts(mut self) -> Self {
        self.status = Status::Draft;
        self
    }

    /// Writes what is added from here on in this locale.
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        self.locale = Some(locale.into());
        self
    }

    /// All of it with no more rights than the actor of this call has.
    pub fn as_caller(mut self) -> Self {
        self.rights = Authority::Caller;
        self
    }

    /// Adds a new document.
    ///
    /// # Errors
    /// Where `fields` is no JSON.
    pub fn create<T: Document>(mut self, fields: &impl Serialize) -> Result<Self> {
        let (locale, status) = (self.locale.clone(), self.status);
        let create = raw::Create { content_type: T::TYPE.to_owned(), data: json(fields)?, locale, status };
        self.writes.push(WriteOp::Create(create));
        Ok(self)
    }

    /// Adds a change of some fields.
    ///
    /// # Errors
    /// Where `fields` is no JSON.
    pub fn update<T: Document>(self, id: &str, fields: &impl Serialize) -> Result<Self> {
        self.change::<T>(id, fields, None)
    }

    /// Adds a change of a document that must not have moved on since it was read: else all of it fails with a conflict of the
    /// kind `version`.
    ///
    /// # Errors
    /// Where `fields` is no JSON.
    pub fn update_at<T: Document>(self, id: &str, version: u64, fields: &impl Serialize) -> Result<Self> {
        self.change::<T>(id, fields, Some(version))
    }

    fn change<T: Document>(mut self, id: &str, fields: &impl Serialize, expect_version: Option<u64>) -> Result<Self> {
        let (target, data) = (self.target::<T>(id), json(fields)?);
        self.writes.push(WriteOp::Update(raw::Update { target, data, status: self.status, expect_version }));
        Ok(self)
    }

    /// Adds a document, or the change of the one with this key: see [`upsert`].
    ///
    /// # Errors
    /// Where an argument is no JSON.
    pub fn upsert<T: Document>(
        mut self,
        key: &impl Serialize,
        create: &impl Serialize,
        update: &impl Serialize,
    ) -> Result<Self> {
        let upsert = raw::Upsert {
            content_type: T::TYPE.to_owned(),
            key: json(key)?,
            create: json(create)?,
            update: json(update)?,
            locale: self.locale.clone(),
            status: self.status,
        };
        self.writes.push(WriteOp::Upsert(upsert));
        Ok(self)
    }

    /// Adds the end of a document.
    pub fn delete<T: Document>(mut self, id: &str) -> Self {
        let target = self.target::<T>(id);
        self.writes.push(WriteOp::Delete(raw::Delete { target, expect_version: None }));
        self
    }

    /// Adds a step between draft and published.
    pub fn transition<T: Document>(mut self, id: &str, to: Transition) -> Self {
        let target = self.target::<T>(id);
        self.writes.push(WriteOp::Transition((target, to)));
        self
    }

    /// True if nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// Writes it; one result each, in their order. An empty batch asks the host nothing.
    ///
    /// # Errors
    /// What the host says, after which none of it has happened.
    pub fn write(self) -> Result<Vec<Written>> {
        if self.writes.is_empty() { Ok(Vec::new()) } else { raw::write(&self.writes, self.rights) }
    }

    fn target<T: Document>(&self, id: &str) -> DocumentRef {
        DocumentRef { content_type: T::TYPE.to_owned(), document_id: id.to_owned(), locale: self.locale.clone() }
    }
}

fn only(batch: Batch) -> Result<Written> {
    batch.write()?.pop().ok_or_else(|| Error::Internal("a write without a result".to_owned()))
}
