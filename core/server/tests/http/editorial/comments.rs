//! Comments over HTTP.

use super::{ARTICLE, server, sign_in};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn comment_threads_can_be_replied_to_resolved_and_edited() {
    let server = server(&["editor", "legal"]).await;
    let (editor, legal) = (sign_in(&server, "editor").await, sign_in(&server, "legal").await);
    let id = server.create_entry("/api/articles?status=draft", json!({ "title": "One" })).await.document_id();
    let comments = format!("/admin/api/content/{ARTICLE}/{id}/comments");
    let text = "Right? @[legal@example.com] <b>";
    let first = editor.post(&comments, json!({ "text": text, "path": "title" })).await.expect_status(201);
    let thread = first.body["data"]["id"].clone();
    legal.post(&comments, json!({ "text": "Yes", "thread": thread })).await.expect_status(201);
    legal
        .post(&comments, json!({ "text": "Yes", "thread": 99 }))
        .await
        .expect_error(400, "Thread not found on this document");
    // The mentioned user gets a notification.
    server.run_until_idle().await;
    let notifications = legal.get("/admin/api/notifications").await.expect_status(200).body["data"].clone();
    assert_eq!(
        (&notifications[0]["kind"], &notifications[0]["params"]["title"]),
        (&json!("mention"), &json!("One")),
        "{notifications}"
    );
    let listed = legal.get(&format!("{comments}?resolved=false")).await.expect_status(200);
    assert_eq!(
        (&listed.body["data"][0]["text"], &listed.body["data"][0]["answers"][0]["text"]),
        (&json!(text), &json!("Yes"))
    );
    editor.post(&format!("/admin/api/comments/{thread}/resolve"), json!({})).await.expect_status(200);
    assert_eq!(legal.get(&format!("{comments}?resolved=false")).await.expect_status(200).body["data"], json!([]));
    editor.post(&format!("/admin/api/comments/{thread}/reopen"), json!({})).await.expect_status(200);
    legal
        .put(&format!("/admin/api/comments/{thread}"), json!({ "text": "x" }))
        .await
        .expect_error(403, "Only the author can change a comment");
    legal
        .delete(&format!("/admin/api/comments/{thread}"))
        .await
        .expect_error(403, "Only the author or a super admin can delete a comment");
    editor.put(&format!("/admin/api/comments/{thread}"), json!({ "text": "Right." })).await.expect_status(200);
    editor.delete(&format!("/admin/api/comments/{thread}")).await.expect_status(200);
    // A token is nobody who could be answered.
    server.post(&comments, json!({ "text": "x" })).await.expect_status(403);
}
