//! Walking over any number of documents.

use super::row::{Document, Row};
use crate::bindings::data as raw;
use crate::{Authority, Result};
use std::marker::PhantomData;

/// A walk over the rows of a query, a slice at a time. Jobs keep its [`position`](Scan::position) as their checkpoint.
#[derive(Debug)]
pub struct Scan<T> {
    scan: raw::Scan,
    of: PhantomData<T>,
}

impl<T: Document> Scan<T> {
    pub(super) fn open(query: &raw::Query, rights: Authority) -> Result<Self> {
        Ok(Self { scan: raw::Scan::open(query, rights)?, of: PhantomData })
    }

    pub(super) fn resume(query: &raw::Query, position: &str, rights: Authority) -> Result<Self> {
        Ok(Self { scan: raw::Scan::resume(query, position, rights)?, of: PhantomData })
    }

    /// The next rows, at most so many; none at the end.
    ///
    /// # Errors
    /// What the host says, or a document that does not fit `T`.
    pub fn next(&mut self, limit: u32) -> Result<Option<Vec<Row<T>>>> {
        let rows = self.scan.next(limit)?;
        rows.map(|rows| Ok(serde_json::from_str(&rows.data)?)).transpose()
    }

    /// Where the walk is, for [`Find::scan_from`](super::Find::scan_from) in a later call.
    #[must_use]
    pub fn position(&self) -> String {
        self.scan.position()
    }
}
