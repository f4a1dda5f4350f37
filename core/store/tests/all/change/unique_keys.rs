//! Unique keys of plugins' types: indexes of every kind of database, made where the entries that are there allow it.

use super::nodes::database;
use super::project::{insert, open};
use super::times;
use cairn_model::Registry;
use cairn_model::change::Answers;
use cairn_model::load::load_project;
use cairn_store::{Database, Store, StoreError};
use cairn_testkit::TestDatabase;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::{Arc, Barrier};

const LEAD: &str = "plugin::crm.lead";

/// A plugin with leads, drafts and locales, whose manifest says this of them. `source` is called by that name.
fn model(folder: &Path, manifest: &str, source: &str) -> Arc<Registry> {
    let _ = std::fs::remove_dir_all(folder);
    let types = folder.join("plugins/crm/content-types");
    let localized = json!({ "i18n": { "localized": true } });
    let mut attributes = json!({
        source: { "type": "string", "pluginOptions": localized },
        "number": { "type": "integer", "pluginOptions": localized },
        "list": { "type": "relation", "relation": "manyToOne", "target": "plugin::crm.list", "pluginOptions": localized },
        "tags": { "type": "json" },
    });
    if source != "source" {
        attributes[source]["renamedFrom"] = "source".into();
    }
    for (name, options, attributes) in [
        ("lead", json!({ "draftAndPublish": true }), attributes),
        ("list", json!({ "draftAndPublish": false }), json!({ "name": { "type": "string" } })),
    ] {
        let schema = json!({
            "kind": "collectionType", "collectionName": format!("crm_{name}s"),
            "info": { "singularName": name, "pluralName": format!("{name}s"), "displayName": name },
            "options": options, "pluginOptions": { "i18n": { "localized": name == "lead" } }, "attributes": attributes,
        });
        std::fs::create_dir_all(types.join(name)).unwrap();
        std::fs::write(types.join(name).join("schema.json"), schema.to_string()).unwrap();
    }
    std::fs::write(folder.join("plugins/crm/plugin.toml"), format!("[content-types]\n{manifest}")).unwrap();
    Arc::new(load_project(folder).unwrap_or_else(|problems| panic!("{problems:?}")).registry)
}

fn model_with_key(folder: &Path, key: &str) -> Arc<Registry> {
    model(folder, &format!("[content-types.lead]\nunique = [{key}]\n"), "source")
}

async fn insert_lead(
    store: &Store,
    document: &str,
    locale: &str,
    published: bool,
    row: Json,
) -> Result<(), StoreError> {
    let (document, locale) = (document.to_owned(), locale.to_owned());
    store.write(move |tx| insert(tx, LEAD, &document, &locale, published, row.as_object().unwrap())).await
}

fn apply_with_consent(database: &Database, registry: &Registry) -> Result<(), StoreError> {
    let plan = database.schema_plan(registry, &Answers::default(), false)?.plan;
    let answers = Answers { consent: Some(plan.hash()), ..Answers::default() };
    database.schema_apply(registry, &answers, &times()).map(drop)
}

