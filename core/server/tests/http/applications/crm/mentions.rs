//! Mentions of colleagues in activities, over HTTP: told once, and linked to the person whatever they are called later.

use super::{CONTENT, PASSWORD, rows, send_inquiry, server_with_crm};
use cairn_testkit::TestClient;
use serde_json::{Value as Json, json};

async fn rename(person: &TestClient, first_name: &str, last_name: &str) {
    let profile = json!({ "firstName": first_name, "lastName": last_name, "language": "en" });
    person.put("/admin/api/me", profile).await.expect_status(200);
}

/// Titles of the notices that somebody has about mentions.
async fn mention_notices(person: &TestClient) -> Vec<String> {
    let all = person.get("/admin/api/notifications").await.expect_status(200);
    let titles = all.data().as_array().unwrap().iter().filter_map(|one| one["title"].as_str().map(str::to_owned));
    titles.filter(|title| title.contains("noemt je") || title.contains("mentioned you")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn mentions_are_told_once_and_outlive_a_new_name() {
    let server = server_with_crm().await;
    let bart = server.sign_in_admin("bart@example.com", PASSWORD).await;
    let eva = server.sign_in_admin("eva@example.com", PASSWORD).await;
    rename(&bart, "Bart", "de Vries").await;
    rename(&eva, "Eva", "Smit").await;
    let sent = send_inquiry(&server.public_client(), "Sanne", "sanne@example.nl").await.expect_status(201);
    let lead = sent.data()["documentId"].as_str().unwrap().to_owned();

    let note = |body: &str| json!({ "data": { "kind": "note", "subject": "Question", "body": body, "lead": lead } });
    let path = format!("{CONTENT}activity");
    let refused = bart.post(&path, note("Can you call her, @Niemand?")).await.expect_status(400);
    let problem = refused.details()["errors"][0].clone();
    assert_eq!(
        (&problem["path"], &problem["code"]),
        (&json!(["body"]), &json!("unknownMention")),
        "{}",
        refused.text()
    );
    assert!(problem["message"].as_str().unwrap().contains("@Niemand"), "{problem}");
    assert!(rows(&bart, "activity", "filters[kind]=note").await.is_empty());

    let stored = bart.post(&path, note("Can you call her, @Eva? Not sanne@example.nl")).await.expect_status(201);
    let activity = stored.data()["documentId"].as_str().unwrap().to_owned();
    let mentions = stored.data()["mentions"].clone();
    assert_eq!((mentions.as_array().unwrap().len(), &mentions[0]["word"]), (1, &json!("eva")), "{mentions}");
    assert_eq!(mention_notices(&eva).await.len(), 1);
    assert!(mention_notices(&bart).await.is_empty());

    // A renamed user is still meant by the text, also where it is edited.
    rename(&eva, "Evelien", "Smit").await;
    let path = format!("{CONTENT}activity/{activity}");
    let edit = |body: &str| json!({ "data": { "body": body } });
    let edited = bart.put(&path, edit("Can you call her today, @Eva? Or @Evelien?")).await.expect_status(200);
    let id = &mentions[0]["id"];
    let expected = json!([{ "id": id, "word": "eva" }, { "id": id, "word": "evelien" }]);
    assert_eq!(edited.data()["mentions"], expected);
    assert_eq!(mention_notices(&eva).await.len(), 1);
    // By her number, and nobody by the old name in a new text.
    let number = id.as_str().unwrap();
    bart.put(&path, edit(&format!("@[{number}]"))).await.expect_status(200);
    bart.put(&path, edit("@Eva")).await.expect_status(400);
    assert_eq!(mention_notices(&eva).await.len(), 1);

    let calls = server.get("/admin/api/plugins/crm/calls").await.expect_status(200);
    assert_eq!(calls.data(), &Json::Array(Vec::new()), "a call failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn inquiries_and_programs_mention_nobody() {
    let server = server_with_crm().await;
    let bart = server.sign_in_admin("bart@example.com", PASSWORD).await;
    rename(&bart, "Bart", "Bakker").await;
    let inquiry = json!({ "name": "Sanne", "email": "sanne@example.nl", "message": "Hoi @Bart en @niemand" });
    server.public_client().post("/api/crm/intake/bruiloft", inquiry).await.expect_status(201);
    // A program with a token for everything.
    let note = json!({ "data": { "subject": "@Bart", "body": "@niemand" } });
    let stored = server.post("/api/crm/activities", note).await.expect_status(201);
    assert_eq!((&stored.data()["mentions"], &stored.data()["automatic"]), (&json!([]), &json!(true)));
    server.run_until_idle().await;
    assert!(mention_notices(&bart).await.is_empty());
}
