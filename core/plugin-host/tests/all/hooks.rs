//! Hooks of a plugin that behaves.

use crate::test_project::{TestProject, refusal_parts};
use serde_json::{Value as Json, json};

const NOTE: &str = "plugin::allow.note";
const COUNTED: &str = "plugin::allow.counted";
const LOG: &str = "plugin::allow.log";

#[tokio::test(flavor = "multi_thread")]
async fn hooks_amend_and_refuse_writes() {
    let project = TestProject::with_guests(&["allow"]).await;
    let note = project.create(NOTE, json!({ "title": "hello" })).await.unwrap();
    assert_eq!(note["loud"], "HELLO");
    let id = note["documentId"].as_str().unwrap();
    let note = project.update(NOTE, id, json!({ "title": "again" })).await.unwrap();
    assert_eq!(note["loud"], "AGAIN");
    let (message, details) = refusal_parts(project.update(NOTE, id, json!({ "title": "bad" })).await.unwrap_err());
    assert_eq!(message, "This title is not allowed.");
    assert_eq!(details["errors"][0]["path"], json!(["title"]));
    assert_eq!(project.find_all(NOTE).await[0]["title"], "again");
    // The plugin is not woken where nothing changes that it cares for.
    let quiet = project.update(NOTE, id, json!({ "loud": "by hand" })).await.unwrap();
    assert_eq!(quiet["loud"], "by hand");
}

#[tokio::test(flavor = "multi_thread")]
async fn hook_writes_share_the_transaction_of_the_change() {
    let project = TestProject::with_guests(&["allow"]).await;
    let mut created = 0;
    for _ in 0..5 {
        match project.create(COUNTED, json!({ "title": "one" })).await {
            Ok(_) => created += 1,
            Err(error) => assert_eq!(refusal_parts(error).0, "There are three of these already."),
        }
    }
    assert_eq!((created, project.find_all(COUNTED).await.len()), (3, 3));
    // A log for each that was let in, none for those that were not.
    let logs: Vec<Json> = project.find_all(LOG).await;
    assert_eq!(logs.iter().filter(|log| log["by"] == "count").count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_creates_respect_a_counting_hook_on_sqlite() {
    let project = std::sync::Arc::new(TestProject::with_guests(&["allow"]).await);
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..30 {
        let project = project.clone();
        all.spawn(async move { project.create(COUNTED, json!({ "title": "crowd" })).await.is_ok() });
    }
    let created_count = all.join_all().await.into_iter().filter(|is_ok| *is_ok).count();
    let stored_count = project.find_all(COUNTED).await.len();
    assert_eq!(created_count, stored_count);
    // PostgreSQL reads of several transactions do not see each other's writes: a hook that counts holds a lock for that.
    if !project.content.store().is_shared() {
        assert_eq!(stored_count, 3);
    }
}
