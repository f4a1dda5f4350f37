//! `/api/users` and `/api/users-permissions/roles`: bare bodies in, bare bodies out.

use cairn_testkit::{TestProject, TestServer};
use serde_json::{Value as Json, json};

fn user_body(name: &str) -> Json {
    // The first role is for everybody who signs in.
    json!({"username": name, "email": format!("{name}@Example.com"), "password": "Passw0rd!", "role": 1})
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_created_updated_listed_and_deleted() {
    let server = TestServer::start().await;
    let created = server.post("/api/users", user_body("ann")).await.expect_status(201).body;
    assert_eq!((&created["email"], &created["role"]["type"]), (&json!("ann@example.com"), &json!("authenticated")));
    assert!(created.get("password").is_none() && created.get("data").is_none());
    let path = format!("/api/users/{}", created["id"]);
    assert_eq!(server.get(&path).await.expect_status(200).body["username"], "ann");
    let by_document = format!("/api/users/{}", created["documentId"].as_str().unwrap());
    assert_eq!(server.get(&by_document).await.expect_status(200).body["username"], "ann");
    let changed = server.put(&path, json!({"username": "anna", "role": 2})).await.expect_status(200).body;
    assert_eq!((&changed["username"], &changed["role"]["type"]), (&json!("anna"), &json!("public")));
    server.post("/api/users", user_body("bob")).await.expect_status(201);
    let names = async |query: &str| {
        let list = server.get(&format!("/api/users?{query}")).await.expect_status(200).body;
        list.as_array().unwrap().iter().map(|u| u["username"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("sort=username:desc").await, ["bob", "anna"]);
    assert_eq!(names("filters[username][$startsWith]=b").await, ["bob"]);
    assert_eq!(names("filters[role][type]=public").await, ["anna"]);
    for query in ["sort=id&start=1", "sort=id:desc&limit=1", "sort=id&pagination[page]=2&pagination[pageSize]=1"] {
        assert_eq!(names(query).await, ["bob"], "{query}");
    }
    assert_eq!(names("sort=id&limit=-1").await, ["anna", "bob"]);
    assert_eq!(names("limit=0").await, [""; 0]);
    assert_eq!(names("filters[username]_eq=bob").await, ["bob"]);
    assert_eq!(names("filters[username][$in][150]=bob").await, ["bob"]);
    for (query, message) in [
        ("nothing=1", "Invalid key nothing"),
        ("limit=x", "Invalid parameter at 'limit'. Expected integer >= 0, received: x"),
        ("pagination[start]=-1", "Invalid parameter at 'start'. Expected integer >= 0, received: -1"),
        ("sort=username:up", "Invalid order. order can only be one of asc|desc|ASC|DESC"),
        ("filters[username][$in][01]=bob", "Invalid key 01 at username"),
    ] {
        server.get(&format!("/api/users?{query}")).await.expect_error(400, message);
    }
    server.get("/api/users/count?filter[username]=bob").await.expect_error(400, "Invalid key filter");
    let shaped = server.get("/api/users?fields=email&filters[username]=bob").await.body;
    assert_eq!(shaped[0].as_object().unwrap().keys().collect::<Vec<_>>(), ["id", "documentId", "email"]);
    assert_eq!(server.get("/api/users/count").await.expect_status(200).body, json!(2));
    assert_eq!(server.get("/api/users/count?filters[username]=bob").await.body, json!(1));
    assert_eq!(server.delete(&path).await.expect_status(200).body["username"], "anna");
    for missing in [&path, "/api/users/9999", "/api/users/zzz", "/api/users/0"] {
        server.get(missing).await.expect_status(204);
        server.put(missing, json!({"username": "x"})).await.expect_error(404, "User not found");
        assert!(matches!(server.delete(missing).await.status, 200 | 204));
    }
    assert_eq!(server.get("/api/users/count").await.body, json!(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_user_values_are_rejected() {
    let server = TestServer::start().await;
    let ann = server.post("/api/users", user_body("ann")).await.expect_status(201).body["id"].clone();
    server.post("/api/users", user_body("bob")).await.expect_status(201);
    let before = server.dump_content().await;
    for (key, value) in [
        ("username", json!("ann")),
        ("username", json!("x")),
        ("username", json!(7)),
        ("username", Json::Null),
        ("email", json!("ann@example.com")),
        ("email", json!("ANN@example.com")),
        ("email", json!("no address")),
        ("password", json!({"$argon2": 1})),
        ("password", json!("")),
        ("role", json!(9999)),
        ("role", json!("zzz")),
        ("role", json!([])),
        ("nothing", json!(1)),
        ("id", json!(7)),
        ("documentId", json!("x")),
        ("resetPasswordToken", json!("x")),
        ("confirmed", json!("maybe")),
    ] {
        let mut new = user_body("cid");
        new[key] = value.clone();
        let test_answer = server.post("/api/users", new).await;
        assert_eq!(test_answer.status, 400, "{key} {value}: {}", test_answer.text());
        test_answer.assert_envelope();
        assert!(!test_answer.text().contains("Passw0rd"), "a password is in an answer: {}", test_answer.text());
        // An address and a name of one's own are no clash.
        if value != "ann" && !value.to_string().to_lowercase().contains("ann@") {
            let changed = server.put(&format!("/api/users/{ann}"), json!({key: value})).await;
            assert_eq!(changed.status, 400, "{key} {value}: {}", changed.text());
        }
    }
    for key in ["username", "email", "password", "role"] {
        let mut new = user_body("cid");
        new.as_object_mut().unwrap().remove(key);
        server.post("/api/users", new).await.expect_status(400);
    }
    let mut new = user_body("cid");
    new["role"] = json!({"connect": []});
    server.post("/api/users", new).await.expect_error(400, "Users must have a role");
    server.put(&format!("/api/users/{ann}"), json!({"username": "bob"})).await.expect_status(400);
    server.put(&format!("/api/users/{ann}"), json!({"email": "Bob@example.com"})).await.expect_status(400);
    assert_eq!(server.dump_content().await, before);
    server
        .put(&format!("/api/users/{ann}"), json!({"username": "ann", "email": "ANN@example.com"}))
        .await
        .expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn users_have_the_attributes_of_the_project() {
    let attributes = json!({
        "nickname": {"type": "string", "maxLength": 4},
        "article": {"type": "relation", "relation": "manyToOne", "target": "api::article.article"},
        "hint": {"type": "string", "private": true},
    });
    let server = TestServer::start_with(TestProject::newsroom().with_user_attributes(attributes)).await;
    let article = server.create_entry("/api/articles", json!({"title": "t"})).await.document_id();
    let mut new = user_body("ann");
    new.as_object_mut()
        .unwrap()
        .extend(json!({"nickname": "an", "article": article, "hint": "secret"}).as_object().unwrap().clone());
    let created = server.post("/api/users", new).await.expect_status(201).body;
    assert_eq!((&created["nickname"], created.get("hint")), (&json!("an"), None));
    let view = server.get("/api/users?populate=article&filters[article][title]=t").await.body;
    assert_eq!(view[0]["article"]["documentId"], article);
    server.get("/api/users?filters[hint]=secret").await.expect_error(400, "Invalid key hint");
    server.put(&format!("/api/users/{}", created["id"]), json!({"nickname": "toolong"})).await.expect_status(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_listed_with_their_user_count() {
    let server = TestServer::start().await;
    server.post("/api/users", user_body("ann")).await.expect_status(201);
    let roles = server.get("/api/users-permissions/roles").await.expect_status(200).body;
    let list: Vec<_> = roles["roles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["id"].clone(), r["type"].clone(), r["nb_users"].clone()))
        .collect();
    assert_eq!(list, [(json!(1), json!("authenticated"), json!(1)), (json!(2), json!("public"), json!(0))]);
    let one = server.get("/api/users-permissions/roles/1").await.expect_status(200).body;
    assert_eq!(one["role"]["type"], "authenticated");
    let session = &one["role"]["permissions"]["plugin::users-permissions"]["controllers"]["auth"]["changePassword"];
    assert_eq!(*session, json!({"enabled": true, "policy": ""}));
    server.get("/api/users-permissions/roles/99").await.expect_status(404).assert_envelope();
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_are_listed_and_shown_with_their_role() {
    let granted =
        json!({"api::article.article": ["find"], "plugin::users-permissions.role": {"findOne": {"fields": ["type"]}}});
    let server = TestServer::start_with(TestProject::newsroom().with_role("member", false, granted)).await;
    let all = server.get("/api/users-permissions/permissions").await.expect_status(200).body;
    let article = &all["permissions"]["api::article"]["controllers"]["article"];
    assert_eq!(article["find"], json!({"enabled": false, "policy": ""}));
    assert_eq!(article.as_object().unwrap().len(), 5);
    let roles = server.get("/api/users-permissions/roles").await.body;
    let member = roles["roles"].as_array().unwrap().iter().find(|r| r["type"] == "member").unwrap()["id"].clone();
    let path = format!("/api/users-permissions/roles/{member}");
    let role = server.get(&path).await.expect_status(200).body;
    let article = &role["role"]["permissions"]["api::article"]["controllers"]["article"];
    assert_eq!((&article["find"]["enabled"], &article["create"]["enabled"]), (&json!(true), &json!(false)));
    // A caller who may read one attribute of roles does not see permissions.
    let ann = server.create_user("ann", "member", json!({})).await;
    let masked = ann.get(&path).await.expect_status(200).body;
    assert_eq!((&masked["role"]["type"], masked["role"].get("permissions")), (&json!("member"), None));
    ann.get("/api/users-permissions/permissions").await.expect_status(403);
}

/// Users read themselves without a permission to read users.
#[tokio::test(flavor = "multi_thread")]
async fn users_me_returns_only_readable_relations() {
    let permissions = json!({"plugin::users-permissions.user": ["me"], "api::article.article": ["find"]});
    let article = json!({"type": "relation", "relation": "manyToOne", "target": "api::article.article"});
    let author = json!({"type": "relation", "relation": "manyToOne", "target": "api::author.author"});
    let project = TestProject::newsroom()
        .with_user_attributes(json!({"article": article, "author": author}))
        .with_role("member", false, permissions);
    let server = TestServer::start_with(project).await;
    let article = server.create_entry("/api/articles", json!({"title": "t"})).await.document_id();
    let author = server.create_entry("/api/authors", json!({"name": "n"})).await.document_id();
    let ann = server.create_user("ann", "member", json!({"article": article, "author": author})).await;
    let me = ann.get("/api/users/me?populate=*").await.expect_status(200).body;
    assert_eq!((&me["username"], &me["article"]["title"]), (&json!("ann"), &json!("t")));
    assert_eq!((me.get("author"), me.get("role")), (None, None), "{me}");
    ann.get("/api/users").await.expect_error(403, "Forbidden");
    ann.get("/api/articles?filters[reviewer]=1").await.expect_status(400);
}
