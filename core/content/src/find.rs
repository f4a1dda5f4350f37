//! Reading: lists, one document, a single type's document.

use crate::answer::{begin, end_list, end_one};
use crate::plans::Ready;
use crate::{Answer, Ask, Content, ContentError, Result};
use cairn_model::ContentType;
use cairn_query::Action;
use cairn_store::Reader;
use std::sync::Arc;

/// Tables above this many rows are scanned off the serving thread.
const LONG: i64 = 20_000;

impl Content {
    /// A page of entries: `{data: [...], meta: {pagination}}`.
    pub fn find(&self, ask: Ask<'_>) -> Result<Answer> {
        let ready = self.ready(&ask, Action::Find, false)?;
        if let Some(mistake) = &ready.planned.deferred {
            return Err(mistake.clone().into());
        }
        let mut body = begin();
        let stamp = self.stamp(&ready);
        let found = self.run(&ready, |r| r.list(&ready.prepared, stamp, &mut body))?;
        end_list(&mut body, ready.prepared.page(), found);
        Ok(answer(body, &ready, stamp))
    }

    /// One document by its id: `{data, meta}`; 404 where it is not there or does not match.
    pub fn find_one(&self, ask: Ask<'_>, document_id: &str) -> Result<Answer> {
        let ready = self.ready(&ask, Action::FindOne, false)?;
        if let Some(mistake) = &ready.planned.deferred {
            return Err(mistake.clone().into());
        }
        // The contract answers 404 to `locale=*` on one document.
        if ready.planned.locale == "*" && self.registry().get(ask.content_type).localized {
            return Err(ContentError::not_found());
        }
        let mut body = begin();
        let stamp = self.stamp(&ready);
        if !self.store.read(|r| r.one(&ready.prepared, document_id, &mut body))? {
            return Err(ContentError::not_found());
        }
        end_one(&mut body);
        Ok(answer(body, &ready, stamp))
    }

    /// The document of a single type.
    pub fn find_single(&self, ask: Ask<'_>) -> Result<Answer> {
        let ready = self.ready(&ask, Action::Find, false)?;
        if let Some(mistake) = &ready.planned.deferred {
            return Err(mistake.clone().into());
        }
        let mut body = begin();
        let stamp = self.stamp(&ready);
        if !self.store.read(|r| r.first(&ready.prepared, &mut body))? {
            return Err(ContentError::not_found());
        }
        end_one(&mut body);
        Ok(answer(body, &ready, stamp))
    }

    /// A bare list (users, files): `[...]`. Unknown parameters are ignored there, and everything is one page.
    pub fn find_bare(&self, ask: Ask<'_>) -> Result<Answer> {
        let ready = self.ready(&ask, Action::Find, true)?;
        let mut body = Vec::with_capacity(4_096);
        let stamp = self.stamp(&ready);
        self.run(&ready, |r| r.list(&ready.prepared, stamp, &mut body))?;
        Ok(answer(body, &ready, stamp))
    }

    /// A bare object (a user, a file), or `None`.
    pub fn find_bare_one(&self, ask: Ask<'_>, document_id: &str) -> Result<Option<Answer>> {
        let ready = self.ready(&ask, Action::FindOne, true)?;
        let mut body = Vec::with_capacity(1_024);
        let stamp = self.stamp(&ready);
        let found = self.store.read(|r| r.one(&ready.prepared, document_id, &mut body))?;
        Ok(found.then(|| answer(body, &ready, stamp)))
    }

    /// How many entries match, as a bare number.
    pub fn count(&self, ask: Ask<'_>) -> Result<u64> {
        let ready = self.ready(&ask, Action::Find, true)?;
        let stamp = self.stamp(&ready);
        self.run(&ready, |r| r.count(&ready.prepared, stamp))
    }

    /// A number that moves when anything `ready` reads has changed; to be taken before the read.
    pub(crate) fn stamp(&self, ready: &Ready) -> u64 {
        self.store.counters().stamp(&ready.planned.touched)
    }

    fn run<T>(&self, ready: &Ready, read: impl FnOnce(&Reader<'_>) -> cairn_store::Result<T>) -> Result<T> {
        let rows = self.store.counters().rows(ready.prepared.content_type());
        let result = if ready.prepared.may_scan && rows > LONG { self.store.read_long(read) } else { self.store.read(read) };
        Ok(result?)
    }

    /// The type of a route, for callers that hold its name only.
    pub fn by_route(&self, route: &str) -> Option<&ContentType> {
        self.registry().by_route(route)
    }
}

fn answer(body: Vec<u8>, ready: &Arc<Ready>, stamp: u64) -> Answer {
    Answer { body, touched: ready.planned.touched.clone(), stamp, per_caller: ready.planned.per_caller }
}
