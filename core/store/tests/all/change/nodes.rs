//! Several nodes that start at the same time, and a node that another one overtakes.

use super::project::open;
use super::times;
use crate::change::project;
use cairn_model::Registry;
use cairn_model::change::Answers;
use cairn_store::change::failpoint;
use cairn_store::{Database, Store, StoreError};
use cairn_testkit::TestDatabase;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

/// A model of one type, in a folder of its own.
pub(super) fn article(folder: &Path, options: Json, attributes: Json) -> Arc<Registry> {
    model(folder, &[("article", options, attributes)], &[])
}

/// Types (name, more of the schema, attributes) and components.
pub(super) fn model(folder: &Path, types: &[(&str, Json, Json)], components: &[(&str, Json)]) -> Arc<Registry> {
    let _ = std::fs::remove_dir_all(folder);
    let write = |path: std::path::PathBuf, json: Json| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, json.to_string()).unwrap();
    };
    for (name, options, attributes) in types {
        let mut schema = json!({
            "kind": "collectionType", "collectionName": format!("{name}s"),
            "info": { "singularName": name, "pluralName": format!("{name}s"), "displayName": name },
            "options": { "draftAndPublish": false }, "attributes": attributes,
        });
        for (key, value) in options.as_object().into_iter().flatten() {
            schema[key] = value.clone();
        }
        write(folder.join(format!("content-types/api/{name}/content-types/{name}/schema.json")), schema);
    }
    for (uid, attributes) in components {
        let (category, name) = uid.split_once('.').unwrap();
        let schema = json!({ "info": { "displayName": name }, "attributes": attributes });
        write(folder.join(format!("content-types/components/{category}/{name}.json")), schema);
    }
    Arc::new(cairn_model::load::load_project(folder).unwrap_or_else(|p| panic!("{p:?}")).registry)
}

