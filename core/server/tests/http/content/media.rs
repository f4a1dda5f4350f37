//! Files in entries, at the top and inside components.

use crate::pictures::png;
use cairn_testkit::{SchemaBuilder, TestProject, TestServer};
use serde_json::{Value as Json, json};

async fn upload(server: &TestServer, name: &str) -> (Json, Json) {
    let answer = server.upload_file(name, "image/png", &png(20, 10)).await.expect_status(201);
    (answer.body[0]["id"].clone(), answer.body[0]["documentId"].clone())
}

fn project() -> TestProject {
    let one = json!({"type": "media", "multiple": false});
    let many = json!({"type": "media", "multiple": true});
    let component =
        |uid: &str, repeatable: bool| json!({"type": "component", "component": uid, "repeatable": repeatable});
    TestProject::new()
        .with_type(SchemaBuilder::collection("post", json!({
            "cover": one, "gallery": many, "hero": component("x.hero", false), "heroes": component("x.hero", true),
            "zone": {"type": "dynamiczone", "components": ["x.hero"]},
        })).with_drafts())
        .with_component("x.hero", json!({"image": one, "images": many, "inner": component("x.inner", false)}))
        .with_component("x.inner", json!({"icon": one, "post": {"type": "relation", "relation": "oneToOne", "target": "api::post.post"}}))
}