async fn on_every_database(test: impl AsyncFn(&Database, &Path)) {
    let folder = tempfile::tempdir().unwrap();
    for database_of_test in TestDatabase::all_kinds(folder.path()) {
        test(&database(&database_of_test), folder.path()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unique_keys_apply_per_locale_and_status() {
    on_every_database(async |database, folder| {
        let registry = model_with_key(&folder.join("a"), r#"["source", "number", "list"]"#);
        let lead = registry.by_uid(LEAD).unwrap();
        assert_eq!(lead.unique_keys.len(), 1);
        let store = open(database, &registry).unwrap();
        let row =
            |source: &str, number: Json| json!({ "source": source, "number": number, "list": [{ "documentId": "l" }] });
        insert_lead(&store, "a", "en", false, row("web", json!(1))).await.unwrap();
        // The same document once more, published and in another language.
        insert_lead(&store, "a", "en", true, row("web", json!(1))).await.unwrap();
        insert_lead(&store, "a", "nl", false, row("web", json!(1))).await.unwrap();
        for published in [false, true] {
            let twice = insert_lead(&store, "b", "en", published, row("web", json!(1))).await;
            assert!(matches!(twice, Err(StoreError::Unique)), "{published}");
        }
        insert_lead(&store, "b", "nl", true, row("web", json!(1))).await.unwrap();
        // Part of it may be shared, and what has an empty value is no key.
        insert_lead(&store, "c", "en", false, row("web", json!(2))).await.unwrap();
        for document in ["d", "e"] {
            insert_lead(&store, document, "en", false, row("web", Json::Null)).await.unwrap();
        }
        for document in ["f", "g"] {
            insert_lead(&store, document, "en", false, json!({ "source": "web", "number": 1 })).await.unwrap();
        }
        // The clash is reported with the first attribute of the key.
        let ct = lead.id;
        let clash = store.write(move |tx| {
            let mut row = tx.reader().documents().get_row(ct, "c", "en", false)?.expect("a draft");
            let number = tx.registry().get(ct).attributes.get("number").expect("an attribute").0;
            row.values[number] = cairn_model::Value::Int(1);
            let refused = tx.documents().update_row(ct, &mut row);
            assert!(matches!(refused, Err(StoreError::Unique)));
            // The transaction goes on.
            Ok::<_, StoreError>((
                tx.reader().documents().find_unique_key_clash(ct, &row)?,
                tx.reader().documents().get_row(ct, "a", "en", false)?.is_some(),
            ))
        });
        let source = lead.attributes.get("source").unwrap().0;
        assert_eq!(clash.await.unwrap(), (Some(source), true));
        drop(store);
        let plan = database.schema_plan(&registry, &Answers::default(), false).unwrap();
        assert_eq!((plan.plan.steps.len(), plan.missing), (0, Vec::<String>::new()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicate_keys_are_listed_before_a_key_is_applied() {
    on_every_database(async |database, folder| {
        let (free, key) = (model(&folder.join("a"), "", "source"), model_with_key(&folder.join("b"), r#"["source", "number"]"#));
        let store = open(database, &free).unwrap();
        for document in ["first", "second"] {
            insert_lead(&store, document, "en", false, json!({ "source": "web", "number": 7 })).await.unwrap();
        }
        insert_lead(&store, "third", "nl", false, json!({ "source": "web", "number": 7 })).await.unwrap();
        drop(store);
        // At a start, by command, and where somebody asks beforehand.
        let tried = database.schema_plan(&key, &Answers::default(), true).unwrap();
        assert!(tried.at_start);
        let sentence = "Set the unique keys of `plugin::crm.lead` to: source + number. No two entries may share a key.";
        assert_eq!(tried.plan.steps.iter().map(|s| s.sentence.as_str()).collect::<Vec<_>>(), [sentence]);
        for refused in [
            open(database, &key).err().unwrap().to_string(),
            apply_with_consent(database, &key).unwrap_err().to_string(),
            tried.refused.unwrap(),
        ] {
            for document in ["first", "second"] {
                let line = format!(
                    "{LEAD}: {document}, en, draft: another entry has the same source + number (`\"web\"` + `\"7\"`), which must be unique"
                );
                assert!(refused.contains(&line), "{refused}");
            }
            assert!(!refused.contains("third"), "{refused}");
        }
        let store = open(database, &free).unwrap();
        let lead = store.registry().by_uid(LEAD).unwrap().id;
        store.write(move |tx| tx.documents().delete_versions(lead, "second", None)).await.unwrap();
        drop(store);
        let store = open(database, &key).unwrap();
        let twice = insert_lead(&store, "fourth", "en", false, json!({ "source": "web", "number": 7 })).await;
        assert!(matches!(twice, Err(StoreError::Unique)));
        drop(store);
        // The key follows a renamed attribute, and is removed with its line of the manifest.
        let manifest = "[content-types.lead]\nunique = [[\"origin\", \"number\"]]\n";
        let renamed = model(&folder.join("c"), manifest, "origin");
        apply_with_consent(database, &renamed).unwrap();
        let store = open(database, &renamed).unwrap();
        let twice = insert_lead(&store, "fourth", "en", false, json!({ "origin": "web", "number": 7 })).await;
        assert!(matches!(twice, Err(StoreError::Unique)));
        drop(store);
        let without = model(&folder.join("d"), "", "origin");
        let store = open(database, &without).unwrap();
        insert_lead(&store, "fourth", "en", false, json!({ "origin": "web", "number": 7 })).await.unwrap();
    })
    .await;
}

#[test]
fn concurrent_writes_of_one_key_succeed_once() {
    let folder = tempfile::tempdir().unwrap();
    for test in TestDatabase::all_kinds(folder.path()) {
        let registry = model_with_key(&folder.path().join("a"), r#"["source", "number"]"#);
        // SQLite has one writer per process; on PostgreSQL two stores have connections of their own.
        let is_file = test.url().starts_with("sqlite:");
        let first = open(&database(&test), &registry).unwrap();
        let second = if is_file { first.clone() } else { open(&database(&test), &registry).unwrap() };
        let barrier = Arc::new(Barrier::new(2));
        for round in 0..20 {
            let writers: Vec<_> = [(first.clone(), "a"), (second.clone(), "b")]
                .into_iter()
                .map(|(store, name)| {
                    let ready = barrier.clone();
                    std::thread::spawn(move || {
                        let runtime = tokio::runtime::Runtime::new().unwrap();
                        ready.wait();
                        let row = json!({ "source": "web", "number": round });
                        runtime.block_on(insert_lead(&store, &format!("{name}{round}"), "en", false, row))
                    })
                })
                .collect();
            let results: Vec<_> = writers.into_iter().map(|writer| writer.join().unwrap()).collect();
            assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
            assert!(results.iter().any(|result| matches!(result, Err(StoreError::Unique))), "{results:?}");
        }
    }
}

#[test]
fn unindexable_attributes_cannot_form_a_key() {
    let folder = tempfile::tempdir().unwrap();
    for (key, expected) in
        [(r#"["source", "tags"]"#, 0), (r#"["source", "nothing"]"#, 0), (r#"["source"], ["list", "number"]"#, 2)]
    {
        let registry = model_with_key(folder.path(), key);
        assert_eq!(registry.by_uid(LEAD).unwrap().unique_keys.len(), expected, "{key}");
    }
    model_with_key(folder.path(), r#"["tags"]"#);
    let loaded = load_project(folder.path()).unwrap();
    let messages: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    assert!(messages.iter().any(|line| line.contains("`tags` cannot be part of a unique key")), "{messages:?}");
}