pub(super) fn database(test: &TestDatabase) -> Database {
    Database::parse(test.url(), Path::new("")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_concurrent_starts_change_the_schema_once() {
    let folder = tempfile::tempdir().unwrap();
    for test in TestDatabase::all_kinds(folder.path()) {
        let one = article(&folder.path().join("a"), json!({}), json!({ "title": { "type": "string" } }));
        let two = article(
            &folder.path().join("b"),
            json!({}),
            json!({ "heading": { "type": "string", "renamedFrom": "title" }, "text": { "type": "text" } }),
        );
        for (registry, changes) in [(one, 1), (two.clone(), 2)] {
            // Two nodes: connections of their own.
            let nodes = [database(&test), database(&test)];
            let barrier = Arc::new(Barrier::new(50));
            let starts: Vec<_> = (0..50)
                .map(|i| {
                    let (database, registry, ready) = (nodes[i % 2].clone(), registry.clone(), barrier.clone());
                    std::thread::spawn(move || {
                        ready.wait();
                        // More at once than there are connections: some are told to come again.
                        for _ in 0..100 {
                            match open(&database, &registry) {
                                Err(StoreError::Unavailable(_)) => {}
                                other => return other.map(drop),
                            }
                        }
                        Err(StoreError::Closed)
                    })
                })
                .collect();
            for start in starts {
                start.join().unwrap().unwrap();
            }
            let history = nodes[0].schema_history(&registry).unwrap();
            assert_eq!(history.len(), changes, "{test:?} {history:#?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn outdated_nodes_cannot_write() {
    let folder = tempfile::tempdir().unwrap();
    for test in TestDatabase::all_kinds(folder.path()) {
        let old = article(&folder.path().join("a"), json!({}), json!({ "title": { "type": "string" } }));
        let new = article(
            &folder.path().join("b"),
            json!({}),
            json!({ "heading": { "type": "string", "renamedFrom": "title" } }),
        );
        let row = |name: &str, value: &str| json!({ name: value }).as_object().unwrap().clone();
        let write = |name: &'static str, document: &'static str| {
            let row = row(name, document);
            move |tx: &mut cairn_store::WriteTx<'_>| {
                project::insert(tx, "api::article.article", document, "", true, &row)
            }
        };
        let first = open(&database(&test), &old).unwrap();
        first.write(write("title", "one")).await.unwrap();
        assert!(!first.detect_outside_changes().await.unwrap() && !first.is_outdated());
        let second = open(&database(&test), &new).unwrap();
        second.write(write("heading", "two")).await.unwrap();
        let refused = first.write(write("title", "three")).await.unwrap_err();
        assert!(refused.to_string().contains("another process has changed the content types"), "{refused}");
        first.detect_outside_changes().await.unwrap();
        assert!(first.is_outdated());
        second.write(write("heading", "four")).await.unwrap();
        let rows = project::dump(&second).await.unwrap().remove("api::article.article").unwrap();
        let headings: Vec<&Json> = rows.values().map(|r| &r["heading"]).collect();
        assert_eq!(headings, ["four", "one", "two"], "{test:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_are_those_of_the_task_that_is_watched() {
    let folder = tempfile::tempdir().unwrap();
    for test in TestDatabase::all_kinds(folder.path()) {
        let registry = article(&folder.path().join("a"), json!({}), json!({ "title": { "type": "string" } }));
        let store = open(&database(&test), &registry).unwrap();
        let insert = |document: &'static str| {
            let row = json!({ "title": document }).as_object().unwrap().clone();
            let store = store.clone();
            async move {
                store
                    .write(move |tx| project::insert(tx, "api::article.article", document, "", true, &row))
                    .await
                    .unwrap();
            }
        };
        let refuse = async {
            let refused: Result<(), StoreError> = store.write(|_| Err(StoreError::Outdated)).await;
            refused.unwrap_err();
        };
        assert!(!store.detect_commits(refuse).await.1, "{test:?}: nothing was stored");
        assert!(store.detect_commits(insert("own")).await.1, "{test:?}");
        let spawned = async { tokio::spawn(insert("spawned")).await.unwrap() };
        assert!(store.detect_commits(spawned).await.1, "{test:?}: of a task that it has spawned");
        let delivery = async { tokio::spawn(Store::run_in_background(insert("delivery"))).await.unwrap() };
        assert!(!store.detect_commits(delivery).await.1, "{test:?}: of the background");
        // Two requests at once: what one of them stores is not the other's.
        let (ready, go) = tokio::sync::oneshot::channel();
        let idle = store.detect_commits(async { go.await.unwrap() });
        let busy = async {
            let (_, stored) = store.detect_commits(insert("busy")).await;
            ready.send(()).unwrap();
            stored
        };
        let (((), idle), busy) = tokio::join!(idle, busy);
        assert!(busy && !idle, "{test:?}");
    }
}

/// Acknowledged writes are there afterwards, under the new name; those that came too late were refused.
#[tokio::test(flavor = "multi_thread")]
async fn writes_during_a_change_are_stored_or_rejected() {
    let folder = tempfile::tempdir().unwrap();
    for test in TestDatabase::all_kinds(folder.path()) {
        let parts = |name: &str| json!({ name: { "type": "string" } });
        let part = json!({ "type": "component", "component": "x.part", "repeatable": false });
        let build_model = |folder: &Path, title: Json, parts: Json| {
            let mut attributes = title;
            attributes["part"] = part.clone();
            model(folder, &[("article", json!({}), attributes)], &[("x.part", parts)])
        };
        let old = build_model(&folder.path().join("a"), json!({ "title": { "type": "string" } }), parts("label"));
        let mut renamed = parts("caption");
        renamed["caption"]["renamedFrom"] = "label".into();
        let heading = json!({ "heading": { "type": "string", "renamedFrom": "title" } });
        let new = build_model(&folder.path().join("b"), heading, renamed);
        let first = open(&database(&test), &old).unwrap();
        let written = Arc::new(AtomicUsize::new(0));
        let writers: Vec<_> = (0..4)
            .map(|w| {
                let (store, written) = (first.clone(), written.clone());
                tokio::spawn(async move {
                    let mut stored = Vec::new();
                    // Writers go on until the schema has changed below them.
                    loop {
                        let document = format!("w{w}x{:04}", stored.len());
                        let row = json!({ "title": document, "part": { "id": 1, "label": document } });
                        let (name, row) = (document.clone(), row.as_object().unwrap().clone());
                        let result = store
                            .write(move |tx| project::insert(tx, "api::article.article", &name, "", true, &row))
                            .await;
                        match result {
                            Ok(()) => {
                                written.fetch_add(1, Ordering::Relaxed);
                                stored.push(document);
                            }
                            Err(e) => {
                                assert!(e.to_string().contains("another process has changed the content types"), "{e}");
                                return stored;
                            }
                        }
                    }
                })
            })
            .collect();
        while written.load(Ordering::Relaxed) < 50 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let second = open(&database(&test), &new).unwrap();
        let mut stored = Vec::new();
        for writer in writers {
            stored.extend(writer.await.unwrap());
        }
        stored.sort();
        assert!(stored.len() >= 50);
        // `dump` reads a thousand documents; these are as many as were written while the second opened.
        let rows = second
            .write(|tx| {
                let ct = tx.registry().by_uid("api::article.article").unwrap().id;
                tx.reader().documents().find_newest_rows(ct, i64::MAX)
            })
            .await
            .unwrap();
        let text = |value: &cairn_model::Value| match value {
            cairn_model::Value::Text(text) => text.clone(),
            cairn_model::Value::Instance(i) => match &i.values[0] {
                cairn_model::Value::Text(text) => text.clone(),
                other => format!("{other:?}"),
            },
            other => format!("{other:?}"),
        };
        for row in &rows {
            assert!(row.values.iter().all(|v| text(v) == row.document_id), "{test:?} {row:?}");
        }
        let mut found: Vec<String> = rows.into_iter().map(|row| row.document_id).collect();
        found.sort();
        assert_eq!(found, stored, "{test:?}");
        assert_eq!(second.check_integrity().unwrap(), Vec::<String>::new());
    }
}

/// Run by the next test in a process of its own; does nothing otherwise.
#[test]
fn child_process_aborts_during_a_change() {
    let Ok(url) = std::env::var("CAIRN_TEST_KILLED") else { return };
    let (url, at) = url.rsplit_once('@').unwrap();
    let (folder, file) = url.split_once('|').unwrap();
    let registry = Arc::new(cairn_model::load::load_project(Path::new(folder)).unwrap().registry);
    let database = Database::parse(file, Path::new("")).unwrap();
    let answers = Answers::default();
    let plan = database.schema_plan(&registry, &answers, false).unwrap().plan;
    failpoint::set(Some((at.parse().unwrap(), failpoint::FailureMode::Abort)));
    let answers = Answers { consent: Some(plan.hash()), ..answers };
    database.schema_apply(&registry, &answers, &times()).unwrap();
    // Reached the end.
    std::process::exit(7);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_changes_leave_the_old_schema() {
    let folder = tempfile::tempdir().unwrap();
    for test in TestDatabase::all_kinds(folder.path()) {
        let parts = json!({ "label": { "type": "string" } });
        let before = model(
            &folder.path().join("a"),
            &[(
                "article",
                json!({}),
                json!({
                    "title": { "type": "string" }, "price": { "type": "integer" }, "gone": { "type": "text" },
                    "part": { "type": "component", "component": "x.part", "repeatable": false },
                }),
            )],
            &[("x.part", parts)],
        );
        let parts = json!({ "caption": { "type": "string", "renamedFrom": "label" } });
        let b = folder.path().join("b");
        let after = model(
            &b,
            &[(
                "article",
                json!({}),
                json!({
                    "price": { "type": "string" }, "heading": { "type": "string", "renamedFrom": "title" },
                    "part": { "type": "component", "component": "x.part", "repeatable": true },
                }),
            )],
            &[("x.part", parts)],
        );
        let place = database(&test);
        let store = open(&place, &before).unwrap();
        let row = json!({ "title": "t", "price": 5, "gone": "g", "part": { "id": 1, "label": "l" } });
        let row = row.as_object().unwrap().clone();
        store.write(move |tx| project::insert(tx, "api::article.article", "d", "", true, &row)).await.unwrap();
        let had = project::dump(&store).await.unwrap();
        drop(store);
        for n in (0..200).step_by(5) {
            let mut command = std::process::Command::new(std::env::current_exe().unwrap());
            command.args(["change::nodes::child_process_aborts_during_a_change", "--exact"]);
            command.env("CAIRN_TEST_KILLED", format!("{}|{}@{n}", b.display(), test.url()));
            let status =
                command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).status().unwrap();
            if status.code() == Some(7) {
                let has = project::dump(&open(&place, &after).unwrap()).await.unwrap();
                let row = &has["api::article.article"].values().next().unwrap();
                assert_eq!((&row["heading"], &row["price"]), (&json!("t"), &json!("5")));
                assert_eq!(row["part"][0]["caption"], "l");
                assert!(n > 5, "{n}");
                break;
            }
            assert_ne!(status.code(), Some(101), "an error, not a kill, at {n}");
            let has = project::dump(&open(&place, &before).unwrap()).await.unwrap();
            assert_eq!(has, had, "killed at {n} of {test:?}");
        }
        assert_eq!(place.schema_plan(&after, &Answers::default(), false).unwrap().plan.steps, [], "{test:?}");
    }
}
