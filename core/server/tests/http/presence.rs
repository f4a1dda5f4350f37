//! `/admin/api/presence`: who has which document open, and who holds it.

use cairn_testkit::{TestClient, TestServer};
use serde_json::{Value as Json, json};
use std::time::Duration;

const PASSWORD: &str = "a password of some length";

async fn server() -> (TestServer, TestClient, TestClient) {
    let server = TestServer::start().await;
    server
        .apply_settings(json!({ "adminUsers": [
            { "email": "anna@example.com", "password": PASSWORD, "roles": ["editor"] },
            { "email": "bob@example.com", "password": PASSWORD, "roles": ["editor"] },
        ]}))
        .await;
    let anna = sign_in(&server, "anna@example.com").await;
    let bob = sign_in(&server, "bob@example.com").await;
    (server, anna, bob)
}

async fn sign_in(server: &TestServer, email: &str) -> TestClient {
    let body = json!({ "email": email, "password": PASSWORD, "token": true });
    let answer = server.public_client().post("/admin/api/login", body).await.expect_status(200);
    server.with_token(answer.body["data"]["token"].as_str().unwrap())
}

async fn send_heartbeat(client: &TestClient, extra_fields: Json) -> Json {
    let mut body = json!({ "type": "api::article.article", "documentId": "d1", "tab": "t1" });
    for (key, value) in extra_fields.as_object().unwrap() {
        body[key] = value.clone();
    }
    client.post("/admin/api/presence", body).await.expect_status(200).body["data"].clone()
}

fn names(answer: &Json) -> Vec<&str> {
    answer["present"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn presence_lists_editors_and_expires_their_locks() {
    let (server, anna, bob) = server().await;
    let alone = send_heartbeat(&anna, json!({ "field": "title", "lock": true })).await;
    assert_eq!(
        (names(&alone), &alone["lock"], &alone["leaseSeconds"]),
        (vec!["anna@example.com"], &json!("held"), &json!(60))
    );
    server.advance_clock(Duration::from_secs(5));
    let second = send_heartbeat(&bob, json!({ "field": "title", "lock": true })).await;
    assert_eq!((names(&second), &second["lock"]), (vec!["anna@example.com", "bob@example.com"], &json!("waiting")));
    assert_eq!((&second["present"][0]["holds"], &second["present"][0]["field"]), (&json!(true), &json!("title")));
    // A different field is free; the document as a whole is not.
    assert_eq!(send_heartbeat(&bob, json!({ "field": "body", "lock": true })).await["lock"], "held");
    assert_eq!(send_heartbeat(&bob, json!({ "lock": true })).await["lock"], "waiting");
    // A heartbeat that does not request a lock holds none.
    assert_eq!(send_heartbeat(&bob, json!({})).await["lock"], Json::Null);
    // Bob takes the lock over: Anna learns of it with her next heartbeat, and gets it back when Bob leaves.
    server.advance_clock(Duration::from_secs(5));
    assert_eq!(send_heartbeat(&bob, json!({ "field": "title", "takeOver": true })).await["lock"], "held");
    server.advance_clock(Duration::from_secs(5));
    assert_eq!(send_heartbeat(&anna, json!({ "field": "title", "lock": true })).await["lock"], "waiting");
    let closed_tab = json!({ "type": "api::article.article", "documentId": "d1", "tab": "t1" });
    bob.send(bob.request("DELETE", "/admin/api/presence").json(&closed_tab)).await.expect_status(200);
    let back = send_heartbeat(&anna, json!({ "field": "title", "lock": true })).await;
    assert_eq!((names(&back), &back["lock"]), (vec!["anna@example.com"], &json!("held")));
    // Users without a heartbeat for a minute no longer count.
    server.advance_clock(Duration::from_secs(61));
    let late = send_heartbeat(&bob, json!({ "field": "title", "lock": true })).await;
    assert_eq!((names(&late), &late["lock"]), (vec!["bob@example.com"], &json!("held")));
    server.advance_clock(Duration::from_secs(1));
    assert_eq!(send_heartbeat(&anna, json!({ "field": "title", "lock": true })).await["lock"], "waiting");
    // A lock keeps nobody from saving.
    let id = server.create_entry("/api/articles", json!({ "title": "a" })).await.document_id();
    send_heartbeat(&anna, json!({ "documentId": id, "lock": true })).await;
    server.update_entry(&format!("/api/articles/{id}"), json!({ "title": "b" })).await;
    let anywhere = anna.get("/admin/api/presence").await.expect_status(200);
    let documents = anywhere.data_column("documentId");
    assert_eq!(documents.len(), 3, "{}", anywhere.text());
    let present = anna.get("/admin/api/presence?type=api::article.article&documentId=d1").await.expect_status(200);
    assert_eq!(present.body["data"].as_array().unwrap().len(), 2);
    // The rows of absent users are deleted.
    server.advance_clock(Duration::from_secs(2 * 3_600));
    server.run_until_idle().await;
    assert!(anna.get("/admin/api/presence").await.expect_status(200).body["data"].as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_presence_requests_are_rejected() {
    let (server, anna, _) = server().await;
    let body = json!({ "type": "api::article.article", "documentId": "d1", "tab": "t1" });
    assert_eq!(server.public_client().post("/admin/api/presence", body.clone()).await.status, 401);
    let bad = [
        ("type", json!("api::no.no")),
        ("documentId", json!("")),
        ("documentId", json!("x".repeat(201))),
        ("tab", Json::Null),
        ("tab", json!("a\u{0}b")),
        ("field", json!(7)),
        ("lock", json!("yes")),
        ("locale", json!("*")),
    ];
    for (key, value) in bad {
        let mut body = body.clone();
        body[key] = value.clone();
        assert_eq!(anna.post("/admin/api/presence", body).await.status, 400, "{key}: {value}");
    }
    assert_eq!(anna.get("/admin/api/presence?type=api::article.article").await.status, 400);
}
