//! Filters on the documents of a relation: what the SQL says about the row itself, and which entries it finds.

use crate::differential::apply::{new_row, run_blocking};
use crate::fixture::StoreFixture;
use crate::newsroom::{insert_loose_articles, insert_newsroom};
use cairn_model::Value;
use cairn_query::{Access, Action};
use cairn_store::StoreError;
use serde_json::json;

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
        // Conditions that other rows meet as well do not use the column.
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

/// A board of two columns, whose cards have an order of their own: far more of them link to each column than are looked up and sorted.
#[test]
fn compound_indexes_over_relations_find_and_order_entries() {
    const CARDS: usize = 500;
    let attributes = json!({
        "title": { "type": "string" }, "rank": { "type": "string" },
        "stage": { "type": "relation", "relation": "manyToOne", "target": "api::stage.stage", "inversedBy": "cards" },
    });
    let card = json!({
        "kind": "collectionType", "collectionName": "cards", "attributes": attributes,
        "options": { "cairn": { "indexes": [["stage", "rank"]] } },
    });
    let cards = json!({ "type": "relation", "relation": "oneToMany", "target": "api::card.card", "mappedBy": "stage" });
    let stage = json!({ "kind": "collectionType", "collectionName": "stages", "attributes": { "cards": cards } });
    // Stage, rank and title of each card; the ranks run otherwise than the cards.
    let all: Vec<(Option<&str>, String, String)> = (0..CARDS)
        .map(|n| ([Some("new"), Some("won"), None][n % 3], format!("r{:03}", n * 7 % CARDS), format!("card {n}")))
        .collect();
    for fixture in StoreFixture::on_every_database(&[("card", card), ("stage", stage)], &[]) {
        let inserted = all.clone();
        let write = fixture.store.write(move |tx| {
            let registry = tx.registry();
            let (stages, cards) = (registry.by_route("stages").unwrap(), registry.by_route("cards").unwrap());
            for name in ["new", "won"] {
                tx.documents().insert_row(stages.id, &new_row(&registry, stages.id, name.into(), "", true))?;
            }
            let place = |name: &str| cards.attributes.get(name).unwrap().0;
            for (n, (stage, rank, title)) in inserted.into_iter().enumerate() {
                let mut row = new_row(&registry, cards.id, format!("card{n}"), "", true);
                row.values[place("rank")] = Value::Text(rank);
                row.values[place("title")] = Value::Text(title);
                row.to_one.extend(stage.map(|stage| (place("stage"), (stage.to_owned(), tx.end_position()))));
                tx.documents().insert_row(cards.id, &row)?;
            }
            Ok::<_, StoreError>(())
        });
        run_blocking(write).unwrap();
        for (query, stage, descending) in [
            ("filters[stage][documentId]=new&sort=rank", "new", false),
            ("filters[stage][documentId][$eq]=won&sort=rank:desc&pagination[start]=20", "won", true),
            ("filters[$and][0][stage][documentId]=won&filters[$and][1][title][$ne]=card%201&sort=rank", "won", false),
        ] {
            let query = format!("{query}&pagination[limit]=10");
            let planned = fixture.plan(&Access::full(), Action::Find, "cards", &query).unwrap();
            let (found, summary) = fixture.list_entries(&planned).unwrap();
            let mut expected: Vec<_> = all
                .iter()
                .filter(|(of, _, title)| *of == Some(stage) && !(query.contains("$ne") && title == "card 1"))
                .map(|(_, rank, title)| (rank.as_str(), title.as_str()))
                .collect();
            expected.sort_unstable();
            if descending {
                expected.reverse();
            }
            let start = if query.contains("start") { 20 } else { 0 };
            let found: Vec<_> = found.as_array().unwrap().iter().map(|card| card["title"].as_str().unwrap()).collect();
            let page: Vec<_> = expected.iter().skip(start).take(10).map(|(_, title)| *title).collect();
            let total = u64::try_from(expected.len()).unwrap();
            assert_eq!((found, summary.total), (page, Some(total)), "{query} on {}", fixture.database_name());
            // The list reads the page in index order, and sorts nothing.
            if let Some(steps) = fixture.explain_list(&planned) {
                assert!(
                    steps.contains("cards_stage_rank_cidx (_status=? AND locale=? AND stage=?)"),
                    "{query}: {steps}"
                );
                assert!(!steps.contains("TEMP B-TREE"), "{query}: {steps}");
            }
        }
        let findings = fixture.store.check_integrity().unwrap();
        assert!(findings.is_empty(), "{findings:#?}");
    }
}
