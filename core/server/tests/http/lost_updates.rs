//! Nobody writes over what they have not seen: every change of one document in the admin says what it was made from, also of single
//! types, in every locale.

use cairn_testkit::{SchemaBuilder, TestClient, TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

const PASSWORD: &str = "a password of some length";
const SETTINGS: &str = "/admin/api/content/api::settings.settings";
const CONTACT: &str = "/admin/api/content/api::contact.contact";
const NOTE: &str = "/admin/api/content/api::note.note";

async fn server() -> (TestServer, TestClient, TestClient) {
    let texts = || json!({ "email": { "type": "string" }, "phone": { "type": "string" } });
    let project = TestProject::new()
        .with_type(SchemaBuilder::single("settings", texts()).with_drafts().with_locales())
        .with_type(SchemaBuilder::single("contact", texts()))
        .with_type(SchemaBuilder::collection("note", texts()).with_drafts().with_locales());
    let server = TestServer::start_with(project).await;
    let person =
        |name: &str| json!({ "email": format!("{name}@example.com"), "password": PASSWORD, "roles": ["super-admin"] });
    server.apply_settings(json!({ "adminUsers": [person("anna"), person("bob")] })).await;
    let anna = sign_in(&server, "anna@example.com").await;
    let bob = sign_in(&server, "bob@example.com").await;
    (server, anna, bob)
}

async fn sign_in(server: &TestServer, email: &str) -> TestClient {
    let body = json!({ "email": email, "password": PASSWORD, "token": true });
    let answer = server.public_client().post("/admin/api/login", body).await.expect_status(200);
    server.with_token(answer.body["data"]["token"].as_str().unwrap())
}

fn version(answer: &TestResponse) -> String {
    let version = answer.header("cairn-version").to_owned();
    assert!(!version.is_empty(), "no Cairn-Version in {}", answer.text());
    version
}

/// A save of what was seen: a version token, or `None` of what is not there yet.
async fn save(client: &TestClient, path: &str, version_token: Option<&str>, data: Json) -> TestResponse {
    let request = client.request("PUT", path).json(&json!({ "data": data }));
    let request = match version_token {
        Some(token) => request.header("if-match", format!("\"{token}\"")),
        None => request.header("if-none-match", "*"),
    };
    client.send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn outdated_saves_of_a_single_type_are_rejected() {
    let (_server, anna, bob) = server().await;
    for path in [SETTINGS.to_owned(), format!("{SETTINGS}?locale=nl"), CONTACT.to_owned()] {
        anna.get(&path).await.expect_status(404);
        // The entry does not exist, so there is no version token yet.
        save(&anna, &path, Some("1"), json!({})).await.expect_status(409);
        let answer = save(&anna, &path, None, json!({ "email": "old", "phone": "1" })).await.expect_status(200);
        let version_token = version(&answer);
        // Two who open it see the version that the save answered.
        let (of_anna, of_bob) = (anna.get(&path).await.expect_status(200), bob.get(&path).await.expect_status(200));
        assert_eq!((version(&of_anna), version(&of_bob)), (version_token.clone(), version_token.clone()));

        save(&anna, &path, Some(&version_token), json!({ "email": "new" })).await.expect_status(200);
        let refused = save(&bob, &path, Some(&version_token), json!({ "phone": "2" })).await.expect_status(409);
        let details = &refused.body["error"]["details"];
        assert_eq!((&details["changed"], &details["by"]["name"]), (&json!(["email"]), &json!("anna@example.com")));
        let now = bob.get(&path).await.expect_status(200);
        assert_eq!((&now.body["data"]["email"], &now.body["data"]["phone"]), (&json!("new"), &json!("1")));
        let saved = save(&bob, &path, Some(&version(&now)), json!({ "phone": "2" })).await.expect_status(200);
        assert_eq!((&saved.body["data"]["email"], &saved.body["data"]["phone"]), (&json!("new"), &json!("2")));
        assert_eq!(version(&bob.get(&path).await), version(&saved));
        // An existing entry is not created again.
        save(&anna, &path, None, json!({ "email": "again" })).await.expect_status(409);
        assert_eq!(bob.get(&path).await.body["data"]["email"], "new");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_and_deletes_with_an_outdated_version_are_rejected() {
    let (server, anna, bob) = server().await;
    let answer = save(&anna, SETTINGS, None, json!({ "email": "old" })).await.expect_status(200);
    let (version_token, id) = (version(&answer), answer.document_id());
    let act = async |client: &TestClient, action: &str, version_token: &str| {
        let request = client.request("POST", &format!("{SETTINGS}/{id}/actions/{action}")).json(&json!({}));
        client.send(request.header("if-match", version_token)).await.status
    };
    let newer =
        version(&save(&bob, SETTINGS, Some(&version_token), json!({ "email": "half a se" })).await.expect_status(200));
    assert_eq!(act(&anna, "publish", &version_token).await, 409);
    server.get("/api/settings").await.expect_status(404);
    assert_eq!(act(&anna, "publish", &newer).await, 200);
    let newest = version(&save(&bob, SETTINGS, Some(&newer), json!({ "email": "unseen" })).await.expect_status(200));
    assert_eq!(act(&anna, "discard-draft", &newer).await, 409);
    assert_eq!(anna.get(SETTINGS).await.body["data"]["email"], "unseen");
    assert_eq!(act(&anna, "unpublish", &newer).await, 409);
    let delete = async |version_token: &str| {
        anna.send(anna.request("DELETE", SETTINGS).header("if-match", version_token)).await.status
    };
    assert_eq!((delete(&newer).await, delete(&newest).await), (409, 204));
}

/// Of many who make the same at once one does, and all others are told: none of them is taken for an update of what it did not see.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_first_saves_succeed_once() {
    const AT_ONCE: usize = 8;
    let (_server, anna, _) = server().await;
    let note = anna.create_entry(NOTE, json!({ "email": "en" })).await.document_id();
    for path in
        [SETTINGS.to_owned(), format!("{SETTINGS}?locale=nl"), CONTACT.to_owned(), format!("{NOTE}/{note}?locale=nl")]
    {
        let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(AT_ONCE));
        let saves = (0..AT_ONCE).map(|n| {
            let (client, path, barrier) = (anna.clone(), path.clone(), barrier.clone());
            tokio::spawn(async move {
                barrier.wait().await;
                (n, save(&client, &path, None, json!({ "email": format!("by {n}") })).await)
            })
        });
        let mut created = Vec::new();
        for save in saves.collect::<Vec<_>>() {
            let (n, answer) = save.await.unwrap();
            match answer.status {
                200 => created.push((n, version(&answer))),
                409 => assert!(answer.body["error"]["details"]["currentVersion"].is_i64(), "{}", answer.text()),
                _ => panic!("{path}: {}", answer.text()),
            }
        }
        let [(first, token)] = &created[..] else { panic!("{path}: {} made it", created.len()) };
        let now = anna.get(&path).await.expect_status(200);
        assert_eq!((&now.body["data"]["email"], &version(&now)), (&json!(format!("by {first}")), token), "{path}");
    }
}

/// The routes are those of the OpenAPI document: a new one that changes a document either asks for it or stands in the list here.
#[tokio::test(flavor = "multi_thread")]
async fn every_document_change_requires_a_precondition() {
    let (_server, anna, _) = server().await;
    let test_answer = anna.create_entry(NOTE, json!({ "email": "a" })).await;
    let (id, version_token) = (test_answer.document_id(), version(&test_answer));
    let history = anna.get(&format!("/admin/api/history?type=api::note.note&documentId={id}")).await.expect_status(200);
    let number = history.body["data"][0]["id"].to_string();
    save(&anna, SETTINGS, None, json!({ "email": "a" })).await.expect_status(200);

    let document: Json = serde_json::from_str(cairn_server::openapi()).unwrap();
    let mut free = BTreeSet::new();
    let mut asking = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        if !path.starts_with("/admin/api/content/") && !path.starts_with("/admin/api/history") {
            continue;
        }
        for method in ["put", "post", "delete", "patch"] {
            let Some(operation) = item.get(method) else { continue };
            let route = format!("{method} {path}");
            let declared =
                operation["parameters"].as_array().is_some_and(|all| all.iter().any(|p| p["name"] == "If-Match"));
            if !declared {
                free.insert(route);
                continue;
            }
            let uid = if path.contains("{documentId}") { "api::note.note" } else { "api::settings.settings" };
            let filled = path.replace("{uid}", uid).replace("{documentId}", &id);
            let filled = filled.replace("{action}", "publish").replace("{id}", &number);
            // Past the test kit, which would say `*`.
            let body = json!({ "data": { "email": "b" } });
            let body = if path.contains("actions") || path.contains("history") { json!({}) } else { body };
            let request = anna.request(&method.to_uppercase(), &filled).json(&body);
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 428, "{route}");
            let error: Json = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
            assert_eq!(error["error"]["name"], "PreconditionRequiredError", "{route}");
            asking.insert(route);
        }
    }
    let asking: Vec<&str> = asking.iter().map(String::as_str).collect();
    assert_eq!(
        asking,
        [
            "delete /admin/api/content/{uid}",
            "delete /admin/api/content/{uid}/{documentId}",
            "post /admin/api/content/{uid}/{documentId}/actions/{action}",
            "post /admin/api/history/{id}/restore",
            "put /admin/api/content/{uid}",
            "put /admin/api/content/{uid}/{documentId}",
        ]
    );
    let free: Vec<&str> = free.iter().map(String::as_str).collect();
    assert_eq!(free, FREE);
    // The refused requests have changed nothing.
    let now = anna.get(&format!("{NOTE}/{id}")).await.expect_status(200);
    assert_eq!((&now.body["data"]["email"], version(&now)), (&json!("a"), version_token));
}

/// Routes without a precondition: they create a document, speak of it, or name many documents and what is to change in each of them.
const FREE: [&str; 8] = [
    "delete /admin/api/history",
    "post /admin/api/content/{uid}",
    "post /admin/api/content/{uid}/actions/{action}",
    "post /admin/api/content/{uid}/bulk/delete",
    "post /admin/api/content/{uid}/bulk/update",
    "post /admin/api/content/{uid}/{documentId}/duplicate",
    "post /admin/api/content/{uid}/{document}/comments",
    "post /admin/api/history/undelete",
];
