//! Permissions that roles give to admin users: the routes, the content, its rows and attributes, and what others get to know of it.

use cairn_testkit::{TestClient, TestServer};
use serde_json::{Value as Json, json};

const PASSWORD: &str = "a password of some length";
const ARTICLE: &str = "/admin/api/content/api::article.article";
const UID: &str = "api::article.article";

/// Everybody that the tests are about, each with one role.
async fn server() -> TestServer {
    let server = TestServer::start().await;
    let own_rows = json!({ "title": { "$startsWith": "Mine" } });
    server
        .apply_settings(json!({
            "adminRoles": {
                "reader": { "name": "Reader", "actions": ["media.read", "releases.read", "calendar.read"],
                    "permissions": { UID: ["find", "findOne"] } },
                // The role reaches some rows.
                "own": { "actions": ["releases.read", "releases.manage", "releases.publish", "review.comment", "media.read"], "permissions": { UID: {
                    "find": { "where": own_rows }, "findOne": { "where": own_rows }, "create": {},
                    "update": { "where": own_rows }, "delete": { "where": own_rows }, "publish": { "where": own_rows } } } },
                // The role reaches some attributes.
                "headlines": { "permissions": { UID: {
                    "find": { "fields": ["title"] }, "findOne": { "fields": ["title"] }, "update": { "fields": ["title"] } } } },
                "people": { "actions": ["settings.users"] },
            },
            "adminUsers": (["super-admin", "editor", "author", "reader", "own", "headlines", "people", "label"].map(|role| {
                json!({ "email": format!("{role}@example.com"), "password": PASSWORD, "roles": [role] })
            })),
        }))
        .await;
    server
}

/// A request; null: without a body.
async fn send(client: &TestClient, method: &str, path: &str, body: &Json) -> cairn_testkit::TestResponse {
    let request = client.request(method, path);
    client.send(if body.is_null() { request } else { request.json(body) }).await
}

async fn client(server: &TestServer, role: &str) -> TestClient {
    server.sign_in_admin(&format!("{role}@example.com"), PASSWORD).await
}

