//! `filters` on the sample model.

use super::*;
use crate::plan::{PublicationState, Versions};
use crate::testing::{plan_articles, refusal_message, sample_registry};
use serde_json::json;

fn filter(raw_query: &str) -> Filter {
    plan_articles(raw_query).expect(raw_query).plan.filter.expect(raw_query)
}

fn attribute(name: &str) -> usize {
    sample_registry().by_route("articles").expect("articles").attributes.get(name).expect(name).0
}

fn leaf(name: &str, op: Operator, values: &[&str]) -> Filter {
    let values = values.iter().map(|&text| Scalar::Text(text.to_owned())).collect();
    Filter::Leaf { field: Field::Attribute(attribute(name)), op, values }
}

fn category(filter: Filter) -> Filter {
    Filter::Related {
        attribute: attribute("category"),
        target: sample_registry().by_route("categories").expect("categories").id,
        guard: None,
        versions: Versions::Only(PublicationState::Published),
        filter: Box::new(filter),
    }
}

#[test]
fn filters_without_an_operator_test_equality() {
    let expected = leaf("title", Operator::Eq, &["Dune"]);
    assert_eq!(filter("filters[title]=Dune"), expected);
    assert_eq!(filter("filters[title][$eq]=Dune"), expected);
    assert_eq!(filter("filters[0][title]=Dune"), expected);
    assert_eq!(filter("filters[title]=a&filters[title]=b"), leaf("title", Operator::In, &["a", "b"]));
    // `qs` drops text behind brackets as well.
    assert_eq!(filter("filters[title]_eq=Dune"), expected);
}

#[test]
fn filter_values_are_cast_to_the_column_type() {
    let views = attribute("views");
    let expected = Filter::Leaf { field: Field::Attribute(views), op: Operator::Gt, values: vec![Scalar::Int(12)] };
    assert_eq!(filter("filters[views][$gt]=12"), expected);
    // Textual operators compare the text of a value, whatever its type.
    assert_eq!(filter("filters[views][$contains]=2"), leaf("views", Operator::Contains, &["2"]));
    assert_eq!(refusal_message("filters[issuedOn]=soon"), "Invalid format, expected yyyy-MM-dd");
}

#[test]
fn null_operators_take_a_boolean() {
    let null = Filter::Leaf { field: Field::Attribute(attribute("body")), op: Operator::Null, values: vec![] };
    assert_eq!(filter("filters[body][$null]=true"), null);
    assert_eq!(filter("filters[body][$notNull]=false"), null);
    assert_ne!(filter("filters[body][$null]=false"), null);
}

#[test]
fn relations_are_compared_with_ids() {
    let rows = |op, ids: &[i64]| category(Filter::RowId { op, values: ids.to_vec() });
    let document = |op, ids: &[&str]| {
        let values = ids.iter().map(|&id| Scalar::Text(id.to_owned())).collect();
        Filter::Leaf { field: Field::DocumentId, op, values }
    };
    assert_eq!(filter("filters[category]=3"), rows(Operator::Eq, &[3]));
    assert_eq!(filter("filters[category][$ne]=3"), rows(Operator::Ne, &[3]));
    assert_eq!(filter("filters[category][$in]=3&filters[category][$in]=4"), rows(Operator::In, &[3, 4]));
    assert_eq!(filter("filters[category]=k3j"), category(document(Operator::Eq, &["k3j"])));
    assert_eq!(
        filter("filters[category][$notIn][]=3&filters[category][$notIn][]=k3j"),
        category(Filter::And(vec![
            Filter::RowId { op: Operator::NotIn, values: vec![3] },
            document(Operator::NotIn, &["k3j"]),
        ]))
    );
    let null = Filter::Leaf { field: Field::Id, op: Operator::Null, values: vec![] };
    assert_eq!(filter("filters[category][$null]=true"), category(null));
    assert_eq!(refusal_message("filters[category][$contains]=a"), "Invalid key $contains at category");
}

#[test]
fn negation_is_pushed_down_to_comparisons() {
    let not = |filter| Filter::Not(Box::new(filter));
    let title = |value| leaf("title", Operator::Eq, &[value]);
    assert_eq!(filter("filters[title][$not][$eq]=a"), not(title("a")));
    assert_eq!(filter("filters[title][$not]=a"), not(title("a")));
    assert_eq!(filter("filters[$not][title]=a"), not(title("a")));
    assert_eq!(filter("filters[$not][$not][title]=a"), title("a"));
    assert_eq!(
        filter("filters[$not][0][title]=a&filters[$not][1][title]=b"),
        Filter::Or(vec![not(title("a")), not(title("b"))])
    );
    let row = Filter::RowId { op: Operator::Eq, values: vec![3] };
    assert_eq!(filter("filters[$not][category]=3"), category(not(row.clone())));
    assert_eq!(filter("filters[category][$not][$eq]=3"), category(not(row)));
}

#[test]
fn filter_lists_can_be_objects_with_indexes() {
    let or = Filter::Or(vec![leaf("title", Operator::Eq, &["a"]), leaf("title", Operator::Eq, &["b"])]);
    assert_eq!(filter("filters[$or][0][title]=a&filters[$or][1][title]=b"), or);
    assert_eq!(filter("filters[$or][0][title]=a&filters[$or][500][title]=b"), or);
    assert_eq!(filter("filters[$or][title]=a"), leaf("title", Operator::Eq, &["a"]));
}

