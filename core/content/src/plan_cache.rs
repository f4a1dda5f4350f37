//! A cache of planned and compiled queries, by query, type and caller.

use crate::{Content, RequestContext, Result};
use cairn_query::{Action, EntryNode, Field, Filter, Page, PlannedQuery, QueryRequest};
use cairn_store::content::CompiledPlan;
use std::sync::Arc;
use xxhash_rust::xxh3::Xxh3;

/// Number of cached queries: each is a few kilobytes.
const PLAN_CACHE_CAPACITY: u64 = 4_096;

/// A planned and compiled query.
pub(crate) struct CompiledQuery {
    pub(crate) planned: PlannedQuery,
    pub(crate) prepared: CompiledPlan,
    /// The query it was compiled for, compared on every hit: a hash alone must not decide whose permissions apply.
    query: Box<str>,
    access: Arc<str>,
    locale: Box<str>,
    action: Action,
    lenient: bool,
}

/// Queries by a hash of the request that they were compiled for.
pub struct PlanCache {
    queries: moka::sync::Cache<u64, Arc<CompiledQuery>>,
    seed: u64,
}

impl PlanCache {
    pub(crate) fn new() -> Self {
        Self { queries: moka::sync::Cache::new(PLAN_CACHE_CAPACITY), seed: rand::random() }
    }

    fn cache_key(&self, ask: &RequestContext<'_>, action: Action, lenient: bool) -> u64 {
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
    pub(crate) fn compile_query(
        &self,
        ask: &RequestContext<'_>,
        action: Action,
        lenient: bool,
    ) -> Result<Arc<CompiledQuery>> {
        let key = self.plans.cache_key(ask, action, lenient);
        if let Some(ready) = self.plans.queries.get(&key)
            && *ready.query == *ask.query
            && *ready.access == *ask.access.key
            && *ready.locale == *ask.default_locale
            && ready.action == action
            && ready.lenient == lenient
            && ready.prepared.content_type() == ask.content_type
        {
            return Ok(ready);
        }
        let request = QueryRequest { lenient, ..self.query_request(ask, action) };
        let planned = cairn_query::plan_query(&request, ask.query)?;
        let keep = !planned.per_caller && planned.deferred.is_none();
        let ready = self.compile_planned(ask, action, lenient, planned);
        if keep {
            self.plans.queries.insert(key, ready.clone());
        }
        Ok(ready)
    }

    /// Does the same as [`Self::compile_query`] for a list, among the entries that match a condition that no query can express. Not cached.
    pub(crate) fn compile_query_among(&self, ask: &RequestContext<'_>, among: Filter) -> Result<Arc<CompiledQuery>> {
        let planned = self.plan_query_among(ask, among)?;
        Ok(self.compile_planned(ask, Action::Find, false, planned))
    }

    /// Does the same as [`Self::compile_query_among`] for the numeric ids of all entries of the list, whatever page is requested.
    pub(crate) fn compile_ids_query(&self, ask: &RequestContext<'_>, among: Filter) -> Result<Arc<CompiledQuery>> {
        let mut planned = self.plan_query_among(ask, among)?;
        let content_type = planned.plan.content_type;
        planned.plan.node = EntryNode { content_type, fields: vec![Field::Id], populate: Vec::new() };
        planned.plan.page = Page::Offset { start: 0, limit: u64::from(u32::MAX), with_count: false };
        Ok(self.compile_planned(ask, Action::Find, false, planned))
    }

    fn plan_query_among(&self, ask: &RequestContext<'_>, among: Filter) -> Result<PlannedQuery> {
        let request = self.query_request(ask, Action::Find);
        let mut planned = cairn_query::plan_query(&request, ask.query)?;
        let filter = planned.plan.filter.take();
        planned.plan.filter = Some(Filter::And(filter.into_iter().chain([among]).collect()));
        Ok(planned)
    }

    fn compile_planned(
        &self,
        ask: &RequestContext<'_>,
        action: Action,
        lenient: bool,
        planned: PlannedQuery,
    ) -> Arc<CompiledQuery> {
        let prepared = self.store.compile_plan(&planned.plan, ask.default_locale);
        Arc::new(CompiledQuery {
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
