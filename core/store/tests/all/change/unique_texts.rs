//! The unique indexes of databases from before an empty text was no value: a start replaces them.

use super::nodes::{article, database};
use super::project::{insert, open};
use cairn_store::{Store, StoreError};
use cairn_testkit::TestDatabase;
use serde_json::json;

const UID: &str = "api::article.article";

async fn insert_code(store: &Store, document: &'static str, code: &'static str) -> Result<(), StoreError> {
    store
        .write(move |tx| insert(tx, UID, document, "", true, json!({ "code": code, "number": 1 }).as_object().unwrap()))
        .await
}

fn run_sql(test: &TestDatabase, sql: &str) {
    match test.file() {
        Some(file) => rusqlite::Connection::open(file).unwrap().execute_batch(sql).unwrap(),
        None => test.run_sql(&format!("SET search_path TO \"{{schema}}\"; {sql}")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn older_unique_indexes_are_replaced_at_a_start() {
    let folder = tempfile::tempdir().unwrap();
    for test in TestDatabase::all_kinds(folder.path()) {
        let registry = article(
            &folder.path().join("a"),
            json!({}),
            json!({ "code": { "type": "string", "unique": true }, "number": { "type": "integer" } }),
        );
        let store = open(&database(&test), &registry).unwrap();
        insert_code(&store, "a", "").await.unwrap();
        drop(store);
        run_sql(
            &test,
            r#"DROP INDEX "articles_code_unique";
               CREATE UNIQUE INDEX "articles_code_unique" ON "articles" ("code", locale) WHERE _status = 1;"#,
        );
        let store = open(&database(&test), &registry).unwrap();
        insert_code(&store, "b", "").await.unwrap();
        insert_code(&store, "c", "x").await.unwrap();
        assert!(matches!(insert_code(&store, "d", "x").await, Err(StoreError::Unique)));
        assert_eq!(store.check_integrity().unwrap(), Vec::<String>::new());
    }
}
