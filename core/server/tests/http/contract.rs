//! Rules of Strapi's contract that no recorded answer of the conformance suite shows.

use cairn_testkit::{SchemaBuilder, TestProject, TestServer};
use serde_json::{Value as Json, json};
use std::time::Duration;

fn project() -> TestProject {
    let to_one = |target: &str| json!({ "type": "relation", "relation": "oneToOne", "target": format!("api::{target}.{target}") });
    let many = |target: &str| json!({ "type": "relation", "relation": "manyToMany", "target": format!("api::{target}.{target}") });
    TestProject::new()
        .with_component("block.card", json!({ "text": { "type": "string" }, "note": to_one("note") }))
        .with_type(
            SchemaBuilder::collection("note", json!({ "title": { "type": "string" }, "tags": many("tag") }))
                .with_drafts()
                .with_locales(),
        )
        .with_type(SchemaBuilder::collection(
            "tag",
            json!({ "name": { "type": "string" }, "hidden": to_one("secret") }),
        ))
        .with_type(SchemaBuilder::collection("secret", json!({ "name": { "type": "string" } })))
        .with_type(SchemaBuilder::single("home", json!({ "card": { "type": "component", "component": "block.card" } })))
        .with_type(SchemaBuilder::collection(
            "page",
            json!({
                "card": { "type": "component", "component": "block.card" },
                "zone": { "type": "dynamiczone", "components": ["block.card"] },
                "note": to_one("note"),
                "tag": to_one("tag"),
                "picture": { "type": "media", "multiple": false },
            }),
        ))
}

