//! Files under `tests/golden/`: what a request costs, and which routes no access test looks at. `UPDATE=1` rewrites them.

use cairn_query::{Access, Action, QueryLimits, QueryRequest};
use cairn_store::{Database, Store, StoreOptions};
use cairn_testkit::TestProject;
use serde_json::{Map, Value as Json, json};
use std::path::Path;
use std::sync::Arc;

/// Compares with a file of `tests/golden/`, or writes it.
#[track_caller]
pub(crate) fn assert_golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        text, expected,
        "{name} is out of date: look at the difference, and run again with UPDATE=1 if it is meant"
    );
}

/// The statements of a request, each by the tables it reads: `count of articles`, `authors through articles_authors_lnk`.
fn statements(store: &Store, route: &str, action: Action, query: &str) -> Vec<String> {
    let (access, registry) = (Access::full(), store.registry());
    let request = QueryRequest {
        registry,
        access: &access,
        content_type: registry.by_route(route).unwrap().id,
        action,
        default_locale: "en",
        limits: QueryLimits::default(),
        lenient: false,
    };
    let planned = cairn_query::plan_query(&request, &cairn_query::Query::from_text(query))
        .unwrap_or_else(|e| panic!("{query}: {e:?}"));
    let statements = store.compile_plan(&planned.plan, "en").statements();
    let purposes = statements.iter().map(|sql| purpose(sql));
    purposes.filter(|p| action == Action::Find || !p.starts_with("count of ")).collect()
}

fn purpose(sql: &str) -> String {
    // The tables of the outermost FROM: what is in brackets is part of a condition or a column.
    let (mut depth, mut outer) = (0_i32, String::new());
    for c in sql.chars() {
        depth -= i32::from(c == ')');
        if depth == 0 {
            outer.push(c);
        }
        depth += i32::from(c == '(');
    }
    let from = outer.split(" FROM ").nth(1).unwrap_or_else(|| panic!("no FROM in {sql}"));
    let from = from.split(" WHERE ").next().unwrap_or_default();
    let mut tables: Vec<&str> = from.split('"').skip(1).step_by(2).collect();
    let table = tables.pop().unwrap_or_else(|| panic!("no table in {sql}"));
    let through = tables.iter().map(|t| format!(" through {t}")).collect::<String>();
    if outer.starts_with("SELECT count(") { format!("count of {table}{through}") } else { format!("{table}{through}") }
}

/// The promise of the design: one statement, one for each populated attribute, and one for the total where it is
/// filtered; whatever the number of rows. (Totals without a filter are kept, and read by their key.)
#[test]
fn requests_use_one_statement_plus_one_per_populated_attribute() {
    let project = TestProject::newsroom();
    let registry = Arc::new(cairn_model::load::load_project(&project.path()).unwrap().registry);
    // The SQL is the same on every database; here the tables alone describe it.
    let database = Database::Sqlite(project.path().join("golden.db"));
    let store = Store::open(StoreOptions { database }, registry).unwrap();
    let nested = "populate[authors][populate][articles][populate][category]=true&populate[category][populate]=parent";
    let zone = "populate[sections][on][block.hero][populate][image]=true&populate[sections][on][block.quote][populate][author]=true";
    let mut all = Map::new();
    for (name, route, action, query) in [
        ("list", "articles", Action::Find, ""),
        ("findOne", "articles", Action::FindOne, ""),
        ("list, sorted", "articles", Action::Find, "sort=views:desc,category.name"),
        ("list, filtered", "articles", Action::Find, "filters[authors][name]=x&filters[seo][metaTitle]=y"),
        ("list, searched", "articles", Action::Find, "_q=x"),
        ("list of drafts", "articles", Action::Find, "status=draft"),
        (
            "list of drafts by their published version",
            "articles",
            Action::Find,
            "status=draft&hasPublishedVersion=true",
        ),
        ("list + two relations", "articles", Action::Find, "populate=category,authors"),
        (
            "list + two relations, filtered inside",
            "articles",
            Action::Find,
            "populate[authors][filters][name]=x&populate[category][sort]=name",
        ),
        ("list + nested relations", "articles", Action::Find, nested),
        ("list + counts", "articles", Action::Find, "populate[authors][count]=true&populate[gallery][count]=true"),
        ("list + inverse relations", "categories", Action::Find, "populate=articles,children"),
        ("list + components", "articles", Action::Find, "populate=seo,links"),
        ("list + media in a component", "articles", Action::Find, "populate[seo][populate]=image"),
        ("list + zone", "articles", Action::Find, "populate=sections"),
        ("list + zone with media and relation", "articles", Action::Find, zone),
        ("list + everything inside a zone", "articles", Action::Find, "populate[sections][populate]=*"),
        ("list + morph", "articles", Action::Find, "populate[subject][on][api::author.author]=true"),
        ("list + what shows its files", "articles", Action::Find, "populate[cover][populate]=related"),
        ("list + *", "articles", Action::Find, "populate=*"),
        ("findOne + *", "articles", Action::FindOne, "populate=*"),
        ("localized list", "pages", Action::Find, ""),
        ("localized list, two locales", "pages", Action::Find, "locale[]=en&locale[]=nl"),
        ("localized list + localizations", "pages", Action::Find, "populate=localizations"),
        ("localized list + *", "pages", Action::Find, "populate=*"),
        ("single type + *", "site", Action::Find, "populate=*"),
    ] {
        let found = statements(&store, route, action, query);
        let path =
            if action == Action::Find { format!("/api/{route}?{query}") } else { format!("/api/{route}/<id>?{query}") };
        let shape = json!({"request": format!("GET {}", path.trim_end_matches('?')), "count": found.len(), "statements": found});
        all.insert(name.into(), shape);
    }
    assert_golden("statements_per_route.json", &format!("{:#}\n", Json::Object(all)));
}
