//! Lists of texts in the order of a language: what a database sorts by stored keys is what the collation says, on every database.

use crate::fixture::StoreFixture;
use cairn_model::{Collation, Value};
use cairn_query::{Access, Action};
use cairn_store::StoreError;
use cairn_store::content::{BulkDocument, NewDocumentRow};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value as Json, json};
use std::collections::HashMap;

const AT: &str = "2026-01-01T10:00:00.000Z";
/// Parts of random texts: letters with and without accents, in two forms, ligatures, digits, and characters that nobody sees.
const PARTS: [&str; 28] = [
    "a", "A", "b", "z", "Z", "é", "É", "e\u{301}", "e", "E", "å", "Å", "ä", "ø", "ß", "ss", "ij", "ĳ", "IJ", "0", "2",
    "10", " ", "-", "\u{200d}", "\u{ad}", "😀", "漢",
];

/// Words in Dutch, names in the language of their locale, and codes in the order of code points.
fn open_everywhere() -> Vec<StoreFixture> {
    let schema = |collation: Json, localized: bool| {
        let localized = json!({ "i18n": { "localized": localized } });
        json!({
            "kind": "collectionType", "options": { "draftAndPublish": true, "cairn": { "collation": collation, "indexes": [["number", "title"]] } },
            "pluginOptions": localized,
            "attributes": {
                "title": { "type": "string", "index": true, "pluginOptions": localized },
                "number": { "type": "integer", "pluginOptions": localized },
                "of": { "type": "relation", "relation": "oneToOne", "target": "api::word.word" },
            },
        })
    };
    StoreFixture::on_every_database(
        &[
            ("word", schema(json!("nl"), false)),
            ("number", schema(json!("en-u-kn"), false)),
            ("name", schema(json!("locale"), true)),
            ("code", schema(Json::Null, false)),
        ],
        &[],
    )
}

fn new_row(
    fixture: &StoreFixture,
    route: &str,
    document_id: String,
    locale: &str,
    title: Option<&str>,
) -> NewDocumentRow {
    let ct = fixture.registry().by_route(route).unwrap();
    let mut values = vec![Value::Null; ct.attributes.len()];
    values[ct.attributes.get("title").unwrap().0] = title.map_or(Value::Null, |title| Value::Text(title.into()));
    values[ct.attributes.get("number").unwrap().0] = Value::Int(1);
    NewDocumentRow {
        id: 0,
        document_id,
        locale: locale.into(),
        published: false,
        created_at: AT.into(),
        updated_at: AT.into(),
        published_at: None,
        version: 0,
        values,
        to_one: HashMap::new(),
    }
}

/// Texts that are new, long, empty or missing.
fn random_titles(rng: &mut StdRng, n: usize) -> Vec<Option<String>> {
    (0..n)
        .map(|i| match i % 20 {
            0 => None,
            1 => Some(String::new()),
            // Beyond the length of keys, with what tells them apart at the end.
            2 => Some(format!("{}{}", "långt ".repeat(170), PARTS.choose(rng).unwrap())),
            _ => Some((0..rng.random_range(1..8)).map(|_| *PARTS.choose(rng).unwrap()).collect()),
        })
        .collect()
}

/// The documents of a list, in its order.
fn list(fixture: &StoreFixture, route: &str, query: &str) -> Vec<String> {
    let query = format!("pagination[pageSize]=100&fields=documentId&status=draft&{query}");
    let mut documents = Vec::new();
    for page in 1.. {
        let planned =
            fixture.plan(&Access::full(), Action::Find, route, &format!("{query}&pagination[page]={page}")).unwrap();
        let (entries, _) = fixture.list_entries(&planned).unwrap();
        let entries = entries.as_array().unwrap();
        documents.extend(entries.iter().map(|entry| entry["documentId"].as_str().unwrap().to_owned()));
        if entries.len() < 100 {
            break;
        }
    }
    documents
}

