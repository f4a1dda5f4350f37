//! `related` of a file: the entries that show it, as far as the caller may see them.

use crate::pictures::png;
use cairn_testkit::{SchemaBuilder, TestClient, TestProject, TestServer};
use reqwest::multipart::{Form, Part};
use serde_json::{Value as Json, json};

const POST: &str = "api::post.post";
const USER: &str = "plugin::users-permissions.user";

fn project() -> TestProject {
    let one = json!({ "type": "media", "multiple": false });
    let many = json!({ "type": "media", "multiple": true });
    let localized = json!({ "type": "media", "multiple": true, "pluginOptions": { "i18n": { "localized": true } } });
    let title = json!({ "type": "string", "pluginOptions": { "i18n": { "localized": true } } });
    let to_tag = json!({ "type": "relation", "relation": "manyToOne", "target": "api::tag.tag" });
    TestProject::new()
        .with_component("x.hero", json!({ "image": one }))
        .with_type(SchemaBuilder::collection("tag", json!({ "name": { "type": "string" } })))
        .with_type(
            SchemaBuilder::collection("post", json!({ "title": { "type": "string" }, "cover": one, "gallery": many, "tag": to_tag })).with_drafts(),
        )
        .with_type(SchemaBuilder::collection("page", json!({ "title": title, "pictures": localized })).with_locales())
        .with_type(SchemaBuilder::collection(
            "safe",
            json!({ "owner": { "type": "string" }, "image": one, "scan": { "type": "media", "multiple": false, "private": true } }),
        ))
        .with_user_attributes(json!({ "avatar": one }))
}

async fn upload(server: &TestServer, name: &str) -> (i64, String) {
    let created = server.upload_file(name, "image/png", &png(20, 10)).await.expect_status(201).body[0].clone();
    (created["id"].as_i64().unwrap(), created["documentId"].as_str().unwrap().to_owned())
}

