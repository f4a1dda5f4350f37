//! `populate` on the sample model.

use super::*;
use crate::testing::{plan_articles, plan_as, refusal_message, sample_registry};
use crate::{Access, AccessRule, Action};
use std::sync::Arc;

/// The attributes populated at the top, in order.
fn populated_names(raw_query: &str) -> Vec<String> {
    populated_names_as(&Access::full(), raw_query)
}

fn populated_names_as(access: &Access, raw_query: &str) -> Vec<String> {
    let attributes = &sample_registry().by_route("articles").expect("articles").attributes;
    plan_as(access, Action::Find, "articles", raw_query)
        .expect(raw_query)
        .plan
        .node
        .populate
        .iter()
        .map(|populate| match populate {
            Populate::Related(PopulatedRelation { attribute, .. })
            | Populate::Morph { attribute, .. }
            | Populate::Component { attribute, .. }
            | Populate::Zone { attribute, .. }
            | Populate::Nothing { attribute, .. } => attributes[*attribute].name.clone(),
            Populate::Localizations(_) => "localizations".to_owned(),
            Populate::Usages { .. } => "related".to_owned(),
        })
        .collect()
}

#[test]
fn populate_syntaxes_are_equivalent() {
    let expected = ["category", "authors"];
    for query in [
        "populate=category,authors",
        "populate=category&populate=authors",
        "populate[]=category, authors,",
        "populate[category]=true&populate[authors]=1",
        "populate[0]=category.parent&populate[1]=authors&populate[2]=category",
        "populate[150]=category&populate[999]=authors",
    ] {
        assert_eq!(populated_names(query), expected, "{query}");
    }
    for query in ["populate=", "populate[category]=false", "populate[category]="] {
        assert!(populated_names(query).is_empty(), "{query}");
    }
}

/// Expected is what `sanitizeQuery` of `@strapi/utils` 5.54.0 leaves of the same names, without access to authors.
#[test]
fn paths_to_unreadable_types_are_ignored_as_a_whole() {
    let mut access = Access::none();
    for route in ["articles", "categories"] {
        let content_type = sample_registry().by_route(route).expect(route).id;
        Arc::make_mut(&mut access.rules).insert((content_type, Action::Find), AccessRule::default());
    }
    for (query, expected) in [
        ("populate=authors", &[][..]),
        ("populate=category", &["category"]),
        ("populate=category.articles.authors", &[]),
        ("populate[0]=category.articles.authors", &[]),
        ("populate=category.parent.articles.authors", &[]),
        ("populate=category.articles.authors,category.parent", &["category"]),
        ("populate[0]=authors&populate[1]=category", &["category"]),
        ("populate=category.articles", &["category"]),
        // Levels that are named themselves stay, whatever is named below them.
        ("populate=category.articles.authors,category", &["category"]),
        ("populate[category][populate]=articles.authors", &["category"]),
        ("populate[category][populate][articles][populate][authors]=true", &["category"]),
    ] {
        assert_eq!(populated_names_as(&access, query), expected, "{query}");
    }
    let planned = plan_as(&access, Action::Find, "articles", "populate[category][populate]=articles.authors");
    let Some(Populate::Related(category)) = planned.expect("a plan").plan.node.populate.pop() else { panic!() };
    assert!(category.node.populate.is_empty());
    // A name that does not exist is refused before and after what is hidden.
    for query in ["populate=category.articles.authors,nothing", "populate=category.articles.authors,category.nothing"] {
        assert!(plan_as(&access, Action::Find, "articles", query).is_err(), "{query}");
    }
}

#[test]
fn star_populates_every_attribute_one_level_deep() {
    let all = ["category", "authors", "sequel", "subject", "cover", "gallery", "seo", "links", "sections"];
    assert_eq!(populated_names("populate=*"), all);
    assert_eq!(populated_names("populate=*,category.parent").len(), all.len());
    let planned = plan_articles("populate=*").expect("a plan");
    for populate in &planned.plan.node.populate {
        match populate {
            Populate::Related(related) => assert!(related.node.populate.is_empty()),
            Populate::Component { node, .. } => assert!(node.populate.is_empty()),
            Populate::Zone { nodes, .. } => assert!(nodes.iter().all(|node| node.populate.is_empty())),
            Populate::Morph { targets, .. } => assert!(targets.iter().all(|t| t.node.populate.is_empty())),
            Populate::Localizations(others) => assert!(others.node.populate.is_empty()),
            Populate::Usages { by, .. } => assert!(by.iter().all(|usage| usage.node.populate.is_empty())),
            Populate::Nothing { .. } => {}
        }
    }
}

