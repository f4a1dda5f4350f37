//! Reads under read policies: whatever a query asks, nothing of a document that a policy hides is shown or decides, if the policies of the types
//! that the query reaches were evaluated; otherwise the query is refused.

mod newsroom;
mod random_queries;

use crate::testing::{ContentFixture, full_access, public_actor};
use crate::{ContentError, RequestContext};
use cairn_model::TypeId;
use cairn_query::{Access, Action, CallerPermissions, ReadPolicies};
use newsroom::{HIDDEN, open_newsroom};
use random_queries::RandomQueries;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Number of random queries.
const QUERIES: usize = 2_000;

/// The policies of every type: a document is hidden whose label does not begin with "shown".
struct Policies {
    labels: Vec<(TypeId, &'static str)>,
}

impl Policies {
    fn of(p: &ContentFixture) -> Self {
        let registry = p.content.registry();
        let mut labels = vec![
            (p.type_id("articles"), "title"),
            (p.type_id("authors"), "name"),
            (p.type_id("tags"), "name"),
            (registry.user_type().id, "username"),
            (registry.file_type().id, "name"),
        ];
        labels.sort();
        Self { labels }
    }

    fn guarded(&self) -> impl Iterator<Item = TypeId> {
        self.labels.iter().map(|(ct, _)| *ct)
    }

    /// The access of somebody for whom the policies of these types were evaluated.
    fn evaluate(&self, permissions: &CallerPermissions, types: &[TypeId]) -> Arc<Access> {
        let evaluated = self.labels.iter().filter(|(ct, _)| types.contains(ct));
        let filters = evaluated.map(|(ct, label)| (*ct, vec![Arc::new(json!({ *label: { "$startsWith": "shown" } }))]));
        let guarded: BTreeSet<TypeId> = self.guarded().collect();
        permissions.with_policies(&ReadPolicies::new(filters, Arc::new(guarded), format!("{types:?}").into()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_documents_appear_in_no_response() {
    let (p, _dir) = open_newsroom().await;
    let policies = Policies::of(&p);
    let all: Vec<TypeId> = policies.guarded().collect();
    let permissions = CallerPermissions::new(full_access());
    let mut random = RandomQueries::from_seed(56);
    let (mut answered, mut shown, mut through_links) = (0, 0, 0);
    for n in 0..QUERIES {
        let (route, query) = random.next_query();
        let describe = || format!("query {n} of {route}: {}", query.cache_key());
        let content_type = p.type_id(route);
        let with = |access| RequestContext {
            access,
            content_type,
            query: &query,
            default_locale: "en",
            actor: public_actor(),
        };
        let reach = p.content.query_reach(&with(permissions.before_policies()), Action::Find);
        let access = policies.evaluate(&permissions, &reach);
        let body = match p.content.find(with(&access)).await {
            Ok(response) => String::from_utf8(response.body).unwrap(),
            Err(ContentError::Refused(_)) => continue,
            Err(error) => panic!("{error}: {}", describe()),
        };
        assert!(!body.contains(HIDDEN), "{}: {body}", describe());
        // The policies of the other types decide nothing.
        let of_all = policies.evaluate(&permissions, &all);
        let expected = p.content.find(with(&of_all)).await.unwrap();
        assert_eq!(body, String::from_utf8(expected.body).unwrap(), "{}", describe());
        // The statements of the query read exactly the types whose policies were evaluated.
        let statements = p.content.compile_query(&with(&access), Action::Find, false).unwrap().prepared.statements();
        let is_read = |ct: &TypeId| {
            let table = format!("\"{}\"", p.content.registry().get(*ct).table);
            statements.iter().any(|statement| statement.contains(&table))
        };
        let read: Vec<TypeId> = all.iter().copied().filter(is_read).collect();
        let reached: Vec<TypeId> = all.iter().copied().filter(|ct| reach.contains(ct)).collect();
        assert_eq!(read, reached, "{}\n{statements:#?}", describe());
        // The query is refused with an empty reach.
        let of_none = policies.evaluate(&permissions, &[]);
        let refused = p.content.find(with(&of_none)).await;
        assert!(matches!(refused, Err(ContentError::UnevaluatedPolicy(_))), "{}", describe());
        answered += 1;
        shown += usize::from(body.contains("shown"));
        through_links += usize::from(reach.len() > 1);
    }
    let counts = format!("{answered} answered, {shown} with documents, {through_links} through links");
    assert!(answered > QUERIES / 2 && shown > QUERIES / 4 && through_links > QUERIES / 3, "{counts}");
}

/// A plan that was cached for somebody is refused to somebody with equal permissions for whom no policy was evaluated.
#[tokio::test(flavor = "multi_thread")]
async fn cached_plans_are_refused_without_their_policies() {
    let (p, _dir) = open_newsroom().await;
    let policies = Policies::of(&p);
    let permissions = CallerPermissions::new(full_access());
    let guarded: BTreeSet<TypeId> = policies.guarded().collect();
    let open = permissions.with_policies(&ReadPolicies::none());
    let unneeded = permissions.with_policies(&ReadPolicies::unneeded(Arc::new(guarded)));
    assert!(open.key == unneeded.key);
    let part = crate::ListRange::Window { start: 0, limit: 10 };
    for access in [&open, &unneeded, &open, &unneeded] {
        let context = p.request_context(access, "tags", "sort=name");
        let (found, rows) =
            (p.content.find(context).await, p.content.store().read(|r| p.content.rows_in(r, context, part)));
        if Arc::ptr_eq(access, &open) {
            assert!(found.is_ok() && rows.is_ok());
        } else {
            assert!(matches!(found, Err(ContentError::UnevaluatedPolicy(_))), "{found:?}");
            assert!(matches!(rows, Err(ContentError::UnevaluatedPolicy(_))), "{rows:?}");
        }
    }
}
