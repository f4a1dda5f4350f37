//! A collation comes, changes and goes: a change of the schema that computes keys, on every kind of database, killed at every statement.

use super::nodes::{article, database};
use super::project::{insert, open};
use super::times;
use cairn_model::Registry;
use cairn_model::change::{Answers, Snapshot};
use cairn_model::collation::COLLATION_KEY_VERSION;
use cairn_query::{Access, Action, QueryLimits, QueryRequest};
use cairn_store::change::failpoint::{self, FailureMode};
use cairn_store::{Store, StoreError};
use cairn_testkit::TestDatabase;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::Arc;

const UID: &str = "api::article.article";
/// More than are written at once.
const ROWS: usize = 620;

fn model(folder: &Path, collation: Json, title: &str) -> Arc<Registry> {
    let mut attributes =
        json!({ title: { "type": "string", "index": true }, "code": { "type": "uid" }, "text": { "type": "text" } });
    if title != "title" {
        attributes[title]["renamedFrom"] = "title".into();
    }
    article(folder, json!({ "options": { "draftAndPublish": false, "cairn": { "collation": collation } } }), attributes)
}

async fn fill(store: &Store) {
    let write = store.write(|tx| {
        (0..ROWS).try_for_each(|i| {
            let title = [json!("z"), json!("Å"), json!("a"), Json::Null, json!("é"), json!("e")][i % 6].clone();
            let row = json!({ "title": title, "code": format!("c-{i}") });
            insert(tx, UID, &format!("{i:04}"), "", true, row.as_object().unwrap())
        })
    });
    write.await.map_err(|e: StoreError| e).unwrap();
}

/// The different titles, in the order of a list.
fn titles(store: &Store, title: &str) -> Vec<Json> {
    let request = QueryRequest {
        registry: store.registry(),
        access: &Access::full(),
        action: Action::Find,
        content_type: store.registry().by_uid(UID).unwrap().id,
        default_locale: "en",
        limits: QueryLimits { page_size_max: 10_000, ..QueryLimits::default() },
        lenient: false,
    };
    let query = format!("sort={title}&fields={title}&pagination[pageSize]=10000");
    let planned = cairn_query::plan_query(&request, &cairn_query::Query::from_text(query)).unwrap();
    let stamp = store.counters().stamp(&planned.touched);
    let mut out = Vec::new();
    store.read(|r| r.entries().write_list(&store.compile_plan(&planned.plan, "en"), stamp, &mut out)).unwrap();
    let list: Vec<Json> = serde_json::from_slice(&out).unwrap();
    assert_eq!(list.len(), ROWS);
    let mut titles: Vec<Json> = list.into_iter().map(|entry| entry[title].clone()).collect();
    titles.dedup();
    titles
}

