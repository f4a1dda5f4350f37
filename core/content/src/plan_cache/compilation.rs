//! Planning and compilation of queries, unless the cache has them.

use super::{CachedShape, CompiledQuery, CompiledRows, RowsKey, narrow_plan};
use crate::{Content, ListRange, RequestContext, Result};
use cairn_model::TypeId;
use cairn_query::{Action, EntryNode, Field, Filter, Operator, Page, Plan, PlannedQuery, QueryRequest, Scalar};
use cairn_store::content::{CompiledPlan, PlanShape};
use std::sync::Arc;

impl Content {
    /// The types whose read policies have to be evaluated before a request is answered: those that its query reaches with the permissions of
    /// its caller, policies left aside. For a query that is refused it is the type of the request: the refusal is the same with policies.
    pub fn query_reach(&self, context: &RequestContext<'_>, action: Action) -> Arc<[TypeId]> {
        let key = self.plans.reach_key(context, action);
        if let Some(reach) = self.plans.reaches.get(&key) {
            return reach;
        }
        let request = self.query_request(context, action);
        let reach: Arc<[TypeId]> = match cairn_query::plan_query(&request, context.query) {
            Ok(planned) => planned.reached.into(),
            Err(_) => [context.content_type].into(),
        };
        self.plans.reaches.insert(key, reach.clone());
        reach
    }

    /// The query of a request, validated, planned and compiled, or its first problem.
    pub(crate) fn compile_query(
        &self,
        context: &RequestContext<'_>,
        action: Action,
        lenient: bool,
    ) -> Result<Arc<CompiledQuery>> {
        let key = self.plans.cache_key(context, action, lenient);
        if let Some(query) = self.plans.queries.get(&key)
            && *query.query == *context.query.cache_key()
            && *query.access == *context.access.key
            && *query.locale == *context.default_locale
            && query.action == action
            && query.lenient == lenient
            && query.prepared.content_type() == context.content_type
        {
            // The read policies that must be evaluated may have changed since the query was compiled.
            context.access.check_reach(self.registry(), query.planned.reached.iter().copied())?;
            return Ok(query);
        }
        let request = QueryRequest { lenient, ..self.query_request(context, action) };
        let planned = cairn_query::plan_query(&request, context.query)?;
        // Routes of users and files do not check a body first: the mistake is returned at once.
        if lenient && let Some(mistake) = planned.deferred {
            return Err(mistake.into());
        }
        let keep = planned.variables.is_empty() && planned.deferred.is_none();
        let compiled_query = self.compile_planned(context, action, lenient, planned);
        if keep {
            self.plans.queries.insert(key, compiled_query.clone());
        }
        Ok(compiled_query)
    }

    /// Does the same as [`Self::compile_query`] for a list, among the entries that match a condition that no query can express. Not cached.
    pub(crate) fn compile_query_among(
        &self,
        context: &RequestContext<'_>,
        among: Filter,
    ) -> Result<Arc<CompiledQuery>> {
        let planned = self.plan_query_among(context, among)?;
        Ok(self.compile_planned(context, Action::Find, false, planned))
    }

    /// Does the same as [`Self::compile_query_among`] for the numeric ids of all entries of the list, whatever page is requested.
    pub(crate) fn compile_ids_query(&self, context: &RequestContext<'_>, among: Filter) -> Result<Arc<CompiledQuery>> {
        let mut planned = self.plan_query_among(context, among)?;
        let content_type = planned.plan.content_type;
        planned.plan.node = EntryNode { content_type, fields: vec![Field::Id], populate: Vec::new() };
        planned.plan.page = Page::Offset { start: 0, limit: u64::from(u32::MAX), with_count: false };
        Ok(self.compile_planned(context, Action::Find, false, planned))
    }

    fn plan_query_among(&self, context: &RequestContext<'_>, among: Filter) -> Result<PlannedQuery> {
        let request = self.query_request(context, Action::Find);
        let mut planned = cairn_query::plan_query(&request, context.query)?;
        narrow_plan(&mut planned.plan, among);
        Ok(planned)
    }

