//! A cache of planned and compiled queries, by query, type and caller.

mod compilation;

use crate::{ListRange, RequestContext};
use cairn_model::TypeId;
use cairn_query::{Action, Filter, Plan, PlannedQuery};
use cairn_store::content::{CompiledPlan, PlanShape};
use std::fmt::{self, Write as _};
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;
use xxhash_rust::xxh3::Xxh3;

/// Number of cached queries: each is a few kilobytes.
const PLAN_CACHE_CAPACITY: u64 = 4_096;
/// Number of cached shapes: statements of queries that differ in nothing but values, whoever they are compiled for.
const SHAPE_CACHE_CAPACITY: u64 = 4_096;
/// Number of cached queries of [`Content::rows_in`](crate::Content::rows_in), which programs make: few repeat often, and many name documents
/// that nobody asks for again.
const ROWS_CACHE_CAPACITY: u64 = 512;

/// How long a query is cached: how it is best run depends on the sizes of the tables.
const PLAN_LIFETIME: Duration = Duration::from_secs(600);

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

/// All that a compiled query of [`Content::rows_in`](crate::Content::rows_in) depends on.
#[derive(Clone, PartialEq, Eq, Hash)]
struct RowsKey {
    content_type: TypeId,
    access: Arc<str>,
    locale: Box<str>,
    query: Box<str>,
    part: ListRange,
}

/// A compiled query of [`Content::rows_in`](crate::Content::rows_in).
struct CompiledRows {
    compiled: Arc<CompiledPlan>,
    /// See [`PlannedQuery::reached`].
    reached: Vec<TypeId>,
}

/// The statements of a plan without its values.
struct CachedShape {
    /// The plan it was compiled from, compared on every hit: it has all permissions.
    plan: Plan,
    locale: Box<str>,
    shape: Arc<PlanShape>,
}

/// Queries by a hash of the request that they were compiled for, those of programs by all of it, and statements by a hash of the plan.
pub struct PlanCache {
    shapes: moka::sync::Cache<u64, Arc<CachedShape>>,
    queries: moka::sync::Cache<u64, Arc<CompiledQuery>>,
    rows: moka::sync::Cache<RowsKey, Arc<CompiledRows>>,
    /// The types that queries reach. A wrong one would be refused when the query is planned.
    reaches: moka::sync::Cache<u64, Arc<[TypeId]>>,
    seed: u64,
}

/// Leaves the entries of a plan that match `among` as well.
pub(crate) fn narrow_plan(plan: &mut Plan, among: Filter) {
    let filter = plan.filter.take();
    plan.filter = Some(Filter::And(filter.into_iter().chain([among]).collect()));
}

fn new_cache<K, V>(capacity: u64) -> moka::sync::Cache<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    moka::sync::Cache::builder().max_capacity(capacity).time_to_live(PLAN_LIFETIME).build()
}

impl PlanCache {
    pub(crate) fn new() -> Self {
        Self {
            shapes: new_cache(SHAPE_CACHE_CAPACITY),
            queries: new_cache(PLAN_CACHE_CAPACITY),
            rows: new_cache(ROWS_CACHE_CAPACITY),
            reaches: new_cache(PLAN_CACHE_CAPACITY),
            seed: rand::random(),
        }
    }

    /// The key of a shape: a hash of the plan, which has floats and so no hash of its own.
    fn shape_key(&self, plan: &Plan) -> u64 {
        struct HashedText(Xxh3);
        impl fmt::Write for HashedText {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.0.update(text.as_bytes());
                Ok(())
            }
        }
        let mut text = HashedText(Xxh3::with_seed(self.seed));
        // Hashing cannot fail; a hash of less than the whole plan would do as well.
        let _ = write!(text, "{plan:?}");
        text.0.digest()
    }

    fn cache_key(&self, context: &RequestContext<'_>, action: Action, lenient: bool) -> u64 {
        self.hash_request(context, action, lenient, context.access.key.as_bytes())
    }

    /// The key of a reach, which the values of the caller's variables do not change.
    fn reach_key(&self, context: &RequestContext<'_>, action: Action) -> u64 {
        self.hash_request(context, action, false, context.access.key.permissions().as_bytes())
    }

    fn hash_request(&self, context: &RequestContext<'_>, action: Action, lenient: bool, access: &[u8]) -> u64 {
        let mut h = Xxh3::with_seed(self.seed);
        h.update(context.query.cache_key().as_bytes());
        h.update(&[0xff, action as u8, u8::from(lenient)]);
        h.update(&context.content_type.0.to_le_bytes());
        h.update(access);
        h.digest()
    }
}
