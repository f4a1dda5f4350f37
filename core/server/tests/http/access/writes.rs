//! Permissions to write: actions, field masks, and keys that are nobody's to set.

use cairn_testkit::{SchemaBuilder, TestProject, TestServer};
use serde_json::{Value as Json, json};

#[tokio::test(flavor = "multi_thread")]
async fn each_action_requires_its_own_permission() {
    let article = "api::article.article";
    let actions = ["find", "findOne", "create", "update", "delete"];
    let server = TestServer::start().await;
    for allowed in actions {
        server.apply_settings(json!({"roles": {"public": {"permissions": {article: [allowed]}}}})).await;
        let document_id = server.create_entry("/api/articles", json!({"title": "t"})).await.document_id();
        let path = format!("/api/articles/{document_id}");
        let public = server.public_client();
        let body = json!({"data": {"title": "u"}});
        for action in actions {
            let answer = match action {
                "find" => public.get("/api/articles").await,
                "findOne" => public.get(&path).await,
                "create" => public.post("/api/articles", body.clone()).await,
                "update" => public.put(&path, body.clone()).await,
                _ => public.delete(&path).await,
            };
            if action == allowed {
                assert!(answer.status < 300, "{action}: {}", answer.text());
            } else {
                answer.expect_error(403, "Forbidden");
            }
        }
        for other in ["/api/authors", "/api/categories", "/api/pages", "/api/site", "/api/users", "/api/upload/files"] {
            public.get(other).await.expect_error(403, "Forbidden");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn field_masks_apply_to_writes() {
    let article = json!({
        "find": {"fields": ["title", "views"]},
        "create": {"fields": ["title"]},
        "update": {"fields": ["views", "seo"]},
    });
    let server = TestServer::start_with(TestProject::newsroom().with_role(
        "public",
        false,
        json!({"api::article.article": article}),
    ))
    .await;
    let public = server.public_client();
    let test_answer = public.post("/api/articles", json!({"data": {"title": "t"}})).await.expect_status(201);
    // The answer shows what may be read.
    assert_eq!(test_answer.data().get("views"), Some(&Json::Null));
    assert_eq!((test_answer.data().get("slug"), test_answer.data().get("note")), (None, None));
    let path = format!("/api/articles/{}", test_answer.document_id());
    let before = server.dump_content().await;
    for key in ["views", "slug", "note", "pin", "seo", "authors", "secretAuthor", "sections"] {
        let refused = public.post("/api/articles", json!({"data": {"title": "t", key: null}})).await;
        refused.expect_error(400, &format!("Invalid key {key}"));
    }
    for key in ["title", "slug", "note", "pin", "authors", "category"] {
        public.put(&path, json!({"data": {key: null}})).await.expect_error(400, &format!("Invalid key {key}"));
    }
    assert_eq!(server.dump_content().await, before);
    public.put(&path, json!({"data": {"views": 3, "seo": {"metaTitle": "m"}}})).await.expect_status(200);
}

/// Keys that other systems let through to the database.
#[tokio::test(flavor = "multi_thread")]
async fn system_keys_are_refused_or_have_no_effect() {
    let server = TestServer::start().await;
    let test_answer = server.create_entry("/api/articles", json!({"title": "t"})).await;
    let path = format!("/api/articles/{}", test_answer.document_id());
    let before = server.dump_content().await;
    for (key, value) in [
        ("id", json!(77)),
        ("documentId", json!("aaaaaaaaaaaaaaaaaaaaaaaa")),
        ("createdAt", json!("1999-01-01")),
        ("updatedAt", json!("1999-01-01")),
        ("createdBy", json!(1)),
        ("updatedBy", json!(1)),
        ("localizations", json!([])),
        ("tenantId", json!(1)),
        ("role", json!(1)),
        ("isSuperAdmin", json!(true)),
        ("__proto__", json!({"x": 1})),
        ("constructor", json!({"prototype": {}})),
        ("_status", json!(1)),
        ("document_id", json!("x")),
        ("_pos_category", json!(1)),
        ("__v", json!(0)),
        ("$set", json!({})),
        ("", json!(1)),
    ] {
        for answer in [
            server.post("/api/articles", json!({"data": {"title": "u", key: value}})).await,
            server.put(&path, json!({"data": {key: value}})).await,
        ] {
            answer.expect_error(400, &format!("Invalid key {key}"));
        }
    }
    assert_eq!(server.dump_content().await, before);
    // Accepted and ignored, as recorded.
    let ignored = json!({"publishedAt": "1999-01-01", "locale": "nl", "title": "t"});
    let changed = server.update_entry(&path, ignored.clone()).await;
    assert_eq!(changed.data()["publishedAt"], test_answer.data()["publishedAt"]);
    let draft = server.create_entry("/api/articles?status=draft", ignored).await;
    assert_eq!(draft.data()["publishedAt"], Json::Null);
}

/// Components, too: their ids are the entry's own, their private attributes may be set but are never shown.
#[tokio::test(flavor = "multi_thread")]
async fn unknown_keys_inside_components_are_rejected() {
    let server = TestServer::start().await;
    let before = server.dump_content().await;
    for (data, key) in [
        (json!({"seo": {"nothing": 1}}), "Invalid key nothing at seo"),
        (json!({"seo": {"__component": "meta.seo"}}), "Invalid key __component at seo"),
        (json!({"links": [{"label": "l"}, {"x": 1}]}), "Invalid key x at links"),
        (json!({"sections": [{"__component": "block.hero", "cta": {"y": 1}}]}), "Invalid key y at sections.cta"),
        (json!({"sections": [{"__component": "block.quote", "author": {"z": 1}}]}), "Invalid key z at sections.author"),
    ] {
        let mut body = json!({"data": {"title": "t"}});
        body["data"].as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
        server.post("/api/articles", body).await.expect_error(400, key);
    }
    assert_eq!(server.dump_content().await, before);
    let author = json!({"name": "a", "address": {"city": "c", "zip": "secret"}});
    let answer = server.create_entry("/api/authors?populate=*", author).await;
    assert_eq!(answer.data()["address"].get("zip"), None, "{}", answer.text());
}

/// A relation to what the caller may not read does not exist for them, wherever it is.
#[tokio::test(flavor = "multi_thread")]
async fn relations_to_unreadable_types_cannot_be_written() {
    let project = TestProject::newsroom().with_role(
        "public",
        false,
        json!({"api::article.article": ["find", "create", "update"]}),
    );
    let server = TestServer::start_with(project).await;
    let author = server.create_entry("/api/authors", json!({"name": "a"})).await.document_id();
    let before = server.dump_content().await;
    for (data, message) in [
        (json!({"authors": [author]}), "Invalid key authors"),
        (json!({"authors": null}), "Invalid key authors"),
        (json!({"category": {"connect": []}}), "Invalid key category"),
        (json!({"secretAuthor": author}), "Invalid key secretAuthor"),
        (json!({"subject": {"__type": "api::author.author", "documentId": author}}), "Invalid key subject"),
        (
            json!({"sections": [{"__component": "block.quote", "author": author}]}),
            "Invalid key author at sections.author",
        ),
    ] {
        let mut body = json!({"data": {"title": "t"}});
        body["data"].as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
        let answer = server.public_client().post("/api/articles", body).await.expect_error(400, message);
        assert_eq!(answer.details()["source"], "body");
    }
    assert_eq!(server.dump_content().await, before);
}

/// Whoever may change users must not become what they are not.
#[tokio::test(flavor = "multi_thread")]
async fn masked_user_updates_cannot_change_roles_or_secrets() {
    let user = "plugin::users-permissions.user";
    let own = json!({"id": {"$eq": "$user.id"}});
    let permissions =
        json!({user: {"me": {}, "find": {"where": own}, "update": {"where": own, "fields": ["username", "email"]}}});
    let server = TestServer::start_with(TestProject::new().with_role("member", false, permissions)).await;
    let ann = server.create_user("ann", "member", json!({})).await;
    let bob = server.create_user("bob", "member", json!({})).await;
    let id = async |client: &cairn_testkit::TestClient| client.get("/api/users/me").await.body["id"].clone();
    let (own, other) = (id(&ann).await, id(&bob).await);
    let before = server.dump_content().await;
    for (key, value) in [
        ("role", json!(1)),
        ("confirmed", json!(false)),
        ("blocked", json!(true)),
        ("provider", json!("x")),
        ("password", json!("Passw0rd?")),
        ("resetPasswordToken", json!("x")),
        ("confirmationToken", json!("x")),
    ] {
        let answer = ann.put(&format!("/api/users/{own}"), json!({key: value})).await;
        answer.expect_error(400, &format!("Invalid key {key}"));
    }
    let foreign = ann.put(&format!("/api/users/{other}"), json!({"username": "eve"})).await;
    let missing = ann.put("/api/users/9999", json!({"username": "eve"})).await;
    assert_eq!((foreign.status, foreign.text()), (missing.status, missing.text()));
    assert_eq!(foreign.status, 404);
    assert_eq!(ann.get("/api/users").await.body.as_array().unwrap().len(), 1);
    ann.delete(&format!("/api/users/{other}")).await.expect_error(403, "Forbidden");
    assert_eq!(server.dump_content().await, before);
    ann.put(&format!("/api/users/{own}"), json!({"username": "anna"})).await.expect_status(200);
}

/// A condition must hold for what was made, and for what it became.
#[tokio::test(flavor = "multi_thread")]
async fn row_conditions_apply_before_and_after_a_write() {
    let low = json!({"where": {"level": {"$eq": "low"}}});
    let grants = json!({"find": low, "create": low, "update": low, "delete": low});
    let attributes = json!({"level": {"type": "enumeration", "enum": ["low", "high"]}, "name": {"type": "string"}});
    let project = TestProject::new().with_type(SchemaBuilder::collection("task", attributes)).with_role(
        "public",
        false,
        json!({"api::task.task": grants}),
    );
    let server = TestServer::start_with(project).await;
    let public = server.public_client();
    let high = server.create_entry("/api/tasks", json!({"level": "high", "name": "h"})).await.document_id();
    let low = public.create_entry("/api/tasks", json!({"level": "low", "name": "l"})).await.document_id();
    let before = server.dump_content().await;
    public.post("/api/tasks", json!({"data": {"level": "high"}})).await.expect_error(403, "Forbidden");
    public.put(&format!("/api/tasks/{low}"), json!({"data": {"level": "high"}})).await.expect_error(403, "Forbidden");
    public.put(&format!("/api/tasks/{high}"), json!({"data": {"level": "low"}})).await.expect_error(404, "Not Found");
    public.delete(&format!("/api/tasks/{high}")).await.expect_error(404, "Not Found");
    assert_eq!(server.dump_content().await, before);
    public.delete(&format!("/api/tasks/{low}")).await.expect_status(204);
}