fn names(list: &Json) -> Vec<String> {
    list.as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn media_accepts_ids_and_document_ids_in_order() {
    let server = TestServer::start_with(project()).await;
    let mut files = Vec::new();
    for name in ["a.png", "b.png", "c.png"] {
        files.push(upload(&server, name).await);
    }
    let (a, b, c) = (&files[0], &files[1], &files[2]);
    let answer = server.create_entry("/api/posts?populate=*", json!({"cover": a.0, "gallery": [c.0, a.0, b.0]})).await;
    assert_eq!(answer.data()["cover"]["name"], "a.png");
    assert_eq!(names(&answer.data()["gallery"]), ["c.png", "a.png", "b.png"]);
    let keys: Vec<_> = answer.data()["cover"].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "id",
        "documentId",
        "name",
        "alternativeText",
        "caption",
        "focalPoint",
        "width",
        "height",
        "formats",
        "hash",
        "ext",
        "mime",
        "size",
        "url",
        "previewUrl",
        "provider",
        "provider_metadata",
        "createdAt",
        "updatedAt",
        "publishedAt",
    ];
    assert_eq!(keys, expected);
    let path = format!("/api/posts/{}", answer.document_id());
    for value in [
        json!(b.0),
        json!(b.1),
        json!({"id": b.0}),
        json!({"documentId": b.1}),
        json!([b.0]),
        json!({"set": [b.0]}),
        json!({"connect": [b.0]}),
    ] {
        let changed = server.update_entry(&format!("{path}?populate=*"), json!({"cover": value})).await;
        assert_eq!(changed.data()["cover"]["name"], "b.png", "{value}");
        let cleared = server.update_entry(&format!("{path}?populate=*"), json!({"cover": null})).await;
        assert_eq!(cleared.data()["cover"], Json::Null);
    }
    let change = json!({"gallery": {"connect": [{"id": c.0, "position": {"end": true}}], "disconnect": [a.0]}});
    let changed = server.update_entry(&format!("{path}?populate=*"), change).await;
    assert_eq!(names(&changed.data()["gallery"]), ["b.png", "c.png"]);
    // `connect` works when creating, too (Strapi attaches nothing there).
    let test_answer = server.create_entry("/api/posts?populate=*", json!({"gallery": {"connect": [a.0]}})).await;
    assert_eq!(names(&test_answer.data()["gallery"]), ["a.png"]);
    let before = server.dump_content().await;
    for invalid in [json!(9_999), json!("zzz"), json!({"id": 9_999}), json!([9_999])] {
        let refused = server.put(&path, json!({"data": {"cover": invalid}})).await;
        assert_eq!((refused.status, refused.name()), (400, "ValidationError"), "{}", refused.text());
        server.put(&path, json!({"data": {"hero": {"image": invalid}}})).await.expect_status(400);
    }
    assert_eq!(server.dump_content().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_inside_components_are_stored_and_published() {
    let server = TestServer::start_with(project()).await;
    let (a, b) = (upload(&server, "a.png").await.0, upload(&server, "b.png").await.0);
    let hero = |inner: Json| json!({"image": a, "images": [b, a], "inner": {"icon": inner}});
    let zone = json!([{"__component": "x.hero", "image": b}, {"__component": "x.hero", "images": [a]}]);
    let data = json!({"hero": hero(b.clone()), "heroes": [hero(a.clone()), {"image": b}], "zone": zone});
    let document_id = server.create_entry("/api/posts", data).await.document_id();
    let path = format!("/api/posts/{document_id}");
    let query = "populate[hero][populate][inner][populate]=*&populate[hero][populate][image]=true&populate[hero][populate][images]=true\
        &populate[heroes][populate]=*&populate[zone][on][x.hero][populate]=*";
    for status in ["draft", "published"] {
        let answer = server.get(&format!("{path}?{query}&status={status}")).await;
        let data = answer.data();
        assert_eq!(data["hero"]["image"]["name"], "a.png", "{}", answer.text());
        assert_eq!(names(&data["hero"]["images"]), ["b.png", "a.png"]);
        assert_eq!(data["hero"]["inner"]["icon"]["name"], "b.png");
        assert_eq!(
            (&data["heroes"][0]["image"]["name"], &data["heroes"][1]["image"]["name"]),
            (&json!("a.png"), &json!("b.png"))
        );
        assert_eq!(data["zone"][0]["image"]["name"], "b.png");
        assert_eq!(names(&data["zone"][1]["images"]), ["a.png"]);
        assert_eq!(data["zone"][1]["image"], Json::Null);
    }
    // Under `*` the inside of components stays closed.
    let plain = server.get(&format!("{path}?populate=*")).await;
    assert_eq!(plain.data()["hero"].as_object().unwrap().keys().collect::<Vec<_>>(), ["id"]);
    // A component that keeps its id keeps its files; one without is new and has none.
    let draft = server.get(&format!("{path}?status=draft&populate=*")).await;
    let id = draft.data()["heroes"][1]["id"].clone();
    server.update_entry(&path, json!({"heroes": [{}, {"id": id}]})).await;
    let test_answer = server.get(&format!("{path}?{query}")).await;
    let images: Vec<_> =
        test_answer.data()["heroes"].as_array().unwrap().iter().map(|h| h["image"]["name"].clone()).collect();
    assert_eq!(images, [Json::Null, json!("b.png")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_files_are_removed_from_every_entry() {
    let server = TestServer::start_with(project()).await;
    let ((a, _), (b, _)) = (upload(&server, "a.png").await, upload(&server, "b.png").await);
    let data = json!({"cover": a, "gallery": [a, b], "hero": {"image": a, "images": [b, a]}, "zone": [{"__component": "x.hero", "image": a}]});
    let document_id = server.create_entry("/api/posts", data).await.document_id();
    let url = server.get(&format!("/api/upload/files/{a}")).await.body["url"].as_str().unwrap().to_owned();
    server.public_client().get(&url).await.expect_status(200);
    server.delete(&format!("/api/upload/files/{a}")).await.expect_status(200);
    server.public_client().get(&url).await.expect_error(404, "Not Found");
    server.get(&format!("/api/upload/files/{a}")).await.expect_error(404, "file.notFound");
    for status in ["draft", "published"] {
        let query = "populate[cover]=true&populate[gallery]=true&populate[hero][populate]=*&populate[zone][populate]=*";
        let answer = server.get(&format!("/api/posts/{document_id}?status={status}&{query}")).await;
        // In quotes: the address of the other may end so by chance.
        assert!(!answer.text().contains("\"a.png\""), "{}", answer.text());
        assert_eq!(names(&answer.data()["hero"]["images"]), ["b.png"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_can_be_filtered_and_sorted_by_their_files() {
    let server = TestServer::start_with(project()).await;
    let (a, _) = upload(&server, "a.png").await;
    server.create_entry("/api/posts", json!({"cover": a, "hero": {"image": a}, "gallery": [a]})).await;
    server.create_entry("/api/posts", json!({})).await;
    for (query, expected) in [
        ("filters[cover][name]=a.png", 1),
        ("filters[cover][$null]=true", 1),
        ("filters[cover][$notNull]=true", 1),
        ("filters[gallery][mime][$startsWith]=image/", 1),
        ("filters[gallery][width]=20", 1),
        ("filters[hero][image][ext]=.png", 1),
        ("filters[hero][image][ext]=.jpg", 0),
        ("filters[cover][size][$lt]=1000", 1),
    ] {
        assert_eq!(server.get(&format!("/api/posts?{query}")).await.pagination_total(), expected, "{query}");
    }
    assert_eq!(server.get("/api/posts?sort=cover.name:desc&populate=cover").await.data()[0]["cover"]["name"], "a.png");
    let shaped = server.get("/api/posts?populate[cover][fields][0]=url&sort=cover.name:desc").await;
    assert_eq!(shaped.data()[0]["cover"].as_object().unwrap().len(), 3, "{}", shaped.text());
    // Media needs no permission on uploads.
    server.apply_settings(json!({"roles": {"public": {"permissions": {"api::post.post": ["find"]}}}})).await;
    let public = server.public_client().get("/api/posts?populate=*&sort=cover.name:desc").await;
    assert_eq!(public.data()[0]["cover"]["name"], "a.png");
}

#[tokio::test(flavor = "multi_thread")]
async fn nested_component_relations_are_populated_and_filtered() {
    let server = TestServer::start_with(project()).await;
    let first = server.create_entry("/api/posts", json!({})).await.document_id();
    let data = json!({"hero": {"inner": {"post": first}}, "heroes": [{"inner": {"post": {"connect": [first]}}}]});
    let document_id = server.create_entry("/api/posts", data).await.document_id();
    let path = format!("/api/posts/{document_id}");
    let query = "populate[hero][populate][inner][populate][post]=true&populate[heroes][populate][inner][populate]=*";
    let answer = server.get(&format!("{path}?{query}")).await;
    assert_eq!(answer.data()["hero"]["inner"]["post"]["documentId"], first);
    assert_eq!(answer.data()["heroes"][0]["inner"]["post"]["documentId"], first);
    assert_eq!(
        server.get(&format!("/api/posts?filters[hero][inner][post][documentId]={first}")).await.pagination_total(),
        1
    );
    assert_eq!(
        server.get(&format!("/api/posts?filters[heroes][inner][post][documentId]={first}")).await.pagination_total(),
        1
    );
    server.delete(&format!("/api/posts/{first}")).await.expect_status(204);
    let test_answer = server.get(&format!("{path}?{query}&status=draft")).await;
    assert_eq!(test_answer.data()["hero"]["inner"]["post"], Json::Null);
}