#[test]
fn invalid_populate_is_reported() {
    for (query, message) in [
        ("populate=nothing", "Invalid key nothing"),
        ("populate=title", "Invalid key title"),
        ("populate=note", "Invalid key note"),
        ("populate=secretAuthor", "Invalid key secretAuthor"),
        ("populate=createdBy", "Invalid key createdBy"),
        ("populate=localizations", "Invalid key localizations"),
        ("populate=category.nothing", "Invalid key nothing at category.nothing"),
        ("populate=sections.nothing", "Invalid key nothing at sections.nothing"),
        ("populate[nothing]=true", "Invalid key nothing"),
        ("populate[nothing]=false", "Invalid key nothing"),
        ("populate[category]=*", "Invalid key parent at category.parent"),
        ("populate[category]=parent", "Invalid key parent at category.parent"),
        ("populate[category][nothing]=1", "Invalid key nothing at category"),
        ("populate[category][limit]=1", "Invalid key limit at category"),
        (
            "populate[category][on][x]=1",
            "Using fragments is not permitted to populate \"category\" in \"api::article.article\"",
        ),
        ("populate[category][populate]=nothing", "Invalid key nothing"),
        ("populate[authors][filters][salary]=1", "Invalid key salary"),
        ("populate[authors][fields]=salary", "Invalid key salary"),
        ("populate[authors][sort]=nothing", "Invalid key nothing"),
        ("populate[authors][filters][mentor][nothing]=1", "Invalid key nothing at mentor"),
        ("populate[links][sort]=image.name", "Invalid key image"),
        ("populate[seo][sort]=image.name", "Invalid key image"),
        ("populate[sections][populate]=image", "Invalid key populate at sections"),
        ("populate[sections][fields]=heading", "Invalid key fields at sections"),
        ("populate[sections][on][block.nope]=true", "Invalid key block.nope at sections.on.block.nope"),
        ("populate[sections][on][block.hero][sort]=heading", "Invalid key sort at sections.on.block.hero"),
        (
            "populate[sections]=*",
            "Invalid nested populate for article.sections (api::article.article). \
             Expected a fragment (\"on\") or \"count\" but found \"*\"",
        ),
        (
            "populate[sections][on][block.hero]=true&populate[sections][populate]=*",
            "Invalid populate at sections. Use either \"on\" or \"populate\"",
        ),
        ("populate[1000000000]=category", "Invalid key 1000000000"),
        ("populate[authors][count]=maybe", r#"Invalid count parameter. Expected "t","1","true","false","0","f""#),
        (
            "populate[0][category]=true",
            "Invalid populate parameter. Expected a string, an array of strings, a populate object",
        ),
    ] {
        assert_eq!(refusal_message(query), message, "{query}");
    }
}

#[test]
fn populate_depth_and_size_are_limited() {
    let dotted = |levels: usize| format!("populate={}", vec!["sequel"; levels].join("."));
    assert!(plan_articles(&dotted(20)).is_ok());
    assert_eq!(refusal_message(&dotted(21)), "Query too complex: populate has more than 20 levels");
    assert_eq!(refusal_message(&dotted(2000)), "Query too complex: populate has more than 20 levels");
    let nested = |levels: usize| format!("populate{}=*", "[sequel][populate]".repeat(levels));
    assert!(plan_articles(&nested(19)).is_ok());
    assert_eq!(refusal_message(&nested(20)), "Query too complex: populate has more than 20 levels");
    // The levels below a relation to any type are planned once per shape.
    let wide = "populate[subject][populate]=*&populate[sequel][populate][subject][populate]=*\
                &populate[sequel][populate][sequel][populate][subject][populate]=*";
    let limits = crate::QueryLimits { populate_nodes: 40, ..crate::QueryLimits::default() };
    let access = crate::Access::full();
    let request = crate::QueryRequest {
        registry: sample_registry(),
        access: &access,
        content_type: sample_registry().by_route("articles").expect("articles").id,
        action: crate::Action::Find,
        default_locale: "en",
        limits,
        lenient: false,
    };
    assert!(plan_articles(wide).is_ok());
    let error = crate::plan_query(&request, &crate::Query::from_text(wide)).expect_err("too many nodes");
    assert_eq!(error.message, "Query too complex: populate reaches more than 40 relations and components");
}