/// The documents in the order of a collation; those without a title first.
fn expected_order(titles: &[Option<String>], collation: Option<&str>, locale: &str, descending: bool) -> Vec<String> {
    let collation = collation.map(|collation| Collation::parse(collation).unwrap());
    let key = |title: &Option<String>| {
        let title = title.as_deref()?;
        Some((collation.as_ref().map(|collation| collation.key_of(title, locale)), title.to_owned()))
    };
    let mut positions: Vec<usize> = (0..titles.len()).collect();
    positions.sort_by_key(|&i| (key(&titles[i]), i));
    if descending {
        positions.reverse();
    }
    positions.into_iter().map(|i| format!("d{i}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_in_the_order_of_the_collation() {
    let titles = random_titles(&mut StdRng::seed_from_u64(70), 360);
    for fixture in open_everywhere() {
        for (route, collation, locales) in [
            ("words", Some("nl"), &[""][..]),
            ("numbers", Some("en-u-kn"), &[""]),
            ("names", Some("locale"), &["sv", "nl"]),
            ("codes", None, &[""]),
        ] {
            let ct = fixture.registry().by_route(route).unwrap().id;
            // Half of them one by one and then with another title, half of them at once.
            let mut single = Vec::new();
            let mut bulk = Vec::new();
            for locale in locales {
                for (i, title) in titles.iter().enumerate() {
                    let row = new_row(&fixture, route, format!("d{i}"), locale, title.as_deref());
                    match i < 180 {
                        true => single.push((row, new_row(&fixture, route, format!("d{i}"), locale, Some("before")))),
                        false => bulk.push(BulkDocument { row, links: Vec::new() }),
                    }
                }
            }
            let write = fixture.store.write(move |tx| {
                for (row, mut before) in single {
                    before.id = tx.documents().insert_row(ct, &before)?;
                    let values = row.values;
                    tx.documents().update_row(ct, &mut NewDocumentRow { values, ..before })?;
                }
                tx.documents().insert_bulk(ct, bulk)
            });
            write.await.unwrap();
            fixture.store.end_bulk(ct).await.unwrap();
            for locale in locales {
                let said = if locale.is_empty() { String::new() } else { format!("locale={locale}&") };
                for (order, descending) in [("asc", false), ("desc", true)] {
                    let found = list(&fixture, route, &format!("{said}sort=title:{order}"));
                    let expected = expected_order(&titles, collation, locale, descending);
                    assert_eq!(found, expected, "{route} {locale} {order} on {}", fixture.database_name());
                    // The same with a filter, and behind another key.
                    let found =
                        list(&fixture, route, &format!("{said}sort=number:{order},title:{order}&filters[number]=1"));
                    assert_eq!(found, expected, "{route} {locale} {order} on {}", fixture.database_name());
                }
            }
        }
        assert_eq!(fixture.store.check_integrity().unwrap(), Vec::<String>::new(), "{}", fixture.database_name());
    }
}

#[test]
fn sorted_lists_walk_the_index_over_the_keys() {
    let fixture = open_everywhere().swap_remove(0);
    let steps = |route: &str, query: &str| {
        let planned = fixture.plan(&Access::full(), Action::Find, route, query).unwrap();
        fixture.explain_list(&planned).unwrap()
    };
    for order in ["asc", "desc"] {
        let found = steps("words", &format!("sort=title:{order}"));
        assert!(found.contains("INDEX words_title.collation") && !found.contains("TEMP B-TREE"), "{found}");
        let found = steps("names", &format!("locale=sv&sort=title:{order}"));
        assert!(found.contains("INDEX names_title.collation") && !found.contains("TEMP B-TREE"), "{found}");
        let found = steps("words", &format!("filters[number]=1&sort=title:{order}"));
        assert!(found.contains("INDEX words_number.title.collation") && !found.contains("TEMP B-TREE"), "{found}");
    }
    // Comparisons are of the texts themselves.
    let found = steps("words", "filters[title]=a");
    assert!(found.contains("INDEX words_title_idx"), "{found}");
}

#[test]
fn only_types_with_a_collation_are_sorted_by_keys() {
    let fixture = open_everywhere().swap_remove(0);
    let statement = |route: &str, query: &str| {
        let planned = fixture.plan(&Access::full(), Action::Find, route, query).unwrap();
        let text = fixture.store.compile_plan(&planned.plan, "en").statements().remove(0).to_owned();
        text.split_once(" ORDER BY ").unwrap().1.to_owned()
    };
    for (route, query, expected) in [
        ("codes", "sort=title", r#"b."title" ASC, b.id LIMIT ?2 OFFSET ?3"#),
        ("codes", "sort=number:desc,title:desc", r#"b."number" DESC, b."title" DESC, b.id DESC LIMIT ?2 OFFSET ?3"#),
        ("words", "sort=title:desc", r#"b."_collation_title" DESC, b."title" DESC, b.id DESC LIMIT ?2 OFFSET ?3"#),
        ("words", "sort=number,documentId", r#"b."number" ASC, b.document_id ASC, b.id LIMIT ?2 OFFSET ?3"#),
    ] {
        let found = statement(route, query);
        assert!(found.starts_with(expected.split(" LIMIT").next().unwrap()), "{query}: {found}");
        assert_eq!(found.matches("_collation_").count(), expected.matches("_collation_").count(), "{query}: {found}");
    }
    // Of a related entry its own type decides.
    let through = statement("codes", "sort=of.title");
    assert_eq!(through.matches(r#"."_collation_title""#).count(), 1, "{through}");
    let own = statement("codes", "sort=title");
    assert!(!own.contains("_collation_"), "{own}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_not_sorted_by_their_texts_are_found() {
    let fixture = open_everywhere().swap_remove(0);
    let ct = fixture.registry().by_route("words").unwrap().id;
    let row = new_row(&fixture, "words", "one".into(), "", Some("één"));
    fixture
        .store
        .write(move |tx| tx.documents().insert_row(ct, &row).map(drop))
        .await
        .map_err(|e: StoreError| e)
        .unwrap();
    assert_eq!(fixture.store.check_integrity().unwrap(), Vec::<String>::new());
    fixture.run_sql("UPDATE words SET _collation_title = NULL");
    assert_eq!(fixture.store.check_integrity().unwrap(), ["api::word.word: one is not sorted by its texts"]);
}
