//! Reading: lists, one document, a single type's document.

use crate::answer::{begin, end_list, end_one};
use crate::plans::Ready;
use crate::{Answer, Ask, Content, ContentError, Result};
use cairn_model::ContentType;
use cairn_query::{Action, Filter};
use cairn_store::StoreError;
use cairn_store::content::Found;
use serde::Deserialize;
use std::sync::Arc;

impl Content {
    /// Returns a page of entries: `{data: [...], meta: {pagination}}`.
    pub async fn find(&self, ask: Ask<'_>) -> Result<Answer> {
        let ready = self.ready(&ask, Action::Find, false)?;
        self.page(&ready).await
    }

    /// Does the same among the entries that match a condition that no query can express.
    pub async fn find_among(&self, ask: Ask<'_>, among: Filter) -> Result<Answer> {
        let ready = self.ready_among(&ask, among)?;
        self.page(&ready).await
    }

    /// The numeric ids of all entries of such a list, in its order.
    pub async fn numbers_among(&self, ask: Ask<'_>, among: Filter) -> Result<Vec<i64>> {
        #[derive(Deserialize)]
        struct Numbered {
            id: i64,
        }
        let ready = self.ready_numbers(&ask, among)?;
        if let Some(mistake) = &ready.planned.deferred {
            return Err(mistake.clone().into());
        }
        let (list, _) = self.list(&ready, self.stamp(&ready), Vec::new()).await?;
        let rows: Vec<Numbered> = serde_json::from_slice(&list)
            .map_err(|e| StoreError::Corrupt { place: "entry counts".into(), message: e.to_string() })?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    async fn page(&self, ready: &Arc<Ready>) -> Result<Answer> {
        if let Some(mistake) = &ready.planned.deferred {
            return Err(mistake.clone().into());
        }
        if ready.prepared.remembers_total() {
            self.store.fresh().await?;
        }
        let stamp = self.stamp(ready);
        let (mut body, found) = self.list(ready, stamp, begin()).await?;
        end_list(&mut body, ready.prepared.page(), found);
        Ok(answer(body, ready, stamp))
    }

    /// Gets one document by its id: `{data, meta}`; 404 if it does not exist or does not match.
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
        let version = self.store.read(|r| r.one_version(&ready.prepared, document_id, &mut body))?;
        if version.is_none() {
            return Err(ContentError::not_found());
        }
        end_one(&mut body);
        Ok(Answer { version, ..answer(body, &ready, stamp) })
    }

    /// Gets the document of a single type.
    pub fn find_single(&self, ask: Ask<'_>) -> Result<Answer> {
        let ready = self.ready(&ask, Action::Find, false)?;
        if let Some(mistake) = &ready.planned.deferred {
            return Err(mistake.clone().into());
        }
        let mut body = begin();
        let stamp = self.stamp(&ready);
        let version = self.store.read(|r| r.first(&ready.prepared, &mut body))?;
        if version.is_none() {
            return Err(ContentError::not_found());
        }
        end_one(&mut body);
        Ok(Answer { version, ..answer(body, &ready, stamp) })
    }

    /// Returns a bare list (users, files): `[...]`. Unknown parameters are ignored, and everything is one page.
    pub async fn find_bare(&self, ask: Ask<'_>) -> Result<Answer> {
        let ready = self.ready(&ask, Action::Find, true)?;
        let stamp = self.stamp(&ready);
        let (body, _) = self.list(&ready, stamp, Vec::with_capacity(4_096)).await?;
        Ok(answer(body, &ready, stamp))
    }

    /// Returns a bare object (a user, a file), or `None`.
    pub fn find_bare_one(&self, ask: Ask<'_>, document_id: &str) -> Result<Option<Answer>> {
        let ready = self.ready(&ask, Action::FindOne, true)?;
        let mut body = Vec::with_capacity(1_024);
        let stamp = self.stamp(&ready);
        let found = self.store.read(|r| r.one(&ready.prepared, document_id, &mut body))?;
        Ok(found.then(|| answer(body, &ready, stamp)))
    }

    /// Counts the entries that match, as a bare number.
    pub async fn count(&self, ask: Ask<'_>) -> Result<u64> {
        let ready = self.ready(&ask, Action::Find, true)?;
        let stamp = self.stamp(&ready);
        if ready.prepared.is_long(self.store.counters()) {
            return self.store.read_long(move |r| Ok(r.count(&ready.prepared, stamp)?)).await;
        }
        Ok(self.store.read(|r| r.count(&ready.prepared, stamp))?)
    }

    /// A number that changes when anything that `ready` reads has changed; must be read before the data.
    pub(crate) fn stamp(&self, ready: &Ready) -> u64 {
        self.store.counters().stamp(&ready.planned.touched)
    }

    /// Appends a page to `body`: on this thread if it is short, as most reads are.
    async fn list(&self, ready: &Arc<Ready>, stamp: u64, mut body: Vec<u8>) -> Result<(Vec<u8>, Found)> {
        if ready.prepared.is_long(self.store.counters()) {
            let ready = ready.clone();
            return self
                .store
                .read_long(move |r| {
                    let found = r.list(&ready.prepared, stamp, &mut body)?;
                    Ok((body, found))
                })
                .await;
        }
        let found = self.store.read(|r| r.list(&ready.prepared, stamp, &mut body))?;
        Ok((body, found))
    }

    /// Finds the type of a route, for callers that know only its name.
    pub fn by_route(&self, route: &str) -> Option<&ContentType> {
        self.registry().by_route(route)
    }
}

fn answer(body: Vec<u8>, ready: &Arc<Ready>, stamp: u64) -> Answer {
    Answer { body, touched: ready.planned.touched.clone(), stamp, version: None, per_caller: ready.planned.per_caller }
}