fn run_sql(test: &TestDatabase, sql: &str) {
    match test.file() {
        Some(file) => rusqlite::Connection::open(file).unwrap().execute_batch(sql).unwrap(),
        None => test.run_sql(&format!("SET search_path TO \"{{schema}}\"; {sql}")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collation_comes_changes_and_goes() {
    let folder = tempfile::tempdir().unwrap();
    for test in TestDatabase::all_kinds(folder.path()) {
        let database = database(&test);
        let [code_points, dutch, swedish] = [("none", Json::Null), ("nl", json!("nl")), ("sv", json!("sv"))]
            .map(|(name, collation)| model(&folder.path().join(name), collation, "title"));
        let renamed = model(&folder.path().join("renamed"), json!("sv"), "heading");
        let store = open(&database, &code_points).unwrap();
        fill(&store).await;
        let by_code_points = [Json::Null, json!("a"), json!("e"), json!("z"), json!("Å"), json!("é")];
        assert_eq!(titles(&store, "title"), by_code_points);
        drop(store);
        let in_dutch = [Json::Null, json!("a"), json!("Å"), json!("e"), json!("é"), json!("z")];
        let in_swedish = [Json::Null, json!("a"), json!("e"), json!("é"), json!("z"), json!("Å")];
        for (before, after, title, had, has) in [
            (&code_points, &dutch, "title", &by_code_points, &in_dutch),
            (&dutch, &swedish, "title", &in_dutch, &in_swedish),
            (&swedish, &renamed, "heading", &in_swedish, &in_swedish),
        ] {
            let plan = database.schema_plan(after, &Answers::default(), true).unwrap();
            assert!(plan.at_start && plan.refused.is_none() && plan.plan.steps.len() == 1, "{:?}", plan.plan.steps);
            let mut killed = 0;
            loop {
                failpoint::set(Some((
                    killed,
                    if killed % 2 == 0 { FailureMode::Error } else { FailureMode::Disconnect },
                )));
                let applied = database.schema_apply(after, &Answers::default(), &times());
                failpoint::set(None);
                if applied.is_ok() {
                    break;
                }
                let store = open(&database, before).unwrap();
                assert_eq!(titles(&store, "title"), *had, "killed at {killed}");
                killed += 1;
            }
            assert!(killed > 5, "{killed}");
            let store = open(&database, after).unwrap();
            assert_eq!(titles(&store, title), *has);
            assert_eq!(store.check_integrity().unwrap(), Vec::<String>::new());
            drop(store);
            let plan = database.schema_plan(after, &Answers::default(), false).unwrap();
            assert_eq!((plan.plan.steps.len(), plan.leftovers, plan.missing), (0, vec![], vec![]));
        }
        // A start does it as well, and leaves nothing behind when it goes.
        let without = model(&folder.path().join("without"), Json::Null, "heading");
        let store = open(&database, &without).unwrap();
        assert_eq!(titles(&store, "heading"), by_code_points);
        drop(store);
        let plan = database.schema_plan(&without, &Answers::default(), false).unwrap();
        assert_eq!((plan.plan.steps.len(), plan.leftovers, plan.missing), (0, vec![], vec![]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_an_older_version_of_cairn_left_are_used() {
    let folder = tempfile::tempdir().unwrap();
    for test in TestDatabase::all_kinds(folder.path()) {
        let [dutch, none] = [("nl", json!("nl")), ("none", Json::Null)]
            .map(|(name, collation)| model(&folder.path().join(name), collation, "title"));
        let store = open(&database(&test), &dutch).unwrap();
        fill(&store).await;
        drop(store);
        // An older version knows the columns of attributes alone, and writes no keys.
        let shape = Snapshot::from_registry(&none).to_json().replace('\'', "''");
        let sql = "UPDATE articles SET _collation_title = NULL; UPDATE cairn_schema SET hash = 'other', snapshot =";
        run_sql(&test, &format!("{sql} '{shape}';"));
        let store = open(&database(&test), &dutch).unwrap();
        assert_eq!(store.check_integrity().unwrap(), Vec::<String>::new());
        assert_eq!(titles(&store, "title")[..3], [Json::Null, json!("a"), json!("Å")]);
        drop(store);
        let plan = database(&test).schema_plan(&dutch, &Answers::default(), false).unwrap();
        assert_eq!((plan.plan.steps.len(), plan.leftovers, plan.missing), (0, vec![], vec![]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_another_version_are_computed_anew_at_a_start() {
    let folder = tempfile::tempdir().unwrap();
    for test in TestDatabase::all_kinds(folder.path()) {
        let registry = model(&folder.path().join("a"), json!("nl"), "title");
        let store = open(&database(&test), &registry).unwrap();
        fill(&store).await;
        drop(store);
        run_sql(
            &test,
            &format!(
                "UPDATE articles SET _collation_title = _collation_code;
                 UPDATE cairn_schema SET snapshot = replace(snapshot, '{COLLATION_KEY_VERSION}', 'icu4x-1.0.0'), hash = 'other';"
            ),
        );
        let plan = database(&test).schema_plan(&registry, &Answers::default(), false).unwrap();
        let sentences: Vec<String> = plan.plan.steps.into_iter().map(|step| step.sentence).collect();
        let expected = format!(
            "Sort the texts of `{UID}` by the collation `nl`. Their collation keys are computed ({COLLATION_KEY_VERSION})."
        );
        assert_eq!(sentences, [expected]);
        let store = open(&database(&test), &registry).unwrap();
        assert_eq!(store.check_integrity().unwrap(), Vec::<String>::new());
        assert_eq!(titles(&store, "title")[..3], [Json::Null, json!("a"), json!("Å")]);
    }
}
