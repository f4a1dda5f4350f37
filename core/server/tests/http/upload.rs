//! `/api/upload`: new files, their texts and variants, lists, deletion.

use crate::pictures::png;
use cairn_testkit::{TestClient, TestProject, TestResponse, TestServer};
use reqwest::multipart::{Form, Part};
use serde_json::{Value as Json, json};

async fn send(client: &TestClient, path: &str, form: Form) -> TestResponse {
    client.send(client.request("POST", path).multipart(form)).await
}

fn text(name: &str, content: &str) -> Part {
    Part::text(content.to_owned()).file_name(name.to_owned()).mime_str("text/plain").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_get_renditions_and_other_files_none() {
    let server = TestServer::start().await;
    let created = server.upload_file("Big Picture.png", "image/png", &png(800, 600)).await.expect_status(201).body;
    let file = &created[0];
    assert_eq!(
        (&file["name"], &file["width"], &file["height"], &file["ext"]),
        (&json!("Big Picture.png"), &json!(800), &json!(600), &json!(".png"))
    );
    assert_eq!((&file["provider"], &file["isUrlSigned"]), (&json!("local"), &json!(false)));
    for (name, width, height) in [("thumbnail", 208, 156), ("small", 500, 375), ("medium", 750, 563)] {
        let variant = &file["formats"][name];
        assert_eq!((&variant["width"], &variant["height"]), (&json!(width), &json!(height)), "{name}");
        server.public_client().get(variant["url"].as_str().unwrap()).await.expect_status(200);
    }
    assert_eq!(file["formats"].get("large"), None);
    let plain = server.upload_file("a.txt", "text/plain", b"hello").await.expect_status(201).body;
    assert_eq!(
        (&plain[0]["formats"], &plain[0]["width"], &plain[0]["mime"]),
        (&Json::Null, &Json::Null, &json!("text/plain"))
    );
    let small = server.upload_file("s.png", "image/png", &png(100, 50)).await.expect_status(201).body;
    assert_eq!(small[0]["formats"], Json::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn multiple_files_have_their_own_file_info() {
    let server = TestServer::start().await;
    let form = Form::new()
        .part("files", text("a.txt", "a"))
        .part("files", text("b.txt", "b"))
        .text("fileInfo", json!({"name": "first.txt", "alternativeText": "A"}).to_string())
        .text("fileInfo", json!({"caption": "B"}).to_string());
    let created = send(&server, "/api/upload", form).await.expect_status(201).body;
    assert_eq!(created.as_array().unwrap().len(), 2);
    assert_eq!((&created[0]["name"], &created[0]["alternativeText"]), (&json!("first.txt"), &json!("A")));
    assert_eq!((&created[1]["name"], &created[1]["caption"]), (&json!("b.txt"), &json!("B")));
    let path = format!("/api/upload?id={}", created[0]["id"]);
    let changed = send(
        &server,
        &path,
        Form::new().text("fileInfo", json!({"caption": "C", "alternativeText": null}).to_string()),
    )
    .await;
    let changed = changed.expect_status(200).body;
    assert_eq!((&changed["caption"], &changed["alternativeText"]), (&json!("C"), &json!("A")));
    server.post("/api/upload?id=9999", json!({"fileInfo": {"name": "x"}})).await.expect_error(404, "Entity not found");
    let names = async |query: &str| {
        let list = server.get(&format!("/api/upload/files?{query}")).await.expect_status(200).body;
        list.as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("sort=name").await, ["b.txt", "first.txt"]);
    assert_eq!(names("filters[caption]=C").await, ["first.txt"]);
    assert_eq!(names("sort=name&start=1&limit=5").await, ["first.txt"]);
    assert_eq!(names("sort=name&pagination[pageSize]=1").await, ["b.txt"]);
    assert_eq!(names("filters[name][$in][120]=b.txt").await, ["b.txt"]);
    server.get("/api/upload/files?filter[name]=b.txt").await.expect_error(400, "Invalid key filter");
    server.get("/api/upload/files?sort=name:up").await.expect_status(400);
    let one = format!("/api/upload/files/{}", created[1]["id"]);
    assert_eq!(server.get(&one).await.expect_status(200).body["name"], "b.txt");
    assert_eq!(server.delete(&one).await.expect_status(200).body["name"], "b.txt");
    server.get(&one).await.expect_error(404, "file.notFound");
    server.delete(&one).await.expect_error(404, "file.notFound");
    server.public_client().get(created[1]["url"].as_str().unwrap()).await.expect_error(404, "Not Found");
    assert_eq!(names("").await, ["first.txt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_can_be_linked_to_an_entry() {
    let server = TestServer::start().await;
    let entry = server.create_entry("/api/articles", json!({"title": "t"})).await;
    let link = |field: &str, id: &str, uid: &str| {
        Form::new()
            .part("files", text("a.txt", "a"))
            .text("ref", uid.to_owned())
            .text("refId", id.to_owned())
            .text("field", field.to_owned())
    };
    let (uid, id) = ("api::article.article", entry.id().to_string());
    send(&server, "/api/upload", link("cover", &id, uid)).await.expect_status(201);
    send(&server, "/api/upload", link("gallery", &id, uid)).await.expect_status(201);
    send(&server, "/api/upload", link("gallery", &id, uid)).await.expect_status(201);
    for status in ["draft", "published"] {
        let path = format!("/api/articles/{}?populate=*&status={status}", entry.document_id());
        let answer = server.get(&path).await;
        assert_eq!(answer.data()["cover"]["name"], "a.txt", "{status}");
        assert_eq!(answer.data()["gallery"].as_array().unwrap().len(), 2, "{status}");
    }
    let before = server.dump_content().await;
    for (field, id, uid) in [
        ("title", id.as_str(), uid),
        ("nothing", &id, uid),
        ("cover", "9999", uid),
        ("cover", "x", uid),
        ("cover", &id, "api::nope.nope"),
        ("cover", &id, "plugin::users-permissions.user"),
        ("", &id, uid),
        ("cover", "", uid),
    ] {
        let refused = send(&server, "/api/upload", link(field, id, uid)).await;
        assert_eq!(refused.status, 400, "{field} {id} {uid}: {}", refused.text());
        refused.assert_envelope();
    }
    assert_eq!(server.dump_content().await, before);
}

/// An upload with a link is an update of the entry: rights, masks and conditions hold for it.
#[tokio::test(flavor = "multi_thread")]
async fn entry_links_require_permission_to_update_the_entry() {
    let upload = json!({"plugin::upload.file": ["upload"]});
    let with = |update: Json| {
        let mut all = upload.clone();
        all["api::article.article"] = update;
        all
    };
    let server = TestServer::start().await;
    let entry = server.create_entry("/api/articles", json!({"title": "t"})).await;
    for (permissions, status) in [
        (upload.clone(), 403),
        (with(json!({"find": {}})), 403),
        (with(json!({"update": {"fields": ["title"]}})), 400),
        (with(json!({"update": {"where": {"title": "other"}}})), 400),
        (with(json!({"update": {"where": {"title": "t"}, "fields": ["cover"]}})), 201),
    ] {
        server.apply_settings(json!({"roles": {"public": {"permissions": permissions}}})).await;
        let before = server.dump_content().await;
        let form = Form::new()
            .part("files", text("a.txt", "a"))
            .text("ref", "api::article.article")
            .text("refId", entry.id().to_string())
            .text("field", "cover");
        let public = server.public_client();
        let answer = public.send(public.request("POST", "/api/upload").multipart(form)).await;
        assert_eq!(answer.status, status, "{permissions}: {}", answer.text());
        assert_eq!(server.dump_content().await == before, status != 201, "{permissions}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn oversized_uploads_are_rejected_and_store_nothing() {
    let server = TestServer::start_configured(TestProject::newsroom(), |c| c.assets.max_bytes = 10_000).await;
    let before = server.dump_content().await;
    for size in [10_001, 100_000, 3_000_000] {
        let refused = server.upload_file("a.bin", "application/octet-stream", &vec![7; size]).await;
        assert_eq!(refused.status, 413, "{size}: {}", refused.text());
        refused.assert_envelope();
    }
    // A file that is too large makes the whole upload fail.
    let form = Form::new().part("files", text("a.txt", "a")).part("files", text("b.txt", &"b".repeat(20_000)));
    send(&server, "/api/upload", form).await.expect_status(413);
    assert_eq!(server.dump_content().await, before);
    let remaining =
        std::fs::read_dir(server.project.path().join("data/tenants/default/uploads")).map_or(0, Iterator::count);
    assert_eq!(remaining, 0, "blobs without a file");
    server.upload_file("a.bin", "application/octet-stream", &[7; 10_000]).await.expect_status(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn range_requests_return_parts_of_a_file() {
    let server = TestServer::start().await;
    let content: Vec<u8> = (0..200_000u32).map(|n| (n % 251) as u8).collect();
    let url = server.upload_file("film.mp4", "video/mp4", &content).await.expect_status(201).body[0]["url"].clone();
    let url = url.as_str().unwrap();
    let public = server.public_client();
    let get = async |range: &str, if_range: &str| {
        let request = public.request("GET", url).header("range", range);
        let request = if if_range.is_empty() { request } else { request.header("if-range", if_range) };
        public.send(request).await
    };
    let test_answer = public.get(url).await.expect_status(200);
    assert_eq!((test_answer.header("accept-ranges"), test_answer.header("content-length")), ("bytes", "200000"));
    let etag = test_answer.header("etag").to_owned();
    assert!(etag.starts_with('"'), "{etag}");
    // Put together from parts it is the file.
    let mut parts = Vec::new();
    for range in ["bytes=0-65535", "bytes=65536-65536", "bytes=65537-"] {
        let answer = get(range, &etag).await.expect_status(206);
        assert_eq!(answer.header("content-length"), answer.bytes.len().to_string());
        parts.extend_from_slice(&answer.bytes);
    }
    assert!(parts == content);
    let tail = get("bytes=-10", "").await.expect_status(206);
    assert_eq!((tail.header("content-range"), &*tail.bytes), ("bytes 199990-199999/200000", &content[199_990..]));
    let beyond = get("bytes=200000-", "").await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, "bytes */200000"));
    for (range, validator) in [("bytes=0-1", "\"another\""), ("bytes=0-1,5-6", ""), ("bytes=9-1", ""), ("x", "")] {
        assert_eq!(get(range, validator).await.expect_status(200).bytes.len(), 200_000, "{range} {validator}");
    }
    let head = public.send(public.request("HEAD", url)).await.expect_status(200);
    assert_eq!((head.header("content-length"), head.bytes.len()), ("200000", 0));
    let builder = public.request("GET", url).header("if-none-match", &etag).header("range", "bytes=0-1");
    assert_eq!(public.send(builder).await.status, 304);
}

/// Permission to add files is none to change those of others.
#[tokio::test(flavor = "multi_thread")]
async fn changing_a_file_that_is_there_needs_a_permission_of_its_own() {
    const FILE: &str = "plugin::upload.file";
    let server = TestServer::start().await;
    let file = server.upload_file("a.txt", "text/plain", b"one").await.expect_status(201).body[0].clone();
    let path = format!("/api/upload?id={}", file["id"]);
    let url = file["url"].as_str().unwrap();
    for (actions, may_add, may_change) in [
        (json!(["upload"]), true, false),
        (json!(["upload", "find", "findOne", "destroy"]), true, false),
        (json!(["replace"]), false, true),
        (json!(["upload", "replace"]), true, true),
        (json!([]), false, false),
    ] {
        server.apply_settings(json!({ "roles": { "public": { "permissions": { FILE: actions } } } })).await;
        let public = server.public_client();
        let added = send(&public, "/api/upload", Form::new().part("files", text("b.txt", "b"))).await;
        assert_eq!(added.status, if may_add { 201 } else { 403 }, "{actions}: {}", added.text());
        let before = server.dump_content().await;
        let info = |info: Json| Form::new().text("fileInfo", info.to_string());
        let mut forms =
            vec![Form::new().part("files", text("a.txt", "other")), info(json!({ "alternativeText": "other" }))];
        if !may_change {
            forms.push(info(json!({ "private": true })));
        }
        for form in forms {
            let changed = send(&public, &path, form).await;
            assert_eq!(changed.status, if may_change { 200 } else { 403 }, "{actions}: {}", changed.text());
            if may_add && !may_change {
                assert!(changed.message().contains("requires the permission replace of plugin::upload.file"));
            }
        }
        assert_eq!(server.dump_content().await == before, !may_change, "{actions}");
        if !may_change {
            assert_eq!(public.get(url).await.text(), "one");
        }
        server.apply_settings(json!({ "roles": { "public": { "permissions": {} } } })).await;
        let restored = Form::new().part("files", text("a.txt", "one"));
        send(&server, &path, restored).await.expect_status(200);
    }
}
