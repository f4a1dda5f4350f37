//! A cache of planned and compiled queries, by query, type and caller.

use crate::{Ask, Content, Result};
use cairn_query::{Action, Field, Filter, Node, Page, Planned, Request};
use cairn_store::content::Prepared;
use std::sync::Arc;
use xxhash_rust::xxh3::Xxh3;

/// Number of cached queries: each is a few kilobytes.
const KEPT: u64 = 4_096;

/// A planned and compiled query.
pub(crate) struct Ready {
    pub(crate) planned: Planned,
    pub(crate) prepared: Prepared,
    /// The query it was compiled for, compared on every hit: a hash alone must not decide whose permissions apply.
    query: Box<str>,
    access: Arc<str>,
    locale: Box<str>,
    action: Action,
    lenient: bool,
}

/// Queries by a hash of the request that they were compiled for.
pub struct PlanCache {
    kept: moka::sync::Cache<u64, Arc<Ready>>,
    seed: u64,
}

impl PlanCache {
    pub(crate) fn new() -> Self {
        Self { kept: moka::sync::Cache::new(KEPT), seed: rand::random() }
    }

    fn key(&self, ask: &Ask<'_>, action: Action, lenient: bool) -> u64 {
        let mut h = Xxh3::with_seed(self.seed);
        h.update(ask.query.as_bytes());
        h.update(&[0xff, action as u8, u8::from(lenient)]);
        h.update(&ask.content_type.0.to_le_bytes());
        h.update(ask.access.key.as_bytes());
        h.digest()
    }
}

impl Content {
    /// The query of a request, validated, planned and compiled, or its first problem.
    pub(crate) fn ready(&self, ask: &Ask<'_>, action: Action, lenient: bool) -> Result<Arc<Ready>> {
        let key = self.plans.key(ask, action, lenient);
        if let Some(ready) = self.plans.kept.get(&key)
            && *ready.query == *ask.query
            && *ready.access == *ask.access.key
            && *ready.locale == *ask.default_locale
            && ready.action == action
            && ready.lenient == lenient
            && ready.prepared.content_type() == ask.content_type
        {
            return Ok(ready);
        }
        let request = Request { lenient, ..self.request(ask, action) };
        let planned = cairn_query::plan(&request, ask.query)?;
        let keep = !planned.per_caller && planned.deferred.is_none();
        let ready = self.compiled(ask, action, lenient, planned);
        if keep {
            self.plans.kept.insert(key, ready.clone());
        }
        Ok(ready)
    }

    /// Does the same as [`Self::ready`] for a list, among the entries that match a condition that no query can express. Not cached.
    pub(crate) fn ready_among(&self, ask: &Ask<'_>, among: Filter) -> Result<Arc<Ready>> {
        let planned = self.planned_among(ask, among)?;
        Ok(self.compiled(ask, Action::Find, false, planned))
    }

    /// Does the same as [`Self::ready_among`] for the numeric ids of all entries of the list, whatever page is requested.
    pub(crate) fn ready_numbers(&self, ask: &Ask<'_>, among: Filter) -> Result<Arc<Ready>> {
        let mut planned = self.planned_among(ask, among)?;
        let content_type = planned.plan.content_type;
        planned.plan.node = Node { content_type, fields: vec![Field::Id], populate: Vec::new() };
        planned.plan.page = Page::Offset { start: 0, limit: u64::from(u32::MAX), with_count: false };
        Ok(self.compiled(ask, Action::Find, false, planned))
    }

    fn planned_among(&self, ask: &Ask<'_>, among: Filter) -> Result<Planned> {
        let request = self.request(ask, Action::Find);
        let mut planned = cairn_query::plan(&request, ask.query)?;
        let filter = planned.plan.filter.take();
        planned.plan.filter = Some(Filter::And(filter.into_iter().chain([among]).collect()));
        Ok(planned)
    }

    fn compiled(&self, ask: &Ask<'_>, action: Action, lenient: bool, planned: Planned) -> Arc<Ready> {
        let prepared = self.store.compile(&planned.plan, ask.default_locale);
        Arc::new(Ready {
            planned,
            prepared,
            query: ask.query.into(),
            access: ask.access.key.clone(),
            locale: ask.default_locale.into(),
            action,
            lenient,
        })
    }
}