/// Type and title (or name) of each.
fn types_and_titles(related: &Json) -> Vec<String> {
    let text = |one: &Json, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    let list = related.as_array().unwrap_or_else(|| panic!("no list: {related}"));
    list.iter().map(|one| format!("{} {}{}", text(one, "__type"), text(one, "title"), text(one, "username"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn related_lists_the_entries_that_use_a_file() {
    let server = TestServer::start_with(project()).await;
    let (file, other) = (upload(&server, "a.png").await, upload(&server, "b.png").await);
    let tag = server.create_entry("/api/tags", json!({ "name": "red" })).await.document_id();
    let post = server
        .create_entry(
            "/api/posts",
            json!({ "title": "both", "cover": file.0, "gallery": [other.0, file.0], "tag": tag }),
        )
        .await;
    server
        .update_entry(&format!("/api/posts/{}?status=draft", post.document_id()), json!({ "title": "both, drafted" }))
        .await;
    server.add_user("ann", "authenticated", json!({ "avatar": file.0 })).await;
    // The media picker of Strapi uploads straight into an entry.
    let page = server.create_entry("/api/pages", json!({ "title": "page" })).await;
    let part = Part::bytes(png(20, 10)).file_name("c.png").mime_str("image/png").unwrap();
    let form = Form::new()
        .part("files", part)
        .text("ref", "api::page.page")
        .text("refId", page.id().to_string())
        .text("field", "pictures");
    let picture =
        server.send(server.request("POST", "/api/upload").multipart(form)).await.expect_status(201).body[0]["id"]
            .clone();

    // Every version and every attribute, as in Strapi.
    let path = format!("/api/upload/files/{}", file.0);
    let drafted = format!("{POST} both, drafted");
    let published = format!("{POST} both");
    let all = [drafted.clone(), drafted, published.clone(), published, format!("{USER} ann")];
    for query in [
        "populate=related",
        "populate=*",
        "populate[related]=true",
        "populate[0]=related",
        "populate[related][populate]=*",
    ] {
        let answer = server.get(&format!("{path}?{query}")).await.expect_status(200);
        let mut related = types_and_titles(&answer.body["related"]);
        let mut expected = all.clone();
        related.sort();
        expected.sort();
        assert_eq!(related, expected, "{query}: {}", answer.text());
        assert_eq!(answer.body["isUrlSigned"], false);
    }
    let test_answer = server.get(&format!("{path}?populate=related")).await;
    let entry = test_answer.body["related"].as_array().unwrap().iter().find(|one| one["title"] == "both").unwrap();
    let keys: Vec<&str> = entry.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["__type", "id", "documentId", "title", "createdAt", "updatedAt", "publishedAt"]);
    assert_eq!(entry["documentId"], post.document_id());
    // In a list each has its own; where nothing shows a file it has none.
    let unused = upload(&server, "unused.png").await;
    let list = server.get("/api/upload/files?populate=related&sort=name").await.expect_status(200);
    let find_file = |name: &str| list.body.as_array().unwrap().iter().find(|file| file["name"] == name).unwrap();
    assert_eq!(types_and_titles(&find_file("b.png")["related"]).len(), 2);
    assert_eq!(types_and_titles(&find_file("c.png")["related"]), ["api::page.page page"]);
    assert_eq!(
        (find_file("unused.png").get("related"), find_file("unused.png")["id"].as_i64()),
        (None, Some(unused.0))
    );
    // Fragments choose and shape; the number of them.
    let query = format!(
        "populate[related][on][{POST}][fields][0]=title&populate[related][on][{POST}][populate][tag][fields]=name"
    );
    let found = server.get(&format!("{path}?{query}")).await.expect_status(200);
    let one = &found.body["related"][0];
    assert_eq!((one["__type"].as_str(), &one["tag"]["name"], one.get("createdAt")), (Some(POST), &json!("red"), None));
    assert!(found.body["related"].as_array().unwrap().iter().all(|one| one["__type"] == POST), "{}", found.text());
    let filtered =
        server.get(&format!("{path}?populate[related][on][{POST}][filters][title]=both")).await.expect_status(200);
    assert_eq!(types_and_titles(&filtered.body["related"]), [format!("{POST} both"), format!("{POST} both")]);
    let counted = server.get(&format!("{path}?populate[related][count]=true")).await.expect_status(200);
    assert_eq!(counted.body["related"]["count"], 5);
    // Queries on `related` that are refused.
    let not_there = server.get(&format!("{path}?populate[related][on][api::nope.nope]=true")).await.expect_status(400);
    assert_eq!(not_there.message(), "Invalid key api::nope.nope at related.on.api::nope.nope");
    let shaped = server.get(&format!("{path}?populate[related][fields][0]=title")).await.expect_status(400);
    let message = "Invalid nested populate for file.related (plugin::upload.file). Expected a fragment (\"on\") or \"count\" but found {\"fields\":[\"title\"]}";
    assert_eq!(shaped.message(), message);
    for query in
        ["filters[related][title]=both", "filters[related][$null]=true", "sort=related.title", "fields=related"]
    {
        let refused = server.get(&format!("/api/upload/files?{query}")).await.expect_status(400);
        assert!(refused.message().starts_with("Invalid key related"), "{query}: {}", refused.message());
    }
    // Gone from the entry, or the entry gone: no longer there.
    server.update_entry(&format!("/api/pages/{}", page.document_id()), json!({ "pictures": [] })).await;
    let found = server.get(&format!("/api/upload/files/{picture}?populate=related")).await.expect_status(200);
    assert_eq!(found.body.get("related"), None);
    server.delete(&format!("/api/posts/{}", post.document_id())).await.expect_status(204);
    assert_eq!(
        types_and_titles(&server.get(&format!("{path}?populate=related")).await.body["related"]),
        [format!("{USER} ann")]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn related_lists_the_requested_version_in_every_locale() {
    let server = TestServer::start_with(project()).await;
    let file = upload(&server, "a.png").await;
    let post = server.create_entry("/api/posts", json!({ "title": "out", "cover": file.0 })).await.document_id();
    server.update_entry(&format!("/api/posts/{post}?status=draft"), json!({ "title": "draft" })).await;
    let page =
        server.create_entry("/api/pages", json!({ "title": "english", "pictures": [file.0] })).await.document_id();
    server
        .update_entry(&format!("/api/pages/{page}?locale=nl"), json!({ "title": "dutch", "pictures": [file.0] }))
        .await;
    let look = async |query: &str| {
        let answer =
            server.get(&format!("/api/posts/{post}?populate[cover][populate]=related{query}")).await.expect_status(200);
        types_and_titles(&answer.data()["cover"]["related"])
    };
    // Type by type.
    let of_pages = ["api::page.page english", "api::page.page dutch"];
    assert_eq!(look("").await, [&of_pages, &[format!("{POST} out").as_str()][..]].concat());
    assert_eq!(look("&status=draft").await, [&of_pages, &[format!("{POST} draft").as_str()][..]].concat());
    let dotted = server.get(&format!("/api/posts/{post}?populate=cover.related")).await.expect_status(200);
    assert_eq!(types_and_titles(&dotted.data()["cover"]["related"]).len(), 3);
    let refused = server.get(&format!("/api/posts/{post}?populate[cover]=*")).await.expect_status(400);
    assert_eq!(refused.message(), "Invalid key related at cover.related");
    // A `*` goes one level deep, and so stops at the file.
    assert_eq!(server.get(&format!("/api/posts/{post}?populate=*")).await.data()["cover"].get("related"), None);
    // In the shape of Strapi 4 it stays a plain list, as every relation to any type.
    let old = server
        .get_with(&format!("/api/posts/{post}?populate[cover][populate]=related"), ("strapi-response-format", "v4"))
        .await;
    let cover = &old.expect_status(200).body["data"]["attributes"]["cover"]["data"]["attributes"];
    assert_eq!(types_and_titles(&cover["related"]).len(), 3, "{cover}");
}

/// An entry that the caller does not see does not come to be seen through its files: not by its type, its rows, its drafts, nor by an
/// attribute that is kept from them.
#[tokio::test(flavor = "multi_thread")]
async fn related_omits_entries_the_caller_may_not_read() {
    let server = TestServer::start_with(project()).await;
    let file = upload(&server, "a.png").await;
    let post = server.create_entry("/api/posts", json!({ "title": "out", "cover": file.0 })).await.document_id();
    server.create_entry("/api/posts?status=draft", json!({ "title": "secret draft", "cover": file.0 })).await;
    server.create_entry("/api/pages", json!({ "title": "page", "pictures": [file.0] })).await;
    for owner in ["ann", "bob"] {
        server.create_entry("/api/safes", json!({ "owner": owner, "image": file.0 })).await;
    }
    server.create_entry("/api/safes", json!({ "owner": "ann", "scan": file.0 })).await;
    let files = json!(["find", "findOne"]);
    let roles = |permissions: Json| {
        let mut all = json!({ "plugin::upload.file": files, "api::post.post": ["find", "findOne"] });
        all.as_object_mut().unwrap().extend(permissions.as_object().unwrap().clone());
        json!({ "roles": { "authenticated": { "permissions": all }, "public": { "permissions": all } } })
    };
    let ann = server.create_user("ann", "authenticated", json!({ "avatar": file.0 })).await;
    let path = format!("/api/upload/files/{}", file.0);
    let look = async |client: &TestClient| {
        let answer = client.get(&format!("{path}?populate=related")).await.expect_status(200);
        let counted = client.get(&format!("{path}?populate[related][count]=true")).await.expect_status(200);
        let related = answer.body.get("related").cloned().unwrap_or(json!([]));
        let n = related.as_array().unwrap().len();
        assert_eq!(counted.body["related"]["count"], n, "{}", counted.text());
        let deep = client
            .get(&format!("/api/posts/{post}?populate[cover][populate][related][populate]=*"))
            .await
            .expect_status(200);
        assert_eq!(deep.data()["cover"]["related"].as_array().unwrap().len(), n, "{}", deep.text());
        (types_and_titles(&related), answer.text() + &deep.text())
    };
    // The caller may read a single type, without its drafts.
    server.apply_settings(roles(json!({}))).await;
    for client in [&ann, &server.public_client()] {
        let (related, text) = look(client).await;
        assert_eq!(related, [format!("{POST} out")], "{text}");
        assert!(!text.contains("secret draft") && !text.contains("avatar"), "{text}");
    }
    // The caller may also read some rows of another type.
    let own = json!({ "where": { "owner": { "$eq": "$user.username" } } });
    server.apply_settings(roles(json!({ "api::safe.safe": { "find": own } }))).await;
    let (related, text) = look(&ann).await;
    assert_eq!(related, [format!("{POST} out"), "api::safe.safe ".to_owned()]);
    assert!(!text.contains("bob"), "{text}");
    assert_eq!(look(&server.public_client()).await.0, [format!("{POST} out")]);
    // An attribute that is private, or that the role may not read, reveals no entry.
    server.apply_settings(roles(json!({ "api::safe.safe": { "find": { "fields": ["owner"] } } }))).await;
    assert_eq!(look(&ann).await.0, [format!("{POST} out")]);
    // A type that may not be read is left out, in fragments too.
    let response = ann
        .get(&format!("{path}?populate[related][on][api::page.page]=true&populate[related][on][{USER}]=true"))
        .await
        .expect_status(200);
    assert_eq!(response.body.get("related"), None, "{}", response.text());
    // A caller who may read everything sees each entry that shows the file, without private attributes.
    let (related, _) = {
        let test_answer = server.get(&format!("{path}?populate=related")).await.expect_status(200);
        (types_and_titles(&test_answer.body["related"]), test_answer)
    };
    let n = |prefix: &str| related.iter().filter(|one| one.starts_with(prefix)).count();
    assert_eq!(
        (n(&format!("{POST} secret draft")), n("api::safe.safe"), n(USER), n("api::page.page")),
        (1, 2, 1, 1),
        "{related:?}"
    );
}
