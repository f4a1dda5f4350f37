//! A plan that reaches a type with a read policy which was not evaluated is refused, whatever parameter leads there.

use crate::common::{caller, registry, request, type_id};
use cairn_model::TypeId;
use cairn_query::*;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Queries of articles, with the types that each reaches besides articles.
const QUERIES: [(&str, &[&str]); 12] = [
    ("", &[]),
    ("sort=views:desc&filters[title][$contains]=a&_q=a&fields[0]=title", &[]),
    ("populate=category", &["categories"]),
    ("populate[category][populate]=*", &["categories", "articles"]),
    ("populate[authors][filters][name]=a&populate[authors][sort]=name", &["authors"]),
    ("filters[category][name]=a", &["categories"]),
    ("filters[$or][0][title]=a&filters[$or][1][$not][authors][name]=a", &["authors"]),
    ("sort=category.name", &["categories"]),
    ("filters[authors][articles][title]=a", &["authors", "articles"]),
    ("populate=cover", &["file"]),
    ("populate=cover.related", &["file", "articles"]),
    ("populate[sections][populate]=*", &[]),
];

fn named_type(name: &str) -> TypeId {
    if name == "file" { registry().file_type().id } else { type_id(name) }
}

/// Permissions of somebody whom policies guard, of whose types these were evaluated, without hiding anything.
fn guarded_access(evaluated: &[TypeId]) -> Arc<Access> {
    let guarded: BTreeSet<TypeId> = registry().types().iter().map(|ct| ct.id).collect();
    let policies =
        ReadPolicies::new(evaluated.iter().map(|ct| (*ct, Vec::new())), Arc::new(guarded), "nothing hidden".into());
    CallerPermissions::new(Arc::new(caller("full"))).with_policies(&policies)
}

#[test]
fn plans_need_the_policies_of_all_that_they_reach() {
    let articles = type_id("articles");
    let everybody = caller("full");
    for (query, others) in QUERIES {
        let text = query;
        let query = Query::from_text(query);
        let open = plan_query(&request(registry(), &everybody, Action::Find, articles), &query).expect(text);
        for name in others {
            assert!(open.reached.contains(&named_type(name)), "{text} reaches {name}");
        }
        assert!(open.reached.contains(&articles), "{text}");
        assert!(open.reached.iter().all(|ct| open.touched.contains(ct)), "{text}");
        if others.is_empty() && !text.contains("populate") {
            assert_eq!(open.reached, [articles], "{text}");
        }
        // The plan is refused with an empty reach, and with each type of the reach left out.
        let refuse = |evaluated: &[TypeId]| {
            let access = guarded_access(evaluated);
            let refused = plan_query(&request(registry(), &access, Action::Find, articles), &query);
            assert_eq!(refused.expect_err(text).kind, ParamErrorKind::UnevaluatedPolicy, "{text}");
        };
        refuse(&[]);
        for left_out in &open.reached {
            let rest: Vec<TypeId> = open.reached.iter().copied().filter(|ct| ct != left_out).collect();
            refuse(&rest);
        }
        let access = guarded_access(&open.reached);
        let planned = plan_query(&request(registry(), &access, Action::Find, articles), &query).expect(text);
        assert_eq!((&planned.plan, &planned.reached), (&open.plan, &open.reached), "{text}");
        assert!(access.check_reach(registry(), planned.reached.iter().copied()).is_ok());
    }
}

/// A cached plan is for callers with the same key: whether the policies of its types were evaluated is no part of the key.
#[test]
fn equal_keys_say_nothing_about_evaluated_policies() {
    let permissions = CallerPermissions::new(Arc::new(caller("full")));
    let guarded = Arc::new(BTreeSet::from([type_id("articles")]));
    let unneeded = permissions.with_policies(&ReadPolicies::unneeded(guarded));
    let open = permissions.with_policies(&ReadPolicies::none());
    assert!(unneeded.key == open.key);
    assert!(open.check_reach(registry(), [type_id("articles")]).is_ok());
    assert!(unneeded.check_reach(registry(), [type_id("categories")]).is_ok());
    let refused = unneeded.check_reach(registry(), [type_id("categories"), type_id("articles")]).expect_err("a guard");
    assert_eq!(refused.kind, ParamErrorKind::UnevaluatedPolicy);
    assert!(refused.message.contains("article"), "{refused}");
}

/// The conditions of policies and roles may lead anywhere: they decide for their author, whom no policy guards.
#[test]
fn conditions_reach_nothing() {
    let articles = type_id("articles");
    let limit = Arc::new(json!({ "category": { "name": "a" } }));
    let guarded: BTreeSet<TypeId> = registry().types().iter().map(|ct| ct.id).collect();
    let policies = ReadPolicies::new([(articles, vec![limit])], Arc::new(guarded), "1".into());
    let access = CallerPermissions::new(Arc::new(caller("full"))).with_policies(&policies);
    let planned = plan_query(&request(registry(), &access, Action::Find, articles), Query::empty()).expect("a plan");
    assert_eq!(planned.reached, [articles]);
    assert!(planned.touched.contains(&type_id("categories")));
}

#[test]
fn guards_of_rows_and_aggregates_need_policies() {
    let (articles, access) = (type_id("articles"), guarded_access(&[]));
    for action in [Action::Find, Action::FindOne, Action::Update, Action::Delete] {
        let refused = condition_filter(&request(registry(), &access, action, articles)).expect_err("a guard");
        assert_eq!(refused.kind, ParamErrorKind::UnevaluatedPolicy, "{action:?}");
    }
    // Creating a document reads none.
    assert_eq!(condition_filter(&request(registry(), &access, Action::Create, articles)), Ok(None));
    let access = guarded_access(&[articles]);
    let aggregate = |group_by: &str| {
        let figures = AggregateQuery {
            group_by: &[group_by.to_owned()],
            measures: &[(Measure::Count, String::new())],
            order: &[],
            limit: 10,
        };
        let request = request(registry(), &access, Action::Find, articles);
        plan_aggregate(&request, Query::empty(), &figures).map(drop).map_err(|error| error.kind)
    };
    assert_eq!(aggregate("title"), Ok(()));
    assert_eq!(aggregate("category.name"), Err(ParamErrorKind::UnevaluatedPolicy));
}