#[test]
fn long_value_lists_filter_by_every_value() {
    let title = |op, values: &[&str]| leaf("title", op, values);
    assert_eq!(filter("filters[title][$in][0]=a&filters[title][$in][100]=b"), title(Operator::In, &["a", "b"]));
    assert_eq!(filter("filters[title][$in][150]=a"), title(Operator::In, &["a"]));
    assert_eq!(filter("filters[title][$notIn][150]=a"), title(Operator::NotIn, &["a"]));
    assert_eq!(filter("filters[title][$eq][150]=a"), title(Operator::In, &["a"]));
    assert_eq!(filter("filters[title][150]=a"), title(Operator::In, &["a"]));
    assert_eq!(filter("filters[150][title]=a"), title(Operator::Eq, &["a"]));
    let long: String = (0..120).map(|index| format!("filters[documentId][$in][{index}]=d{index}&")).collect();
    let Filter::Leaf { field: Field::DocumentId, op: Operator::In, values } = filter(&long) else { panic!("{long}") };
    assert_eq!(values.len(), 120);
}

#[test]
fn objects_are_no_values() {
    for (query, message) in [
        ("filters[title][$in][01]=a", "Invalid key 01 at title"),
        ("filters[title][$notIn][1000000000]=a", "Invalid key 1000000000 at title"),
        ("filters[title][$in][0]=a&filters[title][$in][b]=c", "Invalid key 0 at title"),
        ("filters[category][$in][01]=3", "Invalid key 01 at category"),
        ("filters[category][01]=3", "Invalid key 01 at category"),
    ] {
        assert_eq!(refusal_message(query), message, "{query}");
    }
}

#[test]
fn empty_json_is_never_read_as_no_condition() {
    let plan = |filters: serde_json::Value| {
        let access = crate::Access::full();
        let registry = sample_registry();
        let articles = registry.by_route("articles").expect("articles").id;
        let limits = crate::QueryLimits::default();
        let mut cx = PlanningContext::new(registry, &access, limits, PublicationState::Published);
        let view = cx.root_view(articles, crate::Action::Find);
        let input = FilterInput::from_condition(&filters, None, 9).expect("a filter");
        let mut planner = FilterPlanner { cx: &mut cx, param: "filters", negation: Negation::Contract };
        planner.plan_root(view, &input).map_err(|error| error.message)
    };
    assert_eq!(plan(json!({ "title": {} })), Err("Invalid value at title. Expected a value or operators".to_owned()));
    assert_eq!(
        plan(json!({ "title": { "$in": {} } })),
        Err("Invalid value of $in at title. Expected a value".to_owned())
    );
    assert_eq!(plan(json!({ "title": { "$in": { "0": "a" } } })), Err("Invalid key 0 at title".to_owned()));
    // A list without values has none of them.
    assert_eq!(plan(json!({ "title": [] })), Ok(leaf("title", Operator::In, &[])));
    let none = Filter::Leaf { field: Field::DocumentId, op: Operator::In, values: vec![] };
    assert_eq!(plan(json!({ "category": [] })), Ok(category(none)));
}

#[test]
fn invalid_filters_are_reported() {
    for (query, message) in [
        ("filters=text", "The filters parameter must be an object or an array"),
        ("filters=", "The filters parameter must be an object or an array"),
        ("filters[0]=a", "The filters parameter must be an object or an array"),
        ("filters[nothing]=1", "Invalid key nothing"),
        ("filters[category][nothing]=1", "Invalid key nothing at category"),
        ("filters[$or][0][category][nothing]=1", "Invalid key nothing at category"),
        ("filters[authors][address][zip]=1", "Invalid key zip at authors.address.zip"),
        ("filters[note]=1", "Invalid key note"),
        ("filters[pin][$null]=1", "Invalid key pin"),
        ("filters[secretAuthor][id]=1", "Invalid key secretAuthor"),
        ("filters[createdBy][id]=1", "Invalid key createdBy"),
        ("filters[locale]=en", "Invalid key locale"),
        ("filters[sections][heading]=1", "Invalid key sections"),
        ("filters[subject][id]=1", "Invalid key subject"),
        ("filters[title][$nope]=1", "Invalid key $nope at title"),
        ("filters[title][$StartsWith]=1", "Invalid key $StartsWith at title"),
        ("filters[title][nope]=1", "Invalid key nope at title"),
        ("filters[title][$eq][x]=1", "Invalid key x at title"),
        ("filters[title][$or][0][$eq]=1", "Invalid key $or at title"),
        ("filters[$eq]=1", "Invalid key $eq"),
        ("filters[$or]=1", "Invalid value of $or. Expected an array of filters"),
        ("filters[views][$between]=1", "Invalid value of $between at views. Expected an array of two values"),
        ("filters[views][$gt][]=1&filters[views][$gt][]=2", "Invalid value of $gt at views. Expected one value"),
        ("filters[t1.pin]=1", "Invalid key t1.pin"),
        ("filters[__proto__][x]=1", "Invalid key __proto__"),
    ] {
        assert_eq!(refusal_message(query), message, "{query}");
    }
}

#[test]
fn filter_depth_and_size_are_limited() {
    let nested = |levels: usize| format!("filters{}[title]=a", "[$not]".repeat(levels));
    assert!(plan_articles(&nested(9)).is_ok());
    assert_eq!(refusal_message(&nested(10)), "Query too complex: filters have more than 10 levels");
    let chain = |levels: usize| format!("filters[authors]{}[name]=a", "[mentor]".repeat(levels));
    assert!(plan_articles(&chain(8)).is_ok());
    assert_eq!(refusal_message(&chain(9)), "Query too complex: filters have more than 10 levels");
    let leaves = |n: usize| (0..n).map(|i| format!("filters[$or][{i}][title]=a&")).collect::<String>();
    assert!(plan_articles(&leaves(100)).is_ok());
    assert_eq!(refusal_message(&leaves(101)), "Query too complex: filters have more than 100 comparisons");
}
