//! Filters on the documents of a relation: what the SQL says about the row itself, and which entries it finds.

use crate::fixture::StoreFixture;
use crate::newsroom::{insert_loose_articles, insert_newsroom};
use cairn_query::{Access, Action};

/// Entries that a filter finds, and whether the list compares the column of the relation itself, outside the join: only then can SQLite
/// look in the column's index instead of at every row. PostgreSQL finds that out by itself.
fn find_titles(fixture: &StoreFixture, query: &str) -> (Vec<String>, bool) {
    let planned = fixture.plan(&Access::full(), Action::Find, "articles", query).unwrap_or_else(|e| panic!("{e:?}"));
    let compiled = fixture.store.compile_plan(&planned.plan, "en");
    let list = &compiled.statements()[0];
    let before_joins =
        list.split_once(" WHERE ").and_then(|(_, after)| after.split("EXISTS").next()).unwrap_or_default();
    let (found, _) = fixture.list_entries(&planned).unwrap();
    let titles = found.as_array().unwrap().iter().map(|entry| entry["title"].as_str().unwrap().to_owned());
    (titles.collect(), before_joins.contains(".\"category\" "))
}

#[test]
fn documents_of_a_relation_are_looked_up_by_its_column() {
    let fixture = StoreFixture::newsroom();
    insert_newsroom(&fixture.store);
    insert_loose_articles(&fixture.store, 0..1);
    let (all, _) = find_titles(&fixture, "sort=id");
    let (with, uses_column) = find_titles(&fixture, "filters[category][documentId]=c1&sort=id");
    let without: Vec<String> = all.iter().filter(|title| !with.contains(title)).cloned().collect();
    let on_sqlite = fixture.store.database_kind() == "SQLite";
    assert!(uses_column == on_sqlite && !with.is_empty() && !without.is_empty(), "{with:?} of {all:?}");
    for (query, expected, uses_column) in [
        ("filters[category][documentId][$in][0]=c1&filters[category][documentId][$in][1]=none", &with, true),
        ("filters[category][documentId]=c1&filters[category][name]=Fiction", &with, true),
        ("filters[category][$and][0][documentId]=c1&filters[category][$and][1][name]=Fiction", &with, true),
        ("filters[category][documentId]=none", &Vec::new(), true),
        ("filters[category][documentId]=c1&filters[category][name]=Other", &Vec::new(), true),
        // What others meet as well is no reason to look at these alone.
        ("filters[category][$or][0][documentId]=c1&filters[category][$or][1][id][$null]=true", &all, false),
        ("filters[category][documentId][$null]=true", &without, false),
        ("filters[category][id][$null]=true", &without, false),
        ("filters[category][documentId][$notNull]=true", &with, false),
        ("filters[$not][category][documentId]=c1", &Vec::new(), false),
        ("filters[$not][category][documentId][$null]=true", &with, false),
        ("filters[category][documentId][$ne]=none", &with, false),
        ("filters[category][name]=Fiction", &with, false),
    ] {
        assert_eq!(
            find_titles(&fixture, &format!("{query}&sort=id")),
            (expected.clone(), uses_column && on_sqlite),
            "{query}"
        );
    }
}

#[test]
fn relations_to_few_documents_are_filtered_in_the_order_of_the_list() {
    let fixture = StoreFixture::newsroom();
    insert_newsroom(&fixture.store);
    let query = "filters[category][documentId]=c1&sort=id&pagination[pageSize]=3";
    let on_sqlite = fixture.store.database_kind() == "SQLite";
    assert_eq!(find_titles(&fixture, query).1, on_sqlite);
    // A hundred rows for the one category are looked up, and of each article there are two; more are too many.
    for (article_numbers, uses_column) in [(4..50, true), (50..51, false)] {
        insert_loose_articles(&fixture.store, article_numbers);
        let (titles, is_looked_up) = find_titles(&fixture, query);
        assert_eq!(
            (titles, is_looked_up),
            (["Title 1", "Title 2", "Title 3"].map(str::to_owned).to_vec(), uses_column && on_sqlite)
        );
    }
}