/// `publicationFilter` finds documents by how their draft and their published version relate; `status` says which of them is shown.
#[tokio::test(flavor = "multi_thread")]
async fn publication_filter_compares_draft_and_published_versions() {
    let server = TestServer::start_with(project()).await;
    let new = async |title: &str, query: &str| {
        server.create_entry(&format!("/api/notes?{query}"), json!({ "title": title })).await.document_id()
    };
    new("never", "status=draft").await;
    new("same", "").await;
    let changed = new("changed", "").await;
    // Published in Dutch alone.
    let dutch = new("english", "status=draft").await;
    server.update_entry(&format!("/api/notes/{dutch}?locale=nl"), json!({ "title": "dutch" })).await;
    server.advance_clock(Duration::from_secs(60));
    server.update_entry(&format!("/api/notes/{changed}?status=draft"), json!({ "title": "changing" })).await;

    let titles = async |query: String| {
        let list = server.get(&format!("/api/notes?sort=title&{query}")).await.expect_status(200).body;
        let titles: Vec<String> =
            list["data"].as_array().unwrap().iter().map(|e| e["title"].as_str().unwrap().to_owned()).collect();
        assert_eq!(list["meta"]["pagination"]["total"], titles.len(), "{query}");
        titles.join(" ")
    };
    for (filter, drafts, published) in [
        ("never-published", "english never", ""),
        ("never-published-document", "never", ""),
        ("has-published-version", "changing same", "changed same"),
        ("has-published-version-document", "changing english same", "changed same"),
        ("modified", "changing", "changed"),
        ("unmodified", "same", "same"),
        ("published-without-draft", "", ""),
        ("published-with-draft", "", "changed same"),
    ] {
        assert_eq!(titles(format!("status=draft&publicationFilter={filter}")).await, drafts, "{filter}");
        assert_eq!(titles(format!("publicationFilter={filter}")).await, published, "{filter}");
    }
    assert_eq!(titles("status=draft&publicationFilter=modified&filters[title][$ne]=changing".to_owned()).await, "");
    let one = async |query: &str| server.get(&format!("/api/notes/{changed}?status=draft&{query}")).await;
    one("publicationFilter=modified").await.expect_status(200);
    one("publicationFilter=unmodified").await.expect_status(404);
    // A type without drafts ignores the filter, as in Strapi.
    server.create_entry("/api/tags", json!({ "name": "a" })).await;
    let tags = server.get("/api/tags?publicationFilter=never-published").await.expect_status(200).body;
    assert_eq!(tags["meta"]["pagination"]["total"], 1);
    for bad in ["", "draft", "Modified"] {
        let refused = server.get(&format!("/api/notes?publicationFilter={bad}")).await.expect_status(400);
        assert!(
            refused.message().starts_with("Invalid value for 'publicationFilter'. Expected one of: never-published, ")
        );
        assert_eq!(refused.body["error"]["details"], json!({ "source": "query", "param": "publicationFilter" }));
    }
    // Whether there is a draft is for who may see drafts.
    let roles = json!({ "public": { "permissions": { "api::note.note": ["find"] } } });
    server.apply_settings(json!({ "roles": roles })).await;
    server.public_client().get("/api/notes").await.expect_status(200);
    server.public_client().get("/api/notes?publicationFilter=modified").await.expect_status(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn fragments_are_rejected_on_relations_of_one_type() {
    let server = TestServer::start_with(project()).await;
    server.create_entry("/api/pages", json!({})).await;
    for (name, uid, query) in [
        ("note", "api::page.page", "populate[note][on][api::note.note]=true"),
        ("card", "api::page.page", "populate[card][on][block.card]=true"),
        ("picture", "api::page.page", "populate[picture][on][x][fields]=name"),
        ("tags", "api::note.note", "populate[note][populate][tags][on][x]=true"),
        ("note", "block.card", "populate[card][populate][note][on][x]=true"),
        ("localizations", "api::note.note", "populate[note][populate][localizations][on][x]=true"),
    ] {
        let refused = server.get(&format!("/api/pages?{query}")).await.expect_status(400);
        assert_eq!(refused.message(), format!("Using fragments is not permitted to populate \"{name}\" in \"{uid}\""));
        assert_eq!((refused.name(), &refused.body["error"]["details"]), ("ValidationError", &json!({})));
    }
    // Keys that are none are told of first, whichever it is that stands first.
    let refused = server.get("/api/pages?populate[note][limit]=1&populate[note][on][x]=true").await.expect_status(400);
    assert_eq!(refused.message(), "Invalid key limit at note");
    server.get("/api/pages?populate[zone][on][block.card]=true").await.expect_status(200);
}

/// Documents that the caller may not find are left out of populate wherever they stand, without a word.
#[tokio::test(flavor = "multi_thread")]
async fn forbidden_relations_are_omitted_at_every_depth() {
    let server = TestServer::start_with(project()).await;
    let secret = server.create_entry("/api/secrets", json!({ "name": "hidden" })).await.document_id();
    let tag = server.create_entry("/api/tags", json!({ "name": "red", "hidden": secret })).await.document_id();
    let note = server.create_entry("/api/notes", json!({ "title": "a", "tags": [tag] })).await.document_id();
    let card = json!({ "text": "card", "note": note });
    let zoned = json!([{ "__component": "block.card", "text": "zoned", "note": note }]);
    server.create_entry("/api/pages", json!({ "card": card, "zone": zoned, "note": note, "tag": tag })).await;
    let tags = "[populate][tags][populate][hidden]=true";
    let query = format!(
        "populate[note]{tags}&populate[card][populate][note]{tags}&populate[zone][on][block.card][populate][note]{tags}&populate[tag][populate]=*"
    );
    let look = async |may: &[&str]| {
        let permissions: serde_json::Map<String, Json> =
            may.iter().map(|name| (format!("api::{name}.{name}"), json!(["find"]))).collect();
        server.apply_settings(json!({ "roles": { "public": { "permissions": permissions } } })).await;
        server.public_client().get(&format!("/api/pages?{query}")).await.expect_status(200).body["data"][0].clone()
    };
    let all = look(&["page", "note", "tag", "secret"]).await;
    assert_eq!(all.to_string().matches("\"hidden\"").count(), 8, "{all}");
    let view = look(&["page", "note", "tag"]).await;
    assert_eq!(view.to_string().matches("hidden").count(), 0, "{view}");
    for tags in [&view["note"]["tags"], &view["card"]["note"]["tags"], &view["zone"][0]["note"]["tags"]] {
        assert_eq!(tags[0]["name"], "red");
    }
    let entry = look(&["page", "note"]).await;
    assert_eq!((entry.get("tag"), entry["note"].get("tags")), (None, None));
    let entry = look(&["page"]).await;
    assert_eq!((entry.get("note"), entry["card"].get("note"), &entry["card"]["text"]), (None, None, &json!("card")));
    assert_eq!((entry["zone"][0].get("note"), &entry["zone"][0]["text"]), (None, &json!("zoned")));
}

/// `OPTIONS` says what a path takes, to anybody, as koa's router does.
#[tokio::test(flavor = "multi_thread")]
async fn options_lists_the_methods_of_a_path() {
    let server = TestServer::start_with(project()).await;
    let public = server.public_client();
    for (path, allowed) in [
        ("/api/notes", "HEAD, GET, POST"),
        ("/api/notes/", "HEAD, GET, POST"),
        ("/api/notes/abc", "HEAD, GET, PUT, DELETE"),
        ("/api/home", "HEAD, GET, PUT, DELETE"),
        ("/api/nothing", "HEAD, GET"),
        ("/api/notes/abc/publish", "HEAD, GET"),
        ("/api/auth/local", "HEAD, GET, POST"),
        ("/api/upload", "HEAD, GET, POST"),
    ] {
        let answer = public.send(public.request("OPTIONS", path)).await.expect_status(200);
        assert_eq!((answer.header("allow"), answer.bytes.len()), (allowed, 0), "{path}");
    }
    // A refused method gets the `allow` header as well.
    let refused = server.send(server.request("PATCH", "/api/notes/abc")).await.expect_status(405);
    assert_eq!(refused.header("allow"), "GET,HEAD,PUT,DELETE");
    // A preflight from another site gets the CORS response instead.
    let request = public.request("OPTIONS", "/api/notes").header("origin", "https://example.com");
    let preflight = public.send(request.header("access-control-request-method", "GET")).await.expect_status(204);
    assert_eq!(preflight.header("allow"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_errors_of_a_user_are_reported_at_once() {
    let server = TestServer::start_with(project()).await;
    let error_messages = |answer: &cairn_testkit::TestResponse| {
        let errors = answer.body["error"]["details"]["errors"].as_array().unwrap().clone();
        assert_eq!(answer.message(), format!("{} errors occurred", errors.len()));
        errors.iter().map(|e| e["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let invalid = json!({ "email": "bad", "username": "", "password": 7 });
    let refused = server.post("/api/users", invalid).await.expect_status(400);
    let all = [
        "email must be a valid email",
        "username must be at least 1 characters",
        "username is a required field",
        "password must be a `string` type",
        "role is a required field",
    ];
    assert_eq!(error_messages(&refused), all);
    let ann = json!({ "username": "ann", "email": "ann@example.com", "password": "Passw0rd!", "role": 1 });
    let id = server.post("/api/users", ann).await.expect_status(201).body["id"].clone();
    let invalid = json!({ "email": "bad", "username": "", "password": "" });
    let refused = server.put(&format!("/api/users/{id}"), invalid).await.expect_status(400);
    let all = [
        "email must be a valid email",
        "username must be at least 1 characters",
        "password must be at least 1 characters",
    ];
    assert_eq!(error_messages(&refused), all);
    let refused = server
        .public_client()
        .post("/api/auth/local/register", json!({ "email": "bad", "password": 7 }))
        .await
        .expect_status(400);
    assert_eq!(
        error_messages(&refused),
        ["email must be a valid email", "username is a required field", "password must be a `string` type"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_signed_in_users_can_change_their_password() {
    let server = TestServer::start_with(project()).await;
    let change =
        || json!({ "currentPassword": "Passw0rd!", "password": "Passw0rd!!", "passwordConfirmation": "Passw0rd!!" });
    // A token may do everything, and is nobody.
    let refused = server.post("/api/auth/change-password", change()).await.expect_status(400);
    assert_eq!(
        (refused.name(), refused.message()),
        ("ApplicationError", "You must be authenticated to reset your password")
    );
    server.public_client().post("/api/auth/change-password", change()).await.expect_status(403);
}

/// Texts of a file are returned in the language that is asked for, as far as they are in it.
#[tokio::test(flavor = "multi_thread")]
async fn file_texts_follow_the_requested_locale() {
    let server = TestServer::start_with(project()).await;
    let person =
        json!({ "email": "anna@example.com", "password": "a password of some length", "roles": ["super-admin"] });
    server.apply_settings(json!({ "adminUsers": [person] })).await;
    let sign_in = json!({ "email": "anna@example.com", "password": "a password of some length", "token": true });
    let token =
        server.public_client().post("/admin/api/login", sign_in).await.expect_status(200).body["data"]["token"].clone();
    let anna = server.with_token(token.as_str().unwrap());
    let file = server.upload_file("a.txt", "text/plain", b"hello").await.expect_status(201).body[0].clone();
    let asset = format!("/admin/api/assets/{}", file["documentId"].as_str().unwrap());
    let texts = json!({ "texts": { "en": { "alternativeText": "A car", "caption": "Red" }, "nl": { "alternativeText": "Een auto" } } });
    anna.put(&asset, texts).await.expect_status(200);
    let page = server.create_entry("/api/pages", json!({ "picture": file["id"] })).await.document_id();
    let read_texts = async |query: &str| {
        let entry = server.get(&format!("/api/pages/{page}?populate=picture{query}")).await.expect_status(200).body;
        let view = server.get(&format!("/api/upload/files?{query}")).await.expect_status(200).body;
        let one = server.get(&format!("/api/upload/files/{}?{query}", file["id"])).await.expect_status(200).body;
        let texts = |file: &Json| (file["alternativeText"].clone(), file["caption"].clone());
        let all = [&entry["data"]["picture"], &view[0], &one].map(texts);
        assert!(all.iter().all(|texts| *texts == all[0]), "{query}: {all:?}");
        all[0].clone()
    };
    assert_eq!(read_texts("").await, (json!("A car"), json!("Red")));
    assert_eq!(read_texts("&locale=nl").await, (json!("Een auto"), json!("Red")));
    assert_eq!(read_texts("&locale=fr").await, (json!("A car"), json!("Red")));
    // Cached responses do not outlive a change of the text.
    anna.put(&asset, json!({ "texts": { "nl": { "alternativeText": "Een wagen", "caption": "Rood" } } }))
        .await
        .expect_status(200);
    assert_eq!(read_texts("&locale=nl").await, (json!("Een wagen"), json!("Rood")));
    assert_eq!(read_texts("&locale=en").await, (json!("A car"), json!("Red")));
}