async fn article(server: &TestServer, title: &str) -> String {
    server.create_entry("/api/articles?status=draft", json!({ "title": title, "views": 7 })).await.document_id()
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_decide_which_content_actions_are_permitted() {
    let server = server().await;
    // role, list, read, create, update, publish, delete
    for (role, expected) in [
        ("super-admin", [200, 200, 201, 200, 200, 204]),
        ("editor", [200, 200, 201, 200, 200, 204]),
        ("author", [200, 200, 201, 200, 403, 403]),
        ("reader", [200, 200, 403, 403, 403, 403]),
        ("people", [403, 403, 403, 403, 403, 403]),
        ("label", [403, 403, 403, 403, 403, 403]),
    ] {
        let client = client(&server, role).await;
        let id = article(&server, "Mine").await;
        let one = format!("{ARTICLE}/{id}");
        let answers = [
            client.get(ARTICLE).await,
            client.get(&one).await,
            client.post(ARTICLE, json!({ "data": { "title": "New" } })).await,
            client.put(&one, json!({ "data": { "title": "Mine now" } })).await,
            client.post(&format!("{one}/actions/publish"), json!({})).await,
            client.delete(&one).await,
        ];
        let statuses: Vec<u16> = answers.iter().map(|a| a.status).collect();
        assert_eq!(statuses, expected, "{role}");
        for (answer, action) in answers.iter().zip(["find", "findOne", "create", "update", "publish", "delete"]) {
            if answer.status == 403 {
                let details = answer.details();
                assert_eq!(
                    (&details["action"], &details["type"]),
                    (&json!(action), &json!(UID)),
                    "{role} {}",
                    answer.text()
                );
                assert!(details["roles"].as_array().unwrap().contains(&json!("editor")), "{}", answer.text());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_outside_a_role_are_not_found_on_any_route() {
    let server = server().await;
    let (own_article, other) = (article(&server, "Mine").await, article(&server, "Another's").await);
    let own = client(&server, "own").await;
    assert_eq!(own.get(ARTICLE).await.text_column("documentId"), std::slice::from_ref(&own_article));
    // Routes about a document: 404 for a document outside the role, and no such error for one inside.
    let about = |id: &str| {
        let release = json!({ "items": [{ "contentType": UID, "documentId": id, "action": "publish" }] });
        let schedule = json!({ "contentType": UID, "documentId": id, "action": "publish", "localTime": "2030-01-01T10:00", "zone": "Europe/Amsterdam" });
        let target = json!({ "contentType": UID, "documentId": id, "action": "publish" });
        vec![
            ("GET", format!("{ARTICLE}/{id}"), Json::Null),
            ("PUT", format!("{ARTICLE}/{id}"), json!({ "data": { "views": 1 } })),
            ("POST", format!("{ARTICLE}/{id}/duplicate"), json!({})),
            ("GET", format!("{ARTICLE}/{id}/comments"), Json::Null),
            ("POST", format!("{ARTICLE}/{id}/comments"), json!({ "text": "Hello" })),
            ("GET", format!("/admin/api/review/{UID}/{id}"), Json::Null),
            ("GET", format!("/admin/api/review/{UID}/{id}/moves"), Json::Null),
            ("GET", format!("/admin/api/history?type={UID}&documentId={id}"), Json::Null),
            ("GET", format!("/admin/api/presence?type={UID}&documentId={id}"), Json::Null),
            ("POST", "/admin/api/presence".to_owned(), json!({ "type": UID, "documentId": id, "tab": "t" })),
            ("GET", format!("/admin/api/preview?type={UID}&documentId={id}"), Json::Null),
            ("GET", format!("/admin/api/assets/check/{UID}/{id}"), Json::Null),
            ("POST", "/admin/api/releases/1/items".to_owned(), release),
            ("POST", "/admin/api/schedules".to_owned(), schedule),
            ("POST", "/admin/api/schedules/actions/validate".to_owned(), target),
            ("POST", format!("{ARTICLE}/{id}/actions/publish"), json!({})),
            ("POST", format!("{ARTICLE}/{id}/actions/unpublish"), json!({})),
            ("POST", format!("{ARTICLE}/actions/publish"), json!({ "documentIds": [id] })),
            ("DELETE", format!("{ARTICLE}/{id}"), Json::Null),
        ]
    };
    own.post("/admin/api/releases", json!({ "name": "One" })).await.expect_status(201);
    for (method, path, body) in about(&other) {
        let answer = send(&own, method, &path, &body).await;
        assert!(matches!(answer.status, 403 | 404), "{method} {path}: {}", answer.text());
        assert!(!answer.text().contains("Another's"), "{method} {path}: {}", answer.text());
    }
    let root = client(&server, "super-admin").await;
    assert_eq!(root.get(&format!("{ARTICLE}/{other}")).await.expect_status(200).data()["title"], "Another's");
    for (method, path, body) in about(&own_article) {
        let answer = send(&own, method, &path, &body).await;
        let authorised = !matches!(answer.status, 401 | 403 | 404);
        assert!(authorised, "{method} {path}: {}", answer.text());
    }
    // Comments on a document outside the role are not found by their number either.
    let test_answer =
        root.post(&format!("{ARTICLE}/{other}/comments"), json!({ "text": "Secret" })).await.expect_status(201);
    let comment = format!("/admin/api/comments/{}", test_answer.id());
    own.put(&comment, json!({ "text": "Mine" })).await.expect_status(404);
    own.post(&format!("{comment}/resolve"), json!({})).await.expect_status(404);
    own.delete(&comment).await.expect_status(404);
    // Presence on the document is hidden as well.
    root.post("/admin/api/presence", json!({ "type": UID, "documentId": other, "tab": "t" })).await.expect_status(200);
    assert!(!own.get("/admin/api/presence").await.expect_status(200).text().contains(&other));
    // A version is of its document.
    let history = root.get(&format!("/admin/api/history?type={UID}&documentId={other}")).await.expect_status(200);
    let entry = history.data_column("id")[0].clone();
    own.get(&format!("/admin/api/history/{entry}")).await.expect_status(404);
    own.post(&format!("/admin/api/history/{entry}/restore"), json!({})).await.expect_status(404);
    own.get(&format!("/admin/api/history/compare?from={entry}&to={entry}")).await.expect_status(404);
    // A caller without the permission cannot publish an item that another user put into a release.
    let item = json!({ "items": [{ "contentType": UID, "documentId": other, "action": "publish" }] });
    root.post("/admin/api/releases/1/items", item).await.expect_status(200);
    let refused = own.post("/admin/api/releases/1/actions/publish", json!({})).await.expect_status(403);
    assert_eq!(refused.details()["action"], "publish");
}

#[tokio::test(flavor = "multi_thread")]
async fn attributes_outside_a_role_cannot_be_read_or_written() {
    let server = server().await;
    let id = article(&server, "Mine").await;
    let client = client(&server, "headlines").await;
    let one = format!("{ARTICLE}/{id}");
    let answer = client.get(&one).await.expect_status(200);
    assert_eq!((&answer.data()["title"], answer.data().get("views")), (&json!("Mine"), None));
    client.put(&one, json!({ "data": { "title": "Yours" } })).await.expect_status(200);
    assert!(client.put(&one, json!({ "data": { "views": 9 } })).await.status >= 400);
    for path in [format!("{ARTICLE}?filters[views]=7"), format!("{ARTICLE}?sort=views")] {
        assert!(client.get(&path).await.status >= 400, "{path}");
    }
    let history = client.get(&format!("/admin/api/history?type={UID}&documentId={id}")).await.expect_status(200);
    for entry in history.data_column("id") {
        let version = client.get(&format!("/admin/api/history/{entry}")).await.expect_status(200);
        assert_eq!(version.data()["content"].get("views"), None, "{}", version.text());
    }
    assert!(!history.text().contains("views"), "{}", history.text());
    // Previews show all attributes, so this role gets no preview link.
    client.post("/admin/api/preview", json!({ "type": UID, "documentId": id })).await.expect_status(403);
    let model = client.get("/admin/api/content-types").await.expect_status(200);
    let types = model.data()["contentTypes"].as_array().unwrap();
    assert_eq!(types.len(), 1);
    let can = &types[0]["can"];
    assert_eq!((&can["publish"], &can["fields"]["write"]), (&json!(false), &json!(["title"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn admin_actions_permit_only_their_routes() {
    let server = server().await;
    for (role, path, status) in [
        ("people", "/admin/api/audit", 403),
        ("people", "/admin/api/jobs", 403),
        ("people", "/admin/api/assets", 403),
        ("people", "/admin/api/webhooks", 403),
        ("people", "/admin/api/events", 403),
        ("people", "/admin/api/mails", 403),
        ("people", "/admin/api/releases", 403),
        ("people", "/admin/api/calendar?from=2026-01-01&to=2026-01-02", 403),
        ("reader", "/admin/api/assets", 200),
        ("reader", "/admin/api/releases", 200),
        ("editor", "/admin/api/audit", 403),
        ("editor", "/admin/api/assets", 200),
        ("label", "/admin/api/assets", 403),
        ("label", "/admin/api/me", 200),
        ("label", "/admin/api/notifications", 200),
    ] {
        let answer = client(&server, role).await.get(path).await;
        assert_eq!(answer.status, status, "{role} {path}: {}", answer.text());
    }
    let refused = client(&server, "editor").await.get("/admin/api/audit").await;
    assert_eq!(refused.details(), &json!({ "action": "audit.read", "roles": ["super-admin"] }));
    let author = client(&server, "author").await;
    author.upload_file("a.txt", "text/plain", b"text").await.expect_status(201);
    client(&server, "reader").await.upload_file("a.txt", "text/plain", b"text").await.expect_status(403);
    // Files that are added by whoever may add them are changed by others.
    author.post("/admin/api/assets/folders", json!({ "name": "New" })).await.expect_status(403);
    client(&server, "editor")
        .await
        .post("/admin/api/assets/folders", json!({ "name": "New" }))
        .await
        .expect_status(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn session_lists_the_current_permissions_of_its_roles() {
    let server = server().await;
    let mut browser = server.new_browser();
    let data = browser.sign_in("reader@example.com", PASSWORD).await.expect_status(200);
    let data = data.data();
    assert_eq!(
        data["permissions"],
        json!({ "isSuper": false, "actions": ["media.read", "releases.read", "calendar.read"] })
    );
    assert_eq!(data["me"]["roles"], json!([{ "code": "reader", "name": "Reader" }]));
    // A change counts at once.
    server.apply_settings(json!({ "adminRoles": { "reader": { "actions": ["audit.read"] } } })).await;
    browser.get("/admin/api/audit").await.expect_status(200);
    browser.get("/admin/api/assets").await.expect_status(403);
    server.apply_settings(json!({ "adminRoles": { "reader": null } })).await;
    browser.get("/admin/api/audit").await.expect_status(403);
    browser.get(ARTICLE).await.expect_status(403);
    // A label is shown by itself.
    let label = client(&server, "label").await.get("/admin/api/me").await.expect_status(200);
    assert_eq!(label.data()["roles"], json!([{ "code": "label", "name": "label" }]));
}

#[tokio::test(flavor = "multi_thread")]
async fn super_admins_can_view_as_a_role_read_only() {
    let server = server().await;
    let root = client(&server, "super-admin").await;
    let as_role =
        |method: &str, path: &str, role: &str| root.send(root.request(method, path).header("cairn-view-as", role));
    as_role("GET", "/admin/api/audit", "editor").await.expect_status(403);
    let session = as_role("GET", "/admin/api/session", "author").await.expect_status(200);
    assert_eq!(session.data()["permissions"]["isSuper"], false);
    as_role("GET", ARTICLE, "people").await.expect_status(403);
    as_role("GET", ARTICLE, "nothing").await.expect_error(400, "Cairn-View-As: role not found");
    let id = article(&server, "Mine").await;
    let path = format!("{ARTICLE}/{id}");
    as_role("DELETE", &path, "editor")
        .await
        .expect_error(403, "Only super admins can use Cairn-View-As, and only for reading");
    let editor = client(&server, "editor").await;
    let request = editor.request("GET", ARTICLE).header("cairn-view-as", "super-admin");
    editor.send(request).await.expect_error(403, "Only super admins can use Cairn-View-As, and only for reading");
}

#[tokio::test(flavor = "multi_thread")]
async fn admin_roles_in_the_settings_file_are_validated() {
    let server = TestServer::start().await;
    for (role, problem) in [
        (json!({ "actions": ["everything"] }), "unknown action"),
        (json!({ "permissions": { "api::nothing.nothing": ["find"] } }), "unknown content type"),
        (json!({ "permissions": { UID: ["register"] } }), "has no such action"),
        (json!({ "permissions": { UID: { "find": { "where": { "nothing": 1 } } } } }), "Invalid key nothing"),
        (
            json!({ "permissions": { UID: { "find": { "where": { "title": "$user.customer.id" } } } } }),
            "admin users have",
        ),
        (json!({ "permissions": { UID: { "find": { "fields": ["nothing"] } } } }), "has no attribute nothing"),
        (json!({ "permissions": { UID: { "publish": { "fields": ["title"] } } } }), "cannot have fields"),
        (json!({ "permissions": { "*": { "find": { "where": { "id": 1 } } } } }), "stands for all content types"),
        (json!({ "nothing": 1 }), "unknown key"),
    ] {
        let file = json!({ "adminRoles": { "x": role } }).to_string();
        let refused = server.process.apply_settings(&file, &|_| None).await.unwrap_err().to_string();
        assert!(refused.contains(problem), "{refused}");
    }
    let file = json!({ "adminRoles": { "super-admin": { "actions": [] } } }).to_string();
    assert!(
        server.process.apply_settings(&file, &|_| None).await.unwrap_err().to_string().contains("cannot be changed")
    );
    let file = json!({ "adminRoles": { "x": { "name": "X", "permissions": { UID: { "find": { "where": { "title": "$user.email" } } } } } } });
    assert_eq!(server.process.apply_settings(&file.to_string(), &|_| None).await.unwrap(), ["admin role x: added"]);
    assert!(server.process.apply_settings(&file.to_string(), &|_| None).await.unwrap().is_empty());
    // The variable is the admin user's own.
    let user = |email: &str| json!({ "email": email, "password": PASSWORD, "roles": ["x"] });
    server.apply_settings(json!({ "adminUsers": [user("ann@example.com"), user("bob@example.com")] })).await;
    let (ann, _) = (article(&server, "ann@example.com").await, article(&server, "bob@example.com").await);
    let answer = server.sign_in_admin("ann@example.com", PASSWORD).await.get(ARTICLE).await.expect_status(200);
    assert_eq!(answer.text_column("documentId"), [ann]);
}