    /// A query of a program, validated, planned and compiled, or its first problem.
    pub(crate) fn compile_rows(&self, context: &RequestContext<'_>, part: ListRange) -> Result<Arc<CompiledPlan>> {
        let key = RowsKey {
            content_type: context.content_type,
            access: context.access.key.whole().clone(),
            locale: context.default_locale.into(),
            query: context.query.cache_key().into(),
            part,
        };
        if let Some(rows) = self.plans.rows.get(&key) {
            context.access.check_reach(self.registry(), rows.reached.iter().copied())?;
            return Ok(rows.compiled.clone());
        }
        let mut planned = cairn_query::plan_query(&self.query_request(context, Action::Find), context.query)?;
        if let Some(mistake) = planned.deferred {
            return Err(mistake.into());
        }
        let plan = &mut planned.plan;
        let (start, limit) = match part {
            ListRange::Window { start, limit } => (start, limit),
            ListRange::After { number, limit } => {
                let behind = Filter::Leaf { field: Field::Id, op: Operator::Gt, values: vec![Scalar::Int(number)] };
                plan.filter = Some(Filter::And(plan.filter.take().into_iter().chain([behind]).collect()));
                plan.sort.clear();
                (0, limit)
            }
        };
        plan.page = Page::Offset { start, limit: u64::from(limit), with_count: false };
        for field in [Field::Id, Field::DocumentId, Field::Version] {
            if !plan.node.fields.contains(&field) {
                plan.node.fields.push(field);
            }
        }
        let compiled = Arc::new(self.compile_plan(plan, context.default_locale));
        // A page of a walk comes once.
        if planned.variables.is_empty() && matches!(part, ListRange::Window { .. }) {
            let rows = Arc::new(CompiledRows { compiled: compiled.clone(), reached: planned.reached });
            self.plans.rows.insert(key, rows);
        }
        Ok(compiled)
    }

    /// Compiles a plan, unless one that is equal but for its values was: these are taken out of it.
    fn compile_plan(&self, plan: &mut Plan, default_locale: &str) -> CompiledPlan {
        let values = plan.take_values();
        self.find_or_compile_shape(plan, default_locale).with_values(values)
    }

    /// The statements of a plan without its values.
    fn find_or_compile_shape(&self, plan: &Plan, default_locale: &str) -> Arc<PlanShape> {
        let key = self.plans.shape_key(plan);
        if let Some(cached) = self.plans.shapes.get(&key)
            && cached.plan == *plan
            && *cached.locale == *default_locale
        {
            return cached.shape.clone();
        }
        let shape = Arc::new(self.store.compile_shape(plan, default_locale));
        let cached = CachedShape { plan: plan.clone(), locale: default_locale.into(), shape: shape.clone() };
        self.plans.shapes.insert(key, Arc::new(cached));
        shape
    }

    fn compile_planned(
        &self,
        context: &RequestContext<'_>,
        action: Action,
        lenient: bool,
        mut planned: PlannedQuery,
    ) -> Arc<CompiledQuery> {
        let prepared = self.compile_plan(&mut planned.plan, context.default_locale);
        Arc::new(CompiledQuery {
            planned,
            prepared,
            query: context.query.cache_key().into(),
            access: context.access.key.whole().clone(),
            locale: context.default_locale.into(),
            action,
            lenient,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::ContentFixture;
    use cairn_query::{Access, Action};
    use serde_json::{Value as Json, json};
    use std::sync::Arc;

    /// The access of a user of those groups, who sees the notes for one of them.
    fn access_of(p: &ContentFixture, groups: &[&str]) -> Arc<Access> {
        let condition = json!({ "audience": { "$in": "$user.groups" } });
        let mut access = Access::clone(&p.access_to(&[("notes", Action::Find, Some(condition))]));
        access.key = format!("members {groups:?}").into();
        access.variables = [("user.groups".to_owned(), json!(groups))].into();
        Arc::new(access)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn callers_share_statements_and_nothing_else() {
        let attributes = json!({ "title": { "type": "string" }, "audience": { "type": "string" } });
        let p =
            ContentFixture::new(&[("note", json!({ "kind": "collectionType", "attributes": attributes }))], &[]).await;
        for (title, audience) in [("one", "a"), ("two", "b"), ("three", "c"), ("four", "a")] {
            p.create("notes", json!({ "title": title, "audience": audience })).await;
        }
        let count_shapes = || {
            p.content.plans.shapes.run_pending_tasks();
            p.content.plans.shapes.entry_count()
        };
        let before = count_shapes();
        for (groups, titles) in [
            (&["a"][..], &["one", "four"][..]),
            (&["b", "c"], &["two", "three"]),
            (&["none"], &[]),
            (&["c", "a", "a"], &["one", "three", "four"]),
            (&[], &[]),
            (&["", "b"], &["two"]),
        ] {
            // The second time the statements are there.
            for _ in 0..2 {
                let access = access_of(&p, groups);
                let response = p.content.find(p.request_context(&access, "notes", "sort=id")).await.unwrap();
                let body: Json = serde_json::from_slice(&response.body).unwrap();
                let found: Vec<_> = body["data"].as_array().unwrap().iter().map(|note| note["title"].clone()).collect();
                assert_eq!(
                    (json!(found), &body["meta"]["pagination"]["total"]),
                    (json!(titles), &json!(titles.len())),
                    "{groups:?}"
                );
            }
        }
        // The plans differ for a list of names, for no name, and for a list with an empty one.
        assert!((1..=3).contains(&(count_shapes() - before)), "{}", count_shapes() - before);
    }
}
